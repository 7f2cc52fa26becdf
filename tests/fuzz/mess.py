"""True tables, and the many ways in which offices write them down."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter
from hypothesis import strategies as st

from layout_planner.columns import ENROLMENT, SCHOOLS, VILLAGES, Column, Table, label
from layout_planner.io.cells import fold

__all__ = ["Sheet", "Truth", "messy", "truths", "write_sheet"]

Row = list[object]
TIERS = ("教学点", "村小", "中心小学", "初中", "九年一贯制学校")
_WIDE = {ord(a): chr(ord(a) + 0xFEE0) for a in "0123456789.,-"}
_LETTERS = "东西南北坪岭柳石桥第一二三中心小学村教学点ABc9·（）()，,、;；'\"|-"
_NAME = st.text(
    alphabet="东西南北坪岭柳石桥第一二三中心小学村教学点ABc9·（）()，,、;；'\"|-", min_size=1, max_size=12
).map(lambda text: f"槐{text}校")
_BLANKS = (None, "", " ", "-", "—", "无", "/", "　")
_UNIT_WORDS = {"人": ("人", "名"), "间": ("间", "个"), "平方米": ("平方米", "㎡", "m2")}


@dataclass(frozen=True)
class Truth:
    """A table as it really is: the columns that are filled, and its rows of text, numbers or ``None``."""

    table: Table
    columns: tuple[Column, ...]
    rows: tuple[tuple[object, ...], ...]

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(f"<{self.table.name} {[c.name for c in self.columns]} {self.rows}>")


@dataclass(frozen=True)
class Sheet:
    """A truth written down: cells, where row ``i`` of the truth stands (from 1), and how the file is encoded."""

    cells: list[Row]
    at: tuple[int, ...]
    suffix: str
    encoding: str = "utf-8"
    delimiter: str = ","


@st.composite
def truths(draw: st.DrawFn) -> Truth:
    """Draw a table with one to eight rows and any of its optional columns."""
    table = draw(st.sampled_from([SCHOOLS, VILLAGES, ENROLMENT]))
    optional = [c for c in table if not c.required]
    chosen = set(draw(st.lists(st.sampled_from([c.name for c in optional]), max_size=8)))
    columns = draw(st.permutations([c for c in table if c.required or c.name in chosen]))
    size = draw(st.integers(1, 8))
    length = draw(st.integers(5, 12))
    numbers = st.integers(0, 10**length - 1)
    codes = draw(st.lists(numbers, min_size=size, max_size=size, unique=True))
    rows = []
    for code in codes:
        values = [f"{code:0{length}d}" if c is table.columns[0] else draw(_value(c)) for c in columns]
        rows.append(tuple(values))
    return Truth(table, tuple(columns), tuple(rows))


def _value(column: Column) -> st.SearchStrategy[object]:
    some: st.SearchStrategy[object]
    if column.name == "tier":
        return st.sampled_from(TIERS)
    if column.name == "status":
        some = st.sampled_from(["在办", "停办"])
    elif column.name == "year":
        return st.integers(1990, 2040)
    elif column.name in ("lon", "lat"):
        return st.integers(-1_800_000_000, 1_800_000_000).map(lambda n: n / 1e7)
    elif column.kind == "id":
        some = st.integers(0, 10**9 - 1).map("{:09d}".format)
    elif column.kind == "text":
        some = _NAME
    elif column.kind == "int":
        some = st.integers(0, 99_999)
    else:
        some = st.integers(0, 10**8).map(lambda n: n / 100)
    return some if column.required else st.none() | some


def _headers(column: Column, table: Table) -> list[str]:
    """List the headers that mean this column and, folded, no other of the table."""
    names = {column.name, column.zh, column.en, label(column), label(column, "en"), *column.synonyms}
    others = {
        fold(name)
        for other in table
        if other is not column
        for name in (other.name, other.zh, other.en, label(other), label(other, "en"), *other.synonyms)
    }
    return sorted(name for name in names if fold(name) not in others)


@st.composite
def _cell(draw: st.DrawFn, column: Column, value: object, *, workbook: bool) -> object:
    """Write one value as somebody would."""
    if value is None:
        return draw(st.sampled_from(_BLANKS if column.kind != "text" else (None, "", " ")))
    if isinstance(value, str):
        if column.kind != "id":
            return draw(st.sampled_from([value, f" {value} ", f"{value}　"]))
        return draw(st.sampled_from([value, value.translate(_WIDE), f"{value} ", f"　{value}", f"'{value}"]))
    assert isinstance(value, (int, float))
    whole = float(value).is_integer()
    plain = str(int(value)) if whole else repr(value)
    forms: list[object] = [
        value,
        plain,
        plain.translate(_WIDE),
        f" {plain} ",
        f"{plain}　",
        f"+{plain}" if value >= 0 else plain,
    ]
    if whole:
        forms += [f"{plain}.0", float(value)]
    if column.name == "year":
        forms = [value, plain, f"{plain}年", f"{plain}-{value + 1}学年", f"{plain}/{value + 1}", plain.translate(_WIDE)]
    elif value >= 1000:
        forms += [f"{value:,}", f"{value:,}".translate(_WIDE)]
    if column.name != "year" and column.unit in _UNIT_WORDS and value >= 0:
        forms += [f"{plain}{draw(st.sampled_from(_UNIT_WORDS[column.unit]))}"]
    written = draw(st.sampled_from(forms))
    return written if workbook or isinstance(written, str) else plain


@st.composite
def messy(draw: st.DrawFn, truth: Truth) -> Sheet:
    """Write a table down: titles above, notes and totals below, blank rows between, any header and encoding."""
    suffix = draw(st.sampled_from([".csv", ".xlsx", ".txt"]))
    workbook = suffix == ".xlsx"
    header: Row = []
    for column in truth.columns:
        text = draw(st.sampled_from(_headers(column, truth.table)))
        header.append(draw(st.sampled_from([text, f" {text}", f"{text}　", f"*{text}"])))
    cells: list[Row] = draw(
        st.sampled_from([[], [["某县基本情况统计表"]], [["某县统计表"], [None], ["填报日期：2025年9月"]]])
    )
    cells = [*cells, header]
    if draw(st.booleans()):
        cells[-1:] = [["基本情况", *[None] * (len(header) - 1)], header]
    extra = draw(st.booleans())
    if extra:
        header.append(draw(st.sampled_from(["备注", "校长", "填表人电话"])))
    at = []
    for row in truth.rows:
        if draw(st.integers(0, 5)) == 0:
            cells.append([None] * len(header))
        at.append(len(cells) + 1)
        cells.append(
            [draw(_cell(c, v, workbook=workbook)) for c, v in zip(truth.columns, row, strict=True)]
            + ([draw(st.sampled_from([None, "备注文字", "13800000000"]))] if extra else [])
        )
    cells += draw(
        st.sampled_from([[], [_total(truth)], [["注：数据截至9月1日"]], [[None]], [_total(truth), ["填表人：张三"]]])
    )
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]))
    delimiter = draw(st.sampled_from([",", "\t", ";", "|"]))
    return Sheet(cells, tuple(at), suffix, encoding, delimiter)


def _total(truth: Truth) -> Row:
    """Make a row of totals with its word in the first cell."""
    sums: Row = []
    for i, column in enumerate(truth.columns):
        values = [v for row in truth.rows if isinstance(v := row[i], (int, float))]
        sums.append(sum(values) if values and column.kind in ("int", "float") else None)
    return ["合计", *sums[1:]]


def write_sheet(path: Path, sheet: Sheet) -> Path:
    """Write the cells as their kind of file."""
    if sheet.suffix == ".xlsx":
        return _write_workbook(path, sheet.cells)
    out = io.StringIO()
    csv.writer(out, delimiter=sheet.delimiter).writerows([["" if c is None else c for c in row] for row in sheet.cells])
    path.write_bytes(out.getvalue().encode(sheet.encoding))
    return path


def _write_workbook(path: Path, cells: Sequence[Row]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"created": dt.datetime(2025, 9, 1, tzinfo=dt.UTC)})
        page = book.add_worksheet("表")
        for r, row in enumerate(cells):
            for c, cell in enumerate(row):
                if isinstance(cell, str):
                    page.write_string(r, c, cell)
                elif cell is not None:
                    page.write(r, c, cell)
    return path

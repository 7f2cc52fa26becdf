"""One table spread over several sheets, one a township: which sheets belong together, and their rows joined."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from layout_planner.columns import TABLES, Table
from layout_planner.errors import Severity, Text
from layout_planner.io.cells import fold, to_text
from layout_planner.io.grids import Grid
from layout_planner.io.headers import Header, find_header
from layout_planner.io.loaded import Loaded, Part

__all__ = ["Candidate", "candidates", "join", "sheets_to_join", "township_in", "whole_sheet"]

_NUMBERED = re.compile(r"^[(]?(\d+[)、.\-_]*|[一二三四五六七八九十]+[)、.\-_]+)")
_TOWNSHIP = r"(?P<township>.{1,12}?(?:镇|乡|街道|街道办|街道办事处|办事处|苏木))"
_DISTRICT = r"(?:县直|市直|区直|直属|县城|城区|.{1,12}(?:中心校|中心学校|学区|联校|总校))"
_TAIL = (
    r"(?:中心校|中心学校|学区)?(?:各?(?P<kind>学校|中小学|小学|村庄?|小区|教师))?"
    r"(?:基本)?(?:情况|信息)?(?:统计|登记|一览)*(?:名册|表)?(?:[(].*[)])?"
)
_SHEET = re.compile(f"(?:{_TOWNSHIP}|{_DISTRICT}){_TAIL}")
_STAGES = frozenset({"小学", "初中", "中学", "教学点", "村小", "九年一贯制", "九年一贯制学校", "完全小学", "中心小学"})
_KINDS = {"村": ("villages",), "村庄": ("villages",), "小区": ("projects",), "教师": ("teachers",)}
_OF_SCHOOLS = ("schools", "enrolment", "teachers")
_FEW_NAMES = 3


class Candidate(NamedTuple):
    """A visible sheet with something on it, its header for the table, if any, and the area that it is named for."""

    grid: Grid
    header: Header | None
    area: str | None

    def complete(self, table: Table) -> bool:
        """Tell whether the sheet has every required column and a row below them."""
        required = sum(1 for column in table if column.required)
        header = self.header
        return bool(header and header.required_found(table) == required and len(self.grid.rows) > header.last_row)


def township_in(sheet: str) -> str | None:
    """Find the township in the name of a sheet; ``""`` for another part of a county, ``None`` for any other name.

    Examples
    --------
    >>> township_in("3.青石镇学校情况表"), township_in("镇安镇（5所）"), township_in("县直"), township_in("旧表")
    ('青石镇', '镇安镇', '', None)
    """
    name = _NUMBERED.sub("", fold(sheet))
    if name in _STAGES:
        return ""
    found = _SHEET.fullmatch(name)
    return None if found is None else found["township"] or ""


def _is_of(sheet: str, table: Table) -> bool:
    """Tell whether the name of a sheet allows the table: 青石镇各村 holds no schools."""
    found = _SHEET.fullmatch(_NUMBERED.sub("", fold(sheet)))
    kind = found["kind"] if found else None
    return kind is None or table.name in _KINDS.get(kind, _OF_SCHOOLS)


def candidates(grids: Sequence[Grid], table: Table) -> list[Candidate]:
    """List the visible sheets that may hold the table: none that is empty or bears another table's name."""
    found = []
    for grid in grids:
        other_table = not table.is_named(grid.sheet) and any(t.is_named(grid.sheet) for t in TABLES.values())
        if grid.hidden or other_table or not _is_of(grid.sheet, table):
            continue
        if not any(to_text(cell) for row in grid.rows for cell in row):
            continue
        header = find_header(grid.rows, table, grid.spans)
        found.append(Candidate(grid, header, _area(grid, header)))
    return found


def _area(grid: Grid, header: Header | None) -> str | None:
    """Name the part of the county that a sheet is about, by its name or by a column that says the same in every row."""
    area = township_in(grid.sheet)
    place = None if header is None else header.places.get("township")
    if area is not None or header is None or place is None:
        return area
    named = {fold(to_text(row[place])) for row in grid.rows[header.last_row :] if place < len(row)} - {""}
    short = fold(grid.sheet)
    return "" if len(short) > 1 and len(named) == 1 and next(iter(named)).startswith(short) else None


def sheets_to_join(found: Sequence[Candidate], table: Table) -> list[Candidate]:
    """Choose the sheets that together hold the table, one an area; empty where it stands on one sheet.

    A sheet that bears an area's name belongs to them even if its header is faulty, so that no area is left out; where
    another sheet holds the table as well, nothing is joined.
    """
    whole = [c for c in found if c.complete(table)]
    if not whole or any(c.area is None or table.is_named(c.grid.sheet) for c in whole):
        return []
    joined = [c for c in found if c.area is not None]
    return joined if len(joined) > 1 else []


def whole_sheet(found: Sequence[Candidate], table: Table) -> Candidate | None:
    """Find the one sheet that holds every record of the areas' sheets again, by its codes (汇总)."""
    whole = [c for c in found if c.complete(table)]
    rest = [c for c in whole if c.area is None]
    if len(rest) != 1 or len(whole) < 2 or table.columns[0].kind != "id":
        return None
    known = [_codes(c, table.columns[0].name) for c in whole if c.area is not None]
    return rest[0] if set().union(*known) <= _codes(rest[0], table.columns[0].name) else None


def _codes(found: Candidate, key: str) -> set[str]:
    place = found.header.places.get(key) if found.header else None
    if place is None or found.header is None:
        return set()
    rows = found.grid.rows[found.header.last_row :]
    return {fold(to_text(row[place])) for row in rows if place < len(row)} - {""}


def join(parts: Sequence[tuple[Candidate, Loaded]]) -> Loaded:
    """Join what was read from the sheets of one table, in their order.

    The township of a sheet's name holds for its rows that state none. Flaws keep the sheet and row that the user sees;
    the index of the frame goes on from sheet to sheet.
    """
    first = parts[0][1]
    names = [found.grid.sheet for found, _ in parts]
    shown = "、".join(names) if len(names) <= _FEW_NAMES else f"{names[0]}…{names[-1]} ({len(names)})"
    joined = Loaded(first.table, first.frame, first.file, shown)
    frames, spots, shift = [], [], 0
    for found, read in parts:
        frame = read.frame
        if found.area and "township" in frame:
            frame.loc[(frame["township"] == "") & (frame["township_id"] == ""), "township"] = found.area
        frame.index = pd.Index(frame.index + shift, dtype="int64", name="row")
        frames.append(frame)
        spots.append(Part(found.grid.sheet, shift, read.labels, read.places))
        absent = [c.name for c in read.table if c.required and c.name not in read.labels]
        joined.bad |= {(row + shift, column) for row, column in read.bad}
        joined.bad |= {(int(row), column) for row in frame.index for column in absent}
        joined.labels = read.labels | joined.labels
        joined.flaws += read.flaws
        shift += len(found.grid.rows)
    joined.frame = pd.concat(frames)
    joined.parts = tuple(spots)
    _report_joined(joined, [len(frame) for frame in frames])
    return joined


def _report_joined(joined: Loaded, counts: Sequence[int]) -> None:
    """Tell which sheets were joined, and which columns some of them lack."""
    pairs = list(zip((part.sheet for part in joined.parts), counts, strict=True))
    joined.report(
        "sheets_joined",
        Text(
            f"{joined.table.zh}分在 {len(pairs)} 张工作表，已合并读取：" + "、".join(f"{s} {n} 行" for s, n in pairs),
            f"{joined.table.en} stand on {len(pairs)} sheets and were joined: "
            + ", ".join(f"{s} {n}" for s, n in pairs),
        ),
        Text(
            "核对各表行数；不该计入的工作表请隐藏或删去", "check the counts; hide or delete sheets that do not belong"
        ),
        severity=Severity.NOTE,
    )
    for name in joined.labels:
        lacking = [part.sheet for part in joined.parts if name not in part.labels]
        if not lacking or joined.table[name].required:
            continue
        joined.report(
            "column_some_sheets",
            Text(
                f"工作表“{'、'.join(lacking)}”没有“{joined.header(name)}”一列，按空白读取",
                f"the sheets {', '.join(lacking)} lack the column {joined.header(name)!r}; it was read as empty there",
            ),
            Text("各表用同样的表头", "use the same header on every sheet"),
            column=name,
            severity=Severity.WARNING,
        )

"""The workbook's pen: a cover and one sheet a table, formatted by the column registry."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from layout_planner.columns import Column, Table, label
from layout_planner.errors import Text, counted
from layout_planner.report.frames import in_words
from layout_planner.report.narrative import Fact
from layout_planner.report.words import code_word, column_format, unit_format

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

__all__ = ["MAX_ROWS", "Sheet", "write_sheets"]

MAX_ROWS = 1_048_576
MAX_TEXT = 32_767
MAX_WIDTH = 44
LINE_PT = 16
PAGE_CHARACTERS = 190
_COVER = (22, 30, 10, 66)
SAMPLE_ROWS = 2_000
# A constant instead of the clock: the same plan gives the same bytes.
CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 - the file format has no time zone
_RED, _AMBER, _YELLOW = ("#9C0006", "#FFC7CE"), ("#8A3B00", "#FFD9B3"), ("#7A5C00", "#FFF2CC")
_FONT = "微软雅黑"


@dataclass(frozen=True)
class Sheet:
    """One table of a workbook: its title, what it says in a sentence, its columns and rows."""

    title: Text
    about: Text
    table: Table
    frame: pd.DataFrame


def write_sheets(
    path: Path,
    facts: Sequence[Fact],
    sheets: Sequence[Sheet],
    *,
    lang: str = "zh",
    limits: Mapping[str, float] | None = None,
    max_rows: int = MAX_ROWS,
) -> None:
    """Write a cover and sheets as a workbook.

    Parameters
    ----------
    facts : sequence of Fact
        Headings and paragraphs of the cover.
    limits : mapping of str to float, optional
        Longest allowed minutes by band, as spelled in the sheets; longer ones are coloured.
    max_rows : int
        Rows of a sheet, header included; longer tables go on in further sheets, and the cover says so.
    """
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    parts = [part for sheet in sheets for part in _split(sheet, max_rows, lang)]
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"created": CREATED, "title": facts[0].head if facts else "", "author": "layout_planner"})
        book.set_calc_mode("auto")
        style = _Style(book, lang)
        cover = book.add_worksheet("说明" if lang == "zh" else "About")
        for part in parts:
            _write_table(book.add_worksheet(part.name), part, style, limits or {})
        _write_cover(cover, facts, sheets, parts, style)


@dataclass(frozen=True)
class _Part:
    """The rows of a table that go into one sheet."""

    name: str
    sheet: Sheet
    frame: pd.DataFrame


def _split(sheet: Sheet, max_rows: int, lang: str) -> Iterator[_Part]:
    title = sheet.title.zh if lang == "zh" else sheet.title.en
    room = max_rows - 1
    if len(sheet.frame) <= room:
        yield _Part(title, sheet, sheet.frame)
        return
    for n, start in enumerate(range(0, len(sheet.frame), room), 1):
        yield _Part(title if n == 1 else f"{title}（{n}）", sheet, sheet.frame.iloc[start : start + room])


class _Style:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Workbook, lang: str) -> None:
        self.lang = lang
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Format] = {}

    def get(self, **properties: Any) -> Format:  # noqa: ANN401 - xlsxwriter's own properties
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(
                {"font_name": _FONT, "font_size": 10, "valign": "vcenter", **properties}
            )
        return self._made[key]

    @property
    def header(self) -> Format:
        return self.get(bold=True, bg_color="#1F4E5F", font_color="#FFFFFF", text_wrap=True, align="center", border=1,
                        border_color="#FFFFFF")  # fmt: skip

    def cell(self, num_format: str = "") -> Format:
        frame = {"bottom": 1, "bottom_color": "#D5DBE0"}
        return self.get(num_format=num_format, **frame) if num_format else self.get(indent=1, **frame)

    def alert(self, colours: tuple[str, str]) -> Format:
        return self._book.add_format({"font_color": colours[0], "bg_color": colours[1]})


def _write_table(page: Worksheet, part: _Part, style: _Style, limits: Mapping[str, float]) -> None:
    table, lang = part.sheet.table, style.lang
    shown = in_words(table, part.frame, lang)
    names = list(shown.columns)
    last = max(len(shown), 1)
    wide: list[float] = []
    for c, name in enumerate(names):
        page.write_string(0, c, label(table[name], lang), style.header)
        wide.append(_write_column(page, c, table[name], shown[name], part.frame, style))
    if shown.empty and names:
        page.write_string(1, 0, "（无）" if lang == "zh" else "(none)", style.cell())
    if names:
        page.autofilter(0, 0, last, len(names) - 1)
        ids = [xl_col_to_name(c) for c, n in enumerate(names) if table[n].kind == "id"]
        if ids and len(shown):
            page.ignore_errors({"number_stored_as_text": " ".join(f"{i}2:{i}{last + 1}" for i in ids)})
    frozen = 2 if len(names) > 4 and table[names[0]].kind == "id" and table[names[1]].kind == "text" else 1
    page.freeze_panes(1, frozen)
    page.set_row(0, 34)
    _colour(page, names, last, style, limits)
    _set_print(page, part.name)
    pages = -(-int(sum(wide)) // PAGE_CHARACTERS)
    if pages > 1:
        page.fit_to_pages(pages, 0)
        page.repeat_columns(0, frozen - 1)


def _write_column(
    page: Worksheet, c: int, column: Column, values: pd.Series[Any], raw: pd.DataFrame, style: _Style
) -> float:
    """Write a column's cells and give its width in characters."""
    head = label(column, style.lang)
    if column.kind in ("id", "text", "bool"):
        cell = style.cell()
        widest = _width(head) * 0.6
        for r, value in enumerate(values, 1):
            text = str(value)[:MAX_TEXT]
            if text:
                page.write_string(r, c, text, cell)
                if r <= SAMPLE_ROWS:
                    widest = max(widest, _width(text))
            else:
                page.write_blank(r, c, None, cell)
        wide = min(max(widest + 3, 8.0), MAX_WIDTH)
        page.set_column(c, c, wide)
        return wide
    by_row = column.name in ("value", "limit", "low", "high") and column.digits is None
    units = raw["unit"].tolist() if by_row and "unit" in raw else None
    fixed = style.cell(column_format(column, values)) if units is None else None
    for r, number in enumerate(values.astype("float64").tolist(), 1):
        cell = fixed or style.cell(unit_format(str(units[r - 1] if units else ""), whole=float(number).is_integer()))
        if not math.isfinite(number):
            page.write_blank(r, c, None, cell)
        else:
            page.write_number(r, c, number, cell)
    wide = min(max(_width(head) / 2 + 4, 9.0), 18.0)
    page.set_column(c, c, wide)
    return wide


def _width(text: str) -> float:
    """Count the columns of text that Excel shows: a Chinese character takes two."""
    return sum(2.1 if unicodedata.east_asian_width(ch) in "WFA" else 1.1 for ch in text)


def _colour(page: Worksheet, names: Sequence[str], last: int, style: _Style, limits: Mapping[str, float]) -> None:
    """Colour what a reader must not overlook: large classes, missing seats, ways beyond the limit."""

    def rule(name: str, criteria: str, value: float, colours: tuple[str, str]) -> None:
        if name in names:
            c = names.index(name)
            rule = {
                "type": "cell",
                "criteria": criteria,
                "value": value,
                "format": style.alert(colours),
                "stop_if_true": True,
            }
            page.conditional_format(1, c, last, c, rule)

    for name in ("class_size", "class_size_max"):
        rule(name, ">=", 65.5, _RED)
        rule(name, ">=", 55.5, _AMBER)
    rule("classes_66_up", ">", 0, _RED)
    rule("classes_56_65", ">", 0, _AMBER)
    rule("load", ">", 1.0005, _AMBER)
    rule("seats_gap", "<", -0.05, _AMBER)
    rule("rooms_missing", ">", 0, _AMBER)
    rule("unassigned", ">", 0.05, _RED)
    _colour_text(page, names, last, style)
    if "band" not in names or not limits:
        return
    band = xl_col_to_name(names.index("band"))
    for name in ("minutes", "minutes_mean", "minutes_max", "minutes_after"):
        if name not in names:
            continue
        c = names.index(name)
        column = xl_col_to_name(c)
        for word, limit in limits.items():
            formula = f'=AND(${band}2="{word}",ISNUMBER(${column}2),${column}2>{limit:g})'
            beyond = {"type": "formula", "criteria": formula, "format": style.alert(_AMBER)}
            page.conditional_format(1, c, last, c, beyond)


def _colour_text(page: Worksheet, names: Sequence[str], last: int, style: _Style) -> None:
    words = {
        "severity": (("veto", _RED), ("error", _RED), ("warning", _YELLOW)),
        "veto": (("triggered", _RED), ("unknown", _YELLOW)),
        "gravity": (("error", _RED), ("warning", _YELLOW)),
        "decision": (("close", _RED), ("convert", _AMBER), ("board", _YELLOW), ("open", _YELLOW), ("expand", _YELLOW)),
        "mode": (("none", _RED),),
    }
    for name, rules in words.items():
        if name not in names:
            continue
        c = names.index(name)
        for code, colours in rules:
            word = f'"{code_word(name, code, style.lang)}"'
            rule = {"type": "cell", "criteria": "==", "value": word, "format": style.alert(colours)}
            page.conditional_format(1, c, last, c, rule)


def _set_print(page: Worksheet, title: str) -> None:
    page.set_landscape()
    page.set_paper(9)
    page.set_margins(0.5, 0.5, 0.8, 0.6)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_header(f'&C&"{_FONT},Bold"&12{title}')
    page.set_footer("&C&P / &N")


def _write_cover(
    page: Worksheet, facts: Sequence[Fact], sheets: Sequence[Sheet], parts: Sequence[_Part], style: _Style
) -> None:
    zh = style.lang == "zh"
    page.hide_gridlines(2)
    for c, width in enumerate(_COVER):
        page.set_column(c, c, width)
    heading = style.get(bold=True, font_size=12, font_color="#1F4E5F", bottom=2, bottom_color="#1F4E5F")
    row = 0
    for i, fact in enumerate(facts):
        if i == 0:
            page.set_row(0, 30)
            page.write_string(0, 0, fact.head, style.get(bold=True, font_size=18))
            row = 2
            continue
        page.write_string(row, 0, fact.head, style.get(bold=True, valign="top"))
        for line in fact.lines:
            page.merge_range(row, 1, row, 3, "", style.get(text_wrap=True, valign="top"))
            page.write_string(row, 1, line, style.get(text_wrap=True, valign="top"))
            page.set_row(row, LINE_PT * max(1, -(-int(_width(line)) // (sum(_COVER[1:]) - 2))))
            row += 1
    row = _write_contents(page, row + 1, parts, style, heading, zh=zh)
    _write_definitions(page, row + 1, sheets, style, heading, zh=zh)
    _set_print(page, "说明" if zh else "About")
    page.repeat_rows(0, 0)


def _write_contents(
    page: Worksheet, row: int, parts: Sequence[_Part], style: _Style, heading: Format, *, zh: bool
) -> int:
    page.merge_range(row, 0, row, 3, "", heading)
    page.write_string(row, 0, "工作表目录" if zh else "Sheets", heading)
    seen: set[str] = set()
    for part in parts:
        row += 1
        page.write_url(row, 0, f"internal:'{part.name}'!A1", style.get(font_color="#0B5563", underline=1), part.name)
        about = part.sheet.about.zh if zh else part.sheet.about.en
        if part.sheet.title.zh in seen:
            about = "接上表（超过一张工作表的行数上限）" if zh else "continued (more rows than a sheet holds)"
        seen.add(part.sheet.title.zh)
        page.write_string(
            row, 1, f"{len(part.frame):,} 行" if zh else counted(len(part.frame), "row"), style.get(align="left")
        )
        page.write_string(row, 3, about, style.get())
    return row + 1


def _write_definitions(
    page: Worksheet, row: int, sheets: Sequence[Sheet], style: _Style, heading: Format, *, zh: bool
) -> None:
    page.merge_range(row, 0, row, 3, "", heading)
    page.write_string(row, 0, "字段说明" if zh else "Columns", heading)
    heads = ("字段", "所在工作表", "单位", "含义") if zh else ("column", "sheets", "unit", "meaning")
    row += 1
    for c, text in enumerate(heads):
        page.write_string(row, c, text, style.header)
    wrap = style.get(text_wrap=True, bottom=1, bottom_color="#D5DBE0")
    for (name, unit, meaning), titles in _columns_used(sheets, style.lang).items():
        row += 1
        where = ("、" if zh else ", ").join(titles)
        for c, text in enumerate((name, where, unit, meaning)):
            page.write_string(row, c, text, wrap)
        lines = (
            -(-_width(text) // (width - 1))
            for text, width in ((name, _COVER[0]), (where, _COVER[1]), (meaning, _COVER[3]))
        )
        page.set_row(row, LINE_PT * max(1, *(int(n) for n in lines)))


def _columns_used(sheets: Iterable[Sheet], lang: str) -> dict[tuple[str, str, str], list[str]]:
    """List each header, unit and meaning once, with the sheets that have it."""
    used: dict[tuple[str, str, str], list[str]] = {}
    for sheet in sheets:
        for column in sheet.table:
            if column.name in sheet.frame.columns:
                name = column.zh if lang == "zh" else column.en
                key = (name, column.unit or _kind(column, zh=lang == "zh"), _meaning(column, lang))
                used.setdefault(key, []).append(sheet.title.zh if lang == "zh" else sheet.title.en)
    return used


def _meaning(column: Column, lang: str) -> str:
    if lang != "zh":
        return column.en + (f" · {column.source}" if column.source else "")
    parts = [column.about or column.zh]
    if column.source:
        parts.append(f"依据：{column.source}")
    return "。".join(parts)


def _kind(column: Column, *, zh: bool) -> str:
    words = {"share": ("%", "%"), "id": ("文本", "text"), "text": ("文本", "text"), "bool": ("是/否", "yes/no")}
    return words.get(column.kind, ("", ""))[0 if zh else 1]

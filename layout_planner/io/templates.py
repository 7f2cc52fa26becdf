"""Workbooks to fill in: every column with its unit, its limits and its meaning, empty or with today's rows."""

from __future__ import annotations

import io
import math
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from layout_planner.columns import (
    CLAIMS,
    CLASS_ROSTER,
    ENROLMENT,
    FORECAST,
    LOTTERY_ROSTER,
    PROJECTS,
    SCHOOLS,
    VILLAGE_ENROLMENT,
    VILLAGES,
    Column,
    Table,
    label,
    unit_word,
)
from layout_planner.columns_lottery import APART, BOY, GIRL, NO, TOGETHER, YES
from layout_planner.config.loader import load_scenario
from layout_planner.config.scenario import Data
from layout_planner.errors import Flaw, InputError, OutputError, Severity, Text, language
from layout_planner.grades import Tier
from layout_planner.io.files import find_files
from layout_planner.io.loaded import Loaded
from layout_planner.io.tables import find_sheet, load_table
from layout_planner.io.values import SIGNED, YEARS
from layout_planner.io.vector import VECTOR_SUFFIXES, read_layer
from layout_planner.io.words import PROJECT_KINDS, STATUS_WORDS, settle_project_words, settle_words

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

__all__ = ["TEMPLATES", "current_tables", "write_template"]

TEMPLATES: Mapping[str, tuple[Table, ...]] = {
    "schools": (SCHOOLS, ENROLMENT),
    "villages": (VILLAGES,),
    "projects": (PROJECTS,),
    "village_enrolment": (VILLAGE_ENROLMENT,),
    "forecast": (FORECAST,),
    "claims": (CLAIMS,),
    "lottery_roster": (LOTTERY_ROSTER,),
    "class_roster": (CLASS_ROSTER,),
}
"""The tables of each template, a sheet each; the first is the one that gives it its name."""

CHOICES: Mapping[str, Mapping[str, Text]] = {
    "tier": {
        t.value: Text(t.label_zh, "town primary" if t is Tier.PRIMARY else t.value.replace("_", " ")) for t in Tier
    },
    "status": {code: Text(zh, code) for code, zh in STATUS_WORDS.items()},
    "kind": {code: Text(zh, code.replace("_", " ")) for code, zh in PROJECT_KINDS.items()},
    "migrant": {YES: Text(YES, YES), NO: Text(NO, NO)},
    "accepts_other": {YES: Text(YES, YES), NO: Text(NO, NO)},
    "sex": {BOY: Text(BOY, BOY), GIRL: Text(GIRL, GIRL)},
    "sibling_class": {TOGETHER: Text(TOGETHER, TOGETHER), APART: Text(APART, APART)},
    "groups_counted": {"within": Text("其中", "其中"), "added": Text("另计", "另计")},
}
"""Words of the drop-down lists by column, each under the code that reading makes of it."""

_SPARE_ROWS = 2_000
_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 - the same rows give the same bytes
_FONT = "微软雅黑"
_WIDEST = 40
_CHINA = {"lon": (73, 136), "lat": (3, 54)}
_YEAR_RANGE = (1990, 2100)
_GRADE_COLUMNS = frozenset({"grade_from", "grade_to"})
_NOTES = Text("填写说明", "How to fill in")
_LINE_PT = 16


def write_template(
    name: str, out: Path, frames: Mapping[str, pd.DataFrame] | None = None, *, lang: str | None = None
) -> Path:
    """Write the workbook that an office fills in, empty or with rows.

    Each table has a sheet with headers, units, comments, drop-down lists and limits; a further sheet explains every
    column. Reading the workbook gives the rows back as they were, numbers to 15 significant digits.

    Parameters
    ----------
    name : {"schools", "villages", "projects", "village_enrolment", "forecast", "claims", "lottery_roster", ...}
        Which workbook.
    out : Path
        The file, or a folder in which it is called ``<name>.xlsx``; nothing that exists is overwritten.
    frames : mapping of str to DataFrame, optional
        Rows by name of table, as :func:`layout_planner.io.tables.read_table` gives them.
    lang : {"zh", "en"}, optional
        Language of headers and explanations; by default that of messages.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    InputError
        There is no template of that name.
    OutputError
        The file exists, or is no xlsx.
    """
    tables = _tables_of(name)
    lang = lang or language()
    path = out / f"{name}.xlsx" if out.is_dir() else out
    if path.suffix.lower() != ".xlsx":
        raise OutputError(
            Text(f"模板须存为 .xlsx，现为“{path.name}”", f"a template is an .xlsx file, not {path.name!r}")
        )
    body = io.BytesIO()
    with xlsxwriter.Workbook(body, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": _CREATED, "author": "layout_planner"})
        for table in tables:
            _write_sheet(book, table, (frames or {}).get(table.name), lang)
        _write_notes(book, tables, lang)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("xb") as file:
            file.write(body.getvalue())
    except FileExistsError:
        raise OutputError(
            Text(f"{path.name} 已存在，不覆盖；请用 --out 另取文件名", f"{path.name} exists and is not overwritten")
        ) from None
    return path


def _tables_of(name: str) -> tuple[Table, ...]:
    if name not in TEMPLATES:
        known = "、".join(TEMPLATES)
        raise InputError(
            Text(
                f"没有名为“{name}”的模板；可选：{known}",
                f"there is no template {name!r}; choose {', '.join(TEMPLATES)}",
            )
        )
    return TEMPLATES[name]


def current_tables(name: str, scenario: Path) -> tuple[dict[str, pd.DataFrame], tuple[Flaw, ...]]:
    """Read the rows with which a template is filled: the tables that a scenario uses today.

    Parameters
    ----------
    name : {"schools", "villages", "projects", "village_enrolment", "forecast", "claims", "lottery_roster", ...}
        Which template.
    scenario : Path
        Scenario file.

    Returns
    -------
    frames : dict of str to DataFrame
        By name of table, coordinates as the file has them (a layer's in WGS-84).
    flaws : tuple of Flaw
        Warnings and notes of reading.

    Raises
    ------
    InputError
        The table is missing or has errors, all of them.
    """
    first, *others = _tables_of(name)
    data = load_scenario(scenario).data
    files = find_files(data)
    path = files[name]
    if path is None:
        what = Text(f"情景的数据里没有“{first.zh}”", f"the scenario's data have no {first.en}")
        mend = Text(
            f"不用 --from 写空白模板，或在 data.{name} 写明文件", f"leave --from out, or name it in data.{name}"
        )
        raise InputError.collect([*files.flaws, Flaw("file_missing", what, mend, key=f"data.{name}")])
    loaded = [_load(name, path, first, data)]
    for table in others:
        own = files[table.name] if table.name in files.paths else None
        if own is not None:
            loaded.append(load_table(own, table))
        elif path.suffix.lower() not in VECTOR_SUFFIXES and (sheet := find_sheet(path, table)):
            loaded.append(load_table(path, table, sheet=sheet))
    flaws = tuple(flaw for one in loaded for flaw in one.shortened())
    if any(flaw.severity is Severity.ERROR for flaw in flaws):
        raise InputError.collect(flaws)
    return {one.table.name: one.frame for one in loaded}, flaws


def _load(name: str, path: Path, table: Table, data: Data) -> Loaded:
    if path.suffix.lower() in VECTOR_SUFFIXES:
        declared = getattr(data.crs, name) if name in data.crs.model_fields_set else None
        loaded: Loaded = read_layer(path, table, declared=declared)
    else:
        loaded = load_table(path, table)
    if table is SCHOOLS:
        settle_words(loaded)
    elif table is PROJECTS:
        settle_project_words(loaded)
    return loaded


def _write_sheet(book: Workbook, table: Table, frame: pd.DataFrame | None, lang: str) -> None:
    page = book.add_worksheet(table.zh if lang == "zh" else table.en)
    count = 0 if frame is None else len(frame)
    last = count + _SPARE_ROWS
    for c, column in enumerate(table):
        head = _header(column, lang)
        cell = book.add_format({"font_name": _FONT, "num_format": _number_format(column), "valign": "vcenter"})
        page.set_column(c, c, min(max(_width(head) / 1.6 + 3, 10), _WIDEST), cell)
        page.write_string(0, c, head, _header_format(book, column))
        page.write_comment(
            0, c, "\n".join(_explained(table, column, lang)), {"x_scale": 2, "y_scale": 1.2, "author": ""}
        )
        for options in _limits(table, column, c, last, lang):
            page.data_validation(1, c, last, c, options)
        if frame is not None and column.name in frame:
            _write_values(page, c, column, frame[column.name].tolist(), cell, lang)
    page.set_row(0, 36)
    page.freeze_panes(1, 2)
    page.autofilter(0, 0, max(count, 1), len(table.columns) - 1)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)


def _write_values(page: Worksheet, c: int, column: Column, values: Sequence[Any], cell: Format, lang: str) -> None:
    words = CHOICES.get(column.name, {})
    for r, value in enumerate(values, 1):
        if value is None or value is pd.NA or value == "" or (isinstance(value, float) and math.isnan(value)):
            continue
        if column.kind in ("id", "text"):
            word = words.get(str(value))
            text = str(value) if word is None else (word.zh if lang == "zh" else word.en)
            page.write_string(r, c, text, cell)
        elif column.kind == "bool":
            page.write_string(r, c, str(_yes_no(bool(value), lang)), cell)
        else:
            page.write_number(r, c, value, cell)


def _yes_no(value: bool, lang: str) -> str:
    return ("是" if value else "否") if lang == "zh" else ("yes" if value else "no")


def _header(column: Column, lang: str) -> str:
    """Spell a header as the sheet shows it; a star marks what must be filled in."""
    return f"*{label(column, lang)}" if column.required else label(column, lang)


def _header_format(book: Workbook, column: Column) -> Format:
    fill = "#C00000" if column.required else "#7F7F7F" if column.advisory else "#1F4E5F"
    return book.add_format(
        {"font_name": _FONT, "bold": True, "font_color": "#FFFFFF", "bg_color": fill, "border": 1, "text_wrap": True,
         "align": "center", "valign": "vcenter"}
    )  # fmt: skip


def _number_format(column: Column) -> str:
    if column.kind in ("id", "text", "bool"):
        return "@"
    if column.name in SIGNED:
        return "0.000000"
    return {"int": "0", "share": "0.0%"}.get(column.kind, "General")


def _limits(table: Table, column: Column, c: int, last: int, lang: str) -> list[dict[str, Any]]:
    """Give the validations of a column's cells; a range that has exceptions only asks."""
    title, words = Text("请核对", "please check"), CHOICES.get(column.name)
    said = _rule(table, column, lang)
    base = {"ignore_blank": True, "error_title": title.zh if lang == "zh" else title.en, "error_message": said[:255]}
    if words is not None and column.kind == "text":
        return [base | {"validate": "list", "source": [w.zh if lang == "zh" else w.en for w in words.values()]}]
    if column.kind == "bool":
        return [base | {"validate": "list", "source": [_yes_no(True, lang), _yes_no(False, lang)]}]
    if column.kind == "id":
        if not _is_key(table, column):
            return []
        letters = xl_col_to_name(c)
        alike = f"=SUMPRODUCT(--EXACT(${letters}$2:${letters}${last + 1},{letters}2))=1"
        return [base | {"validate": "custom", "value": alike, "error_type": "warning"}]
    if column.kind == "text":
        return []
    low, high = _range(column)
    kind = "integer" if column.kind == "int" else "decimal"
    if high is None:
        return [base | {"validate": kind, "criteria": ">=", "value": low}]
    asks = {"error_type": "warning"} if column.name in SIGNED | YEARS else {}
    return [base | asks | {"validate": kind, "criteria": "between", "minimum": low, "maximum": high}]


def _is_key(table: Table, column: Column) -> bool:
    """Tell whether a code may stand only once in its table."""
    return column is table.columns[0] and "year" not in table


def _range(column: Column) -> tuple[float, float | None]:
    if column.name in _CHINA:
        return _CHINA[column.name]
    if column.name in YEARS:
        return _YEAR_RANGE
    if column.name in _GRADE_COLUMNS:
        return (1, 9)
    return (0, 1) if column.kind == "share" else (0, None)


def _rule(table: Table, column: Column, lang: str) -> str:
    """Say in words what a cell may hold."""
    words = CHOICES.get(column.name)
    if words is not None and column.kind == "text":
        spelled = [w.zh if lang == "zh" else w.en for w in words.values()]
        return f"从列表选：{'、'.join(spelled)}" if lang == "zh" else f"choose one of: {', '.join(spelled)}"
    low, high = _range(column)
    zh, en = {
        "id": ("文本，保留前导零", "text, leading zeros kept"),
        "text": ("文本", "text"),
        "bool": ("是或否", "yes or no"),
        "share": ("0 到 100%", "0 to 100%"),
        "int": ("整数", "a whole number"),
        "float": ("数字", "a number"),
    }[column.kind]
    if _is_key(table, column):
        zh, en = f"{zh}，不重复", f"{en}, unique"
    if column.kind in ("int", "float"):
        zh += f"，{low} 到 {high}" if high is not None else "，不小于 0"
        en += f", {low} to {high}" if high is not None else ", not below 0"
    return zh if lang == "zh" else en


def _explained(table: Table, column: Column, lang: str) -> list[str]:
    """Explain a column in a few lines, for the comment on its header."""
    if lang != "zh":
        lines = [column.en + (" (required)" if column.required else ""), _rule(table, column, lang)]
        return lines + ([f"unit: {unit_word(column.unit)}"] if column.unit else [])
    lines = [("必填。" if column.required else "选填。") + _rule(table, column, lang)]
    lines += [f"单位：{column.unit}"] if column.unit else []
    lines += [column.about] if column.about and column.about not in lines[0] else []
    return lines + (["只用来核对"] if column.advisory else [])


def _write_notes(book: Workbook, tables: Sequence[Table], lang: str) -> None:
    """Write the sheet that explains every column."""
    zh = lang == "zh"
    page = book.add_worksheet(_NOTES.zh if zh else _NOTES.en)
    plain = {"font_name": _FONT, "text_wrap": True, "valign": "top"}
    body, bold = (
        book.add_format(plain | {"border": 1, "border_color": "#D5DBE0"}),
        book.add_format(plain | {"bold": True}),
    )
    head = book.add_format(plain | {"bold": True, "bg_color": "#1F4E5F", "font_color": "#FFFFFF", "border": 1})
    widths = (26, 8, 12, 36, 46, 52, 26)
    for c, width in enumerate(widths):
        page.set_column(c, c, width)
    row = 0
    for line in _GUIDE:
        page.merge_range(row, 0, row, len(widths) - 1, line.zh if zh else line.en, book.add_format(plain))
        row += 1
    for table in tables:
        row += 1
        page.write_string(row, 0, f"工作表：{table.zh}" if zh else f"sheet: {table.en}", bold)
        row += 1
        for c, title in enumerate(_NOTE_HEADS):
            page.write_string(row, c, title.zh if zh else title.en, head)
        for column in table:
            row += 1
            cells = _note_row(table, column, lang)
            for c, text in enumerate(cells):
                page.write_string(row, c, text, body)
            lines = max(math.ceil(_width(t) / (w - 1)) for t, w in zip(cells, widths, strict=True))
            page.set_row(row, _LINE_PT * max(1, lines))
        row += 1
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)


_NOTE_HEADS = (
    Text("列", "column"), Text("必填", "required"), Text("单位", "unit"), Text("填写要求", "rule"),
    Text("含义", "meaning"), Text("也认得的表头", "other headers understood"), Text("依据", "source"),
)  # fmt: skip
_GUIDE = (
    Text(
        "一行填一条记录；带 * 的红色表头必填，灰色表头只用来核对，其余有就填，没有就留空。",
        "One record a row. Red headers with * are required, grey ones only serve checks; leave empty what is unknown.",
    ),
    Text(
        "代码一律是文本，前导零要保留。合计、小计行不必填，填了也不会当作记录。",
        "Codes are text and keep their leading zeros. Totals are not needed and are not read as records.",
    ),
    Text(
        "单位以表头为准；改用其他单位时把表头括号里的单位一并改掉，如（万元）、（亩）。",
        "The unit is the one in the header; to use another one, change it there, e.g. (万元) or (亩).",
    ),
    Text(
        "经纬度填十进制度；坐标系不是 WGS-84 时，在情景文件的 data.crs 里写明（gcj02、bd09、cgcs2000 或 EPSG 编号）。",
        "Coordinates are decimal degrees; state in data.crs of the scenario if they are not WGS-84.",
    ),
)


def _note_row(table: Table, column: Column, lang: str) -> tuple[str, ...]:
    if lang == "zh":
        need = "必填" if column.required else "核对用" if column.advisory else ""
        return (column.zh, need, column.unit, _rule(table, column, lang), column.about or column.zh,
                "、".join((column.name, column.en, *column.synonyms)), column.source)  # fmt: skip
    need = "yes" if column.required else "for checks" if column.advisory else ""
    return (column.en, need, unit_word(column.unit), _rule(table, column, lang), column.name.replace("_", " "),
            ", ".join((column.name, column.zh, *column.synonyms)), column.source)  # fmt: skip


def _width(text: str) -> float:
    """Count the columns of text that a spreadsheet shows: a Chinese character takes two."""
    return sum(2.0 if unicodedata.east_asian_width(ch) in "WFA" else 1.1 for ch in text)

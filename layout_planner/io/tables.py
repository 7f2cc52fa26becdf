"""Tables as county offices keep them: found, read by the column registry, and every problem named at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from layout_planner.columns import Column, Table, label
from layout_planner.errors import Flaw, Severity, Text
from layout_planner.io.cells import fold, to_bool, to_id, to_number, to_text
from layout_planner.io.formrows import is_note, is_total, numbers_columns
from layout_planner.io.grids import Grid, read_grids
from layout_planner.io.headers import Header, find_header, nearest_label
from layout_planner.io.loaded import Loaded

__all__ = ["Loaded", "empty_frame", "find_sheet", "load_table", "parse_grid", "read_table"]

SIGNED = frozenset({"lon", "lat"})
_GRADE_COLUMNS = frozenset({"grade_from", "grade_to"})
_GRADE_WORDS = {
    word: grade
    for grade, digit in enumerate("一二三四五六七八九", 1)
    for word in (
        f"{digit}年级",
        f"{digit}年",
        f"{grade}年级",
        digit,
        *([f"初{'一二三'[grade - 7]}"] if grade > 6 else []),
    )
}
_OTHER_UNITS = {"人": ("名",), "班": ("个", "个班"), "平方米": ("m2", "㎡"), "间": ("个",)}
_LIKELY = 0.6
_USUAL_LENGTH = 5
_PROBLEMS = {
    "text": (
        "not_a_number",
        "这里应是数字",
        "a number is expected here",
        "只写数字，不写文字和单位",
        "write digits only, no words or units",
    ),
    "negative": (
        "negative",
        "数值不能为负",
        "the value cannot be negative",
        "改为 0 或正数；没有数据就留空",
        "write 0 or a positive number; leave it empty if unknown",
    ),
    "not_whole": ("not_whole", "人数、间数等须为整数", "counts are whole numbers", "改为整数", "write a whole number"),
    "too_large": (
        "too_large",
        "数值大得不可能",
        "the value is impossibly large",
        "核对位数和单位",
        "check the digits and the unit",
    ),
}


def read_table(path: Path, table: Table, *, sheet: str | None = None) -> tuple[pd.DataFrame, list[Flaw]]:
    """Read one table of the registry from a workbook or text file.

    Parameters
    ----------
    path : Path
        xlsx, xlsm, xlsb, xls, ods, csv, tsv or txt.
    table : Table
        What to look for; headers may be canonical, Chinese or English labels (with a unit) or synonyms.
    sheet : str, optional
        Name of the sheet; by default the one whose name or header fits best.

    Returns
    -------
    frame : DataFrame
        All columns of the table. ``id`` and ``text`` columns are text (``""`` where empty), ``int`` is Int64,
        ``float`` and ``share`` are float64, ``bool`` is boolean. The index ``row`` is the row that the user sees.
    flaws : list of Flaw
        Every problem of every cell, in the order of the file; the caller raises.
    """
    loaded = load_table(path, table, sheet=sheet)
    return loaded.frame, loaded.shortened()


def load_table(path: Path, table: Table, *, sheet: str | None = None) -> Loaded:
    """Read one table as :func:`read_table` does, and keep where everything stood."""
    grids, flaws = read_grids(path)
    if not grids:
        return Loaded(table, empty_frame(table), path.name, flaws=flaws)
    grid, header = _choose(grids, table, sheet)
    if grid is None:
        names = "、".join(g.sheet for g in grids)
        flaws.append(
            Flaw(
                "sheet_missing",
                Text(f"没有名为“{sheet}”的工作表", f"there is no sheet {sheet!r}"),
                Text(f"现有工作表：{names}", f"the sheets are {names}"),
                path.name,
            )
        )
        return Loaded(table, empty_frame(table), path.name, flaws=flaws)
    if header is None:
        wanted = "、".join(label(c) for c in table if c.required)
        flaws.append(
            Flaw(
                "header_missing",
                Text(f"找不到“{table.zh}”的表头", f"no header of the table {table.en!r} was found"),
                Text(f"表头须含：{wanted}", f"the header needs: {', '.join(c.name for c in table if c.required)}"),
                path.name,
                grid.sheet,
            )
        )
        return Loaded(table, empty_frame(table), path.name, grid.sheet, flaws=flaws)
    loaded = parse_grid(grid, header, table)
    loaded.flaws[:0] = flaws
    return loaded


def find_sheet(path: Path, table: Table) -> str | None:
    """Name the sheet of a workbook that holds all required columns of the table; ``None`` if there is none."""
    grids, _ = read_grids(path)
    required = sum(1 for column in table if column.required)
    grid, header = _choose(grids, table, None)
    return grid.sheet if grid and header and header.required_found(table) == required else None


def _choose(grids: Sequence[Grid], table: Table, sheet: str | None) -> tuple[Grid | None, Header | None]:
    if sheet is not None:
        wanted = [g for g in grids if fold(g.sheet) == fold(sheet)]
        return (wanted[0], find_header(wanted[0].rows, table)) if wanted else (None, None)
    best: tuple[int, int, int] = (-1, -1, -1)
    chosen: tuple[Grid | None, Header | None] = (grids[0] if grids else None, None)
    own_names = {fold(table.name), fold(table.zh), fold(table.en)}
    for grid in grids:
        header = find_header(grid.rows, table)
        if header is None:
            continue
        score = (header.required_found(table), int(fold(grid.sheet) in own_names), len(header.places))
        if score > best:
            best, chosen = score, (grid, header)
    return chosen


def empty_frame(table: Table) -> pd.DataFrame:
    """Make a frame of the table without rows."""
    frame = pd.DataFrame({c.name: _series(c, [], []) for c in table})
    frame.index = pd.Index([], dtype="int64", name="row")
    return frame


def _series(column: Column, values: list[object], rows: list[int]) -> pd.Series:
    dtype = {"id": "str", "text": "str", "int": "Int64", "float": "float64", "share": "float64", "bool": "boolean"}
    data = values if column.kind != "int" else [None if v is None else int(v) for v in values]  # type: ignore[call-overload]
    return pd.Series(data, index=pd.Index(rows, dtype="int64", name="row"), dtype=dtype[column.kind], name=column.name)


def parse_grid(
    grid: Grid, header: Header, table: Table, *, optional: Iterable[str] = (), numbered: bool = True
) -> Loaded:
    """Read the rows below a header.

    Parameters
    ----------
    optional : iterable of str
        Required columns that this source need not have (a layer's geometry replaces ``lon`` and ``lat``).
    numbered : bool
        Whether the numbers of the file's rows can be told apart from its header, as in a workbook; a layer's
        features are numbered from 1.
    """
    loaded = Loaded(table, empty_frame(table), grid.file, grid.sheet, dict(header.labels))
    loaded.places = dict(header.places) if numbered else {}
    _check_header(loaded, header, frozenset(optional), header.last_row if numbered else None)
    if numbered:
        _report_unused(loaded, header)
    below = grid.rows[header.last_row :]
    kept = _data_rows(loaded, below, header) if numbered else list(enumerate(below, 1))
    rows = [number for number, _ in kept]
    columns = {}
    for column in table:
        place = header.places.get(column.name)
        cells = [row[place] if place is not None and place < len(row) else None for _, row in kept]
        columns[column.name] = _read_column(loaded, column, cells, rows, header, grid, frozenset(optional))
    loaded.frame = pd.DataFrame(columns, index=pd.Index(rows, dtype="int64", name="row"))
    _check_ids(loaded, rows)
    return loaded


def _check_header(loaded: Loaded, header: Header, optional: frozenset[str], row: int | None) -> None:
    for column in loaded.table:
        if not column.required or column.name in header.places or column.name in optional:
            continue
        near = nearest_label(column, header.extra)
        hint = (f"；是不是“{near}”？", f"; did you mean {near!r}?") if near else ("", "")
        loaded.report(
            "column_missing",
            Text(f"缺少必填列“{label(column)}”", f"the required column {column.en!r} is missing"),
            Text(
                f"加上这一列，或把表头改为“{column.zh}”{hint[0]}",
                f"add it, or name its header {column.name!r}{hint[1]}",
            ),
            row=row,
            column=column.name,
        )
    for text, name in header.repeated:
        used = header.labels[name]
        loaded.report(
            "column_repeated",
            Text(
                f"“{text}”与“{used}”是同一列，只用了后者", f"{text!r} and {used!r} mean the same; the latter was used"
            ),
            Text("删去或改名其中一列", "remove or rename one of them"),
            row=row,
            severity=Severity.WARNING,
        )


def _report_unused(loaded: Loaded, header: Header) -> None:
    """Tell which columns of a table nobody understood, and what they may have been meant for."""
    if not header.extra:
        return
    absent = [c for c in loaded.table if c.name not in header.places and not c.required]
    meant = {near: c.zh for c in reversed(absent) if (near := nearest_label(c, header.extra, cutoff=_LIKELY))}
    shown = "、".join(f"{text}（是不是“{meant[text]}”？）" if text in meant else text for text in header.extra)
    loaded.report(
        "column_unused",
        Text(f"没有用到的列：{shown}", f"columns that are not used: {shown}"),
        Text("需要的列请改成认得的表头，其余不必理会", "rename those that are needed; leave the others"),
        row=header.last_row,
        severity=Severity.WARNING if meant else Severity.NOTE,
    )


def _data_rows(loaded: Loaded, rows: Sequence[Sequence[object]], header: Header) -> list[tuple[int, Sequence[object]]]:
    """Drop blank, total, note and repeated header rows, saying so."""
    kept: list[tuple[int, Sequence[object]]] = []
    blank: list[int] = []
    for number, row in enumerate(rows, header.last_row + 1):
        texts = [to_text(cell) for cell in row]
        filled = [t for t in texts if t]
        if not filled:
            blank.append(number)
            continue
        _report_blank(loaded, blank)
        blank = []
        head = [fold(t) for t in filled[:2]]
        wanted = [texts[p] for p in header.places.values() if p < len(texts) and texts[p]]
        if is_total(head):
            what = Text(f"合计行“{filled[0]}”，未当作一条记录", f"a total row ({filled[0]!r}), not read as a record")
            loaded.report("row_total", what, Text("无须处理", "nothing to do"), row=number, severity=Severity.NOTE)
        elif is_note(filled) or not wanted:
            what = Text(f"说明行“{filled[0][:20]}”，未读", f"a note ({filled[0][:20]!r}), not read")
            loaded.report("row_note", what, Text("无须处理", "nothing to do"), row=number, severity=Severity.NOTE)
        elif not kept and numbers_columns(filled):
            what = Text(f"栏次行（{filled[0]}、{filled[1]}…），未读", "a row that numbers the columns, not read")
            loaded.report("row_note", what, Text("无须处理", "nothing to do"), row=number, severity=Severity.NOTE)
        elif _is_header_again(texts, header):
            what = Text("重复的表头，已跳过", "the header again, skipped")
            loaded.report("row_header", what, Text("无须处理", "nothing to do"), row=number, severity=Severity.NOTE)
        else:
            kept.append((number, row))
    return kept


def _report_blank(loaded: Loaded, rows: Iterable[int]) -> None:
    what, mend = Text("空行，已跳过", "a blank row, skipped"), Text("删去空行", "delete the row")
    for row in rows:
        loaded.report("row_blank", what, mend, row=row, severity=Severity.WARNING)


def _is_header_again(texts: Sequence[str], header: Header) -> bool:
    same = sum(1 for n, p in header.places.items() if p < len(texts) and fold(texts[p]) == fold(header.labels[n]))
    return same >= 2 and same * 2 >= len(header.places)


def _read_column(
    loaded: Loaded,
    column: Column,
    cells: list[object],
    rows: list[int],
    header: Header,
    grid: Grid,
    optional: frozenset[str],
) -> pd.Series:
    values: list[object] = []
    value: object
    factor = header.factors.get(column.name, 1.0)
    needed = column.required and column.name in header.places and column.name not in optional | SIGNED
    for row, cell in zip(rows, cells, strict=True):
        if column.kind == "id":
            value = _read_id(loaded, column, cell, row)
        elif column.kind == "text":
            value = to_text(cell)
        elif column.kind == "bool":
            value, problem = to_bool(cell)
            if problem:
                _report_cell(loaded, column, cell, row, problem)
        else:
            value = _read_number(loaded, column, cell, row, factor)
        if needed and value in ("", None) and (row, column.name) not in loaded.bad:
            loaded.report(
                "value_missing",
                Text(f"缺“{label(column)}”", f"{column.en} is missing"),
                Text("补填；不需要这一行就整行删去", "fill it in, or delete the row"),
                row=row,
                column=column.name,
            )
        values.append(value)
    if column.kind == "id":
        numeric = [bool(grid.encoding) or isinstance(cell, (int, float)) for cell in cells]
        _check_lengths(loaded, column, [str(v) for v in values], rows, numeric)
    return _series(column, values, rows)


def _read_id(loaded: Loaded, column: Column, cell: object, row: int) -> str:
    text, problem = to_id(cell)
    if problem:
        what = {
            "scientific": Text(
                f"代码被表格软件当作数字“{text}”，末尾几位已丢失",
                f"the code became the number {text!r}: digits are lost",
            ),
            "date": Text(f"代码被表格软件变成了日期“{text}”", f"the spreadsheet turned the code into a date ({text})"),
        }[problem]
        mend = Text("把该列设为文本格式后重新填写完整代码", "format the column as text and write the full code again")
        loaded.report(f"code_{problem}", what, mend, row=row, column=column.name)
    return text


def _read_number(loaded: Loaded, column: Column, cell: object, row: int, factor: float) -> float | None:
    if column.name == "year" and isinstance(cell, str) and (year := re.match(r"\d{4}(?!\d)", fold(cell))):
        cell = year.group()
    if isinstance(cell, str):
        cell = _plain_number(column, fold(cell), cell)
    number, problem = to_number(cell, "float" if factor != 1.0 else column.kind, signed=column.name in SIGNED)
    if problem:
        _report_cell(loaded, column, cell, row, problem)
    if number is None or factor == 1.0:
        return number
    return float(round(number * factor)) if column.kind == "int" else number * factor


def _plain_number(column: Column, folded: str, cell: str) -> str:
    """Take the column's own unit off a number (31间), and read a grade's name (七年级, 初一) as its number."""
    if column.name in _GRADE_COLUMNS and (grade := _GRADE_WORDS.get(folded)):
        return str(grade)
    units = {column.unit, *_OTHER_UNITS.get(column.unit, ())} - {""}
    for unit in units:
        if folded.endswith(unit) and folded[: -len(unit)].replace(",", "").replace(".", "", 1).isdigit():
            return folded.removesuffix(unit)
    return cell


def _report_cell(loaded: Loaded, column: Column, cell: object, row: int, problem: str) -> None:
    code, zh, en, mend_zh, mend_en = _PROBLEMS[problem]
    seen = to_text(cell)[:30]
    loaded.report(
        code,
        Text(f"{zh}，现为“{seen}”", f"{en}, found {seen!r}"),
        Text(mend_zh, mend_en),
        row=row,
        column=column.name,
        severity=Severity.WARNING if column.advisory else Severity.ERROR,
    )


def _check_lengths(loaded: Loaded, column: Column, codes: list[str], rows: list[int], numeric: list[bool]) -> None:
    """Report codes shorter than the usual length: most have lost a leading zero on the way through a spreadsheet."""
    digits = [c for c in codes if c.isascii() and c.isdigit()]
    if len(digits) < 3:
        return
    usual, count = max(Counter(map(len, digits)).items(), key=lambda item: (item[1], item[0]))
    if usual < _USUAL_LENGTH or count * 2 < len(digits):
        return
    zeros = any(c.startswith("0") for c in digits if len(c) == usual)
    for code, row, was_number in zip(codes, rows, numeric, strict=True):
        if not (code.isascii() and code.isdigit()) or len(code) >= usual or (row, column.name) in loaded.bad:
            continue
        likely = code.zfill(usual)
        if was_number or zeros:
            loaded.report(
                "code_lost_zero",
                Text(
                    f"代码“{code}”只有 {len(code)} 位，其余为 {usual} 位，可能丢了前导零",
                    (
                        f"the code {code!r} has {len(code)} digits where others have {usual}: it may have lost its "
                        "leading zero"
                    ),
                ),
                Text(
                    f"把该列设为文本格式；可能应为“{likely}”",
                    f"format the column as text; the code is probably {likely!r}",
                ),
                row=row,
                column=column.name,
            )
        else:
            loaded.report(
                "code_length",
                Text(
                    f"代码“{code}”比其他代码（{usual} 位）短",
                    f"the code {code!r} is shorter than the others ({usual} digits)",
                ),
                Text("核对代码", "check the code"),
                row=row,
                column=column.name,
                severity=Severity.WARNING,
            )


def _check_ids(loaded: Loaded, rows: list[int]) -> None:
    """Report codes that stand twice; a table by year may repeat its code once a year."""
    key = loaded.table.columns[0].name
    if loaded.table[key].kind != "id" or key not in loaded.labels:
        return
    by = [key, "year"] if "year" in loaded.table else [key]
    first: dict[tuple[object, ...], int] = {}
    for row, values in zip(rows, loaded.frame[by].itertuples(index=False), strict=True):
        code = str(values[0])
        if not code:
            continue
        if tuple(values) in first:
            loaded.report(
                "code_repeated",
                Text(
                    f"代码“{code}”与第 {first[tuple(values)]} 行重复",
                    f"the code {code!r} already stands in row {first[tuple(values)]}",
                ),
                Text("改正其中一行的代码，或删去重复的一行", "correct one of the codes, or delete the row"),
                row=row,
                column=key,
            )
        else:
            first[tuple(values)] = row

"""Tables as county offices keep them: found, read by the column registry, and every problem named at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from layout_planner.columns import Table, label
from layout_planner.errors import Flaw, Severity, Text, counted
from layout_planner.io.cells import fold
from layout_planner.io.codes import check_ids
from layout_planner.io.grids import Grid, read_grids
from layout_planner.io.headers import Header, find_header, nearest_label
from layout_planner.io.loaded import Loaded, empty_frame
from layout_planner.io.rows import data_rows, fill_merged
from layout_planner.io.spread import Candidate, candidates, join, sheets_to_join, whole_sheet
from layout_planner.io.values import SIGNED, Reading, read_column

__all__ = ["Loaded", "empty_frame", "find_sheet", "load_table", "parse_grid", "read_table"]

_LIKELY = 0.6
_AS_RICH = 0.8


def read_table(path: Path, table: Table, *, sheet: str | None = None) -> tuple[pd.DataFrame, list[Flaw]]:
    """Read one table of the registry from a workbook or text file.

    Parameters
    ----------
    path : Path
        xlsx, xlsm, xlsb, xls, ods, csv, tsv or txt.
    table : Table
        What to look for; headers may be canonical, Chinese or English labels (with a unit) or synonyms.
    sheet : str, optional
        Name of the sheet; by default the one whose name or header fits best, or all those named for the townships
        (各乡镇一张表), of which the rows without a township then take the sheet's.

    Returns
    -------
    frame : DataFrame
        All columns of the table. ``id`` and ``text`` columns are text (``""`` where empty), ``int`` is Int64,
        ``float`` and ``share`` are float64, ``bool`` is boolean. The index ``row`` is the row that the user sees; of
        joined sheets it goes on from one to the next.
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
    found = candidates(grids, table) if sheet is None and len(grids) > 1 else []
    if parts := sheets_to_join(found, table):
        loaded = _load_parts(parts, table)
        loaded.flaws[:0] = flaws
        return loaded
    whole = whole_sheet(found, table)
    grid, header = _choose(grids, table, sheet) if whole is None else (whole.grid, whole.header)
    if grid is None:
        names = "、".join(g.sheet for g in grids)
        what = Text(f"没有名为“{sheet}”的工作表", f"there is no sheet {sheet!r}")
        mend = Text(f"现有工作表：{names}", f"the sheets are {names}")
        return Loaded(
            table, empty_frame(table), path.name, flaws=[*flaws, Flaw("sheet_missing", what, mend, path.name)]
        )
    loaded = _load_grid(grid, header, table)
    loaded.flaws[:0] = flaws
    if header is not None:
        check_ids(loaded, list(loaded.frame.index))
        _report_rivals(loaded, found, grid, header, decided=whole is not None)
    return loaded


def _load_parts(parts: Sequence[Candidate], table: Table) -> Loaded:
    """Read a table that is spread over the sheets of a workbook."""
    loaded = join([(part, _load_grid(part.grid, part.header, table)) for part in parts])
    check_ids(loaded, list(loaded.frame.index))
    return loaded


def _load_grid(grid: Grid, header: Header | None, table: Table) -> Loaded:
    """Read one sheet, of which it may turn out that it has no header of the table."""
    if header is not None:
        loaded = _read_rows(grid, header, table)
        _report_hidden(loaded, grid, header)
        return loaded
    loaded = Loaded(table, empty_frame(table), grid.file, grid.sheet)
    wanted = "、".join(label(c) for c in table if c.required)
    loaded.report(
        "header_missing",
        Text(f"找不到“{table.zh}”的表头", f"no header of the table {table.en!r} was found"),
        Text(f"表头须含：{wanted}", f"the header needs: {', '.join(c.name for c in table if c.required)}"),
    )
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
        return (wanted[0], find_header(wanted[0].rows, table, wanted[0].spans)) if wanted else (None, None)
    best: tuple[int, int, int, int] = (-1, -1, -1, -1)
    chosen: tuple[Grid | None, Header | None] = (grids[0] if grids else None, None)
    for grid in grids:
        header = find_header(grid.rows, table, grid.spans)
        if header is None:
            continue
        score = (
            header.required_found(table),
            int(table.is_named(grid.sheet)),
            int(not grid.hidden),
            len(header.places),
        )
        if score > best:
            best, chosen = score, (grid, header)
    return chosen


def _report_rivals(loaded: Loaded, found: Sequence[Candidate], used: Grid, header: Header, *, decided: bool) -> None:
    """Tell of other visible sheets that hold the same table; unless a name or the codes decide, that is an error."""
    table = loaded.table
    required = sum(1 for column in table if column.required)
    if header.required_found(table) < required:
        return
    rivals = [
        c.grid.sheet
        for c in found
        if c.grid is not used
        and c.header
        and c.complete(table)
        and len(c.header.places) >= _AS_RICH * len(header.places)
    ]
    if not rivals:
        return
    shown = "、".join(rivals)
    loaded.report(
        "sheet_ambiguous",
        Text(
            f"工作表“{shown}”也是“{table.zh}”，只用了“{used.sheet}”",
            f"the sheets {', '.join(rivals)} hold {table.en} as well; only {used.sheet!r} was used",
        ),
        Text(
            f"各乡镇一张表的，用乡镇全名（如青石镇）命名各工作表；只用其中一张时把它命名为“{table.zh}”，其余隐藏或删去",
            f"name the sheets by their townships (such as 青石镇) to have them joined; to use one of them, name it "
            f"{table.zh!r} and hide or delete the others",
        ),
        severity=Severity.WARNING if decided or table.is_named(used.sheet) else Severity.ERROR,
    )


def _report_hidden(loaded: Loaded, grid: Grid, header: Header) -> None:
    """Tell that a hidden sheet, or hidden rows of a sheet, were read like any other."""
    rows = [row for row in grid.hidden_rows if row > header.last_row]
    if not grid.hidden and not rows:
        return
    what = (
        Text("这张工作表是隐藏的，照常读取", "this sheet is hidden; it was read all the same")
        if grid.hidden
        else Text(
            f"有 {len(rows)} 行是隐藏的（第 {rows[0]} 行起），照常读取",
            f"{counted(len(rows), 'row is', 'rows are')} hidden (from row {rows[0]}), but read all the same",
        )
    )
    mend = Text("不需要的请删去", "delete what is not needed")
    loaded.report("hidden_read", what, mend, row=None if grid.hidden else rows[0], severity=Severity.NOTE)


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
    loaded = _read_rows(grid, header, table, optional=optional, numbered=numbered)
    check_ids(loaded, list(loaded.frame.index))
    return loaded


def _read_rows(
    grid: Grid, header: Header, table: Table, *, optional: Iterable[str] = (), numbered: bool = True
) -> Loaded:
    loaded = Loaded(table, empty_frame(table), grid.file, grid.sheet, dict(header.labels))
    loaded.places = dict(header.places) if numbered else {}
    row = header.last_row if numbered else None
    unneeded = frozenset(optional)
    _check_header(loaded, header, unneeded, row)
    _check_units(loaded, header, row)
    kept = list(enumerate(grid.rows[header.last_row :], 1))
    if numbered:
        _report_unused(loaded, header)
        kept = fill_merged(loaded, grid, header, data_rows(loaded, grid, header))
    rows = [number for number, _ in kept]
    columns = {}
    for column in table:
        place = header.places.get(column.name)
        cells = [row[place] if place is not None and place < len(row) else None for _, row in kept]
        reading = Reading(
            factor=header.factors.get(column.name, 1.0),
            needed=column.required and place is not None and column.name not in unneeded | SIGNED,
            percent="%" in fold(header.labels.get(column.name, "")),
            as_text=bool(grid.encoding),
        )
        columns[column.name] = read_column(loaded, column, cells, rows, reading)
    loaded.frame = pd.DataFrame(columns, index=pd.Index(rows, dtype="int64", name="row"))
    return loaded


def _check_units(loaded: Loaded, header: Header, row: int | None) -> None:
    """Report units that cannot be those of their column, and tell which columns a note above the table scaled."""
    for name, word in header.odd_units.items():
        column = loaded.table[name]
        loaded.report(
            "unit_wrong",
            Text(f"表头的单位“{word}”不是{column.zh}的单位", f"{word!r} is no unit of {column.en}"),
            Text(f"改为（{column.unit}）并核对数值", f"write ({column.unit}) and check the values"),
            row=row,
            column=name,
        )
    words: dict[str, list[str]] = {}
    for name, word in header.noted.items():
        words.setdefault(word, []).append(loaded.table[name].zh)
    for word, names in words.items():
        shown = "、".join(names)
        loaded.report(
            "unit_note",
            Text(f"按表上注明的单位“{word}”读取：{shown}", f"read in the unit noted above the table ({word}): {shown}"),
            Text("单位不对就在表头逐列注明", "if that is wrong, state the unit in each header"),
            row=row,
            severity=Severity.NOTE,
        )


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

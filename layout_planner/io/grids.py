"""Workbooks and text files as grids of raw cells, each row under the number that the user sees."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetMetadata,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from layout_planner.config.encodings import decode_text
from layout_planner.errors import Flaw, Severity, Text, counted
from layout_planner.io.sheetmarks import XML_SUFFIXES, Marks, count_old_faults, read_marks

__all__ = ["TEXT_SUFFIXES", "WORKBOOK_SUFFIXES", "Grid", "Span", "decode_text", "read_grids"]

WORKBOOK_SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
_DELIMITERS = ",\t;|，"
_SNIFF_ROWS = 25


class Span(NamedTuple):
    """Merged cells, counted from 0: the first and last row and column."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class Grid:
    """One sheet of cells; ``rows[0]`` is row 1 of the file. ``encoding`` is empty for workbooks.

    ``spans`` are its merged cells, whose value stands in the first; ``hidden_rows`` counts from 1.
    """

    file: str
    sheet: str
    rows: Sequence[Sequence[object]]
    encoding: str = ""
    spans: tuple[Span, ...] = ()
    hidden: bool = False
    hidden_rows: tuple[int, ...] = ()


def read_grids(path: Path) -> tuple[list[Grid], list[Flaw]]:
    """Read every sheet of a workbook, or the one grid of a text file.

    Returns
    -------
    grids : list of Grid
        Empty where the file cannot be read; the flaw then says why.
    flaws : list of Flaw
    """
    if not path.is_file():
        return [], [
            _file_flaw(
                "file_missing",
                path,
                "找不到文件",
                "the file does not exist",
                "核对文件名和位置",
                "check the name and the folder",
            )
        ]
    suffix = path.suffix.lower()
    if suffix in WORKBOOK_SUFFIXES:
        return _read_workbook(path)
    if suffix in TEXT_SUFFIXES:
        return _read_text(path)
    return [], [
        _file_flaw(
            "file_kind",
            path,
            f"不认识的表格格式 {suffix}",
            f"{suffix or 'no suffix'} is not a table format",
            "另存为 .xlsx 或 .csv",
            "save it as .xlsx or .csv",
        )
    ]


def _file_flaw(code: str, path: Path, zh: str, en: str, mend_zh: str, mend_en: str) -> Flaw:
    return Flaw(code, Text(zh, en), Text(mend_zh, mend_en), file=path.name)


def _read_workbook(path: Path) -> tuple[list[Grid], list[Flaw]]:
    try:
        with CalamineWorkbook.from_path(path) as book:
            grids = [
                _grid(path.name, book.get_sheet_by_name(meta.name), meta)
                for meta in book.sheets_metadata
                if meta.typ is SheetTypeEnum.WorkSheet
            ]
    except (CalamineError, OSError, ValueError) as error:
        is_text = _looks_like_text(path)
        return [], [
            _file_flaw(
                "file_unreadable",
                path,
                "名为工作簿，其实是网页或文本" if is_text else "工作簿打不开",
                "it is named a workbook but holds text" if is_text else f"the workbook cannot be opened ({error})",
                "用 Excel 或 WPS 打开后另存为 .xlsx；有密码的先去掉密码",
                "open it in Excel or WPS and save it as .xlsx; remove a password first",
            )
        ]
    if path.suffix.lower() in XML_SUFFIXES:
        grids = [_marked(grid, found.get(grid.sheet)) for found in [read_marks(path)] for grid in grids]
    if path.suffix.lower() == ".xls" and (count := count_old_faults(path)):
        what = Text(
            f"有 {count} 个单元格的公式出错（如 #REF!），读作空白",
            f"{counted(count, 'cell holds a formula error', 'cells hold formula errors')} (such as #REF!), read "
            "as empty",
        )
        mend = Text("改正公式；另存为 .xlsx 后会逐格指出", "mend the formulas; saved as .xlsx, each cell is named")
        return grids, [Flaw("formula_error", what, mend, file=path.name, severity=Severity.WARNING)]
    return grids, []


def _grid(file: str, sheet: CalamineSheet, meta: SheetMetadata) -> Grid:
    spans = tuple(Span(*first, *last) for first, last in sheet.merged_cell_ranges or ())
    rows = sheet.to_python(skip_empty_area=False)
    return Grid(file, meta.name, rows, spans=spans, hidden=meta.visible is not SheetVisibleEnum.Visible)


def _marked(grid: Grid, marks: Marks | None) -> Grid:
    """Put what the values alone do not show into a grid: formulas that failed, rows that are hidden."""
    if marks is None:
        return grid
    rows = [list(row) for row in grid.rows] if marks.faults else grid.rows
    for (r, c), fault in marks.faults.items():
        if r < len(rows) and c < len(rows[r]):
            rows[r][c] = fault  # type: ignore[index]
    return replace(grid, rows=rows, hidden_rows=marks.hidden_rows)


def _looks_like_text(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return b"\x00" not in (start := file.read(512)) and not start.startswith(b"PK")
    except OSError:
        return False


def _read_text(path: Path) -> tuple[list[Grid], list[Flaw]]:
    try:
        text, encoding = decode_text(path.read_bytes())
        rows = _split(text)
    except UnicodeDecodeError:
        return [], [
            _file_flaw(
                "encoding_unknown",
                path,
                "编码既不是 UTF-8 也不是 GB 18030",
                "neither UTF-8 nor GB 18030",
                "用记事本另存为 UTF-8，或另存为 .xlsx",
                "save it as UTF-8, or as .xlsx",
            )
        ]
    except (csv.Error, OSError) as error:
        return [], [
            _file_flaw(
                "file_unreadable",
                path,
                f"文本表格读不出（{error}）",
                f"the text table cannot be read ({error})",
                "另存为 .xlsx 或 UTF-8 的 .csv",
                "save it as .xlsx or as a UTF-8 .csv",
            )
        ]
    flaws = []
    if encoding == "gb18030":
        flaws.append(
            Flaw(
                "encoding_gb18030",
                Text(
                    "文件和表头是 GBK/GB 18030 编码，已按此读取",
                    "file and header are in GBK/GB 18030 and were read as such",
                ),
                Text("无须处理；另存为 UTF-8 更通用", "nothing to do; UTF-8 travels better"),
                file=path.name,
                row=1,
                severity=Severity.NOTE,
            )
        )
    return [Grid(path.name, "", rows, encoding)], flaws


def _split(text: str) -> list[list[str]]:
    """Split text into rows and cells by the delimiter that gives the steadiest number of cells."""
    best: tuple[float, int, str] = (0.0, 0, ",")
    for delimiter in _DELIMITERS:
        widths = []
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        for row in reader:
            if any(row):
                widths.append(len(row))
            if len(widths) >= _SNIFF_ROWS:
                break
        cut = Counter(width for width in widths if width > 1)
        if not cut:
            continue
        width, count = cut.most_common(1)[0]
        if (count / len(widths), width) > best[:2]:
            best = (count / len(widths), width, delimiter)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=best[2]))

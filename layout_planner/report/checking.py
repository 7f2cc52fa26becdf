"""The check report: what was read, what is wrong with it and how to mend it, as a workbook and a page to print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from layout_planner import __version__
from layout_planner.columns import CHECK_REPORT, CHECK_SUMMARY, READ_TABLES, Table
from layout_planner.errors import Flaw, Severity, Text
from layout_planner.report.document import Block, Grid, Paragraph, Section, Sub, grid, number_sections
from layout_planner.report.html import render
from layout_planner.report.narrative import Fact
from layout_planner.report.workbook import Sheet, write_sheets

if TYPE_CHECKING:
    from layout_planner.io.county import ReadTable

__all__ = ["CheckedData", "check_frame", "summary_frame", "write_check_report"]

NAME = "数据检查"
_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
_MARKS = {"error": "bad", "warning": "warn"}
_SCENARIO, _COUNTY = "情景文件", "全县"


@dataclass(frozen=True)
class CheckedData:
    """A scenario whose data were checked: its name, every flaw, what was read and the working system."""

    name: str
    flaws: tuple[Flaw, ...]
    tables: tuple[ReadTable, ...]
    crs: str = ""


def write_check_report(checked: CheckedData, folder: Path) -> None:
    """Write 数据检查.xlsx and 数据检查.html into a folder; the same findings give the same bytes."""
    frames = ((CHECK_SUMMARY, summary_frame(checked.flaws)), (CHECK_REPORT, check_frame(checked.flaws)),
              (READ_TABLES, read_frame(checked.tables)))  # fmt: skip
    sheets = [Sheet(Text(t.zh, t.en), Text(_ABOUT[t.name], t.en), t, frame) for t, frame in frames]
    facts = [
        Fact(f"{NAME}：{checked.name}"),
        Fact("结论", (_verdict(checked.flaws),)),
        Fact("坐标系", (checked.crs or "数据有错误，尚未确定",)),
        Fact("软件", (f"layout_planner {__version__}",)),
    ]
    write_sheets(folder / f"{NAME}.xlsx", facts, sheets)
    context = {
        "title": f"{NAME}：{checked.name}",
        "subtitle": _verdict(checked.flaws),
        "sections": number_sections(_sections(checked)),
        "version": __version__,
    }
    (folder / f"{NAME}.html").write_bytes(render("check.html.j2", context).encode("utf-8"))


_ABOUT = {
    "check_summary": "每个文件和工作表各有多少问题",
    "check_report": "逐条列出：在哪里、哪些数对不上、怎么改",
    "read_tables": "读入了哪些文件、多少记录、按什么坐标系",
}


def _verdict(flaws: Sequence[Flaw]) -> str:
    """Say in a sentence what was found."""
    count = {s: sum(1 for f in flaws if f.severity is s) for s in Severity}
    if not flaws:
        return "没有发现问题，可以计算。"
    said = f"错误 {count[Severity.ERROR]} 处，提醒 {count[Severity.WARNING]} 处，说明 {count[Severity.NOTE]} 处。"
    return said + ("改正错误后才能计算。" if count[Severity.ERROR] else "可以计算；提醒请逐条核对。")


def _ordered(flaws: Sequence[Flaw]) -> list[Flaw]:
    """Sort flaws by file and sheet as they first appear, then the gravest first, then by row."""
    place = {key: i for i, key in reversed(list(enumerate((f.file, f.sheet) for f in flaws)))}
    return sorted(flaws, key=lambda f: (place[f.file, f.sheet], _RANK[f.severity], f.row or 0, f.column, f.code))


def check_frame(flaws: Sequence[Flaw]) -> pd.DataFrame:
    """Tabulate flaws with the cells that disagree (table ``check_report``)."""
    rows = [
        {
            "number": n, "gravity": str(f.severity), "file": _file(f), "sheet": f.sheet,
            "row": f.row, "name": f.subject, "column": f.column or f.key, "what": f.what.zh, "cells": _cells(f),
            "mend": f.mend.zh, "code": f.code,
        }
        for n, f in enumerate(_ordered(flaws), 1)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(CHECK_REPORT.names)).astype({"row": "float64", "number": "float64"})


def _file(flaw: Flaw) -> str:
    """Name the file of a flaw; what belongs to none is said of the scenario or of the whole county."""
    return flaw.file or (_SCENARIO if flaw.key else _COUNTY)


def _cells(flaw: Flaw) -> str:
    """Spell the cells that disagree, those of another sheet or file with its name."""
    parts = []
    for cell in flaw.cells:
        where = cell.address or f"第 {cell.row} 行"
        elsewhere = cell.sheet if cell.file == flaw.file else f"{cell.file} {cell.sheet}".strip()
        other = f"{elsewhere} " if (cell.file, cell.sheet) != (flaw.file, flaw.sheet) and elsewhere else ""
        parts.append(f"{other}{where} {cell.column}={cell.value}")
    return "；".join(parts)


def summary_frame(flaws: Sequence[Flaw]) -> pd.DataFrame:
    """Count flaws by file, sheet and severity (table ``check_summary``)."""
    counts: dict[tuple[str, str], dict[Severity, int]] = {}
    for flaw in _ordered(flaws):
        tally = counts.setdefault((_file(flaw), flaw.sheet), dict.fromkeys(Severity, 0))
        tally[flaw.severity] += 1
    rows = [(*key, n[Severity.ERROR], n[Severity.WARNING], n[Severity.NOTE]) for key, n in counts.items()]
    frame = pd.DataFrame(rows, columns=list(CHECK_SUMMARY.names))
    return frame.astype(dict.fromkeys(("errors", "warnings", "notes"), "float64"))


def read_frame(tables: Sequence[ReadTable]) -> pd.DataFrame:
    """Tabulate what was read (table ``read_tables``)."""
    rows = [(t.role, t.file, t.sheet, t.records, t.crs) for t in tables]
    return pd.DataFrame(rows, columns=list(READ_TABLES.names)).astype({"records": "float64"})


def _sections(checked: CheckedData) -> list[Section]:
    read = read_frame(checked.tables)
    blocks: list[Block] = [_whole(READ_TABLES, read, "读入的文件")] if len(read) else [Paragraph("没有读到任何表。")]
    blocks.append(Paragraph(f"计算所用的坐标系：{checked.crs or '数据有错误，尚未确定'}。"))
    if not checked.flaws:
        return [Section("结论", (Paragraph("没有发现问题。"),)), Section("读入的数据", tuple(blocks))]
    summary = _whole(CHECK_SUMMARY, summary_frame(checked.flaws), "问题汇总（处）")
    frame = check_frame(checked.flaws)
    subs = [
        Sub(f"{file}{f' · {sheet}' if sheet else ''}", (_findings(part),))
        for (file, sheet), part in frame.groupby(["file", "sheet"], sort=False)
    ]
    return [
        Section("结论", (Paragraph(_verdict(checked.flaws)), summary)),
        Section("读入的数据", tuple(blocks)),
        Section("问题和改法", (), tuple(subs)),
    ]


def _whole(table: Table, frame: pd.DataFrame, caption: str) -> Grid:
    return grid(table, frame, table.names, caption)


def _findings(part: pd.DataFrame) -> Grid:
    shown = ("number", "gravity", "row", "name", "column", "what", "cells", "mend")
    return grid(CHECK_REPORT, part, shown, f"{len(part)} 处", marks={"gravity": lambda word: _MARKS.get(word, "")})

"""The check report: what was read, what is wrong with it and how to mend it, as a workbook and a page to print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from layout_planner import __version__
from layout_planner.columns import CHECK_REPORT, CHECK_SUMMARY, READ_TABLES, Table
from layout_planner.errors import Flaw, Severity, Text, language
from layout_planner.report.document import Block, Grid, Paragraph, Section, Sub, grid, number_sections
from layout_planner.report.html import render
from layout_planner.report.narrative import Fact
from layout_planner.report.workbook import Sheet, write_sheets

if TYPE_CHECKING:
    from layout_planner.io.county import ReadTable

__all__ = ["CheckedData", "check_frame", "summary_frame", "write_check_report"]

_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
_MARKS = {"error": "bad", "warning": "warn"}
_SHOWN = ("number", "gravity", "row", "name", "column", "what", "cells", "mend")
_WORDS = {
    "file": Text("数据检查", "data_check"),
    "title": Text("数据检查：{}", "Data check: {}"),
    "scenario": Text("情景文件", "scenario file"),
    "county": Text("全县", "whole county"),
    "verdict": Text("结论", "Verdict"),
    "crs": Text("坐标系", "Coordinate system"),
    "no_crs": Text("数据有错误，尚未确定", "not settled, for the data hold errors"),
    "crs_used": Text("计算所用的坐标系：{}。", "Coordinate system of the calculation: {}."),
    "software": Text("软件", "Software"),
    "nothing": Text("没有发现问题，可以计算。", "Nothing was found; the calculation can start."),
    "counts": Text("错误 {} 处，提醒 {} 处，说明 {} 处。", "{} errors, {} warnings, {} notes. "),
    "forbids": Text("改正错误后才能计算。", "The errors must be mended first."),
    "allows": Text("可以计算；提醒请逐条核对。", "The calculation can start; please check every warning."),
    "none_read": Text("没有读到任何表。", "No table was read."),
    "read": Text("读入的数据", "What was read"),
    "read_files": Text("读入的文件", "Files read"),
    "summary": Text("问题汇总（处）", "Findings by file and sheet"),
    "findings": Text("问题和改法", "Findings and how to mend them"),
    "places": Text("{} 处", "{} findings"),
    "row": Text("第 {} 行", "row {}"),
    "footer": Text(
        "单元格写作“列字母行号 列名=读到的值”，第一个最可疑；改法是推测，以原始登记为准。",
        "Cells read “column letter and row, header=value read”, the most suspected first; a mend is a guess: the "
        "original records decide.",
    ),
    "check_summary": Text("每个文件和工作表各有多少问题", "findings by file and sheet"),
    "check_report": Text("逐条列出：在哪里、哪些数对不上、怎么改", "where, which figures disagree, how to mend it"),
    "read_tables": Text("读入了哪些文件、多少记录、按什么坐标系", "files read, their records and coordinate systems"),
}


@dataclass(frozen=True)
class CheckedData:
    """A scenario whose data were checked: its name, every flaw, what was read and the working system."""

    name: str
    flaws: tuple[Flaw, ...]
    tables: tuple[ReadTable, ...]
    crs: str = ""


def write_check_report(checked: CheckedData, folder: Path, *, lang: str | None = None) -> None:
    """Write 数据检查.xlsx and 数据检查.html, in English data_check.*, into a folder.

    The same findings give the same bytes.

    Parameters
    ----------
    lang : {"zh", "en"}, optional
        By default the language of messages.
    """
    lang = lang or language()
    name, title = _say("file", lang), _say("title", lang).format(checked.name)
    frames = (
        (CHECK_SUMMARY, summary_frame(checked.flaws, lang)),
        (CHECK_REPORT, check_frame(checked.flaws, lang)),
        (READ_TABLES, read_frame(checked.tables)),
    )
    sheets = [Sheet(Text(t.zh, t.en), _WORDS[t.name], t, frame) for t, frame in frames]
    facts = [
        Fact(title),
        Fact(_say("verdict", lang), (_verdict(checked.flaws, lang),)),
        Fact(_say("crs", lang), (checked.crs or _say("no_crs", lang),)),
        Fact(_say("software", lang), (f"layout_planner {__version__}",)),
    ]
    write_sheets(folder / f"{name}.xlsx", facts, sheets, lang=lang)
    context = {
        "lang": "zh-CN" if lang == "zh" else "en",
        "title": title,
        "subtitle": _verdict(checked.flaws, lang),
        "sections": number_sections(_sections(checked, lang), lang),
        "footer": _say("footer", lang),
        "version": __version__,
    }
    (folder / f"{name}.html").write_bytes(render("check.html.j2", context).encode("utf-8"))


def _say(word: str, lang: str) -> str:
    return _spell(_WORDS[word], lang)


def _spell(text: Text, lang: str) -> str:
    return text.zh if lang == "zh" else text.en


def _verdict(flaws: Sequence[Flaw], lang: str) -> str:
    """Say in a sentence what was found."""
    if not flaws:
        return _say("nothing", lang)
    counts = [sum(1 for f in flaws if f.severity is s) for s in (Severity.ERROR, Severity.WARNING, Severity.NOTE)]
    return _say("counts", lang).format(*counts) + _say("forbids" if counts[0] else "allows", lang)


def _ordered(flaws: Sequence[Flaw]) -> list[Flaw]:
    """Sort flaws by file and sheet as they first appear, then the gravest first, then by row."""
    place = {key: i for i, key in reversed(list(enumerate((f.file, f.sheet) for f in flaws)))}
    return sorted(flaws, key=lambda f: (place[f.file, f.sheet], _RANK[f.severity], f.row or 0, f.column, f.code))


def check_frame(flaws: Sequence[Flaw], lang: str = "zh") -> pd.DataFrame:
    """Tabulate flaws with the cells that disagree (table ``check_report``)."""
    rows = [
        {
            "number": n, "gravity": str(f.severity), "file": _file(f, lang), "sheet": f.sheet,
            "row": f.row, "name": f.subject, "column": f.column or f.key, "what": _spell(f.what, lang),
            "cells": _cells(f, lang), "mend": _spell(f.mend, lang), "code": f.code,
        }
        for n, f in enumerate(_ordered(flaws), 1)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(CHECK_REPORT.names)).astype({"row": "float64", "number": "float64"})


def _file(flaw: Flaw, lang: str) -> str:
    """Name the file of a flaw; what belongs to none is said of the scenario or of the whole county."""
    return flaw.file or _say("scenario" if flaw.key else "county", lang)


def _cells(flaw: Flaw, lang: str) -> str:
    """Spell the cells that disagree, those of another sheet or file with its name."""
    parts = []
    for cell in flaw.cells:
        where = cell.address or _say("row", lang).format(cell.row)
        elsewhere = cell.sheet if cell.file == flaw.file else f"{cell.file} {cell.sheet}".strip()
        other = f"{elsewhere} " if (cell.file, cell.sheet) != (flaw.file, flaw.sheet) and elsewhere else ""
        parts.append(f"{other}{where} {cell.column}={cell.value}")
    return ("；" if lang == "zh" else "; ").join(parts)


def summary_frame(flaws: Sequence[Flaw], lang: str = "zh") -> pd.DataFrame:
    """Count flaws by file, sheet and severity (table ``check_summary``)."""
    counts: dict[tuple[str, str], dict[Severity, int]] = {}
    for flaw in _ordered(flaws):
        tally = counts.setdefault((_file(flaw, lang), flaw.sheet), dict.fromkeys(Severity, 0))
        tally[flaw.severity] += 1
    rows = [(*key, n[Severity.ERROR], n[Severity.WARNING], n[Severity.NOTE]) for key, n in counts.items()]
    frame = pd.DataFrame(rows, columns=list(CHECK_SUMMARY.names))
    return frame.astype(dict.fromkeys(("errors", "warnings", "notes"), "float64"))


def read_frame(tables: Sequence[ReadTable]) -> pd.DataFrame:
    """Tabulate what was read (table ``read_tables``)."""
    rows = [(t.role, t.file, t.sheet, t.records, t.crs) for t in tables]
    return pd.DataFrame(rows, columns=list(READ_TABLES.names)).astype({"records": "float64"})


def _sections(checked: CheckedData, lang: str) -> list[Section]:
    read = read_frame(checked.tables)
    blocks: list[Block] = [Paragraph(_say("none_read", lang))]
    if len(read):
        blocks = [_whole(READ_TABLES, read, "read_files", lang)]
    blocks.append(Paragraph(_say("crs_used", lang).format(checked.crs or _say("no_crs", lang))))
    verdict = Paragraph(_verdict(checked.flaws, lang))
    heads = [_say(word, lang) for word in ("verdict", "read", "findings")]
    if not checked.flaws:
        return [Section(heads[0], (verdict,)), Section(heads[1], tuple(blocks))]
    summary = _whole(CHECK_SUMMARY, summary_frame(checked.flaws, lang), "summary", lang)
    frame = check_frame(checked.flaws, lang)
    subs = [
        Sub(f"{file}{f' · {sheet}' if sheet else ''}", (_findings(part, lang),))
        for (file, sheet), part in frame.groupby(["file", "sheet"], sort=False)
    ]
    return [
        Section(heads[0], (verdict, summary)),
        Section(heads[1], tuple(blocks)),
        Section(heads[2], (), tuple(subs)),
    ]


def _whole(table: Table, frame: pd.DataFrame, caption: str, lang: str) -> Grid:
    return grid(table, frame, table.names, _say(caption, lang), lang=lang)


def _findings(part: pd.DataFrame, lang: str) -> Grid:
    marks = {"gravity": lambda word: _MARKS.get(word, "")}
    return grid(CHECK_REPORT, part, _SHOWN, _say("places", lang).format(len(part)), marks=marks, lang=lang)

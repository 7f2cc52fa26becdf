"""The comparison of two finished runs, as a document and a workbook."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from layout_planner import __version__, columns
from layout_planner.manifest import engine_sha256, portable_scenario
from layout_planner.measures import moves as measure_moves
from layout_planner.plan import same_pupils
from layout_planner.report.compare import compare_frame, comparison_grid
from layout_planner.report.document import Cell, Grid, Paragraph, Section, Sub, grid, number_sections
from layout_planner.report.html import render
from layout_planner.report.narrative import CAVEATS, Fact, data_as_of
from layout_planner.report.rundata import RunData
from layout_planner.report.sections import ReportInput, map_figure, moves_section
from layout_planner.report.summary import against_sentences
from layout_planner.report.tables import sheet
from layout_planner.report.words import code_word
from layout_planner.report.workbook import write_sheets

__all__ = ["scenario_changes", "write_comparison"]

_SILENT = frozenset({"name", "title_en", "note", "based_on"})


def write_comparison(before: RunData, after: RunData, folder: Path) -> list[Path]:
    """Write ``compare.html`` and ``compare.xlsx`` into ``folder`` and list them.

    Parameters
    ----------
    before, after : RunData
        Two finished runs. Moves and the map of change need the same pupils in both; otherwise they are left out
        and the document says why.
    folder : Path
        Existing folder.
    """
    comparable = same_pupils(before.plan, after.plan)
    moves = measure_moves(before.plan, after.plan) if comparable else None
    written = [folder / "compare.html", folder / "compare.xlsx"]
    title = f"{after.county.name}布局方案比较：“{before.label}”与“{after.label}”"
    context: dict[str, Any] = {
        "title": title,
        "subtitle": f"数据时点：{data_as_of(after.plan)}",
        "parent": "",
        "sections": number_sections(_sections(before, after, moves)),
        "version": __version__,
        "engine": engine_sha256()[:12],
        "run": " → ".join(run for run in (before.run, after.run) if run),
        "seed": after.scenario.seed,
    }
    written[0].write_bytes(render("report.html.j2", context).encode("utf-8"))
    frame = compare_frame(before.tables, after.tables, before.label, after.label)
    sheets = [sheet("comparison", frame)] + ([sheet("moves", moves)] if moves is not None else [])
    facts = [
        Fact(title),
        Fact("原方案", (f"{before.label}（{before.run}）",)),
        Fact("新方案", (f"{after.label}（{after.run}）",)),
        Fact("数据时点", (data_as_of(after.plan),)),
        Fact("提示", CAVEATS),
    ]
    write_sheets(written[1], facts, sheets)
    return written


def _sections(before: RunData, after: RunData, moves: pd.DataFrame | None) -> list[Section]:
    given = ReportInput(after.plan, after.tables, (), moves, None, before.plan, before.tables)
    sentences = [Paragraph(s) for s in against_sentences(after.tables, before.tables, before.label)]
    if moves is None:
        sentences.append(Paragraph("两次运行的学生数据不同，因此不比较学生去向，只比较指标。", strong=True))
    table = comparison_grid(
        before.tables, after.tables, before.label, after.label, "全县主要指标", sheet=columns.COMPARISON.zh
    )
    changed = _changed_schools(before, after)
    load = (map_figure(given, "load", f"“{after.label}”的学校规模与学位使用率"),)
    return [
        Section("概要", tuple(sentences)),
        Section("指标", (table,)),
        Section("学校", subs=(Sub("决定不同的学校", changed), Sub("新方案的学校", load))),
        moves_section(given),
        Section("情景的不同", _scenario_grid(before, after)),
    ]


def _changed_schools(before: RunData, after: RunData) -> tuple[Grid, ...]:
    """List the schools that one plan treats differently from the other."""
    keys = ["school_id", "decision", "tier", "pupils"]
    old = pd.DataFrame(before.tables.schools)[keys]
    new = pd.DataFrame(after.tables.schools)
    both = new.merge(old, on="school_id", how="outer", suffixes=("", "_before"), sort=True)
    differs = (both["decision"].astype(str) != both["decision_before"].astype(str)) | (
        both["tier"].astype(str) != both["tier_before"].astype(str)
    )
    rows = both[differs].copy()
    if rows.empty:
        return ()
    rows["was"] = [code_word("decision", v) for v in rows["decision_before"]]
    extra = {
        "was": columns.Column("was", "text", "原方案", "before"),
        "pupils_before": columns.Column("pupils_before", "float", "原方案学生数", "pupils before", "人"),
    }
    names = ["name", "tier", "township", "was", "decision", "pupils_before", "pupils"]
    return (grid(columns.PLAN_SCHOOLS, rows, names, "决定不同的学校", extra=extra),)


def scenario_changes(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str, str]]:
    """List the keys in which two resolved scenarios differ, with both values, sorted by key.

    >>> scenario_changes({"travel": {"cutoff_min": 90}}, {"travel": {"cutoff_min": 60}})
    [('travel.cutoff_min', '90', '60')]
    """
    old, new = dict(_flat(before)), dict(_flat(after))
    keys = sorted(key for key in old.keys() | new.keys() if key.split(".")[0] not in _SILENT)
    return [(key, old.get(key, "—"), new.get(key, "—")) for key in keys if old.get(key) != new.get(key)]


def _flat(node: object, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _flat(value, f"{key}.{name}" if key else str(name))
    elif isinstance(node, (list, tuple)):
        yield key, "、".join(map(str, node)) or "（空）"
    else:
        yield key, "（空）" if node is None else str(node)


def _scenario_grid(before: RunData, after: RunData) -> tuple[Grid | Paragraph, ...]:
    changes = scenario_changes(portable_scenario(before.scenario), portable_scenario(after.scenario))
    if not changes:
        return (Paragraph("两个情景的参数和决定相同。"),)
    heads = (Cell("键"), Cell(before.label), Cell(after.label))
    rows = tuple((Cell(key), Cell(old), Cell(new)) for key, old, new in changes)
    return (Grid("参数与决定的不同", heads, rows),)

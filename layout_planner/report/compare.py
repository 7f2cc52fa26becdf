"""Two plans side by side: every indicator with its change, and whether that is better or worse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING

import pandas as pd
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text as RichText

from layout_planner.columns import COMPARISON, INDICATORS, unit_word
from layout_planner.errors import Text
from layout_planner.report.document import Cell, Grid
from layout_planner.report.words import rounded, spell

if TYPE_CHECKING:
    from layout_planner.measures import PlanTables

__all__ = ["DIRECTIONS", "Verdict", "compare_frame", "compare_table", "compare_text", "comparison_grid"]

DIRECTIONS: Mapping[str, int] = {"high": 1, "low": -1}
"""Which way is good, by the word that an indicator carries in its column ``better``; without one it is neutral."""

_SAME = 1e-9


@dataclass(frozen=True)
class Verdict:
    """How a change is shown: code, arrow and word."""

    code: str
    arrow: str
    word: Text

    def say(self, lang: str = "zh") -> str:
        """Spell the verdict."""
        return f"{self.arrow} {self.word.zh if lang == 'zh' else self.word.en}".strip()


_WORDS = {
    "better": Text("改善", "better"),
    "worse": Text("变差", "worse"),
    "same": Text("持平", "same"),
    "neutral": Text("", ""),
}
_MARKS = {"better": "good", "worse": "bad"}
_COLOURS = {"better": "green", "worse": "red", "same": "dim", "neutral": ""}


def verdict(better: str, before: float, after: float, unit: str = "") -> Verdict:
    """Judge a change; one that the document would round away counts as the same.

    >>> verdict("low", 20.0, 25.0, "分钟").say(), verdict("high", 0.9, 0.95, "%").say(), verdict("", 9, 8, "所").say()
    ('▲ 变差', '▲ 改善', '▼')
    """
    change = rounded(after, unit) - rounded(before, unit)
    if pd.isna(change):
        return Verdict("neutral", "", _WORDS["neutral"])
    if abs(change) <= _SAME:
        return Verdict("same", "＝", _WORDS["same"])
    arrow = "▲" if change > 0 else "▼"
    way = DIRECTIONS.get(better, 0)
    code = "neutral" if way == 0 else "better" if change * way > 0 else "worse"
    return Verdict(code, arrow, _WORDS[code])


def compare_frame(
    tables_a: PlanTables, tables_b: PlanTables, label_a: str = "A", label_b: str = "B", lang: str = "zh"
) -> pd.DataFrame:
    """Set the indicators of two plans side by side.

    Parameters
    ----------
    tables_a, tables_b : PlanTables
        Before and after.
    label_a, label_b : str
        Names of the plans; kept in ``frame.attrs["labels"]``.

    Returns
    -------
    DataFrame
        Table ``comparison``: one row an indicator of either plan, in the order of ``tables_b``; ``before``,
        ``after``, ``change`` (after − before, as a document shows both), ``verdict`` (``better``, ``worse``,
        ``same``, ``neutral``) and ``arrow``.
    """
    a, b = tables_a.indicators, tables_b.indicators
    both = b.merge(a[["indicator", "value"]], on="indicator", how="left", suffixes=("", "_before"))
    only_a = a[~a["indicator"].isin(b["indicator"])]
    both = both.rename(columns={"value": "after", "value_before": "before"})
    if len(only_a):
        both = pd.concat([both, only_a.rename(columns={"value": "before"})], ignore_index=True)
    if lang != "zh":
        both["label"] = both["label_en"]
    both["change"] = [
        rounded(rounded(y, u) - rounded(x, u), u)
        for x, y, u in zip(both["before"], both["after"], both["unit"], strict=True)
    ]
    judged = [
        verdict(str(w), x, y, str(u))
        for w, x, y, u in zip(both["better"], both["before"], both["after"], both["unit"], strict=True)
    ]
    both["verdict"] = [v.code for v in judged]
    both["arrow"] = [v.say(lang) for v in judged]
    frame = both[list(COMPARISON.names)].reset_index(drop=True)
    frame.attrs["labels"] = (label_a, label_b)
    return frame


def compare_text(
    frame: pd.DataFrame, label_a: str = "", label_b: str = "", *, lang: str = "zh", width: int = 110
) -> str:
    """Draw a comparison as a table of plain text for the console.

    Parameters
    ----------
    frame : DataFrame
        From :func:`compare_frame`, whose labels are used unless others are given.
    width : int
        Columns of the console; a Chinese character takes two.
    """
    known_a, known_b = frame.attrs.get("labels", ("A", "B"))
    stream = StringIO()
    console = Console(file=stream, width=width, color_system=None, force_terminal=False, legacy_windows=False)
    console.print(compare_table(frame, label_a or known_a, label_b or known_b, lang=lang))
    return stream.getvalue().rstrip("\n")


def compare_table(frame: pd.DataFrame, label_a: str, label_b: str, *, lang: str = "zh") -> RichTable:
    """Make a console table of a comparison, green for better and red for worse."""
    zh = lang == "zh"
    table = RichTable(header_style="bold")
    table.add_column("指标" if zh else "indicator")
    table.add_column("单位" if zh else "unit")
    for head in (label_a, label_b, "变化" if zh else "change"):
        table.add_column(RichText(str(head)), justify="right")
    table.add_column("好坏" if zh else "verdict")
    for row in _records(frame):
        unit = str(row["unit"])
        change = spell(row["change"], unit, sign=True)
        change = change if zh else change.replace("个百分点", " pp")
        numbers = (spell(row["before"], unit), spell(row["after"], unit), change)
        said = RichText(str(row["arrow"]), style=_COLOURS[str(row["verdict"])])
        table.add_row(RichText(str(row["label"])), _unit(unit) if zh else unit_word(unit), *numbers, said)
    return table


def comparison_grid(
    tables_a: PlanTables | None,
    tables_b: PlanTables,
    label_a: str,
    label_b: str,
    caption: str,
    *,
    sheet: str = INDICATORS.zh,
) -> Grid:
    """Make a document's table of indicators: of one plan, or before and after with arrows."""
    note = f"数据见工作簿“{sheet}”表；为零或算不出的指标此处不列。"
    heads: tuple[Cell, ...]
    if tables_a is None:
        heads = (Cell("指标"), Cell("数值", number=True), Cell("单位"))
        single = tables_b.indicators
        single = single[single["value"].fillna(0) != 0]
        rows = tuple(
            (Cell(str(t)), Cell(spell(v, u), number=True), Cell(_unit(u)))
            for t, v, u in zip(single["label"], single["value"], single["unit"], strict=True)
        )
        return Grid(caption, heads, rows, note)
    frame = compare_frame(tables_a, tables_b, label_a, label_b)
    frame = frame[(frame["before"].fillna(0) != 0) | (frame["after"].fillna(0) != 0)]
    heads = (
        Cell("指标"), Cell("单位"), Cell(label_a, number=True), Cell(label_b, number=True), Cell("变化", number=True),
        Cell("好坏"),
    )  # fmt: skip
    return Grid(caption, heads, tuple(_row(r) for r in _records(frame)), note)


def _row(row: dict[str, object]) -> tuple[Cell, ...]:
    unit, code = str(row["unit"]), str(row["verdict"])
    return (
        Cell(str(row["label"])),
        Cell(_unit(unit)),
        Cell(spell(row["before"], unit), number=True),
        Cell(spell(row["after"], unit), number=True),
        Cell(spell(row["change"], unit, sign=True), number=True),
        Cell(str(row["arrow"]), mark=_MARKS.get(code, "")),
    )


def _unit(unit: object) -> str:
    return "%" if str(unit) == "share" else str(unit)


def _records(frame: pd.DataFrame) -> list[dict[str, object]]:
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]

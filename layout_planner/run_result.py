"""A finished run and what it says of itself in a few lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from layout_planner.columns import unit_word
from layout_planner.errors import Text

if TYPE_CHECKING:
    import pandas as pd

    from layout_planner.layout.answers import Optimised
    from layout_planner.measures import PlanTables
    from layout_planner.plan import Plan
    from layout_planner.rules import Finding

__all__ = ["RunResult"]


@dataclass(frozen=True)
class RunResult:
    """A finished run: its folder, the plan and its measures (``None`` where an equal run was there already)."""

    folder: Path
    name: str
    plan: Plan | None = None
    tables: PlanTables | None = None
    findings: tuple[Finding, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    optimised: Optimised | None = None

    @property
    def reused(self) -> bool:
        """Whether an equal run was there already and nothing was computed."""
        return self.plan is None

    def summary(self) -> str:
        """Say in a few lines what came out and where it lies."""
        lines = [str(Text(f"结果：{self.folder}", f"Result: {self.folder}"))]
        if self.tables is None:
            kept = Text(
                "输入、情景和版本都没有变，沿用已有结果（--again 重算）",
                "inputs, scenario and version are unchanged: the result that was there is kept (--again recomputes)",
            )
            lines.insert(0, str(kept))
        else:
            shown = self.tables.indicators.set_index("indicator")
            said: list[Text] = []
            notes: tuple[Text, ...] = ()
            if self.optimised is not None:
                said, notes = [self.optimised.headline, self.optimised.proof], self.optimised.notes
            said += _barred(self.findings)
            lines[:0] = [f"【{self.name}】", *map(str, said), *_indicator_lines(shown), *map(str, notes)]
            if self.optimised is not None:
                where = self.folder / "scenarios"
                lines.append(str(Text(f"可以直接运行的方案：{where}", f"Plans ready to run: {where}")))
            lines.append(str(Text(f"用时 {sum(self.seconds.values()):.1f} 秒", f"{sum(self.seconds.values()):.1f} s")))
        lines.extend(
            f"  {self.folder / name}  {said}" for name, said in _FILES.items() if (self.folder / name).is_file()
        )
        return "\n".join(lines)


_FILES = {
    "map.html": Text("地图，双击打开，不联网", "the map: a double click opens it, no network needed"),
    "report.html": Text("报告，可直接打印", "the report, ready to print"),
    "tables.xlsx": Text("工作簿，每张表一个工作表", "the workbook, a sheet a table"),
    "plan.gpkg": Text("图层，供 QGIS 使用", "layers for QGIS"),
}
_HEADLINES = (
    "pupils",
    "unassigned",
    "minutes_mean",
    "minutes_p95",
    "within_limit_share",
    "within_limit_share_g1_3",
    "schools_open",
    "schools_under_50",
    "class_size_max",
    "classes_56_up",
    "rooms_missing",
)


def _barred(findings: Iterable[Finding]) -> list[Text]:
    """Name the schools whose merger must not be forced, and how many conditions are to be removed first."""
    vetoes = [f for f in findings if f.is_veto]
    if not vetoes:
        return []
    counts = Counter(f.subject_name for f in vetoes)
    zh = "、".join(f"{name}（{count}项）" for name, count in counts.items())
    en = ", ".join(f"{name} ({count})" for name, count in counts.items())
    return [Text(f"不得强行撤并，须先解除：{zh}", f"Not to be forced, conditions to be removed first: {en}")]


def _indicator_lines(indicators: pd.DataFrame) -> list[str]:
    lines = []
    for _, row in indicators.loc[[name for name in _HEADLINES if name in indicators.index]].iterrows():
        share, unit = row["unit"] == "%", str(row["unit"])
        value = f"{row['value']:.1%}" if share else f"{row['value']:,.1f}".removesuffix(".0")
        zh, en = ("", "") if share else (f" {unit}", f" {unit_word(unit)}")
        lines.append(str(Text(f"  {row['label']}：{value}{zh}", f"  {row['label_en']}: {value}{en}")))
    return lines

"""The indicators of both evaluations of balance, their norms and their limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from layout_planner.columns import BALANCE_INDICATORS, Column
from layout_planner.grades import Stage

__all__ = [
    "COMPOSITE_LIMIT",
    "EIGHT_INDICATORS",
    "SEVEN_INDICATORS",
    "SINGLE_LIMIT",
    "STAGE_WEIGHTS",
    "BalanceIndicator",
]

SINGLE_LIMIT: Mapping[Stage, float] = {Stage.PRIMARY: 0.50, Stage.JUNIOR: 0.45}
"""Most that the coefficient of variation of every single indicator may be. Source: 教督〔2017〕6号 [V2]."""

COMPOSITE_LIMIT: Mapping[Stage, float] = {Stage.PRIMARY: 0.65, Stage.JUNIOR: 0.55}
"""Most that the mean of the eight coefficients of variation may be. Source: 教督〔2012〕3号 [V2]."""

STAGE_WEIGHTS: Mapping[Stage, float] = {Stage.PRIMARY: 1.0, Stage.JUNIOR: 1.1}
"""Weight of a pupil where stages share what a school has. Source: notes to the platform of 教督〔2017〕6号 [V2]."""


@dataclass(frozen=True)
class BalanceIndicator:
    """One indicator of balance: a resource divided by pupils.

    ``column`` names and labels it, ``resource`` is a column of :func:`layout_planner.measures.balance.resources` and
    ``norms`` is what every school must reach, by stage.
    """

    column: Column
    resource: str
    norms: Mapping[Stage, float] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Name of the indicator."""
        return self.column.name

    @property
    def per(self) -> float:
        """Pupils that it is stated for."""
        return 100.0 if self.id.endswith("_per_100") else 1.0


_RESOURCES = {
    "above_norm_per_100": "teachers_above_norm", "backbone_per_100": "teachers_backbone",
    "pe_art_per_100": "teachers_pe_art", "mid_title_per_100": "teachers_mid_title",
    "media_rooms_per_100": "media_rooms",
}  # fmt: skip
_NORMS = {
    "above_norm_per_100": (4.2, 5.3), "backbone_per_100": (1.0, 1.0), "pe_art_per_100": (0.9, 0.9),
    "teaching_m2_per_pupil": (4.5, 5.8), "sports_m2_per_pupil": (7.5, 10.2),
    "equipment_yuan_per_pupil": (2000.0, 2500.0), "media_rooms_per_100": (2.3, 2.4),
}  # fmt: skip
_JUDGED_TOGETHER = (
    "teaching_m2_per_pupil", "sports_m2_per_pupil", "equipment_yuan_per_pupil", "computers_per_100",
    "books_per_pupil", "teachers_per_100", "above_norm_per_100", "mid_title_per_100",
)  # fmt: skip


def _indicator(column: Column) -> BalanceIndicator:
    stem = column.name.removesuffix("_per_pupil").removesuffix("_per_100")
    norms = dict(zip(Stage, _NORMS.get(column.name, ()), strict=False))
    return BalanceIndicator(column, _RESOURCES.get(column.name, stem), norms)


_ALL = {column.name: _indicator(column) for column in BALANCE_INDICATORS}

SEVEN_INDICATORS: tuple[BalanceIndicator, ...] = tuple(_ALL[name] for name in _NORMS)
"""Indicators and norms of 优质均衡, primary and junior. Source: 教督〔2017〕6号 第六条 [V2]."""

EIGHT_INDICATORS: tuple[BalanceIndicator, ...] = tuple(replace(_ALL[name], norms={}) for name in _JUDGED_TOGETHER)
"""Indicators of 基本均衡, which are judged together and have no norms. Source: 教督〔2012〕3号 [V2]."""

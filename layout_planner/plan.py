"""The plan: which schools are open as what, and which pupils go where by which mode."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from layout_planner.errors import LayoutError, Text, UnknownIdError, counted, language

if TYPE_CHECKING:
    import geopandas as gpd

    from layout_planner.config.scenario import Scenario
    from layout_planner.io.county import County
    from layout_planner.travel.matrix import TravelMatrix

__all__ = ["Plan", "PlanCollection", "UnknownPlanError", "demand_by_band", "same_pupils"]

# What a plan can be asked for, by the room that answers: named like an entry point and loaded when asked, so
# that the plan itself stands to the left of the rooms that measure and draw it.
_VIEWS: dict[str, str] = {
    "tables": "layout_planner.measures:tables",
    "map": "layout_planner.maps:plan_map",
}


def _view(name: str) -> Any:  # noqa: ANN401 - a view is whatever its room returns
    module, _, attribute = _VIEWS[name].partition(":")
    return getattr(import_module(module), attribute)


@dataclass(frozen=True, eq=False)
class Plan:
    """A baseline, a hand-written merger or an optimised proposal: all the same type.

    Attributes
    ----------
    label : str
        Short name, shown beside other plans.
    county : County
        What was read; ``county.demand`` holds the pupils.
    scenario : Scenario
        What was decided before the computer started.
    schools : GeoDataFrame
        One row a school of the county, open or not, after the decisions: the leading columns of table
        ``plan_schools``, ``seats_primary``, ``seats_junior`` and ``geometry``.
    assignment : DataFrame
        One row a (demand_id, band, school_id, mode) with ``pupils``, ``minutes``, ``metres`` (table
        ``assignment``). Pupils without a school keep their row: ``school_id`` is ``""``, ``mode`` is ``none``.
    parent : str
        Label of the plan that this one changes, if any.
    admission : DataFrame, optional
        Who got a seat by which claim (table ``admission``), where seats were given claim after claim.
    proof : tuple of float, optional
        Total daily-equivalent minutes of an assignment under seats, and its proven lower bound.
    grades : DataFrame, optional
        The assignment by grade (table ``grade_assignment``), where every grade has its own seats.
    seat_factor : float
        Factor by which all seats were stretched, 1 where they were not.
    access : DataFrame, optional
        Seats a pupil at every place and stage, where measured (:func:`layout_planner.measures.measure_access`).
    excess : float, optional
        Share of the way that is not needed for everybody to have a seat, where measured; nan where not comparable.
    times : mapping of str to TravelMatrix, optional
        Those that the plan was assigned with; with them its tables measure ``access`` and ``excess`` where these are
        not given.
    """

    label: str
    county: County
    scenario: Scenario
    schools: gpd.GeoDataFrame
    assignment: pd.DataFrame
    parent: str = ""
    admission: pd.DataFrame | None = None
    proof: tuple[float, float] | None = None
    grades: pd.DataFrame | None = None
    seat_factor: float = 1.0
    access: pd.DataFrame | None = None
    excess: float | None = None
    times: Mapping[str, TravelMatrix] | None = None

    @cached_property
    def tables(self) -> Any:  # noqa: ANN401 - PlanTables lives to the right of this module
        """All result tables (:class:`layout_planner.measures.PlanTables`), measured once."""
        return _view("tables")(self)

    @property
    def indicators(self) -> pd.DataFrame:
        """County indicators, one row each (table ``indicators``)."""
        frame: pd.DataFrame = self.tables.indicators
        return frame

    def map(self, *, lang: str = "zh") -> Any:  # noqa: ANN401 - PlanMap lives to the right of this module
        """Draw the plan as an offline web map (:class:`layout_planner.maps.PlanMap`)."""
        return _view("map")(self, self.tables, lang=lang)

    def relabel(self, label: str) -> Plan:
        """Give the same plan under another label."""
        return replace(self, label=label)

    def __repr__(self) -> str:
        return (
            f"<Plan {self.label!r}: {self._open} of {len(self.schools)} schools open, {counted(self._pupils, 'pupil')}>"
        )

    def _repr_html_(self) -> str:
        return _facts_html("方案" if language() == "zh" else "Plan", [self])

    @property
    def _facts(self) -> dict[Text, str]:
        return {
            Text("名称", "label"): self.label,
            Text("在办学校", "open schools"): f"{self._open} / {len(self.schools)}",
            Text("学生", "pupils"): f"{self._pupils:,.0f}",
            Text("没有学校的学生", "pupils without a school"): f"{self._unassigned:,.1f}",
            Text("由来", "parent"): self.parent or "—",
        }

    @property
    def _open(self) -> int:
        return int(self.schools["is_open"].sum())

    @property
    def _pupils(self) -> float:
        return float(self.assignment["pupils"].sum())

    @property
    def _unassigned(self) -> float:
        return float(self.assignment.loc[self.assignment["school_id"] == "", "pupils"].sum())


def _facts_html(caption: str, plans: list[Plan]) -> str:
    """Draw the facts of plans side by side, one column a plan."""
    facts = [plan._facts for plan in plans]
    rows = "".join(
        f"<tr><th>{escape(str(name))}</th>{''.join(f'<td>{escape(each[name])}</td>' for each in facts)}</tr>"
        for name in (facts[0] if facts else ())
    )
    return f"<table><caption>{caption}</caption>{rows}</table>"


def demand_by_band(plan: Plan) -> pd.Series:
    """Sum a plan's pupils by demand point and band.

    Returns
    -------
    Series
        ``pupils`` (persons) indexed by sorted (``demand_id``, ``band``).
    """
    return plan.assignment.groupby(["demand_id", "band"], observed=True, sort=True)["pupils"].sum()


class UnknownPlanError(UnknownIdError, KeyError):
    """A collection has no plan of this label."""


class PlanCollection(Mapping[str, Plan]):
    """Plans for the same pupils, by label, answering the same questions side by side.

    Parameters
    ----------
    plans : iterable of Plan
        Labels must differ; pupils by demand point and band must agree.

    Raises
    ------
    LayoutError
        If two plans share a label or do not speak of the same pupils.
    """

    def __init__(self, plans: Iterable[Plan] = ()) -> None:
        self._plans: dict[str, Plan] = {}
        for plan in plans:
            self._add(plan)

    def _add(self, plan: Plan) -> None:
        if plan.label in self._plans:
            message = Text(f"有两个方案都叫“{plan.label}”", f"two plans are both called {plan.label!r}")
            raise LayoutError(message)
        first = next(iter(self._plans.values()), None)
        if first is not None and not same_pupils(first, plan):
            message = Text(
                f"方案“{plan.label}”与“{first.label}”的学生不同，不能并排比较",
                f"plans {plan.label!r} and {first.label!r} do not speak of the same pupils",
            )
            raise LayoutError(message)
        self._plans[plan.label] = plan

    def __getitem__(self, label: str) -> Plan:
        try:
            return self._plans[label]
        except KeyError:
            known = ", ".join(self._plans)
            message = Text(f"没有方案“{label}”，有：{known}", f"there is no plan {label!r}; there are: {known}")
            raise UnknownPlanError(message) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._plans)

    def __len__(self) -> int:
        return len(self._plans)

    def __repr__(self) -> str:
        return f"<PlanCollection: {', '.join(self._plans) or 'empty'}>"

    def _repr_html_(self) -> str:
        return _facts_html("方案" if language() == "zh" else "Plans", list(self._plans.values()))

    @property
    def indicators(self) -> pd.DataFrame:
        """County indicators side by side: one row an indicator (its id is the index), one column a plan."""
        wide: pd.DataFrame | None = None
        for label, plan in self._plans.items():
            frame = plan.indicators.set_index("indicator")
            if wide is None:
                wide = frame.drop(columns="value")
            wide[label] = frame["value"].reindex(wide.index)
        return pd.DataFrame() if wide is None else wide


def same_pupils(one: Plan, other: Plan, tolerance: float = 1e-6) -> bool:
    """Tell whether two plans speak of the same pupils: equal ids and bands, and pupils within ``tolerance``."""
    left, right = demand_by_band(one), demand_by_band(other)
    return left.index.equals(right.index) and bool(np.allclose(left, right, rtol=0, atol=tolerance))

"""What the tables of front, prices and alternatives say about a solution, and how two solutions differ."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.columns import LOSERS
from layout_planner.config.layout import Term
from layout_planner.errors import LayoutError, Text
from layout_planner.grades import GradeBand
from layout_planner.layout.arguments import check_plan
from layout_planner.layout.choices import Choice
from layout_planner.locate.result import Status, relative_gap

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from layout_planner.layout.model import LayoutSolution

__all__ = [
    "better_of", "decided_otherwise", "first_value", "moved", "plan_facts", "school_names", "who_loses", "with_bound",
    "without_plan",
]  # fmt: skip

_BANDS = np.array([band.value for band in GradeBand], dtype=object)
_COUNTED = {"closed": Choice.CLOSE, "converted": Choice.CONVERT, "lifted": Choice.LIFT, "opened": Choice.OPEN}
_CRUMB = 1e-6
_SEPARATOR = "、"


def first_value(solution: LayoutSolution) -> tuple[float, float]:
    """Give the value and bound by which solutions of one objective compare: those of its first pass."""
    if solution.passes:
        return solution.passes[0][1:]
    return solution.objective, solution.bound


def better_of(answer: LayoutSolution, known: LayoutSolution) -> LayoutSolution:
    """Give the better of what a search answered and a plan known to be allowed, with the bound of the search."""
    if not known.found or (answer.found and first_value(answer)[0] <= first_value(known)[0]):
        return answer
    value, bound = first_value(known)[0], first_value(answer)[1]
    passes = tuple((t, v, min(bound, v) if k == 0 else b) for k, (t, v, b) in enumerate(known.passes))
    status = answer.status if answer.found else Status.FEASIBLE
    return replace(known, status=status, bound=known.bound if passes else min(bound, value), passes=passes)


def with_bound(solution: LayoutSolution, bound: float, gap: float) -> LayoutSolution:
    """Give a solution of a part of the county with a bound that holds for all of it."""
    value = first_value(solution)[0]
    least = min(max(bound, 0.0), value)
    proven = relative_gap(value, least) <= gap and not solution.passes
    status = Status.OPTIMAL if proven else Status.FEASIBLE
    passes = tuple((t, v, least if k == 0 else b) for k, (t, v, b) in enumerate(solution.passes))
    return replace(solution, status=status, bound=solution.bound if passes else least, passes=passes)


def without_plan(solution: LayoutSolution, status: Status, bound: float) -> LayoutSolution:
    """Give the answer of a search in the same model that found nothing."""
    none = np.zeros(0, dtype=np.int64)
    return replace(
        solution, status=status, objective=float("inf"), bound=bound, terms={}, choice=none, rooms_added=none,
        beds_added=none, boards=none.astype(bool), flow=none.astype(np.float64), passes=(), log="",
    )  # fmt: skip


def plan_facts(solution: LayoutSolution) -> dict[str, float | int]:
    """Spell the terms of a plan and count its decisions, by the names of the registry's columns."""
    terms, taken = solution.terms, list(solution.config.values())
    return {
        "pupil_minutes": terms[Term.PUPIL_MINUTES],
        "minutes_mean": terms[Term.PUPIL_MINUTES] / solution.model.units.pupils.sum(),
        "worst_minutes": terms[Term.WORST_MINUTES],
        "yearly_yuan": terms[Term.YEARLY_YUAN],
        "one_off_yuan": terms[Term.ONE_OFF_YUAN],
        "changes": round(terms[Term.CHANGES]),
    } | {name: sum(choice == kind for choice in taken) for name, kind in _COUNTED.items()}


def decided_otherwise(one: LayoutSolution, other: LayoutSolution) -> NDArray[np.int64]:
    """Give the positions of schools of which the two plans make something different; the models may differ."""
    taken, given = one.config, other.config
    return np.array([j for j, code in enumerate(one.model.school_id) if taken[code] != given[code]], dtype=np.int64)


def school_names(solution: LayoutSolution, positions: Iterable[int]) -> str:
    """List schools by name."""
    return _SEPARATOR.join(str(solution.model.choices.name[j]) for j in positions)


def moved(before: LayoutSolution, after: LayoutSolution) -> pd.DataFrame:
    """Sum up by unit what changes between two plans of one model.

    Returns
    -------
    DataFrame
        One row a unit: ``village_id``, ``band``, ``pupils``, ``moved`` (pupils who change school), and
        ``minutes_before``, ``minutes_after`` (mean daily-equivalent minutes one way).
    """
    check_plan(before, after)
    units, arcs = before.model.units, before.model.arcs
    other = after.model.arcs
    if not (np.array_equal(arcs.unit, other.unit) and np.array_equal(arcs.school, other.school)):
        raise LayoutError(
            Text("两个方案须属于同一个模型，才能逐村对比", "only plans of one model can be compared by village")
        )
    n, m = len(units.pupils), len(before.model.school_id)
    pair, at = np.unique(arcs.unit * m + arcs.school, return_inverse=True)
    more = np.bincount(at, weights=after.flow - before.flow, minlength=len(pair))
    leaves = np.bincount(pair // m, weights=np.maximum(more, 0.0), minlength=n)
    minutes = {
        side: np.bincount(arcs.unit, weights=plan.flow * arcs.minutes, minlength=n) / units.pupils
        for side, plan in (("before", before), ("after", after))
    }
    return pd.DataFrame({
        "village_id": units.village_id,
        "band": _BANDS[units.band],
        "pupils": units.pupils,
        "moved": np.where(leaves > _CRUMB, leaves, 0.0) * units.pupils,
        "minutes_before": minutes["before"],
        "minutes_after": minutes["after"],
    })  # fmt: skip


def who_loses(before: LayoutSolution, after: LayoutSolution, names: Mapping[str, str] | None = None) -> pd.DataFrame:
    """List the villages whose pupils have a longer way, the heaviest loss first.

    Parameters
    ----------
    before, after : LayoutSolution
        Plans of one model; ``before`` is often today's layout or the plan that is asked about.
    names : mapping of str to str, optional
        Names of villages by id.

    Returns
    -------
    DataFrame
        Table ``losers``: village × band; minutes are means over the band's pupils of the village.
    """
    table = moved(before, after)
    for side in ("before", "after"):
        table[f"total_{side}"] = table[f"minutes_{side}"] * table["pupils"]
    keys = ["village_id", "band"]
    table = table.groupby(keys, sort=True)[["pupils", "total_before", "total_after"]].sum().reset_index()
    for side, plan in (("before", before), ("after", after)):
        table[f"minutes_{side}"] = table[f"total_{side}"] / table["pupils"]
        table[f"schools_{side}"] = _schools_of(plan).reindex(pd.MultiIndex.from_frame(table[keys])).to_numpy()
    table["minutes_change"] = table["minutes_after"] - table["minutes_before"]
    table["pupil_minutes"] = table["total_after"] - table["total_before"]
    table["name"] = [(names or {}).get(str(code), "") for code in table["village_id"]]
    table = table[table["minutes_change"] > _CRUMB]
    table = table.sort_values(["pupil_minutes", *keys], ascending=[False, True, True], kind="stable")
    return table.reset_index(drop=True)[list(LOSERS.names)]


def _schools_of(plan: LayoutSolution) -> pd.Series:
    """Name the schools of every village and band, by pupils, largest first."""
    flows = plan.flows().groupby(["village_id", "band", "school_id"], sort=True)["pupils"].sum().reset_index()
    flows = flows.sort_values("pupils", ascending=False, kind="stable")
    names = dict(zip(plan.model.school_id, plan.model.choices.name.astype(str), strict=True))
    flows["name"] = flows["school_id"].map(names)
    return flows.groupby(["village_id", "band"], sort=True)["name"].agg(_SEPARATOR.join)

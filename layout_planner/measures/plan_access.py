"""Seats in reach of every place of a plan, by stage, and the way that seats would ask for at least."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.assign.capacitated import capacitated
from layout_planner.assign.options import Options, options
from layout_planner.assign.resources import resources
from layout_planner.columns import ACCESS
from layout_planner.grades import GradeBand, Stage
from layout_planner.measures.access import flat_decay, floating_catchment, gaussian_decay
from layout_planner.measures.commute import excess_share

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.measures.access import Decay
    from layout_planner.plan import Plan
    from layout_planner.travel.matrix import TravelMatrix

__all__ = ["access_table", "excess_over_optimum", "measure_access", "place_access"]

_BANDS = tuple(GradeBand)
_DAILY = 1
_CRUMB = 1e-6


def measure_access(plan: Plan, times: Mapping[str, TravelMatrix]) -> Plan:
    """Weigh the seats of a plan's open schools against the pupils in reach, and its way against the least possible.

    Parameters
    ----------
    plan : Plan
    times : mapping of str to TravelMatrix
        Those that the plan was assigned with (:func:`layout_planner.travel_times`).

    Returns
    -------
    Plan
        With ``access`` (:func:`place_access`) and ``excess`` (:func:`excess_over_optimum`), for its tables.
    """
    assert plan.county.demand is not None
    pairs = options(times, plan.schools, plan.county.demand, plan.scenario.travel)
    return replace(plan, access=place_access(plan, pairs), excess=_excess(plan, pairs))


def place_access(plan: Plan, pairs: Options) -> pd.DataFrame:
    """Measure seats a pupil at every place by floating catchments, stage by stage.

    A school is in the catchment of those whom it teaches and who walk or ride there within the scenario's limits;
    the longer of both limits is the radius, so that every stage has its own.

    Parameters
    ----------
    plan : Plan
    pairs : Options
        Who could go where.

    Returns
    -------
    DataFrame
        ``demand_id``, ``stage``, ``pupils`` (persons), ``seats_per_pupil`` (Gaussian 2SFCA),
        ``seats_per_pupil_flat`` (2SFCA) and ``in_reach`` (pupils who have a school within the limits), sorted.

    Source: RULES C1; radius by stage as 监利 2015 [V2].
    """
    schools = plan.schools.assign(school_id=plan.schools["school_id"].astype(str)).set_index("school_id")
    travel, rows = plan.scenario.travel, pairs.rows
    radius = np.array([max(travel.walk_limit_min.get(b, 0.0), travel.ride_limit_min.get(b, 0.0)) for b in _BANDS])
    found = []
    for stage in Stage:
        mine = np.isin(pairs.band, [k for k, band in enumerate(_BANDS) if band.stage is stage])
        near = mine[rows] & (pairs.tier <= _DAILY)
        supply = schools[f"seats_{stage.value}"].reindex(pairs.school_id).to_numpy(np.float64)
        edge = radius[pairs.band[rows[near]]]
        parts = {
            name: _seats(pairs, np.flatnonzero(near), edge, supply, np.where(mine, pairs.pupils, 0.0), decay)
            for name, decay in (("seats_per_pupil", gaussian_decay), ("seats_per_pupil_flat", flat_decay))
        }
        reached = np.zeros(len(mine), dtype=bool)
        reached[rows[near]] = True
        frame = pd.DataFrame({
            "demand_id": pairs.demand_id, "stage": stage.value, "pupils": pairs.pupils,
            "in_reach": np.where(reached, pairs.pupils, 0.0), **{n: v * pairs.pupils for n, v in parts.items()},
        })  # fmt: skip
        sums = frame[mine].groupby(["demand_id", "stage"], sort=True).sum()
        for name in parts:
            sums[name] /= sums["pupils"]
        found.append(sums.reset_index())
    return pd.concat(found, ignore_index=True)


def _seats(
    pairs: Options, near: NDArray[np.int64], edge: NDArray[np.float64], supply: NDArray[np.float64],
    pupils: NDArray[np.float64], decay: Decay,
) -> NDArray[np.float64]:  # fmt: skip
    """Compute seats a pupil by unit; at the very edge a school still counts a little, else it would serve nobody."""
    weight = np.maximum(decay(pairs.minutes[near], edge), _CRUMB)
    return floating_catchment(pairs.rows[near], pairs.school[near].astype(np.int64), weight, supply, pupils)


def access_table(plan: Plan, townships: pd.DataFrame) -> pd.DataFrame:
    """Tabulate seats in reach by township and stage, the county last (table ``access``).

    Parameters
    ----------
    plan : Plan
    townships : DataFrame
        ``township_id`` and ``name``.

    Returns
    -------
    DataFrame
        Without rows where no access was measured.
    """
    demand = plan.county.demand
    if plan.access is None or demand is None:
        return pd.DataFrame(columns=list(ACCESS.names))
    homes = demand.set_index(demand["demand_id"].astype(str))["township_id"].fillna("").astype(str)
    rows = plan.access.assign(township_id=plan.access["demand_id"].map(homes).fillna(""))
    names = dict(zip(townships["township_id"].astype(str), townships["name"].astype(str), strict=True))
    parts = []
    for stage, mine in rows.groupby("stage", sort=False):
        whole = _mean(mine, mine["stage"]).assign(township_id="", name="全县")
        each = _mean(mine, mine["township_id"])
        each = each.assign(township_id=each.index, name=[names.get(code, "") for code in each.index])
        table = pd.concat([each, whole], ignore_index=True).assign(stage=stage)
        table["relative"] = table["seats_per_pupil"] / float(whole["seats_per_pupil"].iloc[0])
        parts.append(table)
    return pd.concat(parts, ignore_index=True)[list(ACCESS.names)]


def _mean(rows: pd.DataFrame, by: pd.Series) -> pd.DataFrame:
    weighted = rows[["seats_per_pupil", "seats_per_pupil_flat"]].mul(rows["pupils"], axis=0)
    sums = pd.concat([rows[["pupils", "in_reach"]], weighted], axis=1).groupby(by, sort=True).sum()
    for name in weighted.columns:
        sums[name] /= sums["pupils"]
    sums["out_of_reach"] = (sums["pupils"] - sums["in_reach"]).clip(lower=0.0)
    return sums


def excess_over_optimum(plan: Plan, times: Mapping[str, TravelMatrix]) -> float:
    """Tell which share of a plan's way is not needed for everybody to have a seat: (actual − least) ÷ actual.

    The least is the assignment of the same pupils to the same open schools at least total time under seats and beds,
    which is proven. Both sides count daily-equivalent minutes, boarders as the assignment does.

    Parameters
    ----------
    plan : Plan
    times : mapping of str to TravelMatrix
        Those that the plan was assigned with.

    Returns
    -------
    float
        0 for the best; missing where the plan puts more pupils into schools than they have seats for, or seats
        another number of pupils, as ways are then not comparable.

    Source: RULES C1, 过度通学; White (1988), Land Economics 64:159-170.
    """
    assert plan.county.demand is not None
    return _excess(plan, options(times, plan.schools, plan.county.demand, plan.scenario.travel))


def _excess(plan: Plan, pairs: Options) -> float:
    rows = plan.assignment[plan.assignment["school_id"] != ""]
    room = resources(pairs, plan.schools)
    entry = _entries(pairs, rows)
    if (entry < 0).any():
        return float("nan")
    flow = np.bincount(entry, weights=rows["pupils"], minlength=len(pairs.cost)).astype(np.float64)
    if (room.used(flow) > room.capacity + _CRUMB).any():
        return float("nan")
    least = capacitated(pairs, room)
    if abs(float(least.flow.sum()) - float(flow.sum())) > _CRUMB * max(1.0, float(flow.sum())):
        return float("nan")
    actual = float(flow @ pairs.cost)
    return float(np.maximum(0.0, excess_share(actual, float(least.flow @ pairs.cost))))


def _entries(pairs: Options, rows: pd.DataFrame) -> NDArray[np.int64]:
    """Find the pair of every row of an assignment, −1 where there is none."""
    unit = pd.MultiIndex.from_arrays([pairs.demand_id.astype(str), pairs.bands.astype(str)])
    at = unit.get_indexer(pd.MultiIndex.from_arrays([rows["demand_id"].astype(str), rows["band"].astype(str)]))
    school = pd.Index(pairs.school_id.astype(str)).get_indexer(pd.Index(rows["school_id"].astype(str)))
    m = len(pairs.school_id)
    key = pd.Index(pairs.rows * m + pairs.school)
    wanted = np.where((at >= 0) & (school >= 0), at * m + school, -1)
    return key.get_indexer(pd.Index(wanted)).astype(np.int64)

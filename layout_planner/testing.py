"""Assertions about plans, for tests here and elsewhere; each says what is wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from layout_planner.columns import ASSIGNMENT
from layout_planner.grades import GradeBand
from layout_planner.locate import LocationResult, Problem, Status, ZoningResult
from layout_planner.plan import demand_by_band, same_pupils

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray

    from layout_planner.assign.zones import Zones
    from layout_planner.locate.problem import Costs
    from layout_planner.plan import Plan

__all__ = ["assert_aligned", "assert_location_valid", "assert_plan_valid", "assert_zoned", "assert_zones_valid"]

_BANDS = {band.value: band for band in GradeBand}


def assert_plan_valid(plan: Plan | LocationResult, *, tolerance: float = 1e-6, **problem: Any) -> None:  # noqa: ANN401
    """Check that a plan keeps every promise of its type.

    The plan of a location model is held against its problem: see :func:`assert_location_valid`.

    Pupils of every demand point and band are those of the county; they go only to open schools that teach them;
    seats by stage (or grade) and beds are respected where the scenario says so; no pupils are negative; minutes are
    finite exactly where there is a school; whoever has none has a reason.

    Parameters
    ----------
    plan : Plan or LocationResult
        What is checked.
    tolerance : float
        Pupils by which a sum may be off; for a location model the relative error allowed.
    **problem
        For a location model: ``cost`` and whatever else the plan was made from.

    Raises
    ------
    AssertionError
        With the first promise that is broken and by what.
    """
    if isinstance(plan, LocationResult):
        assert_location_valid(plan, tolerance=tolerance, **problem)
        return
    rows = plan.assignment
    assert list(rows.columns) == list(ASSIGNMENT.names), f"columns: {list(rows.columns)}"
    keys = ["demand_id", "band", "school_id", "mode"]
    assert not rows.duplicated(keys).any(), f"rows twice: {rows[rows.duplicated(keys)][keys].to_dict('records')[:3]}"
    assert (rows["pupils"] > 0).all(), f"pupils must be positive: {rows.loc[~(rows['pupils'] > 0), keys].head(3)}"
    _check_conserved(plan, tolerance)
    seated = rows[rows["school_id"] != ""]
    _check_schools(plan, seated)
    assert np.isfinite(seated[["minutes", "metres"]]).all(axis=None), "minutes and metres must be finite"
    assert (seated["reason"] == "").all(), "a seated pupil needs no reason"
    lost = rows[rows["school_id"] == ""]
    assert (lost["mode"] == "none").all(), "whoever has no school has mode 'none'"
    assert lost["minutes"].isna().all(), "whoever has no school has no minutes"
    assert lost["reason"].isin(["unreachable", "no_seat", "no_school"]).all(), "whoever has no school has a reason"
    if plan.scenario.assign.method == "capacitated":
        _check_room(plan, seated, tolerance)


def assert_location_valid(
    result: LocationResult,
    cost: Costs,
    *,
    weights: ArrayLike | None = None,
    demand: ArrayLike | None = None,
    capacity: ArrayLike | None = None,
    fixed_cost: ArrayLike | None = None,
    p: int | None = None,
    budget: float | None = None,
    fixed_open: Iterable[str | int] = (),
    forbidden: Iterable[str | int] = (),
    site_id: Sequence[str] | None = None,
    adjacency: ArrayLike | None = None,
    site_unit: ArrayLike | None = None,
    tolerance: float = 1e-6,
) -> None:
    """Check a location plan against its problem, without the code that found it.

    The right sites are open, every demand point goes only to open sites that can serve it, capacities and budget
    hold, and objective, bound, gap and status agree with each other; with ``adjacency`` and ``site_unit`` (demand
    positions), every open site serves its own unit and a connected zone. A result without a plan must say so.

    Parameters
    ----------
    result : LocationResult
        What is checked; its ``flow`` counts where it has one, its ``assignment`` otherwise.
    cost : array (n, m) or SparseCosts
        Costs that the plan was made from; likewise all other arguments.
    tolerance : float
        Relative error allowed in sums.

    Raises
    ------
    AssertionError
        With the first promise that is broken and by what.
    """
    problem = Problem.build(cost, weights=weights, demand_id=[str(i) for i in result.demand_id], site_id=site_id)
    position = {str(s): j for j, s in enumerate(problem.site_id)}
    opened = [position[str(s)] for s in result.open]
    if result.status in (Status.INFEASIBLE, Status.UNKNOWN):
        assert not opened, f"{result.status} with open sites"
        assert np.isinf(result.objective), f"{result.status} with an objective"
        return
    assert len(set(opened)) == len(opened), f"sites open twice: {list(result.open)}"
    assert p is None or len(opened) == p, f"{len(opened)} sites open instead of {p}"
    assert {str(s) for s in fixed_open} <= {str(s) for s in result.open}, "a site that must be open is closed"
    assert not {str(s) for s in forbidden} & {str(s) for s in result.open}, "a forbidden site is open"
    shares = _shares_of(result, position, demand)
    served = shares > 0
    assert np.isfinite(problem.dense()[served]).all(), "a pair that cannot be served is used"
    assert not served[:, np.setdiff1d(np.arange(len(position)), opened)].any(), "a closed site serves"
    assert np.allclose(shares.sum(axis=1), 1.0, atol=tolerance), "a demand point is not served exactly once"
    size = np.ones(len(shares)) if demand is None else np.asarray(demand, np.float64)
    room = np.full(len(position), np.inf) if capacity is None else np.broadcast_to(capacity, len(position))
    over = size @ shares - room
    assert (over <= tolerance * size.sum()).all(), f"overfull by {over.max()} at {problem.site_id[over.argmax()]}"
    if adjacency is not None and site_unit is not None:
        _check_zones(result, np.asarray(adjacency, dtype=int), np.asarray(site_unit, dtype=int)[opened])
    build = np.zeros(len(position)) if fixed_cost is None else np.broadcast_to(fixed_cost, len(position))
    assert budget is None or build[opened].sum() <= budget * (1 + tolerance), "over the budget"
    total = float((problem.dense()[served] * shares[served]).sum() + build[opened].sum())
    assert np.isclose(total, result.objective, rtol=tolerance), f"objective {result.objective} is really {total}"
    assert result.bound <= result.objective, f"bound {result.bound} above the objective {result.objective}"
    assert result.gap >= 0, f"gap {result.gap}"


def assert_zones_valid(
    result: ZoningResult,
    *,
    cost: Costs,
    demand: ArrayLike,
    seats: ArrayLike,
    adjacency: ArrayLike,
    seat_units: ArrayLike,
    barriers: ArrayLike = (),
    tolerance: float = 1e-6,
) -> None:
    """Check zones against their problem, without the code that found them.

    Every unit has one site that can serve it, no site has more demand than seats, every zone is connected and holds
    the unit of its own site, and objective, loads, bound, gap and status agree with each other.

    Parameters
    ----------
    result : ZoningResult
        What is checked.
    cost, demand, seats, adjacency, seat_units, barriers
        What the zones were made from, units by position.
    tolerance : float
        Relative error allowed in sums.

    Raises
    ------
    AssertionError
        With the first promise that is broken and by what.
    """
    units, sites = len(result.demand_id), len(result.site_id)
    size, room = np.broadcast_to(demand, units).astype(float), np.broadcast_to(seats, sites).astype(float)
    pairs = np.sort(np.asarray(adjacency, dtype=int).reshape(-1, 2), axis=1)
    closed = {tuple(pair) for pair in np.sort(np.asarray(barriers, dtype=int).reshape(-1, 2), axis=1).tolist()}
    kept = np.array([pair for pair in pairs.tolist() if tuple(pair) not in closed], dtype=int).reshape(-1, 2)
    ids = [str(site) for site in result.site_id]
    assert_location_valid(
        replace(result, objective=result.serving, bound=min(result.bound, result.serving)),
        cost=cost, demand=size, capacity=room, fixed_open=ids, site_id=ids, adjacency=kept, tolerance=tolerance,
        site_unit=seat_units,
    )  # fmt: skip
    if result.status in (Status.INFEASIBLE, Status.UNKNOWN):
        return
    loads = np.array([size[result.assignment == site].sum() for site in result.site_id])
    assert np.allclose(loads, result.load, atol=tolerance * size.sum()), f"loads {result.load} are really {loads}"
    assert result.objective >= result.serving - tolerance * abs(result.serving), "penalties below 0"
    assert result.bound <= result.objective, f"bound {result.bound} above the objective {result.objective}"


def _check_zones(result: LocationResult, adjacency: NDArray[np.int64], seats: NDArray[np.int64]) -> None:
    zones = np.asarray(result.assignment, dtype=str)
    for site, seat in zip(result.open, seats, strict=True):
        assert zones[seat] == str(site), f"{site} does not serve its own unit"
    inside = adjacency[zones[adjacency[:, 0]] == zones[adjacency[:, 1]]]
    size = len(zones)
    links = coo_array((np.ones(len(inside)), (inside[:, 0], inside[:, 1])), shape=(size, size))
    _, piece = connected_components(links, directed=False)
    for site in result.open:
        pieces = len(np.unique(piece[zones == str(site)]))
        assert pieces == 1, f"the zone of {site} is in {pieces} pieces"


def _shares_of(result: LocationResult, position: dict[str, int], demand: ArrayLike | None) -> NDArray[np.float64]:
    """Spread the plan over (n, m): the share of every demand point at every site."""
    leader = np.array([position[str(s)] for s in result.assignment])
    alone: NDArray[np.float64] = np.zeros((len(leader), len(position)))
    alone[np.arange(len(leader)), leader] = 1.0
    if result.flow is None:
        return alone
    size = np.ones(len(leader)) if demand is None else np.asarray(demand, np.float64)
    amount = result.flow.toarray()
    rows = np.arange(len(leader))
    assert (amount[rows, leader] >= amount.max(axis=1) - 1e-9).all(), "the assignment is not the largest share"
    return np.where(size[:, None] > 0, amount / np.where(size > 0, size, 1.0)[:, None], alone)


def assert_aligned(*plans: Plan) -> None:
    """Check that plans speak of the same pupils and the same schools.

    Raises
    ------
    AssertionError
        With the labels of the first two plans that differ.
    """
    for other in plans[1:]:
        names = f"{plans[0].label!r} and {other.label!r}"
        assert same_pupils(plans[0], other), f"{names} do not speak of the same pupils"
        same = set(plans[0].schools["school_id"]) == set(other.schools["school_id"])
        assert same, f"{names} do not speak of the same schools"


def assert_zoned(zones: Zones, *, tolerance: float = 1e-6) -> None:
    """Check catchments, without the code that drew them: one zone a unit, connected, with its school, within its seats.

    Parameters
    ----------
    zones : Zones
    tolerance : float
        Relative error allowed in sums. Where seats fell short, what each zone was allowed counts.

    Raises
    ------
    AssertionError
        With the first promise that is broken and by what.
    """
    joined = {(int(a), int(b)) for a, b in zones.units.pairs}
    joined |= {(b, a) for a, b in joined}
    bands = np.zeros(zones.ways.pupils.shape, dtype=int)
    for kind, layer in zones.layers.items():
        bands += layer.sends & (layer.zone >= 0)[:, None]
        for z, schools in enumerate(layer.zones):
            mine = set(np.flatnonzero(layer.zone == z).tolist())
            if kind == "point" and not mine:
                continue
            name = f"the {kind} zone of {schools}"
            assert int(layer.seat_unit[z]) in mine, f"{name} lacks its school's unit"
            reached, waiting = set(), [int(layer.seat_unit[z])]
            while waiting:
                unit = waiting.pop()
                reached.add(unit)
                waiting += [other for other in mine - reached if (unit, other) in joined]
            assert reached == mine, f"{name} is in pieces: {sorted(mine - reached)}"
            load = float(zones.ways.pupils[sorted(mine)][layer.sends[sorted(mine)]].sum())
            room = float(layer.seats[z] if layer.room is None else layer.room[z])
            assert load <= room * (1 + tolerance), f"{name} is overfull: {load} pupils, {room} seats"
    stages = {stage.value for stage in zones.scenario.zoning.stages}
    asked = [band.stage.value in stages for band in GradeBand]
    assert (bands[:, asked] == 1).all(), "a unit's band belongs to no zone, or to two"


def _check_conserved(plan: Plan, tolerance: float) -> None:
    demand = plan.county.demand
    assert demand is not None, "the county has no demand"
    columns = {band.pupils_column: band.value for band in GradeBand}
    long = demand.rename(columns=columns).melt("demand_id", list(columns.values()), "band", "pupils")
    want = long[long["pupils"] > 0].set_index(["demand_id", "band"])["pupils"]
    got = demand_by_band(plan)
    both = want.index.union(got.index)
    got = got.reindex(both).fillna(0.0)
    gap = (got - want.reindex(both).fillna(0.0)).abs()
    assert not (gap > tolerance).any(), f"pupils lost or made: {gap.nlargest(3).to_dict()}"


def _check_schools(plan: Plan, seated: pd.DataFrame) -> None:
    schools = plan.schools.set_index(plan.schools["school_id"].astype(str))
    unknown = sorted(set(seated["school_id"]) - set(schools.index))
    assert not unknown, f"schools that do not exist: {unknown}"
    opened = seated["school_id"].map(schools["is_open"]).astype(bool)
    assert opened.all(), f"pupils at schools that are not open: {sorted(set(seated.loc[~opened, 'school_id']))}"
    first = seated["band"].map({name: band.grades[0] for name, band in _BANDS.items()})
    last = seated["band"].map({name: band.grades[-1] for name, band in _BANDS.items()})
    teaches = (seated["school_id"].map(schools["grade_from"]) <= first) & (
        seated["school_id"].map(schools["grade_to"]) >= last
    )
    assert teaches.all(), f"pupils at schools that do not teach them: {sorted(set(seated.loc[~teaches, 'school_id']))}"
    young = seated["band"] == GradeBand.G1_3.value
    assert not (young & (seated["mode"] == "board")).any(), "grades 1-3 never board"


def _check_room(plan: Plan, seated: pd.DataFrame, tolerance: float) -> None:
    schools = plan.schools.set_index(plan.schools["school_id"].astype(str))
    stage = seated["band"].map({name: band.stage.value for name, band in _BANDS.items()})
    for name in sorted(set(stage)) if plan.scenario.assign.beyond_seats == "unplaced" else ():
        load = seated[stage == name].groupby("school_id")["pupils"].sum()
        over = load - schools[f"seats_{name}"].reindex(load.index)
        assert (over <= tolerance).all(), f"{name} seats overfull: {over[over > tolerance].to_dict()}"
    if plan.grades is not None:
        _check_grades(plan, tolerance)
    boards = seated[seated["mode"] == "board"].groupby("school_id")["pupils"].sum()
    over = boards - schools["beds"].reindex(boards.index)
    assert (over <= tolerance).all(), f"beds overfull: {over[over > tolerance].to_dict()}"


def _check_grades(plan: Plan, tolerance: float) -> None:
    assert plan.grades is not None
    keys = ["demand_id", "band", "school_id", "mode"]
    bands = plan.assignment.groupby(keys)["pupils"].sum()
    sums = plan.grades.groupby(keys)["pupils"].sum().reindex(bands.index).fillna(0.0)
    off = (sums - bands).abs()
    assert (off <= tolerance).all(), f"grades do not sum to their bands: {off.nlargest(3).to_dict()}"
    over = plan.tables.grade_loads.query("beyond > @tolerance and school_id != ''")
    assert over.empty or plan.scenario.assign.beyond_seats != "unplaced", f"overfull: {over.to_dict('records')[:3]}"

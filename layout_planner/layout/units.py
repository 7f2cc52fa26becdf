"""Planning units: the pupils of one band of a village who share a nearest school, and the ways open to them.

Ways are computed on all schools and sites, open or not, under every choice, so that the cost of sending a whole
unit somewhere is the sum over its demand points, exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.assign.options import BOARD, RIDE, Options, options
from layout_planner.config.layout import TimeRule
from layout_planner.grades import GRADES, GradeBand, grade_pupils_column

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from layout_planner.config.layout import Layout
    from layout_planner.config.scenario import Scenario
    from layout_planner.layout.choices import Choices
    from layout_planner.travel.matrix import TravelMatrix

__all__ = ["HALF_A_PUPIL", "Arcs", "Units", "planning_units"]

_BANDS = tuple(GradeBand)
_FAR = 3
_TIER_APART = 1e6
_CRUMB = 1e-9
HALF_A_PUPIL = 0.5


@dataclass(frozen=True, eq=False)
class Units:
    """Planning units, sorted by (village, band, anchor school).

    Attributes
    ----------
    unit_id, village_id : ndarray (n,) of object
        ``unit_id`` is ``village|band|anchor``.
    band : ndarray (n,)
        Position in ``tuple(GradeBand)``.
    pupils : ndarray (n,)
        Persons.
    grade_share : ndarray (n, 3)
        Share of the band's three grades, low to high.
    far_today : ndarray (n,)
        Pupils who today have no school within the limits.
    beyond_today : ndarray (n,)
        Pupils × minutes that these are on the way today; ``inf`` where some reach no school at all.
    nearest_today : ndarray (n,)
        School (position) to which most of the unit goes today, seats not asked; −1 without one.
    point_id : ndarray (p,) of object
        Demand points, with ``point_band`` and ``point_unit`` (−1 where no school or site is in reach).
    unreachable : float
        Pupils of such points.
    """

    unit_id: NDArray[np.object_]
    village_id: NDArray[np.object_]
    band: NDArray[np.int8]
    pupils: NDArray[np.float64]
    grade_share: NDArray[np.float64]
    far_today: NDArray[np.float64]
    beyond_today: NDArray[np.float64]
    nearest_today: NDArray[np.int64]
    point_id: NDArray[np.object_]
    point_band: NDArray[np.int8]
    point_unit: NDArray[np.int64]
    unreachable: float


@dataclass(frozen=True, eq=False)
class Arcs:
    """Ways of whole units to schools, sorted by unit, nearest first, then by school and whether the way boards.

    Near is as in :func:`layout_planner.assign.options.options`: on foot within the limit comes before riding, riding
    before boarding, boarding before what is beyond the limits; then minutes count.

    A pair has a second arc that ``boards`` where some of the unit would board if the school had beds. ``minutes``
    are pupil × daily-equivalent minutes one way (see :func:`layout_planner.assign.options.daily_cost`); ``riders``,
    ``boarders`` and ``far`` (beyond the limits) are pupils; ``beyond`` are the pupils × minutes on the way of those who
    are far; ``longest`` is the longest one-way day trip in minutes.
    """

    unit: NDArray[np.int64]
    school: NDArray[np.int64]
    boards: NDArray[np.bool_]
    minutes: NDArray[np.float64]
    riders: NDArray[np.float64]
    boarders: NDArray[np.float64]
    far: NDArray[np.float64]
    beyond: NDArray[np.float64]
    longest: NDArray[np.float64]

    def select(self, keep: NDArray[np.bool_] | NDArray[np.intp]) -> Arcs:
        """Keep some of the arcs, or put them in order."""
        return Arcs(**{name: getattr(self, name)[keep] for name in self.__dataclass_fields__})


def planning_units(
    times: Mapping[str, TravelMatrix],
    schools: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
    choices: Choices,
    scenario: Scenario,
    layout: Layout,
) -> tuple[Units, Arcs]:
    """Group demand points into planning units and sum up their ways.

    Parameters
    ----------
    times : mapping of str to TravelMatrix
        As for :func:`layout_planner.assign.assign`; sites are all schools of the county.
    schools : GeoDataFrame
        Schools after the scenario's decisions, before the optimiser's.
    demand : GeoDataFrame
        Demand points with pupils.
    choices : Choices
        What every school could become.
    scenario : Scenario
        Limits of travel.
    layout : Layout
        ``must.whole_villages`` makes a village's band one unit; else points of a village that share the nearest
        school or site make one.

    Returns
    -------
    units : Units
    arcs : Arcs
        Only those that the time rules and the unsafe ways allow.
    """
    potential = _potential(schools, choices)
    day = options(times, potential.assign(beds=0), demand, scenario.travel)
    stay = options(times, potential, demand, scenario.travel)
    today = options(times, schools, demand, scenario.travel)
    units = _group(day, today, demand, choices, layout)
    arcs = _sum_up(units, day, stay, choices)
    alone = ~np.isin(np.arange(len(units.pupils)), arcs.unit)
    if alone.any() and not layout.must.whole_villages:
        units = _group(day, today, demand, choices, layout, alone=set(units.unit_id[alone]))
        arcs = _sum_up(units, day, stay, choices)
    return units, _allowed(units, _without_unsafe(units, arcs, choices, layout), layout)


def _potential(schools: gpd.GeoDataFrame, choices: Choices) -> gpd.GeoDataFrame:
    """Give every school the grades and beds that some choice would give it."""
    frame = schools.assign(school_id=schools["school_id"].astype(str)).set_index("school_id").loc[choices.school_id]
    m, teaches = len(choices.school_id), np.zeros((len(choices.school_id), len(_BANDS)), dtype=bool)
    np.logical_or.at(teaches, choices.school, choices.teaches)
    some = teaches.any(axis=1)
    first = np.array([_BANDS[k].grades[0] for k in teaches.argmax(axis=1)])
    last = np.array([_BANDS[len(_BANDS) - 1 - k].grades[-1] for k in teaches[:, ::-1].argmax(axis=1)])
    return frame.reset_index().assign(
        is_open=some, grade_from=first, grade_to=last, beds=np.where(choices.beds + choices.may_add_beds > 0, 1, 0)[:m]
    )


def _group(
    day: Options, today: Options, demand: gpd.GeoDataFrame, choices: Choices, layout: Layout,
    alone: set[str] | frozenset[str] = frozenset(),
) -> Units:  # fmt: skip
    """Form the units; the points of units in ``alone`` become units of their own."""
    table = demand.assign(demand_id=demand["demand_id"].astype(str)).set_index("demand_id")
    village = table["village_id"].fillna("").astype(str).reindex(day.demand_id).to_numpy(dtype=object)
    village = np.where(village == "", day.demand_id, village)
    near = day.nearest
    reach = near >= 0
    anchor = np.full(len(near), "", dtype=object)
    if not layout.must.whole_villages:
        anchor[reach] = day.school_id[day.school[near[reach]]]
    bands = np.array([band.value for band in _BANDS], dtype=object)[day.band]
    key = village + "|" + bands + "|" + anchor
    single = np.isin(key, list(alone))
    key[single] = key[single] + "|" + day.demand_id[single]
    names, first, unit = np.unique(key[reach].astype(str), return_index=True, return_inverse=True)
    point_unit = np.full(len(near), -1, dtype=np.int64)
    point_unit[reach] = unit
    n, pupils = len(names), day.pupils
    rows = np.flatnonzero(reach)
    weight = np.bincount(unit, weights=pupils[rows], minlength=n).astype(np.float64)
    shares = _grade_shares(table, day)
    mix = np.column_stack([np.bincount(unit, weights=shares[rows, k], minlength=n) for k in range(3)])
    far, beyond, nearest = _present(today, choices, point_unit, n)
    return Units(
        unit_id=names.astype(object),
        village_id=village[rows][first],
        band=day.band[rows][first],
        pupils=weight,
        grade_share=mix / weight[:, None],
        far_today=far,
        beyond_today=beyond,
        nearest_today=nearest,
        point_id=day.demand_id,
        point_band=day.band,
        point_unit=point_unit,
        unreachable=float(pupils[~reach].sum()),
    )


def _grade_shares(table: gpd.GeoDataFrame, day: Options) -> NDArray[np.float64]:
    """Split every point's pupils of its band over the three grades."""
    shares = np.repeat(day.pupils[:, None] / 3, 3, axis=1)
    columns = [grade_pupils_column(grade) for grade in GRADES]
    if not set(columns) <= set(table.columns):
        return shares
    for k, band in enumerate(_BANDS):
        mine = day.band == k
        grades = table.loc[day.demand_id[mine], [grade_pupils_column(g) for g in band.grades]].to_numpy(np.float64)
        whole = grades.sum(axis=1)
        known = whole > 0
        part = np.where(known[:, None], grades / np.where(known, whole, 1.0)[:, None], 1 / 3)
        shares[mine] = part * day.pupils[mine, None]
    return shares


def _present(
    today: Options, choices: Choices, point_unit: NDArray[np.int64], n: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Measure every unit today: pupils beyond the limits, their minutes, and the school to which most of it goes."""
    near, inside = today.nearest, point_unit >= 0
    reach = near >= 0
    tier = np.full(len(near), _FAR, dtype=np.int8)
    tier[reach] = today.tier[near[reach]]
    beyond = inside & (tier == _FAR)
    far = np.bincount(point_unit[beyond], weights=today.pupils[beyond], minlength=n).astype(np.float64)
    minutes = np.full(len(near), np.inf)
    minutes[reach] = today.minutes[near[reach]]
    under_way = np.bincount(point_unit[beyond], weights=(today.pupils * minutes)[beyond], minlength=n)
    rows = np.flatnonzero(inside & reach)
    position = pd.Index(choices.school_id).get_indexer(pd.Index(today.school_id))
    school = position[today.school[near[rows]]]
    loads = pd.DataFrame({"unit": point_unit[rows], "school": school, "pupils": today.pupils[rows]})
    loads = loads.groupby(["unit", "school"])["pupils"].sum().reset_index()
    loads = loads.sort_values(["unit", "pupils", "school"], ascending=[True, False, True]).drop_duplicates("unit")
    nearest = np.full(n, -1, dtype=np.int64)
    nearest[loads["unit"]] = loads["school"]
    return far, under_way.astype(np.float64), nearest


def _sum_up(units: Units, day: Options, stay: Options, choices: Choices) -> Arcs:
    """Sum the pairs of points over units; arcs that board only where somebody would."""
    parts = [_arcs_of(units, day, choices, boards=False), _arcs_of(units, stay, choices, boards=True)]
    some = [parts[0][0], parts[1][0].select(parts[1][0].boarders > 0)]
    arcs = Arcs(**{name: np.concatenate([getattr(p, name) for p in some]) for name in Arcs.__dataclass_fields__})
    apart = np.concatenate([parts[0][1], parts[1][1][parts[1][0].boarders > 0]])
    order = np.lexsort((arcs.boards, arcs.school, apart, arcs.unit))
    return arcs.select(order)


def _arcs_of(units: Units, pairs: Options, choices: Choices, *, boards: bool) -> tuple[Arcs, NDArray[np.float64]]:
    """Sum the pairs up, and say how far each way is: its mean tier, then minutes."""
    rows = pairs.rows
    unit, m = units.point_unit[rows], len(choices.school_id)
    inside = unit >= 0
    position = pd.Index(choices.school_id).get_indexer(pd.Index(pairs.school_id))
    key, at = np.unique(unit[inside] * m + position[pairs.school[inside]], return_inverse=True)
    pupils, mode, tier = pairs.pupils[rows][inside], pairs.mode[inside], pairs.tier[inside]

    def total(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(at, weights=weights, minlength=len(key)).astype(np.float64)

    longest = np.zeros(len(key))
    np.maximum.at(longest, at, np.where(mode == BOARD, 0.0, pairs.minutes[inside]))
    arcs = Arcs(
        unit=key // m,
        school=key % m,
        boards=np.full(len(key), boards),
        minutes=total(pupils * pairs.cost[inside]),
        riders=total(np.where(mode == RIDE, pupils, 0.0)),
        boarders=total(np.where(mode == BOARD, pupils, 0.0)),
        far=total(np.where(tier == _FAR, pupils, 0.0)),
        beyond=total(np.where(tier == _FAR, pupils * pairs.minutes[inside], 0.0)),
        longest=longest,
    )
    there = total(pupils)
    whole = there >= units.pupils[arcs.unit] - _CRUMB * (1 + units.pupils[arcs.unit])
    apart = np.round(total(pupils * (tier * _TIER_APART + pairs.cost[inside])) / there, 6)
    return arcs.select(whole), apart[whole]


def _allowed(units: Units, arcs: Arcs, layout: Layout) -> Arcs:
    """Drop the arcs that the time rules forbid.

    To ``keep`` is to have no more pupils beyond the limit than today, and these no longer on the way: else those who
    are far already would be sent anywhere. Less than half a pupil is nobody where the unit goes to school today.
    """
    rule = np.array([layout.must.time_limit.get(band, TimeRule.NONE) for band in _BANDS], dtype=object)
    rule = rule[units.band][arcs.unit]
    least = _least(units, arcs, arcs.far, np.ones(len(arcs.unit), dtype=bool))
    present = np.where(arcs.school == units.nearest_today[arcs.unit], HALF_A_PUPIL, 0.0)
    most = np.maximum(least, units.far_today)[arcs.unit] + present
    few = arcs.far <= np.where(rule == TimeRule.STRICT, least[arcs.unit], most) + _CRUMB
    near = np.maximum(_least(units, arcs, arcs.beyond, few), units.beyond_today)[arcs.unit]
    far = (arcs.far >= HALF_A_PUPIL) & (arcs.beyond > near * (1 + _CRUMB) + _CRUMB)
    return arcs.select((rule == TimeRule.NONE) | (few & ((rule == TimeRule.STRICT) | ~far)))


def _least(units: Units, arcs: Arcs, amount: NDArray[np.float64], among: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Find every unit's smallest amount among some of its ways."""
    least = np.full(len(units.pupils), np.inf)
    np.minimum.at(least, arcs.unit[among], amount[among])
    return least


def _without_unsafe(units: Units, arcs: Arcs, choices: Choices, layout: Layout) -> Arcs:
    """Drop the day trips that were declared unsafe."""
    keep = np.ones(len(arcs.unit), dtype=bool)
    for way in layout.must.unsafe_ways:
        school = np.flatnonzero(choices.school_id == way.school)
        hit = (units.village_id[arcs.unit] == way.village) & np.isin(arcs.school, school)
        keep &= ~(hit & (arcs.boarders < units.pupils[arcs.unit] - _CRUMB))
    return arcs.select(keep)

"""Zones of one kind (小学、初中、教学点): schools that share one, what every unit costs there, who belongs where."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from layout_planner.grades import GradeBand, Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from layout_planner.assign.options import Options
    from layout_planner.assign.zone_units import ZoneUnits
    from layout_planner.locate import ZoningResult

__all__ = ["POINT", "Groups", "Ways", "ZoneLayer", "empty_layer", "ways", "zone_groups"]

POINT = "point"
"""The kind of the zones of schools that teach grades 1 to 3 only: teaching points, within the zones of primaries."""

Groups = tuple[tuple[tuple[str, ...], ...], "NDArray[np.float64]", "NDArray[np.int64]"]
"""Zones of schools with their seats and the units in which their first schools lie."""

_BANDS = tuple(GradeBand)
_CRUMB = 1e-9
_NOBODY_PER_M = 1e-6


@dataclass(frozen=True, eq=False)
class Ways:
    """What the ways of whole units to schools sum up to, by band.

    Attributes
    ----------
    school_id : (m,) ndarray of object
        Open schools, sorted.
    pupils : (n, 3) float64
        Pupils of each unit and band.
    reach : (n, 3) float64
        Those among them who reach some school.
    there : (3, n, m) float64
        Pupils who reach each school.
    cost : (3, n, m) float64
        Pupils × daily-equivalent minutes, or pupils × metres, over those who do.
    minutes : (3, n, m) float64
        Pupils × minutes one way, over those who do.
    far : (n, m) float64
        Straight metres from the unit's centre, for units where nobody of a band lives.
    """

    school_id: NDArray[np.object_]
    pupils: NDArray[np.float64]
    reach: NDArray[np.float64]
    there: NDArray[np.float64]
    cost: NDArray[np.float64]
    minutes: NDArray[np.float64]
    far: NDArray[np.float64]

    def costs(
        self, sends: NDArray[np.bool_], groups: Sequence[Sequence[str]], seats: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Sum the cost of every unit at every group of schools, (n, z).

        In a group that shares a zone a draw decides, so that each school counts by its seats. Pupils who do not get
        to a school, but to another, count twice the costliest way, so that they are sent there only where nothing
        else is left.

        Parameters
        ----------
        sends : (n, 3) bool
            Bands that each unit sends.
        groups : sequence of sequences of school ids
        seats : (m,) float64
            Of every school of ``school_id``.
        """
        room = dict(zip(self.school_id, seats, strict=True))
        alone = self._costs_of_schools(sends)
        out = np.empty((len(sends), len(groups)))
        for z, group in enumerate(groups):
            at = np.searchsorted(self.school_id.astype(str), np.array(group, dtype=str))
            share = np.array([max(room[s], _CRUMB) for s in group])
            out[:, z] = alone[:, at] @ (share / share.sum())
        return out

    def _costs_of_schools(self, sends: NDArray[np.bool_]) -> NDArray[np.float64]:
        most = self.cost / np.where(self.there > 0, self.there, np.inf)
        beyond = 2.0 * float(most.max(initial=0.0))
        left = np.maximum(self.reach.T[:, :, None] - self.there, 0.0)
        cost: NDArray[np.float64] = ((self.cost + left * beyond) * sends.T[:, :, None]).sum(axis=0)
        nobody = (self.reach * sends).sum(axis=1) <= 0
        cost[nobody] = self.far[nobody] * _NOBODY_PER_M
        return cost


def ways(pairs: Options, units: ZoneUnits, demand: gpd.GeoDataFrame, schools: gpd.GeoDataFrame, measure: str) -> Ways:
    """Sum up the ways of all units to all open schools.

    Parameters
    ----------
    pairs : Options
        Over the same demand points and schools.
    units : ZoneUnits
    demand, schools : GeoDataFrame
        ``County.demand`` and ``Plan.schools``.
    measure : {"minutes", "metres"}
    """
    row = pd.Index(demand["demand_id"].astype(str)).get_indexer(pd.Index(pairs.demand_id))
    unit = units.point_unit[row]
    n, m = len(units.frame), len(pairs.school_id)
    shape = (len(_BANDS), n, m)
    there, cost, minutes = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    rows = pairs.rows
    at = (pairs.band[rows], unit[rows], pairs.school)
    per_pupil = pairs.cost if measure == "minutes" else pairs.metres
    np.add.at(there, at, pairs.pupils[rows])
    np.add.at(cost, at, pairs.pupils[rows] * per_pupil)
    np.add.at(minutes, at, pairs.pupils[rows] * pairs.minutes)
    reach, pupils = np.zeros((n, len(_BANDS))), np.zeros((n, len(_BANDS)))
    np.add.at(pupils, (unit, pairs.band), pairs.pupils)
    np.add.at(reach, (unit, pairs.band), np.where(np.diff(pairs.indptr) > 0, pairs.pupils, 0.0))
    spots = schools.assign(school_id=schools["school_id"].astype(str)).set_index("school_id").loc[pairs.school_id]
    site = shapely.get_coordinates(spots.geometry.to_numpy())
    far = np.hypot(*(units.centre[:, None, :] - site[None, :, :]).transpose(2, 0, 1))
    return Ways(pairs.school_id, pupils, reach, there, cost, minutes, far)


@dataclass(frozen=True, eq=False)
class ZoneLayer:
    """Zones of one kind over n units.

    Attributes
    ----------
    kind : str
        ``primary``, ``junior`` or ``point``.
    zones : tuple of tuples of str
        Schools of each zone, sorted; several where they share it (多校划片).
    seats : (z,) float64
        Seats of each zone.
    seat_unit : (z,) int64
        The unit in which the first school of each zone lies.
    zone : (n,) int64
        Zone of every unit, −1 for none.
    sends : (n, 3) bool
        Bands that each unit sends to this kind of school.
    result : ZoningResult, optional
        What the optimiser proved, where it drew the zones.
    stretch : float
        Factor on all seats where they fell short and ``zoning.beyond_seats`` is ``stretch``; otherwise 1.
    room : (z,) float64, optional
        Pupils that each zone might take where seats fell short.
    """

    kind: str
    zones: tuple[tuple[str, ...], ...]
    seats: NDArray[np.float64]
    seat_unit: NDArray[np.int64]
    zone: NDArray[np.int64]
    sends: NDArray[np.bool_]
    result: ZoningResult | None = None
    stretch: float = 1.0
    room: NDArray[np.float64] | None = None

    def of_school(self, school_id: str) -> int:
        """Find the zone of a school, −1 where it has none."""
        return next((z for z, schools in enumerate(self.zones) if school_id in schools), -1)

    def load(self, pupils: NDArray[np.float64]) -> NDArray[np.float64]:
        """Count the pupils of every zone; ``pupils`` are those of every unit and band, (n, 3)."""
        inside = self.zone >= 0
        sent = (pupils * self.sends).sum(axis=1)
        return np.bincount(self.zone[inside], weights=sent[inside], minlength=len(self.zones)).astype(np.float64)

    def with_zone(self, zone: NDArray[np.int64]) -> ZoneLayer:
        """Send units elsewhere; what was proven holds no longer."""
        return replace(self, zone=zone, result=None)


def empty_layer(kind: str, n: int) -> ZoneLayer:
    """Make a layer without schools."""
    return ZoneLayer(
        kind, (), np.zeros(0), np.zeros(0, dtype=np.int64), np.full(n, -1, dtype=np.int64), np.zeros((n, 3), bool)
    )


def zone_groups(
    kind: str, schools: gpd.GeoDataFrame, units: ZoneUnits, together: Iterable[Sequence[str]] = ()
) -> Groups:
    """Say which schools share a zone: those put together, and those that lie in one unit.

    Parameters
    ----------
    kind : {"primary", "junior", "point"}
        Schools that teach all grades of the stage; for ``point`` grades 1 to 3 but not 4.
    schools : GeoDataFrame
        ``Plan.schools``.

    Returns
    -------
    zones : tuple of tuples of school ids, sorted
    seats : (z,) float64
    seat_unit : (z,) int64
    """
    mine = schools[_of_kind(kind, schools)].assign(school_id=lambda f: f["school_id"].astype(str))
    mine = mine.sort_values("school_id").reset_index(drop=True)
    unit = units.at(mine.geometry.to_numpy()) if len(mine) else np.zeros(0, dtype=np.int64)
    leader = {int(u): int(np.flatnonzero(unit == u)[0]) for u in np.unique(unit)}
    head = np.array([leader[int(u)] for u in unit], dtype=np.int64)
    place = {code: i for i, code in enumerate(mine["school_id"])}
    for group in together:
        heads = sorted({int(head[place[code]]) for code in group if code in place})
        head[np.isin(head, heads)] = heads[0] if heads else -1
    firsts = np.unique(head)
    seats = mine[_seat_column(kind)].to_numpy(dtype=np.float64)
    return (
        tuple(tuple(mine["school_id"][head == h]) for h in firsts),
        np.array([seats[head == h].sum() for h in firsts]),
        unit[firsts] if len(firsts) else np.zeros(0, dtype=np.int64),
    )


def _seat_column(kind: str) -> str:
    return f"seats_{Stage.JUNIOR.value if kind == Stage.JUNIOR.value else Stage.PRIMARY.value}"


def _of_kind(kind: str, schools: gpd.GeoDataFrame) -> pd.Series[bool]:
    low = GradeBand.G1_3.grades if kind == POINT else Stage(kind).grades
    grades = (schools["grade_from"] <= low[0]) & (schools["grade_to"] >= low[-1])
    if kind == POINT:
        grades &= schools["grade_to"] < Stage.PRIMARY.grades[-1]
    return schools["is_open"].astype(bool) & grades & (schools[_seat_column(kind)] > 0)

"""What is near whom: every open school of the stage in reach of every home, and which of them teach the grade."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from layout_planner.assign.options import Options, options
from layout_planner.grades import GradeBand, Stage

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from layout_planner.config.scenario import Travel
    from layout_planner.travel.matrix import TravelMatrix

__all__ = ["BANDS", "Reach", "nearest_in_air", "reach", "row_least"]

BANDS = tuple(GradeBand)
_TIER_APART = 1e6


@dataclass(frozen=True, eq=False)
class Reach:
    """Open schools of a stage in reach of every unit (the pupils of one band at one demand point).

    Attributes
    ----------
    pairs : Options
        Units and the open schools that teach any grade of the unit's stage, nearest first.
    teaches : ndarray (number of entries,) of bool
        Whether the school teaches the unit's whole band.
    air : ndarray (u,) of int
        Position in ``pairs.school_id`` of the school that is nearest in a straight line among those that teach the
        band, in reach by road or not; −1 where none teaches it.
    towards : ndarray (number of entries, 2)
        Unit vector from home to school.
    """

    pairs: Options
    teaches: NDArray[np.bool_]
    air: NDArray[np.int64]
    towards: NDArray[np.float64]

    @property
    def key(self) -> NDArray[np.float64]:
        """Rank of every entry: the tier of its mode first, then minutes; less is nearer."""
        return self.ranked(self.pairs.minutes)

    def ranked(self, minutes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Rank the entries by other minutes than the pairs' own."""
        return np.asarray(self.pairs.tier * _TIER_APART + minutes, dtype=np.float64)

    def nearest_taught(self, key: NDArray[np.float64] | None = None) -> NDArray[np.int64]:
        """Find the entry of the nearest school that teaches the band, by unit; −1 where none is in reach."""
        ranks = np.where(self.teaches, self.key if key is None else key, np.inf)
        rows = self.pairs.rows
        least = row_least(ranks, self.pairs.indptr)
        hits = np.flatnonzero((ranks == least[rows]) & np.isfinite(ranks))
        found = np.full(len(self.pairs.pupils), -1, dtype=np.int64)
        found[rows[hits][::-1]] = hits[::-1]
        return found

    def entries(self, unit: NDArray[np.int64], school: NDArray[np.int64]) -> NDArray[np.int64]:
        """Find the entries of some pairs (unit, position of the school); −1 where a pair is out of reach."""
        m = max(len(self.pairs.school_id), 1)
        held = self.pairs.rows * m + self.pairs.school
        order = np.argsort(held, kind="stable")
        wanted = unit * m + school
        if not len(held):
            return np.full(len(wanted), -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(held, wanted, sorter=order), len(held) - 1)
        return np.where((held[order[at]] == wanted) & (school >= 0), order[at], -1)

    def among(self, entry: NDArray[np.int64]) -> Reach:
        """Keep some entries, ascending, and every unit."""
        pairs = self.pairs.among(np.ones(len(self.pairs.pupils), dtype=bool), entry, self.pairs.pupils)
        return replace(self, pairs=pairs, teaches=self.teaches[entry], towards=self.towards[entry])


def row_least(values: NDArray[np.float64], indptr: NDArray[np.int64]) -> NDArray[np.float64]:
    """Take the least value of every row; infinite for a row without entries.

    >>> row_least(np.array([3.0, 1.0, 2.0]), np.array([0, 2, 2, 3])).tolist()
    [1.0, inf, 2.0]
    """
    least = np.full(len(indptr) - 1, np.inf)
    some = np.flatnonzero(np.diff(indptr))
    if len(some):
        least[some] = np.minimum.reduceat(values, indptr[:-1][some])
    return least


def reach(
    times: Mapping[str, TravelMatrix], schools: gpd.GeoDataFrame, demand: gpd.GeoDataFrame, travel: Travel
) -> Reach:
    """Find the open schools of the stage in reach of every unit.

    Parameters
    ----------
    times : mapping of str to TravelMatrix
        As for :func:`layout_planner.assign.options.options`.
    schools : GeoDataFrame
        Schools after the decisions.
    demand : GeoDataFrame
        Demand points.
    travel : Travel
        Limits and cut-off.
    """
    pairs = options(times, _widened(schools), demand, travel)
    ordered = schools.assign(school_id=schools["school_id"].astype(str)).set_index("school_id").loc[pairs.school_id]
    teaches = np.column_stack([_teaches(ordered, band.grades) for band in BANDS])
    rows = pairs.rows
    place = pd.Index(demand["demand_id"].astype(str)).get_indexer(pd.Index(pairs.demand_id))
    homes = demand.geometry.get_coordinates().to_numpy()[place]
    sites = ordered.geometry.get_coordinates().to_numpy()
    way = sites[pairs.school] - homes[rows]
    length = np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-9)
    air = np.full(len(pairs.pupils), -1, dtype=np.int64)
    for k in range(len(BANDS)):
        mine, some = pairs.band == k, np.flatnonzero(teaches[:, k])
        if len(some) and mine.any():
            air[mine] = some[cKDTree(sites[some]).query(homes[mine])[1]]
    return Reach(pairs, teaches[pairs.school, pairs.band[rows]], air, way / length[:, None])


def _teaches(schools: pd.DataFrame, grades: range) -> NDArray[np.bool_]:
    whole = (schools["grade_from"] <= grades[0]) & (schools["grade_to"] >= grades[-1])
    return np.asarray(whole, dtype=bool)


def _widened(schools: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Let every school teach all grades of each stage of which it teaches some, so that it is found for all."""
    low, high = schools["grade_from"].to_numpy(), schools["grade_to"].to_numpy()
    primary, junior = Stage.PRIMARY.grades, Stage.JUNIOR.grades
    return schools.assign(
        grade_from=np.where(low <= primary[-1], primary[0], junior[0]),
        grade_to=np.where(high >= junior[0], junior[-1], primary[-1]),
    )


def nearest_in_air(found: Reach) -> NDArray[np.float64]:
    """Send every unit to the school that is nearest in a straight line.

    Returns
    -------
    ndarray (number of entries,)
        Pupils on every pair of ``found.pairs``; nobody is placed whose way to that school is beyond the cut-off.
    """
    flow = np.zeros(len(found.pairs.school))
    unit = np.arange(len(found.pairs.pupils), dtype=np.int64)
    entry = found.entries(unit, found.air)
    flow[entry[entry >= 0]] = found.pairs.pupils[entry >= 0]
    return flow

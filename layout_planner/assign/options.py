"""Who could go where: for every demand point and band, the schools in reach, by which mode and for how long.

The mode of a pair is the first of these tiers that fits:

====  =====  =============================================================================================
tier  mode   when
====  =====  =============================================================================================
0     walk   walking takes no longer than the band's walking limit
1     ride   the band rides, and riding, wait included, takes no longer than the band's riding limit
2     board  grades 4 to 9, and the school has beds
3     walk   beyond the limits: the quicker of walking and (if the band rides) riding, within the cut-off
      ride
====  =====  =============================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numba import njit

from layout_planner.errors import LayoutError, Text
from layout_planner.grades import GradeBand

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from layout_planner.config.scenario import Travel
    from layout_planner.travel.matrix import TravelMatrix

__all__ = ["BOARD", "BOARDING_BANDS", "MODES", "RIDE", "WALK", "Options", "band_options", "options"]

MODES = ("walk", "ride", "board")
WALK, RIDE, BOARD = range(3)
BOARDING_BANDS = (GradeBand.G4_6, GradeBand.G7_9)
"""Bands that may board. Source: 国办发〔2012〕48号, 国办发〔2018〕27号."""

_BANDS = tuple(GradeBand)
_TIER_APART = 1e6


@dataclass(frozen=True, eq=False)
class Options:
    """Sparse table of the pairs (unit, school); a unit is the pupils of one band at one demand point.

    Attributes
    ----------
    demand_id, band, pupils : ndarray (u,)
        Units with pupils; ``band`` is a position in ``tuple(GradeBand)``.
    indptr, school, tier, mode, minutes, metres, cost : ndarray
        Rows by unit, sorted by (tier, minutes, school id), so that the first entry of a row is the nearest
        school. ``school`` is a position in ``school_id``, which is sorted. ``minutes`` one way; ``cost`` in
        daily-equivalent minutes (see :func:`daily_cost`).
    school_id : ndarray (m,) of object
        Open schools, sorted.
    taught : ndarray (u,) of bool
        Whether any open school teaches the band.
    """

    demand_id: NDArray[np.object_]
    band: NDArray[np.int8]
    pupils: NDArray[np.float64]
    indptr: NDArray[np.int64]
    school: NDArray[np.int32]
    tier: NDArray[np.int8]
    mode: NDArray[np.int8]
    minutes: NDArray[np.float64]
    metres: NDArray[np.float64]
    cost: NDArray[np.float64]
    school_id: NDArray[np.object_]
    taught: NDArray[np.bool_]

    @property
    def rows(self) -> NDArray[np.int64]:
        """Unit of every entry."""
        return np.repeat(np.arange(len(self.pupils)), np.diff(self.indptr))

    @property
    def nearest(self) -> NDArray[np.int64]:
        """Entry of the nearest school of every unit, −1 where none is in reach."""
        reach = np.diff(self.indptr) > 0
        return np.where(reach, self.indptr[:-1], -1)

    @property
    def bands(self) -> NDArray[np.object_]:
        """Band of every unit, spelled."""
        return np.array([b.value for b in _BANDS], dtype=object)[self.band]

    def among(self, units: NDArray[np.bool_], entry: NDArray[np.int64], pupils: NDArray[np.float64]) -> Options:
        """Keep some units, marked (u,), and some of their entries, ascending, with other pupils (u,)."""
        count = np.bincount(self.rows[entry], minlength=len(self.pupils))[units]
        by_unit = {name: getattr(self, name)[units] for name in ("demand_id", "band", "taught")}
        names = ("school", "tier", "mode", "minutes", "metres", "cost")
        return Options(
            pupils=pupils[units], indptr=np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
            school_id=self.school_id, **by_unit, **{name: getattr(self, name)[entry] for name in names},
        )  # fmt: skip

    def to_frame(self) -> pd.DataFrame:
        """Spell the pairs: demand_id, band, school_id, tier, mode, minutes, metres, cost."""
        rows = self.rows
        return pd.DataFrame(
            {
                "demand_id": self.demand_id[rows],
                "band": self.bands[rows],
                "school_id": self.school_id[self.school],
                "tier": self.tier,
                "mode": np.array(MODES, dtype=object)[self.mode],
                "minutes": self.minutes,
                "metres": self.metres,
                "cost": self.cost,
            }
        )


def options(
    times: Mapping[str, TravelMatrix], schools: gpd.GeoDataFrame, demand: pd.DataFrame, travel: Travel
) -> Options:
    """List the pairs of all bands in one table, band after band.

    Parameters are those of :func:`band_options`.
    """
    parts = [band_options(times, schools, demand, band, travel) for band in GradeBand]
    lengths = np.cumsum([0] + [int(part.indptr[-1]) for part in parts])
    indptr = np.concatenate([[0]] + [part.indptr[1:] + lengths[i] for i, part in enumerate(parts)])
    columns = ("demand_id", "band", "pupils", "school", "tier", "mode", "minutes", "metres", "cost", "taught")
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in columns}
    return Options(indptr=indptr, school_id=parts[0].school_id, **joined)


def band_options(
    times: Mapping[str, TravelMatrix],
    schools: gpd.GeoDataFrame,
    demand: pd.DataFrame,
    band: GradeBand,
    travel: Travel,
) -> Options:
    """List the schools in reach of every demand point with pupils of one band.

    Parameters
    ----------
    times : mapping of str to TravelMatrix
        ``"walk:<band>"`` for every band and, if anybody rides, ``"ride"`` (minutes with waiting); one way.
    schools : GeoDataFrame
        Schools after the decisions; only open ones that teach the band are listed.
    demand : DataFrame
        Demand points (``demand_id`` and the bands' pupils).
    band : GradeBand
        Whose pupils.
    travel : Travel
        Limits, cut-off and weekly trips of boarders.

    Raises
    ------
    LayoutError
        If the walking times of the band are missing.
    """
    school_id = np.array(sorted(schools.loc[schools["is_open"], "school_id"].astype(str)), dtype=object)
    ordered = schools.assign(school_id=schools["school_id"].astype(str)).set_index("school_id").loc[school_id]
    low, high = band.grades[0], band.grades[-1]
    teaches = ((ordered["grade_from"] <= low) & (ordered["grade_to"] >= high)).to_numpy(dtype=bool)
    beds = ordered["beds"].to_numpy() > 0 if band in BOARDING_BANDS else np.zeros(len(ordered), dtype=bool)
    pupils = demand[band.pupils_column].to_numpy(dtype=np.float64)
    some = pupils > 0
    units = demand["demand_id"].astype(str).to_numpy(dtype=object)[some]
    key = f"walk:{band.value}"
    if key not in times:
        raise LayoutError(Text(f"缺少步行时间矩阵 {key}", f"the walking times {key!r} are missing"))
    m = max(len(school_id), 1)
    places = (units, np.where(teaches, np.arange(len(school_id)), -1), school_id)
    walk = _pairs(times[key], *places)
    ride = _pairs(times["ride"], *places) if "ride" in times else (walk[0][:0], walk[1][:0], walk[2][:0])
    pair, table = _merge(walk, ride)
    row, school = pair // m, (pair % m).astype(np.int32)
    tier, mode, minutes, metres = _modes(table, beds[school] if len(school) else beds[:0], band, travel)
    kept = np.flatnonzero(np.isfinite(minutes))
    indptr = np.zeros(len(units) + 1, dtype=np.int64)
    np.cumsum(np.bincount(row[kept], minlength=len(units)), out=indptr[1:])
    order = kept[_nearest_first(indptr, tier[kept] * _TIER_APART + minutes[kept])]
    return Options(
        demand_id=units,
        band=np.full(len(units), _BANDS.index(band), dtype=np.int8),
        pupils=pupils[some],
        indptr=indptr,
        school=school[order],
        tier=tier[order],
        mode=mode[order],
        minutes=minutes[order],
        metres=metres[order],
        cost=daily_cost(tier[order], minutes[order], band, travel),
        school_id=school_id,
        taught=np.full(len(units), bool(teaches.any())),
    )


def daily_cost(
    tier: NDArray[np.int8], minutes: NDArray[np.float64], band: GradeBand, travel: Travel
) -> NDArray[np.float64]:
    """Price every pair in daily-equivalent minutes, so that a sum over pupils can be minimised.

    Day trips within the limits cost their minutes. A boarder costs the longest day trip allowed plus
    ``minutes × board_trips_per_week / 10``, and a day trip beyond the limits costs more than any boarding: else
    a short weekly trip would look better than a walk round the corner, and children would be sent to board to
    save minutes. The order of the tiers is thus the order of the costs, as in "nearest".
    """
    limit = max(travel.walk_limit_min.get(band, 0.0), travel.ride_limit_min.get(band, 0.0))
    weekly = travel.board_trips_per_week / 10.0
    beyond = limit + travel.cutoff_min * weekly
    return np.select([tier <= 1, tier == 2], [minutes, limit + minutes * weekly], beyond + minutes)


_Pairs = tuple["NDArray[np.int64]", "NDArray[np.float64]", "NDArray[np.float64]"]


def _pairs(
    matrix: TravelMatrix, units: NDArray[np.object_], wanted: NDArray[np.int64], school_id: NDArray[np.object_]
) -> _Pairs:
    """Take the wanted pairs out of a matrix: pair number (unit × schools + school), minutes, metres, ascending."""
    site = pd.Index(school_id).get_indexer(pd.Index(np.asarray(matrix.site_id, dtype=object)))
    if len(wanted):
        site = np.where(site >= 0, wanted[site], -1)
    origins = np.asarray(matrix.origin_id, dtype=object)
    unit = pd.Index(units).get_indexer(pd.Index(origins))
    row = np.repeat(unit, np.diff(matrix.indptr))
    school = site[matrix.indices]
    keep = (row >= 0) & (school >= 0)
    pair = row[keep].astype(np.int64) * max(len(school_id), 1) + school[keep]
    minutes = np.asarray(matrix.minutes, dtype=np.float64)[keep]
    metres = np.asarray(matrix.metres, dtype=np.float64)[keep]
    if len(pair) > 1 and (np.diff(pair) < 0).any():
        order = np.argsort(pair, kind="stable")
        pair, minutes, metres = pair[order], minutes[order], metres[order]
    return pair, minutes, metres


def _merge(walk: _Pairs, ride: _Pairs) -> tuple[NDArray[np.int64], dict[str, NDArray[np.float64]]]:
    """Join walking and riding on the pair; ``inf`` minutes where a mode does not reach."""
    both = np.sort(np.concatenate([walk[0], ride[0]]), kind="stable")
    pair = both[np.diff(both, prepend=-1) > 0]
    table: dict[str, NDArray[np.float64]] = {}
    for name, (key, minutes, metres) in (("walk", walk), ("ride", ride)):
        at = np.searchsorted(pair, key)
        table[f"{name}_min"] = np.full(len(pair), np.inf)
        table[f"{name}_m"] = np.full(len(pair), np.nan)
        table[f"{name}_min"][at] = minutes
        table[f"{name}_m"][at] = metres
    return pair, table


def _modes(
    table: Mapping[str, NDArray[np.float64]], beds: NDArray[np.bool_], band: GradeBand, travel: Travel
) -> tuple[NDArray[np.int8], NDArray[np.int8], NDArray[np.float64], NDArray[np.float64]]:
    """Choose tier and mode of every pair; minutes stay infinite where the pair is out of reach."""
    walk = np.where(table["walk_min"] <= travel.cutoff_min, table["walk_min"], np.inf)
    ride = np.where(table["ride_min"] <= travel.cutoff_min, table["ride_min"], np.inf)
    rides = band in travel.ride_limit_min
    day_ride = ride if rides else np.full_like(ride, np.inf)
    by_ride = np.isfinite(ride)
    cases: Sequence[NDArray[np.bool_]] = (
        walk <= travel.walk_limit_min.get(band, 0.0),
        day_ride <= travel.ride_limit_min.get(band, 0.0),
        beds & (by_ride | np.isfinite(walk)),
    )
    tier = np.select(cases, [0, 1, 2], 3).astype(np.int8)
    quicker = np.where(walk <= day_ride, WALK, RIDE)
    mode = np.select([tier == 0, tier == 1, tier == 2], [WALK, RIDE, BOARD], quicker).astype(np.int8)
    carried = (mode == RIDE) | ((mode == BOARD) & by_ride)
    minutes = np.where(carried, ride, walk)
    metres = np.where(carried, table["ride_m"], table["walk_m"])
    return tier, mode, minutes, metres


@njit(cache=True)
def _nearest_first(indptr, key):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - compiled
    """Sort every row by its key; ties stay in the order of the schools."""
    order = np.empty(len(key), np.int64)
    for i in range(len(indptr) - 1):
        first, last = indptr[i], indptr[i + 1]
        order[first:last] = first + np.argsort(key[first:last], kind="mergesort")
    return order

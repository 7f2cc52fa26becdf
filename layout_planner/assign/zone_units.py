"""Zoning units: villages, or parts of populous ones, as areas that tile the county, with pupils and neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layout_planner.assign.barriers import barrier_lines, separated
from layout_planner.assign.coverage import cells_by_unit, clean, shared_borders, without_detached
from layout_planner.assign.zone_blocks import divide_area, street_lines
from layout_planner.demand.groups import place_of
from layout_planner.errors import LayoutError, Text
from layout_planner.grades import GradeBand

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from layout_planner.config.zoning import Zoning
    from layout_planner.io.county import County

__all__ = ["ZoneUnits", "zone_units"]

_BANDS = [band.pupils_column for band in GradeBand]


@dataclass(frozen=True, eq=False)
class ZoneUnits:
    """Units that are sent to one school whole, sorted by id.

    Attributes
    ----------
    frame : GeoDataFrame (n)
        ``unit_id`` (the village's id, with ``-1``, ``-2`` … where it was divided), ``village_id``, ``name``,
        ``township_id``, ``township``, pupils by band, and their areas, a valid coverage of the county.
    centre : (n, 2) float64
        Where the unit's pupils live: the home nearest to their middle, metres.
    point_unit : (p,) int64
        Unit of every row of ``County.demand``.
    pairs : (k, 2) int64
        Units next to each other that a zone may join, positions, the smaller first.
    border_m : (k,) float64
        Length of their common border, metres.
    barred : (b, 2) int64
        Units next to each other that a zone may not join directly: a barrier lies between them, no road does, or
        they touch in little more than a point.
    """

    frame: gpd.GeoDataFrame
    centre: NDArray[np.float64]
    point_unit: NDArray[np.int64]
    pairs: NDArray[np.int64]
    border_m: NDArray[np.float64]
    barred: NDArray[np.int64]

    @property
    def unit_id(self) -> NDArray[np.object_]:
        """Ids of the units, sorted."""
        return self.frame["unit_id"].to_numpy(dtype=object)

    @property
    def areas(self) -> NDArray[np.object_]:
        """Areas of the units."""
        return np.asarray(self.frame.geometry.to_numpy(), dtype=object)

    def at(self, points: NDArray[np.object_]) -> NDArray[np.int64]:
        """Find the unit in which, or nearest to which, every point lies."""
        return np.asarray(shapely.STRtree(self.areas).nearest(points), dtype=np.int64)

    def pupils(self, bands: Sequence[GradeBand]) -> NDArray[np.float64]:
        """Count the pupils of some bands in every unit."""
        return self.frame[[band.pupils_column for band in bands]].to_numpy(dtype=np.float64).sum(axis=1)


def zone_units(county: County, zoning: Zoning) -> ZoneUnits:
    """Make the county's zoning units: its villages; demand points without one are units of their own.

    The county is divided among the places where pupils live, township by township; populous villages are divided along
    streets and rivers. Parts of a village that lie apart from where most of its pupils live belong to the unit around
    them, so that every unit holds together.

    Parameters
    ----------
    county : County
        With demand.
    zoning : Zoning
        ``largest_unit_pupils``, ``min_border_m``, ``connected_by`` and ``barriers``.

    Raises
    ------
    LayoutError
        If the county has no demand yet, or nobody lives there.
    """
    if county.demand is None or not len(county.demand):
        raise LayoutError(Text("尚未计算需求点的学生数，不能划片", "the county has no demand yet: nothing to zone"))
    demand = county.demand
    weight = demand[_BANDS].to_numpy(dtype=np.float64).sum(axis=1)
    place = demand["demand_id"].astype(str).map(place_of)
    first = place.drop_duplicates().index
    xy = shapely.get_coordinates(demand.geometry.loc[first].to_numpy())
    at_place = pd.Index(place.loc[first]).get_indexer(pd.Index(place))
    load = np.bincount(at_place, weights=weight, minlength=len(first)).astype(np.float64)
    village = demand.loc[first, "village_id"].fillna("").astype(str).to_numpy(dtype=object)
    village = np.where(village == "", place.loc[first].to_numpy(dtype=object), village)
    village_id, own = np.unique(village.astype(str), return_inverse=True)
    regions = list(county.townships.geometry) if len(county.townships) else [county.boundary.union_all()]
    areas, own = without_detached(cells_by_unit(xy, own, regions), xy, load, own)
    whole = _Divided(village_id.astype(object), village_id.astype(object), areas, own)
    found = _divided(whole, xy, load, zoning.largest_unit_pupils, county)
    unit_id, areas, unit = found.unit_id, found.areas, found.unit
    point_unit = unit[at_place]
    frame = _frame(county, unit_id, found.village, areas, point_unit)
    centre = _centres(xy, load, unit, len(unit_id))
    pairs, border_m, barred = _neighbours(county, zoning, frame, centre)
    return ZoneUnits(frame, centre, point_unit, pairs, border_m, barred)


@dataclass(frozen=True, eq=False)
class _Divided:
    """Units with their villages and areas, and the unit of every place."""

    unit_id: NDArray[np.object_]
    village: NDArray[np.object_]
    areas: NDArray[np.object_]
    unit: NDArray[np.int64]


def _divided(
    whole: _Divided, xy: NDArray[np.float64], load: NDArray[np.float64], most: int, county: County
) -> _Divided:
    """Divide populous villages into parts of at most so many pupils, along streets where there are some."""
    heavy = np.flatnonzero(np.bincount(whole.unit, weights=load, minlength=len(whole.unit_id)) > most)
    if most <= 0 or not len(heavy):
        return whole
    lines, taken = street_lines(county), set(whole.unit_id.tolist())
    kept = np.setdiff1d(np.arange(len(whole.unit_id)), heavy)
    names, areas = list(whole.unit_id[kept]), list(whole.areas[kept])
    villages, code = list(names), whole.unit_id[whole.unit]
    for v in heavy:
        mine, village = np.flatnonzero(whole.unit == v), str(whole.unit_id[v])
        part, shapes = divide_area(whole.areas[v], xy[mine], load[mine], most, lines)
        codes = _codes(village, len(shapes), taken) if len(shapes) > 1 else [village]
        code[mine] = np.array(codes, dtype=object)[part]
        names, areas, villages = [*names, *codes], [*areas, *shapes], [*villages, *[village] * len(codes)]
    order = np.argsort(np.array(names, dtype=str))
    unit_id = np.array(names, dtype=object)[order]
    unit = np.searchsorted(unit_id.astype(str), code.astype(str))
    joined, unit = without_detached(clean(np.array(areas, dtype=object)[order]), xy, load, unit)
    return _Divided(unit_id, np.array(villages, dtype=object)[order], joined, unit)


def _codes(village: str, count: int, taken: Collection[str]) -> list[str]:
    """Give the parts of a village numbered codes; with more hyphens where another village has such a code."""
    mark, width = "-", len(str(count))
    while any(code in taken for code in (f"{village}{mark}{k:0{width}d}" for k in range(1, count + 1))):
        mark += "-"
    return [f"{village}{mark}{k:0{width}d}" for k in range(1, count + 1)]


def _frame(
    county: County, unit_id: NDArray[np.object_], village: NDArray[np.object_], areas: NDArray[np.object_],
    point_unit: NDArray[np.int64],
) -> gpd.GeoDataFrame:  # fmt: skip
    demand = county.demand
    assert demand is not None
    rows = pd.DataFrame(demand[["name", "village_id", "township_id"]]).fillna("").astype(str)
    rows = rows.assign(unit=point_unit, place=demand["demand_id"].astype(str).map(place_of)).sort_values("place")
    known = set(rows["village_id"]) - {""}
    own = np.array([code if code in known else "" for code in village], dtype=object)
    lead = rows[rows["village_id"] == own[rows["unit"]]].drop_duplicates("unit").set_index("unit")
    lead = lead.reindex(range(len(unit_id)))
    lead = lead.fillna(rows.drop_duplicates("unit").set_index("unit"))
    villages = county.villages.drop_duplicates("village_id").set_index("village_id")["name"]
    name = pd.Series(own).map(villages).fillna("").astype(str).to_numpy(dtype=object)
    name = np.where(name == "", lead["name"].to_numpy(dtype=object), name)
    part = [code.removeprefix(v).lstrip("-") for code, v in zip(unit_id, village, strict=True)]
    towns = county.townships.drop_duplicates("township_id").set_index("township_id")["name"]
    pupils = np.zeros((len(unit_id), len(_BANDS)))
    np.add.at(pupils, point_unit, demand[_BANDS].to_numpy(dtype=np.float64))
    frame = pd.DataFrame({
        "unit_id": unit_id,
        "village_id": own.astype(object),
        "name": [f"{n}第{int(k)}片" if k else n for n, k in zip(name, part, strict=True)],
        "township_id": lead["township_id"].to_numpy(dtype=object),
        "township": lead["township_id"].map(towns).fillna("").to_numpy(dtype=object),
    })  # fmt: skip
    frame[_BANDS] = pupils
    return gpd.GeoDataFrame(frame, geometry=areas, crs=county.crs)


def _centres(
    xy: NDArray[np.float64], load: NDArray[np.float64], unit: NDArray[np.int64], n: int
) -> NDArray[np.float64]:
    """Give each unit the home nearest to the weighted middle of its homes."""
    weight = np.where(np.bincount(unit, weights=load, minlength=n)[unit] > 0, load, 1.0)
    total = np.bincount(unit, weights=weight, minlength=n)
    middle = np.column_stack([np.bincount(unit, weights=weight * xy[:, k], minlength=n) / total for k in (0, 1)])
    away = np.hypot(*(xy - middle[unit]).T)
    order = np.lexsort((away, unit))
    return xy[order[np.unique(unit[order], return_index=True)[1]]]


def _neighbours(
    county: County, zoning: Zoning, frame: gpd.GeoDataFrame, centre: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """Find the units next to each other, and those among them that no zone may join directly."""
    areas = np.asarray(frame.geometry.to_numpy(), dtype=object)
    pairs, metres = shared_borders(areas)
    apart = metres < zoning.min_border_m
    lines, roads = barrier_lines(county, zoning.barriers)
    apart |= separated(pairs, areas, centre, lines, roads)
    if zoning.connected_by == "road":
        apart |= ~_joined_by_road(county, pairs, areas)
    return pairs[~apart], metres[~apart], pairs[apart]


def _joined_by_road(county: County, pairs: NDArray[np.int64], areas: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Tell which units a road leads from one to the other directly."""
    network = county.network
    spots = np.asarray(shapely.points(network.node_x, network.node_y), dtype=object)
    node = np.asarray(shapely.STRtree(areas).nearest(spots), dtype=np.int64)
    ends = np.sort(np.column_stack([node[network.edge_u], node[network.edge_v]]), axis=1)
    linked = set(map(tuple, np.unique(ends, axis=0).tolist()))
    return np.array([(int(a), int(b)) in linked for a, b in pairs], dtype=bool)

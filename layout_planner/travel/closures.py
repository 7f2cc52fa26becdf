"""Seasons: roads that are closed, slow or under water for some months."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import rasterio
import shapely
from pyproj import CRS
from rasterio.errors import RasterioError

from layout_planner.errors import Flaw, InputError, NetworkError, Severity, Text
from layout_planner.travel.geodesy import transform
from layout_planner.travel.network import RoadNetwork
from layout_planner.travel.slope import sample_heights
from layout_planner.travel.tags import HIGHWAYS, SURFACES, RoadFlag

__all__ = ["SLOW_GROUPS", "Season", "flooded_edges"]

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_UNPAVED = ("compacted", "fine_gravel", "gravel", "unpaved", "ground", "dirt", "earth", "grass", "grass_paver",
            "pebblestone", "rock", "clay", "sand", "mud")  # fmt: skip
_BARE = ("track", "path")
_NEAR_RIVER_M = 100.0
_RIVER_STEP_M = 50.0

SLOW_GROUPS = ("unpaved", "narrow", "bridge", "tunnel", "all")
"""What may be slowed besides single road classes. Tracks and paths of unknown surface count as unpaved."""


@dataclass(frozen=True, eq=False)
class Season:
    """What some months of the year do to the roads.

    Attributes
    ----------
    name : str
        What results are labelled with.
    months : tuple of int
        1 to 12.
    close_ways : frozenset of str
        Ids of OpenStreetMap ways, or names of roads: closed.
    close_bridges : frozenset of str
        Names of roads whose bridges are closed.
    close_fords, close_ferries : bool
        Whether every ford, every ferry is closed.
    slow : mapping of str to float
        Road class (or one of :data:`SLOW_GROUPS`) to the share of its speed that is left; 0 closes it. The least of
        several shares counts.
    under_water : (m,) bool, optional
        Edges that are flooded, as :func:`flooded_edges` finds them.
    """

    name: str
    months: tuple[int, ...] = ()
    close_ways: frozenset[str] = frozenset()
    close_bridges: frozenset[str] = frozenset()
    close_fords: bool = False
    close_ferries: bool = False
    slow: Mapping[str, float] = field(default_factory=dict)
    under_water: Mask | None = None

    def flood(self, edges: Mask) -> Season:
        """Give the same season with these edges under water."""
        return replace(self, under_water=edges)

    def closed(self, network: RoadNetwork) -> Mask:
        """Tell which edges, shape (m,), nobody can use."""
        roads = network.roads
        closed = _named(network, self.close_ways)
        if self.close_bridges:
            closed |= _named(network, self.close_bridges) & roads.has(RoadFlag.BRIDGE)
        if self.close_fords:
            closed |= roads.has(RoadFlag.FORD)
        if self.close_ferries:
            closed |= roads.is_class("ferry")
        if self.under_water is not None:
            closed |= self.under_water
        return closed

    def time_factors(self, network: RoadNetwork) -> Floats:
        """Give the minutes on every edge per minute of the rest of the year, shape (m,); inf where closed."""
        left = np.ones(network.n_edges)
        for group, share in self.slow.items():
            edges = _group(network, group)
            left[edges] = np.minimum(left[edges], share)
        left[self.closed(network)] = 0.0
        return np.divide(1.0, left, out=np.full(network.n_edges, np.inf), where=left > 0)

    def checks(self, network: RoadNetwork) -> list[Flaw]:
        """Warn of ids and names that no road has: the season would not close what somebody meant."""
        known = {name for name in network.names if name} | set(network.way_id.astype(str).tolist())
        on_bridge = {network.names[code] for code in network.name_code[network.roads.has(RoadFlag.BRIDGE)]}
        missing = sorted(self.close_ways - known) + sorted(self.close_bridges - on_bridge)
        if not missing:
            return []
        what = Text(
            f"{self.name}要封闭的道路在路网中没有：{'、'.join(missing)}",
            f"{self.name} closes roads that are not on the map: {', '.join(missing)}",
        )
        mend = Text("核对道路名称或编号", "check the names or ids")
        return [Flaw("season_unknown_way", what, mend, key="travel.seasons", severity=Severity.WARNING)]


def flooded_edges(
    network: RoadNetwork, rivers: Sequence[shapely.Geometry], terrain: Path, rise_m: float, *,
    within_m: float = _NEAR_RIVER_M, declared_crs: str | CRS | None = None,
) -> Mask:  # fmt: skip
    """Find the edges that lie under water when rivers rise by some metres.

    A place on a road is under water if the nearest point of a river is at most ``within_m`` metres away and the road
    lies less than ``rise_m`` above it, both heights taken from the same terrain. Bridges, tunnels and ferries stay
    open. The terrain must be fine enough to know a bank from a bed: at 90 metres a cell this is a rough guess.

    Parameters
    ----------
    network : RoadNetwork
        The roads, with relief.
    rivers : sequence of shapely geometries
        In the network's CRS.

    Raises
    ------
    NetworkError
        The network has no relief.
    InputError
        The terrain cannot be read.
    """
    relief = network.relief
    if relief is None:
        raise NetworkError(Text("路网没有高程，无法推算淹没", "the network has no heights: floods cannot be told"))
    wet = np.zeros(network.n_edges, dtype=bool)
    lines = [g for g in rivers if g is not None and not shapely.is_empty(g)]
    if not lines:
        return wet
    bed = shapely.get_coordinates(shapely.segmentize(np.array(lines, dtype=object), _RIVER_STEP_M))
    try:
        with rasterio.open(terrain) as raster:
            crs = CRS.from_user_input(raster.crs.to_wkt() if raster.crs else declared_crs)
            level = sample_heights(raster, *transform(bed[:, 0], bed[:, 1], network.crs, crs))
    except (RasterioError, OSError, ValueError) as error:
        what = Text(f"高程无法读取（{error}）", f"the terrain cannot be read ({error})")
        mend = Text("换一个 GeoTIFF", "give another GeoTIFF")
        raise InputError.collect([Flaw("terrain_unreadable", what, mend, file=terrain.name)]) from error
    known = np.isfinite(level)
    tree = shapely.STRtree(np.asarray(shapely.points(bed[known]), dtype=object))
    roads = network.roads
    dry = roads.has(RoadFlag.BRIDGE | RoadFlag.TUNNEL) | roads.is_class("ferry")
    edge = np.repeat(np.arange(network.n_edges), np.diff(relief.start))
    count = np.diff(relief.start)[edge] - 1
    share = (np.arange(len(edge)) - relief.start[edge]) / count
    at = np.flatnonzero(~dry[edge])
    lines_of = network.edge_geometries()
    places = shapely.line_interpolate_point(lines_of[edge[at]], share[at], normalized=True)
    point, near = tree.query_nearest(places, max_distance=within_m, all_matches=False)
    under = relief.height_m[at[point]] < level[known][near] + rise_m
    wet[edge[at[point[under]]]] = True
    return wet


def _named(network: RoadNetwork, wanted: frozenset[str]) -> Mask:
    if not wanted:
        return np.zeros(network.n_edges, dtype=bool)
    codes = [code for code, name in enumerate(network.names) if name and name in wanted]
    ids = np.array([int(w) for w in wanted if w.lstrip("-").isdecimal()], dtype=np.int64)
    return np.isin(network.name_code, codes) | np.isin(network.way_id, ids)


def _group(network: RoadNetwork, name: str) -> Mask:
    roads = network.roads
    if name == "all":
        return np.ones(network.n_edges, dtype=bool)
    if name == "unpaved":
        bare = np.isin(roads.surface, [SURFACES.index(s) for s in _UNPAVED])
        return bare | (roads.is_class(*_BARE) & (roads.surface == 0))
    flags = {"narrow": RoadFlag.NARROW, "bridge": RoadFlag.BRIDGE, "tunnel": RoadFlag.TUNNEL}
    if name in flags:
        return roads.has(flags[name])
    if name not in HIGHWAYS:
        raise NetworkError(Text(f"没有道路等级 {name}", f"there is no road class {name}"))
    return roads.is_class(name)

"""The quickest way between chosen places and sites: its minutes, metres, roads and line."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layout_planner.errors import Text, UnknownIdError
from layout_planner.travel.field import Access, Direction, TimeField, Workspace, checked_points
from layout_planner.travel.field_kernels import draw_ways, trace_ways
from layout_planner.travel.network import RoadNetwork
from layout_planner.travel.snap import Snapped
from layout_planner.travel.speeds import Profile
from layout_planner.travel.threads import Progress, in_blocks

__all__ = ["PathEdges", "Paths", "find_paths", "shortest_paths"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.object_]
Pairs = pd.DataFrame | Sequence[tuple[str, str]]


@dataclass(frozen=True, eq=False)
class PathEdges:
    """The pieces of road of p paths, one after the other, in the order in which they are travelled.

    Attributes
    ----------
    start : (p + 1,) int64
        Offsets of each path's pieces; a path that needs no road has none.
    edge : (k,) int32
        Edge of the network.
    begin, end : (k,) float64
        Shares of the edge, from its u end, where the traveller enters and leaves it: 0 to 1 is the whole edge from u
        to v, 1 to 0 the whole edge from v to u. They never equal each other.
    metres : (k,) float64
        Metres of the piece.
    """

    start: Ints
    edge: npt.NDArray[np.int32]
    begin: Floats
    end: Floats
    metres: Floats

    @property
    def path(self) -> Ints:
        """Position of the path of every piece, shape (k,)."""
        return np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))

    @property
    def forward(self) -> npt.NDArray[np.bool_]:
        """Tell which pieces are travelled from the edge's u to its v, shape (k,)."""
        return self.end > self.begin

    def reversed(self) -> PathEdges:
        """Travel every path the other way."""
        order = np.lexsort((-np.arange(len(self.edge)), self.path))
        return PathEdges(self.start, self.edge[order], self.end[order], self.begin[order], self.metres[order])


@dataclass(frozen=True, eq=False)
class Paths:
    """Quickest ways of p pairs of an origin and a site.

    Attributes
    ----------
    network : RoadNetwork
        What the edges refer to.
    origin_id, site_id : (p,) object arrays of text
        The pairs, in the order asked for.
    minutes, metres : (p,) float64
        As in :class:`~layout_planner.travel.matrix.TravelMatrix`; nan where there is no way within the cut-off.
    origin_access_m, site_access_m : (p,) float64
        Straight metres between the origin, or the site, and the road; nan where no road is near.
    edges : PathEdges
        The roads travelled.
    ends : (p, 4, 2) float64
        The origin, its place on the road, the site's place on the road, and the site; metres in the network's CRS.
    direction : {"to_site", "from_site"}
        Which way people travel.
    """

    network: RoadNetwork
    origin_id: Ids
    site_id: Ids
    minutes: Floats
    metres: Floats
    origin_access_m: Floats
    site_access_m: Floats
    edges: PathEdges
    ends: Floats
    direction: Direction

    @cached_property
    def line(self) -> npt.NDArray[np.object_]:
        """LineString of every path in the direction of travel, None without a way; drawn when first asked for."""
        back = self.direction == "from_site"
        pieces = self.edges.reversed() if back else self.edges
        lines = _lines(pieces, self.ends, self.network, np.isfinite(self.minutes))
        return np.asarray(shapely.reverse(lines) if back else lines, dtype=object)

    def to_frame(self) -> gpd.GeoDataFrame:
        """Tabulate the paths, one row a pair; ``edges`` holds the positions of the edges travelled, in order."""
        start = self.edges.start
        table = {name: getattr(self, name) for name in
                 ("origin_id", "site_id", "minutes", "metres", "origin_access_m", "site_access_m")}  # fmt: skip
        held = np.empty(len(start) - 1, dtype=object)
        held[:] = [self.edges.edge[a:b] for a, b in pairwise(start)]
        return gpd.GeoDataFrame(table | {"edges": held}, geometry=self.line, crs=self.network.crs)

    def edges_frame(self) -> pd.DataFrame:
        """Tabulate the pieces of road: ids of the pair, ``step`` (from 0), edge, way, name, direction and metres."""
        pieces, network = self.edges, self.network
        path = pieces.path
        return pd.DataFrame(
            {
                "origin_id": self.origin_id[path],
                "site_id": self.site_id[path],
                "step": np.arange(len(path)) - pieces.start[path],
                "edge": pieces.edge,
                "way_id": network.way_id[pieces.edge].astype(str).astype(object),
                "name": np.array(network.names, dtype=object)[network.name_code[pieces.edge]],
                "forward": pieces.forward,
                "begin": pieces.begin,
                "end": pieces.end,
                "metres": pieces.metres,
            }
        )


def shortest_paths(
    network: RoadNetwork, profile: Profile, origin_id: Sequence[str] | Ids, origin_xy: npt.ArrayLike,
    site_id: Sequence[str] | Ids, site_xy: npt.ArrayLike, pairs: Pairs, *, cutoff_min: float = np.inf,
    snap_limit_m: float, access_speed_kmh: float, access_detour: float, direction: Direction = "to_site",
    workers: int | None = None, progress: Progress | None = None,
) -> gpd.GeoDataFrame:  # fmt: skip
    """Tabulate the quickest ways of chosen pairs: :func:`find_paths` as a frame, see :meth:`Paths.to_frame`."""
    return find_paths(
        network, profile, origin_id, origin_xy, site_id, site_xy, pairs, cutoff_min=cutoff_min,
        snap_limit_m=snap_limit_m, access_speed_kmh=access_speed_kmh, access_detour=access_detour,
        direction=direction, workers=workers, progress=progress,
    ).to_frame()  # fmt: skip


def find_paths(
    network: RoadNetwork, profile: Profile, origin_id: Sequence[str] | Ids, origin_xy: npt.ArrayLike,
    site_id: Sequence[str] | Ids, site_xy: npt.ArrayLike, pairs: Pairs, *, cutoff_min: float = np.inf,
    snap_limit_m: float, access_speed_kmh: float, access_detour: float, direction: Direction = "to_site",
    workers: int | None = None, progress: Progress | None = None,
) -> Paths:  # fmt: skip
    """Find the quickest ways of chosen pairs: one search a site, until all of its origins are reached.

    Parameters
    ----------
    origin_id, origin_xy, site_id, site_xy
        Unique ids, and metres in the network's CRS.
    pairs : DataFrame or sequence of (origin id, site id)
        Which ways to find; a frame has the columns ``origin_id`` and ``site_id``, as an assignment has.
    cutoff_min : float
        Minutes, everything included, beyond which there is no way.
    snap_limit_m, access_speed_kmh, access_detour
        As in :func:`~layout_planner.travel.matrix.travel_matrix`.
    direction : {"to_site", "from_site"}
        Which way people travel.
    workers : int, optional
        Threads; by default one a processor. The result does not depend on it.
    progress : callable, optional
        Told the share that is done.

    Raises
    ------
    NetworkError
        Ids and coordinates do not match, or coordinates are not finite.
    UnknownIdError
        A pair names an origin or a site that is not there.
    """
    access = Access(snap_limit_m, access_speed_kmh, access_detour)
    field = TimeField(network, profile, site_id, site_xy, access, direction)
    origins, places = checked_points(origin_id, origin_xy)
    origin, site = _positions(pairs, origins, field.site_id)
    at = _take(field.snap(places), origin)
    order = np.argsort(site, kind="stable")
    sites = np.unique(site)
    bounds = np.searchsorted(site[order], np.append(sites, len(field.site_id)))
    tracer = _Tracer(field, at, cutoff_min)

    def block(begin: int, end: int) -> list[_Traced]:
        return [tracer.trace(int(sites[i]), order[bounds[i] : bounds[i + 1]]) for i in range(begin, end)]

    traced = [one for part in in_blocks(block, len(sites), 8, workers, progress) for one in part]
    minutes, pieces = _collect(traced, order, network)
    metres = (access.metres(at) + access.metres(_take(field.site_at, site))
              + np.bincount(pieces.path, weights=pieces.metres, minlength=len(site)))  # fmt: skip
    ends = _ends(places[origin], at, field.site_xy[site], _take(field.site_at, site))
    if direction == "from_site":
        pieces = pieces.reversed()
    known = np.where(np.isfinite(minutes), 1.0, np.nan)
    return Paths(network, origins[origin], field.site_id[site], minutes * known, metres * known, at.access_m,
                 field.site_at.access_m[site], pieces, ends, direction)  # fmt: skip


_Traced = tuple[Floats, Ints, npt.NDArray[np.int32], Floats, Floats]


class _Tracer:
    """Searches from one site after the other; each thread keeps a workspace."""

    def __init__(self, field: TimeField, at: Snapped, cutoff_min: float) -> None:
        self.field, self.at, self.cutoff_min = field, at, cutoff_min
        self.leg = field.access.minutes(at) + field.profile.wait_min
        self.spaces = threading.local()

    def trace(self, site: int, rows: Ints) -> _Traced:
        """Give minutes, and offsets, edges and shares of the pieces, of some rows that share a site."""
        field, at = self.field, self.at
        if not hasattr(self.spaces, "own"):
            self.spaces.own = Workspace(field.network.n_nodes)
        space: Workspace = self.spaces.own
        edge, share = at.edge[rows], at.fraction[rows]
        wanted = self._ends(edge, share)
        space.wanted[wanted] = True
        budget = np.where(edge < 0, -np.inf, self.cutoff_min - self.leg[rows])
        if len(wanted):
            field.grow(np.array([site]), float(budget.max()), space, len(wanted))
        found = np.empty(len(rows))
        pieces = trace_ways(
            edge, share, budget, field.network.edge_u, field.network.edge_v, field.forward, field.backward, space.best,
            space.came, field.arcs.head, field.arcs.edge, field.arcs.forward, int(field.site_at.edge[site]),
            field.site_at.fraction[site], field.site_min[site], found,
        )  # fmt: skip
        space.clear()
        space.wanted[wanted] = False
        return found + np.where(edge < 0, 0.0, self.leg[rows]), *pieces

    def _ends(self, edge: npt.NDArray[np.int32], share: Floats) -> Ints:
        """List the nodes by which a way may begin."""
        field, held = self.field, edge >= 0
        edge, share = edge[held], share[held]
        by_u = (share == 0.0) | ((share < 1.0) & np.isfinite(field.backward[edge]))
        by_v = (share == 1.0) | ((share > 0.0) & np.isfinite(field.forward[edge]))
        nodes = np.concatenate([field.network.edge_u[edge[by_u]], field.network.edge_v[edge[by_v]]])
        return np.unique(nodes).astype(np.int64)


def _positions(pairs: Pairs, origins: Ids, sites: Ids) -> tuple[Ints, Ints]:
    table = pairs if isinstance(pairs, pd.DataFrame) else pd.DataFrame(list(pairs), columns=["origin_id", "site_id"])
    found = []
    for name, ids, zh, en in (("origin_id", origins, "起点", "origin"), ("site_id", sites, "学校", "site")):
        at = pd.Index(ids, dtype=object).get_indexer(pd.Index(table[name], dtype=object))
        if (at < 0).any():
            listed = ", ".join(str(one) for one in table[name].to_numpy()[at < 0][:5])
            raise UnknownIdError(Text(f"没有{zh} {listed}", f"There is no {en} {listed}"))
        found.append(at.astype(np.int64))
    return found[0], found[1]


def _take(at: Snapped, rows: Ints) -> Snapped:
    return Snapped(at.edge[rows], at.along_m[rows], at.fraction[rows], at.access_m[rows], at.x[rows], at.y[rows])


def _collect(traced: list[_Traced], order: Ints, network: RoadNetwork) -> tuple[Floats, PathEdges]:
    """Put what was traced site by site back into the order of the pairs."""
    n = len(order)
    minutes = np.empty(n)
    if not n:
        return minutes, PathEdges(np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0), np.zeros(0), np.zeros(0))
    found, offsets, edge, begin, end = (list(part) for part in zip(*traced, strict=True))
    minutes[order] = np.concatenate(found)
    count = np.concatenate([np.diff(offset) for offset in offsets])
    first = np.concatenate([[0], np.cumsum(count)])
    start = np.zeros(n + 1, dtype=np.int64)
    start[order + 1] = count
    np.cumsum(start, out=start)
    place = np.argsort(order)
    pick = np.repeat(first[place] - start[:-1], np.diff(start)) + np.arange(start[-1])
    edges, begins, ends = (np.concatenate(part)[pick] for part in (edge, begin, end))
    return minutes, PathEdges(start, edges, begins, ends, np.abs(ends - begins) * network.length_m[edges])


def _ends(home: Floats, home_at: Snapped, site: Floats, site_at: Snapped) -> Floats:
    """Stack home, its place on the road, the site's place on the road, and the site: shape (p, 4, 2)."""
    on_road = [np.column_stack([at.x, at.y]) for at in (home_at, site_at)]
    return np.stack([home, on_road[0], on_road[1], site], axis=1)


def _lines(
    pieces: PathEdges, ends: Floats, network: RoadNetwork, known: npt.NDArray[np.bool_]
) -> npt.NDArray[np.object_]:
    xy, start = draw_ways(pieces.start, pieces.edge, pieces.begin, pieces.end, ends, network.shape_start,
                          network.shape_x, network.shape_y)  # fmt: skip
    lines = shapely.from_ragged_array(shapely.GeometryType.LINESTRING, xy, (start,))
    lines[~known] = None
    return np.asarray(lines, dtype=object)

"""Travel matrices over a friction surface, alone or together with a road network."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import distance_transform_edt

from layout_planner.errors import Flaw, NetworkError, Severity, Text
from layout_planner.travel.matrix import TravelMatrix
from layout_planner.travel.network import RoadNetwork
from layout_planner.travel.speeds import Profile
from layout_planner.travel.surface import CellMode, Surface
from layout_planner.travel.surface_kernels import M_PER_MIN, sample_roads, search_sites
from layout_planner.travel.surface_search import ExtraArcs, SurfaceGraph
from layout_planner.travel.tags import RoadFlag
from layout_planner.travel.threads import Progress, in_blocks

__all__ = ["combined_matrix", "road_arcs", "surface_matrix"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Ids = Sequence[str] | npt.NDArray[np.object_]
Found = tuple[Ints, npt.NDArray[np.int32], npt.NDArray[np.float32], npt.NDArray[np.float32]]

SNAP_LIMIT_M = 300.0
"""Metres within which a point in a closed cell is taken to the nearest open one."""

_SITES_A_BLOCK = 4
_SAMPLES_A_CELL = 4


@dataclass(frozen=True, eq=False)
class _Points:
    """Where k points stand: cell (-1: nowhere), minutes and metres to its middle, and minutes per metre in it."""

    cell: Ints
    minutes: Floats
    metres: Floats
    xy: Floats
    pace: Floats

    def arrays(self) -> tuple[Ints, Floats, Floats, Floats, Floats, Floats]:
        x, y = np.ascontiguousarray(self.xy[:, 0]), np.ascontiguousarray(self.xy[:, 1])
        return self.cell, self.minutes, self.metres, x, y, self.pace

    @property
    def access_m(self) -> Floats:
        return np.where(self.cell >= 0, self.metres, np.nan)


def surface_matrix(
    surface: Surface, origin_id: Ids, origin_xy: Floats, site_id: Ids, site_xy: Floats, *, cutoff_min: float,
    mode: str = "walk", speed_scale: float = 1.0, knights_move: bool = True, snap_limit_m: float = SNAP_LIMIT_M,
    workers: int | None = None, progress: Progress | None = None,
) -> TravelMatrix:  # fmt: skip
    """Find the minutes and metres over the surface from every origin to every site in reach.

    A trip is the straight way to the middle of the origin's cell, moves between cells, and the straight way from the
    middle of the site's cell; within one cell it is the straight way between the two, if that is quicker. Memory
    grows with the pairs in reach.

    Parameters
    ----------
    origin_id, site_id : sequences of text, lengths n and m
        Ids, unique.
    origin_xy, site_xy : (n, 2), (m, 2) float64
        Metres in the surface's CRS.
    cutoff_min : float
        Minutes beyond which a pair is left out.
    mode : str
        What the result is labelled with.
    speed_scale : float
        Factor on all walking speeds of the surface (an age band's speed over the adult's).
    knights_move : bool
        See :func:`~layout_planner.travel.surface_search.travel_time`.
    snap_limit_m : float
        A point in a closed cell moves to the nearest open one within these metres; beyond, it reaches nothing.
    workers : int, optional
        Threads; by default one a processor. The result does not depend on it.
    progress : callable, optional
        Told the share that is done.

    Raises
    ------
    NetworkError
        Ids and coordinates do not match, or coordinates are not finite.
    """
    graph = SurfaceGraph.build(surface, knights_move=knights_move, speed_scale=speed_scale, cutoff_min=cutoff_min)
    return _matrix(graph, surface, origin_id, origin_xy, site_id, site_xy, cutoff_min, mode, speed_scale,
                   snap_limit_m, workers, progress)  # fmt: skip


def combined_matrix(
    surface: Surface, network: RoadNetwork, profile: Profile, origin_id: Ids, origin_xy: Floats, site_id: Ids,
    site_xy: Floats, *, cutoff_min: float, speed_scale: float = 1.0, knights_move: bool = True,
    snap_limit_m: float = SNAP_LIMIT_M, workers: int | None = None, progress: Progress | None = None,
) -> TravelMatrix:  # fmt: skip
    """Find the quickest way from every origin to every site over the surface and the roads together.

    One search runs over cells and roads at once, so a trip may use the surface alone, reach a road, leave it and take
    another: no trip is slower than the surface alone, or than the roads alone reached in the same way. See
    :func:`road_arcs` for where roads can be reached and :func:`surface_matrix` for the parameters; the matrix is
    labelled with the profile's name.
    """
    extra = road_arcs(surface, network, profile, speed_scale=speed_scale)
    graph = SurfaceGraph.build(surface, knights_move=knights_move, speed_scale=speed_scale, cutoff_min=cutoff_min,
                               extra=extra)  # fmt: skip
    return _matrix(graph, surface, origin_id, origin_xy, site_id, site_xy, cutoff_min, profile.name, speed_scale,
                   snap_limit_m, workers, progress)  # fmt: skip


def road_arcs(surface: Surface, network: RoadNetwork, profile: Profile, *, speed_scale: float = 1.0) -> ExtraArcs:
    """Join a road network to the cells: nodes beyond the cells, arcs along the roads, and ways on and off them.

    Every open cell that a road passes through is linked to the point of the road nearest to its middle, by the straight
    way at the cell's speed, plus the profile's wait when getting on. Nobody gets on or off on a bridge, in a
    tunnel, on a class of the profile's ``no_snap``, or in a closed cell.

    Returns
    -------
    ExtraArcs
        Cells first, then the network's nodes, then the points.
    """
    network = network.to_crs(surface.crs)
    forward, backward = profile.edge_minutes(network)
    linked = np.flatnonzero(profile.snappable(network) & ~network.roads.has(RoadFlag.BRIDGE))
    place, is_open = surface.transform, surface.mode != CellMode.CLOSED
    edge, share, cell, gap = sample_roads(linked, network.shape_start, network.shape_x, network.shape_y, place.c,
                                          place.f, place.a, place.e, is_open,
                                          min(surface.cell_m) / _SAMPLES_A_CELL)  # fmt: skip
    n_cells = is_open.size
    point = n_cells + network.n_nodes + np.arange(len(edge))
    walk = gap * _pace(surface, cell, speed_scale)
    piece, a, b, part = _pieces(network, np.isfinite(forward) | np.isfinite(backward), edge, share, n_cells)
    there, back = np.isfinite(forward[piece]), np.isfinite(backward[piece])
    length = part * network.length_m[piece]
    tail = np.concatenate([a[there], b[back], cell, point])
    head = np.concatenate([b[there], a[back], point, cell])
    minutes = np.concatenate([part[there] * forward[piece[there]],
                              part[back] * backward[piece[back]], walk + profile.wait_min, walk])  # fmt: skip
    metres = np.concatenate([length[there], length[back], gap, gap])
    order = np.argsort(head, kind="stable")
    start = np.zeros(n_cells + network.n_nodes + len(edge) + 1, dtype=np.int64)
    np.cumsum(np.bincount(head, minlength=len(start) - 1), out=start[1:])
    return ExtraArcs(start, tail[order].astype(np.int32), minutes[order], metres[order])


def _pieces(
    network: RoadNetwork, usable: npt.NDArray[np.bool_], edge: Ints, share: Floats, n_cells: int
) -> tuple[Ints, Ints, Ints, Floats]:
    """Cut the usable edges at their points: edge, node at both ends and share of the edge, for every piece."""
    whole = np.flatnonzero(usable)
    n = len(whole)
    owner = np.concatenate([whole, edge, whole])
    node = n_cells + np.concatenate([network.edge_u[whole].astype(np.int64), network.n_nodes + np.arange(len(edge)),
                                     network.edge_v[whole].astype(np.int64)])  # fmt: skip
    at = np.concatenate([np.zeros(n), share, np.ones(n)])
    rank = np.concatenate([np.zeros(n), np.ones(len(edge)), np.full(n, 2.0)])
    order = np.lexsort((at, rank, owner))
    owner, node, at = owner[order], node[order], at[order]
    same = np.flatnonzero(owner[1:] == owner[:-1])
    return owner[same], node[same], node[same + 1], at[same + 1] - at[same]


def _pace(surface: Surface, cell: Ints, speed_scale: float) -> Floats:
    """Give the minutes per metre on the flat in open cells; nan for -1."""
    at = np.maximum(cell, 0)
    kmh = surface.speed_kmh.ravel()[at].astype(np.float64)
    kmh = np.where(surface.mode.ravel()[at] == CellMode.WALK, kmh * speed_scale, kmh)
    pace = np.full(len(cell), np.nan)
    np.divide(1.0, kmh * M_PER_MIN, out=pace, where=(cell >= 0) & (kmh > 0))
    return pace


def _stand(surface: Surface, ids: Ids, xy: Floats, speed_scale: float, limit_m: float) -> _Points:
    """Find the open cell where each point starts or ends."""
    xy = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    if len(ids) != len(xy) or len(set(ids)) != len(ids) or not np.isfinite(xy).all():
        zh = "起点或学校的代码与坐标不符，或有重复、空值"
        en = "Ids and coordinates do not match, repeat, or are not finite"
        raise NetworkError(Text(zh, en))
    cell = surface.cell_at(xy)
    is_open = surface.mode.ravel() != CellMode.CLOSED
    lost = np.flatnonzero((cell >= 0) & ~is_open[np.maximum(cell, 0)])
    if len(lost) and is_open.any():
        across, down = surface.cell_m
        near = distance_transform_edt(~is_open.reshape(surface.shape), sampling=(down, across), return_distances=False,
                                      return_indices=True)  # fmt: skip
        row, column = (np.asarray(part, dtype=np.int64).ravel()[cell[lost]] for part in near)
        cell[lost] = row * surface.shape[1] + column
    metres = np.hypot(*(surface.centre(np.maximum(cell, 0)) - xy).T)
    away = np.zeros(len(xy), dtype=bool)
    away[lost] = metres[lost] > limit_m if is_open.any() else True
    cell = np.where(away, -1, cell)
    pace = _pace(surface, cell, speed_scale)
    return _Points(cell, np.where(cell >= 0, metres * pace, np.nan), metres, xy, pace)


def _matrix(
    graph: SurfaceGraph, surface: Surface, origin_id: Ids, origin_xy: Floats, site_id: Ids, site_xy: Floats,
    cutoff_min: float, mode: str, speed_scale: float, snap_limit_m: float, workers: int | None,
    progress: Progress | None,
) -> TravelMatrix:  # fmt: skip
    origins = _stand(surface, origin_id, origin_xy, speed_scale, snap_limit_m)
    sites = _stand(surface, site_id, site_xy, speed_scale, snap_limit_m)
    n, m, n_cells = len(origins.cell), len(sites.cell), surface.mode.size
    held = np.flatnonzero(origins.cell >= 0)
    cell_start = np.zeros(n_cells + 1, dtype=np.int64)
    np.cumsum(np.bincount(origins.cell[held], minlength=n_cells), out=cell_start[1:])
    by_cell = cell_start, held[np.argsort(origins.cell[held], kind="stable")]
    spaces = threading.local()

    def search(first: int, last: int) -> Found:
        if not hasattr(spaces, "own"):
            spaces.own = graph.workspace()
        found: Found = search_sites(graph.arrays(), spaces.own, cutoff_min, sites.arrays(), first, last,
                                    origins.arrays(), by_cell)  # fmt: skip
        return found

    blocks = in_blocks(search, m, _SITES_A_BLOCK, workers, progress)
    indptr, indices, minutes, metres = _by_origin(blocks, n, m)
    checks = (*surface.checks, *_off_surface(origins, sites, snap_limit_m))
    return TravelMatrix(np.array(origin_id, dtype=object), np.array(site_id, dtype=object), indptr, indices, minutes,
                        metres, mode, cutoff_min, origins.access_m, sites.access_m, checks)  # fmt: skip


def _by_origin(blocks: list[Found], n: int, m: int) -> Found:
    """Turn pairs listed by site into rows by origin, sites ascending."""
    indptr = np.zeros(n + 1, dtype=np.int64)
    if not blocks:
        return indptr, np.zeros(0, np.int32), np.zeros(0, np.float32), np.zeros(0, np.float32)
    count, origin, minutes, metres = (np.concatenate(part) for part in zip(*blocks, strict=True))
    np.cumsum(np.bincount(origin, minlength=n), out=indptr[1:])
    order = np.argsort(origin, kind="stable")
    site = np.repeat(np.arange(m, dtype=np.int32), count)
    return indptr, site[order], minutes[order], metres[order]


def _off_surface(origins: _Points, sites: _Points, limit_m: float) -> list[Flaw]:
    flaws = []
    for points, zh, en in ((origins, "起点", "origins"), (sites, "学校", "sites")):
        off = int((points.cell < 0).sum())
        if off:
            what = Text(f"{off} 个{zh}在范围外，或 {limit_m:g} 米内没有可通行的格，视为不可达",
                        f"{off} {en} lie outside the surface, or have no open cell within {limit_m:g} m")  # fmt: skip
            mend = Text("扩大地形与土地覆盖的范围，或核对水体与屏障", "widen the rasters, or check water and barriers")
            flaws.append(Flaw("off_surface", what, mend, severity=Severity.WARNING))
    return flaws

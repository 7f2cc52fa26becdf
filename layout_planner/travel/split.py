"""Split edges whose pace changes along them, so that a share of an edge's length is a share of its time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from layout_planner.travel.geodesy import WGS84, transform
from layout_planner.travel.network import RoadNetwork
from layout_planner.travel.relief import Relief
from layout_planner.travel.surface_slope import tobler_factor

__all__ = ["mark_uneven", "split_uneven"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_METRES_A_MINUTE = 50.0


def split_uneven(network: RoadNetwork, *, off_min: float = 0.1) -> RoadNetwork:
    """Split edges on which a walker's time to a point is not in proportion to the length.

    Homes and schools lie along edges, and searches share an edge's minutes out by length. On an edge that is first
    flat and then steep that would put a home many minutes off; its pieces are even enough.

    Parameters
    ----------
    network : RoadNetwork
        With relief (see :func:`layout_planner.travel.slope.drape`); returned as it is without.
    off_min : float
        Minutes, at 50 m a minute on the flat, by which a point of a piece may be off. Pieces end where heights were
        sampled.

    Returns
    -------
    RoadNetwork
        The same roads: lengths, shapes, heights and attributes of the pieces add up to those of the edge. New nodes
        have negative ids and come last.
    """
    relief = network.relief
    if relief is None or not network.n_edges:
        return network
    cuts = _cuts(network, relief, off_min)
    pieces = np.array([len(at) - 1 for at in cuts], dtype=np.int64)
    if pieces.max(initial=1) == 1:
        return network
    owner = np.repeat(np.arange(network.n_edges), pieces)
    first = np.concatenate([[0], np.cumsum(pieces)])
    shapes, shares, places = _cut_shapes(network, relief, cuts)
    inner = np.ones(len(owner), dtype=bool)
    inner[first[1:] - 1] = False
    tail, head = network.edge_u[owner].astype(np.int64), network.edge_v[owner].astype(np.int64)
    new = network.n_nodes + np.arange(int(inner.sum()))
    head[inner] = new
    tail[np.flatnonzero(inner) + 1] = new
    x, y = places.T
    lon, lat = transform(x, y, network.crs, WGS84)
    low = min(0, int(network.node_id.min(initial=0)))
    vertices = np.array([len(s) for s in shapes], dtype=np.int64)
    flat = np.concatenate(shapes)
    return RoadNetwork(
        network.crs,
        np.concatenate([network.node_id, low - 1 - np.arange(len(new))]),
        np.concatenate([network.node_x, x]),
        np.concatenate([network.node_y, y]),
        np.concatenate([network.node_lon, lon]),
        np.concatenate([network.node_lat, lat]),
        tail.astype(np.int32),
        head.astype(np.int32),
        network.length_m[owner] * shares,
        np.concatenate([[0], np.cumsum(vertices)]),
        flat[:, 0].copy(),
        flat[:, 1].copy(),
        network.roads.take(owner),
        network.way_id[owner],
        network.name_code[owner],
        network.names,
        network.rails,
        network.checks,
        _cut_relief(relief, cuts),
    )


def _cuts(network: RoadNetwork, relief: Relief, off_min: float) -> list[Ints]:
    """Choose, for every edge, the samples of its relief at which it is cut, both ends included."""
    slope = relief.slopes(network.length_m)
    count = np.diff(relief.start) - 1
    step = np.repeat(network.length_m / count, count) / _METRES_A_MINUTE
    there, back = (np.concatenate([[0.0], np.cumsum(step / tobler_factor(way))]) for way in (slope, -slope))
    first = np.concatenate([[0], np.cumsum(count)])
    cut = np.zeros(first[-1] + 1, dtype=np.bool_)
    mark_uneven(first, there, back, off_min, cut)
    cut[first] = True
    at = np.flatnonzero(cut)
    low = np.searchsorted(at, first)
    return [at[a : b + 1] - f for a, b, f in zip(low[:-1], low[1:], first[:-1], strict=True)]


@njit(cache=True, nogil=True)
def mark_uneven(first, there, back, off_min, cut):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201 - compiled
    """Mark the samples at which edges are cut: wherever the times lie farthest from their chord, until none is far."""
    stack = np.empty((64 + first.max(), 2), dtype=np.int64)
    for e in range(len(first) - 1):
        stack[0] = first[e], first[e + 1]
        depth = 1
        while depth:
            depth -= 1
            a, b = stack[depth]
            worst, at = off_min, -1
            for k in range(a + 1, b):
                share = (k - a) / (b - a)
                for gone in (there, back):
                    off = abs(gone[k] - gone[a] - share * (gone[b] - gone[a]))
                    if off > worst:
                        worst, at = off, k
            if at >= 0:
                cut[at] = True
                stack[depth] = a, at
                stack[depth + 1] = at, b
                depth += 2


def _cut_shapes(network: RoadNetwork, relief: Relief, cuts: list[Ints]) -> tuple[list[Floats], Floats, Floats]:
    """Cut the vertices of every edge: the pieces' vertices, their shares of the edge, the places of new nodes."""
    shapes: list[Floats] = []
    shares: list[Floats] = []
    places: list[Floats] = []
    samples = np.diff(relief.start) - 1
    xy = np.column_stack([network.shape_x, network.shape_y])
    for e, at in enumerate(cuts):
        vertices = xy[network.shape_start[e] : network.shape_start[e + 1]]
        if len(at) == 2:
            shapes.append(vertices)
            shares.append(np.ones(1))
            continue
        along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(vertices, axis=0).T))])
        share = at / samples[e]
        wanted = share[1:-1] * along[-1]
        points = np.column_stack([np.interp(wanted, along, vertices[:, i]) for i in (0, 1)])
        ends = [vertices[0], *points, vertices[-1]]
        limits = np.concatenate([[0.0], wanted, [along[-1]]])
        for k in range(len(at) - 1):
            between = vertices[(along > limits[k]) & (along < limits[k + 1])]
            shapes.append(np.vstack([ends[k], between, ends[k + 1]]))
        shares.append(np.diff(share))
        places.append(points)
    return shapes, np.concatenate(shares), np.concatenate(places)


def _cut_relief(relief: Relief, cuts: list[Ints]) -> Relief:
    starts = np.concatenate([relief.start[e] + at[:-1] for e, at in enumerate(cuts)])
    count = np.concatenate([np.diff(at) for at in cuts]) + 1
    start = np.concatenate([[0], np.cumsum(count)])
    pick = np.repeat(starts - start[:-1], count) + np.arange(start[-1])
    return Relief(start, relief.height_m[pick])

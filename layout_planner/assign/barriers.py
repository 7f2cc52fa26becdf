"""Natural barriers: rivers and motorways that a zone does not cross, unless a bridge or underpass does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.ops import polygonize

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from layout_planner.io.county import County

__all__ = ["barrier_lines", "separated"]

_RIVERS = ("river", "canal")
_MOTORWAYS = ("motorway", "motorway_link")


def barrier_lines(county: County, kinds: Iterable[str]) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Collect a county's barriers and the roads that may lead across them.

    Returns
    -------
    barriers : (b,) ndarray of LineString
        Rivers and canals (every water line, where the layer does not tell kinds), and motorways.
    roads : (r,) ndarray of LineString
        All roads but motorways; where one crosses a barrier, there is a bridge, a ford or an underpass.
    """
    wanted, found = set(kinds), []
    network = county.network
    if not wanted or network is None:
        return np.zeros(0, dtype=object), np.zeros(0, dtype=object)
    edges, fast = network.edge_geometries(), network.roads.is_class(*_MOTORWAYS)
    if "motorway" in wanted:
        found.append(edges[fast])
    if "river" in wanted and county.rivers is not None and len(county.rivers):
        rivers = county.rivers
        large = rivers["waterway"].isin(_RIVERS) if "waterway" in rivers.columns else np.ones(len(rivers), dtype=bool)
        shapes = rivers.geometry[large].to_numpy()
        lines = [shapely.boundary(s) if s.geom_type.endswith("Polygon") else s for s in shapes if s is not None]
        found.append(shapely.get_parts(np.array(lines, dtype=object)))
    return (np.concatenate(found) if found else np.zeros(0, dtype=object)), edges[~fast]


def separated(
    pairs: NDArray[np.int64],
    areas: NDArray[np.object_],
    centre: NDArray[np.float64],
    barriers: NDArray[np.object_],
    roads: NDArray[np.object_],
) -> NDArray[np.bool_]:
    """Tell which neighbours lie on two sides of a barrier that no road crosses within their areas.

    Parameters
    ----------
    pairs : (k, 2) int64
        Neighbours.
    areas : (n,) ndarray of Polygon or MultiPolygon
    centre : (n, 2) float64
        Where the people of each area live, metres.
    barriers, roads : ndarray of LineString

    Returns
    -------
    (k,) bool
        True where nobody gets from one centre to the other without crossing a barrier or leaving both areas.
    """
    cut = np.zeros(len(pairs), dtype=bool)
    if not len(barriers):
        return cut
    tree = shapely.STRtree(barriers)
    road_tree = shapely.STRtree(roads)
    for k, (a, b) in enumerate(pairs):
        both = shapely.union(areas[a], areas[b])
        near = barriers[np.sort(tree.query(both, predicate="intersects"))]
        if not len(near):
            continue
        wall = shapely.union_all(near)
        pieces = list(polygonize(shapely.get_parts(shapely.union(shapely.boundary(both), wall))))
        place = [_piece(pieces, centre[u]) for u in (a, b)]
        if place[0] == place[1]:
            continue
        inside = shapely.intersection(wall, both)
        across = roads[road_tree.query(inside, predicate="intersects")]
        cut[k] = not len(across)
    return cut


def _piece(pieces: Sequence[shapely.Geometry], spot: NDArray[np.float64]) -> int:
    return int(np.argmin(shapely.distance(np.array(pieces, dtype=object), shapely.Point(spot))))

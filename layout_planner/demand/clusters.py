"""Clusters of points by the way between them on foot: every point within a radius of its cluster's centre.

The way between two points is the road with both access legs, the steeper direction; a climb counts as the level metres
that would take as long. Where the road between their two junctions with it is no longer than a walk across the open
ground would be, nothing lies between them that the road has to go round, and they are walked to directly; otherwise
(a river, a gorge) the road counts, however near they lie.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from layout_planner.travel.closures import Season
from layout_planner.travel.matrix import Router
from layout_planner.travel.network import RoadNetwork
from layout_planner.travel.snap import SnapIndex
from layout_planner.travel.speeds import walk_profile

__all__ = ["Clusters", "WalkingWays", "cluster_on_foot"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_PIECE = 1200  # points whose distances are held at once
_METRES_A_MINUTE = 100.0


@dataclass(frozen=True, eq=False)
class Clusters:
    """The clusters of n points.

    Attributes
    ----------
    centre : (n,) int64
        Position of the point at the centre of each point's cluster; a centre is its own.
    centre_m : (n,) float64
        Metres on foot between each point and that centre.
    on_road : (n,) bool
        False for points that no road lies near: among them straight lines count.
    """

    centre: Ints
    centre_m: Floats
    on_road: npt.NDArray[np.bool_]


class WalkingWays:
    """Level metres on foot between points of one set, over roads without fords and ferries.

    Parameters
    ----------
    network : RoadNetwork
    xy : (n, 2) float64
        Metres in the network's CRS.
    snap_limit_m : float
        Points farther than this from every road are off the roads.
    detour : float
        Real metres per straight metre beside the roads.
    slope : bool
        Whether climbs count as longer, where the network has heights.
    """

    def __init__(
        self, network: RoadNetwork, xy: Floats, *, snap_limit_m: float, detour: float, slope: bool = True
    ) -> None:
        walk = walk_profile("clusters", _METRES_A_MINUTE * 60 / 1000, slope=slope)
        dry = walk.during(Season("", close_fords=True, close_ferries=True))
        # points join the network where travel times let them join it, and may go on from there if only dry-shod
        at = SnapIndex(network, walk).snap(xy[:, 0], xy[:, 1], snap_limit_m)
        self._router = Router(network, dry, min_island_nodes=0)
        self.on_road: npt.NDArray[np.bool_] = at.ok
        self._xy, self._road_xy, self._detour = xy, np.column_stack([at.x, at.y]), detour
        self._access_m = np.where(at.ok, at.access_m, 0.0) * detour

    def pairs(self, origins: Ints, sites: Ints, within_m: float) -> tuple[Ints, Ints, Floats]:
        """List the pairs of points on the roads no farther apart than ``within_m``.

        Returns
        -------
        origin, site : (p,) int64
            Positions in ``origins`` and ``sites``.
        metres : (p,) float64
        """
        ids = [np.array([str(i) for i in points], dtype=object) for points in (origins, sites)]
        found = self._router.matrix(
            ids[0], self._road_xy[origins], ids[1], self._road_xy[sites], cutoff_min=within_m / _METRES_A_MINUTE
        )
        row, col = found.rows, found.indices.astype(np.int64)
        road = np.maximum(found.metres, found.minutes * np.float32(_METRES_A_MINUTE)).astype(np.float64)
        i, j = origins[row], sites[col]
        across = self.straight(i, j)
        way = road + self._access_m[i] + self._access_m[j]
        way = np.where(road <= across, np.minimum(way, across), way)
        near = way <= within_m
        return row[near], col[near], way[near]

    def legs(self) -> npt.NDArray[np.object_]:
        """Give the straight way of every point to its road, (n,) LineStrings; ``None`` off the roads."""
        on = np.flatnonzero(self.on_road)
        found = np.full(len(self.on_road), None, dtype=object)
        found[on] = shapely.linestrings(np.stack([self._xy[on], self._road_xy[on]], axis=1))
        return found

    def straight(self, i: Ints, j: Ints) -> Floats:
        """Give the straight metres between points, times the detour factor; ``i`` and ``j`` broadcast."""
        away = self._xy[i] - self._xy[j]
        return np.hypot(away[..., 0], away[..., 1]) * self._detour

    def table(self, points: Ints, within_m: float) -> Floats:
        """Tabulate the metres between all of some points (k, k), twice ``within_m`` where they are farther apart.

        The longer of both ways counts. Points off the roads are taken straight; the points are all on or all off.
        """
        beyond = 2.0 * within_m
        if not self.on_road[points[0]]:
            return np.minimum(self.straight(points[:, None], points[None, :]), beyond)
        table = np.full((len(points), len(points)), beyond)
        row, col, metres = self.pairs(points, points, within_m)
        table[row, col] = metres
        table = np.maximum(table, table.T)
        np.fill_diagonal(table, 0.0)
        return table


def cluster_on_foot(
    ways: WalkingWays, xy: Floats, group: npt.NDArray[np.object_], weight: Floats, *, radius_m: float, least: float
) -> Clusters:
    """Cluster points so that none is farther than ``radius_m`` from its centre and none leaves its group.

    Agglomerative clustering with complete linkage; its tree is cut at the largest branches that have a point within
    the radius of all others. The centre is the one of these points from which all the weight is nearest. Clusters
    lighter than ``least`` are given up where all their points lie within the radius of other centres; then every
    point goes to the nearest centre.

    Parameters
    ----------
    ways : WalkingWays
        Of the same points.
    xy : (n, 2) float64
        Metres.
    group : (n,) object
        Text; clusters do not cross groups.
    weight : (n,) float64
        Not negative.
    radius_m : float
        Metres on foot.
    least : float
        In the unit of ``weight``.

    Source
    ------
    Defays, D. (1977), An efficient algorithm for a complete link method, The Computer Journal 20(4):364-366.
    """
    centre, own_m = np.arange(len(xy)), np.zeros(len(xy))
    for points in _pieces(xy, group, ways.on_road):
        table = ways.table(points, 2.0 * radius_m)
        at = _cut(table, weight[points], radius_m)
        centre[points], own_m[points] = points[at], table[np.arange(len(points)), at]
    row, site, metres = _in_reach(ways, centre, own_m, group, radius_m)
    kept = _worth_keeping(row, site, centre, weight, least)[site]
    row, site, metres = row[kept], site[kept], metres[kept]
    order = np.lexsort((site, metres, row))
    first = order[np.unique(row[order], return_index=True)[1]]
    return Clusters(site[first], metres[first], ways.on_road)


def _pieces(xy: Floats, group: npt.NDArray[np.object_], on_road: npt.NDArray[np.bool_]) -> Iterator[Ints]:
    """Split the points by group, on and off the roads, and in halves until the distances of a piece can be held."""
    for name in sorted(set(group)):
        for on in (True, False):
            waiting = [np.flatnonzero((group == name) & (on_road == on))]
            while waiting:
                points = waiting.pop()
                if len(points) > _PIECE:
                    longer = int(np.argmax(np.ptp(xy[points], axis=0)))
                    order = points[np.argsort(xy[points, longer], kind="stable")]
                    halves = order[: len(order) // 2], order[len(order) // 2 :]
                    waiting += [np.sort(half) for half in halves]
                elif len(points):
                    yield points


def _cut(table: Floats, weight: Floats, radius_m: float) -> Ints:
    """Cluster the k points of a table of distances; give each the position of its centre."""
    k = len(table)
    if k == 1:
        return np.zeros(1, dtype=np.int64)
    from sklearn.cluster import AgglomerativeClustering

    tree = AgglomerativeClustering(
        n_clusters=None, distance_threshold=0.0, metric="precomputed", linkage="complete", compute_full_tree=True
    ).fit(table)
    branch: list[Ints | None] = [np.array([i]) for i in range(k)]
    for (a, b), width in zip(tree.children_, tree.distances_, strict=True):
        left, right = branch[a], branch[b]
        joined = np.concatenate([left, right]) if left is not None and right is not None else None
        if joined is not None and not _fits(table, joined, float(width), radius_m):
            joined = None
        if joined is not None:
            branch[a] = branch[b] = None
        branch.append(joined)
    centre = np.empty(k, dtype=np.int64)
    for points in branch:
        if points is not None:
            points.sort()
            centre[points] = _medoid(table, points, weight, radius_m)
    return centre


def _fits(table: Floats, points: Ints, width: float, radius_m: float) -> bool:
    """Tell whether some point lies within the radius of all; ``width`` is the largest distance between any two."""
    if width <= radius_m or width > 2.0 * radius_m:
        return width <= radius_m
    return bool(table[np.ix_(points, points)].max(axis=1).min() <= radius_m)


def _medoid(table: Floats, points: Ints, weight: Floats, radius_m: float) -> int:
    """Pick, of the points within the radius of all others, the one nearest to all the weight; ties to the first."""
    own = table[np.ix_(points, points)]
    cost = np.where(own.max(axis=1) <= radius_m, own @ weight[points], np.inf)
    return int(points[int(np.argmin(cost))])


def _in_reach(
    ways: WalkingWays, centre: Ints, own_m: Floats, group: npt.NDArray[np.object_], radius_m: float
) -> tuple[Ints, Ints, Floats]:
    """List each point once with every centre of its group within the radius: point, centre, metres."""
    points, middles = np.arange(len(centre)), np.unique(centre)
    walkers, places = points[ways.on_road], middles[ways.on_road[middles]]
    if not len(walkers):
        return points, centre, own_m
    a, b, metres = ways.pairs(walkers, places, radius_m)
    row, site = walkers[a], places[b]
    other = (group[row] == group[site]) & (centre[row] != site) & (row != site)
    return (
        np.concatenate([points, row[other]]),
        np.concatenate([centre, site[other]]),
        np.concatenate([own_m, metres[other]]),
    )


def _worth_keeping(row: Ints, site: Ints, centre: Ints, weight: Floats, least: float) -> npt.NDArray[np.bool_]:
    """Tell which points stay centres: light ones go, the lightest first, while all points keep one in reach."""
    n = len(centre)
    heavy = np.bincount(centre, weights=weight, minlength=n)
    middles = np.unique(centre)
    kept = np.zeros(n, dtype=bool)
    kept[middles] = True
    choices = np.bincount(row, minlength=n)
    order = np.argsort(site, kind="stable")
    start = np.searchsorted(site[order], np.arange(n + 1))
    for c in middles[np.argsort(heavy[middles], kind="stable")]:
        if heavy[c] >= least:
            break
        points = row[order[start[c] : start[c + 1]]]
        if (choices[points] > 1).all():
            kept[c] = False
            choices[points] -= 1
    return kept

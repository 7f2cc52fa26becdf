"""The time field: minutes to the nearest site, and which site that is, at every place of the plane.

A place has the time that :func:`~layout_planner.travel.matrix.travel_matrix` gives a home there: straight to the
nearest allowed road, along the roads, from the road to the site, and the profile's wait. The map and the table
therefore never disagree; and nobody wades through a river, whose far bank has a road of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from layout_planner.errors import NetworkError, Text
from layout_planner.travel.field_kernels import grow, minutes_at
from layout_planner.travel.network import RoadNetwork
from layout_planner.travel.snap import SnapIndex, Snapped
from layout_planner.travel.speeds import Profile

__all__ = ["Access", "Arcs", "Direction", "Grown", "TimeField", "Workspace", "checked_points"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.object_]
Direction = Literal["to_site", "from_site"]

_M_PER_MIN = 1000.0 / 60.0


@dataclass(frozen=True)
class Access:
    """How people get between a place and the road: farthest straight metres, km/h, and real per straight metre."""

    snap_limit_m: float
    speed_kmh: float
    detour: float

    def metres(self, at: Snapped) -> Floats:
        """Give the real metres between each point and the road, nan where it is too far."""
        return at.access_m * self.detour

    def minutes(self, at: Snapped) -> Floats:
        """Give the minutes between each point and the road, nan where it is too far."""
        return self.metres(at) / (self.speed_kmh * _M_PER_MIN)


@dataclass(frozen=True, eq=False)
class Arcs:
    """Every direction of every edge that one profile may use, listed by the node where it arrives.

    Attributes
    ----------
    start : (n + 1,) int64
        Offsets into the arrays below.
    tail, head : (a,) int32
        Node where the arc departs and where it arrives.
    minutes : (a,) float64
        Cost.
    edge : (a,) int32
        Edge of the network.
    forward : (a,) bool
        Whether the arc runs from the edge's u to its v.
    """

    start: Ints
    tail: npt.NDArray[np.int32]
    head: npt.NDArray[np.int32]
    minutes: Floats
    edge: npt.NDArray[np.int32]
    forward: npt.NDArray[np.bool_]

    @classmethod
    def build(cls, network: RoadNetwork, forward: Floats, backward: Floats) -> Arcs:
        """List the arcs, given the minutes of every edge in both directions (inf where closed)."""
        f, b = np.flatnonzero(np.isfinite(forward)), np.flatnonzero(np.isfinite(backward))
        head = np.concatenate([network.edge_v[f], network.edge_u[b]])
        order = np.argsort(head, kind="stable")
        start = np.zeros(network.n_nodes + 1, dtype=np.int64)
        np.cumsum(np.bincount(head, minlength=network.n_nodes), out=start[1:])
        tail = np.concatenate([network.edge_u[f], network.edge_v[b]])[order]
        minutes = np.concatenate([forward[f], backward[b]])[order]
        along = np.concatenate([np.ones(len(f), dtype=bool), np.zeros(len(b), dtype=bool)])[order]
        return cls(start, tail, head[order], minutes, np.concatenate([f, b])[order].astype(np.int32), along)


class Workspace:
    """Arrays over the nodes that searches reuse; a search leaves them as it found them, once ``clear`` is called."""

    def __init__(self, n_nodes: int) -> None:
        self.best = np.full(n_nodes, np.inf)
        self.rank = np.full(n_nodes, -1, dtype=np.int32)
        self.came = np.zeros(n_nodes, dtype=np.int64)
        self.touched = np.empty(n_nodes, dtype=np.int32)
        self.wanted = np.zeros(n_nodes, dtype=bool)
        self.n_touched = 0

    def clear(self) -> None:
        """Forget the last search."""
        held = self.touched[: self.n_touched]
        self.best[held], self.rank[held] = np.inf, -1
        self.n_touched = 0


@dataclass(frozen=True, eq=False)
class Grown:
    """What one search found: which sites it began at, and minutes and rank of the nearest at every node."""

    sites: Ints
    best: Floats
    rank: npt.NDArray[np.int32]


def checked_points(ids: Sequence[str] | Ids, xy: npt.ArrayLike) -> tuple[Ids, Floats]:
    """Give ids and coordinates as arrays that match.

    Raises
    ------
    NetworkError
        Numbers differ, an id repeats, or a coordinate is not finite.
    """
    points = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    if len(ids) != len(points) or len(set(ids)) != len(ids) or not np.isfinite(points).all():
        message = Text("代码与坐标不符，或有重复、空值", "Ids and coordinates do not match, repeat, or are not finite")
        raise NetworkError(message)
    return np.array(ids, dtype=object), points


class TimeField:
    """Minutes between any place and the sites.

    Parameters
    ----------
    network, profile : RoadNetwork, Profile
        The roads, and who travels how.
    site_id : sequence of text, length m
        Unique ids. Of sites equally near, the lesser id is taken.
    site_xy : (m, 2) float64
        Metres in the network's CRS.
    access : Access
        How people get to the road and from it.
    direction : {"to_site", "from_site"}
        Which way people travel; one-ways make it matter.

    Raises
    ------
    NetworkError
        Ids and coordinates do not match, or coordinates are not finite.
    """

    def __init__(
        self, network: RoadNetwork, profile: Profile, site_id: Sequence[str] | Ids, site_xy: npt.ArrayLike,
        access: Access, direction: Direction = "to_site",
    ) -> None:  # fmt: skip
        self.network, self.profile, self.access, self.direction = network, profile, access, direction
        self.site_id, self.site_xy = checked_points(site_id, site_xy)
        there, back = profile.edge_minutes(network)
        self.forward, self.backward = (there, back) if direction == "to_site" else (back, there)
        self.arcs = Arcs.build(network, self.forward, self.backward)
        self.snapper = SnapIndex.shared(network, profile)
        self.site_at = self.snap(self.site_xy)
        self.site_min = np.where(self.site_at.ok, access.minutes(self.site_at), np.inf)
        self.rank_of = np.empty(len(self.site_id), dtype=np.int64)
        self.by_rank = np.argsort(self.site_id.astype(str), kind="stable")
        self.rank_of[self.by_rank] = np.arange(len(self.site_id))

    def snap(self, xy: Floats) -> Snapped:
        """Bring points of shape (k, 2) to the nearest allowed road within the limit."""
        return self.snapper.snap(xy[:, 0], xy[:, 1], self.access.snap_limit_m)

    def seeds(self, sites: Ints) -> tuple[npt.NDArray[np.int32], Floats]:
        """Give the two ends of each site's edge, shape (2 s,), and the minutes from there to the site."""
        held = self.site_at.ok[sites]
        edge = np.where(held, self.site_at.edge[sites], 0)
        share = np.where(held, self.site_at.fraction[sites], 0.0)
        ends = np.column_stack([self.network.edge_u[edge], self.network.edge_v[edge]]).astype(np.int32)
        part = np.column_stack([share, 1.0 - share])
        pace = np.column_stack([self.forward[edge], self.backward[edge]])
        minutes = np.where(part == 0.0, 0.0, part * np.where(part == 0.0, 0.0, pace)) + self.site_min[sites, None]
        ends[~held] = -1
        return ends.ravel(), minutes.ravel()

    def grow(self, sites: Ints, cutoff_min: float, space: Workspace, n_wanted: int = -1) -> None:
        """Search the roads from some sites (positions), up to a number of minutes, into a workspace."""
        ends, minutes = self.seeds(sites)
        space.n_touched = grow(
            self.arcs.start, self.arcs.tail, self.arcs.minutes, ends, minutes, np.repeat(self.rank_of[sites], 2),
            cutoff_min, space.wanted, n_wanted, space.best, space.rank, space.came, space.touched,
        )  # fmt: skip

    def grown(self, cutoff_min: float, sites: Ints | None = None) -> Grown:
        """Search the roads from some sites (by default all), up to a number of minutes without the wait."""
        picked = np.arange(len(self.site_id)) if sites is None else sites
        space = Workspace(self.network.n_nodes)
        self.grow(picked, cutoff_min - self.profile.wait_min, space)
        return Grown(picked, space.best, space.rank)

    def at(self, points: Snapped, grown: Grown, cutoff_min: float) -> tuple[Floats, npt.NDArray[np.int32]]:
        """Give minutes and the rank of the nearest site for snapped points; inf and -1 beyond the cut-off."""
        out_min, out_rank = np.empty(len(points.edge)), np.empty(len(points.edge), dtype=np.int32)
        sites = grown.sites[self.site_at.ok[grown.sites]]
        edge = self.site_at.edge[sites]
        order = np.argsort(edge, kind="stable")
        offset = np.zeros(self.network.n_edges + 1, dtype=np.int64)
        np.cumsum(np.bincount(edge, minlength=self.network.n_edges), out=offset[1:])
        minutes_at(
            points.edge, points.fraction, self.access.minutes(points) + self.profile.wait_min, self.network.edge_u,
            self.network.edge_v, self.forward, self.backward, grown.best, grown.rank, offset, order,
            self.site_at.fraction[sites], self.site_min[sites], self.rank_of[sites], cutoff_min, out_min, out_rank,
        )  # fmt: skip
        return out_min, out_rank

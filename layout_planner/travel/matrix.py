"""The travel matrix: minutes and metres from every origin to every site in reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import CRS
from scipy.sparse import csr_array

from layout_planner.errors import Flaw, NetworkError, Severity, Text, UnknownIdError
from layout_planner.travel.geodesy import transform
from layout_planner.travel.kernels import count_pairs, k_least, scatter_pairs
from layout_planner.travel.network import RoadNetwork
from layout_planner.travel.search import Pairs, SearchGraph, Terminals, search_sites
from layout_planner.travel.snap import MIN_ISLAND_NODES, SnapIndex, Snapped
from layout_planner.travel.speeds import Profile
from layout_planner.travel.threads import Progress, in_blocks

__all__ = ["Router", "TravelMatrix", "travel_matrix"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.object_]

_M_PER_MIN = 1000.0 / 60.0
_SITES_A_BLOCK = 32


@dataclass(frozen=True, eq=False)
class TravelMatrix:
    """Minutes and metres from n origins to those of m sites that lie within the cut-off, sparse by origin.

    Attributes
    ----------
    origin_id, site_id : (n,), (m,) object arrays of text
        Whose rows and columns these are.
    indptr : (n + 1,) int64
        Offsets of each origin's pairs.
    indices : (p,) int32
        Positions in ``site_id``, ascending within a row.
    minutes : (p,) float32
        One way from origin to site, with the way to the road, the way from it, and the wait. The search adds up in
        float64; storing costs less than 0.01 second.
    metres : (p,) float32
        Metres of that same quickest way, with both ways beside the road (detour included).
    mode : str
        Name of the profile.
    cutoff_min : float
        Pairs beyond it are absent.
    origin_access_m, site_access_m : (n,), (m,) float64
        Straight metres to the road; nan where no road lies within the limit.
    checks : tuple of Flaw
        Points off the network and parts of the network that were left out.
    """

    origin_id: Ids
    site_id: Ids
    indptr: Ints
    indices: npt.NDArray[np.int32]
    minutes: npt.NDArray[np.float32]
    metres: npt.NDArray[np.float32]
    mode: str
    cutoff_min: float
    origin_access_m: Floats
    site_access_m: Floats
    checks: tuple[Flaw, ...] = ()

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of origins and sites."""
        return len(self.origin_id), len(self.site_id)

    @property
    def n_pairs(self) -> int:
        """Number of pairs within the cut-off."""
        return len(self.indices)

    @property
    def unreachable(self) -> Ids:
        """Ids of the origins from which no site is in reach."""
        return self.origin_id[np.diff(self.indptr) == 0]

    @property
    def rows(self) -> Ints:
        """Position of the origin of every pair, shape (p,)."""
        return np.repeat(np.arange(len(self.origin_id)), np.diff(self.indptr))

    def nearest(self, k: int = 1) -> pd.DataFrame:
        """List the k quickest sites of every origin; ties go to the lesser site id.

        Returns
        -------
        DataFrame
            ``origin_id``, ``site_id``, ``rank`` (from 1), ``minutes``, ``metres``, in the order of the origins.
        """
        by_id = np.argsort(self.site_id.astype(str), kind="stable")
        rank_of = np.empty(len(by_id), dtype=np.int32)
        rank_of[by_id] = np.arange(len(by_id), dtype=np.int32)
        pick, rank = k_least(self.indptr, self.indices, self.minutes, rank_of, max(0, k))
        return self._frame(pick).assign(rank=rank)[["origin_id", "site_id", "rank", "minutes", "metres"]]

    def within(self, minutes: float) -> TravelMatrix:
        """Keep the pairs of at most this many minutes."""
        return self._keep(self.minutes <= minutes, self.indices, self.site_id, self.site_access_m,
                          min(minutes, self.cutoff_min))  # fmt: skip

    def select_sites(self, ids: Sequence[str]) -> TravelMatrix:
        """Keep some sites, in the order given.

        Raises
        ------
        UnknownIdError
            An id is not among the sites.
        """
        position = {site: i for i, site in enumerate(self.site_id)}
        unknown = [site for site in ids if site not in position]
        if unknown:
            listed = ", ".join(map(str, unknown[:5]))
            raise UnknownIdError(Text(f"出行矩阵中没有学校 {listed}", f"The travel matrix has no site {listed}"))
        picked = np.array([position[site] for site in ids], dtype=np.int64)
        new = np.full(len(self.site_id), -1, dtype=np.int32)
        new[picked] = np.arange(len(picked), dtype=np.int32)
        moved = new[self.indices]
        return self._keep(moved >= 0, moved, self.site_id[picked], self.site_access_m[picked], self.cutoff_min)

    def to_frame(self) -> pd.DataFrame:
        """Tabulate every pair: ``origin_id``, ``site_id``, ``minutes``, ``metres``."""
        return self._frame(np.arange(self.n_pairs))

    def to_csr(self, what: Literal["minutes", "metres"] = "minutes") -> csr_array:
        """Give minutes or metres as a scipy CSR array (float64); absent pairs are beyond the cut-off, not zero."""
        data = np.asarray(getattr(self, what), dtype=np.float64)
        return csr_array((data, self.indices, self.indptr), shape=self.shape)

    def _frame(self, pick: Ints) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "origin_id": self.origin_id[np.searchsorted(self.indptr, pick, side="right") - 1],
                "site_id": self.site_id[self.indices[pick]],
                "minutes": self.minutes[pick].astype(np.float64),
                "metres": self.metres[pick].astype(np.float64),
            }
        )

    def _keep(
        self, mask: npt.NDArray[np.bool_], indices: npt.NDArray[np.int32], site_id: Ids, site_access_m: Floats,
        cutoff_min: float,
    ) -> TravelMatrix:  # fmt: skip
        row = self.rows[mask]
        order = np.lexsort((indices[mask], row))
        pick = np.flatnonzero(mask)[order]
        indptr = np.zeros(len(self.origin_id) + 1, dtype=np.int64)
        np.cumsum(np.bincount(row, minlength=len(self.origin_id)), out=indptr[1:])
        return TravelMatrix(self.origin_id, site_id, indptr, indices[pick], self.minutes[pick], self.metres[pick],
                            self.mode, cutoff_min, self.origin_access_m, site_access_m, self.checks)  # fmt: skip


class Router:
    """One network and one profile, made ready once for many questions.

    Parameters
    ----------
    network : RoadNetwork
        The roads.
    profile : Profile
        Who travels, and how.
    min_island_nodes : int
        See :class:`~layout_planner.travel.snap.SnapIndex`.
    """

    def __init__(self, network: RoadNetwork, profile: Profile, *, min_island_nodes: int = MIN_ISLAND_NODES) -> None:
        self.network = network
        self.profile = profile
        self.forward, self.backward = profile.edge_minutes(network)
        self.graph = SearchGraph.build(network, self.forward, self.backward)
        self.snapper = SnapIndex(network, profile, min_island_nodes)

    def matrix(
        self, origin_id: Sequence[str] | Ids, origin_xy: Floats, site_id: Sequence[str] | Ids, site_xy: Floats, *,
        cutoff_min: float, snap_limit_m: float = np.inf, access_speed_kmh: float = 3.0, access_detour: float = 1.0,
        workers: int | None = None, progress: Progress | None = None,
    ) -> TravelMatrix:  # fmt: skip
        """Find the minutes from every origin to every site in reach; see :func:`travel_matrix`."""
        origin_at, site_at = (self.snapper.snap(xy[:, 0], xy[:, 1], snap_limit_m) for xy in (origin_xy, site_xy))
        pace = access_detour, access_speed_kmh
        origins = self._terminals(origin_at, *pace, wait_min=self.profile.wait_min, leaving=True)
        sites = self._terminals(site_at, *pace, wait_min=0.0, leaving=False)
        n, m = len(origin_xy), len(site_xy)
        edge_cost = np.column_stack([self.forward, self.backward, self.network.length_m])
        search = search_sites(self.graph, sites, origins, edge_cost, cutoff_min)
        blocks = in_blocks(search, m, max(1, min(_SITES_A_BLOCK, -(-m // 16))), workers, progress)
        pieces = [piece for block in blocks for piece in block]
        del blocks
        indptr, indices, minutes, metres = _by_origin(pieces, n)
        checks = (*_off_network(origin_at, site_at, snap_limit_m), *_left_out(self.snapper))
        return TravelMatrix(np.array(origin_id, dtype=object), np.array(site_id, dtype=object), indptr, indices,
                            minutes, metres, self.profile.name, cutoff_min, origin_at.access_m, site_at.access_m,
                            checks)  # fmt: skip

    def _terminals(self, at: Snapped, detour: float, speed_kmh: float, *, wait_min: float, leaving: bool) -> Terminals:
        metres = np.where(at.ok, at.access_m, 0.0) * detour
        access = np.column_stack([metres / (speed_kmh * _M_PER_MIN) + wait_min, metres])
        along = np.where(at.ok, at.fraction, 0.0)
        return Terminals.build(self.network, self.forward, self.backward, at.edge, along, access, leaving=leaving)


def travel_matrix(
    network: RoadNetwork, origin_id: Sequence[str] | Ids, origin_xy: Floats, site_id: Sequence[str] | Ids,
    site_xy: Floats, profile: Profile, *, cutoff_min: float, snap_limit_m: float, access_speed_kmh: float,
    access_detour: float, crs: CRS | str | int | None = None, workers: int | None = None,
    progress: Progress | None = None,
) -> TravelMatrix:  # fmt: skip
    """Find the minutes and metres from every origin to every site in reach, along the quickest way.

    A trip is the straight way to the nearest allowed edge (times the detour factor, at the access speed), the roads,
    the way from the road to the site at the same speed, and the profile's wait. Two points on one edge meet along it.

    Parameters
    ----------
    origin_id, site_id : sequences of text, lengths n and m
        Ids, unique.
    origin_xy, site_xy : (n, 2), (m, 2) float64
        Metres in ``crs``.
    cutoff_min : float
        Minutes beyond which a pair is left out.
    snap_limit_m : float
        Points farther than this many metres from every edge are reported, not dragged.
    access_speed_kmh, access_detour : float
        Speed beside the roads, and real metres per straight metre there.
    crs : CRS, optional
        CRS of the coordinates; by default the network's.
    workers : int, optional
        Threads; by default one a processor. The result does not depend on it.
    progress : callable, optional
        Told the share that is done.

    Raises
    ------
    NetworkError
        Ids and coordinates do not match, or coordinates are not finite.
    """
    points = []
    for ids, xy in ((origin_id, origin_xy), (site_id, site_xy)):
        array = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
        if len(ids) != len(array) or len(set(ids)) != len(ids) or not np.isfinite(array).all():
            raise NetworkError(
                Text(
                    "起点或学校的代码与坐标不符，或有重复、空值",
                    "Ids and coordinates do not match, repeat, or are not finite",
                )
            )
        if crs is not None:
            array = np.column_stack(transform(array[:, 0], array[:, 1], CRS.from_user_input(crs), network.crs))
        points.append(array)
    return Router(network, profile).matrix(
        origin_id, points[0], site_id, points[1], cutoff_min=cutoff_min, snap_limit_m=snap_limit_m,
        access_speed_kmh=access_speed_kmh, access_detour=access_detour, workers=workers, progress=progress,
    )  # fmt: skip


def _by_origin(pieces: list[Pairs], n: int) -> Pairs:
    """Turn pairs listed by site into rows by origin, sites ascending; the pieces are freed as they are used."""
    indptr = np.zeros(n + 1, dtype=np.int64)
    for _, origin, _, _ in pieces:
        count_pairs(origin, indptr)
    np.cumsum(indptr, out=indptr)
    place = indptr[:-1].copy()
    indices = np.empty(indptr[-1], dtype=np.int32)
    minutes, metres = np.empty(indptr[-1], dtype=np.float32), np.empty(indptr[-1], dtype=np.float32)
    first_site = 0
    pieces.reverse()
    while pieces:
        count, *pairs = pieces.pop()
        scatter_pairs(first_site, count, *pairs, place, indices, minutes, metres)
        first_site += len(count)
    return indptr, indices, minutes, metres


def _off_network(origins: Snapped, sites: Snapped, limit_m: float) -> list[Flaw]:
    flaws = []
    for at, zh, en in ((origins, "起点", "origins"), (sites, "学校", "sites")):
        off = int((~at.ok).sum())
        if off:
            what = Text(
                f"{off} 个{zh}距道路超过 {limit_m:g} 米，视为不可达",
                f"{off} {en} lie more than {limit_m:g} m from any road",
            )
            mend = Text("补充道路数据，或放宽 snap_limit_m", "add the missing roads, or raise snap_limit_m")
            flaws.append(Flaw("off_network", what, mend, severity=Severity.WARNING))
    return flaws


def _left_out(snapper: SnapIndex) -> list[Flaw]:
    if not len(snapper.ignored):
        return []
    parts, km = len(snapper.ignored), float(snapper.ignored["km"].sum())
    what = Text(
        f"{parts} 段与路网不相连的零散道路（共 {km:.1f} 公里）未用于接入",
        f"{parts} disconnected bits of road ({km:.1f} km) were not snapped to",
    )
    mend = Text("如确有学生使用，请补上断开处", "connect them where pupils use them")
    return [Flaw("islands_ignored", what, mend, severity=Severity.NOTE)]

"""The travel matrix: minutes and metres from every origin to every site in reach."""

from __future__ import annotations

import html
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import CRS
from scipy.sparse import csr_array

from layout_planner.errors import Flaw, NetworkError, Severity, Text, UnknownIdError, counted
from layout_planner.travel.contract import Hierarchy, Order, sweep_pairs
from layout_planner.travel.geodesy import transform
from layout_planner.travel.kernels import append_columns, k_least
from layout_planner.travel.network import RoadNetwork
from layout_planner.travel.search import SearchGraph, Terminals, search_pairs
from layout_planner.travel.snap import MIN_ISLAND_NODES, SnapIndex, Snapped
from layout_planner.travel.speeds import Profile
from layout_planner.travel.threads import Progress

__all__ = ["Router", "TravelMatrix", "travel_matrices", "travel_matrix"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.object_]

_M_PER_MIN = 1000.0 / 60.0
_MOST = 0.4  # of the origins in reach of a site: from here on a sweep over all nodes beats a search from each site
_SITES_ASKED, _ORIGINS_ASKED = 16, 4096
_WINDING = 1.3  # metres of road per straight metre
_WORTH_SITES, _WORTH_NODES = 32, 50_000  # searches of so large a network that cost as much as contracting it


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
        pick, rank = k_least(self.indptr, self.indices, self.minutes, self.site_ranks(), max(0, k))
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
        picked = self.site_positions(ids)
        new = np.full(len(self.site_id), -1, dtype=np.int32)
        new[picked] = np.arange(len(picked), dtype=np.int32)
        moved = new[self.indices]
        return self._keep(moved >= 0, moved, self.site_id[picked], self.site_access_m[picked], self.cutoff_min)

    def select_origins(self, ids: Collection[str]) -> TravelMatrix:
        """Keep some origins, in their order here; an id that is not among them is passed over."""
        kept = np.isin(self.origin_id.astype(str), np.array(sorted(ids), dtype=str))
        count = np.diff(self.indptr)
        pairs = np.repeat(kept, count)
        indptr = np.concatenate([[0], np.cumsum(count[kept])]).astype(np.int64)
        return replace(
            self, origin_id=self.origin_id[kept], indptr=indptr, indices=self.indices[pairs],
            minutes=self.minutes[pairs], metres=self.metres[pairs], origin_access_m=self.origin_access_m[kept],
        )  # fmt: skip

    def with_sites(self, more: TravelMatrix) -> TravelMatrix:
        """Add the sites of another matrix, searched from the same origins with the same profile and cut-off.

        Raises
        ------
        NetworkError
            The origins, the profile or the cut-off differ, or a site is in both.
        """
        same = self.mode == more.mode and self.cutoff_min == more.cutoff_min
        if not same or not np.array_equal(self.origin_id, more.origin_id) or set(self.site_id) & set(more.site_id):
            raise NetworkError(
                Text(
                    "只能并入起点、出行方式与上限相同且学校不重复的出行矩阵",
                    "Only a matrix of the same origins, profile and cut-off with other sites can be joined",
                )
            )
        indptr, indices, minutes, metres = append_columns(self.indptr, self.indices, self.minutes, self.metres,
                                                           more.indptr, more.indices, more.minutes, more.metres,
                                                           len(self.site_id))  # fmt: skip
        site_id = np.concatenate([self.site_id, more.site_id])
        access = np.concatenate([self.site_access_m, more.site_access_m])
        checks = tuple(dict.fromkeys((*self.checks, *more.checks)))
        return TravelMatrix(self.origin_id, site_id, indptr, indices, minutes, metres, self.mode, self.cutoff_min,
                            self.origin_access_m, access, checks)  # fmt: skip

    def site_positions(self, ids: Sequence[str]) -> Ints:
        """Find the positions of sites by their ids.

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
        return np.array([position[site] for site in ids], dtype=np.int64)

    def site_ranks(self) -> npt.NDArray[np.int32]:
        """Rank the sites by their ids as text: how ties are broken."""
        by_id = np.argsort(self.site_id.astype(str), kind="stable")
        rank_of = np.empty(len(by_id), dtype=np.int32)
        rank_of[by_id] = np.arange(len(by_id), dtype=np.int32)
        return rank_of

    def __repr__(self) -> str:
        n, m = self.shape
        return (
            f"TravelMatrix({self.mode}, {counted(n, 'origin')} x {counted(m, 'site')}, "
            f"{counted(self.n_pairs, 'pair')} within {self.cutoff_min:g} min, "
            f"{counted(self._n_unreachable, 'origin')} unreachable)"
        )

    def _repr_html_(self) -> str:
        n, m = self.shape
        median = f"{np.median(self.minutes):.1f}" if self.n_pairs else "–"
        rows = (
            ("起点 origins", f"{n:,}"),
            ("学校 sites", f"{m:,}"),
            ("上限 cut-off, min", f"{self.cutoff_min:g}"),
            ("可达对数 pairs in reach", f"{self.n_pairs:,}"),
            ("可达对的中位分钟 median minutes of these", median),
            ("不可达起点 unreachable origins", f"{self._n_unreachable:,}"),
        )
        cells = "".join(f"<tr><th style='text-align:left'>{name}</th><td>{value}</td></tr>" for name, value in rows)
        return f"<table><caption>TravelMatrix · {html.escape(self.mode)}</caption><tbody>{cells}</tbody></table>"

    @property
    def _n_unreachable(self) -> int:
        return int((np.diff(self.indptr) == 0).sum())

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


class _Shared:
    """What the routers of one network have in common."""

    def __init__(self, network: RoadNetwork) -> None:
        self._network = network

    @cached_property
    def order(self) -> Order:
        """The order of contraction, found when it is first needed."""
        return Order.build(self._network)


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
    like : Router, optional
        Router of another profile on the same network: what both can use is not made twice (the order of contraction
        once; all routers of a network share its snap indexes).
    """

    def __init__(
        self, network: RoadNetwork, profile: Profile, *, min_island_nodes: int = MIN_ISLAND_NODES,
        like: Router | None = None,
    ) -> None:  # fmt: skip
        self.network = network
        self.profile = profile
        self.forward, self.backward = profile.edge_minutes(network)
        self.graph = SearchGraph.build(network, self.forward, self.backward)
        shared: _Shared | None = like._shared if like is not None and like.network is network else None
        self._shared: _Shared = shared or _Shared(network)
        self.snapper = SnapIndex.shared(network, profile, min_island_nodes)

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
        edge_cost = np.column_stack([self.forward, self.backward, self.network.length_m])
        share = self._share_in_reach(origin_at, site_at, cutoff_min)
        worth = _WORTH_SITES * max(1.0, np.sqrt(self.network.n_nodes / _WORTH_NODES))
        if share >= _MOST and share * len(site_xy) >= worth:
            pairs = sweep_pairs(self.hierarchy, sites, origins, edge_cost, cutoff_min, workers, progress)
        else:
            pairs = search_pairs(self.graph, sites, origins, edge_cost, cutoff_min, workers, progress)
        checks = (*_off_network(origin_at, site_at, snap_limit_m), *_left_out(self.snapper))
        return TravelMatrix(np.array(origin_id, dtype=object), np.array(site_id, dtype=object), *pairs,
                            self.profile.name, cutoff_min, origin_at.access_m, site_at.access_m,
                            checks)  # fmt: skip

    @cached_property
    def hierarchy(self) -> Hierarchy:
        """The contracted network, made when it is first needed."""
        return Hierarchy.build(self.order, self.graph)

    @property
    def order(self) -> Order:
        """The order in which the network is contracted, whoever travels."""
        return self._shared.order

    def _share_in_reach(self, origins: Snapped, sites: Snapped, cutoff_min: float) -> float:
        """Guess which share of the origins a site reaches, as the crow flies at the mean speed of the roads."""
        picked = np.flatnonzero(sites.ok)
        picked = picked[:: max(1, len(picked) // _SITES_ASKED)]
        asked = np.flatnonzero(origins.ok)[:: max(1, len(origins.edge) // _ORIGINS_ASKED)]
        if not len(picked) or not len(asked) or not len(self.graph.minutes):
            return 0.0
        reach_m = cutoff_min * float(self.graph.metres.sum() / self.graph.minutes.sum()) / _WINDING
        away = np.hypot(
            *(np.subtract.outer(at[0][picked], at[1][asked]) for at in ((sites.x, origins.x), (sites.y, origins.y)))
        )
        return float((away <= reach_m).mean())

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
    settings: dict[str, Any] = {
        "cutoff_min": cutoff_min, "snap_limit_m": snap_limit_m, "access_speed_kmh": access_speed_kmh,
        "access_detour": access_detour, "crs": crs, "workers": workers, "progress": progress,
    }  # fmt: skip
    found = travel_matrices(network, origin_id, origin_xy, site_id, site_xy, {profile.name: profile}, **settings)
    return found[profile.name]


def travel_matrices(
    network: RoadNetwork, origin_id: Sequence[str] | Ids, origin_xy: Floats, site_id: Sequence[str] | Ids,
    site_xy: Floats, profiles: Mapping[str, Profile], *, cutoff_min: float, snap_limit_m: float,
    access_speed_kmh: float, access_detour: float, crs: CRS | str | int | None = None, workers: int | None = None,
    progress: Progress | None = None,
) -> dict[str, TravelMatrix]:  # fmt: skip
    """Find the matrices of several profiles, by the keys given; see :func:`travel_matrix`.

    Quicker than one after the other: profiles that may use the same edges (walking at several paces) snap the points
    once, and all share the order in which the network is contracted.

    Raises
    ------
    NetworkError
        Ids and coordinates do not match, or coordinates are not finite.
    """
    origins, sites = (_checked(network, ids, xy, crs) for ids, xy in ((origin_id, origin_xy), (site_id, site_xy)))
    found: dict[str, TravelMatrix] = {}
    like: Router | None = None
    for turn, (key, profile) in enumerate(profiles.items()):
        like = Router(network, profile, like=like)
        found[key] = like.matrix(
            origin_id, origins, site_id, sites, cutoff_min=cutoff_min, snap_limit_m=snap_limit_m,
            access_speed_kmh=access_speed_kmh, access_detour=access_detour, workers=workers,
            progress=_share_of(progress, turn, len(profiles)),
        )  # fmt: skip
    return found


def _share_of(progress: Progress | None, turn: int, turns: int) -> Progress | None:
    """Tell the progress of one of several turns as progress of the whole."""
    return None if progress is None else lambda done: progress((turn + done) / turns)


def _checked(network: RoadNetwork, ids: Sequence[str] | Ids, xy: Floats, crs: CRS | str | int | None) -> Floats:
    """Check that ids and coordinates fit; give the coordinates in the network's CRS."""
    array = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    if len(ids) != len(array) or len(set(ids)) != len(ids) or not np.isfinite(array).all():
        raise NetworkError(
            Text(
                "起点或学校的代码与坐标不符，或有重复、空值",
                "Ids and coordinates do not match, repeat, or are not finite",
            )
        )
    if crs is None:
        return array
    return np.column_stack(transform(array[:, 0], array[:, 1], CRS.from_user_input(crs), network.crs))


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

"""Profiles: who may use which edge in which direction, and how many minutes it takes."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from ruamel.yaml import YAML

from layout_planner.errors import Flaw, ScenarioError, Text
from layout_planner.travel.network import RoadNetwork
from layout_planner.travel.tags import HIGHWAYS, SAC_SCALES, SURFACES, Access, Oneway, RoadFlag

__all__ = ["Profile", "ride_profile", "speed_sources", "walk_profile"]

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_KMH_TO_M_PER_MIN = 1000.0 / 60.0


@dataclass(frozen=True)
class Profile:
    """One way of travelling: speeds by road class, access rules, and what a trip costs before it moves.

    Attributes
    ----------
    name : str
        What results are labelled with.
    mode : {"walk", "ride"}
        On foot, or in a school bus or car.
    speed_kmh : mapping of road class to km/h
        Classes open unless a tag forbids them.
    tagged_kmh : mapping of road class to km/h
        Classes open only where a tag for this mode says yes.
    never : frozenset of road classes
        Closed whatever the tags say.
    no_snap : frozenset of road classes
        Open for passing, but nobody starts or ends there.
    wait_min : float
        Minutes added once to every trip (stop, waiting, boarding).
    cap_kmh : float
        No edge is faster.
    rough_kmh, worst_kmh : float
        Caps on tracks, unpaved or narrow roads, and on earth, sand and mud.
    alpine_factor : float
        Share of the speed that is left on paths beyond the grade "hiking".
    """

    name: str
    mode: Literal["walk", "ride"]
    speed_kmh: Mapping[str, float]
    tagged_kmh: Mapping[str, float] = field(default_factory=dict)
    never: frozenset[str] = frozenset()
    no_snap: frozenset[str] = frozenset()
    wait_min: float = 0.0
    cap_kmh: float = np.inf
    rough_kmh: float = np.inf
    worst_kmh: float = np.inf
    alpine_factor: float = 1.0

    def edge_speed(self, network: RoadNetwork) -> Floats:
        """Give the speed in km/h on every edge, shape (m,); 0 where this mode may not go at all."""
        roads = network.roads
        open_kmh, tagged_kmh = _by_code(self.speed_kmh), _by_code(self.tagged_kmh)
        tag = roads.foot if self.mode == "walk" else roads.motor
        barred = (tag == Access.NO) | (tag == Access.PRIVATE)
        if self.mode == "ride":
            barred |= tag == Access.LIMITED
        speed = np.where(tag == Access.YES, np.maximum(open_kmh, tagged_kmh)[roads.highway], open_kmh[roads.highway])
        speed[barred | roads.is_class(*self.never)] = 0.0
        if self.mode == "walk":
            speed[roads.sac_scale > SAC_SCALES.index("hiking")] *= self.alpine_factor
            return speed
        limit = np.where(np.isnan(roads.maxspeed_kmh), np.inf, roads.maxspeed_kmh).astype(np.float64)
        limit[_rough(network)] = np.minimum(limit[_rough(network)], self.rough_kmh)
        limit[_worst(network)] = np.minimum(limit[_worst(network)], self.worst_kmh)
        return np.minimum(speed, np.minimum(limit, self.cap_kmh))

    def edge_minutes(self, network: RoadNetwork) -> tuple[Floats, Floats]:
        """Give the minutes along every edge from u to v and from v to u, shapes (m,); inf where not allowed."""
        speed = self.edge_speed(network)
        minutes = np.full(network.n_edges, np.inf)
        np.divide(network.length_m, speed * _KMH_TO_M_PER_MIN, out=minutes, where=speed > 0)
        way = network.roads.oneway_foot if self.mode == "walk" else network.roads.oneway
        closed = way == Oneway.CLOSED
        forward = np.where((way == Oneway.BACKWARD) | closed, np.inf, minutes)
        backward = np.where((way == Oneway.FORWARD) | closed, np.inf, minutes)
        return forward, backward

    def snappable(self, network: RoadNetwork) -> Mask:
        """Tell on which edges, shape (m,), a trip may start or end: allowed, no tunnel, no class of ``no_snap``."""
        forward, backward = self.edge_minutes(network)
        allowed = np.isfinite(forward) | np.isfinite(backward)
        return allowed & ~network.roads.is_class(*self.no_snap) & ~network.roads.has(RoadFlag.TUNNEL)


def walk_profile(name: str, speed_kmh: float) -> Profile:
    """Make a profile of walking at a level speed.

    Nobody walks on a motorway, and nowhere that a tag forbids; vehicles' one-ways do not bind walkers.

    >>> walk_profile("walk:G1-3", 3.3).speed_kmh["steps"] < 3.3
    True
    """
    table = _table()["walk"]
    ferry = float(table["ferry_kmh"]["kmh"])
    return Profile(
        name=name,
        mode="walk",
        speed_kmh={k: speed_kmh * float(row["factor"]) for k, row in table["classes"].items()} | {"ferry": ferry},
        tagged_kmh={k: speed_kmh * float(row["factor"]) for k, row in table["tagged_only"].items()},
        never=frozenset(table["never"]),
        no_snap=frozenset(table["no_snap"]),
        alpine_factor=float(table["alpine"]["factor"]),
    )


def ride_profile(name: str, overrides: Mapping[str, float] | None = None, wait_min: float = 0.0) -> Profile:
    """Make a profile of riding in a school bus, with the legal caps.

    Parameters
    ----------
    name : str
        Label of the profile.
    overrides : mapping of road class to km/h, optional
        Speeds that replace the table's; the legal caps and signed limits still hold.
    wait_min : float
        Minutes for the walk to the stop, waiting and boarding, added once a trip.

    Raises
    ------
    ScenarioError
        An override names a road class that no vehicle uses.
    """
    table = _table()["ride"]
    speed = {k: float(row["kmh"]) for k, row in table["classes"].items()}
    tagged = {k: float(row["kmh"]) for k, row in table["tagged_only"].items()}
    overrides = dict(overrides or {})
    _check_classes(overrides, [*speed, *tagged])
    return Profile(
        name=name,
        mode="ride",
        speed_kmh={k: overrides.get(k, v) for k, v in speed.items()},
        tagged_kmh={k: overrides.get(k, v) for k, v in tagged.items()},
        never=frozenset(table["never"]),
        no_snap=frozenset(table["no_snap"]),
        wait_min=wait_min,
        cap_kmh=float(table["cap"]["kmh"]),
        rough_kmh=float(table["rough"]["kmh"]),
        worst_kmh=float(table["worst"]["kmh"]),
    )


def speed_sources() -> dict[str, str]:
    """Give the source behind every figure of the speed table, by its key, with its confidence."""
    return {key: f"[{row['confidence']}] {row['text']}" for key, row in _table()["sources"].items()}


@cache
def _table() -> dict[str, Any]:
    text = files("layout_planner.travel").joinpath("speeds.yaml").read_text(encoding="utf-8")
    return dict(YAML(typ="safe", pure=True).load(text))


def _by_code(speeds: Mapping[str, float]) -> Floats:
    return np.array([speeds.get(name, 0.0) for name in HIGHWAYS])


def _rough(network: RoadNetwork) -> Mask:
    table, roads = _table()["ride"], network.roads
    unpaved = np.isin(roads.surface, [SURFACES.index(name) for name in table["rough_surfaces"]])
    return unpaved | roads.is_class(*table["rough_classes"]) | roads.has(RoadFlag.NARROW)


def _worst(network: RoadNetwork) -> Mask:
    table, roads = _table()["ride"], network.roads
    return np.isin(roads.surface, [SURFACES.index(name) for name in table["worst_surfaces"]]) | (roads.tracktype == 5)


def _check_classes(overrides: Mapping[str, float], known: list[str]) -> None:
    flaws = []
    for name in sorted(set(overrides) - set(known)):
        close = difflib.get_close_matches(name, known, n=1)
        hint = close[0] if close else "、".join(known)
        flaws.append(
            Flaw(
                "unknown_road_class",
                Text(f"没有名为 {name} 的行车道路等级", f"there is no road class {name} that vehicles use"),
                Text(f"可写 {hint}", f"write {hint}"),
                column="ride_speed_kmh",
            )
        )
    if flaws:
        raise ScenarioError(Text("乘车速度表有误", "The ride speeds cannot be used"), flaws)

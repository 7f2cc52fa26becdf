"""Profiles: who may use which edge in which direction, and how many minutes it takes."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
from ruamel.yaml import YAML

from layout_planner.errors import Flaw, ScenarioError, Text
from layout_planner.travel.network import RoadNetwork
from layout_planner.travel.relief import e_bike_factor
from layout_planner.travel.surface_slope import tobler_factor
from layout_planner.travel.tags import HIGHWAYS, SAC_SCALES, SMOOTHNESS, SURFACES, Access, Oneway, RoadFlag

if TYPE_CHECKING:
    from layout_planner.travel.closures import Season

__all__ = ["Mode", "Profile", "car_profile", "e_bike_profile", "ride_profile", "speed_sources", "walk_profile"]

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Mode = Literal["walk", "ebike", "ride", "car"]

_KMH_TO_M_PER_MIN = 1000.0 / 60.0


@dataclass(frozen=True)
class Profile:
    """One way of travelling: speeds by road class, access rules, and what a trip costs before it moves.

    Attributes
    ----------
    name : str
        What results are labelled with.
    mode : {"walk", "ebike", "ride", "car"}
        On foot, on the back of a parent's electric bicycle, in a school bus, in a car.
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
    sac_limit : str
        Hardest grade of the hiking scale that is walked at all.
    slope : bool
        Whether heights count, where the network has them: on foot and by e-bike on every metre, by bus and car as
        stretches with a cap.
    steep_kmh, steep_slope : float
        Cap of vehicles where 100 metres of road are steeper.
    sharp_kmh, sharp_radius_m : float
        Cap of vehicles within 15 metres of a bend of a lesser radius.
    speed_factor : float
        Multiplies every speed on the roads; waits and the way to the road stay.
    homeward : bool
        The way from school to home: every edge is passed in the other direction.
    season : Season, optional
        What is closed or slow.
    """

    name: str
    mode: Mode
    speed_kmh: Mapping[str, float]
    tagged_kmh: Mapping[str, float] = field(default_factory=dict)
    never: frozenset[str] = frozenset()
    no_snap: frozenset[str] = frozenset()
    wait_min: float = 0.0
    cap_kmh: float = np.inf
    rough_kmh: float = np.inf
    worst_kmh: float = np.inf
    alpine_factor: float = 1.0
    sac_limit: str = SAC_SCALES[-1]
    slope: bool = True
    steep_kmh: float = np.inf
    steep_slope: float = np.inf
    sharp_kmh: float = np.inf
    sharp_radius_m: float = 0.0
    speed_factor: float = 1.0
    homeward: bool = False
    season: Season | None = None

    def edge_speed(self, network: RoadNetwork) -> Floats:
        """Give the speed in km/h on every edge, shape (m,), level and straight; 0 where this mode may not go."""
        roads = network.roads
        open_kmh, tagged_kmh = _by_code(self.speed_kmh), _by_code(self.tagged_kmh)
        tag = {"walk": roads.foot, "ebike": roads.bicycle, "ride": roads.bus, "car": roads.motor}[self.mode]
        barred = (tag == Access.NO) | (tag == Access.PRIVATE)
        if self.mode in ("ride", "car"):
            barred |= tag == Access.LIMITED
        else:
            barred |= roads.has(RoadFlag.MOTORROAD) & (tag != Access.YES)
            barred |= roads.sac_scale > SAC_SCALES.index(self.sac_limit)
        speed = np.where(tag == Access.YES, np.maximum(open_kmh, tagged_kmh)[roads.highway], open_kmh[roads.highway])
        speed[barred | roads.is_class(*self.never)] = 0.0
        if self.mode == "walk":
            speed[roads.sac_scale > SAC_SCALES.index("hiking")] *= self.alpine_factor
            return speed
        return np.minimum(speed, self._limit(network))

    def _limit(self, network: RoadNetwork) -> Floats:
        """Give the speed in km/h that signs, caps and the state of the road allow, shape (m,)."""
        roads = network.roads
        limit = np.full(network.n_edges, self.cap_kmh)
        if self.mode != "ebike":
            limit = np.fmin(limit, roads.maxspeed_kmh.astype(np.float64))
        for cap, where in ((self.rough_kmh, _rough), (self.worst_kmh, _worst)):
            rough = where(network, self.mode)
            limit[rough] = np.minimum(limit[rough], cap)
        uneven = _table()["ride"]["uneven"]
        by_code = np.array([float(uneven.get(name, np.inf)) for name in SMOOTHNESS])
        return np.minimum(limit, by_code[roads.smoothness])

    def edge_minutes(self, network: RoadNetwork) -> tuple[Floats, Floats]:
        """Give the minutes along every edge from u to v and from v to u, shapes (m,); inf where not allowed."""
        speed = self.edge_speed(network)
        minutes = np.full(network.n_edges, np.inf)
        np.divide(network.length_m, speed * _KMH_TO_M_PER_MIN, out=minutes, where=speed > 0)
        there, back = self._on_slopes(network, speed, _timetable(network, minutes))
        factor: float | Floats = 1.0 / self.speed_factor
        if self.season is not None:
            factor = factor * self.season.time_factors(network)
        roads = network.roads
        way = {"walk": roads.oneway_foot, "ebike": roads.oneway_bicycle}.get(self.mode, roads.oneway)
        closed = way == Oneway.CLOSED
        forward = np.where((way == Oneway.BACKWARD) | closed, np.inf, there * factor)
        backward = np.where((way == Oneway.FORWARD) | closed, np.inf, back * factor)
        return (backward, forward) if self.homeward else (forward, backward)

    def _on_slopes(self, network: RoadNetwork, speed: Floats, minutes: Floats) -> tuple[Floats, Floats]:
        """Add to level minutes what slopes and bends cost, in both directions."""
        relief = network.relief if self.slope else None
        if self.mode in ("walk", "ebike"):
            if relief is None:
                return minutes, minutes
            if self.mode == "walk":
                up, down = relief.time_factors(network.length_m, tobler_factor)
                return minutes * up, minutes * down
            return _e_bike_minutes(network, speed, minutes)
        m = network.n_edges
        sharp = network.bends.sharp_share(self.sharp_radius_m) if np.isfinite(self.sharp_kmh) else np.zeros(m)
        steep = np.zeros(m)
        if relief is not None and np.isfinite(self.steep_kmh):
            steep = relief.steep_share(network.length_m, self.steep_slope)
            steep[network.roads.is_class(*_table()["ride"]["graded"])] = 0.0
        bent = np.minimum(sharp, 1.0 - steep)
        slow = steep * _excess(speed, self.steep_kmh) + bent * _excess(speed, self.sharp_kmh)
        return minutes * (1.0 + slow), minutes * (1.0 + slow)

    def snappable(self, network: RoadNetwork) -> Mask:
        """Tell on which edges, shape (m,), a trip may start or end: allowed, no tunnel, no class of ``no_snap``."""
        forward, backward = self.edge_minutes(network)
        allowed = np.isfinite(forward) | np.isfinite(backward)
        return allowed & ~network.roads.is_class(*self.no_snap) & ~network.roads.has(RoadFlag.TUNNEL)

    def home(self) -> Profile:
        """Give the same profile for the way home: a search *to* a school then finds the minutes *from* it."""
        return replace(self, homeward=not self.homeward)

    def during(self, season: Season) -> Profile:
        """Give the same profile in a season."""
        return replace(self, season=season)


def walk_profile(name: str, speed_kmh: float, *, slope: bool = True, speed_factor: float = 1.0) -> Profile:
    """Make a profile of a child walking at a level speed.

    Nobody walks on a motorway, on a path beyond the table's grade of the hiking scale, and nowhere that a tag
    forbids; vehicles' one-ways do not bind walkers.

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
        sac_limit=str(table["child_limit"]["grade"]),
        slope=slope,
        speed_factor=speed_factor,
    )


def e_bike_profile(
    name: str, speed_kmh: float | None = None, wait_min: float = 0.0, *, slope: bool = True, speed_factor: float = 1.0
) -> Profile:
    """Make a profile of riding behind a parent on an electric bicycle.

    Parameters
    ----------
    speed_kmh : float, optional
        Speed on a good level road; by default the table's. The design cap of GB 17761 holds.
    """
    table = _table()["ebike"]
    cap = float(table["cap"]["kmh"])
    level = min(speed_kmh or float(table["level"]["kmh"]), cap)
    ferry = float(table["ferry_kmh"]["kmh"])
    return Profile(
        name=name,
        mode="ebike",
        speed_kmh={k: level * float(row["factor"]) for k, row in table["classes"].items()} | {"ferry": ferry},
        tagged_kmh={k: level * float(row["factor"]) for k, row in table["tagged_only"].items()},
        never=frozenset(table["never"]),
        no_snap=frozenset(table["no_snap"]),
        wait_min=wait_min,
        cap_kmh=cap,
        rough_kmh=float(table["rough"]["kmh"]),
        worst_kmh=float(table["worst"]["kmh"]),
        sac_limit="hiking",
        slope=slope,
        speed_factor=speed_factor,
    )


def ride_profile(
    name: str, overrides: Mapping[str, float] | None = None, wait_min: float = 0.0, *, slope: bool = True,
    bends: bool = True, speed_factor: float = 1.0,
) -> Profile:  # fmt: skip
    """Make a profile of riding in a school bus, with the legal caps.

    Parameters
    ----------
    name : str
        Label of the profile.
    overrides : mapping of road class to km/h, optional
        Speeds that replace the table's; the legal caps and signed limits still hold.
    wait_min : float
        Minutes for the walk to the stop, waiting and boarding, added once a trip.
    slope : bool
        Whether steep stretches are capped, where the network has heights.
    bends : bool
        Whether sharp bends are capped.

    Raises
    ------
    ScenarioError
        An override names a road class that no vehicle uses.
    """
    return _vehicle(name, "ride", overrides, wait_min, slope=slope, bends=bends, speed_factor=speed_factor)


def car_profile(
    name: str, overrides: Mapping[str, float] | None = None, wait_min: float = 0.0, *, slope: bool = True,
    bends: bool = True, speed_factor: float = 1.0,
) -> Profile:  # fmt: skip
    """Make a profile of a family's car; parameters as for :func:`ride_profile`."""
    return _vehicle(name, "car", overrides, wait_min, slope=slope, bends=bends, speed_factor=speed_factor)


def _vehicle(
    name: str, mode: Mode, overrides: Mapping[str, float] | None, wait_min: float, *, slope: bool, bends: bool,
    speed_factor: float,
) -> Profile:  # fmt: skip
    table = _table()["ride"] | (_table()["car"] if mode == "car" else {})
    speed = {k: float(row["kmh"]) for k, row in table["classes"].items()}
    tagged = {k: float(row["kmh"]) for k, row in table["tagged_only"].items()}
    overrides = dict(overrides or {})
    _check_classes(overrides, [*speed, *tagged])
    return Profile(
        name=name,
        mode=mode,
        speed_kmh={k: overrides.get(k, v) for k, v in speed.items()},
        tagged_kmh={k: overrides.get(k, v) for k, v in tagged.items()},
        never=frozenset(table["never"]),
        no_snap=frozenset(table["no_snap"]),
        wait_min=wait_min,
        cap_kmh=float(table["cap"]["kmh"]),
        rough_kmh=float(table["rough"]["kmh"]),
        worst_kmh=float(table["worst"]["kmh"]),
        steep_kmh=float(table["steep"]["kmh"]),
        steep_slope=float(table["steep"]["slope"]),
        sharp_kmh=float(table["sharp"]["kmh"]) if bends else np.inf,
        sharp_radius_m=float(table["sharp"]["radius_m"]),
        slope=slope,
        speed_factor=speed_factor,
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


def _rough(network: RoadNetwork, mode: Mode) -> Mask:
    roads = network.roads
    table = _table()["ebike" if mode == "ebike" else "ride"]
    unpaved = np.isin(roads.surface, [SURFACES.index(name) for name in table["rough_surfaces"]])
    if mode == "ebike":
        return unpaved
    return unpaved | roads.is_class(*table["rough_classes"]) | roads.has(RoadFlag.NARROW)


def _worst(network: RoadNetwork, mode: Mode) -> Mask:
    roads = network.roads
    table = _table()["ebike" if mode == "ebike" else "ride"]
    return np.isin(roads.surface, [SURFACES.index(name) for name in table["worst_surfaces"]]) | (roads.tracktype == 5)


def _excess(speed: Floats, cap_kmh: float) -> Floats:
    """Give the extra time on a stretch with a cap, as a share of the time without."""
    return np.maximum(speed / cap_kmh - 1.0, 0.0)


def _timetable(network: RoadNetwork, minutes: Floats) -> Floats:
    """Take the minutes that a ferry states for its whole way, shared out over its edges by length."""
    stated = network.roads.duration_min > 0
    stated &= network.roads.is_class("ferry") & np.isfinite(minutes)
    if not stated.any():
        return minutes
    _, way = np.unique(network.way_id[stated], return_inverse=True)
    whole = np.bincount(way, weights=network.length_m[stated])
    timed = minutes.copy()
    timed[stated] = network.roads.duration_min[stated] * network.length_m[stated] / whole[way]
    return timed


def _e_bike_minutes(network: RoadNetwork, speed: Floats, minutes: Floats) -> tuple[Floats, Floats]:
    relief = network.relief
    assert relief is not None
    figures = _table()["ebike"]["motor"]
    watts, mass, rolling, push = (float(figures[key]) for key in ("watts", "mass_kg", "rolling", "push_kmh"))
    there, back = minutes.copy(), minutes.copy()
    for kmh in np.unique(speed[speed > 0]):
        on = np.flatnonzero(speed == kmh)
        curve = partial(e_bike_factor, flat_kmh=float(kmh), watts=watts, mass_kg=mass, rolling=rolling, push_kmh=push)
        up, down = relief.take(on).time_factors(network.length_m[on], curve)
        there[on] *= up
        back[on] *= down
    return there, back


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

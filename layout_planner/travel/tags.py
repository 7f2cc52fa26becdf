"""What OpenStreetMap tags say about a road, as compact codes.

A tag table is read once, when the network is built. Everything that a travel profile asks later is an array of
small integers, one entry a road edge. Nothing here decides who may travel: that is :mod:`layout_planner.travel.speeds`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import IntEnum, IntFlag

import numpy as np
import numpy.typing as npt

__all__ = [
    "HIGHWAYS",
    "SMOOTHNESS",
    "SURFACES",
    "TAG_KEYS",
    "Access",
    "Blocked",
    "Oneway",
    "RoadAttributes",
    "RoadFlag",
    "RoadTags",
    "parse_barrier",
    "parse_tags",
]

HIGHWAYS: tuple[str, ...] = (
    "road", "motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link", "secondary",
    "secondary_link", "tertiary", "tertiary_link", "unclassified", "residential", "living_street", "service",
    "track", "pedestrian", "footway", "path", "steps", "cycleway", "bridleway", "corridor", "busway", "ferry",
)  # fmt: skip
"""Road classes by code; ``road`` is a road of unknown class, ``ferry`` a ``route=ferry``."""

SURFACES: tuple[str, ...] = (
    "", "asphalt", "concrete", "paved", "paving_stones", "sett", "cobblestone", "bricks", "metal", "wood", "compacted",
    "fine_gravel", "gravel", "unpaved", "ground", "dirt", "earth", "grass", "grass_paver", "pebblestone", "rock",
    "clay", "sand", "mud",
)  # fmt: skip
"""Surfaces by code; the empty text is a surface that nobody recorded."""

SAC_SCALES: tuple[str, ...] = (
    "", "hiking", "mountain_hiking", "demanding_mountain_hiking", "alpine_hiking", "demanding_alpine_hiking",
    "difficult_alpine_hiking",
)  # fmt: skip
"""Difficulty of a hiking path by code."""

SMOOTHNESS: tuple[str, ...] = (
    "", "excellent", "good", "intermediate", "bad", "very_bad", "horrible", "very_horrible", "impassable",
)  # fmt: skip
"""How even the surface is, by code."""

TAG_KEYS: tuple[str, ...] = (
    "access", "area", "bicycle", "bridge", "bus", "duration", "est_width", "foot", "ford", "highway", "junction",
    "lanes", "layer", "lit", "maxspeed", "motor_vehicle", "motorcar", "motorroad", "narrow", "oneway",
    "oneway:bicycle", "oneway:foot", "oneway:motor_vehicle", "oneway:vehicle", "psv", "route", "sac_scale",
    "smoothness", "surface", "tracktype", "tunnel", "vehicle", "width",
)  # fmt: skip
"""Every key that :func:`parse_tags` looks at; other tags never change what it says."""

_NOT_ROADS = frozenset({
    "construction", "proposed", "planned", "abandoned", "disused", "razed", "demolished", "removed", "no", "platform",
    "elevator", "rest_area", "services", "bus_stop", "raceway", "bus_guideway", "escape", "emergency_bay", "trailhead",
    "via_ferrata", "ladder", "traffic_island", "crossing", "toll_gantry", "street_lamp", "emergency_access_point",
})  # fmt: skip
_HIGHWAY_ALIASES = {
    "unsurfaced": "track", "minor": "tertiary", "byway": "track", "virtual": "path", "footpath": "footway",
    "living_street;residential": "living_street", "unknown": "road", "yes": "road",
    "高速公路": "motorway", "高速": "motorway", "城市快速路": "trunk", "快速路": "trunk",
    "国道": "primary", "主干路": "primary", "省道": "secondary", "次干路": "secondary",
    "县道": "tertiary", "支路": "tertiary", "乡道": "unclassified", "村道": "unclassified", "乡村道路": "unclassified",
    "机耕路": "track", "机耕道": "track", "大车路": "track", "小路": "path", "人行道": "footway", "步行道": "footway",
    "台阶": "steps", "轮渡": "ferry",
}  # fmt: skip
_SURFACE_ALIASES = {
    "concrete:plates": "concrete", "concrete:lanes": "concrete", "cement": "concrete", "chipseal": "asphalt",
    "cobblestone:flattened": "sett", "unhewn_cobblestone": "cobblestone", "stone": "rock", "rocky": "rock",
    "soil": "earth", "dirt/sand": "dirt", "tartan": "paved", "rubber": "paved", "metal_grid": "metal", "wooden": "wood",
    "woodchips": "ground", "snow": "ground", "ice": "ground", "bare_rock": "rock", "gravel;ground": "gravel",
    "沥青": "asphalt", "水泥": "concrete", "砂石": "gravel", "土路": "dirt", "土质": "dirt",
}  # fmt: skip


class Access(IntEnum):
    """What the most specific access tag says."""

    UNSET = 0
    YES = 1
    NO = 2
    PRIVATE = 3
    LIMITED = 4
    """Farm, forest or delivery traffic only."""


class Oneway(IntEnum):
    """Direction of traffic relative to the way as drawn."""

    NO = 0
    FORWARD = 1
    BACKWARD = 2
    CLOSED = 3
    """Reversible by the hour: a timetable that nobody recorded."""


class RoadFlag(IntFlag):
    """What else a profile or a danger check wants to know of an edge."""

    NONE = 0
    BRIDGE = 1
    TUNNEL = 2
    ROUNDABOUT = 4
    NARROW = 8
    UNLIT = 16
    LIT = 32
    AREA = 64
    FORD = 128
    RAIL_CROSSING = 256
    MOTORROAD = 512


class Blocked(IntFlag):
    """Who cannot pass a barrier that stands on a road."""

    NONE = 0
    FOOT = 1
    BICYCLE = 2
    MOTOR = 4


_ACCESS = {
    **dict.fromkeys(("yes", "designated", "permissive", "destination", "customers", "official", "public", "permit",
                     "allowed", "use_sidepath", "dismount", "residents"), Access.YES),
    **dict.fromkeys(("no", "emergency", "military", "restricted", "prohibited", "disused"), Access.NO),
    **dict.fromkeys(("private", "employees", "staff"), Access.PRIVATE),
    **dict.fromkeys(("agricultural", "forestry", "delivery", "agricultural;forestry", "forestry;agricultural"),
                    Access.LIMITED),
}  # fmt: skip
_FOOT_KEYS = ("foot", "access")
_MOTOR_KEYS = ("motorcar", "motor_vehicle", "vehicle", "access")
_BICYCLE_KEYS = ("bicycle", "vehicle", "access")
_BUS_KEYS = ("bus", "psv", *_MOTOR_KEYS)
_OPEN_TO_ALL = frozenset(
    {
        "gate",
        "lift_gate",
        "swing_gate",
        "sliding_gate",
        "entrance",
        "toll_booth",
        "cattle_grid",
        "border_control",
        "height_restrictor",
        "checkpoint",
        "sally_port",
        "kerb",
        "no",
        "rope",
        "bump_gate",
        "hampshire_gate",
        "wicket_gate",
        "arch",
        "lift",
        "guard",
        "barrier_board",
    }
)
_CLOSED_TO_ALL = frozenset(
    {"wall", "fence", "hedge", "city_wall", "retaining_wall", "guard_rail", "cable_barrier", "delineators"}
)
_ONLY_ON_FOOT = frozenset({"stile", "turnstile", "full-height_turnstile", "kissing_gate", "horse_stile", "step"})
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_NARROW_M = 3.5
_MPH = 1.609344
_YES = frozenset({"yes", "true", "1", "t"})
_NO = frozenset({"", "no", "false", "0", "f", "n"})


@dataclass(frozen=True, slots=True)
class RoadTags:
    """One way's tags as codes; the fields are those of :class:`RoadAttributes`."""

    highway: int
    oneway: int
    oneway_foot: int
    foot: int
    motor: int
    bicycle: int
    flags: int
    surface: int
    tracktype: int
    sac_scale: int
    layer: int
    maxspeed_kmh: float
    bus: int = 0
    oneway_bicycle: int = 0
    smoothness: int = 0
    duration_min: float = 0.0


@dataclass(frozen=True, eq=False)
class RoadAttributes:
    """Codes of every edge, arrays of length m.

    Attributes
    ----------
    highway, surface, sac_scale : uint8
        Positions in :data:`HIGHWAYS`, :data:`SURFACES` and the hiking scale.
    oneway, oneway_foot : uint8
        :class:`Oneway` for vehicles (roundabouts and motorways included) and for people on foot.
    foot, motor, bicycle : uint8
        :class:`Access`, the most specific tag of each.
    flags : uint16
        :class:`RoadFlag` bits.
    tracktype : uint8
        1 to 5; 0 is unknown.
    layer : int8
        Level above (or below) the ground.
    maxspeed_kmh : float32
        Signed limit in km/h; nan is unknown.
    bus : uint8
        :class:`Access` of buses.
    oneway_bicycle : uint8
        :class:`Oneway` for bicycles: that of vehicles unless a tag says otherwise.
    smoothness : uint8
        Position in :data:`SMOOTHNESS`.
    duration_min : float32
        Minutes that the whole way takes (ferries); 0 is unknown.
    """

    highway: npt.NDArray[np.uint8]
    oneway: npt.NDArray[np.uint8]
    oneway_foot: npt.NDArray[np.uint8]
    foot: npt.NDArray[np.uint8]
    motor: npt.NDArray[np.uint8]
    bicycle: npt.NDArray[np.uint8]
    flags: npt.NDArray[np.uint16]
    surface: npt.NDArray[np.uint8]
    tracktype: npt.NDArray[np.uint8]
    sac_scale: npt.NDArray[np.uint8]
    layer: npt.NDArray[np.int8]
    maxspeed_kmh: npt.NDArray[np.float32]
    bus: npt.NDArray[np.uint8]
    oneway_bicycle: npt.NDArray[np.uint8]
    smoothness: npt.NDArray[np.uint8]
    duration_min: npt.NDArray[np.float32]

    @classmethod
    def from_rows(cls, rows: Sequence[RoadTags]) -> RoadAttributes:
        """Stack the tags of many ways."""
        columns = {f.name: np.array([getattr(r, f.name) for r in rows], dtype=_DTYPES[f.name]) for f in fields(cls)}
        return cls(**columns)

    def take(self, index: npt.NDArray[np.integer]) -> RoadAttributes:
        """Pick (and repeat) entries by position."""
        return RoadAttributes(**{f.name: getattr(self, f.name)[index] for f in fields(self)})

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """Give every column by name."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    def has(self, flag: RoadFlag) -> npt.NDArray[np.bool_]:
        """Tell which edges carry a flag."""
        return (self.flags & np.uint16(flag)) != 0

    def is_class(self, *names: str) -> npt.NDArray[np.bool_]:
        """Tell which edges belong to one of the road classes."""
        return np.isin(self.highway, [HIGHWAYS.index(name) for name in names])


_DTYPES: dict[str, type[np.generic]] = {
    **dict.fromkeys(("highway", "oneway", "oneway_foot", "foot", "motor", "bicycle", "surface", "tracktype",
                     "sac_scale", "bus", "oneway_bicycle", "smoothness"), np.uint8),
    "flags": np.uint16, "layer": np.int8, "maxspeed_kmh": np.float32, "duration_min": np.float32,
}  # fmt: skip
_HIGHWAY_CODE = {name: code for code, name in enumerate(HIGHWAYS)}
_SURFACE_CODE = {name: code for code, name in enumerate(SURFACES)}
_SAC_CODE = {name: code for code, name in enumerate(SAC_SCALES)}
_SMOOTH_CODE = {name: code for code, name in enumerate(SMOOTHNESS)}


def parse_tags(tags: Mapping[str, str]) -> RoadTags | None:
    """Turn one way's tags into codes; ``None`` if it is no road that exists today.

    >>> parse_tags({"highway": "construction"}) is None
    True
    >>> HIGHWAYS[parse_tags({"highway": "primary", "oneway": "-1"}).highway]
    'primary'
    """
    name = _class_of(tags)
    if name is None:
        return None
    oneway = _oneway(tags, name)
    return RoadTags(
        highway=_HIGHWAY_CODE[name],
        oneway=oneway,
        oneway_foot=_direction(tags.get("oneway:foot", "")),
        foot=_access(tags, _FOOT_KEYS),
        motor=_access(tags, _MOTOR_KEYS),
        bicycle=_access(tags, _BICYCLE_KEYS),
        flags=_flags(tags) | (RoadFlag.NARROW if tags.get("lanes") == "1" and oneway == Oneway.NO else 0),
        surface=_surface(tags.get("surface", "")),
        tracktype=_tracktype(tags.get("tracktype", "")),
        sac_scale=_SAC_CODE.get(tags.get("sac_scale", ""), 0),
        layer=_layer(tags),
        maxspeed_kmh=_maxspeed(tags.get("maxspeed", "")),
        bus=_access(tags, _BUS_KEYS),
        oneway_bicycle=_direction(tags["oneway:bicycle"]) if tags.get("oneway:bicycle") else oneway,
        smoothness=_SMOOTH_CODE.get(tags.get("smoothness", ""), 0),
        duration_min=_duration(tags.get("duration", "")),
    )


def parse_barrier(tags: Mapping[str, str]) -> Blocked:
    """Tell whom a barrier on a road keeps out; a gate keeps out nobody unless its tags say so.

    Source: Project OSRM, profiles/car.lua, bicycle.lua and foot.lua (barrier white- and blacklists); its car profile
    also shuts whatever barrier it does not know.

    >>> parse_barrier({"barrier": "bollard"}) == Blocked.MOTOR
    True
    >>> parse_barrier({"barrier": "gate", "access": "private", "foot": "yes"}) == Blocked.BICYCLE | Blocked.MOTOR
    True
    """
    kind = tags.get("barrier", "no")
    blocked = Blocked.NONE
    if kind not in _OPEN_TO_ALL and tags.get("bollard") != "rising":
        blocked |= Blocked.MOTOR
    if kind in _CLOSED_TO_ALL:
        blocked |= Blocked.BICYCLE | Blocked.FOOT
    if kind in _ONLY_ON_FOOT:
        blocked |= Blocked.BICYCLE
    if tags.get("locked") == "yes":
        blocked |= Blocked.MOTOR | Blocked.BICYCLE
    for who, keys in ((Blocked.FOOT, _FOOT_KEYS), (Blocked.BICYCLE, _BICYCLE_KEYS), (Blocked.MOTOR, _MOTOR_KEYS)):
        said = _access(tags, keys)
        if said in (Access.YES, Access.LIMITED):
            blocked &= ~who
        elif said in (Access.NO, Access.PRIVATE):
            blocked |= who
    return blocked


def _class_of(tags: Mapping[str, str]) -> str | None:
    value = tags.get("highway", "").strip()
    if not value:
        return "ferry" if tags.get("route") in ("ferry", "shuttle_train") else None
    value = _HIGHWAY_ALIASES.get(value, value)
    if value in _NOT_ROADS:
        return None
    return value if value in _HIGHWAY_CODE else "road"


def _direction(value: str) -> Oneway:
    value = value.strip().lower()
    if value in _YES:
        return Oneway.FORWARD
    if value in ("-1", "reverse"):
        return Oneway.BACKWARD
    if value == "reversible":
        return Oneway.CLOSED
    return Oneway.NO


def _oneway(tags: Mapping[str, str], highway: str) -> Oneway:
    value = tags.get("oneway:motor_vehicle") or tags.get("oneway:vehicle") or tags.get("oneway") or ""
    implied = tags.get("junction") in ("roundabout", "circular") or highway in ("motorway", "motorway_link")
    if implied and not value:
        return Oneway.FORWARD
    return _direction(value)


def _access(tags: Mapping[str, str], keys: Sequence[str]) -> Access:
    for key in keys:
        value = tags.get(key)
        if value:
            code = _ACCESS.get(value)
            if code is None:
                code = next((_ACCESS[part] for part in re.split(r"[;|]", value) if part.strip() in _ACCESS), None)
            if code is not None:
                return code
    return Access.UNSET


def _flags(tags: Mapping[str, str]) -> int:
    flags = RoadFlag.NONE
    if tags.get("bridge", "").lower() not in _NO:
        flags |= RoadFlag.BRIDGE
    if tags.get("tunnel", "").lower() not in _NO:
        flags |= RoadFlag.TUNNEL
    if tags.get("junction") in ("roundabout", "circular"):
        flags |= RoadFlag.ROUNDABOUT
    if tags.get("narrow", "") in _YES or _metres(tags.get("width", tags.get("est_width", ""))) < _NARROW_M:
        flags |= RoadFlag.NARROW
    if tags.get("motorroad", "") in _YES:
        flags |= RoadFlag.MOTORROAD
    if "lit" in tags:
        flags |= RoadFlag.UNLIT if tags["lit"] in _NO else RoadFlag.LIT
    if tags.get("area", "") in _YES:
        flags |= RoadFlag.AREA
    if tags.get("ford", "").lower() not in _NO:
        flags |= RoadFlag.FORD
    return int(flags)


def _metres(value: str) -> float:
    match = _NUMBER.match(value.strip())
    if match is None or "'" in value or "ft" in value:
        return math.inf
    return float(match.group())


def _surface(value: str) -> int:
    for part in value.lower().split(";"):
        name = _SURFACE_ALIASES.get(part.strip(), part.strip())
        if name in _SURFACE_CODE:
            return _SURFACE_CODE[name]
    return 0


def _tracktype(value: str) -> int:
    return int(value[5]) if len(value) == 6 and value.startswith("grade") and value[5] in "12345" else 0


def _duration(value: str) -> float:
    """Read minutes out of ``hh:mm``, ``hh:mm:ss`` or a number of minutes; 0 where there are none."""
    parts = value.strip().split(":")
    if not all(part.isdecimal() for part in parts) or len(parts) > 3:
        return 0.0
    numbers = [float(part) for part in parts]
    if len(numbers) == 1:
        return numbers[0]
    return numbers[0] * 60 + numbers[1] + (numbers[2] / 60 if len(numbers) == 3 else 0.0)


def _layer(tags: Mapping[str, str]) -> int:
    try:
        return max(-128, min(127, int(float(tags.get("layer", "0") or 0))))
    except (ValueError, OverflowError):
        return 0


def _maxspeed(value: str) -> float:
    match = _NUMBER.search(value)
    if match is None:
        return math.nan
    speed = float(match.group())
    if speed <= 0:
        return math.nan
    return speed * _MPH if "mph" in value.lower() else speed

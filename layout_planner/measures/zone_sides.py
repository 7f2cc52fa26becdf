"""Where a zone lies, in words: its four sides (四至), and the streets of a part of a community."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from layout_planner.assign.coverage import border_segments

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.assign.zones import Zones
    from layout_planner.io.county import County

__all__ = ["SIDES", "sides_of_units", "sides_of_zones", "streets_of_units"]

SIDES = ("east", "north", "west", "south")
"""Sides in the order of their quarters, counted from the east against the clock."""

_LEAST_SHARE = 0.15
_MOST = 3
_PIECE_M = 250.0
_OUTSIDE = "县界"
_STREET_M = 50.0
_ALONG_M = 15.0
"""Metres within which a road or river runs along a piece of border."""


def sides_of_zones(zones: Zones, kind: str) -> list[dict[str, str]]:
    """Spell for every zone of a kind what lies on its four sides.

    A piece of border counts for the side on which it lies as seen from the middle of the zone's bounding box, which is
    taken for a square. The road or river that runs along it is named, else the village beyond, the longest common
    border first, at most three that have 15 % of the side each.

    Returns
    -------
    list of dict
        By zone: ``east``, ``south``, ``west``, ``north``; the county's border is 县界, a side without any is "".
    """
    layer, pieces = zones.layers[kind], _pieces_of(zones)
    return [pieces.sides(layer.zone == z, zones.units.areas) for z in range(len(layer.zones))]


def sides_of_units(zones: Zones, units: NDArray[np.int64]) -> list[dict[str, str]]:
    """Spell for single units what :func:`sides_of_zones` spells for zones."""
    pieces, n = _pieces_of(zones), len(zones.units.frame)
    return [pieces.sides(np.arange(n) == u, zones.units.areas) for u in units]


@dataclass(frozen=True, eq=False)
class _Pieces:
    """Pieces of border: the units on both sides, where they are, how long, and the road or river along them."""

    sides_: NDArray[np.int64]
    middle: NDArray[np.float64]
    length: NDArray[np.float64]
    along: NDArray[np.object_]
    names: NDArray[np.object_]

    def sides(self, mine: NDArray[np.bool_], areas: NDArray[np.object_]) -> dict[str, str]:
        """Spell what lies around some units."""
        said = dict.fromkeys(SIDES, "")
        if not mine.any():
            return said
        inside = (self.sides_ >= 0) & mine[self.sides_]
        edge = np.flatnonzero(inside.sum(axis=1) == 1)
        beyond = np.where(inside[edge, 0], self.sides_[edge, 1], self.sides_[edge, 0])
        label = np.where(self.along[edge] != "", self.along[edge], self.names[beyond])
        label = np.where(beyond < 0, _OUTSIDE, label)
        quarter = _quarters(areas[mine], self.middle[edge])
        for k, side in enumerate(SIDES):
            said[side] = _told(label[quarter == k], self.length[edge][quarter == k])
        return said


def _pieces_of(zones: Zones) -> _Pieces:
    sides, middle, length = _pieces(*border_segments(zones.units.areas))
    names = zones.units.frame["name"].to_numpy(dtype=object)
    return _Pieces(sides, middle, length, _along(zones, middle), names)


def _along(zones: Zones, middle: NDArray[np.float64]) -> NDArray[np.object_]:
    """Name the road or river at the middle of every piece of border; "" where none runs there."""
    county, found = zones.county, np.full(len(middle), "", dtype=object)
    lines, names = _named_lines(county)
    if not len(lines):
        return found
    spot, line = shapely.STRtree(lines).query_nearest(shapely.points(middle), max_distance=_ALONG_M, all_matches=False)
    found[spot] = names[line]
    return found


def _named_lines(county: County) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Collect the roads and rivers that have a name, with their names."""
    network = county.network
    if network is None:
        return np.zeros(0, dtype=object), np.zeros(0, dtype=object)
    said = np.array(network.names, dtype=object)[network.name_code]
    lines, names = [network.edge_geometries()[said != ""]], [said[said != ""]]
    if county.rivers is not None and "name" in county.rivers.columns:
        rivers = county.rivers[county.rivers["name"].fillna("") != ""]
        lines.append(rivers.geometry.to_numpy(dtype=object))
        names.append(rivers["name"].to_numpy(dtype=object))
    return np.concatenate(lines), np.concatenate(names)


def _pieces(
    sides: NDArray[np.int64], segments: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Cut segments into pieces of a few hundred metres: their sides, middles and lengths."""
    whole = np.hypot(*(segments[:, 2:] - segments[:, :2]).T)
    count = np.maximum(1, np.ceil(whole / _PIECE_M)).astype(np.int64)
    row = np.repeat(np.arange(len(segments)), count)
    step = (np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count) + 0.5) / count[row]
    start, end = segments[row, :2], segments[row, 2:]
    return sides[row], start + (end - start) * step[:, None], whole[row] / count[row]


def _quarters(areas: NDArray[np.object_], points: NDArray[np.float64]) -> NDArray[np.int64]:
    """Tell on which side of the middle of some areas points lie: 0 east, 1 north, 2 west, 3 south."""
    low, high = np.split(shapely.total_bounds(areas), 2)
    away = (points - (low + high) / 2) / np.maximum(high - low, 1.0)
    angle = np.degrees(np.arctan2(away[:, 1], away[:, 0]))
    return np.floor((angle + 45.0) / 90.0).astype(np.int64) % 4


def _told(label: NDArray[np.object_], length: NDArray[np.float64]) -> str:
    if not len(label):
        return ""
    who, at = np.unique(label.astype(str), return_inverse=True)
    metres = np.bincount(at.reshape(-1), weights=length)
    order = np.lexsort((who, -metres))
    told = [k for k in order if metres[k] >= _LEAST_SHARE * metres.sum()][:_MOST] or [int(order[0])]
    return "、".join(who[k] for k in told)


def streets_of_units(zones: Zones, units: NDArray[np.int64]) -> list[str]:
    """Name the streets that run through units, the longest first, at most three with 50 m each; "" where none does.

    Parameters
    ----------
    zones : Zones
    units : (k,) int64
        Positions.
    """
    network = zones.county.network
    named = np.array([bool(name) for name in network.names])[network.name_code]
    lines, codes = network.edge_geometries()[named], network.name_code[named]
    areas = zones.units.areas[units]
    edge, unit = shapely.STRtree(areas).query(lines, predicate="intersects")
    metres = np.zeros((len(units), len(network.names)))
    np.add.at(metres, (unit, codes[edge]), shapely.length(shapely.intersection(lines[edge], areas[unit])))
    order = np.argsort(-metres, axis=1, kind="stable")[:, :_MOST]
    return [
        "、".join(network.names[k] for k in best if metres[u, k] >= _STREET_M) for u, best in enumerate(order.tolist())
    ]

"""Where a zone lies, in words: its four sides (四至), and the streets of a part of a community."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from layout_planner.assign.coverage import border_segments

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.assign.zones import Zones

__all__ = ["SIDES", "sides_of_zones", "streets_of_units"]

SIDES = ("east", "north", "west", "south")
"""Sides in the order of their quarters, counted from the east against the clock."""

_LEAST_SHARE = 0.15
_MOST = 3
_PIECE_M = 250.0
_OUTSIDE = "县界"
_STREET_M = 50.0


def sides_of_zones(zones: Zones, kind: str) -> list[dict[str, str]]:
    """Spell for every zone of a kind what lies on its four sides.

    A piece of border counts for the side on which it lies as seen from the middle of the zone's bounding box, which is
    taken for a square. The villages next to the zone along it are named, the longest common border first, at most
    three that have 15 % of the side each.

    Returns
    -------
    list of dict
        By zone: ``east``, ``south``, ``west``, ``north``; the county's border is 县界, a side without any is "".
    """
    layer, names = zones.layers[kind], zones.units.frame["name"].tolist()
    sides, middle, length = _pieces(*border_segments(zones.units.areas))
    found = []
    for z in range(len(layer.zones)):
        mine = layer.zone == z
        said = dict.fromkeys(SIDES, "")
        if mine.any():
            inside = (sides >= 0) & mine[sides]
            edge = np.flatnonzero(inside.sum(axis=1) == 1)
            beyond = np.where(inside[edge, 0], sides[edge, 1], sides[edge, 0])
            quarter = _quarters(zones.units.areas[mine], middle[edge])
            for k, side in enumerate(SIDES):
                here = quarter == k
                said[side] = _neighbours(beyond[here], length[edge][here], names)
        found.append(said)
    return found


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


def _neighbours(beyond: NDArray[np.int64], length: NDArray[np.float64], names: list[str]) -> str:
    if not len(beyond):
        return ""
    who, at = np.unique(beyond, return_inverse=True)
    metres = np.bincount(at.reshape(-1), weights=length)
    order = np.lexsort((who, -metres))
    told = [k for k in order if metres[k] >= _LEAST_SHARE * metres.sum()][:_MOST] or [int(order[0])]
    return "、".join(_OUTSIDE if who[k] < 0 else names[who[k]] for k in told)


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

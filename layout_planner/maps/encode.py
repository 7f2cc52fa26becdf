"""Compact, exact-by-declaration encodings of numbers and lines for a page, decoded by ``assets/app/decode.js``."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

__all__ = ["COORD_DIGITS", "Pool", "packed", "packed_like", "polygon_lines", "polyline", "script_json"]

COORD_DIGITS = 5
"""Decimals of a degree kept for lines and cells: about one metre."""

_SHIFTS, _FULL, _FIRST_CHARACTER = np.arange(0, 40, 5), 0x20, 63
_TYPES = (("u8", np.uint8), ("u16", np.uint16), ("u32", np.uint32))


def packed(values: npt.ArrayLike, step: float = 1.0) -> dict[str, Any]:
    """Pack a numeric column as base64 little-endian whole numbers of ``step``; NaN survives.

    The smallest of one, two or four bytes that holds the range is taken; its largest number means "missing".

    >>> packed([1.0, float("nan"), 2.5], 0.5)
    {'t': 'u8', 'o': 2, 's': 0.5, 'd': 'AP8D'}
    """
    array = np.asarray(values, dtype=np.float64)
    missing = ~np.isfinite(array)
    whole = np.rint(np.where(missing, 0.0, array) / step).astype(np.int64)
    known = whole[~missing]
    offset = int(known.min()) if known.size else 0
    span = int(known.max()) - offset if known.size else 0
    for name, dtype in _TYPES:
        top = int(np.iinfo(dtype).max)
        if span < top:
            codes = np.where(missing, top, whole - offset).astype(dtype)
            data = base64.b64encode(codes.astype(codes.dtype.newbyteorder("<")).tobytes()).decode("ascii")
            return {"t": name, "o": offset, "s": step, "d": data}
    msg = f"values span more than 32 bits of step {step}"
    raise ValueError(msg)


def packed_like(values: npt.ArrayLike, before: npt.ArrayLike | None, step: float = 1.0) -> dict[str, Any]:
    """Pack a column as what differs from an earlier one, where that is shorter; else by itself.

    >>> packed_like([1.0, 2.0, 3.0, 9.0], [1.0, 2.0, 3.0, 4.0])
    {'at': {'t': 'u8', 'o': 3, 's': 1.0, 'd': 'AA=='}, 'to': {'t': 'u8', 'o': 9, 's': 1.0, 'd': 'AA=='}}
    """
    array = np.asarray(values, dtype=np.float64)
    if before is None or len(array) != len(np.asarray(before)):
        return packed(array, step)
    old = np.asarray(before, dtype=np.float64)
    same = (np.rint(array / step) == np.rint(old / step)) | (np.isnan(array) & np.isnan(old))
    at = np.flatnonzero(~same)
    if 2 * len(at) > len(array):
        return packed(array, step)
    return {"at": packed(at), "to": packed(array[at], step)}


class Pool:
    """Things that several plans share, written once: a place in ``items`` stands for each."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self._place: dict[str, int] = {}

    def put(self, thing: Any) -> int:  # noqa: ANN401 - whatever JSON can carry
        """Give the place of a thing, the same for equal things."""
        key = json.dumps(thing)
        if key not in self._place:
            self._place[key] = len(self.items)
            self.items.append(thing)
        return self._place[key]


def polyline(lonlat: npt.NDArray[np.float64], digits: int = COORD_DIGITS) -> str:
    """Encode an (n, 2) array of longitude and latitude as an encoded polyline.

    Source: the Encoded Polyline Algorithm Format; latitude first, ``digits`` decimals.

    >>> polyline(np.array([[-120.2, 38.5], [-120.95, 40.7], [-126.453, 43.252]]))
    '_p~iF~ps|U_ulLnnqC_mqNvxq`@'
    """
    whole = np.rint(lonlat[:, ::-1] * 10**digits).astype(np.int64)
    steps = np.diff(whole, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    keep = np.ones(len(steps), dtype=bool)
    keep[1:] = (steps[1:] != 0).any(axis=1)
    values = steps[keep].ravel()
    codes = np.where(values < 0, ~(values << 1), values << 1)
    groups = codes[:, None] >> _SHIFTS
    more = groups >= _FULL
    kept = np.concatenate([np.ones((len(codes), 1), dtype=bool), more[:, :-1]], axis=1)
    characters = np.where(more, _FULL | (groups & (_FULL - 1)), groups) + _FIRST_CHARACTER
    return characters[kept].astype(np.uint8).tobytes().decode("ascii")


def polygon_lines(geometry: shapely.Geometry | None, digits: int = COORD_DIGITS) -> list[list[str]]:
    """Encode the polygons of a geometry in degrees: a list of polygons, each its rings, the outer ring first."""
    if geometry is None or shapely.is_empty(geometry):
        return []
    polygons = [part for part in _parts(geometry) if isinstance(part, shapely.Polygon)]
    return [
        [polyline(shapely.get_coordinates(ring), digits) for ring in (part.exterior, *part.interiors)]
        for part in polygons
    ]


def _parts(geometry: shapely.Geometry) -> Iterable[shapely.Geometry]:
    members: Sequence[shapely.Geometry] = getattr(geometry, "geoms", ())
    if not members:
        yield geometry
    for member in members:
        yield from _parts(member)


def script_json(value: object) -> str:
    r"""Serialise to JSON that is inert inside an HTML ``<script>`` element, whatever the strings hold.

    >>> script_json({"name": "</script>"})
    '{"name":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text

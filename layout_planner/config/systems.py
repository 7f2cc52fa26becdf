"""Coordinate systems as people write them, spelled as one name: ``wgs84``, ``gcj02``, ``EPSG:4525`` …

Surveyors name a Gauss-Krüger grid by datum and zone, or by datum and central meridian. As in the EPSG registry, a zone
number means that eastings begin with it, and a central meridian that they do not, unless the words say otherwise.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["gauss_krueger_epsg", "system_name"]

_PLAIN = {
    "wgs84": "wgs84",
    "cgcs2000": "cgcs2000",
    "国家2000": "cgcs2000",
    "2000国家大地坐标系": "cgcs2000",
    "gcj02": "gcj02",
    "火星坐标": "gcj02",
    "国测局坐标": "gcj02",
    "bd09": "bd09",
    "bd09ll": "bd09",
    "百度坐标": "bd09",
    "webmercator": "EPSG:3857",
    "web墨卡托": "EPSG:3857",
    "pseudomercator": "EPSG:3857",
}
_DATUMS = {
    "cgcs2000": r"(?:cgcs ?2000|2000国家大地坐标系|国家 ?2000)",
    "xian1980": r"(?:xi'?an ?(?:19)?80|西安 ?(?:19)?80)",
    "beijing1954": r"(?:beijing ?(?:19)?54|北京 ?(?:19)?54)",
}
# EPSG codes of the first zone (13 or 25) and of the first central meridian (75°E), six and three degrees wide.
_FIRST_CODES = {
    "cgcs2000": {(6, True): 4491, (6, False): 4502, (3, True): 4513, (3, False): 4534},
    "xian1980": {(6, True): 2327, (6, False): 2338, (3, True): 2349, (3, False): 2370},
    "beijing1954": {(6, True): 21413, (6, False): 21453, (3, True): 2401, (3, False): 2422},
}
_ZONES = {6: range(13, 24), 3: range(25, 46)}
_PREFIX = r"(?P<no>(?:不带|无|不加|不含)带号|no prefix)|(?P<yes>(?:带|加|含|有)带号|prefix)"
_MERIDIAN = r"(?:中央经线|中央子午线|cm) ?(\d{2,3})(?: ?(?:度|°))?(?: ?e)?"
_WIDTH = r"([36]) ?(?:度分带|度带|degrees?|deg)|(?:gk|gauss kr[uü]e?ger) ?([36])(?!\d)"
_ZONE = r"(?:zone|带号|第)? ?(\d{2}) ?(?:号?带)?(?= |$)"
_FILLER = r"gauss kr[uü]e?ger|gk|高斯 ?克吕格|高斯|投影|坐标系?|东经|[ /,]"


def gauss_krueger_epsg(datum: str, width: int, meridian: int, *, prefix: bool) -> int | None:
    """Find the EPSG code of a Gauss-Krüger grid of China.

    Parameters
    ----------
    datum : {"cgcs2000", "xian1980", "beijing1954"}
    width : {3, 6}
        Width of the zones in degrees.
    meridian : int
        Central meridian in degrees east.
    prefix : bool
        Whether eastings begin with the zone number.

    Returns
    -------
    int or None
        ``None`` where no such zone exists in China.

    Examples
    --------
    >>> gauss_krueger_epsg("cgcs2000", 3, 111, prefix=True), gauss_krueger_epsg("cgcs2000", 6, 111, prefix=False)
    (4525, 4508)
    """
    zone, rest = divmod(meridian + (3 if width == 6 else 0), width)
    if rest or zone not in _ZONES[width]:
        return None
    return _FIRST_CODES[datum][width, prefix] + zone - _ZONES[width].start


def system_name(text: str) -> str | None:
    """Spell a coordinate system by its one name; ``None`` where the words are not understood as a whole.

    Parameters
    ----------
    text : str
        ``wgs84``, ``cgcs2000``, ``gcj02``, ``bd09``, ``webmercator``, ``EPSG:n``, ``n``, or a Gauss-Krüger grid by
        datum (CGCS2000, Xian 1980, Beijing 1954) and zone or central meridian.

    Returns
    -------
    str or None
        ``wgs84``, ``cgcs2000``, ``gcj02``, ``bd09`` or ``EPSG:n`` (that the code exists is not checked).

    Examples
    --------
    >>> system_name("CGCS2000 3度带 37带"), system_name("cgcs2000-gk3-37"), system_name("CGCS2000 中央经线111")
    ('EPSG:4525', 'EPSG:4525', 'EPSG:4546')
    >>> system_name("西安80 6度带 19带 不带带号"), system_name("GCJ-02"), system_name("web mercator")
    ('EPSG:2344', 'gcj02', 'EPSG:3857')
    """
    folded = unicodedata.normalize("NFKC", text).casefold().translate(str.maketrans("三六", "36")).strip()
    words = re.sub(r"[\s_()、,-]+", " ", folded).strip()
    joined = words.replace(" ", "")
    if joined in _PLAIN:
        return _PLAIN[joined]
    if code := re.fullmatch(r"(?:epsg ?:? ?)?(\d{4,6})", words):
        return f"EPSG:{code[1]}"
    for datum, pattern in _DATUMS.items():
        if found := re.match(pattern, words):
            return _grid(datum, words[found.end() :].strip())
    return None


def _take(pattern: str, words: str) -> tuple[re.Match[str] | None, str]:
    found = re.search(pattern, words)
    return found, (f"{words[: found.start()]} {words[found.end() :]}".strip() if found else words)


def _grid(datum: str, words: str) -> str | None:
    """Read what stands after the datum: width, zone or central meridian, and whether eastings carry the zone."""
    said, words = _take(_PREFIX, words)
    at, words = _take(_MERIDIAN, words)
    wide, words = _take(_WIDTH, words)
    number, words = _take(_ZONE, words)
    if re.sub(_FILLER, "", words) or (at is None) == (number is None):
        return None
    width = int(wide[1] or wide[2]) if wide else None
    if number is not None:
        zone = int(number[1])
        width = width or next((w for w, zones in _ZONES.items() if zone in zones), None)
        if width is None or zone not in _ZONES[width]:
            return None
        meridian = zone * width - (3 if width == 6 else 0)
    else:
        meridian = int(at[1]) if at else 0
    prefix = said["yes"] is not None if said else number is not None
    if prefix and width is None:
        return None  # a meridian belongs to a zone of either width
    code = gauss_krueger_epsg(datum, width or 3, meridian, prefix=prefix)
    return None if code is None else f"EPSG:{code}"

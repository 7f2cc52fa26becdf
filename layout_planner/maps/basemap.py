"""Tiles under the map, only when asked for: without a base map a page makes no request at all."""

from __future__ import annotations

import re
from typing import Any

from layout_planner.errors import InputError, Text

__all__ = ["basemap_layers"]

_XYZ = re.compile(r"(https?)://((?:\{s\}\.)?[A-Za-z0-9.-]+(?::\d+)?)/[A-Za-z0-9._~:/?#@!$&()*+,=%{}-]+\Z")
_KEY = re.compile(r"[A-Za-z0-9]{8,64}\Z")
_GCJ_HOSTS = ("autonavi", "amap", "gaode", "gtimg", "map.qq")
_GAODE = "https://webrd0{s}.is.autonavi.com/appmaptile?lang=zh_cn&size=1&scale=1&style=8&x={x}&y={y}&z={z}"
_TIANDITU = (
    "https://t{s}.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}&STYLE=default"
    "&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk={key}"
)


def basemap_layers(basemap: str | None) -> dict[str, Any] | None:
    """Describe the tiles of a base map.

    Parameters
    ----------
    basemap : str or None
        ``None``, ``"osm"``, ``"tianditu:KEY"`` (the user's own key; picture and names), ``"gaode"``, or an address
        with ``{z}``, ``{x}`` and ``{y}``. The tiles of Gaode are in GCJ-02: everything on the page is then moved there.

    Returns
    -------
    dict or None
        ``layers`` (address, subdomains), ``hosts`` (what the page may load pictures from), ``credit``, ``datum``.

    Raises
    ------
    InputError
        The address is no tile address, or its tiles are in GCJ-02 and would lie 0.5 km off.
    """
    if basemap is None:
        return None
    if basemap == "gaode":
        return {
            "layers": [{"url": _GAODE, "subdomains": "1234"}],
            "hosts": ["https://*.is.autonavi.com"],
            "credit": "© 高德地图",
            "datum": "gcj02",
        }
    if basemap == "osm":
        return {
            "layers": [{"url": "https://tile.openstreetmap.org/{z}/{x}/{y}.png", "subdomains": ""}],
            "hosts": ["https://tile.openstreetmap.org"],
            "credit": "© OpenStreetMap contributors",
            "datum": "wgs84",
        }
    if basemap.startswith("tianditu:"):
        return _tianditu(basemap.removeprefix("tianditu:"))
    return _xyz(basemap)


def _tianditu(key: str) -> dict[str, Any]:
    if not _KEY.match(key):
        raise InputError(Text("天地图密钥应为字母和数字", "A Tianditu key is letters and digits"))
    urls = [_TIANDITU.replace("{layer}", layer).replace("{key}", key) for layer in ("vec", "cva")]
    return {
        "layers": [{"url": url, "subdomains": "01234567"} for url in urls],
        "hosts": ["https://*.tianditu.gov.cn"],
        "credit": "天地图",
        "datum": "wgs84",
    }


def _xyz(address: str) -> dict[str, Any]:
    match = _XYZ.match(address)
    if match is None or not all(part in address for part in ("{x}", "{y}", "{z}")):
        raise InputError(
            Text(
                f"底图写法不对：{address}；应为 osm、tianditu:密钥、gaode，或含 {{z}}/{{x}}/{{y}} 的网址",
                f"Not a base map: {address}; write osm, tianditu:KEY, gaode or an address with {{z}}/{{x}}/{{y}}",
            )
        )
    scheme, host = match.groups()
    if any(name in host for name in _GCJ_HOSTS):
        raise InputError(
            Text(
                f"{host} 的瓦片为 GCJ-02 坐标，会与本图错开约 500 米，不能用作底图；高德底图请写 gaode，数据随之平移",
                f"The tiles of {host} are in GCJ-02 and would lie about 500 m off; write gaode, "
                "which moves the data too",
            )
        )
    return {
        "layers": [{"url": address, "subdomains": "abc"}],
        "hosts": [f"{scheme}://{host.replace('{s}', '*')}"],
        "credit": "",
        "datum": "wgs84",
    }

"""Gauss-Krüger zones in eastings: which grid coordinates may belong to, and whether they fit the declared one."""

from __future__ import annotations

from pyproj import CRS

from layout_planner.errors import Flaw, Severity, Text
from layout_planner.io.crs import parse_crs

__all__ = ["datum_flaw", "projected_hint", "zone_misfit"]

_FARTHEST_M = 1_000_000.0
_OLD_DATUMS = {"Xian 1980": ("西安80", "Xian 1980"), "Beijing 1954": ("北京54", "Beijing 1954")}


def projected_hint(east: float) -> Text:
    """Say which grid an easting in metres may belong to: CGCS2000 with a zone prefix shows its zone."""
    zone = int(east // 1_000_000)
    for width, zones, first, zh, en in (
        (3, range(25, 46), 4513, "三度带", "three"),
        (6, range(13, 24), 4491, "六度带", "six"),
    ):
        if zone in zones:
            epsg = first + zone - zones.start
            return Text(
                f"横坐标以带号 {zone} 开头，{zh}为 EPSG:{epsg}（写作 cgcs2000 {width}度带 {zone}带）",
                f"the easting begins with zone {zone}: EPSG:{epsg} in {en}-degree zones of CGCS2000",
            )
    return Text(
        "横坐标不带带号，按中央经线声明，如 cgcs2000 中央经线111（75°E 为 EPSG:4534，每 3° 加 1）",
        "there is no zone prefix: declare the central meridian, such as cgcs2000 CM 111 (75°E is EPSG:4534, "
        "each 3° adds 1)",
    )


def zone_misfit(east: float, declared: str | CRS) -> Text | None:
    """Say what is wrong where an easting cannot be of the declared Gauss-Krüger or other transverse Mercator grid.

    Parameters
    ----------
    east : float
        A typical easting, in metres.
    declared : str or CRS

    Returns
    -------
    Text or None
        ``None`` where the easting fits, or the grid is of another kind. A grid without zone prefix that is one zone
        off cannot be told from its eastings.
    """
    operation = parse_crs(declared).coordinate_operation
    if operation is None or "Transverse Mercator" not in operation.method_name:
        return None
    origin = next((float(p.value) for p in operation.params if p.name == "False easting"), 0.0)
    if abs(east - origin) <= _FARTHEST_M:
        return None
    named = f"{declared}" if isinstance(declared, str) else parse_crs(declared).name
    return Text(
        f"横坐标 {east:.0f} 不属于声明的 {named}（该带的横坐标应在 {origin:.0f} 左右）",
        f"the easting {east:.0f} is not of {named}, whose eastings are around {origin:.0f}",
    )


def datum_flaw(declared: str, key: str) -> Flaw | None:
    """Warn that Xian 1980 and Beijing 1954 reach WGS-84 only by unpublished local parameters."""
    crs = parse_crs(declared).geodetic_crs
    datum = next((words for name, words in _OLD_DATUMS.items() if crs is not None and name in crs.name), None)
    if datum is None:
        return None
    what = Text(
        f"{datum[0]}换算到 CGCS2000 的参数各地不同、未公开，这里没有用当地参数，位置可能差几十米到一百多米",
        f"{datum[1]} reaches CGCS2000 by local, unpublished parameters, which were not applied: places may be off by "
        "tens of metres to over a hundred",
    )
    mend = Text("请测绘部门转为 CGCS2000 后再用", "have the survey office turn it into CGCS2000 first")
    return Flaw("crs_old_datum", what, mend, key=key, severity=Severity.WARNING)

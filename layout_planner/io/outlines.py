"""Whether two outlines of one area lie on each other, or one is shifted as if its coordinate system were misnamed.

Points along one outline are moved as one until they lie best on the other: the fitted shift tells metres and
direction, and the median distance left under each system tells which of them fits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from layout_planner.errors import Flaw, Severity, Text
from layout_planner.io.crs import in_china, to_crs
from layout_planner.io.geometry import project
from layout_planner.io.plausibility import OFFSET_SYSTEMS, SYSTEM_LABELS

__all__ = ["OutlineFit", "check_outlines", "compare_outlines", "fit_shift"]

Points = npt.NDArray[np.float64]
_SAMPLES = 600
_ROUNDS = 30
_STILL_M = 0.5
_LEAST_GAIN_M = 50.0
_LEAST_SHARE = 0.5


@dataclass(frozen=True)
class OutlineFit:
    """How one outline lies on another.

    ``median_m`` is, by system, the median distance in metres from points along the outline to the other one;
    ``shift_m`` the shift (east, north) in metres that lays the outline as declared best on the other; ``likelier`` the
    system that fits much better than the declared one, if any.
    """

    declared: str
    median_m: Mapping[str, float]
    shift_m: tuple[float, float]
    likelier: str | None


def _sample(outline: BaseGeometry) -> Points:
    line = shapely.boundary(outline)
    places = np.linspace(0.0, 1.0, _SAMPLES, endpoint=False)
    parts = shapely.get_parts(line)
    lengths = shapely.length(parts)
    ends = np.concatenate([[0.0], np.cumsum(lengths)])
    at = places * ends[-1]
    part = np.clip(np.searchsorted(ends, at, side="right") - 1, 0, len(parts) - 1)
    return shapely.get_coordinates(shapely.line_interpolate_point(parts[part], at - ends[part]))


def _gaps(points: Points, other: BaseGeometry) -> Points:
    """Give the way (n, 2) from each point to the nearest place of a line."""
    pieces = shapely.shortest_line(shapely.points(points), other)
    ends = shapely.get_coordinates(pieces).reshape(-1, 2, 2)
    return ends[:, 1] - ends[:, 0]


def fit_shift(points: Points, line: BaseGeometry) -> tuple[float, float]:
    """Fit the common shift that lays points best on a line: iterated closest points, robust to parts that differ.

    Parameters
    ----------
    points : array of float, shape (n, 2)
        In metres.
    line : LineString or MultiLineString
        In the same projected CRS.

    Returns
    -------
    east, north : float
        In metres.
    """
    shapely.prepare(line)
    shift = np.zeros(2)
    for _ in range(_ROUNDS):
        gaps = _gaps(points + shift, line)
        away = np.linalg.norm(gaps, axis=1)
        fine = away > 0
        if not fine.any():
            break
        across = gaps[fine] / away[fine, None]
        weight = 1.0 / np.maximum(away[fine], max(float(np.median(away)), 1.0))
        moments = (across * weight[:, None]).T @ across
        step = np.linalg.lstsq(moments, (across * (weight * away[fine])[:, None]).sum(axis=0), rcond=None)[0]
        shift += step
        if np.hypot(*step) < _STILL_M:
            break
    return float(shift[0]), float(shift[1])


def compare_outlines(outline: BaseGeometry, other: BaseGeometry, declared: str, crs: CRS) -> OutlineFit:
    """Compare how an outline lies on another one of the same area under each system that is mistaken in China.

    Parameters
    ----------
    outline, other : Polygon or MultiPolygon
        In WGS-84, if the declarations are right.
    declared : str
        System of ``outline``; others than GCJ-02 and BD-09 count as WGS-84.
    crs : CRS
        Projected, in metres.

    Returns
    -------
    OutlineFit
        Another system is likelier if its median distance is below half the declared one's and 50 m less.
    """
    own = declared if declared in OFFSET_SYSTEMS else "wgs84"
    line = shapely.boundary(project(other, "wgs84", crs).item())
    shapely.prepare(line)
    raw = to_crs(_sample(project(outline, "wgs84", crs).item()), crs, own)
    places = {system: to_crs(raw, system, crs) for system in OFFSET_SYSTEMS}
    metres = {s: float(np.median(np.linalg.norm(_gaps(xy, line), axis=1))) for s, xy in places.items()}
    best = min(OFFSET_SYSTEMS, key=metres.__getitem__)
    clear = metres[best] < _LEAST_SHARE * metres[own] and metres[own] - metres[best] > _LEAST_GAIN_M
    return OutlineFit(own, metres, fit_shift(places[own], line), best if clear else None)


def _direction(shift: tuple[float, float]) -> Text:
    east, north = shift
    return Text(
        f"向{'东' if east >= 0 else '西'} {abs(east):.0f} 米、向{'北' if north >= 0 else '南'} {abs(north):.0f} 米",
        f"{abs(east):.0f} m {'east' if east >= 0 else 'west'}, {abs(north):.0f} m {'north' if north >= 0 else 'south'}",
    )


def check_outlines(layers: Mapping[str, tuple[str, BaseGeometry, str | None]], crs: CRS) -> list[Flaw]:
    """Warn where the outlines of two layers of one county lie on each other only under another system of one of them.

    Parameters
    ----------
    layers : mapping of str to (file name, outline in WGS-84, declared system)
        Two roles, such as ``boundary`` and ``townships``.

    Returns
    -------
    list of Flaw
        At most one. Which of the two layers is misnamed cannot be told from them alone; both answers are spelled out.
    """
    (one, (file, outline, declared)), (other, (other_file, other_outline, other_declared)) = layers.items()
    if not in_china(outline.centroid.x, outline.centroid.y):
        return []
    ways = {
        one: compare_outlines(outline, other_outline, declared or "wgs84", crs),
        other: compare_outlines(other_outline, outline, other_declared or "wgs84", crs),
    }
    files = {one: file, other: other_file}
    likely = {role: fit for role, fit in ways.items() if fit.likelier is not None}
    if not likely:
        return []
    first = next(iter(likely))
    fit = likely[first]
    second = other_file if first == one else file
    here, best = fit.median_m[fit.declared], fit.median_m[str(fit.likelier)]
    name, move = SYSTEM_LABELS[str(fit.likelier)], _direction(fit.shift_m)
    answers = [f"data.crs 中写 {role}: {f.likelier}（{files[role]}）" for role, f in likely.items()]
    answers_en = [f"{role}: {f.likelier} ({files[role]})" for role, f in likely.items()]
    what = Text(
        f"与 {second} 的外轮廓错开：中位相距 {here:.0f} 米，整体{move.zh}才重合；按 {name.zh} 只差 {best:.0f} 米",
        f"its outline is shifted against {second}: a median {here:.0f} m apart, and on it after {move.en}; "
        f"as {name.en} only {best:.0f} m apart",
    )
    mend = Text(
        f"没有改动坐标。向数据来源核实哪个图层的坐标系写错了：{'，或'.join(answers)}",
        f"nothing was converted: ask whose coordinate system is wrong; in data.crs write {' or '.join(answers_en)}",
    )
    return [Flaw("layer_offset", what, mend, file=files[first], severity=Severity.WARNING)]

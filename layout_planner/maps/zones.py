"""Static maps of catchments for print: zones in colours that differ from their neighbours', schools by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from matplotlib.patheffects import withStroke

from layout_planner.errors import Text
from layout_planner.maps.catchments import color_neighbours
from layout_planner.maps.palettes import CATCHMENTS, TOKENS
from layout_planner.maps.pen import make_pen
from layout_planner.maps.sheet import DPI, LEGEND_IN, WIDTH_IN, Key, draw_ground, draw_panel, draw_townships, map_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from layout_planner.assign.zones import Zones
    from layout_planner.maps.pen import Pen

__all__ = ["busiest_township", "filled", "zone_map"]

_TITLES = {
    "primary": Text("小学学区", "Primary zones"), "junior": Text("初中学区", "Junior zones"),
    "point": Text("教学点服务范围\n（一至三年级）", "Teaching points\n(grades 1-3)"),
}  # fmt: skip
_INK, _MUTED, _WARN = TOKENS["ink"], TOKENS["township"], TOKENS["warn"]
_FEWEST, _LEAST_MARGIN_M = 4, 500.0
_KINDS = {"中心小学": "中心", "初级中学": "初中", "教学点": "点", "九年一贯制学校": "九年制"}
_LABELS = 70
"""Schools of a whole map beyond which none is named."""
_GAP_PT = 2.2
"""Between a school and its name, in points."""


def zone_map(
    zones: Zones,
    kind: str,
    *,
    bounds: Sequence[float] | None = None,
    changed: NDArray[np.bool_] | None = None,
    lang: str = "zh",
    dpi: int = DPI,
) -> Figure:
    """Draw the zones of one kind for print.

    Parameters
    ----------
    zones : Zones
    kind : {"primary", "point", "junior"}
    bounds : sequence of 4 floats, optional
        West, south, east, north in metres, for a part of the county; labels are then larger.
    changed : (n,) bool, optional
        Units to hatch because their school changes.
    lang : {"zh", "en"}
        English is used in any case where no Chinese font is installed.
    dpi : int
        Dots per inch of a 17 cm wide figure.
    """
    pen = make_pen(lang)
    figure, axes = map_frame(zones.county, dpi, bounds)
    if zones.county.network is not None:
        draw_ground(axes, zones.county)
    layer = zones.layers[kind]
    areas = zones.areas(kind)
    position = [layer.of_school(code) for code in areas["zone_id"]]
    colors = color_neighbours([dict(zip(position, areas.geometry, strict=True))], len(CATCHMENTS))
    for z, shape in zip(position, areas.geometry, strict=True):
        axes.add_collection(filled(shape, CATCHMENTS[colors[z]], 1.0 if kind == "point" else 0.85))
    _draw_borders(axes, zones, kind)
    keys = [Key("", count=pen.say(Text("全县（个）", "whole county")))]
    keys += [Key(pen.say(Text("一个学区", "one zone")), CATCHMENTS[0], f"{len(areas):,}", edge=_INK)]
    if changed is not None and changed.any():
        axes.add_collection(filled(shapely.union_all(zones.units.areas[changed]), "none", 1.0, hatch="////"))
        said = pen.say(Text("换学区的村", "changes zone"))
        keys.append(Key(said, "none", f"{int(changed.sum()):,}", edge=_WARN, hatch="////"))
    around = shapely.get_coordinates(zones.schools.geometry.to_numpy())
    draw_townships(axes, zones.county, pen, named=kind == "point", around=around)
    if bounds is not None:
        _name_units(axes, zones, pen)
    keys.append(_draw_schools(axes, zones, kind, pen, close=bounds is not None))
    draw_panel(figure, axes, keys, pen.say(_TITLES[kind]), pen, county=zones.county, scenario=zones.scenario)
    return figure


def busiest_township(zones: Zones, kind: str) -> tuple[str, NDArray[np.float64]] | None:
    """Find the township with most zones of a kind, at least four: its name and bounds, where the map is too dense."""
    layer, frame = zones.layers[kind], zones.units.frame
    at = layer.seat_unit[np.isin(np.arange(len(layer.zones)), layer.zone)]
    town = frame["township"].to_numpy(dtype=object)[at]
    names, counts = np.unique(town.astype(str), return_counts=True)
    if not len(counts) or counts.max() < _FEWEST or not names[counts.argmax()]:
        return None
    name = str(names[counts.argmax()])
    parts = (frame["township"] == name) & (frame["village_id"] != "") & frame["village_id"].duplicated(keep=False)
    places = zones.units.centre[parts.to_numpy()]
    return name, _core(places) if len(places) >= _FEWEST else _core(zones.units.centre[at[town == name]], 0.5)


def _core(places: NDArray[np.float64], share: float = 0.9) -> NDArray[np.float64]:
    """Bound the share of some places that lie nearest to their middle, with a margin."""
    away = np.hypot(*(places - np.median(places, axis=0)).T)
    near = places[away <= np.quantile(away, share)]
    low, high = near.min(axis=0), near.max(axis=0)
    margin = max(float((high - low).max()) / 5, _LEAST_MARGIN_M)
    return np.concatenate([low - margin, high + margin])


def filled(shape: shapely.Geometry, color: str, alpha: float, hatch: str | None = None) -> PatchCollection:
    """Fill an area, holes left out."""
    patches = []
    for part in shapely.get_parts(shape):
        rings = [np.asarray(ring.coords)[:, :2] for ring in (part.exterior, *part.interiors)]
        steps = [[Outline.MOVETO, *[Outline.LINETO] * (len(ring) - 2), Outline.CLOSEPOLY] for ring in rings]
        patches.append(PathPatch(Outline(np.concatenate(rings), np.concatenate(steps))))
    edge = _WARN if hatch else "none"
    return PatchCollection(patches, facecolors=color, edgecolors=edge, linewidths=0.4 if hatch else 0, alpha=alpha,
                           hatch=hatch, zorder=2)  # fmt: skip


def _draw_borders(axes: Axes, zones: Zones, kind: str) -> None:
    """Draw thin lines between units and thick ones between zones."""
    units = [np.asarray(ring.coords)[:, :2] for ring in shapely.get_rings(shapely.get_parts(zones.units.areas))]
    axes.add_collection(LineCollection(units, colors="white", linewidths=0.35, zorder=3))
    rings = [
        np.asarray(ring.coords)[:, :2]
        for ring in shapely.get_rings(shapely.get_parts(zones.areas(kind).geometry.to_numpy()))
    ]
    axes.add_collection(LineCollection(rings, colors=_INK, linewidths=0.8, zorder=4))


def _name_units(axes: Axes, zones: Zones, pen: Pen) -> None:
    """Write the names of units on an enlarged map where their people live, as far as they are clear of each other."""
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    size, taken, nothing = 4.6, np.zeros((0, 4)), np.zeros((0, 2))
    for name, (x, y) in zip(zones.units.frame["name"], zones.units.centre, strict=True):
        said = pen.name(name.replace("社区第", "").removesuffix("片"))
        wide, high = (length * _metres(axes) for length in (pen.width_in(said, size) * 72, size))
        box = (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
        if west < x < east and south < y < north and _is_free(box, taken, nothing):
            taken = np.vstack([taken, box])
            axes.text(x, y, said, fontproperties=pen.font(size), color=TOKENS["muted"], ha="center", va="center",
                      zorder=5, clip_on=True, path_effects=[withStroke(linewidth=1.2, foreground="white")])  # fmt: skip


def _metres(axes: Axes) -> float:
    """Give the metres of a point (1/72 inch) of the map."""
    west, east = axes.get_xlim()
    return float(east - west) / (WIDTH_IN - LEGEND_IN) / 72


def _draw_schools(axes: Axes, zones: Zones, kind: str, pen: Pen, *, close: bool) -> Key:
    layer = zones.layers[kind]
    schools = zones.schools.assign(school_id=zones.schools["school_id"].astype(str)).set_index("school_id")
    served = set(np.unique(layer.zone[layer.zone >= 0]).tolist())
    codes = [code for group in layer.zones for code in group]
    spots = np.array([(schools.geometry[code].x, schools.geometry[code].y) for code in codes]).reshape(-1, 2)
    size = [9 if z in served else 5 for z, group in enumerate(layer.zones) for _ in group]
    axes.scatter(spots[:, 0], spots[:, 1], s=size, c="white", ec=_INK, lw=0.7, zorder=6)
    if close or len(codes) <= _LABELS:
        names = [pen.name(_short(str(schools["name"][code]), zones.county.name)) for code in codes]
        _name_schools(axes, spots, names, pen, close=close)
    return Key(pen.say(Text("学校", "school")), "white", f"{len(codes):,}", marker="o", edge=_INK, size=4)


def _name_schools(axes: Axes, spots: NDArray[np.float64], names: Sequence[str], pen: Pen, *, close: bool) -> None:
    """Write names above, below or beside their points, clear of each other; where none is free only on an enlargement.

    What is left out on the whole map stands in the list of the notice.
    """
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    metres, size = _metres(axes), 6.5 if close else 4.6
    taken = np.zeros((0, 4))
    for (x, y), name in zip(spots, names, strict=True):
        if not (west < x < east and south < y < north):
            continue
        wide, high = pen.width_in(name, size) * 72 * metres, size * metres
        away = (wide / 2 + _GAP_PT * metres, high / 2 + _GAP_PT * metres)
        tries = [(x + a * away[0], y + b * away[1]) for a, b in ((0, 1), (0, -1), (1, 0), (-1, 0))]
        boxes = [(a - wide / 2, b - high / 2, a + wide / 2, b + high / 2) for a, b in tries]
        free = [k for k, box in enumerate(boxes) if _is_free(box, taken, spots)]
        if not free and not close:
            continue
        k = free[0] if free else 0
        taken = np.vstack([taken, boxes[k]])
        axes.text(*tries[k], name, fontproperties=pen.font(size), color=_INK, ha="center", va="center", zorder=9,
                  path_effects=[withStroke(linewidth=1.6, foreground="white")], clip_on=True)  # fmt: skip


def _is_free(box: tuple[float, ...], taken: NDArray[np.float64], spots: NDArray[np.float64]) -> bool:
    """Tell whether a box meets no box that is taken and holds no point."""
    west, south, east, north = box
    meets = (taken[:, 0] < east) & (taken[:, 2] > west) & (taken[:, 1] < north) & (taken[:, 3] > south)
    x, y = spots.T
    holds = (x > west) & (x < east) & (y > south) & (y < north)
    return not (meets.any() or holds.any())


def _short(name: str, county: str) -> str:
    """Shorten a school's name for a map: without the county before it and the kind behind it."""
    for head in (county, county.removesuffix("县")):
        name = name.removeprefix(head) if len(name) > len(head) + 1 else name
    for kind, short in _KINDS.items():
        name = name.replace(kind, short)
    return name.removesuffix("小学") or name

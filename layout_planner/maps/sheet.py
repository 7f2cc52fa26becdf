"""The sheet of a printed map: frame, ground, townships, and beside them title, legend, north arrow, scale and notes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle
from matplotlib.patheffects import withStroke
from PIL import Image

from layout_planner.config.scenario import Publish
from layout_planner.errors import Text
from layout_planner.maps.palettes import TOKENS
from layout_planner.maps.pen import Pen
from layout_planner.maps.strings import STRINGS

if TYPE_CHECKING:
    import geopandas as gpd

    from layout_planner.config.scenario import Scenario
    from layout_planner.io.county import County
    from layout_planner.travel.network import RoadNetwork

__all__ = [
    "DPI", "LEGEND_IN", "MAIN_ROADS", "WIDTH_IN", "Key", "draw_ground", "draw_north", "draw_panel", "draw_townships",
    "figure_png", "map_frame", "publication", "road_lines",
]  # fmt: skip

DPI = 300
"""Dots per inch of printed maps."""
WIDTH_IN = 6.7
LEGEND_IN = 1.85
MAX_HEIGHT_IN = 8.2
MIN_HEIGHT_IN = 4.3
PAD = 0.03
MAIN_ROADS = ("motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link", "secondary",
              "secondary_link", "tertiary", "tertiary_link")  # fmt: skip
"""Road classes thick enough to be drawn in print."""
_LEFT, _RIGHT = 0.1, LEGEND_IN - 0.1
_ROW_IN = 0.165
_COLOURS, _PLAIN = 128, Image.Dither.NONE
_COMPRESSION = 6
"""Of zlib; the highest takes six times as long and saves a twentieth."""
_SPOTS = 12
_NAME_PT = 6.5
_INK, _MUTED = TOKENS["ink"], TOKENS["township"]
_NORTH = Text("北", "N")


@dataclass(frozen=True)
class Key:
    """A row of the legend: a filled box, or a mark, what it means, and how many there are of it.

    A row without ``fill`` is a heading, its ``count`` the unit of the counts below it.
    """

    label: str
    fill: str = ""
    count: str = ""
    marker: str = ""
    edge: str = _MUTED
    size: float = 5.0
    width: float = 0.7
    hatch: str | None = None

    def mark(self, x: float = 0.0, y: float = 0.0) -> Line2D:
        """Make the mark, its middle at a point."""
        return Line2D([x], [y], marker=self.marker, ls="", mfc=self.fill, mec=self.edge, mew=self.width, ms=self.size,
                      label=self.label)  # fmt: skip


def publication(said: Publish, pen: Pen) -> list[str]:
    """Spell what a published map must say of itself: date, source, approval number, and what its outlines are not."""
    none = Publish().approval
    approval = pen.say(Text(none, "internal, not reviewed")) if said.approval == none else pen.quote(said.approval)
    parts = ((Text("数据日期", "Date"), pen.quote(said.date)), (Text("数据来源", "Source"), pen.quote(said.source)),
             (Text("审图号", "Map approval no."), approval))  # fmt: skip
    colon = "：" if pen.lang == "zh" else ": "
    caveat = Text(*STRINGS["head.fictitious"])
    return [*(f"{pen.say(name)}{colon}{value}" for name, value in parts if value), pen.say(caveat)]


def figure_png(figure: Figure) -> bytes:
    """Render a figure as a PNG of few colours: sharp in print, small in a document.

    The same figure gives the same bytes on one machine.
    """
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    drawn = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
    out = io.BytesIO()
    image = Image.fromarray(drawn).convert("RGB").quantize(_COLOURS, Image.Quantize.MAXCOVERAGE, dither=_PLAIN)
    image.save(out, format="PNG", compress_level=_COMPRESSION, dpi=(figure.dpi, figure.dpi))
    return out.getvalue()


def map_frame(county: County, dpi: int, bounds: Sequence[float] | None = None) -> tuple[Figure, Axes]:
    """Make a figure with a map of the county, or of ``bounds`` (west, south, east, north, metres), on its left."""
    west, south, east, north = (float(v) for v in (county.boundary.total_bounds if bounds is None else bounds))
    pad = PAD * max(east - west, north - south)
    west, south, east, north = west - pad, south - pad, east + pad, north + pad
    map_in = WIDTH_IN - LEGEND_IN
    height_in = float(np.clip(map_in * (north - south) / (east - west), MIN_HEIGHT_IN, MAX_HEIGHT_IN))
    figure = Figure(figsize=(WIDTH_IN, height_in), dpi=dpi, facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, map_in / WIDTH_IN, 1.0))
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect("equal")
    axes.axis("off")
    return figure, axes


def road_lines(network: RoadNetwork, chosen: npt.NDArray[np.bool_]) -> list[npt.NDArray[np.float64]]:
    """Take the chosen edges of a network as lines of points."""
    points = np.column_stack([network.shape_x, network.shape_y])
    ends = zip(network.shape_start[:-1][chosen], network.shape_start[1:][chosen], strict=True)
    return [points[first:last] for first, last in ends]


def draw_ground(axes: Axes, county: County) -> None:
    """Draw the county's land and main roads."""
    land = PolyCollection(_rings(county.boundary), facecolors=TOKENS["land"], edgecolors="none", zorder=0)
    axes.add_collection(land)
    network = county.network
    lines = road_lines(network, np.asarray(network.roads.is_class(*MAIN_ROADS)))
    axes.add_collection(LineCollection(lines, colors=TOKENS["road-minor"], linewidths=0.4, zorder=3, alpha=0.75))


def draw_townships(
    axes: Axes, county: County, pen: Pen, *, named: bool = True, around: npt.NDArray[np.float64] | None = None
) -> None:
    """Draw the outlines of townships and county, and the townships' names clear of the points ``around``."""
    townships = county.townships
    if len(townships):
        outlines = PolyCollection(_rings(townships), facecolors="none", edgecolors=_MUTED, linewidths=0.5, zorder=5)
        axes.add_collection(outlines)
    points = np.zeros((0, 2)) if around is None else around
    halo = [withStroke(linewidth=2.2, foreground="white")]
    for name, shape in zip(townships["name"], townships.geometry, strict=True) if named else ():
        said = pen.name(str(name))
        x, y = _free_spot(axes, shape, said, pen, points)
        axes.text(x, y, said, fontproperties=pen.font(_NAME_PT), color=_INK, ha="center", va="center", zorder=9,
                  path_effects=halo, clip_on=True)  # fmt: skip
    edge = PolyCollection(
        _rings(county.boundary), facecolors="none", edgecolors=TOKENS["boundary"], linewidths=1.1, zorder=5
    )
    axes.add_collection(edge)


def _free_spot(
    axes: Axes, shape: shapely.Geometry, name: str, pen: Pen, points: npt.NDArray[np.float64]
) -> tuple[float, float]:
    """Find where in a township its name covers fewest points and lies nearest to the middle."""
    middle = shapely.get_coordinates(shapely.point_on_surface(shape))[0]
    west, south, east, north = shapely.bounds(shape)
    grid_x, grid_y = np.meshgrid(np.linspace(west, east, _SPOTS + 2)[1:-1], np.linspace(south, north, _SPOTS + 2)[1:-1])
    spots = np.column_stack([np.append(middle[0], grid_x.ravel()), np.append(middle[1], grid_y.ravel())])
    metres = float(np.diff(axes.get_xlim())[0]) / (WIDTH_IN - LEGEND_IN) / 72
    wide, high = pen.width_in(name, _NAME_PT) * 72 * metres, _NAME_PT * metres
    corners = [(-wide / 2, -high / 2), (wide / 2, -high / 2), (wide / 2, high / 2), (-wide / 2, high / 2)]
    inside = np.all([shapely.contains_xy(shape, *(spots + corner).T) for corner in corners], axis=0)
    gap = 4 * metres
    away = np.abs(points[None, :, :] - spots[:, None, :]) - np.array([wide / 2 + gap, high / 2 + gap])
    covered = (away.max(axis=2) < 0).sum(axis=1) if len(points) else np.zeros(len(spots))
    far = np.hypot(*(spots - spots[0]).T)
    best = np.lexsort((far, covered, ~inside))[0]
    return float(spots[best, 0]), float(spots[best, 1])


def draw_panel(
    figure: Figure, axes: Axes, keys: Sequence[Key], title: str, pen: Pen, *, county: County, scenario: Scenario,
    label: str = "",
) -> None:  # fmt: skip
    """Fill the strip beside the map, in inches: title, plan and legend above, north, scale and notes below.

    ``label`` names the plan where it bears another name than its scenario.
    """
    width, height = (float(v) for v in figure.get_size_inches())
    panel = figure.add_axes((1 - LEGEND_IN / width, 0.0, LEGEND_IN / width, 1.0))
    panel.set_xlim(0, LEGEND_IN)
    panel.set_ylim(0, height)
    panel.axis("off")
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    foot = _draw_notes(panel, publication(scenario.publish, pen), pen)
    inches_per_metre = min((width - LEGEND_IN) / (east - west), height / (north - south))
    _draw_scale_bar(panel, inches_per_metre, pen, foot)
    draw_north(panel, 0.25, foot + 0.5, pen)
    named = label or scenario.name
    if pen.lang == "en" and named == scenario.name:
        named = scenario.title_en or named
    subject = f"{pen.name(county.name)} · {pen.name(named)}"
    top = height - 0.1
    for text, size, bold in ((title, 8.5, True), (subject, 7.0, False)):
        for line in pen.wrapped(text, size, _RIGHT - _LEFT):
            panel.text(_LEFT, top, line, fontproperties=pen.font(size, bold=bold), color=_INK, va="top")
            top -= size * 1.5 / 72
    _draw_keys(panel, keys, pen, top - 0.06, foot + 1.2)


def _draw_keys(panel: Axes, keys: Sequence[Key], pen: Pen, top: float, floor: float) -> None:
    """Write the legend downwards, its counts in a column of their own; smaller where it would meet the arrow."""
    rows = [(key, _label_lines(key, pen)) for key in keys]
    step = min(_ROW_IN, (top - floor) / max(sum(len(lines) for _, lines in rows), 1))
    size = 7.2 * max(step / _ROW_IN, 0.7)
    y = top - step / 2
    for key, lines in rows:
        heading = not key.fill
        colour = TOKENS["muted"] if heading else _INK
        small = pen.font(size * (0.9 if heading else 1))
        for i, line in enumerate(lines):
            panel.text(_LEFT if heading else _LEFT + 0.28, y - i * step, line, fontproperties=small, color=colour,
                       va="center")  # fmt: skip
        panel.text(_RIGHT, y, key.count, fontproperties=small, color=colour, ha="right", va="center")
        if key.marker:
            panel.add_line(key.mark(_LEFT + 0.1, y))
        elif key.fill:
            panel.add_patch(Rectangle((_LEFT, y - step * 0.3), 0.2, step * 0.6, fc=key.fill, ec=key.edge, lw=0.4,
                                      hatch=key.hatch))  # fmt: skip
        y -= step * len(lines)


def _label_lines(key: Key, pen: Pen) -> list[str]:
    """Break a label that would meet its count, before the bracket that explains it."""
    room = _RIGHT - _LEFT - (0.28 if key.fill else 0.0) - (pen.width_in(key.count, 7.2) + 0.06 if key.count else 0)
    bracket = max(key.label.find("（"), key.label.find(" ("))
    if pen.width_in(key.label, 7.2) <= room or bracket < 1:
        return [key.label]
    return [key.label[:bracket], key.label[bracket:].strip()]


def _draw_notes(panel: Axes, notes: Sequence[str], pen: Pen) -> float:
    """Write notes at the foot of the panel, in lines that fit it; say how high they stand."""
    lines = [line for note in notes for line in pen.wrapped(note, 6, _RIGHT - _LEFT)]
    if not lines:
        return 0.0
    panel.text(_LEFT, 0.08, "\n".join(lines), fontproperties=pen.font(6), color=_INK, va="bottom", linespacing=1.35)
    return 0.08 + 0.115 * len(lines)


def _draw_scale_bar(panel: Axes, inches_per_metre: float, pen: Pen, foot: float) -> None:
    """Draw a bar of a round length, to the map's scale, at the foot of the panel."""
    target = 1.3 / inches_per_metre
    power = 10.0 ** np.floor(np.log10(target))
    length = float(max(n * power for n in (1, 2, 5) if n * power <= target))
    half, x, y = length * inches_per_metre / 2, _LEFT, foot + 0.16
    for i, fill in enumerate((_INK, "white")):
        panel.add_patch(Rectangle((x + i * half, y), half, 0.05, fc=fill, ec=_INK, lw=0.6))
    unit = pen.say(Text("公里", "km") if length >= 1000 else Text("米", "m"))
    spelled = f"{length / (1000 if length >= 1000 else 1):g} {unit}"
    panel.text(x + half, y + 0.09, spelled, fontproperties=pen.font(7), color=_INK, ha="center", va="bottom")


def draw_north(axes: Axes, x: float, y: float, pen: Pen, *, unit: float = 0.24, ratio: float = 1.0) -> None:
    """Draw a north arrow 1.5 ``unit`` high with its foot at a point, ``ratio`` times as high where axes are uneven."""
    for side, fill in ((-0.4, _INK), (0.4, "white")):
        corners = [(x, y + 1.5 * unit * ratio), (x + side * unit, y), (x, y + 0.35 * unit * ratio)]
        axes.add_patch(Polygon(corners, closed=True, fc=fill, ec=_INK, lw=0.6, zorder=9))
    axes.text(x, y + 1.6 * unit * ratio, pen.say(_NORTH), fontproperties=pen.font(8, bold=True), color=_INK,
              ha="center", va="bottom", zorder=9)  # fmt: skip


def _rings(frame: gpd.GeoDataFrame) -> list[npt.NDArray[np.float64]]:
    parts = frame.geometry.explode(index_parts=False)
    return [np.asarray(part.exterior.coords)[:, :2] for part in parts if part.geom_type == "Polygon"]

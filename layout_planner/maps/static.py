"""Static maps for print: commute minutes, school load and change, drawn by matplotlib with a Chinese font."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Polygon, Rectangle
from matplotlib.patheffects import withStroke
from pypinyin import lazy_pinyin

from layout_planner.demand.groups import place_of
from layout_planner.errors import Flaw, Severity, Text
from layout_planner.grades import GradeBand, Tier
from layout_planner.maps.palettes import CHANGE, LOAD, MINUTES, RATIO, TOKENS, Scale
from layout_planner.maps.strings import TIERS

if TYPE_CHECKING:
    import geopandas as gpd

    from layout_planner.io.county import County
    from layout_planner.measures import PlanTables
    from layout_planner.plan import Plan

__all__ = [
    "Pen", "draw_ground", "draw_panel", "draw_townships", "figure_png", "font_flaw", "key_mark", "make_pen",
    "map_font", "map_frame", "place_minutes", "publication", "static_map",
]  # fmt: skip

Kind = Literal["minutes", "load", "change", "roster"]
WIDTH_IN = 6.7
LEGEND_IN = 1.75
MAX_HEIGHT_IN = 8.2
MIN_HEIGHT_IN = 4.3
GRID_COLUMNS = 170
PAD = 0.03
NOTE_IN = 0.085
"""Width of a Chinese character in the notes below the scale bar, inches."""
MAIN_ROADS = ("motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link", "secondary",
              "secondary_link", "tertiary", "tertiary_link")  # fmt: skip
"""Road classes thick enough to be drawn in print."""
_FONTS = ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "Microsoft YaHei", "SimHei",
          "PingFang SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Noto Sans CJK JP", "Source Han Sans",
          "Heiti SC", "SimSun", "Noto Serif CJK SC")  # fmt: skip
_INK, _MUTED, _WARN, _NOBODY = TOKENS["ink"], TOKENS["township"], TOKENS["warn"], "#000000"
_MARKERS = {"triangle": "^", "circle": "o", "square": "s", "pentagon": "p", "diamond": "D", "hexagon": "h"}
_TITLES = {
    "minutes": Text("上学单程时间", "Minutes to school, one way"),
    "load": Text("学校规模与学位使用率", "School size and load"),
    "change": Text("上学单程时间的变化", "Change in minutes to school"),
    "roster": Text("报表学生数÷推算学生数", "Reported ÷ estimated pupils"),
}
_ALL_BANDS = Text("各年级段", "all bands")
_NORTH = Text("北", "N")


@dataclass(frozen=True)
class Pen:
    """The language and font of one figure."""

    lang: str
    family: str

    def say(self, text: Text) -> str:
        """Spell a text in the figure's language."""
        return text.zh if self.lang == "zh" else text.en

    def name(self, text: str) -> str:
        """Spell a proper name; in Pinyin where no font has its characters."""
        if self.lang == "zh" or text.isascii():
            return text
        return "".join(lazy_pinyin(text)).capitalize()

    def font(self, size: float, *, bold: bool = False) -> FontProperties:
        """Give the figure's font."""
        return FontProperties(family=self.family, size=size, weight="bold" if bold else "normal")


def make_pen(lang: str) -> Pen:
    """Choose language and font: English where no Chinese font is installed."""
    family = map_font()
    return Pen(lang if family is not None else "en", family or "DejaVu Sans")


@cache
def map_font() -> str | None:
    """Find an installed font that has Chinese characters, or ``None``."""
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in _FONTS if name in installed), None)


def font_flaw() -> Flaw | None:
    """Warn that no Chinese font is installed, so that static maps carry English labels; ``None`` if one is."""
    if map_font() is not None:
        return None
    return Flaw(
        "no_cjk_font",
        Text(
            "本机没有中文字体，报告中的静态地图改用英文和拼音标注",
            "no Chinese font: static maps are labelled in English",
        ),
        Text("安装思源黑体（Noto Sans CJK SC）或微软雅黑后重新运行", "install Noto Sans CJK SC and run again"),
        severity=Severity.WARNING,
    )


def static_map(
    plan: Plan,
    tables: PlanTables,
    *,
    kind: Kind = "minutes",
    band: GradeBand | None = None,
    before: Plan | None = None,
    lang: str = "zh",
    dpi: int = 170,
) -> Figure:
    """Draw one map for print, with scale bar, north arrow and a legend that states its breaks.

    Parameters
    ----------
    plan : Plan
    tables : PlanTables
        ``tables.schools`` gives pupils and load.
    kind : {"minutes", "load", "change", "roster"}
        Pupil-weighted minutes by place; schools by size and load; change in minutes against ``before``; where
        known pupils and estimates disagree, by township (areas) and village (discs).
    band : GradeBand, optional
        One band only, for ``minutes`` and ``change``; all bands together otherwise.
    before : Plan, optional
        What ``change`` compares with.
    lang : {"zh", "en"}
        English is used in any case where no Chinese font is installed (see :func:`font_flaw`).
    dpi : int
        Dots per inch of a 17 cm wide figure.

    Raises
    ------
    ValueError
        ``change`` was asked for without ``before``, or ``roster`` where nothing was compared.
    """
    if kind == "change" and before is None:
        msg = "a map of change needs the plan before"
        raise ValueError(msg)
    if kind == "roster" and plan.county.calibration is None:
        msg = "nothing was compared: the county has no table of calibration"
        raise ValueError(msg)
    pen = make_pen(lang)
    figure, axes = map_frame(plan.county, dpi)
    draw_ground(axes, plan.county)
    title = pen.say(_TITLES[kind])
    handles: list[Any]
    if kind == "load":
        handles = _draw_load(axes, plan.schools, tables.schools, pen)
    elif kind == "roster":
        handles = _draw_ratio(axes, plan.county, pen)
    else:
        values = place_minutes(plan, band)
        if kind == "change" and before is not None:
            values = _change(values, place_minutes(before, band))
        handles = [*_draw_places(axes, plan.county, values, CHANGE if kind == "change" else MINUTES, pen)]
        handles += _draw_school_points(axes, plan.schools, pen)
        title += "\n" + (pen.say(_ALL_BANDS) if band is None else band.label_zh if pen.lang == "zh" else band.value)
    draw_townships(axes, plan.county, pen)
    draw_panel(figure, axes, handles, title, pen, notes=publication(plan, pen))
    return figure


def publication(plan: Plan, pen: Pen) -> list[str]:
    """Spell what a published map must say of itself: date, source and approval number, as the scenario states them."""
    said = plan.scenario.publish
    parts = ((Text("数据日期", "Date"), said.date), (Text("数据来源", "Source"), said.source),
             (Text("审图号", "Map approval no."), said.approval))  # fmt: skip
    colon = "：" if pen.lang == "zh" else ": "
    return [f"{pen.say(name)}{colon}{pen.name(value)}" for name, value in parts if value]


def figure_png(figure: Figure) -> bytes:
    """Render a figure as PNG; the same figure gives the same bytes on one machine."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=figure.dpi, metadata={"Software": None})
    return buffer.getvalue()


def place_minutes(plan: Plan, band: GradeBand | None = None) -> pd.DataFrame:
    """Average one-way minutes over a place's pupils.

    Returns
    -------
    DataFrame
        ``demand_id``, ``pupils``, ``minutes`` (over the pupils who have a school, nan if none), ``served`` pupils.
    """
    rows = plan.assignment
    if band is not None:
        rows = rows[rows["band"] == band.value]
    rows = rows[rows["pupils"] > 0]
    served = np.where(rows["school_id"] != "", rows["pupils"], 0.0)
    parts = pd.DataFrame({
        "demand_id": rows["demand_id"].map(place_of).to_numpy(), "pupils": rows["pupils"].to_numpy(float),
        "served": served, "weighted": served * rows["minutes"].fillna(0.0).to_numpy(),
    })  # fmt: skip
    total = parts.groupby("demand_id", sort=True).sum().reset_index()
    total["minutes"] = total["weighted"] / total["served"].where(total["served"] > 0)
    return total[["demand_id", "pupils", "minutes", "served"]]


def _change(after: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    both = after.merge(before[["demand_id", "minutes"]], on="demand_id", how="left", suffixes=("", "_before"))
    both["minutes"] = both["minutes"] - both["minutes_before"]
    return both.drop(columns="minutes_before")


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


def _rings(frame: gpd.GeoDataFrame) -> list[npt.NDArray[np.float64]]:
    parts = frame.geometry.explode(index_parts=False)
    return [np.asarray(part.exterior.coords)[:, :2] for part in parts if part.geom_type == "Polygon"]


def draw_ground(axes: Axes, county: County) -> None:
    """Draw the county's land and main roads."""
    land = PolyCollection(_rings(county.boundary), facecolors=TOKENS["land"], edgecolors="none", zorder=0)
    axes.add_collection(land)
    network = county.network
    main = network.roads.is_class(*MAIN_ROADS)
    lines = [np.asarray(line.coords) for line in network.edge_geometries()[main]]
    axes.add_collection(LineCollection(lines, colors=TOKENS["road-minor"], linewidths=0.4, zorder=3, alpha=0.75))


def _draw_places(axes: Axes, county: County, values: pd.DataFrame, scale: Scale, pen: Pen) -> list[Patch]:
    """Colour places by minutes: squares for raster cells (averaged where too small to see), discs for villages."""
    demand = county.demand
    assert demand is not None
    places = pd.DataFrame({
        "demand_id": demand["demand_id"].map(place_of), "x": demand.geometry.x, "y": demand.geometry.y,
        "kind": demand["kind"],
    }).drop_duplicates("demand_id").merge(values, on="demand_id", how="inner")  # fmt: skip
    cells, villages = places[places["kind"] == "cell"], places[places["kind"] != "cell"]
    if len(cells):
        _draw_cells(axes, cells, float(county.cell_m), scale)
    if len(villages):
        size = 5 + 70 * villages["pupils"] / max(float(villages["pupils"].max()), 1.0)
        fill = _colours(scale, villages["minutes"])
        axes.scatter(villages["x"], villages["y"], s=size, c=fill, lw=0.3, ec="white", zorder=4)
    labels = scale.labels_zh if pen.lang == "zh" else scale.labels_en
    handles = [Patch(fc=c, ec=_MUTED, lw=0.3, label=t) for c, t in zip(scale.colors, labels, strict=True)]
    if scale is MINUTES and places["minutes"].isna().any():
        handles.append(Patch(fc=_NOBODY, label=pen.say(Text("没有可达学校", "no school in reach"))))
    return handles


def _colours(scale: Scale, values: pd.Series[float]) -> list[str]:
    palette = [*scale.colors, _NOBODY]
    return [palette[i] for i in scale.classify(np.asarray(values, dtype=np.float64))]


def _draw_cells(axes: Axes, cells: pd.DataFrame, cell_m: float, scale: Scale) -> None:
    west, east = axes.get_xlim()
    side = cell_m * max(1.0, float(np.ceil((east - west) / GRID_COLUMNS / cell_m)))
    weight = cells["served"].to_numpy()
    block = pd.DataFrame({
        "column": np.floor(cells["x"] / side).to_numpy(), "row": np.floor(cells["y"] / side).to_numpy(),
        "weight": weight, "weighted": weight * cells["minutes"].fillna(0).to_numpy(),
    }).groupby(["column", "row"], sort=True).sum().reset_index()  # fmt: skip
    fill = _colours(scale, block["weighted"] / block["weight"].where(block["weight"] > 0))
    x, y = block["column"].to_numpy() * side, block["row"].to_numpy() * side
    corners = [np.column_stack([x + dx, y + dy]) for dx, dy in ((0, 0), (side, 0), (side, side), (0, side))]
    squares = PolyCollection(
        list(np.stack(corners, axis=1)), facecolors=fill, edgecolors=fill, linewidths=0.1, zorder=2
    )
    axes.add_collection(squares)


def _draw_school_points(axes: Axes, schools: gpd.GeoDataFrame, pen: Pen) -> list[Line2D]:
    opened = schools[schools["is_open"].astype(bool)]
    handles: list[Line2D] = []
    if len(opened):
        axes.scatter(opened.geometry.x, opened.geometry.y, s=8, c="white", ec=_INK, lw=0.7, zorder=6)
        handles.append(key_mark("o", pen.say(Text("在办学校", "open school")), fill="white", edge=_INK, size=4))
    return handles + _draw_closed(axes, schools, pen)


def _draw_closed(axes: Axes, schools: gpd.GeoDataFrame, pen: Pen) -> list[Line2D]:
    closed = schools[schools["decision"] == "close"]
    if closed.empty:
        return []
    axes.scatter(closed.geometry.x, closed.geometry.y, s=34, marker="x", c="white", lw=3.4, zorder=7)
    axes.scatter(closed.geometry.x, closed.geometry.y, s=30, marker="x", c=_WARN, lw=1.6, zorder=8)
    return [
        Line2D([], [], marker="x", ls="", mec=_WARN, mew=1.6, ms=6, label=pen.say(Text("撤并学校", "closed school")))
    ]


def _draw_load(axes: Axes, schools: gpd.GeoDataFrame, results: pd.DataFrame, pen: Pen) -> list[Any]:
    """Draw schools: area by pupils, colour by load, shape by type; closed ones crossed out."""
    shown = pd.DataFrame(schools[["school_id", "tier", "is_open"]]).assign(x=schools.geometry.x, y=schools.geometry.y)
    shown = shown.merge(pd.DataFrame(results[["school_id", "pupils", "load"]]), on="school_id", how="left")
    opened = shown[shown["is_open"].astype(bool)].sort_values(["pupils", "school_id"], ascending=[False, True])
    top = max(float(opened["pupils"].max()), 1.0) if len(opened) else 1.0
    tiers = opened["tier"].map(lambda value: Tier(str(value)))
    labels = LOAD.labels_zh if pen.lang == "zh" else LOAD.labels_en
    handles: list[Any] = [Patch(fc=c, ec=_MUTED, lw=0.3, label=t) for c, t in zip(LOAD.colors, labels, strict=True)]
    for tier, (name_zh, name_en, shape) in TIERS.items():
        rows = opened[tiers == tier]
        if rows.empty:
            continue
        size = 10 + 170 * rows["pupils"].fillna(0) / top
        axes.scatter(rows["x"], rows["y"], s=size, c=_colours(LOAD, rows["load"].fillna(0)), marker=_MARKERS[shape],
                     lw=0.6, ec=_INK, alpha=0.92, zorder=6)  # fmt: skip
        handles.append(
            key_mark(_MARKERS[shape], name_zh if pen.lang == "zh" else name_en, fill="#c9d0d5", edge=_INK, size=6)
        )
    unit = pen.say(Text(" 人", " pupils"))
    step = 10 ** np.floor(np.log10(top))
    for pupils in (step * np.floor(top / step), step * np.floor(top / step) / 5):
        area = float(np.sqrt(10 + 170 * pupils / top))
        handles.append(key_mark("o", f"{pupils:,.0f}{unit}", fill="none", edge=_MUTED, size=area))
    return handles + _draw_closed(axes, schools, pen)


def _draw_ratio(axes: Axes, county: County, pen: Pen) -> list[Any]:
    """Colour townships and villages by known pupils divided by estimated ones; a disc's area is its pupils."""
    table = pd.DataFrame(county.calibration)
    whole = table.groupby(["subject_kind", "subject_id"], sort=True)[["target", "pupils_before"]].sum().reset_index()
    whole = whole[(whole["target"] > 0) | (whole["pupils_before"] > 0)]
    whole["ratio"] = whole["target"] / whole["pupils_before"].where(whole["pupils_before"] > 0)
    areas = county.townships.merge(
        whole[whole["subject_kind"] == "township"], left_on="township_id", right_on="subject_id"
    )
    for shape, fill in zip(areas.geometry, _colours(RATIO, areas["ratio"]), strict=True):
        rings = [np.asarray(part.exterior.coords)[:, :2] for part in getattr(shape, "geoms", [shape])]
        axes.add_collection(PolyCollection(rings, facecolors=fill, edgecolors="none", zorder=1))
    places = county.villages.merge(
        whole[whole["subject_kind"] == "village"], left_on="village_id", right_on="subject_id"
    )
    if len(places):
        size = 4 + 60 * places["target"] / max(float(places["target"].max()), 1.0)
        discs = _colours(RATIO, places["ratio"])
        axes.scatter(places.geometry.x, places.geometry.y, s=size, c=discs, lw=0.4, ec=_INK, zorder=4)
    labels = RATIO.labels_zh if pen.lang == "zh" else RATIO.labels_en
    handles: list[Any] = [Patch(fc=c, ec=_MUTED, lw=0.3, label=t) for c, t in zip(RATIO.colors, labels, strict=True)]
    if pd.concat([areas["ratio"], places["ratio"]]).isna().any():
        handles.append(Patch(fc=_NOBODY, label=pen.say(Text("没有推算出学生", "nobody estimated"))))
    if len(areas):
        handles.append(Patch(fc="#e9ecec", ec=_MUTED, lw=0.5, label=pen.say(Text("底色：乡镇", "area: township"))))
    if len(places):
        handles.append(key_mark("o", pen.say(Text("圆点：村", "disc: village")), fill="#e9ecec", edge=_INK, size=5))
    return handles


def key_mark(marker: str, label: str, *, fill: str, edge: str, size: float) -> Line2D:
    """Make a legend's mark."""
    return Line2D([], [], marker=marker, ls="", mfc=fill, mec=edge, mew=0.7, ms=size, label=label)


def draw_townships(axes: Axes, county: County, pen: Pen, *, named: bool = True) -> None:
    """Draw the outlines of townships and county, and the townships' names."""
    townships = county.townships
    if len(townships):
        outlines = PolyCollection(_rings(townships), facecolors="none", edgecolors=_MUTED, linewidths=0.5, zorder=5)
        axes.add_collection(outlines)
        halo = [withStroke(linewidth=2.2, foreground="white")]
        for name, shape in zip(townships["name"], townships.geometry, strict=True) if named else ():
            spot = shape.representative_point()
            axes.text(spot.x, spot.y, pen.name(str(name)), fontproperties=pen.font(6.5), color=_INK, ha="center",
                      va="center", zorder=9, path_effects=halo, clip_on=True)  # fmt: skip
    edge = PolyCollection(
        _rings(county.boundary), facecolors="none", edgecolors=TOKENS["boundary"], linewidths=1.1, zorder=5
    )
    axes.add_collection(edge)


def draw_panel(
    figure: Figure, axes: Axes, handles: Sequence[Any], title: str, pen: Pen, *, notes: Sequence[str] = ()
) -> None:  # fmt: skip
    """Fill the strip beside the map, in inches: legend above, north arrow, scale bar and notes below."""
    width, height = (float(v) for v in figure.get_size_inches())
    panel = figure.add_axes((1 - LEGEND_IN / width, 0.0, LEGEND_IN / width, 1.0))
    panel.set_xlim(0, LEGEND_IN)
    panel.set_ylim(0, height)
    panel.axis("off")
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    foot = _draw_notes(panel, notes, pen)
    _draw_scale_bar(panel, min((width - LEGEND_IN) / (east - west), height / (north - south)), pen, foot)
    _draw_north(panel, pen, foot)
    _draw_legend(panel, handles, title, pen)


def _draw_notes(panel: Axes, notes: Sequence[str], pen: Pen) -> float:
    """Write notes at the foot of the panel, in lines that fit it; say how high they stand."""
    wide = int((LEGEND_IN - 0.15) / NOTE_IN) * (1 if pen.lang == "zh" else 2)
    lines = [note[i : i + wide] for note in notes for i in range(0, len(note), wide)]
    if not lines:
        return 0.0
    panel.text(0.1, 0.08, "\n".join(lines), fontproperties=pen.font(6), color=_INK, va="bottom", linespacing=1.35)
    return 0.08 + 0.115 * len(lines)


def _draw_scale_bar(panel: Axes, inches_per_metre: float, pen: Pen, foot: float) -> None:
    """Draw a bar of a round length, to the map's scale, at the foot of the panel."""
    target = 1.3 / inches_per_metre
    power = 10.0 ** np.floor(np.log10(target))
    length = float(max(n * power for n in (1, 2, 5) if n * power <= target))
    half, x, y = length * inches_per_metre / 2, 0.1, foot + 0.2
    for i, fill in enumerate((_INK, "white")):
        panel.add_patch(Rectangle((x + i * half, y), half, 0.05, fc=fill, ec=_INK, lw=0.6))
    spelled = f"{length / 1000:g} {pen.say(Text('公里', 'km'))}" if length >= 1000 else f"{length:g} m"
    panel.text(x + half, y + 0.09, spelled, fontproperties=pen.font(7), color=_INK, ha="center", va="bottom")


def _draw_north(panel: Axes, pen: Pen, foot: float) -> None:
    x, y, unit = 0.25, foot + 0.55, 0.24
    for side, fill in ((-0.4, _INK), (0.4, "white")):
        corners = [(x, y + 1.5 * unit), (x + side * unit, y), (x, y + 0.35 * unit)]
        panel.add_patch(Polygon(corners, closed=True, fc=fill, ec=_INK, lw=0.6))
    panel.text(x, y + 1.6 * unit, pen.say(_NORTH), fontproperties=pen.font(8, bold=True), color=_INK, ha="center",
               va="bottom")  # fmt: skip


def _draw_legend(panel: Axes, handles: Sequence[Any], title: str, pen: Pen) -> None:
    legend = panel.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0.04, 0.985), prop=pen.font(7.5), title=title,
        title_fontproperties=pen.font(8.5, bold=True), frameon=False, alignment="left", handlelength=1.6,
        labelspacing=0.5, borderaxespad=0, borderpad=0,
    )  # fmt: skip
    legend.get_title().set_linespacing(1.4)
    for text in legend.get_texts():
        text.set_color(_INK)

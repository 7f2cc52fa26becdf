"""A merger for print: where the pupils of one school live and where they go, before and after, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.patheffects import withStroke

from layout_planner.config.scenario import Publish
from layout_planner.errors import Text
from layout_planner.maps.palettes import TOKENS
from layout_planner.maps.pen import Pen, make_pen
from layout_planner.maps.sheet import DPI, MAIN_ROADS, Key, draw_north, publication

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from matplotlib.axes import Axes

    from layout_planner.io.county import County

__all__ = ["merger_map"]

WIDE_IN, HIGH_IN, FOOT_IN = 6.15, 3.6, 0.45
_WIDE_M = 12_000
"""Views wider than this show main roads only."""
_MODES = {
    "walk": ("#1b7f5c", "步行", "walk"),
    "ride": ("#c2571a", "乘车", "ride"),
    "board": ("#6a51a3", "寄宿", "board"),
}
_INK, _WARN = TOKENS["ink"], TOKENS["warn"]
_TITLES = (("before", Text("调整前", "before")), ("after", Text("调整后", "after")))


def merger_map(
    county: County, schools: gpd.GeoDataFrame, moved: pd.DataFrame, code: str, bounds: Sequence[float], *,
    closes: bool = True, lang: str = "zh", dpi: int = DPI, said: Publish | None = None,
) -> Figure:  # fmt: skip
    """Draw the homes of a school's pupils with straight lines to their school, before and after.

    Parameters
    ----------
    county : County
        Roads and outlines.
    schools : GeoDataFrame
        After the decisions: ``school_id``, ``name``, ``is_open``.
    moved : DataFrame
        Of the school concerned: ``demand_id``, ``pupils``, ``school_id_before``, ``mode_before``,
        ``school_id_after``, ``mode_after``.
    code : str
        Id of the school that closes or converts.
    bounds : sequence of 4 floats
        West, south, east, north (metres).
    closes : bool
        Whether the school closes; it is then crossed out after.
    lang : {"zh", "en"}
    dpi : int
    said : Publish, optional
        Date, source and approval number; by default those of a map that nobody has approved.
    """
    pen = make_pen(lang)
    figure = Figure(figsize=(WIDE_IN, HIGH_IN), dpi=dpi, facecolor="white")
    FigureCanvasAgg(figure)
    roads = _roads(county, bounds)
    places = schools.assign(school_id=schools["school_id"].astype(str)).set_index("school_id")
    shown = {code, *(c for c in moved["school_id_after"].astype(str) if c)}
    for k, (side, title) in enumerate(_TITLES):
        axes = figure.add_axes((0.005 + k * 0.5, FOOT_IN / HIGH_IN, 0.49, 1 - FOOT_IN / HIGH_IN - 0.005))
        _frame(axes, bounds)
        axes.add_artist(PathPatch(roads, fill=False, ec=TOKENS["road-minor"], lw=0.5, capstyle="butt", zorder=1))
        _draw_moves(axes, county, places, moved, side)
        _draw_schools(axes, places, shown, code, crossed=closes and side == "after", pen=pen)
        axes.text(
            0.02, 0.98, pen.say(title), transform=axes.transAxes, va="top", fontproperties=pen.font(8.5, bold=True),
            color=_INK, zorder=10, path_effects=[withStroke(linewidth=2.5, foreground="white")],
        )  # fmt: skip
        if k == 1:
            _scale(axes, pen)
            _north(axes, pen)
    _legend(figure, moved, pen, closes=closes)
    notes = "　".join(publication(said or Publish(), pen))
    figure.text(
        0.5, 0.04 / HIGH_IN, notes, fontproperties=pen.font(5.5), color=TOKENS["muted"], ha="center", va="bottom"
    )
    return figure


def _frame(axes: Axes, bounds: Sequence[float]) -> None:
    """Show the bounds, widened to the shape of the panel."""
    west, south, east, north = bounds
    high, wide = HIGH_IN - FOOT_IN, WIDE_IN * 0.49
    half = max(east - west, (north - south) * wide / high) / 2
    x, y = (west + east) / 2, (south + north) / 2
    axes.set_xlim(x - half, x + half)
    axes.set_ylim(y - half * high / wide, y + half * high / wide)
    axes.set_facecolor(TOKENS["land"])
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color(TOKENS["boundary"])
        spine.set_linewidth(0.6)


def _roads(county: County, bounds: Sequence[float]) -> Path:
    """Take the roads near the bounds as one path: all of them close by, main roads where the view is wide."""
    network = county.network
    west, south, east, north = bounds
    span = max(east - west, north - south)
    x, y = network.node_x[network.edge_u], network.node_y[network.edge_u]
    near = (x > west - span) & (x < east + span) & (y > south - span) & (y < north + span)
    if span > _WIDE_M:
        near &= np.asarray(network.roads.is_class(*MAIN_ROADS))
    first, count = network.shape_start[:-1][near], np.diff(network.shape_start)[near]
    start = np.cumsum(count) - count
    taken = np.repeat(first - start, count) + np.arange(int(count.sum()))
    codes = np.full(len(taken), Path.LINETO, dtype=Path.code_type)
    codes[start] = Path.MOVETO
    return Path(np.column_stack([network.shape_x[taken], network.shape_y[taken]]), codes)


def _draw_moves(axes: Axes, county: County, places: gpd.GeoDataFrame, moved: pd.DataFrame, side: str) -> None:
    """Draw homes by pupils and lines to their school by mode."""
    demand = county.demand
    assert demand is not None
    spots = demand.set_index(demand["demand_id"].astype(str)).geometry.loc[moved["demand_id"].astype(str)]
    homes = np.column_stack([spots.x, spots.y])
    goals = places.geometry.reindex(moved[f"school_id_{side}"].astype(str))
    ends = np.column_stack([goals.x, goals.y])
    pupils = moved["pupils"].to_numpy(np.float64)
    top = max(float(pupils.max()), 1.0)
    for mode in dict.fromkeys(moved[f"mode_{side}"].astype(str)):
        here = (moved[f"mode_{side}"] == mode).to_numpy()
        colour = _MODES.get(mode, ("#555555",))[0]
        known = here & np.isfinite(ends).all(axis=1)
        lines = np.stack([homes[known], ends[known]], axis=1)
        axes.add_collection(LineCollection(list(lines), colors=colour, linewidths=0.5, alpha=0.55, zorder=3))
        size = 3 + 16 * pupils[here] / top
        axes.scatter(homes[here, 0], homes[here, 1], s=size, c=colour, lw=0.2, ec="white", zorder=4)


def _draw_schools(axes: Axes, places: gpd.GeoDataFrame, shown: set[str], code: str, *, crossed: bool, pen: Pen) -> None:
    """Draw the schools in view that are open, and the one concerned; name those that the change concerns."""
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    x, y = (np.asarray(places.geometry.x), np.asarray(places.geometry.y))
    ids = places.index.to_numpy(dtype=object)
    drawn = (x > west) & (x < east) & (y > south) & (y < north)
    drawn &= places["is_open"].to_numpy(dtype=bool) | (ids == code)
    named = drawn & np.isin(ids, list(shown))
    for which, size, fill, edge, width in (
        (drawn & ~named, 8, "#e3e6e8", TOKENS["muted"], 0.4), (named, 22, "white", _INK, 0.8),
    ):  # fmt: skip
        axes.scatter(x[which], y[which], s=size, marker="s", c=fill, ec=edge, lw=width, zorder=6)
    gone = drawn & (ids == code) & crossed
    axes.scatter(x[gone], y[gone], s=34, marker="x", c=_WARN, lw=1.4, zorder=7)
    halo = [withStroke(linewidth=1.8, foreground="white")]
    for k in np.flatnonzero(named):
        left = x[k] > (west + east) / 2
        axes.annotate(
            pen.name(str(places["name"].iloc[k])), (x[k], y[k]), (-5 if left else 5, 4), textcoords="offset points",
            fontproperties=pen.font(6), color=_INK, ha="right" if left else "left", zorder=9, path_effects=halo,
            clip_on=True,
        )  # fmt: skip


def _scale(axes: Axes, pen: Pen) -> None:
    """Draw a bar of a round length in the lower right corner."""
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    target = (east - west) / 4
    power = 10.0 ** np.floor(np.log10(target))
    length = float(max(n * power for n in (1, 2, 5) if n * power <= target))
    x, y = east - (east - west) * 0.04 - length, south + (north - south) * 0.04
    axes.plot([x, x + length], [y, y], color=_INK, lw=1.6, solid_capstyle="butt", zorder=9)
    said = (
        f"{length / 1000:g} {pen.say(Text('公里', 'km'))}"
        if length >= 1000
        else f"{length:g} {pen.say(Text('米', 'm'))}"
    )
    axes.text(x + length / 2, y + (north - south) * 0.012, said, fontproperties=pen.font(6.5), ha="center", va="bottom",
              color=_INK, zorder=9, path_effects=[withStroke(linewidth=1.6, foreground="white")])  # fmt: skip


def _north(axes: Axes, pen: Pen) -> None:
    """Draw a north arrow in the upper right corner."""
    (west, east), north = axes.get_xlim(), axes.get_ylim()[1]
    metres = (east - west) / (0.49 * WIDE_IN)
    draw_north(axes, east - 0.16 * metres, north - 0.42 * metres, pen, unit=0.15 * metres)


def _legend(figure: Figure, moved: pd.DataFrame, pen: Pen, *, closes: bool) -> None:
    """Write the legend in a line below the maps, with the pupils of every way before and after."""
    keys = []
    for mode, (colour, zh, en) in _MODES.items():
        before, after = (moved.loc[moved[f"mode_{side}"] == mode, "pupils"].sum() for side, _ in _TITLES)
        if before or after:
            count = f"{before:,.0f}→{after:,.0f}"
            label = pen.say(Text(f"{zh}学生住处（{count} 人）", f"home, {en} ({count})"))
            keys.append(Key(label, colour, marker="o", edge="white", size=4.5))
    keys.append(Key(pen.say(Text("学校", "school")), "white", marker="s", edge=_INK, size=4.5))
    if closes:
        keys.append(Key(pen.say(Text("撤并的学校", "school closed")), _WARN, marker="x", edge=_WARN, size=4.5))
    figure.legend(
        handles=[key.mark() for key in keys], loc="lower center", bbox_to_anchor=(0.5, 0.17 / HIGH_IN), ncol=len(keys),
        prop=pen.font(7), frameon=False, handletextpad=0.2, columnspacing=1.2, borderaxespad=0.1, borderpad=0,
    )  # fmt: skip

"""Static maps for print: commute minutes, school load and change, drawn by matplotlib with a Chinese font."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from layout_planner.demand.groups import place_of
from layout_planner.errors import Text
from layout_planner.grades import GradeBand, Tier
from layout_planner.maps.palettes import CHANGE, LOAD, MINUTES, RATIO, TOKENS, Scale
from layout_planner.maps.pen import Pen, make_pen
from layout_planner.maps.sheet import DPI, Key, draw_ground, draw_panel, draw_townships, map_frame
from layout_planner.maps.strings import TIERS

if TYPE_CHECKING:
    import geopandas as gpd

    from layout_planner.io.county import County
    from layout_planner.measures import PlanTables
    from layout_planner.plan import Plan

__all__ = ["Kind", "place_minutes", "static_map"]

Kind = Literal["minutes", "load", "change", "roster"]
GRID_COLUMNS = 170
"""Squares across the map beyond which cells are averaged."""
_INK, _WARN, _NOBODY = TOKENS["ink"], TOKENS["warn"], "#000000"
_PALE = "#c9d0d5"
_MARKERS = {"triangle": "^", "circle": "o", "square": "s", "pentagon": "p", "diamond": "D", "hexagon": "h"}
_TITLES = {
    "minutes": Text("上学单程时间", "Minutes to school, one way"),
    "load": Text("学校规模与学位使用率", "School size and load"),
    "change": Text("上学单程时间的变化", "Change in minutes to school"),
    "roster": Text("报表学生数÷推算学生数", "Reported ÷ estimated pupils"),
}
_ALL_BANDS = Text("各年级段", "all bands")
_SCHOOLS = Text("学校（所）", "schools")
_PUPILS = Text("学生（人）", "pupils")


def static_map(
    plan: Plan,
    tables: PlanTables,
    *,
    kind: Kind = "minutes",
    band: GradeBand | None = None,
    before: Plan | None = None,
    lang: str = "zh",
    dpi: int = DPI,
) -> Figure:
    """Draw one map for print, with scale bar, north arrow and a legend that states its breaks and counts.

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
    if kind == "load":
        keys = _draw_load(axes, plan.schools, tables.schools, pen)
    elif kind == "roster":
        keys = _draw_ratio(axes, plan.county, pen)
    else:
        values = place_minutes(plan, band)
        if kind == "change" and before is not None:
            values = _change(values, place_minutes(before, band))
        keys = _draw_places(axes, plan, values, CHANGE if kind == "change" else MINUTES, pen)
        keys += _draw_school_points(axes, plan.schools, pen)
        title += "\n" + (pen.say(_ALL_BANDS) if band is None else band.label_zh if pen.lang == "zh" else band.value)
    marked = plan.county.villages if kind == "roster" else plan.schools
    draw_townships(axes, plan.county, pen, around=shapely.get_coordinates(marked.geometry.to_numpy()))
    draw_panel(figure, axes, keys, title, pen, county=plan.county, scenario=plan.scenario, label=plan.label)
    return figure


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


def _draw_places(axes: Axes, plan: Plan, values: pd.DataFrame, scale: Scale, pen: Pen) -> list[Key]:
    """Colour places by minutes: squares for raster cells (averaged where too small to see), discs for villages.

    The legend counts the pupils who live in places of each class, unless they are too few to be told.
    """
    county, least = plan.county, plan.scenario.publish.min_pupils
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
    sums = _sums(scale, places["minutes"], places["pupils"])
    counts = [f"{pupils:,.0f}" if pupils >= least or not pupils else f"<{least}" for pupils in sums]
    lost = Text("没有可达学校", "no school in reach")
    if scale is CHANGE:
        lost = Text("之前或之后没有学校", "no school before or after")
    return [Key("", count=pen.say(_PUPILS)), *_classes(scale, counts, pen, lost)]


def _sums(scale: Scale, values: pd.Series[float], weights: pd.Series[float] | None = None) -> list[float]:
    """Add up weights (or count) class by class; those without a value come last."""
    found = scale.classify(np.asarray(values, dtype=np.float64)) % (len(scale.colors) + 1)
    return np.bincount(found, None if weights is None else weights.to_numpy(), len(scale.colors) + 1).tolist()


def _classes(scale: Scale, counts: Sequence[str], pen: Pen, lost: Text) -> list[Key]:
    """Make the legend of a scale; its last count is of those without a value, shown where there are any."""
    labels = [*(scale.labels_zh if pen.lang == "zh" else scale.labels_en), pen.say(lost)]
    keys = [Key(*row) for row in zip(labels, [*scale.colors, _NOBODY], counts, strict=True)]
    return keys if any(digit in counts[-1] for digit in "123456789") else keys[:-1]


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


def _draw_school_points(axes: Axes, schools: gpd.GeoDataFrame, pen: Pen) -> list[Key]:
    opened = schools[schools["is_open"].astype(bool)]
    keys = [Key("", count=pen.say(_SCHOOLS))]
    if len(opened):
        axes.scatter(opened.geometry.x, opened.geometry.y, s=8, c="white", ec=_INK, lw=0.7, zorder=6)
        label = pen.say(Text("在办学校", "open school"))
        keys.append(Key(label, "white", f"{len(opened):,}", marker="o", edge=_INK, size=4))
    return keys + _draw_closed(axes, schools, pen)


def _draw_closed(axes: Axes, schools: gpd.GeoDataFrame, pen: Pen) -> list[Key]:
    closed = schools[schools["decision"] == "close"]
    if closed.empty:
        return []
    axes.scatter(closed.geometry.x, closed.geometry.y, s=34, marker="x", c="white", lw=3.4, zorder=7)
    axes.scatter(closed.geometry.x, closed.geometry.y, s=30, marker="x", c=_WARN, lw=1.6, zorder=8)
    label = pen.say(Text("撤并学校", "closed school"))
    return [Key(label, _WARN, f"{len(closed):,}", marker="x", edge=_WARN, size=6, width=1.6)]


def _draw_load(axes: Axes, schools: gpd.GeoDataFrame, results: pd.DataFrame, pen: Pen) -> list[Key]:
    """Draw schools: area by pupils, colour by load, shape by type; closed ones crossed out."""
    shown = pd.DataFrame(schools[["school_id", "tier", "is_open"]]).assign(x=schools.geometry.x, y=schools.geometry.y)
    shown = shown.merge(pd.DataFrame(results[["school_id", "pupils", "load"]]), on="school_id", how="left")
    opened = shown[shown["is_open"].astype(bool)].sort_values(["pupils", "school_id"], ascending=[False, True])
    top = max(float(opened["pupils"].max()), 1.0) if len(opened) else 1.0
    tiers = opened["tier"].map(lambda value: Tier(str(value)))
    counts = [f"{count:,.0f}" for count in _sums(LOAD, opened["load"])]
    keys = [Key(pen.say(Text("学位使用率", "load")), count=pen.say(_SCHOOLS))]
    keys += _classes(LOAD, counts, pen, Text("学位不详", "seats unknown"))
    keys.append(Key(pen.say(Text("学校类别", "school type"))))
    for tier, (name_zh, name_en, shape) in TIERS.items():
        rows = opened[tiers == tier]
        if rows.empty:
            continue
        size = 10 + 170 * rows["pupils"].fillna(0) / top
        axes.scatter(rows["x"], rows["y"], s=size, c=_colours(LOAD, rows["load"]), marker=_MARKERS[shape], lw=0.6,
                     ec=_INK, alpha=0.92, zorder=6)  # fmt: skip
        label = name_zh if pen.lang == "zh" else name_en
        keys.append(Key(label, _PALE, f"{len(rows):,}", marker=_MARKERS[shape], edge=_INK, size=5))
    keys += _draw_closed(axes, schools, pen)
    keys.append(Key(pen.say(Text("大小表示学生数", "size shows pupils"))))
    unit = pen.say(Text(" 人", " pupils"))
    step = 10 ** np.floor(np.log10(top))
    for pupils in (step * np.floor(top / step), step * np.floor(top / step) / 5):
        wide = float(np.sqrt(10 + 170 * pupils / top))
        keys.append(Key(f"{pupils:,.0f}{unit}", "none", marker="o", size=wide))
    return keys


def _draw_ratio(axes: Axes, county: County, pen: Pen) -> list[Key]:
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
    keys = [Key("", count=pen.say(Text("乡镇 / 村（个）", "townships / villages")))]
    pairs = zip(_sums(RATIO, areas["ratio"]), _sums(RATIO, places["ratio"]), strict=True)
    counts = [f"{towns:,.0f} / {villages:,.0f}" for towns, villages in pairs]
    keys += _classes(RATIO, counts, pen, Text("没有推算出学生", "nobody estimated"))
    if len(areas):
        keys.append(Key(pen.say(Text("底色：乡镇", "area: township")), TOKENS["outside"]))
    if len(places):
        label = pen.say(Text("圆点：村", "disc: village"))
        keys.append(Key(label, TOKENS["outside"], marker="o", edge=_INK, size=5))
    return keys

"""The static map of education districts: each in its colour, with its lead school."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from matplotlib.collections import LineCollection
from matplotlib.patheffects import withStroke

from layout_planner.errors import Text
from layout_planner.maps.catchments import color_neighbours
from layout_planner.maps.palettes import CATCHMENTS, TOKENS
from layout_planner.maps.pen import make_pen
from layout_planner.maps.sheet import DPI, Key, draw_ground, draw_panel, draw_townships, map_frame
from layout_planner.maps.zones import filled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from layout_planner.assign.districts import DistrictPlan
    from layout_planner.maps.pen import Pen
    from layout_planner.plan import Plan

__all__ = ["district_map"]

_INK, _WARN = TOKENS["ink"], TOKENS["warn"]
_TITLE = Text("教育协作区", "Education districts")
_SCHOOLS = Text("学校（所）", "schools")


def district_map(plan: Plan, made: DistrictPlan, *, lang: str = "zh", dpi: int = DPI) -> Figure:
    """Draw the districts of a plan for print.

    Parameters
    ----------
    plan : Plan
    made : DistrictPlan
        Districts of townships are filled; those of schools are coloured points.
    lang : {"zh", "en"}
        English is used in any case where no Chinese font is installed.
    dpi : int
        Dots per inch of a 17 cm wide figure.
    """
    pen = make_pen(lang)
    figure, axes = map_frame(plan.county, dpi)
    if plan.county.network is not None:
        draw_ground(axes, plan.county)
    shapes = dict(enumerate(made.areas.geometry))
    colors = color_neighbours([shapes], len(CATCHMENTS))
    schools = made.districts["schools"].tolist()
    keys = [Key("", count=pen.say(_SCHOOLS))]
    for d, shape in shapes.items():
        fill = CATCHMENTS[colors.get(d, d % len(CATCHMENTS))]
        points = shapely.get_coordinates([p for p in shapely.get_parts(shape) if p.geom_type == "Point"])
        if len(points):
            axes.scatter(points[:, 0], points[:, 1], s=22, c=fill, ec=_INK, lw=0.4, zorder=6)
        else:
            areas = shapely.multipolygons([p for p in shapely.get_parts(shape) if p.geom_type == "Polygon"])
            axes.add_collection(filled(areas, fill, 0.85))
            rings = [np.asarray(ring.coords)[:, :2] for ring in shapely.get_rings(shapely.get_parts(areas))]
            axes.add_collection(LineCollection(rings, colors=_INK, linewidths=1.2, zorder=6))
        keys.append(Key(_name(made, d, pen.lang), fill, f"{schools[d]:,}", edge=_INK))
    leads = plan.schools[plan.schools["school_id"].astype(str).isin(_lead_ids(made))]
    draw_townships(axes, plan.county, pen, around=shapely.get_coordinates(leads.geometry.to_numpy()))
    axes.scatter(leads.geometry.x, leads.geometry.y, s=60, marker="*", c=_WARN, ec="white", lw=0.5, zorder=10,
                 path_effects=[withStroke(linewidth=1.2, foreground="white")])  # fmt: skip
    _name_districts(axes, plan, made, pen)
    label = pen.say(Text("牵头学校", "lead school"))
    keys.append(Key(label, _WARN, f"{len(leads):,}", marker="*", edge="white", size=8))
    draw_panel(figure, axes, keys, pen.say(_TITLE), pen, county=plan.county, scenario=plan.scenario, label=plan.label)
    return figure


def _name_districts(axes: Axes, plan: Plan, made: DistrictPlan, pen: Pen) -> None:
    """Write the name of every district below its lead school, so that it can be told on a grey print."""
    spots = plan.schools.set_index(plan.schools["school_id"].astype(str)).geometry
    for d, district in enumerate(made.districts["district"]):
        mine = made.schools[(made.schools["district"] == district) & made.schools["is_lead"]]
        for code in mine["school_id"].astype(str):
            axes.annotate(_name(made, d, pen.lang), (spots[code].x, spots[code].y), (0, -5), color=_INK, ha="center",
                          textcoords="offset points", va="top", fontproperties=pen.font(6.5, bold=True), zorder=10,
                          path_effects=[withStroke(linewidth=2, foreground="white")])  # fmt: skip


def _name(made: DistrictPlan, number: int, lang: str) -> str:
    return str(made.districts["district"].iloc[number]) if lang == "zh" else f"District {number + 1}"


def _lead_ids(made: DistrictPlan) -> list[str]:
    return [str(code) for code in made.schools.loc[made.schools["is_lead"], "school_id"]]

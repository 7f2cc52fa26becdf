"""The picture of cost against travel."""

from __future__ import annotations

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure as Drawing

from layout_planner.maps.pen import map_font

__all__ = ["drawable", "front_chart"]

_DPI = 170
_PLAN, _BOUND = "#1F5A93", "#B5532A"
_WORDS = {
    "plan": ("方案", "plan"),
    "bound": ("已证明的下限", "proven bound"),
    "x": ("学生平均折合时间（分钟）", "mean equivalent minutes"),
    "y": ("折合费用（万元/年）", "cost (10,000 yuan a year)"),
}


def drawable(front: pd.DataFrame) -> pd.DataFrame:
    """Give the plans of table ``front`` that were found, the nearest first."""
    return front.dropna(subset=["cost_yuan", "minutes_mean"]).sort_values(["minutes_mean", "plan"])


def front_chart(front: pd.DataFrame) -> Drawing:
    """Draw cost against mean minutes as steps, and the band down to the proven least cost; English without a font.

    A step says that no plan was found between two plans; the band below it says how much better a plan with that
    travel could be at most.

    Parameters
    ----------
    front : DataFrame
        Table ``front``; plans that were not found are left out.
    """
    family = map_font()
    words = {name: pair[0 if family is not None else 1] for name, pair in _WORDS.items()}
    points = drawable(front)
    minutes, cost = points["minutes_mean"].to_numpy(float), points["cost_yuan"].to_numpy(float) / 1e4
    bound = points["bound_yuan"].to_numpy(float) / 1e4
    with mpl.rc_context({"font.family": family or "DejaVu Sans", "axes.unicode_minus": False}):
        drawing = Drawing(figsize=(6.7, 4.0), dpi=_DPI, layout="constrained")
        axes = drawing.subplots()
        axes.plot(minutes, cost, "o", color=_PLAN, label=words["plan"], zorder=3)
        axes.step(minutes, cost, where="post", color=_PLAN, linewidth=1.2)
        axes.fill_between(minutes, bound, cost, step="post", color=_BOUND, alpha=0.15, linewidth=0)
        axes.plot(minutes, bound, "_", color=_BOUND, markersize=14, label=words["bound"])
        axes.set_xlabel(words["x"])
        axes.set_ylabel(words["y"])
        axes.margins(x=0.12, y=0.1)
        axes.grid(alpha=0.3)
        axes.legend(frameon=False)
        for i, name in enumerate(points["plan"]):
            if family is not None or str(name).isascii():
                axes.annotate(str(name), (minutes[i], cost[i]), xytext=(5, 6), textcoords="offset points", fontsize=8)
    return drawing

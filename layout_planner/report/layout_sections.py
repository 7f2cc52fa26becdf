"""What an optimised layout publishes: its decisions with reasons, the front, prices, sureness, losers, alternatives."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure as Drawing

from layout_planner import columns
from layout_planner.errors import Text
from layout_planner.maps.static import figure_png, map_font
from layout_planner.report.document import Block, Figure, Paragraph, Points, Section, Sub, grid
from layout_planner.report.workbook import Sheet

if TYPE_CHECKING:
    from layout_planner.columns import Table

__all__ = ["front_chart", "layout_section", "layout_sheets"]

MOST_ROWS = 40
_DPI = 170
_ABOUT = {
    "layout_decisions": Text("每校的布局建议和理由", "one row a school, with the reason"),
    "front": Text("费用与路程的取舍，一行一个方案", "cost against travel, one row a plan"),
    "prices": Text("改变每校去留的代价", "what the opposite decision would cost"),
    "robust_cases": Text("情况变化时本方案比当时最好的方案多花多少", "regret of the plan in each case"),
    "robust_schools": Text("每校去留有多大把握", "how sure each decision is"),
    "losers": Text("路变远的村", "villages whose way grows longer"),
    "alternatives": Text("相近而不同的方案", "plans nearly as good and yet different"),
    "alternative_schools": Text("各方案中学校的去留", "what each plan decides on each school"),
    "conflicts": Text("不能同时满足的限制", "limits that cannot be met together"),
    "conflict_villages": Text("引起冲突的村", "villages behind the conflict"),
    "passed_by": Text("没有去最近学校的学生及原因", "pupils sent past a nearer school, and why"),
}
_SHOWN = {
    "layout_decisions": ("name", "township", "decision", "pupils_before", "pupils_after", "receiving", "reason"),
    "front": ("plan", "cost_yuan", "bound_yuan", "gap", "minutes_mean", "worst_minutes", "closed", "opened"),
    "prices": ("name", "instead", "price_yuan", "price_least_yuan", "price_most_yuan", "pupils_worse", "others"),
    "robust_cases": ("case", "plan_yuan", "best_yuan", "regret_yuan", "regret_share", "lacking"),
    "robust_schools": ("name", "decision", "surety", "flip_yuan", "cases", "cases_same", "why"),
    "losers": ("name", "band", "pupils", "schools_before", "schools_after", "minutes_before", "minutes_after"),
    "alternatives": ("plan", "objective_yuan", "extra_share", "gap", "differs", "minutes_mean", "closed"),
    "conflicts": ("label", "name", "in_conflict", "relax_by", "unit", "pupils"),
    "passed_by": ("name", "band", "school", "pupils", "minutes_mean", "nearest_school", "nearest_minutes", "reason"),
}


def layout_section(frames: Mapping[str, pd.DataFrame], proof: Sequence[str] = ()) -> Section:
    """Write the section on an optimised layout; tables that are absent or empty are left out.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        By name of their table in the registry.
    proof : sequence of str
        What is proven of the plan, then what stopped before it was proven; one sentence each.
    """
    head: list[Block] = [Paragraph(f"{sentence}。", strong=True) for sentence in proof[:1]]
    if len(proof) > 1:
        head.append(Points(tuple(f"{sentence}。" for sentence in proof[1:])))
    subs = []
    for name, shown in _SHOWN.items():
        frame = frames.get(name)
        if frame is None or frame.empty:
            continue
        table = columns.table(name)
        blocks: list[Block] = [grid(table, frame, shown, table.zh, most=MOST_ROWS, sheet=table.zh)]
        if name == "front" and _drawable(frame).shape[0] > 1:
            blocks.insert(0, _front_figure(frame, table))
        subs.append(Sub(table.zh, tuple(blocks)))
    return Section("布局优化", tuple(head), tuple(subs))


def layout_sheets(frames: Mapping[str, pd.DataFrame], lang: str = "zh") -> list[Sheet]:
    """Make a sheet of the workbook of each table that has rows, in a fixed order, with reasons in one language."""
    sheets = []
    other = "reason_en" if lang == "zh" else "reason"
    for name, about in _ABOUT.items():
        frame = frames.get(name)
        if frame is not None and len(frame):
            table = columns.table(name)
            shown = frame.drop(columns=other) if name == "layout_decisions" else frame
            sheets.append(Sheet(Text(table.zh, table.en.capitalize()), about, table, shown))
    return sheets


def front_chart(front: pd.DataFrame) -> Drawing:
    """Draw cost against mean minutes, with the proven least cost below each plan; English without a Chinese font.

    Parameters
    ----------
    front : DataFrame
        Table ``front``; plans that were not found are left out.
    """
    family = map_font()
    spelled = "zh" if family is not None else "en"
    points = _drawable(front)
    with mpl.rc_context({"font.family": family or "DejaVu Sans", "axes.unicode_minus": False}):
        drawing = Drawing(figsize=(6.7, 4.0), dpi=_DPI, layout="constrained")
        axes = drawing.subplots()
        minutes, cost = points["minutes_mean"].to_numpy(float), points["cost_yuan"].to_numpy(float) / 1e4
        bound = points["bound_yuan"].to_numpy(float) / 1e4
        axes.plot(minutes, cost, "o-", color="#1F5A93", label="方案" if spelled == "zh" else "plan")
        axes.plot(minutes, bound, "_", color="#B5532A", label="已证明的下限" if spelled == "zh" else "proven bound")
        axes.set_xlabel("平均时间（分钟）" if spelled == "zh" else "mean minutes")
        axes.set_ylabel("折合费用（万元/年）" if spelled == "zh" else "cost (10,000 yuan a year)")
        axes.grid(alpha=0.3)
        axes.legend(frameon=False)
        for i, name in enumerate(points["plan"]):
            if spelled == "zh" or str(name).isascii():
                axes.annotate(str(name), (minutes[i], cost[i]), xytext=(4, 5), textcoords="offset points", fontsize=8)
    return drawing


def _drawable(front: pd.DataFrame) -> pd.DataFrame:
    return front.dropna(subset=["cost_yuan", "minutes_mean"]).sort_values(["minutes_mean", "plan"])


def _front_figure(front: pd.DataFrame, table: Table) -> Figure:
    data = base64.b64encode(figure_png(front_chart(front))).decode("ascii")
    return Figure(table.zh, f"data:image/png;base64,{data}", f"{table.zh}：越靠左路越近，越靠下越省。数字见下表。")

"""What an optimised layout publishes: its decisions with reasons, the front, prices, sureness, losers, alternatives."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner import columns
from layout_planner.errors import Text
from layout_planner.maps.sheet import figure_png
from layout_planner.report.document import Block, Figure, Paragraph, Points, Section, Sub, grid
from layout_planner.report.front_chart import drawable, front_chart
from layout_planner.report.layout_assumptions import assumption_lines, price_lines
from layout_planner.report.words import code_word, persons
from layout_planner.report.workbook import Sheet

if TYPE_CHECKING:
    from layout_planner.columns import Column
    from layout_planner.config.layout import Layout
    from layout_planner.report.document import Grid

__all__ = ["LayoutPart", "layout_section", "layout_sheets"]

MOST_ROWS = 60
_WAN = 1e4
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
    "prices": ("name", "instead", "price_yuan", "price_least_yuan", "price_most_yuan", "minutes_change",
               "pupils_concerned", "verdict", "status"),
    "robust_schools": ("name", "decision", "surety", "flip_yuan", "cases", "cases_same", "why"),
    "losers": ("name", "band", "pupils", "schools_before", "schools_after", "minutes_before", "minutes_after",
               "minutes_change"),
    "front": ("plan", "cost_yuan", "bound_yuan", "gap", "minutes_mean", "worst_minutes", "closed", "converted",
              "opened", "status"),
    "alternatives": ("plan", "objective_yuan", "extra_share", "gap", "differs", "minutes_mean", "closed", "converted",
                     "opened", "status"),
    "robust_cases": ("case", "plan_yuan", "best_yuan", "regret_yuan", "regret_share", "lacking", "status"),
    "passed_by": ("name", "band", "school", "pupils", "minutes_mean", "nearest_school", "nearest_minutes", "reason"),
}  # fmt: skip
_MEANS = {
    "prices": "如果改变一所学校的去留，其余学校随之重新优化，折合费用（各项按目标中的权重折算）增加多少。“至少”和“至多”"
    "是已证明的范围：范围跨过零的，说明留与撤相差在证明的精度以内，不能只凭费用定去留。",
    "losers": "与现有学校都不变、学生按同样的规定安排相比，下列村的学生折合时间变长，损失大的在前。",
    "front": "在不同的路程上限下，费用最小的方案。没有一个方案比另一个既省又近；各方案的学校去留写在结果文件夹的"
    " scenarios 中，可以直接运行和比较。",
    "alternatives": "目标值相近而学校去留不同的方案，供听证比较；方案A就是本方案，其余写在结果文件夹的 scenarios 中。",
    "robust_cases": "学校去留按本方案不变，学生人数或路上时间与预计不同时，比当时最好的方案多花多少。",
    "passed_by": "下列学生没有去路程最近的在办学校；逐村说明原因，人数多的在前。",
}  # fmt: skip
_EQUIVALENT = (
    "本节的折合时间用于优化和比较：时限内走读的按实际单程分钟；寄宿的按最长允许的走读时间加每周往返的分摊；超时限的再加重。"
    "因此大于“上学路程”中的实际时间。"
)
_CHANGED = (
    "name",
    "township",
    "decision",
    "pupils_before",
    "pupils_after",
    "minutes_before",
    "minutes_after",
    "reason",
)
_BUILT = ("name", "township", "pupils_before", "pupils_after", "rooms_added", "beds_added", "one_off_yuan", "reason")
_STAYING = ("name", "township", "pupils_before", "pupils_after", "reason")
_CHANGES = ("close", "convert", "lift", "open")
_SURETIES = ("open", "likely", "certain")


@dataclass(frozen=True, eq=False)
class LayoutPart:
    """What a report says of an optimised layout.

    Attributes
    ----------
    frames : mapping of str to DataFrame
        By name of their table in the registry.
    said : tuple of str
        What is proven of the plan, then what stopped before it was proven; one sentence each.
    asked : Layout, optional
        Goal, rules and prices.
    """

    frames: Mapping[str, pd.DataFrame]
    said: tuple[str, ...] = ()
    asked: Layout | None = None


def layout_section(part: LayoutPart | None) -> Section:
    """Write the section on an optimised layout; tables that are absent or empty are left out."""
    if part is None:
        return Section("布局优化")
    decisions = part.frames.get("layout_decisions")
    head: list[Block] = [Paragraph(f"{sentence}。") for sentence in part.said[:1]]
    if len(part.said) > 1:
        head.append(Points(tuple(f"{sentence}。" for sentence in part.said[1:])))
    if decisions is not None and len(decisions):
        head.insert(0, Paragraph(_decided(decisions)))
        head.append(Paragraph(_EQUIVALENT))
    subs = [*_decision_subs(decisions), *(_sub(name, part.frames) for name in _SHOWN)]
    if part.asked is not None:
        asked = Points(tuple(assumption_lines(part.asked)))
        prices = Paragraph("价格如下；标 [M] 的是规划取值，未经核实，应按本地决算修改；标 [V2] 的核对过转引：")
        subs.append(Sub("目标、规定和价格", (asked, prices, Points(tuple(price_lines(part.asked.prices))))))
    return Section("布局优化", tuple(head), tuple(sub for sub in subs if sub.blocks))


def _decided(decisions: pd.DataFrame) -> str:
    """Sum the decisions up in a sentence."""
    counts = decisions["decision"].value_counts()
    words = {"close": "撤并", "convert": "改为教学点", "lift": "办成完全小学", "open": "启用或新建", "keep": "保留"}
    parts = [f"{word}{int(counts[code]):,}所" for code, word in words.items() if code in counts]
    more = [
        f"新增{word}{int(decisions[name].sum()):,}{unit}"
        for name, word, unit in (("rooms_added", "教室", "间"), ("beds_added", "床位", "张"))
        if decisions[name].sum() > 0
    ]
    money = float(decisions["one_off_yuan"].sum())
    cost = [f"一次性投入{money / _WAN:,.1f}万元"] if money > 0 else []
    return f"优化后建议：{'，'.join([*parts, *more, *cost])}。结果只供论证，不是决定。"


def _decision_subs(decisions: pd.DataFrame | None) -> list[Sub]:
    """List the schools that change, those that are built on, and those that stay, each with its reason."""
    if decisions is None or decisions.empty:
        return []
    rank = decisions["decision"].map({code: k for k, code in enumerate(_CHANGES)})
    ordered = decisions.assign(rank=rank).sort_values(["rank", "school_id"], kind="stable")
    built = (ordered["rooms_added"] > 0) | (ordered["beds_added"] > 0)
    stays = ordered["decision"] == "keep"
    subs = []
    for title, rows, shown in (
        ("建议变动的学校", ordered[ordered["rank"].notna()], _CHANGED),
        ("建议扩建的学校", ordered[built], _BUILT),
        ("建议保留的其他学校", ordered[stays & ~built], _STAYING),
    ):
        if len(rows):
            subs.append(Sub(title, (_grid("layout_decisions", rows, shown, title),)))
    return subs


def _sub(name: str, frames: Mapping[str, pd.DataFrame]) -> Sub:
    frame, title = frames.get(name), columns.table(name).zh
    if frame is None or frame.empty:
        return Sub(title, ())
    blocks: list[Block] = [Paragraph(_MEANS[name])] if name in _MEANS else []
    if name == "losers":
        blocks.append(Paragraph(_lost(frame)))
    if name == "robust_schools":
        blocks.append(Paragraph(_sure(frame)))
        rank = frame["surety"].map({code: k for k, code in enumerate(_SURETIES)})
        frame = frame.assign(rank=rank).sort_values(["rank", "school_id"], kind="stable")
    if name == "passed_by":
        blocks.append(Paragraph(_passed(frame)))
        frame = frame.sort_values(["pupils", "village_id", "band"], ascending=[False, True, True], kind="stable")
    if name == "front" and len(drawable(frame)) > 1:
        blocks.append(_front_figure(frame, title))
    blocks.append(_grid(name, frame, _SHOWN[name], title))
    if name == "alternatives":
        blocks.extend(_side_by_side(frames.get("alternative_schools")))
    return Sub(title, tuple(blocks))


def _sure(frame: pd.DataFrame) -> str:
    """Say how many decisions are certain, likely and open, and what that means."""
    counts = frame["surety"].value_counts()
    parts = [
        f"{code_word('surety', code)}{int(counts[code]):,}所"
        for code in ("certain", "likely", "open")
        if code in counts
    ]
    return (
        f"去留的把握：{'、'.join(parts)}。确定：已证明同样好的方案都这样决定，各种情况下也一样；待议：有同样好的方案作相反决定；"
        "较有把握：介于两者之间。"
    )


def _lost(frame: pd.DataFrame) -> str:
    """Say how many villages and pupils lose, and how much."""
    pupils = float(frame["pupils"].sum())
    mean = float(frame["pupil_minutes"].sum()) / pupils if pupils else 0.0
    return f"共{frame['village_id'].nunique():,}个村{persons(pupils)}名学生，平均变长{mean:.1f}分钟。"


def _passed(frame: pd.DataFrame) -> str:
    """Say how many pupils are sent past a nearer school, by reason."""
    by_reason = frame.groupby("reason")["pupils"].sum().sort_values(ascending=False, kind="stable")
    parts = [f"{code_word('reason', code)}{persons(float(pupils))}名" for code, pupils in by_reason.items()]
    return f"共{persons(float(frame['pupils'].sum()))}名学生，按原因：{'，'.join(parts)}。"


def _side_by_side(schools: pd.DataFrame | None) -> list[Grid]:
    """Set the plans beside each other, one column a plan, one row a school on which they differ."""
    if schools is None or schools.empty:
        return []
    plans = sorted(schools["plan"].unique())
    wide = schools.pivot_table(["decision"], ["school_id", "name"], "plan", aggfunc="first")["decision"].reset_index()
    wide = wide.assign(**{plan: [code_word("decision", code) for code in wide[plan]] for plan in plans})
    table = columns.ALTERNATIVE_SCHOOLS
    extra = {plan: columns.Column(plan, "text", plan, plan) for plan in plans}
    return [grid(table, wide, ["name", *plans], table.zh, most=MOST_ROWS, sheet=table.zh, extra=extra)]


def _grid(name: str, frame: pd.DataFrame, shown: Sequence[str], caption: str) -> Grid:
    """Make a table of the document, money in units of 10,000 yuan; columns without any value are left out."""
    table = columns.table(name)
    shown = [column for column in shown if _says(table[column], frame[column])]
    money = [column for column in shown if table[column].unit.startswith("元")]
    extra = {column: replace(table[column], unit=f"万{table[column].unit}") for column in money}
    frame = frame.assign(**{column: frame[column].astype("float64") / _WAN for column in money})
    return grid(table, frame, shown, caption, most=MOST_ROWS, sheet=table.zh, extra=extra)


def _says(column: Column, values: pd.Series) -> bool:
    """Tell whether a column has anything to say: counts and money that are all 0 have not."""
    if column.kind == "text":
        return bool((values.fillna("").astype(str) != "").any())
    if column.kind == "int" or column.unit.startswith("元"):
        return bool(np.any(values.astype("float64").fillna(0.0) != 0))
    return True


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


def _front_figure(front: pd.DataFrame, title: str) -> Figure:
    data = base64.b64encode(figure_png(front_chart(front))).decode("ascii")
    return Figure(title, f"data:image/png;base64,{data}", f"{title}：越靠左路越近，越靠下越省。数字见下表。")

"""What an optimised layout was asked for, in words: goal, rules and prices, none of them hidden."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from layout_planner.config.layout import Term, TimeRule
from layout_planner.grades import GradeBand, Stage, Tier

if TYPE_CHECKING:
    from layout_planner.config.layout import Goal, Layout, May, Must, Prices

__all__ = ["TERM_WORDS", "assumption_lines", "price_lines"]

TERM_WORDS = {
    Term.PUPIL_MINUTES: ("学生路程", "人·分钟（折合时间）"),
    Term.WORST_MINUTES: ("路最远学生的折合时间", "分钟"),
    Term.YEARLY_YUAN: ("每年支出", "元"),
    Term.ONE_OFF_YUAN: ("一次性投入", "元"),
    Term.CHANGES: ("变动学校", "所"),
}
"""Name and unit of each term of the goal."""

_TIME_RULES = {
    TimeRule.STRICT: "凡有学校在时限内的，不得分到时限外",
    TimeRule.KEEP: "超时限的学生每处不比现状多、也不比现状更远",
    TimeRule.NONE: "时限只统计",
}
_STAGES = {Stage.PRIMARY: "小学", Stage.JUNIOR: "初中"}


def _goal_sentence(goal: Goal) -> str:
    """Say what was made small, with every weight."""
    if goal.method == "lexicographic":
        order = "、".join(TERM_WORDS[term][0] for term in goal.order)
        return f"目标：依次使{order}最小；为了后一项，前一项最多让出{goal.yield_share:.1%}。"
    parts = [
        f"{TERM_WORDS[term][0]}每{TERM_WORDS[term][1]}计{weight:g}元/年"
        for term, weight in goal.weights.items()
        if weight
    ]
    return f"目标：使折合费用最小，其中{'，'.join(parts)}。"


def _may_sentences(may: May) -> list[str]:
    """Say what could be decided."""
    kinds = ((may.close, "可以撤并"), (may.convert, "可以改为教学点"), (may.board, "可以新办寄宿"))
    parts = [f"{words}的学校类别：{_tiers(tiers)}" for tiers, words in kinds if tiers]
    parts.append("停办的可以恢复、拟建的可以建设" if may.open else "停办、拟建的学校不启用")
    if may.lift:
        parts.append("教学点可以办成完全小学")
    parts.append(f"每校最多新增教室{may.rooms_per_school}间、床位{may.beds_per_school}张")
    return [f"可以决定的事：{'；'.join(parts)}。"]


def _must_sentences(must: Must) -> list[str]:
    """Say what had to be respected."""
    times = "；".join(f"{band.label_zh}{_TIME_RULES[must.time_limit[band]]}" for band in GradeBand)
    return [f"时限：{times}；一至三年级不寄宿。", f"必须守住：{'；'.join(_rules(must))}。"]


def _rules(must: Must) -> Iterator[str]:
    switches = (
        (must.whole_classes, "按班额和教室整班计算学位"),
        (must.whole_villages, "一个村一个年级段整体入学"),
        (must.closest_first, "近处有空位时不舍近求远"),
        (must.central_primary_per_township, "乡镇至少留一所中心小学（或完全小学）"),
        (must.junior_per_township, "现有初中的乡镇至少留一所初中"),
        (must.junior_in_town, f"初中只办在离中心小学或城镇小学{must.town_radius_m:,.0f}米以内"),
        (must.upper_primary_in_town, f"四至六年级只办在离中心小学或城镇小学{must.town_radius_m:,.0f}米以内"),
        (must.overfull_receive_none, "已有大班额或超过规模上限的学校不再接收别校学生"),
    )
    yield from (words for on, words in switches if on)
    counts = (
        (must.keep, "受保护、必须保留的学校"), (must.oppose, "多数家长或听证代表反对撤并的学校"),
        (must.close, "已决定撤并的学校"), (must.unsafe_ways, "不安全的路"),
    )  # fmt: skip
    yield from (f"{words}{len(items)}项" for items, words in counts if items)
    if must.largest:
        yield f"学校规模不超过{_by_tier(must.largest, '人')}"
    if must.smallest:
        yield f"学校规模不少于{_by_tier(must.smallest, '人')}"
    limits = (
        (must.max_changes, "变动学校不超过{:,.0f}所"), (must.max_closures, "撤并不超过{:,.0f}所"),
        (must.one_off_budget_yuan, "一次性投入不超过{:,.0f}元"),
        (must.yearly_budget_yuan, "随布局变化的每年支出不超过{:,.0f}元"),
    )  # fmt: skip
    yield from (words.format(value) for value, words in limits if value is not None)


def price_lines(prices: Prices) -> list[str]:
    """List every price with its value, unit and source, as the scenario describes it."""
    lines = []
    for name, field in type(prices).model_fields.items():
        value = getattr(prices, name)
        said = str(field.description).strip().removesuffix("。").replace("。Source: ", "，依据：")
        lines.append(f"{said}：{_spelled(value)}。")
    return lines


def assumption_lines(layout: Layout) -> list[str]:
    """Say goal, freedom and rules of a block ``layout``."""
    return [_goal_sentence(layout.goal), *_may_sentences(layout.may), *_must_sentences(layout.must)]


def _spelled(value: object) -> str:
    if isinstance(value, Mapping):
        return "、".join(f"{_name(key)}{number:,.12g}" for key, number in value.items())
    return f"{value:,.12g}" if isinstance(value, (int, float)) else str(value)


def _name(key: StrEnum) -> str:
    return key.label_zh if isinstance(key, Tier) else _STAGES.get(key, str(key)) if isinstance(key, Stage) else str(key)


def _tiers(tiers: tuple[Tier, ...]) -> str:
    return "、".join(tier.label_zh for tier in tiers)


def _by_tier(numbers: Mapping[Tier, int], unit: str) -> str:
    """Group the types of school that share a number."""
    groups: dict[int, list[str]] = {}
    for tier, number in numbers.items():
        groups.setdefault(number, []).append(tier.label_zh)
    return "、".join(f"{number:,}{unit}（{'、'.join(names)}）" for number, names in groups.items())

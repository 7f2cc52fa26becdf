"""What is proposed for each school, and why, in words that a hearing can follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.columns import LAYOUT_DECISIONS
from layout_planner.errors import Text, counted
from layout_planner.grades import GradeBand, Tier
from layout_planner.layout.choices import Choice
from layout_planner.measures.moves import moved_pupils

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.layout.model import LayoutSolution
    from layout_planner.plan import Plan

__all__ = ["decision_table"]

_SHOWN = 4
_SEPARATOR = "、"
_CRUMB = 1e-6


def decision_table(solution: LayoutSolution, before: Plan, after: Plan) -> pd.DataFrame:
    """Say for every school what is proposed, whom it concerns and why.

    Returns
    -------
    DataFrame
        Table ``layout_decisions``, one row a school, sorted by id.
    """
    model = solution.model
    choices, taken = model.choices, solution.choice
    moved = moved_pupils(before, after)
    left = moved[moved["school_id_before"] != ""]
    receives = left[left["school_id_after"] != ""].groupby(["school_id_before", "school_id_after"])["pupils"].sum()
    loads = [
        plan.assignment.groupby("school_id")["pupils"].sum().reindex(model.school_id).fillna(0.0).to_numpy()
        for plan in (before, after)
    ]
    minutes = [_minutes(left, side).reindex(model.school_id).to_numpy() for side in ("before", "after")]
    names = dict(zip(model.school_id, choices.name, strict=True))
    receiving = [_receiving(code, receives, names) for code in model.school_id]
    prices = model.layout.prices
    once = choices.one_off_yuan[taken] + prices.room_yuan * solution.rooms_added + prices.bed_yuan * solution.beds_added
    stuck = _without_other_way(solution)
    why = [_reason(solution, j, loads[0][j], receiving[j], stuck[j]) for j in range(len(taken))]
    schools = after.schools.set_index(after.schools["school_id"].astype(str)).loc[model.school_id]
    table = pd.DataFrame({
        "school_id": model.school_id, "name": choices.name, "tier": [str(t) for t in choices.tier[choices.today]],
        "township": schools["township"].astype(str).to_numpy(),
        "decision": [str(c) for c in choices.choice[taken]],
        "pupils_before": loads[0], "pupils_after": loads[1],
        "rooms_added": solution.rooms_added, "beds_added": solution.beds_added, "boards": solution.boards,
        "receiving": receiving, "minutes_before": minutes[0], "minutes_after": minutes[1], "one_off_yuan": once,
        "reason": [text.zh for text in why], "reason_en": [text.en for text in why],
    })  # fmt: skip
    return table[list(LAYOUT_DECISIONS.names)]


def _minutes(moved: pd.DataFrame, side: str) -> pd.Series:
    known = moved[moved["minutes_before"].notna() & moved["minutes_after"].notna()]
    weighted = (known[f"minutes_{side}"] * known["pupils"]).groupby(known["school_id_before"]).sum()
    means: pd.Series = weighted / known.groupby("school_id_before")["pupils"].sum()
    return means


def _receiving(code: str, receives: pd.Series, names: dict[str, str]) -> str:
    if code not in receives.index.get_level_values(0):
        return ""
    mine = receives.loc[code]
    mine = mine[mine.index != code].sort_values(ascending=False, kind="stable")
    shown = _SEPARATOR.join(names.get(str(other), str(other)) for other in mine.index[:_SHOWN])
    return shown + ("等" if len(mine) > _SHOWN else "")


def _without_other_way(solution: LayoutSolution) -> NDArray[np.float64]:
    """Count the pupils of each school for whom the limits leave no other open school that teaches them."""
    model, arcs, units = solution.model, solution.model.arcs, solution.model.units
    taught = model.choices.teaches[solution.choice][arcs.school, units.band[arcs.unit]]
    taught &= ~arcs.boards | solution.boards[arcs.school]
    pairs = np.unique(np.column_stack([arcs.unit, arcs.school])[taught], axis=0)
    ways = np.bincount(pairs[:, 0], minlength=len(units.pupils))
    alone = np.flatnonzero((solution.flow > 0) & (ways[arcs.unit] == 1))
    weights = solution.flow[alone] * units.pupils[arcs.unit[alone]]
    return np.bincount(arcs.school[alone], weights=weights, minlength=len(model.school_id)).astype(np.float64)


def _reason(solution: LayoutSolution, j: int, pupils: float, receiving: str, stuck: float) -> Text:
    model = solution.model
    choice, tier = Choice(model.choices.choice[solution.choice[j]]), Tier(model.choices.tier[model.choices.today[j]])
    rooms, beds = int(solution.rooms_added[j]), int(solution.beds_added[j])
    more = Text("", "")
    if rooms:
        more = Text(more.zh + f"；学位不足，增建教室 {rooms} 间", more.en + f"; {rooms} classrooms are added")
    if beds:
        more = Text(
            more.zh + f"；路远学生寄宿，增设床位 {beds} 张", more.en + f"; {counted(beds, 'bed is', 'beds are')} added"
        )
    if choice is Choice.KEEP and model.choices.beds[j] and not solution.boards[j]:
        more = Text(more.zh + "；没有学生需要寄宿，可停办寄宿", more.en + "; nobody needs its beds")
    lead = _lead(solution, j, choice, tier, pupils, receiving, stuck)
    return Text(lead.zh + more.zh + "。", lead.en + more.en + ".")


def _lead(
    solution: LayoutSolution, j: int, choice: Choice, tier: Tier, pupils: float, receiving: str, stuck: float
) -> Text:
    model = solution.model
    must, code = model.layout.must, str(model.school_id[j])
    if choice is Choice.CLOSE and code in must.close:
        return Text("已决定撤并", "its closure is decided")
    if choice is Choice.CLOSE:
        return Text(
            f"{pupils:.0f} 名学生可到{receiving or '别的学校'}就读；按情景的权重，省下的支出大于多走的路",
            f"its {counted(pupils, 'pupil')} can go to {receiving or 'other schools'}; what is saved outweighs "
            "the longer "
            "ways at the scenario's weights",
        )
    if choice is Choice.CONVERT:
        return Text(
            f"低年级就近、高年级集中：一至三年级留在本校，四至六年级到{receiving or '别的学校'}",
            f"grades 1-3 stay near home, grades 4-6 go to {receiving or 'other schools'}",
        )
    if choice is Choice.LIFT:
        return Text("四至六年级学生就近，办成完全小学", "grades 4-6 are taught near home")
    if choice is Choice.OPEN:
        return Text("恢复或新建后学生少走路，或附近学位不足", "pupils walk less, or seats are short nearby")
    if choice is Choice.CLOSED:
        return Text("现有学校已够，不必启用", "the schools in operation are enough")
    return _kept(solution, j, code, tier, stuck)


def _kept(solution: LayoutSolution, j: int, code: str, tier: Tier, stuck: float) -> Text:
    model = solution.model
    must = model.layout.must
    if code in must.oppose:
        return Text("多数家长或听证代表反对撤并，不得强行撤并", "most parents or hearing delegates oppose its closure")
    if code in must.keep:
        return Text("受保护，必须保留", "it is protected")
    if stuck > _CRUMB:
        young = (
            Text("，其中低年级不得寄宿", ", and grades 1-3 do not board")
            if _teaches_young(solution, j)
            else Text("", "")
        )
        return Text(
            f"应留必留：{stuck:.0f} 名学生在时限内没有别的学校可去{young.zh}",
            f"{counted(stuck, 'pupil has', 'pupils have')} no other school within the limits{young.en}",
        )
    if model.choices.row(j, Choice.CLOSE) < 0:
        return Text(f"{tier.label_zh}不在可撤并之列", "schools of its type are not up for closure")
    return Text(
        "撤并后多走的路大于省下的支出（按情景的权重），或别处学位不够",
        "longer ways would outweigh what its closure saves, or seats elsewhere are short",
    )


def _teaches_young(solution: LayoutSolution, j: int) -> bool:
    return bool(solution.model.choices.teaches[solution.choice[j], tuple(GradeBand).index(GradeBand.G1_3)])

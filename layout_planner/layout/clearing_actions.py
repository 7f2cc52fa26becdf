"""The measures that clear large classes, one by one, and what becomes of each large class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from layout_planner.assign.classes import CLASS_BANDS, classes_of_size, whole_size
from layout_planner.columns import CLEARING_ACTIONS, LARGE_CLASSES
from layout_planner.config.layout import Layout, Term
from layout_planner.errors import Text, counted, language
from layout_planner.grades import GradeBand, Stage, grade_label

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

    from layout_planner.layout.clearing_choices import Choices
    from layout_planner.layout.clearing_model import Cleared
    from layout_planner.plan import Plan

__all__ = ["action_table", "large_table"]

_BANDS = {band.value: band for band in GradeBand}
_SIZE_BANDS = {"oversize": CLASS_BANDS["classes_46_55"], "large": CLASS_BANDS["classes_56_65"],
               "super": CLASS_BANDS["classes_66_up"]}  # fmt: skip
_CRUMB = 1e-6


def action_table(plan: Plan, choices: Choices, cleared: Cleared, after: pd.DataFrame) -> pd.DataFrame:
    """List the measures (table ``clearing_actions``), school by school: rooms, classes, zones, entrants, grades."""
    rows = [
        *_room_rows(plan, cleared), *_class_rows(choices, after), *_zone_rows(cleared), *_entrant_rows(cleared),
        *_upper_rows(plan, cleared),
    ]  # fmt: skip
    order = {"rooms": 0, "regroup": 1, "rezone": 2, "entrants": 3, "grades": 4}
    rows.sort(key=lambda row: (str(row["school_id"]), order[str(row["action"])]))
    frame = pd.DataFrame(rows, columns=list(CLEARING_ACTIONS.names))
    names = plan.schools.set_index(plan.schools["school_id"].astype(str))["name"]
    frame["number"] = np.arange(1, len(frame) + 1)
    frame["name"] = frame["school_id"].map(names)
    frame["to_school"] = [names.get(code, "") for code in frame["to_school"]]
    named, text = _village_names(plan), ["village", "grades", "what"]
    frame[text] = frame[text].astype(object).where(frame[text].notna(), "")
    frame["village"] = [named.get(code, code) for code in frame["village"]]
    numbers = ["pupils", "minutes_before", "minutes_after", "rooms", "one_off_yuan", "cost_yuan"]
    return frame.astype(dict.fromkeys(numbers, "float64"))


def _village_names(plan: Plan) -> dict[str, str]:
    demand, villages = plan.county.demand, plan.county.villages
    assert demand is not None
    named = dict(zip(demand["demand_id"].astype(str), demand["name"].astype(str), strict=True))
    estates = demand[demand["kind"] == "community"]
    named |= dict(zip(estates["village_id"].astype(str), estates["name"].astype(str), strict=True))
    return named | dict(zip(villages["village_id"].astype(str), villages["name"].astype(str), strict=True))


def _room_rows(plan: Plan, cleared: Cleared) -> Iterable[dict[str, object]]:
    layout = plan.scenario.layout or Layout()
    price, once = layout.prices.room_yuan, layout.goal.weights.get(Term.ONE_OFF_YUAN, 0.0)
    for code, count in cleared.rooms[cleared.rooms > 0].items():
        yield {
            "action": "rooms", "school_id": code, "rooms": count, "one_off_yuan": count * price,
            "cost_yuan": count * price * once,
            "what": str(Text(f"新增教室{count}间", f"add {count} classroom{'s' if count > 1 else ''}")),
        }  # fmt: skip


def _class_rows(choices: Choices, after: pd.DataFrame) -> Iterable[dict[str, object]]:
    """Say where a school with large classes forms more or fewer classes than before."""
    keys = ["school_id", "grade"]
    sides = choices.classes.set_index(keys)["classes"], after.set_index(keys)["classes"]
    both = pd.concat(sides, axis=1, keys=["before", "after"]).fillna(0).astype("int64").sort_index()
    changed = both[both["before"] != both["after"]]
    for code in choices.schools.index[choices.schools["is_source"]]:
        if code in changed.index.get_level_values(0):
            told = [
                str(Text(f"{grade_label(g)}{row['before']}班改为{row['after']}班",
                         f"grade {g}: {row['before']} to {counted(row['after'], 'class', 'classes')}"))
                for g, row in changed.loc[code].iterrows()
            ]  # fmt: skip
            yield {"action": "regroup", "school_id": code, "what": _joined(told)}


def _joined(parts: Iterable[str]) -> str:
    return ("，" if language() == "zh" else "; ").join(parts)


def _spelled(grades: Iterable[int]) -> str:
    listed = list(grades)
    if language() != "zh":
        return f"G{listed[0]}" if len(listed) == 1 else f"G{listed[0]}-{listed[-1]}"
    first, last = (grade_label(listed[k]).removesuffix("年级") for k in (0, -1))
    return f"{first}年级" if len(listed) == 1 else f"{first}至{last}年级"


def _zone_rows(cleared: Cleared) -> Iterable[dict[str, object]]:
    for row in cleared.whole.to_dict("records"):
        yield {
            "action": "rezone", "school_id": row["school_id"], "village": _village(cleared, row["part"]),
            "grades": _spelled(_BANDS[row["band"]].grades), "to_school": row["to"], "pupils": row["pupils"],
            "minutes_before": row["minutes"], "minutes_after": row["minutes_to"],
            "cost_yuan": row["yuan"] * row["pupils"],
        }  # fmt: skip


def _village(cleared: Cleared, part: int) -> str:
    return str(cleared.villages[part])


def _entrant_rows(cleared: Cleared) -> Iterable[dict[str, object]]:
    entry = {stage.grades[0] for stage in Stage}
    for row in cleared.some.to_dict("records"):
        yield {
            "action": "entrants" if row["grade"] in entry else "rezone", "school_id": row["school_id"],
            "village": _village(cleared, row["part"]), "grades": _spelled([int(row["grade"])]), "to_school": row["to"],
            "pupils": row["persons"], "minutes_before": row["minutes"], "minutes_after": row["minutes_to"],
            "cost_yuan": row["yuan"] * row["persons"], "what": str(Text("其中一部分", "a part of them")),
        }  # fmt: skip


def _upper_rows(plan: Plan, cleared: Cleared) -> Iterable[dict[str, object]]:
    limits, layout = plan.scenario.classes.clearing, plan.scenario.layout or Layout()
    once = layout.goal.weights.get(Term.ONE_OFF_YUAN, 0.0)
    for row in cleared.upper.to_dict("records"):
        yield {
            "action": "grades", "school_id": row["school_id"],
            "grades": _spelled(range(int(row["first"]), Stage.PRIMARY.grades[-1] + 1)), "to_school": row["to"],
            "pupils": row["pupils"], "minutes_before": row["minutes"], "minutes_after": row["minutes_to"],
            "one_off_yuan": limits.grades_yuan, "cost_yuan": row["yuan"] + limits.grades_yuan * once,
        }  # fmt: skip


def large_table(plan: Plan, choices: Choices, cleared: Cleared, after: pd.DataFrame) -> pd.DataFrame:
    """List the classes of 46 and more (table ``large_classes``), and what becomes of each."""
    classes = choices.classes
    first = classes[~classes.duplicated(["school_id", "combined"]) | (classes["combined"] == "")]
    sizes = whole_size(first["class_size"])
    first = first[sizes >= _SIZE_BANDS["oversize"][0]]
    later = {(str(row["school_id"]), int(row["grade"])): row for row in after.to_dict("records")}
    township = plan.schools.set_index(plan.schools["school_id"].astype(str))["township"]
    over = {(code, g): float(n) for code, grades, n in zip(
        choices.units["school_id"], choices.units["grades"], cleared.over, strict=True) for g in grades}  # fmt: skip
    rows = []
    for row, size in zip(first.to_dict("records"), whole_size(first["class_size"]), strict=True):
        code, grade = str(row["school_id"]), int(row["grade"])
        there = later.get((code, grade), {"pupils": 0.0, "classes": 0, "class_size": 0.0})
        band = next(name for name, ends in _SIZE_BANDS.items() if ends[0] <= size <= ends[1])
        state = _state(int(size), over.get((code, grade), 0.0), plan)
        mine = classes[(classes["school_id"] == row["school_id"]) & (classes["grade"] == grade)]
        rows.append({
            "school_id": code, "name": row["name"], "township": township[code],
            "grade": row["combined"] or str(grade), "pupils": row["pupils"], "classes": row["classes"],
            "class_size_max": size, "size_band": band,
            "classes_over": int(classes_of_size(mine, *_SIZE_BANDS[band]).iloc[0]),
            "rooms_to_split": max(0, row["classes_needed"] - row["classes"]),
            "pupils_after": there["pupils"], "classes_after": there["classes"],
            "class_size_after": int(whole_size(pd.Series([there["class_size"]])).iloc[0]),
            "cleared": state, "why": _why(state, code, row["pupils"], row["classes"], there, plan, choices, cleared),
        })  # fmt: skip
    return pd.DataFrame(rows, columns=list(LARGE_CLASSES.names))


def _state(size: int, over: float, plan: Plan) -> str:
    if size < plan.scenario.classes.clearing.clear_from:
        return "below"
    return "left" if over > _CRUMB else "cleared"


def _why(
    state: str, code: str, pupils: float, count: int, there: Mapping[Hashable, Any], plan: Plan, choices: Choices,
    cleared: Cleared,
) -> str:  # fmt: skip
    if state == "left":
        return _joined(str(reason) for reason in _reasons(code, plan, choices, cleared))
    told = []
    gone = pupils - float(there["pupils"])
    if gone > _CRUMB:
        told.append(Text(f"改去别校{gone:,.1f}人".replace(".0人", "人"), f"{gone:,.1f} pupils go elsewhere"))
    more = int(there["classes"]) - count
    if more > 0:
        told.append(Text(f"增{more}个班", f"{more} more class{'es' if more > 1 else ''}"))
    if more < 0:
        told.append(Text(f"减{-more}个班", f"{-more} fewer class{'es' if more < -1 else ''}"))
    return _joined(str(part) for part in told)


def _reasons(code: str, plan: Plan, choices: Choices, cleared: Cleared) -> Iterable[Text]:
    """Say why a large class cannot be cleared: rooms, money, and schools within reach."""
    limits, prices = plan.scenario.classes.clearing, (plan.scenario.layout or Layout()).prices
    if not limits.rooms_per_school:
        yield Text("情景不许新增教室", "the scenario adds no rooms")
    elif cleared.rooms[code] >= limits.rooms_per_school:
        yield Text(f"新增教室已到每校{limits.rooms_per_school}间的上限",
                   f"the limit of {limits.rooms_per_school} more rooms is reached")  # fmt: skip
    elif limits.one_off_budget_yuan is not None:
        yield Text(f"余下的经费不够再增一间教室（{prices.room_yuan:,.0f}元）",
                   f"too little money is left for another room ({prices.room_yuan:,.0f} yuan)")  # fmt: skip
    others = choices.offers[choices.offers["school_id"] == code]["to"].unique()
    if not (limits.rezone or limits.split_entrants or limits.split_villages):
        yield Text("情景不许调整学区", "the scenario moves nobody")
    elif not len(others):
        yield Text("时限内没有别的学校开设这个年级，或多走的路超过情景的上限",
                   "no other school teaches the grade within the limits")  # fmt: skip
    else:
        yield Text(
            f"时限内{len(others)}所学校的空余学位已用完，或整村装不下",
            f"the free seats of the {counted(len(others), 'school')} in reach are taken, or too few for a whole "
            "village",
        )

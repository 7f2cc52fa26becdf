"""Classes of a plan, what they need, which are too large, and the cheapest way to clear these, as tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.assign.classes import classes_of_size, form_classes, whole_size
from layout_planner.columns import CLASS_PLAN, CLEARING_WAYS, STAFFING
from layout_planner.config.layout import Layout
from layout_planner.errors import Text
from layout_planner.grades import GRADES, GradeBand, Stage
from layout_planner.layout.clearing_actions import action_table, large_table
from layout_planner.layout.clearing_choices import Choices, clearing_choices
from layout_planner.layout.clearing_model import Cleared, clear
from layout_planner.supply.staffing import staff_needed, staff_stated

if TYPE_CHECKING:
    from layout_planner.config.clearing import Clearing
    from layout_planner.plan import Plan
    from layout_planner.travel.matrix import TravelMatrix

__all__ = ["ClassAnswers", "answer_classes", "class_plan", "classes_after", "staffing"]

_BANDS = {band.value: band for band in GradeBand}
_WAYS: Mapping[str, Mapping[str, object]] = {
    "rooms": {"rezone": False, "split_entrants": False, "split_villages": False, "move_grades": False},
    "rezone": {"rooms_per_school": 0, "move_grades": False},
    "grades": {"rooms_per_school": 0, "rezone": False, "split_entrants": False, "split_villages": False},
    "all": {},
}


@dataclass(frozen=True, eq=False)
class ClassAnswers:
    """What is said of the classes of a plan.

    Attributes
    ----------
    classes, after : DataFrame
        Table ``class_results``, before and after clearing.
    frames : dict of str to DataFrame
        Tables ``class_plan``, ``staffing``, ``large_classes``, ``clearing_actions`` and ``clearing_ways``, by name.
    choices : Choices
        What could be done.
    cleared : Cleared
        What is proposed.
    """

    classes: pd.DataFrame
    after: pd.DataFrame
    frames: dict[str, pd.DataFrame]
    choices: Choices
    cleared: Cleared


def answer_classes(
    plan: Plan, times: Mapping[str, TravelMatrix], progress: Callable[[Text], None] = lambda _: None
) -> ClassAnswers:
    """Form the classes of a plan, count what they need and find the cheapest way to clear large ones.

    Parameters
    ----------
    plan : Plan
        Who goes where.
    times : mapping of str to TravelMatrix
        Travel times of the plan's county.
    progress : callable
        Told each step as it begins.
    """
    choices, limits = clearing_choices(plan, times), plan.scenario.classes.clearing
    found: dict[str, Cleared] = {}
    for way, changes in _WAYS.items():
        tried = limits.model_copy(update=dict(changes))
        if way != "all" and (not _may(tried) or choices.parts.empty):
            continue
        progress(_SAID[way])
        found[way] = clear(choices, plan.scenario, tried)
    cleared = found["all"]
    after = classes_after(plan, choices, cleared)
    frames = {
        "class_plan": class_plan(plan, choices.classes),
        "staffing": staffing(plan, choices.classes),
        "large_classes": large_table(plan, choices, cleared, after),
        "clearing_actions": action_table(plan, choices, cleared, after),
        "clearing_ways": _ways(plan, choices, found),
    }
    return ClassAnswers(choices.classes, after, frames, choices, cleared)


_SAID = {
    "rooms": Text("只增教室能化解多少", "what rooms alone can do"),
    "rezone": Text("只调学区能化解多少", "what re-zoning alone can do"),
    "grades": Text("只迁年级能化解多少", "what moving grades alone can do"),
    "all": Text("找最省的化解办法", "looking for the cheapest way"),
}


def _may(limits: Clearing) -> bool:
    moves = limits.rezone or limits.split_entrants or limits.split_villages or limits.move_grades
    return moves or limits.rooms_per_school > 0


def classes_after(plan: Plan, choices: Choices, cleared: Cleared) -> pd.DataFrame:
    """Form the classes anew (table ``class_results``) once pupils have moved and rooms are added."""
    columns = (choices.classes[name] for name in ("school_id", "grade", "pupils"))
    everybody = {(str(code), int(grade)): float(n) for code, grade, n in zip(*columns, strict=True)}

    def move(code: str, there: str, grade: int, count: float) -> None:
        everybody[code, grade] = everybody.get((code, grade), 0.0) - count
        everybody[there, grade] = everybody.get((there, grade), 0.0) + count

    for row in cleared.whole.to_dict("records"):
        for k, grade in enumerate(_BANDS[row["band"]].grades):
            move(row["school_id"], row["to"], grade, row[f"grade_{k + 1}"])
    for row in cleared.some.to_dict("records"):
        move(row["school_id"], row["to"], int(row["grade"]), row["persons"])
    for row in cleared.upper.to_dict("records"):
        for grade in range(int(row["first"]), Stage.PRIMARY.grades[-1] + 1):
            move(row["school_id"], row["to"], grade, everybody.get((row["school_id"], grade), 0.0))
    frame = pd.DataFrame(
        [(code, grade, n) for (code, grade), n in sorted(everybody.items())], columns=["school_id", "grade", "pupils"]
    )
    schools = plan.schools.copy()
    ids = schools["school_id"].astype(str)
    schools["rooms"] += ids.map(cleared.rooms).fillna(0).astype("int64")
    ends = ids.map(cleared.upper.set_index("school_id")["first"] - 1)
    schools["grade_to"] = ends.fillna(schools["grade_to"]).astype("int64")
    return form_classes(schools, frame, plan.scenario.classes)


def class_plan(plan: Plan, classes: pd.DataFrame) -> pd.DataFrame:
    """Lay out pupils and classes by grade, a school a row (table ``class_plan``), open schools only.

    Grades that a school does not teach are missing.
    """
    schools = _opened(plan)
    keyed = classes.assign(school_id=classes["school_id"].astype(str))
    for grade in GRADES:
        mine = keyed[keyed["grade"] == grade].set_index("school_id")
        taught = (schools["grade_from"] <= grade) & (grade <= schools["grade_to"])
        for name in ("pupils", "classes"):
            schools[f"{name}_g{grade}"] = mine[name].reindex(schools.index).astype("float64").fillna(0.0).where(taught)
    together = keyed[keyed["combined"] != ""].drop_duplicates(["school_id", "combined"])
    names = together.groupby("school_id")["combined"].agg("、".join)
    schools["combined"] = names.reindex(schools.index).fillna("")
    sums = keyed.groupby("school_id")[["pupils", "classes"]].sum().reindex(schools.index).fillna(0)
    schools["pupils"], schools["classes"] = sums["pupils"], sums["classes"].astype("int64")
    return schools.reset_index()[list(CLASS_PLAN.names)]


def staffing(plan: Plan, classes: pd.DataFrame) -> pd.DataFrame:
    """Set staff and rooms needed beside those that there are (table ``staffing``), open schools only."""
    schools = _opened(plan)
    keyed = classes.assign(school_id=classes["school_id"].astype(str))
    junior = keyed["grade"].isin(Stage.JUNIOR.grades)
    for name, rows in (("primary", keyed[~junior]), ("junior", keyed[junior])):
        schools[name] = rows.groupby("school_id")["pupils"].sum().reindex(schools.index).fillna(0.0)
    sums = keyed.groupby("school_id")[["classes", "classes_needed"]].sum().reindex(schools.index).fillna(0)
    schools["pupils"] = schools["primary"] + schools["junior"]
    schools[["classes", "classes_needed"]] = sums.astype("int64")
    gap = schools["rooms"] - schools["classes_needed"]
    schools["rooms_missing"], schools["rooms_spare"] = (-gap).clip(lower=0), gap.clip(lower=0)
    prices = (plan.scenario.layout or Layout()).prices
    needed = staff_needed(schools["tier"], schools["primary"], schools["junior"], schools["classes"], prices)
    schools[list(needed.columns)] = needed
    schools["staff"] = staff_stated(plan.county.schools).reindex(schools.index)
    schools["staff_gap"] = schools["staff"] - schools["staff_needed"]
    return schools.reset_index()[list(STAFFING.names)]


def _opened(plan: Plan) -> pd.DataFrame:
    schools = plan.schools[plan.schools["is_open"].astype(bool)]
    frame = pd.DataFrame(schools.drop(columns="geometry")).assign(school_id=schools["school_id"].astype(str))
    return frame.set_index("school_id").sort_index()


def _ways(plan: Plan, choices: Choices, found: Mapping[str, Cleared]) -> pd.DataFrame:
    """Compare what each kind of measure alone, and all together, come to (table ``clearing_ways``)."""
    prices, limits = (plan.scenario.layout or Layout()).prices, plan.scenario.classes.clearing
    rows = []
    for way, cleared in found.items():
        after = classes_after(plan, choices, cleared)
        parts = (
            (cleared.whole, cleared.whole["pupils"]), (cleared.some, cleared.some["persons"]),
            (cleared.upper, cleared.upper["pupils"]),
        )  # fmt: skip
        moved = float(sum(n.sum() for _, n in parts))
        more = float(sum(((frame["minutes_to"] - frame["minutes"]) * n).sum() for frame, n in parts))
        rooms = int(cleared.rooms.sum())
        rows.append({
            "way": way,
            "classes_left": int(classes_of_size(after, limits.clear_from).sum()),
            "pupils_over": float(cleared.over.sum()),
            "rooms": rooms,
            "pupils_moved": moved,
            "minutes_more": more / moved if moved > 0 else np.nan,
            "one_off_yuan": rooms * prices.room_yuan + len(cleared.upper) * limits.grades_yuan,
            "cost_yuan": cleared.cost_yuan,
            "bound_yuan": cleared.bound_yuan if cleared.proven else np.nan,
        })  # fmt: skip
    return pd.DataFrame(rows, columns=list(CLEARING_WAYS.names))


def large_share(classes: pd.DataFrame, first: int) -> float:
    """Divide the classes of ``first`` and more persons by all classes; missing where there are none.

    Source: class.targets (超大班额 ≤ 2 %, 大班额 ≤ 5 %) [V2].
    """
    count = int(classes["classes"].sum())
    return float(classes_of_size(classes, first).sum()) / count if count else float("nan")


def still_large(after: pd.DataFrame, clear_from: int) -> pd.DataFrame:
    """Give the rows of table ``class_results`` whose largest class has ``clear_from`` persons or more."""
    return after[whole_size(after["class_size"]) >= clear_from]

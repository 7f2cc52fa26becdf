"""Apply what people decided (close, open, convert, board, add classrooms) to the table of schools."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.assign.codes import mend_code
from layout_planner.columns import PLAN_SCHOOLS
from layout_planner.errors import Flaw, ScenarioError, Text
from layout_planner.grades import Stage, Tier
from layout_planner.supply.capacity import class_cap, rooms_by_stage

if TYPE_CHECKING:
    import geopandas as gpd

    from layout_planner.config.scenario import Classes, Decisions

__all__ = ["apply_decisions", "plan_columns"]

_INTS = ("grade_from", "grade_to", "rooms", "seats", "seats_primary", "seats_junior", "beds")
_TEACHING_POINT_GRADES = Tier.TEACHING_POINT.default_grades


def plan_columns() -> list[str]:
    """Name the columns of ``Plan.schools`` that are known before anybody is assigned, ``geometry`` last."""
    lead = [c for c in PLAN_SCHOOLS.names if c in {"school_id", "name", "tier", "township_id", "township"}]
    return [*lead, "decision", "is_open", *_INTS, "geometry"]


def apply_decisions(schools: gpd.GeoDataFrame, decisions: Decisions, classes: Classes) -> gpd.GeoDataFrame:
    """Turn today's schools into the plan's schools.

    Parameters
    ----------
    schools : GeoDataFrame
        ``County.schools`` (one row a school, open or not).
    decisions : Decisions
        What people decided.
    classes : Classes
        Pupils a class may hold; gives the seats of new rooms (seats = rooms × class size).

    Returns
    -------
    GeoDataFrame
        Columns of :func:`plan_columns`, same order and index of rows. A teaching point keeps grades 1 to 3, all
        its rooms at the class size of an incomplete primary school, and no beds. A teaching point that is lifted
        to a full primary school teaches grades 1 to 6 at that class size. No beds (``board: 0``) give boarding up,
        which keeps the school as it is otherwise. Beds and rooms of closed and
        inactive schools are kept as facts but ``is_open`` is false.

    Raises
    ------
    ScenarioError
        With a flaw for every decision that cannot be carried out.
    """
    flaws = list(_flaws(schools, decisions))
    if flaws:
        n = len(flaws)
        message = Text(f"情景中的决定有 {n} 处不能执行", f"{n} of the scenario's decisions cannot be carried out")
        raise ScenarioError(message, flaws)
    table = schools.copy()
    if "township" not in table:
        table["township"] = ""
    ids = table["school_id"].astype(str)
    closed, opened = ids.isin(decisions.close), ids.isin(decisions.open)
    converted = ids.isin(decisions.convert_to_teaching_point)
    lifted = ids.isin(decisions.lift_to_full_primary)
    active = table["status"].eq("active")
    table["tier"] = table["tier"].map(str)
    table["is_open"] = ((active & ~closed) | opened).astype(bool)
    table[list(_INTS)] = table[list(_INTS)].fillna(0).astype("int64")
    _convert(table, converted, classes)
    _lift(table, lifted, classes)
    _add_rooms(table, ids.map(decisions.add_classrooms).fillna(0).astype("int64"), classes)
    beds = ids.map(decisions.board)
    table["beds"] = beds.fillna(table["beds"]).astype("int64")
    cases = [closed, converted, lifted, opened, ids.isin(decisions.add_classrooms), beds > 0, ~table["is_open"]]
    table["decision"] = np.select(
        cases, ["close", "convert", "lift", "open", "expand", "board", "inactive"], default="keep"
    )
    frame: gpd.GeoDataFrame = table[plan_columns()]
    return frame


def _convert(table: gpd.GeoDataFrame, rows: pd.Series, classes: Classes) -> None:
    seats = table.loc[rows, "rooms"] * classes.incomplete_primary
    table.loc[rows, "tier"] = Tier.TEACHING_POINT.value
    table.loc[rows, ["grade_from", "grade_to"]] = _TEACHING_POINT_GRADES
    table.loc[rows, "seats"] = seats
    table.loc[rows, "seats_primary"] = seats
    table.loc[rows, ["seats_junior", "beds"]] = 0


def _lift(table: gpd.GeoDataFrame, rows: pd.Series, classes: Classes) -> None:
    seats = table.loc[rows, "rooms"] * classes.primary
    table.loc[rows, "tier"] = Tier.VILLAGE_PRIMARY.value
    table.loc[rows, ["grade_from", "grade_to"]] = Tier.VILLAGE_PRIMARY.default_grades
    table.loc[rows, "seats"] = seats
    table.loc[rows, "seats_primary"] = seats


def _add_rooms(table: gpd.GeoDataFrame, rooms: pd.Series, classes: Classes) -> None:
    """Grow rooms and seats; new rooms are split between the stages by the number of grades taught."""
    for at in table.index[rooms > 0]:
        more, row = int(rooms[at]), table.loc[at]
        split = rooms_by_stage(more, int(row["grade_from"]), int(row["grade_to"]))
        table.loc[at, "rooms"] += more
        for stage, count in split.items():
            seats = count * class_cap(stage, Tier(row["tier"]), int(row["grade_to"]), classes)
            table.loc[at, [f"seats_{stage.value}", "seats"]] += seats


_WORDS: dict[str, tuple[Text, Text]] = {
    "already_open": (Text("已经在办", "is open already"), Text("从 open 中删去", "take it off `open`")),
    "nothing_to_close": (Text("并未在办，无从撤并", "is not open"), Text("从 close 中删去", "take it off `close`")),
    "not_open": (Text("并未在办", "is not open"), Text("先列入 open", "list it under `open` first")),
    "no_boarding": (
        Text("是教学点，一至三年级不寄宿", "is a teaching point, and grades 1-3 do not board"),
        Text("从 board 中删去", "take it off `board`"),
    ),
    "already_point": (
        Text("已经是教学点", "is a teaching point already"),
        Text("从 convert_to_teaching_point 中删去", "take it off `convert_to_teaching_point`"),
    ),
    "not_a_point": (
        Text("不是教学点", "is no teaching point"),
        Text("从 lift_to_full_primary 中删去", "take it off `lift_to_full_primary`"),
    ),
    "not_primary": (
        Text("没有一至三年级，不能改为教学点", "teaches no grades 1-3 and cannot become a teaching point"),
        Text("从 convert_to_teaching_point 中删去", "take it off `convert_to_teaching_point`"),
    ),
}


def _flaws(schools: gpd.GeoDataFrame, decisions: Decisions) -> Iterable[Flaw]:
    known = {row.school_id: row for row in schools.itertuples()}
    active = {code for code, row in known.items() if row.status == "active"}
    points, lifted = set(decisions.convert_to_teaching_point), set(decisions.lift_to_full_primary)
    named: dict[str, Iterable[str]] = {
        "close": decisions.close,
        "open": decisions.open,
        "convert_to_teaching_point": decisions.convert_to_teaching_point,
        "lift_to_full_primary": decisions.lift_to_full_primary,
        "board": decisions.board,
        "add_classrooms": decisions.add_classrooms,
    }
    for key, ids in named.items():
        for school_id in dict.fromkeys(ids):
            row = known.get(school_id)
            if row is None:
                yield _unknown(key, school_id, schools)
                continue
            wrong = {
                "already_open": key == "open" and school_id in active,
                "nothing_to_close": key == "close" and school_id not in active,
                "not_open": key not in {"open", "close"} and school_id not in active | set(decisions.open),
                "no_boarding": key == "board"
                and ((row.tier == Tier.TEACHING_POINT and school_id not in lifted) or school_id in points),
                "already_point": key == "convert_to_teaching_point" and row.tier == Tier.TEACHING_POINT,
                "not_a_point": key == "lift_to_full_primary" and row.tier != Tier.TEACHING_POINT,
                "not_primary": key == "convert_to_teaching_point"
                and (row.tier == Tier.JUNIOR or row.grade_from not in Stage.PRIMARY.grades),
            }
            for code in (code for code, holds in wrong.items() if holds):
                what, mend = _WORDS[code]
                zh, en = f"{row.name}（{school_id}）{what.zh}", f"{row.name} ({school_id}) {what.en}"
                yield Flaw(code, Text(f"decisions.{key}：{zh}", f"decisions.{key}: {en}"), mend, column=key)


def _unknown(key: str, school_id: str, schools: gpd.GeoDataFrame) -> Flaw:
    names = dict(zip(schools["school_id"], schools["name"], strict=True))
    what = Text(
        f"decisions.{key}：学校表中没有代码“{school_id}”", f"decisions.{key}: no school has the code {school_id!r}"
    )
    return Flaw("unknown_school", what, mend_code(school_id, names), column=key)

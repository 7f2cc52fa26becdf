"""Why nothing works, and the least that would have to give way, by hand on the small county."""

from __future__ import annotations

from dataclasses import replace

import pytest

from layout_planner.layout import Limits, layout_model, solve_layout
from layout_planner.layout.conflicts import find_conflict, wider_model
from layout_planner.locate import Status
from tests.layout.brute import every_plan
from tests.layout.small_layout import draw, layout
from tests.small_county import county, scenario, times

STILL = {
    "may": {"close": (), "convert": (), "expand": (), "open": False, "board": ()},
    "must": {"whole_classes": False},
}


def test_a_feasible_county_has_no_conflict():
    found = find_conflict(layout_model(county(), times(), scenario(layout=STILL)))
    assert (found.feasible, found.amount, len(found.table)) == (True, 0, 0)


def test_seats_that_are_lacking_are_counted_and_the_villages_named():
    here = county(seats={"S3": 60})
    model = layout_model(here, times(), scenario(layout=STILL))
    assert solve_layout(model).status is Status.INFEASIBLE
    found = find_conflict(model)
    row = found.table.set_index("rule").loc["seats_junior"]
    assert (row["subject_id"], row["in_conflict"], row["unit"]) == ("S3", True, "人")
    assert row["relax_by"] == pytest.approx(24)
    assert found.minimal
    assert found.villages["village_id"].tolist() == ["V2", "V1", "V3"]
    assert found.villages["only"].all()


def test_a_budget_conflicts_with_seats_and_the_cheaper_gives_way():
    block = STILL | {"may": STILL["may"] | {"expand": ("junior",)}}
    block["must"] = {"whole_classes": False, "one_off_budget_yuan": 100_000}
    model = layout_model(county(seats={"S3": 60}), times(), scenario(layout=block))
    found = find_conflict(model)
    assert set(found.table.loc[found.table["in_conflict"], "rule"]) == {"seats_junior", "max_one_off_yuan"}
    relaxed = found.table.dropna(subset="relax_by").set_index("rule")["relax_by"]
    assert relaxed["max_one_off_yuan"] == pytest.approx(200_000)


def test_a_way_declared_unsafe_leaves_a_village_nowhere_to_go():
    block = STILL | {"must": {"unsafe_ways": [{"village": "V3", "school": "S3"}], "whole_classes": False}}
    asked = scenario(layout=block)
    model = layout_model(county(), times(), asked)
    found = find_conflict(model, wider_model(county(), times(), asked))
    row = found.table.iloc[0]
    assert (row["rule"], row["villages"], row["relax_by"]) == ("time_limit", "V3", 12)
    assert found.villages.loc[0, ["village_id", "ways"]].tolist() == ["V3", 0]


def test_what_is_asked_of_one_plan_may_conflict():
    model = layout_model(county(), times(), scenario(layout=STILL))
    found = find_conflict(model, extra=Limits(close=("S2",)))
    assert "close" in set(found.table.loc[found.table["in_conflict"], "rule"])


@pytest.mark.parametrize("seed", range(12))
def test_every_limit_of_the_conflict_is_needed_and_the_relaxation_works(seed):
    must = {"whole_villages": True, "max_closures": 1, "one_off_budget_yuan": 1e5, "smallest": {"village_primary": 60}}
    model = draw(seed, 4, 3, layout(may={"rooms_per_school": 1, "beds_per_school": 0}, must=must))
    found = find_conflict(model)
    assert found.feasible == bool(every_plan(model))
    if not found.feasible:
        assert found.minimal
        assert found.table["in_conflict"].any()
        assert found.bound <= found.amount
        assert found.table["relax_by"].notna().any()


def test_a_closure_that_leaves_pupils_nowhere_to_go_is_part_of_the_conflict():
    block = {"may": STILL["may"], "must": {"whole_classes": False, "close": ("S3",)}}
    asked = scenario(layout=block)
    found = find_conflict(layout_model(county(), times(), asked), wider_model(county(), times(), asked))
    row = found.table.set_index("rule").loc["decided"]
    assert (row["subject_id"], row["in_conflict"]) == ("S3", True)
    assert row["relax_by"] == pytest.approx(1)
    assert found.minimal


def test_many_limits_of_a_kind_make_one_row():
    wide = draw(2, 16, 2, layout(may={"rooms_per_school": 3, "beds_per_school": 0}))
    first = wide.arcs.unit < 15
    narrow = replace(wide, arcs=wide.arcs.select(~first), stranded=tuple(wide.units.unit_id[:15]))
    found = find_conflict(narrow, wide)
    rows = found.table[found.table["rule"].isin(["time_limit", "everybody"])]
    assert rows["relax_by"].sum() == pytest.approx(wide.units.pupils[:15].sum())
    assert len(rows) < 15
    assert rows["name"].str.contains(r"年级 [4-9] 处学生").any()
    assert rows["pupils"].sum() == pytest.approx(wide.units.pupils[:15].sum())
    assert not found.feasible

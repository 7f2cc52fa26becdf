"""What a planner is told where nothing works, on the small county."""

from __future__ import annotations

import pytest

import layout_planner as lp
from layout_planner.errors import LayoutError
from tests.small_county import county, scenario, times

STILL = {
    "may": {"close": (), "convert": (), "expand": (), "open": False, "board": ()},
    "must": {"whole_classes": False},
}


def refused(block: dict[str, object], **seats: int) -> LayoutError:
    with pytest.raises(LayoutError) as caught:
        lp.optimise(county(seats=seats), times(), scenario(layout=block))
    return caught.value


def test_the_limit_the_villages_and_the_least_relaxation_are_named() -> None:
    said = refused(STILL, S3=60).render("zh")
    assert "柳镇初级中学：初中学位" in said
    assert "至少放宽 24 人" in said
    assert all(name in said for name in ("V1村", "V2村", "V3村"))
    assert "没有写出任何结果" in said


def test_a_village_with_nowhere_to_go_is_named_with_its_band() -> None:
    block = STILL | {"must": {"unsafe_ways": [{"village": "V3", "school": "S3"}], "whole_classes": False}}
    error = refused(block)
    assert [flaw.code for flaw in error.flaws] == ["layout_conflict"]
    assert error.flaws[0].what.zh.startswith("V3村7—9年级：")
    assert error.flaws[0].mend.zh == "至少放宽 12 人"


def test_english_names_the_same_limits() -> None:
    said = refused(STILL, S3=60).render("en")
    assert "seats junior" in said
    assert "relax it by at least 24" in said


def test_money_and_seats_in_conflict_are_both_named() -> None:
    block = STILL | {"may": STILL["may"] | {"expand": ("junior",)}}
    block["must"] = {"whole_classes": False, "one_off_budget_yuan": 100_000}
    error = refused(block, S3=60)
    assert "2 条限制不能同时满足" in error.message.zh
    assert any("200,000 元" in flaw.mend.zh for flaw in error.flaws)
    assert {flaw.key for flaw in error.flaws} == {"", "layout.must.one_off_budget_yuan"}

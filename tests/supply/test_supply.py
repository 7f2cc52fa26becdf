from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layout_planner.columns import SCHOOLS
from layout_planner.config.scenario import Classes
from layout_planner.grades import Stage, Tier
from layout_planner.io.tables import empty_frame
from layout_planner.io.words import parse_status, parse_tier
from layout_planner.supply import class_cap, rooms_by_stage, seats_by_stage
from layout_planner.supply.by_grade import grade_seats
from layout_planner.supply.schools import fill_schools

CLASSES = Classes()


def school(**cells: Any) -> gpd.GeoDataFrame:
    row = {"school_id": "1", "name": "校", "tier": "primary", "status": "active"} | cells
    frame = pd.DataFrame([row]).reindex(columns=list(SCHOOLS.names)).astype(empty_frame(SCHOOLS).dtypes)
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy([0], [0]), crs=4546)


def filled(**cells: Any) -> tuple[dict[str, Any], list[str]]:
    frame, flaws = fill_schools(school(**cells), CLASSES)
    return frame.iloc[0].to_dict(), [f.code for f in flaws]


@pytest.mark.parametrize(
    ("text", "name", "tier"),
    [
        ("教学点", "", Tier.TEACHING_POINT),
        ("218", "", Tier.TEACHING_POINT),
        ("小学教学点", "", Tier.TEACHING_POINT),
        ("初小", "", Tier.TEACHING_POINT),
        ("村小", "", Tier.VILLAGE_PRIMARY),
        ("村完小", "", Tier.VILLAGE_PRIMARY),
        ("完全小学", "", Tier.VILLAGE_PRIMARY),
        ("211", "柳树村小学", Tier.VILLAGE_PRIMARY),
        ("中心小学", "", Tier.CENTRAL_PRIMARY),
        ("中心校", "", Tier.CENTRAL_PRIMARY),
        ("小学", "青石镇中心小学", Tier.CENTRAL_PRIMARY),
        ("城镇小学", "某中心小学", Tier.PRIMARY),
        ("211", "实验小学", Tier.PRIMARY),
        ("小学", "", Tier.PRIMARY),
        ("科教文化服务;学校;小学", "海华小学", Tier.PRIMARY),
        ("初级中学", "", Tier.JUNIOR),
        ("初中", "", Tier.JUNIOR),
        ("311", "", Tier.JUNIOR),
        ("中学", "", Tier.JUNIOR),
        ("完全中学", "", Tier.JUNIOR),
        ("九年一贯制学校", "", Tier.NINE_YEAR),
        ("312", "", Tier.NINE_YEAR),
        ("中心九年一贯制学校", "", Tier.NINE_YEAR),
        ("十二年一贯制学校", "", Tier.NINE_YEAR),
        ("Teaching point", "", Tier.TEACHING_POINT),
        ("village_primary", "", Tier.VILLAGE_PRIMARY),
        ("junior", "", Tier.JUNIOR),
        ("nine-year", "", Tier.NINE_YEAR),
        ("幼儿园", "", None),
        ("高级中学", "", None),
        ("职业中学", "", None),
        ("学校", "", None),
        ("", "", None),
    ],
)
def test_types_are_read_as_offices_write_them(text: str, name: str, tier: Tier | None) -> None:
    assert parse_tier(text, name) is tier


@pytest.mark.parametrize("tier", list(Tier))
def test_our_own_words_are_understood(tier: Tier) -> None:
    assert parse_tier(tier.value) is tier
    assert parse_tier(tier.label_zh) is tier


def test_states_are_read_and_unknown_ones_are_not_guessed() -> None:
    assert [parse_status(s) for s in ("", "在办", "已撤并", "拟建", "open", "不详")] == [
        "active",
        "active",
        "closed",
        "planned",
        "active",
        None,
    ]


def test_class_caps_follow_the_standard() -> None:
    assert class_cap(Stage.PRIMARY, Tier.TEACHING_POINT, 3, CLASSES) == 30
    assert class_cap(Stage.PRIMARY, Tier.VILLAGE_PRIMARY, 4, CLASSES) == 30
    assert class_cap(Stage.PRIMARY, Tier.VILLAGE_PRIMARY, 6, CLASSES) == 45
    assert class_cap(Stage.JUNIOR, Tier.NINE_YEAR, 9, CLASSES) == 50


def test_rooms_of_a_nine_year_school_split_six_to_three() -> None:
    assert rooms_by_stage(18, 1, 9) == {Stage.PRIMARY: 12, Stage.JUNIOR: 6}
    row, codes = filled(tier="nine_year", rooms=18)
    assert (row["seats_primary"], row["seats_junior"], row["seats"], codes) == (540, 300, 840, [])


def test_stated_seats_win_and_teaching_points_are_primary_only() -> None:
    row, _ = filled(tier="teaching_point", rooms=3, seats=70)
    assert (row["grade_from"], row["grade_to"], row["seats_primary"], row["seats_junior"]) == (1, 3, 70, 0)
    row, _ = filled(tier="nine_year", rooms=18, seats=700)
    assert (row["seats_primary"], row["seats_junior"]) == (450, 250)


def test_rooms_are_derived_and_it_is_said() -> None:
    row, codes = filled(seats=271)
    assert (row["rooms"], row["seats"], codes) == (7, 271, ["rooms_from_seats"])
    assert filled(classes=4)[1] == ["rooms_from_classes"]
    assert filled(classes=4)[0]["seats"] == 180
    row, codes = filled(enrol_g1=46, enrol_g2=45)
    assert (row["rooms"], codes) == (3, ["rooms_from_enrolment"])
    row, codes = filled()
    assert (row["rooms"], row["seats"], row["beds"], codes) == (0, 0, 0, ["rooms_from_nothing"])
    assert filled(status="closed")[1] == []


def test_columns_are_whole_numbers() -> None:
    frame, _ = fill_schools(school(rooms=6, enrol_g1=3), CLASSES)
    for name in (
        "grade_from",
        "grade_to",
        "rooms",
        "seats",
        "seats_primary",
        "seats_junior",
        "beds",
        "enrol_g1",
        "enrol_g9",
    ):
        assert frame[name].dtype == "int64"


@given(
    st.integers(0, 200),
    st.one_of(st.none(), st.integers(0, 9000)),
    st.sampled_from(list(Tier)),
    st.integers(1, 9),
    st.integers(1, 9),
)
def test_seats_by_stage_add_up(rooms: int, seats: int | None, tier: Tier, one: int, other: int) -> None:
    low, high = min(one, other), max(one, other)
    split = seats_by_stage(rooms, seats, tier, low, high, CLASSES)
    assert min(split.values()) >= 0
    if seats is not None:
        assert sum(split.values()) == seats
    assert split[Stage.JUNIOR] == 0 or high > 6
    assert split[Stage.PRIMARY] == 0 or low < 7


def by_grade(**cells: Any) -> dict[int, int]:
    stated = school(**cells)
    table, _ = fill_schools(stated, CLASSES)
    seats = grade_seats(table, stated)
    assert seats[[1, 2, 3, 4, 5, 6]].sum(axis=1).item() == table["seats_primary"].item()
    assert seats[[7, 8, 9]].sum(axis=1).item() == table["seats_junior"].item()
    return {grade: n for grade, n in seats.iloc[0].to_dict().items() if n}


def test_rooms_are_dealt_out_to_grades_and_those_left_over_go_where_classes_are_largest() -> None:
    # Eight rooms for six grades at 45: the two left over go to grade 4 (100 a room), then grade 1 (90).
    enrolled = dict(zip((f"enrol_g{g}" for g in range(1, 7)), (90, 80, 85, 100, 70, 60), strict=True))
    assert by_grade(rooms=8, **enrolled) == {1: 90, 2: 45, 3: 45, 4: 90, 5: 45, 6: 45}


def test_grades_share_evenly_where_enrolment_is_not_known_or_they_are_taught_together() -> None:
    assert by_grade(rooms=8) == dict.fromkeys(range(1, 7), 60)
    assert by_grade(tier="teaching_point", rooms=1, enrol_g1=9) == {1: 10, 2: 10, 3: 10}


def test_stated_seats_of_grades_hold_and_make_the_seats_of_the_stage() -> None:
    stated = {"seats_g7": 100, "seats_g8": 90, "seats_g9": 80}
    assert by_grade(tier="junior", rooms=5, **stated) == {7: 100, 8: 90, 9: 80}
    row, codes = filled(tier="junior", rooms=5, seats=250, **stated)
    assert (row["seats_junior"], row["seats"], codes) == (270, 270, ["grade_seats_sum"])
    row, codes = filled(tier="junior", rooms=6, seats_g7=100)
    assert (row["seats_junior"], codes) == (300, ["grade_seats_part"])


def test_decisions_add_seats_to_stated_grades_evenly() -> None:
    stated = school(tier="junior", rooms=5, seats_g7=100, seats_g8=90, seats_g9=80)
    table, _ = fill_schools(stated, CLASSES)
    more = grade_seats(table.assign(seats_junior=table["seats_junior"] + 50), stated)
    assert more[[7, 8, 9]].to_numpy().tolist() == [[117, 107, 96]]

"""Plan and PlanCollection."""

from __future__ import annotations

import pytest

from layout_planner.assign import assign
from layout_planner.errors import LayoutError, UnknownIdError
from layout_planner.plan import PlanCollection
from layout_planner.testing import assert_aligned, assert_plan_valid
from tests.small_county import county, scenario, times


@pytest.fixture(scope="module")
def plans():
    here, travel = county(), times()
    return (
        assign(here, travel, scenario(), label="现状"),
        assign(here, travel, scenario(decisions={"close": ("S1",)}), label="合并", parent="现状"),
    )


def test_tables_are_measured_once(plans):
    assert plans[0].tables is plans[0].tables
    assert plans[0].indicators is plans[0].tables.indicators


def test_a_collection_puts_indicators_side_by_side(plans):
    both = PlanCollection(plans)
    assert list(both) == ["现状", "合并"]
    assert both["合并"] is plans[1]
    assert both.indicators.loc["schools_open", ["现状", "合并"]].tolist() == [4, 3]
    assert both.indicators.columns.tolist()[:2] == ["label", "unit"]
    assert PlanCollection().indicators.empty


def test_a_collection_refuses_one_label_twice(plans):
    with pytest.raises(LayoutError, match="现状"):
        PlanCollection([plans[0], plans[0]])


def test_a_collection_refuses_other_pupils(plans):
    other = assign(county(pupils={"V1": (1, 1, 1), "V2": (1, 1, 1), "V3": (1, 1, 1)}), times(), scenario(), label="异")
    with pytest.raises(LayoutError, match="异"):
        PlanCollection([plans[0], other])
    with pytest.raises(AssertionError, match="pupils"):
        assert_aligned(plans[0], other)
    assert_aligned(*plans)


def test_a_plan_shows_itself_small(plans):
    html = plans[1]._repr_html_()
    assert "合并" in html
    assert "现状" in html
    assert len(html) < 1000
    assert repr(plans[1]) == "<Plan '合并': 3 of 4 schools open, 288 pupils>"
    assert plans[1].relabel("另一个").label == "另一个"


def test_the_checker_finds_lost_pupils_and_closed_schools(plans):
    plan = plans[1]
    lost = plan.relabel("lost")
    object.__setattr__(lost, "assignment", plan.assignment.iloc[1:].reset_index(drop=True))
    with pytest.raises(AssertionError, match="lost or made"):
        assert_plan_valid(lost)
    wrong = plan.relabel("wrong")
    rows = plan.assignment.copy()
    rows.loc[rows["school_id"] == "S2", "school_id"] = "S1"
    object.__setattr__(wrong, "assignment", rows)
    with pytest.raises(AssertionError, match="not open"):
        assert_plan_valid(wrong)


def test_a_collection_shows_plans_side_by_side_and_names_the_ones_it_has(plans):
    both = PlanCollection(plans)
    html = both._repr_html_()
    assert html.count("<table>") == 1
    assert html.count("<td>") == 10
    with pytest.raises(UnknownIdError, match="现状, 合并"):
        both["现壮"]
    assert "现壮" not in both
    assert both.get("现壮") is None


def test_county_and_scenario_show_themselves_small(plans):
    assert repr(plans[0].county) == ("<County '小县': 4 schools, 2 townships, 3 villages, 3 demand points, 0 remarks>")
    assert "288" in plans[0].county._repr_html_()
    assert repr(plans[1].scenario) == (
        "<Scenario '小县': demand from raster, assignment nearest, 1 decision, 0 changes>"
    )
    assert "小县" in plans[1].scenario._repr_html_()
    assert "<table>" not in plans[1].scenario._repr_html_()  # nothing was changed, so no empty table

"""One legal school of several sites: its figures, and the distances of its sites."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from layout_planner.assign import assign
from layout_planner.measures import tables
from layout_planner.report.tables import plan_sheets
from tests.small_county import county, scenario, times


def measured(organisation):
    small = county()
    schools = small.schools.assign(teachers=[10, 20, 15, 2], organisation=organisation)
    return (plan := assign(replace(small, schools=schools), times(), scenario())), tables(plan)


def test_a_school_and_its_teaching_point_are_one_in_the_figures_and_two_in_the_distances():
    _, found = measured(["S2", "", "", "S2"])
    whole = found.organisations.set_index("organisation_id").loc["S2"]
    sites = found.sites.set_index("school_id")
    assert whole["organisation"] == "柳镇中心小学"
    assert whole["sites"] == 3
    assert whole["pupils"] == pytest.approx(sites["pupils"].sum())
    assert whole["teachers"] == 32
    assert whole["pupils_per_teacher"] == pytest.approx(whole["pupils"] / 32)
    assert sites.index.tolist() == ["S2", "S1", "S4"]
    assert sites["is_main"].tolist() == [True, False, False]
    assert sites["main_m"].tolist() == [0, 4000, 5000]
    assert whole["farthest_m"] == 5000


def test_sites_of_a_legal_body_outside_the_table_have_no_main_site():
    _, found = measured(["柳镇学区", "柳镇学区", "", ""])
    assert found.organisations["organisation_id"].tolist() == [""]
    assert found.organisations["organisation"].tolist() == ["柳镇学区"]
    assert found.sites["is_main"].tolist() == [False, False]
    assert np.isnan(found.sites["main_m"]).all()


def test_pupils_a_teacher_are_not_known_where_a_site_does_not_state_its_teachers():
    small = county()
    schools = small.schools.assign(teachers=[10, 20, 15, 0], organisation=["S2", "", "", "S2"])
    whole = tables(assign(replace(small, schools=schools), times(), scenario())).organisations.iloc[0]
    assert whole["teachers"] == 30
    assert np.isnan(whole["pupils_per_teacher"])


def test_closed_sites_do_not_count_and_a_single_site_is_no_organisation_of_several():
    small = county()
    schools = small.schools.assign(teachers=1, organisation=["S2", "", "", ""])
    asked = scenario(decisions={"close": ["S1"]})
    found = tables(assign(replace(small, schools=schools), times(), asked))
    assert found.organisations.empty
    assert found.sites.empty


def test_the_workbook_has_the_sheets_only_where_there_are_such_schools():
    for organisation, expected in ((["S2", "", "", ""], True), ([""] * 4, False)):
        plan, found = measured(organisation)
        titles = {sheet.title.zh for sheet in plan_sheets(plan, found, [])}
        assert ({"法人学校", "一校多点"} <= titles) is expected

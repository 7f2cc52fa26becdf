"""Whom a site belongs to: a school of the table by code or name, another legal body, or nobody."""

from __future__ import annotations

from layout_planner.columns import SCHOOLS
from layout_planner.errors import Severity
from layout_planner.io.checks import settle_organisations
from tests.io.test_consistency import loaded, school

MAIN = {"school_id": "0990101001", "name": "柳镇中心小学", "township": "柳镇"}


def settled(*rows):
    """Settle the legal schools of a table that begins with the main school; give them, and the codes of the flaws."""
    table = loaded(SCHOOLS, school(**MAIN), *(school(**{"school_id": f"099010100{k}"} | row) for k, row in
                                              enumerate(rows, 2)))  # fmt: skip
    settle_organisations(table)
    return table.frame["organisation"].tolist(), {flaw.code: flaw for flaw in table.flaws}


def test_a_site_names_its_main_school_by_code_or_by_name():
    found, flaws = settled({"name": "甲", "organisation": "0990101001"}, {"name": "乙", "organisation": "柳镇中心小学"})
    assert found == ["", "0990101001", "0990101001"]
    assert not flaws


def test_a_school_that_names_itself_is_a_school_by_itself():
    assert settled({"name": "甲", "organisation": "甲"})[0] == ["", ""]


def test_a_legal_body_without_pupils_stays_a_name():
    found, flaws = settled({"name": "甲", "organisation": "柳镇学区"}, {"name": "乙", "organisation": "柳镇学区"})
    assert found == ["", "柳镇学区", "柳镇学区"]
    assert not flaws


def test_a_name_that_nobody_else_has_is_asked_about():
    flaws = settled({"name": "甲", "organisation": "柳镇中心校小学"})[1]
    assert flaws["organisation_alone"].severity is Severity.WARNING
    assert "柳镇中心小学" in flaws["organisation_alone"].mend.zh
    assert flaws["organisation_alone"].row == 3


def test_a_code_of_no_school_and_a_name_of_several_are_errors():
    flaws = settled({"name": "甲", "organisation": "0990101099"}, {"name": "乙"}, {"name": "乙"},
                    {"name": "丙", "organisation": "乙"})[1]  # fmt: skip
    assert flaws["organisation_unknown"].severity is Severity.ERROR
    assert "0990101003、0990101004" in flaws["organisation_ambiguous"].mend.zh


def test_a_main_school_belongs_to_nobody_itself():
    flaws = settled({"name": "甲", "organisation": "0990101001"}, {"name": "乙", "organisation": "甲"})[1]
    assert flaws["organisation_chain"].severity is Severity.ERROR
    assert "柳镇中心小学" in flaws["organisation_chain"].mend.zh or "最上一级" in flaws["organisation_chain"].mend.zh


def test_a_main_school_that_is_closed_or_elsewhere_is_a_warning():
    away = settled({"name": "甲", "township": "岭乡", "organisation": "0990101001"})[1]
    assert away["organisation_elsewhere"].severity is Severity.WARNING
    shut = settled({"name": "旧校", "status": "停办"}, {"name": "甲", "organisation": "旧校"})[1]
    assert shut["organisation_closed"].severity is Severity.WARNING

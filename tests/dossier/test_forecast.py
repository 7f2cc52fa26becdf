"""The part of a dossier on expected pupils: what is forecast is told and cited, what is not is left to fill in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from layout_planner.dossier.blocks import Form, Grid, Para
from layout_planner.dossier.calendar import Dates
from layout_planner.dossier.cases import Cases
from layout_planner.dossier.facts import Facts, gather
from layout_planner.dossier.forecast import forecast_section

SCHOOL = "0429021011"


def test_the_years_of_the_school_and_of_those_that_receive_are_the_plans(papers: tuple[Facts, Path]) -> None:
    facts, _ = papers
    section = forecast_section(facts, SCHOOL)
    (table,) = [block for block in section.blocks if isinstance(block, Grid)]
    rows = facts.ledger.rows("case_forecast", school_id=SCHOOL)
    assert table.refs == tuple(row.ref for row in rows)
    for row in rows:
        plan = facts.cases.before if row.raw("state") == "保留本校" else facts.cases.after
        years = plan.tables.forecast_schools.set_index(["school_id", "year"])
        expected = years.loc[(row.raw("to_school_id"), int(row.raw("year")))]
        assert row.raw("pupils") == pytest.approx(expected["pupils"], abs=0.5)
        assert row.raw("seats_left") == row.raw("seats") - row.raw("pupils")
    text = [block.line.text for block in section.blocks if isinstance(block, Para)]
    assert text[0].startswith("按学生数预测，本校如不调整，2028学年约有学生")
    assert any("按预测缺学位" in said for said in text[1:])


def test_without_a_forecast_there_is_a_form_to_fill_in(cases: Cases) -> None:
    bare = Cases(*(replace(p, county=replace(p.county, forecast=None)) for p in (cases.before, cases.after)))
    section = forecast_section(gather(bare, Dates()), SCHOOL)
    assert [type(block) for block in section.blocks] == [Para, Form]

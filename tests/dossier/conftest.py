"""A stand-in county whose plan closes two schools and makes a third a teaching point, and its papers."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))
sys.path.insert(0, str(Path(__file__).parent))

from plan_standin import make_county, make_plan

from layout_planner.dossier.calendar import Dates
from layout_planner.dossier.cases import Cases
from layout_planner.dossier.facts import Facts, gather
from layout_planner.dossiers import write_papers
from layout_planner.grades import GRADES
from layout_planner.io.county import County
from layout_planner.io.forecast import FORECAST_COLUMNS
from layout_planner.plan import Plan

CLOSED = ("0429021011", "0429021033")
CONVERTED = "0429021050"
DATES = Dates(published_on="2027-03-01", closing_on="2027-08-31")


def _with_form(county: County) -> County:
    """Add what a school table tells, three years of enrolment, and pupils expected in two years."""
    schools = county.schools.copy()
    schools["enrolment"] = np.arange(20, 20 + len(schools))
    schools["teachers"] = np.arange(3, 3 + len(schools))
    schools["building_m2"], schools["site_m2"] = 1250.0, 3400.0
    rows = [
        {"school_id": code, "name": "x", "year": year}
        | {f"enrol_g{g}": 5 + g + year - 2023 if g < 7 else None for g in GRADES}
        for code in schools["school_id"]
        for year in (2023, 2024, 2025)
    ]
    expected = [
        (year, "township", str(code), "G1-3", 0, pupils)
        for code in county.townships["township_id"]
        for year, pupils in ((2028, 60.0), (2030, 4000.0))
    ]
    forecast = pd.DataFrame(expected, columns=list(FORECAST_COLUMNS))
    return replace(county, schools=schools, enrolment=pd.DataFrame(rows), forecast=forecast)


def _converted(county: County, plan: Plan) -> Plan:
    """Let one central primary keep grades 1 to 3: its grades 4 to 6 go to the nearest other school."""
    schools = plan.schools.copy()
    here = schools["school_id"] == CONVERTED
    schools.loc[here, ["grade_to", "decision"]] = [3, "convert"]
    rows = plan.assignment.copy()
    gone = (rows["school_id"] == CONVERTED) & (rows["band"] == "G4-6")
    rows.loc[gone, ["school_id", "mode"]] = ["0429021023", "ride"]
    rows.loc[gone, "minutes"] += 12.5
    return replace(plan, schools=schools, assignment=rows)


@pytest.fixture(scope="session")
def cases() -> Cases:
    county = _with_form(make_county())
    before = make_plan(county)
    after = _converted(county, make_plan(county, CLOSED, "三校调整", "现状"))
    return Cases(before, after)


@pytest.fixture(scope="session")
def papers(cases: Cases, tmp_path_factory: pytest.TempPathFactory) -> tuple[Facts, Path]:
    folder = tmp_path_factory.mktemp("papers")
    facts = gather(cases, DATES)
    write_papers(facts, folder)
    return facts, folder

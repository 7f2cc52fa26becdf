"""Fixtures over the stand-in county: a baseline, a merger, and everything that is measured of them."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from plan_standin import make_county, make_plan

from layout_planner import measures
from layout_planner.errors import Severity
from layout_planner.io.county import County
from layout_planner.layout.reasons import closure_impact
from layout_planner.measures import PlanTables
from layout_planner.plan import Plan
from layout_planner.rules import Finding


@pytest.fixture(scope="session")
def county() -> County:
    return make_county()


@pytest.fixture(scope="session")
def baseline(county) -> Plan:
    return make_plan(county)


@pytest.fixture(scope="session")
def merger(county) -> Plan:
    return make_plan(county, ("0429021011", "0429021033"), "两校合并", "现状")


@pytest.fixture(scope="session")
def baseline_tables(baseline) -> PlanTables:
    return measures.tables(baseline)


@pytest.fixture(scope="session")
def merger_tables(merger) -> PlanTables:
    return measures.tables(merger)


@pytest.fixture(scope="session")
def moves(baseline, merger) -> pd.DataFrame:
    return measures.moves(baseline, merger)


@pytest.fixture(scope="session")
def impact(baseline, merger) -> pd.DataFrame:
    return closure_impact(baseline, merger)


@pytest.fixture(scope="session")
def findings() -> list[Finding]:
    return [
        Finding("cn.test.walk", Severity.ERROR, "village", "011052100000", "杨庄1村", 42.0, 30.0, "分钟",
                "杨庄1村一至三年级3.2名学生单程42.0分钟，超过半小时", "beyond half an hour", "国办发〔2018〕27号", "V"),
        Finding("cn.test.class", Severity.WARNING, "school", "0429021001", "杨柳教学点", 58.0, 55.0, "人/班",
                '=HYPERLINK("http://evil.example","大班额")', "a large class", "班额标准", "V2"),
    ]  # fmt: skip

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from layout_planner.assign import assign
from layout_planner.io.forecast import FORECAST_COLUMNS
from layout_planner.measures import PlanTables, measure_access, released
from layout_planner.report.document import Grid, Paragraph, Section
from layout_planner.report.fairness_sections import fairness_section
from tests.small_county import conditions, county, scenario, times


def measured(*closed: str) -> PlanTables:
    whole = county()
    whole = replace(whole, schools=whole.schools.assign(**conditions()))
    tables: PlanTables = measure_access(assign(whole, times(), scenario(decisions={"close": closed})), times()).tables
    return tables


@pytest.fixture(scope="module")
def today() -> PlanTables:
    return measured()


def said(section: Section) -> dict[str, str]:
    return {
        sub.title: "".join(block.text for block in sub.blocks if isinstance(block, Paragraph)) for sub in section.subs
    }


def test_every_subject_is_told_with_its_figures(today: PlanTables) -> None:
    text = said(fairness_section(today))
    found = today.indicators.set_index("indicator")["value"]
    assert f"基尼系数为{found['minutes_gini']:.3f}" in text["路程是否均等"]
    assert "小学在时限内人均可得4.12个学位" in text["学位可得性"]
    assert "小学参评2所，0所达到优质均衡" in text["校际均衡"]
    assert "以0.50为限，没有超过的" in text["校际均衡"]
    assert "应配教职工27名；公用经费每年333,040元，其中107,200元" in text["配备与经费"]
    assert "约需校车2辆" in text["配备与经费"]


def test_the_plan_before_stands_in_brackets(today: PlanTables) -> None:
    text = said(fairness_section(measured("S1"), today, "现状"))
    assert "公用经费每年304,240元（“现状”333,040元）" in text["配备与经费"]


def test_tables_show_what_the_workbook_holds(today: PlanTables) -> None:
    grids = [block for sub in fairness_section(today).subs for block in sub.blocks if isinstance(block, Grid)]
    assert [g.caption for g in grids] == [
        "路程和学位的公平程度", "各乡镇学位可得性（高斯两步移动搜索法）", "优质均衡七项指标的差异系数",
        "未达到优质均衡要求的学校（方案口径）",
    ]  # fmt: skip
    balance = grids[2]
    assert len(balance.rows) == len(today.balance[today.balance["standard"] == "dd2017-6"])
    assert [cell.text for cell in balance.rows[0][:3]] == ["填报", "小学", "每百名学生高于规定学历教师数"]


def test_a_county_without_the_conditions_says_so() -> None:
    bare: PlanTables = replace(assign(county(), times(), scenario()), times=None).tables
    text = said(fairness_section(bare))
    assert "差异系数未计算" in text["校际均衡"]
    assert text["学位可得性"] == ""


def test_staff_set_free_catchments_and_expected_years_are_told_where_they_are_known() -> None:
    here = county()
    schools = here.schools.assign(staff=[5.0, 9.0, 6.0, 2.0])
    zoned = pd.DataFrame({"demand_id": ["D1", "D2", "D3"], "school_id": ["S1", "S2", "S1"]})
    forecast = pd.DataFrame([(2028, "village", "V2", "G1-3", 0, 540.0)], columns=list(FORECAST_COLUMNS))
    here = replace(here, schools=schools, zoned=zoned, forecast=forecast)
    before, after = (assign(here, times(), scenario(decisions={"close": gone})) for gone in ((), ("S1",)))
    section = fairness_section(replace(after.tables, released=released(before, after)))
    text = said(section)
    assert "腾出教职工5名，按应配数测算，可补入缺编的接收学校2名，其余3名没有安排" in text["配备与经费"]
    assert "所在学区有学校的学生120人，在所在学区学校就读的占100.0%" in text["划片内就学"]
    assert "另有84人所在学区没有开设其年级的在办学校" in text["划片内就学"]
    (years,) = [
        block for sub in section.subs if sub.title == "预测年份" for block in sub.blocks if isinstance(block, Grid)
    ]
    assert len(years.rows) == 1


def test_what_a_county_does_not_know_is_left_out(today: PlanTables) -> None:
    assert not {sub.title for sub in fairness_section(today).subs if sub.blocks} & {"划片内就学", "预测年份"}

"""What people stated enters the papers: votes, readiness, dates; and what the optimiser answered of a school."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from conftest import CLOSED, CONVERTED

from layout_planner.config.hearing import Hearing, Procedure, Statement
from layout_planner.dossier.blocks import Document, Form
from layout_planner.dossier.calendar import Dates
from layout_planner.dossier.cases import Cases, whole_persons
from layout_planner.dossier.facts import Facts, gather
from layout_planner.dossier.ledger import Line
from layout_planner.dossier.school import school_document

HEARING = Hearing(
    decided_by="样例县人民政府", closing_on="2027-08-31",
    procedure=Procedure(argued_on="2026-10-15", published_on="2026-11-02", comments_until="2026-12-04",
                        hearing_on="2026-12-18"),
    schools={
        CLOSED[0]: Statement(parents_for=6, parents_against=7, delegates_for=9, delegates_against=4, bus_ready=True,
                             canteen_ready=False, building_m2=310, unsafe_way=True, way_mended_by="修好护栏",
                             closing_on="2028-01-31"),
    },
)  # fmt: skip
PRICES = pd.DataFrame({
    "school_id": [CLOSED[0], CONVERTED], "name": ["甲", "乙"], "decision": ["close", "convert"],
    "instead": ["keep", "close"], "status": ["optimal", "optimal"], "price_yuan": [61234.4, 5.0],
    "verdict": ["代价明显：多花的大于全县证明的误差", "—"], "price_least_yuan": [-1200.0, 1.0],
    "price_most_yuan": [90000.0, 9.0], "yearly_change_yuan": [60000.0, 0.0], "one_off_change_yuan": [-50000.0, 0.0],
    "minutes_change": [-310.7, 0.0], "pupils_concerned": [62.4, 0.0], "pupils_worse": [0.0, 0.0], "villages": [2, 0],
    "others": ["", ""],
})  # fmt: skip


@pytest.fixture(scope="module")
def told(cases: Cases) -> Facts:
    scenario = cases.after.scenario.model_copy(update={"hearing": HEARING})
    dates = Dates(argued_on="2026-10-15", published_on="2026-11-02", comments_until="2026-12-04",
                  hearing_on="2026-12-18", closing_on="2027-08-31")  # fmt: skip
    return gather(Cases(cases.before, replace(cases.after, scenario=scenario), prices=PRICES), dates)


def forms(document: Document) -> dict[str, str]:
    """Give the forms of a dossier: what stands beside each label."""
    found = {}
    for section in document.sections:
        for block in [*section.blocks, *(block for sub in section.subs for block in sub.blocks)]:
            if isinstance(block, Form):
                found |= {label: v.text if isinstance(v, Line) else str(v) for label, v in block.rows}
    return found


def test_votes_dates_and_authority_fill_the_record(told: Facts) -> None:
    record = forms(school_document(told, CLOSED[0]))
    assert record["家长意见"].endswith("赞成6人，反对7人")
    assert record["听证会"].startswith("2026年12月18日")
    assert record["听证会"].endswith("赞成9人，反对4人")
    assert record["专家论证"].endswith("2026年10月15日")
    assert record["公示和意见"].startswith("2026年11月2日至2026年12月4日公示")
    assert record["批准（备案）机关"].startswith("样例县人民政府")


def test_boxes_are_ticked_only_where_somebody_said_so(told: Facts) -> None:
    first, second = (forms(school_document(told, code)) for code in CLOSED)
    assert first["食堂"].startswith("☐够用　☑须扩建")
    assert second["食堂"].startswith("☐够用　☐须扩建")
    assert "赞成＿＿＿＿人" in second["家长意见"]


def test_a_school_with_its_own_day_of_closing_has_its_own_calendar(told: Facts) -> None:
    own, other = (told.step("校址保留期满", code)["to_day"].text for code in CLOSED)
    assert (own, other) == ("2031年1月31日", "2030年8月31日")


def test_a_teaching_point_keeps_its_site_and_has_no_step_for_it(told: Facts) -> None:
    steps = [row.raw("step") for row in told.calendar(CONVERTED)]
    assert "校址保留期满" not in steps
    assert len(steps) == len(told.calendar(CLOSED[0])) - 1


def test_the_area_that_was_stated_wins_over_the_school_table(told: Facts) -> None:
    text = "".join(
        block.line.text
        for section in school_document(told, CLOSED[0]).sections
        for sub in section.subs
        for block in sub.blocks
        if hasattr(block, "line")
    )
    assert "腾出校舍310平方米" in text
    assert "实地查看认为不安全。整治措施：修好护栏。" in text


def test_a_school_that_the_optimiser_priced_shows_its_answer_and_no_other(told: Facts) -> None:
    shown = forms(school_document(told, CLOSED[0]))
    assert shown["目标值"] == "每年增加61,234元"
    assert shown["其中一次性投入"] == "减少50,000元"
    assert shown["已证明的代价"] == "每年减少1,200元至增加90,000元之间"
    assert not told.ledger.rows("case_options", school_id=CLOSED[0])
    assert "目标值" not in forms(school_document(told, CONVERTED))


def test_buses_are_counted_by_the_occupants_that_the_standard_allows(told: Facts) -> None:
    for row in told.ledger.rows("case_flows"):
        assert row.raw("buses") == -(-row.raw("riders") // 53)


def test_modes_of_a_school_are_whole_and_add_up_from_its_total(told: Facts) -> None:
    moves = told.cases.moves
    for code in told.cases.decided:
        moved = told.cases.moved_from(code)
        rows = moves[moves["school_id"] == code]
        exact = moved.groupby("mode_after", sort=True)["pupils"].sum()
        expected = whole_persons(exact.to_numpy(np.float64))
        assert rows.groupby("mode_after", sort=True)["pupils"].sum().tolist() == expected.tolist()

"""Papers of a county whose tables lack much: nothing breaks, and what is missing is room to fill in, in words."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from conftest import CLOSED
from plan_standin import make_county, make_plan

from layout_planner.dossier.blocks import Document, Form
from layout_planner.dossier.calendar import Dates
from layout_planner.dossier.cases import Cases
from layout_planner.dossier.county import county_document
from layout_planner.dossier.facts import BLANK, Facts, gather
from layout_planner.dossier.ledger import Line
from layout_planner.dossier.notice import notice_document
from layout_planner.dossier.school import school_document

GONE = ["enrolment", "teachers", "classes", "boarders", "building_m2", "site_m2", "canteen_m2", "books"]


@pytest.fixture(scope="module")
def bare() -> Facts:
    """Nobody stated anything: no teachers, no beds, no enrolment, no dates."""
    county = make_county()
    schools = county.schools.drop(columns=[name for name in GONE if name in county.schools])
    county = replace(county, schools=schools.assign(beds=0, teachers=0), enrolment=pd.DataFrame())
    return gather(Cases(make_plan(county), make_plan(county, CLOSED, "两校调整", "现状")), Dates())


def texts(document: Document) -> list[str]:
    out: list[str] = []
    for section in document.sections:
        for block in [*section.blocks, *(block for sub in section.subs for block in sub.blocks)]:
            if isinstance(block, Form):
                out += [f"{label}：{v.text if isinstance(v, Line) else v}" for label, v in block.rows]
            elif hasattr(block, "line"):
                out.append(block.line.text)
    return out


def test_what_the_school_table_lacks_is_room_to_fill_in(bare: Facts) -> None:
    said = texts(school_document(bare, CLOSED[0]))
    for label in ("专任教师", "校舍建筑面积", "现有班数", "寄宿床位"):
        assert any(text.startswith(f"{label}：{BLANK}") for text in said), label


def test_no_missing_number_is_spelled(bare: Facts) -> None:
    documents = [*(school_document(bare, code) for code in CLOSED), county_document(bare), notice_document(bare)]
    for document in documents:
        for text in texts(document):
            assert "nan" not in text.lower()
            assert "—人" not in text
            assert "None" not in text


def test_what_is_not_known_is_said_in_words(bare: Facts) -> None:
    said = "\n".join(texts(school_document(bare, CLOSED[0])))
    assert "没有导入" in said
    assert "待核实" in said
    assert "公示开始之日" in said

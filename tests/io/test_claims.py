"""Counts of claims by village: both shapes of the table, everything wrong with it at once, and no child by name."""

from __future__ import annotations

import pandas as pd
import pytest

from layout_planner.columns import CLAIMS
from layout_planner.io.claims import claim_counts, read_register
from layout_planner.io.files import find_files
from layout_planner.io.reading import Reading
from layout_planner.io.tables import load_table
from tests.small_county import scenario

VILLAGES = pd.DataFrame({"village_id": ["V1", "V2", "V3", "V4"], "name": ["东村", "柳村", "西岭", "西岭"]})


def counts(tmp_path, text):
    path = tmp_path / "claims.csv"
    path.write_text(text, encoding="utf-8")
    table = load_table(path, CLAIMS)
    found = claim_counts(table, VILLAGES)
    return found, [(flaw.code, flaw.row) for flaw in table.flaws]


def test_a_column_for_every_claim_is_read_under_the_words_of_offices(tmp_path):
    found, flaws = counts(
        tmp_path, "村代码,学段,户籍房产一致,有户无房,有房无户,长幼随学,居住证,统筹\nV1,小学,30,6,2,1,4,\nV2,,10,,,,,5\n"
    )
    rows = found.set_index(["village_id", "stage"])
    assert rows.loc[("V1", "primary"), ["zoned", "hukou", "house", "sibling", "migrant"]].tolist() == [30, 6, 2, 1, 4]
    assert rows.loc[("V2", ""), ["zoned", "other"]].tolist() == [10, 5]
    assert flaws == [("claims_missing", None)]


def test_one_row_a_claim_says_the_same(tmp_path):
    found, _ = counts(tmp_path, "村名,入学类别,人数\n东村,房户一致,30\n东村,居住证,4\n柳村,其他,5\n")
    rows = found.set_index("village_id")
    assert rows.loc["V1", ["zoned", "migrant"]].tolist() == [30, 4]
    assert rows.loc["V2", "other"] == 5


def test_everything_wrong_is_told_at_once(tmp_path):
    found, flaws = counts(
        tmp_path, "村名,学段,入学类别,人数\n北村,小学,户籍,3\n西岭,小学,户籍,3\n东村,高中,户籍,3\n东村,小学,学区房,3\n"
                  "柳村,小学,户籍,3\n柳村,小学,仅户籍,4\n"
    )  # fmt: skip
    assert found is None
    assert flaws == [
        ("name_unknown", 2), ("name_unknown", 3), ("stage_unknown", 4), ("claim_unknown", 5), ("claim_twice", 7),
    ]  # fmt: skip


def test_a_table_without_counts_is_refused(tmp_path):
    found, flaws = counts(tmp_path, "村代码,村名\nV1,东村\n")
    assert found is None
    assert [code for code, _ in flaws] == ["column_missing"]


@pytest.mark.parametrize("asked", [{"admission": {}}, None])
def test_names_of_children_are_refused_where_the_table_is_used(tmp_path, asked):
    path = tmp_path / "claims.csv"
    path.write_text("村代码,户籍房产一致,学生姓名\nV1,30,张三\n", encoding="utf-8")
    method = {"method": "capacitated"} | asked if asked else {}
    made = scenario(data={"folder": tmp_path}, assign=method)
    table = read_register(Reading(made, find_files(made.data)))
    assert ("roster_personal" in [flaw.code for flaw in table.flaws]) == bool(asked)

"""Enrolment by village of the fictitious county: whole pupils that agree with both tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from layout_planner.columns import VILLAGE_ENROLMENT, VILLAGES
from layout_planner.examples.attended import whole_table
from layout_planner.grades import GradeBand
from layout_planner.io.tables import read_table
from tests.examples.county_files import Files


@pytest.fixture(scope="module")
def attended(shipped: Files) -> pd.DataFrame:
    frame, flaws = read_table(shipped.folder / "village_enrolment.xlsx", VILLAGE_ENROLMENT)
    assert not flaws
    return frame


def test_sums_by_village_and_band_are_those_of_the_village_table(shipped: Files, attended: pd.DataFrame) -> None:
    villages, _ = read_table(shipped.folder / "villages.xlsx", VILLAGES)
    stated = villages.set_index("village_id")
    for band in GradeBand:
        counted = attended[attended["grade"] == band.label_zh].groupby("village_id")["count"].sum()
        assert (counted.reindex(stated.index).fillna(0) == stated[band.pupils_column]).all()


def test_sums_by_school_are_its_enrolment_and_boarders(shipped: Files, attended: pd.DataFrame) -> None:
    schools = shipped.schools.set_index("学校代码")
    sums = attended.groupby("school_id")[["count", "boarders"]].sum().reindex(schools.index).fillna(0)
    assert (sums["count"] == schools["在校生总数（人）"].replace("", "0").astype(int)).all()
    assert (sums["boarders"] == schools["寄宿生数（人）"].replace("", "0").astype(int)).all()
    assert (attended["boarders"] <= attended["count"]).all()
    assert not attended.loc[attended["grade"] == GradeBand.G1_3.label_zh, "boarders"].any()


def test_it_is_a_mixture_of_near_and_far(attended: pd.DataFrame) -> None:
    of_a_village = attended.groupby(["village_id", "grade"])["count"]
    assert 0.3 < (of_a_village.max() / of_a_village.sum()).median() < 0.95


@given(arrays.arrays(np.int64, st.tuples(st.integers(1, 5), st.integers(1, 5)), elements=st.integers(0, 9)),
       st.integers(0, 99))  # fmt: skip
def test_whole_tables_keep_both_margins(table: np.ndarray, seed: int) -> None:
    rng = np.random.default_rng(seed)
    found = whole_table(table + 0.1, table.sum(axis=1), table.sum(axis=0), rng)
    assert (found >= 0).all()
    assert np.array_equal(found.sum(axis=1), table.sum(axis=1))
    assert np.array_equal(found.sum(axis=0), table.sum(axis=0))

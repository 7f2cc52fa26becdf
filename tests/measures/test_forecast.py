"""A plan in the years of a forecast, by hand in the small county."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layout_planner.assign import assign
from layout_planner.columns import FORECAST_SCHOOLS, FORECAST_YEARS
from layout_planner.io.forecast import FORECAST_COLUMNS
from layout_planner.measures.forecast import expected_rows
from layout_planner.plan import Plan
from tests.small_county import county, scenario, times

_GRADES = {"G1-3": (1, 2, 3), "G4-6": (4, 5, 6), "G7-9": (7, 8, 9)}


def plan(*expected: tuple[object, ...]) -> Plan:
    forecast = pd.DataFrame(list(expected), columns=list(FORECAST_COLUMNS))
    return assign(replace(county(), forecast=forecast), times(), scenario(), label="现状")


def test_a_village_that_doubles_fills_the_school_that_it_attends() -> None:
    found = plan((2028, "village", "V2", "G1-3", 0, 120.0), (2030, "village", "V2", "G1-3", 0, 540.0))
    schools = found.tables.forecast_schools.set_index(["year", "school_id"])
    assert schools.index.get_level_values("year").unique().tolist() == [2028, 2030]
    row = schools.loc[(2028, "S2")]
    assert row[["pupils_now", "pupils", "change"]].tolist() == pytest.approx([132, 192, 60])
    assert row[["seats", "seats_gap", "load"]].tolist() == pytest.approx([540, 348, 192 / 540])
    assert row["class_size_max"] == pytest.approx(40)
    assert row["entrants"] == pytest.approx(40)
    assert schools.loc[(2030, "S2"), "seats_gap"] == pytest.approx(540 - 612)
    years = found.tables.forecast_years.set_index("year")
    assert years["pupils"].tolist() == pytest.approx([348, 768])
    assert years["change"].tolist() == pytest.approx([60, 480])
    assert years.loc[2030, ["seats_short", "schools_over"]].tolist() == pytest.approx([72, 1])
    assert years["forecast_share"].tolist() == pytest.approx([60 / 288] * 2)
    assert tuple(found.tables.forecast_years.columns) == FORECAST_YEARS.names
    assert tuple(found.tables.forecast_schools.columns) == FORECAST_SCHOOLS.names


def test_a_grade_of_a_township_changes_that_grade_alone() -> None:
    found = plan((2028, "township", "T1", "G1-3", 1, 60.0))
    here = found.tables.forecast_schools.set_index("school_id")
    assert here.loc[["S1", "S2"], "entrants"].tolist() == pytest.approx([20, 40])  # 30 before, a third and two thirds
    assert here.loc[["S1", "S2"], "change"].tolist() == pytest.approx([10, 20])
    assert here.loc["S3", "change"] == 0.0


def test_pupils_expected_where_there_are_none_are_counted_apart() -> None:
    empty = county(pupils={"V1": (0, 30, 24), "V2": (60, 60, 48), "V3": (12, 12, 12)})
    forecast = pd.DataFrame([(2028, "village", "V1", "G1-3", 0, 9.0)], columns=list(FORECAST_COLUMNS))
    found = assign(replace(empty, forecast=forecast), times(), scenario()).tables.forecast_years.iloc[0]
    assert found[["not_placed", "change"]].tolist() == pytest.approx([9, 0])


def test_without_a_forecast_there_are_no_years() -> None:
    bare = assign(county(), times(), scenario())
    assert bare.tables.forecast_years.empty
    assert bare.tables.forecast_schools.empty


@given(
    st.lists(st.floats(0, 50), min_size=9, max_size=9),
    st.dictionaries(st.tuples(st.sampled_from(["a", "b", "c"]), st.integers(0, 8)), st.floats(0, 99), max_size=12),
)
def test_expected_pupils_are_conserved(now: list[float], wanted: dict[tuple[str, int], float]) -> None:
    rows = pd.DataFrame({
        "village_id": np.repeat(["a", "b", "c"], 9), "township_id": "t", "grade": [*range(1, 10)] * 3,
        "band": ["G1-3"] * 3 + ["G4-6"] * 3 + ["G7-9"] * 3 + (["G1-3"] * 3 + ["G4-6"] * 3 + ["G7-9"] * 3) * 2,
        "school_id": "S", "pupils": [*now, *now[::-1], *now],
    })  # fmt: skip
    told = [("village", place, next(b for b, g in _GRADES.items() if grade + 1 in g), grade + 1, count)
            for (place, grade), count in wanted.items()]  # fmt: skip
    forecast = pd.DataFrame(told, columns=["kind", "place_id", "band", "grade", "pupils"])
    found, left = expected_rows(rows, forecast)
    kept = float(rows["pupils"][~found["is_forecast"]].sum())
    assert float(found["expected"].sum()) + left == pytest.approx(kept + float(forecast["pupils"].sum()), abs=1e-4)
    assert (found["expected"] >= 0).all()

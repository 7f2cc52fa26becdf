from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest

from layout_planner.demand.surface import PUPILS
from layout_planner.io.county import County
from tests.demand.two_townships import built, frame, points_of, two_townships

RATES = {"G1-3": 10, "G4-6": 8, "G7-9": 6}


def estates(**columns: list[Any]) -> gpd.GeoDataFrame:
    """Two estates in the first township: one of today (100 households), one planned for 2028 (200, half full)."""
    base: dict[str, list[Any]] = {
        "project_id": ["p1", "p2"], "name": ["花园", "新城"], "kind": ["existing_estate", "planned_estate"],
        "township_id": ["t1", "t1"], "households": [100, 200], "completion_year": [np.nan, 2028],
        "occupancy": [np.nan, 0.5], "migrant_share": [np.nan, np.nan],
    }  # fmt: skip
    rates = {f"pupils_per_100_households_{c.removeprefix('pupils_')}": [np.nan, np.nan] for c in PUPILS}
    return frame([(500, 500), (600, 500)], **(base | rates | columns))


def after(projects: gpd.GeoDataFrame, **demand: Any) -> County:
    return built(two_townships(projects=projects), source="villages", pupils_per_100_households=RATES, **demand)


def test_estates_of_today_are_carved_out_of_their_township() -> None:
    points = points_of(after(estates()))
    assert points.loc["community-p1", PUPILS].tolist() == pytest.approx([10, 8, 6])
    assert points.loc["community-p1", "kind"] == "community"
    assert points.loc["v1", PUPILS].tolist() == pytest.approx([80 * 60 / 90, 52 * 40 / 60, 24 * 20 / 30])
    assert points.groupby("township_id")[PUPILS].sum().loc["t1"].tolist() == pytest.approx([90, 60, 30], rel=1e-9)


def test_new_estates_come_on_top_once_they_are_finished() -> None:
    early = after(estates(), year=2027)
    assert "community-p2" not in points_of(early).index
    assert [(f.code, str(f.severity)) for f in early.checks if f.code != "calibrated"] == [
        ("project_not_counted", "note")
    ]
    assert "2028 年建成，推算到 2027 年" in early.checks[-1].what.zh
    points = points_of(after(estates(), year=2028))
    assert points.loc["community-p2", PUPILS].tolist() == pytest.approx([10, 8, 6])
    assert points.groupby("township_id")[PUPILS].sum().loc["t1"].tolist() == pytest.approx([100, 68, 36], rel=1e-9)


def test_a_rate_of_its_own_wins_and_households_are_needed() -> None:
    own = estates(pupils_per_100_households_g1_3=[25.0, np.nan], households=[100, None])
    found = after(own, year=2030)
    assert points_of(found).loc["community-p1", "pupils_g1_3"] == pytest.approx(25)
    assert [f.code for f in found.checks if f.code != "calibrated"] == ["project_households_missing"]


def test_estates_never_take_more_than_their_township_has() -> None:
    found = after(estates(households=[2000, 1]))
    points = points_of(found)
    assert points.groupby("township_id")[PUPILS].sum().loc["t1"].tolist() == pytest.approx([90, 60, 30], rel=1e-9)
    assert points.loc["community-p1", PUPILS].tolist() == pytest.approx([90, 60, 30])
    assert [f.code for f in found.checks if f.code != "calibrated"] == ["communities_exceed", "project_not_counted"][
        ::-1
    ]


def test_school_projects_bring_no_pupils() -> None:
    assert "community-p1" not in points_of(after(estates(kind=["new_school", "school_extension"]), year=2030)).index

"""Calibration: two townships, four cells and two schools, with totals that can be worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS

from layout_planner.columns import CALIBRATION
from layout_planner.config.scenario import Demand
from layout_planner.demand.calibrate import Calibration, calibrate
from layout_planner.demand.surface import PUPILS, demand_frame
from layout_planner.errors import Severity
from layout_planner.grades import GRADE_PUPILS
from layout_planner.io.county import County

METRES = CRS.from_epsg(4546)
GRADES = list(GRADE_PUPILS)


def points(kind: str = "cell") -> gpd.GeoDataFrame:
    """Four points, two a township; in each grade 1, 2, 3 and 4 pupils."""
    where = gpd.points_from_xy([100, 900, 1100, 1900], [500] * 4)
    pupils = pd.DataFrame({column: [1.0, 2.0, 3.0, 4.0] for column in GRADES})
    text = pd.Series
    return demand_frame(
        text(list("abcd")), text(list("甲乙丙丁")), text(["v1", "v1", "v2", "v2"]), text(["t1", "t1", "t2", "t2"]),
        kind, pupils, where, METRES,
    )  # fmt: skip


def county(enrolled: dict[int, float] | None = None, townships: list[list[float]] | None = None) -> County:
    """``enrolled`` is the pupils of school s1 by grade; s2 has as many."""
    squares = [shapely.box(0, 0, 1000, 1000), shapely.box(1000, 0, 2000, 1000)]
    totals = townships or [[np.nan] * 3] * 2
    layer = {"township_id": ["t1", "t2"], "name": ["东镇", "西乡"]}
    frame = gpd.GeoDataFrame(
        layer | {p: [row[i] for row in totals] for i, p in enumerate(PUPILS)}, geometry=squares, crs=METRES
    )
    villages = gpd.GeoDataFrame(
        {"village_id": ["v1", "v2"], "name": ["一村", "二村"], "township_id": ["t1", "t2"]}
        | {p: [30.0, np.nan] for p in PUPILS},
        geometry=gpd.points_from_xy([500, 1500], [500, 500]), crs=METRES,
    )  # fmt: skip
    schools = gpd.GeoDataFrame(
        {"school_id": ["s1", "s2"], "name": ["一小", "二小"], "status": "active", "township_id": ["t1", "t2"]}
        | {f"enrol_g{g}": [(enrolled or {}).get(g, np.nan)] * 2 for g in range(1, 10)},
        geometry=gpd.points_from_xy([0, 2000], [500, 500]), crs=METRES,
    )  # fmt: skip
    boundary = gpd.GeoDataFrame({"name": ["县"]}, geometry=[shapely.box(0, 0, 2000, 1000)], crs=METRES)
    return County("县", METRES, boundary, frame, villages, schools, pd.DataFrame(), None)  # type: ignore[arg-type]


def calibrated(where: County, **demand: Any) -> Calibration:
    done = calibrate(points(), where, Demand.model_validate(demand))
    assert tuple(done.table.columns) == CALIBRATION.names
    for i, band in enumerate(PUPILS):
        assert done.points[GRADES[3 * i : 3 * i + 3]].sum(axis=1).tolist() == pytest.approx(done.points[band].tolist())
    return done


def codes(done: Calibration) -> list[str]:
    return [flaw.code for flaw in done.flaws]


def test_townships_and_rosters_are_met_together_and_residuals_are_told() -> None:
    enrolled = {g: 5.0 * (1 + g % 3) for g in range(1, 10)}
    where = county(enrolled, [[20.0, 30, 15], [40.0, 30, 45]])
    done = calibrated(where, calibrate_to="townships")
    assert codes(done) == ["calibrated"]
    sums = done.points.groupby("township_id")[PUPILS].sum()
    assert sums.loc["t1"].tolist() == pytest.approx([20, 30, 15], rel=1e-9)
    assert sums.loc["t2"].tolist() == pytest.approx([40, 30, 45], rel=1e-9)
    assert done.points[GRADES].sum().tolist() == pytest.approx([2 * enrolled[g] for g in range(1, 10)], rel=1e-6)
    held = done.table[done.table["held"]]
    assert len(held) == 2 * 3 + 9
    assert held["residual"].abs().max() < 1e-6
    first = held.iloc[0]
    assert (first["name"], first["band"], first["target"], first["pupils_before"]) == ("东镇", "G1-3", 20, 9)
    assert (first["ratio"], first["factor"]) == pytest.approx((20 / 9, 20 / 9))


def test_bands_hold_where_the_rosters_sum_to_something_else_and_both_sums_are_named() -> None:
    where = county({1: 10, 2: 10, 3: 20} | dict.fromkeys(range(4, 10), 30), [[30.0, 30, 30], [60.0, 60, 60]])
    done = calibrated(where, calibrate_to="townships")
    assert codes(done) == ["margins_differ", "calibrated"]
    assert "1—3年级 90 与 80 人" in done.flaws[0].what.zh
    assert done.flaws[0].severity is Severity.WARNING
    assert done.points[PUPILS].sum().tolist() == pytest.approx([90, 90, 90])
    assert done.points[GRADES[:3]].sum().tolist() == pytest.approx([22.5, 22.5, 45])
    scaled = done.table[done.table["subject_kind"] == "county"].set_index("grade")
    assert not scaled["held"].any()
    assert scaled.loc[3, "residual"] == pytest.approx(5)


def test_a_band_whose_totals_are_not_known_everywhere_keeps_its_own_mix_of_grades() -> None:
    where = county(dict.fromkeys(range(1, 10), 50.0), [[30.0, 30, 30], [np.nan, 60, 60]])
    done = calibrated(where, calibrate_to="townships")
    assert codes(done) == ["calibration_skipped", "margins_differ", "calibrated"]
    assert "西乡（1—3年级）" in done.flaws[0].what.zh
    west = done.points[done.points["township_id"] == "t2"]
    assert west[PUPILS[0]].sum() == pytest.approx(3 * 7)


def test_enrolment_holds_the_county_by_grade() -> None:
    done = calibrated(county({g: float(g) for g in range(1, 10)}), calibrate_to="enrolment")
    assert done.points[GRADES].sum().tolist() == pytest.approx([2.0 * g for g in range(1, 10)], rel=1e-12)
    assert done.points[GRADES[0]].tolist() == pytest.approx([0.2, 0.4, 0.6, 0.8])


def test_schools_draw_from_the_points_that_are_nearest_to_them() -> None:
    done = calibrated(county({1: 6.0, 2: 12.0} | dict.fromkeys(range(3, 10), 14.0)), calibrate_to="schools")
    # a and b are nearer to s1, c and d to s2
    assert done.points[GRADES[0]].tolist() == pytest.approx([2, 4, 6 * 3 / 7, 6 * 4 / 7])
    assert done.points[GRADES[1]].tolist() == pytest.approx([4, 8, 12 * 3 / 7, 12 * 4 / 7])
    held = done.table[done.table["held"]]
    assert set(held["subject_kind"]) == {"school"}
    assert held["residual"].abs().max() < 1e-9


def test_a_school_of_unknown_pupils_leaves_its_neighbourhood_as_estimated() -> None:
    where = county(dict.fromkeys(range(1, 10), 14.0))
    where.schools.loc[1, [f"enrol_g{g}" for g in range(1, 10)]] = np.nan
    done = calibrated(where, calibrate_to="schools")
    assert codes(done) == ["calibration_skipped", "calibrated"]
    assert done.points[GRADES[0]].tolist() == pytest.approx([14 / 3, 28 / 3, 3, 4])


def test_a_school_with_pupils_and_nobody_near_keeps_them_at_its_own_place() -> None:
    where = county(dict.fromkeys(range(1, 10), 14.0))
    lone = (
        where.schools.iloc[[0]]
        .assign(school_id="s3", name="三小")
        .set_geometry([shapely.Point(500, 90_000)], crs=METRES)
    )
    apart = replace(where, schools=pd.concat([where.schools, lone], ignore_index=True))
    done = calibrated(apart, calibrate_to="schools")
    assert codes(done) == ["people_missing", "calibrated"]
    assert done.points["demand_id"].tolist()[-1] == "school-s3"
    assert done.points[GRADES].sum().tolist() == pytest.approx([42.0] * 9)


def test_a_grade_that_was_not_estimated_is_spread_by_the_pupils_there_and_told() -> None:
    where = county({}, [[10.0, 10, 10], [10.0, 10, 10]])
    bare = points()
    bare.loc[:1, GRADES[:3]] = 0.0
    done = calibrate(bare, where, Demand())
    assert codes(done) == ["grade_missing", "calibrated"]
    assert "东镇1—3年级" in done.flaws[0].what.zh
    assert done.points[PUPILS[0]].tolist() == pytest.approx([10 / 3, 20 / 3, 10 * 3 / 7, 10 * 4 / 7])


def test_without_calibration_known_totals_are_still_set_beside_the_estimate() -> None:
    done = calibrated(county(dict.fromkeys(range(1, 10), 7.0), [[18.0, 9, 9]] * 2), calibrate_to="none")
    assert not done.flaws
    assert not done.table["held"].any()
    table = done.table.set_index(["subject_kind", "subject_id", "band"])
    assert table.loc[("township", "t1", "G1-3"), "ratio"].item() == pytest.approx(2)
    assert table.loc[("village", "v1", "all"), "ratio"].item() == pytest.approx(90 / 27)
    assert ("village", "v2", "all") not in table.index
    assert (table["factor"] == 1).all()


def test_villages_are_not_compared_with_themselves() -> None:
    done = calibrate(points("village"), county(), Demand(calibrate_to="none"))
    assert "village" not in set(done.table["subject_kind"])

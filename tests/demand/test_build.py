from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS

from layout_planner.config.scenario import Scenario
from layout_planner.demand import build_demand
from layout_planner.errors import InputError
from layout_planner.io.county import County

METRES = CRS.from_epsg(4546)
GRADES = [f"pupils_grade_{g}" for g in range(1, 10)]
PUPILS = ["pupils_g1_3", "pupils_g4_6", "pupils_g7_9"]


def frame(points: list[tuple[float, float]], **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(*zip(*points, strict=True)), crs=METRES)


@pytest.fixture
def county() -> County:
    """Two townships of 1 km: ``t1`` with people in four cells, ``t2`` with two villages and nobody."""
    townships = gpd.GeoDataFrame(
        {
            "township_id": ["t1", "t2"],
            "name": ["东镇", "西乡"],
            "pupils_g1_3": [90.0, 10.0],
            "pupils_g4_6": [60.0, 20.0],
            "pupils_g7_9": [30.0, 0.0],
        },
        geometry=[shapely.box(0, 0, 1000, 1000), shapely.box(1000, 0, 2000, 1000)],
        crs=METRES,
    )
    villages = frame(
        [(100, 100), (900, 900), (1200, 500), (1800, 500)],
        village_id=["v1", "v2", "v3", "v4"],
        name=["一", "二", "三", "四"],
        township_id=["t1", "t1", "t2", "t2"],
        township=["", "", "", ""],
        people=[np.nan, np.nan, 100.0, 300.0],
        pupils_g1_3=[5.0, 6.0, np.nan, np.nan],
        pupils_g4_6=[5.0, np.nan, np.nan, np.nan],
        pupils_g7_9=[5.0, 7.0, np.nan, np.nan],
    )
    cells = frame(
        [(50, 50), (150, 150), (950, 950), (850, 850)],
        cell_id=["r9c0", "r8c1", "r0c9", "r1c8"],
        township_id=["t1"] * 4,
        people_5_9=[10.0, 20.0, 30.0, 0.1],
        people_10_14=[10.0, 20.0, 30.0, 0.1],
    )
    schools = pd.DataFrame(
        {"school_id": ["s1", "s2"], "status": ["active", "closed"]} | {f"enrol_g{g}": [100, 50] for g in range(1, 10)}
    )
    boundary = gpd.GeoDataFrame({"name": ["县"]}, geometry=[shapely.box(0, 0, 2000, 1000)], crs=METRES)
    return County("县", METRES, boundary, townships, villages, schools, pd.DataFrame({"school_id": []}), None, cells)  # type: ignore[arg-type]


def scenario(**demand: Any) -> Scenario:
    return Scenario.model_validate({"name": "试", "data": {}, "demand": demand})


def built(county: County, **demand: Any) -> gpd.GeoDataFrame:
    out = build_demand(county, scenario(**demand)).demand
    assert out is not None
    for i, band in enumerate(PUPILS):
        assert out[GRADES[3 * i : 3 * i + 3]].sum(axis=1).tolist() == pytest.approx(out[band].tolist(), rel=1e-12)
    return out


def test_uncalibrated_pupils_are_the_children_of_the_ages(county: County) -> None:
    points = built(county, calibrate_to="none", enrolment_rate=0.5)
    assert points[PUPILS].to_numpy().sum() == pytest.approx(0.5 * 60.1 * (4 + 5) / 5)
    assert points.columns.tolist() == [
        "demand_id",
        "name",
        "village_id",
        "township_id",
        "kind",
        "group",
        *PUPILS,
        *GRADES,
        "geometry",
    ]
    assert points["village_id"].tolist() == ["v1", "v1", "v2", "v2"]
    assert points["name"].tolist() == ["一", "一", "二", "二"]
    assert set(points["kind"]) == {"cell"}
    assert points.crs == METRES


def test_township_totals_are_met_and_nobody_is_dropped(county: County) -> None:
    after = build_demand(county, scenario(calibrate_to="townships"))
    assert after.demand is not None
    sums = after.demand.groupby("township_id")[PUPILS].sum()
    assert sums.loc["t1"].tolist() == pytest.approx([90, 60, 30], rel=1e-9)
    assert sums.loc["t2"].tolist() == pytest.approx([10, 20, 0], rel=1e-9)
    assert [f.code for f in after.checks] == ["people_missing", "margins_differ", "calibrated"]
    villages = after.demand[after.demand["kind"] == "village"].set_index("demand_id")
    assert villages["pupils_g4_6"].to_dict() == pytest.approx({"v3": 5.0, "v4": 15.0})


def test_a_township_without_people_or_villages_gets_its_centre(county: County) -> None:
    after = built(replace(county, villages=county.villages.iloc[:2]), calibrate_to="townships")
    centre = after[after["kind"] == "village"]
    assert centre["demand_id"].tolist() == ["township-t2"]
    assert centre["village_id"].tolist() == ["v2"]
    assert county.townships.geometry.iloc[1].contains(centre.geometry.iloc[0])


def test_county_totals_and_enrolment_totals_are_met(county: County) -> None:
    points = built(county, calibrate_to="county", county_pupils={"G1-3": 7, "G4-6": 8, "G7-9": 9})
    assert points[PUPILS].sum().tolist() == pytest.approx([7, 8, 9], rel=1e-9)
    assert built(county, calibrate_to="enrolment")[PUPILS].sum().tolist() == pytest.approx([300] * 3, rel=1e-9)
    with pytest.raises(InputError, match="county_pupils"):
        built(county, calibrate_to="county")


def test_the_latest_enrolment_table_wins_over_the_school_table(county: County) -> None:
    table = pd.DataFrame(
        {"school_id": ["s1", "s1", "s2"], "year": [2023, 2024, 2024]} | {f"enrol_g{g}": [1, g, 9] for g in range(1, 10)}
    )
    points = built(replace(county, enrolment=table), calibrate_to="enrolment")
    assert points[PUPILS].sum().tolist() == pytest.approx([6, 15, 24], rel=1e-9)


def test_without_totals_nothing_is_calibrated_and_it_is_said(county: County) -> None:
    bare = replace(county, townships=county.townships.assign(**dict.fromkeys(PUPILS, np.nan)))
    after = build_demand(bare, scenario())
    assert [f.code for f in after.checks] == ["calibration_skipped"]
    assert after.demand is not None
    assert after.demand[PUPILS].sum().sum() == pytest.approx(60.1 * 9 / 5)


def test_a_raster_of_all_ages_is_multiplied_by_the_shares(county: County) -> None:
    assert county.population is not None
    cells = county.population.drop(columns=["people_5_9", "people_10_14"]).assign(people=[100.0, 0.0, 300.0, 0.0])
    points = built(
        replace(county, population=cells),
        calibrate_to="none",
        school_age_share={"G1-3": 0.04, "G4-6": 0.03, "G7-9": 0.02},
    )
    assert points[PUPILS].sum().tolist() == pytest.approx([16, 12, 8])
    assert points["demand_id"].tolist() == ["r9c0", "r0c9"]


def test_small_cells_join_their_neighbours_and_totals_stay(county: County) -> None:
    points = built(county, calibrate_to="none", min_cell_pupils=1)
    assert points["demand_id"].tolist() == ["r9c0", "r8c1", "r0c9"]
    assert points[PUPILS].to_numpy().sum() == pytest.approx(60.1 * 9 / 5, rel=1e-9)


def test_villages_give_counts_or_people_times_shares(county: County) -> None:
    after = build_demand(county, scenario(source="villages", calibrate_to="none", enrolment_rate=0.5))
    assert after.demand is not None
    points = after.demand.set_index("demand_id")
    assert points.loc["v1", PUPILS].tolist() == [5, 5, 5]
    assert points.loc["v2", PUPILS].tolist() == [6, 0, 7]
    assert points.loc["v4", PUPILS].tolist() == pytest.approx([5.25, 5.25, 4.95])
    assert [f.code for f in after.checks] == ["village_pupils_missing"]


def test_what_gives_no_pupils_is_an_error(county: County) -> None:
    assert county.population is not None
    young = county.population.drop(columns="people_10_14")
    for bare, message in (
        (replace(county, population=None), "人口栅格"),
        (replace(county, population=young), "6—14"),
        (replace(county, population=county.population.assign(people_5_9=0.0, people_10_14=0.0)), "任何学生"),
    ):
        with pytest.raises(InputError, match=message):
            built(bare, calibrate_to="none")


def test_a_count_of_another_date_is_followed_to_the_school_year(county: County) -> None:
    assert county.population is not None
    cells = county.population.rename(columns={"people_5_9": "people_0_4", "people_10_14": "people_5_9"})
    cells["people_10_14"] = cells["people_0_4"]
    older = replace(county, population=cells)
    points = built(older, calibrate_to="none", reference_date="2020-09-01", year=2025)
    # five years on, those of 1 to 9 are in school; every band of every cell holds the same number
    assert points[GRADES].sum().tolist() == pytest.approx([60.1 / 5] * 9)
    with pytest.raises(InputError, match="没有出生"):
        built(older, calibrate_to="none", reference_date="2020-09-01", year=2029)
    with pytest.raises(InputError, match="不能覆盖 8—17 岁"):
        built(older, calibrate_to="none", reference_date="2023-01-01", year=2020)


def test_enrolment_rates_go_by_band(county: County) -> None:
    points = built(county, calibrate_to="none", enrolment_rate={"G7-9": 0.5})
    assert points[PUPILS].sum().tolist() == pytest.approx([60.1 * 3 / 5, 60.1 * 3 / 5, 60.1 * 3 / 10])


@pytest.mark.parametrize(
    ("demand", "said"),
    [
        ({"boarding_rate": {"G1-3": 0.1}}, "国办发〔2018〕27号"),
        ({"reference_date": "2020-11-01"}, "year"),
        ({"reference_date": "2020.11.01", "year": 2025}, "2020-11-01"),
        ({"enrolment_rate": 1.2}, "大于 0"),
        ({"births_by_month": [1.0] * 11}, "12"),
    ],
)
def test_what_cannot_be_is_refused(demand: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        scenario(**demand)

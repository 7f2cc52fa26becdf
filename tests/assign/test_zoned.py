"""Which catchment of today a home lies in: by code, by name, by polygon, and what cannot be told."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
from shapely.geometry import box

from layout_planner.assign.zoned import catchment_flaws, zoned_pairs
from layout_planner.config.scenario import Data
from layout_planner.io.attendance import Attendance, read_attendance
from layout_planner.prepare import _zoned
from tests.small_county import CRS_M, X0, Y0, county, scenario


def read(folder: Path, text: str) -> Attendance:
    path = folder / "zones.csv"
    path.write_text(text, encoding="utf-8")
    here = county()
    return read_attendance(path, here.schools, here.crs)


def pairs(found: Attendance) -> list[tuple[str, str]]:
    return [(str(home), str(school)) for home, school in zoned_pairs(found, county()).itertuples(index=False)]


def test_rows_name_the_village_by_code_or_name_once_for_each_stage_and_schools_may_share(tmp_path: Path) -> None:
    found = read(tmp_path, "村代码,村名,学校代码\nV1,,S1\nV1,,S3\n,V2村,S2、S3\n")
    assert pairs(found) == [("D1", "S1"), ("D1", "S3"), ("D2", "S2"), ("D2", "S3")]
    assert catchment_flaws(found, county(), "zones.csv") == []


def test_villages_that_are_not_known_or_not_the_only_one_are_told_and_not_guessed(tmp_path: Path) -> None:
    found = read(tmp_path, "村代码,村名,学校代码\nV9,,S1\n,北村,S1\n,V1村,S2\n")
    here = county()
    assert here.demand is not None
    here.demand["name"] = here.villages["name"] = ["V1村", "V1村", "V3村"]
    told = catchment_flaws(found, here, "zones.csv")
    assert [(flaw.code, flaw.file) for flaw in told] == [
        ("zone_village_unknown", "zones.csv"), ("zone_village_twice", "zones.csv"),
    ]  # fmt: skip
    assert "V9、北村" in told[0].what.zh
    assert zoned_pairs(found, here).empty


def test_polygons_hold_the_homes_inside() -> None:
    shape = box(X0 - 100, Y0 - 100, X0 + 3500, Y0 + 100)
    areas = gpd.GeoDataFrame({"school_id": ["S1"], "school_ids": ["S1"]}, geometry=[shape], crs=CRS_M)
    assert pairs(Attendance(areas=areas)) == [("D1", "S1"), ("D2", "S1")]


def test_a_county_reads_the_catchments_that_its_scenario_names(tmp_path: Path) -> None:
    read(tmp_path, "村代码,学校代码\nV1,S1\nV8,S2\n")
    here = _zoned(county(), scenario(data=Data(zones=tmp_path / "zones.csv")))
    assert here.zoned is not None
    assert here.zoned.to_numpy().tolist() == [["D1", "S1"]]
    assert [flaw.code for flaw in here.checks] == ["zone_village_unknown"]
    assert [used.role for used in here.inputs] == ["zones"]

"""Which catchment of today a home lies in: by code, by name, by polygon, and what cannot be told."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point, box

from layout_planner.assign.zone_units import ZoneUnits, zone_units
from layout_planner.assign.zoned import catchment_flaws, zoned_pairs
from layout_planner.config.scenario import Data
from layout_planner.config.zoning import Zoning
from layout_planner.io.attendance import Attendance, read_attendance
from layout_planner.io.county import County
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


PARTS = Zoning(largest_unit_pupils=200)


@cache
def divided() -> tuple[County, ZoneUnits]:
    """Give V2 two homes 500 m apart, which make it two parts; a fourth village, V2-2, has a code as parts have."""
    here = county()
    assert here.demand is not None
    twin = here.demand.iloc[[1]].assign(demand_id="D2b", geometry=[Point(X0 + 3500, Y0)])
    other = here.demand.iloc[[2]].assign(
        demand_id="D9", village_id="V2-2", name="南村", geometry=[Point(X0 + 8000, Y0)]
    )  # fmt: skip
    rows = pd.concat([here.demand, twin, other], ignore_index=True)
    villages = pd.concat([here.villages, other[["village_id", "name", "township_id", "geometry"]]], ignore_index=True)
    here = replace(here, demand=gpd.GeoDataFrame(rows, crs=CRS_M), villages=gpd.GeoDataFrame(villages, crs=CRS_M))
    return here, zone_units(here, PARTS)


def table(*rows: tuple[str, str, str]) -> Attendance:
    frame = pd.DataFrame(list(rows), columns=["village_id", "name", "school_id"])
    return Attendance(villages=frame.assign(school_ids=frame["school_id"]))


def told(found: Attendance) -> tuple[list[tuple[str, str]], list[str]]:
    """Pair homes and schools, and name the remarks."""
    here, _ = divided()
    homes = [(str(a), str(b)) for a, b in zoned_pairs(found, here, PARTS).itertuples(index=False)]
    return homes, [flaw.code for flaw in catchment_flaws(found, here, "zones.csv", PARTS)]


def test_a_part_is_never_called_as_another_village() -> None:
    _, units = divided()
    assert units.unit_id.tolist() == ["V1", "V2--1", "V2--2", "V2-2", "V3"]
    assert units.frame["village_id"].tolist() == ["V1", "V2", "V2", "V2-2", "V3"]
    assert units.frame["name"].tolist()[1:4] == ["V2村第1片", "V2村第2片", "南村"]


@pytest.mark.parametrize("by", ["code", "name"])
def test_rows_of_parts_mean_the_homes_in_them(by: str) -> None:
    one, two = (("V2--1", ""), ("V2--2", "")) if by == "code" else (("", "V2村第1片"), ("", "V2村第2片"))
    assert told(table(("V1", "", "S1"), (*one, "S1"), (*two, "S2"))) == (
        [("D1", "S1"), ("D2", "S1"), ("D2b", "S2")], [],
    )  # fmt: skip


def test_rows_of_parts_that_are_not_those_of_now_are_told_and_not_guessed() -> None:
    rest = [("D1", "S1")]
    assert told(table(("V1", "", "S1"), ("V2--1", "", "S1"))) == (rest, ["zone_parts_other"])
    assert told(table(("V1", "", "S1"), ("V2--1", "", "S1"), ("V2--2", "", "S1"), ("V2--3", "", "S2"))) == (
        rest, ["zone_parts_other"],
    )  # fmt: skip
    assert told(table(("V1", "", "S1"), ("V3-1", "", "S1"))) == (rest, ["zone_parts_other"])


def test_villages_as_a_whole_stand_beside_parts_of_others() -> None:
    found = table(("V2", "", "S2"), ("", "V2村第1片", "S1"), ("V2--2", "", "S1"), ("V2-2", "", "S2"), ("V8", "", "S1"))
    assert told(found) == (
        [("D2", "S1"), ("D2", "S2"), ("D2b", "S1"), ("D2b", "S2"), ("D9", "S2")], ["zone_village_unknown"],
    )  # fmt: skip

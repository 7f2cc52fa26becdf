"""Today's zones: read by polygon or by village, their faults, and how they are repaired."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from layout_planner.assign.decisions import apply_decisions
from layout_planner.assign.zone_today import area_faults, repaired, zones_today
from layout_planner.assign.zone_units import zone_units
from layout_planner.config.zoning import Zoning
from layout_planner.errors import InputError
from layout_planner.io.attendance import Attendance, read_areas, read_attendance
from tests.small_county import CRS_M, X0, Y0, county, scenario

WHERE = county()


def squares(*spans: tuple[str, float, float]) -> gpd.GeoDataFrame:
    """Make zones of the strip of the county between two places of the road, metres."""
    shapes = [shapely.box(X0 + a, Y0 - 500, X0 + b, Y0 + 500) for _, a, b in spans]
    return gpd.GeoDataFrame({"school_id": [code for code, _, _ in spans]}, geometry=shapes, crs=CRS_M)


def faults(areas: gpd.GeoDataFrame) -> list[tuple[str, str, float]]:
    assert WHERE.demand is not None
    found = area_faults(areas, WHERE.schools, WHERE.boundary.union_all(), WHERE.demand)
    found["area_m2"] = found["area_m2"].fillna(0).round()
    return list(found[["fault", "zones", "area_m2"]].itertuples(index=False, name=None))


def test_a_unit_belongs_to_the_polygon_in_which_its_pupils_live() -> None:
    case = scenario()
    schools = apply_decisions(WHERE.schools, case.decisions, case.classes)
    units = zone_units(WHERE, Zoning())
    areas = squares(("S1", -500, 3500), ("S2", 3500, 9500), ("S3", -500, 9500))
    today, flaws = zones_today(Attendance(areas=areas), units, schools)
    assert today["primary"].tolist() == ["S1", "S1", "S2"]
    assert today["junior"].tolist() == ["S3", "S3", "S3"]
    assert today["point"].tolist() == ["", "", ""]
    assert flaws == []


def test_a_table_names_villages_by_code_or_name_and_unknown_ones_are_told() -> None:
    case = scenario()
    schools = apply_decisions(WHERE.schools, case.decisions, case.classes)
    table = pd.DataFrame({
        "village_id": ["V1", "", "V9"], "name": ["", "V2村", ""], "school_id": ["S1", "S2", "S1"],
    })  # fmt: skip
    today, flaws = zones_today(Attendance(villages=table), zone_units(WHERE, Zoning()), schools)
    assert today["primary"].tolist() == ["S1", "S2", ""]
    assert [flaw.code for flaw in flaws] == ["zone_village_unknown"]


def test_sound_zones_have_no_fault_but_a_school_outside() -> None:
    assert faults(squares(("S1", -500, 1500), ("S2", 1500, 9500))) == []
    assert faults(squares(("S1", 1500, 9500), ("S2", -500, 1500))) == [
        ("seat_outside", "东村小学", 0.0), ("seat_outside", "柳镇中心小学", 0.0),
    ]  # fmt: skip


def test_overlaps_gaps_and_enclaves_are_measured() -> None:
    found = faults(squares(("S1", -500, 2500), ("S2", 1500, 6000), ("S1", 7000, 9500)))
    assert ("overlap", "东村小学、柳镇中心小学", 1_000_000) in found
    assert ("gap", "", 1_000_000) in found
    assert ("detached", "东村小学", 2_500_000) in found


def test_repaired_zones_are_a_coverage() -> None:
    fixed = repaired(squares(("S1", -500, 2500), ("S2", 1500, 9500)))
    assert shapely.coverage_is_valid(np.asarray(fixed.geometry))
    assert fixed.area.sum() == pytest.approx(1e7)


def test_layers_and_tables_of_zones_are_read(tmp_path: Path) -> None:
    areas = squares(("S1", -500, 1500), ("S2", 1500, 9500))
    areas.rename(columns={"school_id": "学校代码"}).to_file(tmp_path / "zones.gpkg")
    read = read_areas(tmp_path / "zones.gpkg", WHERE.schools, CRS_M)
    assert read["school_id"].tolist() == ["S1", "S2"]
    assert np.allclose(read.area, areas.area, rtol=1e-6)
    pd.DataFrame({"村代码": ["V1"], "学校名称": ["东村小学"]}).to_csv(tmp_path / "zones.csv", index=False)
    table = read_attendance(tmp_path / "zones.csv", WHERE.schools, CRS_M)
    assert table.villages is not None
    assert table.villages[["village_id", "school_id"]].to_numpy().tolist() == [["V1", "S1"]]


def test_every_unknown_school_is_named(tmp_path: Path) -> None:
    pd.DataFrame({"村代码": ["V1", "V2"], "学校代码": ["S8", "S9"]}).to_csv(tmp_path / "zones.csv", index=False)
    with pytest.raises(InputError) as caught:
        read_attendance(tmp_path / "zones.csv", WHERE.schools, CRS_M)
    assert [flaw.code for flaw in caught.value.flaws] == ["unknown_school", "unknown_school"]
    assert [flaw.row for flaw in caught.value.flaws] == [2, 3]


def test_schools_named_together_share_a_zone(tmp_path: Path) -> None:
    pd.DataFrame({"村名": ["V1村"], "学校": ["S2、东村小学"]}).to_csv(tmp_path / "zones.csv", index=False)
    table = read_attendance(tmp_path / "zones.csv", WHERE.schools, CRS_M)
    assert table.shared == (("S1", "S2"),)
    assert table.villages is not None
    assert table.villages["school_id"].tolist() == ["S1"]

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import shapely
from pyproj import CRS

from layout_planner.columns import SCHOOLS
from layout_planner.config.loader import load_scenario
from layout_planner.errors import Severity
from layout_planner.io.county import County
from layout_planner.io.crs import to_crs
from layout_planner.io.plausibility import OFFSET_SYSTEMS, Evidence, check_offset, compare_systems
from layout_planner.io.read import read_county
from layout_planner.io.tables import Loaded, empty_frame

CRS_111 = CRS.from_epsg(4546)
Points = npt.NDArray[np.float64]


def country(seed: int, count: int, *, dense: bool = False) -> tuple[shapely.STRtree, Points]:
    """Draw crooked country roads over 20 km (or streets every 60 m over 4 km) and places some 30 m beside them."""
    rng = np.random.default_rng(seed)
    corner = np.array([520_000.0, 3_550_000.0])
    if dense:
        at = np.arange(0.0, 4_001.0, 60.0)
        ends = [[(0, y), (4_000, y)] for y in at] + [[(x, 0), (x, 4_000)] for x in at]
        roads = np.array(shapely.linestrings(np.array(ends) + corner))
    else:
        starts = rng.uniform(0, 20_000, (40, 1, 2))
        roads = np.array(shapely.linestrings(corner + starts + rng.normal(0, 400, (40, 30, 2)).cumsum(axis=1)))
    chosen = roads[rng.integers(len(roads), size=count)]
    where = shapely.line_interpolate_point(chosen, rng.uniform(0.1, 0.9, count), normalized=True)
    return shapely.STRtree(roads), shapely.get_coordinates(where) + rng.normal(0, 30, (count, 2))


def told(places: Points, written: str, declared: str, evidence: Evidence) -> Loaded:
    """Check places that were written in one system and declared as another."""
    loaded = Loaded(SCHOOLS, empty_frame(SCHOOLS), "schools.xlsx")
    lonlat = to_crs(to_crs(to_crs(places, CRS_111, "wgs84"), "wgs84", written), declared, "wgs84")
    check_offset(loaded, lonlat, declared, evidence, CRS_111)
    return loaded


@pytest.mark.parametrize("written", OFFSET_SYSTEMS)
@pytest.mark.parametrize("declared", OFFSET_SYSTEMS)
def test_the_system_that_the_places_were_written_in_is_named_with_figures(written: str, declared: str) -> None:
    roads, places = country(1, 40)
    flaws = told(places, written, declared, Evidence(roads)).flaws
    assert [f.code for f in flaws] == ([] if written == declared else ["coordinates_offset"])
    for flaw in flaws:
        assert flaw.severity is Severity.WARNING
        assert "看起来像" in flaw.what.zh
        assert "40 个点" in flaw.what.zh
        assert f"schools: {written}" in flaw.mend.zh


@pytest.mark.parametrize("count", [5, 10, 30])
def test_right_declarations_are_left_in_peace(count: int) -> None:
    for seed in range(25):
        roads, places = country(seed, count)
        assert told(places, "wgs84", "wgs84", Evidence(roads)).flaws == []
        assert told(places, "gcj02", "gcj02", Evidence(roads)).flaws == []


def test_thirty_places_in_the_country_are_enough() -> None:
    for seed in range(10):
        roads, places = country(seed, 30)
        assert len(told(places, "gcj02", "wgs84", Evidence(roads)).flaws) == 1


def test_metres_made_from_gcj02_are_told_too() -> None:
    roads, places = country(2, 30)
    loaded = Loaded(SCHOOLS, empty_frame(SCHOOLS), "schools.xlsx")
    check_offset(
        loaded, to_crs(to_crs(places, CRS_111, "wgs84"), "wgs84", "gcj02"), "EPSG:4546", Evidence(roads), CRS_111
    )
    assert "声明的 EPSG:4546" in loaded.flaws[0].what.zh


def test_streets_everywhere_tell_nothing_and_buildings_do() -> None:
    streets, places = country(3, 40, dense=True)
    assert told(places, "gcj02", "wgs84", Evidence(streets)).flaws == []
    houses = shapely.STRtree(np.array(shapely.buffer(shapely.points(places), 8)))
    assert "离房屋 0 米" in told(places, "gcj02", "wgs84", Evidence(streets, houses)).flaws[0].what.zh


def test_the_township_that_places_state_is_evidence_without_any_road() -> None:
    rng = np.random.default_rng(5)
    corner = np.array([520_000.0, 3_550_000.0])
    places = corner + rng.uniform(0, 10_000, (150, 2))
    stated = np.array([shapely.box(*(700 * (xy // 700)), *(700 * (xy // 700) + 700)) for xy in places])
    flaws = told(places, "gcj02", "wgs84", Evidence(stated=stated)).flaws
    assert "100%在所填乡镇内" in flaws[0].what.zh
    assert told(places, "wgs84", "wgs84", Evidence(stated=stated)).flaws == []


def test_few_places_or_no_evidence_let_the_declaration_stand() -> None:
    roads, places = country(1, 40)
    assert told(places[:4], "gcj02", "wgs84", Evidence(roads)).flaws == []
    assert told(places, "gcj02", "wgs84", Evidence()).flaws == []
    assert compare_systems({"wgs84": places[:0], "gcj02": places[:0]}, "wgs84", Evidence(roads)).likelier is None


def test_abroad_nothing_is_compared() -> None:
    roads, places = country(1, 40)
    loaded = Loaded(SCHOOLS, empty_frame(SCHOOLS), "schools.xlsx")
    check_offset(loaded, to_crs(places, CRS_111, "wgs84") - [60.0, 0.0], "wgs84", Evidence(roads), CRS_111)
    assert loaded.flaws == []


@pytest.fixture(scope="module")
def yangli() -> County:
    return read_county(load_scenario(Path(__file__).parents[2] / "scenarios" / "baseline.yaml"))


@pytest.mark.parametrize("role", ["schools", "villages"])
def test_the_shipped_county_is_told_apart_by_twenty_places(yangli: County, role: str) -> None:
    road = np.repeat(np.arange(yangli.network.n_edges), np.diff(yangli.network.shape_start))
    vertices = np.column_stack([yangli.network.shape_x, yangli.network.shape_y])
    evidence = Evidence(shapely.STRtree(np.array(shapely.linestrings(vertices, indices=road))))
    places = shapely.get_coordinates(getattr(yangli, role).geometry)
    found = []
    for seed in range(8):
        some = to_crs(np.random.default_rng(seed).choice(places, 20, replace=False), yangli.crs, "wgs84")
        for written in ("wgs84", "gcj02"):
            raw = to_crs(some, "wgs84", written)
            verdict = compare_systems({s: to_crs(raw, s, yangli.crs) for s in OFFSET_SYSTEMS}, "wgs84", evidence)
            found.append(verdict.likelier)
    assert found[::2] == [None] * 8
    assert set(found[1::2]) <= {"gcj02", None}
    assert found[1::2].count("gcj02") >= 6


def test_the_shipped_county_reads_without_a_doubt_of_its_systems(yangli: County) -> None:
    assert not [f for f in yangli.checks if f.code in ("coordinates_offset", "crs_old_datum", "layer_offset")]


def test_the_check_of_the_shipped_county_warns_once_where_gcj02_is_not_declared() -> None:
    path = Path(__file__).parents[2] / "scenarios" / "baseline.yaml"
    checks = read_county(load_scenario(path, ["data.crs.schools=wgs84"])).checks
    [flaw] = [f for f in checks if f.code == "coordinates_offset"]
    assert "看起来像 GCJ-02" in flaw.what.zh
    assert "在所填乡镇内" in flaw.what.zh
    assert "schools: gcj02" in flaw.mend.zh

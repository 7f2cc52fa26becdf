from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio

from layout_planner.config.scenario import Scenario
from layout_planner.errors import InputError, Severity
from layout_planner.io.read import read_county

from .conftest import MIDDLE, SCHOOL_HEADER, VILLAGE_HEADER, VILLAGES, write_csv, write_raster, write_xlsx
from .conftest import SCHOOLS as ROWS

Make = Callable[..., Scenario]


def refused(scenario: Scenario) -> InputError:
    with pytest.raises(InputError) as caught:
        read_county(scenario)
    return caught.value


def errors(error: InputError) -> list[str]:
    return [f.code for f in error.flaws if f.severity is Severity.ERROR]


def rewrite_schools(folder: Path, *changes: tuple[int, str, object]) -> None:
    """Write the school table anew with cells changed; rows as seen in the sheet."""
    rows = [list(SCHOOL_HEADER), *[list(r) for r in ROWS]]
    for row, column, value in changes:
        if column not in rows[0]:
            rows = [[*r, None] for r in rows]
            rows[0][-1] = column
        rows[row - 1][rows[0].index(column)] = value
    write_xlsx(folder / "schools.xlsx", {"学校基本情况": rows})


def test_a_clean_county_reads_without_a_word(mini: Path, scenario: Make) -> None:
    county = read_county(scenario(mini))
    assert county.checks == ()
    assert county.name == "小样县"
    assert county.crs.to_epsg() == 4546
    assert len(county.schools) == 6
    assert county.schools["tier"].tolist() == [
        "central_primary",
        "junior",
        "teaching_point",
        "village_primary",
        "central_primary",
        "nine_year",
    ]
    assert county.schools["township"].tolist() == ["东镇", "东镇", "西乡", "西乡", "西乡", "西乡"]
    assert county.townships["pupils_g1_3"].tolist() == [300, 200]
    assert county.population is not None
    assert county.population["people_5_9"].sum() == pytest.approx(600)
    assert county.population["people_0_4"].sum() == pytest.approx(500)
    assert county.population.groupby("township_id").size().tolist() == [50, 50]
    assert [i.role for i in county.inputs] == [
        "schools",
        "villages",
        "boundary",
        "townships",
        *["population"] * 5,
        "roads",
    ]
    assert county.network.n_edges > 0
    assert county.schools.crs == county.villages.crs == county.boundary.crs == county.population.crs == county.crs


def test_the_network_comes_from_the_cache_the_second_time(
    mini: Path, scenario: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = read_county(scenario(mini)).network
    monkeypatch.setattr("layout_planner.io.read.read_network", None)
    assert read_county(scenario(mini)).network.content_hash == first.content_hash


def test_ten_mistakes_in_a_school_table_give_one_message(mini: Path, scenario: Make) -> None:
    (mini / "schools.xlsx").unlink()
    rows: list[list[object]] = [
        list(SCHOOL_HEADER),
        ["0990101001", "东镇中心小学", "中心小学", "990101101", 110.76, 32.15, 12, 540, 60],
        ["0990101001", "东镇第二小学", "小学", "990101101", 110.77, 32.16, 12, 540, 60],  # duplicate code
        ["0990101003", "柳树教学点", "教学点", "990101102", None, None, 3, None, 8],  # missing coordinates
        ["0990101004", "石桥小学", "村小", "990101102", 32.18, 110.72, 6, 270, 20],  # swapped
        [
            "0990101005",
            "西乡中心小学",
            "中心小学",
            "990101102",
            110.73,
            32.15,
            12,
            540,
            "五十人",
        ],  # text in a grade column
        [None] * 9,  # blank row
        ["0990101006", "西乡学校", "九年一贯制", "990101102", 110.74, 32.15, 18, -100, 40],  # negative seats
        ["0990101007", "西乡学堂", "私塾", "990101102", 110.74, 32.16, 18, 100, 40],  # unknown type
        ["0990101008", "邻县小学", "村小", "990101102", 111.74, 32.16, 6, 100, 40],  # outside the county
        ["990101009", "东镇初中", "初中", "990101101", 110.77, 32.15, 9, 450, None],  # lost its leading zero
    ]
    write_csv(mini / "schools.csv", rows, "gb18030")  # GBK header
    error = refused(scenario(mini))
    found = {(f.code, f.row) for f in error.flaws}
    assert found == {
        ("code_repeated", 3),
        ("coordinates_missing", 4),
        ("coordinates_swapped", 5),
        ("not_a_number", 6),
        ("row_blank", 7),
        ("negative", 8),
        ("tier_unknown", 9),
        ("outside_county", 10),
        ("code_lost_zero", 11),
        ("encoding_gb18030", 1),
    }
    assert len(errors(error)) == 8
    text = error.render("zh")
    assert text.count("schools.csv") == 10
    assert "8 处问题" in text
    assert "0990101009" in text
    assert "swapped" in error.render("en")


def test_flaws_of_all_files_come_together(mini: Path, scenario: Make) -> None:
    rewrite_schools(mini, (4, "学校类别", "私塾"))
    write_xlsx(
        mini / "villages.xlsx",
        {"村表": [VILLAGE_HEADER, *VILLAGES, ["990101101001", "又一村", "990101101", 110.77, 32.12]]},
    )
    write_raster(mini / "population" / "xyl_t_05_2025_CN_100m.tif", np.ones((12, 12), dtype="float32"), crs=None)
    (mini / "roads.osm").write_bytes(b"<osm><node id='1'")
    error = refused(scenario(mini))
    assert {f.file for f in error.flaws} == {"schools.xlsx", "villages.xlsx", "xyl_t_05_2025_CN_100m.tif", "roads.osm"}
    assert {"tier_unknown", "code_repeated", "raster_crs_missing"} <= set(errors(error))


@pytest.mark.parametrize(
    ("row", "column", "value", "code"),
    [
        (2, "在校生总数", 61, "parts_total"),
        (4, "七年级在校生", 5, "enrolment_outside_grades"),
        (6, "学校名称", "石桥小学", "name_repeated"),
        (3, "学校名称", "东镇第二中心小学", "tier_name"),
        (3, "经度", 110.76, "site_repeated"),
        (5, "乡镇代码", "990101101", "township_differs"),
    ],
)
def test_contradictions_are_warnings(
    mini: Path, scenario: Make, row: int, column: str, value: object, code: str
) -> None:
    rewrite_schools(mini, (row, column, value))
    checks = read_county(scenario(mini)).checks
    assert [(f.code, f.row, f.severity) for f in checks] == [(code, row, Severity.WARNING)]


def test_a_closed_school_with_pupils_and_seats_is_told_both(mini: Path, scenario: Make) -> None:
    rewrite_schools(mini, (2, "办学状态", "停办"))
    checks = read_county(scenario(mini)).checks
    assert [(f.code, f.row, f.severity) for f in checks] == [
        ("closed_with_pupils", 2, Severity.WARNING),
        ("closed_with_seats", 2, Severity.NOTE),
    ]
    assert [(cell.column, cell.address) for cell in checks[1].cells] == [("办学状态", "J2"), ("核定学位数（人）", "H2")]


@pytest.mark.parametrize(
    ("row", "column", "value", "code"),
    [
        (2, "办学状态", "说不清", "status_unknown"),
        (2, "起始年级", 10, "grade_range"),
        (2, "起始年级", "低年级", "not_a_number"),
        (2, "乡镇代码", "990101199", "township_unknown"),
        (2, "经度", 510.0, "coordinates_range"),
        (2, "经度", 110.9, "outside_county"),
    ],
)
def test_what_cannot_be_used_is_an_error(
    mini: Path, scenario: Make, row: int, column: str, value: object, code: str
) -> None:
    rewrite_schools(mini, (row, column, value))
    assert errors(refused(scenario(mini))) == [code]


def test_a_whole_table_in_another_system_is_one_error(mini: Path, scenario: Make) -> None:
    metres = scenario(mini, data={"crs": {"schools": "EPSG:4546"}})
    assert errors(refused(metres)) == ["coordinates_kind"]
    rewrite_schools(mini, *[(r, "经度", 32.15) for r in range(2, 8)], *[(r, "纬度", 110.75) for r in range(2, 8)])
    error = refused(scenario(mini))
    assert set(errors(error)) == {"coordinates_swapped"}


def test_systems_that_do_not_exist_or_have_no_metres_are_errors(mini: Path, scenario: Make) -> None:
    error = refused(scenario(mini, data={"crs": {"schools": "EPSG:999999"}}))
    assert [(f.code, f.key) for f in error.flaws] == [("crs_unknown", "data.crs.schools")]
    error = refused(scenario(mini, data={"working_crs": "EPSG:4326"}))
    assert [(f.code, f.key) for f in error.flaws] == [("working_crs_wrong", "data.working_crs")]
    assert read_county(scenario(mini, data={"working_crs": "EPSG:32649"})).crs.to_epsg() == 32649


def test_declared_gcj02_moves_the_schools(mini: Path, scenario: Make) -> None:
    plain = read_county(scenario(mini)).schools.geometry
    moved = read_county(scenario(mini, data={"crs": {"schools": "gcj02"}})).schools.geometry
    assert plain.distance(moved).between(300, 800).all()


def test_townships_go_by_name_or_place_where_no_code_is_given(mini: Path, scenario: Make) -> None:
    header = [*VILLAGE_HEADER[:2], "乡镇", *VILLAGE_HEADER[3:]]
    names = ["东 镇", "东镇", None, "西乡"]
    write_xlsx(
        mini / "villages.xlsx", {"村表": [header, *[[*v[:2], n, *v[3:]] for v, n in zip(VILLAGES, names, strict=True)]]}
    )
    county = read_county(scenario(mini))
    assert county.checks == ()
    assert county.villages["township_id"].tolist() == ["990101101", "990101101", "990101102", "990101102"]


def test_optional_files_may_be_absent(mini: Path, scenario: Make) -> None:
    for name in ("boundary.geojson", "townships.geojson", "villages.xlsx"):
        (mini / name).unlink()
    county = read_county(scenario(mini))
    assert [f.code for f in county.checks] == ["boundary_missing"]
    assert county.townships["name"].tolist() == ["mini"]
    assert set(county.schools["township_id"]) == {"county"}
    assert county.villages.empty
    assert county.population is not None
    assert county.population["people_5_9"].sum() == pytest.approx(144 * 6)


def test_villages_alone_outline_the_county(mini: Path, scenario: Make) -> None:
    shutil.rmtree(mini / "population")
    for name in ("boundary.geojson", "townships.geojson", "villages.xlsx"):
        (mini / name).unlink()
    write_csv(mini / "villages.csv", [["id", "lon", "lat", "population"], *[[v[0], v[3], v[4], 100] for v in VILLAGES]])
    county = read_county(scenario(mini, demand={"source": "villages"}))
    assert county.villages["people"].tolist() == [100] * 4
    assert county.villages["name"].tolist() == [v[0] for v in VILLAGES]
    assert county.boundary.geometry.iloc[0].contains(county.villages.union_all())


def test_needed_files_are_named_when_absent(mini: Path, scenario: Make) -> None:
    for name in ("schools.xlsx", "roads.osm"):
        (mini / name).unlink()
    shutil.rmtree(mini / "population")
    error = refused(scenario(mini))
    assert [f.key for f in error.flaws if f.code == "file_missing"] == ["data.schools", "data.population", "data.roads"]
    shutil.copy(mini / "villages.xlsx", mini / "各校情况.xlsx")
    told = next(f for f in refused(scenario(mini)).flaws if f.key == "data.schools")
    assert "没有用到的表格：各校情况.xlsx" in told.what.zh
    assert errors(refused(scenario(mini / "none"))) == ["folder_missing"]


def test_two_candidates_are_told(mini: Path, scenario: Make) -> None:
    shutil.copy(mini / "townships.geojson", mini / "乡镇.geojson")
    county = read_county(scenario(mini))
    assert [f.code for f in county.checks] == ["file_ambiguous"]


def test_row_order_of_the_files_does_not_matter(mini: Path, scenario: Make) -> None:
    before = read_county(scenario(mini)).schools
    write_xlsx(mini / "schools.xlsx", {"学校基本情况": [SCHOOL_HEADER, *reversed(ROWS)]})
    assert read_county(scenario(mini)).schools.equals(before)


def test_progress_is_told(mini: Path, scenario: Make) -> None:
    said: list[str] = []
    read_county(scenario(mini), progress=lambda text: said.append(text.en))
    assert said[0] == "reading the tables"
    assert len(said) == 5


def test_a_raster_far_larger_than_the_county_is_read_by_window(mini: Path, scenario: Make, tmp_path: Path) -> None:
    shutil.rmtree(mini / "population")
    with rasterio.open(
        mini / "population.tif",
        "w",
        driver="GTiff",
        height=40_000,
        width=60_000,
        count=1,
        dtype="float32",
        crs="EPSG:4326",
        transform=rasterio.transform.from_origin(90, 50, 1 / 1200, 1 / 1200),
        tiled=True,
        sparse_ok=True,
        nodata=0,
    ) as file:
        row, column = file.index(MIDDLE, 32.15)
        file.write(np.ones((10, 10), dtype="float32"), 1, window=rasterio.windows.Window(column, row, 10, 10))
    county = read_county(scenario(mini))
    assert county.population is not None
    assert county.population["people"].sum() == pytest.approx(100)

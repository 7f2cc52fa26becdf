"""The synthetic county holds together: counts, sums, places, seeds, sizes."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from rasterio.features import rasterize

from layout_planner import examples
from layout_planner.columns import ENROLMENT, SCHOOLS, VILLAGES, label
from layout_planner.examples.frame import gcj02_from_wgs84
from layout_planner.grades import GRADES, Tier
from layout_planner.io.crs import gcj02_to_wgs84
from tests.examples.county_files import Files, read_files

BANDS = ("pupils_g1_3", "pupils_g4_6", "pupils_g7_9")
GRADE_COLUMNS = [label(SCHOOLS[f"enrol_g{g}"]) for g in GRADES]


def number(frame: pd.DataFrame, name: str, table=SCHOOLS) -> pd.Series:
    return pd.to_numeric(frame[label(table[name])])


def digest(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def ages(folder: Path, age: int) -> tuple[np.ndarray, rasterio.Affine]:
    total = None
    for sex in "fm":
        with rasterio.open(folder / "population" / f"xyl_{sex}_{age}_2020.tif") as raster:
            assert raster.nodata == -99999.0
            assert raster.crs.to_epsg() == 4326
            assert raster.dtypes == ("float32",)
            values = raster.read(1, masked=True).filled(0.0).astype(float)
            total = values if total is None else total + values
            transform = raster.transform
    return total, transform


def test_gcj02_agrees_with_the_published_vector() -> None:
    moved = gcj02_from_wgs84([(121.0917077, 30.6107779)])
    np.testing.assert_allclose(moved, [(121.09626927850977, 30.608604368560773)], rtol=0, atol=1e-12)


def test_the_shipped_county_has_the_promised_size(shipped: Files) -> None:
    assert len(shipped.townships) == 15
    assert len(shipped.villages) == 190
    area = shipped.boundary.to_crs(32649).area.sum() / 1e6
    assert area == pytest.approx(2000, rel=0.02)
    assert shipped.townships[list(BANDS)].to_numpy().sum() == pytest.approx(38_000, rel=0.01)
    assert 30_000 <= len(shipped.roads.nodes) <= 60_000
    people, _ = ages(shipped.folder, 5)
    assert 5_000 <= np.count_nonzero(people) <= 9_000
    assert sum(p.stat().st_size for p in shipped.folder.rglob("*") if p.is_file()) <= 4_000_000


def test_the_shipped_county_has_what_makes_planners_plan(shipped: Files) -> None:
    schools = shipped.schools[shipped.schools["办学状态"] == "在办"]
    tiers = schools["学校类别"].value_counts()
    assert tiers[Tier.CENTRAL_PRIMARY.label_zh] == 15
    assert tiers[Tier.TEACHING_POINT.label_zh] == 6 * tiers[Tier.CENTRAL_PRIMARY.label_zh]
    assert tiers[Tier.PRIMARY.label_zh] == 7
    pupils, classes = number(schools, "enrolment"), number(schools, "classes")
    assert ((pupils / classes) > 56).sum() >= 8
    points = schools["学校类别"] == Tier.TEACHING_POINT.label_zh
    assert (pupils[points] < 50).sum() >= 50
    assert (pupils[points] < 20).sum() >= 10
    assert set(shipped.schools["办学状态"]) == {"在办", "停办", "拟建"}


def test_the_conditions_of_balance_are_stated_and_can_be_true(county: Files) -> None:
    schools = county.schools[county.schools["办学状态"] == "在办"]
    for part, whole in (
        ("teachers_above_norm", "teachers"), ("teachers_backbone", "teachers"), ("teachers_pe_art", "teachers"),
        ("teachers_mid_title", "teachers"), ("teaching_m2", "building_m2"), ("sports_ground_m2", "site_m2"),
    ):  # fmt: skip
        assert (number(schools, part) <= number(schools, whole)).all(), part
    assert (number(schools, "media_rooms") >= 1).all()


def test_townships_cover_the_county_without_gaps_or_overlaps(county: Files) -> None:
    shapes = county.townships.geometry.array
    assert shapely.coverage_is_valid(shapes)
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_union_all(shapes).equals(county.boundary.geometry.iloc[0])


def test_ids_are_unique_text_of_the_right_length(county: Files) -> None:
    for ids, length in (
        (county.schools["学校代码"], 10),
        (county.villages["村代码"], 12),
        (county.townships["township_id"], 9),
    ):
        assert ids.is_unique
        assert set(ids.str.len()) == {length}
    assert county.schools["学校代码"].str.startswith("0").all()
    assert county.schools["学校名称"].is_unique
    assert county.villages["村名"].is_unique


def test_headers_are_those_of_the_registry(county: Files) -> None:
    assert list(county.schools.columns) == [label(c) for c in SCHOOLS if label(c) in county.schools]
    assert {label(c) for c in (*SCHOOLS,)} - set(county.schools.columns) <= {
        label(c) for c in SCHOOLS if not c.required
    }
    assert set(county.enrolment.columns) <= {label(c) for c in ENROLMENT}
    assert set(county.villages.columns) <= {label(c) for c in VILLAGES}


def test_pupils_are_conserved_from_raster_to_townships_to_villages(county: Files) -> None:
    fives, transform = ages(county.folder, 5)
    tens, _ = ages(county.folder, 10)
    cells = {"pupils_g1_3": 0.6 * fives, "pupils_g4_6": 0.2 * fives + 0.4 * tens, "pupils_g7_9": 0.6 * tens}
    zone = rasterize(
        [(shape, k) for k, shape in enumerate(county.townships.geometry)],
        fives.shape,
        fill=-1,
        transform=transform,
        dtype="int16",
    )
    assert fives[zone < 0].sum() == 0
    for band in BANDS:
        official = county.townships[band].to_numpy()
        raster = np.bincount(zone[zone >= 0], cells[band][zone >= 0], minlength=len(official))
        assert np.abs(raster - official).max() <= 1.0 + 1e-6
        villages = number(county.villages, band, VILLAGES)
        by_township = villages.groupby(county.villages["乡镇代码"]).sum()
        assert (by_township[county.townships["township_id"]].to_numpy() == official).all()


def test_enrolment_adds_up_to_the_pupils_of_the_county(county: Files) -> None:
    grades = county.schools[GRADE_COLUMNS].apply(pd.to_numeric)
    for k, band in enumerate(BANDS):
        assert grades.iloc[:, 3 * k : 3 * k + 3].to_numpy(na_value=0).sum() == county.townships[band].sum()
    assert (grades.sum(axis=1) == number(county.schools, "enrolment")).all()


def test_school_rows_do_not_contradict_themselves(county: Files) -> None:
    table = county.schools
    first, last = number(table, "grade_from"), number(table, "grade_to")
    for g, column in zip(GRADES, GRADE_COLUMNS, strict=True):
        taught = (first <= g) & (g <= last) & (table["办学状态"] == "在办")
        assert (table[column].notna() == taught).all()
    assert (number(table, "boarders") <= number(table, "beds")).all()
    assert (number(table, "classes") <= number(table, "rooms")).all()
    assert (number(table, "teachers")[table["办学状态"] == "在办"] >= 1).all()
    assert (number(table, "enrolment")[table["办学状态"] != "在办"] == 0).all()


def test_five_years_of_enrolment_end_with_the_present_and_villages_decline(county: Files) -> None:
    table = county.enrolment
    assert sorted(table["学年"].unique()) == ["2021", "2022", "2023", "2024", "2025"]
    assert not table.duplicated(["学校代码", "学年"]).any()
    counted = table[["学校代码", "学年"]].assign(n=table[GRADE_COLUMNS].apply(pd.to_numeric).sum(axis=1))
    by_year = counted.pivot_table(index="学校代码", columns="学年", values="n")
    present = number(county.schools, "enrolment").set_axis(county.schools["学校代码"])
    open_ids = county.schools.loc[county.schools["办学状态"] == "在办", "学校代码"]
    assert (by_year.loc[open_ids, "2025"] == present[open_ids]).all()
    small = open_ids[county.schools["学校类别"].isin(["教学点", "村小"])]
    assert by_year.loc[small, "2021"].sum() > 1.1 * by_year.loc[small, "2025"].sum()


def test_schools_and_villages_stand_in_their_townships(county: Files) -> None:
    shapes = county.townships.set_index("township_id").geometry
    gcj = county.schools[["经度（°）", "纬度（°）"]].astype(float).to_numpy()
    for ids, xy in (
        (county.schools["乡镇代码"], np.asarray(gcj02_to_wgs84(gcj))),
        (county.villages["乡镇代码"], county.villages[["经度（°）", "纬度（°）"]].astype(float).to_numpy()),
    ):
        assert shapely.contains(shapes[ids].array, shapely.points(xy)).all()


def test_terrain_is_mountainous_and_rivers_run_downhill(shipped: Files) -> None:
    with rasterio.open(shipped.folder / "terrain.tif") as raster:
        assert raster.crs.to_epsg() == 4326
        height = raster.read(1, masked=True)
    assert height.min() > 100
    assert height.max() - height.min() > 1000


def test_every_file_says_that_it_is_fictitious(county: Files) -> None:
    for name in ("boundary.geojson", "townships.geojson", "rivers.geojson"):
        assert "虚构" in (county.folder / name).read_text(encoding="utf-8")
    for name in ("schools.xlsx", "villages.xlsx"):
        notes = pd.read_excel(county.folder / name, sheet_name="说明", header=None, engine="calamine")
        assert "虚构" in notes.iloc[0, 0]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tiny_folder: Path, tmp_path: Path) -> None:
    examples.write_county(tmp_path / "again", size="tiny")
    examples.write_county(tmp_path / "other", size="tiny", seed=21)
    assert digest(tmp_path / "again") == digest(tiny_folder)
    other = digest(tmp_path / "other")
    assert all(other[name] != sha for name, sha in digest(tiny_folder).items())


@pytest.mark.parametrize("seed", range(5))
def test_any_seed_gives_a_county(tmp_path: Path, seed: int) -> None:
    files = read_files(examples.write_county(tmp_path, size="tiny", seed=seed)[0].parent)
    assert len(files.townships) == 3
    assert files.townships[list(BANDS)].to_numpy().min() > 0


def test_counties_side_by_side_share_files_and_no_codes(tmp_path: Path) -> None:
    examples.write_county(tmp_path, size="tiny", counties=5)
    files = read_files(tmp_path)
    assert len(files.boundary) == 5
    assert len(files.townships) == 15
    for ids in (files.schools["学校代码"], files.villages["村代码"], files.townships["township_id"]):
        assert ids.is_unique
    assert files.schools["学校名称"].is_unique
    assert not shapely.union_all(files.boundary.geometry.array).is_empty
    fives, _ = ages(tmp_path, 5)
    tens, _ = ages(tmp_path, 10)
    pupils = files.townships[list(BANDS)].to_numpy().sum()
    assert 0.8 * fives.sum() + tens.sum() == pytest.approx(pupils, abs=10)


def test_unknown_sizes_and_too_many_counties_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="huge"):
        examples.write_county(tmp_path, size="huge")
    with pytest.raises(ValueError, match="counties"):
        examples.write_county(tmp_path, size="tiny", counties=101)

from __future__ import annotations

import pytest

from layout_planner.io.raster_names import parse_band_names, parse_raster_name


@pytest.mark.parametrize(
    ("stem", "column", "sex"),
    [
        ("chn_f_5_2020", "people_5_9", "f"),
        ("chn_f_80_2020", "people_80_120", "f"),
        ("chn_m_0_2020_constrained_UNadj", "people_0_0", "m"),
        ("chn_f_1_2020", "people_1_4", "f"),
        ("chn_t_05_2025_CN_100m_R2025A_v1", "people_5_9", "t"),
        ("chn_m_80_2025_CN_100m_R2025A_v1", "people_80_84", "m"),
        ("chn_m_90_2025_CN_1km_R2024B_UA_v1", "people_90_120", "m"),
        ("chn_T_F_2025_CN_100m_R2024B_v1", "people", "f"),
        ("chn_pop_2025_CN_100m_R2025A_v1", "people", "t"),
        ("GHA14_A0510_adjv1", "people_5_9", "t"),
        ("GHA14_A65PL_adjv1", "people_65_120", "t"),
        ("NPL_ppp_v2c_2020", "people", "t"),
        ("chn_ppp_2020_UNadj", "people", "t"),
        ("GHS_POP_E2020_GLOBE_R2023A_54009_100_V1_0_R6_C27", "people", "t"),
        ("landscan-global-2022", "people", "t"),
        ("gpw_v4_population_count_rev11_2020_30_sec", "people", "t"),
        ("人口2020", "people", "t"),
    ],
)
def test_names_tell_ages_and_sex(stem: str, column: str, sex: str) -> None:
    name = parse_raster_name(stem)
    assert (name.column, name.sex, name.unit) == (column, sex, "count")


@pytest.mark.parametrize(
    ("stem", "unit"),
    [
        ("gpw_v4_population_density_rev11_2020_30_sec", "per_km2"),
        ("gpw-v4-population-density-adjusted-to-2015-unwpp-country-totals_2020", "per_km2"),
        ("chn_pd_2020_1km_UNadj", "per_km2"),
        ("KEN10_pph_v2b", "per_ha"),
        ("人口密度", "per_km2"),
        ("pdx_population", "count"),
    ],
)
def test_names_tell_densities(stem: str, unit: str) -> None:
    assert parse_raster_name(stem).unit == unit


def test_tiles_of_one_product_are_one_edition() -> None:
    tiles = [parse_raster_name(f"GHS_POP_E2020_GLOBE_R2023A_4326_3ss_V1_0_R6_C{c}") for c in (27, 28)]
    assert tiles[0] == tiles[1]
    assert tiles[0] != parse_raster_name("GHS_POP_E2015_GLOBE_R2023A_4326_3ss_V1_0_R6_C28")


@pytest.mark.parametrize(
    ("descriptions", "columns"),
    [
        (["chn_f_05_2020", "chn_m_05_2020"], ["people_5_9", "people_5_9"]),
        (["f_00", "f_01", "f_05", "f_90"], ["people_0_0", "people_1_4", "people_5_89", "people_90_120"]),
        (["age_6", "age_7", "age_8"], ["people_6_6", "people_7_7", "people_8_120"]),
        (["0–14", "15–59", "65+"], ["people_0_14", "people_15_59", "people_65_120"]),
        (["女 5-9 岁", "男 5至9岁"], ["people_5_9", "people_5_9"]),
        (["A0510", "A65PL"], ["people_5_9", "people_65_120"]),
        (["population", "总人口"], ["people", "people"]),
    ],
)
def test_descriptions_tell_ages(descriptions: list[str], columns: list[str]) -> None:
    assert [name.column for name in parse_band_names(descriptions, "stack") if name is not None] == columns


def test_descriptions_that_say_nothing_are_not_guessed() -> None:
    assert parse_band_names(["", "red", "2020", "9-5", "ndvi"], "chn_ppp_2020") == [None] * 5

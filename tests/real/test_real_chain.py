"""The whole chain, from files to map, workbook and report, on data that none of us made."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from layout_planner.io.crs import working_crs
from layout_planner.report import load_run
from layout_planner.run import RunResult, run_scenario
from layout_planner.testing import assert_plan_valid

pytestmark = pytest.mark.real


def finish(folder: Path, scenario: str) -> RunResult:
    path = folder / "scenario.yaml"
    path.write_text(scenario, encoding="utf-8")
    result = run_scenario(path)
    assert result.plan is not None
    assert_plan_valid(result.plan)
    names = {p.name for p in result.folder.iterdir()}
    assert {"map.html", "tables.xlsx", "plan.gpkg", "report.html", "manifest.json"} <= names
    assert load_run(result.folder).label == result.plan.label
    return result


def school_table(lon: np.ndarray, lat: np.ndarray, tier: str, rooms: int) -> pd.DataFrame:
    codes = [f"S{i:04d}" for i in range(len(lon))]
    return pd.DataFrame(
        {
            "school_id": codes,
            "name": [f"school {c}" for c in codes],
            "tier": tier,
            "lon": lon,
            "lat": lat,
            "rooms": rooms,
        }
    )


def seeded_points(bounds: tuple[float, ...], count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    west, south, east, north = bounds
    return rng.uniform(west, east, count), rng.uniform(south, north, count)


def test_porto_alegre_cells_roads_and_schools(real_data: Path, tmp_path: Path) -> None:
    source = real_data / "r5r_porto_alegre"
    cells = pd.read_csv(source / "poa_hexgrid.csv", dtype={"id": str})
    villages = cells.rename(columns={"id": "village_id"}).assign(name=cells["id"])
    villages[["village_id", "name", "lon", "lat", "population"]].to_csv(tmp_path / "villages.csv", index=False)
    sites = cells.loc[cells["schools"] > 0]
    school_table(sites["lon"].to_numpy(), sites["lat"].to_numpy(), "九年一贯制学校", 30).to_csv(
        tmp_path / "schools.csv", index=False
    )
    result = finish(
        tmp_path,
        f"""\
name: Porto Alegre
data:
  villages: villages.csv
  schools: schools.csv
  roads: {(source / "poa_osm.pbf").as_posix()}
demand: {{source: villages, calibrate_to: none}}
""",
    )
    plan = result.plan
    assert plan is not None
    share = sum(plan.scenario.demand.school_age_share.values())
    assert plan.assignment["pupils"].sum() == pytest.approx(812_935 * share, rel=1e-9)
    reached = plan.assignment.loc[plan.assignment["school_id"] != "", "pupils"].sum()
    assert reached > 0.97 * plan.assignment["pupils"].sum()


def test_kathmandu_raster_and_roads(real_data: Path, tmp_path: Path) -> None:
    source = real_data / "worldpop_kathmandu"
    lon, lat = seeded_points((85.27, 27.67, 85.375, 27.75), 60, seed=3)
    school_table(lon, lat, "九年一贯制学校", 40).to_csv(tmp_path / "schools.csv", index=False)
    result = finish(
        tmp_path,
        f"""\
name: Kathmandu
data:
  schools: schools.csv
  roads: {(source / "kathmandu_hw.gpkg").as_posix()}
  population: [{(source / "NPL_ppp_v2c_2020.tif").as_posix()}]
demand: {{source: raster, calibrate_to: none}}
travel: {{cutoff_min: 60}}
assign: {{method: capacitated}}
""",
    )
    plan = result.plan
    assert plan is not None
    share = sum(plan.scenario.demand.school_age_share.values())
    assert plan.assignment["pupils"].sum() == pytest.approx(2_063_745 * share, rel=1e-5)
    assert (plan.assignment["reason"] == "no_seat").any()


SHANGHAI = (121.4611, 31.2196, 121.4863, 31.2412)


@pytest.fixture(scope="module")
def shanghai(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    bounds, tmp_path = SHANGHAI, tmp_path_factory.mktemp("shanghai")
    rows = []
    for name, tier in (("小学.csv", "城镇小学"), ("中学.csv", "初中")):
        table = pd.read_csv(real_data / "cn_shanghai" / name)
        inside = table["lon"].between(bounds[0], bounds[2]) & table["lat"].between(bounds[1], bounds[3])
        rows.append(table.loc[inside, ["name", "lon", "lat"]].assign(类别=tier))
    schools = pd.concat(rows, ignore_index=True)
    schools.insert(0, "代码", [f"31{i:08d}" for i in range(len(schools))])
    assert len(schools) >= 20
    columns = {"name": "学校名称", "类别": "学校类别", "代码": "学校代码", "lon": "经度", "lat": "纬度"}
    schools.assign(教室数=24).rename(columns=columns).to_csv(tmp_path / "schools.csv", index=False, encoding="gb18030")
    lon, lat = seeded_points(bounds, 300, seed=5)
    villages = pd.DataFrame({"村代码": [f"V{i:03d}" for i in range(300)], "村名": "点", "经度": lon, "纬度": lat})
    for band in ("1—3年级", "4—6年级", "7—9年级"):
        villages[f"{band}学生数"] = 20
    villages.to_csv(tmp_path / "villages.csv", index=False, encoding="utf-8-sig")
    return finish(
        tmp_path,
        f"""\
name: 上海中心城区
data:
  schools: schools.csv
  villages: villages.csv
  roads: {(real_data / "cn_shanghai_osm" / "shanghai.osm").as_posix()}
demand: {{source: villages, calibrate_to: none}}
""",
    )


def test_shanghai_extract_with_its_school_list(shanghai: RunResult) -> None:
    plan = shanghai.plan
    assert plan is not None
    lon, lat = seeded_points(SHANGHAI, 300, seed=5)
    assert plan.assignment["pupils"].sum() == 300 * 60
    walked = plan.assignment.query("mode == 'walk'")
    assert walked["pupils"].sum() > 0.9 * 300 * 60
    homes = gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs=4326).to_crs(working_crs(121.47, 31.23))
    assert plan.county.demand is not None
    assert plan.county.demand.crs == homes.crs


def test_the_map_of_shanghai_counts_every_pupil_and_spells_its_schools(shanghai: RunResult) -> None:
    page = (shanghai.folder / "map.html").read_text(encoding="utf-8")
    payload = json.loads(page.split('id="payload">', 1)[1].split("</script>", 1)[0])
    assert [sum(band["counts"]["minutes"]) for band in payload["plans"][0]["bands"]] == [300 * 20] * 3
    spelt = {school["name"]: school["keys"] for school in payload["geo"]["schools"]}
    full, initials = spelt["上海市黄浦区重庆北路小学"]
    assert "chongqingbeilu" in full
    assert "cqbl" in initials


def test_a_truncated_extract_is_told_and_nothing_is_written(real_data: Path, tmp_path: Path) -> None:
    whole = (real_data / "osm_andorra" / "andorra.osm.pbf").read_bytes()
    (tmp_path / "roads.osm.pbf").write_bytes(whole[: len(whole) // 2])
    school_table(np.array([1.52]), np.array([42.51]), "小学", 6).to_csv(tmp_path / "schools.csv", index=False)
    villages = pd.DataFrame({"village_id": ["a"], "name": ["a"], "lon": [1.53], "lat": [42.51], "pupils_g1_3": [3]})
    villages.to_csv(tmp_path / "villages.csv", index=False)
    path = tmp_path / "scenario.yaml"
    path.write_text(
        "name: 安道尔\ndata: {folder: .}\ndemand: {source: villages, calibrate_to: none}\n", encoding="utf-8"
    )
    with pytest.raises(ValueError, match="osm"):
        run_scenario(path)
    assert not (tmp_path / "runs").exists()

"""A finished run is read back as the plan that it was."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import geopandas as gpd
import pytest
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal
from shapely import LineString

from layout_planner.config.scenario import Data, Scenario, Travel
from layout_planner.errors import OutputError
from layout_planner.grades import GradeBand
from layout_planner.manifest import write_manifest
from layout_planner.maps import Travelled
from layout_planner.measures import tables
from layout_planner.report import load_run, save_run_data


@pytest.fixture(scope="module")
def travelled(county):
    places = county.villages.geometry.iloc[:2]
    roads = gpd.GeoDataFrame(
        {"band": ["G1-3"], "pupils_from": [5.0]}, geometry=[LineString(list(places))], crs=county.crs
    )
    rings = gpd.GeoDataFrame(
        {"band": ["G1-3"], "minutes_to": [10.0]}, geometry=[places.iloc[0].buffer(500)], crs=county.crs
    )
    return Travelled(roads, rings)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, merger, merger_tables, findings, moves, travelled):
    folder = tmp_path_factory.mktemp("run")
    save_run_data(merger, merger_tables, findings, folder, moves=moves, travelled=travelled)
    write_manifest(folder, merger.scenario, [])
    return folder


def test_everything_comes_back(folder, merger, merger_tables, findings, moves) -> None:
    run = load_run(folder)
    assert (run.label, run.plan.parent, run.county.name) == ("两校合并", "现状", "样例县")
    assert run.scenario == merger.scenario
    assert run.findings == tuple(findings)
    assert run.county.checks == merger.county.checks
    assert run.county.crs == merger.county.crs
    assert_frame_equal(run.assignment, merger.assignment)
    assert_geodataframe_equal(run.county.demand, merger.county.demand)
    assert_frame_equal(run.moves, moves.reset_index(drop=True))
    for field in fields(merger_tables):
        assert_frame_equal(getattr(run.tables, field.name), getattr(merger_tables, field.name).reset_index(drop=True),
                           check_dtype=True)  # fmt: skip
    assert run.run == run.manifest.run


def test_a_plan_read_back_measures_the_same(folder, merger_tables) -> None:
    again = tables(load_run(folder).plan)
    assert_frame_equal(again.indicators, merger_tables.indicators)
    assert_frame_equal(again.villages, merger_tables.villages)


def test_the_main_roads_come_back_for_maps(folder, merger) -> None:
    assert load_run(folder).county.network.n_edges == merger.county.network.n_edges


def test_roads_travelled_and_rings_come_back_for_maps(folder, travelled, tmp_path, merger, merger_tables) -> None:
    back = load_run(folder).travelled
    assert_geodataframe_equal(back.roads, travelled.roads)
    assert_geodataframe_equal(back.rings, travelled.rings)
    save_run_data(merger, merger_tables, [], tmp_path)
    assert load_run(tmp_path).travelled is None


def test_a_band_that_does_not_ride_still_does_not_ride(tmp_path, baseline, baseline_tables) -> None:
    travel = Travel(ride_limit_min={"G1-3": None, "G7-9": 45})
    plan = replace(baseline, scenario=Scenario(name="x", data=Data(), travel=travel))
    save_run_data(plan, baseline_tables, [], tmp_path)
    limits = load_run(tmp_path).scenario.travel.ride_limit_min
    assert limits == {GradeBand.G4_6: 40, GradeBand.G7_9: 45}


def test_the_same_plan_gives_the_same_bytes(
    tmp_path, folder, merger, merger_tables, findings, moves, travelled
) -> None:
    save_run_data(merger, merger_tables, findings, tmp_path, moves=moves, travelled=travelled)
    files = sorted(p.name for p in (tmp_path / "plan").iterdir())
    assert files == sorted(p.name for p in (folder / "plan").iterdir())
    for name in files:
        assert (tmp_path / "plan" / name).read_bytes() == (folder / "plan" / name).read_bytes(), name


def test_what_is_no_run_is_a_plain_message(tmp_path) -> None:
    with pytest.raises(OutputError, match="nowhere"):
        load_run(tmp_path / "nowhere")
    with pytest.raises(OutputError):
        load_run(tmp_path)
    (tmp_path / "plan").mkdir()
    (tmp_path / "plan" / "run.json").write_text(json.dumps({"format": 99}), encoding="utf-8")
    with pytest.raises(OutputError):
        load_run(tmp_path)

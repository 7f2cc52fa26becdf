"""The ground beside the roads of the shipped kind of county."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio

import layout_planner as lp
from layout_planner.errors import InputError
from layout_planner.examples import write_county
from layout_planner.grades import GradeBand
from layout_planner.io.ground import read_surface
from layout_planner.travel.surface import CellMode

SCENARIO = """\
name: 路外
data: {folder: data, crs: {schools: gcj02}}
travel: {off_road: surface, report_direction: to_school}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ground")
    write_county(folder / "data", size="tiny", seed=4)
    (folder / "surface.yaml").write_text(SCENARIO, encoding="utf-8")
    (folder / "straight.yaml").write_text(SCENARIO.replace("surface", "straight"), encoding="utf-8")
    return folder


def test_the_surface_lies_over_the_county_and_rivers_stop_walkers(project: Path) -> None:
    county = lp.read_county(lp.load_scenario(project / "surface.yaml"))
    surface = county.surface
    assert surface is not None
    west, south, east, north = county.boundary.total_bounds
    rows, columns = surface.shape
    assert surface.transform.c < west
    assert surface.transform.f > north
    assert surface.transform.c + columns * surface.transform.a > east
    assert surface.transform.f + rows * surface.transform.e < south
    assert county.rivers is not None
    river = county.rivers[county.rivers["waterway"] == "river"]
    points = river.geometry.interpolate(0.5, normalized=True).get_coordinates().to_numpy()
    cells = surface.cell_at(points)
    assert (surface.mode.ravel()[cells] == CellMode.CLOSED).all()
    assert {f.role for f in county.inputs} >= {"terrain", "land_cover", "rivers"}


def test_walking_over_the_ground_reaches_at_least_whom_the_roads_reach(project: Path) -> None:
    found = {}
    for name in ("surface", "straight"):
        scenario = lp.load_scenario(project / f"{name}.yaml")
        county = lp.read_county(scenario)
        found[name] = lp.travel_times(county, scenario)
    for band in GradeBand:
        over, along = (found[name][f"walk:{band.value}"] for name in ("surface", "straight"))
        assert over.origin_id.tolist() == along.origin_id.tolist()
        assert over.n_pairs > 0.8 * along.n_pairs
        best_over, best_along = (m.nearest(1).set_index("origin_id")["minutes"] for m in (over, along))
        both = best_over.index.intersection(best_along.index)
        assert len(both) > 0.8 * len(best_along)
        assert np.median(best_over[both] / best_along[both]) == pytest.approx(1, abs=0.35)


def test_ground_without_land_cover_or_crs_is_told(project: Path, tmp_path: Path) -> None:
    scenario = lp.load_scenario(project / "surface.yaml")
    county = lp.read_county(scenario)
    assert scenario.data.folder is not None
    cover = scenario.data.folder / "landcover.tif"
    bare = tmp_path / "bare.tif"
    with rasterio.open(cover) as source:
        profile, values = {**source.profile, "crs": None}, source.read(1)
    with rasterio.open(bare, "w", **profile) as target:
        target.write(values, 1)
    (tmp_path / "cut.tif").write_bytes(cover.read_bytes()[:200])
    terrain = scenario.data.folder / "terrain.tif"
    for path in (bare, tmp_path / "cut.tif"):
        surface, flaws = read_surface(terrain, path, county.boundary, None, legend="worldcover")
        assert surface is None
        assert path.name in {flaw.file for flaw in flaws}
    moved = cover.with_name("elsewhere.tiff")
    cover.rename(moved)
    try:
        with pytest.raises(InputError, match="land_cover"):
            lp.read_county(scenario)
    finally:
        moved.rename(cover)

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from layout_planner.config.scenario import Scenario
from layout_planner.io.crs import wgs84_to_gcj02
from layout_planner.io.geometry import project
from layout_planner.io.outlines import check_outlines, compare_outlines, fit_shift
from layout_planner.io.read import read_county

CRS_111 = CRS.from_epsg(4546)


def county(seed: int, rough_m: float = 0.0) -> BaseGeometry:
    """Draw a crooked county of some 20 km in WGS-84, its border drawn again with another hand where ``rough_m``."""
    rng = np.random.default_rng(seed)
    turn = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    radius = 20_000 * (1 + sum(rng.normal(0, 0.08) * np.sin(k * turn + rng.uniform(0, 6)) for k in range(2, 9)))
    xy = np.column_stack([520_000 + radius * np.cos(turn), 3_600_000 + radius * np.sin(turn)])
    xy = xy + np.random.default_rng(seed + 1).normal(0, rough_m, xy.shape) if rough_m else xy
    return project(shapely.Polygon(xy), CRS_111, "wgs84").item()


def test_a_shift_is_found_to_the_metre() -> None:
    line = shapely.boundary(project(county(1), "wgs84", CRS_111).item())
    points = shapely.get_coordinates(shapely.line_interpolate_point(line, np.linspace(0, 1, 300), normalized=True))
    assert fit_shift(points + np.array([350.0, -200.0]), line) == pytest.approx((-350.0, 200.0), abs=2)


@pytest.mark.parametrize("seed", range(5))
def test_a_boundary_in_gcj02_is_told_from_one_in_wgs84(seed: int) -> None:
    true, again = county(seed), county(seed, rough_m=60)
    gcj = shapely.transform(again, wgs84_to_gcj02)
    assert compare_outlines(gcj, true, "wgs84", CRS_111).likelier == "gcj02"
    assert compare_outlines(again, true, "wgs84", CRS_111).likelier is None
    [flaw] = check_outlines({"boundary": ("b.shp", gcj, None), "townships": ("t.shp", true, None)}, CRS_111)
    assert "boundary: gcj02" in flaw.mend.zh
    assert "b.shp" in flaw.render("zh")
    assert check_outlines({"boundary": ("b.shp", again, None), "townships": ("t.shp", true, None)}, CRS_111) == []


def test_a_whole_county_hears_of_a_shifted_township_layer_once(mini: Path, scenario: Callable[..., Scenario]) -> None:
    assert not [f for f in read_county(scenario(mini)).checks if f.code == "layer_offset"]
    layer = json.loads((mini / "townships.geojson").read_text(encoding="utf-8"))
    for feature in layer["features"]:
        shape = shapely.transform(shapely.from_geojson(json.dumps(feature["geometry"])), wgs84_to_gcj02)
        feature["geometry"] = json.loads(shapely.to_geojson(shape))
    (mini / "townships.geojson").write_text(json.dumps(layer), encoding="utf-8")
    [flaw] = [f for f in read_county(scenario(mini)).checks if f.code == "layer_offset"]
    assert "townships: gcj02" in flaw.mend.zh
    assert "米" in flaw.what.zh

"""The map of one merger: roads as one path, and the school crossed out."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))

from plan_standin import make_county, make_plan

from layout_planner.io.county import County
from layout_planner.maps.mergers import _roads, merger_map
from layout_planner.maps.palettes import TOKENS
from layout_planner.maps.sheet import figure_png


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


@pytest.fixture(scope="module")
def county() -> County:
    return make_county()


def test_the_roads_near_are_one_path_with_a_start_for_each(county: County) -> None:
    network = county.network
    path = _roads(county, (network.node_x.min(), network.node_y.min(), network.node_x.max(), network.node_y.max()))
    assert path.codes is not None
    starts = {(float(x), float(y)) for x, y in np.asarray(path.vertices)[path.codes == path.MOVETO]}
    first = network.shape_start[:-1]
    shapes = {(float(x), float(y)) for x, y in zip(network.shape_x[first], network.shape_y[first], strict=True)}
    assert starts
    assert starts <= shapes
    assert np.asarray(_roads(county, (-2e7, -2e7, -1.99e7, -1.99e7)).vertices).size == 0


def test_a_school_that_closes_is_crossed_out_in_its_colour(county: County) -> None:
    plan = make_plan(county)
    rows = plan.assignment[plan.assignment["school_id"] != ""].head(3)
    moved = pd.DataFrame({
        "demand_id": rows["demand_id"], "pupils": rows["pupils"], "school_id_before": rows["school_id"],
        "mode_before": rows["mode"], "school_id_after": "", "mode_after": "none",
    })  # fmt: skip
    code = str(rows["school_id"].iloc[0])
    bounds = tuple(float(v) for v in plan.schools.total_bounds)
    warn = np.array([int(TOKENS["warn"][k : k + 2], 16) for k in (1, 3, 5)])
    shades = []
    for closes in (True, False):
        drawn = pixels(figure_png(merger_map(county, plan.schools, moved, code, bounds, closes=closes, dpi=100)))
        shades.append(int((np.abs(drawn - warn).max(axis=2) <= 16).sum()))
    assert shades[0] > 5 > shades[1]

"""Natural villages on data that none of us made: Kathmandu's raster over its own roads, a dense town without gaps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from layout_planner.columns import UNITS
from layout_planner.config.loader import load_scenario
from layout_planner.demand.surface import PUPILS
from layout_planner.demand.units import UNIT_PREFIX, walking_ways
from layout_planner.run import read_county
from tests.real.test_real_chain import finish, school_table, seeded_points

pytestmark = pytest.mark.real

RADIUS_M = 500.0


def test_kathmandu_cells_become_natural_villages(real_data: Path, tmp_path: Path) -> None:
    source = real_data / "worldpop_kathmandu"
    lon, lat = seeded_points((85.27, 27.67, 85.375, 27.75), 60, seed=3)
    school_table(lon, lat, "九年一贯制学校", 40).to_csv(tmp_path / "schools.csv", index=False)
    text = f"""\
name: Kathmandu
data:
  schools: schools.csv
  roads: {(source / "kathmandu_hw.gpkg").as_posix()}
  population: [{(source / "NPL_ppp_v2c_2020.tif").as_posix()}]
demand: {{source: raster, calibrate_to: none, units: natural_villages, unit_radius_m: {RADIUS_M:g}}}
travel: {{cutoff_min: 60}}
"""
    result = finish(tmp_path, text)
    assert result.plan is not None
    assert result.tables is not None
    county = result.plan.county
    assert county.cells is not None
    assert county.demand is not None
    share = sum(result.plan.scenario.demand.school_age_share.values())
    assert result.plan.assignment["pupils"].sum() == pytest.approx(2_063_745 * share, rel=1e-5)
    sums = county.cells.groupby("unit_id")[PUPILS].sum().loc[county.demand["demand_id"]]
    np.testing.assert_allclose(county.demand[PUPILS], sums, rtol=1e-9)
    assert len(county.demand) < len(county.cells) / 10

    ways = walking_ways(county.cells, county, result.plan.scenario.travel)
    centre = county.cells["demand_id"].index.to_series()
    by_id = dict(zip(UNIT_PREFIX + county.cells["demand_id"], centre, strict=True))
    rng = np.random.default_rng(1)
    for i in rng.choice(len(county.cells), 50, replace=False):
        at = by_id[county.cells["unit_id"].iloc[i]]
        if at != i and ways.on_road[i]:
            near = [ways.pairs(np.array([a]), np.array([b]), RADIUS_M + 1)[2] for a, b in ((i, at), (at, i))]
            assert min(float(m[0]) for m in near if len(m)) <= RADIUS_M + 0.1

    loss = result.tables.units.set_index("band").loc["all"]
    assert list(result.tables.units.columns) == list(UNITS.names)
    assert 0 < loss["error_mean"] < 4.0  # 500 m at 55 m a minute is 9 minutes at the very edge of a unit
    assert abs(loss["within_change"]) < 0.02
    assert "units_loss" in {flaw.code for flaw in county.checks}


def test_the_same_cells_give_the_same_units(real_data: Path, tmp_path: Path) -> None:
    source = real_data / "worldpop_kathmandu"
    school_table(*seeded_points((85.3, 27.7, 85.31, 27.71), 3, seed=3), "九年一贯制学校", 40).to_csv(
        tmp_path / "schools.csv", index=False
    )
    path = tmp_path / "scenario.yaml"
    path.write_text(
        f"""\
name: Kathmandu
data:
  schools: schools.csv
  roads: {(source / "kathmandu_hw.gpkg").as_posix()}
  population: [{(source / "NPL_ppp_v2c_2020.tif").as_posix()}]
demand: {{source: raster, calibrate_to: none, units: natural_villages}}
""",
        encoding="utf-8",
    )
    first, second = (read_county(load_scenario(path)).demand for _ in range(2))
    assert first is not None
    assert second is not None
    assert first.equals(second)

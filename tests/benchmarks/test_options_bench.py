"""Listing who could go where: 20,000 demand points times 30 schools, by two modes."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import Point

from layout_planner.assign.options import band_options
from layout_planner.config.scenario import Travel
from layout_planner.grades import GradeBand


def test_twenty_thousand_points_times_thirty_schools(benchmark):
    n, m = 20_000, 30
    rng = np.random.default_rng(0)
    ids = np.array([f"D{i:05d}" for i in range(n)], dtype=object)
    sites = np.array([f"S{j:02d}" for j in range(m)], dtype=object)
    minutes = rng.uniform(1, 100, n * m)
    matrix = SimpleNamespace(
        origin_id=ids, site_id=sites, indptr=np.arange(n + 1) * m, indices=np.tile(np.arange(m), n),
        minutes=minutes, metres=minutes * 60)  # fmt: skip
    schools = gpd.GeoDataFrame(
        {"school_id": sites, "is_open": True, "grade_from": 1, "grade_to": 6, "beds": 10}, geometry=[Point(0, 0)] * m
    )
    demand = pd.DataFrame({"demand_id": ids, "pupils_g4_6": 1.0})
    both = {"walk:G4-6": matrix, "ride": matrix}
    table = benchmark(band_options, both, schools, demand, GradeBand.G4_6, Travel())
    assert len(table.school) == n * m

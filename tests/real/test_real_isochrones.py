"""Isochrones, catchments and paths on road extracts that none of us made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from layout_planner.io.osm import read_network
from layout_planner.travel import RoadNetwork, ride_profile, travel_matrix, walk_profile
from layout_planner.travel.coverage import network_catchments
from layout_planner.travel.isochrones import isochrones
from layout_planner.travel.paths import find_paths
from tests.travel.coverage_checks import PACE, assert_coverage, far_from_borders, inside, nearest_by_matrix, row_of

pytestmark = pytest.mark.real

FILES = {"andorra": ("osm_andorra/andorra.osm.pbf", 20), "porto_alegre": ("r5r_porto_alegre/poa_osm.pbf", 30)}
PROFILES = [walk_profile("walk", 4.5), ride_profile("ride", wait_min=5)]


@pytest.fixture(scope="module", params=sorted(FILES))
def place(
    request: pytest.FixtureRequest, real_data: Path
) -> tuple[RoadNetwork, list[str], np.ndarray, shapely.Geometry]:
    """Roads, sites at random junctions, and an area around all roads."""
    file, n_sites = FILES[request.param]
    network = read_network(real_data / file)
    nodes = np.column_stack([network.node_x, network.node_y])
    picked = np.random.default_rng(4).choice(len(nodes), n_sites, replace=False)
    area = shapely.concave_hull(shapely.multipoints(nodes), 0.3).buffer(500)
    return network, [f"S{i:02}" for i in range(n_sites)], nodes[picked], area


@pytest.mark.parametrize("profile", PROFILES, ids=lambda p: p.mode)
def test_catchments_are_a_coverage_and_agree_with_the_matrix(place, profile):
    network, ids, sites, area = place
    areas = network_catchments(network, profile, ids, sites, area, **PACE)
    assert_coverage(areas, area)
    points = inside(area, 20_000, 7)
    points = points[far_from_borders(areas, points, areas.attrs["resolution_m"])]
    truth = nearest_by_matrix(network, profile, ids, sites, points)[1]
    assert (areas["site_id"].to_numpy(dtype=object)[row_of(areas, points)] == truth).mean() >= 0.995


@pytest.mark.parametrize("profile", PROFILES, ids=lambda p: p.mode)
def test_isochrones_are_a_coverage_and_agree_with_the_matrix(place, profile):
    network, ids, sites, area = place
    rings = isochrones(network, profile, ids, sites, boundary=area, beyond=True, **PACE)
    assert_coverage(rings, area)
    points = inside(area, 20_000, 8)
    points = points[far_from_borders(rings, points, rings.attrs["resolution_m"])]
    truth = nearest_by_matrix(network, profile, ids, sites, points)[0]
    row = row_of(rings, points)
    low, high = rings["from_min"].to_numpy()[row], rings["to_min"].to_numpy()[row]
    assert ((truth >= low) & (truth <= high)).mean() >= 0.995


def test_rings_of_each_site_are_coverages(place):
    network, ids, sites, _ = place
    rings = isochrones(network, PROFILES[0], ids[:6], sites[:6], per_site=True, **PACE)
    assert set(rings["site_id"]) <= set(ids[:6])
    for _, own in rings.groupby("site_id"):
        assert_coverage(own)


@pytest.mark.parametrize("profile", PROFILES, ids=lambda p: p.mode)
def test_paths_are_as_long_as_the_matrix_says(place, profile):
    network, ids, sites, area = place
    homes = inside(area, 800, 9)
    names = [f"h{i}" for i in range(len(homes))]
    truth = travel_matrix(network, names, homes, ids, sites, profile, cutoff_min=240, **PACE).to_frame()
    paths = find_paths(network, profile, names, homes, ids, sites, truth, **PACE)
    assert paths.minutes == pytest.approx(truth["minutes"].to_numpy(), rel=1e-6, abs=1e-5)
    assert paths.metres == pytest.approx(truth["metres"].to_numpy(), rel=1e-6, abs=1e-2)
    there, back = profile.edge_minutes(network)
    pieces = paths.edges
    each = np.abs(pieces.end - pieces.begin) * np.where(pieces.forward, there[pieces.edge], back[pieces.edge])
    on_road = np.bincount(pieces.path, weights=each, minlength=len(truth))
    beside = (paths.origin_access_m + paths.site_access_m) * PACE["access_detour"] / 50.0
    assert on_road + beside + profile.wait_min == pytest.approx(paths.minutes, abs=1e-9)

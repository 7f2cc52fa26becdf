import dataclasses
from pathlib import Path

import numpy as np
import pytest
import shapely

from layout_planner.errors import NetworkError
from layout_planner.travel import Router, ride_profile, walk_profile
from layout_planner.travel.closures import Season, flooded_edges
from layout_planner.travel.directions import is_symmetric, worse_of
from layout_planner.travel.rescale import rescaled
from layout_planner.travel.slope import drape
from tests.travel.road_builders import at, draw
from tests.travel.test_slope import terrain

WALK = walk_profile("walk", 6.0)
PLACES = {1: (0, 0), 2: (300, 0), 3: (600, 0), 4: (300, 300), 5: (300, 600), 6: (600, 300)}
ROADS = [
    ([1, 2], {"name": "大路"}), ([2, 3], {"highway": "track"}), ([2, 4], {"bridge": "yes", "name": "大路"}),
    ([4, 5], {"ford": "yes", "surface": "gravel"}), ([4, 6], {"highway": "", "route": "ferry"}),
]  # fmt: skip
NETWORK = draw(PLACES, ROADS)
LEGS = {"snap_limit_m": 100, "access_speed_kmh": 3.0, "access_detour": 1.0}


def closed_ways(season):
    forward, backward = WALK.during(season).edge_minutes(NETWORK)
    assert np.array_equal(np.isinf(forward), np.isinf(backward))
    return sorted((NETWORK.way_id[np.isinf(forward)] // 100).tolist())


@pytest.mark.parametrize(
    ("season", "closed"),
    [
        (Season("x"), []),
        (Season("x", close_ways=frozenset({"大路"})), [1, 3]),
        (Season("x", close_ways=frozenset({"200"})), [2]),
        (Season("x", close_bridges=frozenset({"大路"})), [3]),
        (Season("x", close_fords=True, close_ferries=True), [4, 5]),
        (Season("x", slow={"track": 0.0}), [2]),
    ],
)
def test_what_a_season_closes(season, closed):
    assert closed_ways(season) == closed


def test_what_a_season_slows():
    factors = Season("x", slow={"unpaved": 0.5, "all": 0.8, "track": 0.25}).time_factors(NETWORK)
    by_way = dict(zip((NETWORK.way_id // 100).tolist(), factors.tolist(), strict=True))
    assert by_way == pytest.approx({1: 1.25, 2: 4.0, 3: 1.25, 4: 2.0, 5: 1.25})
    with pytest.raises(NetworkError):
        Season("x", slow={"trak": 0.5}).time_factors(NETWORK)


def test_names_that_no_road_has_are_said():
    season = Season("汛期", close_ways=frozenset({"大路", "100", "小路"}), close_bridges=frozenset({"大路", "木桥"}))
    flaws = season.checks(NETWORK)
    assert "小路、木桥" in flaws[0].what.zh
    assert Season("x", close_ways=frozenset({"大路"})).checks(NETWORK) == []


def test_a_way_that_is_cut_is_no_longer_in_reach():
    legs = LEGS | {"cutoff_min": 60}
    one = Router(NETWORK, WALK).matrix(["a"], at((10, 0)), ["s"], at((300, 590)), **legs)
    cut = Router(NETWORK, WALK.during(Season("x", close_fords=True)), min_island_nodes=0)
    none = cut.matrix(["a"], at((10, 0)), ["s"], at((300, 590)), **(legs | {"snap_limit_m": 20}))
    assert one.n_pairs == 1
    assert none.n_pairs == 0


def test_rising_water_takes_the_low_road_and_leaves_the_bridge(tmp_path: Path):
    network = drape(NETWORK, terrain(tmp_path / "dem.tif", lambda x, _: 0.02 * np.abs(x)))
    river = shapely.LineString(at((0, -900), (0, 900)))
    ask = (network, [river], tmp_path / "dem.tif")
    assert (network.way_id[flooded_edges(*ask, 1.0)] // 100).tolist() == [1]
    assert sorted(network.way_id[flooded_edges(*ask, 7.0, within_m=1000)] // 100) == [1, 2, 4]
    assert not flooded_edges(network, [], tmp_path / "dem.tif", 1.0).any()
    with pytest.raises(NetworkError):
        flooded_edges(NETWORK, [river], tmp_path / "dem.tif", 1.0)
    wet = Season("x").flood(flooded_edges(*ask, 1.0))
    assert (network.way_id[wet.closed(network)] // 100).tolist() == [1]


def grid():
    places = {i: (float(i % 8) * 150, float(i // 8) * 150) for i in range(64)}
    roads = [([i, i + 1], {"oneway": "yes"} if i % 3 == 0 else {}) for i in range(64) if i % 8 < 7]
    roads += [([i, i + 8], {"oneway:foot": "yes"} if i % 5 == 0 else {}) for i in range(56)]
    return draw(places, roads)


@pytest.mark.parametrize("profile", [WALK, ride_profile("ride", wait_min=4)], ids=["walk", "ride"])
def test_the_worse_of_both_ways(profile):
    network, rng = grid(), np.random.default_rng(3)
    homes, schools = (rng.uniform(0, 1050, (n, 2)) + at((0, 0)) for n in (40, 5))
    names = [str(i) for i in range(40)], [f"s{i}" for i in range(5)]
    legs = LEGS | {"cutoff_min": 14}
    there = Router(network, profile).matrix(names[0], homes, names[1], schools, **legs)
    home = Router(network, profile.home()).matrix(names[0], homes, names[1], schools, **legs)
    back = Router(network, profile).matrix(names[1], schools, names[0], homes, **legs)
    dense = [np.full((40, 5), np.inf) for _ in range(3)]
    for full, matrix in zip(dense, (there, home, worse_of(there, home)), strict=True):
        full[matrix.rows, matrix.indices] = matrix.minutes
    transposed = np.full((40, 5), np.inf)
    transposed[back.indices, back.rows] = back.minutes
    assert dense[1] == pytest.approx(transposed, abs=1e-5)
    longer = np.maximum(dense[0], dense[1])
    assert np.array_equal(dense[2], longer)
    assert not np.array_equal(dense[0], dense[1])
    assert not is_symmetric(network, profile)
    assert is_symmetric(NETWORK, WALK)


@pytest.mark.parametrize("factor", [0.7, 1.0, 1.3])
def test_other_speeds_need_no_other_search(factor):
    network, rng = grid(), np.random.default_rng(5)
    homes, schools = (rng.uniform(0, 1050, (n, 2)) + at((0, 0)) for n in (40, 5))
    names = [str(i) for i in range(40)], [f"s{i}" for i in range(5)]
    legs = {"snap_limit_m": 100, "access_speed_kmh": 3.0, "access_detour": 1.3}
    ride = ride_profile("ride", wait_min=4)
    base = Router(network, ride).matrix(names[0], homes, names[1], schools, cutoff_min=9, **legs)
    told = rescaled(base, factor, access_speed_kmh=3.0, access_detour=1.3, wait_min=4).within(9 / max(factor, 1.0))
    quick = dataclasses.replace(ride, speed_factor=factor)
    truth = Router(network, quick).matrix(names[0], homes, names[1], schools, cutoff_min=told.cutoff_min, **legs)
    assert np.array_equal(told.indices, truth.indices)
    assert told.minutes == pytest.approx(truth.minutes, abs=1e-4)

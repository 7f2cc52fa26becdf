from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from layout_planner.errors import InputError
from layout_planner.travel import Router, load_network, ride_profile, walk_profile
from layout_planner.travel.relief import Relief, e_bike_factor, find_bends
from layout_planner.travel.slope import drape, sample_heights
from layout_planner.travel.speeds import e_bike_profile
from layout_planner.travel.surface_slope import tobler_factor
from tests.travel.road_builders import ORIGIN, at, draw

CELL = 10.0
WALK = walk_profile("walk", 5.0)


def terrain(path: Path, height, *, epsg: int | None = 32649, cell: float = CELL, size: int = 200, nodata=None):
    """Write heights as a function of plane metres; the test roads lie in the middle."""
    left, top = ORIGIN[0] - size * cell / 2, ORIGIN[1] + size * cell / 2
    x = left + (np.arange(size) + 0.5) * cell - ORIGIN[0]
    y = top - (np.arange(size) + 0.5) * cell - ORIGIN[1]
    values = np.array(np.broadcast_to(height(*np.meshgrid(x, y)), (size, size)), dtype=np.float64)
    crs = None if epsg is None else f"EPSG:{epsg}"
    profile = {"driver": "GTiff", "width": size, "height": size, "count": 1, "dtype": "float64", "crs": crs,
               "transform": from_origin(left, top, cell, cell), "nodata": nodata}  # fmt: skip
    with rasterio.open(path, "w", **profile) as raster:
        raster.write(values, 1)
    return path


def hill(x, _y):
    """A ramp of 10 % up to x = 300 and of 20 % down after it."""
    return 100 + np.where(x < 300, 0.1 * x, 30 - 0.2 * (x - 300))


def test_a_single_hill_takes_what_tobler_says(tmp_path: Path):
    flat = draw({1: (0, 0), 2: (300, 0), 3: (600, 0)}, [([1, 2, 3], {})], split=[2])
    network = drape(flat, terrain(tmp_path / "dem.tif", lambda x, _: 100 + 0.1 * x))
    minutes = flat.length_m / (5000 / 60)
    rise = 30 / flat.length_m
    up, down = np.exp(-3.5 * np.abs(rise + 0.05) + 3.5 * 0.05), np.exp(-3.5 * np.abs(-rise + 0.05) + 3.5 * 0.05)
    forward, backward = WALK.edge_minutes(network)
    assert forward == pytest.approx(minutes / up, rel=1e-9)
    assert backward == pytest.approx(minutes / down, rel=1e-9)
    assert forward[0] > minutes[0] > 0.9 * backward[0]
    assert 6.0 * np.exp(-3.5 * 0.05) == pytest.approx(5.0367, abs=1e-4)


def test_an_edge_over_a_hill_is_integrated_not_taken_by_its_ends(tmp_path: Path):
    flat = draw({1: (0, 0), 3: (450, 0)}, [([1, 3], {})])
    network = drape(flat, terrain(tmp_path / "dem.tif", hill), step_m=CELL, smooth=0)
    height = network.relief.height_m
    assert height[[0, -1]] == pytest.approx([100, 100])
    slope = np.diff(height) / (flat.length_m[0] / (len(height) - 1))
    forward, backward = WALK.edge_minutes(network)
    assert forward[0] == pytest.approx(flat.length_m[0] / (5000 / 60) * np.mean(1 / tobler_factor(slope)), rel=1e-12)
    by_hand = 300 / tobler_factor(0.1) + 150 / tobler_factor(-0.2)
    assert forward[0] / (flat.length_m[0] / (5000 / 60)) == pytest.approx(by_hand / 450, rel=0.02)
    assert forward[0] > backward[0] > 1.2 * flat.length_m[0] / (5000 / 60)
    assert network.relief.ascent_m()[0] == pytest.approx([30], abs=1.0)


def test_level_ground_changes_nothing_and_slope_can_be_left_out(tmp_path: Path):
    flat = draw({1: (0, 0), 2: (300, 0)}, [([1, 2], {})])
    level = drape(flat, terrain(tmp_path / "level.tif", lambda *_: 50.0))
    for profile in (WALK, e_bike_profile("e"), ride_profile("ride")):
        for one, two in zip(profile.edge_minutes(level), profile.edge_minutes(flat), strict=True):
            assert one == pytest.approx(two, rel=1e-12)
    steep = drape(flat, terrain(tmp_path / "steep.tif", lambda x, _: 0.3 * x))
    assert np.array_equal(walk_profile("w", 5.0, slope=False).edge_minutes(steep), WALK.edge_minutes(flat))


def test_bilinear_heights_with_voids_and_an_edge_of_the_world(tmp_path: Path):
    path = terrain(tmp_path / "dem.tif", lambda x, y: np.where((x > 500) & (y > 0), -9999.0, x + 2 * y), nodata=-9999.0)
    with rasterio.open(path) as raster:
        found = sample_heights(raster, *at((123.4, 56.7), (505.0, -3.0), (700, 500), (5000, 0), (1000, 0)).T)
    assert found[0] == pytest.approx(123.4 + 2 * 56.7)
    assert found[1] == pytest.approx(505 - 10.0, abs=5.0)  # beside the void: what is known around
    assert np.isnan(found[2:4]).all()


def test_roads_beyond_the_terrain_are_level_and_said_so(tmp_path: Path):
    flat = draw({1: (900, 0), 2: (1500, 0), 3: (2100, 0)}, [([1, 2, 3], {})], split=[2])
    network = drape(flat, terrain(tmp_path / "dem.tif", lambda x, _: 0.1 * x))
    assert [flaw.code for flaw in network.checks] == ["terrain_incomplete"]
    assert np.isfinite(network.relief.height_m).all()
    level = network.relief.slopes(network.length_m)[-20:]
    assert level == pytest.approx(0)


def test_bridges_and_tunnels_go_straight_over_several_edges(tmp_path: Path):
    places = {1: (0, 0), 2: (100, 0), 3: (200, 0), 4: (400, 0), 5: (500, 0), 6: (-50, 0), 7: (550, 0)}
    roads = [([6, 1], {}), ([1, 2, 3, 4, 5], {"bridge": "yes"}), ([5, 7], {})]
    flat = draw(places, roads, split=[2, 3, 4])
    valley = terrain(tmp_path / "dem.tif", lambda x, _: np.where((x > 30) & (x < 470), 0.0, 100 + 0.02 * x))
    network = drape(flat, valley)
    slope = network.relief.slopes(network.length_m)
    bridge = np.repeat(network.roads.flags & 1, np.diff(network.relief.start) - 1) > 0
    assert slope[bridge] == pytest.approx(0.02, rel=1e-3)


def test_a_bus_creeps_where_it_is_steep_but_not_on_graded_roads(tmp_path: Path):
    places = {1: (0, 0), 2: (900, 0), 3: (0, 50), 4: (900, 50)}
    flat = draw(places, [([1, 2], {"highway": "tertiary"}), ([3, 4], {"highway": "secondary"})])
    network = drape(flat, terrain(tmp_path / "dem.tif", lambda x, _: np.where(x < 450, 0.0, 0.15 * (x - 450))))
    tertiary = int(np.flatnonzero(network.roads.is_class("tertiary"))[0])
    minutes, plain = (ride_profile("ride", slope=s).edge_minutes(network)[0] for s in (True, False))
    assert minutes[tertiary] == pytest.approx(plain[tertiary] / 2 + flat.length_m[tertiary] / 2 * 0.06 / 20, rel=0.06)
    assert minutes[1 - tertiary] == plain[1 - tertiary]


def test_going_home_is_the_other_way_round(tmp_path: Path):
    flat = draw({1: (0, 0), 2: (600, 0)}, [([1, 2], {})])
    network = drape(flat, terrain(tmp_path / "dem.tif", lambda x, _: 0.15 * x))
    there = {"cutoff_min": 60, "snap_limit_m": 100, "access_speed_kmh": 3.0, "access_detour": 1.0}
    home, school = at((50, 0)), at((550, 0))
    up = Router(network, WALK).matrix(["h"], home, ["s"], school, **there)
    down = Router(network, WALK.home()).matrix(["h"], home, ["s"], school, **there)
    back = Router(network, WALK).matrix(["s"], school, ["h"], home, **there)
    assert down.minutes == pytest.approx(back.minutes)
    assert up.minutes[0] > 1.3 * down.minutes[0]


def test_heights_are_kept_subset_moved_and_hashed(tmp_path: Path):
    flat = draw({1: (0, 0), 2: (300, 0), 3: (300, 300)}, [([1, 2], {}), ([2, 3], {"highway": "track"})])
    network = drape(flat, terrain(tmp_path / "dem.tif", lambda x, y: 0.1 * x + 0.05 * y))
    network.save(tmp_path / "n.npz")
    again = load_network(tmp_path / "n.npz")
    assert again.content_hash == network.content_hash != flat.content_hash
    assert np.array_equal(again.relief.height_m, network.relief.height_m)
    for one, two in zip(WALK.edge_minutes(again), WALK.edge_minutes(network), strict=True):
        assert np.array_equal(one, two)
    track = network.roads.is_class("track")
    part = network.subset(track)
    assert WALK.edge_minutes(part)[0] == pytest.approx(WALK.edge_minutes(network)[0][track])


def test_a_cliff_counts_as_one_in_one():
    relief = Relief(np.array([0, 2]), np.array([0.0, 500.0]))
    assert relief.slopes(np.array([100.0])) == pytest.approx([1.0])


@pytest.mark.parametrize(("content", "epsg"), [(b"no raster", None), (None, None)])
def test_a_terrain_that_cannot_be_used_is_an_error_of_the_file(tmp_path: Path, content, epsg):
    path = tmp_path / "dem.tif"
    if content is None:
        terrain(path, lambda *_: 1.0, epsg=epsg)
    else:
        path.write_bytes(content)
    with pytest.raises(InputError) as error:
        drape(draw({1: (0, 0), 2: (300, 0)}, [([1, 2], {})]), path)
    assert error.value.flaws[0].code == "terrain_unreadable"


def test_an_e_bike_climbs_on_its_motor_and_is_pushed_where_that_fails():
    slope = np.array([-0.1, 0.0, 0.05, 0.1, 0.5])
    share = e_bike_factor(slope, flat_kmh=15, watts=320, mass_kg=145, rolling=0.01, push_kmh=3)
    assert share[:2] == pytest.approx(1)
    by_hand = 320 / (145 * 9.81 * (0.01 * np.cos(np.arctan(0.1)) + np.sin(np.arctan(0.1)))) * 3.6
    assert share[3] * 15 == pytest.approx(by_hand)
    assert share[4] * 15 >= 3 * tobler_factor(0.5)
    assert (np.diff(share) <= 0).all()


def test_a_hairpin_is_sharp_and_a_long_curve_is_not():
    angle = np.linspace(0, np.pi, 60)
    for radius, sharp in ((15, True), (27, True), (34, False), (120, False)):
        x, y = radius * np.cos(angle), radius * np.sin(angle)
        share = find_bends(np.array([0, 60]), x, y).sharp_share(30.0)
        assert bool(share[0] > 0.5) == sharp
    corner = find_bends(np.array([0, 3]), np.array([0.0, 200, 200]), np.array([0.0, 0, 200])).sharp_share(30.0)
    assert corner == pytest.approx([30 / 400])
    saw = np.arange(40) % 2 * 0.5
    assert find_bends(np.array([0, 40]), np.arange(40) * 3.0, saw).sharp_share(30.0) == pytest.approx([0.0])

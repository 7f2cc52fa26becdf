"""The friction surface against WHO AccessMod 5's own travel-time raster, from the same inputs.

What AccessMod did in 2015, found by trying (r.walk.accessmod of that year): 8 neighbours; a move takes the time at
the mean of both cells' speeds; time counts towards the facilities; lines take every cell that they touch, areas the
cells whose middle they hold; roads lie over rivers, restricted areas over roads; facilities on barriers do not count.
Its cycling curve has three slips, which only this test repeats: the power on the flat adds the speed instead
of multiplying by it, the air keeps its density at sea level (a whole-number division) with 373 for 273 kelvin, and of
three roots the least is taken without its sign.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from scipy.ndimage import binary_dilation

from layout_planner.travel.surface import CellMode, Raster, SpeedClass, build_surface
from layout_planner.travel.surface_matrix import surface_matrix
from layout_planner.travel.surface_search import travel_time

pytestmark = pytest.mark.real

WALK, CYCLE, LEVEL = CellMode.WALK, CellMode.CYCLE, CellMode.LEVEL
SPEEDS = {code: SpeedClass(kmh, WALK) for code, kmh in ((1, 2), (3, 2), (4, 3), (5, 4), (6, 4))}
SPEEDS |= {code: SpeedClass(kmh, CYCLE) for code, kmh in ((2, 15), (1004, 12), (1005, 10))}
SPEEDS |= {code: SpeedClass(kmh, LEVEL) for code, kmh in ((1001, 80), (1002, 80), (1003, 60))}


def accessmod_cycling(flat_kmh, slope):
    """Give the speeds of AccessMod's bicycle of 2015, slips included."""
    drag, weight, loss, bearing = 0.4 * 1.225 * 373 / 293.15, 92 * 9.81, 1.09, 0.2
    v = flat_kmh / 3.6
    watts = loss * v * (drag / 2 * v**2 + weight * 0.008 + v + bearing)
    angle = np.arctan(slope)
    hold = weight * (0.008 * np.cos(angle) + np.sin(angle))
    found = []
    for b, h in zip(bearing * np.cos(angle), hold, strict=True):
        roots = np.roots([1, b / drag, 2 * h / drag, -2 * watts / (loss * drag)])
        found.append(abs(min(root.real for root in roots if abs(root.imag) < 1e-9)) * 3.6)
    return np.array(found)


class Demo:
    """The demo project's inputs and AccessMod's results."""

    def __init__(self, folder: Path) -> None:
        base, analysis = folder / "base", folder / "analysis"
        self.dem = base / "DEM" / "dem__dem.GeoTIFF"
        self.cover = base / "land_cover__demo" / "land_cover__demo.GeoTIFF"
        self.merged = Raster.read(analysis / "land_cover_merged__demo" / "land_cover_merged__demo.GeoTIFF")
        self.minutes = Raster.read(analysis / "cumulative_cost__demo" / "cumulative_cost__demo.GeoTIFF").values / 60
        self.roads = gpd.read_file(base / "road__demo" / "road__demo" / "road__demo.shp")
        river, area = base / "barrier__demo_river", base / "barrier_restricted_area"
        self.river = gpd.read_file(river / "barrier__demo_river" / "barrier__demo_river.shp")
        self.area = gpd.read_file(area / "barrier__demo" / "barrier__demo.shp")
        places = base / "health_facilities__demo" / "health_facilities__demo"
        points = gpd.read_file(places / "health_facilities__demo.shp").geometry
        self.facilities = np.column_stack([points.x, points.y])

    def surface(self):
        return build_surface(self.dem, self.cover, SPEEDS, roads=self.roads, barriers=self.river, closures=self.area,
                             touched="lines", cycling=accessmod_cycling)  # fmt: skip

    def times(self, surface):
        return travel_time(surface, self.facilities, knights_move=False, averaging="speed", cut_corners=True,
                           cutoff_min=120.0)  # fmt: skip

    def off_by(self, minutes):
        """Give the relative difference in every cell that AccessMod reaches in more than no time."""
        theirs, ours = self.minutes[self.minutes > 0], minutes[self.minutes > 0]
        return np.where(np.isnan(ours), np.inf, np.abs(ours - theirs) / theirs)


@pytest.fixture(scope="module")
def demo(real_data):
    folder = real_data / "accessmod_demo"
    if not folder.is_dir():
        pytest.skip("no accessmod_demo in the real data")
    return Demo(folder)


@pytest.fixture(scope="module")
def surface(demo):
    return demo.surface()


def test_roads_and_barriers_are_burnt_in_as_accessmod_does(demo, surface):
    theirs = np.where(demo.merged.valid, demo.merged.values.astype(int), -1)
    differs = surface.land_class != theirs
    assert differs.mean() < 0.0005
    # Most of the rest: river cells with a road that AccessMod closes again as needless bridges.
    assert (differs & (theirs == -1) & (surface.land_class > 1000)).sum() == 60


def test_on_accessmods_merged_land_cover_the_times_are_accessmods(demo):
    surface = build_surface(demo.dem, demo.merged, SPEEDS, cycling=accessmod_cycling)
    off = demo.off_by(demo.times(surface))
    assert (off <= 0.01).mean() > 0.9999
    assert np.percentile(off, 95) < 1e-4


def test_from_the_raw_inputs_95_percent_of_cells_are_within_5_percent(demo, surface):
    off = demo.off_by(demo.times(surface))
    assert (off <= 0.05).mean() > 0.97
    assert (off <= 0.01).mean() > 0.95
    assert np.median(off) < 1e-4


def test_the_rest_lies_behind_64_cells_that_accessmod_burns_otherwise(demo, surface):
    """60 road cells on rivers, which AccessMod closes again as needless bridges, and 4 road cells at the west edge."""
    theirs = np.where(demo.merged.valid, demo.merged.values.astype(int), -1)
    bridges = (theirs == -1) & (surface.land_class > 1000)
    edge = (theirs > 1000) & (surface.land_class == -1)
    shares = []
    for mend in (bridges, bridges | edge):
        cover = Raster(np.where(mend, theirs, surface.land_class), demo.merged.transform, demo.merged.crs, -1)
        off = demo.off_by(demo.times(build_surface(demo.dem, cover, SPEEDS, cycling=accessmod_cycling)))
        shares.append((off <= 0.05).mean())
    assert edge.sum() == 4
    assert shares[0] > 0.992
    assert shares[1] > 0.999


def test_the_matrix_agrees_with_the_raster_of_times(demo):
    walked = {code: SpeedClass(row.kmh if row.mode == WALK else 5.0) for code, row in SPEEDS.items()}
    surface = build_surface(demo.dem, demo.cover, walked, roads=demo.roads, barriers=demo.river, closures=demo.area)
    open_site = demo.facilities[[1, 2]]
    rng = np.random.default_rng(7)
    inner = np.flatnonzero(binary_dilation(surface.mode == 0, iterations=1).ravel() == 0)
    cells = rng.choice(inner, 500, replace=False)
    matrix = surface_matrix(surface, [f"o{c}" for c in cells], surface.centre(cells), ["mini", "rock"], open_site,
                            cutoff_min=120.0)  # fmt: skip
    for j, facility in enumerate(open_site):
        raster = travel_time(surface, facility, cutoff_min=120.0).ravel()[cells]
        column = matrix.to_csr().toarray()[:, j]
        legs = matrix.site_access_m[j] / (surface.speed_kmh.ravel()[surface.cell_at(facility)[0]] * 1000 / 60)
        expected = np.where(raster + legs <= 120.0, raster + legs, 0.0)
        np.testing.assert_allclose(column, expected, rtol=1e-5, atol=1e-4)

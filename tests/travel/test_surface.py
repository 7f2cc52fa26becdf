import geopandas as gpd
import numpy as np
import pytest
import rasterio
from affine import Affine
from pyproj import CRS
from shapely.geometry import LineString, box

from layout_planner.errors import CrsError, InputError
from layout_planner.travel.surface import (
    CellMode,
    Raster,
    SpeedClass,
    build_surface,
    land_cover_sources,
    land_cover_speeds,
)
from layout_planner.travel.surface_search import travel_time
from layout_planner.travel.surface_slope import TOBLER_FLAT_KMH, Cyclist, tobler_factor

UTM = CRS.from_epsg(32649)
GRID = Affine(10, 0, 0, 0, -10, 100)
SPEEDS = {1: SpeedClass(3.0), 2: SpeedClass(5.0), 9: SpeedClass(0.0), 101: SpeedClass(6.0), 102: SpeedClass(8.0)}


def raster(values, transform=GRID, crs=UTM, nodata=None):
    return Raster(np.asarray(values), transform, crs, nodata)


def frame(shapes, classes=None, crs=UTM):
    data = {} if classes is None else {"class": classes}
    return gpd.GeoDataFrame(data, geometry=shapes, crs=crs)


def flat(**kwargs):
    cover = kwargs.pop("cover", np.ones((10, 10), dtype=np.uint8))
    return build_surface(raster(np.zeros((10, 10))), raster(cover, nodata=255), SPEEDS, **kwargs)


def test_tobler_is_the_published_function():
    assert float(tobler_factor(-0.05)) * TOBLER_FLAT_KMH == pytest.approx(6.0)
    assert float(tobler_factor(0.1)) * TOBLER_FLAT_KMH == pytest.approx(6 * np.exp(-3.5 * 0.15))


def test_a_cyclist_keeps_the_speed_on_the_flat_pushes_uphill_and_brakes_downhill():
    cyclist = Cyclist()
    slopes = np.array([-0.3, -0.02, 0.0, 0.02, 0.3])
    speeds = cyclist(12.0, slopes)
    assert speeds[2] == pytest.approx(12.0)
    assert (np.diff(speeds) <= 0).all()
    assert speeds[0] == cyclist.cap_kmh
    assert speeds[-1] == pytest.approx(3.0 * tobler_factor(0.3))


def test_a_cyclist_spends_the_same_power_on_every_slope():
    cyclist = Cyclist(cap_kmh=1e9, push_kmh=0.0)
    for slope in (-0.1, -0.01, 0.05):
        v, angle = float(cyclist(15.0, np.array([slope]))[0]) / 3.6, np.arctan(slope)
        hold = 92 * 9.81 * (0.008 * np.cos(angle) + np.sin(angle))
        watts = 1.09 * v * (0.4 * 1.204 / 2 * v**2 + hold + 0.2 * np.cos(angle) * v)
        assert watts == pytest.approx(cyclist.watts(15.0))


def test_cells_without_data_and_classes_of_speed_zero_are_closed():
    cover = np.ones((10, 10), dtype=np.uint8)
    cover[0, 0], cover[0, 1] = 255, 9
    surface = flat(cover=cover)
    assert surface.mode[0, 0] == surface.mode[0, 1] == CellMode.CLOSED
    assert surface.land_class[0, 0] == -1
    assert (surface.mode != 0).sum() == 98


def test_a_road_crosses_a_barrier_but_not_a_closure():
    river, wall = frame([LineString([(45, 0), (45, 100)])]), frame([box(70, 0, 80, 100)])
    road = frame([LineString([(0, 55), (100, 55)])], [101])
    surface = flat(roads=road, barriers=river, closures=wall)
    row = surface.mode[4]
    assert row[4] == CellMode.WALK
    assert row[7] == CellMode.CLOSED
    assert surface.barrier[:, 4].sum() == 9
    assert surface.barrier[4, 7]
    assert surface.speed_kmh[4, 2] == 6.0


def test_the_fastest_road_of_a_cell_wins_whatever_the_order():
    lines = [LineString([(0, 55), (100, 55)]), LineString([(55, 0), (55, 100)])]
    for order in ((0, 1), (1, 0)):
        surface = flat(roads=frame([lines[i] for i in order], [(101, 102)[i] for i in order]))
        assert surface.land_class[4, 5] == 102


@pytest.mark.parametrize("line", [[(0, 3), (100, 97)], [(0, 0), (100, 100)], [(0, 20), (63, 100)]])
def test_no_move_slips_through_a_slanting_river(line):
    surface = flat(barriers=frame([LineString(line)]))
    minutes = travel_time(surface, [[5.0, 95.0]], knights_move=True)
    assert np.isnan(minutes[9, 9])
    assert np.isfinite(minutes[0, 1])


def test_a_barrier_thinner_than_a_cell_lets_moves_through_unless_it_takes_what_it_touches():
    thin = frame([LineString([(0, 3), (100, 97)])])
    loose = travel_time(flat(barriers=thin, touched="none"), [[5.0, 95.0]], cut_corners=True)
    assert np.isfinite(loose[9, 9])


def test_areas_take_the_cells_whose_middle_they_hold_when_only_lines_touch():
    area = frame([box(12, 12, 27, 27)])
    assert flat(barriers=area).barrier.sum() == 4
    assert flat(barriers=area, touched="lines").barrier.sum() == 4
    assert flat(barriers=frame([box(12, 12, 22, 22)]), touched="lines").barrier.sum() == 1


def test_elevation_of_another_grid_is_resampled():
    dem = np.add.outer(np.zeros(24), np.arange(24.0)) * 5.0
    heights = raster(dem, transform=Affine(5, 0, -10, 0, -5, 110))
    surface = build_surface(heights, raster(np.ones((10, 10), dtype=np.uint8)), SPEEDS)
    # Metre for metre the plane rises by one, so each cell of 10 m by ten.
    assert np.diff(surface.elevation, axis=1) == pytest.approx(10.0, abs=1e-3)


def test_unknown_elevation_counts_as_flat_and_is_said():
    dem = np.zeros((10, 10))
    dem[5] = -32768
    surface = build_surface(raster(dem, nodata=-32768), raster(np.ones((10, 10), dtype=np.uint8)), SPEEDS)
    assert [flaw.code for flaw in surface.checks] == ["no_elevation"]
    assert np.isfinite(travel_time(surface, [[5.0, 5.0]])).all()


def test_vectors_in_another_crs_are_moved():
    river = frame([LineString([(45, 0), (45, 100)])]).to_crs(4326)
    assert flat(barriers=river).barrier[:, 4].all()


def test_every_class_without_speed_is_named_at_once():
    cover = np.full((10, 10), 7, dtype=np.uint8)
    with pytest.raises(InputError) as caught:
        flat(cover=cover, roads=frame([LineString([(0, 5), (90, 5)])], [333]))
    assert [flaw.code for flaw in caught.value.flaws] == ["class_without_speed"] * 2


def test_a_speed_that_is_no_number_is_refused():
    with pytest.raises(InputError, match="5"):
        build_surface(raster(np.zeros((2, 2))), raster(np.ones((2, 2))), {1: SpeedClass(2), 5: SpeedClass(np.nan)})


def test_grids_in_degrees_or_turned_are_refused():
    ones = np.ones((3, 3), dtype=np.uint8)
    with pytest.raises(CrsError):
        build_surface(raster(ones), raster(ones, crs=CRS.from_epsg(4326)), SPEEDS)
    with pytest.raises(InputError):
        build_surface(raster(ones), raster(ones, transform=GRID @ Affine.rotation(10)), SPEEDS)
    with pytest.raises(CrsError):
        flat(barriers=frame([box(0, 0, 9, 9)], crs=None))


def test_rasters_are_read_from_files(tmp_path):
    path = tmp_path / "cover.tif"
    shape = {"driver": "GTiff", "height": 3, "width": 4, "count": 1, "dtype": "uint8", "nodata": 255}
    with rasterio.open(path, "w", crs="EPSG:32649", transform=GRID, **shape) as file:
        file.write(np.ones((3, 4), dtype=np.uint8), 1)
    assert build_surface(path, path, SPEEDS).shape == (3, 4)
    with pytest.raises(InputError, match=r"absent\.tif"):
        Raster.read(tmp_path / "absent.tif")


def test_points_find_their_cells_and_back():
    surface = flat()
    cells = np.array([0, 9, 55, 99])
    assert surface.cell_at(surface.centre(cells)).tolist() == cells.tolist()
    assert surface.cell_at(np.array([[-1.0, 5.0], [5.0, 101.0], [100.0, 50.0]])).tolist() == [-1, -1, -1]


def test_the_speed_tables_name_a_source_for_every_figure():
    assert land_cover_speeds("worldcover")[80].mode == CellMode.CLOSED
    assert land_cover_speeds("globeland30")[30].kmh == pytest.approx(4.86)
    assert all(text.startswith(("[V]", "[M]")) for text in land_cover_sources().values())
    with pytest.raises(InputError):
        land_cover_speeds("corine")

"""The friction surface against scipy's Dijkstra over the same moves, side by side, and its cost for many schools."""

import time

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from layout_planner.travel import walk_profile
from layout_planner.travel.surface_kernels import spread
from layout_planner.travel.surface_matrix import combined_matrix, surface_matrix
from layout_planner.travel.surface_search import SurfaceGraph, travel_time
from tests.travel.road_builders import ORIGIN, draw
from tests.travel.surface_builders import NORTH, WEST, plane

from .conftest import Bars

ROWS, COLUMNS, CELL_M = 1_200, 1_250, 30.0  # 1.5 million cells, 36 x 37.5 km
SITES, ORIGINS, CUTOFF_MIN = 100, 100_000, 60.0


@pytest.fixture(scope="module")
def county():
    """Make hills of up to 35 degrees, patches of four kinds of ground, and a river with bridges."""
    rng = np.random.default_rng(20)
    height = 6_000 * gaussian_filter(rng.normal(size=(ROWS, COLUMNS)), 25)
    ground = gaussian_filter(rng.normal(size=(ROWS, COLUMNS)), 6)
    kmh = np.array([2.0, 3.24, 4.86, 5.0])[np.digitize(ground, np.quantile(ground, [0.25, 0.5, 0.75]))]
    kmh[::17, :] = 5.04
    kmh[:, COLUMNS // 2] = 0.0
    kmh[::170, COLUMNS // 2] = 5.04
    return plane(kmh, cell=CELL_M, elevation=height)


def places(surface, n, seed):
    cells = np.flatnonzero(surface.mode.ravel())
    return surface.centre(np.sort(np.random.default_rng(seed).choice(cells, n, replace=False)))


def timed(work, *args, **kwargs):
    clock = time.perf_counter()
    result = work(*args, **kwargs)
    return result, time.perf_counter() - clock


def reset(space, nodes):
    space[0][nodes] = np.inf


def as_scipy(graph):
    """Copy the moves into the matrix that csgraph wants: row is the cell searched from, inf left out."""
    cells, moves = np.nonzero(np.isfinite(graph.minutes))
    start = np.zeros(len(graph.minutes) + 1, dtype=np.int64)
    np.cumsum(np.bincount(cells, minlength=len(graph.minutes)), out=start[1:])
    shape = (len(graph.minutes), len(graph.minutes))
    columns = (cells + graph.step[moves]).astype(np.int32)
    return csr_array((graph.minutes[cells, moves].astype(float), columns, start.astype(np.int32)), shape=shape)


@pytest.mark.parametrize("knights_move", [False, True], ids=["8 neighbours", "16 neighbours"])
def test_one_target_over_the_whole_surface(benchmark, bars: Bars, county, knights_move):
    target = places(county, 1, 1)
    travel_time(county, target, knights_move=knights_move)
    minutes = benchmark.pedantic(travel_time, (county, target), {"knights_move": knights_move}, rounds=3)
    least = benchmark.stats.stats.min
    moves = 16 if knights_move else 8
    bars(f"surface of 1.5 M cells, {moves} neighbours: one target", "8 s", f"{least:.2f} s", least <= 8)
    benchmark.extra_info["cells_per_s"] = round(np.isfinite(minutes).sum() / benchmark.stats.stats.min)


def test_a_hundred_schools_within_an_hour(benchmark, bars: Bars, county):
    home, school = places(county, ORIGINS, 2), places(county, SITES, 3)
    names = [f"o{i}" for i in range(ORIGINS)], [f"s{i}" for i in range(SITES)]
    run = (county, names[0], home, names[1], school)
    surface_matrix(*run, cutoff_min=1.0)
    matrix = benchmark.pedantic(surface_matrix, run, {"cutoff_min": CUTOFF_MIN}, rounds=3)
    benchmark.extra_info["pairs"] = matrix.n_pairs
    least = benchmark.stats.stats.min
    bars("surface: 100 schools within an hour", "10 s", f"{least:.2f} s", least <= 10)


def test_faster_than_scipy_over_the_same_moves(benchmark, bars: Bars, county, capsys):
    target, school = places(county, 1, 1), places(county, SITES, 3)
    graph, build = timed(SurfaceGraph.build, county)
    moves, copy = timed(as_scipy, graph)
    cell, nothing, space = county.cell_at(target), np.zeros(1), graph.workspace()

    def search():
        space[0][:] = np.inf
        spread(graph.arrays(), np.inf, cell, nothing, nothing, space)
        return space[0]

    minutes = benchmark.pedantic(search, rounds=5, warmup_rounds=1)
    ours = benchmark.stats.stats.min
    judged, theirs = min((timed(dijkstra, moves, indices=int(cell[0])) for _ in range(3)), key=lambda run: run[1])
    np.testing.assert_allclose(minutes, judged, rtol=1e-5)
    near = CUTOFF_MIN
    _, theirs_near = timed(dijkstra, moves, indices=county.cell_at(school[:5]), limit=near)
    reset(space, np.arange(graph.n_nodes))
    ours_near, touched = 0.0, 0
    for at in county.cell_at(school):
        n, seconds = timed(spread, graph.arrays(), near, np.array([at]), nothing, nothing, space)
        ours_near, touched = ours_near + seconds / SITES, touched + n // SITES
        reset(space, space[6][:n])
    cells = int(np.isfinite(judged).sum())
    with capsys.disabled():
        print(f"\n  {cells:,} cells, 16 moves each: working them out {build:.2f} s; search {ours:.2f} s "
              f"({cells / ours / 1e6:.1f} M cells/s)")  # fmt: skip
        print(f"  scipy csgraph: copying them {copy:.2f} s; search {theirs:.2f} s = {theirs / ours:.1f} times ours")
        print(f"  a school within {near:g} min (mean {touched:,} cells): {ours_near * 1e3:.1f} ms; "
              f"scipy {theirs_near * 200:.0f} ms")  # fmt: skip
    bars("surface: times faster than scipy", "1", f"{theirs / ours:.1f}", theirs > ours)


def test_surface_and_roads_together(benchmark, bars: Bars, county):
    """A hundred schools, 100,000 origins, and 10,000 crossings joined by 19,800 pieces of road."""
    side = 100
    step = np.array([COLUMNS, ROWS]) * CELL_M / (side + 1)
    shift = np.array([WEST, NORTH]) - ORIGIN
    at = {r * side + c + 1: tuple(shift + step * [c + 1, -r - 1]) for r in range(side) for c in range(side)}
    ways = [([r * side + c + 1 for c in range(side)], {}) for r in range(side)]
    ways += [([r * side + c + 1 for r in range(side)], {}) for c in range(side)]
    network = draw(at, ways)
    names = [f"o{i}" for i in range(ORIGINS)], [f"s{i}" for i in range(SITES)]
    run = (county, network, walk_profile("walk", 4.5), names[0], places(county, ORIGINS, 2), names[1],
           places(county, SITES, 3))  # fmt: skip
    combined_matrix(*run, cutoff_min=1.0)
    matrix = benchmark.pedantic(combined_matrix, run, {"cutoff_min": CUTOFF_MIN}, rounds=3)
    benchmark.extra_info["pairs"] = matrix.n_pairs
    least = benchmark.stats.stats.min
    bars("surface and roads, 100 schools within an hour", "15 s", f"{least:.2f} s", least <= 15)

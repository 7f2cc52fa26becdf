import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.travel import Router, ride_profile, travel_matrix, walk_profile
from layout_planner.travel.contract import LANES, Order
from tests.travel.road_builders import at, draw, judge, random_network

WALK = walk_profile("walk", 6.0)
RIDE = ride_profile("ride", wait_min=10)
OPTIONS = {"cutoff_min": 60.0, "snap_limit_m": 500.0, "access_speed_kmh": 3.0, "access_detour": 1.5}
CHAIN = {i: (100.0 * i, 0.0) for i in range(6)}


@pytest.fixture
def always_sweep(monkeypatch):
    monkeypatch.setattr("layout_planner.travel.matrix._MOST", -1.0)
    monkeypatch.setattr("layout_planner.travel.matrix._WORTH_SITES", -1.0)


def names(n):
    return [str(i) for i in range(n)]


def test_a_chain_is_taken_out_from_its_ends_and_needs_no_shortcut():
    network = draw(CHAIN, [([0, 1], {}), ([1, 2], {}), ([2, 3], {}), ([3, 4], {}), ([4, 5], {})])
    order = Order.build(network)
    assert sorted(order.rank.tolist()) == list(range(6))
    assert len(order.high) == 5
    assert (np.diff(order.start) <= 1).all()


def test_subtrees_of_the_order_are_consecutive_and_end_in_their_root():
    order = Order.build(random_network(np.random.default_rng(4), 200, 300))
    size = np.ones(len(order.rank), dtype=int)
    first = np.arange(len(order.rank))
    for rank, above in enumerate(order.above):
        if above >= 0:
            assert above > rank
            size[above] += size[rank]
            first[above] = min(first[above], first[rank])
    assert np.array_equal(np.arange(len(size)) - first + 1, size)
    for rank in range(len(size)):
        high = order.high[order.start[rank] : order.start[rank + 1]]
        assert (np.diff(high) > 0).all()
        assert order.above[rank] == (high[0] if len(high) else -1)


def test_shortcuts_that_a_higher_way_beats_are_dropped():
    network = draw({1: (0, 0), 2: (1000, 0), 3: (500, 50), 4: (500, 900)},
                   [([1, 2], {}), ([1, 3], {}), ([3, 2], {}), ([1, 4], {}), ([4, 2], {})])  # fmt: skip
    hierarchy = Router(network, WALK).hierarchy
    assert len(hierarchy.up[1]) <= 5
    assert np.isfinite(hierarchy.down[2]).all()


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**31), n_nodes=st.integers(3, 60), density=st.floats(0.3, 2.0), ride=st.booleans(),
    cutoff=st.sampled_from([5.0, 20.0, 1e6]), limit=st.sampled_from([50.0, np.inf]),
)  # fmt: skip
def test_sweeps_equal_networkx_on_random_directed_graphs(seed, n_nodes, density, ride, cutoff, limit):
    rng = np.random.default_rng(seed)
    network = random_network(rng, n_nodes, max(1, int(n_nodes * density)))
    profile = RIDE if ride else WALK
    nodes = np.column_stack([network.node_x, network.node_y])
    on_nodes = nodes[rng.integers(network.n_nodes, size=5)]
    origins = np.vstack([at(*rng.uniform(-100, 3100, (15, 2))), on_nodes])
    sites = np.vstack([at(*rng.uniform(-100, 3100, (14, 2))), on_nodes[:2], origins[:3]])
    router = Router(network, profile, min_island_nodes=0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("layout_planner.travel.matrix._MOST", -1.0)
        patch.setattr("layout_planner.travel.matrix._WORTH_SITES", -1.0)
        found = router.matrix(names(20), origins, names(len(sites)), sites, cutoff_min=cutoff, snap_limit_m=limit,
                              access_speed_kmh=3.0, access_detour=1.3)  # fmt: skip
    assert len(sites) > LANES
    origin_at, site_at = (router.snapper.snap(*xy.T, limit) for xy in (origins, sites))
    legs = [np.nan_to_num(a.access_m) * 1.3 / 50.0 for a in (origin_at, site_at)]
    truth = judge(network, profile, origin_at, site_at, *legs)
    ours = np.full(truth.shape, np.inf)
    ours[found.rows, found.indices] = found.minutes
    clear = ~np.isclose(truth, cutoff, rtol=1e-9)
    truth[truth > cutoff] = np.inf
    assert np.array_equal(np.isfinite(ours[clear]), np.isfinite(truth[clear]))
    both = np.isfinite(ours) & np.isfinite(truth)
    assert ours[both] == pytest.approx(truth[both], rel=1e-6, abs=1e-9)
    assert all((np.diff(row) > 0).all() for row in np.split(found.indices, found.indptr[1:-1]))


@pytest.mark.parametrize("profile", [WALK, RIDE])
@pytest.mark.parametrize("cutoff", [25.0, 1e6])
def test_sweeps_and_searches_give_the_same_matrix(monkeypatch, profile, cutoff):
    rng = np.random.default_rng(8)
    network = random_network(rng, 300, 500)
    origins, sites = at(*rng.uniform(0, 3000, (400, 2))), at(*rng.uniform(0, 3000, (70, 2)))
    found = []
    for most in (2.0, -1.0):
        monkeypatch.setattr("layout_planner.travel.matrix._MOST", most)
        found.append(travel_matrix(network, names(400), origins, names(70), sites, profile,
                                   **(OPTIONS | {"cutoff_min": cutoff})))  # fmt: skip
    searched, swept = found
    assert np.array_equal(searched.indptr, swept.indptr)
    assert np.array_equal(searched.indices, swept.indices)
    assert swept.minutes == pytest.approx(searched.minutes, rel=1e-6)
    assert np.mean(np.isclose(swept.metres, searched.metres, rtol=1e-5)) > 0.999  # equal minutes may differ in metres


def test_the_number_of_threads_changes_nothing_in_a_sweep(always_sweep):
    rng = np.random.default_rng(5)
    network = random_network(rng, 300, 500)
    origins, sites = at(*rng.uniform(0, 3000, (400, 2))), at(*rng.uniform(0, 3000, (70, 2)))
    results = [
        travel_matrix(network, names(400), origins, names(70), sites, WALK, **OPTIONS, workers=workers)
        for workers in (1, 2, 7)
    ]
    for other in results[1:]:
        for field in ("indptr", "indices", "minutes", "metres"):
            assert np.array_equal(getattr(results[0], field), getattr(other, field))


def test_sweeps_bear_points_off_the_network_and_no_points_at_all(always_sweep):
    network = draw(CHAIN, [([0, 1, 2, 3, 4, 5], {})])
    far = travel_matrix(
        network, ["a", "b"], at((0, 9000), (10, 0)), ["s", "t"], at((100, 0), (0, 9000)), WALK, **OPTIONS
    )
    assert far.indptr.tolist() == [0, 0, 1]
    assert far.minutes == pytest.approx([0.9], rel=1e-3)
    nothing = np.zeros((0, 2))
    assert travel_matrix(network, [], nothing, ["s"], at((0, 0)), WALK, **OPTIONS).shape == (0, 1)
    assert travel_matrix(network, ["o"], at((0, 0)), [], nothing, WALK, **OPTIONS).unreachable.tolist() == ["o"]


def test_a_wide_cut_off_sweeps_and_a_narrow_one_searches(monkeypatch):
    network = random_network(np.random.default_rng(9), 100, 200)
    points = at(*np.random.default_rng(1).uniform(0, 3000, (60, 2)))
    router = Router(network, WALK)
    router.matrix(names(60), points, names(60), points, cutoff_min=2.0)
    assert "hierarchy" not in vars(router)
    router.matrix(names(60), points, names(60), points, cutoff_min=1e6)
    assert "hierarchy" in vars(router)

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.errors import NetworkError, UnknownIdError
from layout_planner.travel import Router, ride_profile, travel_matrix, walk_profile
from layout_planner.travel.matrix import travel_matrices
from tests.travel.road_builders import at, draw, judge, random_network

WALK = walk_profile("walk", 6.0)  # 100 metres a minute
RIDE = ride_profile("ride", wait_min=10, bends=False)
OPTIONS = {"cutoff_min": 60.0, "snap_limit_m": 500.0, "access_speed_kmh": 3.0, "access_detour": 1.5}
LINE = {1: (0, 0), 2: (1000, 0), 3: (2000, 0), 4: (1000, 1000)}


def names(n):
    return [str(i) for i in range(n)]


def matrix(network, origins, sites, profile=WALK, **options):
    names = [f"o{i}" for i in range(len(origins))], [f"s{i}" for i in range(len(sites))]
    return travel_matrix(network, names[0], at(*origins), names[1], at(*sites), profile, **(OPTIONS | options))


def test_a_trip_is_the_way_to_the_road_the_road_and_the_way_from_it():
    network = draw(LINE, [([1, 2, 3], {}), ([2, 4], {})])
    found = matrix(network, [(200, 100)], [(1000, 500), (1900, -20)])
    # 100 m × 1.5 at 50 m/min, 800 + 500 m at 100 m/min; then 1,700 m and 20 m × 1.5 at 50 m/min
    assert found.minutes == pytest.approx([3 + 13, 3 + 17 + 0.6], rel=1e-3)
    assert found.metres == pytest.approx([150 + 1300, 150 + 1700 + 30], rel=1e-3)
    assert found.indices.tolist() == [0, 1]
    assert found.origin_access_m == pytest.approx([100], abs=1e-3)
    assert found.site_access_m == pytest.approx([0, 20], abs=1e-3)


def test_riding_waits_once_and_obeys_one_ways():
    square = {1: (0, 0), 2: (1000, 0), 3: (1000, 1000), 4: (0, 1000)}
    network = draw(square, [([1, 2], {"oneway": "yes"}), ([2, 3], {}), ([3, 4], {}), ([4, 1], {})])
    speed = 25 / 0.06
    found = matrix(network, [(900, 0), (100, 0)], [(100, 0), (900, 0)], RIDE)
    back = 10 + (100 + 3000 + 100) / speed
    there = 10 + 800 / speed
    assert found.to_csr().toarray() == pytest.approx(np.array([[back, 10], [10, there]]), rel=1e-3)
    walked = matrix(network, [(900, 0)], [(100, 0)])
    assert walked.minutes == pytest.approx([8], rel=1e-3)


def test_two_points_on_one_edge_meet_along_it():
    network = draw(LINE, [([1, 2, 3], {})])
    found = matrix(network, [(300, 0), (1500, 0)], [(500, 0)])
    assert found.minutes == pytest.approx([2, 10], rel=1e-3)


def test_a_point_at_a_junction_may_leave_by_any_road():
    network = draw(LINE, [([1, 2], {"oneway": "yes"}), ([2, 3], {}), ([2, 4], {})])
    found = matrix(network, [(1000, 0)], [(1000, 1000), (2000, 0), (0, 0)], RIDE)
    assert found.indices.tolist() == [0, 1]


def test_a_loop_that_returns_to_its_node_is_travelled_the_shorter_way():
    ring = {1: (0, 0), 2: (300, 300), 3: (600, 0), 4: (-200, 0)}
    network = draw(ring, [([1, 2, 3, 1], {}), ([1, 4], {})])
    found = matrix(network, [(500, 0)], [(-100, 0), (100, 0), (300, 290)])
    assert found.minutes[0] == pytest.approx(6, rel=1e-3)
    assert found.minutes[1] == pytest.approx(4, rel=1e-3)


def test_the_cut_off_counts_everything():
    network = draw(LINE, [([1, 2, 3], {})])
    for cutoff, pairs in ((4.9, 0), (5.1, 1)):
        found = matrix(network, [(0, 0)], [(500, 0)], cutoff_min=cutoff)
        assert found.n_pairs == pairs
    ridden = matrix(network, [(0, 0)], [(500, 0)], RIDE, cutoff_min=11)
    assert ridden.n_pairs == 0
    assert ridden.unreachable.tolist() == ["o0"]


def test_points_off_the_network_are_reported():
    network = draw(LINE, [([1, 2, 3], {})])
    found = matrix(network, [(0, 5000), (0, 0)], [(500, 0), (500, 9000)])
    assert found.unreachable.tolist() == ["o0"]
    assert np.isnan(found.origin_access_m[0])
    assert np.isnan(found.site_access_m[1])
    assert [flaw.code for flaw in found.checks] == ["off_network", "off_network"]


def test_nearest_breaks_ties_by_id_and_within_cuts():
    network = draw(LINE, [([1, 2, 3], {}), ([2, 4], {})])
    names = ["b", "a", "c"]
    sites = at((0, 0), (2000, 0), (1000, 900))
    found = travel_matrix(network, ["x", "y"], at((1000, 0), (1990, 0)), names, sites, WALK, **OPTIONS)
    nearest = found.nearest(2)
    assert nearest["rank"].tolist() == [1, 2, 1, 2]
    assert nearest["site_id"].tolist()[0] == "c"
    assert nearest["site_id"].tolist()[2] == "a"
    assert found.nearest(9).groupby("origin_id").size().tolist() == [3, 3]
    assert found.nearest(0).empty
    assert found.within(1.0).to_frame()["site_id"].tolist() == ["a"]
    same = travel_matrix(network, ["x"], at((1000, 0)), ["9", "10"], at((500, 0), (500, 0)), WALK, **OPTIONS)
    assert same.nearest(1)["site_id"].tolist() == ["10"]


def test_choosing_sites_keeps_rows_sorted_and_knows_its_ids():
    network = draw(LINE, [([1, 2, 3], {}), ([2, 4], {})])
    found = matrix(network, [(0, 0), (700, 0)], [(500, 0), (1500, 0), (1000, 900)])
    picked = found.select_sites(["s2", "s0"])
    assert picked.site_id.tolist() == ["s2", "s0"]
    assert picked.indices.tolist() == [0, 1, 0, 1]
    assert np.array_equal(picked.to_csr().toarray(), found.to_csr().toarray()[:, [2, 0]])
    assert np.array_equal(picked.to_csr("metres").toarray(), found.to_csr("metres").toarray()[:, [2, 0]])
    with pytest.raises(UnknownIdError):
        found.select_sites(["s9"])


def test_choosing_origins_keeps_their_rows_and_order():
    network = draw(LINE, [([1, 2, 3], {}), ([2, 4], {})])
    found = matrix(network, [(0, 0), (700, 0), (1200, 0)], [(500, 0), (1500, 0)])
    some = found.select_origins({"o2", "o0", "o9"})
    assert some.origin_id.tolist() == ["o0", "o2"]
    assert np.array_equal(some.to_csr().toarray(), found.to_csr().toarray()[[0, 2]])
    assert some.origin_access_m.tolist() == found.origin_access_m[[0, 2]].tolist()
    assert found.select_origins(()).shape == (0, 2)


def test_no_origins_or_no_sites_give_an_empty_matrix():
    network = draw(LINE, [([1, 2, 3], {})])
    nothing = np.zeros((0, 2))
    assert travel_matrix(network, [], nothing, ["s"], at((0, 0)), WALK, **OPTIONS).shape == (0, 1)
    empty = travel_matrix(network, ["o"], at((0, 0)), [], nothing, WALK, **OPTIONS)
    assert empty.unreachable.tolist() == ["o"]
    assert empty.nearest(3).empty


@pytest.mark.parametrize(
    ("ids", "xy"), [(["a", "a"], [(0, 0), (1, 1)]), (["a"], [(0, 0), (1, 1)]), (["a"], [(np.nan, 0)])]
)
def test_ids_and_coordinates_must_fit(ids, xy):
    network = draw(LINE, [([1, 2, 3], {})])
    with pytest.raises(NetworkError):
        travel_matrix(network, ids, at(*xy), ["s"], at((0, 0)), WALK, **OPTIONS)


def test_coordinates_may_come_in_another_crs():
    network = draw(LINE, [([1, 2, 3], {})])
    degrees = np.column_stack([network.node_lon, network.node_lat])
    names = [str(i) for i in network.node_id]
    nodes = np.column_stack([network.node_x, network.node_y])
    here = travel_matrix(network, names, nodes, names[:1], at((0, 0)), WALK, **OPTIONS)
    there = travel_matrix(network, names, degrees, names[:1], degrees[network.node_id == 1], WALK, **OPTIONS, crs=4326)
    assert there.minutes == pytest.approx(here.minutes, abs=1e-4)


@settings(max_examples=200, deadline=None)
@given(
    seed=st.integers(0, 2**31), n_nodes=st.integers(3, 40), density=st.floats(0.3, 2.0), ride=st.booleans(),
    cutoff=st.sampled_from([5.0, 20.0, 1e6]), limit=st.sampled_from([50.0, np.inf]),
)  # fmt: skip
def test_times_equal_networkx_on_random_directed_graphs(seed, n_nodes, density, ride, cutoff, limit):
    rng = np.random.default_rng(seed)
    network = random_network(rng, n_nodes, max(1, int(n_nodes * density)))
    profile = RIDE if ride else WALK
    nodes = np.column_stack([network.node_x, network.node_y])
    on_nodes = nodes[rng.integers(network.n_nodes, size=5)]
    origins = np.vstack([at(*rng.uniform(-100, 3100, (15, 2))), on_nodes])
    sites = np.vstack([at(*rng.uniform(-100, 3100, (6, 2))), on_nodes[:2], origins[:2]])
    router = Router(network, profile, min_island_nodes=0)
    found = router.matrix(
        [str(i) for i in range(20)], origins, [str(i) for i in range(10)], sites,
        cutoff_min=cutoff, snap_limit_m=limit, access_speed_kmh=3.0, access_detour=1.3,
    )  # fmt: skip
    origin_at, site_at = (router.snapper.snap(*xy.T, limit) for xy in (origins, sites))
    legs = [np.nan_to_num(a.access_m) * 1.3 / 50.0 for a in (origin_at, site_at)]
    truth = judge(network, profile, origin_at, site_at, *legs)
    truth[truth > cutoff * (1 + 1e-9)] = np.inf
    ours = np.full(truth.shape, np.inf)
    ours[found.rows, found.indices] = found.minutes
    assert np.array_equal(np.isfinite(ours), np.isfinite(truth)) or np.allclose(
        truth[np.isfinite(ours) != np.isfinite(truth)], cutoff
    )
    both = np.isfinite(ours) & np.isfinite(truth)
    assert ours[both] == pytest.approx(truth[both], rel=1e-6, abs=1e-9)
    assert (found.metres >= 0).all()


def test_metres_belong_to_the_quickest_way():
    places = {1: (0, 0), 2: (1000, 0), 3: (500, 600)}
    network = draw(places, [([1, 2], {"highway": "track"}), *(([a, 3], {"highway": "primary"}) for a in (1, 2))])
    found = matrix(network, [(0, 0)], [(1000, 0)], RIDE)
    assert found.metres == pytest.approx([2 * np.hypot(500, 600)], rel=1e-3)
    assert found.minutes == pytest.approx([10 + 2 * np.hypot(500, 600) / 1000], rel=1e-3)


def test_the_number_of_threads_changes_nothing():
    rng = np.random.default_rng(5)
    network = random_network(rng, 300, 500)
    origins, sites = at(*rng.uniform(0, 3000, (400, 2))), at(*rng.uniform(0, 3000, (70, 2)))
    told = []
    results = [
        travel_matrix(
            network, [str(i) for i in range(400)], origins, [str(i) for i in range(70)], sites, WALK,
            **OPTIONS, workers=workers, progress=told.append,
        )
        for workers in (1, 2, 7)
    ]  # fmt: skip
    for other in results[1:]:
        for field in ("indptr", "indices", "minutes", "metres"):
            assert np.array_equal(getattr(results[0], field), getattr(other, field))
    assert told[-1] == 1.0
    rows = np.split(results[0].indices, results[0].indptr[1:-1])
    assert all((np.diff(row) > 0).all() for row in rows)


def test_full_output_is_handed_over_in_pieces(monkeypatch):
    rng = np.random.default_rng(6)
    network = random_network(rng, 60, 120)
    origins, sites = at(*rng.uniform(0, 3000, (50, 2))), at(*rng.uniform(0, 3000, (20, 2)))
    names = [str(i) for i in range(50)], [str(i) for i in range(20)]
    whole = travel_matrix(network, names[0], origins, names[1], sites, WALK, **OPTIONS)
    monkeypatch.setattr("layout_planner.travel.search._PAIRS_HELD", 1)
    pieces = travel_matrix(network, names[0], origins, names[1], sites, WALK, **OPTIONS, workers=1)
    assert np.array_equal(whole.minutes, pieces.minutes)
    assert np.array_equal(whole.indices, pieces.indices)


def test_profiles_asked_together_get_what_they_would_get_alone():
    rng = np.random.default_rng(7)
    network = random_network(rng, 200, 300)
    points = names(50), at(*rng.uniform(0, 3000, (50, 2))), names(9), at(*rng.uniform(0, 3000, (9, 2)))
    profiles = {"small": walk_profile("walk:G1-3", 3.0), "ride": RIDE, "big": WALK}
    told = []
    together = travel_matrices(network, *points, profiles, **OPTIONS, progress=told.append)
    for key, profile in profiles.items():
        alone = travel_matrix(network, *points, profile, **OPTIONS)
        assert together[key].mode == profile.name
        for field in ("indptr", "indices", "minutes", "metres", "origin_access_m"):
            assert np.array_equal(getattr(together[key], field), getattr(alone, field), equal_nan=field[0] == "o")
    assert told[-1] == 1.0
    assert told == sorted(told)


def test_walkers_of_all_ages_share_what_they_can():
    network = draw(LINE, [([1, 2, 3], {}), ([2, 4], {"foot": "no"})])
    router = Router(network, WALK)
    slower = Router(network, walk_profile("slow", 3.0), like=router)
    rider = Router(network, RIDE, like=slower)
    assert slower.snapper is router.snapper
    assert rider.snapper is not router.snapper
    assert rider.order is router.order
    assert Router(network, WALK, like=rider).snapper is router.snapper
    assert Router(network, WALK, like=rider, min_island_nodes=0).snapper is not router.snapper
    points = at((100, 0), (900, 30))
    assert router.snapper.snap(*points.T) is slower.snapper.snap(*points.T)
    assert router.snapper.snap(*points.T, 10.0).ok.tolist() == [True, False]
    other = draw(LINE, [([1, 2, 3], {})])
    assert Router(other, WALK, like=router).snapper is not router.snapper


def test_a_matrix_says_in_one_line_what_it_holds():
    found = matrix(draw(LINE, [([1, 2, 3], {})]), [(0, 0), (0, 5000)], [(500, 0)])
    assert repr(found) == "TravelMatrix(walk, 2 origins x 1 site, 1 pair within 60 min, 1 origin unreachable)"
    shown = found._repr_html_()
    assert "<td>5.0</td>" in shown
    assert "不可达" in shown
    assert "–" in matrix(draw(LINE, [([1, 2, 3], {})]), [(0, 5000)], [(500, 0)])._repr_html_()

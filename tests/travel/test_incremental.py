import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.errors import NetworkError, UnknownIdError
from layout_planner.travel import Router, TravelMatrix, walk_profile
from layout_planner.travel.incremental import NearestOpen
from tests.travel.road_builders import at, draw

INF = np.inf


def table(minutes, sites=None):
    """Make a matrix from dense minutes; inf is out of reach."""
    dense = np.asarray(minutes, dtype=np.float32)
    n, m = dense.shape
    row, column = np.nonzero(np.isfinite(dense))
    indptr = np.concatenate([[0], np.cumsum(np.isfinite(dense).sum(axis=1))]).astype(np.int64)
    sites = [f"s{j}" for j in range(m)] if sites is None else sites
    return TravelMatrix(
        np.array([f"o{i}" for i in range(n)], dtype=object), np.array(sites, dtype=object), indptr,
        column.astype(np.int32), dense[row, column], dense[row, column] * 80, "walk", 60.0, np.zeros(n), np.zeros(m),
    )  # fmt: skip


def anew(matrix, open_sites, k):
    """Find the nearest by forgetting the closed sites."""
    return matrix.select_sites([site for site in matrix.site_id if site in open_sites]).nearest(k)


def test_a_closed_site_hands_its_origins_to_their_next():
    near = NearestOpen(table([[1, 5, 9], [4, 2, INF], [7, INF, INF]]))
    assert near.site_id[:, 0].tolist() == ["s0", "s1", "s0"]
    assert near.close("s0").tolist() == ["o0", "o2"]
    assert near.site_id[:, 0].tolist() == ["s1", "s1", None]
    assert near.minutes[:, 0].tolist() == [5, 2, INF]
    assert near.metres[:, 0].tolist() == [400, 160, INF]
    assert near.open_sites.tolist() == ["s1", "s2"]
    assert near.open("s0").tolist() == ["o0", "o2"]
    assert near.minutes[:, 0].tolist() == [1, 2, 7]


def test_ties_go_to_the_lesser_id_whatever_came_first():
    near = NearestOpen(table([[3, 3]], ["b", "a"]), ["b"])
    assert near.open("a").tolist() == ["o0"]
    assert near.site_id.tolist() == [["a"]]
    assert near.open("a").tolist() == []
    assert near.close("b").tolist() == []


def test_costs_of_ones_own_decide():
    matrix = table([[1, 2, 3]])
    near = NearestOpen(matrix, k=2, cost=np.array([9.0, 1.0, 5.0]))
    assert near.site_id.tolist() == [["s1", "s2"]]
    assert near.minutes.tolist() == [[2, 3]]
    assert near.add(table([[8.0, 4.0]], ["x", "y"]), cost=np.array([0.5, 7.0])).tolist() == ["o0"]
    assert near.site_id.tolist() == [["x", "s1"]]
    with pytest.raises(NetworkError):
        near.add(table([[1.0]], ["z"]))
    with pytest.raises(NetworkError):
        NearestOpen(matrix, cost=np.zeros(2))
    with pytest.raises(NetworkError):
        NearestOpen(matrix, k=0)


def test_unknown_sites_are_named():
    near = NearestOpen(table([[1, 2]]))
    for change in (near.close, near.open):
        with pytest.raises(UnknownIdError, match="s9"):
            change("s9")
    with pytest.raises(UnknownIdError):
        NearestOpen(table([[1, 2]]), ["s9"])


def test_it_says_in_one_line_what_it_holds():
    near = NearestOpen(table([[1, 2], [INF, INF]]), ["s0"])
    assert repr(near) == "NearestOpen(2 origins, 1 of 2 sites open, k=1, 1 origin without any)"


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**31), k=st.integers(1, 4), n_sites=st.integers(1, 9), reach=st.floats(0.1, 1.0))
def test_after_any_50_openings_and_closings_it_equals_a_full_recomputation(seed, k, n_sites, reach):
    rng = np.random.default_rng(seed)
    minutes = rng.integers(0, 6, (12, n_sites)).astype(float)  # many ties
    minutes[rng.random(minutes.shape) > reach] = INF
    sites = rng.permutation([f"s{j}" for j in range(n_sites)]).tolist()
    matrix = table(minutes, sites)
    now_open = set(rng.choice(sites, rng.integers(0, n_sites + 1), replace=False).tolist())
    near = NearestOpen(matrix, now_open, k)
    for step in range(50):
        before = near.site_id
        picked = set(rng.choice(sites, rng.integers(1, 3)).tolist())
        if rng.random() < 0.5:
            told, now_open = near.open(*sorted(picked)), now_open | picked
        else:
            told, now_open = near.close(*sorted(picked)), now_open - picked
        changed = matrix.origin_id[(before != near.site_id).any(axis=1)]
        assert told.tolist() == changed.tolist()
        if step % 10 == 9:
            pd.testing.assert_frame_equal(near.to_frame(), anew(matrix, now_open, k))
    pd.testing.assert_frame_equal(near.to_frame(), anew(matrix, now_open, k))


def test_a_new_site_is_searched_once_and_joined():
    network = draw({1: (0, 0), 2: (1000, 0), 3: (2000, 0), 4: (1000, 1000)}, [([1, 2, 3], {}), ([2, 4], {})])
    router = Router(network, walk_profile("walk", 6.0))
    origins = at((0, 0), (1900, 0), (1000, 900), (400, 0))
    ids, sites = ["a", "b", "c", "d"], at((500, 0), (1500, 0), (1000, 500))
    whole = router.matrix(ids, origins, ["s0", "s1", "s2"], sites, cutoff_min=12)
    first = router.matrix(ids, origins, ["s0", "s1"], sites[:2], cutoff_min=12)
    last = router.matrix(ids, origins, ["s2"], sites[2:], cutoff_min=12)
    joined = first.with_sites(last)
    for name in ("indptr", "indices", "minutes", "metres", "site_id", "site_access_m"):
        assert np.array_equal(getattr(joined, name), getattr(whole, name))
    near = NearestOpen(first, k=2)
    near.close("s1")
    assert near.add(last).tolist() == last.nearest()["origin_id"].tolist()
    near.open("s1")
    pd.testing.assert_frame_equal(near.to_frame(), whole.nearest(2))
    with pytest.raises(NetworkError):
        joined.with_sites(last)
    with pytest.raises(NetworkError):
        first.with_sites(router.matrix(ids, origins, ["s9"], sites[2:], cutoff_min=5))

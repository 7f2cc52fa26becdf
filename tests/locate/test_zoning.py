"""Zoning against brute force, keyword by keyword, and on divisions that can be checked by hand."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.errors import LayoutError, UnknownIdError
from layout_planner.locate import Problem, Status, zoning
from layout_planner.locate.stopping import Watch
from layout_planner.locate.zones.division import ZoneSearch
from layout_planner.locate.zones.questions import hopeless, read_task
from layout_planner.testing import assert_zones_valid
from tests.locate.brute import connected

LINE = np.array([[0, 1], [1, 2], [2, 3], [3, 4]])
SQUARES = np.array([[0, 1], [1, 2], [3, 4], [4, 5], [0, 3], [1, 4], [2, 5]])


def least(cost, demand, seats, adjacency, seat_units, **asked):
    """Try every division; returns the least objective."""
    n, m = cost.shape
    best = np.inf
    open_pairs = {tuple(sorted(pair)) for pair in adjacency.tolist()} - {
        tuple(sorted(pair)) for pair in asked.get("barriers", ())
    }
    mean, today = demand.sum() / m, asked.get("today")
    for division in product(range(m), repeat=n):
        zone = np.array(division)
        if (zone[seat_units] != np.arange(m)).any():
            continue
        load = np.bincount(zone, weights=demand, minlength=m)
        border = sum(zone[a] != zone[b] for a, b in open_pairs)
        moved = 0.0 if today is None else float(demand[(today >= 0) & (zone != today)].sum())
        total = cost[np.arange(n), zone].sum() + asked.get("compactness", 0) * border
        total += asked.get("balance_penalty", 0) * np.abs(load - mean).sum() + asked.get("change_penalty", 0) * moved
        if (
            total < best
            and (load <= seats + 1e-9).all()
            and ("balance" not in asked or (np.abs(load - mean) <= asked["balance"] * mean + 1e-9).all())
            and border <= asked.get("most_border", np.inf)
            and moved <= asked.get("max_changes", np.inf)
            and all(zone[i] != j for i, j in asked.get("forbidden", ()))
            and all(zone[i] == j for i, j in asked.get("fixed", {}).items())
            and _within_groups(zone, asked.get("groups"), seat_units)
            and all(connected(np.flatnonzero(zone == j).tolist(), open_pairs) for j in range(m))
        ):
            best = total
    return best


def _within_groups(zone, groups, seat_units):
    if groups is None:
        return True
    seated = [groups[u] for u in seat_units]
    return all(g == "" or g not in seated or seated[j] in ("", g) for g, j in zip(groups, zone, strict=True))


@st.composite
def asked(draw):
    """Draw a small area and what is asked of its zones."""
    rng = np.random.default_rng(draw(st.integers(0, 100_000)))
    n, m = draw(st.integers(3, 7)), draw(st.integers(1, 3))
    pairs = [[i, int(rng.integers(0, i))] for i in range(1, n)] + rng.integers(0, n, (3, 2)).tolist()
    adjacency = np.array([pair for pair in pairs if pair[0] != pair[1]])
    cost = rng.integers(0, 20, (n, m)).astype(float)
    cost[rng.random((n, m)) < 0.1] = np.inf
    demand = rng.integers(0, 5, n).astype(float) * draw(st.sampled_from([1.0, 0.7, 1 / 3]))
    today = rng.integers(-1, m, n)
    extras = {
        "balance": draw(st.sampled_from([0.3, 0.8])),
        "balance_penalty": 1.5,
        "compactness": 3.0,
        "most_border": float(draw(st.integers(1, 5))),
        "barriers": adjacency[:1].tolist(),
        "groups": rng.choice(["a", "b", ""], n).tolist(),
        "forbidden": [[0, m - 1], [n - 1, 0]],
        "fixed": {int(rng.integers(n)): int(rng.integers(m))},
        "today": today,
        "max_changes": float(draw(st.integers(0, 9))),
        "change_penalty": 2.0,
    }
    wanted = draw(st.sets(st.sampled_from(sorted(extras)), max_size=3))
    if wanted & {"max_changes", "change_penalty"}:
        wanted = wanted | {"today"}
    seats = np.full(m, draw(st.sampled_from([6.0, 9.0, 30.0])))
    return cost, demand, seats, adjacency, rng.choice(n, m, replace=False), {k: extras[k] for k in sorted(wanted)}


@settings(max_examples=40, deadline=None)
@given(asked())
def test_the_cheapest_zones_are_found_and_proven_whatever_is_asked(task):
    cost, demand, seats, adjacency, seat_units, extras = task
    counted = {"change": demand} if "today" in extras else {}
    result = zoning(cost, demand, seats, adjacency, seat_units, **extras, **counted)
    want = least(*task[:-1], **extras)
    assert result.status == (Status.OPTIMAL if np.isfinite(want) else Status.INFEASIBLE)
    assert result.objective == pytest.approx(want, rel=1e-4)
    assert result.bound <= want
    assert_zones_valid(result, cost=cost, demand=demand, seats=seats, adjacency=adjacency, seat_units=seat_units,
                       barriers=extras.get("barriers", ()))  # fmt: skip


def test_a_zone_does_not_jump_over_another():
    cost = np.array([[0, 9], [0, 9], [9, 0], [9, 0], [0, 5.0]])
    result = zoning(cost, 1, 4, LINE, [0, 2])
    assert result.assignment.tolist() == ["0", "0", "1", "1", "1"]
    assert result.objective == 5
    assert result.load.tolist() == [2, 3]


def test_few_changes_from_today_are_made_if_that_is_asked():
    # Everyone is cheaper at the other end, one unit of border may move.
    cost = np.abs(np.arange(5)[:, None] - np.array([0, 4])[None]).astype(float)
    today = ["甲", "甲", "甲", "甲", "乙"]
    given_ = {"site_id": ["甲", "乙"], "today": today}
    assert zoning(cost, 1, 5, LINE, [0, 4], **given_).changed == 1
    assert zoning(cost, 1, 5, LINE, [0, 4], max_changes=0, **given_).assignment.tolist() == today
    dear = zoning(cost, 1, 5, LINE, [0, 4], change_penalty=3, **given_)
    assert dear.assignment.tolist() == today
    assert dear.objective == dear.serving == 6


def test_the_fewest_changes_that_seats_allow_are_paid_for():
    cost = np.abs(np.arange(5)[:, None] - np.array([0, 4])[None]).astype(float)
    result = zoning(cost, 1, 3, LINE, [0, 4], today=[0, 0, 0, 0, 1], change_penalty=10)
    assert result.assignment.tolist() == ["0", "0", "0", "1", "1"]
    assert result.changed == 1
    assert result.objective == result.serving + 10


def test_a_river_is_not_crossed():
    # Two rows of three squares; a river between the rows leaves one bridge on the left.
    cost = np.array([[0, 9], [1, 9], [2, 9], [9, 2], [9, 1], [0, 5.0]])
    without = zoning(cost, 1, 4, SQUARES, [0, 4])
    assert without.assignment[5] == "0"
    river = zoning(cost, 1, 4, SQUARES, [0, 4], barriers=[[2, 5], [1, 4]])
    assert river.assignment.tolist() == ["0", "0", "0", "1", "1", "1"]


def test_townships_are_not_mixed_except_where_one_has_no_school():
    cost = np.array([[0, 9], [9, 0], [9, 0], [9, 0], [9, 0.0]])
    result = zoning(cost, 1, 5, LINE, [0, 4], groups=["东", "东", "", "西", "西"])
    assert result.assignment.tolist() == ["0", "0", "1", "1", "1"]


def test_compact_zones_have_less_border():
    # Cheapest is the first school's arm along the top row; 2 and 1 are a little dearer at the other one.
    cost = np.array([[0, 9], [0, 2], [0, 2], [0, 9], [9, 0], [9, 0.0]])
    loose = zoning(cost, 1, 6, SQUARES, [3, 5])
    tight = zoning(cost, 1, 6, SQUARES, [3, 5], compactness=5)
    assert tight.border < loose.border
    assert tight.objective == tight.serving + 5 * tight.border
    limited = zoning(cost, 1, 6, SQUARES, [3, 5], most_border=loose.border - 1)
    assert limited.border <= loose.border - 1


def test_what_makes_zones_impossible_is_named():
    cost = np.ones((5, 2))
    large = zoning(cost, [1, 1, 9, 1, 1], 6, LINE, [0, 4])
    assert large.status == Status.INFEASIBLE
    assert "1 个：2" in large.log
    island = zoning(cost, 1, 6, LINE[:3], [0, 1])
    assert island.status == Status.INFEASIBLE
    assert "1 个：4" in island.log
    assert "全部学位 4，需求 5" in zoning(cost, 1, 2, LINE, [0, 4]).log
    assert "学校 0 的学位不够所在单元 0 用：3 > 2" in zoning(cost, [3, 1, 1, 1, 1], [2, 9], LINE, [0, 4]).log
    assert "均衡要求" in zoning(cost, 1, 5, LINE, [0, 4], balance=0.0, forbidden=[[1, 0]]).log


def test_ids_are_kept():
    names = ["甲村", "乙村", "丙村", "丁村", "戊村"]
    cost = np.abs(np.arange(5)[:, None] - np.array([1, 4])[None]).astype(float)
    pairs = [[names[a], names[b]] for a, b in LINE]
    result = zoning(cost, 1, 4, pairs, ["乙村", "戊村"], demand_id=names, site_id=["S1", "S2"], fixed={"丙村": "S2"},
                    forbidden=[["甲村", "S2"]], today=["S1", "S1", "", "S2", "S2"])  # fmt: skip
    assert result.assignment.tolist() == ["S1", "S1", "S2", "S2", "S2"]
    assert result.changed == 0


def test_two_sites_in_one_unit_are_refused_with_their_names():
    with pytest.raises(LayoutError, match="2: 甲, 乙"):
        zoning(np.ones((5, 2)), 1, 5, LINE, [2, 2], site_id=["甲", "乙"])


def test_bad_input_is_refused_with_words():
    cost = np.ones((5, 2))
    with pytest.raises(UnknownIdError, match="77"):
        zoning(cost, 1, 5, [[0, 77]], [0, 4])
    with pytest.raises(LayoutError, match="学校所在单元"):
        zoning(cost, 1, 5, LINE, [0])
    with pytest.raises(LayoutError, match="均衡幅度"):
        zoning(cost, 1, 5, LINE, [0, 4], balance=-0.1)
    with pytest.raises(LayoutError, match="边界长度"):
        zoning(cost, 1, 5, LINE, [0, 4], border=[1, 2])
    with pytest.raises(UnknownIdError, match="9"):
        zoning(cost, 1, 5, LINE, [0, 4], today=[0, 0, 9, 1, 1])
    with pytest.raises(LayoutError, match="分组"):
        zoning(cost, 1, 5, LINE, [0, 4], groups=["a"])
    with pytest.raises(LayoutError, match="fixed"):
        zoning(cost, 1, 5, LINE, [0, 4], fixed=[1])


@settings(max_examples=10, deadline=None)
@given(asked())
def test_the_search_for_large_areas_keeps_every_limit_and_bounds_truly(task):
    cost, demand, seats, adjacency, seat_units, extras = task
    names = [str(k) for k in range(max(cost.shape))]
    problem = Problem.build(cost)
    options = dict.fromkeys(("balance", "border", "most_border", "groups", "fixed", "today", "change", "max_changes"))
    options |= {"balance_penalty": 0.0, "compactness": 0.0, "change_penalty": 0.0, "barriers": (), "forbidden": ()}
    read = read_task(problem, demand, seats, adjacency, seat_units, **options | extras | {"change": demand})
    if hopeless(problem, read) is not None:
        return
    search = ZoneSearch(read, Watch(1.5), gap=1e-9, seed=len(names))
    search.run()
    want = least(*task[:-1], **extras)
    assert search.bound <= want + 1e-9
    assert search.value >= want - 1e-6
    assert search.label is None or read.fits(search.label)


def squares(side, m, seed):
    """Lay out a square county of unit squares with ``m`` schools and just enough seats."""
    rng = np.random.default_rng(seed)
    at = np.array([(x, y) for x in range(side) for y in range(side)])
    far = np.abs(at[:, None] - at[None]).sum(axis=2)
    adjacency, seat_units = np.argwhere(np.triu(far == 1)), rng.choice(len(at), m, replace=False)
    demand = rng.integers(1, 30, len(at)).astype(float)
    cost = np.hypot(*(at[:, None] - at[None, seat_units]).transpose(2, 0, 1)) * demand[:, None]
    return cost, demand, np.full(m, np.ceil(demand.sum() / m * 1.05)), adjacency, seat_units


def test_larger_counties_get_valid_zones_near_their_bound_and_tell_their_progress():
    cost, demand, seats, adjacency, seat_units = squares(9, 7, 3)
    told = []
    result = zoning(
        cost, demand, seats, adjacency, seat_units, time_limit=8.0, progress=lambda *news: told.append(news)
    )
    assert_zones_valid(result, cost=cost, demand=demand, seats=seats, adjacency=adjacency, seat_units=seat_units)
    assert result.status in (Status.OPTIMAL, Status.FEASIBLE)
    assert result.gap < 0.1
    values = [value for _, value, _ in told if np.isfinite(value)]
    assert values == sorted(values, reverse=True)
    assert values[-1] == result.objective


def test_a_cancelled_zoning_says_that_it_knows_nothing_more():
    cost, demand, seats, adjacency, seat_units = squares(9, 7, 3)
    result = zoning(cost, demand, seats, adjacency, seat_units, cancel=lambda: True)
    assert result.status in (Status.UNKNOWN, Status.FEASIBLE)


def test_larger_counties_keep_balance_borders_and_todays_zones():
    cost, demand, seats, adjacency, seat_units = squares(8, 5, 1)
    today = np.argmin(cost / demand[:, None], axis=1)
    asked = {"balance": 0.05, "compactness": 5.0, "today": today, "change": demand, "change_penalty": 0.5}
    result = zoning(cost, demand, seats, adjacency, seat_units, time_limit=6.0, **asked)
    assert_zones_valid(result, cost=cost, demand=demand, seats=seats, adjacency=adjacency, seat_units=seat_units)
    assert np.isfinite(result.objective)
    assert (np.abs(result.load / result.load.mean() - 1) <= 0.05 + 1e-9).all()
    assert result.objective == pytest.approx(result.serving + 5 * result.border + 0.5 * result.changed)


def test_the_same_seed_gives_the_same_zones():
    cost, demand, seats, adjacency, seat_units = squares(9, 7, 5)
    first, again = (zoning(cost, demand, seats, adjacency, seat_units, gap=0.04, seed=2) for _ in range(2))
    assert first.assignment.tolist() == again.assignment.tolist()

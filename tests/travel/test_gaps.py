import numpy as np
import pytest

from layout_planner.travel import walk_profile
from layout_planner.travel.gaps import island_flaws, island_gaps
from tests.travel.road_builders import at, draw

WALK = walk_profile("walk", 6.0)
PLACES = {1: (0, 0), 2: (500, 0), 3: (1000, 0), 4: (500, 40), 5: (500, 400), 6: (2000, 0), 7: (2600, 0)}
ROADS = [([1, 2], {"name": "大路"}), ([2, 3], {"name": "二路"}), ([4, 5], {"name": "山路"}), ([6, 7], {})]


def gaps(roads=ROADS, **more):
    homes = at((490, 390), (505, 300), (100, 10), (2500, 5))
    return island_gaps(draw(PLACES, roads), WALK, ["a", "b", "c", "d"], homes, np.array([3.0, 9, 20, 4]), **more)


def test_each_island_has_its_pupils_and_the_gap_that_cuts_it_off():
    found = gaps(name=["甲", "乙", "丙", "丁"])
    assert found["pupils"].tolist() == [12, 4]
    assert found["places"].tolist() == ["乙、甲", "丁"]
    assert found["gap_m"].to_numpy() == pytest.approx([40, 1000], rel=1e-3)
    assert found["road"].tolist()[1] == "二路"
    assert found["road"].tolist()[0] in ("大路", "二路")
    assert found["km"].to_numpy() == pytest.approx([0.36, 0.6], rel=1e-3)
    assert found["nodes"].tolist() == [2, 2]
    assert found.geometry.length.to_numpy() == pytest.approx(found["gap_m"].to_numpy())


def test_a_closed_bridge_makes_an_island_and_one_that_is_open_does_not():
    bridge = ([3, 6], {"foot": "no"})
    assert len(gaps([*ROADS, bridge])) == 2
    assert len(gaps([*ROADS, ([3, 6], {})])) == 1


def test_islands_with_pupils_are_worded_with_what_to_look_at():
    flaws = island_flaws(gaps(), least_pupils=5)
    assert [flaw.code for flaw in flaws] == ["island"]
    assert "12 名学生" in flaws[0].what.zh
    assert "相距 40 米" in flaws[0].what.zh
    assert "12 pupils" in flaws[0].render("en")


def test_a_network_in_one_piece_has_no_islands():
    found = gaps([([1, 2, 3], {})])
    assert found.empty
    assert island_flaws(found) == []


def test_nobody_belongs_to_a_road_beyond_the_limit():
    assert gaps(snap_limit_m=7)["pupils"].tolist() == [9, 4]

import dataclasses

import numpy as np
import pandas as pd
import pytest

from layout_planner.travel import ride_profile, walk_profile
from layout_planner.travel.danger import RIDING, Danger, find_dangers, unsafe_ways
from layout_planner.travel.network import Lines
from tests.travel.road_builders import at, draw

WALK = walk_profile("walk", 6.0)
PLACES = {1: (0, 0), 2: (500, 0), 3: (1000, 0), 4: (500, -500), 5: (500, 500), 6: (500, -900), 7: (400, 500)}


def ways(network, pairs, profile=WALK, **more):
    ids = sorted({i for pair in pairs for i in pair})
    xy = at(*[PLACES[int(i)] for i in ids])
    chosen = pd.DataFrame(pairs, columns=["origin_id", "site_id"]).assign(pupils=10.0)
    return unsafe_ways(network, profile, ids, xy, ids, xy, chosen, snap_limit_m=100, access_speed_kmh=3,
                       access_detour=1, **more)  # fmt: skip


def crossroads(tags):
    return draw(PLACES, [([1, 2, 3], tags), ([4, 2, 5], {}), ([4, 6], {}), ([5, 7], {})])


def test_walking_over_a_trunk_road_and_along_it():
    network = crossroads({"highway": "trunk"})
    over = ways(network, [("6", "7")])
    assert over[["kind", "times", "metres"]].to_numpy().tolist() == [["trunk_crossing", 1, 0.0]]
    along = ways(network, [("4", "1"), ("6", "4")])
    assert along["kind"].tolist() == ["trunk_along"]
    assert along["metres"].iloc[0] == pytest.approx(500, rel=1e-3)
    assert along["pupils"].tolist() == [10.0]


def test_turning_beside_a_trunk_road_is_not_crossing_it():
    places = PLACES | {8: (700, -300)}
    network = draw(places, [([1, 2, 3], {"highway": "trunk"}), ([4, 2], {}), ([2, 8], {})])
    chosen = pd.DataFrame({"origin_id": ["4"], "site_id": ["8"]})
    ends = at(places[4], places[8])
    found = unsafe_ways(network, WALK, ["4", "8"], ends, ["4", "8"], ends, chosen, snap_limit_m=100,
                        access_speed_kmh=3, access_detour=1)  # fmt: skip
    assert found.empty


def test_a_small_road_is_no_danger_and_a_bridge_is_no_crossing():
    assert ways(crossroads({"highway": "tertiary"}), [("6", "7")]).empty
    places = PLACES | {9: (500, 0)}
    network = draw(places, [([1, 3], {"highway": "trunk"}), ([4, 9, 5], {"bridge": "yes", "layer": "1"})])
    assert ways(network, [("4", "5")]).empty


def test_a_road_drawn_over_a_motorway_without_a_bridge_crosses_it():
    network = draw(PLACES, [([1, 3], {"highway": "motorway"}), ([4, 5], {})])
    assert ways(network, [("4", "5")])["kind"].tolist() == ["trunk_crossing"]


@pytest.mark.parametrize(("raised", "tags", "times"), [([], {}, 1), ([False], {}, 1), ([True], {}, 0),
                                                       ([False], {"bridge": "yes"}, 0)])  # fmt: skip
def test_level_crossings_count_unless_somebody_goes_over_or_under(raised, tags, times):
    network = draw(PLACES, [([4, 5], tags)])
    x, y = at((0, 100), (1000, 100)).T
    rails = Lines(np.array([0, 2]), x, y, np.array(raised, dtype=bool))
    network = dataclasses.replace(network, rails=rails)
    found = ways(network, [("4", "5")])
    assert found["times"].sum() == times
    assert set(found["kind"]) <= {"rail_crossing"}
    assert len(ways(network, [("4", "5")], ride_profile("ride"), kinds=RIDING)) == times


def test_a_crossing_beyond_where_the_way_ends_is_not_met():
    network = dataclasses.replace(
        draw(PLACES, [([6, 5], {})]), rails=Lines(np.array([0, 2]), *at((0, -600), (1000, -600)).T)
    )
    assert ways(network, [("4", "5")]).empty
    assert len(ways(network, [("6", "5")])) == 1


def test_ferries_dark_tunnels_and_fords():
    roads = [([1, 2], {"highway": "", "route": "ferry"}), ([2, 3], {"ford": "yes"}),
             ([4, 2], {"tunnel": "yes"}), ([2, 5], {"tunnel": "yes", "lit": "yes"}), ([6, 4], {}),
             ([5, 7], {})]  # fmt: skip
    network = draw(PLACES, roads)
    dangers = find_dangers(network)
    assert {k: int(v.sum()) for k, v in dangers.along.items()} == {
        Danger.TRUNK_ALONG: 0, Danger.FERRY: 1, Danger.DARK_TUNNEL: 1, Danger.FORD: 1,
    }  # fmt: skip
    found = ways(network, [("6", "3"), ("6", "7")], dangers=dangers)
    assert found[["site_id", "kind"]].to_numpy().tolist() == [["3", "dark_tunnel"], ["3", "ford"], ["7", "dark_tunnel"]]
    assert found["metres"].iloc[1] == pytest.approx(500, rel=1e-3)


def test_the_way_is_given_on_demand():
    network = crossroads({"highway": "trunk"})
    found = ways(network, [("6", "7")], keep_paths=True)
    assert found.geometry.iloc[0].length == pytest.approx(1500, rel=1e-3)
    assert found["way_minutes"].iloc[0] == pytest.approx(15, rel=1e-2)
    assert list(ways(network, [("6", "4")]).columns) == [
        "origin_id", "site_id", "pupils", "kind", "metres", "times", "way_minutes",
    ]  # fmt: skip

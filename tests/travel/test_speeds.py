import numpy as np
import pytest

from layout_planner.errors import ScenarioError
from layout_planner.travel import parse_tags, ride_profile, speed_sources, walk_profile
from layout_planner.travel.speeds import _table, car_profile, e_bike_profile
from layout_planner.travel.tags import HIGHWAYS, SURFACES, Access, Blocked, Oneway, RoadFlag, parse_barrier
from tests.travel.road_builders import draw

WALK = walk_profile("walk", 6.0)
RIDE = ride_profile("ride")
CAR = car_profile("car")
BIKE = e_bike_profile("ebike")


def kmh(profile, tags):
    """Speeds along and against a straight road of one kilometre; 0 where closed."""
    network = draw({1: (0, 0), 2: (1000, 0)}, [([1, 2], tags)])
    metres = network.length_m[0]
    return tuple(0.0 if np.isinf(m[0]) else round(metres / m[0] * 0.06, 6) for m in profile.edge_minutes(network))


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, (6, 6)),
        ({"oneway": "yes"}, (6, 6)),
        ({"junction": "roundabout"}, (6, 6)),
        ({"oneway:foot": "yes"}, (6, 0)),
        ({"oneway:foot": "-1"}, (0, 6)),
        ({"highway": "motorway"}, (0, 0)),
        ({"highway": "motorway", "foot": "yes"}, (0, 0)),
        ({"highway": "motorway_link"}, (0, 0)),
        ({"highway": "trunk"}, (6, 6)),
        ({"highway": "trunk", "foot": "no"}, (0, 0)),
        ({"highway": "steps"}, (3.6, 3.6)),
        ({"access": "no"}, (0, 0)),
        ({"access": "private"}, (0, 0)),
        ({"access": "no", "foot": "yes"}, (6, 6)),
        ({"access": "agricultural"}, (6, 6)),
        ({"highway": "busway"}, (0, 0)),
        ({"highway": "busway", "foot": "designated"}, (6, 6)),
        ({"highway": "path", "sac_scale": "mountain_hiking"}, (2.4, 2.4)),
        ({"highway": "path", "sac_scale": "demanding_mountain_hiking"}, (0, 0)),
        ({"highway": "trunk", "motorroad": "yes"}, (0, 0)),
        ({"highway": "path", "sac_scale": "hiking"}, (6, 6)),
        ({"highway": "", "route": "ferry"}, (15, 15)),
        ({"highway": "", "route": "ferry", "foot": "no"}, (0, 0)),
    ],
)
def test_who_walks_where(tags, expected):
    assert kmh(WALK, tags) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"highway": "motorway"}, (60, 0)),
        ({"highway": "motorway", "oneway": "no"}, (60, 60)),
        ({"highway": "primary"}, (60, 60)),
        ({"highway": "secondary"}, (55, 55)),
        ({"highway": "secondary", "maxspeed": "40"}, (40, 40)),
        ({"highway": "secondary", "maxspeed": "20 mph"}, (32.18688, 32.18688)),
        ({"highway": "secondary", "maxspeed": "signals"}, (55, 55)),
        ({"highway": "secondary", "surface": "gravel"}, (20, 20)),
        ({"highway": "secondary", "surface": "mud"}, (15, 15)),
        ({"highway": "unclassified", "narrow": "yes"}, (20, 20)),
        ({"highway": "unclassified", "width": "3"}, (20, 20)),
        ({"highway": "track"}, (15, 15)),
        ({"oneway": "yes"}, (25, 0)),
        ({"oneway": "-1"}, (0, 25)),
        ({"oneway": "reversible"}, (0, 0)),
        ({"oneway": "alternating"}, (25, 25)),
        ({"junction": "roundabout"}, (25, 0)),
        ({"junction": "roundabout", "oneway": "-1"}, (0, 25)),
        ({"oneway:foot": "yes"}, (25, 25)),
        ({"access": "no"}, (0, 0)),
        ({"access": "no", "motor_vehicle": "yes"}, (25, 25)),
        ({"vehicle": "no"}, (0, 0)),
        ({"motor_vehicle": "agricultural"}, (0, 0)),
        ({"motor_vehicle": "destination"}, (25, 25)),
        ({"motorcar": "no", "motor_vehicle": "yes"}, (0, 0)),
        ({"highway": "footway"}, (0, 0)),
        ({"highway": "pedestrian", "motor_vehicle": "yes"}, (10, 10)),
        ({"highway": "steps", "motor_vehicle": "yes"}, (0, 0)),
        ({"highway": "", "route": "ferry"}, (0, 0)),
        ({"highway": "", "route": "ferry", "motor_vehicle": "yes"}, (5, 5)),
    ],
)
def test_who_rides_where(tags, expected):
    assert kmh(RIDE, tags) == pytest.approx(expected, rel=1e-5)


def test_overrides_replace_a_class_but_not_the_law():
    fast = ride_profile("ride", {"residential": 40, "track": 30, "primary": 90}, wait_min=7)
    assert kmh(fast, {}) == (40, 40)
    assert kmh(fast, {"highway": "track"}) == (20, 20)
    assert kmh(fast, {"highway": "primary"}) == (60, 60)
    assert fast.wait_min == 7


def test_a_misspelt_class_is_named_with_the_right_one():
    with pytest.raises(ScenarioError) as error:
        ride_profile("ride", {"terciary": 30})
    assert "tertiary" in error.value.render("en")


def test_roads_that_do_not_exist_are_no_roads():
    for value in ("construction", "proposed", "abandoned", "platform", "raceway"):
        assert parse_tags({"highway": value}) is None
    assert parse_tags({"building": "yes"}) is None
    assert parse_tags({"railway": "rail"}) is None


def test_tags_become_codes():
    tags = parse_tags({
        "highway": "track", "tracktype": "grade4", "surface": "土路", "bridge": "viaduct", "tunnel": "no", "lit": "no",
        "layer": "1;2", "bicycle": "yes", "foot": "designated;yes", "width": "3.4 m", "maxspeed": "0",
    })  # fmt: skip
    assert HIGHWAYS[tags.highway] == "track"
    assert tags.tracktype == 4
    assert SURFACES[tags.surface] == "dirt"
    assert tags.flags == RoadFlag.BRIDGE | RoadFlag.UNLIT | RoadFlag.NARROW
    assert tags.layer == 0
    assert tags.foot == Access.YES
    assert tags.oneway == Oneway.NO
    assert np.isnan(tags.maxspeed_kmh)
    assert HIGHWAYS[parse_tags({"highway": "县道"}).highway] == "tertiary"
    assert HIGHWAYS[parse_tags({"highway": "something_new"}).highway] == "road"


def test_every_figure_has_a_source_and_every_class_exists():
    sources = speed_sources()
    for mode in ("walk", "ride", "ebike"):
        table = _table()[mode]
        for block in (table["classes"], table["tagged_only"]):
            for name, row in block.items():
                assert name in HIGHWAYS
                assert row["source"] in sources
        for name in (*table["never"], *table["no_snap"]):
            assert name in HIGHWAYS
    single = [row for mode in ("walk", "ride", "car", "ebike") for row in _table()[mode].values() if "source" in row]
    assert len(single) > 15
    assert {row["source"] for row in single} <= set(sources)
    assert set(_table()["ride"]["graded"]) <= set(HIGHWAYS)
    for name in (*_table()["ride"]["rough_surfaces"], *_table()["ride"]["worst_surfaces"]):
        assert name in SURFACES


def test_nobody_starts_on_a_ferry_in_a_tunnel_or_by_bus_on_a_motorway():
    places = {1: (0, 0), 2: (100, 0), 3: (200, 0), 4: (300, 0)}
    roads = [([1, 2], {"highway": "motorway"}), ([2, 3], {"tunnel": "yes"}), ([3, 4], {}),
             ([1, 4], {"highway": "", "route": "ferry", "motor_vehicle": "yes"})]  # fmt: skip
    network = draw(places, roads)
    for profile in (WALK, RIDE):
        assert network.way_id[profile.snappable(network)].tolist() == [300]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, (15, 15)),
        ({"highway": "trunk"}, (15, 15)),
        ({"highway": "motorway"}, (0, 0)),
        ({"highway": "trunk", "motorroad": "yes"}, (0, 0)),
        ({"highway": "steps"}, (0, 0)),
        ({"highway": "footway"}, (0, 0)),
        ({"highway": "footway", "bicycle": "yes"}, (6, 6)),
        ({"bicycle": "no"}, (0, 0)),
        ({"vehicle": "no"}, (0, 0)),
        ({"highway": "path", "sac_scale": "mountain_hiking"}, (0, 0)),
        ({"surface": "gravel"}, (10, 10)),
        ({"surface": "mud"}, (6, 6)),
        ({"oneway": "yes"}, (15, 0)),
        ({"oneway": "yes", "oneway:bicycle": "no"}, (15, 15)),
    ],
)
def test_who_goes_by_e_bike(tags, expected):
    assert kmh(BIKE, tags) == pytest.approx(expected)
    assert max(kmh(e_bike_profile("fast", 60), tags)) <= 25


@pytest.mark.parametrize(
    ("tags", "bus", "car"),
    [
        ({"highway": "motorway", "oneway": "no"}, 60, 90),
        ({"highway": "unclassified", "narrow": "yes"}, 20, 25),
        ({"highway": "tertiary", "lanes": "1"}, 20, 30),
        ({"highway": "tertiary", "lanes": "1", "oneway": "yes"}, 40, 40),
        ({"highway": "tertiary", "smoothness": "horrible"}, 10, 10),
        ({"highway": "tertiary", "smoothness": "impassable"}, 0, 0),
        ({"highway": "busway", "bus": "yes"}, 40, 0),
        ({"motor_vehicle": "no", "psv": "yes"}, 25, 0),
        ({"access": "no", "bus": "yes"}, 25, 0),
    ],
)
def test_a_bus_and_a_car_are_not_the_same(tags, bus, car):
    assert kmh(RIDE, tags)[0] == pytest.approx(bus)
    assert kmh(CAR, tags)[0] == pytest.approx(car)


def test_a_ferry_takes_the_minutes_that_it_states_however_it_is_split():
    places = {1: (0, 0), 2: (300, 0), 3: (1000, 0)}
    network = draw(places, [([1, 2, 3], {"highway": "", "route": "ferry", "duration": "00:12"})], split=[2])
    forward, _ = WALK.edge_minutes(network)
    assert forward.sum() == pytest.approx(12)
    assert forward.max() == pytest.approx(8.4, rel=1e-3)
    assert parse_tags({"route": "ferry", "duration": "soon"}).duration_min == 0
    assert parse_tags({"route": "ferry", "duration": "1:00:30"}).duration_min == 60.5


@pytest.mark.parametrize(
    ("tags", "blocked"),
    [
        ({"barrier": "gate"}, Blocked.NONE),
        ({"barrier": "toll_booth"}, Blocked.NONE),
        ({"barrier": "bollard"}, Blocked.MOTOR),
        ({"barrier": "block"}, Blocked.MOTOR),
        ({"barrier": "bollard", "bollard": "rising"}, Blocked.NONE),
        ({"barrier": "bollard", "motor_vehicle": "yes"}, Blocked.NONE),
        ({"barrier": "stile"}, Blocked.MOTOR | Blocked.BICYCLE),
        ({"barrier": "wall"}, Blocked.FOOT | Blocked.MOTOR | Blocked.BICYCLE),
        ({"barrier": "gate", "access": "private"}, Blocked.FOOT | Blocked.MOTOR | Blocked.BICYCLE),
        ({"barrier": "gate", "access": "no", "foot": "yes", "bicycle": "yes"}, Blocked.MOTOR),
        ({"barrier": "gate", "locked": "yes"}, Blocked.MOTOR | Blocked.BICYCLE),
        ({}, Blocked.NONE),
    ],
)
def test_whom_a_barrier_keeps_out(tags, blocked):
    assert parse_barrier(tags) == blocked


def test_speed_factors_leave_the_wait_alone():
    network = draw({1: (0, 0), 2: (1000, 0)}, [([1, 2], {})])
    slow = ride_profile("ride", wait_min=7, speed_factor=0.5)
    assert slow.edge_minutes(network)[0] == pytest.approx(2 * RIDE.edge_minutes(network)[0])
    assert slow.wait_min == 7

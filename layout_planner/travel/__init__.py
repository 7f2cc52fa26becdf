"""Travel times over a road network: an engine that knows no schools."""

from layout_planner.travel.build import Ways, build_network
from layout_planner.travel.graphs import from_networkx, to_networkx
from layout_planner.travel.matrix import Router, TravelMatrix, travel_matrix
from layout_planner.travel.network import RoadNetwork, load_network
from layout_planner.travel.snap import SnapIndex, Snapped, islands
from layout_planner.travel.speeds import (
    Profile,
    car_profile,
    e_bike_profile,
    ride_profile,
    speed_sources,
    walk_profile,
)
from layout_planner.travel.tags import RoadTags, parse_tags

__all__ = [
    "Profile",
    "RoadNetwork",
    "RoadTags",
    "Router",
    "SnapIndex",
    "Snapped",
    "TravelMatrix",
    "Ways",
    "build_network",
    "car_profile",
    "e_bike_profile",
    "from_networkx",
    "islands",
    "load_network",
    "parse_tags",
    "ride_profile",
    "speed_sources",
    "to_networkx",
    "travel_matrix",
    "walk_profile",
]

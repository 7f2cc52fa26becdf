"""Travel times over a road network: an engine that knows no schools."""

from layout_planner.travel.build import Ways, build_network
from layout_planner.travel.coverage import network_catchments
from layout_planner.travel.graphs import from_networkx, to_networkx
from layout_planner.travel.incremental import NearestOpen
from layout_planner.travel.isochrones import isochrones
from layout_planner.travel.matrix import Router, TravelMatrix, travel_matrices, travel_matrix
from layout_planner.travel.network import RoadNetwork, load_network
from layout_planner.travel.paths import PathEdges, Paths, find_paths, shortest_paths
from layout_planner.travel.snap import SnapIndex, Snapped, islands
from layout_planner.travel.speeds import (
    Profile,
    car_profile,
    e_bike_profile,
    ride_profile,
    speed_sources,
    walk_profile,
)
from layout_planner.travel.surface import Surface, build_surface
from layout_planner.travel.surface_matrix import combined_matrix, surface_matrix
from layout_planner.travel.tags import RoadTags, parse_tags

__all__ = [
    "NearestOpen",
    "PathEdges",
    "Paths",
    "Profile",
    "RoadNetwork",
    "RoadTags",
    "Router",
    "SnapIndex",
    "Snapped",
    "Surface",
    "TravelMatrix",
    "Ways",
    "build_network",
    "build_surface",
    "car_profile",
    "combined_matrix",
    "e_bike_profile",
    "find_paths",
    "from_networkx",
    "islands",
    "isochrones",
    "load_network",
    "network_catchments",
    "parse_tags",
    "ride_profile",
    "shortest_paths",
    "speed_sources",
    "surface_matrix",
    "to_networkx",
    "travel_matrices",
    "travel_matrix",
    "walk_profile",
]

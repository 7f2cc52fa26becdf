"""Valhalla as a judge of walking distances: tiles from an extract, and its shortest pedestrian matrix."""

from __future__ import annotations

import json
import subprocess
import time
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import shapely

from layout_planner.travel import Profile, RoadNetwork, Router, walk_profile
from layout_planner.travel.geodesy import WGS84, transform
from layout_planner.travel.tags import SAC_SCALES, Access

KMH = 4.5


def valhalla() -> ModuleType:
    """Import Valhalla, or skip where it is not installed."""
    return pytest.importorskip("valhalla", reason="Valhalla is not installed: pip install pyvalhalla-weekly")


def open_tiles(pbf: Path, folder: Path) -> Any:
    """Build Valhalla's tiles of an extract and open them; every search is exact (no heuristics of its cost matrix)."""
    package = valhalla()
    tiles = folder / "tiles"
    tiles.mkdir()
    config = package.get_config(tile_extract="", tile_dir=tiles)
    limits = {"max_matrix_location_pairs": 10_000_000, "max_matrix_distance": 10_000_000.0}
    config["service_limits"]["pedestrian"].update(limits)
    config["thor"]["source_to_target_algorithm"] = "timedistancematrix"
    path = folder / "valhalla.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    builder = next((package.PYVALHALLA_DIR / "bin").glob("valhalla_build_tiles*"))
    subprocess.run([builder, "-c", path, pbf.resolve()], check=True, capture_output=True, cwd=folder)
    return package.Actor(config)


def metre_profile(network: RoadNetwork) -> tuple[RoadNetwork, Profile]:
    """Make the walking profile measure metres: one speed everywhere, so that the quickest way is the shortest."""
    walk = walk_profile("walk", KMH)
    speeds, tagged = dict.fromkeys(walk.speed_kmh, KMH), dict.fromkeys(walk.tagged_kmh, KMH)
    return network, replace(walk, speed_kmh=speeds, tagged_kmh=tagged, alpine_factor=1.0, slope=False)


def valhallas_rules(network: RoadNetwork, profile: Profile) -> tuple[RoadNetwork, Profile]:
    """Take over Valhalla's access rules where ours differ: private roads open, bridleways shut."""
    foot = np.where(network.roads.foot == Access.PRIVATE, Access.UNSET, network.roads.foot).astype(np.uint8)
    network = replace(network, roads=replace(network.roads, foot=foot))
    return network, replace(profile, never=profile.never | {"bridleway"})


@dataclass(frozen=True, eq=False)
class Places:
    """Points on roads, in metres of the network's CRS and in degrees."""

    xy: np.ndarray
    lonlat: np.ndarray

    def locations(self) -> list[dict[str, float]]:
        """Give the points as Valhalla takes them."""
        return [{"lon": lon, "lat": lat} for lon, lat in self.lonlat.tolist()]


def road_points(network: RoadNetwork, profile: Profile, n: int, seed: int) -> Places:
    """Draw middles of road pieces where both may start: on the largest part of the network, longer pieces likelier."""
    minutes = np.minimum(*profile.edge_minutes(network))
    part = network.components(np.isfinite(minutes))[network.edge_u]
    edges = np.flatnonzero(profile.snappable(network) & (part == 0) & (network.length_m > 20))
    edges = edges[~network.roads.is_class("bridleway", "steps")[edges]]
    share = network.length_m[edges] / network.length_m[edges].sum()
    pick = np.random.default_rng(seed).choice(edges, n, p=share)
    xy = shapely.get_coordinates(shapely.line_interpolate_point(network.edge_geometries()[pick], 0.5, normalized=True))
    return Places(xy, np.column_stack(transform(xy[:, 0], xy[:, 1], network.crs, WGS84)))


def valhalla_metres(actor: Any, sources: Places, targets: Places) -> tuple[np.ndarray, float]:
    """Ask for the shortest pedestrian ways up to our own grade of hiking paths: metres (n, m), and the seconds."""
    grade = SAC_SCALES.index(walk_profile("walk", KMH).sac_limit)
    request = {
        "sources": sources.locations(), "targets": targets.locations(), "costing": "pedestrian", "verbose": False,
        "costing_options": {"pedestrian": {"shortest": True, "max_hiking_difficulty": grade}},
    }  # fmt: skip
    begin = time.perf_counter()
    answer = actor.matrix(request)
    seconds = time.perf_counter() - begin
    return np.array(answer["sources_to_targets"]["distances"], dtype=float) * 1000, seconds


def our_metres(network: RoadNetwork, profile: Profile, sources: Places, targets: Places) -> tuple[np.ndarray, float]:
    """Answer the same with a fresh router: metres (n, m), nan where there is no way, and the seconds."""
    one, other = ([str(i) for i in range(len(places.xy))] for places in (sources, targets))
    begin = time.perf_counter()
    found = Router(network, profile).matrix(one, sources.xy, other, targets.xy, cutoff_min=1e6)
    seconds = time.perf_counter() - begin
    metres = np.full((len(one), len(other)), np.nan)
    metres[found.rows, found.indices] = found.metres
    return metres, seconds

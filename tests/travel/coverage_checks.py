"""What every tiling of an area must be, and where points fall in it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from layout_planner.travel import Profile, RoadNetwork, travel_matrix

PACE = {"snap_limit_m": 2000.0, "access_speed_kmh": 3.0, "access_detour": 1.3}


def assert_coverage(frame: gpd.GeoDataFrame, area: shapely.Geometry | None = None) -> None:
    """Valid polygons with shared borders, and no gap or overlap above 1 m² against the area."""
    shapes = frame.geometry.to_numpy()
    assert shapely.is_valid(shapes).all()
    assert not shapely.is_empty(shapes).any()
    assert shapely.coverage_is_valid(shapes)
    joined = shapely.union_all(shapes)
    assert abs(shapely.area(shapes).sum() - joined.area) < 1.0
    if area is not None:
        assert shapely.symmetric_difference(joined, area).area < 1.0


def inside(area: shapely.Geometry, n: int, seed: int) -> np.ndarray:
    """Scatter points over an area."""
    rng, box = np.random.default_rng(seed), shapely.bounds(area)
    points = rng.uniform(box[:2], box[2:], (n, 2))
    return points[shapely.contains_xy(area, points[:, 0], points[:, 1])]


def row_of(frame: gpd.GeoDataFrame, points: np.ndarray) -> np.ndarray:
    """Find the row in which each point lies, -1 where in none."""
    found = np.full(len(points), -1)
    at, row = shapely.STRtree(frame.geometry.to_numpy()).query(shapely.points(points), predicate="intersects")
    found[at] = row
    return found


def far_from_borders(frame: gpd.GeoDataFrame, points: np.ndarray, metres: float) -> np.ndarray:
    """Tell which points are farther than this from every border."""
    borders = shapely.union_all(shapely.boundary(frame.geometry.to_numpy()))
    shapely.prepare(borders)
    return ~shapely.dwithin(borders, shapely.points(points), metres)


def nearest_by_matrix(network: RoadNetwork, profile: Profile, ids, xy, points, **pace):
    """Give minutes to, and id of, the nearest site of every point by the travel matrix; inf and "" if there is none."""
    names = [str(i) for i in range(len(points))]
    table = travel_matrix(network, names, points, ids, xy, profile, cutoff_min=1e5, **(pace or PACE)).nearest(1)
    table = table.set_index("origin_id").reindex(names)
    return table["minutes"].fillna(np.inf).to_numpy(), table["site_id"].fillna("").to_numpy(dtype=object)

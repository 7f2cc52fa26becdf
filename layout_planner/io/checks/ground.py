"""Contradictions over place: roads of another township that are nearer or far off, villages that stand alone."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from layout_planner.errors import Text
from layout_planner.io.checks.contradiction import Contradiction, warn
from layout_planner.io.loaded import Loaded

__all__ = ["check_remote_villages", "check_roads_nearby"]

_NEARER_M, _NEARER_TIMES = 300.0, 2.0
_FAR_M = 5_000.0
_ALONE_M, _ALONE_TIMES = 8_000.0, 4.0
_LEAST_VILLAGES = 4


def check_roads_nearby(
    schools: Loaded, points: npt.ArrayLike, townships: gpd.GeoDataFrame, roads: shapely.STRtree
) -> None:
    """Report schools that lie on another township's roads, and schools that no road comes near.

    A school is on another township's roads where its nearest road is not one that runs through its own township,
    and the nearest of those is over twice as far and 300 m farther. Its township is the stated one.

    Parameters
    ----------
    points : array of Point, shape (n,)
        Where the rows lie, in the CRS of ``townships`` and ``roads``; ``None`` where unknown.
    """
    shapes = np.asarray(points, dtype=object)
    placed = [i for i, p in enumerate(shapes) if p is not None and not p.is_empty]
    if not placed or not len(roads.geometries):
        return
    (_, edge), metres = roads.query_nearest(shapes[placed], return_distance=True, all_matches=False)
    areas = dict(zip(townships["township_id"], townships.geometry, strict=True))
    names = dict(zip(townships["township_id"], townships["name"], strict=True))
    for i, road, away in zip(placed, edge, metres, strict=True):
        row = int(schools.frame.index[i])
        if (row, "lon") in schools.bad:
            continue
        if away > _FAR_M:
            what = Text(f"离最近的道路 {away / 1000:.1f} 公里", f"the nearest road is {away / 1000:.1f} km away")
            mend = Text("核对坐标；道路数据缺这条路的补上", "check the coordinates, or add the road")
            warn(schools, row, Contradiction("far_from_roads", ("lon", "lat"), what, mend))
            continue
        stated = schools.frame["township_id"].loc[row]
        if stated not in areas or roads.geometries[road].intersects(areas[stated]):
            continue
        own = roads.geometries[roads.query(areas[stated], predicate="intersects")]
        farther = float(shapely.distance(own, shapes[i]).min()) if len(own) else np.inf
        if farther <= away + _NEARER_M or farther <= _NEARER_TIMES * away:
            continue
        nearest = min(areas, key=lambda code: (float(areas[code].distance(roads.geometries[road])), code))
        far = f"{farther:.0f}" if np.isfinite(farther) else "—"
        what = Text(
            f"最近的道路（{away:.0f} 米）在{names[nearest]}，{names[stated]}的道路最近也有 {far} 米",
            f"its nearest road ({away:.0f} m) is in {names[nearest]}; those of {names[stated]} are {far} m away",
        )
        mend = Text(
            f"所属乡镇似应为{names[nearest]}，或核对坐标",
            f"the township is probably {names[nearest]}, or check the coordinates",
        )
        column = "township_id" if "township_id" in schools.labels else "township"
        warn(schools, row, Contradiction("roads_elsewhere", (column, "lon", "lat"), what, mend))


def check_remote_villages(villages: Loaded, points: npt.ArrayLike) -> None:
    """Report villages far from every other of their township: over 8 km and four times the township's median gap."""
    shapes = np.asarray(points, dtype=object)
    placed = np.array([p is not None and not p.is_empty for p in shapes], dtype=bool)
    codes = villages.frame["township_id"].to_numpy(dtype=object)
    for code in sorted({c for c in codes[placed] if c}):
        own = np.flatnonzero(placed & (codes == code))
        if len(own) < _LEAST_VILLAGES:
            continue
        xy = shapely.get_coordinates(shapes[own])
        gaps = np.linalg.norm(xy[:, None] - xy[None], axis=2)
        np.fill_diagonal(gaps, np.inf)
        nearest = gaps.min(axis=1)
        usual = float(np.median(nearest))
        for i, away in zip(own, nearest, strict=True):
            row = int(villages.frame.index[int(i)])
            if away <= max(_ALONE_M, _ALONE_TIMES * usual) or (row, "lon") in villages.bad:
                continue
            what = Text(
                f"离本乡镇最近的村也有 {away / 1000:.1f} 公里（各村一般相距 {usual / 1000:.1f} 公里）",
                f"the nearest village of its township is {away / 1000:.1f} km away (usually {usual / 1000:.1f} km)",
            )
            mend = Text("核对坐标和所属乡镇", "check the coordinates and the township")
            warn(
                villages,
                row,
                Contradiction("village_alone", ("lon", "lat", "township"), what, mend),
            )

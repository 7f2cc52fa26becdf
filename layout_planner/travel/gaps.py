"""Islands: parts of the network that hang on nothing, who lives there, and which gap would join them to the rest."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layout_planner.errors import Flaw, Severity, Text
from layout_planner.travel.network import RoadNetwork
from layout_planner.travel.snap import SnapIndex
from layout_planner.travel.speeds import Profile

__all__ = ["island_flaws", "island_gaps"]

Floats = npt.NDArray[np.float64]

_NAMED_AT_MOST = 5


def island_gaps(
    network: RoadNetwork, profile: Profile, origin_id: Sequence[str], origin_xy: Floats, pupils: Floats, *,
    snap_limit_m: float = np.inf, name: Sequence[str] | None = None,
) -> gpd.GeoDataFrame:  # fmt: skip
    """List the parts of the network that the profile cannot leave for the main part, with the gap to close.

    Parameters
    ----------
    network, profile : RoadNetwork, Profile
        The roads, and who uses them; directions of traffic are left aside.
    origin_id, origin_xy : (k,), (k, 2)
        Where pupils live, metres in the network's CRS. Each belongs to the part of the nearest road, however small
        that part is.
    pupils : (k,) float64
        How many.
    snap_limit_m : float
        Metres beyond which nobody belongs to a road.
    name : sequence of text, optional
        What the places are called; by default their ids.

    Returns
    -------
    GeoDataFrame
        One row a part but the main one, most pupils first, then longest first: ``part`` (as
        :func:`~layout_planner.travel.snap.islands` numbers them), ``nodes``, ``edges``, ``km``, ``pupils``,
        ``places`` (names of up to five, most pupils first), ``gap_m`` (metres between the part and the main network),
        ``road`` (name, or OpenStreetMap id, of the main network's road there), and as geometry the gap itself.
    """
    forward, backward = profile.edge_minutes(network)
    allowed = np.isfinite(forward) | np.isfinite(backward)
    part_of = network.components(allowed)[network.edge_u]
    edges = np.flatnonzero(allowed)
    part = part_of[edges]
    table = (
        pd.DataFrame({"part": part, "km": network.length_m[edges] / 1000}).groupby("part")["km"].agg(["size", "sum"])
    )
    table.columns = ["edges", "km"]
    ends = pd.DataFrame({"part": np.tile(part, 2), "node": np.r_[network.edge_u[edges], network.edge_v[edges]]})
    table.insert(0, "nodes", ends.groupby("part")["node"].nunique())
    people = _people(network, profile, part_of, origin_id, origin_xy, pupils, snap_limit_m, name)
    table = table.join(people).fillna({"pupils": 0.0, "places": ""}).drop(index=0, errors="ignore")
    gap, road = _gaps(network, edges, part, table.index.to_numpy())
    frame = gpd.GeoDataFrame(table.assign(gap_m=shapely.length(gap), road=road), geometry=gap, crs=network.crs)
    frame = frame.rename_axis("part").reset_index()
    return frame.sort_values(["pupils", "km", "part"], ascending=[False, False, True]).reset_index(drop=True)


def _people(
    network: RoadNetwork, profile: Profile, part_of: npt.NDArray[np.int32], origin_id: Sequence[str],
    origin_xy: Floats, pupils: Floats, snap_limit_m: float, name: Sequence[str] | None,
) -> pd.DataFrame:  # fmt: skip
    """Count the pupils of each part, and name its places."""
    at = SnapIndex(network, profile, min_island_nodes=0).snap(origin_xy[:, 0], origin_xy[:, 1], snap_limit_m)
    homes = pd.DataFrame({"place": list(name if name is not None else origin_id), "pupils": np.asarray(pupils)})
    homes["part"] = np.where(at.ok, part_of[np.maximum(at.edge, 0)], -1)
    homes = homes[homes["part"] > 0]
    by_place = homes.groupby(["part", "place"])["pupils"].sum().reset_index()
    by_place = by_place.sort_values(["part", "pupils", "place"], ascending=[True, False, True], kind="stable")
    listed = by_place.groupby("part")["place"].agg(lambda names: "、".join(names.head(_NAMED_AT_MOST).astype(str)))
    return pd.DataFrame({"pupils": by_place.groupby("part")["pupils"].sum(), "places": listed})


def _gaps(
    network: RoadNetwork, edges: npt.NDArray[np.int64], part: npt.NDArray[np.int32], islands: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.object_], list[str]]:
    """Find the shortest line from each island to the main network, and the road where it ends."""
    if not len(islands):
        return np.zeros(0, dtype=object), []
    lines = network.edge_geometries()
    main = edges[part == 0]
    tree = shapely.STRtree(lines[main])
    off = np.flatnonzero(part > 0)
    (asked, found), away = tree.query_nearest(lines[edges[off]], all_matches=False, return_distance=True)
    order = np.lexsort((asked, away, part[off][asked]))
    first = np.unique(part[off][asked][order], return_index=True)[1]
    best = order[first]
    gap = shapely.shortest_line(lines[edges[off[asked[best]]]], lines[main[found[best]]])
    road = main[found[best]]
    named = [network.names[code] or str(way) for code, way in zip(network.name_code[road], network.way_id[road],
                                                                 strict=True)]  # fmt: skip
    return np.asarray(gap, dtype=object), named


def island_flaws(gaps: gpd.GeoDataFrame, least_pupils: float = 1.0, at_most: int = 10) -> list[Flaw]:
    """Word the islands on which pupils live as warnings, most pupils first."""
    flaws = []
    for row in gaps[gaps["pupils"] >= least_pupils].head(at_most).itertuples():
        what = Text(
            f"{row.places} 等处 {row.pupils:.0f} 名学生所在的 {row.km:.1f} 公里道路与路网不相连，"
            f"最近处相距 {row.gap_m:.0f} 米",
            f"{row.pupils:.0f} pupils ({row.places}) live on {row.km:.1f} km of road that is joined to nothing; the "
            f"gap is {row.gap_m:.0f} m",
        )
        x, y = shapely.get_coordinates(row.geometry)[0].round()
        mend = Text(
            f"核对 ({x:.0f}, {y:.0f}) 处是否与 {row.road} 相通；若通，在道路数据中补上",
            f"see whether it meets {row.road} at ({x:.0f}, {y:.0f}); if so, draw it in the road data",
        )
        flaws.append(Flaw("island", what, mend, severity=Severity.WARNING))
    return flaws

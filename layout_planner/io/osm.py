"""Roads from OpenStreetMap files, OSMnx graphs and vector layers, and from the internet by place name."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import networkx as nx
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from layout_planner.errors import Flaw, InputError, NetworkError, Severity, Text
from layout_planner.io.osm_ways import MISSING, OsmWays, read_with_osmium
from layout_planner.io.pbf import ends_mid_stream, read_pbf
from layout_planner.io.roads import read_roads_vector
from layout_planner.travel.build import Ways, build_network
from layout_planner.travel.geodesy import WGS84, transform
from layout_planner.travel.graphs import from_networkx
from layout_planner.travel.network import RoadNetwork
from layout_planner.travel.tags import TAG_KEYS, parse_barrier, parse_tags
from layout_planner.travel.threads import Progress

__all__ = ["download_place", "read_graphml", "read_network", "read_osm"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
BBox = tuple[float, float, float, float]

_OSM_SUFFIXES = (".osm", ".osm.gz", ".osm.bz2", ".osm.pbf", ".pbf", ".osm.xml")
_GRAPH_SUFFIXES = (".graphml",)
_GRAPH_ERRORS = (OSError, ValueError, KeyError, TypeError, SyntaxError, IndexError, NetworkError)
_DEGREE = 1e7
_PLACE_PREFIX = "place:"
_CHOOSING = ("highway", "route", "railway")
_KEPT = tuple(dict.fromkeys((*_CHOOSING, *TAG_KEYS)))
_BARRIER = "barrier"
_RAILS = ("rail", "light_rail", "narrow_gauge")
_log = logging.getLogger(__name__)


def read_network(
    source: Path | str, *, crs: CRS | str | int | None = None, declared_crs: str | CRS | None = None,
    clip: BaseGeometry | None = None, progress: Progress | None = None,
) -> RoadNetwork:  # fmt: skip
    """Read roads from whatever they come in.

    Parameters
    ----------
    source : Path or str
        ``.osm``, ``.osm.gz``, ``.osm.bz2``, ``.osm.pbf``, ``.graphml``, or a vector layer (``.gpkg``, ``.shp``,
        ``.geojson`` …); or ``place:`` and a place name, to download from OpenStreetMap.
    crs : CRS, optional
        Projected working CRS of the network; by default the UTM zone.
    declared_crs : str or CRS, optional
        Coordinate system of a vector layer that does not carry its own.
    clip : shapely polygon, optional
        Outline in degrees on WGS-84: roads with no part inside are left out. Give it a margin as wide as anybody
        travels beyond the outline.

    Raises
    ------
    InputError
        The source cannot be read, is cut off, or holds no road (inside the outline).
    """
    if isinstance(source, str) and source.startswith(_PLACE_PREFIX):
        return _clipped(download_place(source.removeprefix(_PLACE_PREFIX).strip(), crs), clip, source)
    path = Path(source)
    name = path.name.lower()
    if name.endswith(_OSM_SUFFIXES):
        return read_osm(path, crs, polygon=clip, progress=progress)
    if name.endswith(_GRAPH_SUFFIXES):
        return _clipped(read_graphml(path, crs), clip, path.name)
    return _clipped(read_roads_vector(path, declared_crs, crs), clip, path.name)


def _clipped(network: RoadNetwork, clip: BaseGeometry | None, name: str) -> RoadNetwork:
    """Keep the edges that meet an outline given in degrees."""
    if clip is None:
        return network
    outline = shapely.transform(clip, lambda xy: np.column_stack(transform(xy[:, 0], xy[:, 1], WGS84, network.crs)))
    shapely.prepare(outline)
    inside = shapely.intersects(outline, network.edge_geometries())
    if not inside.any():
        raise _error("osm_no_roads", Path(name), Text("范围内没有道路", "there is no road inside the outline"))
    return network.subset(inside)


def read_osm(
    path: Path, crs: CRS | str | int | None = None, *, bbox: BBox | None = None, polygon: BaseGeometry | None = None,
    progress: Progress | None = None,
) -> RoadNetwork:  # fmt: skip
    """Read the roads and ferries of an OpenStreetMap file: XML (also .gz, .bz2) or PBF.

    Parameters
    ----------
    path : Path
        The file; its coordinates are WGS-84.
    crs : CRS, optional
        Projected working CRS; by default the UTM zone.
    bbox : (west, south, east, north), optional
        Degrees. Roads with no vertex inside are left out; those that cross the edge keep one vertex beyond.
    polygon : shapely polygon, optional
        The same with an outline in degrees.
    progress : callable, optional
        Told the share that is done.

    Raises
    ------
    InputError
        The file cannot be read, is cut off, or holds no road. Nothing of a damaged file is used.
    """
    if not path.is_file() or path.stat().st_size == 0:
        raise _error("osm_unreadable", path, Text("文件不存在或为空", "the file is missing or empty"))
    try:
        drawn, cut = _scan(path)
    except (RuntimeError, OSError, ValueError, OverflowError) as error:
        what = Text(f"文件已损坏或不完整（{error}）", f"the file is damaged or cut off ({error})")
        raise _error("osm_unreadable", path, what) from error
    if progress is not None:
        progress(0.5)
    outline = shapely.box(*bbox) if bbox is not None else polygon
    network = _build(path, drawn, outline, crs, cut=cut)
    if progress is not None:
        progress(1.0)
    return network


def read_graphml(path: Path, crs: CRS | str | int | None = None) -> RoadNetwork:
    """Read a graph that OSMnx saved; lengths are measured anew on the ellipsoid.

    Raises
    ------
    InputError
        The file is no GraphML of a road graph.
    """
    import osmnx  # it takes longer to import than a county takes to read

    try:
        graph = osmnx.load_graphml(path)
        return from_networkx(graph, crs, keep_lengths=False)
    except (*_GRAPH_ERRORS, nx.NetworkXException) as error:
        what = Text(f"不是 OSMnx 保存的路网图（{error}）", f"this is no road graph as OSMnx saves it ({error})")
        raise _error("graph_unreadable", path, what) from error


def download_place(place: str, crs: CRS | str | int | None = None) -> RoadNetwork:
    """Download all roads of a named place from OpenStreetMap. This goes to the internet.

    Raises
    ------
    InputError
        The place is unknown or the service cannot be reached.
    """
    import osmnx

    wanted = osmnx.settings.useful_tags_way
    osmnx.settings.useful_tags_way = sorted({*wanted, *_KEPT, "name"})
    try:
        graph = osmnx.graph_from_place(place, network_type="all", retain_all=True, truncate_by_edge=True)
        return from_networkx(graph, crs, keep_lengths=False)
    except (OSError, ValueError, TypeError, KeyError, NetworkError) as error:
        what = Text(f"无法下载 {place} 的道路（{error}）", f"the roads of {place} could not be downloaded ({error})")
        mend = Text(
            "检查网络和地名，或改用下载好的 .osm.pbf 文件", "check the connection and the name, or use an .osm.pbf file"
        )
        raise InputError.collect([Flaw("osm_download_failed", what, mend)]) from error
    finally:
        osmnx.settings.useful_tags_way = wanted


def _scan(path: Path) -> tuple[OsmWays, bool]:
    """Read the ways; tell also whether the file looks cut between two blocks."""
    if path.name.lower().endswith(".pbf"):
        try:
            return read_pbf(path, _CHOOSING, _KEPT, _BARRIER), ends_mid_stream(path)
        except (ValueError, LookupError) as error:
            _log.info("%s is left to libosmium: %s", path.name, error)
    return read_with_osmium(path, _CHOOSING, _KEPT, _BARRIER), False


def _build(
    path: Path, drawn: OsmWays, outline: BaseGeometry | None, crs: CRS | str | int | None, *, cut: bool
) -> RoadNetwork:
    """Sort out roads and railways within an outline, and build the network."""
    is_rail = [row.get("railway") in _RAILS and "highway" not in row for row in drawn.tag_lists]
    tags = [None if rail else parse_tags(row) for row, rail in zip(drawn.tag_lists, is_rail, strict=True)]
    for_rail = np.array(is_rail, dtype=bool)[drawn.tag_code]
    for_road = np.array([t is not None for t in tags], dtype=bool)[drawn.tag_code]
    known = drawn.x != MISSING
    lon, lat = drawn.x / _DEGREE, drawn.y / _DEGREE
    keep = known[drawn.vertex]
    checks = _notices(
        path, int(np.count_nonzero(~keep & np.repeat(for_road | for_rail, np.diff(drawn.start)))), cut=cut
    )
    if outline is not None:
        keep &= _near(drawn.start, _inside(outline, lon, lat, known)[drawn.vertex])
    start, way, pick = _runs(drawn.start, keep)
    road_start, road_way, road_pick = _select(start, way, pick, for_road)
    if not len(road_way):
        raise _no_roads(path, no_places=len(known) > 0 and not known.any())
    passed = np.zeros(len(known), dtype=bool)
    passed[drawn.vertex[road_pick]] = True
    at = np.cumsum(passed) - 1
    blocked = np.array([parse_barrier(row) for row in drawn.barrier_lists], dtype=np.uint8)[drawn.barrier_code]
    kinds = np.cumsum([t is not None for t in tags]) - 1
    ways = Ways(
        road_start, drawn.node_id[passed], lon[passed], lat[passed], drawn.way_id[road_way],
        [t for t in tags if t is not None], drawn.names[road_way].tolist(), drawn.node_id[drawn.barrier_at], blocked,
        vertex=at[drawn.vertex[road_pick]], tag_code=kinds[drawn.tag_code[road_way]],
    )  # fmt: skip
    rail_start, rail_way, rail_pick = _select(start, way, pick, for_rail)
    rail = drawn.vertex[rail_pick]
    raised = np.array([_is_raised(row) for row in drawn.tag_lists], dtype=bool)[drawn.tag_code[rail_way]]
    rails = rail_start, lon[rail], lat[rail]
    try:
        return build_network(ways, crs, rails=rails, rails_raised=raised, checks=checks)
    except NetworkError as error:
        raise _error("osm_no_roads", path, error.message) from error


def _is_raised(tags: Mapping[str, str]) -> bool:
    return any(tags.get(key, "no") not in ("no", "") for key in ("bridge", "tunnel"))


def _no_roads(path: Path, *, no_places: bool) -> InputError:
    what = Text("文件中没有道路（highway）", "the file holds no road (highway)")
    if no_places:
        what = Text(
            "道路的节点没有坐标：文件须先列节点、后列道路",
            "the roads' nodes have no coordinates: nodes must come before ways",
        )
    return _error("osm_no_roads", path, what)


def _inside(outline: BaseGeometry, lon: Floats, lat: Floats, whole: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    shapely.prepare(outline)
    inside = np.zeros(len(lon), dtype=bool)
    inside[whole] = shapely.intersects_xy(outline, lon[whole], lat[whole])
    return inside


def _near(start: Ints, inside: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Widen a choice of vertices by one along each way."""
    way = np.repeat(np.arange(len(start) - 1), np.diff(start))
    same = way[1:] == way[:-1]
    near = inside.copy()
    near[1:] |= inside[:-1] & same
    near[:-1] |= inside[1:] & same
    return near


def _runs(start: Ints, keep: npt.NDArray[np.bool_]) -> tuple[Ints, Ints, Ints]:
    """Break ways where vertices are missing: offsets of the runs, the way of each, and the vertices kept."""
    way = np.repeat(np.arange(len(start) - 1), np.diff(start))
    pick = np.flatnonzero(keep)
    if len(pick) == 0:
        return np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int64), pick
    new = np.ones(len(pick), dtype=bool)
    new[1:] = (np.diff(pick) > 1) | (way[pick][1:] != way[pick][:-1])
    first = np.flatnonzero(new)
    return np.append(first, len(pick)), way[pick][first], pick


def _select(start: Ints, way: Ints, pick: Ints, wanted: npt.NDArray[np.bool_]) -> tuple[Ints, Ints, Ints]:
    """Keep the runs of at least two vertices whose way is wanted."""
    count = np.diff(start)
    run = np.flatnonzero(wanted[way] & (count > 1)) if len(way) else np.zeros(0, dtype=np.int64)
    offsets = np.concatenate([[0], np.cumsum(count[run])])
    vertex = np.repeat(start[run] - offsets[:-1], count[run]) + np.arange(offsets[-1])
    return offsets, way[run], pick[vertex]


def _notices(path: Path, missing: int, *, cut: bool) -> Sequence[Flaw]:
    notices = []
    if missing:
        what = Text(
            f"{missing} 个道路节点没有坐标，道路在该处断开",
            f"{missing} road vertices have no coordinates; roads end there",
        )
        mend = Text("导出时保留完整道路（osmium extract -s complete_ways）", "extract with complete ways")
        notices.append(Flaw("osm_missing_nodes", what, mend, file=path.name, severity=Severity.WARNING))
    if cut:
        what = Text(
            "文件末尾可能被截断（恰好停在一个满的数据块）", "the file may be cut off: it ends on a full block of ways"
        )
        mend = Text("核对文件大小或重新下载", "compare its size with the source, or download it again")
        notices.append(Flaw("osm_maybe_cut", what, mend, file=path.name, severity=Severity.WARNING))
    return notices


def _error(code: str, path: Path, what: Text) -> InputError:
    mend = Text("重新下载或导出该文件", "download or export the file again")
    return InputError.collect([Flaw(code, what, mend, file=path.name)])

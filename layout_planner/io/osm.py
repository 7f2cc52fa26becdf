"""Roads from OpenStreetMap files, OSMnx graphs and vector layers, and from the internet by place name."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from pathlib import Path

import networkx as nx
import numpy as np
import numpy.typing as npt
import osmium
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from layout_planner.errors import Flaw, InputError, NetworkError, Severity, Text
from layout_planner.io.pbf import ends_mid_stream
from layout_planner.io.roads import read_roads_vector
from layout_planner.travel.build import Ways, build_network
from layout_planner.travel.graphs import from_networkx
from layout_planner.travel.network import RoadNetwork
from layout_planner.travel.tags import RoadTags, parse_tags
from layout_planner.travel.threads import Progress

__all__ = ["download_place", "read_graphml", "read_network", "read_osm"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
BBox = tuple[float, float, float, float]

_OSM_SUFFIXES = (".osm", ".osm.gz", ".osm.bz2", ".osm.pbf", ".pbf", ".osm.xml")
_GRAPH_SUFFIXES = (".graphml",)
_GRAPH_ERRORS = (OSError, ValueError, KeyError, TypeError, SyntaxError, IndexError, NetworkError)
_UNDEFINED = 2_147_483_647
_DEGREE = 1e7
_PLACE_PREFIX = "place:"
_WAY_TAGS = (
    "access", "area", "bicycle", "bridge", "est_width", "foot", "ford", "highway", "junction", "layer", "lit",
    "maxspeed", "motor_vehicle", "motorcar", "name", "narrow", "oneway", "oneway:foot", "route", "sac_scale",
    "surface", "tracktype", "tunnel", "vehicle", "width",
)  # fmt: skip


def read_network(
    source: Path | str, *, crs: CRS | str | int | None = None, declared_crs: str | CRS | None = None,
    progress: Progress | None = None,
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

    Raises
    ------
    InputError
        The source cannot be read, is cut off, or holds no road.
    """
    if isinstance(source, str) and source.startswith(_PLACE_PREFIX):
        return download_place(source.removeprefix(_PLACE_PREFIX).strip(), crs)
    path = Path(source)
    name = path.name.lower()
    if name.endswith(_OSM_SUFFIXES):
        return read_osm(path, crs, progress=progress)
    if name.endswith(_GRAPH_SUFFIXES):
        return read_graphml(path, crs)
    return read_roads_vector(path, declared_crs, crs)


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
        drawn = _scan(path)
        cut = path.name.lower().endswith(".pbf") and ends_mid_stream(path)
    except (RuntimeError, OSError, ValueError, OverflowError) as error:
        what = Text(f"文件已损坏或不完整（{error}）", f"the file is damaged or cut off ({error})")
        raise _error("osm_unreadable", path, what) from error
    if progress is not None:
        progress(0.5)
    whole = drawn.x != _UNDEFINED
    checks = _notices(path, whole, cut=cut)
    lon, lat = drawn.x / _DEGREE, drawn.y / _DEGREE
    outline = shapely.box(*bbox) if bbox is not None else polygon
    if outline is not None:
        whole &= _near(drawn.start, _inside(outline, lon, lat, whole))
    start, way, pick = _runs(drawn.start, whole)
    is_road = np.array([tags is not None for tags in drawn.tags], dtype=bool)
    roads, road_way, road_pick = _select(start, way, pick, is_road)
    if not len(road_way):
        what = Text("文件中没有道路（highway）", "the file holds no road (highway)")
        if len(drawn.x) and not (drawn.x != _UNDEFINED).any():
            what = Text(
                "道路的节点没有坐标：文件须先列节点、后列道路",
                "the roads' nodes have no coordinates: nodes must come before ways",
            )
        raise _error("osm_no_roads", path, what)
    rail_start, _, rail_pick = _select(start, way, pick, ~is_road)
    tags = [t for t in (drawn.tags[w] for w in road_way) if t is not None]
    ways = Ways(roads, drawn.ref[road_pick], lon[road_pick], lat[road_pick], drawn.way_id[road_way], tags,
                [drawn.names[w] for w in road_way], drawn.split)  # fmt: skip
    try:
        network = build_network(ways, crs, rails=(rail_start, lon[rail_pick], lat[rail_pick]), checks=checks)
    except NetworkError as error:
        raise _error("osm_no_roads", path, error.message) from error
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
    osmnx.settings.useful_tags_way = sorted({*wanted, *_WAY_TAGS})
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


class _Drawn:
    """Ways as the file has them: vertices one after the other, with the tags of each way."""

    def __init__(self) -> None:
        self._ref, self._x, self._y = array("q"), array("q"), array("q")
        self._start, self._way, self._split = array("q", [0]), array("q"), array("q")
        self.tags: list[RoadTags | None] = []
        self.names: list[str] = []

    def add(self, way: osmium.osm.Way, tags: RoadTags | None) -> None:
        """Take a road, or a railway where there are no road tags."""
        for node in way.nodes:
            self._ref.append(node.ref)
            self._x.append(node.x)
            self._y.append(node.y)
        self._start.append(len(self._ref))
        self._way.append(way.id)
        self.tags.append(tags)
        self.names.append(way.tags.get("name") or way.tags.get("ref") or "")

    def split_at(self, node_id: int) -> None:
        """Remember a point that must become a node of the network."""
        self._split.append(node_id)

    def freeze(self) -> None:
        """Turn what was gathered into arrays."""
        self.ref, self.x, self.y, self.start, self.way_id, self.split = (
            np.array(a, dtype=np.int64) for a in (self._ref, self._x, self._y, self._start, self._way, self._split)
        )


def _scan(path: Path) -> _Drawn:
    drawn = _Drawn()
    known: dict[frozenset[tuple[str, str]], RoadTags | None] = {}
    keys = osmium.filter.KeyFilter("highway", "route", "railway", "barrier")
    reader = osmium.FileProcessor(path, osmium.osm.NODE | osmium.osm.WAY).with_locations().with_filter(keys)
    for item in reader:
        if isinstance(item, osmium.osm.Node):
            if "barrier" in item.tags:
                drawn.split_at(item.id)
            continue
        if not isinstance(item, osmium.osm.Way):
            continue
        tags = {tag.k: tag.v for tag in item.tags}
        if tags.get("railway") in ("rail", "light_rail", "narrow_gauge") and "highway" not in tags:
            drawn.add(item, None)
            continue
        about = frozenset((k, v) for k, v in tags.items() if k in _TAG_KEYS)
        if about not in known:
            known[about] = parse_tags(tags)
        if known[about] is not None:
            drawn.add(item, known[about])
    drawn.freeze()
    return drawn


_TAG_KEYS = frozenset({*_WAY_TAGS, "oneway:motor_vehicle", "oneway:vehicle"} - {"name"})


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


def _notices(path: Path, whole: npt.NDArray[np.bool_], *, cut: bool) -> Sequence[Flaw]:
    notices = []
    missing = int((~whole).sum())
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

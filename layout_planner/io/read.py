"""Read a county: every file found, read, checked against the others, and all problems raised at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from layout_planner.columns import ENROLMENT, PROJECTS, SCHOOLS, TEACHERS, TOWNSHIP_PUPILS, TOWNSHIPS, VILLAGES, Table
from layout_planner.config.scenario import Scenario
from layout_planner.errors import CrsError, Flaw, InputError, LayoutError, Severity, Text
from layout_planner.io.cache import cached, network_key
from layout_planner.io.claims import claim_counts, read_register
from layout_planner.io.county import County, Survey
from layout_planner.io.crosscheck import check_tables, tables_read
from layout_planner.io.crs import to_crs, working_crs
from layout_planner.io.files import find_files
from layout_planner.io.forecast import expected_pupils, read_forecast
from layout_planner.io.geometry import made_valid, project
from layout_planner.io.osm import read_network
from layout_planner.io.outlines import check_outlines
from layout_planner.io.place_names import read_place_names
from layout_planner.io.places import check_inside, locate, settle_townships, stated_areas, township_of
from layout_planner.io.plausibility import Evidence, check_offset
from layout_planner.io.raster import raster_extent, read_population
from layout_planner.io.reading import Reading, read_ground, read_rivers, read_sheet
from layout_planner.io.settlement import centred, read_homes
from layout_planner.io.tables import Loaded, empty_frame, load_table
from layout_planner.io.township_pupils import add_township_pupils
from layout_planner.io.vector import VECTOR_SUFFIXES, read_layer, read_polygon
from layout_planner.io.words import settle_group_words, settle_project_words, settle_words
from layout_planner.io.zones import datum_flaw
from layout_planner.travel.network import RoadNetwork, load_network
from layout_planner.travel.slope import drape
from layout_planner.travel.split import split_uneven

__all__ = ["read_county", "survey_county"]

Progress = Callable[[Text], None]

_WHOLE_COUNTY = "county"
_HULL_BUFFER_SHARE = 0.05
_HULL_BUFFER_M = (300.0, 5_000.0)
_LARGEST_EXTENT_KM2 = 60_000.0
_LEAST_OVERLAP = 0.5


def read_county(scenario: Scenario, *, progress: Progress | None = None) -> County:
    """Read and check everything that a scenario's data names.

    Files are found by :mod:`layout_planner.io.files`. Optional are ``townships`` (one township then covers the
    county), ``villages``, ``enrolment`` and ``township_pupils`` (also sheets of the school workbook), ``boundary``
    (then the townships, the raster or the points outline the county, with a warning), and the population rasters
    where ``demand.source`` is ``villages``.

    Parameters
    ----------
    scenario : Scenario
        Blocks ``data`` and ``demand.source`` count here.
    progress : callable, optional
        Called with a message before each step.

    Returns
    -------
    County
        Tables sorted by id, in one projected CRS. Warnings and notes are in ``checks``; ``demand`` is empty, and
        ``schools`` is as the table states it (see :mod:`layout_planner.supply`), with ``tier`` and ``status`` in
        the project's words.

    Raises
    ------
    InputError
        With every problem of every file; the warnings follow the errors.
    """
    survey = survey_county(scenario, progress=progress)
    if survey.county is None:
        raise InputError.collect(survey.flaws)
    return survey.county


def survey_county(scenario: Scenario, *, progress: Progress | None = None, short: bool = True) -> Survey:
    """Read and check a county as :func:`read_county` does, and give what was found instead of raising.

    Parameters
    ----------
    short : bool
        Whether flaws of one kind and column are cut to the first dozen and a count.
    """
    say = progress or (lambda _: None)
    reading = Reading(scenario, find_files(scenario.data))
    reading.flaws += [*reading.files.flaws, *_unknown_systems(scenario)]
    if any(f.severity is Severity.ERROR for f in reading.flaws):
        return Survey(None, tuple(reading.flaws))
    say(Text("读取表格", "reading the tables"))
    schools, villages = _read_schools(reading), _read_villages(reading)
    enrolment, teachers = read_sheet(reading, ENROLMENT), read_sheet(reading, TEACHERS)
    projects, totals = _read_projects(reading), read_sheet(reading, TOWNSHIP_PUPILS)
    register, forecast = read_register(reading), read_forecast(reading)
    tables = (schools[0], villages[0], enrolment, teachers, projects[0], totals, register, forecast)
    say(Text("读取边界", "reading the boundaries"))
    areas = _read_areas(reading, [schools[1], villages[1]])
    if areas is None:
        reading.flaws += [f for loaded in tables for f in loaded.listed(short=short)]
        return Survey(None, tuple(reading.flaws), tables_read(reading, tables))
    areas.townships = add_township_pupils(totals, areas.townships, scenario.demand.enrolment_rate, given=areas.given)
    say(Text("读取人口", "reading the population"))
    population, cell_m, cell_aspect = _read_cells(reading, areas)
    buildings = read_homes(reading, areas.outline, areas.crs)
    villages = centred(villages, reading, areas.outline, areas.crs, population, buildings)
    say(Text("读取道路", "reading the roads"))
    network = _read_roads(reading, areas.crs)
    rivers = read_rivers(reading, areas.boundary, areas.crs)
    surface = read_ground(reading, areas.boundary_frame(""), rivers)
    say(Text("核对各表", "checking the tables against each other"))
    trees = _trees(network, buildings)
    systems = scenario.data.crs
    frames = [
        _place(loaded, lonlat, declared, areas, trees)
        for (loaded, lonlat), declared in (
            (schools, systems.schools), (villages, systems.villages), (projects, systems.projects)
        )
    ]  # fmt: skip
    tables = (schools[0], villages[0], enrolment, teachers, projects[0], totals, register, forecast)
    counted = claim_counts(register, villages[0].frame)
    expected = expected_pupils(forecast, frames[1], areas.townships)
    places = [frame.geometry.to_numpy() for frame in frames[:2]]
    check_tables(tables[:4], places, areas.townships if areas.given else None, trees.roads)
    reading.flaws += [f for loaded in tables for f in loaded.listed(short=short)]
    read = tables_read(reading, tables, areas.townships, network, population)
    if any(f.severity is Severity.ERROR for f in reading.flaws) or network is None:
        return Survey(None, tuple(reading.flaws), read)
    county = County(
        name=reading.name,
        crs=areas.crs,
        boundary=areas.boundary_frame(reading.name),
        townships=areas.townships,
        villages=_sorted(frames[1], "village_id"),
        schools=_sorted(frames[0], "school_id"),
        enrolment=enrolment.frame.sort_values(["school_id", "year"], kind="stable").reset_index(drop=True),
        network=network,
        population=population,
        rivers=rivers,
        surface=surface,
        claims=counted,
        forecast=expected,
        projects=_sorted(frames[2], "project_id") if len(frames[2]) else None,
        buildings=buildings,
        places=read_place_names(reading, areas.outline, areas.crs),
        cell_m=cell_m,
        cell_aspect=cell_aspect,
        checks=(*reading.flaws, *network.checks),
        inputs=tuple(reading.inputs),
    )
    return Survey(county, county.checks, read)


def _unknown_systems(scenario: Scenario) -> list[Flaw]:
    """Report declared coordinate systems that do not exist, and warn of old datums."""
    declared = {f"data.crs.{role}": system for role, system in scenario.data.crs if system is not None}
    if scenario.data.working_crs is not None:
        declared["data.working_crs"] = scenario.data.working_crs
    flaws: list[Flaw] = []
    for key, system in declared.items():
        try:
            if old := datum_flaw(system, key):
                flaws.append(old)
        except CrsError as error:
            mend = Text(
                "改为 wgs84、cgcs2000、gcj02、bd09 或存在的 EPSG 编号",
                "write wgs84, cgcs2000, gcj02, bd09 or an EPSG code that exists",
            )
            flaws.append(Flaw("crs_unknown", error.message, mend, key=key))
    return flaws


def _sorted(frame: gpd.GeoDataFrame, key: str) -> gpd.GeoDataFrame:
    return frame.sort_values(key, kind="stable").reset_index(drop=True)


def _load(
    reading: Reading, role: str, path: Path, table: Table, declared: str
) -> tuple[Loaded, npt.NDArray[np.float64]]:
    """Read a table or point layer and bring its rows to WGS-84."""
    reading.use(role, path)
    if path.suffix.lower() in VECTOR_SUFFIXES:
        named = declared if role in reading.scenario.data.crs.model_fields_set else None
        layer = read_layer(path, table, declared=named)
        return layer, locate(layer, "wgs84")
    loaded = load_table(path, table)
    return loaded, locate(loaded, declared)


def _nothing(table: Table) -> tuple[Loaded, npt.NDArray[np.float64]]:
    return Loaded(table, empty_frame(table), ""), np.zeros((0, 2))


def _read_schools(reading: Reading) -> tuple[Loaded, npt.NDArray[np.float64]]:
    path = reading.files["schools"]
    if path is None:
        reading.missing(
            "schools",
            "学校表",
            "放入 schools.xlsx，或在 data.schools 写明",
            "add schools.xlsx, or name it in data.schools",
        )
        return _nothing(SCHOOLS)
    schools, lonlat = _load(reading, "schools", path, SCHOOLS, reading.scenario.data.crs.schools)
    settle_words(schools)
    return schools, lonlat


def _read_villages(reading: Reading) -> tuple[Loaded, npt.NDArray[np.float64]]:
    path = reading.files["villages"]
    if path is None:
        if reading.scenario.demand.source == "villages":
            reading.missing(
                "villages",
                "村表",
                "放入 villages.xlsx，或把 demand.source 改为 raster",
                "add villages.xlsx, or set demand.source to raster",
            )
        return _nothing(VILLAGES)
    villages, lonlat = _load(reading, "villages", path, VILLAGES, reading.scenario.data.crs.villages)
    unnamed = villages.frame["name"] == ""
    villages.frame.loc[unnamed, "name"] = villages.frame.loc[unnamed, "village_id"]
    settle_group_words(villages)
    return villages, lonlat


def _read_projects(reading: Reading) -> tuple[Loaded, npt.NDArray[np.float64]]:
    path = reading.files["projects"]
    if path is None:
        return _nothing(PROJECTS)
    projects, lonlat = _load(reading, "projects", path, PROJECTS, reading.scenario.data.crs.projects)
    settle_project_words(projects)
    return projects, lonlat


@dataclass(eq=False)
class _Areas:
    """The county's outline and townships in the working CRS, and the outline in WGS-84."""

    crs: CRS
    outline: BaseGeometry
    boundary: BaseGeometry
    townships: gpd.GeoDataFrame
    given: bool
    checked: bool

    def boundary_frame(self, name: str) -> gpd.GeoDataFrame:
        """Make the one-row frame of the county's boundary."""
        return gpd.GeoDataFrame({"name": pd.Series([name], dtype="str")}, geometry=[self.boundary], crs=self.crs)


def _read_areas(reading: Reading, points: Sequence[npt.NDArray[np.float64]]) -> _Areas | None:
    """Read boundary and townships and choose the working CRS; ``None`` where nothing says where the county is."""
    data = reading.scenario.data
    outline, complete = None, True
    if (path := reading.files["boundary"]) is not None:
        reading.use("boundary", path)
        outline, reading.name, flaws = read_polygon(path, declared=data.crs.boundary)
        reading.flaws += flaws
        complete = outline is not None
    townships = None
    if (path := reading.files["townships"]) is not None:
        reading.use("townships", path)
        townships = read_layer(path, TOWNSHIPS, declared=data.crs.townships, polygons=True)
        settle_group_words(townships)
        reading.flaws += townships.shortened()
        shapes = [g for g in townships.geometry if g is not None]
        complete &= bool(shapes)
        if outline is None and reading.files["boundary"] is None and shapes:
            outline = shapely.union_all(shapes)
    reading.name = reading.name or (reading.files.folder.name if reading.files.folder else reading.scenario.name)
    checked = outline is not None
    if outline is None and complete:
        outline, checked = _outline_of_data(reading, points)
    if outline is None:
        return None
    crs = _working(reading, outline)
    boundary = project(outline, "wgs84", crs).item()
    if townships is None:
        frame = _one_township(reading.name, boundary, crs)
        return _Areas(crs, outline, boundary, frame, given=False, checked=checked)
    frame = gpd.GeoDataFrame(townships.frame, geometry=project(townships.geometry, "wgs84", crs), crs=crs)
    frame = _sorted(frame[frame.geometry.notna()], "township_id")
    if frame.empty or any(f.severity is Severity.ERROR for f in townships.flaws):
        return _Areas(crs, outline, boundary, _one_township(reading.name, boundary, crs), given=False, checked=checked)
    fits = _check_overlap(reading, boundary, frame)
    if fits:
        _check_outlines(reading, outline, townships.geometry, crs)
    return _Areas(crs, outline, boundary, frame, given=fits, checked=checked)


def _one_township(name: str, boundary: BaseGeometry, crs: CRS) -> gpd.GeoDataFrame:
    """Let one township cover the county, where none were given or they cannot be used."""
    return gpd.GeoDataFrame(
        {"township_id": [_WHOLE_COUNTY], "name": [name]} | {c.name: [np.nan] for c in TOWNSHIPS if c.kind == "float"},
        geometry=[boundary],
        crs=crs,
    ).astype({"township_id": "str", "name": "str"})


def _check_outlines(reading: Reading, outline: BaseGeometry, townships: npt.NDArray[np.object_], crs: CRS) -> None:
    """Warn where boundary and townships lie on each other only under another coordinate system of one of them."""
    boundary_file, townships_file = reading.files["boundary"], reading.files["townships"]
    if boundary_file is None or townships_file is None:
        return
    whole = shapely.union_all(made_valid(townships[[g is not None for g in townships]]))
    systems = reading.scenario.data.crs
    layers = {
        "boundary": (boundary_file.name, outline, systems.boundary),
        "townships": (townships_file.name, whole, systems.townships),
    }
    reading.flaws += check_outlines(layers, crs)


def _check_overlap(reading: Reading, boundary: BaseGeometry, townships: gpd.GeoDataFrame) -> bool:
    """Report townships that do not cover the county: mostly a wrong zone or another county's layer."""
    path = reading.files["townships"]
    if path is None:
        return True
    shapes = townships.geometry.to_numpy()
    share = float(shapely.area(shapely.intersection(made_valid(shapes), boundary)).sum() / boundary.area)
    if share < _LEAST_OVERLAP:
        what = Text(f"乡镇图层只盖住县界的 {share:.0%}", f"the townships cover only {share:.0%} of the county")
        mend = Text(
            "核对两个图层的坐标系（带号、data.crs 中的声明），以及是否为同一个县",
            "check the systems of both layers (zone, declaration in data.crs), and that they are of one county",
        )
        reading.flaws.append(Flaw("townships_elsewhere", what, mend, file=path.name))
    return share >= _LEAST_OVERLAP


def _outline_of_data(reading: Reading, points: Sequence[npt.NDArray[np.float64]]) -> tuple[BaseGeometry | None, bool]:
    """Outline the county by its raster or a hull around its points; tell whether points can be checked against it."""
    outline, source = None, Text("人口栅格", "the population raster")
    if reading.scenario.demand.uses_cells and reading.files.population:
        outline = raster_extent(reading.files.population, declared=reading.scenario.data.crs.population)
        if (
            outline is not None
            and outline.area * 111.0**2 * math.cos(math.radians(outline.centroid.y)) > _LARGEST_EXTENT_KM2
        ):
            outline = None
    checked = outline is not None
    if outline is None:
        known = np.concatenate([p[np.isfinite(p).all(axis=1)] for p in points])
        source = Text("学校和村的位置", "the places of schools and villages")
        if len(known):
            middle = np.median(known, axis=0)
            crs = working_crs(float(middle[0]), float(middle[1]))
            hull = shapely.MultiPoint(to_crs(known, "wgs84", crs)).convex_hull
            hull = hull.buffer(float(np.clip(_HULL_BUFFER_SHARE * hull.length, *_HULL_BUFFER_M)))
            outline = project(hull, crs, "wgs84").item()
    if outline is not None:
        what = Text(
            f"没有县界文件，按{source.zh}划定范围", f"there is no boundary; the county was outlined by {source.en}"
        )
        mend = Text("放入 boundary.geojson 等县界文件", "add boundary.geojson or another boundary file")
        reading.flaws.append(Flaw("boundary_missing", what, mend, severity=Severity.WARNING))
    else:
        reading.missing(
            "boundary", "县界，也没有可用的坐标", "放入县界文件，或补上坐标", "add a boundary, or coordinates"
        )
    return outline, checked


def _working(reading: Reading, outline: BaseGeometry) -> CRS:
    declared = reading.scenario.data.working_crs
    centre = outline.centroid
    chosen = working_crs(centre.x, centre.y)
    if declared is None:
        return chosen
    crs = CRS.from_user_input(declared) if ":" in declared else None
    if crs is None or not crs.is_projected or crs.axis_info[0].unit_conversion_factor != 1.0:
        what = Text(f"{declared} 不是以米为单位的投影坐标系", f"{declared} is not projected in metres")
        mend = Text(f"留空，或改为 EPSG:{chosen.to_epsg()}", f"leave it empty, or write EPSG:{chosen.to_epsg()}")
        reading.flaws.append(Flaw("working_crs_wrong", what, mend, key="data.working_crs"))
        return chosen
    return crs


def _read_cells(reading: Reading, areas: _Areas) -> tuple[gpd.GeoDataFrame | None, float, float]:
    paths = reading.files.population
    if not reading.scenario.demand.uses_cells:
        return None, 100.0, 1.0
    if not paths:
        reading.missing(
            "population",
            "人口栅格",
            "放入 population/*.tif，或把 demand.source 改为 villages",
            "add population/*.tif, or set demand.source to villages",
        )
        return None, 100.0, 1.0
    for path in paths:
        reading.use("population", path)
    data = reading.scenario.data
    population = read_population(
        paths, areas.outline, areas.crs, declared=data.crs.population, unit=data.population_unit
    )
    reading.flaws += population.flaws
    cells = population.cells
    if cells is not None:
        cells["township_id"] = pd.Series(
            township_of(cells.geometry.to_numpy(), areas.townships), index=cells.index, dtype="str"
        )
    return cells, population.cell_m, population.cell_aspect


def _read_roads(reading: Reading, crs: CRS) -> RoadNetwork | None:
    """Read the road file, or download the roads of a named place, and lay them over the terrain if there is one.

    Networks are cached by the content of both files.
    """
    data = reading.scenario.data
    path, declared = reading.files["roads"], data.crs.roads
    source: Path | str
    if path is not None:
        source, named, digest = path, path.name, f"{path.suffix.lower()} {reading.use('roads', path)}"
    elif data.place is not None:
        source = named = digest = f"place:{data.place}"
    else:
        reading.missing(
            "roads",
            "道路",
            "放入 roads.osm.pbf 等道路文件，或在 data.roads 写明",
            "add roads.osm.pbf or another road file, or name it in data.roads",
        )
        return None
    terrain, heights = reading.files["terrain"], ""
    if terrain is not None:
        heights = f"{reading.use('terrain', terrain)} {data.crs.terrain or ''}"

    def build() -> RoadNetwork:
        network = read_network(source, crs=crs, declared_crs=declared)
        if terrain is None:
            return network
        return split_uneven(drape(network, terrain, declared_crs=data.crs.terrain))

    try:
        return cached(
            network_key(digest, crs, declared or "", heights),
            build=build,
            save=RoadNetwork.save,
            load=load_network,
        )
    except LayoutError as error:
        mend = Text("重新下载或导出道路", "download or export the roads again")
        reading.flaws += error.flaws or [Flaw("roads_unreadable", error.message, mend, file=named)]
        return None


def _trees(network: RoadNetwork | None, buildings: gpd.GeoDataFrame | None) -> Evidence:
    """Index the roads and buildings by which places should stand."""
    roads = None
    if network is not None and network.n_edges:
        vertices = np.column_stack([network.shape_x, network.shape_y])
        edge = np.repeat(np.arange(network.n_edges), np.diff(network.shape_start))
        roads = shapely.STRtree(np.asarray(shapely.linestrings(vertices, indices=edge), dtype=object))
    return Evidence(roads, None if buildings is None else shapely.STRtree(buildings.geometry.to_numpy()))


def _place(
    loaded: Loaded, lonlat: npt.NDArray[np.float64], declared: str, areas: _Areas, trees: Evidence
) -> gpd.GeoDataFrame:
    """Make the frame of a table on the map, its rows checked against boundary, townships, roads and buildings."""
    read_as = "wgs84" if loaded.file and Path(loaded.file).suffix.lower() in VECTOR_SUFFIXES else declared
    if areas.checked:
        check_inside(loaded, lonlat, read_as, areas.boundary, areas.crs)
    stated = stated_areas(loaded, areas.townships) if areas.given else None
    check_offset(loaded, lonlat, declared, replace(trees, stated=stated), areas.crs)
    known = np.isfinite(lonlat).all(axis=1)
    shapes = np.full(len(lonlat), None, dtype=object)
    shapes[known] = shapely.points(to_crs(lonlat[known], "wgs84", areas.crs))
    if len(areas.townships):
        loaded.frame[["township_id", "township"]] = settle_townships(loaded, shapes, areas.townships, given=areas.given)
    return gpd.GeoDataFrame(loaded.frame, geometry=shapes, crs=areas.crs)

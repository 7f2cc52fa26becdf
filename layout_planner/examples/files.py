"""The files of a synthetic county: rasters, GeoJSON, roads and workbooks."""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
import shapely
import xlsxwriter
from rasterio.transform import from_origin
from rasterio.windows import Window
from scipy import ndimage
from shapely.geometry.base import BaseGeometry

from layout_planner.columns import (
    CLASS_ROSTER,
    ENROLMENT,
    LOTTERY_ROSTER,
    SCHOOLS,
    TEACHERS,
    VILLAGE_ENROLMENT,
    VILLAGES,
    Table,
    label,
)
from layout_planner.examples import names
from layout_planner.examples.attended import attended_rows
from layout_planner.examples.county import Placed
from layout_planner.examples.enrolment import YEARS
from layout_planner.examples.frame import CELLS_PER_DEGREE, gcj02_from_wgs84
from layout_planner.examples.furnishing import PER_PUPIL
from layout_planner.examples.osm import Link, write_pbf
from layout_planner.examples.people import AGES
from layout_planner.examples.rosters import PRIORITIES, class_rows, lottery_rows
from layout_planner.examples.rounding import whole
from layout_planner.examples.schools import School
from layout_planner.examples.terrain import River

__all__ = ["write_files"]

FICTITIOUS = "虚构数据：地形、地名、代码、人口和学校均由程序生成，与任何真实地方无关。"
_CREATED = dt.datetime(2025, 9, 1)  # noqa: DTZ001 - a workbook keeps no zone
_POPULATION_NODATA = -99999.0
_TERRAIN_NODATA = -32768
_WOODS, _SHRUBS, _GRASS, _FIELDS, _BUILT_UP, _WATER = 10, 20, 30, 40, 50, 80
_BUILT_UP_PEOPLE = 70.0
_WATER_KM2 = 250.0
_MARGIN_CELLS = 14
_RIVER_KM2 = 60.0
_FACILITIES = (
    "staff", "dorm_m2", "canteen_m2", "books", "computers", "equipment_yuan", "teachers_above_norm",
    "teachers_backbone", "teachers_pe_art", "teachers_mid_title", "teaching_m2", "indoor_sports_m2",
    "sports_ground_m2", "media_rooms",
)  # fmt: skip
_FACTS = ("classes", "rooms", "seats", "beds", "boarders", "teachers", "building_m2", "site_m2")


def _raster(
    path: Path,
    tiles: Sequence[Placed],
    columns: int,
    dtype: str,
    nodata: float,
    values: Callable[[Placed], npt.NDArray[Any]],
) -> Path:
    """Write one GeoTIFF over all tiles; ``values(placed)`` gives the array of one."""
    frame = tiles[0].frame
    bands = -(-len(tiles) // columns)
    step = 1 / CELLS_PER_DEGREE
    profile = {
        "driver": "GTiff", "dtype": dtype, "nodata": nodata, "count": 1, "crs": "EPSG:4326", "compress": "deflate",
        "zlevel": 9, "predictor": 2 if dtype == "int16" else 1, "width": frame.cols * columns,
        "height": frame.rows * bands, "transform": from_origin(frame.west, frame.north, step, step),
    }  # fmt: skip
    if len(tiles) == 1:
        profile |= {"blockysize": 16}
    with rasterio.open(path, "w", **profile) as target:
        for band in range(bands):
            strip = np.full((frame.rows, frame.cols * columns), nodata, dtype=dtype)
            for k, placed in enumerate(tiles[band * columns : (band + 1) * columns]):
                strip[:, k * frame.cols : (k + 1) * frame.cols] = values(placed)
            target.write(strip, 1, window=Window(0, band * frame.rows, strip.shape[1], frame.rows))
    return path


def _terrain(placed: Placed) -> npt.NDArray[np.int16]:
    from_edge = placed.draft.terrain
    near = shapely.buffer(placed.draft.places.boundary, _MARGIN_CELLS * placed.frame.cell_y)
    frame = from_edge.frame
    xy = frame.centres(np.arange(frame.rows * frame.cols))
    shapely.prepare(near)
    inside = shapely.contains_xy(near, xy[:, 0], xy[:, 1]).reshape(frame.rows, frame.cols)
    return np.where(inside, np.round(from_edge.height), _TERRAIN_NODATA).astype(np.int16)


def _land_cover(placed: Placed) -> npt.NDArray[np.uint8]:
    """Cover the county with WorldCover classes: water, built-up, fields on gentle ground, grass on top, woods between.

    A wave of terrain height and slope decides between woods, shrubs and grass, so that the patches follow the relief.
    """
    terrain = placed.draft.terrain
    shape = terrain.height.shape
    people = np.zeros(terrain.height.size)
    people[placed.draft.people.cells] = placed.draft.people.residents
    near = ndimage.maximum_filter(people.reshape(shape), size=5)
    rough = terrain.slope + 0.08 * np.sin(terrain.height / 47.0)
    cover = np.full(shape, _WOODS, dtype=np.uint8)
    cover[(rough > 0.75) | (terrain.height > np.quantile(terrain.height[terrain.inside], 0.97))] = _GRASS
    cover[(rough > 0.6) & (rough <= 0.75)] = _SHRUBS
    cover[(terrain.slope < 0.12) | ((near > 0) & (terrain.slope < 0.30))] = _FIELDS
    cover[people.reshape(shape) > _BUILT_UP_PEOPLE] = _BUILT_UP
    cover[terrain.drains_km2 >= _WATER_KM2] = _WATER
    return np.where(_terrain(placed) != _TERRAIN_NODATA, cover, 0).astype(np.uint8)


def _population(placed: Placed, sex: str, age: int) -> npt.NDArray[np.float32]:
    draft = placed.draft
    values = np.where(draft.places.zone >= 0, 0.0, _POPULATION_NODATA).astype(np.float32)
    values[draft.people.cells] = draft.people.by_age[sex, age]
    return values.reshape(placed.frame.rows, placed.frame.cols)


def _geojson(path: Path, features: Sequence[tuple[BaseGeometry, Mapping[str, object]]]) -> Path:
    """Write WGS-84 features; coordinates are those given."""
    body = {
        "type": "FeatureCollection",
        "description": FICTITIOUS,
        "features": [
            {"type": "Feature", "properties": dict(properties), "geometry": shapely.geometry.mapping(shape)}
            for shape, properties in features
        ],
    }
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    path.write_text(text.replace('{"type":"Feature",', '\n{"type":"Feature",') + "\n", encoding="utf-8", newline="\n")
    return path


def _on_earth(placed: Placed, shape: BaseGeometry) -> BaseGeometry:
    """Turn a shape in local metres into degrees with six decimals."""
    return shapely.transform(shape, lambda xy: placed.frame.lonlat(xy).round(6))


def _borders(folder: Path, tiles: Sequence[Placed]) -> list[Path]:
    townships, counties = [], []
    for placed in tiles:
        shapes = [_on_earth(placed, p) for p in placed.draft.places.township_polygons]
        for k, shape in enumerate(shapes):
            pupils = {band: int(heads[k]) for band, heads in placed.draft.township_pupils.items()}
            properties = {"township_id": placed.township_id(k), "name": placed.township_name(k), **pupils}
            townships.append((shape, properties))
        counties.append((shapely.coverage_union_all(shapes), {"county_id": placed.code, "name": placed.name}))
    return [_geojson(folder / "boundary.geojson", counties), _geojson(folder / "townships.geojson", townships)]


def _river_names(rivers: Sequence[River]) -> list[str]:
    """Name main stems: from each largest unnamed stretch upstream along the larger branch."""
    ending: dict[tuple[float, ...], list[int]] = {}
    for i, river in enumerate(rivers):
        ending.setdefault(tuple(river.line[-1]), []).append(i)
    given = [""] * len(rivers)
    order = sorted(range(len(rivers)), key=lambda i: (-rivers[i].drains_km2, i))
    for name in names.river_names(len(rivers)):
        stretch = next((i for i in order if not given[i]), None)
        while stretch is not None:
            given[stretch] = name
            above = [i for i in ending.get(tuple(rivers[stretch].line[0]), ()) if not given[i]]
            stretch = max(above, key=lambda i: (rivers[i].drains_km2, -i), default=None)
    return given


def _rivers(folder: Path, tiles: Sequence[Placed]) -> Path:
    features = []
    for placed in tiles:
        rivers = placed.draft.terrain.rivers
        for river, name in zip(rivers, _river_names(rivers), strict=True):
            line = shapely.LineString(river.line).simplify(12.0)
            waterway = "river" if river.drains_km2 > _RIVER_KM2 else "stream"
            properties = {"name": name, "waterway": waterway, "drains_km2": river.drains_km2}
            features.append((_on_earth(placed, line), properties))
    return _geojson(folder / "rivers.geojson", features)


def _sheet(book: xlsxwriter.Workbook, table: Table, rows: Sequence[Mapping[str, object]], sheet: str) -> None:
    """Write one sheet: a header line, then a row a record; codes stay text, unknown values blank."""
    page = book.add_worksheet(sheet)
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#DDEBF7", "border": 1})
    text = book.add_format({"num_format": "@"})
    page.freeze_panes(1, 2)
    filled = [column for column in table if any(row.get(column.name) is not None for row in rows)]
    for c, column in enumerate(filled):
        page.write_string(0, c, label(column), head)
        page.set_column(c, c, 24 if column.name == "name" else 14)
        for r, row in enumerate(rows, 1):
            value = row.get(column.name)
            if value is None:
                continue
            if column.kind in ("id", "text"):
                page.write_string(r, c, str(value), text)
            else:
                page.write_number(r, c, value)


def _workbook(
    path: Path, sheets: Sequence[tuple[str, Table, Sequence[Mapping[str, object]]]], notes: Sequence[str]
) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"title": "样例县（虚构）", "comments": FICTITIOUS, "created": _CREATED})
        for name, table, rows in sheets:
            _sheet(book, table, rows, name)
        page = book.add_worksheet("说明")
        page.set_column(0, 0, 100)
        for r, line in enumerate([FICTITIOUS, *notes]):
            page.write_string(r, 0, line)
    return path


def _village_rows(placed: Placed) -> list[dict[str, object]]:
    villages = placed.draft.places.villages
    lonlat = placed.frame.lonlat([v.xy for v in villages]).round(6).tolist()
    residents = whole(
        np.bincount(placed.draft.people.village, placed.draft.people.residents, len(villages)).astype(float)
    )
    rows: list[dict[str, object]] = []
    for i, (village, (lon, lat)) in enumerate(zip(villages, lonlat, strict=True)):
        pupils = {band: int(heads[i]) for band, heads in placed.draft.village_pupils.items()}
        rows.append({
            "village_id": placed.village_id(i), "name": village.name,
            "township_id": placed.township_id(village.township), "township": placed.township_name(village.township),
            "lon": lon, "lat": lat, "people": int(residents[i]), **pupils,
        })  # fmt: skip
    return rows


def _school_rows(placed: Placed) -> tuple[list[dict[str, object]], ...]:
    """Give the rows of the three sheets of the school workbook: schools, enrolment by year, teachers by subject."""
    schools = placed.draft.schools
    lonlat = gcj02_from_wgs84(placed.frame.lonlat([s.xy for s in schools])).round(6).tolist()
    rows: list[dict[str, object]] = []
    years: list[dict[str, object]] = []
    teachers: list[dict[str, object]] = []
    for k, (school, (lon, lat)) in enumerate(zip(schools, lonlat, strict=True)):
        name, code = placed.mark + school.name, placed.school_id(k)
        facts = {f: getattr(school, f) for f in _FACTS}
        if school.status == "停办":
            facts["seats"] = None
        rows.append({
            "school_id": code, "name": name, "tier": school.tier.label_zh,
            "township_id": placed.township_id(school.township), "township": placed.township_name(school.township),
            "lon": lon, "lat": lat, "status": school.status,
            "grade_from": school.grades[0], "grade_to": school.grades[-1], **facts,
            "enrolment": sum(school.pupils.values()), **{f"enrol_g{g}": n for g, n in school.pupils.items()},
            **_facilities(school),
        })  # fmt: skip
        for year in YEARS:
            if year in school.enrolment:
                pupils = {f"enrol_g{g}": n for g, n in school.enrolment[year].items()}
                years.append({"school_id": code, "name": name, "year": year, **pupils})
        teachers += [{"name": name, "school_id": code, "subject": s, "count": n} for s, n in school.subjects.items()]
    return rows, years, teachers


def _facilities(school: School) -> dict[str, object]:
    """Give what stands in a school that teaches, and the figures per pupil that its form states."""
    pupils = sum(school.pupils.values())
    if not pupils:
        return {}
    per_pupil = {name: round(getattr(school, total) / pupils, digits) for name, (total, digits) in PER_PUPIL.items()}
    return {
        **{name: getattr(school, name) for name in _FACILITIES},
        **per_pupil,
        "pupils_per_teacher": round(pupils / school.teachers, 1),
    }


_SCHOOL_SHEETS = (("学校基本情况", SCHOOLS), ("历年在校生", ENROLMENT), ("教师名册", TEACHERS))
_SCHOOL_NOTES = (
    "学校基本情况：2025年秋季学期开学数；学校代码为文本，首位可能为0。",
    "经度、纬度为GCJ-02（国测局）坐标，读取时须声明 crs: {schools: gcj02}。",
    "单位：在校生、学位、寄宿生、教师为人，教室为间，床位为张，面积为平方米；未开设的年级留空。",
    "停办学校不填学位；教师名册按学校和学科列人数，不含姓名；生均数由总数除以在校生总数得出。",
    "历年在校生：2021—2025年，学年为秋季学期所在年；停办学校只列停办前各年，拟建学校不列。",
)
_VILLAGE_NOTES = (
    "村代码为文本；经度、纬度为WGS-84坐标。",
    "学生数为本村常住适龄人口按年级段计，取整；各村之和等于乡镇合计（townships.geojson）。",
)


_LOTTERY_NOTES = (
    "一行一名报名学生，只有报名号，没有姓名、身份证号和成绩；报名号为文本。",
    f"优先类别依次为：{'、'.join(PRIORITIES)}。同胞组相同的一起抽签。志愿和长幼随学学校写学校代码。",
)
_ATTENDED_NOTES = (
    "一行为一个村在一所学校一个年级段的学生；各村之和等于村表的学生数，各校之和等于学校表的在校生。",
    "编法：愿去的学校随路程递减，随学校吸引力增加；城区择校、寄宿、挤满的学校都在其中。其中寄宿生按校等于学校表。",
)
_CLASS_NOTES = ("一行一名新生，只有报名号、性别和同胞；同胞编班为同班、分班，空白为不作要求。",)


def _rosters(folder: Path, placed: Placed) -> list[Path]:
    """Write the rosters of a lottery and of a class draw in the county town."""
    sheets = (
        ("lottery_roster.xlsx", LOTTERY_ROSTER, lottery_rows(placed), _LOTTERY_NOTES),
        ("class_roster.xlsx", CLASS_ROSTER, class_rows(placed), _CLASS_NOTES),
    )
    return [_workbook(folder / name, [(table.zh, table, rows)], notes) for name, table, rows, notes in sheets]


def _links(tiles: Sequence[Placed], columns: int) -> list[Link]:
    """Join the national road of each county with those to the east and, in the first column, to the south."""
    exits = [placed.draft.network.exits for placed in tiles]
    links: list[Link] = []
    for k in range(len(tiles)):
        if (k + 1) % columns and k + 1 < len(tiles):
            links.append(((k, exits[k][1]), (k + 1, exits[k + 1][0])))
        if k % columns == 0 and k + columns < len(tiles):
            links.append(((k, exits[k][0]), (k + columns, exits[k + columns][0])))
    return links


def write_files(folder: Path, tiles: Sequence[Placed], columns: int) -> list[Path]:
    """Write every file of one or more counties into ``folder`` and list them."""
    (folder / "population").mkdir(parents=True, exist_ok=True)
    paths = [_raster(folder / "terrain.tif", tiles, columns, "int16", _TERRAIN_NODATA, _terrain)]
    paths.append(_raster(folder / "landcover.tif", tiles, columns, "uint8", 0, _land_cover))
    paths += _borders(folder, tiles)
    villages = [row for placed in tiles for row in _village_rows(placed)]
    paths.append(_workbook(folder / "villages.xlsx", [("村表", VILLAGES, villages)], _VILLAGE_NOTES))
    paths.append(_rivers(folder, tiles))
    plans = [(placed.frame, placed.draft.network.map) for placed in tiles]
    paths.append(write_pbf(folder / "roads.osm.pbf", plans, _links(tiles, columns)))
    for sex in ("f", "m"):
        for age in AGES:
            path = folder / "population" / f"xyl_{sex}_{age}_2020.tif"
            values = functools.partial(_population, sex=sex, age=age)
            paths.append(_raster(path, tiles, columns, "float32", _POPULATION_NODATA, values))
    every = [_school_rows(placed) for placed in tiles]
    sheets = [
        (name, table, [row for rows in every for row in rows[k]]) for k, (name, table) in enumerate(_SCHOOL_SHEETS)
    ]
    paths.append(_workbook(folder / "schools.xlsx", sheets, _SCHOOL_NOTES))
    paths += _rosters(folder, tiles[0])
    sheet = [(VILLAGE_ENROLMENT.zh, VILLAGE_ENROLMENT, attended_rows(tiles[0]))]
    paths.append(_workbook(folder / "village_enrolment.xlsx", sheet, _ATTENDED_NOTES))
    return paths

"""A county of two townships on a 12 × 12 raster, small enough to count by hand, written to files."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import rasterio
import xlsxwriter
from rasterio.transform import from_origin

from layout_planner.config.scenario import Scenario

WEST, EAST, SOUTH, NORTH, MIDDLE = 110.70, 110.80, 32.10, 32.20, 110.75
SCHOOL_HEADER = [
    "学校代码",
    "学校名称",
    "学校类别",
    "乡镇代码",
    "经度",
    "纬度",
    "普通教室数（间）",
    "核定学位数（人）",
    "一年级在校生（人）",
]
SCHOOLS = [
    ["0990101001", "东镇中心小学", "中心小学", "990101101", 110.76, 32.15, 12, 540, 60],
    ["0990101002", "东镇初中", "初中", "990101101", 110.77, 32.15, 9, 450, None],
    ["0990101003", "柳树教学点", "教学点", "990101102", 110.71, 32.12, 3, None, 8],
    ["0990101004", "石桥小学", "村小", "990101102", 110.72, 32.18, 6, 270, 20],
    ["0990101005", "西乡中心小学", "中心小学", "990101102", 110.73, 32.15, 12, 540, 50],
    ["0990101006", "西乡九年一贯制学校", "九年一贯制", "990101102", 110.74, 32.15, 18, None, 40],
]
VILLAGE_HEADER = ["村代码", "村名", "乡镇代码", "经度", "纬度"]
VILLAGES = [
    ["990101101001", "东坪村", "990101101", 110.77, 32.12],
    ["990101101002", "东岭村", "990101101", 110.78, 32.18],
    ["990101102001", "西坪村", "990101102", 110.72, 32.12],
    ["990101102002", "西岭村", "990101102", 110.73, 32.18],
]
AGES = {"00": 1.0, "01": 4.0, "05": 6.0, "10": 5.0, "15": 4.0}
ROADS = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
  <node id="1" lat="32.15" lon="110.705"/><node id="2" lat="32.15" lon="110.75"/>
  <node id="3" lat="32.15" lon="110.795"/>
  <node id="4" lat="32.11" lon="110.75"/><node id="5" lat="32.19" lon="110.75"/>
  <way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="tertiary"/></way>
  <way id="11"><nd ref="4"/><nd ref="2"/><nd ref="5"/><tag k="highway" v="residential"/></way>
</osm>
"""


def write_xlsx(path: Path, sheets: dict[str, Sequence[Sequence[object]]]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for r, row in enumerate(rows):
                for c, cell in enumerate(row):
                    if isinstance(cell, str):
                        sheet.write_string(r, c, cell)
                    elif cell is not None:
                        sheet.write(r, c, cell)
    return path


def write_csv(path: Path, rows: Sequence[Sequence[object]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([["" if c is None else c for c in row] for row in rows])
    return path


def write_raster(
    path: Path,
    values: np.ndarray,
    *,
    west: float = WEST - 0.01,
    north: float = NORTH + 0.01,
    cell: float = 0.01,
    crs: str | None = "EPSG:4326",
    nodata: float | None = None,
) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=values.shape[0],
        width=values.shape[1],
        count=1,
        dtype=values.dtype,
        crs=crs,
        nodata=nodata,
        transform=from_origin(west, north, cell, cell),
    ) as f:
        f.write(values, 1)
    return path


def box_feature(west: float, east: float, **properties: object) -> dict[str, object]:
    ring = [[west, SOUTH], [east, SOUTH], [east, NORTH], [west, NORTH], [west, SOUTH]]
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def write_geojson(path: Path, features: Sequence[dict[str, object]]) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}), encoding="utf-8")
    return path


@pytest.fixture
def mini(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a clean county; its cache is its own."""
    monkeypatch.setenv("LAYOUT_PLANNER_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "mini"
    folder.mkdir()
    write_geojson(folder / "boundary.geojson", [box_feature(WEST, EAST, name="小样县")])
    write_geojson(
        folder / "townships.geojson",
        [
            box_feature(
                MIDDLE, EAST, township_id="990101101", name="东镇", pupils_g1_3=300, pupils_g4_6=280, pupils_g7_9=260
            ),
            box_feature(
                WEST, MIDDLE, township_id="990101102", name="西乡", pupils_g1_3=200, pupils_g4_6=210, pupils_g7_9=220
            ),
        ],
    )
    write_xlsx(folder / "schools.xlsx", {"学校基本情况": [SCHOOL_HEADER, *SCHOOLS], "说明": [["填表说明"]]})
    write_xlsx(folder / "villages.xlsx", {"村表": [VILLAGE_HEADER, *VILLAGES]})
    for age, people in AGES.items():
        write_raster(
            folder / "population" / f"xyl_t_{age}_2025_CN_100m.tif", np.full((12, 12), people, dtype="float32")
        )
    (folder / "roads.osm").write_text(ROADS, encoding="utf-8")
    return folder


@pytest.fixture
def scenario() -> Callable[..., Scenario]:
    """Make a scenario over a folder."""

    def make(folder: Path, *, data: dict[str, object] | None = None, **blocks: object) -> Scenario:
        return Scenario.model_validate({"name": "试", "data": {"folder": folder, **(data or {})}, **blocks})

    return make

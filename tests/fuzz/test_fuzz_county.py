"""One file of a whole county is damaged in a way that people and programs do it: told, or nothing else changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import rasterio
from hypothesis import given, note
from hypothesis import strategies as st
from rasterio.transform import Affine

from layout_planner.config.loader import load_scenario
from layout_planner.errors import Severity
from layout_planner.examples import write_county
from layout_planner.io.read import read_county, survey_county

from .conftest import Place, fuzzed
from .test_fuzz_program import SCENARIO, Clean, copied, totals

Damage = Callable[[Path, st.DataObject], set[str]]
"""Damages the files of a county's folder; gives the totals that may change without a word."""
_VALUES = (
    st.none() | st.integers(-3, 10**6) | st.text(max_size=5) | st.sampled_from(["NaN", "１２", "九", "#N/A", -1e308])
)
_ODD = st.sampled_from([float("nan"), float("inf"), 1e300, -180.0, 0.0, 999.0])


@pytest.fixture(scope="module")
def clean(place: Place) -> Clean:
    folder = place("clean")
    write_county(folder / "data", size="tiny", seed=3)
    (folder / "a.yaml").write_text(SCENARIO, encoding="utf-8")
    return Clean(folder, totals(read_county(load_scenario(folder / "a.yaml"))))


def _book(path: Path, data: st.DataObject, change: Callable[[Any, st.DataObject], None]) -> None:
    book = openpyxl.load_workbook(path)
    change(data.draw(st.sampled_from(book.worksheets)), data)
    book.save(path)


def _drop_column(sheet: Any, data: st.DataObject) -> None:
    sheet.delete_cols(data.draw(st.integers(1, sheet.max_column)))


def _repeat_rows(sheet: Any, data: st.DataObject) -> None:
    row = data.draw(st.integers(1, sheet.max_row))
    sheet.append([cell.value for cell in sheet[row]])


def _rename_header(sheet: Any, data: st.DataObject) -> None:
    sheet.cell(1, data.draw(st.integers(1, sheet.max_column))).value = data.draw(_VALUES)


def _swap_columns(sheet: Any, data: st.DataObject) -> None:
    a, b = (data.draw(st.integers(1, sheet.max_column)) for _ in range(2))
    for row in range(2, sheet.max_row + 1):
        left, right = sheet.cell(row, a), sheet.cell(row, b)
        left.value, right.value = right.value, left.value


def _merge(sheet: Any, data: st.DataObject) -> None:
    row, column = data.draw(st.integers(1, sheet.max_row)), data.draw(st.integers(1, sheet.max_column))
    down, over = data.draw(st.integers(0, 3)), data.draw(st.integers(0, 3))
    sheet.merge_cells(start_row=row, end_row=row + down, start_column=column, end_column=column + over)


def _clear_sheet(sheet: Any, data: st.DataObject) -> None:
    sheet.delete_rows(data.draw(st.integers(1, 3)), sheet.max_row)


def _fill_cells(sheet: Any, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 4))):
        row, column = data.draw(st.integers(1, sheet.max_row)), data.draw(st.integers(1, sheet.max_column))
        sheet.cell(row, column).value = data.draw(_VALUES)


_SHEETS = (_drop_column, _repeat_rows, _rename_header, _swap_columns, _merge, _clear_sheet, _fill_cells)


_LAYER_KINDS = ("null", "drop", "value", "key", "twist", "odd", "collection", "crs", "twice")


def _layer(path: Path, data: st.DataObject) -> None:
    """Damage one or two features of a layer, or what stands around them."""
    layer = json.loads(path.read_text(encoding="utf-8"))
    for _ in range(data.draw(st.integers(1, 2))):
        if not layer.get("features"):
            break
        feature = data.draw(st.sampled_from(layer["features"]))
        kind = data.draw(
            st.sampled_from(["null", "drop", "value", "key", "twist", "odd", "collection", "crs", "twice"])
        )
        if kind == "null":
            feature["geometry"] = None
        elif kind == "drop":
            layer["features"].remove(feature)
        elif kind == "value" and feature["properties"]:
            feature["properties"][data.draw(st.sampled_from(sorted(feature["properties"])))] = data.draw(_VALUES)
        elif kind == "key" and feature["properties"]:
            feature["properties"].pop(data.draw(st.sampled_from(sorted(feature["properties"]))))
        elif kind == "collection" and feature["geometry"]:
            feature["geometry"] = {"type": "GeometryCollection", "geometries": [feature["geometry"]]}
        elif kind == "crs":
            name = data.draw(st.sampled_from(["EPSG:4546", "EPSG:3857", "urn:ogc:def:crs:EPSG::99999", "x", ""]))
            layer["crs"] = {"type": "name", "properties": {"name": name}}
        elif kind == "twice":
            layer["features"].append(feature)
        elif feature["geometry"] and "coordinates" in feature["geometry"]:
            ring = feature["geometry"]["coordinates"]
            while isinstance(ring[0][0], list):
                ring = ring[0]
            if kind == "odd":
                ring[data.draw(st.integers(0, len(ring) - 1))][0] = data.draw(_ODD)
            else:
                ring[:] = (
                    [xy[::-1] for xy in ring] if data.draw(st.booleans()) else ring[: data.draw(st.integers(1, 4))]
                )
    path.write_text(json.dumps(layer), encoding="utf-8")


def _raster(path: Path, data: st.DataObject) -> None:
    """Write a raster anew with other values, another type, place, system or nodata."""
    with rasterio.open(path) as source:
        values, profile = source.read(), dict(source.profile)
    kind = data.draw(st.sampled_from(["value", "nodata", "type", "crs", "turned", "far", "empty", "bands", "tiny"]))
    if kind == "value":
        rows, columns = values.shape[1:]
        at = 0, data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1))
        values = values.astype("float64")
        values[at] = data.draw(_ODD)
        profile["dtype"] = "float64"
    elif kind == "nodata":
        profile["nodata"] = data.draw(st.sampled_from([0.0, -1.0, 1.0, float("nan")]))
        values, profile["dtype"] = values.astype("float64"), "float64"
    elif kind == "type":
        profile["dtype"] = data.draw(st.sampled_from(["uint8", "int16", "uint16", "complex64"]))
        profile["nodata"] = None
    elif kind == "crs":
        profile["crs"] = data.draw(st.sampled_from([None, "EPSG:3857", "EPSG:4490", "EPSG:27700"]))
    elif kind == "turned":
        profile["transform"] = profile["transform"] @ Affine.rotation(data.draw(st.floats(0, 360)))
    elif kind == "far":
        profile["transform"] = Affine.translation(data.draw(st.floats(-400, 400)), 0) @ profile["transform"]
    elif kind == "empty":
        values = np.zeros_like(values)
    elif kind == "bands":
        values, profile["count"] = np.concatenate([values] * 2), 2 * profile["count"]
    else:
        profile["width"], profile["height"], values = 1, 1, values[:, :1, :1]
    with np.errstate(all="ignore"):
        values = values.astype(profile["dtype"])
    for key in ("blockxsize", "blockysize", "tiled"):
        profile.pop(key, None)
    with rasterio.open(path, "w", **profile) as target:
        target.write(values)


def _roads_as_layer(folder: Path, data: st.DataObject) -> None:
    """Put a layer of lines, some of which are no roads, in the place of the road file."""
    lines = gpd.read_file(folder / "rivers.geojson")
    lines["highway"] = data.draw(
        st.lists(st.sampled_from(["tertiary", "", "路", None]), min_size=len(lines), max_size=len(lines))
    )
    for path in folder.glob("roads.*"):
        path.unlink()
    lines.to_file(folder / data.draw(st.sampled_from(["roads.geojson", "roads.gpkg", "roads.shp"])))


def _xlsx(name: str) -> Damage:
    def damage(folder: Path, data: st.DataObject) -> set[str]:
        _book(folder / f"{name}.xlsx", data, data.draw(st.sampled_from(_SHEETS)))
        return {name, "counts"}

    return damage


def _geojson(name: str) -> Damage:
    def damage(folder: Path, data: st.DataObject) -> set[str]:
        _layer(folder / f"{name}.geojson", data)
        return {"townships", "pupils"} if name == "townships" else set()

    return damage


def _tif(role: str) -> Damage:
    def damage(folder: Path, data: st.DataObject) -> set[str]:
        _raster(data.draw(st.sampled_from(sorted(folder.glob(role)))), data)
        return {"people"}

    return damage


def _other_roads(folder: Path, data: st.DataObject) -> set[str]:
    _roads_as_layer(folder, data)
    return set()


def _lost(folder: Path, data: st.DataObject) -> set[str]:
    data.draw(st.sampled_from(sorted(p for p in folder.rglob("*") if p.is_file()))).unlink()
    return {"townships", "pupils", "people", "villages"}


DAMAGES: dict[str, tuple[Damage, int]] = {
    "schools": (_xlsx("schools"), 3), "villages": (_xlsx("villages"), 2), "boundary": (_geojson("boundary"), 1),
    "townships": (_geojson("townships"), 2), "rivers": (_geojson("rivers"), 1),
    "population": (_tif("population/*.tif"), 2), "terrain": (_tif("terrain.tif"), 1), "roads": (_other_roads, 1),
    "a file lost": (_lost, 1),
}  # fmt: skip
"""Each damage with the examples of the quick round."""


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_told_or_changes_nothing_else(clean: Clean, place: Place, name: str) -> None:
    damage, examples = DAMAGES[name]

    @fuzzed(examples)
    @given(data=st.data())
    def holds(data: st.DataObject) -> None:
        folder = copied(clean, place)
        may_change = damage(folder / "data", data)
        survey = survey_county(load_scenario(folder / "a.yaml"))
        note(repr([f.render("en") for f in survey.flaws]))
        assert all(f.render("zh") for f in survey.flaws)
        if survey.county is None:
            assert any(f.severity is Severity.ERROR for f in survey.flaws)
        elif all(f.severity is Severity.NOTE for f in survey.flaws):
            kept = [key for key in clean.totals if key not in may_change]
            found = totals(survey.county)
            assert [found[key] for key in kept] == [clean.totals[key] for key in kept]

    holds()

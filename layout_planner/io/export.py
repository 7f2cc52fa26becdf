"""Write results whole or not at all, and keep frames so that they come back exactly as they were."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from layout_planner.errors import OutputError, Text
from layout_planner.io.staging import PARTIAL_MARKER, staged_folder, sweep_leftovers

__all__ = ["PARTIAL_MARKER", "load_frames", "save_frames", "staged_folder", "sweep_leftovers"]

INDEX_FILE = "frames.json"
FORMAT = 1
MISSING = "\\N"
LONGEST_FIELD = 2**31 - 1
"""Characters that a field may have: a detailed boundary outgrows what the csv module takes by itself."""
_ESCAPES = (("\\", "\\\\"), ("\r", "\\r"), ("\n", "\\n"), ("\0", "\\0"))
_UNESCAPE = {"\\": "\\", "r": "\r", "n": "\n", "0": "\0"}


def save_frames(frames: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Save frames so that :func:`load_frames` gives them back exactly: ids, dtypes, missing values, geometry, CRS.

    Each frame becomes ``<name>.csv.gz`` (UTF-8, geometry as WKB in hexadecimal); ``frames.json`` holds the
    columns, dtypes and coordinate systems. The same frames give the same bytes.

    Parameters
    ----------
    frames : mapping of str to DataFrame or GeoDataFrame
        With a default index (0, 1, 2 …). Object columns may hold text and missing values only.
    folder : Path
        Existing or new folder.

    Raises
    ------
    ValueError
        A frame has an index of its own, or a column of a kind that text cannot hold exactly.
    """
    folder.mkdir(parents=True, exist_ok=True)
    index: dict[str, Any] = {"format": FORMAT, "frames": {}}
    for name in sorted(frames):
        frame = frames[name]
        if not isinstance(frame.index, pd.RangeIndex) or frame.index.start != 0 or frame.index.step != 1:
            msg = f"frame {name}: keep ids in columns; the index must be 0, 1, 2 …"
            raise ValueError(msg)
        index["frames"][name] = _describe(name, frame)
        _write_csv(frame, folder / f"{name}.csv.gz")
    text = json.dumps(index, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / INDEX_FILE).write_bytes((text + "\n").encode("utf-8"))


def load_frames(folder: Path, names: Iterable[str] | None = None) -> dict[str, pd.DataFrame]:
    """Load what :func:`save_frames` saved, all of it or only ``names``.

    Raises
    ------
    OutputError
        The folder holds no frames, or they were written by a newer version.
    """
    try:
        index = json.loads((folder / INDEX_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise OutputError(
            Text(
                f"{folder.name} 中没有可读回的结果（缺 {INDEX_FILE}）",
                f"{folder.name} holds no results to read back (no {INDEX_FILE})",
            )
        ) from None
    if index.get("format") != FORMAT:
        raise OutputError(
            Text(
                f"{folder.name} 由其他版本写出（格式 {index.get('format')}），请重新计算",
                f"{folder.name} was written by another version (format {index.get('format')}): run it again",
            )
        )
    described: dict[str, Any] = index["frames"]
    wanted = sorted(described) if names is None else [n for n in names if n in described]
    return {name: _read_csv(folder / f"{name}.csv.gz", described[name]) for name in wanted}


def _describe(name: str, frame: pd.DataFrame) -> dict[str, Any]:
    """List a frame's columns with their kinds, its rows and its coordinate systems."""
    columns = []
    for column in frame.columns:
        series = frame[column]
        entry: dict[str, Any] = {"name": str(column), "dtype": str(series.dtype), "kind": _kind(name, series)}
        if entry["kind"] == "geometry":
            crs = series.crs
            entry["crs"] = None if crs is None else _crs_text(crs)
        if isinstance(series.dtype, pd.CategoricalDtype):
            entry["categories"] = [str(c) for c in series.cat.categories]
            entry["ordered"] = bool(series.cat.ordered)
        columns.append(entry)
    geometry = frame.geometry.name if isinstance(frame, gpd.GeoDataFrame) and frame._geometry_column_name else None
    return {"rows": len(frame), "columns": columns, "geometry": geometry}


def _crs_text(crs: CRS) -> str:
    authority = crs.to_authority()
    if authority is not None and CRS.from_authority(*authority) == crs:
        return ":".join(authority)
    return crs.to_wkt()


def _kind(name: str, series: pd.Series[Any]) -> str:
    """Tell how a column is spelled as text."""
    dtype = series.dtype
    if isinstance(series, gpd.GeoSeries) or str(dtype) == "geometry":
        return "geometry"
    if isinstance(dtype, pd.CategoricalDtype):
        return "text"
    if pd.api.types.is_bool_dtype(dtype):
        return "bool"
    if pd.api.types.is_integer_dtype(dtype):
        return "int"
    if pd.api.types.is_float_dtype(dtype):
        return "float"
    if isinstance(dtype, pd.StringDtype) or pd.api.types.infer_dtype(series, skipna=True) in ("string", "empty"):
        return "text"
    if pd.api.types.is_object_dtype(dtype):
        bad = series[~series.map(lambda v: isinstance(v, str) or _is_missing(v))]
        if bad.empty:
            return "text"
        msg = f"frame {name}, column {series.name}: {type(bad.iloc[0]).__name__} is not text"
        raise ValueError(msg)
    msg = f"frame {name}, column {series.name}: dtype {dtype} cannot be kept"
    raise ValueError(msg)


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value))


def _write_csv(frame: pd.DataFrame, path: Path) -> None:
    spelled = {str(c): _spell(frame[c]) for c in frame.columns}
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(spelled)
    writer.writerows(zip(*spelled.values(), strict=True))
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed:
        packed.write(buffer.getvalue().encode("utf-8"))


def _spell(series: pd.Series[Any]) -> list[str]:
    """Spell a column as text that says missing, empty and every digit apart."""
    dtype = series.dtype
    if isinstance(series, gpd.GeoSeries) or str(dtype) == "geometry":
        return [MISSING if h is None else h for h in shapely.to_wkb(np.asarray(series), hex=True, include_srid=False)]
    missing = series.isna().to_numpy().tolist()
    if pd.api.types.is_float_dtype(dtype):
        values = series.astype("float64").to_numpy(na_value=np.nan).tolist()
        return [MISSING if m else repr(v) for v, m in zip(values, missing, strict=True)]
    values = series.to_numpy(dtype=object).tolist()
    if pd.api.types.is_bool_dtype(dtype):
        return [MISSING if m else ("1" if v else "0") for v, m in zip(values, missing, strict=True)]
    if pd.api.types.is_integer_dtype(dtype):
        return [MISSING if m else str(v) for v, m in zip(values, missing, strict=True)]
    different = {v for v, m in zip(values, missing, strict=True) if not m}
    known = {v: _escape(str(v)) for v in different}
    return [MISSING if m else known[v] for v, m in zip(values, missing, strict=True)]


def _escape(text: str) -> str:
    for plain, code in _ESCAPES:
        if plain in text:
            text = text.replace(plain, code)
    return text


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text
    parts, i = [], 0
    while i < len(text):
        if text[i] == "\\":
            parts.append(_UNESCAPE[text[i + 1]])
            i += 2
        else:
            parts.append(text[i])
            i += 1
    return "".join(parts)


def _read_csv(path: Path, described: Mapping[str, Any]) -> pd.DataFrame:
    usual = csv.field_size_limit(LONGEST_FIELD)
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as packed:
            rows = list(csv.reader(packed))
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise OutputError(Text(f"结果文件 {path.name} 缺失或损坏", f"{path.name} is missing or damaged")) from error
    finally:
        csv.field_size_limit(usual)
    columns = described["columns"]
    body = rows[1:]
    if len(body) != described["rows"]:
        raise OutputError(
            Text(
                f"结果文件 {path.name} 应有 {described['rows']} 行，实有 {len(body)} 行",
                f"{path.name} should have {described['rows']} rows and has {len(body)}",
            )
        )
    spelled: Iterable[tuple[str, ...]] = zip(*body, strict=True) if body else [()] * len(columns)
    data = {c["name"]: _revive(values, c) for c, values in zip(columns, spelled, strict=True)}
    index = pd.RangeIndex(described["rows"])
    frame = pd.DataFrame(data, index=index, columns=pd.Index([c["name"] for c in columns]))
    if described["geometry"] is not None:
        return gpd.GeoDataFrame(frame, geometry=described["geometry"])
    return frame


def _revive(values: tuple[str, ...], column: Mapping[str, Any]) -> pd.Series[Any]:
    """Turn spelled values back into an array of the column's dtype."""
    kind, dtype = column["kind"], column["dtype"]
    missing = np.fromiter((v == MISSING for v in values), dtype=bool, count=len(values))
    if kind == "geometry":
        shapes = shapely.from_wkb([None if m else v for v, m in zip(values, missing, strict=True)])
        crs = None if column["crs"] is None else CRS.from_user_input(column["crs"])
        return gpd.GeoSeries(np.asarray(shapes, dtype=object), crs=crs)
    if kind == "text":
        return _revive_text(values, missing, column)
    if kind == "float":
        numbers = np.array([np.nan if m else float(v) for v, m in zip(values, missing, strict=True)], dtype="float64")
        return pd.Series(numbers).astype(dtype)
    plain: list[object] = [
        None if m else (v == "1" if kind == "bool" else int(v)) for v, m in zip(values, missing, strict=True)
    ]
    return pd.Series(plain, dtype=dtype)


def _revive_text(values: tuple[str, ...], missing: np.ndarray[Any, Any], column: Mapping[str, Any]) -> pd.Series[Any]:
    texts: list[object] = [None if m else _unescape(v) for v, m in zip(values, missing, strict=True)]
    if "categories" in column:
        kinds = pd.CategoricalDtype(column["categories"], ordered=column["ordered"])
        return pd.Series(pd.Categorical(texts, dtype=kinds))
    return pd.Series(texts, dtype=column["dtype"])

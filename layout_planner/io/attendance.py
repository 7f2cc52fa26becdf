"""Catchments as they are today, or as somebody drew them: polygons with a school code, or a table by village."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from layout_planner.columns import ATTENDANCE, ATTENDANCE_AREAS
from layout_planner.errors import Flaw, InputError, Severity, Text
from layout_planner.io.geometry import project
from layout_planner.io.tables import load_table
from layout_planner.io.vector import VECTOR_SUFFIXES, read_layer

if TYPE_CHECKING:
    from pathlib import Path

    from pyproj import CRS

    from layout_planner.io.loaded import Loaded

__all__ = ["Attendance", "read_areas", "read_attendance", "without_part"]

_SEVERAL = re.compile(r"[、,，;；+\s]+")
_PART = re.compile(r"-+\d+$|第\d+片$")


@dataclass(frozen=True, eq=False)
class Attendance:
    """Today's catchments.

    Attributes
    ----------
    areas : GeoDataFrame, optional
        ``school_id`` and polygons in the county's system, as the file has them; they may overlap or leave gaps.
    villages : DataFrame, optional
        ``village_id``, ``name`` and ``school_id``, a row a village and school.
    shared : tuple of tuples of str
        Schools that share a zone: those that one row or feature names together. ``school_id`` is the first of them.
    flaws : tuple of Flaw
        Remarks; errors were raised.
    """

    areas: gpd.GeoDataFrame | None = None
    villages: pd.DataFrame | None = None
    shared: tuple[tuple[str, ...], ...] = ()
    flaws: tuple[Flaw, ...] = ()


def read_attendance(
    path: Path, schools: pd.DataFrame, crs: CRS, *, declared: str | None = None, villages: pd.DataFrame | None = None
) -> Attendance:
    """Read today's catchments from a layer of polygons or a table.

    Parameters
    ----------
    path : Path
        A vector layer with a column of school codes (or names), or a workbook or text file with columns of villages
        and schools.
    schools : DataFrame
        ``County.schools``.
    crs : CRS
        Of the county.
    declared : str, optional
        Coordinate system declared in the scenario.
    villages : DataFrame, optional
        ``County.villages``; with it a remark is made on every row of a table whose village is not known.

    Raises
    ------
    InputError
        With every row whose school is not known.
    """
    if path.name.lower().endswith(VECTOR_SUFFIXES):
        areas = read_areas(path, schools, crs, declared=declared)
        return Attendance(areas=areas, shared=_groups(areas))
    loaded = load_table(path, ATTENDANCE)
    frame = _with_schools(loaded, schools)
    for row in frame.index[(frame["village_id"] == "") & (frame["name"] == "")]:
        what, mend = Text("没有村代码和村名", "neither code nor name of a village"), Text("补全", "fill it in")
        loaded.report("village_missing", what, mend, row=int(row), column="village_id")
    _raise_errors(loaded)
    if villages is not None and len(villages):
        _remark_unknown(loaded, frame, villages)
    table = frame.reset_index(drop=True)
    return Attendance(villages=table, shared=_groups(table), flaws=tuple(loaded.shortened()))


def without_part(said: str) -> str:
    """Give the village of a part's code or name, as catchments spell them; other texts stay.

    >>> without_part("V1-2"), without_part("南关社区第3片"), without_part("V1")
    ('V1', '南关社区', 'V1')
    """
    return _PART.sub("", said)


def _remark_unknown(loaded: Loaded, frame: pd.DataFrame, villages: pd.DataFrame) -> None:
    """Remark on rows whose village is not in the village table; a part of a village counts as the village."""
    codes, names = set(villages["village_id"].astype(str)), set(villages["name"].astype(str))
    known = codes | names
    for row, code, name in frame[["village_id", "name"]].itertuples():
        said = code or name
        if said in (known if code else names) or without_part(said) in known:
            continue
        hint = f"；同一行的村名“{name}”在村表中" if code and name in names else ""
        what = Text(
            f"村表中没有“{said}”{hint}，这一行不起作用", f"the village table has no {said!r}: the row does nothing"
        )
        mend = Text("改为村表中的代码或村名", "use a code or name of the village table")
        column = "village_id" if code else "name"
        loaded.report("zone_village_unknown", what, mend, row=int(row), column=column, severity=Severity.WARNING)


def read_areas(path: Path, schools: pd.DataFrame, crs: CRS, *, declared: str | None = None) -> gpd.GeoDataFrame:
    """Read polygons that carry the code (or the name) of a school.

    Returns
    -------
    GeoDataFrame
        ``school_id``, ``school_ids`` (all of a shared zone, joined by 、) and polygons in ``crs``, a row a feature.

    Raises
    ------
    InputError
        If the layer cannot be read, or a school is not known.
    """
    layer = read_layer(path, ATTENDANCE_AREAS, declared=declared, polygons=True)
    frame = _with_schools(layer, schools)
    _raise_errors(layer)
    shapes = project(np.asarray(layer.geometry, dtype=object), "wgs84", crs)
    return gpd.GeoDataFrame(frame[["school_id", "school_ids"]].reset_index(drop=True), geometry=list(shapes), crs=crs)


def _with_schools(loaded: Loaded, schools: pd.DataFrame) -> pd.DataFrame:
    """Spell every school by its code, several of a shared zone one by one; report those that are not known."""
    codes = set(schools["school_id"].astype(str))
    names = schools["name"].astype(str)
    unique = names[~names.duplicated(keep=False)]
    by_name = dict(zip(unique, schools.loc[unique.index, "school_id"].astype(str), strict=True))
    frame = loaded.frame.copy()
    said = frame["school_id"].astype(str)
    parts = [[text] if text in codes or text in by_name else _SEVERAL.split(text) for text in said]
    found = [sorted({code if code in codes else by_name.get(code, "") for code in part}) for part in parts]
    frame["school_ids"] = ["" if "" in some else "、".join(some) for some in found]
    frame["school_id"] = [text.partition("、")[0] for text in frame["school_ids"]]
    for row in frame.index[frame["school_id"] == ""]:
        code = said[row]
        what = Text(f"学校表中没有代码或名称“{code}”", f"no school has the code or the name {code!r}")
        mend = Text("填写学校表中的代码；同名的学校只能写代码", "give a code of the school table")
        loaded.report("unknown_school", what, mend, row=int(row), column="school_id")
    return frame


def _groups(frame: pd.DataFrame) -> tuple[tuple[str, ...], ...]:
    """List the groups of schools that share a zone."""
    return tuple(sorted({tuple(text.split("、")) for text in frame["school_ids"] if "、" in text}))


def _raise_errors(loaded: Loaded) -> None:
    errors = [flaw for flaw in loaded.flaws if flaw.severity is Severity.ERROR]
    if errors:
        raise InputError.collect([replace(flaw, file=flaw.file or loaded.file) for flaw in loaded.shortened()])

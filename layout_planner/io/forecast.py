"""Pupils expected in later years, by village or township, school year and grade: a table of the county's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from layout_planner.columns import FORECAST
from layout_planner.errors import Severity, Text
from layout_planner.grades import GRADE_PUPILS, GradeBand
from layout_planner.io.cells import fold
from layout_planner.io.loaded import Loaded, empty_frame
from layout_planner.io.places import township_names
from layout_planner.io.tables import load_table
from layout_planner.io.village_enrolment import told_grade

if TYPE_CHECKING:
    import geopandas as gpd

    from layout_planner.io.reading import Reading

__all__ = ["FORECAST_COLUMNS", "expected_pupils", "read_forecast"]

FORECAST_COLUMNS = ("year", "kind", "place_id", "band", "grade", "pupils")
"""What a county keeps of the table; ``kind`` is ``village`` or ``township``, ``grade`` 0 where a whole band counts."""

_BANDS = tuple(GradeBand)
_PLACES = {band.pupils_column: i for i, band in enumerate(_BANDS)} | {
    name: len(_BANDS) + i for i, name in enumerate(GRADE_PUPILS)
}
_BAND_OF = {grade: band for band in _BANDS for grade in band.grades}
_NAMED = 6
_Key = tuple[int, str, str, int]


def read_forecast(reading: Reading) -> Loaded:
    """Read the file of expected pupils, where the scenario has one."""
    path = reading.files[FORECAST.name]
    if path is None:
        return Loaded(FORECAST, empty_frame(FORECAST), "")
    reading.use(FORECAST.name, path)
    return load_table(path, FORECAST)


def expected_pupils(table: Loaded, villages: pd.DataFrame, townships: gpd.GeoDataFrame) -> pd.DataFrame | None:
    """Bring the table to one row a year, place and grade or band.

    Parameters
    ----------
    table : Loaded
        Table ``forecast``; flaws go to it: places that are not known, grades and counts that are missing, rows that
        repeat, bands beside their own grades, and villages beside their township.
    villages, townships : DataFrame
        ``village_id``, ``name``, ``township_id``; and ``township_id``, ``name``.

    Returns
    -------
    DataFrame or None
        :data:`FORECAST_COLUMNS`, sorted; ``None`` where the table is empty or cannot be used.
    """
    if table.frame.empty or not _usable(table):
        return None
    find = _finder(villages, townships)
    cells: dict[_Key, tuple[float, int]] = {}
    for row, record in zip(table.frame.index, table.frame.to_dict("records"), strict=True):
        number, told = int(row), {str(k): v for k, v in record.items()}
        place = find(told)
        if place is None:
            _report_place(table, number, told)
            continue
        if pd.isna(told["year"]):
            continue
        for at, count in _counts(table, number, told):
            key = (int(told["year"]), *place, at)
            if key in cells:
                what = Text(f"与第 {cells[key][1]} 行重复（同一学年、地方、年级）", f"repeats row {cells[key][1]}")
                table.report("forecast_twice", what, Text("只留一行", "keep one"), row=number, column="year")
            cells[key] = (count, number)
    _report_overlaps(table, cells, villages)
    if any(flaw.severity is Severity.ERROR for flaw in table.flaws):
        return None
    rows = [
        (year, kind, code, (_BANDS[at] if at < len(_BANDS) else _BAND_OF[at - len(_BANDS) + 1]).value,
         max(0, at - len(_BANDS) + 1), count)
        for (year, kind, code, at), (count, _) in sorted(cells.items())
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(FORECAST_COLUMNS))


def _usable(table: Loaded) -> bool:
    have = set(table.labels)
    named = {"village_id", "name", "township_id", "township"} & have
    if named and (set(_PLACES) & have or {"grade", "count"} <= have):
        return True
    what = Text("学生数预测缺村或乡镇，或缺人数", "the forecast lacks the village or township, or the counts")
    mend = Text(
        "表头须有学年，村或乡镇，以及年级和人数，或者各年级、年级段各一列",
        "it needs the school year, a village or township, and grade and count, or a column for each grade or band",
    )
    table.report("column_missing", what, mend)
    return False


def _finder(
    villages: pd.DataFrame, townships: gpd.GeoDataFrame
) -> Callable[[Mapping[str, Any]], tuple[str, str] | None]:
    """Give what finds a row's place: its village by code or only name, else its township."""
    codes, names = set(villages["village_id"].astype(str)), villages["name"].astype(str).map(fold)
    once = ~names.duplicated(keep=False)
    by_name = dict(zip(names[once], villages.loc[once, "village_id"].astype(str), strict=True))
    _, township = township_names(townships)

    def find(record: Mapping[str, Any]) -> tuple[str, str] | None:
        code, name = str(record["village_id"]), fold(str(record["name"]))
        if code or name:
            found = code if code in codes else "" if code else by_name.get(name, "")
            return ("village", found) if found else None
        found = township(str(record["township_id"]), str(record["township"]))
        return ("township", found) if found else None

    return find


def _counts(table: Loaded, row: int, record: Mapping[str, Any]) -> Iterator[tuple[int, float]]:
    """Go through what one row counts: position of the band (0 to 2) or grade (3 to 11), and persons."""
    found = [(at, float(record[name])) for name, at in _PLACES.items() if not pd.isna(record[name])]
    if "count" in table.labels and not pd.isna(count := record["count"]):
        place = told_grade(table, row, record)
        if place is None:
            return
        found.append((place, float(count)))
    if not found and not {(row, name) for name in ("count", *_PLACES)} & table.bad:
        what, mend = Text("没有人数", "no count is given"), Text("填写人数，没有的写 0", "fill it in, or write 0")
        table.report("count_missing", what, mend, row=row, column="count" if "count" in table.labels else "")
    yield from found


def _report_place(table: Loaded, row: int, record: Mapping[str, Any]) -> None:
    column = next((c for c in ("village_id", "name", "township_id", "township") if str(record[c])), "township")
    said, is_village = str(record[column]), column in ("village_id", "name")
    where = Text("村表", "village table") if is_village else Text("乡镇图层", "township layer")
    what = Text(f"{where.zh}中没有“{said}”，或不止一个", f"the {where.en} has no {said!r}, or several")
    if not said:
        what = Text("没有写明村或乡镇", "neither village nor township is given")
    mend = Text(f"填写{where.zh}中的代码", f"give a code of the {where.en}")
    table.report("forecast_place_unknown", what, mend, row=row, column=column)


def _report_overlaps(table: Loaded, cells: Mapping[_Key, tuple[float, int]], villages: pd.DataFrame) -> None:
    """Report bands beside grades of theirs, and villages beside their township: counted twice, neither can be kept."""
    home = dict(zip(villages["village_id"].astype(str), villages["township_id"].astype(str), strict=True))
    whole = {(year, code) for year, kind, code, _ in cells if kind == "township"}
    both: dict[str, int] = {}
    for (year, kind, code, at), (_, row) in cells.items():
        band = _BAND_OF.get(at - len(_BANDS) + 1)
        if band is not None and (other := cells.get((year, kind, code, _BANDS.index(band)))):
            what = Text(f"第 {other[1]} 行已有{band.label_zh}合计", f"row {other[1]} already counts {band.value}")
            mend = Text("年级和年级段只填一种", "give either grades or bands")
            table.report("forecast_twice", what, mend, row=row, column="grade")
        if kind == "village" and (year, home.get(code, "")) in whole:
            both.setdefault(code, row)
    if both:
        names = dict(zip(villages["village_id"].astype(str), villages["name"].astype(str), strict=True))
        some = "、".join(names.get(code) or code for code in list(both)[:_NAMED])
        what = Text(f"村和所在乡镇都有同一学年的预测：{some}", f"both villages and their townships have one: {some}")
        mend = Text("一个乡镇要么逐村填，要么只填乡镇", "fill in a township either village by village or as a whole")
        table.report("forecast_twice", what, mend, row=next(iter(both.values())), column="township")

"""Actual enrolment by village, school and grade, and whether it agrees with the school table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from layout_planner.columns import VILLAGE_ENROLMENT
from layout_planner.errors import Flaw, InputError, Severity, Text, counted
from layout_planner.grades import GRADES, GradeBand
from layout_planner.io.cells import fold
from layout_planner.io.loaded import Loaded
from layout_planner.io.tables import load_table
from layout_planner.io.township_pupils import place_of_grade

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["VillageEnrolment", "read_village_enrolment", "told_grade"]

_BANDS = tuple(GradeBand)
_WIDE = {band.pupils_column: band for band in _BANDS}
_LEAST_GAP, _SHARE_GAP = 2.0, 0.02
_NAMES_SHOWN = 6


@dataclass(frozen=True, eq=False)
class VillageEnrolment:
    """Who goes where.

    ``frame`` has ``village_id``, ``school_id``, ``band``, ``pupils`` and ``boarders`` (persons; nan where the file does
    not tell), one row each, sorted; ``flaws`` are warnings and notes, errors were raised.
    """

    frame: pd.DataFrame
    flaws: tuple[Flaw, ...] = ()


def read_village_enrolment(path: Path, villages: pd.DataFrame, schools: pd.DataFrame) -> VillageEnrolment:
    """Read table ``village_enrolment``: a row a village, school and grade (or band), or the bands side by side.

    Parameters
    ----------
    path : Path
        Workbook or text file.
    villages : DataFrame
        ``County.villages``: codes and names.
    schools : DataFrame
        ``County.schools``: codes, names, grades taught, status and enrolment.

    Returns
    -------
    VillageEnrolment
        Grades are added up to bands.

    Raises
    ------
    InputError
        With every row that cannot be used: a village or school that is not known, no grade, no count, more boarders
        than pupils.
    """
    loaded = load_table(path, VILLAGE_ENROLMENT)
    rows: list[tuple[str, str, int, float, float]] = []
    if not loaded.frame.empty and _usable(loaded):
        village = _finder(loaded, villages, ("village_id", "name"), Text("村表", "village table"))
        school = _finder(loaded, schools, ("school_id", "school"), Text("学校表", "school table"))
        for row, record in zip(loaded.frame.index, loaded.frame.to_dict("records"), strict=True):
            places = village(int(row), record), school(int(row), record)
            rows += [(*places, *counted) for counted in _counts(loaded, int(row), record)]
    frame = _added_up(loaded, [row for row in rows if row[0] and row[1]])
    if not any(flaw.severity is Severity.ERROR for flaw in loaded.flaws):
        _check_schools(loaded, frame, schools)
        _check_villages(loaded, frame, villages)
    flaws = loaded.shortened()
    if any(flaw.severity is Severity.ERROR for flaw in flaws):
        raise InputError.collect(flaws)
    return VillageEnrolment(frame, tuple(flaws))


def _usable(loaded: Loaded) -> bool:
    """Report columns without which no row can be used."""
    have = set(loaded.labels)
    wanted = [pair for pair in (("village_id", "name"), ("school_id", "school")) if not have & set(pair)]
    if not have & set(_WIDE) and not {"grade", "count"} <= have:
        wanted.append(("grade", "count"))
    for pair in wanted:
        zh = "、".join(VILLAGE_ENROLMENT[name].zh for name in pair)
        en = ", ".join(VILLAGE_ENROLMENT[name].en for name in pair)
        loaded.report(
            "column_missing",
            Text(f"缺少“{zh}”", f"the table lacks {en}"),
            Text(
                "表头须有村、学校，以及年级和人数，或者各年级段各一列",
                "it needs the village, the school, and grade and count, or a column for each band",
            ),
        )
    return not wanted


def _finder(
    loaded: Loaded, table: pd.DataFrame, columns: tuple[str, str], where: Text
) -> Callable[[int, dict[Any, Any]], str]:
    """Give what finds the code of a row's village or school, by code or unique name, and reports those not known."""
    by, name = columns
    codes = table[by].astype(str).tolist()
    names = table["name"].astype(str).map(fold)
    twice = set(names[names.duplicated(keep=False)])
    known = set(codes)
    by_name = {text: code for text, code in zip(names, codes, strict=True) if text and text not in twice}

    def find(row: int, record: dict[Any, Any]) -> str:
        code, spelled = str(record[by]), str(record[name])
        if code in known:
            return code
        if not code and (found := by_name.get(fold(spelled))):
            return found
        said = code or spelled
        if not said:
            what = Text(f"没有写{VILLAGE_ENROLMENT[by].zh}", f"no {VILLAGE_ENROLMENT[by].en} is given")
        elif not code and fold(spelled) in twice:
            what = Text(f"{where.zh}中有几个“{said}”", f"the {where.en} has several called {said!r}")
        else:
            what = Text(f"{where.zh}中没有“{said}”", f"the {where.en} has no {said!r}")
        mend = Text(f"填写{where.zh}中的代码", f"give a code of the {where.en}")
        loaded.report(f"unknown_{by.removesuffix('_id')}", what, mend, row=row, column=by if code else name)
        return ""

    return find


def told_grade(loaded: Loaded, row: int, record: Mapping[str, Any]) -> int | None:
    """Read the place of a row's grade or band; what is neither is reported."""
    said = str(record["grade"])
    place = place_of_grade(fold(said))
    if place is None:
        what = Text(
            f"“{said}”不是一个年级或年级段" if said else "没有写明年级",
            f"{said!r} is no grade and no band" if said else "no grade is given",
        )
        mend = Text("写一年级至九年级，或 1—3年级、4—6年级、7—9年级", "write a grade from 1 to 9, or G1-3, G4-6, G7-9")
        loaded.report("grade_unknown", what, mend, row=row, column="grade")
    return place


def _counts(loaded: Loaded, row: int, record: dict[Any, Any]) -> Iterator[tuple[int, float, float]]:
    """Go through what one row counts: position of the band, pupils, boarders (nan where unknown)."""
    found: list[tuple[int, float]] = []
    if "count" in loaded.labels and not pd.isna(count := record["count"]):
        place = told_grade(loaded, row, record)
        if place is None:
            return
        found.append((place if place < len(_BANDS) else (place - len(_BANDS)) // 3, float(count)))
    else:
        for name, band in _WIDE.items():
            if not pd.isna(value := record[name]):
                found.append((_BANDS.index(band), float(value)))
    if not found and not {(row, name) for name in ("count", *_WIDE)} & loaded.bad:
        what, mend = Text("没有人数", "no count is given"), Text("填写人数，没有的写 0", "fill it in, or write 0")
        loaded.report("count_missing", what, mend, row=row, column="count" if "count" in loaded.labels else "")
    yield from _with_boarders(loaded, row, record, found)


def _with_boarders(
    loaded: Loaded, row: int, record: dict[Any, Any], found: list[tuple[int, float]]
) -> Iterator[tuple[int, float, float]]:
    """Share the boarders of a row over its bands; grades 1 to 3 board only where the row has no others."""
    boarders = float("nan") if pd.isna(record["boarders"]) else float(record["boarders"])
    total = sum(pupils for _, pupils in found)
    older = sum(pupils for band, pupils in found if band > 0)
    if boarders > total:
        what = Text(
            f"寄宿生 {boarders:.0f} 人多于学生 {total:.0f} 人",
            f"{counted(boarders, 'boarder')} of {counted(total, 'pupil')}",
        )
        loaded.report("boarders_exceed", what, Text("核对两个数", "check both"), row=row, column="boarders")
    elif boarders > older:
        what = Text("一至三年级有寄宿生", "pupils of grades 1 to 3 board")
        mend = Text("核对；一至三年级不寄宿（国办发〔2018〕27号）", "check it: they should not (国办发〔2018〕27号)")
        loaded.report("young_boarders", what, mend, row=row, column="boarders", severity=Severity.WARNING)
    for band, pupils in found:
        mine = pupils if boarders > older else pupils * (band > 0)
        whole = total if boarders > older else older
        yield band, pupils, boarders * mine / whole if whole > 0 else boarders * 0.0


def _added_up(loaded: Loaded, rows: list[tuple[str, str, int, float, float]]) -> pd.DataFrame:
    """Add up the rows of one village, school and band; boarders stay unknown where any row leaves them out."""
    frame = pd.DataFrame(rows, columns=["village_id", "school_id", "band", "pupils", "boarders"])
    frame = frame[frame["pupils"] > 0]
    known = "boarders" in loaded.labels and frame["boarders"].notna().any()
    frame["boarders"] = frame["boarders"].fillna(0.0) if known else np.nan
    keys = ["village_id", "school_id", "band"]
    frame = frame.groupby(keys, sort=True)[["pupils", "boarders"]].sum(min_count=1).reset_index()
    return frame.assign(band=frame["band"].map(lambda k: _BANDS[int(k)].value)).astype({"band": "str"})


def _check_schools(loaded: Loaded, frame: pd.DataFrame, schools: gpd.GeoDataFrame) -> None:
    """Set the sums by school beside the school table, and find schools that cannot have such pupils."""
    there = frame.groupby("school_id")["pupils"].sum()
    for record in schools.to_dict("records"):
        code, name = str(record["school_id"]), str(record["name"])
        counted, stated = float(there.get(code, 0.0)), _stated(record)
        if abs(counted - stated) > max(_LEAST_GAP, _SHARE_GAP * stated) and (counted > 0 or stated > 0):
            what = Text(
                f"{name}（{code}）各村合计 {counted:.0f} 人，学校表在校生 {stated:.0f} 人",
                f"{name} ({code}): {counted:.0f} pupils by village, {stated:.0f} in the school table",
            )
            mend = Text("核对两处的口径和学年；县外学生不在各村之内", "check what both count, and of which year")
            loaded.report("enrolment_differs", what, mend, severity=Severity.WARNING)
    _check_grades(loaded, frame, schools)


def _check_grades(loaded: Loaded, frame: pd.DataFrame, schools: gpd.GeoDataFrame) -> None:
    taught = schools.set_index(schools["school_id"].astype(str))
    sums = frame.groupby(["school_id", "band"], sort=True)["pupils"].sum().reset_index()
    for code, word, pupils in sums.itertuples(index=False):
        record, band = taught.loc[code], GradeBand(word)
        low, high = record["grade_from"], record["grade_to"]
        stated = not pd.isna(low) and not pd.isna(high)
        outside = stated and not (low <= band.grades[0] and band.grades[-1] <= high)
        if not outside and str(record["status"]) == "active":
            continue
        why = Text("没有这些年级", "does not teach these grades") if outside else Text("不在办", "is not in operation")
        what = Text(
            f"{record['name']}（{code}）{why.zh}，却有{band.label_zh}学生 {pupils:.0f} 人",
            f"{record['name']} ({code}) {why.en}, yet has {pupils:.0f} pupils of {band}",
        )
        mend = Text("核对学校表或就读情况", "check the school table or the enrolment")
        loaded.report("school_unfit", what, mend, severity=Severity.WARNING)


def _stated(record: dict[Any, Any]) -> float:
    """Give a school's enrolment as the school table has it: the total, else the sum of the grades."""
    if not pd.isna(record.get("enrolment")) and float(record["enrolment"]) > 0:
        return float(record["enrolment"])
    grades = [record.get(f"enrol_g{g}") for g in GRADES]
    return float(sum(0 if pd.isna(n) else n for n in grades))


def _check_villages(loaded: Loaded, frame: pd.DataFrame, villages: pd.DataFrame) -> None:
    """Tell which villages have no row."""
    have = set(frame["village_id"])
    codes = villages["village_id"].astype(str)
    without = villages.loc[~codes.isin(have), "name"].astype(str).tolist()
    if without:
        shown = "、".join(without[:_NAMES_SHOWN]) + ("……" if len(without) > _NAMES_SHOWN else "")
        what = Text(f"{len(without)} 个村没有就读学生：{shown}", f"{len(without)} villages have no pupils: {shown}")
        mend = Text("确实没有的不必理会，漏报的补上", "leave it where that is true; add those that were left out")
        loaded.report("villages_absent", what, mend, severity=Severity.WARNING)

"""Grade by grade: units of one grade at one demand point, the seats of that grade, and back to bands.

Pupils of a band go to the same schools at the same cost in every grade; only the seats differ. So the pairs of a
band are repeated for its grades, each grade draws on the grade's own seats, and beds are shared by all grades of a
school. What was found is summed to bands again, and kept by grade for the classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.assign.options import BOARD, MODES, Options
from layout_planner.assign.resources import Resources
from layout_planner.columns import GRADE_ASSIGNMENT, GRADE_LOADS
from layout_planner.demand.by_grade import to_grades
from layout_planner.grades import GRADES, GradeBand

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["GradeUnits", "by_grade", "grade_assignment", "grade_loads", "grade_resources"]

_EACH = len(tuple(GradeBand.G1_3.grades))
_CRUMB = 1e-9


@dataclass(frozen=True, eq=False)
class GradeUnits:
    """The pupils of every grade as units of their own.

    ``pairs`` are their options; ``grade`` (v,) and ``unit`` (v,) say which grade of which band unit each is;
    ``entry`` (number of entries,) is the band's pair that each of the pairs repeats, of ``count`` pairs.
    """

    pairs: Options
    grade: NDArray[np.int64]
    unit: NDArray[np.int64]
    entry: NDArray[np.int64]
    count: int

    def fold(self, flow: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum pupils on the pairs of the grades to the pairs of the bands."""
        return np.asarray(np.bincount(self.entry, weights=flow, minlength=self.count), dtype=np.float64)


def by_grade(pairs: Options, demand: pd.DataFrame) -> GradeUnits:
    """Divide the units of the bands into their grades.

    Parameters
    ----------
    pairs : Options
        Units of bands.
    demand : DataFrame
        Demand points with pupils by grade; a third of the band each where they are not known.
    """
    grades = to_grades(demand).set_axis(demand["demand_id"].astype(str)).loc[pairs.demand_id.astype(str)].to_numpy()
    of_band = pairs.band[:, None] * _EACH + np.arange(_EACH)
    mix = np.take_along_axis(grades, of_band, axis=1)
    whole = mix.sum(axis=1, keepdims=True)
    share = np.where(whole > 0, mix / np.where(whole > 0, whole, 1.0), 1.0 / _EACH)
    pupils = (pairs.pupils[:, None] * share).ravel()
    kept = np.flatnonzero(pupils > 0)
    unit = kept // _EACH
    count = np.diff(pairs.indptr)[unit]
    indptr = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    entry = np.repeat(pairs.indptr[unit] - indptr[:-1], count) + np.arange(indptr[-1])
    units = {name: getattr(pairs, name)[unit] for name in ("demand_id", "band", "taught")}
    names = ("school", "tier", "mode", "minutes", "metres", "cost")
    columns = {name: getattr(pairs, name)[entry] for name in names}
    options = Options(pupils=pupils[kept], indptr=indptr, school_id=pairs.school_id, **units, **columns)
    return GradeUnits(options, of_band.ravel()[kept].astype(np.int64) + 1, unit, entry, len(pairs.school))


def grade_resources(units: GradeUnits, schools: gpd.GeoDataFrame, seats: pd.DataFrame) -> Resources:
    """Look up the seats of each grade, grade after grade, and the beds, which all grades of a school share.

    Parameters
    ----------
    units : GradeUnits
    schools : GeoDataFrame
        ``Plan.schools``, for the beds.
    seats : DataFrame
        Seats by school and grade (:func:`layout_planner.supply.by_grade.grade_seats`).
    """
    pairs = units.pairs
    m, ids = len(pairs.school_id), pairs.school_id.astype(str)
    beds = schools["beds"].set_axis(schools["school_id"].astype(str)).loc[ids].to_numpy(dtype=np.float64)
    rooms = seats.loc[ids, list(GRADES)].to_numpy(dtype=np.float64).T.ravel()
    school = pairs.school.astype(np.int64)
    seat = (units.grade[pairs.rows] - 1) * m + school
    bed = np.where(pairs.mode == BOARD, len(GRADES) * m + school, -1)
    return Resources(np.concatenate([rooms, beds]), seat, bed)


def grade_assignment(units: GradeUnits, flow: NDArray[np.float64]) -> pd.DataFrame:
    """Write pupils on the pairs of the grades as table ``grade_assignment``, those without a school last."""
    pairs = units.pairs
    used = np.flatnonzero(flow > np.minimum(_CRUMB, pairs.pupils[pairs.rows] / 2))
    short = pairs.pupils - np.bincount(pairs.rows[used], weights=flow[used], minlength=len(pairs.pupils))
    left = np.flatnonzero(short > np.minimum(_CRUMB * np.maximum(1.0, pairs.pupils), pairs.pupils / 2))
    unit = np.concatenate([pairs.rows[used], left])
    nobody = [""] * len(left)
    frame = pd.DataFrame({
        "demand_id": pairs.demand_id[unit],
        "band": pairs.bands[unit],
        "grade": units.grade[unit],
        "school_id": [*pairs.school_id[pairs.school[used]], *nobody],
        "mode": [*np.array(MODES, dtype=object)[pairs.mode[used]], *["none"] * len(left)],
        "pupils": np.concatenate([flow[used], short[left]]),
    }, columns=list(GRADE_ASSIGNMENT.names))  # fmt: skip
    placed = np.arange(len(frame)) >= len(used)
    order = np.lexsort((frame["school_id"].to_numpy(str), placed, frame["grade"], frame["demand_id"].to_numpy(str)))
    return frame.iloc[order].reset_index(drop=True)


def grade_loads(assignment: pd.DataFrame, schools: pd.DataFrame, seats: pd.DataFrame) -> pd.DataFrame:
    """Hold the pupils of every school and grade against its seats.

    Parameters
    ----------
    assignment : DataFrame
        Table ``grade_assignment``.
    schools : DataFrame
        ``Plan.schools``.
    seats : DataFrame
        Seats by school and grade.

    Returns
    -------
    DataFrame
        Table ``grade_loads``: open schools and the grades that they teach, then the grades with pupils who have no
        school.
    """
    opened = schools[schools["is_open"]].assign(school_id=lambda f: f["school_id"].astype(str)).sort_values("school_id")
    pupils = assignment.groupby(["school_id", "grade"])["pupils"].sum().to_dict()
    rows = []
    columns = (opened[name].tolist() for name in ("school_id", "name", "grade_from", "grade_to"))
    for code, name, low, high in zip(*columns, strict=True):
        for grade, room in zip(range(low, high + 1), seats.loc[code, list(range(low, high + 1))].tolist(), strict=True):
            load = float(pupils.get((code, grade), 0.0))
            share = load / room if room else np.nan
            rows.append((code, name, grade, room, load, share, max(0.0, load - room)))
    lost = [
        ("", "", grade, 0, pupils["", grade], np.nan, pupils["", grade]) for grade in GRADES if ("", grade) in pupils
    ]
    frame = pd.DataFrame([*rows, *lost], columns=list(GRADE_LOADS.names))
    frame["beyond"] = frame["beyond"].where(frame["beyond"] > _CRUMB, 0.0)
    return frame.astype({"grade": "int64", "seats": "int64", "pupils": "float64", "load": "float64"})

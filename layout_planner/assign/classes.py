"""Form classes: by school and grade, within the rooms, up to the class size that the rules allow.

Rules that are applied, in this order:

- A grade needs ``ceil(pupils / class limit)`` classes; the limit is 45 in primary schools, 50 in junior
  schools, 30 in teaching points and primary schools that end before grade 6 (GB 50099-2011 3.0.1).
- One class is formed for every grade with pupils; then, as long as a room is free, one more where the mean class
  is largest, until every grade has what it needs. A full school therefore has large classes, and its
  ``rooms_missing`` says by how much it is short.
- A teaching point with fewer rooms than grades teaches neighbouring grades together (复式): as many classes as
  rooms, split so that the largest is as small as can be. Its need is counted on those combined classes.
- Sizes are counted in whole persons. The expected pupils of a grade are rounded up and dealt out to its classes as
  evenly as can be: 45.2 pupils in one class count as 46, and 91 in two as one class of 46 and one of 45.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.columns import CLASS_RESULTS
from layout_planner.grades import GradeBand, Stage, Tier, grade_pupils_column
from layout_planner.supply.capacity import class_cap

if TYPE_CHECKING:
    import geopandas as gpd

    from layout_planner.config.scenario import Classes
    from layout_planner.plan import Plan

__all__ = ["CLASS_BANDS", "classes_of_size", "form_classes", "grade_pupils", "graded_rows", "plan_grades", "whole_size"]

CLASS_BANDS = {
    "classes_to_35": (0, 35),
    "classes_36_45": (36, 45),
    "classes_46_55": (46, 55),
    "classes_56_65": (56, 65),
    "classes_66_up": (66, 10**6),
}
"""Columns of the class-size bands with their first and last size. Source: class.bands, statistical form."""

_ROUNDING = 1e-6
_BAND_OF_GRADE = {grade: band for band in GradeBand for grade in band.grades}


def whole_size(mean: pd.Series) -> pd.Series:
    """Count the largest class of a grade in whole persons: the mean rounded up, crumbs below a millionth dropped.

    >>> whole_size(pd.Series([45.0, 45.2])).tolist()
    [45, 46]
    """
    return np.ceil(mean - _ROUNDING).astype("int64")


def classes_of_size(classes: pd.DataFrame, first: int | pd.Series, last: int | pd.Series = 10**6) -> pd.Series:
    """Count, in every row of table ``class_results``, the classes of ``first`` to ``last`` whole persons.

    Whole persons are dealt out evenly, so that the classes of a row differ by one pupil at most.

    >>> grade = pd.DataFrame({"classes": [2, 0], "class_size": [45.5, 45.5]})
    >>> classes_of_size(grade, 36, 45).tolist(), classes_of_size(grade, 46, 55).tolist()
    ([1, 0], [1, 0])
    """
    count = classes["classes"].astype("int64")
    persons = np.ceil(classes["class_size"] * count - _ROUNDING).astype("int64")
    less = persons // count.where(count > 0, 1)
    larger = (persons - less * count).where((less + 1 >= first) & (less + 1 <= last), 0)
    others = (count - (persons - less * count)).where((less >= first) & (less <= last), 0)
    return larger + others


def grade_pupils(assignment: pd.DataFrame, demand: pd.DataFrame | None = None) -> pd.DataFrame:
    """Spread the pupils of each band over its three grades.

    Parameters
    ----------
    assignment : DataFrame
        Table ``assignment``.
    demand : DataFrame, optional
        Demand points with pupils by grade: every point's pupils of a band keep the point's mix of grades. Without
        it, or where a point has none in the band, a third goes to each grade.

    Returns
    -------
    DataFrame
        ``school_id``, ``grade``, ``pupils`` of every school with pupils in the band, sorted; each school's grades
        add up to its band.
    """
    seated = assignment[assignment["school_id"] != ""]
    if seated.empty:
        return pd.DataFrame({"school_id": pd.Series(dtype=object), "grade": [], "pupils": []})
    return _spread(seated, demand).groupby(["school_id", "grade"], sort=True)["pupils"].sum().reset_index()


def _spread(rows: pd.DataFrame, demand: pd.DataFrame | None) -> pd.DataFrame:
    """Give every row of an assignment once for each grade of its band, with the grade's pupils."""
    parts = [
        mine.reindex(columns=["demand_id", "school_id"]).assign(
            grade=grade,
            pupils=mine["pupils"] * (1 / 3 if demand is None else _grade_share(mine["demand_id"], demand, grade)),
        )
        for grade, band in _BAND_OF_GRADE.items()
        for mine in (rows[rows["band"] == band.value],)
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def graded_rows(plan: Plan) -> pd.DataFrame:
    """List ``demand_id``, ``school_id`` ("" for none), ``grade`` and ``pupils`` of a plan; by grade assigned, if so."""
    if plan.grades is None:
        return _spread(plan.assignment, plan.county.demand)
    return plan.grades[["demand_id", "school_id", "grade", "pupils"]].reset_index(drop=True)


def plan_grades(plan: Plan) -> pd.DataFrame:
    """Count the pupils of a plan by school and grade, as :func:`grade_pupils`; by grade assigned, where it was."""
    if plan.grades is None:
        return grade_pupils(plan.assignment, plan.county.demand)
    seated = plan.grades[plan.grades["school_id"] != ""]
    return seated.groupby(["school_id", "grade"], sort=True)["pupils"].sum().reset_index()


def _grade_share(demand_id: pd.Series, demand: pd.DataFrame, grade: int) -> pd.Series:
    """Divide each point's pupils of a grade by those of its band."""
    grades = [grade_pupils_column(g) for g in _BAND_OF_GRADE[grade].grades]
    if not set(grades) <= set(demand.columns):
        return pd.Series(1 / 3, index=demand_id.index)
    whole = demand[grades].sum(axis=1)
    share = demand[grade_pupils_column(grade)] / whole.where(whole > 0)
    return demand_id.map(share.fillna(1 / 3).set_axis(demand["demand_id"].astype(str)))


def form_classes(schools: gpd.GeoDataFrame, pupils: pd.DataFrame, limits: Classes) -> pd.DataFrame:
    """Form the classes of every school.

    Parameters
    ----------
    schools : GeoDataFrame
        ``Plan.schools``: ``school_id``, ``name``, ``tier``, ``grade_to``, ``rooms``.
    pupils : DataFrame
        ``school_id``, ``grade``, ``pupils`` (see :func:`grade_pupils`, or an office's own figures).
    limits : Classes
        Pupils a class may hold.

    Returns
    -------
    DataFrame
        Table ``class_results``, one row a school and grade with pupils. Where grades are taught together their
        classes stand in the row of the first grade, ``combined`` names the grades in each of the rows, and
        ``class_size`` (persons a class, mean) is that of the combined class.
    """
    known = schools.set_index(schools["school_id"].astype(str))
    rows: list[tuple[object, ...]] = []
    for school_id, group in pupils[pupils["pupils"] > _ROUNDING].groupby("school_id", sort=True):
        school = known.loc[str(school_id)]
        tier, grade_to = Tier(school["tier"]), int(school["grade_to"])
        grades = group.sort_values("grade")
        units = _units(grades["grade"].astype(int).tolist(), grades["pupils"].tolist(), tier, int(school["rooms"]))
        caps = [class_cap(_stage(unit[0][0]), tier, grade_to, limits) for unit in units]
        sizes = [sum(n for _, n in unit) for unit in units]
        needed = [int(np.ceil(size / cap - _ROUNDING)) for size, cap in zip(sizes, caps, strict=True)]
        formed = _fill(sizes, needed, int(school["rooms"]))
        for unit, size, need, count, cap in zip(units, sizes, needed, formed, caps, strict=True):
            combined = "+".join(str(grade) for grade, _ in unit) if len(unit) > 1 else ""
            for k, (grade, n) in enumerate(unit):
                first = k == 0
                rows.append(
                    (school_id, school["name"], grade, n, count * first, need * first, size / count, cap, combined)
                )
    frame = pd.DataFrame(rows, columns=list(CLASS_RESULTS.names))
    whole = ["grade", "classes", "classes_needed", "class_limit"]
    return frame.astype(dict.fromkeys(whole, "int64") | dict.fromkeys(["pupils", "class_size"], "float64"))


_Unit = list[tuple[int, float]]


def _stage(grade: int) -> Stage:
    return Stage.PRIMARY if grade in Stage.PRIMARY.grades else Stage.JUNIOR


def _units(grades: list[int], pupils: list[float], tier: Tier, rooms: int) -> list[_Unit]:
    """Group the grades into what is taught together: one grade each, except in a short teaching point."""
    pairs = list(zip(grades, pupils, strict=True))
    if tier is not Tier.TEACHING_POINT or rooms >= len(pairs):
        return [[pair] for pair in pairs]
    groups = max(1, rooms)
    splits = (
        [pairs[a:b] for a, b in zip((0, *cuts), (*cuts, len(pairs)), strict=True)]
        for cuts in combinations(range(1, len(pairs)), groups - 1)
    )
    return min(splits, key=lambda split: max(sum(n for _, n in group) for group in split))


def _fill(sizes: list[float], needed: list[int], rooms: int) -> list[int]:
    """Give each unit one class, then the free rooms to the largest classes that need another."""
    formed = [1] * len(sizes)
    for _ in range(rooms - len(sizes)):
        short = [k for k in range(len(sizes)) if formed[k] < needed[k]]
        if not short:
            break
        formed[max(short, key=lambda k: (sizes[k] / formed[k], -k))] += 1
    return formed

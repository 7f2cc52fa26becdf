"""From single years of age to grades: who is taught which grade in a school year, after the 1 September rule."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout_planner.demand.ages import AgeSplit, split_ages
from layout_planner.grades import GRADES, grade_pupils_column

__all__ = ["ENTRY_AGE", "cohort_ages", "cohort_shares", "pupils_by_grade"]

Floats = npt.NDArray[np.float64]

ENTRY_AGE = 6
"""Completed years on 1 September with which a child enters grade 1. Source: 义务教育法 第十一条."""
_FIRST_OF_SEPTEMBER = 8 / 12
_ROUNDING = 1e-9


def cohort_ages(reference_date: date | None = None, school_year: int | None = None) -> range:
    """Tell which completed ages, at the reference date, hold the pupils of the nine grades.

    Parameters
    ----------
    reference_date : date, optional
        When the people were counted; 1 September of the school year by default.
    school_year : int, optional
        Year in which the school year begins.

    Returns
    -------
    range
        Ages in years; may begin below 0 where some of the pupils are not born yet.

    Examples
    --------
    >>> cohort_ages(), cohort_ages(date(2020, 11, 1), 2025)
    (range(6, 15), range(1, 11))
    """
    ahead = _years_ahead(reference_date, school_year)
    first = int(np.floor(ENTRY_AGE - ahead + _ROUNDING))
    return range(first, int(np.ceil(ENTRY_AGE + len(GRADES) - ahead - _ROUNDING)))


def cohort_shares(
    ages: Sequence[int],
    reference_date: date | None = None,
    school_year: int | None = None,
    births_by_month: Sequence[float] | None = None,
) -> Floats:
    """Tell what part of each single year of age is taught each grade.

    Grade g is taught to those who have completed g + 5 years on 1 September of the school year. People counted at
    another date are followed to that day by their dates of birth; deaths and moves in between are not modelled.

    Parameters
    ----------
    ages : sequence of int, length n
        Completed years at the reference date.
    reference_date, school_year
        See :func:`cohort_ages`.
    births_by_month : sequence of float, length 12, optional
        Births or shares of births, January first; even over the year by default. Months count as twelfths of a
        year, and births are even within a month.

    Returns
    -------
    array of float, shape (9, n)
        Shares; where all their ages are given, those of every grade sum to 1.

    Examples
    --------
    Counted on 1 March 2025, half of the six-year-olds are in grade 1 of that autumn, half are in grade 2.

    >>> cohort_shares([5, 6], date(2025, 3, 1), 2025)[:2].round(9)
    array([[0.5, 0.5],
           [0. , 0.5]])
    """
    months = np.ones(12) if births_by_month is None else np.asarray(births_by_month, dtype=np.float64)
    knots = np.concatenate([[0.0], np.cumsum(months)]) / months.sum()

    def born_by(years: Floats) -> Floats:
        """Count birth years' worth of births before a moment; each calendar year has the same births."""
        whole = np.floor(years)
        inside: Floats = np.interp(12 * (years - whole), np.arange(13), knots)
        return whole + inside

    ahead = _years_ahead(reference_date, school_year)
    counted = _FIRST_OF_SEPTEMBER if reference_date is None else _position(reference_date)
    starts = counted + ahead
    age = np.asarray(ages, dtype=np.float64)[None, :]
    entered = np.asarray(GRADES, dtype=np.float64)[:, None] + ENTRY_AGE - 1
    first = np.maximum(counted - age - 1, starts - entered - 1)
    last = np.minimum(counted - age, starts - entered)
    shares: Floats = np.where(last - first > _ROUNDING, born_by(last) - born_by(first), 0.0)
    return shares


def pupils_by_grade(
    people: pd.DataFrame,
    columns: Sequence[str],
    edges: Sequence[int],
    shares: Floats | None = None,
    method: AgeSplit = "sprague",
) -> pd.DataFrame:
    """Turn people by age band into children of each grade.

    How a band divides into single years is learnt from the sum over all places, since single cells are too thin to
    smooth; every place's own band totals stay.

    Parameters
    ----------
    people : DataFrame
        One row a place; persons.
    columns, edges : sequences
        See :func:`layout_planner.demand.ages.age_columns`.
    shares : array of float, shape (9, edges[-1] - edges[0]), optional
        See :func:`cohort_shares`; ages as on 1 September by default.
    method : {"sprague", "monotone"}
        See :func:`layout_planner.demand.ages.split_ages`.

    Returns
    -------
    DataFrame
        Columns ``pupils_grade_1`` to ``pupils_grade_9`` (children, float) on the caller's index.
    """
    values = people[list(columns)].to_numpy(dtype=np.float64)
    totals = values.sum(axis=0, keepdims=True)
    single = split_ages(totals, edges, method)[0]
    taught = cohort_shares(range(edges[0], edges[-1])) if shares is None else shares
    weight = np.zeros((len(columns), len(GRADES)))
    for i, (low, high) in enumerate(pairwise(edges)):
        ages = slice(low - edges[0], high - edges[0])
        mix = single[ages] / totals[0, i] if totals[0, i] > 0 else np.full(high - low, 1 / (high - low))
        weight[i] = taught[:, ages] @ mix
    return pd.DataFrame(values @ weight, index=people.index, columns=[grade_pupils_column(g) for g in GRADES])


def _position(day: date) -> float:
    """Place a day in its year: months are twelfths, days are parts of their month."""
    return (day.month - 1 + (day.day - 1) / monthrange(day.year, day.month)[1]) / 12


def _years_ahead(reference_date: date | None, school_year: int | None) -> float:
    """Count the years from the reference date to 1 September of the school year."""
    if reference_date is None or school_year is None:
        return 0.0
    return school_year - reference_date.year + _FIRST_OF_SEPTEMBER - _position(reference_date)

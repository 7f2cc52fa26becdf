"""Pupils by single grade and the bands that they add up to, in frames with one row a place."""

from __future__ import annotations

import pandas as pd

from layout_planner.grades import GRADE_PUPILS, GradeBand, grade_pupils_column

__all__ = ["band_sums", "fit_grades", "grade_columns", "to_grades"]


def grade_columns(band: GradeBand) -> list[str]:
    """Name the three grade columns of a band.

    >>> grade_columns(GradeBand.G4_6)
    ['pupils_grade_4', 'pupils_grade_5', 'pupils_grade_6']
    """
    return [grade_pupils_column(grade) for grade in band.grades]


def to_grades(pupils: pd.DataFrame) -> pd.DataFrame:
    """Give pupils by grade: as they stand, or a third of the band each where only bands are known.

    Parameters
    ----------
    pupils : DataFrame
        Persons, float: the nine columns ``pupils_grade_1`` to ``pupils_grade_9``, or the three ``pupils_g1_3``,
        ``pupils_g4_6`` and ``pupils_g7_9``.

    Returns
    -------
    DataFrame
        The nine grade columns on the caller's index.
    """
    if set(GRADE_PUPILS) <= set(pupils.columns):
        return pupils[list(GRADE_PUPILS)].astype("float64")
    thirds = {
        column: pupils[band.pupils_column].astype("float64") / len(band.grades)
        for band in GradeBand
        for column in grade_columns(band)
    }
    return pd.DataFrame(thirds, index=pupils.index)


def band_sums(grades: pd.DataFrame) -> pd.DataFrame:
    """Add the grades up to bands: columns ``pupils_g1_3``, ``pupils_g4_6`` and ``pupils_g7_9``."""
    return pd.DataFrame(
        {band.pupils_column: grades[grade_columns(band)].sum(axis=1) for band in GradeBand}, index=grades.index
    )


def fit_grades(points: pd.DataFrame) -> pd.DataFrame:
    """Scale each row's grades to its bands, keeping their mix; thirds where a band had no pupil in any grade."""
    out = points.copy()
    for band in GradeBand:
        names = grade_columns(band)
        share = out[names].div(out[names].sum(axis=1).replace(0.0, float("nan")), axis=0).fillna(1 / len(names))
        out[names] = share.mul(out[band.pupils_column], axis=0)
    return out

"""From five-year age bands to single years of age."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.interpolate import PchipInterpolator

__all__ = [
    "AgeSplit",
    "age_columns",
    "ages_of",
    "split_ages",
    "sprague",
    "sprague_matrix",
]

Floats = npt.NDArray[np.float64]

AgeSplit = Literal["sprague", "monotone"]
_OLDEST_BAND = 35

# Shares of the first, second and any middle five-year group in its single years; the last two groups mirror the
# first two. Rows are single years, columns the five groups that stand nearest.
_FIRST = (
    (0.3616, -0.2768, 0.1488, -0.0336, 0.0),
    (0.2640, -0.0960, 0.0400, -0.0080, 0.0),
    (0.1840, 0.0400, -0.0320, 0.0080, 0.0),
    (0.1200, 0.1360, -0.0720, 0.0160, 0.0),
    (0.0704, 0.1968, -0.0848, 0.0176, 0.0),
)
_SECOND = (
    (0.0336, 0.2272, -0.0752, 0.0144, 0.0),
    (0.0080, 0.2320, -0.0480, 0.0080, 0.0),
    (-0.0080, 0.2160, -0.0080, 0.0000, 0.0),
    (-0.0160, 0.1840, 0.0400, -0.0080, 0.0),
    (-0.0176, 0.1408, 0.0912, -0.0144, 0.0),
)
_MIDDLE = (
    (-0.0128, 0.0848, 0.1504, -0.0240, 0.0016),
    (-0.0016, 0.0144, 0.2224, -0.0416, 0.0064),
    (0.0064, -0.0336, 0.2544, -0.0336, 0.0064),
    (0.0064, -0.0416, 0.2224, 0.0144, -0.0016),
    (0.0016, -0.0240, 0.1504, 0.0848, -0.0128),
)


def sprague_matrix(groups: int) -> Floats:
    """Build the Sprague multipliers for consecutive five-year groups.

    Parameters
    ----------
    groups : int
        Number of groups, at least 4.

    Returns
    -------
    array of float, shape (5 * groups, groups)
        Times the groups gives single years; the columns of each group's five rows sum to the identity, so that
        every group keeps its total.

    Raises
    ------
    ValueError
        If there are fewer than 4 groups.

    Source: Sprague 1880; table in Shryock, Siegel and associates, The Methods and Materials of Demography (1973),
    appendix C.
    """
    if groups < 4:
        msg = f"Sprague's multipliers need 4 five-year groups, got {groups}"
        raise ValueError(msg)
    first, second, middle = np.array(_FIRST), np.array(_SECOND), np.array(_MIDDLE)
    padded = np.zeros((5 * groups, groups + 1))
    padded[0:5, 0:5] = first
    padded[5:10, 0:5] = second
    for group in range(2, groups - 2):
        padded[5 * group : 5 * group + 5, group - 2 : group + 3] = middle
    matrix = padded[:, :groups]
    matrix[-10:-5, groups - 4 :] = second[::-1, 3::-1]
    matrix[-5:, groups - 4 :] = first[::-1, 3::-1]
    return matrix


def sprague(bands: npt.ArrayLike) -> Floats:
    """Split consecutive five-year groups into single years by Sprague's multipliers.

    Parameters
    ----------
    bands : array_like, shape (places, groups)
        Persons; at least 4 groups.

    Returns
    -------
    array of float, shape (places, 5 * groups)
        Persons; may be negative where neighbouring groups differ much (see :func:`split_ages`).
    """
    return np.asarray(bands, dtype=np.float64) @ sprague_matrix(np.asarray(bands).shape[1]).T


def split_ages(bands: npt.ArrayLike, edges: Sequence[int], method: AgeSplit = "sprague") -> Floats:
    """Split consecutive age bands into single years, never negative and with every band's total kept.

    Parameters
    ----------
    bands : array_like, shape (places, n)
        Persons, not negative.
    edges : sequence of int, length n + 1
        Ages at which the bands begin, and the age at which the last one ends.
    method : {"sprague", "monotone"}
        Sprague's multipliers where the bands make up four or more five-year groups (0 and 1–4 count as 0–4) and
        the result is not negative. Otherwise, and wherever ``monotone`` is asked for, the monotone cubic through
        the cumulated numbers (Fritsch and Carlson 1980); an even split where there is one band only.

    Returns
    -------
    array of float, shape (places, edges[-1] - edges[0])
        Persons by single year of age from ``edges[0]``.
    """
    values = np.asarray(bands, dtype=np.float64)
    widths = np.diff(np.asarray(edges))
    single = _monotone(values, np.asarray(edges, dtype=np.float64))
    groups = _five_year_starts(edges)
    if method == "sprague" and len(groups) >= 4:
        smooth = sprague(np.add.reduceat(values, groups, axis=1))
        fine = (smooth >= 0).all(axis=1)
        single[fine] = smooth[fine]
    return _keep_totals(single, values, widths)


def _five_year_starts(edges: Sequence[int]) -> list[int]:
    """Find the bands that begin five-year groups; none where the bands do not make up such groups.

    >>> _five_year_starts([0, 1, 5, 10]), _five_year_starts([0, 4, 9])
    ([0, 2], [])
    """
    wanted = range(edges[0], edges[-1] + 1, 5)
    if not set(wanted) <= set(edges) or wanted[-1] != edges[-1]:
        return []
    return [list(edges).index(age) for age in wanted[:-1]]


def _monotone(values: Floats, edges: Floats) -> Floats:
    ages = np.arange(edges[0], edges[-1] + 1)
    cumulated = np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)
    if values.shape[1] == 1 or len(values) == 0:
        inner = np.array([np.interp(ages, edges, row) for row in cumulated]).reshape(len(values), len(ages))
    else:
        inner = PchipInterpolator(edges, cumulated, axis=1)(ages)
    return np.maximum(np.diff(inner, axis=1), 0.0)


def _keep_totals(single: Floats, values: Floats, widths: npt.NDArray[np.int64]) -> Floats:
    """Scale the single years of each band to its total, to the last bit that arithmetic gives."""
    starts = np.concatenate([[0], np.cumsum(widths)[:-1]])
    sums = np.add.reduceat(single, starts, axis=1)
    factor = np.divide(values, sums, out=np.zeros_like(values), where=sums > 0)
    return single * np.repeat(factor, widths, axis=1)


def ages_of(column: str) -> tuple[int, int] | None:
    """Read the ages of a column ``people_<from>_<to>``; ``None`` for other columns.

    >>> ages_of("people_5_9"), ages_of("people")
    ((5, 9), None)
    """
    parts = column.split("_")
    return (int(parts[1]), int(parts[2])) if len(parts) == 3 and parts[0] == "people" else None


def age_columns(columns: Sequence[str], ages: range = range(6, 15)) -> tuple[list[str], list[int]]:
    """Choose the longest run of consecutive age bands that holds the wanted ages, by default those of grades 1 to 9.

    Returns
    -------
    columns : list of str
        In the order of age; empty where the ages are not covered.
    edges : list of int
        Ages at which they begin, and the end of the last.
    """
    bands = sorted((found, name) for name in columns if (found := ages_of(name)) and found[1] < _OLDEST_BAND)
    run: list[tuple[tuple[int, int], str]] = []
    for (low, high), name in bands:
        if run and low != run[-1][0][1] + 1:
            if run[0][0][0] <= ages[0] and run[-1][0][1] >= ages[-1]:
                break
            run = []
        run.append(((low, high), name))
    if not run or run[0][0][0] > ages[0] or run[-1][0][1] < ages[-1]:
        return [], []
    return [name for _, name in run], [*(found[0] for found, _ in run), run[-1][0][1] + 1]

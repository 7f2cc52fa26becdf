"""How evenly something is shared among pupils: Lorenz curve, Gini and Theil, between and within townships.

Pure functions; every value counts with its weight, the pupils. Values are minutes, seats a pupil, yuan a pupil ….
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["Theil", "gini", "lorenz", "theil", "theil_parts"]

_Floats = npt.NDArray[np.float64]


def _known(values: pd.Series | npt.ArrayLike, weights: pd.Series | npt.ArrayLike) -> tuple[_Floats, _Floats]:
    """Take the values with weight, as floats.

    Raises
    ------
    ValueError
        If lengths differ, a weight is negative or missing, or a value with weight is negative or missing.
    """
    x, w = np.asarray(values, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if x.shape != w.shape or x.ndim != 1:
        msg = f"values {x.shape} and weights {w.shape} must be as many"
        raise ValueError(msg)
    if not (np.isfinite(w) & (w >= 0)).all():
        msg = "weights must be numbers of 0 or more"
        raise ValueError(msg)
    x, w = x[w > 0], w[w > 0]
    if not (np.isfinite(x) & (x >= 0)).all():
        msg = "values with weight must be numbers of 0 or more"
        raise ValueError(msg)
    return x, w


def lorenz(values: pd.Series | npt.ArrayLike, weights: pd.Series | npt.ArrayLike) -> pd.DataFrame:
    """Draw the Lorenz curve: which share of the whole goes to the share of pupils with the least.

    Parameters
    ----------
    values : Series or array (n,)
        What a pupil has or bears, ≥ 0.
    weights : Series or array (n,)
        Pupils (persons); values without pupils do not count.

    Returns
    -------
    DataFrame
        ``pupils_share`` and ``value_share``, from (0, 0) to (1, 1), values ascending; without rows where the whole
        is nought.

    Source: Lorenz (1905), Publications of the American Statistical Association 9:209-219.

    Examples
    --------
    >>> lorenz([10.0, 30.0], [30, 10]).values.tolist()
    [[0.0, 0.0], [0.75, 0.5], [1.0, 1.0]]
    """
    x, w = _known(values, weights)
    order = np.argsort(x, kind="stable")
    people, amount = np.cumsum(w[order]), np.cumsum((x * w)[order])
    if not len(x) or not amount[-1] > 0:
        return pd.DataFrame({"pupils_share": [], "value_share": []}, dtype="float64")
    return pd.DataFrame({
        "pupils_share": np.concatenate([[0.0], people / people[-1]]),
        "value_share": np.concatenate([[0.0], amount / amount[-1]]),
    })  # fmt: skip


def gini(values: pd.Series | npt.ArrayLike, weights: pd.Series | npt.ArrayLike) -> float:
    """Compute the population-weighted Gini coefficient: twice the area between the diagonal and the Lorenz curve.

    G = 1 − Σₖ (pₖ − pₖ₋₁)·(Lₖ + Lₖ₋₁) over the curve's points; 0 where all have the same, towards 1 where one has all.

    Parameters
    ----------
    values : Series or array (n,)
        What a pupil has or bears, ≥ 0.
    weights : Series or array (n,)
        Pupils (persons).

    Returns
    -------
    float
        0 ≤ G < 1; missing where nobody counts or the whole is nought.

    Source: Gini (1912); RULES C1, 空间不公平.

    Examples
    --------
    >>> gini([10.0, 30.0], [30, 10])
    0.25
    """
    curve = lorenz(values, weights)
    if curve.empty:
        return float("nan")
    people, amount = curve["pupils_share"].to_numpy(), curve["value_share"].to_numpy()
    return max(0.0, float(1.0 - np.diff(people) @ (amount[1:] + amount[:-1])))


def _theil(x: _Floats, w: _Floats) -> float:
    mean = float(x @ w / w.sum()) if len(x) else 0.0
    if not mean > 0:
        return float("nan")
    ratio = x / mean
    parts = np.multiply(ratio, np.log(ratio, out=np.zeros_like(ratio), where=ratio > 0))
    return max(0.0, float(parts @ w / w.sum()))


def theil(values: pd.Series | npt.ArrayLike, weights: pd.Series | npt.ArrayLike) -> float:
    """Compute Theil's index: T = Σ (wᵢ/W)·(xᵢ/μ)·ln(xᵢ/μ), where μ is the weighted mean.

    Parameters are those of :func:`gini`.

    Returns
    -------
    float
        0 where all have the same, ln(W/w) where only those of weight w have anything; missing where nobody counts or
        the whole is nought.

    Source: Theil (1967), Economics and Information Theory.

    Examples
    --------
    >>> round(theil([0.0, 20.0], [10, 10]), 4), round(float(np.log(2)), 4)
    (0.6931, 0.6931)
    """
    return _theil(*_known(values, weights))


class Theil(NamedTuple):
    """Theil's index and its two parts: ``total`` = ``between`` + ``within``; ``groups`` says what each adds."""

    total: float
    between: float
    within: float
    groups: pd.DataFrame


def theil_parts(values: pd.Series, weights: pd.Series, groups: pd.Series) -> Theil:
    """Split Theil's index into what lies between groups and what lies within them.

    T = Σ_g s_g·ln(x̄_g/μ) + Σ_g s_g·T_g, where s_g is the group's share of the whole.

    Parameters
    ----------
    values, weights : Series (n,)
        As for :func:`gini`.
    groups : Series (n,)
        Group of every value, such as its township.

    Returns
    -------
    Theil
        With ``groups``, sorted by group: ``weight``, ``mean``, ``share`` of the whole, ``theil`` within the group,
        ``between`` and ``within`` (what it adds to either part). Missing where the whole is nought.

    Source: Theil (1967); Bourguignon (1979), Econometrica 47:901-920.

    Examples
    --------
    >>> parts = theil_parts(pd.Series([10.0, 10.0, 20.0, 40.0]), pd.Series([1, 1, 1, 1]), pd.Series(list("aabb")))
    >>> [round(part, 4) for part in parts[:3]]
    [0.1733, 0.1308, 0.0425]
    """
    x, w = _known(values, weights)
    keys = np.asarray(groups, dtype=object)[np.asarray(weights, dtype=np.float64) > 0]
    names, at = np.unique(keys.astype(str), return_inverse=True)
    weight = np.bincount(at, weights=w, minlength=len(names))
    amount = np.bincount(at, weights=w * x, minlength=len(names))
    each = np.array([_theil(x[at == g], w[at == g]) for g in range(len(names))], dtype=np.float64)
    table = pd.DataFrame({"weight": weight, "mean": amount / weight}, index=pd.Index(names, name="group"))
    total = _theil(x, w)
    if np.isnan(total):
        blank = float("nan")
        return Theil(blank, blank, blank, table.assign(share=blank, theil=blank, between=blank, within=blank))
    table["share"] = amount / amount.sum()
    table["theil"] = each
    ratio = table["mean"].to_numpy() / (amount.sum() / w.sum())
    table["between"] = table["share"] * np.log(ratio, out=np.zeros_like(ratio), where=ratio > 0)
    table["within"] = table["share"] * table["theil"].fillna(0.0)
    return Theil(total, float(table["between"].sum()), float(table["within"].sum()), table)

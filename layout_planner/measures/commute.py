"""The way to school, measured: weighted means, quantiles and shares, on the caller's groups.

Pure functions. ``by`` is one key Series or a list of them, aligned with the values; the result is a named
Series on the sorted keys. Weights are pupils; rows without weight are ignored.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

if TYPE_CHECKING:
    Keys: TypeAlias = "pd.Series | Sequence[pd.Series]"

__all__ = [
    "DAY_MODES",
    "at_nearest",
    "beyond",
    "coverage_by_way",
    "day_trips",
    "excess_commute",
    "excess_share",
    "in_zone",
    "share",
    "trip_statistics",
    "weighted_max",
    "weighted_mean",
    "weighted_quantile",
]

DAY_MODES = ("walk", "ride")
"""Modes that are travelled every school day; a boarder's weekly trip is measured apart."""

_ROUNDING = 1e-12


def _keys(by: Keys) -> list[pd.Series]:
    return [by] if isinstance(by, pd.Series) else list(by)


def weighted_mean(values: pd.Series, weights: pd.Series, by: Keys) -> pd.Series:
    """Average values by group: Σ w·x / Σ w over the rows whose value is known; missing where no row counts."""
    keys = _keys(by)
    kept = (weights > 0) & values.notna()
    total = weights.where(kept, 0.0).groupby(keys, sort=True).sum()
    mean = (values * weights).where(kept, 0.0).groupby(keys, sort=True).sum() / total.where(total > 0)
    return mean.rename(f"{values.name}_mean")


def weighted_quantile(values: pd.Series, weights: pd.Series, by: Keys, q: float) -> pd.Series:
    """Find the weighted quantile by group: the least observed value that at least a share ``q`` does not exceed.

    With values sorted, it is the first whose running weight reaches ``q × total weight`` (the inverse of the
    weighted distribution function, type 1 of Hyndman & Fan 1996): "P90 = 32 minutes" says that at least 90 % of
    the pupils travel 32 minutes or less, and somebody travels exactly that.

    Raises
    ------
    ValueError
        If ``q`` does not lie in (0, 1].
    """
    return _quantiles(values, weights, by, (q,))[0]


def _quantiles(values: pd.Series, weights: pd.Series, by: Keys, shares: Sequence[float]) -> list[pd.Series]:
    """Find several weighted quantiles of values that are sorted once."""
    for q in shares:
        if not 0.0 < q <= 1.0:
            msg = f"q = {q} must lie in (0, 1]"
            raise ValueError(msg)
    keys = _keys(by)
    kept = (weights > 0) & values.notna()
    frame = pd.concat([key.rename(f"key{i}") for i, key in enumerate(keys)], axis=1)[kept]
    names = list(frame.columns)
    frame = frame.assign(value=values[kept], weight=weights[kept]).sort_values([*names, "value"], kind="stable")
    grouped = frame.groupby(names, sort=True)["weight"]
    running, total = grouped.cumsum(), grouped.transform("sum")
    found = []
    for q in shares:
        least = frame[running >= q * total * (1.0 - _ROUNDING)].groupby(names, sort=True)["value"].first()
        least.index = least.index.set_names([key.name for key in keys])
        label = "median" if q == 0.5 else f"p{round(q * 100):d}"
        found.append(least.rename(f"{values.name}_{label}"))
    return found


def weighted_max(values: pd.Series, weights: pd.Series, by: Keys) -> pd.Series:
    """Find the largest value with weight by group."""
    return values.where(weights > 0).groupby(_keys(by), sort=True).max().rename(f"{values.name}_max")


def share(met: pd.Series, weights: pd.Series, by: Keys) -> pd.Series:
    """Tell which share of the weight meets a condition, by group: Σ w·1[met] / Σ w. Source: RULES C1, 达标率."""
    keys = _keys(by)
    total = weights.groupby(keys, sort=True).sum()
    good = weights.where(met.astype(bool), 0.0).groupby(keys, sort=True).sum()
    return (good / total.where(total > 0)).rename(f"{met.name}_share")


def trip_statistics(trips: pd.DataFrame, by: Keys) -> pd.DataFrame:
    """Measure minutes and metres by group: mean, median, P90, P95 and maximum of each.

    ``trips`` has ``minutes``, ``metres`` and ``pupils``; the columns are named as in table ``commute``.
    """
    columns = []
    for quantity in ("minutes", "metres"):
        values, weights = trips[quantity], trips["pupils"]
        columns += [
            weighted_mean(values, weights, by),
            *_quantiles(values, weights, by, (0.5, 0.9, 0.95)),
            weighted_max(values, weights, by),
        ]
    return pd.concat(columns, axis=1)


def day_trips(assignment: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows of pupils who travel every day."""
    return assignment[assignment["mode"].isin(DAY_MODES)]


def at_nearest(assignment: pd.DataFrame) -> pd.Series:
    """Mark the rows whose school is the nearest open one that teaches the grade (an indicator, not a legality test)."""
    met = (assignment["school_id"] == assignment["nearest_school_id"]) & (assignment["school_id"] != "")
    return met.rename("nearest")


def beyond(assignment: pd.DataFrame, minutes: float) -> pd.Series:
    """Count the day pupils of every row who travel longer than ``minutes`` one way."""
    far = assignment["mode"].isin(DAY_MODES) & (assignment["minutes"] > minutes + 1e-6)
    return pd.Series(np.where(far, assignment["pupils"], 0.0), index=assignment.index, name="pupils_beyond")


def excess_commute(actual: pd.Series, least: pd.Series, pupils: pd.Series) -> float:
    """Tell which share of the way to school is not needed (过度通学率): (Σ P·actual − Σ P·least) ÷ Σ P·actual.

    Parameters
    ----------
    actual, least : Series (n,)
        Minutes or metres as they are, and the least that they could be: to the nearest school, or, by place, what
        the best assignment under seats asks for (:func:`layout_planner.measures.excess_over_optimum`).
    pupils : Series (n,)
        Pupils (persons); rows of which either way is missing do not count.

    Returns
    -------
    float
        0 where nobody could travel less; negative where ``least`` keeps to limits that ``actual`` does not; missing
        where nobody travels.

    Source: RULES C1; 南京, 20.07 % (330.8 km) [V2]. White (1988), Land Economics 64:159-170, for the idea.

    Examples
    --------
    >>> excess_commute(pd.Series([20.0, 10.0]), pd.Series([10.0, 10.0]), pd.Series([30, 40]))
    0.3
    """
    known = actual.notna() & least.notna() & (pupils > 0)
    return float(excess_share((actual * pupils)[known].sum(), (least * pupils)[known].sum()))


def excess_share(actual: npt.ArrayLike, least: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Give the excess commute of totals of the way, as it is and at the least: (actual − least) ÷ actual.

    Parameters
    ----------
    actual, least : array_like
        Pupils × minutes or × metres, summed; of one shape.

    Returns
    -------
    ndarray
        Missing where nobody travels.
    """
    total, needed = np.asarray(actual, dtype=np.float64), np.asarray(least, dtype=np.float64)
    return np.asarray(np.where(total > 0, (total - needed) / np.where(total > 0, total, 1.0), np.nan))


def in_zone(home_zone: pd.Series, school_zone: pd.Series) -> pd.Series:
    """Mark who attends the school, or one of the schools, of the zone where they live (划片内就学).

    Parameters
    ----------
    home_zone, school_zone : Series (n,)
        Zone of the home and zone of the school, as text; "" or missing is outside every zone.

    Returns
    -------
    Series of bool (n,)
        ``in_zone``; :func:`share` of it, weighted by pupils, is the in-zone rate (6号: primary 100 %, junior ≥ 95 %).

    Source: 教督〔2017〕6号 [V2].

    Examples
    --------
    >>> met = in_zone(pd.Series(["Z1", "Z2", ""]), pd.Series(["Z1", "Z1", ""]))
    >>> met.tolist()
    [True, False, False]
    >>> share(met, pd.Series([30, 10, 10]), pd.Series(["all"] * 3)).tolist()
    [0.6]
    """
    home, school = home_zone.fillna("").astype(str), school_zone.fillna("").astype(str)
    return ((home == school) & (home != "")).rename("in_zone")


def coverage_by_way(assignment: pd.DataFrame, by: Keys, steps_min: Sequence[float] = (15, 30, 45, 60)) -> pd.DataFrame:
    """Tell which share of all pupils is covered on foot, by any daily way, and within given minutes.

    Parameters
    ----------
    assignment : DataFrame
        Table ``assignment``: ``mode``, ``minutes``, ``within_limit``, ``pupils``.
    by : Series or list of Series
        Groups, such as the band.
    steps_min : sequence of float
        Minutes one way up to which day pupils are counted.

    Returns
    -------
    DataFrame
        By group: ``pupils``, ``walk_share`` (on foot within the limit), ``day_share`` (on foot or riding, within it),
        ``within_limit_share`` (boarders too) and ``to_15_share`` …; all of all pupils of the group, those without a
        school included.

    Source: RULES C1, 达标率.
    """
    pupils, within, mode = assignment["pupils"], assignment["within_limit"].astype(bool), assignment["mode"]
    day = mode.isin(DAY_MODES)
    met = {"walk": within & (mode == "walk"), "day": within & day, "within_limit": within}
    met |= {f"to_{step:g}": day & (assignment["minutes"] <= step + 1e-6) for step in steps_min}
    shares = [share(rows.rename(name), pupils, by) for name, rows in met.items()]
    return pd.concat([pupils.groupby(_keys(by), sort=True).sum(), *shares], axis=1)

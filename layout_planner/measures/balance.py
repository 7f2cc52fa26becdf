"""How evenly schools are provided for: the official coefficient of variation and the tests of both evaluations.

Pure functions: Series and frames on school ids in, named Series, frames or floats out.

Source: 教督〔2017〕6号 (优质均衡, seven indicators) [V2]; 教督〔2012〕3号 (基本均衡, eight indicators) [V2].
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from layout_planner.grades import Stage, Tier
from layout_planner.measures.balance_indicators import (
    EIGHT_INDICATORS,
    SEVEN_INDICATORS,
    STAGE_WEIGHTS,
    BalanceIndicator,
)

__all__ = [
    "balance_values",
    "coefficient_of_variation",
    "composite_variation",
    "counted_schools",
    "dispersion",
    "resources",
    "school_test",
    "split_by_stage",
    "verdict",
]

_CRUMB = 1e-9


def coefficient_of_variation(per_pupil: pd.Series, pupils: pd.Series) -> float:
    """Compute the official 差异系数 of an indicator between schools: CV = √(Σ (Pᵢ/P)·(xᵢ − X̄)²) ÷ X̄.

    Every school counts with its pupils Pᵢ, and X̄ = Σ xᵢ·Pᵢ ÷ P is what the whole county has divided by all its
    pupils; an unweighted standard deviation gives another figure and is not the official one.

    Parameters
    ----------
    per_pupil : Series (n,)
        Indicator by school; any scale (per pupil or per 100), missing where it is not known.
    pupils : Series (n,)
        Pupils (persons) on the same index; schools without pupils do not count.

    Returns
    -------
    float
        Missing where the indicator of a school with pupils is missing, nobody has pupils, or the mean is nought.

    Source: 教督〔2012〕3号, 附件; 教督〔2017〕6号 [V2].

    Examples
    --------
    >>> pupils = pd.Series([45, 37, 89, 76, 55])
    >>> books = pd.Series([279, 137, 935, 160, 402])
    >>> round(coefficient_of_variation(books / pupils, pupils), 4)
    0.5153
    """
    weights = np.asarray(pupils, dtype=np.float64)
    kept = weights > 0
    values, weights = np.asarray(per_pupil, dtype=np.float64)[kept], weights[kept]
    if not kept.any():
        return float("nan")
    mean = float(values @ weights / weights.sum())
    if not mean > 0:
        return float("nan")
    return float(np.sqrt(((values - mean) ** 2) @ weights / weights.sum()) / mean)


def composite_variation(variations: pd.Series) -> float:
    """Average the coefficients of variation of all indicators (综合差异系数); missing where one is missing.

    Source: 教督〔2012〕3号 [V2]; 鸠江区 2023 publishes the mean of its seven as 0.367503.

    Examples
    --------
    >>> composite_variation(pd.Series([0.25, 0.75]))
    0.5
    """
    values = np.asarray(variations, dtype=np.float64)
    return float(values.mean()) if len(values) else float("nan")


def counted_schools(tier: pd.Series, pupils: pd.Series, least_point_pupils: float = 50.0) -> pd.Series:
    """Mark the schools that the evaluations count: with pupils, and no teaching point under 50 pupils.

    Source: 教督〔2017〕6号 and the provinces' 实施办法 [V2].

    Examples
    --------
    >>> tier = pd.Series(["teaching_point", "teaching_point", "village_primary"])
    >>> counted_schools(tier, pd.Series([49, 50, 12])).tolist()
    [False, True, True]
    """
    point = tier.eq(Tier.TEACHING_POINT.value)
    return ((pupils > 0) & ~(point & (pupils < least_point_pupils - _CRUMB))).rename("counted")


def split_by_stage(
    totals: pd.DataFrame, pupils: pd.DataFrame, weights: Mapping[Stage, float] = STAGE_WEIGHTS
) -> dict[Stage, pd.DataFrame]:
    """Split what a nine-year school has between its stages: in proportion to pupils × weight, 1 ∶ 1.1.

    Parameters
    ----------
    totals : DataFrame (n, k)
        Resources by school.
    pupils : DataFrame (n, 2)
        Pupils (persons) by school, columns ``primary`` and ``junior``.

    Returns
    -------
    dict of Stage to DataFrame
        They add up to ``totals`` in every school with pupils; a school of one stage keeps all it has.

    Source: notes to the platform of 教督〔2017〕6号 [V2].

    Examples
    --------
    >>> both = split_by_stage(pd.DataFrame({"books": [3200.0]}), pd.DataFrame({"primary": [100], "junior": [200]}))
    >>> {str(stage): round(frame["books"].iloc[0]) for stage, frame in both.items()}
    {'primary': 1000, 'junior': 2200}
    """
    load = pd.DataFrame({stage: pupils[stage.value] * weights[stage] for stage in Stage})
    whole = load.sum(axis=1)
    return {stage: totals.mul(load[stage] / whole.where(whole > 0), axis=0) for stage in Stage}


def resources(schools: pd.DataFrame) -> pd.DataFrame:
    """Take from a school table what the indicators divide by pupils.

    Indoor sports rooms are taken off the teaching area and added to the sports grounds, unless the sports area is
    stated as a whole. What the table does not state is missing, and so are teachers where there are none: a reader
    of tables fills counts with nought.

    Parameters
    ----------
    schools : DataFrame
        Table ``schools``; columns may be absent.

    Returns
    -------
    DataFrame
        On the caller's index: one column a resource of both evaluations.

    Source: 教督〔2017〕6号 and the notes to its platform [V2].

    Examples
    --------
    >>> row = {"teaching_m2": [900.0], "indoor_sports_m2": [100.0], "sports_ground_m2": [2400.0]}
    >>> resources(pd.DataFrame(row))[["teaching_m2", "sports_m2"]].values.tolist()
    [[800.0, 2500.0]]
    """

    def stated(name: str) -> pd.Series:
        if name not in schools:
            return pd.Series(np.nan, index=schools.index, dtype="float64")
        return pd.to_numeric(schools[name], errors="coerce").astype("float64")

    names = dict.fromkeys(i.resource for i in (*SEVEN_INDICATORS, *EIGHT_INDICATORS))
    out = pd.DataFrame({name: stated(name) for name in names})
    indoor = stated("indoor_sports_m2").fillna(0.0)
    out["teaching_m2"] = (out["teaching_m2"] - indoor).clip(lower=0.0)
    out["sports_m2"] = out["sports_m2"].fillna(stated("sports_ground_m2") + indoor)
    out["teachers"] = out["teachers"].where(out["teachers"] > 0)
    return out


def balance_values(
    totals: pd.DataFrame, pupils: pd.Series, indicators: tuple[BalanceIndicator, ...] = SEVEN_INDICATORS
) -> pd.DataFrame:
    """Divide resources by pupils: x = resource ÷ pupils × per.

    Parameters
    ----------
    totals : DataFrame (n, k)
        Resources of one stage (:func:`resources`, split by :func:`split_by_stage`).
    pupils : Series (n,)
        Pupils of the stage (persons).

    Returns
    -------
    DataFrame
        One column an indicator, by its id; missing where there are no pupils or the resource is not known.

    Examples
    --------
    >>> balance_values(pd.DataFrame({"media_rooms": [24.0]}), pd.Series([960]), SEVEN_INDICATORS[6:]).values.tolist()
    [[2.5]]
    """
    heads = pupils.where(pupils > 0)
    return pd.DataFrame({i.id: totals[i.resource] / heads * i.per for i in indicators})


def school_test(
    values: pd.DataFrame, norms: Mapping[str, float], least_met: int = 6, least_share: float = 0.85
) -> pd.DataFrame:
    """Test schools one by one: at least 6 of 7 indicators meet their norm, and the rest reach 85 % of it.

    Parameters
    ----------
    values : DataFrame (n, k)
        Indicators by school.
    norms : mapping of str to float
        Norm by column of ``values``.
    least_met : int
        Indicators that must meet their norm.
    least_share : float
        Share of the norm that the others must reach.

    Returns
    -------
    DataFrame
        On the caller's index: ``met`` and ``unknown`` (indicators), ``lowest_share`` of the norm, ``lowest`` (its
        indicator) and ``verdict``: ``met``, ``missed`` or, where what is missing decides, ``unknown``.

    Source: 教督〔2017〕6号 第六条 [V2].

    Examples
    --------
    >>> values = pd.DataFrame({"a": [2.0, 1.7, 1.6], "b": [5.0, 5.0, 5.0]})
    >>> school_test(values, {"a": 2.0, "b": 4.0}, least_met=1)["verdict"].tolist()
    ['met', 'met', 'missed']
    """
    share = values[list(norms)] / pd.Series(norms)
    met, unknown = (share >= 1.0 - _CRUMB).sum(axis=1), share.isna().sum(axis=1)
    lowest = share.min(axis=1)
    short = (share < 1.0 - _CRUMB).sum(axis=1)
    failed = (short > len(norms) - least_met) | (lowest < least_share - _CRUMB)
    return pd.DataFrame({
        "met": met, "unknown": unknown, "lowest_share": lowest,
        "lowest": share.fillna(np.inf).idxmin(axis=1).where(lowest.notna(), ""),
        "verdict": np.where(failed, "missed", np.where(unknown > 0, "unknown", "met")),
    }, index=values.index)  # fmt: skip


def dispersion(values: pd.DataFrame, pupils: pd.Series) -> pd.DataFrame:
    """Describe how schools differ, by indicator.

    Parameters
    ----------
    values : DataFrame (n, k)
        Indicators by school, on school ids.
    pupils : Series (n,)
        Pupils (persons); schools without pupils do not count.

    Returns
    -------
    DataFrame
        One row an indicator: ``schools``, ``missing`` (schools without the figure), ``mean`` (county total ÷ county
        pupils) and ``variation`` of the schools that state it, ``low``, ``high``, ``range`` and ``worst_school_id``
        (the lowest; of equals the first id).

    Examples
    --------
    >>> ids = ["S1", "S2"]
    >>> frame = dispersion(pd.DataFrame({"x": [1.0, 3.0]}, index=ids), pd.Series([30, 10], index=ids))
    >>> frame[["mean", "variation", "range", "worst_school_id"]].round(3).values.tolist()
    [[1.5, 0.577, 2.0, 'S1']]
    """
    kept = values[pupils > 0].sort_index(kind="stable")
    heads = pupils.reindex(kept.index)
    rows = {}
    for name in kept.columns:
        known = kept[name].dropna()
        weight = heads.reindex(known.index)
        mean = float((known * weight).sum() / weight.sum()) if len(known) else float("nan")
        low, high = (float(known.min()), float(known.max())) if len(known) else (float("nan"), float("nan"))
        rows[name] = {
            "schools": len(kept), "missing": len(kept) - len(known), "mean": mean,
            "variation": coefficient_of_variation(known, weight), "low": low, "high": high, "range": high - low,
            "worst_school_id": str(known.idxmin()) if len(known) else "",
        }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index")


def verdict(variation: float, limit: float, missing: int = 0) -> str:
    """Judge a coefficient of variation: ``met``, ``missed``, or ``unknown`` where it or a school's figure is missing.

    Examples
    --------
    >>> verdict(0.50, 0.50), verdict(0.51, 0.50), verdict(0.3, 0.5, missing=1)
    ('met', 'missed', 'unknown')
    """
    if missing or np.isnan(variation):
        return "unknown"
    return "met" if variation <= limit + _CRUMB else "missed"

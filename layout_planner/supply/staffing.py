"""How many teachers a school needs: by pupils, and in small schools by classes where that gives more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.grades import Stage, Tier

if TYPE_CHECKING:
    from layout_planner.config.layout import Prices

__all__ = ["SMALL_TIERS", "staff_needed", "staff_stated"]

SMALL_TIERS = (Tier.TEACHING_POINT, Tier.VILLAGE_PRIMARY)
"""Schools whose staff is counted by classes too. Source: 中央编办发〔2014〕72号, 国办发〔2018〕27号 [V2]."""

_ROUNDING = 1e-6


def staff_needed(
    tier: pd.Series, primary: pd.Series, junior: pd.Series, classes: pd.Series, prices: Prices
) -> pd.DataFrame:
    """Count the staff (persons) that schools need.

    Parameters
    ----------
    tier, primary, junior, classes : Series
        On one index of schools: tier, pupils by stage, classes.
    prices : Prices
        ``pupils_per_teacher`` by stage and ``teachers_per_class``.

    Returns
    -------
    DataFrame
        On that index: ``staff_by_pupils`` = pupils ÷ 19 (primary) + pupils ÷ 13.5 (junior), ``staff_by_classes`` =
        classes × the class ratio in teaching points and village primary schools (missing elsewhere), and
        ``staff_needed``, the larger of both, rounded up.

    Source: 中央编办发〔2014〕72号 (1:19, 1:13.5) [V2]; the class ratio is set by each province [M].

    Examples
    --------
    >>> from layout_planner.config.layout import Prices
    >>> one = pd.Series([1.0])
    >>> staff_needed(pd.Series(["teaching_point"]), 24 * one, 0 * one, 3 * one, Prices()).round(2).values.tolist()
    [[1.26, 5.4, 6.0]]
    """
    ratio = prices.pupils_per_teacher
    by_pupils = pd.Series(0.0, index=tier.index)
    for stage, pupils in ((Stage.PRIMARY, primary), (Stage.JUNIOR, junior)):
        if stage in ratio:
            by_pupils = by_pupils + pupils / ratio[stage]
    small = tier.isin([t.value for t in SMALL_TIERS])
    by_classes = (classes * prices.teachers_per_class).where(small)
    larger = np.fmax(by_pupils, by_classes)
    return pd.DataFrame({
        "staff_by_pupils": by_pupils, "staff_by_classes": by_classes,
        "staff_needed": np.ceil(larger - _ROUNDING).astype("int64"),
    })  # fmt: skip


def staff_stated(schools: pd.DataFrame) -> pd.Series:
    """Give the staff (persons) of every school of a school table, by id; its teachers where staff is not stated.

    A reader of tables fills counts with nought: a school in operation with no staff or no teachers has not stated them.

    Returns
    -------
    Series
        ``staff`` on ``school_id``, missing where neither is stated.
    """
    ids = pd.Index(schools["school_id"].astype(str), name="school_id")
    running = schools["status"].eq("active").to_numpy() if "status" in schools else np.ones(len(ids), dtype=bool)
    found = pd.Series(np.nan, index=ids, name="staff")
    for column in ("staff", "teachers"):
        if column in schools:
            stated = pd.Series(schools[column].to_numpy(np.float64, na_value=np.nan), index=ids)
            found = found.fillna(stated.mask((stated == 0) & running))
    return found

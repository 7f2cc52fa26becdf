"""Seats, beds and classes against pupils. Pure functions: frames in, named Series or frames on school ids out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.assign.classes import CLASS_BANDS, classes_of_size
from layout_planner.grades import GradeBand, Stage

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["attended_under", "boarders", "class_counts", "load", "pupils_by_band", "rooms_missing", "seats_short"]

_CRUMB = 1e-6


def pupils_by_band(assignment: pd.DataFrame, key: str) -> pd.DataFrame:
    """Sum pupils by ``key`` and band: one column a band (``pupils_g1_3`` …) and ``pupils`` for all."""
    wide = assignment.pivot_table(index=key, columns="band", values="pupils", aggfunc="sum", observed=True)
    wide = wide.reindex(columns=[band.value for band in GradeBand]).fillna(0.0)
    wide.columns = pd.Index([band.pupils_column for band in GradeBand])
    wide.insert(0, "pupils", wide.sum(axis=1))
    return wide


def boarders(assignment: pd.DataFrame) -> pd.Series:
    """Sum boarding pupils by school."""
    rows = assignment[assignment["mode"] == "board"]
    return rows.groupby("school_id", sort=True)["pupils"].sum().rename("boarders")


def load(pupils: pd.Series, seats: pd.Series) -> pd.Series:
    """Divide pupils by seats; missing where there are no seats."""
    return (pupils / seats.where(seats > 0)).rename("load")


def attended_under(pupils: pd.Series, limit: float) -> pd.Series:
    """Mark the schools with pupils, but fewer than ``limit``; a millionth of a pupil is rounding."""
    return (pupils > _CRUMB) & (pupils < limit - _CRUMB)


def seats_short(schools: gpd.GeoDataFrame | pd.DataFrame, assignment: pd.DataFrame) -> pd.Series:
    """Count pupils beyond the seats of their stage, by school (the other stage's free seats do not help).

    ``schools`` has ``school_id``, ``seats_primary``, ``seats_junior``.
    """
    seated = assignment[assignment["school_id"] != ""]
    stage = seated["band"].map({band.value: band.stage.value for band in GradeBand})
    table = schools.set_index("school_id")
    short = pd.Series(0.0, index=table.index, name="seats_short")
    for name in (s.value for s in Stage):
        placed = seated[stage == name].groupby("school_id")["pupils"].sum().reindex(table.index).fillna(0.0)
        short += (placed - table[f"seats_{name}"]).clip(lower=0.0)
    return short.where(short > _CRUMB, 0.0)


def class_counts(classes: pd.DataFrame) -> pd.DataFrame:
    """Count classes by school out of table ``class_results``.

    Returns
    -------
    DataFrame
        On sorted school ids: ``classes``, ``classes_needed``, ``class_size_mean`` (pupils a class),
        ``class_size_max``, ``classes_over_limit`` (above the limit of their own stage) and the class-size bands,
        in which classes count in whole persons (:func:`layout_planner.assign.classes.classes_of_size`).
    """
    parts = {
        "classes": classes["classes"],
        "classes_needed": classes["classes_needed"],
        "classes_over_limit": classes_of_size(classes, classes["class_limit"] + 1),
        **{name: classes_of_size(classes, *ends) for name, ends in CLASS_BANDS.items()},
    }
    grouped = pd.DataFrame(parts).groupby(classes["school_id"], sort=True)
    counts = grouped.sum().astype("int64")
    pupils = classes.groupby("school_id", sort=True)["pupils"].sum()
    counts["class_size_mean"] = pupils / counts["classes"].where(counts["classes"] > 0)
    counts["class_size_max"] = classes.groupby("school_id", sort=True)["class_size"].max()
    return counts


def rooms_missing(needed: pd.Series, rooms: pd.Series) -> pd.Series:
    """Count the rooms that are missing for classes within the limit: ``max(0, needed − rooms)``."""
    missing = np.maximum(0, needed - rooms)
    return pd.Series(missing, index=needed.index, name="rooms_missing").astype("int64")

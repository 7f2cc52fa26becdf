"""Pupils from a village table: counts by band, or people times the school-age shares."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from layout_planner.config.scenario import Demand
from layout_planner.demand.surface import PUPILS, demand_frame
from layout_planner.errors import Flaw, InputError, Severity, Text, counted
from layout_planner.grades import GradeBand
from layout_planner.io.county import County

__all__ = ["pupils_from_villages"]


def pupils_from_villages(county: County, demand: Demand) -> tuple[gpd.GeoDataFrame, list[Flaw]]:
    """Turn the village table into demand points of kind ``village``.

    Pupil counts are taken as they are; a village that has a population but no counts gets people x school-age
    share x enrolment rate. An empty count beside filled ones is nought, and said.

    Raises
    ------
    InputError
        If the table is absent or names neither pupils nor people.
    """
    villages = county.villages
    counts = villages[PUPILS].astype("float64")
    people = villages["people"].astype("float64") if "people" in villages.columns else pd.Series(np.nan, villages.index)
    if villages.empty or (counts.isna().to_numpy().all() and people.isna().all()):
        what = Text("村表没有学生数，也没有人口", "the village table holds neither pupils nor people")
        mend = Text(
            "填写各年级段学生数或人口，或把 demand.source 改为 raster",
            "fill in pupils by band or the population, or set demand.source to raster",
        )
        raise InputError.collect([Flaw("pupils_missing", what, mend)])
    flaws = []
    unknown = counts.isna().all(axis=1)
    derived = unknown & people.notna()
    for band in GradeBand:
        rate = demand.school_age_share[band] * demand.enrolment_rate[band]
        counts.loc[derived, band.pupils_column] = people[derived] * rate
    nothing = unknown & ~derived
    partly = counts.isna().any(axis=1) & ~unknown
    for mask, zh, en in (
        (nothing, "没有学生数和人口", "neither pupils nor people"),
        (partly, "部分年级段没有学生数", "no pupils in some bands"),
    ):
        if mask.any():
            names = "、".join(villages.loc[mask, "name"].head(8))
            what = Text(
                f"{int(mask.sum())} 个村{zh}，按 0 计（{names}）",
                f"{counted(int(mask.sum()), 'village has', 'villages have')} {en}, counted as nought ({names})",
            )
            mend = Text("补填", "fill them in")
            flaws.append(Flaw("village_pupils_missing", what, mend, column="pupils", severity=Severity.WARNING))
    frame = demand_frame(
        villages["village_id"],
        villages["name"],
        villages["village_id"],
        villages["township_id"],
        "village",
        counts.fillna(0.0),
        villages.geometry.to_numpy(),
        county.crs,
    )
    return frame[frame[PUPILS].sum(axis=1) > 0].reset_index(drop=True), flaws

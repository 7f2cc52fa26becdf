"""What the schools of a plan need to run, school by school: staff, beds, buses, public funds, land."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.columns import PROVISION
from layout_planner.config.layout import Layout
from layout_planner.grades import GradeBand, Stage
from layout_planner.measures.money import boarding_rooms, buses_wanted, public_funds
from layout_planner.supply.staffing import staff_needed, staff_stated

if TYPE_CHECKING:
    from layout_planner.plan import Plan

__all__ = ["provision_table"]

_STAGE = {band.value: band.stage.value for band in GradeBand}


def provision_table(plan: Plan, rows: pd.DataFrame, schools: pd.DataFrame) -> pd.DataFrame:
    """Tabulate what every open school needs (table ``provision``).

    Parameters
    ----------
    plan : Plan
    rows : DataFrame
        Its assignment.
    schools : DataFrame
        Table ``plan_schools``, measured.
    """
    prices = (plan.scenario.layout or Layout()).prices
    opened = pd.DataFrame(schools[schools["is_open"].astype(bool)]).drop(columns="geometry", errors="ignore")
    table = opened.assign(school_id=opened["school_id"].astype(str)).set_index("school_id").sort_index()
    primary, junior = _by_stage(rows, table.index, "walk", "ride", "board")
    boards_primary, boards_junior = _by_stage(rows, table.index, "board")
    boarders = boards_primary + boards_junior
    riders = sum(_by_stage(rows, table.index, "ride"), pd.Series(0.0, index=table.index))
    staff = staff_needed(table["tier"], primary, junior, table["classes"], prices)["staff_needed"]
    has = staff_stated(plan.county.schools).reindex(table.index)
    area = plan.county.schools
    site = pd.Series(np.nan, index=area["school_id"].astype(str))
    if "site_m2" in area:
        site = pd.Series(area["site_m2"].to_numpy(np.float64, na_value=np.nan), index=site.index)
    pupils = primary + junior
    parts = [
        table[["name", "tier", "township", "classes", "beds"]], pupils.rename("pupils"), boarders.rename("boarders"),
        riders.rename("riders"), staff, has, (has - staff).rename("staff_gap"),
        boarding_rooms(boards_primary, boards_junior).astype({"beds_wanted": "int64"}),
        buses_wanted(riders), public_funds(primary, junior, boarders, prices),
        (site.reindex(table.index) / pupils.where(pupils > 0)).rename("site_per_pupil"),
    ]  # fmt: skip
    return pd.concat(parts, axis=1).reset_index(names="school_id")[list(PROVISION.names)]


def _by_stage(rows: pd.DataFrame, ids: pd.Index, *modes: str) -> tuple[pd.Series, pd.Series]:
    """Sum the pupils of some modes by school, primary and junior."""
    mine = rows[rows["mode"].isin(modes)]
    keys = [mine["school_id"].astype(str), mine["band"].map(_STAGE)]
    sums = mine["pupils"].groupby(keys).sum().unstack()  # noqa: PD010 - two keys of a Series
    whole = sums.reindex(index=ids, columns=[stage.value for stage in Stage]).fillna(0.0).astype("float64")
    return whole[Stage.PRIMARY.value], whole[Stage.JUNIOR.value]

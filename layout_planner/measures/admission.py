"""Who got a seat by which claim, who was sent on, and how many migrant pupils are in public schools."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.columns import ADMISSION_FLOWS, ADMISSION_RESULTS
from layout_planner.grades import GradeBand, Stage

if TYPE_CHECKING:
    from layout_planner.plan import Plan

__all__ = ["admission_flows", "admission_results"]

_BANDS = ("all", *(s.value for s in Stage), *(band.value for band in GradeBand))
_GROUPS = ("all", "resident", "migrant", "special")
_KEYS = ["group", "claim", "band"]
_SUMS = ["pupils", "assigned", "at_nearest", "sent_on", "public", "_minutes", "_extra"]
_CRUMB = 1e-6


def admission_results(plan: Plan) -> pd.DataFrame:
    """Count pupils by group, claim and band: seated, at the nearest school, sent on, in public schools.

    Returns
    -------
    DataFrame
        Table ``admission_results``, with rows for all claims, bands, stages and groups. Without rows where seats were
        not given claim after claim.
    """
    admission = plan.scenario.assign.admission
    if plan.admission is None or admission is None:
        return pd.DataFrame(columns=list(ADMISSION_RESULTS.names))
    part = _with_shares(plan.admission)
    stages = part["band"].map({band.value: band.stage.value for band in GradeBand})
    rows = pd.concat([part, part.assign(band=stages), part.assign(band="all")], ignore_index=True)
    for key in ("group", "claim"):
        rows = pd.concat([rows, rows.assign(**{key: "all"})], ignore_index=True)
    table = rows.groupby(_KEYS, sort=False)[_SUMS].sum().reset_index()
    table["unassigned"] = (table["pupils"] - table["assigned"]).clip(lower=0.0)
    table["minutes_mean"] = table["_minutes"] / table["assigned"].where(table["assigned"] > 0)
    table["extra_minutes"] = table["_extra"] / table["sent_on"].where(table["sent_on"] > 0)
    table["public_share"] = table["public"] / table["pupils"]
    ruled = (table["group"] == "migrant") & (table["claim"] == "all")
    least = admission.migrant_public_share
    table["public_least"] = np.where(ruled, least, np.nan)
    met = np.where(table["public"] >= least * table["pupils"] - _CRUMB, "met", "missed")
    table["verdict"] = np.where(ruled, met, "")
    places = (_GROUPS, ("all", *admission.order), _BANDS)
    order = np.lexsort([table[k].map(p.index).to_numpy() for k, p in zip(_KEYS[::-1], places[::-1], strict=True)])
    return table.iloc[order].reset_index(drop=True)[list(ADMISSION_RESULTS.names)]


def admission_flows(plan: Plan) -> pd.DataFrame:
    """Count pupils by school, band, group and claim, those without a school last.

    Returns
    -------
    DataFrame
        Table ``admission_flows``; without rows where seats were not given claim after claim.
    """
    admission = plan.scenario.assign.admission
    if plan.admission is None or admission is None:
        return pd.DataFrame(columns=list(ADMISSION_FLOWS.names))
    rows = _with_shares(plan.admission)
    keys = ["school_id", "public_school", "band", "group", "claim"]
    table = rows.groupby(keys, sort=False)[["pupils", "assigned", "sent_on", "_minutes"]].sum().reset_index()
    table["minutes_mean"] = table["_minutes"] / table["assigned"].where(table["assigned"] > 0)
    names = dict(zip(plan.schools["school_id"].astype(str), plan.schools["name"], strict=True))
    table["public"] = table["public_school"].astype(bool)
    table["school"] = table["school_id"].map(names).fillna("")
    rank = {claim: k for k, claim in enumerate(admission.order)}
    order = np.lexsort((
        table["group"].map(_GROUPS.index), table["claim"].map(rank), table["band"].to_numpy(str),
        table["school_id"].to_numpy(str), table["school_id"] == "",
    ))  # fmt: skip
    return table.iloc[order].reset_index(drop=True)[list(ADMISSION_FLOWS.names)]


def _with_shares(rows: pd.DataFrame) -> pd.DataFrame:
    """Add to the outcome the pupils that count as seated, near, sent on and public, and their minutes."""
    pupils, seated = rows["pupils"], rows["school_id"] != ""
    near = seated & (rows["school_id"] == rows["nearest_school_id"])
    extra = (rows["minutes"] - rows["nearest_minutes"]).where(seated & ~near, 0.0)
    return rows.assign(
        assigned=pupils.where(seated, 0.0),
        at_nearest=pupils.where(near, 0.0),
        sent_on=pupils.where(seated & ~near, 0.0),
        public_school=rows["public"],
        _minutes=(pupils * rows["minutes"]).where(seated, 0.0),
        _extra=pupils * extra,
    ).assign(public=lambda f: f["pupils"].where(f["public"].astype(bool), 0.0))

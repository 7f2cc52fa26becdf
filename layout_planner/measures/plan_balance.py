"""The balance between the schools of a plan, and of the county as its table stands: both evaluations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.columns import BALANCE, BALANCE_SCHOOLS
from layout_planner.grades import Stage
from layout_planner.measures.balance import (
    balance_values,
    composite_variation,
    counted_schools,
    dispersion,
    resources,
    school_test,
    split_by_stage,
    verdict,
)
from layout_planner.measures.balance_indicators import (
    COMPOSITE_LIMIT,
    EIGHT_INDICATORS,
    SEVEN_INDICATORS,
    SINGLE_LIMIT,
    BalanceIndicator,
)

if TYPE_CHECKING:
    from layout_planner.plan import Plan

__all__ = ["balance_tables"]

_STATED = tuple(dict.fromkeys(i.resource for i in SEVEN_INDICATORS))


def balance_tables(plan: Plan, schools: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Measure the balance between schools, with the pupils that are filed and with those of the plan.

    What a school has stays where it is: teachers and things of a school that closes are counted nowhere, as nobody
    has decided yet where they go.

    Parameters
    ----------
    plan : Plan
    schools : DataFrame
        Table ``plan_schools``, measured.

    Returns
    -------
    balance, balance_schools : DataFrame
        Tables of that name; empty where the school table states none of the seven resources.
    """
    stated = resources(pd.DataFrame(plan.county.schools))
    county = plan.county.schools.assign(school_id=plan.county.schools["school_id"].astype(str))
    stated.index = pd.Index(county["school_id"])
    if stated[list(_STATED)].isna().all(axis=None):
        return pd.DataFrame(columns=list(BALANCE.names)), pd.DataFrame(columns=list(BALANCE_SCHOOLS.names))
    facts = pd.DataFrame(county).set_index("school_id")
    wide, each = [], []
    for basis, pupils, tier in (("filed", _filed(facts), facts["tier"]), _planned(schools)):
        for stage in Stage:
            part = _Stage(basis, stage, stated.reindex(pupils.index), pupils, tier.reindex(pupils.index))
            if part.pupils.empty:
                continue
            wide += [part.dispersed("dd2017-6", SEVEN_INDICATORS), part.dispersed("dd2012-3", EIGHT_INDICATORS)]
            each.append(part.tested())
    names = facts["name"].astype(str)
    balance, tested = pd.concat(wide, ignore_index=True), pd.concat(each, ignore_index=True)
    balance["worst_school"] = balance["worst_school_id"].map(names).fillna("")
    for column in ("name", "tier", "township"):
        tested[column] = tested["school_id"].map(facts[column]).astype(object).fillna("")
    return balance[list(BALANCE.names)], tested[list(BALANCE_SCHOOLS.names)]


def _filed(facts: pd.DataFrame) -> pd.DataFrame:
    """Take pupils by stage from the school table; schools that are not in operation have none.

    A school of one stage that states its pupils in all, and not by grade, has all of them in that stage.
    """

    def grades(stage: Stage) -> pd.Series:
        columns = [f"enrol_g{g}" for g in stage.grades if f"enrol_g{g}" in facts]
        return facts[columns].fillna(0).sum(axis=1).astype("float64")

    filed = pd.DataFrame({stage.value: grades(stage) for stage in Stage})
    if "enrolment" in facts:
        whole = facts["enrolment"].fillna(0).astype("float64")
        ungraded = filed.sum(axis=1) == 0
        for stage in Stage:
            single = facts["grade_from"].isin(stage.grades) & facts["grade_to"].isin(stage.grades)
            filed.loc[ungraded & single, stage.value] = whole
    return filed.where(facts["status"] == "active", 0.0)


def _planned(schools: pd.DataFrame) -> tuple[str, pd.DataFrame, pd.Series]:
    """Take pupils by stage and tiers from the plan."""
    ids = schools["school_id"].astype(str).to_numpy(object)
    pupils = pd.DataFrame({
        "primary": (schools["pupils_g1_3"] + schools["pupils_g4_6"]).to_numpy(np.float64),
        "junior": schools["pupils_g7_9"].to_numpy(np.float64),
    }, index=pd.Index(ids))  # fmt: skip
    return "plan", pupils, pd.Series(schools["tier"].to_numpy(object), index=pupils.index)


class _Stage:
    """The schools of one stage that the evaluations count, with what they have for it."""

    def __init__(self, basis: str, stage: Stage, stated: pd.DataFrame, pupils: pd.DataFrame, tier: pd.Series) -> None:
        self.basis, self.stage = basis, stage
        counted = counted_schools(tier, pupils.sum(axis=1)) & (pupils[stage.value] > 0)
        self.pupils = pupils[stage.value][counted].sort_index()
        self.totals = split_by_stage(stated, pupils)[stage].reindex(self.pupils.index)

    def dispersed(self, standard: str, indicators: tuple[BalanceIndicator, ...]) -> pd.DataFrame:
        """Tabulate the indicators of one evaluation; of the one that judges them together, their mean comes last."""
        values = balance_values(self.totals, self.pupils, indicators)
        table = dispersion(values, self.pupils)
        single = any(i.norms for i in indicators)
        table["indicator"] = table.index
        table["measured"], table["unit"] = table.index, [i.column.unit for i in indicators]
        table["norm"] = [i.norms.get(self.stage, np.nan) for i in indicators]
        table["below"] = [float((values[i.id] < i.norms.get(self.stage, -np.inf)).sum()) for i in indicators]
        table["below"] = table["below"].where(table["norm"].notna())
        table["variation_limit"] = SINGLE_LIMIT[self.stage] if single else np.nan
        limits = zip(table["variation"], table["missing"], strict=True)
        table["verdict"] = [verdict(v, SINGLE_LIMIT[self.stage], n) if single else "" for v, n in limits]
        if not single:
            table = pd.concat([table, self._composite(table)])
        return table.assign(basis=self.basis, standard=standard, stage=self.stage.value)

    def _composite(self, table: pd.DataFrame) -> pd.DataFrame:
        mean, limit = composite_variation(table["variation"]), COMPOSITE_LIMIT[self.stage]
        row = {
            "indicator": "composite", "measured": "composite", "unit": "", "schools": len(self.pupils),
            "missing": int(table["missing"].max()), "variation": mean, "variation_limit": limit,
            "worst_school_id": "", "verdict": verdict(mean, limit, int(table["missing"].max())),
        }  # fmt: skip
        return pd.DataFrame([row]).reindex(columns=table.columns).astype({"mean": "float64"})

    def tested(self) -> pd.DataFrame:
        """Test every school against the norms of its stage."""
        values = balance_values(self.totals, self.pupils)
        found = school_test(values, {i.id: i.norms[self.stage] for i in SEVEN_INDICATORS})
        table = pd.concat([values, found], axis=1)
        return table.assign(basis=self.basis, stage=self.stage.value, school_id=table.index, pupils=self.pupils)

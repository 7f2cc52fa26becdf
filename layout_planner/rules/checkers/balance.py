"""Checkers of balanced development: the seven indicators, their variation, the eight together, migrant pupils."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from layout_planner.columns import unit_word
from layout_planner.errors import Text, counted
from layout_planner.grades import GradeBand, Stage
from layout_planner.measures.balance import (
    balance_values,
    coefficient_of_variation,
    composite_variation,
    counted_schools,
    resources,
    school_test,
    split_by_stage,
)
from layout_planner.measures.balance_indicators import EIGHT_INDICATORS, SEVEN_INDICATORS, BalanceIndicator
from layout_planner.rules.finding import CRUMB, Case, Hit, limit_of, unchecked
from layout_planner.rules.ruleset import Rule

__all__ = ["composite", "indicator", "migrant_public", "schools_tested", "variation"]

_BY_ID = {i.id: i for i in (*SEVEN_INDICATORS, *EIGHT_INDICATORS)}
_NAMED = 6


def _values(
    case: Case, stage: Stage, indicators: tuple[BalanceIndicator, ...]
) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Give the indicators, pupils and names of the schools of a stage that the evaluations count, by school id."""
    schools = case.tables.schools.set_index("school_id")
    pupils = pd.DataFrame({
        s.value: schools[[b.pupils_column for b in GradeBand if b.stage is s]].sum(axis=1) for s in Stage
    })  # fmt: skip
    counted = counted_schools(schools["tier"].astype(str), schools["pupils"]) & (pupils[stage.value] > CRUMB)
    table = case.plan.county.schools
    totals = resources(table.set_index(table["school_id"].astype(str))).reindex(schools.index)
    mine = split_by_stage(totals, pupils)[stage]
    values = balance_values(mine, pupils[stage.value], indicators)
    return values[counted], pupils.loc[counted, stage.value], schools.loc[counted, "name"].astype(str)


def _missing(values: pd.DataFrame, names: pd.Series) -> Iterator[Hit]:
    """Say which indicators which schools do not state."""
    for name in values.columns:
        lacking = [str(n) for n in names[values[name].isna()]]
        if lacking:
            label = _BY_ID[str(name)].column
            some = "、".join(lacking[:_NAMED]) + (f"等{len(lacking)}所" if len(lacking) > _NAMED else "")
            yield unchecked(
                f"学校表没有填齐计算“{label.zh}”所需的数：{some}",
                f"the school table lacks what {label.en!r} takes for {counted(len(lacking), 'school')}",
            )


def indicator(rule: Rule, case: Case) -> Iterator[Hit]:
    """Find the schools below the number in one indicator."""
    stage, one = rule.applies.stages[0], _BY_ID[rule.column]
    values, _, names = _values(case, stage, (one,))
    column = values[one.id]
    for code in column.index[column < limit_of(rule) - CRUMB]:
        text = Text(
            f"{names[code]}{one.column.zh}{column[code]:.2f}",
            f"{names[code]}: {one.column.en} {column[code]:.2f} {unit_word(one.column.unit)}",
        )
        yield Hit("school", str(code), names[code], float(column[code]), text)
    yield from _missing(values, names)


def schools_tested(rule: Rule, case: Case) -> Iterator[Hit]:
    """Find the schools that meet fewer of the seven norms than the number, or fall below a share of one."""
    stage = rule.applies.stages[0]
    values, _, names = _values(case, stage, SEVEN_INDICATORS)
    norms = {i.id: i.norms[stage] for i in SEVEN_INDICATORS}
    tested = school_test(values, norms, int(limit_of(rule)), rule.share or 0.0)
    for code in tested.index[tested["verdict"] == "missed"]:
        met, lowest = int(tested.loc[code, "met"]), str(tested.loc[code, "lowest"])
        share = float(tested.loc[code, "lowest_share"])
        label = _BY_ID[lowest].column
        text = Text(
            f"{names[code]}七项中达到{met}项，最低的{label.zh}为要求的{share:.0%}",
            f"{names[code]}: {met} of 7 met, the lowest, {label.en}, at {share:.0%} of its norm",
        )
        yield Hit("school", str(code), names[code], float(met), text)
    open_ = tested["verdict"] == "unknown"
    yield from _missing(values[open_], names[open_])


def variation(rule: Rule, case: Case) -> Iterator[Hit]:
    """Find the indicators of the seven whose coefficient of variation between schools is above the number."""
    values, pupils, names = _values(case, rule.applies.stages[0], SEVEN_INDICATORS)
    for one in SEVEN_INDICATORS:
        value = coefficient_of_variation(values[one.id], pupils)
        if value > limit_of(rule) + CRUMB:
            text = Text(f"{one.column.zh}的差异系数为{value:.3f}", f"the variation of {one.column.en} is {value:.3f}")
            yield Hit("county", "", case.county_name, value, text)
    yield from _missing(values, names)


def composite(rule: Rule, case: Case) -> Iterator[Hit]:
    """Compare the mean coefficient of variation of the eight indicators with the number."""
    values, pupils, names = _values(case, rule.applies.stages[0], EIGHT_INDICATORS)
    each = pd.Series({one.id: coefficient_of_variation(values[one.id], pupils) for one in EIGHT_INDICATORS})
    value = composite_variation(each)
    if value > limit_of(rule) + CRUMB:
        text = Text(f"八项指标的综合差异系数为{value:.3f}", f"the eight indicators vary by {value:.3f} on average")
        yield Hit("county", "", case.county_name, value, text)
    yield from _missing(values, names)


def migrant_public(rule: Rule, case: Case) -> Iterator[Hit]:
    """Compare the share of migrant pupils in public schools with the number."""
    table = case.tables.admission
    mine = table[(table["group"] == "migrant") & (table["claim"] == "all") & (table["band"] == "all")]
    mine = mine[mine["pupils"] > CRUMB]
    if mine.empty:
        yield unchecked(
            "没有随迁子女的人数，或情景没有按入学类别安排学位（assign.admission）",
            "migrant pupils are not stated, or seats are not given claim after claim (assign.admission)",
        )
        return
    share = float(mine["public_share"].iloc[0])
    if share < limit_of(rule) - CRUMB:
        pupils = float(mine["pupils"].iloc[0])
        text = Text(
            f"随迁子女{pupils:.0f}人，在公办学校就读的占{share:.1%}",
            f"of {pupils:.0f} migrant pupils {share:.1%} are in public schools",
        )
        yield Hit("county", "", case.county_name, share, text)

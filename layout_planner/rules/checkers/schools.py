"""Checkers of schools: size, boarders and beds, space a head, staff, and what every township has."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import pandas as pd

from layout_planner.columns import SCHOOLS, unit_word
from layout_planner.errors import Text, counted
from layout_planner.grades import GradeBand, Stage
from layout_planner.measures.balance import split_by_stage
from layout_planner.measures.capacity import attended_under
from layout_planner.rules.finding import CRUMB, Case, Hit, limit_of, unchecked
from layout_planner.rules.ruleset import Rule

__all__ = [
    "beds", "boarding", "per_head", "pupils_max", "pupils_min", "seats_per_1000", "small_schools", "staff",
    "staff_per_class", "township_stage",
]  # fmt: skip

_NAMED = 6


def boarding(rule: Rule, case: Case) -> Iterator[Hit]:
    """Find the schools where more pupils of the rule's bands board than the number."""
    rows = case.rows(rule)
    boards = rows[rows["mode"] == "board"]
    schools = boards.groupby("school_id", sort=True)["pupils"].sum()
    for row in case.tables.schools.itertuples():
        pupils = float(schools.get(row.school_id, 0.0))
        if pupils > limit_of(rule) + CRUMB:
            text = Text(
                f"{row.name}有{pupils:.0f}名此年级学生寄宿",
                f"{row.name}: {counted(pupils, 'pupil boards', 'pupils board')}",
            )
            yield Hit("school", str(row.school_id), str(row.name), pupils, text)


def _size(rule: Rule, case: Case, breaks: Callable[[float], bool]) -> Iterator[Hit]:
    for row in case.schools(rule).itertuples():
        pupils = float(str(row.pupils))
        if breaks(pupils):
            text = Text(f"{row.name}有{pupils:.0f}名学生", f"{row.name}: {counted(pupils, 'pupil')}")
            yield Hit("school", str(row.school_id), str(row.name), pupils, text)


def pupils_max(rule: Rule, case: Case) -> Iterator[Hit]:
    """Find the schools of more pupils than the number."""
    yield from _size(rule, case, lambda pupils: pupils > limit_of(rule) + CRUMB)


def pupils_min(rule: Rule, case: Case) -> Iterator[Hit]:
    """Find the schools of fewer pupils than the number."""
    yield from _size(rule, case, lambda pupils: pupils < limit_of(rule) - CRUMB)


def small_schools(rule: Rule, case: Case) -> Iterator[Hit]:
    """Count the county's schools of fewer pupils than the number."""
    schools = case.tables.schools
    schools = schools[schools["is_open"] & schools["school_id"].isin(case.of_tiers(rule))]
    small = schools.loc[attended_under(schools["pupils"], limit_of(rule)), "pupils"]
    if len(small):
        count, least = len(small), float(small.min())
        text = Text(
            f"全县有{count}所不足{limit_of(rule):.0f}人的村小和教学点，最少{least:.0f}人",
            f"{count} village schools and teaching points under {limit_of(rule):.0f} pupils, the least {least:.0f}",
        )
        yield Hit("county", "", case.county_name, least, text)


def beds(rule: Rule, case: Case) -> Iterator[Hit]:
    """Find the schools with more boarders than beds, by more than the number."""
    for row in case.tables.schools.itertuples():
        short = float(row.boarders - row.beds)
        if row.is_open and short > limit_of(rule) + CRUMB:
            text = Text(
                f"{row.name}寄宿{row.boarders:.0f}人，床位{row.beds}张，缺{short:.0f}张",
                f"{row.name}: {counted(row.boarders, 'boarder')}, {counted(row.beds, 'bed')}",
            )
            yield Hit("school", str(row.school_id), str(row.name), short, text)


def township_stage(rule: Rule, case: Case) -> Iterator[Hit]:
    """Find the townships without a school of the rule's stages."""
    schools = case.tables.schools
    opened = schools[schools["is_open"]]
    for stage in rule.applies.stages:
        first, last = stage.grades[0], stage.grades[-1]
        teaches = opened[(opened["grade_from"] <= first) & (opened["grade_to"] >= last)]
        having = set(teaches["township_id"])
        for row in case.tables.townships.itertuples():
            if row.township_id and row.township_id not in having:
                text = Text(f"{row.name}没有{stage.label_zh}", f"{row.name} has no {stage.value} school")
                yield Hit("township", str(row.township_id), str(row.name), 0.0, text)


def per_head(rule: Rule, case: Case) -> Iterator[Hit]:
    """Find the schools whose column of the school table, divided by heads, is below the number."""
    schools = case.schools(rule)
    heads = {"pupil": schools["pupils"], "boarder": schools["boarders"]}.get(rule.per, schools["pupils"] * 0 + 1)
    schools = schools.assign(heads=heads, amount=schools["school_id"].map(case.stated(rule.column)).astype("float64"))
    schools = schools[schools["heads"] > CRUMB]
    label = SCHOOLS[rule.column]
    each = schools["amount"] / schools["heads"]
    for at in schools.index[each < limit_of(rule) - CRUMB]:
        row, value = schools.loc[at], float(each[at])
        text = Text(
            f"{row['name']}{label.zh}{row['amount']:.0f}{label.unit}，{_EACH[rule.per].zh}{value:.1f}",
            f"{row['name']}: {label.en} {row['amount']:.0f} {unit_word(label.unit)}, {value:.1f} {_EACH[rule.per].en}",
        )
        yield Hit("school", str(row["school_id"]), str(row["name"]), value, text)
    yield from _without(schools, schools["amount"].isna(), label.zh, label.en)


_EACH = {
    "pupil": Text("生均", "a pupil"), "boarder": Text("每名寄宿生", "a boarder"), "school": Text("共", "in all"),
}  # fmt: skip


def _without(schools: pd.DataFrame, lacking: pd.Series, zh: str, en: str) -> Iterator[Hit]:
    """Say which schools state nothing."""
    missing = [str(name) for name in schools.loc[lacking, "name"]]
    if missing:
        some = "、".join(missing[:_NAMED]) + (f"等{len(missing)}所" if len(missing) > _NAMED else "")
        yield unchecked(
            f"学校表缺“{zh}”：{some}", f"the school table lacks {en!r} for {counted(len(missing), 'school')}"
        )


def staff(rule: Rule, case: Case) -> Iterator[Hit]:
    """Find the schools of a stage with fewer staff than pupils ÷ number, rounded up.

    A nine-year school's staff is split between its stages by pupils, 1 ∶ 1.1. Where the school table does not state
    the staff, enough teachers will do; too few tell nothing.
    """
    stage = rule.applies.stages[0]
    schools = case.schools(rule).set_index("school_id")
    pupils = pd.DataFrame({
        s.value: schools[[b.pupils_column for b in GradeBand if b.stage is s]].sum(axis=1) for s in Stage
    })  # fmt: skip
    stated = pd.DataFrame({name: case.stated(name).reindex(schools.index) for name in ("staff", "teachers")})
    parts = split_by_stage(stated, pupils)[stage]
    need = (pupils[stage.value] / limit_of(rule) - CRUMB).map(math.ceil)
    known = parts["staff"].notna()
    for code in schools.index[known & (parts["staff"] < need - CRUMB)]:
        name, has = str(schools.loc[code, "name"]), float(parts.loc[code, "staff"])
        text = Text(
            f"{name}{stage.label_zh}部分有教职工{has:.0f}名，按生师比应有{need[code]}名",
            f"{name}: {has:.0f} staff for the {stage.value} grades, {need[code]} by the ratio",
        )
        yield Hit("school", str(code), name, float(pupils.loc[code, stage.value]) / max(has, CRUMB), text)
    open_ = ~known & ~(parts["teachers"] >= need - CRUMB)
    yield from _without(schools, open_ & (need > 0), "教职工数", "staff")


def staff_per_class(rule: Rule, case: Case) -> Iterator[Hit]:
    """Find the schools with fewer staff than classes × number; the provinces set the number."""
    if rule.number is None:
        yield unchecked(
            f"省定班师比没有填写：在情景的 rule_settings.numbers 中写 {rule.id}",
            f"the province's staff per class is not stated: write {rule.id} under rule_settings.numbers",
        )
        return
    schools = case.schools(rule)
    schools = schools.assign(has=schools["school_id"].map(case.stated("staff")))
    need = (schools["classes"] * rule.number - CRUMB).map(math.ceil)
    for at in schools.index[schools["has"] < need - CRUMB]:
        row = schools.loc[at]
        text = Text(
            f"{row['name']}{row['classes']:.0f}个班，教职工{row['has']:.0f}名，按班师比应有{need[at]}名",
            f"{row['name']}: {counted(row['classes'], 'class', 'classes')}, {row['has']:.0f} staff, {need[at]} "
            "by the ratio",
        )
        yield Hit("school", str(row["school_id"]), str(row["name"]), float(row["has"] / row["classes"]), text)
    yield from _without(schools, schools["has"].isna(), "教职工数", "staff")


def seats_per_1000(rule: Rule, case: Case) -> Iterator[Hit]:
    """Find the townships with fewer seats of a stage than their people ÷ 1000 × number."""
    stage = rule.applies.stages[0]
    townships = case.plan.county.townships
    people = townships["people"] if "people" in townships else pd.Series(float("nan"), index=townships.index)
    table = pd.DataFrame({
        "id": townships["township_id"].astype(str), "name": townships["name"].astype(str),
        "people": pd.to_numeric(people, errors="coerce"),
    })  # fmt: skip
    villages = case.plan.county.villages
    if table["people"].isna().all() and "people" in villages:
        sums = pd.to_numeric(villages["people"], errors="coerce").groupby(villages["township_id"]).sum(min_count=1)
        table["people"] = table["id"].map(sums)
    opened = case.plan.schools[case.plan.schools["is_open"].astype(bool)]
    seats = opened.groupby(opened["township_id"].astype(str))[f"seats_{stage.value}"].sum()
    table["seats"] = table["id"].map(seats).fillna(0.0)
    table["each"] = table["seats"] / table["people"].where(table["people"] > 0) * 1000
    for row in table[table["each"] < limit_of(rule) - CRUMB].itertuples():
        need = math.ceil(float(str(row.people)) / 1000 * limit_of(rule))
        text = Text(
            f"{row.name}{row.people:.0f}人，{stage.label_zh}学位{row.seats:.0f}个，按千人指标应有{need}个",
            f"{row.name}: {row.people:.0f} people, {row.seats:.0f} {stage.value} seats, {need} by the standard",
        )
        yield Hit("township", str(row.id), str(row.name), float(str(row.each)), text)
    if table["people"].isna().any():
        yield unchecked("乡镇表和村表缺“人口”，算不出每千人学位", "the townships' people are not stated")

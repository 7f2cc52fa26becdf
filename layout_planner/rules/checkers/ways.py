"""Checkers of the way to school: minutes, metres, what is crossed, who rides and how fast."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from layout_planner.errors import Text, counted
from layout_planner.grades import GradeBand, Stage
from layout_planner.measures.commute import DAY_MODES
from layout_planner.rules.checkers.procedure import fact
from layout_planner.rules.finding import CRUMB, Case, Hit, limit_of, unchecked
from layout_planner.rules.ruleset import Rule

__all__ = ["crossing", "in_zone", "metres", "minutes", "mode_count", "speed"]

_BY_MODE = {"walk": Text("步行", "walk"), "ride": Text("须乘车上学", "have to ride"), "board": Text("寄宿", "board")}
_CROSSED = ("trunk_along", "trunk_crossing", "rail_crossing")


def minutes(rule: Rule, case: Case) -> Iterator[Hit]:
    """Find the villages whose day pupils travel longer than the number, in minutes one way."""
    rows = case.rows(rule)
    far = rows[rows["mode"].isin(DAY_MODES) & (rows["minutes"] > limit_of(rule) + CRUMB)]
    yield from _villages(case, far, "minutes", Text("分钟", "min"))


def metres(rule: Rule, case: Case) -> Iterator[Hit]:
    """Count the county's day pupils who travel farther than the number, in metres by road."""
    rows = case.rows(rule)
    day = rows[rows["mode"].isin(DAY_MODES)]
    far = day["metres"] > limit_of(rule) + CRUMB
    pupils, beyond = float(day["pupils"].sum()), float(day.loc[far, "pupils"].sum())
    if beyond > 0:
        text = Text(
            f"{beyond:.0f}名学生（{beyond / pupils:.0%}）的路程超过{limit_of(rule):.0f}米",
            f"{counted(beyond, 'pupil')} ({beyond / pupils:.0%}) beyond {limit_of(rule):.0f} m",
        )
        yield Hit("county", "", case.county_name, float(day.loc[far, "metres"].max()), text)


def crossing(rule: Rule, case: Case) -> Iterator[Hit]:
    """Find the villages whose pupils cross a railway or a trunk road, or walk along one."""
    if case.plan.county.network is None and case.tables.dangers.empty:
        yield unchecked("没有道路数据，看不出途中是否横穿铁路、干线公路", "no roads: what is crossed cannot be seen")
        return
    dangers = case.tables.dangers
    met = dangers[dangers["kind"].isin(_CROSSED) & dangers["school_id"].isin(case.of_tiers(rule))]
    for village_id, part in met.groupby("village_id", sort=True):
        name = str(part["name"].iloc[0]) or str(village_id)
        pupils, kinds = float(part["pupils"].max()), "、".join(sorted(set(part["danger"])))
        text = Text(f"{name}{pupils:.1f}名学生途中{kinds}", f"{name}: {pupils:.1f} pupils meet a railway or trunk road")
        yield Hit("village", str(village_id), name, pupils, text)


def mode_count(rule: Rule, case: Case) -> Iterator[Hit]:
    """Count the county's pupils of the rule's bands who go by its mode."""
    count = float(case.rows(rule)["pupils"].sum())
    if count >= 1:
        words = [_BY_MODE[mode] for mode in rule.applies.modes]
        zh, en = "、".join(word.zh for word in words), " or ".join(word.en for word in words)
        text = Text(f"全县有{count:.0f}名学生{zh}", f"{counted(count, 'pupil')} of the county {en}")
        yield Hit("county", "", case.county_name, count, text)


def speed(rule: Rule, case: Case) -> Iterator[Hit]:
    """Find the riding speeds of the scenario, by class of road, that are above the number in km/h."""
    speeds = case.plan.scenario.travel.ride_speed_kmh.items()
    over = {name: speed for name, speed in speeds if speed > limit_of(rule) + CRUMB}
    for name in sorted(over):
        if name.startswith("motorway") != (rule.column == "motorway"):
            continue
        text = Text(
            f"情景规定 {name} 上乘车每小时{over[name]:.0f}公里",
            f"the scenario lets a bus do {over[name]:.0f} km/h on {name}",
        )
        yield Hit("county", "", case.county_name, over[name], text)


def in_zone(rule: Rule, case: Case) -> Iterator[Hit]:
    """Compare the share of pupils at the school of their catchment, by stage, with the number.

    Where the plan has no catchments, the figure that people counted stands in for it.
    """
    bands = [band for band in GradeBand if band.stage in (rule.applies.stages or tuple(Stage))]
    table = case.tables.in_zone
    mine = table[table["band"].isin([band.value for band in bands])]
    zoned, inside, gone = (float(mine[name].sum()) for name in ("zoned", "in_zone", "zone_gone"))
    if zoned <= CRUMB:
        yield from fact(rule.model_copy(update={"sense": "least"}), case)
        return
    share = inside / zoned
    if share < limit_of(rule) - CRUMB:
        zh = f"学区内有学校的学生{zoned:.0f}人，在所在学区学校就读的占{share:.1%}"
        en = f"of {zoned:.0f} pupils whose catchment has a school, {share:.1%} attend it"
        if gone > CRUMB:
            zh += f"（另有{gone:.0f}人所在学区没有开设其年级的在办学校，学区须重新划定）"
            en += f" ({gone:.0f} more have no open school in theirs)"
        yield Hit("county", "", case.county_name, share, Text(zh, en))


def _villages(case: Case, far: pd.DataFrame, quantity: str, unit: Text) -> Iterator[Hit]:
    names = case.tables.villages.set_index("village_id")["name"]
    worst = far.groupby("village_id", sort=True).agg(value=(quantity, "max"), pupils=("pupils", "sum"))
    for village_id, row in worst.iterrows():
        name = str(names.get(village_id, ""))
        text = Text(
            f"{name or village_id}有{row['pupils']:.1f}名学生超过，最多{row['value']:.0f}{unit.zh}",
            f"{name or village_id}: {row['pupils']:.1f} pupils beyond, up to {row['value']:.0f} {unit.en}",
        )
        yield Hit("village", str(village_id), name, float(row["value"]), text)

"""What no plan can give however it is searched: sums and counts of a county that a block ``layout`` rules out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from layout_planner.assign.decisions import apply_decisions
from layout_planner.config.layout import Layout, TimeRule
from layout_planner.errors import Flaw, Text
from layout_planner.grades import GradeBand, Tier
from layout_planner.layout.choices import Choices, school_choices
from layout_planner.layout.wishes import placed

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from layout_planner.config.scenario import Scenario
    from layout_planner.io.county import County

__all__ = ["possible_flaws"]

_BANDS = tuple(GradeBand)
_CENTRAL = (Tier.CENTRAL_PRIMARY, Tier.PRIMARY, Tier.NINE_YEAR)
_DOWNHILL = 1.25  # nobody walks faster than this, measured on the level; Tobler's function peaks at 1.19
_METRES_A_MINUTE = 1000.0 / 60.0


def possible_flaws(county: County, scenario: Scenario) -> Iterator[Flaw]:
    """Give what a block ``layout`` demands that no choice of schools can fulfil.

    Parameters
    ----------
    county : County
        With demand, supply filled in.
    scenario : Scenario
        Its block ``layout`` names schools of the county only.

    Raises
    ------
    ScenarioError
        If the scenario's decisions cannot be carried out.
    """
    assert county.demand is not None
    layout = scenario.layout or Layout()
    choices = school_choices(county.schools, scenario, layout)
    base = apply_decisions(county.schools, scenario.decisions, scenario.classes)
    pupils = county.demand[[band.pupils_column for band in _BANDS]].to_numpy(dtype=np.float64)
    yield from _townships(base, scenario, layout)
    yield from _untaught(choices, pupils.sum(axis=0), scenario, layout)
    yield from _budgets(choices, scenario, layout)
    yield from _too_small(choices, pupils.sum(axis=0), scenario)
    yield from _out_of_reach(county, choices, pupils, scenario, layout)


def _townships(base: gpd.GeoDataFrame, scenario: Scenario, layout: Layout) -> Iterator[Flaw]:
    """Give the townships that would lose what the rules say that each must keep, by closures that are demanded."""
    must = layout.must
    upper = base["grade_from"].le(4) & base["grade_to"].ge(6) & base["tier"].isin([tier.value for tier in _CENTRAL])
    junior = base["grade_to"].ge(9)
    rules = (
        ("central_primary_per_township", upper, Text("中心小学", "central primary school")),
        ("junior_per_township", junior, Text("初中", "junior school")),
    )
    for key, kind, words in rules:
        if not getattr(must, key):
            continue
        rows = base[kind & base["township_id"].fillna("").ne("")]
        code = rows["school_id"].astype(str)
        idle = rows["decision"].eq("inactive") & (layout.may.open | code.isin(must.keep))
        stays = (rows["is_open"] & ~code.isin(must.close)) | idle
        for _, group in rows.assign(stays=stays).groupby("township_id", sort=True):
            lost = group[group["is_open"]]
            if len(lost) and not group["stays"].any():
                closed, name = str(lost["school_id"].iloc[0]), str(lost["name"].iloc[0])
                town = str(group["township"].iloc[0]) or str(group["township_id"].iloc[0])
                yield placed(
                    scenario, ("layout", "must", "close", must.close.index(closed)), "contrary",
                    Text(f"撤并{name}（{closed}）后，{town}没有{words.zh}了，与 must.{key} 相反",
                         f"without {name} ({closed}) {town} has no {words.en}, contrary to must.{key}"),
                    Text(f"从 close 中删去，或写 {key}: false", f"take it off close, or write {key}: false"),
                )  # fmt: skip


def _untaught(choices: Choices, pupils: NDArray[np.float64], scenario: Scenario, layout: Layout) -> Iterator[Flaw]:
    """Give the bands that no school or site could teach, whatever becomes of it."""
    must = layout.must
    for k, band in enumerate(_BANDS):
        if pupils[k] <= 0 or choices.teaches[:, k].any():
            continue
        in_town = (band is GradeBand.G7_9 and must.junior_in_town) or (
            band is GradeBand.G4_6 and must.upper_primary_in_town
        )
        key = "town_radius_m" if in_town else "close"
        mend = (
            Text(f"加大 town_radius_m（现为 {must.town_radius_m:g} 米），或不要求进镇",
                 f"raise town_radius_m, now {must.town_radius_m:g}, or do not ask for schools in towns")
            if in_town
            else Text("从 close 中删去几所，或写 open: true 允许启用停办的学校",
                      "take schools off close, or write open: true to let closed ones open")
        )  # fmt: skip
        yield placed(
            scenario, ("layout", "must", key), "untaught",
            Text(f"{band.label_zh} {pupils[k]:,.0f} 名学生没有任何学校可上",
                 f"no school could teach the {pupils[k]:,.0f} pupils of {band.value}"),
            mend,
        )  # fmt: skip


def _budgets(choices: Choices, scenario: Scenario, layout: Layout) -> Iterator[Flaw]:
    """Give budgets below what the least of all choices costs."""
    budgets = (
        ("yearly_budget_yuan", choices.yearly_yuan,
         Text("可撤的学校都撤，每年固定支出也要", "with all closed that may close, upkeep is still")),
        ("one_off_budget_yuan", choices.one_off_yuan,
         Text("要求的撤并和启用至少要", "the closures and openings that are demanded cost at least")),
    )  # fmt: skip
    for key, costs, words in budgets:
        most = getattr(layout.must, key)
        least = float(np.minimum.reduceat(costs, choices.today).sum())
        if most is not None and most < least * (1 - 1e-9):
            yield placed(
                scenario, ("layout", "must", key), "budget_short",
                Text(f"上限 {most:,.0f} 元不够：{words.zh} {least:,.0f} 元",
                     f"{most:,.0f} yuan are too few: {words.en} {least:,.0f}"),
                Text(f"以元为单位，写 {np.ceil(least):.0f} 以上，或写 null 不设上限",
                     f"in yuan: write more than {np.ceil(least):.0f}, or null for no limit"),
            )  # fmt: skip


def _too_small(choices: Choices, pupils: NDArray[np.float64], scenario: Scenario) -> Iterator[Flaw]:
    """Give the types of school whose least size no school could reach, though some must stay open."""
    most = choices.teaches.astype(np.float64) @ pupils
    fits = ~choices.is_open | (choices.smallest <= most)
    stuck = ~np.logical_or.reduceat(fits, choices.today)
    rows = choices.today[stuck]
    for tier in dict.fromkeys(Tier(choices.tier[row]) for row in rows):
        row = next(r for r in rows if choices.tier[r] == tier)
        least, name = choices.smallest[row], choices.name[choices.school[row]]
        yield placed(
            scenario, ("layout", "must", "smallest", tier.value), "contrary",
            Text(f"{name}不可撤并，却要求至少 {least:.0f} 人：全县这几个年级只有 {most[row]:,.0f} 人",
                 f"{name} cannot close, but needs {least:.0f} pupils: the county has {most[row]:,.0f} of its grades"),
            Text("改小，或删去这一类", "lower it, or leave this type out"),
        )  # fmt: skip


def _out_of_reach(
    county: County, choices: Choices, pupils: NDArray[np.float64], scenario: Scenario, layout: Layout
) -> Iterator[Flaw]:
    """Give the walking limits within which nobody lives of any school, even as the crow flies."""
    assert county.demand is not None
    travel = scenario.travel
    homes = np.column_stack([county.demand.geometry.x, county.demand.geometry.y])
    places = county.schools.assign(school_id=county.schools["school_id"].astype(str)).set_index("school_id")
    points = places.geometry.loc[choices.school_id]
    sites = np.column_stack([points.x, points.y])
    for k, band in enumerate(_BANDS):
        taught = np.unique(choices.school[choices.teaches[:, k]])
        lived = pupils[:, k] > 0
        limit = travel.walk_limit_min.get(band)
        rides = travel.ride_limit_min.get(band, 0.0) > travel.ride_wait_min
        if rides or limit is None or layout.must.time_limit.get(band) is TimeRule.NONE:
            continue
        if not len(taught) or not lived.any():
            continue
        nearest = float(np.min(cKDTree(sites[taught]).query(homes[lived])[0]))
        pace = travel.walk_speed_kmh.get(band, 0.0) * travel.speed_factor * _METRES_A_MINUTE
        if nearest > limit * pace * _DOWNHILL:
            yield placed(
                scenario, ("travel", "walk_limit_min", band.value), "limit_short",
                Text(f"{band.label_zh}没有一个学生在 {limit:g} 分钟内走得到学校：最近的直线也有 {nearest:,.0f} 米",
                     f"nobody of {band.value} can walk to a school in {limit:g} min: the nearest is {nearest:,.0f} m "
                     "away as the crow flies"),
                Text(f"以分钟为单位（半小时写 30）；走 {nearest:,.0f} 米要 {nearest / max(pace, 1e-9):.0f} 分钟",
                     f"it is in minutes (half an hour is 30); {nearest:,.0f} m take {nearest / max(pace, 1e-9):.0f}"),
            )  # fmt: skip

"""What could be done about classes that are too large: who could go elsewhere, and where there is room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.assign.classes import form_classes, plan_grades, whole_size
from layout_planner.assign.options import options
from layout_planner.config.layout import Layout, Term
from layout_planner.grades import GradeBand, Stage, Tier, grade_pupils_column
from layout_planner.supply.capacity import class_cap, stages_taught

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.config.scenario import Scenario
    from layout_planner.plan import Plan
    from layout_planner.travel.matrix import TravelMatrix

__all__ = ["Choices", "clearing_choices"]

ENTRY_GRADES = tuple(stage.grades[0] for stage in Stage)
FIRST_MOVED = GradeBand.G4_6.grades
"""First grades of the upper grades that may move to another school as a whole."""

_DAY_TIER = 1
_PAIR = ["school_id", "village_id", "band"]


@dataclass(frozen=True, eq=False)
class Choices:
    """Everything that the programme decides between.

    Attributes
    ----------
    classes : DataFrame
        Table ``class_results`` of the plan.
    units : DataFrame
        What is taught in one class or more: ``school_id``, ``grades`` (tuple), ``pupils``, ``classes``, ``limit``
        (class limit), ``most`` (largest class aimed at), ``is_large``. All grades of the schools concerned.
    schools : DataFrame
        On the ids of those schools: ``name``, ``tier``, ``rooms``, ``seats_primary``, ``seats_junior``, ``is_source``.
    parts : DataFrame
        Pupils of a village and band at a school with a large class: ``school_id``, ``village_id``, ``band``,
        ``pupils``, ``minutes`` and ``grade_1`` … ``grade_3``, the pupils of the band's first to third grade.
    offers : DataFrame
        Schools that a part could go to: ``part`` (position), ``to``, ``covered`` (share of the pupils within the
        limits there), ``minutes`` (before) and ``minutes_to`` of those covered, ``yuan`` a pupil and year, and
        ``grade_1`` … of those covered.
    upper : DataFrame
        Upper grades that could move whole: ``school_id``, ``first`` (grade), ``to``, ``pupils``, ``minutes``,
        ``minutes_to``, ``yuan`` (in all, a year).
    """

    classes: pd.DataFrame
    units: pd.DataFrame
    schools: pd.DataFrame
    parts: pd.DataFrame
    offers: pd.DataFrame
    upper: pd.DataFrame


def clearing_choices(plan: Plan, times: Mapping[str, TravelMatrix]) -> Choices:
    """List what could be done about the large classes of a plan.

    Parameters
    ----------
    plan : Plan
        Its classes are formed out of ``plan.assignment``.
    times : mapping of str to TravelMatrix
        Travel times of the plan's county.
    """
    scenario = plan.scenario
    demand = plan.county.demand
    assert demand is not None
    classes = form_classes(plan.schools, plan_grades(plan), scenario.classes)
    large = classes[whole_size(classes["class_size"]) >= scenario.classes.clearing.clear_from]
    sources = sorted(large["school_id"].astype(str).unique())
    points = _points(plan, sources)
    pairs = _offered(points, plan, times, sources)
    parts, offers = _parts(points, pairs, scenario)
    upper = _upper(points, pairs, plan, sources)
    named = {*sources, *offers["to"], *upper["to"]}
    schools = plan.schools.assign(school_id=plan.schools["school_id"].astype(str)).set_index("school_id")
    schools = schools.loc[sorted(named)]
    schools["is_source"] = schools.index.isin(sources)
    return Choices(classes, _units(classes, schools, scenario), schools, parts, offers, upper)


def _points(plan: Plan, sources: list[str]) -> pd.DataFrame:
    """Take the day pupils at the schools with large classes, by demand point, with their grades and yuan so far."""
    demand = plan.county.demand
    assert demand is not None
    rows = plan.assignment
    rows = rows[rows["school_id"].isin(sources) & (rows["mode"] != "board")].reset_index(drop=True)
    homes = demand.set_index(demand["demand_id"].astype(str))
    village = rows["demand_id"].map(homes["village_id"]).fillna("").astype(object)
    points = rows[["demand_id", "band", "school_id", "mode", "pupils", "minutes"]].assign(
        village_id=village.where(village != "", rows["demand_id"])
    )
    points[[f"grade_{k}" for k in (1, 2, 3)]] = (
        _sizes(points, homes) if plan.grades is None else _assigned(points, plan)
    )
    return points


def _sizes(points: pd.DataFrame, homes: pd.DataFrame) -> NDArray[np.float64]:
    """Spread the pupils of every point over the three grades of its band, in the mix of the place."""
    sizes = np.zeros((len(points), 3))
    for band in GradeBand:
        mine = (points["band"] == band.value).to_numpy()
        grades = [grade_pupils_column(g) for g in band.grades]
        known = homes[grades] if set(grades) <= set(homes.columns) else pd.DataFrame(1.0, homes.index, grades)
        whole = known.sum(axis=1)
        share = known.div(whole.where(whole > 0), axis=0).fillna(1 / 3).reindex(points.loc[mine, "demand_id"])
        sizes[mine] = share.to_numpy(np.float64) * points.loc[mine, ["pupils"]].to_numpy(np.float64)
    return sizes


def _assigned(points: pd.DataFrame, plan: Plan) -> NDArray[np.float64]:
    """Look up the pupils of every point in the three grades of its band, where seats count by grade."""
    assert plan.grades is not None
    keys = ["demand_id", "band", "school_id", "mode"]
    order = plan.grades.assign(place=(plan.grades["grade"] - 1) % 3)
    wide = order.pivot_table(index=keys, columns="place", values="pupils", aggfunc="sum").reindex(columns=range(3))
    return wide.reindex(pd.MultiIndex.from_frame(points[keys])).fillna(0.0).to_numpy(np.float64)


def _offered(points: pd.DataFrame, plan: Plan, times: Mapping[str, TravelMatrix], sources: list[str]) -> pd.DataFrame:
    """Join every point with the schools that its pupils could go to by day, within the limits; and price it."""
    demand, scenario = plan.county.demand, plan.scenario
    assert demand is not None
    asked = demand[demand["demand_id"].astype(str).isin(points["demand_id"])]
    reach = options(times, plan.schools, asked, scenario.travel).to_frame()
    limits, layout = scenario.classes.clearing, scenario.layout or Layout()
    receives = plan.schools["tier"].isin([tier.value for tier in limits.receive])
    takes = set(plan.schools.loc[receives, "school_id"].astype(str)) - set(sources)
    reach = reach[(reach["tier"] <= _DAY_TIER) & reach["school_id"].isin(takes)]
    reach = reach.rename(columns={"school_id": "to", "minutes": "minutes_to", "mode": "mode_to"})
    pairs = points.reset_index(names="point").merge(
        reach[["demand_id", "band", "to", "minutes_to", "mode_to"]], on=["demand_id", "band"]
    )
    longer = pairs["minutes_to"] - pairs["minutes"]
    pairs = pairs[longer <= limits.longer_min].reset_index(drop=True)
    longer = (pairs["minutes_to"] - pairs["minutes"]).clip(lower=0.0)
    weights, riders = layout.goal.weights, (pairs["mode_to"] == "ride") & (pairs["mode"] != "ride")
    pairs["yuan"] = (
        longer * weights.get(Term.PUPIL_MINUTES, 0.0)
        + limits.change_yuan
        + riders * layout.prices.rider_yuan * weights.get(Term.YEARLY_YUAN, 0.0)
    )
    return pairs


def _weighted(pairs: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Sum pupils and grades of groups of pairs, and average minutes and yuan over the pupils."""
    sums = [f"grade_{k}" for k in (1, 2, 3)]
    means = [name for name in ("minutes", "minutes_to", "yuan") if name in pairs]
    weighted = pairs[[*by, "pupils", *sums]].assign(**{m: pairs[m] * pairs["pupils"] for m in means})
    table = weighted.groupby(by, sort=True).sum().reset_index()
    for name in means:
        table[name] = table[name] / table["pupils"]
    return table


def _parts(points: pd.DataFrame, pairs: pd.DataFrame, scenario: Scenario) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Group points into the parts that villages have in schools, each with the nearest schools that it could go to."""
    parts = _weighted(points, _PAIR)
    limits = scenario.classes.clearing
    offers = _weighted(pairs, [*_PAIR, "to"])
    offers = offers.merge(parts.reset_index(names="part")[[*_PAIR, "part", "pupils"]], on=_PAIR, suffixes=("", "_all"))
    offers["covered"] = offers["pupils"] / offers["pupils_all"]
    offers = offers.sort_values(["part", "minutes_to", "to"], kind="stable")
    offers = offers[offers.groupby("part").cumcount() < limits.choices_per_village]
    return parts, offers.drop(columns=["village_id", "pupils_all"]).reset_index(drop=True)


def _upper(points: pd.DataFrame, pairs: pd.DataFrame, plan: Plan, sources: list[str]) -> pd.DataFrame:
    """List the schools to which the upper grades of a school could move: all their pupils within the limits there."""
    band = GradeBand.G4_6
    mine, there = points[points["band"] == band.value], pairs[pairs["band"] == band.value]
    everybody = plan.assignment[plan.assignment["band"] == band.value].groupby("school_id")["pupils"].sum()
    found = _weighted(there, ["school_id", "to"])
    whole = found["school_id"].map(everybody.reindex(sources))
    found = found[found["pupils"] >= whole * (1 - 1e-9)]
    shares = mine.groupby("school_id")[[f"grade_{k}" for k in (1, 2, 3)]].sum()
    rows = []
    for row in found.to_dict("records"):
        sizes = shares.loc[row["school_id"]].to_numpy(dtype=np.float64)
        for k, first in enumerate(FIRST_MOVED):
            moved = float(sizes[k:].sum())
            rows.append(
                (row["school_id"], first, row["to"], moved, row["minutes"], row["minutes_to"], row["yuan"] * moved)
            )
    return pd.DataFrame(rows, columns=["school_id", "first", "to", "pupils", "minutes", "minutes_to", "yuan"])


def _units(classes: pd.DataFrame, schools: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """List what is taught together in the schools concerned, grades without pupils included."""
    clear_from = scenario.classes.clearing.clear_from
    rows = []
    formed = dict(iter(classes.groupby(classes["school_id"].astype(str))))
    for code, school in schools.iterrows():
        tier, grade_to = Tier(school["tier"]), int(school["grade_to"])
        known: set[int] = set()
        own = formed.get(str(code), classes.iloc[:0])
        for _, group in own.groupby(own["combined"].where(own["combined"] != "", own["grade"].astype(str)), sort=False):
            grades = tuple(int(g) for g in group["grade"])
            known |= set(grades)
            size, limit = float(group["class_size"].iloc[0]), int(group["class_limit"].iloc[0])
            is_large = bool(whole_size(group["class_size"]).iloc[0] >= clear_from)
            rows.append((str(code), grades, float(group["pupils"].sum()), int(group["classes"].sum()), limit, is_large,
                         size))  # fmt: skip
        taught = stages_taught(int(school["grade_from"]), grade_to)
        for stage in (stage for stage, count in taught.items() if count):
            limit = class_cap(stage, tier, grade_to, scenario.classes)
            missing = [g for g in stage.grades if int(school["grade_from"]) <= g <= grade_to and g not in known]
            rows += [(str(code), (g,), 0.0, 0, limit, False, 0.0) for g in missing]
    columns = ["school_id", "grades", "pupils", "classes", "limit", "is_large", "class_size"]
    units = pd.DataFrame(rows, columns=columns)
    units["most"] = np.maximum(units["limit"], clear_from - 1)
    return units

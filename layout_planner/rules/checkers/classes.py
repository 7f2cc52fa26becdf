"""Checkers of classes: sizes, bands, shares, and how many begin."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from layout_planner.assign.classes import classes_of_size, whole_size
from layout_planner.errors import Text, counted
from layout_planner.grades import Stage
from layout_planner.rules.finding import CRUMB, Case, Hit, limit_of
from layout_planner.rules.ruleset import Rule

__all__ = ["class_share", "class_size", "classes_from", "entrants"]


def class_size(rule: Rule, case: Case) -> Iterator[Hit]:
    """Find the schools with classes above the number, of the rule's stages and tiers."""
    classes = case.tables.classes
    grades = [grade for stage in rule.applies.stages or tuple(Stage) for grade in stage.grades]
    mine = classes["grade"].isin(grades) & classes["school_id"].isin(case.of_tiers(rule))
    yield from _schools(case, classes[mine], int(limit_of(rule)) + 1)


def classes_from(rule: Rule, case: Case) -> Iterator[Hit]:
    """Find the schools with classes of the number of pupils or more."""
    yield from _schools(case, case.tables.classes, int(limit_of(rule)))


def class_share(rule: Rule, case: Case) -> Iterator[Hit]:
    """Compare the county's share of classes of ``class_from`` pupils and more with the number."""
    classes = case.tables.classes
    total = int(classes["classes"].sum())
    big = int(classes_of_size(classes, rule.class_from or 0).sum())
    if total and big / total > limit_of(rule) + CRUMB:
        text = Text(
            f"全县{total}个班中{big}个（{big / total:.1%}）",
            f"{big} of the county's {total} classes ({big / total:.1%})",
        )
        yield Hit("county", "", case.county_name, big / total, text)


def entrants(rule: Rule, case: Case) -> Iterator[Hit]:
    """Find the full primary schools whose first grade has fewer pupils than the number."""
    ids = set(case.schools(rule)["school_id"])
    first = case.tables.classes[(case.tables.classes["grade"] == 1) & case.tables.classes["school_id"].isin(ids)]
    for row in first[first["pupils"] < limit_of(rule) - CRUMB].sort_values("school_id").itertuples():
        pupils = float(str(row.pupils))
        text = Text(f"{row.name}一年级{pupils:.0f}人", f"{row.name}: {counted(pupils, 'pupil')} in grade 1")
        yield Hit("school", str(row.school_id), str(row.name), pupils, text)


def _schools(case: Case, classes: pd.DataFrame, least: int) -> Iterator[Hit]:
    """Give a hit a school with classes of ``least`` pupils or more: how many, and the largest."""
    big = classes_of_size(classes, least)
    sizes = classes.assign(big=big, size=whole_size(classes["class_size"]))[big > 0]
    names = case.tables.schools.set_index("school_id")["name"]
    for school_id, part in sizes.groupby("school_id", sort=True):
        count, largest = int(part["big"].sum()), int(part["size"].max())
        name = str(names.get(school_id, ""))
        text = Text(
            f"{name}有{count}个班超过，最大{largest}人",
            f"{name}: {counted(count, 'class', 'classes')} beyond, the largest {largest}",
        )
        yield Hit("school", str(school_id), name, float(largest), text)

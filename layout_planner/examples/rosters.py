"""Invented rosters for drawing lots: applicants for the town's most crowded schools, and one school's intake."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from layout_planner.columns_lottery import APART, BOY, GIRL, NO, TOGETHER, YES
from layout_planner.examples.county import Placed
from layout_planner.examples.schools import School
from layout_planner.grades import Tier

__all__ = ["PRIORITIES", "class_rows", "crowded_schools", "lottery_rows"]

PRIORITIES = ("房户一致", "有房或有户", "随迁子女")
"""Priorities of the invented roster, in their order."""
_SHARES = (0.50, 0.34, 0.16)
_SIBLINGS, _BLANK, _REFUSES = 0.10, 0.12, 0.06
_TWINS, _CLASS_TWINS = 5, 4
_QUARTERS = 6


def crowded_schools(placed: Placed) -> list[int]:
    """Give the two primary schools of the county town with the most pupils for their seats, the fullest first."""
    schools = placed.draft.schools
    town = [k for k, s in enumerate(schools) if s.in_town and s.tier is Tier.PRIMARY and s.pupils and s.seats]
    return sorted(town, key=lambda k: (-sum(schools[k].pupils.values()) / schools[k].seats, k))[:2]


def _rng(placed: Placed, stage: int) -> np.random.Generator:
    return np.random.default_rng([*placed.draft.seeds, stage])


def lottery_rows(placed: Placed) -> list[dict[str, object]]:
    """Invent the applicants of a zone that the two most crowded schools share, as many as their first grades hold."""
    rng = _rng(placed, 8)
    chosen = crowded_schools(placed)
    schools = [placed.draft.schools[k] for k in chosen]
    codes = [placed.school_id(k) for k in chosen]
    count = sum(school.pupils.get(1, 0) for school in schools)
    quarters = _quarters(placed, schools)
    priority = rng.choice(len(PRIORITIES), size=count, p=_SHARES)
    near = rng.choice(len(quarters), size=count, p=[share for _, _, share in quarters])
    rows: list[dict[str, object]] = []
    for i in range(count):
        name, closest, _ = quarters[near[i]]
        first = closest if rng.random() < 0.7 else 1 - closest
        states = rng.random() >= _BLANK
        row: dict[str, object] = {
            "application_no": f"26{i + 1:05d}", "priority": PRIORITIES[priority[i]],
            "migrant": YES if PRIORITIES[priority[i]] == PRIORITIES[-1] else NO, "village": name,
            "sibling_school": codes[int(rng.random() < 0.5)] if rng.random() < _SIBLINGS else None,
            "choice_1": codes[first] if states else None, "choice_2": codes[1 - first] if states else None,
            "accepts_other": YES,
        }  # fmt: skip
        if states and rng.random() < _REFUSES:
            row |= {"choice_2": None, "accepts_other": NO}
        rows.append(row)
    for pair, (i, j) in enumerate(_pairs(rng, count, _TWINS), 1):
        rows[j] = {**rows[i], "application_no": rows[j]["application_no"]}
        rows[i]["sibling_group"] = rows[j]["sibling_group"] = f"D{pair:02d}"
    return rows


def _quarters(placed: Placed, schools: list[School]) -> list[tuple[str, int, float]]:
    """Give the quarters nearest to the schools: name, which school is nearer, share of their residents."""
    town = [v for v in placed.draft.places.villages if v.township == 0]
    gaps = np.array([[np.linalg.norm(v.xy - school.xy) for school in schools] for v in town])
    order = np.argsort(gaps.min(axis=1), kind="stable")[:_QUARTERS]
    weight = np.array([max(town[k].residents, 1.0) for k in order])
    return [
        (town[k].name, int(np.argmin(gaps[k])), float(share))
        for k, share in zip(order, weight / weight.sum(), strict=True)
    ]


def _pairs(rng: np.random.Generator, count: int, pairs: int) -> list[tuple[int, int]]:
    drawn = rng.permutation(count)[: 2 * min(pairs, count // 4)].reshape(-1, 2)
    return [(int(i), int(j)) for i, j in drawn]


def class_rows(placed: Placed) -> list[dict[str, object]]:
    """Invent the intake of the most crowded school: one pupil a row, some of them twins with wishes."""
    rng = _rng(placed, 9)
    school = placed.draft.schools[crowded_schools(placed)[0]]
    count = school.seats // len(school.grades)
    sexes: Mapping[bool, str] = {True: BOY, False: GIRL}
    rows: list[dict[str, object]] = [
        {"application_no": f"B{i + 1:04d}", "sex": sexes[bool(rng.random() < 0.53)]} for i in range(count)
    ]
    for pair, (i, j) in enumerate(_pairs(rng, count, _CLASS_TWINS), 1):
        wish = (TOGETHER, APART, None, TOGETHER)[(pair - 1) % 4]
        for k in (i, j):
            rows[k] |= {"sibling_group": f"D{pair:02d}", "sibling_class": wish}
    return rows

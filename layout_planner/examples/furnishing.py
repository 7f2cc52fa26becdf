"""What stands in the schools and who works there: dormitories, canteens, books, equipment, staff and subjects."""

from __future__ import annotations

import numpy as np

from layout_planner.examples.rounding import whole
from layout_planner.examples.schools import School
from layout_planner.grades import Tier

__all__ = ["PER_PUPIL", "furnish"]

_SUBJECTS = {
    "语文": (5.5, 4.5),
    "数学": (4.5, 4.5),
    "英语": (1.5, 4.5),
    "科学": (1.2, 3.5),
    "道德与法治": (1.0, 1.5),
    "体育": (1.6, 1.4),
    "音乐": (0.9, 0.6),
    "美术": (0.9, 0.6),
    "信息科技": (0.4, 0.6),
}
_JUNIOR_SUBJECTS = {"科学": "物理、化学、生物"}
PER_PUPIL = {
    "site_per_pupil": ("site_m2", 1),
    "building_per_pupil": ("building_m2", 2),
    "books_per_pupil": ("books", 1),
    "equipment_per_pupil": ("equipment_yuan", 0),
}
"""Stated figures per pupil: the total that they follow from, and their decimals."""


def furnish(schools: list[School], rng: np.random.Generator) -> None:
    """Fill the facilities and the teachers by subject of every school that teaches."""
    for school in schools:
        total = sum(school.pupils.values())
        if not total:
            continue
        school.dorm_m2 = 5 * round(school.beds * float(rng.uniform(3.0, 4.0)) / 5)
        small = school.tier is Tier.TEACHING_POINT
        school.canteen_m2 = 24 if small else 5 * round(max(40.0, total * float(rng.uniform(0.35, 0.6))) / 5)
        school.books = 10 * round(total * float(rng.uniform(24, 38)) / 10)
        school.computers = max(1, round(total * float(rng.uniform(0.06, 0.12))))
        school.equipment_yuan = 100 * round(total * float(rng.uniform(1_700, 3_200)) / 100)
        school.staff = school.teachers + (0 if small else 1 + round(school.teachers * float(rng.uniform(0.04, 0.1))))
        school.subjects = _subjects(school)


def _subjects(school: School) -> dict[str, int]:
    """Share the teachers over the subjects by their hours; they add up."""
    junior = school.tier is Tier.JUNIOR
    hours = np.array([pair[junior] for pair in _SUBJECTS.values()])
    heads = whole(school.teachers * hours / hours.sum(), school.teachers)
    names = [_JUNIOR_SUBJECTS.get(s, s) if junior else s for s in _SUBJECTS]
    return {name: int(n) for name, n in zip(names, heads, strict=True) if n}

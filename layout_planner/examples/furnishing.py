"""What stands in the schools and who works there: dormitories, canteens, books, equipment, staff and subjects."""

from __future__ import annotations

import numpy as np

from layout_planner.examples.rounding import whole
from layout_planner.examples.schools import School
from layout_planner.grades import Tier

__all__ = ["PER_PUPIL", "equip", "furnish"]

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
_PE_AND_ART = ("体育", "音乐", "美术")
_ABOVE_NORM = {Tier.PRIMARY: (0.84, 0.98), Tier.TEACHING_POINT: (0.5, 0.85), Tier.VILLAGE_PRIMARY: (0.6, 0.88)}
_BACKBONE = {Tier.PRIMARY: (1.1, 1.9), Tier.TEACHING_POINT: (0.0, 1.5), Tier.VILLAGE_PRIMARY: (0.5, 1.4)}
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


def equip(schools: list[School], rng: np.random.Generator) -> None:
    """Fill what the evaluations of balance ask for in every school that teaches; :func:`furnish` comes first."""
    for school in schools:
        total = sum(school.pupils.values())
        if not total:
            continue
        share = float(rng.uniform(*_ABOVE_NORM.get(school.tier, (0.72, 0.94))))
        school.teachers_above_norm = round(school.teachers * share)
        school.teachers_mid_title = round(school.teachers * float(rng.uniform(0.3, 0.62)))
        per_100 = float(rng.uniform(*_BACKBONE.get(school.tier, (0.9, 1.7))))
        school.teachers_backbone = min(round(total / 100 * per_100), school.teachers)
        school.teachers_pe_art = sum(school.subjects.get(name, 0) for name in _PE_AND_ART)
        lessons = school.building_m2 - school.dorm_m2 - school.canteen_m2
        school.teaching_m2 = 10 * round(lessons * float(rng.uniform(0.58, 0.78)) / 10)
        hall = school.in_town or school.tier is Tier.JUNIOR
        area = float(rng.uniform(300, 900))
        school.indoor_sports_m2 = 10 * round(area / 10) if hall and rng.random() < 0.5 else 0
        school.sports_ground_m2 = 10 * round(school.site_m2 * float(rng.uniform(0.28, 0.44)) / 10)
        school.media_rooms = max(1, round(school.classes * float(rng.uniform(0.75, 1.15))))


def _subjects(school: School) -> dict[str, int]:
    """Share the teachers over the subjects by their hours; they add up."""
    junior = school.tier is Tier.JUNIOR
    hours = np.array([pair[junior] for pair in _SUBJECTS.values()])
    heads = whole(school.teachers * hours / hours.sum(), school.teachers)
    names = [_JUNIOR_SUBJECTS.get(s, s) if junior else s for s in _SUBJECTS]
    return {name: int(n) for name, n in zip(names, heads, strict=True) if n}

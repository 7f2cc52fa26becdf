"""Stages, grades, grade bands and school tiers: 学段, 年级, 年级段, 学校层级."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["GRADES", "GRADE_PUPILS", "GradeBand", "Stage", "Tier", "bands_of", "grade_label", "grade_pupils_column"]

GRADES = tuple(range(1, 10))
_GRADE_ZH = "一二三四五六七八九"


def grade_label(grade: int) -> str:
    """Spell a grade (1 to 9) in Chinese.

    >>> grade_label(7)
    '七年级'
    """
    return f"{_GRADE_ZH[grade - 1]}年级"


def grade_pupils_column(grade: int) -> str:
    """Name the column that holds the pupils of one grade in a table with one row a place.

    >>> grade_pupils_column(7)
    'pupils_grade_7'
    """
    return f"pupils_grade_{grade}"


GRADE_PUPILS = tuple(grade_pupils_column(grade) for grade in GRADES)
"""The nine columns of pupils by single grade."""


class Stage(StrEnum):
    """School stage 学段: six years of primary, three of junior."""

    PRIMARY = "primary"
    JUNIOR = "junior"

    @property
    def label_zh(self) -> str:
        """Chinese name of the stage."""
        return "小学" if self is Stage.PRIMARY else "初中"

    @property
    def grades(self) -> range:
        """Grades of the stage."""
        return range(1, 7) if self is Stage.PRIMARY else range(7, 10)


class GradeBand(StrEnum):
    """Grade band 年级段: the unit in which travel limits and boarding are ruled."""

    G1_3 = "G1-3"
    G4_6 = "G4-6"
    G7_9 = "G7-9"

    @property
    def grades(self) -> range:
        """Grades of the band."""
        low = {"G1-3": 1, "G4-6": 4, "G7-9": 7}[self.value]
        return range(low, low + 3)

    @property
    def stage(self) -> Stage:
        """Stage that the band belongs to."""
        return Stage.JUNIOR if self is GradeBand.G7_9 else Stage.PRIMARY

    @property
    def label_zh(self) -> str:
        """Chinese name of the band."""
        return {"G1-3": "1—3年级", "G4-6": "4—6年级", "G7-9": "7—9年级"}[self.value]

    @property
    def pupils_column(self) -> str:
        """Column that holds the pupils of this band in a table with one row a place.

        >>> GradeBand.G4_6.pupils_column
        'pupils_g4_6'
        """
        return "pupils_" + self.value.lower().replace("-", "_")


class Tier(StrEnum):
    """School tier 学校层级."""

    TEACHING_POINT = "teaching_point"
    VILLAGE_PRIMARY = "village_primary"
    CENTRAL_PRIMARY = "central_primary"
    PRIMARY = "primary"
    JUNIOR = "junior"
    NINE_YEAR = "nine_year"

    @property
    def label_zh(self) -> str:
        """Chinese name of the tier."""
        return {
            "teaching_point": "教学点",
            "village_primary": "村小",
            "central_primary": "中心小学",
            "primary": "城镇小学",
            "junior": "初中",
            "nine_year": "九年一贯制学校",
        }[self.value]

    @property
    def default_grades(self) -> tuple[int, int]:
        """First and last grade that a school of this tier teaches unless its row says otherwise."""
        if self is Tier.TEACHING_POINT:
            return (1, 3)
        if self is Tier.JUNIOR:
            return (7, 9)
        if self is Tier.NINE_YEAR:
            return (1, 9)
        return (1, 6)


def bands_of(grade_from: int, grade_to: int) -> tuple[GradeBand, ...]:
    """List the bands that a school teaches in full.

    >>> bands_of(1, 6)
    (<GradeBand.G1_3: 'G1-3'>, <GradeBand.G4_6: 'G4-6'>)
    """
    return tuple(b for b in GradeBand if grade_from <= b.grades[0] and b.grades[-1] <= grade_to)

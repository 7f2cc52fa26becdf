"""How many pupils a school has seats for: classrooms times the class limit, by stage."""

from __future__ import annotations

import math

from layout_planner.config.scenario import Classes
from layout_planner.grades import Stage, Tier

__all__ = ["class_cap", "rooms_by_stage", "rooms_for_seats", "seats_by_stage", "stages_taught"]


def stages_taught(grade_from: int, grade_to: int) -> dict[Stage, int]:
    """Count the grades that a school teaches of each stage.

    >>> stages_taught(1, 9)
    {<Stage.PRIMARY: 'primary'>: 6, <Stage.JUNIOR: 'junior'>: 3}
    """
    taught = range(grade_from, grade_to + 1)
    return {stage: sum(grade in taught for grade in stage.grades) for stage in Stage}


def class_cap(stage: Stage, tier: Tier, grade_to: int, classes: Classes) -> int:
    """Give the class limit (pupils a class) of a stage in a school.

    A teaching point, or a primary school that ends before grade 6, is an incomplete primary school.

    Source: GB 50099-2011 3.0.1 (45 primary, 50 junior, 30 incomplete primary).
    """
    if stage is Stage.JUNIOR:
        return classes.junior
    incomplete = tier is Tier.TEACHING_POINT or grade_to < Stage.PRIMARY.grades[-1]
    return classes.incomplete_primary if incomplete else classes.primary


def rooms_by_stage(rooms: int, grade_from: int, grade_to: int) -> dict[Stage, int]:
    """Split classrooms by the number of grades taught: six to three in a nine-year school.

    >>> rooms_by_stage(26, 1, 9)
    {<Stage.PRIMARY: 'primary'>: 17, <Stage.JUNIOR: 'junior'>: 9}
    """
    taught = stages_taught(grade_from, grade_to)
    whole = sum(taught.values())
    primary = (2 * rooms * taught[Stage.PRIMARY] + whole) // (2 * whole) if whole else 0
    return {Stage.PRIMARY: primary, Stage.JUNIOR: rooms - primary if whole else 0}


def seats_by_stage(
    rooms: int, seats: int | None, tier: Tier, grade_from: int, grade_to: int, classes: Classes
) -> dict[Stage, int]:
    """Give the seats (pupils) of each stage.

    Parameters
    ----------
    rooms : int
        Ordinary classrooms.
    seats : int or None
        Stated seats, split in proportion to rooms x class limit; ``None`` takes rooms x class limit itself.

    Returns
    -------
    dict of Stage to int
        Sums to ``seats`` where stated.
    """
    split = rooms_by_stage(rooms, grade_from, grade_to)
    room_seats = {stage: n * class_cap(stage, tier, grade_to, classes) for stage, n in split.items()}
    if seats is None:
        return room_seats
    taught = stages_taught(grade_from, grade_to)
    weight = room_seats if sum(room_seats.values()) else taught
    whole = sum(weight.values())
    primary = (2 * seats * weight[Stage.PRIMARY] + whole) // (2 * whole) if whole else 0
    return {Stage.PRIMARY: primary, Stage.JUNIOR: seats - primary if whole else 0}


def rooms_for_seats(seats: int, tier: Tier, grade_from: int, grade_to: int, classes: Classes) -> int:
    """Count the classrooms that stated seats need, stage by stage."""
    split = seats_by_stage(0, seats, tier, grade_from, grade_to, classes)
    return sum(math.ceil(n / class_cap(stage, tier, grade_to, classes)) for stage, n in split.items())

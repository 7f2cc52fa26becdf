"""What a draw needs of a scenario: the roster, the names of schools, and whether the block and the data agree."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from layout_planner.columns import SCHOOLS
from layout_planner.columns_lottery import YES
from layout_planner.config.lottery import ClassDraw, Lottery
from layout_planner.config.scenario import Scenario
from layout_planner.errors import Flaw, Severity, Text
from layout_planner.io.files import find_files
from layout_planner.io.roster import Roster, read_class_roster, read_lottery_roster
from layout_planner.io.tables import load_table
from layout_planner.io.vector import VECTOR_SUFFIXES, read_layer

__all__ = ["classes_drawn", "lottery_entries", "read_classes"]

_JUNIOR = 7


def lottery_entries(scenario: Scenario, asked: Lottery) -> tuple[Roster, dict[str, str], int, list[Flaw]]:
    """Read who takes part in a lottery, and hold block and roster against the schools and seats.

    Returns
    -------
    roster : Roster
    schools : dict of str to str
        Names of the schools drawn for, by code.
    guarantee : int
        Migrant pupils who get a seat at least.
    flaws : list of Flaw
        Everything that is wrong or odd.
    """
    names = _school_names(scenario)
    flaws = _unknown_schools(scenario, "lottery", [school.school_id for school in asked.schools], names)
    shown = {school.school_id: names.get(school.school_id, school.school_id) for school in asked.schools}
    roster = _read_roster(scenario, "lottery_roster", lambda file: read_lottery_roster(file, shown, asked.priorities))
    migrants = sum(row.get("migrant", "") == YES for row in roster.rows)
    guarantee = math.ceil(asked.migrant_guarantee * migrants - 1e-9)
    flaws += [*_seat_flaws(scenario, asked, len(roster.rows), guarantee), *roster.flaws]
    return roster, shown, guarantee, flaws


def read_classes(scenario: Scenario, asked: ClassDraw) -> tuple[Roster, dict[str, str], list[Flaw]]:
    """Read who is drawn into classes; returns the roster, names of all schools by code, and what is wrong or odd."""
    names = _school_names(scenario)
    flaws = _unknown_schools(scenario, "class_draw", [asked.school_id], names)
    roster = _read_roster(scenario, "class_roster", read_class_roster)
    return roster, names, [*flaws, *roster.flaws]


def classes_drawn(scenario: Scenario, asked: ClassDraw, pupils: int) -> int:
    """Count the classes: as the block says, or as the class limit needs for so many pupils."""
    limit = scenario.classes.junior if asked.grade >= _JUNIOR else scenario.classes.primary
    return asked.classes or math.ceil(pupils / limit)


def _read_roster(scenario: Scenario, role: str, reader: Callable[[Path], Roster]) -> Roster:
    """Read a roster from where the scenario has it."""
    files = find_files(scenario.data)
    path = files[role]
    if path is not None:
        found = reader(path)
        return Roster(found.rows, found.columns, (*files.flaws, *found.flaws))
    zh = "派位报名表" if role == "lottery_roster" else "分班名册"
    what = Text(f"没有{zh}", f"there is no {role.replace('_', ' ')}")
    mend = Text(
        f"在 data.{role} 写明文件；空白表：layout-planner template {role}",
        f"name it in data.{role}; for an empty one: layout-planner template {role}",
    )
    return Roster((), (), (*files.flaws, Flaw("file_missing", what, mend, key=f"data.{role}")))


def _school_names(scenario: Scenario) -> dict[str, str]:
    """Name the schools of the scenario's table, whatever else is wrong with it."""
    path = find_files(scenario.data)["schools"]
    if path is None:
        return {}
    loaded = read_layer(path, SCHOOLS) if path.suffix.lower() in VECTOR_SUFFIXES else load_table(path, SCHOOLS)
    ids, names = (loaded.frame[column].astype(str) for column in ("school_id", "name"))
    return {code: name or code for code, name in zip(ids, names, strict=True) if code}


def _unknown_schools(scenario: Scenario, block: str, codes: Sequence[str], names: Mapping[str, str]) -> list[Flaw]:
    """Report schools of a block that are not in the school table, at their lines."""
    flaws = []
    for i, code in enumerate(codes):
        if code in names:
            continue
        key = (block, "schools", i) if block == "lottery" else (block, "school_id")
        file, row = scenario.place(*key) or scenario.place(block) or ("", None)
        what = Text(f"学校表里没有代码 {code}", f"the school table has no code {code}")
        mend = Text("核对学校代码", "check the code")
        flaws.append(Flaw("school_unknown", what, mend, file, row=row, key=f"{block}.school_id"))
    return flaws


def _seat_flaws(scenario: Scenario, asked: Lottery, applicants: int, guarantee: int) -> list[Flaw]:
    """Report a guarantee that exceeds the seats, and seats that suffice for all."""
    seats = sum(school.seats for school in asked.schools)
    file, row = scenario.place("lottery") or ("", None)
    flaws = []
    if guarantee > seats:
        what = Text(
            f"随迁子女保障 {guarantee} 人，多于学位 {seats} 个",
            f"{guarantee} migrant pupils are guaranteed a seat, there are {seats}",
        )
        mend = Text("增加学位，或降低 migrant_guarantee", "add seats, or lower migrant_guarantee")
        flaws.append(Flaw("guarantee_over_seats", what, mend, file, row=row, key="lottery.migrant_guarantee"))
    if 0 < applicants <= seats:
        what = Text(
            f"报名 {applicants} 人，学位 {seats} 个，学位够用",
            f"there are {seats} seats for {applicants} applicants",
        )
        mend = Text("一般不必派位，除非要按志愿分到各校", "no lottery is needed, unless to settle choices")
        warning = Flaw("seats_suffice", what, mend, file, row=row, key="lottery.schools", severity=Severity.WARNING)
        flaws.append(warning)
    return flaws

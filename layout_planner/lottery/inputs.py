"""What a draw needs of a scenario: the roster, the names of schools, and whether the block and the data agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from layout_planner.columns import SCHOOLS
from layout_planner.config.lottery import Lottery
from layout_planner.config.scenario import Scenario
from layout_planner.errors import Flaw, Severity, Text
from layout_planner.io.files import find_files
from layout_planner.io.roster import Roster
from layout_planner.io.tables import load_table
from layout_planner.io.vector import VECTOR_SUFFIXES, read_layer

__all__ = ["read_roster", "school_names", "seat_flaws", "unknown_schools"]


def read_roster(scenario: Scenario, role: str, reader: Callable[[Path], Roster]) -> Roster:
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


def school_names(scenario: Scenario) -> dict[str, str]:
    """Name the schools of the scenario's table, whatever else is wrong with it."""
    path = find_files(scenario.data)["schools"]
    if path is None:
        return {}
    loaded = read_layer(path, SCHOOLS) if path.suffix.lower() in VECTOR_SUFFIXES else load_table(path, SCHOOLS)
    ids, names = (loaded.frame[column].astype(str) for column in ("school_id", "name"))
    return {code: name or code for code, name in zip(ids, names, strict=True) if code}


def unknown_schools(scenario: Scenario, block: str, codes: Sequence[str], names: Mapping[str, str]) -> list[Flaw]:
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


def seat_flaws(scenario: Scenario, asked: Lottery, applicants: int, guarantee: int) -> list[Flaw]:
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

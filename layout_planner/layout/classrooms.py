"""Room at school: seats by stage, whole classes by grade within the classrooms, and nobody past a nearer free seat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from layout_planner.grades import GradeBand, Stage
from layout_planner.layout.choices import Choice

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.layout.model import LayoutModel
    from layout_planner.layout.programme import Columns, Entry, Programme

__all__ = ["GROWS", "add_classrooms_rule", "add_closest_rule", "add_seats_rule", "room_seats", "rooms_needed", "taught"]

_BANDS = tuple(GradeBand)
_STAGES = tuple(Stage)
_CRUMB = 1e-6
GROWS = (Choice.KEEP, Choice.OPEN, Choice.LIFT)
"""Choices under which rooms may be added."""


def taught(
    model: LayoutModel, school: NDArray[np.int64], band: NDArray[np.int8], first: int, value: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], float]:
    """Give the entries Σ of the choices under which a school teaches a band, a row for each (school, band)."""
    choices = model.choices
    start = np.searchsorted(choices.school, np.arange(len(choices.school_id) + 1))
    count = np.diff(start)[school]
    row = np.repeat(np.arange(len(school)), count)
    within = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    choice = start[school][row] + within
    hit = choices.teaches[choice, band[row]]
    return row[hit], first + choice[hit], value


def room_seats(model: LayoutModel) -> NDArray[np.float64]:
    """Count the seats by school and stage, (m, 2), that one more step of rooms gives at the least."""
    m = len(model.school_id)
    caps = np.full((m, len(_STAGES)), np.inf)
    rows = np.isin(model.choices.choice, GROWS)
    given = np.where(model.class_cap > 0, model.class_cap, np.inf)[rows]
    np.minimum.at(caps, model.choices.school[rows], given)
    caps = np.where(np.isfinite(caps), caps, 0.0)
    both = model.room_step > 1
    return caps * np.where(both[:, None], [2.0, 1.0], 1.0)


def add_seats_rule(programme: Programme, model: LayoutModel) -> None:
    """Keep the pupils of each stage within the seats; add rooms only where a school is kept, lifted or opened."""
    choices, arcs = model.choices, model.arcs
    z, x, rooms = (programme.columns[name] for name in ("z", "x", "rooms"))
    m, q, everybody = np.arange(len(model.school_id)), np.arange(len(choices.school)), np.arange(len(arcs.unit))
    more = room_seats(model)
    for k, stage in enumerate(_STAGES):
        mine = everybody[model.stage[arcs.unit] == k]
        entries = [
            (arcs.school[mine], x[mine], model.units.pupils[arcs.unit[mine]]),
            (choices.school, z[q], -choices.seats[:, k]),
            (m, rooms[m], -more[:, k]),
        ]
        programme.add_rows(f"seats_{stage.value}", model.school_id, entries, upper=0.0)
    most = (choices.may_add_rooms // model.room_step).astype(np.float64)
    grows = np.flatnonzero(np.isin(choices.choice, GROWS))
    entries = [(m, rooms[m], 1.0), (choices.school[grows], z[grows], -most[choices.school[grows]])]
    programme.add_rows("rooms_added", model.school_id, entries, upper=0.0)


def rooms_needed(model: LayoutModel, choice: NDArray[np.int64], flow: NDArray[np.float64]) -> NDArray[np.int64]:
    """Count the rooms that every school must add for the pupils that a plan sends there, (m,).

    Parameters
    ----------
    model : LayoutModel
        Seats, rooms, classes.
    choice : ndarray (m,)
        Row of the choices that each school takes.
    flow : ndarray (number of arcs,)
        Share of the arc's unit.
    """
    choices, arcs, units, must = model.choices, model.arcs, model.units, model.layout.must
    m, gives = len(model.school_id), room_seats(model)
    pupils = flow * units.pupils[arcs.unit]
    steps = np.zeros(m)
    for k in range(len(_STAGES)):
        load = np.bincount(arcs.school, weights=pupils * (model.stage[arcs.unit] == k), minlength=m)
        lacking = np.maximum(0.0, load - choices.seats[choice, k] - _CRUMB)
        steps = np.maximum(steps, np.ceil(lacking / np.where(gives[:, k] > 0, gives[:, k], np.inf)))
    if must.whole_classes and not must.closest_first:
        grade = units.band[arcs.unit][:, None] * 3 + np.arange(3)
        sizes = np.zeros((m, 9))
        np.add.at(sizes, (arcs.school[:, None], grade), pupils[:, None] * units.grade_share[arcs.unit])
        caps = model.class_cap[choice][:, [0] * 6 + [1] * 3]
        classes = np.ceil(np.maximum(0.0, sizes - _CRUMB) / np.where(caps > 0, caps, np.inf)).sum(axis=1)
        steps = np.maximum(steps, np.ceil((classes - choices.rooms[choice]) / model.room_step))
    return (np.maximum(steps, 0) * model.room_step).astype(np.int64)


def add_classrooms_rule(programme: Programme, model: LayoutModel) -> None:
    """Form whole classes by grade within the classrooms, in schools with a room for every grade.

    A school with fewer rooms than grades teaches neighbouring grades together: there the seats alone bind.
    """
    choices, arcs, units = model.choices, model.arcs, model.units
    z, x, rooms = (programme.columns[name] for name in ("z", "x", "rooms"))
    roomy = np.flatnonzero((choices.rooms >= choices.grades) & choices.is_open)
    schools = np.unique(choices.school[roomy])
    whole = np.ones(len(model.school_id), dtype=bool)
    np.logical_and.at(whole, choices.school, ~choices.is_open | (choices.rooms >= choices.grades))
    schools = schools[whole[schools]]
    place = np.full(len(model.school_id), -1, dtype=np.int64)
    place[schools] = np.arange(len(schools))
    most = np.zeros(len(model.school_id))
    np.maximum.at(most, choices.school, choices.rooms)
    most = np.repeat((most + choices.may_add_rooms)[schools], 9)
    classes = programme.add_columns("classes", len(schools) * 9, 0, most, integer=True)
    caps = np.zeros((len(model.school_id), len(_STAGES)))
    np.maximum.at(caps, choices.school, model.class_cap)
    mine = np.flatnonzero(place[arcs.school] >= 0)
    band, at = units.band[arcs.unit[mine]].astype(np.int64), place[arcs.school[mine]]
    entries: list[Entry] = []
    for g in range(3):
        pupils = units.pupils[arcs.unit[mine]] * units.grade_share[arcs.unit[mine], g]
        entries.append((at * 9 + band * 3 + g, x[mine], pupils))
    stage_of_grade = np.array([0] * 6 + [1] * 3)
    k = np.arange(len(schools) * 9)
    entries.append((k, classes[k], -caps[schools][:, stage_of_grade].reshape(-1)))
    subject = np.repeat(model.school_id[schools], 9)
    programme.add_rows("class_size", subject, entries, upper=0.0)
    q = np.flatnonzero(place[choices.school] >= 0)
    entries = [
        (k // 9, classes[k], 1.0),
        (place[choices.school[q]], z[q], -choices.rooms[q].astype(np.float64)),
        (place[schools], rooms[schools], -model.room_step[schools].astype(np.float64)),
    ]
    programme.add_rows("classrooms", model.school_id[schools], entries, upper=0.0)
    _incomplete(programme, model, place, caps[:, 0])


def _incomplete(programme: Programme, model: LayoutModel, place: NDArray[np.int64], caps: NDArray[np.float64]) -> None:
    """Hold a school that is or becomes a teaching point, and could be more, to the smaller classes of one."""
    choices, units, arcs = model.choices, model.units, model.arcs
    z, x, classes = programme.columns["z"], programme.columns["x"], programme.columns["classes"]
    held = choices.teaches[:, 0] & (model.class_cap[:, 0] < caps[choices.school]) & (place[choices.school] >= 0)
    smaller = np.flatnonzero(held)
    school = choices.school[smaller]
    cap, before = model.class_cap[smaller, 0], caps[school]
    row = np.full(len(model.school_id), -1, dtype=np.int64)
    row[school] = np.arange(len(school))
    mine = np.flatnonzero((row[arcs.school] >= 0) & (units.band[arcs.unit] == 0))
    most = np.zeros(len(model.school_id))
    np.maximum.at(most, choices.school, choices.rooms)
    slack = (before - cap) * (most + choices.may_add_rooms)[school]
    r = np.arange(len(school))
    for g in range(3):
        pupils = units.pupils[arcs.unit[mine]] * units.grade_share[arcs.unit[mine], g]
        entries = [
            (row[arcs.school[mine]], x[mine], pupils),
            (r, classes[place[school] * 9 + g], -cap),
            (r, z[smaller], slack),
        ]
        programme.add_rows("class_size", model.school_id[school], entries, upper=slack)


def add_closest_rule(programme: Programme, model: LayoutModel) -> None:
    """Let nobody go past a nearer open school unless its seats of the stage are full.

    A school that a unit could only board at counts where it has beds in use, and is full without a free bed too. In
    whole villages a school is full once fewer seats are left than the largest unit in its reach has pupils.
    """
    choices, arcs, units = model.choices, model.arcs, model.units
    s, everybody = len(_STAGES), np.arange(len(arcs.unit))
    full = programme.add_columns("full", len(model.school_id) * s, 0, 1, integer=True)
    x, z, rooms = (programme.columns[name] for name in ("x", "z", "rooms"))
    _, first = np.unique(arcs.unit * len(model.school_id) + arcs.school, return_index=True)
    first = np.sort(first)
    end = np.searchsorted(arcs.unit, arcs.unit[first], side="right")
    rows, columns = [], []
    for row, (i, stop) in enumerate(zip(first, end, strict=True)):
        later = np.arange(i + 1, stop)
        later = later[arcs.school[later] != arcs.school[i]]
        rows.append(np.full(len(later), row))
        columns.append(later)
    unit, school = arcs.unit[first], arcs.school[first]
    pairs, stage = np.arange(len(first)), model.stage[unit]
    only = _boards_only(model, first)
    day, boards = pairs[~only], programme.columns["boards"]
    pair, column, one = taught(model, school[day], units.band[unit[day]], z.first, 1.0)
    passes: Entry = (np.concatenate(rows), x[np.concatenate(columns)], 1.0)
    entries: list[Entry] = [
        passes,
        (day[pair], column, one),
        (pairs[only], boards[school[only]], 1.0),
        (pairs[only], _full_beds(programme, model)[school[only]], -1.0),
        (pairs, full[school * s + stage], -1.0),
    ]
    programme.add_rows("closest_first", units.unit_id[unit], entries, upper=1.0)
    more = room_seats(model)
    most = np.zeros((len(model.school_id), s))
    np.maximum.at(most, choices.school, choices.seats)
    most += more * (choices.may_add_rooms // model.room_step)[:, None]
    m, q = np.arange(len(model.school_id)), np.arange(len(choices.school))
    for k in range(s):
        mine = everybody[model.stage[arcs.unit] == k]
        pupils = units.pupils[arcs.unit[mine]]
        spare = np.zeros(len(m))
        if model.layout.must.whole_villages:
            np.maximum.at(spare, arcs.school[mine], pupils)
        entries = [
            (arcs.school[mine], x[mine], pupils),
            (m, full[m * s + k], -most[:, k]),
            (choices.school, z[q], -choices.seats[:, k]),
            (m, rooms[m], -more[:, k]),
        ]
        programme.add_rows("full", model.school_id, entries, lower=-most[:, k] - spare)


def _boards_only(model: LayoutModel, first: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Say of the first way of each pair of unit and school whether there is none by day."""
    arcs, m = model.arcs, len(model.school_id)
    by_day = np.unique((arcs.unit * m + arcs.school)[~arcs.boards])
    return ~np.isin((arcs.unit * m + arcs.school)[first], by_day)


def _full_beds(programme: Programme, model: LayoutModel) -> Columns:
    """Mark the schools whose beds, added ones included, are all taken."""
    choices, arcs, m = model.choices, model.arcs, np.arange(len(model.school_id))
    x, boards, added = (programme.columns[name] for name in ("x", "boards", "beds"))
    most = choices.beds + choices.may_add_beds
    taken = programme.add_columns("full_beds", len(m), 0, most > 0, integer=True)
    stay, spare = np.flatnonzero(arcs.boards), np.zeros(len(m))
    if model.layout.must.whole_villages:
        np.maximum.at(spare, arcs.school[stay], arcs.boarders[stay])
    entries: list[Entry] = [
        (arcs.school[stay], x[stay], arcs.boarders[stay]), (m, taken[m], -most),
        (m, boards[m], -choices.beds), (m, added[m], -1.0),
    ]  # fmt: skip
    programme.add_rows("full", model.school_id, entries, lower=-most - spare)
    return taken

"""A plan to begin with where nobody may pass a nearer school with free seats: full schools send the surplus on.

Pupils ask at their nearest school; a full one keeps those who would lose most by going on, the others ask at their
next. As with deferred acceptance, whoever was sent on finds every nearer school full in the end.

Source: Gale & Shapley (1962), College admissions and the stability of marriage, Amer. Math. Monthly 69(1):9-15.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.grades import Stage
from layout_planner.layout.classrooms import GROWS, room_seats, rooms_needed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.layout.model import LayoutModel
    from layout_planner.layout.programme import Programme

__all__ = ["closest_start", "nearest_with_seats"]

_CRUMB = 1e-7
_SOME = 1e-6


def closest_start(programme: Programme, model: LayoutModel, values: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Make a plan out of a relaxation: its likeliest choices, rooms for those who live nearest, surplus sent on.

    Parameters
    ----------
    programme : Programme
        Of the model.
    model : LayoutModel
        Closest first.
    values : ndarray (n_cols,)
        Solution of the relaxation.

    Returns
    -------
    ndarray (n_cols,) or None
        Choices, boarding, rooms and ways; NaN for the columns that follow. ``None`` if somebody finds no seat.
    """
    columns, choices = programme.columns, model.choices
    z = values[columns["z"].all]
    first = choices.today
    chosen = np.array([rows[np.argmax(z[rows])] for rows in np.split(np.arange(len(z)), first[1:])], dtype=np.int64)
    boards = values[columns["boards"].all] > _SOME
    boards &= choices.teaches[chosen, 1:].any(axis=1)
    unbounded = np.full((len(first), len(Stage)), np.inf)
    wished = nearest_with_seats(model, chosen, boards, unbounded)
    if wished is None:
        return None
    most = np.where(np.isin(choices.choice[chosen], GROWS), choices.may_add_rooms // model.room_step, 0)
    seats, more = choices.seats[chosen], room_seats(model)
    below = np.maximum(0.0, choices.largest[chosen] - seats.sum(axis=1)) // np.maximum(more.sum(axis=1), 1.0)
    steps = np.minimum(rooms_needed(model, chosen, wished) // model.room_step, np.minimum(most, below))
    flow = nearest_with_seats(model, chosen, boards, seats + steps[:, None] * more)
    if flow is None:
        return None
    given = np.full(programme.n_cols, np.nan)
    given[columns["z"].all] = 0.0
    given[columns["z"][chosen]] = 1.0
    given[columns["boards"].all] = boards
    given[columns["rooms"].all] = steps
    given[columns["x"].all] = flow
    return given


def nearest_with_seats(
    model: LayoutModel, choice: NDArray[np.int64], boards: NDArray[np.bool_], seats: NDArray[np.float64]
) -> NDArray[np.float64] | None:
    """Send everybody to the nearest school that is not full; full ones keep those who would lose most.

    Parameters
    ----------
    model : LayoutModel
        Units and ways, nearest first.
    choice : ndarray (m,)
        Row of the choices that each school takes.
    boards : ndarray (m,) of bool
        Whether a school has beds in use; who would board there does not come by day.
    seats : ndarray (m, 2)
        By stage.

    Returns
    -------
    ndarray (number of arcs,) or None
        Share of the arc's unit; ``None`` if somebody finds no seat.
    """
    arcs, units, stage = model.arcs, model.units, model.stage
    ways = _usable(model, choice, boards)
    beds = model.choices.beds + model.choices.may_add_beds
    mean, whole = arcs.minutes / units.pupils[arcs.unit], model.layout.must.whole_villages
    takes = arcs.boarders / units.pupils[arcs.unit]
    place = {arc: (i, k) for i, row in enumerate(ways) for k, arc in enumerate(row)}
    held: dict[tuple[int, int], dict[int, float]] = defaultdict(dict)
    asking = {(i, 0): float(pupils) for i, pupils in enumerate(units.pupils)}

    def loss(arc: int) -> tuple[float, int]:
        i, k = place[arc]
        return (float(mean[ways[i][k + 1]] - mean[arc]) if k + 1 < len(ways[i]) else np.inf, arc)

    while asking:
        asked = set()
        for (i, k), pupils in asking.items():
            if k == len(ways[i]):
                return None
            school = (int(arcs.school[ways[i][k]]), int(stage[i]))
            held[school][ways[i][k]] = held[school].get(ways[i][k], 0.0) + pupils
            asked.add(school)
        asking = {}
        for school in sorted(asked):
            here = held[school]
            stay = {arc: here.pop(arc) for arc in sorted(here) if arcs.boards[arc]}
            sent = _surplus(stay, float(beds[school[0]]), loss, takes=takes, whole=whole)
            here.update(stay)
            more = _surplus(here, float(seats[school]), loss, takes=np.ones(len(mean)), whole=whole)
            for arc in sorted(sent.keys() | more.keys()):
                asking[place[arc][0], place[arc][1] + 1] = sent.get(arc, 0.0) + more.get(arc, 0.0)
    flow = np.zeros(len(arcs.unit))
    for kept_here in held.values():
        for arc, pupils in kept_here.items():
            flow[arc] = pupils / units.pupils[arcs.unit[arc]]
    return flow


def _surplus(
    held: dict[int, float], room: float, loss: Callable[[int], tuple[float, int]], *, takes: NDArray[np.float64],
    whole: bool,
) -> dict[int, float]:  # fmt: skip
    """Take out of ``held`` the pupils, by way, for whom there is no room: those who lose least first.

    ``takes`` is the room that one pupil of a way needs.
    """
    sent: dict[int, float] = {}
    surplus = sum(takes[arc] * pupils for arc, pupils in held.items()) - room
    for arc in sorted(held, key=loss) if surplus > _CRUMB else ():
        if surplus <= _CRUMB:
            break
        part = held[arc] if whole else min(held[arc], surplus / takes[arc])
        sent[arc] = part
        surplus -= part * takes[arc]
        held[arc] -= part
        if held[arc] <= 0:
            del held[arc]
    return sent


def _usable(model: LayoutModel, choice: NDArray[np.int64], boards: NDArray[np.bool_]) -> list[list[int]]:
    """List the ways of each unit into schools that teach it, nearest first, one a school."""
    arcs, units = model.arcs, model.units
    stays = set(zip(arcs.unit[arcs.boards].tolist(), arcs.school[arcs.boards].tolist(), strict=True))
    taught = model.choices.teaches[choice[arcs.school], units.band[arcs.unit]]
    ways: list[list[int]] = [[] for _ in range(len(units.pupils))]
    for arc in np.flatnonzero(taught).tolist():
        i, school = int(arcs.unit[arc]), int(arcs.school[arc])
        by_day = not arcs.boards[arc] and not ((i, school) in stays and boards[school])
        if by_day or (arcs.boards[arc] and boards[school]):
            ways[i].append(arc)
    return ways

"""Try every plan of a small layout model whose villages stay whole: the rules spelled anew, with no solver."""

from __future__ import annotations

from itertools import product

import numpy as np

from layout_planner.config.layout import Term
from layout_planner.grades import Stage, Tier
from layout_planner.layout import Choice, LayoutModel

RATIO = {False: Stage.PRIMARY, True: Stage.JUNIOR}
GROWS = (Choice.KEEP, Choice.LIFT, Choice.OPEN)
_CRUMB = 1e-6


def every_plan(model: LayoutModel) -> list[tuple[tuple[int, ...], dict[Term, float]]]:
    """List rows of choices and terms of every feasible plan; rooms and beds as few as its pupils need.

    Beds of today are kept in use, or given up where nobody boards.
    """
    rows = [np.flatnonzero(model.choices.school == j) for j in range(len(model.school_id))]
    plans = []
    for chosen in product(*rows):
        if not _county_allows(model, np.array(chosen)):
            continue
        assigned = _assigned(model, np.array(chosen))
        usable = (model.choices.beds > 0) & model.choices.teaches[np.array(chosen), 1:].any(axis=1)
        for used in product(*[(False, True) if each else (False,) for each in usable]):
            plans += [(chosen, terms) for terms in _terms(model, np.array(chosen), assigned, used)]
    return plans


def _assigned(model: LayoutModel, chosen: np.ndarray) -> np.ndarray:
    """List every way of sending the villages to schools that teach them, a row each."""
    arcs, n = model.arcs, len(model.units.pupils)
    taught = model.choices.teaches[chosen[arcs.school], model.units.band[arcs.unit]]
    ways = [np.flatnonzero(taught & (arcs.unit == i)) for i in range(n)]
    return np.array(list(product(*ways)), dtype=np.int64).reshape(-1, n)


def _county_allows(model: LayoutModel, chosen: np.ndarray) -> bool:
    choices, must = model.choices, model.layout.must
    closed = sum(choices.choice[chosen] == Choice.CLOSE)
    if must.max_closures is not None and closed > must.max_closures:
        return False
    central = choices.teaches[:, 1] & np.isin(choices.tier, [Tier.CENTRAL_PRIMARY, Tier.PRIMARY, Tier.NINE_YEAR])
    junior = choices.teaches[:, 2]
    for asked, counts in ((must.central_primary_per_township, central), (must.junior_per_township, junior)):
        if asked and counts[choices.today].any() and not counts[chosen].any():
            return False
    return True


def _terms(
    model: LayoutModel, chosen: np.ndarray, assigned: np.ndarray, used: tuple[bool, ...]
) -> list[dict[Term, float]]:
    choices, arcs, units, must, prices = model.choices, model.arcs, model.units, model.layout.must, model.layout.prices
    school, band = arcs.school[assigned], units.band
    if must.closest_first:
        near = _nobody_past_free_seats(model, chosen, assigned)
        assigned, school = assigned[near], school[near]
    pupils, n = units.pupils, len(assigned)
    ok = np.ones(n, dtype=bool)
    twin = _twins(model)[assigned]
    yearly, once = np.full(n, choices.yearly_yuan[chosen].sum()), np.full(n, choices.one_off_yuan[chosen].sum())
    changes = np.zeros(n)
    for j, row in enumerate(chosen):
        here = school == j
        load = here @ pupils
        rooms, able = _rooms(model, j, row, here)
        boarders = (here * arcs.boarders[assigned]).sum(axis=1)
        usable = choices.teaches[row, 1:].any()
        beds = np.maximum(0, boarders - choices.beds[j])
        able &= (beds <= choices.may_add_beds[j]) & ((boarders == 0) | usable)
        able &= (load <= choices.largest[row] * choices.is_open[row]) & (load >= choices.smallest[row])
        boards = (boarders > 0) | used[j]
        ok &= able & ~(boards & (here & twin).any(axis=1))
        yearly += prices.boarding_yuan * boards
        ratio = np.array([prices.pupils_per_teacher[RATIO[b == 2]] for b in band])
        classes = min(choices.grades[row], max(choices.rooms[row], 1))
        yearly += prices.staff_yuan * np.maximum(0, prices.teachers_per_class * classes - here @ (pupils / ratio))
        missing = np.maximum(0, prices.funds_floor_pupils * choices.is_open[row] - load)
        yearly += prices.funds_yuan[Stage.PRIMARY] * missing
        once += prices.room_yuan * rooms + prices.bed_yuan * beds
        gives_up = (choices.beds[j] > 0) & (choices.choice[choices.today[j]] == Choice.KEEP) & ~boards
        changes += (row != choices.today[j]) | (rooms > 0) | (beds > 0) | gives_up
    yearly += (arcs.boarders[assigned] * (prices.boarder_yuan + prices.boarder_care_yuan)).sum(axis=1)
    yearly += (arcs.riders[assigned] * prices.rider_yuan).sum(axis=1)
    limits = ((once, must.one_off_budget_yuan), (yearly, must.yearly_budget_yuan), (changes, must.max_changes))
    for amount, most in limits:
        ok &= amount <= (np.inf if most is None else most + _CRUMB)
    minutes, worst = arcs.minutes[assigned].sum(axis=1), _worst(model, assigned)
    return [
        dict(zip(Term, (minutes[i], worst[i], yearly[i], once[i], changes[i]), strict=True)) for i in np.flatnonzero(ok)
    ]


def _twins(model: LayoutModel) -> np.ndarray:
    """Mark the day trips of pupils who would board at that school if it had beds in use."""
    arcs = model.arcs
    stay = set(zip(arcs.unit[arcs.boards], arcs.school[arcs.boards], strict=True))
    pairs = zip(arcs.unit, arcs.school, arcs.boards, strict=True)
    return np.array([not boards and (unit, school) in stay for unit, school, boards in pairs], dtype=bool)


def _rooms(model: LayoutModel, j: int, row: int, here: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Count the rooms that must be added, and say where that is allowed."""
    choices, units, step = model.choices, model.units, int(model.room_step[j])
    need = np.zeros(len(here))
    for stage in (0, 1):
        load = here @ (units.pupils * (model.stage == stage))
        gives = _least_class(model, j, stage) * (2 if step == 3 and stage == 0 else 1)
        lacking = np.maximum(0, load - choices.seats[row, stage])
        need = np.maximum(need, np.ceil(lacking / gives - 1e-9) if gives else np.where(lacking > 0, np.inf, 0))
    if model.layout.must.whole_classes and not model.layout.must.closest_first and choices.is_open[row]:
        classes = np.zeros(len(here))
        for grade in range(9):
            size = here @ (units.pupils * units.grade_share[:, grade % 3] * (units.band == grade // 3))
            cap = model.class_cap[row, grade // 6]
            classes += np.ceil(size / cap - 1e-9) if cap else 0
        need = np.maximum(need, np.ceil(np.maximum(0, classes - choices.rooms[row]) / step))
    most = choices.may_add_rooms[j] // step if choices.choice[row] in GROWS else 0
    return np.where(need <= most, need, 0) * step, need <= most


def _least_class(model: LayoutModel, j: int, stage: int) -> float:
    """Find the smallest class of the choices under which rooms may be added: so many seats a new room gives."""
    choices = model.choices
    grows = (choices.school == j) & np.isin(choices.choice, GROWS)
    caps = model.class_cap[grows, stage]
    return float(caps[caps > 0].min(initial=np.inf)) if (caps > 0).any() else 0.0


def _nobody_past_free_seats(model: LayoutModel, chosen: np.ndarray, assigned: np.ndarray) -> np.ndarray:
    choices, arcs, units = model.choices, model.arcs, model.units
    school, ok = arcs.school[assigned], np.ones(len(assigned), dtype=bool)
    for i, band in enumerate(units.band):
        mine = np.flatnonzero(arcs.unit == i)
        for k, way in enumerate(mine):
            j, stage = arcs.school[way], model.stage[i]
            if arcs.school[mine[:k]].tolist().count(j) or not choices.teaches[chosen[j], band]:
                continue
            load = (school == j) @ (units.pupils * (model.stage == stage))
            reach = np.unique(arcs.unit[(arcs.school == j) & (model.stage[arcs.unit] == stage)])
            free = choices.seats[chosen[j], stage] - load > units.pupils[reach].max() + 1e-9
            past = np.isin(assigned[:, i], mine[k + 1 :]) & (school[:, i] != j)
            ok &= ~(past & free)
    return ok


def _worst(model: LayoutModel, assigned: np.ndarray) -> np.ndarray:
    pupils = model.units.pupils
    means = model.arcs.minutes[assigned] / pupils
    worst = []
    for mean in means:
        left, total = 0.05 * pupils.sum(), 0.0
        for i in np.argsort(-mean):
            part = min(left, pupils[i])
            total, left = total + part * mean[i], left - part
        worst.append(total / (0.05 * pupils.sum()))
    return np.array(worst)

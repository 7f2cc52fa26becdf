"""Write a layout model as a mixed-integer programme: the columns, the hard sides, and the terms.

Columns: ``z`` one a choice; ``boards`` a school with beds in use; ``beds`` and ``rooms`` added; ``x`` the share of a
unit on an arc; ``staff`` teachers beyond the pupil ratio, ``floor`` pupils funded though absent; ``classes`` by
school and grade; ``changed`` and ``worst`` only where they are asked for. Rows bear the name of their rule and whom
they concern, so that conflicts can be told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from layout_planner.config.layout import Term
from layout_planner.grades import GradeBand, Stage, Tier
from layout_planner.layout.choices import Choice
from layout_planner.layout.classrooms import add_classrooms_rule, add_closest_rule, add_seats_rule, taught
from layout_planner.layout.programme import Entry, Programme

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from layout_planner.layout.model import Held, LayoutModel, Limits

__all__ = ["assemble", "extra_limits", "term_vectors"]

_BANDS = tuple(GradeBand)
_UPPER, _JUNIOR = _BANDS.index(GradeBand.G4_6), _BANDS.index(GradeBand.G7_9)
_SHARE = 1e-9
_CENTRAL = (Tier.CENTRAL_PRIMARY, Tier.PRIMARY, Tier.NINE_YEAR)


def assemble(model: LayoutModel, wanted: frozenset[Term], worst_share: float = 0.05) -> Programme:
    """Build the programme of a model with all its hard sides.

    Parameters
    ----------
    model : LayoutModel
        Must have no stranded units.
    wanted : frozenset of Term
        Terms that are weighed or limited; ``worst_minutes`` and ``changes`` have columns only if wanted.
    worst_share : float
        Share of pupils whose mean is ``worst_minutes``.
    """
    programme = Programme()
    _columns(programme, model)
    _assignment(programme, model)
    add_seats_rule(programme, model)
    if model.layout.must.whole_classes and not model.layout.must.closest_first:
        add_classrooms_rule(programme, model)
    _sizes(programme, model)
    _small_schools(programme, model)
    _townships(programme, model)
    _closures(programme, model)
    if model.layout.must.closest_first:
        add_closest_rule(programme, model)
    if Term.CHANGES in wanted or model.layout.must.max_changes is not None:
        _changes(programme, model)
    if Term.WORST_MINUTES in wanted:
        _worst(programme, model)
    _budgets(programme, model, worst_share)
    return programme


def _columns(programme: Programme, model: LayoutModel) -> None:
    choices, arcs, prices = model.choices, model.arcs, model.layout.prices
    m = len(choices.school_id)
    beds = choices.beds + choices.may_add_beds > 0
    classes = np.zeros(m)
    np.maximum.at(classes, choices.school, _fewest_classes(model))
    programme.add_columns("z", len(choices.school), 0, 1, integer=True)
    programme.add_columns("boards", m, 0, beds, integer=True)
    programme.add_columns("beds", m, 0, choices.may_add_beds, integer=True)
    programme.add_columns("rooms", m, 0, choices.may_add_rooms // model.room_step, integer=True)
    programme.add_columns("x", len(arcs.unit), 0, 1, integer=model.layout.must.whole_villages)
    programme.add_columns("staff", m, 0, prices.teachers_per_class * classes)
    programme.add_columns("floor", m, 0, float(prices.funds_floor_pupils))


def _fewest_classes(model: LayoutModel) -> NDArray[np.float64]:
    """Count the classes that every choice needs however few its pupils: one a grade, as far as there are rooms."""
    choices = model.choices
    return np.minimum(choices.grades, np.maximum(choices.rooms, 1)).astype(np.float64)


def _assignment(programme: Programme, model: LayoutModel) -> None:
    """Everybody goes somewhere, to a school that teaches the band, and boards only where there are beds."""
    units, arcs, choices = model.units, model.arcs, model.choices
    z, x, boards = (programme.columns[name] for name in ("z", "x", "boards"))
    m, q = len(choices.school_id), np.arange(len(choices.school))
    programme.add_rows("one_choice", model.school_id, [(choices.school, z[q], 1.0)], 1.0, 1.0)
    everybody = np.arange(len(arcs.unit))
    programme.add_rows("everybody", units.unit_id, [(arcs.unit, x[everybody], 1.0)], 1.0, 1.0)
    pair, at = np.unique(arcs.unit * m + arcs.school, return_inverse=True)
    unit, school = pair // m, pair % m
    link = [(at, x[everybody], 1.0), taught(model, school, units.band[unit], z.first, -1.0)]
    programme.add_rows("open", model.school_id[school], link, upper=0.0)
    stay = np.flatnonzero(arcs.boards)
    rows = np.arange(len(stay))
    programme.add_rows(
        "boards", model.school_id[arcs.school[stay]],
        [(rows, x[stay], 1.0), (rows, boards[arcs.school[stay]], -1.0)], upper=0.0,
    )  # fmt: skip
    twin = np.flatnonzero(~arcs.boards & np.isin(arcs.unit * m + arcs.school, (arcs.unit * m + arcs.school)[stay]))
    rows = np.arange(len(twin))
    programme.add_rows(
        "day_beyond", model.school_id[arcs.school[twin]],
        [(rows, x[twin], 1.0), (rows, boards[arcs.school[twin]], 1.0)], upper=1.0,
    )  # fmt: skip
    upper = np.flatnonzero(choices.teaches[:, [_UPPER, _JUNIOR]].any(axis=1))
    everywhere = np.arange(m)
    programme.add_rows(
        "boards_taught", model.school_id,
        [(everywhere, boards[everywhere], 1.0), (choices.school[upper], z[upper], -1.0)], upper=0.0,
    )  # fmt: skip
    added = programme.columns["beds"]
    programme.add_rows(
        "beds", model.school_id,
        [(arcs.school[stay], x[stay], arcs.boarders[stay]), (everywhere, boards[everywhere], -choices.beds),
         (everywhere, added[everywhere], -1.0)], upper=0.0,
    )  # fmt: skip
    programme.add_rows(
        "beds_added", model.school_id,
        [(everywhere, added[everywhere], 1.0), (everywhere, boards[everywhere], -choices.may_add_beds)], upper=0.0,
    )  # fmt: skip


def _sizes(programme: Programme, model: LayoutModel) -> None:
    choices, arcs, units = model.choices, model.arcs, model.units
    z, x = programme.columns["z"], programme.columns["x"]
    q, everybody = np.arange(len(choices.school)), np.arange(len(arcs.unit))
    load = (arcs.school, x[everybody], units.pupils[arcs.unit])
    largest = (choices.school, z[q], -np.where(choices.is_open, choices.largest, 0.0))
    programme.add_rows("largest", model.school_id, [load, largest], upper=0.0)
    if choices.smallest.any():
        programme.add_rows("smallest", model.school_id, [load, (choices.school, z[q], -choices.smallest)], lower=0.0)


def _small_schools(programme: Programme, model: LayoutModel) -> None:
    """Count the teachers beyond the pupil ratio and the pupils funded beyond those present."""
    choices, arcs, units, prices = model.choices, model.arcs, model.units, model.layout.prices
    z, x, everybody = programme.columns["z"], programme.columns["x"], np.arange(len(arcs.unit))
    m, q = np.arange(len(choices.school_id)), np.arange(len(choices.school))
    ratio = np.array([prices.pupils_per_teacher.get(stage, np.inf) for stage in Stage])[model.stage]
    classes = prices.teachers_per_class * _fewest_classes(model)
    programme.add_rows(
        "staff", model.school_id,
        [(m, programme.columns["staff"][m], 1.0), (choices.school, z[q], -classes),
         (arcs.school, x[everybody], (units.pupils / ratio)[arcs.unit])], lower=0.0,
    )  # fmt: skip
    least = np.where(choices.is_open, float(prices.funds_floor_pupils), 0.0)
    programme.add_rows(
        "floor", model.school_id,
        [(m, programme.columns["floor"][m], 1.0), (choices.school, z[q], -least),
         (arcs.school, x[everybody], units.pupils[arcs.unit])], lower=0.0,
    )  # fmt: skip


def _townships(programme: Programme, model: LayoutModel) -> None:
    choices, must = model.choices, model.layout.must
    central = choices.teaches[:, _UPPER] & np.isin(choices.tier, _CENTRAL)
    if must.central_primary_per_township:
        _one_each(programme, model, "central_primary_per_township", central)
    if must.junior_per_township:
        _one_each(programme, model, "junior_per_township", choices.teaches[:, _JUNIOR])


def _one_each(programme: Programme, model: LayoutModel, rule: str, counts: NDArray[np.bool_]) -> None:
    """Ask for one of the choices that count in every township that has one today."""
    choices = model.choices
    township = choices.township_id[choices.school]
    has = sorted(set(township[counts & (choices.choice == Choice.KEEP)]) - {""})
    rows = np.flatnonzero(counts & np.isin(township, has))
    if has:
        at = np.searchsorted(np.array(has, dtype=str), township[rows].astype(str))
        programme.add_rows(rule, has, [(at, programme.columns["z"][rows], 1.0)], lower=1.0)


def _closures(programme: Programme, model: LayoutModel) -> None:
    most = model.layout.must.max_closures
    if most is not None:
        closes = np.flatnonzero(model.choices.choice == Choice.CLOSE)
        entries = [(np.zeros(len(closes)), programme.columns["z"][closes], 1.0)]
        programme.add_rows("max_closures", ["county"], entries, upper=most)


def _changes(programme: Programme, model: LayoutModel) -> None:
    """Mark every school of which anything changes: the choice, rooms, beds, or boarding given up."""
    choices = model.choices
    m = np.arange(len(choices.school_id))
    changed = programme.add_columns("changed", len(m), 0, 1, integer=True)
    z, rooms, beds, boards = (programme.columns[name] for name in ("z", "rooms", "beds", "boards"))
    programme.add_rows("changed_choice", model.school_id, [(m, changed[m], 1.0), (m, z[choices.today], 1.0)], lower=1.0)
    most_rooms = np.maximum(choices.may_add_rooms // model.room_step, 1)
    programme.add_rows("changed_rooms", model.school_id, [(m, changed[m], most_rooms), (m, rooms[m], -1.0)], lower=0.0)
    most_beds = np.maximum(choices.may_add_beds, 1.0)
    programme.add_rows("changed_beds", model.school_id, [(m, changed[m], most_beds), (m, beds[m], -1.0)], lower=0.0)
    had = np.flatnonzero((choices.beds > 0) & (choices.choice[choices.today] == Choice.KEEP))
    k = np.arange(len(had))
    programme.add_rows(
        "changed_boarding", model.school_id[had], [(k, changed[had], 1.0), (k, boards[had], 1.0)], lower=1.0
    )


def _worst(programme: Programme, model: LayoutModel) -> None:
    """Measure the mean of the worst-off units that hold a share of the pupils.

    Source: Rockafellar & Uryasev (2000), Optimization of conditional value-at-risk, J. Risk 2(3):21-41.
    """
    units, arcs = model.units, model.arcs
    n, everybody = np.arange(len(units.pupils)), np.arange(len(arcs.unit))
    mean = arcs.minutes / units.pupils[arcs.unit]
    longest = float(mean.max(initial=0.0))
    threshold = programme.add_columns("threshold", 1, 0, longest)
    above = programme.add_columns("above", len(n), 0, longest)
    programme.add_rows(
        "worst_minutes", units.unit_id,
        [(n, above[n], 1.0), (n, threshold[np.zeros(len(n))], 1.0),
         (arcs.unit, programme.columns["x"][everybody], -mean)], lower=0.0,
    )  # fmt: skip


def term_vectors(programme: Programme, model: LayoutModel, worst_share: float) -> dict[Term, NDArray[np.float64]]:
    """Give each term as a vector over the programme's columns; a term without its columns is left out."""
    choices, arcs, units, prices = model.choices, model.arcs, model.units, model.layout.prices
    junior = ~choices.teaches[choices.today, :_JUNIOR].any(axis=1) & choices.teaches[choices.today, _JUNIOR]
    funds = np.where(junior, prices.funds_yuan.get(Stage.JUNIOR, 0.0), prices.funds_yuan.get(Stage.PRIMARY, 0.0))
    m = len(choices.school_id)
    boarder = prices.boarder_yuan + prices.boarder_care_yuan
    terms = {
        Term.PUPIL_MINUTES: programme.cost({"x": arcs.minutes}),
        Term.YEARLY_YUAN: programme.cost({
            "z": choices.yearly_yuan, "staff": np.full(m, prices.staff_yuan), "floor": funds.astype(np.float64),
            "boards": np.full(m, prices.boarding_yuan),
            "x": arcs.boarders * boarder + arcs.riders * prices.rider_yuan,
        }),
        Term.ONE_OFF_YUAN: programme.cost({
            "z": choices.one_off_yuan, "rooms": (model.room_step * prices.room_yuan).astype(np.float64),
            "beds": np.full(m, prices.bed_yuan),
        }),
    }  # fmt: skip
    if "changed" in programme.columns:
        terms[Term.CHANGES] = programme.cost({"changed": np.ones(m)})
    if "above" in programme.columns:
        tail = (units.pupils / (worst_share * units.pupils.sum())).astype(np.float64)
        terms[Term.WORST_MINUTES] = programme.cost({"threshold": np.ones(1), "above": tail})
    return terms


def _budgets(programme: Programme, model: LayoutModel, worst_share: float) -> None:
    must, terms = model.layout.must, term_vectors(programme, model, worst_share)
    limits: dict[Term, float | None] = {
        Term.ONE_OFF_YUAN: must.one_off_budget_yuan, Term.YEARLY_YUAN: must.yearly_budget_yuan,
        Term.CHANGES: must.max_changes,
    }  # fmt: skip
    for term, most in limits.items():
        if most is not None:
            add_term_limit(programme, terms[term], term, most)


def add_term_limit(programme: Programme, vector: NDArray[np.float64], term: Term, most: float) -> None:
    """Keep a term at or below a value."""
    used = np.flatnonzero(vector)
    programme.add_rows(f"max_{term}", ["county"], [(np.zeros(len(used)), used, vector[used])], upper=most)


def extra_limits(
    programme: Programme, model: LayoutModel, extra: Limits, terms: Mapping[Term, NDArray[np.float64]]
) -> None:
    """Add the limits beyond those of the model."""
    z, choices = programme.columns["z"], model.choices
    for rule, ids, count in (("close", extra.close, 0.0), ("keep", extra.keep, 1.0)):
        for school_id in sorted(set(ids)):
            rows = np.flatnonzero((choices.school == model.position(school_id)) & choices.is_open)
            programme.add_rows(rule, [school_id], [(np.zeros(len(rows)), z[rows], 1.0)], lower=count, upper=count)
    for school_id, choice in sorted(extra.fix.items()):
        row = choices.row(model.position(school_id), choice)
        entries: list[Entry] = [([0], z[[row]], 1.0)] if row >= 0 else []
        programme.add_rows("fix", [school_id], entries, lower=1.0, upper=1.0)
    for term, most in extra.max_term.items():
        add_term_limit(programme, terms[term], term, most)
    for exclusion in extra.exclude:
        taken = exclusion.solution.choice
        programme.add_rows(
            "exclude", ["county"], [(np.zeros(len(taken)), z[taken], 1.0)], upper=len(taken) - exclusion.schools
        )
    if extra.held is not None:
        _hold(programme, model, extra.held)


def _hold(programme: Programme, model: LayoutModel, held: Held) -> None:
    """Fix the choices and ways that stay as they are."""
    choices, arcs, solution = model.choices, model.arcs, held.solution
    taken = np.zeros(len(choices.school))
    taken[solution.choice] = 1.0
    stays = ~held.free[choices.school]
    programme.fix(programme.columns["z"][np.flatnonzero(stays)], taken[stays])
    share = np.where(solution.flow > 1.0 - _SHARE, 1.0, np.where(solution.flow < _SHARE, 0.0, solution.flow))
    stays = ~held.moving[arcs.unit]
    programme.fix(programme.columns["x"][np.flatnonzero(stays)], share[stays])

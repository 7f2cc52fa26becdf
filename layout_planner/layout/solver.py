"""Solve a layout model: one sparse matrix for HiGHS, an honest bound, and terms counted anew from the plan itself."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.config.layout import Term
from layout_planner.errors import Text, counted
from layout_planner.layout.assemble import add_term_limit, assemble, extra_limits, term_vectors
from layout_planner.layout.choices import Choice
from layout_planner.layout.classrooms import rooms_needed
from layout_planner.layout.closest import closest_start
from layout_planner.layout.model import LayoutModel, LayoutSolution, Limits, Objective
from layout_planner.layout.search import search, search_part
from layout_planner.layout.terms import measure_terms
from layout_planner.locate.result import Status, relative_gap
from layout_planner.locate.solvers.highs import MilpAnswer
from layout_planner.locate.stopping import Cancel, Progress, Watch, check_search

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.layout.programme import Programme

__all__ = ["solve_layout"]

_WHOLE = 1e-6
_SAFETY = 1e-9
_ROUNDING = 1e-6
_NAMED = 12


def solve_layout(
    model: LayoutModel,
    objective: Objective | None = None,
    *,
    extra: Limits | None = None,
    start: LayoutSolution | None = None,
    time_limit: float | None = None,
    gap: float | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> LayoutSolution:
    """Find a layout that respects every hard side and makes the objective small, and prove how small it could be.

    Parameters
    ----------
    model : LayoutModel
        From :func:`layout_planner.layout.model.layout_model`.
    objective : Objective, optional
        What is wanted; that of the scenario otherwise.
    extra : Limits, optional
        Limits beyond those of the model.
    start : LayoutSolution, optional
        A plan to begin with; today's layout otherwise, if the scenario says so. It need not respect the limits.
    time_limit, gap : float, optional
        Seconds, and relative gap at which to stop; those of the scenario otherwise.
    seed : int
        Seed of the solver.
    progress : callable, optional
        Told seconds, objective and bound.
    cancel : callable, optional
        Asked now and then; ``True`` ends the search with the best plan so far.

    Returns
    -------
    LayoutSolution
        ``optimal`` only if proven within ``gap``. An infeasible model has status ``infeasible``, with the ids of
        units without any school in ``log``.
    """
    objective = objective or Objective.of(model.layout)
    extra = extra or Limits()
    gap = model.layout.gap if gap is None else gap
    watch = Watch(model.layout.time_limit_s if time_limit is None else time_limit, progress, cancel)
    check_search(gap, seed)
    if model.stranded:
        return _without_plan(model, Status.INFEASIBLE, float("inf"), watch, _names(model.stranded))
    passes = list(objective.passes())
    wanted = frozenset(t for weights in passes for t, w in weights.items() if w) | frozenset(extra.max_term)
    programme = assemble(model, wanted, objective.worst_share)
    terms = term_vectors(programme, model, objective.worst_share)
    extra_limits(programme, model, extra, terms)
    given = _start(programme, model, start)
    done: list[tuple[Term, float, float]] = []
    answer: MilpAnswer | None = None
    logs: list[str] = []
    for k, weights in enumerate(passes):
        cost = sum((terms[term] * weight for term, weight in weights.items() if weight), np.zeros(programme.n_cols))
        share = watch.left / (len(passes) - k)
        last = answer
        fine = gap / 10 if len(passes) > 1 else gap
        answer = search_part(programme, cost, watch, seconds=share, gap=fine, seed=seed) if extra.held else search(
            programme, cost, watch, seconds=share, gap=fine, seed=seed, start=given,
            mend=partial(closest_start, programme, model) if model.layout.must.closest_first else None,
        )  # fmt: skip
        logs.append(answer.log)
        if answer.values is None:
            if last is None:
                status = Status.INFEASIBLE if answer.infeasible else Status.UNKNOWN
                return _without_plan(model, status, answer.bound, watch, answer.log)
            answer = last
            break
        given = answer.values
        if objective.order:
            term = objective.order[k]
            value = float(terms[term] @ answer.values)
            done.append((term, value, min(answer.bound, value)))
            add_term_limit(programme, terms[term], term, value * (1 + objective.yield_share) + _WHOLE)
    assert answer is not None
    return _solution(programme, model, objective, answer, tuple(done), gap, watch, "\n".join(logs))


def _start(programme: Programme, model: LayoutModel, start: LayoutSolution | None) -> NDArray[np.float64] | None:
    """Give what to begin with: a plan of this model whole, of another its choices, or today's choices."""
    choices = model.choices
    given = np.full(programme.n_cols, np.nan)
    z = programme.columns["z"]
    if start is not None and start.found:
        taken = start.config
        rows = np.array([choices.row(j, taken.get(code, Choice.KEEP)) for j, code in enumerate(model.school_id)])
        chosen = np.where(rows < 0, choices.today, rows)
        if start.model.arcs is model.arcs and (rows >= 0).all():
            given[programme.columns["x"].all] = start.flow
            given[programme.columns["rooms"].all] = start.rooms_added // model.room_step
            given[programme.columns["beds"].all] = start.beds_added
            given[programme.columns["boards"].all] = start.boards
    elif model.layout.start_from == "today":
        chosen = choices.today
    else:
        return None
    given[z.all] = 0.0
    given[z[chosen]] = 1.0
    return given


def _solution(
    programme: Programme, model: LayoutModel, objective: Objective, answer: MilpAnswer,
    done: tuple[tuple[Term, float, float], ...], gap: float, watch: Watch, log: str,
) -> LayoutSolution:  # fmt: skip
    """Read the plan out of the answer, and count its terms anew, whole beds and rooms included."""
    assert answer.values is not None
    columns, choices = programme.columns, model.choices
    z = answer.values[columns["z"].all]
    chosen = np.array([k[np.argmax(z[k])] for k in np.split(np.arange(len(z)), choices.today[1:])], dtype=np.int64)
    flow = np.where(answer.values[columns["x"].all] > _WHOLE, answer.values[columns["x"].all], 0.0)
    flow = flow / np.bincount(model.arcs.unit, weights=flow, minlength=len(model.units.pupils))[model.arcs.unit]
    rooms = np.round(answer.values[columns["rooms"].all]).astype(np.int64) * model.room_step
    rooms = np.minimum(rooms, rooms_needed(model, chosen, flow))
    boarders = np.bincount(model.arcs.school, weights=flow * model.arcs.boarders, minlength=len(choices.school_id))
    boards = boarders > _WHOLE
    beds = np.where(boards, np.maximum(0, np.ceil(boarders - choices.beds - _WHOLE)), 0).astype(np.int64)
    kept = boards | ((answer.values[columns["boards"].all] > 0.5) & (choices.beds > 0))
    terms = measure_terms(model, chosen, rooms, beds, kept, flow, objective.worst_share)
    weights: Mapping[Term, float] = {objective.order[len(done) - 1]: 1.0} if done else objective.weights
    value = sum(terms[term] * weight for term, weight in weights.items() if weight)
    least = answer.bound - _SAFETY * abs(answer.bound) if np.isfinite(answer.bound) else 0.0  # no term is negative
    bound = min(max(least, 0.0), value)
    proven = answer.complete and relative_gap(value, bound) <= gap + _ROUNDING
    proven &= len(done) == len(objective.order)
    return LayoutSolution(
        model=model,
        status=Status.OPTIMAL if proven else Status.FEASIBLE,
        objective=value,
        bound=bound,
        terms=terms,
        choice=chosen,
        rooms_added=rooms,
        beds_added=beds,
        boards=kept,
        flow=flow,
        passes=done,
        runtime=watch.elapsed,
        log=log,
    )


def _without_plan(model: LayoutModel, status: Status, bound: float, watch: Watch, log: str) -> LayoutSolution:
    none = np.zeros(0, dtype=np.int64)
    return LayoutSolution(
        model, status, float("inf"), bound, {}, none, none, none, none.astype(bool), none.astype(np.float64),
        runtime=watch.elapsed, log=log,
    )  # fmt: skip


def _names(units: tuple[str, ...]) -> str:
    shown = ", ".join(units[:_NAMED]) + (" …" if len(units) > _NAMED else "")
    return str(
        Text(
            f"{len(units)} 处学生没有任何学校可去（村|年级段）：{shown}",
            f"{counted(len(units), 'unit has', 'units have')} no school that the limits allow (village|band): {shown}",
        )
    )

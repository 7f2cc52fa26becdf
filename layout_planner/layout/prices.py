"""The price of each decision: what it costs to keep a school that the plan closes, or to close one that it keeps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.columns import PRICES
from layout_planner.config.layout import Term
from layout_planner.layout.arguments import check_plan
from layout_planner.layout.choices import Choice
from layout_planner.layout.facts import (
    better_of,
    decided_otherwise,
    first_value,
    moved,
    school_names,
    with_bound,
    without_plan,
)
from layout_planner.layout.model import LayoutSolution, Limits, Objective
from layout_planner.layout.nearby import NEIGHBOURS, Vicinity, polish
from layout_planner.layout.relaxed import Relaxation
from layout_planner.layout.solver import solve_layout
from layout_planner.layout.terms import measure_terms
from layout_planner.locate.result import Status
from layout_planner.locate.stopping import Cancel, Progress, Watch

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Price", "price_decisions", "prices_table"]

_CRUMB = 1e-6
_LEAST_SECONDS, _MOST_SECONDS, _WORTH_SECONDS = 0.05, 10.0, 5.0  # of a search nearby, and of one everywhere
_FINE = 5e-5


@dataclass(frozen=True, eq=False)
class Price:
    """The answer to one "what if": the plan, and the best plan in which one school is decided otherwise.

    Attributes
    ----------
    school_id : str
        The school.
    instead : Choice
        ``keep`` (in operation, as whatever is best) or ``close``.
    plan, other : LayoutSolution
        The plan that is asked about, and the re-solved one; ``other`` is without a plan where none exists.
    """

    school_id: str
    instead: Choice
    plan: LayoutSolution
    other: LayoutSolution

    @property
    def value(self) -> float:
        """Increase of the objective from one plan to the other; ``inf`` without another."""
        return first_value(self.other)[0] - first_value(self.plan)[0]

    @property
    def least(self) -> float:
        """Proven lower limit of the increase between the best plans."""
        return max(first_value(self.other)[1], first_value(self.plan)[1]) - first_value(self.plan)[0]

    @property
    def most(self) -> float:
        """Proven upper limit of the increase between the best plans."""
        return first_value(self.other)[0] - first_value(self.plan)[1]


def price_decisions(
    plan: LayoutSolution,
    objective: Objective | None = None,
    *,
    schools: Sequence[str] | None = None,
    extra: Limits | None = None,
    time_limit: float = 60.0,
    gap: float | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> tuple[Price, ...]:
    """Re-solve the model with one decision turned round, for each school in turn.

    A linear relaxation bounds each of them, or proves that there is no other way. A search among the school and its
    neighbours, all else held, gives a plan in about a second. Where there is time for it, the whole county is then
    decided anew. Before that, rooms and ways of the plan are made better where the decisions leave them open; prices
    compare with that plan (``Price.plan``).

    Parameters
    ----------
    plan : LayoutSolution
        With a plan.
    objective : Objective, optional
        With which it was made; that of the scenario otherwise.
    schools : sequence of str, optional
        Ids to ask about; otherwise every school that the plan closes, leaves closed though it might open, or keeps
        though it might close.
    extra : Limits, optional
        The limits with which the plan was made.
    time_limit : float
        Seconds for all of them; each gets an equal part of what is left.
    gap : float, optional
        Relative gap of each re-solve; that of the scenario otherwise.
    seed : int
        Seed of the solver.
    progress : callable, optional
        Told seconds, and how many schools are done of how many.
    cancel : callable, optional
        ``True`` ends the work with the prices so far.

    Returns
    -------
    tuple of Price
        Sorted by school id.

    Raises
    ------
    UnknownIdError
        If the model has no such school.
    """
    check_plan(plan)
    model = plan.model
    asked = _asked(plan) if schools is None else sorted({model.school_id[model.position(code)] for code in schools})
    watch = Watch(time_limit, progress, cancel)
    turns = _Turns(plan, objective or Objective.of(model.layout), extra or Limits(), watch, gap, seed)
    turns.prove(asked)
    turns.settle([code for code in asked if np.isfinite(turns.bounds.get(code, 0.0))])
    for k, code in enumerate(asked):
        if cancel is not None and cancel():
            break
        turns.nearby(code, len(asked) - k)
        watch.tell(float(k + 1), float(len(asked)))
    for k, code in enumerate(turns.answers):
        turns.everywhere(code, len(turns.answers) - k)
    return tuple(Price(code, turns.instead(code), turns.plan, answer) for code, answer in turns.answers.items())


class _Turns:
    """The searches of one call: a bound for each school from the relaxation, a plan from its neighbourhood, then,
    while there is time, the whole county.
    """  # noqa: D205

    def __init__(
        self, plan: LayoutSolution, objective: Objective, extra: Limits, watch: Watch, gap: float | None, seed: int
    ) -> None:
        self.plan, self.objective, self.extra, self.watch, self.seed = plan, objective, extra, watch, seed
        self.gap = plan.model.layout.gap if gap is None else gap
        self.anchor = plan
        self.bounds: dict[str, float] = {}
        self.answers: dict[str, LayoutSolution] = {}

    def instead(self, code: str) -> Choice:
        return Choice.CLOSE if _is_open(self.plan, code) else Choice.KEEP

    def prove(self, asked: Sequence[str]) -> None:
        """Bound the objective with each school turned round; no plan is below the bound of the plan either."""
        if self.watch.stopped():
            return
        relaxation = Relaxation(self.plan.model, self.objective, self.extra, self.watch.left)
        for code in asked:
            if self.watch.stopped():
                return
            opened = self.instead(code) is Choice.KEEP
            self.bounds[code] = relaxation.turned(self.plan.model.position(code), opened=opened)

    def settle(self, asked: Sequence[str]) -> None:
        """Better rooms and ways of the plan where they matter, so that a price is not one of loose ends."""
        watch = Watch(self.watch.left / 3, None, self.watch.cancel)
        goal = self.objective
        if goal.order:
            goal = Objective({goal.order[0]: 1.0}, worst_share=goal.worst_share)
        weighed = {t: w for t, w in goal.weights.items() if w}
        value = sum(self.plan.terms[t] * w for t, w in weighed.items())
        start = replace(self.plan, objective=value, passes=())
        at = np.array([self.plan.model.position(code) for code in asked], dtype=np.int64)
        self.anchor = polish(start, goal, self.extra, watch, schools=at, decisions=False, seed=self.seed)
        if not self.objective.order:
            self.plan = self.anchor

    def nearby(self, code: str, left: int) -> None:
        """Turn a school round and decide its neighbours anew."""
        bound = max(self.bounds.get(code, -np.inf), first_value(self.plan)[1])
        if bound == np.inf:
            self.answers[code] = without_plan(self.plan, Status.INFEASIBLE, np.inf)
            return
        empty = _standing_empty(self.plan, self.objective, self.extra, code)
        found = without_plan(self.plan, Status.UNKNOWN, bound) if empty is None else with_bound(empty, bound, self.gap)
        vicinity, at = Vicinity(self.anchor), self.plan.model.position(code)
        for neighbours in (NEIGHBOURS, 3 * NEIGHBOURS):
            if self.watch.stopped() and found.found:
                break
            limits = replace(_turned(self.extra, code, self.instead(code)), held=vicinity.around([at], neighbours))
            answer = solve_layout(
                self.plan.model, self.objective, extra=limits, start=self.anchor, gap=_FINE, seed=self.seed,
                time_limit=max(_LEAST_SECONDS, min(_MOST_SECONDS, self.watch.left / left)), cancel=self.watch.cancel,
            )  # fmt: skip
            if answer.found:
                found = better_of(with_bound(answer, bound, self.gap), found)
                break
        self.answers[code] = found

    def everywhere(self, code: str, left: int) -> None:
        """Decide the whole county anew with a school turned round, if there is time for that."""
        known, seconds = self.answers[code], self.watch.left / left
        settled = known.status in (Status.INFEASIBLE, Status.OPTIMAL) and self.gap > 0
        if settled or seconds < _WORTH_SECONDS or self.watch.stopped():
            return
        other = solve_layout(
            self.plan.model, self.objective, extra=_turned(self.extra, code, self.instead(code)),
            start=known if known.found else self.plan, time_limit=seconds, gap=self.gap, seed=self.seed,
            cancel=self.watch.cancel,
        )  # fmt: skip
        bound = max(first_value(other)[1], first_value(known)[1])
        if other.found:
            other = with_bound(other, bound, self.gap)
        elif other.status is not Status.INFEASIBLE:
            other = without_plan(self.plan, other.status, bound)
        self.answers[code] = better_of(other, known)


def _turned(extra: Limits, code: str, instead: Choice) -> Limits:
    if instead is Choice.CLOSE:
        return replace(extra, close=(*extra.close, code))
    return replace(extra, keep=(*extra.keep, code))


def _standing_empty(plan: LayoutSolution, objective: Objective, extra: Limits, code: str) -> LayoutSolution | None:
    """Give the plan with the school open and nobody in it, where no rule can speak against that."""
    model, at = plan.model, plan.model.position(code)
    choices, must = model.choices, model.layout.must
    rows = np.flatnonzero((choices.school == at) & choices.is_open & (choices.smallest == 0))
    fixed = bool(extra.exclude or extra.fix) or code in extra.close or _is_open(plan, code)
    if objective.order or must.closest_first or fixed or len(rows) == 0:
        return None
    choice = plan.choice.copy()
    choice[at] = rows[0]
    terms = measure_terms(
        model, choice, plan.rooms_added, plan.beds_added, plan.boards, plan.flow, objective.worst_share
    )
    budgets = {
        Term.ONE_OFF_YUAN: must.one_off_budget_yuan, Term.YEARLY_YUAN: must.yearly_budget_yuan,
        Term.CHANGES: must.max_changes,
    }  # fmt: skip
    most = [(term, value) for term, value in (*budgets.items(), *extra.max_term.items()) if value is not None]
    if any(terms[term] > value for term, value in most):
        return None
    value = sum(terms[term] * weight for term, weight in objective.weights.items())
    return replace(plan, status=Status.FEASIBLE, objective=value, bound=-np.inf, terms=terms, choice=choice)


def _is_open(plan: LayoutSolution, code: str) -> bool:
    return bool(plan.model.choices.is_open[plan.choice[plan.model.position(code)]])


def _asked(plan: LayoutSolution) -> list[str]:
    """List the schools of which the model leaves open whether they are in operation."""
    choices = plan.model.choices
    m = len(choices.school_id)
    opens = np.bincount(choices.school[choices.is_open], minlength=m) > 0
    closes = np.bincount(choices.school[~choices.is_open], minlength=m) > 0
    return [str(code) for code in choices.school_id[opens & closes]]


def prices_table(prices: Sequence[Price]) -> pd.DataFrame:
    """Spell prices as table ``prices``, the dearest school that the plan closes first, then those that it keeps.

    A school that cannot be decided otherwise under the limits has status ``infeasible`` and no numbers.
    """
    rows = [_row(price) for price in prices]
    table = pd.DataFrame(rows, columns=[*PRICES.names])
    order = table.assign(group=table["instead"].map({Choice.KEEP: 0, Choice.CLOSE: 1}))
    order = order.sort_values(["group", "price_yuan", "school_id"], ascending=[True, False, True], kind="stable")
    return table.loc[order.index].reset_index(drop=True).astype({"villages": "int64"})


def _verdict(price: Price) -> str:
    """Say what a price is worth beside what is not proven of the plan itself."""
    value, bound = first_value(price.plan)
    if price.other.status is Status.INFEASIBLE:
        return "只能如此：改变后守不住各项规定"
    if not price.other.found:
        return "没有定论：时限内没有找到改变后的方案"
    if price.value < 0:
        return "说不准：改变后反而略省，方案还可改进"
    if price.least > 0:
        return "已证明：改变一定更差"
    if price.value <= value - bound:
        return "说不准：其余学校不动时多花这些，小于全县证明的误差"
    return "代价明显：多花的大于全县证明的误差"


def _row(price: Price) -> dict[str, object]:
    plan, other, at = price.plan, price.other, price.plan.model.position(price.school_id)
    choices = plan.model.choices
    row: dict[str, object] = {
        "school_id": price.school_id,
        "name": str(choices.name[at]),
        "decision": str(choices.choice[plan.choice[at]]),
        "instead": str(price.instead),
        "status": str(other.status),
        "verdict": _verdict(price),
        "price_least_yuan": price.least if np.isfinite(price.least) else np.nan,
        "villages": 0,
        "others": "",
    }
    if not other.found:
        return row
    change = moved(plan, other)
    longer = change["minutes_after"] > change["minutes_before"] + _CRUMB
    others = decided_otherwise(plan, other)
    return row | {
        "price_yuan": price.value,
        "price_most_yuan": price.most,
        "yearly_change_yuan": other.terms[Term.YEARLY_YUAN] - plan.terms[Term.YEARLY_YUAN],
        "one_off_change_yuan": other.terms[Term.ONE_OFF_YUAN] - plan.terms[Term.ONE_OFF_YUAN],
        "minutes_change": other.terms[Term.PUPIL_MINUTES] - plan.terms[Term.PUPIL_MINUTES],
        "pupils_concerned": float(change["moved"].sum()),
        "pupils_worse": float(change.loc[longer, "pupils"].sum()),
        "villages": int(change.loc[change["moved"] > 0, "village_id"].nunique()),
        "others": school_names(plan, others[others != at]),
    }

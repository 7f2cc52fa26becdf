"""Propose a county's layout in one call: model, solution, plan; Ctrl-C keeps the best so far."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.config.layout import Term
from layout_planner.errors import LayoutError, Text
from layout_planner.layout.infeasible import explain_infeasible
from layout_planner.layout.model import layout_model
from layout_planner.layout.proposal import Proposal, proposal
from layout_planner.layout.solver import solve_layout
from layout_planner.locate.result import Status, relative_gap

if TYPE_CHECKING:
    from layout_planner.config.scenario import Scenario
    from layout_planner.io.county import County
    from layout_planner.layout.model import LayoutSolution
    from layout_planner.locate.stopping import Cancel
    from layout_planner.travel.matrix import TravelMatrix

__all__ = ["interruptible", "optimise_county", "proof_sentence"]

_TELL_EVERY_S = 5.0
_UNITS = {
    Term.PUPIL_MINUTES: Text("人·分钟", "pupil-minutes"), Term.WORST_MINUTES: Text("分钟", "minutes"),
    Term.YEARLY_YUAN: Text("元/年", "yuan a year"), Term.ONE_OFF_YUAN: Text("元", "yuan"),
    Term.CHANGES: Text("所", "schools"),
}  # fmt: skip


def optimise_county(
    county: County,
    times: Mapping[str, TravelMatrix],
    scenario: Scenario,
    progress: Callable[[Text], None] = lambda _: None,
    cancel: Cancel | None = None,
) -> Proposal:
    """Propose the layout that a scenario's block ``layout`` asks for.

    Parameters
    ----------
    county : County
        With demand, supply filled in.
    times : mapping of str to TravelMatrix
        As for :func:`layout_planner.assign.assign`.
    scenario : Scenario
        Its decisions are carried out first.
    progress : callable
        Told every few seconds how good the best plan is.
    cancel : callable, optional
        ``True`` ends the search with the best plan so far.

    Raises
    ------
    LayoutError
        If no layout respects every limit, with the limits in conflict and the least relaxation; or if none was found
        in time.
    """
    model = layout_model(county, times, scenario)
    told = [0.0]

    def tell(elapsed: float, objective: float, bound: float) -> None:
        if elapsed - told[0] >= _TELL_EVERY_S:
            told[0] = elapsed
            progress(_so_far(elapsed, objective, bound))

    solution = solve_layout(model, seed=scenario.seed, progress=tell, cancel=cancel)
    if solution.status is Status.INFEASIBLE:
        progress(
            Text("没有可行的布局，查找互相冲突的限制", "no layout is feasible: looking for the limits in conflict")
        )
        raise explain_infeasible(model, county, times, scenario, cancel=cancel)
    if not solution.found:
        raise LayoutError(
            Text("到时仍未找到方案，请加大 layout.time_limit_s", "no plan was found in time: raise layout.time_limit_s")
        )
    progress(proof_sentence(solution))
    return proposal(solution, county, times, scenario)


def _so_far(elapsed: float, objective: float, bound: float) -> Text:
    """Say how far the search is."""
    zh, en = f"优化 {elapsed:.0f} 秒：", f"optimising, {elapsed:.0f} s: "
    known = np.isfinite(bound) and bound > 0
    if not np.isfinite(objective):
        least = Text(f"，不可能低于 {bound:,.0f}", f"; no plan below {bound:,.0f}") if known else Text("", "")
        return Text(f"{zh}还没有方案{least.zh}", f"{en}no plan yet{least.en}")
    gap = relative_gap(objective, bound) if known else 0.0
    least = Text(f"，不可能低于 {bound:,.0f}，差距 {gap:.2%}", f", no plan below {bound:,.0f}, gap {gap:.2%}")
    least = least if known else Text("，还没有证明离最好的有多远", ", how far from the best is not proven yet")
    return Text(f"{zh}目标值 {objective:,.0f}{least.zh}", f"{en}best {objective:,.0f}{least.en}")


def proof_sentence(solution: LayoutSolution) -> Text:
    """Say what is proven of a plan: status, objective, bound, gap and seconds."""
    seconds, asked = f"{solution.runtime:.0f}", solution.model.layout.gap
    value, least = _spelled(solution, solution.objective), _spelled(solution, solution.bound)
    if solution.bound <= 0.0:
        return Text(
            f"这是 {seconds} 秒内找到的最好方案（目标值 {value.zh}），还没有证明离最好的有多远",
            f"the best plan found in {seconds} s (objective {value.en}); how far it is from the best is not proven yet",
        )
    reached = solution.status is Status.OPTIMAL
    ended = (
        Text(f"达到要求的 {asked:.2%}", f"within the {asked:.2%} asked for")
        if reached
        else Text(f"到时停止，未达到要求的 {asked:.2%}", f"stopped in time, short of the {asked:.2%} asked for")
    )
    return Text(
        f"已证明：任何守住各项规定的布局最多再好 {solution.gap:.2%}"
        f"（目标值 {value.zh}，不可能低于 {least.zh}；{ended.zh}；用时 {seconds} 秒）",
        f"proven: no layout within the rules is better by more than {solution.gap:.2%} "
        f"(objective {value.en}, none below {least.en}; {ended.en}; {seconds} s)",
    )


def _spelled(solution: LayoutSolution, value: float) -> Text:
    """Spell a value of the objective: yuan a year where terms are weighed, else in the unit of the last term."""
    if not solution.passes:
        return Text(f"{value / 1e4:,.1f} 万元/年", f"{value:,.0f} yuan a year")
    unit = _UNITS[solution.passes[-1][0]]
    return Text(f"{value:,.1f} {unit.zh}", f"{value:,.1f} {unit.en}")


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """Let Ctrl-C end the search instead of the programme; a second one ends the programme."""
    hit = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield hit.is_set
        return
    before = signal.getsignal(signal.SIGINT)

    def stop(_number: int, _frame: object) -> None:
        hit.set()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, stop)
    try:
        yield hit.is_set
    finally:
        signal.signal(signal.SIGINT, before)

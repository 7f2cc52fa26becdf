"""Propose a county's layout in one call: model, solution, plan; Ctrl-C keeps the best so far."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from layout_planner.errors import LayoutError, Text
from layout_planner.layout.model import layout_model
from layout_planner.layout.proposal import Proposal, proposal
from layout_planner.layout.solver import solve_layout
from layout_planner.locate.result import Status

if TYPE_CHECKING:
    from pathlib import Path

    from layout_planner.config.scenario import Scenario
    from layout_planner.io.county import County
    from layout_planner.layout.model import LayoutSolution
    from layout_planner.travel.matrix import TravelMatrix

__all__ = ["optimise_county", "proof_sentence", "write_proposal"]

_TELL_EVERY_S = 5.0


def optimise_county(
    county: County,
    times: Mapping[str, TravelMatrix],
    scenario: Scenario,
    progress: Callable[[Text], None] = lambda _: None,
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

    Raises
    ------
    LayoutError
        If no layout respects every limit, or none was found in time.
    """
    model = layout_model(county, times, scenario)
    told = [0.0]

    def tell(elapsed: float, objective: float, bound: float) -> None:
        if elapsed - told[0] >= _TELL_EVERY_S:
            told[0] = elapsed
            progress(
                Text(
                    f"优化 {elapsed:.0f} 秒：最好 {objective:,.0f}，不可能低于 {bound:,.0f}",
                    f"optimising, {elapsed:.0f} s: best {objective:,.0f}, no plan below {bound:,.0f}",
                )
            )

    with _interruptible() as cancelled:
        solution = solve_layout(model, seed=scenario.seed, progress=tell, cancel=cancelled)
    if not solution.found:
        raise _nothing(solution)
    progress(proof_sentence(solution))
    return proposal(solution, county, times, scenario)


def proof_sentence(solution: LayoutSolution) -> Text:
    """Say what is proven of a plan."""
    seconds = f"{solution.runtime:.0f}"
    if solution.bound <= 0.0:
        return Text(
            f"这是 {seconds} 秒内找到的最好方案，还没有证明离最好的有多远",
            f"the best plan found in {seconds} s; how far it is from the best is not proven yet",
        )
    return Text(
        f"已证明：任何守住各项规定的布局最多再好 {solution.gap:.2%}（用时 {seconds} 秒）",
        f"proven: no layout within the rules is better by more than {solution.gap:.2%} ({seconds} s)",
    )


def write_proposal(proposed: Proposal, folder: Path) -> None:
    """Write the proposal's tables (CSV that opens in Excel and WPS) and the solver's log into a run folder."""
    for name, table in (("layout_decisions", proposed.decisions), ("passed_by", proposed.passed_by)):
        table.to_csv(folder / f"{name}.csv", index=False, encoding="utf-8-sig")
    solution = proposed.solution
    terms = "\n".join(f"{term}: {value:.6g}" for term, value in solution.terms.items())
    said = f"{proof_sentence(solution).zh}\n{proof_sentence(solution).en}\n{solution!r}\n{terms}\n{solution.log}\n"
    (folder / "solver.log").write_text(said, encoding="utf-8")


def _nothing(solution: LayoutSolution) -> LayoutError:
    if solution.status is Status.INFEASIBLE:
        return LayoutError(
            Text(
                f"没有布局能守住 layout 的全部规定：{solution.log}。可放宽时限、教室或床位上限，或受保护学校",
                f"no layout respects every limit of `layout`: {solution.log}. Relax time limits, rooms or beds, or "
                "protected schools",
            )
        )
    return LayoutError(
        Text("到时仍未找到方案，请加大 layout.time_limit_s", "no plan was found in time: raise layout.time_limit_s")
    )


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
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

"""A few limits that cannot be met together even in part: what the linear relaxation of a layout model proves."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from layout_planner.layout.elastic import Elastic
    from layout_planner.locate.stopping import Watch

__all__ = ["LinearCore", "linear_core"]

_CRUMB = 1e-6
_FIRST = (
    "close", "keep", "fix", "decided", "max_closures", "max_changes", "max_yearly_yuan", "max_one_off_yuan",
    "max_pupil_minutes", "max_worst_minutes", "central_primary_per_township", "junior_per_township",
)  # fmt: skip


class LinearCore(NamedTuple):
    """What the linear relaxation says of a conflict.

    Attributes
    ----------
    core : frozenset of int
        Positions in ``Elastic.limits`` that clash, each needed for that; empty where the relaxation proves nothing.
    loose : frozenset of int
        The limits that give way where all may, and where those may not any more.
    bound : float
        Price below which no relaxation can be.
    """

    core: frozenset[int] = frozenset()
    loose: frozenset[int] = frozenset()
    bound: float = 0.0


def linear_core(problem: Elastic, watch: Watch) -> LinearCore:
    """Find limits that the linear relaxation proves to clash, each needed for that; those of the county preferred.

    Parameters
    ----------
    problem : Elastic
        Every limit with its slack.
    watch : Watch
        Ends the work; what was found then may name more limits than needed.

    Returns
    -------
    LinearCore

    Notes
    -----
    Source: Chinneck & Dravnieks (1991), ORSA Journal on Computing 3(2):157-168 (elastic filter); Junker (2004),
    QuickXplain: preferred explanations and relaxations for over-constrained problems, AAAI-04:167-172.
    """
    linear = problem.linear(watch.left / 2)
    if not _CRUMB < linear.bound < np.inf:
        return LinearCore()
    held: frozenset[int] = frozenset()
    while True:
        more = frozenset(problem.units_of(linear.values)) - held
        if not more or watch.stopped():
            return LinearCore()
        held |= more
        bound = linear.without(problem.slacks(held))
        if bound == np.inf:
            break
        if bound == -np.inf:
            return LinearCore()

    def clashes(some: frozenset[int]) -> bool:
        return not watch.stopped() and linear.without(problem.slacks(some)) == np.inf

    core = frozenset(_explain(clashes, frozenset(), _preferred(problem, held), grown=False))
    return LinearCore(core, held, linear.bound)


def _preferred(problem: Elastic, held: Iterable[int]) -> list[int]:
    """Order limits so that those of which a county would speak first are kept."""

    def rank(k: int) -> tuple[bool, str, str]:
        limit = problem.limits[k]
        return limit.rule not in _FIRST, limit.rule, limit.subject

    return sorted(held, key=rank)


def _explain(
    clashes: Callable[[frozenset[int]], bool], behind: frozenset[int], asked: list[int], *, grown: bool
) -> list[int]:
    """Split what is asked in halves until each limit left is needed beside those behind it."""
    if grown and clashes(behind):
        return []
    if len(asked) == 1:
        return asked
    half = len(asked) // 2
    first, second = asked[:half], asked[half:]
    late = _explain(clashes, behind | frozenset(first), second, grown=bool(first))
    early = _explain(clashes, behind | frozenset(late), first, grown=bool(late))
    return early + late

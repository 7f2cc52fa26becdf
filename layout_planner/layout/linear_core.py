"""A few limits that cannot be met together even in part: what the linear relaxation of a layout model proves."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from layout_planner.layout.elastic import Elastic, Limit
    from layout_planner.locate.stopping import Watch

__all__ = ["COUNTY_RULES", "LinearCore", "kind_of", "linear_core"]

_CRUMB = 1e-6
_SINGLES = 40  # limits that are looked at one by one
COUNTY_RULES = (
    "close", "keep", "fix", "decided", "max_closures", "max_changes", "max_yearly_yuan", "max_one_off_yuan",
    "max_pupil_minutes", "max_worst_minutes", "central_primary_per_township", "junior_per_township",
)  # fmt: skip


class LinearCore(NamedTuple):
    """What the linear relaxation says of a conflict.

    Attributes
    ----------
    core : frozenset of int
        Positions in ``Elastic.limits`` that clash; empty where the relaxation proves nothing.
    loose : frozenset of int
        The limits that give way where all may, and where those may not any more.
    bound : float
        Price below which no relaxation can be.
    """

    core: frozenset[int] = frozenset()
    loose: frozenset[int] = frozenset()
    bound: float = 0.0


def linear_core(problem: Elastic, watch: Watch) -> LinearCore:
    """Find limits that the linear relaxation proves to clash, those of the county preferred.

    Each kind of limit (rule and band) is needed for that; where they are few, each limit.

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

    kinds: dict[tuple[str, str], list[int]] = {}
    for k in _preferred(problem, held):
        kinds.setdefault(kind_of(problem.limits[k]), []).append(k)
    core = _explain(clashes, frozenset(), [frozenset(kind) for kind in kinds.values()], grown=False)
    members = frozenset().union(*core)
    if len(members) <= _SINGLES:
        core = _explain(clashes, frozenset(), [frozenset({k}) for k in _preferred(problem, members)], grown=False)
    return LinearCore(frozenset().union(*core), held, linear.bound)


def kind_of(limit: Limit) -> tuple[str, str]:
    """Tell limits of a kind: one rule, and one band where it concerns units."""
    parts = limit.subject.split("|")
    return limit.rule, parts[1] if len(parts) > 1 else ""


def _preferred(problem: Elastic, held: Iterable[int]) -> list[int]:
    """Order limits so that those of which a county would speak first are kept."""

    def rank(k: int) -> tuple[bool, str, str]:
        limit = problem.limits[k]
        return limit.rule not in COUNTY_RULES, limit.rule, limit.subject

    return sorted(held, key=rank)


def _explain(
    clashes: Callable[[frozenset[int]], bool], behind: frozenset[int], asked: list[frozenset[int]], *, grown: bool
) -> list[frozenset[int]]:
    """Split what is asked in halves until each part left is needed beside those behind it."""
    if grown and clashes(behind):
        return []
    if len(asked) == 1:
        return asked
    half = len(asked) // 2
    first, second = asked[:half], asked[half:]
    late = _explain(clashes, behind.union(*first), second, grown=bool(first))
    early = _explain(clashes, behind.union(*late), first, grown=bool(late))
    return early + late

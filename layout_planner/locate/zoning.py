"""Divide units among given sites into connected zones (划片): every zone holds its site's unit and fits its seats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from layout_planner.errors import Text
from layout_planner.locate.problem import Costs, Problem
from layout_planner.locate.result import Status, ZoningResult, relative_gap
from layout_planner.locate.stopping import Watch, check_search
from layout_planner.locate.zones.division import divide
from layout_planner.locate.zones.questions import hopeless, read_task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from layout_planner.locate.stopping import Cancel, Progress
    from layout_planner.locate.zones.task import ZoneTask

__all__ = ["zoning"]


def zoning(
    cost: Costs,
    demand: ArrayLike,
    seats: ArrayLike,
    adjacency: ArrayLike,
    seat_units: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    balance: float | None = None,
    balance_penalty: float = 0.0,
    border: ArrayLike | None = None,
    compactness: float = 0.0,
    most_border: float | None = None,
    barriers: ArrayLike = (),
    groups: ArrayLike | None = None,
    forbidden: ArrayLike = (),
    fixed: Mapping[str, str] | Mapping[int, int] | None = None,
    today: ArrayLike | None = None,
    change: ArrayLike | None = None,
    max_changes: float | None = None,
    change_penalty: float = 0.0,
    time_limit: float = 60.0,
    gap: float = 1e-4,
    seed: int = 0,
    demand_id: Sequence[str] | None = None,
    site_id: Sequence[str] | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> ZoningResult:
    """Divide all units among the sites, whole, each zone connected, within its seats and with its site's unit in it.

    Minimises the cost of serving plus whatever balance, compactness and changes are said to cost.

    Parameters
    ----------
    cost : array (n, m) or TravelMatrix
        Cost of serving each whole unit from each site; not finite, or not listed, means "cannot be served from there".
    demand : array (n,) or float
        Seats that each unit takes.
    seats : array (m,) or float
        Seats of each site.
    adjacency : array (k, 2)
        Pairs of units that touch: positions, or ids of demand points. Order and repetition do not matter.
    seat_units : array (m,)
        The unit in which each site lies: position, or id of the demand point. No two sites lie in one.
    weights : array (n,), optional
        Multiplied into the rows of ``cost``.
    balance : float, optional
        Largest share by which the demand of a zone may lie above or below the mean of all zones, 0.2 for 20 %.
    balance_penalty : float
        Cost of one unit of demand by which a zone lies above or below the mean.
    border : array (k,), optional
        Length of the border of each pair in ``adjacency``, default 1.
    compactness : float
        Cost of one unit of border between different zones.
    most_border : float, optional
        Limit on the sum of the borders between different zones.
    barriers : array (b, 2), optional
        Pairs of units that touch but do not count as joined: a river or a motorway lies between them.
    groups : array (n,), optional
        Group (township) of each unit, ``""`` for none. A site serves units of its own group; units of groups without
        a site, or of none, may go to any.
    forbidden : array (f, 2), optional
        Pairs (unit, site) that must not be.
    fixed : mapping, optional
        Site that given units must belong to.
    today : array (n,), optional
        Site of each unit today, ``""`` or −1 for none.
    change : array (n,), optional
        What it counts if a unit leaves today's site, default 1; give ``demand`` to count pupils.
    max_changes : float, optional
        Limit on the sum of what leaves today's site.
    change_penalty : float
        Cost of one unit of ``change``.
    time_limit, gap, seed, demand_id, site_id, progress, cancel
        As for :func:`~layout_planner.locate.median.p_median`.

    Returns
    -------
    ZoningResult
        If there is no plan, its ``log`` says why: units that no site can serve over connected units are named, so
        are units larger than every site, and seats that do not suffice.

    Raises
    ------
    LayoutError
        If shapes disagree, amounts are negative, or demands contradict each other.
    UnknownIdError
        If a unit or a site is unknown.

    Source
    ------
    Kong (2021), 设施区位与服务区划分问题的数学启发算法, chinaXiv 202106.00031, for the service-area problem.

    Examples
    --------
    Unit 4 is nearest to the first site but cut off from it by the zone of the second:

    >>> cost = np.array([[0, 9], [0, 9], [9, 0], [9, 0], [0, 5]])
    >>> plan = zoning(cost, 1, 4, [[0, 1], [1, 2], [2, 3], [3, 4]], [0, 2])
    >>> plan.assignment.tolist(), plan.objective
    (['0', '0', '1', '1', '1'], 5.0)
    """
    watch = Watch(time_limit, progress, cancel)
    check_search(gap, seed)
    problem = Problem.build(cost, weights=weights, demand_id=demand_id, site_id=site_id)
    task = read_task(
        problem, demand, seats, adjacency, seat_units, balance=balance, balance_penalty=balance_penalty, border=border,
        compactness=compactness, most_border=most_border, barriers=barriers, groups=groups, forbidden=forbidden,
        fixed=fixed, today=today, change=change, max_changes=max_changes, change_penalty=change_penalty,
    )  # fmt: skip
    reason = hopeless(problem, task)
    if reason is not None:
        return _answer(
            problem, task, None, float("inf"), gap, watch, str(Text(f"无解：{reason.zh}", f"infeasible: {reason.en}"))
        )
    label, bound, log = divide(task, watch, gap, seed)
    return _answer(problem, task, label, bound, gap, watch, log)


def _answer(
    problem: Problem,
    task: ZoneTask,
    label: NDArray[np.int64] | None,
    bound: float,
    gap: float,
    watch: Watch,
    log: str,
) -> ZoningResult:
    n, m = task.cost.shape
    if label is None:
        nothing = np.zeros(m)
        status = Status.INFEASIBLE if bound == float("inf") else Status.UNKNOWN
        return ZoningResult(
            status, float("inf"), bound, float("inf"), np.array([], object), np.full(n, "", object), problem.demand_id,
            watch.elapsed, log, site_id=problem.site_id, serving=float("inf"), load=nothing, border=0.0, changed=0.0,
        )  # fmt: skip
    assert task.fits(label)
    value = task.value(label)
    bound = min(bound, value)
    reached = relative_gap(value, bound)
    return ZoningResult(
        Status.OPTIMAL if reached <= gap else Status.FEASIBLE, value, bound, reached,
        np.array(sorted(problem.site_id), dtype=object), problem.site_id[label], problem.demand_id, watch.elapsed, log,
        site_id=problem.site_id, serving=float(task.serving[np.arange(n), label].sum()), load=task.load(label),
        border=task.border(label), changed=task.changed(label),
    )  # fmt: skip

"""Capacitated p-median (容量约束 P-中位): open ``p`` sites, none over its capacity, at least total cost.

Source: Osman & Christofides (1994), Capacitated clustering problems by hybrid simulated annealing and tabu search,
International Transactions in Operational Research 1(3):317-336.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from layout_planner.locate.facility import facility_location

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike

    from layout_planner.locate.problem import Costs
    from layout_planner.locate.result import LocationResult
    from layout_planner.locate.stopping import Cancel, Progress

__all__ = ["capacitated_p_median"]


def capacitated_p_median(
    cost: Costs,
    p: int,
    demand: ArrayLike,
    capacity: ArrayLike,
    *,
    single_source: bool = True,
    weights: ArrayLike | None = None,
    fixed_open: Iterable[str | int] = (),
    forbidden: Iterable[str | int] = (),
    time_limit: float = 60.0,
    gap: float = 1e-4,
    seed: int = 0,
    demand_id: Sequence[str] | None = None,
    site_id: Sequence[str] | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> LocationResult:
    """Choose exactly ``p`` sites of least total cost with room for everybody, with a proven bound.

    Parameters
    ----------
    cost : array (n, m) or TravelMatrix
        Cost of serving each whole demand from each site; not finite, or not listed, means "cannot be served from
        there".
    p : int
        Number of open sites.
    demand : array (n,)
        Amounts, ≥ 0, such as pupils.
    capacity : array (m,) or float
        Amount that each site can serve, such as seats.
    single_source : bool
        Every demand goes to one site whole; otherwise it may be split, and ``flow`` tells how.
    weights, fixed_open, forbidden, time_limit, gap, seed, demand_id, site_id, progress, cancel
        As for :func:`~layout_planner.locate.facility.facility_location`.

    Raises
    ------
    LayoutError
        If amounts are negative or not finite, shapes disagree, or ``p`` cannot be met.

    Examples
    --------
    >>> capacitated_p_median([[0, 9], [2, 9], [3, 1]], 2, [1, 1, 1], 2).objective
    3.0
    """
    return facility_location(
        cost,
        0.0,
        demand=demand,
        capacity=capacity,
        single_source=single_source,
        p=p,
        weights=weights,
        fixed_open=fixed_open,
        forbidden=forbidden,
        time_limit=time_limit,
        gap=gap,
        seed=seed,
        demand_id=demand_id,
        site_id=site_id,
        progress=progress,
        cancel=cancel,
    )

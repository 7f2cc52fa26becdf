"""Proven lower bounds for capacitated location: demands pay offers, sites fill up with what pays, by subgradient.

Source: Beasley (1993), Lagrangean heuristics for location problems, European Journal of Operational Research
65(3):383-399.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.locate.capacity.kernels import choose_sites, fill_sites

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.locate.capacity.facilities import Facilities
    from layout_planner.locate.stopping import Watch

__all__ = ["Relaxation", "relax"]

_PATIENCE = 15
"""Rounds without a better bound after which the step is halved."""


@dataclass(frozen=True, eq=False)
class Relaxation:
    """What offers prove.

    ``bound`` on the cost of any plan; the ``offer`` (n,) of every demand behind it; ``gain`` (m,) and ``price`` (m,)
    of room of every site at those offers; ``sets`` the choices of sites met on the way, in order.
    """

    bound: float
    offer: NDArray[np.float64]
    gain: NDArray[np.float64]
    price: NDArray[np.float64]
    sets: list[tuple[int, ...]]


def relax(
    facilities: Facilities, offer: NDArray[np.float64], upper: float, *, whole: bool, rounds: int, watch: Watch
) -> Relaxation:
    """Raise the bound by subgradient steps from given offers.

    Parameters
    ----------
    facilities : Facilities
        The problem.
    offer : ndarray (n,)
        Offers to begin with, such as the dual values of a good plan.
    upper : float
        Cost of a known plan, or an estimate: it only scales the steps.
    whole : bool
        Fill sites with undivided demands, exactly (dearer and tighter); only for whole amounts.
    rounds : int
        Number of steps.
    watch : Watch
        When to stop early.
    """
    best: Relaxation | None = None
    sets: dict[tuple[int, ...], None] = {}
    scale, quiet = 1.0, 0
    for _ in range(max(1, rounds)):
        gain, price, taken = fill_sites(facilities.cost, facilities.size, facilities.room, offer, whole)
        total, chosen = _choose(facilities, facilities.fixed - gain)
        value = float(offer.sum()) + total
        value -= 1e-10 * (abs(value) + float(np.abs(offer).sum()))
        sets.setdefault(tuple(int(j) for j in np.flatnonzero(chosen)))
        if best is None or value > best.bound:
            quiet = 0 if best is None or value > best.bound + 1e-7 * abs(value) else quiet + 1
            best = Relaxation(value, offer, gain, price, [])
        else:
            quiet += 1
        if quiet >= _PATIENCE:
            scale, quiet, offer = scale / 2, 0, best.offer
            if scale < 1e-4:
                break
            continue
        slope = 1.0 - taken[chosen].sum(axis=0)
        norm = float(slope @ slope)
        if norm <= 1e-12 or not np.isfinite(total) or watch.stopped():
            break
        offer = offer + scale * max(upper - value, 1e-6 * abs(upper)) / norm * slope
    assert best is not None
    return Relaxation(best.bound, best.offer, best.gain, best.price, list(sets))


def _choose(facilities: Facilities, value: NDArray[np.float64]) -> tuple[float, NDArray[np.bool_]]:
    free = facilities.fewest <= 1 and facilities.most >= len(value)
    total, chosen = choose_sites(
        value,
        facilities.room,
        float(facilities.size.sum()),
        0 if free else facilities.fewest,
        0 if free else facilities.most,
        facilities.forced,
        facilities.barred,
        1500 if free else 600,
    )
    return float(total), chosen

"""Which zones take pupils beyond their seats where seats fall short: as few as can be, then near (先少超，再就近)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from layout_planner.locate.capacity.transport import transport

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["least_overload", "seated"]


def seated(
    cost: NDArray[np.float64], pupils: NDArray[np.float64], room: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """Send divisible pupils to zones with room at least total cost.

    Parameters
    ----------
    cost : (n, z) float64
        Cost of every unit whole at every zone.
    pupils : (n,) float64
    room : (z,) float64
        At least as much as there are pupils.

    Returns
    -------
    total : float
        Least total cost: what whole units and zones that hold together can at best reach.
    flow : (n, z) float64
        Pupils of every unit in every zone.
    """
    alive = pupils > 0
    each = cost[alive] / pupils[alive, None]
    (n, z), flow = each.shape, np.zeros(cost.shape)
    node = np.tile(np.arange(z), n)
    never = (float(each.max(initial=0.0)) + 1.0) * (z + 2)
    found = transport(np.arange(n + 1) * z, node, each.ravel(), pupils[alive], room, np.full(z, -1), never)
    flow[alive] = found.flow.reshape(n, z)
    return float((flow[alive] * each).sum()), flow


def least_overload(
    cost: NDArray[np.float64], pupils: NDArray[np.float64], room: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Count the pupils beyond every zone's room where these are fewest in all, and their ways least among those.

    Pupils are divisible here; each zone is offered twice, beyond its room at a price above any chain of moves.

    Parameters are those of :func:`seated`; rooms may be too small.

    Returns
    -------
    (z,) float64

    Examples
    --------
    Both zones are short of two seats together; the pupils of the second unit live at the second zone:

    >>> cost = np.array([[0.0, 40.0], [60.0, 0.0]])
    >>> least_overload(cost, np.array([4.0, 6.0]), np.array([4.0, 4.0])).tolist()
    [0.0, 2.0]
    """
    z = len(room)
    alive = pupils > 0
    each = float((cost[alive] / pupils[alive, None]).max(initial=0.0))
    dear = (each + 1.0) * (4 * z + 2)
    both = np.concatenate([cost, cost + dear * pupils[:, None]], axis=1)
    _, flow = seated(both, pupils, np.concatenate([room, np.full(z, float(pupils.sum()))]))
    return np.asarray(flow[:, z:].sum(axis=0), dtype=np.float64)

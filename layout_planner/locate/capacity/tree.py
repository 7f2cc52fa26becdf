"""Branch and bound over open sites on Lagrangean bounds: which sets can still be better than the plan at hand.

The node of least bound is split first, on the site that the priced problem opens about half of the time. Demand is
divided in the nodes, or whole; what remains of a node without undecided sites is one set, left to the caller.

Source: Christofides & Beasley (1982), A tree search algorithm for the p-median problem, EJOR 10:196-204; Beasley
(1993), European Journal of Operational Research 65(3):383-399.
"""

from __future__ import annotations

import heapq
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from layout_planner.locate.capacity.ascent import ascend, decide

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.locate.capacity.facilities import Facilities

__all__ = ["Node", "SetTree", "site_columns"]

_ROOT, _ROUNDS, _LEAF, _WHOLE = 4000, 40, 200, 60
"""Subgradient rounds at the root, at a node, at a single set, and with whole demands after any of them."""

_ROOT_LEAST, _ROOT_PAIRS = 300, 800_000_000
"""Least rounds at the root, and pairs looked at there before it."""

_LIMIT = 2000
"""Turns of the tree of one knapsack."""

_PASSES = 4

_STEP, _COUNTED_STEP = 0.4, 0.1
"""First step at a node, and where the number of sites is given: opening one then closes another near by."""

_BEYOND = 0.05
"""Share of the gap by which steps aim beyond the plan at hand, lest they shrink before a node is ruled out."""

_PAYS = 0.02
"""Share of the gap that whole demands close at the root if they are to be looked at below it."""

_GAINS = 3.0
"""Multiples of what whole demands gain at the root within which a node must be of being ruled out for them to count."""

_ALWAYS, _NEVER = float("inf"), float("-inf")


Columns: TypeAlias = "tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]]"


def site_columns(facilities: Facilities, *, whole: bool) -> Columns:
    """Sort the demands of every site by cost per unit.

    Returns
    -------
    near, unit, cost : ndarray (m, n)
        Demand, its cost per unit (-1 without demand, ``inf`` where the site cannot serve it) and its whole cost.
    """
    unit = facilities.unit.T.copy()
    unit[:, facilities.size <= 0] = -1.0
    unit[~np.isfinite(facilities.cost.T)] = np.inf
    if whole:
        unit[facilities.size > facilities.room[:, None] * (1 + 1e-12)] = np.inf
    order = np.argsort(unit, axis=1, kind="stable")
    cost = np.take_along_axis(np.ascontiguousarray(facilities.cost.T), order, axis=1)
    return order.astype(np.int32), np.take_along_axis(unit, order, axis=1), cost


@dataclass(frozen=True, eq=False)
class Node:
    """A family of open sets.

    ``bound`` on the cost of the plans in it; ``state`` (m,) 1 for open sites, -1 for closed ones, 0 for undecided;
    ``offer`` (n,) and ``price`` (m,) of room behind the bound; ``often`` (m,) share of rounds in which a site was
    chosen; ``chosen`` (m,) the choice at the bound.
    """

    bound: float
    state: NDArray[np.int8]
    offer: NDArray[np.float64]
    price: NDArray[np.float64]
    often: NDArray[np.float64]
    chosen: NDArray[np.bool_]

    @property
    def single(self) -> bool:
        """Tell whether every site is decided."""
        return bool((self.state != 0).all())

    @property
    def sites(self) -> tuple[int, ...]:
        """Sites of the choice at the bound."""
        return tuple(int(j) for j in np.flatnonzero(self.chosen))


class SetTree:
    """Families of open sets that are not yet ruled out.

    Parameters
    ----------
    facilities : Facilities
        The problem.
    whole : bool
        Demands go to one site each.
    offer : ndarray (n,)
        Offers to begin with.
    upper : float
        Cost of a known plan, or an estimate: it scales the steps.

    Attributes
    ----------
    worth : float
        Only plans below this cost are looked for; may be lowered at any time.
    nodes : int
        Nodes looked at.
    """

    def __init__(self, facilities: Facilities, *, whole: bool, offer: NDArray[np.float64], upper: float) -> None:
        self.facilities, self.whole, self.upper, self.worth, self.nodes = facilities, whole, upper, float("inf"), 1
        self._columns = site_columns(facilities, whole=whole)
        state = np.where(facilities.forced, 1, np.where(facilities.barred, -1, 0)).astype(np.int8)
        m = len(state)
        self._count = 0
        self._heap: list[tuple[float, int, Node]] = []
        self._within, self._extra = _NEVER, 0.0
        root = Node(float("-inf"), state, offer, np.zeros(m), np.full(m, 0.5), np.zeros(m, np.bool_))
        rounds = int(min(_ROOT, max(_ROOT_LEAST, _ROOT_PAIRS // facilities.cost.size)))
        self.root = self._explore(root, 1.0, rounds, within=_NEVER)
        if whole and np.isfinite(self.root.bound):
            loose = self.root.bound
            self.root = self._explore(self.root, 0.3, _WHOLE, within=_ALWAYS)
            gained = self.root.bound - loose
            self._within = _GAINS * gained if gained > _PAYS * (upper - loose) else _NEVER
        if np.isfinite(self.root.bound):
            self._extra = _BEYOND * max(0.0, upper - self.root.bound)
        self._push(self.root)

    @property
    def bound(self) -> float:
        """Lower bound of what is still open; ``inf`` once nothing is."""
        return self._heap[0][0] if self._heap else float("inf")

    def grow(self) -> tuple[Node | None, list[Node]]:
        """Split the node of least bound.

        Returns a node of one set, which the tree then forgets, or the one or two nodes that stay in its place.
        """
        _, _, node = heapq.heappop(self._heap)
        if node.bound >= self.worth:
            self._heap.clear()
            return None, []
        if node.single or int((node.state > 0).sum()) >= self.facilities.most:
            state = np.where(node.state > 0, 1, -1).astype(np.int8)
            self.nodes += 1
            last = self._explore(replace(node, state=state), 0.5, _LEAF, within=_ALWAYS if self.whole else _NEVER)
            return (last if last.bound < self.worth else None), []
        step = _COUNTED_STEP if self.facilities.fewest == self.facilities.most else _STEP
        free = np.flatnonzero(node.state == 0)
        pick = int(free[np.abs(node.often[free] - 0.5).argmin()])
        sides = [_sided(node, pick, side) for side in (1, -1)]
        with ThreadPoolExecutor(len(sides)) as pool:
            children = list(pool.map(lambda side: self._explore(side, step, _ROUNDS, within=self._within), sides))
        self.nodes += len(children)
        return None, [child for child in children if self._push(child)]

    def _push(self, node: Node) -> bool:
        wanted = node.bound < self.worth
        if wanted:
            self._count += 1
            heapq.heappush(self._heap, (node.bound, self._count, node))
        return wanted

    def _explore(self, node: Node, step: float, rounds: int, *, within: float) -> Node:
        """Raise the bound of a node and decide the sites that it settles; whole demands count near what is worth it."""
        facts, worth = self.facilities, self.worth
        state, offer, often, bound = node.state.copy(), node.offer.copy(), node.often.copy(), node.bound
        value, price, chosen = np.empty(len(state)), node.price.copy(), node.chosen.copy()
        for limit in (0, _LIMIT):
            if limit and bound < min(worth, self.upper) - within:
                break
            for _ in range(_PASSES):
                if not self._possible(state):
                    return Node(float("inf"), state, offer, price, often, chosen)
                reached, step, entry, leave = ascend(
                    *self._columns, facts.size, facts.room, facts.fixed, state, facts.fewest, facts.most, limit,
                    offer, often, self.upper + self._extra, worth, step, rounds, value, price, chosen,
                )  # fmt: skip
                bound = max(bound, float(reached))
                if bound >= worth:
                    return Node(bound, state, offer, price, often, chosen)
                if not decide(state, reached, value, entry, leave, worth):
                    break
            rounds, step = min(rounds, _WHOLE), 0.3
        return Node(bound, state, offer, price, often, chosen)

    def _possible(self, state: NDArray[np.int8]) -> bool:
        facts = self.facilities
        opened, allowed = state > 0, state >= 0
        return bool(
            opened.sum() <= facts.most
            and allowed.sum() >= facts.fewest
            and facts.fixed[opened].sum() <= facts.budget * (1 + 1e-9)
            and facts.room[allowed].sum() >= facts.size.sum() * (1 - 1e-12)
        )


def _sided(node: Node, pick: int, side: int) -> Node:
    """Open (1) or close (-1) one of the undecided sites of a node."""
    state, often = node.state.copy(), node.often.copy()
    state[pick], often[pick] = side, max(side, 0)
    return replace(node, state=state, often=often)

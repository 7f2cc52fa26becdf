"""Improve a zoning by CP-SAT: the zones of a few neighbouring sites divided anew, or all of them among few pairs.

Source: Pisinger & Ropke (2010), Large neighborhood search, Handbook of Metaheuristics, 399-419, for corridors;
Angelelli, Mansini & Speranza (2010), Computers & Operations Research 37(11):2017-2026, for kernels of pairs.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.sparse import csr_array

from layout_planner.locate.solvers.cpsat import solve_whole
from layout_planner.locate.zones.programme import ZoneProgramme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from layout_planner.locate.solvers.cpsat import CpAnswer
    from layout_planner.locate.stopping import Watch
    from layout_planner.locate.zones.task import ZoneTask

__all__ = ["Corridors"]

_UNIT = 1e-7
"""Share of the cost of a division that counts as one in a programme of whole numbers."""

_PAIRS, _FEWEST = 250, 60
"""Pairs of unit and site, besides today's, that a corridor chooses among: at first, and the least number."""

_KERNEL, _MORE, _BACK = 100, 1.3, 3
"""Pairs, besides today's, that all zones choose among first; factor after an easy programme; steps back later on."""

_LITTLE = 0.0002
"""Share that an unsolved programme must win to be worth another."""

_EASY, _GROWTH = 0.1, (1.25, 1.05, 0.75)
"""Share of the effort below which a programme was easy; how pairs grow after easy, solved and unsolved ones."""


class Divided(NamedTuple):
    """What came of a corridor: the division, what was tried, and the effort.

    ``effort`` is a share of what a try may take, 1 where it did not end by proof; ``pairs`` what there was to choose
    among, besides today's pairs; ``cuts`` hold zones together that the programme had left in pieces.
    """

    label: NDArray[np.int64]
    key: int
    effort: float
    pairs: int
    cuts: list[tuple[int, int, NDArray[np.int64]]]


_REST = 0.05
"""Least share of the effort that is worth another round."""

_NARROWER, _NARROWEST = 0.97, 0.7
"""Factor of the width of corridors after one that was not solved, and the least there is."""

_FINE, _NEAR = 1e6, 1e-6
"""Largest factor of a row that had fractions; share of a unit by which a whole number may be missed."""


@dataclass(eq=False)
class Corridors:
    """A neighbourhood search by programmes over the zones of neighbouring sites.

    Attributes
    ----------
    task : ZoneTask
        What is asked for.
    reduced : ndarray (n, m)
        Reduced costs: which pairs a corridor looks at first.
    penalty : float
        Cost of one unit of demand beyond the limits of a site, while no division fits.
    ordered : bool
        Whether units join a zone only in an order that today's zones keep: quicker, but some divisions are never met.
    pairs : int
        Pairs that the next corridor may choose among, besides today's.
    kernel : int
        The same where all zones are divided anew.
    effort : float
        Deterministic seconds a programme.
    scale : float
        Factor of the width of corridors.
    """

    task: ZoneTask
    reduced: NDArray[np.float64]
    penalty: float
    watch: Watch
    rng: np.random.Generator
    pairs: int = _PAIRS
    kernel: int = _KERNEL
    effort: float = 1.0
    scale: float = 1.0
    ordered: bool = True
    cuts: list[tuple[int, int, NDArray[np.int64]]] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    solved: int = 0

    def value(self, label: NDArray[np.int64]) -> float:
        """Cost of a division with what breaks the limits of sites priced."""
        return self.task.value(label) + self.penalty * float(self._beyond(label).sum())

    def begin(self) -> None:
        """Go back to narrow corridors, few pairs and a small kernel, for a division of another origin."""
        self.pairs, self.scale, self.kernel = _PAIRS, 1.0, _KERNEL

    def improve(self, label: NDArray[np.int64], width: int) -> NDArray[np.int64]:
        """Divide corridors of ``width`` zones, times ``scale``, anew, one around every site in turn.

        While sites break their limits, only corridors around those are divided, wide enough to reach room.
        """
        for center in self.rng.permutation(len(self.task.seat)).tolist():
            if self.watch.stopped():
                break
            broken = self._beyond(label) > 0
            if broken.any() and not broken[center]:
                continue
            part = self._corridor(label, center, max(2, round(width * self.scale)))
            found = self.divide(label, part, self.pairs)
            self._resize(found.effort, found.pairs)
            label = found.label
        return label

    def grow(self, label: NDArray[np.int64], others: Sequence[NDArray[np.int64]] = ()) -> NDArray[np.int64]:
        """Divide all zones anew among the pairs of least reduced cost, more and more of them, while that is quick.

        The pairs of ``others`` are kept besides.
        """
        every, pairs = np.arange(len(self.task.seat)), self.kernel
        while not self.watch.stopped():
            before = self.value(label)
            found = self.divide(label, every, pairs, others)
            label, easy = found.label, found.effort < 1
            if (easy and pairs >= found.pairs) or not (easy or self.value(label) < before * (1 - _LITTLE)):
                break
            pairs = int(pairs * _MORE) if easy else pairs
        self.kernel = max(_KERNEL, int(pairs / _MORE**_BACK))
        return label

    def _beyond(self, label: NDArray[np.int64]) -> NDArray[np.float64]:
        """Tell by how much the demand of every site (m,) breaks its limits."""
        load = self.task.load(label)
        beyond = np.maximum(load - self.task.room, 0) + np.maximum(self.task.floor - load, 0)
        return np.where(beyond > 1e-9 * max(1.0, float(self.task.demand.sum())), beyond, 0.0)

    def _corridor(self, label: NDArray[np.int64], center: int, width: int) -> NDArray[np.int64]:
        """Take neighbouring sites around one, by how much their zones touch, with some luck."""
        m = len(self.task.seat)
        here, there = label[self.task.pairs[:, 0]], label[self.task.pairs[:, 1]]
        touch = np.zeros((m, m))
        np.add.at(touch, (here, there), 1.0)
        touch += touch.T
        part = self._way(label, center, touch)
        while len(part) < min(width, m):
            beside = touch[part].sum(axis=0)
            beside[part] = 0
            if not beside.any():
                break
            part.append(int((beside * self.rng.random(m)).argmax()))
        return np.array(sorted(part), dtype=np.int64)

    def _way(self, label: NDArray[np.int64], center: int, touch: NDArray[np.float64]) -> list[int]:
        """List the sites on a shortest way from one that breaks its limits to one that can mend it; else ``center``."""
        load, beyond = self.task.load(label), self._beyond(label)
        if not beyond[center]:
            return [center]
        full = load[center] > self.task.room[center]
        spare = self.task.room - load if full else load - self.task.floor
        back, queue = {center: -1}, [center]
        for j in queue:
            if spare[j] >= beyond[center]:
                way = [j]
                while back[way[-1]] >= 0:
                    way.append(back[way[-1]])
                return way
            for k in np.flatnonzero(touch[j]).tolist():
                if k not in back:
                    back[k] = j
                    queue.append(k)
        return [center]

    def divide(
        self, label: NDArray[np.int64], part: NDArray[np.int64], pairs: int, others: Sequence[NDArray[np.int64]] = ()
    ) -> Divided:
        """Divide the zones of ``part`` anew, choosing among ``pairs``, and those of ``others``."""
        keep, every = self._keep(label, part, pairs)
        return self._better(label, keep, every, others)

    def merge(self, label: NDArray[np.int64], others: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
        """Divide anew with the pairs of this division and of ``others``; the same division where that is no better."""
        return self._better(label, np.zeros(self.task.cost.shape, dtype=bool), self.pairs, others).label

    def _better(
        self, label: NDArray[np.int64], keep: NDArray[np.bool_], every: int, others: Sequence[NDArray[np.int64]]
    ) -> Divided:
        """Try pairs and remember what came of it; the same division where that found no better one that fits."""
        for one in (label, *others):
            keep[np.arange(len(one)), one] = True
        found = self._tried(label, keep, every, int(self.rng.integers(2**30)))
        if found.key not in self.seen:
            self.seen.add(found.key)
            self.solved += 1
        self.cuts += found.cuts
        fits = self.task.fits(found.label) or not self.task.fits(label)
        return found if fits else found._replace(label=label)

    def _tried(self, label: NDArray[np.int64], keep: NDArray[np.bool_], every: int, seed: int) -> Divided:
        """Divide anew with the pairs ``keep`` (n, m); zones found in pieces are cut off, and the search goes on."""
        key = hash((np.packbits(keep).tobytes(), label.tobytes()))
        if key in self.seen:
            return Divided(label, key, 0.0, every, [])
        known, value, left, hint = len(self.cuts), self.value(label), self.effort, label
        programme = ZoneProgramme(
            self.task, keep, list(self.cuts), penalty=None if self.task.fits(label) else self.penalty
        )
        clauses = programme.chains(label, np.random.default_rng(seed)) if self.ordered else programme.beside()
        while True:
            answer = self._solved(programme, clauses, hint, value, left, seed)
            left -= answer.effort
            proven = answer.complete or answer.infeasible
            if answer.values is None:
                break
            hint = programme.label(answer.values)
            if not programme.separate(hint):
                label = hint if self.value(hint) < value else label
                break
            if left < _REST * self.effort or self.watch.stopped():
                proven = False
                break
        return Divided(label, key, 1 - left / self.effort if proven else 1.0, every, programme.cuts[known:])

    def _solved(
        self, programme: ZoneProgramme, clauses: csr_array, hint: NDArray[np.int64], value: float, effort: float,
        seed: int,
    ) -> CpAnswer:  # fmt: skip
        """Look for a division cheaper than ``value``; the answer has a value for every column."""
        free = programme.free
        settled = programme.price[~free].sum()
        matrix, lower, upper = programme.rows()
        given = matrix[:, ~free].sum(axis=1)
        rows = matrix[:, free].tocsr()
        used = np.diff(rows.indptr) > 0
        whole, lower, upper = _whole(rows[used], (lower - given)[used], (upper - given)[used])
        answer = solve_whole(
            programme.price[free], whole, lower, upper, unit=max(abs(value), 1e-9) * _UNIT,
            col_upper=programme.upper[free].astype(np.int64), clauses=clauses[:, free],
            hint=programme.start(hint)[free], below=value * (1 - _UNIT) - settled, time_limit=self.watch.left,
            effort=effort, seed=seed, workers=1, cancel=self.watch.cancel,
        )  # fmt: skip
        if answer.values is None:
            return answer
        values = np.ones(programme.size, np.int64)
        values[free] = answer.values
        return replace(answer, values=values)

    def _resize(self, effort: float, every: int) -> None:
        """Look at more pairs, of ``every``, after a programme that took little effort, at fewer after an unsolved one.

        Corridors that are still unsolved with few pairs become narrower, easy ones without further pairs wider.
        """
        step = 0 if effort < _EASY else 1 if effort < 1 else 2
        if self.pairs < every or step == 2:
            self.pairs = max(_FEWEST, int(min(self.pairs, every) * _GROWTH[step]))
        if step == 2:
            self.widen(_NARROWER)
        elif step == 0 and self.pairs >= every:
            self.widen(1 / _NARROWER)

    def widen(self, factor: float) -> None:
        """Make corridors wider or narrower."""
        self.scale = float(np.clip(self.scale * factor, _NARROWEST, len(self.task.seat)))

    def _keep(self, label: NDArray[np.int64], part: NDArray[np.int64], pairs: int) -> tuple[NDArray[np.bool_], int]:
        """Keep today's pairs, and in the corridor those of least reduced cost; tells how many there are besides."""
        n, m = self.task.cost.shape
        keep = np.zeros((n, m), dtype=bool)
        keep[np.arange(n), label] = True
        inside = np.flatnonzero(np.isin(label, part))
        able = np.isfinite(self.task.cost[np.ix_(inside, part)])
        dearer = np.where(able, self.reduced[np.ix_(inside, part)], np.inf)
        limit = np.sort(dearer.ravel())[min(len(inside) + pairs, dearer.size - 1)]
        keep[np.ix_(inside, part)] |= able & (dearer <= limit)
        return keep, int(able.sum()) - len(inside)


def _whole(
    rows: csr_array, lower: NDArray[np.float64], upper: NDArray[np.float64]
) -> tuple[csr_array, NDArray[np.float64], NDArray[np.float64]]:
    """Write rows with fractions in whole numbers, a little rounded: what comes of them must be measured anew."""
    row = np.repeat(np.arange(len(lower)), np.diff(rows.indptr))
    largest = np.maximum.reduceat(np.abs(rows.data), rows.indptr[:-1]) if len(lower) else np.zeros(0)
    odd = np.bincount(row, rows.data != np.rint(rows.data), len(lower)) > 0
    factor = np.where(odd, _FINE / np.where(largest > 0, largest, 1.0), 1.0)
    data, low, high = np.rint(rows.data * factor[row]), lower * factor, upper * factor
    equal = low == high
    low, high = (
        np.where(equal, np.rint(low), np.ceil(low - _NEAR)),
        np.where(equal, np.rint(high), np.floor(high + _NEAR)),
    )
    return csr_array((data, rows.indices, rows.indptr), shape=rows.shape), low, high

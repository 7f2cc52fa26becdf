"""Iterative proportional fitting: scale non-negative cells until the groups they form have known totals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

__all__ = ["Conflict", "Fit", "Margin", "fit_margins"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Margin:
    """Known totals of groups of cells.

    Attributes
    ----------
    group : array of int, shape (cells,)
        Group that each cell belongs to; -1 for cells outside every group.
    totals : array of float, shape (groups,)
        Wanted sums, not negative; nan where a sum is not known and therefore not held.
    """

    group: Ints
    totals: Floats

    def __post_init__(self) -> None:
        if len(self.totals) <= self.group.max(initial=-1):
            msg = f"{len(self.totals)} totals, but a group {self.group.max()}"
            raise ValueError(msg)
        if (self.totals < 0).any() or np.isinf(self.totals).any():
            msg = "totals must be finite and not negative, or nan"
            raise ValueError(msg)

    def sums(self, values: Floats) -> Floats:
        """Sum cells by group."""
        inside = self.group >= 0
        found = np.bincount(self.group[inside], weights=values[inside], minlength=len(self.totals))
        return found.astype(np.float64, copy=False)


@dataclass(frozen=True)
class Conflict:
    """Groups of two margins that hold the same cells, but whose totals differ.

    ``first`` and ``second`` are positions of margins; the totals of ``second_groups`` were scaled from
    ``second_sum`` to ``first_sum``.
    """

    first: int
    second: int
    first_groups: tuple[int, ...]
    second_groups: tuple[int, ...]
    first_sum: float
    second_sum: float


@dataclass(frozen=True, eq=False)
class Fit:
    """What fitting came to.

    Attributes
    ----------
    cells : array of float, shape (cells,)
        Fitted cells, not negative; nought where the seed was.
    held : tuple of arrays
        Totals of each margin that were aimed at, after conflicts were settled; nan where none is known.
    residuals : tuple of arrays
        Sums of the fitted cells less ``held``.
    unreachable : tuple of (int, int)
        Margin and group of totals above nought whose cells are all nought, so that no scaling can reach them.
    conflicts : tuple of Conflict
    iterations : int
        Rounds over all margins.
    worst : float
        Largest relative residual of the totals that can be reached.
    converged : bool
        Whether ``worst`` is within the tolerance.
    """

    cells: Floats
    held: tuple[Floats, ...]
    residuals: tuple[Floats, ...]
    unreachable: tuple[tuple[int, int], ...]
    conflicts: tuple[Conflict, ...]
    iterations: int
    worst: float
    converged: bool


def fit_margins(
    seed: npt.ArrayLike, margins: Sequence[Margin], *, tolerance: float = 1e-9, max_iterations: int = 2_000
) -> Fit:
    """Scale cells in turn to each margin until all totals are met; the first margin is met exactly.

    Where two margins speak of the same cells but their totals differ, the earlier margin holds and the later one is
    scaled to it, block by block; every such conflict is returned. Totals over cells that are all nought cannot be
    reached and are returned too: nothing is lost silently.

    Parameters
    ----------
    seed : array_like of float, shape (cells,)
        Estimates, finite and not negative. Their ratios within what the margins leave open are kept.
    margins : sequence of Margin
        In the order of trust. Groups of one margin do not overlap; different margins may.
    tolerance : float
        Largest relative residual.
    max_iterations : int
        Rounds after which fitting stops even if it has not converged (margins that no cells can satisfy together).

    Raises
    ------
    ValueError
        If the seed is negative or not finite, or a margin does not name every cell.

    Source: Deming and Stephan 1940; Fienberg 1970, An iterative procedure for estimation in contingency tables.

    Examples
    --------
    >>> rows, columns = Margin(np.array([0, 0, 1, 1]), np.array([30.0, 70.0])), Margin(
    ...     np.array([0, 1, 0, 1]), np.array([40.0, 60.0])
    ... )
    >>> fit_margins([1.0, 1.0, 1.0, 1.0], [rows, columns]).cells.round(6).tolist()
    [12.0, 18.0, 28.0, 42.0]
    """
    cells = np.asarray(seed, dtype=np.float64)
    if (cells < 0).any() or not np.isfinite(cells).all():
        msg = "the seed must be finite and not negative"
        raise ValueError(msg)
    if any(margin.group.shape != cells.shape for margin in margins):
        msg = "every margin must name the group of every cell"
        raise ValueError(msg)
    known = [_held_only(margin) for margin in margins]
    kinds, inverse = _kinds(known, len(cells))
    summed = np.bincount(inverse, weights=cells, minlength=len(kinds)).astype(np.float64, copy=False)
    reduced = [Margin(kinds[:, k], margin.totals) for k, margin in enumerate(known)]
    reduced, conflicts = _settle(reduced, summed)
    fitted, iterations, worst = _iterate(summed, reduced, tolerance, max_iterations)
    factor = np.divide(fitted, summed, out=np.zeros_like(fitted), where=summed > 0)
    residuals = tuple(margin.sums(fitted) - margin.totals for margin in reduced)
    unreachable = tuple(
        (k, int(group))
        for k, margin in enumerate(reduced)
        for group in np.flatnonzero((margin.sums(fitted) == 0) & (margin.totals > 0))
    )
    held = tuple(margin.totals for margin in reduced)
    return Fit(cells * factor[inverse], held, residuals, unreachable, conflicts, iterations, worst, worst <= tolerance)


def _held_only(margin: Margin) -> Margin:
    """Take cells of unknown totals out of their groups."""
    unknown = np.append(np.isnan(margin.totals), True)
    return Margin(np.where(unknown[margin.group], -1, margin.group), margin.totals)


def _kinds(margins: Sequence[Margin], cells: int) -> tuple[Ints, Ints]:
    """Put together cells that belong to the same groups, since they are scaled alike."""
    if not margins:
        return np.zeros((1, 0), dtype=np.int64), np.zeros(cells, dtype=np.int64)
    key = np.zeros(cells, dtype=np.int64)
    for margin in margins:
        _, key = np.unique(key * (len(margin.totals) + 1) + margin.group + 1, return_inverse=True)
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    return np.column_stack([margin.group[first] for margin in margins]), inverse.astype(np.int64)


def _iterate(summed: Floats, margins: Sequence[Margin], tolerance: float, rounds: int) -> tuple[Floats, int, float]:
    fitted = summed.copy()
    worst = _worst(fitted, margins)
    done = 0
    while worst > tolerance and done < rounds:
        for margin in reversed(margins):
            sums = margin.sums(fitted)
            scale = np.divide(margin.totals, sums, out=np.ones_like(sums), where=(sums > 0) & ~np.isnan(margin.totals))
            fitted *= np.where(margin.group >= 0, scale[margin.group], 1.0)
        worst = _worst(fitted, margins)
        done += 1
    return fitted, done, worst


def _worst(fitted: Floats, margins: Sequence[Margin]) -> float:
    """Find the largest residual relative to its total, of the totals that scaling can still reach."""
    worst = 0.0
    for margin in margins:
        sums = margin.sums(fitted)
        off = np.abs(sums - margin.totals) / np.where(margin.totals > 0, margin.totals, 1.0)
        worst = max(worst, float(np.max(off[(sums > 0) & ~np.isnan(margin.totals)], initial=0.0)))
    return worst


def _settle(margins: Sequence[Margin], summed: Floats) -> tuple[list[Margin], tuple[Conflict, ...]]:
    """Scale later margins to earlier ones wherever both hold the very same cells."""
    settled = list(margins)
    conflicts: list[Conflict] = []
    for first, second in combinations(range(len(settled)), 2):
        totals = settled[second].totals.copy()
        for ours, theirs in _blocks(settled[first], settled[second], summed > 0):
            want, have = float(settled[first].totals[ours].sum()), float(totals[theirs].sum())
            if abs(want - have) > _SAME * max(want, have):
                conflicts.append(Conflict(first, second, tuple(ours.tolist()), tuple(theirs.tolist()), want, have))
                totals[theirs] = totals[theirs] * (want / have) if have > 0 else want / len(theirs)
        settled[second] = Margin(settled[second].group, totals)
    return settled, tuple(conflicts)


def _blocks(first: Margin, second: Margin, populated: npt.NDArray[np.bool_]) -> list[tuple[Ints, Ints]]:
    """List the smallest sets of groups of both margins that hold the same populated cells."""
    n, whole = len(first.totals), len(first.totals) + len(second.totals)
    both = populated & (first.group >= 0) & (second.group >= 0)
    link = (np.ones(both.sum()), (first.group[both], n + second.group[both]))
    _, label = connected_components(coo_array(link, shape=(whole, whole)), directed=False)
    lone_first = populated & (first.group >= 0) & (second.group < 0)
    lone_second = populated & (first.group < 0) & (second.group >= 0)
    open_labels = {*label[first.group[lone_first]].tolist(), *label[n + second.group[lone_second]].tolist()}
    blocks = []
    for block in sorted({*label[first.group[both]].tolist()} - open_labels):
        members = np.flatnonzero(label == block)
        blocks.append((members[members < n], members[members >= n] - n))
    return blocks

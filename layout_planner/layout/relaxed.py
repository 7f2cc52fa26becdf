"""What no layout can be below, school by school: the linear relaxation with a school in or out of operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from layout_planner.layout.assemble import assemble, extra_limits, term_vectors
from layout_planner.locate.solvers.resolve import LinearProgramme

if TYPE_CHECKING:
    from layout_planner.layout.model import LayoutModel, Limits, Objective

__all__ = ["Relaxation"]


class Relaxation:
    """The model whose choices, rooms and classes may be parts of one; for the first pass of an objective.

    Parameters
    ----------
    model : LayoutModel
        Must have no stranded units.
    objective : Objective
        Of a lexicographic one, the first term counts.
    extra : Limits
        Limits beyond those of the model.
    seconds : float
        Time limit of each solution.
    """

    def __init__(self, model: LayoutModel, objective: Objective, extra: Limits, seconds: float = 60.0) -> None:
        weights = next(iter(objective.passes()))
        wanted = frozenset(term for term, weight in weights.items() if weight) | frozenset(extra.max_term)
        programme = assemble(model, wanted, objective.worst_share)
        terms = term_vectors(programme, model, objective.worst_share)
        extra_limits(programme, model, extra, terms)
        cost = sum((terms[t] * weight for t, weight in weights.items() if weight), np.zeros(programme.n_cols))
        lower, upper, _ = programme.column_bounds
        self._choices, self._z = model.choices, programme.columns["z"]
        self._linear = LinearProgramme(cost, programme.matrix(), *programme.row_bounds, lower, upper, seconds)

    @property
    def bound(self) -> float:
        """What no plan can be below; ``inf`` if there is none, ``-inf`` if nothing was proven."""
        return self._linear.bound

    def turned(self, at: int, *, opened: bool) -> float:
        """Prove what no plan can be below in which a school is (not) in operation.

        Parameters
        ----------
        at : int
            Position of the school.
        opened : bool
            Whether it is in operation.
        """
        other = np.flatnonzero((self._choices.school == at) & (self._choices.is_open != opened))
        return self._linear.without(self._z[other])

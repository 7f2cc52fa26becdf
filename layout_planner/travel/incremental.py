"""Who is nearest to whom, kept up to date while sites open and close.

A :class:`~layout_planner.travel.matrix.TravelMatrix` knows every site in reach of an origin, so that no decision
needs a new search: a site that closes concerns only the origins that it was nearest to, and a site that opens only
those that have it in reach.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout_planner.errors import NetworkError, Text, counted
from layout_planner.travel.kernels import k_least_open, offer_site
from layout_planner.travel.matrix import TravelMatrix

__all__ = ["NearestOpen"]

Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.object_]
Value = TypeVar("Value", bound=np.generic)


class NearestOpen:
    """The k nearest open sites of every origin.

    Parameters
    ----------
    matrix : TravelMatrix
        Every site that may ever be open, and what is in reach.
    open_sites : iterable of ids, optional
        Sites that are open at first; by default all.
    k : int
        Sites to keep for each origin.
    cost : (p,) array, optional
        What "near" means for every pair of the matrix; by default its minutes. Ties go to the lesser site id.

    Raises
    ------
    UnknownIdError
        An id is not among the sites.
    NetworkError
        ``k`` is less than one, or the costs do not match the pairs.

    Examples
    --------
    >>> import numpy as np
    >>> ids, sites = np.array(["x", "y"], dtype=object), np.array(["a", "b"], dtype=object)
    >>> minutes = np.array([5, 9, 7, 2], dtype=np.float32)
    >>> table = TravelMatrix(ids, sites, np.array([0, 2, 4]), np.array([0, 1, 0, 1], dtype=np.int32), minutes,
    ...                      minutes * 80, "walk", 30.0, np.zeros(2), np.zeros(2))
    >>> near = NearestOpen(table)
    >>> near.site_id[:, 0].tolist()
    ['a', 'b']
    >>> near.close("b").tolist()
    ['y']
    >>> near.minutes[:, 0].tolist()
    [5.0, 7.0]
    """

    def __init__(
        self, matrix: TravelMatrix, open_sites: Iterable[str] | None = None, k: int = 1,
        cost: npt.NDArray[np.floating] | None = None,
    ) -> None:  # fmt: skip
        if k < 1 or (cost is not None and len(cost) != matrix.n_pairs):
            raise NetworkError(
                Text("k 须至少为 1，且代价须与各对一一对应", "k must be at least 1, and costs must match the pairs")
            )
        self._cost = None if cost is None else np.asarray(cost, dtype=np.float64)
        self._pairs = np.full((len(matrix.origin_id), k), -1, dtype=np.int64)
        self._take(matrix)
        self._open = np.full(len(matrix.site_id), open_sites is None)
        if open_sites is not None:
            self._open[self.matrix.site_positions(list(open_sites))] = True
        self._renew(np.arange(len(self._pairs)))

    @property
    def open_sites(self) -> Ids:
        """Ids of the open sites, in the order of the matrix."""
        return self.matrix.site_id[self._open]

    @property
    def pairs(self) -> Ints:
        """Positions in the matrix of the pairs with the nearest sites, shape (n, k), -1 where there are fewer."""
        return self._pairs.copy()

    @property
    def minutes(self) -> npt.NDArray[np.float32]:
        """Minutes to the nearest sites, shape (n, k), inf where there are fewer."""
        return self._at(self.matrix.minutes, np.float32(np.inf))

    @property
    def metres(self) -> npt.NDArray[np.float32]:
        """Metres of the same ways, shape (n, k), inf where there are fewer."""
        return self._at(self.matrix.metres, np.float32(np.inf))

    @property
    def site_id(self) -> Ids:
        """Ids of the nearest sites, shape (n, k), None where there are fewer."""
        column = self._at(self.matrix.indices, np.int32(len(self.matrix.site_id)))
        return np.append(self.matrix.site_id, [None])[column]

    def close(self, *ids: str) -> Ids:
        """Close sites; give the ids of the origins whose nearest sites changed.

        Raises
        ------
        UnknownIdError
            An id is not among the sites.
        """
        gone = np.zeros(len(self._open) + 1, dtype=np.bool_)
        gone[self.matrix.site_positions(ids)] = True
        self._open &= ~gone[:-1]
        rows = np.flatnonzero(gone[self._at(self.matrix.indices, np.int32(len(self._open)))].any(axis=1))
        self._renew(rows)
        return self.matrix.origin_id[rows]

    def open(self, *ids: str) -> Ids:
        """Open sites; give the ids of the origins whose nearest sites changed.

        Raises
        ------
        UnknownIdError
            An id is not among the sites.
        """
        changed = np.zeros(len(self._pairs), dtype=np.bool_)
        for site in self.matrix.site_positions(ids):
            if not self._open[site]:
                self._open[site] = True
                offer_site(site, *self._table(), self._pairs, changed)
        return self.matrix.origin_id[changed]

    def add(self, more: TravelMatrix, cost: npt.NDArray[np.floating] | None = None) -> Ids:
        """Add new sites and open them; give the ids of the origins whose nearest sites changed.

        Parameters
        ----------
        more : TravelMatrix
            The new sites, searched from the same origins (see :meth:`TravelMatrix.with_sites`).
        cost : array, optional
            Costs of its pairs, where the structure was made with costs of its own.
        """
        before = self.matrix
        if (cost is None) != (self._cost is None) or (cost is not None and len(cost) != more.n_pairs):
            raise NetworkError(
                Text("新增学校的代价与原有的不符", "The costs of the new sites do not match the old ones")
            )
        joined = before.with_sites(more)
        shift = joined.indptr[:-1] - before.indptr[:-1]
        if cost is not None and self._cost is not None:
            costs = np.empty(joined.n_pairs)
            old = joined.indices < len(before.site_id)
            costs[old], costs[~old] = self._cost, cost
            self._cost = costs
        self._pairs = np.where(self._pairs < 0, -1, self._pairs + shift[:, None])
        self._take(joined)
        self._open = np.append(self._open, np.zeros(len(more.site_id), dtype=np.bool_))
        return self.open(*more.site_id)

    def to_frame(self) -> pd.DataFrame:
        """Tabulate the nearest open sites in the columns of :meth:`TravelMatrix.nearest`."""
        row, rank = np.nonzero(self._pairs >= 0)
        pair = self._pairs[row, rank]
        return pd.DataFrame(
            {
                "origin_id": self.matrix.origin_id[row],
                "site_id": self.matrix.site_id[self.matrix.indices[pair]],
                "rank": rank + 1,
                "minutes": self.matrix.minutes[pair].astype(np.float64),
                "metres": self.matrix.metres[pair].astype(np.float64),
            }
        )

    def __repr__(self) -> str:
        n, k = self._pairs.shape
        alone = int((self._pairs[:, 0] < 0).sum())
        return (
            f"NearestOpen({counted(n, 'origin')}, {int(self._open.sum()):,} of {len(self._open):,} sites open, k={k}, "
            f"{counted(alone, 'origin')} without any)"
        )

    def _take(self, matrix: TravelMatrix) -> None:
        self.matrix = matrix
        self._rank_of = matrix.site_ranks()

    def _table(self) -> tuple[npt.NDArray[np.generic], ...]:
        cost = self.matrix.minutes if self._cost is None else self._cost
        return self.matrix.indptr, self.matrix.indices, cost, self._rank_of

    def _renew(self, rows: Ints) -> None:
        k_least_open(rows, *self._table(), self._open, self._pairs)

    def _at(self, values: npt.NDArray[Value], otherwise: Value) -> npt.NDArray[Value]:
        out = np.full(self._pairs.shape, otherwise, dtype=values.dtype)
        held = self._pairs >= 0
        out[held] = values[self._pairs[held]]
        return out

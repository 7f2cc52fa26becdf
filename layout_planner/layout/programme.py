"""The layout model as one mixed-integer programme: named blocks of columns and rows, one sparse matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from scipy.sparse import coo_array

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from scipy.sparse import csc_array

__all__ = ["Columns", "Entry", "Programme", "Rows"]

Entry: TypeAlias = "tuple[ArrayLike, ArrayLike, ArrayLike]"
"""Rows within a block, columns, and coefficients."""


@dataclass(frozen=True, eq=False)
class Columns:
    """A block of columns: the first one's number and how many."""

    first: int
    count: int

    def __getitem__(self, at: ArrayLike) -> NDArray[np.int64]:
        return self.first + np.asarray(at, dtype=np.int64)

    @property
    def all(self) -> NDArray[np.int64]:
        """Numbers of the block's columns."""
        return self.first + np.arange(self.count)


@dataclass(frozen=True, eq=False)
class Rows:
    """A block of rows: what rule it is, the first one's number, and whom each row concerns."""

    rule: str
    first: int
    subject: NDArray[np.object_]


@dataclass(eq=False)
class Programme:
    """Collect columns and rows block by block; hand them over whole."""

    lower: list[NDArray[np.float64]] = field(default_factory=list)
    upper: list[NDArray[np.float64]] = field(default_factory=list)
    integer: list[NDArray[np.bool_]] = field(default_factory=list)
    columns: dict[str, Columns] = field(default_factory=dict)
    rows: list[Rows] = field(default_factory=list)
    _row_lower: list[NDArray[np.float64]] = field(default_factory=list)
    _row_upper: list[NDArray[np.float64]] = field(default_factory=list)
    _entries: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]] = field(default_factory=list)
    n_cols: int = 0
    n_rows: int = 0

    def add_columns(
        self, name: str, count: int, lower: ArrayLike = 0.0, upper: ArrayLike = np.inf, *, integer: bool = False
    ) -> Columns:
        """Add a block of columns with bounds."""
        block = Columns(self.n_cols, count)
        self.lower.append(np.broadcast_to(np.asarray(lower, dtype=np.float64), count))
        self.upper.append(np.broadcast_to(np.asarray(upper, dtype=np.float64), count))
        self.integer.append(np.full(count, integer))
        self.columns[name] = block
        self.n_cols += count
        return block

    def add_rows(
        self,
        rule: str,
        subject: ArrayLike,
        entries: Sequence[Entry],
        lower: ArrayLike = -np.inf,
        upper: ArrayLike = np.inf,
    ) -> None:
        """Add a block of rows; ``entries`` are (row within the block, column, coefficient), summed where twice."""
        who = np.asarray(subject, dtype=object).reshape(-1)
        count = len(who)
        for row, column, value in entries:
            at = np.asarray(row, dtype=np.int64).reshape(-1)
            col = np.broadcast_to(np.asarray(column, dtype=np.int64), at.shape)
            self._entries.append((at + self.n_rows, col, np.broadcast_to(np.asarray(value, np.float64), at.shape)))
        self._row_lower.append(np.broadcast_to(np.asarray(lower, dtype=np.float64), count))
        self._row_upper.append(np.broadcast_to(np.asarray(upper, dtype=np.float64), count))
        self.rows.append(Rows(rule, self.n_rows, who))
        self.n_rows += count

    def extend_rows(self, rows: ArrayLike, columns: ArrayLike, values: ArrayLike) -> None:
        """Add coefficients to rows that are there already, by the rows' numbers."""
        triple = np.broadcast_arrays(rows, columns, values)
        self._entries.append((triple[0].astype(np.int64), triple[1].astype(np.int64), triple[2].astype(np.float64)))

    def copy(self) -> Programme:
        """Give a programme whose bounds can be changed without changing these."""
        return replace(self, lower=list(self.lower), upper=list(self.upper))

    def fix(self, columns: NDArray[np.int64], values: NDArray[np.float64]) -> None:
        """Fix columns at values; bounds of the others stay."""
        for bounds in (self.lower, self.upper):
            every = np.concatenate(bounds)
            every[columns] = values
            bounds[:] = [every]

    def cost(self, terms: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """Spread costs by block of columns over all columns."""
        full = np.zeros(self.n_cols)
        for name, values in terms.items():
            full[self.columns[name].all] += values
        return full

    def matrix(self) -> csc_array:
        """Give the constraint matrix, (rows, columns)."""
        row, col, value = (np.concatenate([entry[k] for entry in self._entries]) for k in range(3))
        return coo_array((value, (row, col)), shape=(self.n_rows, self.n_cols)).tocsc()

    @property
    def row_bounds(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Lower and upper bounds of the rows."""
        return np.concatenate(self._row_lower), np.concatenate(self._row_upper)

    @property
    def column_bounds(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
        """Lower and upper bounds of the columns, and which are whole."""
        return np.concatenate(self.lower), np.concatenate(self.upper), np.concatenate(self.integer)

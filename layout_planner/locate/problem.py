"""The problem that every location model reads: a sparse cost table with ids, and what is fixed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

import numpy as np

from layout_planner.errors import LayoutError, Text, UnknownIdError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Costs", "Problem", "SparseCosts"]


@runtime_checkable
class SparseCosts(Protocol):
    """A sparse table of costs by origin row, such as a ``TravelMatrix``."""

    @property
    def origin_id(self) -> NDArray[np.object_]:
        """Ids of the demand points."""

    @property
    def site_id(self) -> NDArray[np.object_]:
        """Ids of the sites."""

    @property
    def indptr(self) -> NDArray[np.int64]:
        """Row starts."""

    @property
    def indices(self) -> NDArray[np.int32]:
        """Site positions."""

    @property
    def minutes(self) -> NDArray[np.floating]:
        """Cost of each pair."""


Costs: TypeAlias = "ArrayLike | SparseCosts"


@dataclass(frozen=True, eq=False)
class Problem:
    """Frozen arrays of a location problem; pairs that are not listed cannot be served.

    Attributes
    ----------
    demand_id, site_id : ndarray of object
        Ids (text) of the ``n`` demand points and ``m`` sites.
    indptr, site, cost : ndarray
        Sparse rows by demand point: site position and cost of serving the whole demand from there (its weight
        is multiplied in), sorted by site position.
    forced, barred : ndarray (m,) of bool
        Sites that must be open, or must not.
    """

    demand_id: NDArray[np.object_]
    site_id: NDArray[np.object_]
    indptr: NDArray[np.int64]
    site: NDArray[np.int64]
    cost: NDArray[np.float64]
    forced: NDArray[np.bool_]
    barred: NDArray[np.bool_]

    @classmethod
    def build(
        cls,
        cost: Costs,
        *,
        weights: ArrayLike | None = None,
        fixed_open: Iterable[str | int] = (),
        forbidden: Iterable[str | int] = (),
        demand_id: Sequence[str] | None = None,
        site_id: Sequence[str] | None = None,
    ) -> Problem:
        """Read a dense (n, m) array or a sparse matrix with ids into one problem.

        Parameters
        ----------
        cost : array (n, m) or SparseCosts
            Cost of serving each demand point from each site; not finite means "cannot be served from there".
        weights : array (n,), optional
            Multiplied into the rows.
        fixed_open, forbidden : iterable of str or int
            Site ids, or positions where no ids were given.
        demand_id, site_id : sequence of str, optional
            Ids for a dense array; positions spelled as text otherwise.

        Raises
        ------
        UnknownIdError
            If a fixed or forbidden site is not among the sites.
        LayoutError
            If shapes disagree, a cost is negative, or a site is both forced and forbidden.
        """
        if isinstance(cost, SparseCosts):
            demand, sites = np.asarray(cost.origin_id, object), np.asarray(cost.site_id, object)
            factor = _factors(weights, len(demand))
            indptr, cols = np.asarray(cost.indptr, np.int64), np.asarray(cost.indices, np.int64)
            value = np.asarray(cost.minutes, np.float64) * np.repeat(factor, np.diff(indptr))
            indptr, cols, value = _sorted_rows(indptr, cols, value)
        else:
            dense = np.asarray(cost, dtype=np.float64)
            if dense.ndim != 2:
                raise LayoutError(Text("费用须是二维表（需求点 × 学校）", "costs must be a table: demand × sites"))
            demand, sites = _ids(demand_id, dense.shape[0]), _ids(site_id, dense.shape[1])
            factor = _factors(weights, len(demand))
            with np.errstate(invalid="ignore"):  # 0 × inf: still not finite, still not served
                dense = dense if weights is None else dense * factor[:, None]
            indptr, cols, value = _dense_rows(dense)
        if (value < 0).any():
            raise LayoutError(Text("费用不能为负", "costs must not be negative"))
        forced, barred = _mask(sites, fixed_open), _mask(sites, forbidden)
        if (forced & barred).any():
            clash = "、".join(str(s) for s in sites[forced & barred])
            raise LayoutError(Text(f"既必须开办又禁止开办：{clash}", f"both fixed open and forbidden: {clash}"))
        return cls(demand, sites, indptr, cols, value, forced, barred)

    @property
    def rows(self) -> NDArray[np.int64]:
        """Demand position of every listed pair."""
        return np.repeat(np.arange(len(self.demand_id)), np.diff(self.indptr))

    def dense(self) -> NDArray[np.float64]:
        """Spread the costs over (n, m), ``inf`` where a pair is not listed or its site is barred."""
        shape = (len(self.demand_id), len(self.site_id))
        if len(self.cost) == shape[0] * shape[1]:
            table = self.cost.reshape(shape).copy()
        else:
            table = np.full(shape, np.inf)
            table[self.rows, self.site] = self.cost
        table[:, self.barred] = np.inf
        return table


def _factors(weights: ArrayLike | None, count: int) -> NDArray[np.float64]:
    factor = np.ones(count) if weights is None else np.asarray(weights, np.float64)
    if factor.shape != (count,):
        raise LayoutError(Text("权重数与需求点数不同", "there must be one weight a demand point"))
    if not (np.isfinite(factor) & (factor >= 0)).all():
        raise LayoutError(Text("权重须是非负的有限数", "weights must be finite and not negative"))
    return factor


_Rows: TypeAlias = "tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]"


def _sorted_rows(indptr: NDArray[np.int64], cols: NDArray[np.int64], value: NDArray[np.float64]) -> _Rows:
    """Keep the finite pairs, each row by site position."""
    rows = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    finite = np.isfinite(value)
    rows, cols, value = rows[finite], cols[finite], value[finite]
    order = np.lexsort((cols, rows))
    return np.append(0, np.cumsum(np.bincount(rows, minlength=len(indptr) - 1))), cols[order], value[order]


def _dense_rows(dense: NDArray[np.float64]) -> _Rows:
    """List the finite pairs of a table; a full one is only reshaped."""
    n, m = dense.shape
    finite = np.isfinite(dense)
    if finite.all():
        return np.arange(n + 1) * m, np.tile(np.arange(m), n), dense.ravel()
    indptr = np.append(0, np.cumsum(finite.sum(axis=1)))
    return indptr, np.nonzero(finite)[1], dense[finite]


def _ids(given: Sequence[str] | None, count: int) -> NDArray[np.object_]:
    ids = np.array([str(i) for i in range(count)] if given is None else [str(i) for i in given], dtype=object)
    if len(ids) != count or len(set(ids)) != count:
        raise LayoutError(Text("代码数与费用表不符或有重复", "ids must be unique and match the costs"))
    return ids


def _mask(sites: NDArray[np.object_], wanted: Iterable[str | int]) -> NDArray[np.bool_]:
    position = {str(s): i for i, s in enumerate(sites)}
    mask = np.zeros(len(sites), dtype=bool)
    names = [str(w) for w in wanted]
    unknown = [name for name in names if name not in position]
    if unknown:
        spelled = "、".join(unknown)
        raise UnknownIdError(Text(f"没有这些地点：{spelled}", f"no such site: {spelled}"))
    mask[[position[name] for name in names]] = True
    return mask

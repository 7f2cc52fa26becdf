"""The problem that every location model reads: a sparse cost table with ids, and what is fixed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

import numpy as np

from layout_planner.errors import LayoutError, Text, UnknownIdError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Costs", "Problem", "SparseCosts", "amounts"]

_NAMED = 12


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
            If shapes disagree, ids repeat, a cost or weight is negative, or a site is both forced and forbidden.
        """
        if isinstance(cost, SparseCosts):
            demand = _matching("需求点", "demand", cost.origin_id, demand_id)
            sites = _matching("地点", "site", cost.site_id, site_id)
            indptr, cols = np.asarray(cost.indptr, np.int64), np.asarray(cost.indices, np.int64)
            factor = amounts(1.0 if weights is None else weights, demand, "权重", "weights")
            value = np.asarray(cost.minutes, np.float64) * np.repeat(factor, np.diff(indptr))
            indptr, cols, value = _sorted_rows(indptr, cols, value)
        else:
            dense = _table(cost)
            demand = _ids("需求点", "demand", demand_id, dense.shape[0])
            sites = _ids("地点", "site", site_id, dense.shape[1])
            factor = amounts(1.0 if weights is None else weights, demand, "权重", "weights")
            with np.errstate(invalid="ignore"):  # 0 × inf: still not finite, still not served
                dense = dense if weights is None else dense * factor[:, None]
            indptr, cols, value = _dense_rows(dense)
        if not len(demand) or not len(sites):
            raise LayoutError(Text("没有需求点或没有地点，无从选址", "there is no demand point, or no site"))
        _refuse_negative(demand, sites, indptr, cols, value)
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


def amounts(
    given: ArrayLike, ids: NDArray[np.object_], zh: str, en: str, *, endless: bool = False
) -> NDArray[np.float64]:
    """Read one amount for each id, or one for all, in their order.

    Raises
    ------
    LayoutError
        If there are too few or too many, or one is negative or not a number (infinite, unless ``endless``).
    """
    values = numbers(given, zh, en)
    if values.ndim and values.shape != ids.shape:
        facts = f"{values.shape} ≠ {ids.shape}"
        raise LayoutError(Text(f"{zh}的个数不对：{facts}", f"{en}: not as many numbers as needed: {facts}"))
    values = np.array(np.broadcast_to(values, ids.shape))
    wrong = ids[~((values >= 0) & (np.isfinite(values) | endless))]
    if len(wrong):
        names = _named(wrong)
        raise LayoutError(
            Text(f"{zh}须是不小于 0 的数，不合的：{names}", f"{en} must be numbers ≥ 0: not so at {names}")
        )
    return values


def numbers(given: ArrayLike, zh: str, en: str) -> NDArray[np.float64]:
    """Read numbers, whatever they stand in.

    Raises
    ------
    LayoutError
        If there is text, nothing or a row of another length among them.
    """
    try:
        return np.asarray(given, np.float64)
    except (TypeError, ValueError) as error:
        said = Text(f"{zh}须全是数，各行一样长", f"{en} must be numbers, in rows of one length")
        raise LayoutError(Text(f"{said.zh}：{error}", f"{said.en}: {error}")) from error


def _table(cost: ArrayLike) -> NDArray[np.float64]:
    if hasattr(cost, "tocsr"):
        what = "稀疏矩阵里的零与空分不清：请给出行程矩阵（TravelMatrix）或二维数组，不能到达处写 inf"
        en = "a sparse array does not tell 0 from absent: give a TravelMatrix, or a dense array with inf"
        raise LayoutError(Text(what, en))
    dense = numbers(cost, "费用", "costs")
    if dense.ndim != 2:
        raise LayoutError(Text("费用须是二维表（需求点 × 学校）", "costs must be a table: demand × sites"))
    return dense


def _named(names: NDArray[np.object_] | list[str]) -> str:
    """Spell the first names of a list, and how many there are if they are many."""
    first = "、".join(str(name) for name in names[:_NAMED])
    return first if len(names) <= _NAMED else f"{first} … ({len(names)})"


def _refuse_negative(
    demand: NDArray[np.object_], sites: NDArray[np.object_], indptr: NDArray[np.int64], cols: NDArray[np.int64],
    value: NDArray[np.float64],
) -> None:  # fmt: skip
    wrong = np.flatnonzero(value < 0)
    if len(wrong):
        row = np.searchsorted(indptr, wrong, side="right") - 1
        pairs = _named([f"{demand[i]} → {sites[j]}" for i, j in zip(row, cols[wrong], strict=True)])
        raise LayoutError(Text(f"费用不能为负：{pairs}", f"costs must not be negative: {pairs}"))


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


def _ids(zh: str, en: str, given: Iterable[object] | None, count: int) -> NDArray[np.object_]:
    """Spell ids as text, or positions where none are given; there must be one each, none twice."""
    if isinstance(given, str) or not (given is None or isinstance(given, Iterable)):
        raise LayoutError(Text(f"{zh}代码须是列表：{given!r}", f"{en} ids must be a list: {given!r}"))
    ids = np.array([str(i) for i in (range(count) if given is None else given)], dtype=object)
    if len(ids) != count:
        raise LayoutError(
            Text(f"{zh}有 {count} 个，代码却有 {len(ids)} 个", f"{count} {en} ids are needed, not {len(ids)}")
        )
    kinds, times = np.unique(ids.astype(str), return_counts=True)
    if (times > 1).any():
        names = _named(kinds[times > 1].tolist())
        raise LayoutError(Text(f"{zh}代码重复：{names}", f"{en} ids that are not unique: {names}"))
    return ids


def _matching(zh: str, en: str, own: NDArray[np.object_], given: Iterable[object] | None) -> NDArray[np.object_]:
    """Take a matrix's own ids; others beside them must say the same."""
    ids = _ids(zh, en, own, len(own))
    if given is not None and [str(i) for i in given] != ids.tolist():
        raise LayoutError(Text(f"另给的{zh}代码与行程矩阵的不同", f"the {en} ids given are not those of the matrix"))
    return ids


def _mask(sites: NDArray[np.object_], wanted: Iterable[str | int]) -> NDArray[np.bool_]:
    if isinstance(wanted, str) or not isinstance(wanted, Iterable):
        raise LayoutError(
            Text(f"必须或禁止开办的地点须写成列表：{wanted!r}", f"fixed or forbidden sites must be a list: {wanted!r}")
        )
    position = {str(s): i for i, s in enumerate(sites)}
    mask = np.zeros(len(sites), dtype=bool)
    names = [str(w) for w in wanted]
    unknown = [name for name in names if name not in position]
    if unknown:
        spelled = "、".join(unknown)
        raise UnknownIdError(Text(f"没有这些地点：{spelled}", f"no such site: {spelled}"))
    mask[[position[name] for name in names]] = True
    return mask

"""The layout model with a slack for every limit that people set: what it would take for some plan to work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.layout.assemble import assemble, extra_limits, term_vectors
from layout_planner.layout.search import search
from layout_planner.locate.solvers.resolve import LinearProgramme

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.layout.model import LayoutModel, Limits
    from layout_planner.layout.programme import Programme
    from layout_planner.locate.stopping import Watch

__all__ = ["COUNTY", "Elastic", "Limit", "Relaxation", "elastic"]

COUNTY = "county"
_CRUMB = 1e-6
# By rule: the kind that has the price, the words, the unit; rows of other rules say what a plan is and stand fast.
_RULES = {
    "everybody": ("nowhere", "有学校可去", "人"),
    "seats_primary": ("seats", "小学学位", "人"),
    "seats_junior": ("seats", "初中学位", "人"),
    "classrooms": ("classrooms", "教室", "间"),
    "beds": ("beds", "床位", "张"),
    "largest": ("largest", "学校规模上限", "人"),
    "smallest": ("smallest", "学校规模下限", "人"),
    "central_primary_per_township": ("townships", "乡镇至少一所中心小学", "所"),
    "junior_per_township": ("townships", "乡镇至少一所初中", "所"),
    "max_closures": ("changes", "撤并学校数", "所"),
    "closest_first": ("closest", "近的有空位不舍近求远", "所"),
    "close": ("decided", "要求撤并", "所"),
    "keep": ("decided", "要求保留", "所"),
    "fix": ("decided", "要求的去留", "所"),
    "max_changes": ("changes", "变动学校数", "所"),
    "max_yearly_yuan": ("yuan", "每年支出上限", "元/年"),
    "max_one_off_yuan": ("yuan", "一次性投入上限", "元"),
    "max_pupil_minutes": ("minutes", "学生路程上限", "人·分钟"),
    "max_worst_minutes": ("minutes", "路最远学生的时间上限", "分钟"),
}
_WAYS = ("time_limit", "时限、不安全的路或大班额学校", "人")
_DECIDED = ("decided", "必须保留或撤并", "所")


@dataclass(frozen=True)
class Limit:
    """One limit that may give way: its rule, whom it concerns, its words and unit, and the price of a unit."""

    rule: str
    subject: str
    words: str
    unit: str
    price: float


@dataclass(frozen=True, eq=False)
class Relaxation:
    """The least that must give way: units by limit (positions in ``Elastic.limits``), priced, with a bound."""

    by_limit: Mapping[int, float]
    amount: float
    bound: float
    found: bool
    infeasible: bool

    def stretched(self) -> frozenset[int]:
        """Positions of the limits that give way."""
        return frozenset(self.by_limit)


@dataclass(frozen=True, eq=False)
class Elastic:
    """A programme with slack columns.

    Attributes
    ----------
    model, wider : LayoutModel
        As limited; and with the ways and choices that the limits leave out.
    limits : tuple of Limit
        By what can give way.
    programme : Programme
        With a block of columns ``slack``.
    amount, owner : ndarray
        By column: units of the limit that one of the column gives way by, and which limit that is (−1: none).
    """

    model: LayoutModel
    wider: LayoutModel
    limits: tuple[Limit, ...]
    programme: Programme
    amount: NDArray[np.float64]
    owner: NDArray[np.int64]

    def relax(self, held: frozenset[int], watch: Watch, seconds: float, gap: float, seed: int) -> Relaxation:
        """Find the least relaxation in which the limits ``held`` stand fast."""
        programme, columns = self.programme.copy(), self.slacks(held)
        programme.fix(columns, np.zeros(len(columns)))
        answer = search(programme, self.cost, watch, seconds=max(seconds, 0.1), gap=gap, seed=seed)
        if answer.values is None:
            return Relaxation({}, np.inf, answer.bound, found=False, infeasible=answer.infeasible)
        by_limit = self.units_of(answer.values)
        amount = sum(self.limits[k].price * units for k, units in by_limit.items())
        return Relaxation(by_limit, amount, min(answer.bound, amount), found=True, infeasible=False)

    @property
    def cost(self) -> NDArray[np.float64]:
        """Price of every column."""
        price = np.array([limit.price for limit in self.limits] + [0.0])[self.owner]
        return np.asarray(price * self.amount, dtype=np.float64)

    def units_of(self, values: NDArray[np.float64]) -> dict[int, float]:
        """Count the units by which each limit gives way in a solution."""
        used = (self.owner >= 0) & (values * self.amount > _CRUMB)
        units = np.bincount(self.owner[used], weights=(values * self.amount)[used], minlength=len(self.limits))
        return {int(k): float(units[k]) for k in np.flatnonzero(units > _CRUMB)}

    def linear(self, seconds: float) -> LinearProgramme:
        """Give the linear relaxation, all limits free to give way."""
        lower, upper, _ = self.programme.column_bounds
        return LinearProgramme(self.cost, self.programme.matrix(), *self.programme.row_bounds, lower, upper, seconds)

    def slacks(self, held: Iterable[int]) -> NDArray[np.int64]:
        """Find the columns by which limits give way."""
        return np.flatnonzero(np.isin(self.owner, list(held)))

    def name(self, subject: str) -> str:
        """Name a school; other subjects go by their ids."""
        at = np.flatnonzero(self.wider.school_id == subject)
        return str(self.wider.choices.name[at[0]]) if len(at) else ("全县" if subject == COUNTY else subject)


def elastic(model: LayoutModel, wider: LayoutModel, extra: Limits, prices: Mapping[str, float]) -> Elastic:
    """Give every limit of a model a slack.

    Parameters
    ----------
    model, wider : LayoutModel
        As limited, and with more ways and choices; of the same schools and units.
    extra : Limits
        Further limits.
    prices : mapping of str to float
        Price of a unit by kind of limit.
    """
    programme = assemble(wider, frozenset(extra.max_term))
    extra_limits(programme, wider, extra, term_vectors(programme, wider, 0.05))
    limits: list[Limit] = []
    slack: list[tuple[int, float, float, int]] = []
    for row, sign, per_unit, limit in _row_slacks(programme, wider, prices):
        slack.append((row, sign, per_unit, len(limits)))
        limits.append(limit)
    owner, amount = np.full(programme.n_cols, -1), np.zeros(programme.n_cols)
    known: dict[Limit, int] = {}
    for column, units, limit in _column_slacks(programme, model, wider, prices):
        if limit not in known:
            known[limit] = len(limits)
            limits.append(limit)
        owner[column], amount[column] = known[limit], units
    rows, signs, units_each, whose = np.array(slack, dtype=np.float64).reshape(-1, 4).T
    block = programme.add_columns("slack", len(slack))
    programme.extend_rows(rows, block.all, signs)
    return Elastic(
        model=model,
        wider=wider,
        limits=tuple(limits),
        programme=programme,
        amount=np.concatenate([amount, units_each]),
        owner=np.concatenate([owner, whose]).astype(np.int64),
    )


def _row_slacks(
    programme: Programme, model: LayoutModel, prices: Mapping[str, float]
) -> Iterator[tuple[int, float, float, Limit]]:
    """Give for every row that may give way: its number, the slack's sign, units per slack, and the limit."""
    lower, _ = programme.row_bounds
    lost = ~np.isin(np.arange(len(model.units.pupils)), model.arcs.unit)
    for block in programme.rows:
        if block.rule not in _RULES:
            continue
        kind, words, unit = _RULES[block.rule]
        for k, subject in enumerate(block.subject):
            if block.rule == "everybody" and not lost[k]:
                continue
            row = block.first + k
            per_unit = float(model.units.pupils[k]) if block.rule == "everybody" else 1.0
            limit = Limit(block.rule, str(subject), words, unit, prices[kind])
            below = block.rule != "close" and np.isfinite(lower[row])
            yield row, 1.0 if below else -1.0, per_unit, limit


def _column_slacks(
    programme: Programme, model: LayoutModel, wider: LayoutModel, prices: Mapping[str, float]
) -> Iterator[tuple[int, float, Limit]]:
    """Give the columns that only the wider model has: ways, by pupils, and choices, by schools."""
    kind, words, unit = _WAYS
    arcs, own = wider.arcs, model.arcs
    allowed = set(zip(model.units.unit_id[own.unit], own.school, own.boards, strict=True))
    x, z = programme.columns["x"], programme.columns["z"]
    shut = _gone_with_a_school(model, wider)
    for k, key in enumerate(zip(wider.units.unit_id[arcs.unit], arcs.school, arcs.boards, strict=True)):
        if key not in allowed and not shut[k]:
            limit = Limit(kind, str(key[0]), words, unit, prices["ways"])
            yield int(x[k]), float(wider.units.pupils[arcs.unit[k]]), limit
    kind, words, unit = _DECIDED
    taken = set(zip(model.choices.school, model.choices.choice, strict=True))
    for k, pair in enumerate(zip(wider.choices.school, wider.choices.choice, strict=True)):
        if pair not in taken:
            yield int(z[k]), 1.0, Limit(kind, str(wider.school_id[pair[0]]), words, unit, prices["decided"])


def _gone_with_a_school(model: LayoutModel, wider: LayoutModel) -> NDArray[np.bool_]:
    """Mark ways within the time limits that are missing only because the school may not teach their band."""
    arcs, units, choices = wider.arcs, wider.units, model.choices
    teaches = np.zeros((len(model.school_id), choices.teaches.shape[1]), dtype=bool)
    np.logical_or.at(teaches, choices.school, choices.teaches)
    within = arcs.far <= units.far_today[arcs.unit] + _CRUMB
    return within & ~teaches[arcs.school, units.band[arcs.unit]]

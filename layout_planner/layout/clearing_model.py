"""Clear large classes at least cost: one small mixed-integer programme, first who can be helped, then how cheaply."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.config.layout import Layout, Term
from layout_planner.grades import GradeBand, Stage, Tier
from layout_planner.layout.clearing_choices import ENTRY_GRADES
from layout_planner.layout.programme import Entry, Programme
from layout_planner.locate.solvers.highs import MilpAnswer, solve
from layout_planner.supply.staffing import SMALL_TIERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.config.clearing import Clearing
    from layout_planner.config.scenario import Scenario
    from layout_planner.layout.clearing_choices import Choices

__all__ = ["Cleared", "clear"]

_GRADES = [f"grade_{k}" for k in (1, 2, 3)]
_CRUMB = 1e-6
_BANDS = {band.value: band for band in GradeBand}
_STAGE_OF = {grade: stage for stage in Stage for grade in stage.grades}


@dataclass(frozen=True, eq=False)
class Cleared:
    """What was found: who moves, which rooms are added, who is left over.

    Attributes
    ----------
    whole, some, upper : DataFrame
        Rows of ``Choices.offers`` (with ``grade`` and whole ``persons`` in ``some``) and ``Choices.upper`` taken.
    rooms : Series
        Rooms added, on the ids of ``Choices.schools``.
    classes : Series
        Classes of each row of ``Choices.units``.
    over : Series
        Pupils beyond the largest class aimed at, on the rows of ``Choices.units``.
    cost_yuan, bound_yuan : float
        Yuan a year, and what no programme that helps as many could cost less than.
    villages : ndarray of object
        Village of each row of ``Choices.parts``.
    proven : bool
        Whether both steps were solved within the gap.
    """

    whole: pd.DataFrame
    some: pd.DataFrame
    upper: pd.DataFrame
    rooms: pd.Series
    classes: pd.Series
    over: pd.Series
    villages: NDArray[np.object_]
    cost_yuan: float
    bound_yuan: float
    proven: bool

    def priced(self, cost: float, bound: float, *, proven: bool) -> Cleared:
        """Give the same with what it costs and could cost at the least; nothing proven below nought counts."""
        cost = cost if abs(cost) > _CRUMB else 0.0
        return replace(self, cost_yuan=cost, bound_yuan=min(max(bound, 0.0), cost), proven=proven)


@dataclass(frozen=True, eq=False)
class _Moves:
    """What may move, and where its pupils leave and arrive: one frame a kind, and (row, unit, pupils) of each."""

    whole: pd.DataFrame
    some: pd.DataFrame
    upper: pd.DataFrame
    leaves: dict[str, _Steps]
    arrives: dict[str, _Steps]


_Steps = tuple["NDArray[np.int64]", "NDArray[np.int64]", "NDArray[np.float64]"]


def clear(choices: Choices, scenario: Scenario, limits: Clearing) -> Cleared:
    """Find the cheapest way to clear large classes.

    Parameters
    ----------
    choices : Choices
        What could be done.
    scenario : Scenario
        Prices, weights and largest schools.
    limits : Clearing
        What may be done.

    Returns
    -------
    Cleared
        First as few pupils as possible are left in classes above the size aimed at; among such plans, the cheapest.
    """
    moves = _moves(choices, limits)
    if not choices.units["is_large"].any():
        return _nothing(choices, moves)
    programme = _programme(choices, moves, scenario, limits)
    over = programme.columns["over"]
    first = _ask(programme, programme.cost({"over": np.ones(over.count)}), limits, scenario.seed, gap=0.0)
    start = first.values  # noqa: PD011 - an answer of HiGHS, no frame
    assert start is not None, "doing nothing is always possible"
    rest = [(np.zeros(over.count, dtype=np.int64), over.all, 1.0)]
    programme.add_rows("left_over", ["all"], rest, upper=float(start[over.all].sum()) + _CRUMB)
    cost = _cost(choices, moves, scenario, limits, programme)
    best = _ask(programme, cost, limits, scenario.seed, gap=limits.gap, start=start)
    values = start if best.values is None else best.values  # noqa: PD011
    prices = (scenario.layout or Layout()).prices
    today = float(_staff_today(choices, scenario).sum()) * _yearly(scenario) * prices.staff_yuan
    return _read(choices, moves, programme, values).priced(
        float(cost @ values) - today, best.bound - today, proven=first.complete and best.complete
    )


def _nothing(choices: Choices, moves: _Moves) -> Cleared:
    """Answer where no class is large."""
    none = pd.Series(0, index=choices.schools.index, dtype=np.int64)
    return Cleared(
        moves.whole.iloc[:0], moves.some.iloc[:0].assign(persons=0.0), moves.upper.iloc[:0], none,
        choices.units["classes"], pd.Series(0.0, index=choices.units.index),
        choices.parts["village_id"].to_numpy(object), 0.0, 0.0, proven=True,
    )  # fmt: skip


def _ask(
    programme: Programme, cost: NDArray[np.float64], limits: Clearing, seed: int, *, gap: float,
    start: NDArray[np.float64] | None = None,
) -> MilpAnswer:  # fmt: skip
    lower, upper, integer = programme.column_bounds
    return solve(
        cost, programme.matrix(), *programme.row_bounds, col_lower=lower, col_upper=upper, integer=integer,
        start=start, time_limit=limits.time_limit_s, gap=gap, seed=seed,
    )  # fmt: skip


def _moves(choices: Choices, limits: Clearing) -> _Moves:
    """List what may move under the limits, and the units that each move leaves and reaches."""
    offers, units = choices.offers, choices.units
    place = {(code, g): u for u, (code, grades) in enumerate(zip(units["school_id"], units["grades"], strict=True))
             for g in grades}  # fmt: skip
    whole = offers[(offers["covered"] >= 1 - 1e-9) & limits.rezone].reset_index(drop=True)
    parts = []
    for k, column in enumerate(_GRADES):
        grade = offers["band"].map(lambda band, k=k: _BANDS[band].grades[k]).astype("int64")
        may = (grade.isin(ENTRY_GRADES) & limits.split_entrants) | limits.split_villages
        parts.append(offers.assign(grade=grade, most=np.floor(offers[column] + _CRUMB))[may])
    some = pd.concat(parts, ignore_index=True)
    some = some[some["most"] >= limits.least_group].reset_index(drop=True)
    upper = choices.upper if limits.move_grades else choices.upper.iloc[:0]
    leaves: dict[str, _Steps] = {}
    arrives: dict[str, _Steps] = {}
    sizes = _upper_sizes(choices)
    for side, found in (("school_id", leaves), ("to", arrives)):
        steps = [
            (row, place[code, _BANDS[band].grades[k]], size)
            for k, column in enumerate(_GRADES)
            for row, (code, band, size) in enumerate(zip(whole[side], whole["band"], whole[column], strict=True))
        ]
        found["whole"] = _steps(steps)
        pairs = zip(some[side], some["grade"], strict=True)
        found["some"] = _steps([(row, place[code, grade], 1.0) for row, (code, grade) in enumerate(pairs)])
        steps = [
            (row, place[there, grade], sizes[code, grade])
            for row, (code, there, first) in enumerate(
                zip(upper["school_id"], upper[side], upper["first"], strict=True)
            )
            for grade in GradeBand.G4_6.grades
            if grade >= first
        ]
        found["upper"] = _steps(steps)
    return _Moves(whole, some, upper.reset_index(drop=True), leaves, arrives)


def _upper_sizes(choices: Choices) -> dict[tuple[str, int], float]:
    """Give the pupils of the upper grades of every school with large classes."""
    mine = choices.parts[choices.parts["band"] == GradeBand.G4_6.value].groupby("school_id")[_GRADES].sum()
    return {
        (str(code), grade): float(row[column])
        for code, row in mine.iterrows()
        for grade, column in zip(GradeBand.G4_6.grades, _GRADES, strict=True)
    }


def _steps(rows: list[tuple[int, int, float]]) -> _Steps:
    table = np.array(rows, dtype=np.float64).reshape(-1, 3)
    return table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2]


def _programme(choices: Choices, moves: _Moves, scenario: Scenario, limits: Clearing) -> Programme:
    programme, units, schools = Programme(), choices.units, choices.schools
    n, school = len(units), schools.index.get_indexer(pd.Index(units["school_id"]))
    fixed = np.where(schools["is_source"].to_numpy()[school], 0, units["classes"])
    programme.add_columns("whole", len(moves.whole), 0, 1, integer=True)
    programme.add_columns("some", len(moves.some), 0, moves.some["most"].to_numpy(), integer=True)
    programme.add_columns("diverts", len(moves.some), 0, 1, integer=True)
    programme.add_columns("upper", len(moves.upper), 0, 1, integer=True)
    programme.add_columns("classes", n, fixed, np.inf, integer=True)
    programme.add_columns("rooms", len(schools), 0, limits.rooms_per_school, integer=True)
    programme.add_columns("over", n, 0, np.where(units["is_large"], np.inf, 0.0))
    programme.add_columns("receives", n, 0, 1, integer=True)
    programme.add_columns("staff", len(schools), _staff_today(choices, scenario))
    _add_once(programme, choices, moves)
    _add_groups(programme, moves, limits)
    _add_sizes(programme, choices, moves)
    _add_room(programme, choices, moves, scenario)
    _add_staff(programme, choices, moves, scenario)
    if limits.one_off_budget_yuan is not None:
        prices = (scenario.layout or Layout()).prices
        upper, rooms = programme.columns["upper"], programme.columns["rooms"]
        paid: list[Entry] = [
            (np.zeros(upper.count, dtype=np.int64), upper.all, limits.grades_yuan),
            (np.zeros(rooms.count, dtype=np.int64), rooms.all, prices.room_yuan),
        ]
        programme.add_rows("one_off_budget_yuan", ["all"], paid, upper=limits.one_off_budget_yuan)
    return programme


def _add_once(programme: Programme, choices: Choices, moves: _Moves) -> None:
    """Let every pupil move once: a part whole or by grade, or with the upper grades of its school."""
    parts, columns = choices.parts, programme.columns
    whole, some, upper = moves.whole, moves.some, moves.upper
    high = (parts["band"] == GradeBand.G4_6.value).to_numpy()
    part, leaving = _pairs(parts["school_id"].where(high, ""), upper["school_id"])
    programme.add_rows("part_once", parts["village_id"], [
        (whole["part"], columns["whole"].all, 1.0), (part, columns["upper"][leaving], 1.0),
    ], upper=1.0)  # fmt: skip
    code = np.unique(upper["school_id"], return_inverse=True)[1] if len(upper) else np.zeros(0, dtype=np.int64)
    programme.add_rows("grades_once", np.unique(upper["school_id"]), [(code, columns["upper"].all, 1.0)], upper=1.0)
    if some.empty:
        return
    key = some["part"].to_numpy() * 10 + some["grade"].to_numpy()
    keys, row = np.unique(key, return_inverse=True)
    grade, of = keys % 10, keys // 10
    position = np.array([list(_BANDS[band].grades).index(g) for band, g in zip(parts["band"].iloc[of], grade,
                        strict=True)])  # fmt: skip
    size = parts[_GRADES].to_numpy()[of, position]
    mine, with_whole = _pairs(pd.Series(of), whole["part"])
    mine_up, with_upper = _pairs(parts["school_id"].where(high, "").iloc[of].reset_index(drop=True), upper["school_id"])
    moved = upper["first"].to_numpy()[with_upper] <= grade[mine_up]
    mine_up, with_upper = mine_up[moved], with_upper[moved]
    programme.add_rows("grade_once", parts["village_id"].iloc[of], [
        (row, columns["some"].all, 1.0), (mine, columns["whole"][with_whole], size[mine]),
        (mine_up, columns["upper"][with_upper], size[mine_up]),
    ], upper=size)  # fmt: skip


def _add_groups(programme: Programme, moves: _Moves, limits: Clearing) -> None:
    """Divert a group of some size, or nobody."""
    some, row = programme.columns["some"], np.arange(len(moves.some))
    most, diverts = moves.some["most"].to_numpy(np.float64), programme.columns["diverts"]
    who = moves.some["school_id"]
    programme.add_rows("group", who, [(row, some.all, 1.0), (row, diverts.all, -most)], upper=0.0)
    programme.add_rows("group", who, [(row, some.all, 1.0), (row, diverts.all, -float(limits.least_group))], lower=0.0)


def _pairs(left: pd.Series, right: pd.Series) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the positions of all pairs of equal values."""
    one = pd.DataFrame({"key": left.to_numpy(), "left": np.arange(len(left))})
    other = pd.DataFrame({"key": right.to_numpy(), "right": np.arange(len(right))})
    if one.empty or other.empty:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    both = one.merge(other, on="key")
    return both["left"].to_numpy(np.int64), both["right"].to_numpy(np.int64)


def _flows(programme: Programme, steps: dict[str, _Steps], sign: float) -> list[_Steps]:
    """Give (unit, column, pupils) of every move; arrivals count as +1, departures as −1."""
    return [(unit, programme.columns[kind][row], sign * size) for kind, (row, unit, size) in steps.items()]


def _add_sizes(programme: Programme, choices: Choices, moves: _Moves) -> None:
    """Hold classes to the size aimed at, and to the class limit where pupils come in or classes were not large."""
    units, columns = choices.units, programme.columns
    u, pupils = np.arange(len(units)), units["pupils"].to_numpy()
    flows = [*_flows(programme, moves.arrives, 1.0), *_flows(programme, moves.leaves, -1.0)]
    who = units["school_id"]
    programme.add_rows("largest", who, [
        *flows, (u, columns["classes"].all, -units["most"].to_numpy(np.float64)), (u, columns["over"].all, -1.0),
    ], upper=-pupils)  # fmt: skip
    beyond = np.maximum(0.0, pupils - units["limit"] * units["classes"])
    beyond = np.where(units["is_large"], pupils, beyond)
    programme.add_rows("class_limit", who, [
        *flows, (u, columns["classes"].all, -units["limit"].to_numpy(np.float64)), (u, columns["receives"].all, beyond),
    ], upper=beyond - pupils)  # fmt: skip
    most = float(choices.parts["pupils"].sum())
    programme.add_rows("receives", who, [*_flows(programme, moves.arrives, 1.0), (u, columns["receives"].all, -most)],
                       upper=0.0)  # fmt: skip


def _add_room(programme: Programme, choices: Choices, moves: _Moves, scenario: Scenario) -> None:
    """Keep classes within the rooms, and those who come within the seats of their stage and the largest school."""
    units, schools, columns = choices.units, choices.schools, programme.columns
    at = schools.index.get_indexer(pd.Index(units["school_id"]))
    j, u = np.arange(len(schools)), np.arange(len(units))
    formed = np.bincount(at, weights=units["classes"], minlength=len(schools))
    rooms = np.maximum(schools["rooms"].to_numpy(np.float64), formed)
    programme.add_rows("classrooms", schools.index, [
        (at, columns["classes"][u], 1.0), (j, columns["rooms"].all, -1.0),
    ], upper=rooms)  # fmt: skip
    stage = units["grades"].map(lambda grades: _STAGE_OF[grades[0]])
    pupils, limit = units["pupils"].to_numpy(), units["limit"].to_numpy(np.float64)
    for one in Stage:
        mine = (stage == one).to_numpy()
        here = np.bincount(at[mine], weights=pupils[mine], minlength=len(schools))
        size = np.zeros(len(schools))
        np.maximum.at(size, at[mine], limit[mine])
        spare = np.maximum(0.0, schools[f"seats_{one.value}"].to_numpy(np.float64) - here)
        come = [(at[unit[mine[unit]]], column[mine[unit]], size_[mine[unit]])
                for unit, column, size_ in _flows(programme, moves.arrives, 1.0)]  # fmt: skip
        programme.add_rows(f"seats_{one.value}", schools.index, [*come, (j, columns["rooms"].all, -size)], upper=spare)
    largest = (scenario.layout or Layout()).must.largest
    most = schools["tier"].map(lambda tier: largest.get(Tier(tier), np.inf)).to_numpy(np.float64)
    here = np.bincount(at, weights=pupils, minlength=len(schools))
    come = [(at[unit], column, size_) for unit, column, size_ in _flows(programme, moves.arrives, 1.0)]
    programme.add_rows("largest_school", schools.index, come, upper=np.maximum(0.0, most - here))


def _staff_shares(choices: Choices, scenario: Scenario) -> tuple[NDArray[np.float64], float]:
    """Give the staff that a pupil of each unit brings in a school whose staff is counted by classes too."""
    prices = (scenario.layout or Layout()).prices
    small = choices.schools["tier"].isin([tier.value for tier in SMALL_TIERS])
    counted = small.reindex(choices.units["school_id"]).to_numpy(dtype=bool)
    ratio = choices.units["grades"].map(lambda grades: prices.pupils_per_teacher.get(_STAGE_OF[grades[0]], np.inf))
    return np.where(counted, 1.0 / ratio.to_numpy(np.float64), 0.0), prices.teachers_per_class


def _add_staff(programme: Programme, choices: Choices, moves: _Moves, scenario: Scenario) -> None:
    """Count in small schools the staff that classes need beyond what pupils bring."""
    units, schools = choices.units, choices.schools
    share, a_class = _staff_shares(choices, scenario)
    at = schools.index.get_indexer(pd.Index(units["school_id"]))
    small = np.flatnonzero(share > 0)
    entries: list[Entry] = [(np.arange(len(schools)), programme.columns["staff"].all, 1.0),
                            (at[small], programme.columns["classes"][small], -a_class)]  # fmt: skip
    for steps, sign in ((moves.arrives, 1.0), (moves.leaves, -1.0)):
        entries += [(at[unit], column, size * share[unit]) for unit, column, size in _flows(programme, steps, sign)]
    here = np.bincount(at, weights=units["pupils"] * share, minlength=len(schools))
    programme.add_rows("staff", schools.index, entries, lower=-here)


def _staff_today(choices: Choices, scenario: Scenario) -> NDArray[np.float64]:
    """Count the staff that small schools need today beyond what pupils bring; to save it is not what is asked."""
    units, schools = choices.units, choices.schools
    share, a_class = _staff_shares(choices, scenario)
    at, by_class = schools.index.get_indexer(pd.Index(units["school_id"])), np.where(share > 0, a_class, 0.0)
    more = np.bincount(at, weights=units["classes"] * by_class - units["pupils"] * share, minlength=len(schools))
    return np.maximum(0.0, more)


def _yearly(scenario: Scenario) -> float:
    return (scenario.layout or Layout()).goal.weights.get(Term.YEARLY_YUAN, 0.0)


def _cost(
    choices: Choices, moves: _Moves, scenario: Scenario, limits: Clearing, programme: Programme
) -> NDArray[np.float64]:
    """Price every column, yuan a year."""
    layout = scenario.layout or Layout()
    once = layout.goal.weights.get(Term.ONE_OFF_YUAN, 0.0)
    return programme.cost({
        "whole": (moves.whole["yuan"] * moves.whole["pupils"]).to_numpy(np.float64),
        "some": moves.some["yuan"].to_numpy(np.float64),
        "upper": moves.upper["yuan"].to_numpy(np.float64) + limits.grades_yuan * once,
        "rooms": np.full(len(choices.schools), layout.prices.room_yuan * once),
        "staff": np.full(len(choices.schools), layout.prices.staff_yuan * _yearly(scenario)),
    })  # fmt: skip


def _read(choices: Choices, moves: _Moves, programme: Programme, values: NDArray[np.float64]) -> Cleared:
    """Read the columns back."""
    taken = {name: values[block.all] for name, block in programme.columns.items()}
    persons = np.rint(taken["some"])
    return Cleared(
        whole=moves.whole[taken["whole"] > 0.5],
        some=moves.some.assign(persons=persons)[persons > 0],
        upper=moves.upper[taken["upper"] > 0.5],
        rooms=pd.Series(np.rint(taken["rooms"]).astype(np.int64), index=choices.schools.index),
        classes=pd.Series(np.rint(taken["classes"]).astype(np.int64), index=choices.units.index),
        over=pd.Series(np.where(taken["over"] > _CRUMB, taken["over"], 0.0), index=choices.units.index),
        villages=choices.parts["village_id"].to_numpy(object),
        cost_yuan=float("nan"), bound_yuan=float("nan"), proven=False,
    )  # fmt: skip

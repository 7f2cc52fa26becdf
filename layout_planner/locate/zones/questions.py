"""Read what a zoning is asked for, and say in words why it cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from layout_planner.errors import LayoutError, Text, UnknownIdError
from layout_planner.locate.problem import amounts
from layout_planner.locate.zones.task import ZoneTask

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from layout_planner.locate.problem import Problem

__all__ = ["hopeless", "read_task"]

_NAMED = 20
_TINY = 1e-12


def read_task(
    problem: Problem,
    demand: ArrayLike,
    seats: ArrayLike,
    adjacency: ArrayLike,
    seat_units: ArrayLike,
    *,
    balance: float | None,
    balance_penalty: float,
    border: ArrayLike | None,
    compactness: float,
    most_border: float | None,
    barriers: ArrayLike,
    groups: ArrayLike | None,
    forbidden: ArrayLike,
    fixed: Mapping[Any, Any] | None,
    today: ArrayLike | None,
    change: ArrayLike | None,
    max_changes: float | None,
    change_penalty: float,
) -> ZoneTask:
    """Check the arguments of :func:`~layout_planner.locate.zoning.zoning` and make one task of them.

    Raises
    ------
    LayoutError
        If shapes disagree, amounts are negative, or demands contradict each other.
    UnknownIdError
        If a unit or a site is unknown.
    """
    size = amounts(demand, problem.demand_id, "需求量", "demand")
    room = np.minimum(amounts(seats, problem.site_id, "学位", "seats", endless=True), max(1.0, float(size.sum())))
    seat = _seats(problem, seat_units)
    pairs, length = _borders(problem, adjacency, border, barriers)
    allowed = _allowed(problem, seat, groups, forbidden, fixed)
    old = np.full(len(size), -1) if today is None else _sites(problem, today, "现在的学校", "today's sites", blank=True)
    if old.shape != size.shape:
        raise _count("现在的学校", "today's sites", len(old), len(size))
    counts = amounts(1.0 if change is None else change, problem.demand_id, "变动的计量", "what changes count")
    floor, room = _balanced(size, room, balance)
    serving = np.where(allowed, problem.dense(), np.inf)
    moved = (old >= 0)[:, None] & (old[:, None] != np.arange(len(seat)))
    price = _amount(change_penalty, "变动的代价", "the penalty of a change")
    return ZoneTask(
        cost=serving + price * counts[:, None] * moved,
        serving=serving,
        demand=size,
        floor=floor,
        room=room,
        seat=seat,
        pairs=pairs,
        length=length,
        border_price=_amount(compactness, "边界的代价", "the penalty of borders"),
        most_border=_limit(most_border, "边界总长上限", "the limit on borders"),
        balance_price=_amount(balance_penalty, "不均衡的代价", "the penalty of imbalance"),
        today=old,
        change=counts,
        most_change=_limit(max_changes, "变动上限", "the limit on changes"),
    )


def hopeless(problem: Problem, task: ZoneTask) -> Text | None:
    """Name what no division can mend, if anything: units cut off or too large, seats that do not suffice."""
    joined = task.joined(np.isfinite(task.cost))
    roomy = joined & (task.demand[:, None] <= task.room * (1 + _TINY))
    lost, large = ~joined.any(axis=1), joined.any(axis=1) & ~roomy.any(axis=1)
    said = []
    for mask, zh, en in (
        (lost, "沿相连且允许的单元到不了任何学校的单元", "units that no site may serve over connected units"),
        (large, "比能去的每所学校的学位都大的单元", "units larger than the seats of every site within reach"),
    ):
        if mask.any():
            names, count = _some(problem.demand_id[mask]), int(mask.sum())
            said.append(Text(f"{zh} {count} 个：{names}", f"{en}: {count}: {names}"))
    said += _seated(problem, task, joined)
    room, total = float(task.room.sum()), float(task.demand.sum())
    if room < total * (1 - _TINY):
        said.append(
            Text(f"全部学位 {room:g}，需求 {total:g}", f"all sites have {room:g} seats, the demand is {total:g}")
        )
    most = task.demand @ joined
    said += [
        Text(
            f"学校 {problem.site_id[j]} 最多能服务 {most[j]:g}，均衡要求不少于 {task.floor[j]:g}",
            f"site {problem.site_id[j]} can serve {most[j]:g} at most, balance asks for {task.floor[j]:g}",
        )
        for j in np.flatnonzero(most < task.floor * (1 - _TINY))
    ]
    return Text("；".join(text.zh for text in said), "; ".join(text.en for text in said)) if said else None


def _seated(problem: Problem, task: ZoneTask, joined: NDArray[np.bool_]) -> list[Text]:
    """Name sites that cannot serve the unit in which they lie."""
    said, own = [], task.demand[task.seat]
    for j, unit in enumerate(task.seat):
        site, name = problem.site_id[j], problem.demand_id[unit]
        if not joined[unit, j]:
            said.append(Text(f"学校 {site} 不得服务所在单元 {name}", f"site {site} may not serve its own unit {name}"))
        elif own[j] > task.room[j] * (1 + _TINY):
            facts = f"{own[j]:g} > {task.room[j]:g}"
            said.append(
                Text(
                    f"学校 {site} 的学位不够所在单元 {name} 用：{facts}",
                    f"site {site} has too few seats for its own unit {name}: {facts}",
                )
            )
    return said


def _some(names: NDArray[np.object_]) -> str:
    return "、".join(str(name) for name in names[:_NAMED])


def _amount(value: float, zh: str, en: str) -> float:
    if not (isinstance(value, Real) and np.isfinite(value) and value >= 0):
        raise LayoutError(Text(f"{zh}须是不小于 0 的数：{value!r}", f"{en} must be a number ≥ 0: {value!r}"))
    return float(value)


def _limit(value: float | None, zh: str, en: str) -> float:
    return float("inf") if value is None else _amount(value, zh, en)


def _count(zh: str, en: str, given: int, wanted: int) -> LayoutError:
    return LayoutError(Text(f"{zh}须有 {wanted} 个，却有 {given} 个", f"{en}: {wanted} are needed, not {given}"))


def _balanced(
    size: NDArray[np.float64], room: NDArray[np.float64], balance: float | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Limit the demand of every zone to a share around the mean: least and largest."""
    if balance is None:
        return np.zeros(len(room)), room
    share, mean = _amount(balance, "均衡幅度", "balance"), float(size.sum()) / len(room)
    return np.full(len(room), max(0.0, (1 - share) * mean)), np.minimum(room, (1 + share) * mean)


def _places(given: ArrayLike, ids: NDArray[np.object_], zh: str, en: str) -> NDArray[np.int64]:
    """Find the positions of ids, or of positions spelled as ids."""
    place = {str(name): k for k, name in enumerate(ids)}
    spelled = [_spelled(name) for name in np.asarray(given, dtype=object).ravel()]
    unknown = sorted({name for name in spelled if name not in place})
    if unknown:
        some = "、".join(unknown[:_NAMED])
        raise UnknownIdError(Text(f"{zh}中没有：{some}", f"not among the {en}: {some}"))
    return np.array([place[name] for name in spelled], dtype=np.int64)


def _spelled(name: object) -> str:
    return str(int(name)) if isinstance(name, (float, np.floating)) and name == int(name) else str(name)


def _sites(problem: Problem, given: ArrayLike, zh: str, en: str, *, blank: bool = False) -> NDArray[np.int64]:
    names = [_spelled(name) for name in np.asarray(given, dtype=object).ravel()]
    empty = np.array([blank and name in ("", "-1") for name in names], dtype=bool)
    filled = np.where(empty, str(problem.site_id[0]), np.array(names, dtype=object))
    return np.where(empty, -1, _places(filled, problem.site_id, f"学校（{zh}）", f"sites ({en})"))


def _seats(problem: Problem, seat_units: ArrayLike) -> NDArray[np.int64]:
    seat = _places(seat_units, problem.demand_id, "单元", "units")
    if np.ndim(seat_units) != 1 or len(seat) != len(problem.site_id):
        raise _count("学校所在单元", "units that hold the sites", len(seat), len(problem.site_id))
    kinds, times = np.unique(seat, return_counts=True)
    if (times > 1).any():
        both = "; ".join(
            f"{problem.demand_id[unit]}: {', '.join(str(s) for s in problem.site_id[seat == unit])}"
            for unit in kinds[times > 1]
        )
        raise LayoutError(
            Text(
                f"同一单元内有几所学校，须先合并为一个多校学区，或把单元分开：{both}",
                f"several sites lie in one unit: join them into one shared zone, or divide the unit: {both}",
            )
        )
    return seat


def _pairs(given: ArrayLike, name: str) -> NDArray[np.object_]:
    pairs = np.asarray(given, dtype=object)
    if pairs.size and (pairs.ndim != 2 or pairs.shape[1] != 2):
        raise LayoutError(Text(f"{name} 的每一行须是一对", f"each row of {name} must be a pair"))
    return pairs.reshape(-1, 2)


def _borders(
    problem: Problem, adjacency: ArrayLike, border: ArrayLike | None, barriers: ArrayLike
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Read the pairs of units that touch, each once, without barriers, and the length of their borders."""
    names = _pairs(adjacency, "adjacency")
    pairs = np.sort(_places(names, problem.demand_id, "单元", "units").reshape(-1, 2), axis=1)
    number = np.array([f"{a} – {b}" for a, b in names.tolist()], dtype=object)
    length = amounts(1.0 if border is None else border, number, "边界长度", "border lengths")
    closed = np.sort(_places(_pairs(barriers, "barriers"), problem.demand_id, "单元", "units").reshape(-1, 2), axis=1)
    code = pairs[:, 0] * len(problem.demand_id) + pairs[:, 1]
    shut = np.isin(code, closed[:, 0] * len(problem.demand_id) + closed[:, 1]) | (pairs[:, 0] == pairs[:, 1])
    _, once = np.unique(code[~shut], return_index=True)
    return pairs[~shut][once], length[~shut][once]


def _allowed(
    problem: Problem,
    seat: NDArray[np.int64],
    groups: ArrayLike | None,
    forbidden: ArrayLike,
    fixed: Mapping[Any, Any] | None,
) -> NDArray[np.bool_]:
    """Mark the pairs (n, m) that groups, bans, fixed units and seats leave."""
    n, m = len(problem.demand_id), len(problem.site_id)
    allowed = np.ones((n, m), dtype=bool)
    if groups is not None:
        allowed &= _grouped(np.asarray(groups, dtype=object).ravel(), n, seat)
    banned = _pairs(forbidden, "forbidden")
    allowed[
        _places(banned[:, 0], problem.demand_id, "单元", "units"), _sites(problem, banned[:, 1], "禁止", "forbidden")
    ] = False
    own = np.zeros((n, m), dtype=bool)
    own[seat, np.arange(m)] = True
    allowed[seat] &= own[seat]
    if fixed is None:
        return allowed
    if not isinstance(fixed, Mapping):
        raise LayoutError(Text(f"fixed 须是“单元 → 学校”的对照：{fixed!r}", f"fixed maps units to sites: {fixed!r}"))
    unit = _places(list(fixed), problem.demand_id, "单元", "units")
    wanted = np.zeros((len(unit), m), dtype=bool)
    wanted[np.arange(len(unit)), _sites(problem, list(fixed.values()), "指定", "fixed")] = True
    allowed[unit] &= wanted
    return allowed


def _grouped(group: NDArray[np.object_], n: int, seat: NDArray[np.int64]) -> NDArray[np.bool_]:
    if len(group) != n:
        raise _count("分组", "groups", len(group), n)
    names = np.array([str(name) for name in group])
    seated = names[seat]
    free = (names == "") | ~np.isin(names, seated)
    return np.asarray(free[:, None] | (names[:, None] == seated[None]) | (seated == "")[None], dtype=bool)

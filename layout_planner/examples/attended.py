"""Invented enrolment by village: whole pupils by village, school and band that add up to both tables."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array, vstack

from layout_planner.examples.county import Placed
from layout_planner.examples.frame import Floats, Ints
from layout_planner.examples.rounding import whole
from layout_planner.grades import GradeBand

__all__ = ["attended_rows", "whole_table"]

_STREAM = 11
_MOOD = 4.0
_FEWEST = (0.5, 0.2, 0.05, 0.0)
_ROUNDS = 2000
_CLOSE = 1e-7


def attended_rows(placed: Placed) -> list[dict[str, object]]:
    """Invent who of which village attends which school (table ``village_enrolment``), sorted by village and school.

    Pupils follow the same pull of schools and fading with distance that filled the schools, with a mood of every
    village for every school. Sums by village are those of the village table, sums by school those of the school table,
    and so are the boarders of every school.
    """
    draft = placed.draft
    rng = np.random.default_rng([*draft.seeds, _STREAM])
    tables: dict[GradeBand, tuple[Ints, Floats]] = {}
    for band, (flow, away) in draft.flows.items():
        heads = np.array([sum(s.pupils.get(g, 0) for g in band.grades) for s in draft.schools])
        mood = flow * rng.gamma(_MOOD, 1 / _MOOD, flow.shape)
        tables[band] = (whole_table(mood, heads, draft.village_pupils[band.pupils_column], rng),
                        np.divide(away, flow, out=np.zeros_like(flow), where=flow > 0))  # fmt: skip
    boarders = _boarders(placed, tables)
    order = sorted(range(len(draft.places.villages)), key=placed.village_id)
    rows: list[dict[str, object]] = []
    for v in order:
        village = {"name": draft.places.villages[v].name, "village_id": placed.village_id(v)}
        for k, school in enumerate(draft.schools):
            rows += [
                {**village, "school_id": placed.school_id(k), "school": placed.mark + school.name,
                 "grade": band.label_zh, "count": int(pupils[k, v]), "boarders": int(boarders[band][k, v])}
                for band, (pupils, _) in tables.items() if pupils[k, v]
            ]  # fmt: skip
    return rows


def _boarders(placed: Placed, tables: dict[GradeBand, tuple[Ints, Floats]]) -> dict[GradeBand, Ints]:
    """Let those board who live far, as many by school as the school table says."""
    older = [band for band in tables if band is not GradeBand.G1_3]
    found = {band: np.zeros_like(pupils) for band, (pupils, _) in tables.items()}
    for k, school in enumerate(placed.draft.schools):
        pupils = np.concatenate([tables[band][0][k] for band in older])
        far = np.concatenate([pupils_k * (0.02 + share[k]) for pupils_k, share in
                              ((tables[band][0][k], tables[band][1]) for band in older)])  # fmt: skip
        left, taken = school.boarders, np.zeros(len(pupils), dtype=np.int64)
        while left > 0:  # those who live far fill the beds first, never more of a village than it sends
            free = np.where(taken < pupils, far, 0.0)
            more = np.minimum(whole(free / free.sum() * left, left), pupils - taken)
            taken, left = taken + more, left - int(more.sum())
        for band, part in zip(older, np.split(taken, len(older)), strict=True):
            found[band][k] = part
    return found


def whole_table(wanted: Floats, rows: Ints, columns: Ints, rng: np.random.Generator) -> Ints:
    """Fit a table to whole margins and round it so that both are kept.

    Parameters
    ----------
    wanted : ndarray (n, m)
        Where people would be, not negative.
    rows, columns : ndarray of int (n,), (m,)
        Margins with the same sum.

    Returns
    -------
    ndarray of int (n, m)
        Every figure is the fitted one rounded up or down; small ones become nought as far as the margins allow.
    """
    for fewest in _FEWEST:
        fitted = _fit(_without_crumbs(wanted, rows, columns, fewest), rows, columns)
        if np.abs(fitted.sum(axis=1) - rows).max() < _CLOSE * max(1.0, float(rows.max())):
            break
    floor = np.floor(fitted + 1e-6).astype(np.int64)
    at = np.nonzero(fitted - floor > 1e-9)
    n, m, cells = len(rows), len(columns), len(at[0])
    if not cells:
        return floor
    sums = [coo_array((np.ones(cells), (place, np.arange(cells))), shape=(size, cells))
            for place, size in zip(at, (n, m), strict=True)]  # fmt: skip
    left = np.concatenate([rows - floor.sum(axis=1), columns - floor.sum(axis=0)])
    price = -(fitted - floor)[at] + 0.2 * rng.random(cells)
    met = vstack(sums).toarray()
    found = linprog(price, A_eq=met, b_eq=left, bounds=(0, 1), method="highs-ds")
    out = floor.copy()
    out[at] += np.rint(np.asarray(found.x, dtype=np.float64)).astype(np.int64)
    return out


def _without_crumbs(wanted: Floats, rows: Ints, columns: Ints, fewest: float) -> Floats:
    """Leave out the small figures of a table, but never the largest of a row or column."""
    fitted = _fit(np.where((rows[:, None] > 0) & (columns > 0), wanted, 0.0), rows, columns)
    large = fitted >= fewest
    large[np.arange(len(rows)), fitted.argmax(axis=1)] = True
    large[fitted.argmax(axis=0), np.arange(len(columns))] = True
    return np.where(large, fitted, 0.0)


def _fit(table: Floats, rows: Ints, columns: Ints) -> Floats:
    """Scale rows and columns in turn until both sums are met (iterative proportional fitting), columns exactly."""
    for _ in range(_ROUNDS):
        sums = table.sum(axis=1)
        table = table * np.divide(rows, sums, out=np.zeros_like(sums), where=sums > 0)[:, None]
        sums = table.sum(axis=0)
        table = table * np.divide(columns, sums, out=np.zeros_like(sums), where=sums > 0)
        if np.abs(table.sum(axis=1) - rows).max() < _CLOSE:
            break
    return table

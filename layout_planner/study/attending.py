"""Who attends which school from which home: taken from a plan, or from enrolment by village placed in its homes.

Enrolment by village does not say who within a village goes where. The homes that are nearest to a school are taken to
send their pupils there as far as its pupils from the village go; the rest of the village's homes and the rest of its
pupils are matched at random. No other placing has more pupils at their nearest school, so that the share past it is the
least that the figures force; :func:`least_at_nearest` gives the other end.

Source: Duncan & Davis (1953), An alternative to ecological correlation, Am. Sociol. Rev. 18:665-666 (the bounds).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.assign.options import BOARD, BOARDING_BANDS
from layout_planner.study.reach import BANDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.study.reach import Reach

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Attending", "from_enrolment", "from_plan", "least_at_nearest"]

_BAND_OF = {band.value: k for k, band in enumerate(BANDS)}


@dataclass(frozen=True, eq=False)
class Attending:
    """Trips from homes to the schools attended.

    Attributes
    ----------
    unit, school, entry : ndarray (p,) of int
        Unit of ``reach.pairs``; position in ``school_ids``; entry of the pair, −1 where it is out of reach.
    open_school : ndarray (p,) of int
        Position in ``reach.pairs.school_id``, −1 for a school that is not open.
    boards : ndarray (p,) of bool
        Who boards.
    school_ids : ndarray of object
        Schools attended, sorted.
    block : ndarray (u,) of int
        Units whose pupils add up to a known total: those of one village and band, or one township and band.
    spread : callable
        ``spread(weights, nearest)`` gives pupils (p,) for weights of the homes (u,) and the entry of the nearest
        school of every unit (u,).
    unplaced : float
        Pupils of villages where nobody lives by the demand points.
    at_least_nearest : callable
        ``at_least_nearest(weights, nearest)`` gives the fewest pupils at their nearest school that the figures allow.
    """

    unit: Ints
    school: Ints
    entry: Ints
    open_school: Ints
    boards: NDArray[np.bool_]
    school_ids: NDArray[np.object_]
    block: Ints
    spread: Callable[[Floats, Ints], Floats]
    unplaced: float
    at_least_nearest: Callable[[Floats, Ints], float]
    placed: bool

    @property
    def trips(self) -> tuple[Ints, Ints, Ints]:
        """Unit, open school and entry of every trip."""
        return self.unit, self.open_school, self.entry


def from_plan(found: Reach, assignment: pd.DataFrame, township: Ints) -> Attending:
    """Take the trips from table ``assignment``; pupils without a school are left out.

    Parameters
    ----------
    found : Reach
    assignment : DataFrame
        Of a plan for the same demand points.
    township : ndarray (u,) of int
        Township of every unit.
    """
    rows = assignment[assignment["school_id"] != ""]
    units = pd.MultiIndex.from_arrays([found.pairs.demand_id, found.pairs.bands])
    unit = units.get_indexer(pd.MultiIndex.from_arrays([rows["demand_id"].astype(str), rows["band"].astype(str)]))
    school_ids, school = np.unique(rows["school_id"].to_numpy(dtype=str), return_inverse=True)
    part = rows["pupils"].to_numpy(dtype=np.float64) / found.pairs.pupils[unit]

    def spread(weights: Floats, nearest: Ints) -> Floats:
        del nearest
        return np.asarray(weights[unit] * part, dtype=np.float64)

    def at_nearest(weights: Floats, nearest: Ints) -> float:
        home = entry == nearest[unit]
        return float(spread(weights, nearest)[home & (entry >= 0)].sum())

    open_school = _among(found.pairs.school_id, school_ids)[school]
    unit = np.asarray(unit, dtype=np.int64)
    entry = found.entries(unit, open_school)
    boards = rows["mode"].to_numpy(dtype=object) == "board"
    block = township * len(BANDS) + found.pairs.band
    return Attending(
        unit, school.astype(np.int64), entry, open_school, boards, school_ids.astype(object), block, spread, 0.0,
        at_nearest, placed=False,
    )  # fmt: skip


def from_enrolment(found: Reach, enrolment: pd.DataFrame, village: NDArray[np.object_]) -> Attending:
    """Place enrolment by village in the homes of the village.

    Parameters
    ----------
    found : Reach
    enrolment : DataFrame
        ``village_id``, ``school_id``, ``band``, ``pupils``, ``boarders`` (nan where unknown).
    village : ndarray (u,) of object
        Village of every unit.
    """
    pairs = found.pairs
    names, of_unit = np.unique(village.astype(str), return_inverse=True)
    block = of_unit.astype(np.int64) * len(BANDS) + pairs.band
    school_ids, school = np.unique(enrolment["school_id"].to_numpy(dtype=str), return_inverse=True)
    group = _among(names, enrolment["village_id"].to_numpy(dtype=str)) * len(BANDS) + enrolment["band"].map(
        _BAND_OF
    ).to_numpy(dtype=np.int64)
    homes = np.bincount(block, weights=pairs.pupils, minlength=len(names) * len(BANDS))
    pupils = enrolment["pupils"].to_numpy(dtype=np.float64)
    there = (group >= 0) & (homes[np.maximum(group, 0)] > 0)
    rows = pd.DataFrame({"group": group, "school": school, "pupils": pupils, "boarders": enrolment["boarders"]})[there]
    placing = _Placing.of(rows.reset_index(drop=True), block, _among(school_ids, pairs.school_id))
    open_school = _among(pairs.school_id, school_ids)[placing.school]
    entry = found.entries(placing.unit, open_school)
    boards = placing.boards | (~placing.told & _would_board(found, placing.unit, entry))
    return Attending(
        placing.unit, placing.school, entry, open_school, boards, school_ids.astype(object), block,
        lambda weights, nearest: placing.spread(weights, _school_of(found, placing, nearest)),
        float(pupils[~there].sum()),
        lambda weights, nearest: placing.least(weights, _school_of(found, placing, nearest)), placed=True,
    )  # fmt: skip


def _among(ids: NDArray[np.object_] | NDArray[np.str_], wanted: NDArray[np.object_] | NDArray[np.str_]) -> Ints:
    """Find the positions of some ids; −1 for those that are not there."""
    return np.asarray(pd.Index(ids.astype(object)).get_indexer(pd.Index(wanted.astype(object))), dtype=np.int64)


def _school_of(found: Reach, placing: _Placing, nearest: Ints) -> Ints:
    """Name the nearest school of every unit by its position among the schools attended; −1 for any other."""
    at = np.full(len(nearest), -1, dtype=np.int64)
    at[nearest >= 0] = placing.attended[found.pairs.school[nearest[nearest >= 0]]]
    return at


def _would_board(found: Reach, unit: Ints, entry: Ints) -> NDArray[np.bool_]:
    """Tell whose way is beyond the limits of daily trips, to a school with beds."""
    older = np.isin(found.pairs.band[unit], [_BAND_OF[band.value] for band in BOARDING_BANDS])
    there = np.zeros(len(unit), dtype=bool)
    there[entry >= 0] = found.pairs.mode[entry[entry >= 0]] == BOARD
    return np.asarray(older & there, dtype=bool)


@dataclass(frozen=True, eq=False)
class _Placing:
    """Rows of enrolment (village and band, school), and every home of the village crossed with every row.

    ``cell`` numbers the pairs (group, school); ``day`` and ``stay`` are day pupils and boarders by trip's cell.
    """

    unit: Ints
    school: Ints
    boards: NDArray[np.bool_]
    told: NDArray[np.bool_]
    row: Ints
    block: Ints
    rows_group: Ints
    rows_school: Ints
    day: Floats
    stay: Floats
    attended: Ints

    @classmethod
    def of(cls, rows: pd.DataFrame, block: Ints, attended: Ints) -> _Placing:
        """Cross homes with rows; boarders of a row make trips of their own."""
        told = rows["boarders"].notna().to_numpy()
        stay = rows["boarders"].fillna(0.0).to_numpy(dtype=np.float64)
        day = rows["pupils"].to_numpy(dtype=np.float64) - stay
        homes = pd.DataFrame({"group": block, "unit": np.arange(len(block))})
        crossed = homes.merge(pd.DataFrame({"group": rows["group"], "row": rows.index}), on="group")
        crossed = crossed.sort_values(["unit", "row"], kind="stable")
        unit, row = (crossed[name].to_numpy(dtype=np.int64) for name in ("unit", "row"))
        parts = [(day[row] > 0, False), (stay[row] > 0, True)]
        picked = np.concatenate([np.flatnonzero(some) for some, _ in parts])
        boards = np.concatenate([np.full(int(some.sum()), kind) for some, kind in parts])
        order = np.lexsort((boards, row[picked], unit[picked]))
        at = picked[order]
        school = rows["school"].to_numpy(dtype=np.int64)
        return cls(
            unit[at], school[row[at]], boards[order], told[row[at]], row[at], block,
            rows["group"].to_numpy(dtype=np.int64), school, day, stay, attended,
        )  # fmt: skip

    def _cells(self, weights: Floats, nearest: Ints) -> tuple[Floats, Ints, Floats]:
        """Give homes in pupils (u,), the row of every unit's nearest school (−1), and homes nearest by row."""
        groups = int(max(self.block.max(initial=-1), self.rows_group.max(initial=-1))) + 1
        total = np.bincount(self.rows_group, weights=self.day + self.stay, minlength=groups)
        living = np.bincount(self.block, weights=weights, minlength=groups)
        homes = weights * (total / np.where(living > 0, living, 1.0))[self.block]
        schools = int(max(self.rows_school.max(initial=-1), nearest.max(initial=-1))) + 1
        held = self.rows_group * schools + self.rows_school
        order = np.argsort(held, kind="stable")
        wanted = self.block * schools + nearest
        at = np.minimum(np.searchsorted(held, wanted, sorter=order), len(held) - 1)
        own = np.where((nearest >= 0) & (held[order[at]] == wanted), order[at], -1)
        near = np.bincount(own[own >= 0], weights=homes[own >= 0], minlength=len(held))
        return homes, np.asarray(own, dtype=np.int64), np.asarray(near, dtype=np.float64)

    def spread(self, weights: Floats, nearest: Ints) -> Floats:
        """Place the pupils: nearest homes first, day pupils before boarders, the rest at random."""
        if not len(self.rows_group):
            return np.zeros(0)
        homes, own, near = self._cells(weights, nearest)
        day, stay = np.minimum(self.day, near), np.zeros_like(near)
        stay = np.minimum(self.stay, near - day)
        share = np.where(near > 0, 1.0 / np.where(near > 0, near, 1.0), 0.0)
        matched = np.where(self.boards, (stay * share)[self.row], (day * share)[self.row]) * homes[self.unit]
        matched[own[self.unit] != self.row] = 0.0
        kept = np.where(own >= 0, 1.0 - ((day + stay) * share)[own], 1.0)
        left_home = homes * np.maximum(kept, 0.0)
        left_day, left_stay = self.day - day, self.stay - stay
        groups = int(self.block.max(initial=-1)) + 1
        rest = np.bincount(self.block, weights=left_home, minlength=groups)[self.block[self.unit]]
        left = np.where(self.boards, left_stay[self.row], left_day[self.row])
        rest = np.where(rest > 0, left_home[self.unit] / np.where(rest > 0, rest, 1.0), 0.0)
        return np.asarray(matched + rest * left, dtype=np.float64)

    def least(self, weights: Floats, nearest: Ints) -> float:
        """Give the fewest pupils at their nearest school: by group the most of pupils + nearest homes − all, or 0."""
        if not len(self.rows_group):
            return 0.0
        near = self._cells(weights, nearest)[2]
        groups = int(self.rows_group.max()) + 1
        total = np.bincount(self.rows_group, weights=self.day + self.stay, minlength=groups)
        forced = np.zeros(groups)
        np.maximum.at(forced, self.rows_group, self.day + self.stay + near - total[self.rows_group])
        return float(forced.sum())


def least_at_nearest(attending: Attending, weights: Floats, nearest: Ints) -> float:
    """Give the fewest pupils at their nearest school that the figures allow, whoever goes where within a village."""
    return attending.at_least_nearest(weights, nearest)

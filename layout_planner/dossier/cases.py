"""Which schools a plan closes or turns into teaching points, and where their pupils go, counted in whole persons."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.columns_dossier import CASE_MOVES
from layout_planner.measures.commute import DAY_MODES
from layout_planner.measures.moves import moved_pupils
from layout_planner.report.summary import SOME

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from numpy.typing import NDArray

    from layout_planner.config.scenario import Scenario
    from layout_planner.plan import Plan
    from layout_planner.travel.matrix import TravelMatrix

__all__ = ["CLOSE", "CONVERT", "Cases", "case_moves", "once", "persons_of", "whole_persons"]

CLOSE, CONVERT = "close", "convert"
_QUANTITIES = ("minutes_before", "minutes_after", "metres_before", "metres_after")
_KEYS = ["village_id", "township_id", "band", "mode_before", "school_id_after", "mode_after"]
_CRUMB = 1e-6


@dataclass(frozen=True, eq=False)
class Cases:
    """A plan that closes or converts schools, and the plan before it.

    Attributes
    ----------
    before, after : Plan
        Plans for the same pupils.
    times : mapping of str to TravelMatrix, optional
        Travel times of the county; without them the schools nearby are not listed.
    passed : tuple of str
        Names of the scenarios nearer than ``before`` that close or convert some of the schools themselves.
    prices : DataFrame, optional
        Table ``prices``: what the optimiser that proposed the plan answered of every school, the other way round.
    made : dict
        What functions marked :func:`once` made of it.
    """

    before: Plan
    after: Plan
    times: Mapping[str, TravelMatrix] | None = None
    passed: tuple[str, ...] = ()
    prices: pd.DataFrame | None = None
    made: dict[str, pd.DataFrame] = field(default_factory=dict, init=False, repr=False)

    @property
    def scenario(self) -> Scenario:
        """The scenario of the plan after."""
        return self.after.scenario

    @cached_property
    def decided(self) -> dict[str, str]:
        """What becomes of each school concerned, ``close`` or ``convert``, by sorted id."""
        then, now = (plan.schools.set_index("school_id") for plan in (self.before, self.after))
        found = {}
        for code in sorted(set(then.index[then["is_open"].astype(bool)].astype(str))):
            if not bool(now.loc[code, "is_open"]):
                found[code] = CLOSE
            elif int(now.loc[code, "grade_to"]) < int(then.loc[code, "grade_to"]):
                found[code] = CONVERT
        return found

    @cached_property
    def moved(self) -> pd.DataFrame:
        """Pupils who change school, by demand point, with ``village_id`` and ``township_id`` of their home."""
        rows = moved_pupils(self.before, self.after)
        rows = rows[rows["school_id_before"] != rows["school_id_after"]].copy()
        demand = self.after.county.demand
        assert demand is not None
        home = demand.set_index(demand["demand_id"].astype(str))
        for key in ("village_id", "township_id"):
            rows[key] = rows["demand_id"].map(home[key]).fillna("").astype(str)
        for side in ("before", "after"):
            rows[f"school_id_{side}"] = rows[f"school_id_{side}"].astype(str)
        return rows.assign(within=_within(self, rows))

    def moved_from(self, code: str, to: str | None = None) -> pd.DataFrame:
        """Take the rows of ``moved`` of one school, and of one receiving school."""
        mine = self.moved["school_id_before"] == code
        return self.moved[mine if to is None else mine & (self.moved["school_id_after"] == to)]

    def times_from(self, ids: Collection[str]) -> dict[str, TravelMatrix]:
        """Give the travel times of some demand points; none where the county's are not known."""
        return {key: matrix.select_origins(ids) for key, matrix in (self.times or {}).items()}

    @cached_property
    def moves(self) -> pd.DataFrame:
        """Table ``case_moves`` of all the schools concerned."""
        return case_moves(self)

    @cached_property
    def receiving(self) -> list[str]:
        """Sorted ids of the schools that receive pupils of the schools concerned."""
        return sorted({code for code in self.moves["to_school_id"] if code})

    def name_of(self, code: str) -> str:
        """Name a school."""
        return self._names.get(code, code)

    @cached_property
    def _names(self) -> dict[str, str]:
        schools = self.after.schools
        return dict(zip(schools["school_id"].astype(str), schools["name"].astype(str), strict=True))


def once(make: Callable[[Cases], pd.DataFrame]) -> Callable[[Cases], pd.DataFrame]:
    """Make a frame of a merger once and keep it with the merger, as long as that lives."""

    @wraps(make)
    def kept(cases: Cases) -> pd.DataFrame:
        if make.__name__ not in cases.made:
            cases.made[make.__name__] = make(cases)
        return cases.made[make.__name__]

    return kept


def whole_persons(values: NDArray[np.float64], total: int | None = None) -> NDArray[np.int64]:
    """Round estimates to whole persons so that they add up (largest remainders): to ``total``, or their rounded sum.

    >>> whole_persons(np.array([12.3, 9.7, 0.4])).tolist()
    [12, 10, 0]
    >>> whole_persons(np.array([12.3, 9.7, 0.4]), 23).tolist()
    [12, 10, 1]
    """
    low = np.floor(values + _CRUMB)
    missing = (round(float(values.sum())) if total is None else total) - int(low.sum())
    order = np.argsort(-(values - low), kind="stable")
    low[order[: max(missing, 0)]] += 1
    return low.astype(np.int64)


def _whole(table: pd.DataFrame) -> pd.Series:
    """Round the rows to whole persons: those of a school, then of each mode, then of each receiving school add up.

    The modes come first: who has to ride and who boards is said again and again, and always from the same total.
    """
    levels = ["school_id_before", "mode_after", "school_id_after"]
    estimates = table["pupils"].astype("float64")
    parts = pd.Series(0, index=table.index)
    for _, school in table.groupby(levels[0], sort=True):
        parts.update(_divided(estimates[school.index], school, levels[1:], round(float(school["pupils"].sum()))))
    return parts.astype("int64")


def _divided(estimates: pd.Series, rows: pd.DataFrame, levels: list[str], total: int) -> pd.Series:
    """Divide whole persons among groups of rows, and within each group among the groups of the next level."""
    if not levels:
        return pd.Series(whole_persons(estimates.to_numpy(np.float64), total), index=estimates.index)
    sums = estimates.groupby(rows[levels[0]], sort=True).sum()
    counts = dict(zip(sums.index, whole_persons(sums.to_numpy(np.float64), total), strict=True))
    groups = rows.groupby(levels[0], sort=True)
    return pd.concat([_divided(estimates[part.index], part, levels[1:], int(counts[key])) for key, part in groups])


def persons_of(pupils: pd.Series) -> int:
    """Count persons so that nobody is rounded away: a part of a pupil is one, crumbs of an estimate are none."""
    total = float(pupils.sum())
    return 0 if total <= SOME else max(1, round(total))


def case_moves(cases: Cases) -> pd.DataFrame:
    """Tell where the pupils of each school concerned go, by village, band and mode.

    Returns
    -------
    DataFrame
        Table ``case_moves`` without references: by school, then the most pupils first; persons are whole and add
        up by school. Minutes and kilometres are means over the row's pupils, one way, to one decimal.
    """
    rows = cases.moved[cases.moved["school_id_before"].isin(list(cases.decided))]
    keys = ["school_id_before", *_KEYS]
    weighted = rows[list(_QUANTITIES)].mul(rows["pupils"], axis=0)
    summed = pd.concat([rows[[*keys, "pupils", "within"]], weighted], axis=1).groupby(keys, sort=True)
    table = summed.sum(min_count=1).reset_index()
    table[list(_QUANTITIES)] = table[list(_QUANTITIES)].div(table["pupils"], axis=0)
    order = ["school_id_before", "pupils", *_KEYS]
    table = table.sort_values(order, ascending=[True, False, *[True] * len(_KEYS)], kind="stable", ignore_index=True)
    return _named(cases, table)


def _within(cases: Cases, rows: pd.DataFrame) -> pd.Series:
    """Give the pupils of each row who come to school within the limits after the change, or board."""
    limits = cases.scenario.travel
    walk = rows["band"].map({band.value: limit for band, limit in limits.walk_limit_min.items()})
    ride = rows["band"].map({band.value: limit for band, limit in limits.ride_limit_min.items()})
    longest = walk.where(rows["mode_after"] == "walk", ride).fillna(0.0)
    ok = ((rows["minutes_after"] <= longest) & rows["mode_after"].isin(DAY_MODES)) | (rows["mode_after"] == "board")
    return rows["pupils"].where(ok, 0.0).rename("within")


def _named(cases: Cases, table: pd.DataFrame) -> pd.DataFrame:
    """Spell the columns as the registry names them, with names, whole persons and kilometres."""
    county = cases.after.county
    villages = county.villages.drop_duplicates("village_id").set_index("village_id")["name"].astype(str)
    townships = county.townships.set_index("township_id")["name"].astype(str)
    if county.demand is not None:
        named = county.demand.dropna(subset=["village_id"]).drop_duplicates("village_id").set_index("village_id")
        villages = villages.combine_first(named["name"].astype(str))
    out = pd.DataFrame({
        "school_id": table["school_id_before"],
        "name": [cases.name_of(code) for code in table["school_id_before"]],
        "village_id": table["village_id"],
        "township": table["township_id"].map(townships).fillna("").astype(object),
        "band": table["band"], "pupils": _whole(table), "pupils_estimated": table["pupils"].round(1),
        "mode_before": table["mode_before"], "minutes_before": table["minutes_before"].round(1),
        "km_before": (table["metres_before"] / 1000).round(1), "to_school_id": table["school_id_after"],
        "to_school": [cases.name_of(code) if code else "" for code in table["school_id_after"]],
        "mode_after": table["mode_after"], "minutes_after": table["minutes_after"].round(1),
        "km_after": (table["metres_after"] / 1000).round(1), "within_limit": table["pupils"] - table["within"] <= SOME,
    })  # fmt: skip
    named_village = out["village_id"].map(villages)
    out["village"] = named_village.where(named_village.notna(), out["township"] + "散居户").astype(object)
    out["shown"] = ["不足1" if n == 0 else str(n) for n in out["pupils"]]
    out["minutes_change"] = (out["minutes_after"] - out["minutes_before"]).round(1)
    return out[[name for name in CASE_MOVES.names if name in out]]

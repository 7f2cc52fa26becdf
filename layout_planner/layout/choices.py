"""What each school could become, and what it then teaches, seats and costs: one row a school and choice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.assign.decisions import apply_decisions
from layout_planner.config.scenario import Decisions, Scenario
from layout_planner.errors import Flaw, ScenarioError, Text
from layout_planner.grades import GradeBand, Tier, bands_of
from layout_planner.layout.wishes import school_flaws

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from layout_planner.config.layout import Layout

__all__ = ["Choice", "Choices", "school_choices"]

_BANDS = tuple(GradeBand)
_BIG_CLASS = 56


class Choice(StrEnum):
    """What becomes of a school or site; ``closed`` is a site that is not in operation and stays so."""

    KEEP = "keep"
    CLOSE = "close"
    CONVERT = "convert"
    LIFT = "lift"
    OPEN = "open"
    CLOSED = "closed"


_ORDER = (Choice.KEEP, Choice.CLOSED, Choice.CLOSE, Choice.CONVERT, Choice.LIFT, Choice.OPEN)
_OPEN = (Choice.KEEP, Choice.CONVERT, Choice.LIFT, Choice.OPEN)


@dataclass(frozen=True, eq=False)
class Choices:
    """Choices of ``m`` schools, ``q`` rows sorted by school, the present state first within a school.

    Attributes
    ----------
    school_id, name, township_id : ndarray (m,) of object
        Schools and sites, sorted by id.
    school : ndarray (q,)
        Position of the row's school.
    choice : ndarray (q,) of object
        :class:`Choice`.
    tier : ndarray (q,) of object
        :class:`Tier` under the choice.
    teaches : ndarray (q, 3) of bool
        By band; none where closed.
    seats : ndarray (q, 2)
        By stage.
    rooms, grades : ndarray (q,)
        Classrooms, and grades taught.
    largest, smallest : ndarray (q,)
        Pupils allowed.
    yearly_yuan, one_off_yuan : ndarray (q,)
        Upkeep a year, and money once, of the choice itself.
    beds, may_add_beds, may_add_rooms : ndarray (m,)
        Beds today; beds and rooms that may be added.
    receives : ndarray (m,) of bool
        Whether the school may take pupils from elsewhere.
    """

    school_id: NDArray[np.object_]
    name: NDArray[np.object_]
    township_id: NDArray[np.object_]
    school: NDArray[np.int64]
    choice: NDArray[np.object_]
    tier: NDArray[np.object_]
    teaches: NDArray[np.bool_]
    seats: NDArray[np.float64]
    rooms: NDArray[np.int64]
    grades: NDArray[np.int64]
    largest: NDArray[np.float64]
    smallest: NDArray[np.float64]
    yearly_yuan: NDArray[np.float64]
    one_off_yuan: NDArray[np.float64]
    beds: NDArray[np.float64]
    may_add_beds: NDArray[np.float64]
    may_add_rooms: NDArray[np.int64]
    receives: NDArray[np.bool_]

    @property
    def is_open(self) -> NDArray[np.bool_]:
        """Whether a row is a school in operation."""
        return np.isin(self.choice, _OPEN)

    @property
    def today(self) -> NDArray[np.int64]:
        """Row of every school's present state."""
        return np.searchsorted(self.school, np.arange(len(self.school_id)))

    def row(self, school: int, choice: Choice) -> int:
        """Find the row of a school's choice; −1 where it has none."""
        hit = np.flatnonzero((self.school == school) & (self.choice == choice))
        return int(hit[0]) if len(hit) else -1


def school_choices(schools: gpd.GeoDataFrame, scenario: Scenario, layout: Layout) -> Choices:
    """List what every school could become under a scenario's block ``layout``.

    Parameters
    ----------
    schools : GeoDataFrame
        ``County.schools``, supply filled in.
    scenario : Scenario
        Its decisions are carried out first: the optimiser goes on from there.
    layout : Layout
        What may be decided and what must be respected.

    Raises
    ------
    ScenarioError
        With a flaw for every school named in ``must`` that is not in the table, or named for contrary things.
    """
    _raise(school_flaws(schools, scenario.model_copy(update={"layout": layout})))
    base = _sorted(apply_decisions(schools, scenario.decisions, scenario.classes))
    frames = _frames(schools, base, scenario, layout)
    ordered = schools.assign(school_id=schools["school_id"].astype(str)).set_index("school_id").loc[base["school_id"]]
    rows = pd.concat(
        [frame.assign(choice=choice, at=np.flatnonzero(mask)) for choice, (mask, frame) in frames.items()],
        ignore_index=True,
    )
    rows["rank"] = rows["choice"].map({choice: k for k, choice in enumerate(_ORDER)})
    rows = rows.sort_values(["at", "rank"], kind="stable").reset_index(drop=True)
    closed = rows["choice"].isin([Choice.CLOSE, Choice.CLOSED]).to_numpy()
    tiers = np.array([Tier(t) for t in rows["tier"]], dtype=object)
    taught = [bands_of(int(a), int(b)) for a, b in zip(rows["grade_from"], rows["grade_to"], strict=True)]
    teaches = np.array([[band in bands for band in _BANDS] for bands in taught]) & ~closed[:, None]
    teaches &= _sites_allowed(base, layout)[rows["at"].to_numpy()]
    prices, must = layout.prices, layout.must
    seats = rows[["seats_primary", "seats_junior"]].to_numpy(dtype=np.float64)
    once = _one_off(rows, ordered["status"].to_numpy(), layout)
    upper = base["grade_to"].to_numpy() > GradeBand.G1_3.grades[-1]
    boards = upper & np.isin([Tier(t) for t in base["tier"]], layout.may.board)
    return Choices(
        school_id=base["school_id"].to_numpy(dtype=object),
        name=base["name"].astype(str).to_numpy(dtype=object),
        township_id=base["township_id"].fillna("").astype(str).to_numpy(dtype=object),
        school=rows["at"].to_numpy(dtype=np.int64),
        choice=rows["choice"].to_numpy(dtype=object),
        tier=tiers,
        teaches=teaches,
        seats=np.where(closed[:, None], 0.0, seats),
        rooms=np.where(closed, 0, rows["rooms"]).astype(np.int64),
        grades=np.where(closed, 0, rows["grade_to"] - rows["grade_from"] + 1).astype(np.int64),
        largest=np.array([float(must.largest.get(t, 10**6)) for t in tiers]),
        smallest=np.where(closed, 0.0, [float(must.smallest.get(t, 0)) for t in tiers]),
        yearly_yuan=np.where(closed, 0.0, [prices.upkeep_yuan.get(t, 0.0) for t in tiers]),
        one_off_yuan=once,
        beds=np.where(upper, base["beds"], 0).astype(np.float64),
        may_add_beds=np.where(boards, layout.may.beds_per_school, 0).astype(np.float64),
        may_add_rooms=np.where(
            np.isin([Tier(t) for t in base["tier"]], layout.may.expand), layout.may.rooms_per_school, 0
        ),
        receives=~_overfull(ordered, layout) if must.overfull_receive_none else np.ones(len(base), dtype=bool),
    )


def _sorted(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.assign(school_id=frame["school_id"].astype(str)).sort_values("school_id").reset_index(drop=True)


_Frames = dict[Choice, "tuple[NDArray[np.bool_], gpd.GeoDataFrame]"]


def _frames(schools: gpd.GeoDataFrame, base: gpd.GeoDataFrame, scenario: Scenario, layout: Layout) -> _Frames:
    """Say for every choice which schools have it and what they would then be."""
    may, must, ids = layout.may, layout.must, base["school_id"]
    tier = np.array([Tier(t) for t in base["tier"]], dtype=object)
    opened, decided = base["is_open"].to_numpy(dtype=bool), base["decision"].to_numpy()
    settled = np.isin(decided, ["convert", "lift", "open"])
    held = ids.isin([*must.keep, *must.oppose]).to_numpy() | settled
    must_close = ids.isin(must.close).to_numpy()
    idle = ~opened & (decided == "inactive")
    fixed = ids.isin(must.oppose).to_numpy() | settled | must_close
    primary = (base["grade_from"] <= 1).to_numpy() & (base["grade_to"] >= GradeBand.G4_6.grades[-1]).to_numpy()
    convert = opened & primary & np.isin(tier, may.convert) & ~fixed
    lift = opened & (tier == Tier.TEACHING_POINT) & ~fixed & may.lift
    start = idle & (may.open | ids.isin(must.keep).to_numpy())
    masks = {
        Choice.KEEP: opened & ~must_close,
        Choice.CLOSE: opened & ~held & (np.isin(tier, may.close) | must_close),
        Choice.CLOSED: ~opened & ~(idle & ids.isin(must.keep).to_numpy()),
        Choice.CONVERT: convert,
        Choice.LIFT: lift,
        Choice.OPEN: start,
    }
    frames = {choice: (mask, base[mask]) for choice, mask in masks.items()}
    for choice, key in ((Choice.CONVERT, "convert_to_teaching_point"), (Choice.LIFT, "lift_to_full_primary")):
        if masks[choice].any():
            frame = _sorted(
                apply_decisions(schools, _with(scenario.decisions, key, ids[masks[choice]]), scenario.classes)
            )
            frames[choice] = (masks[choice], frame[masks[choice]])
    return frames


def _with(decisions: Decisions, key: str, ids: pd.Series) -> Decisions:
    """Add schools to a list of the decisions; those that become teaching points lose their beds."""
    more = {key: tuple(dict.fromkeys((*getattr(decisions, key), *ids)))}
    beds = {code: n for code, n in decisions.board.items() if code not in set(ids)}
    return decisions.model_copy(update=more | {"board": beds})


def _one_off(rows: pd.DataFrame, status: NDArray[np.object_], layout: Layout) -> NDArray[np.float64]:
    prices = layout.prices
    planned = status[rows["at"].to_numpy()] == "planned"
    cost = {
        Choice.CLOSE: prices.close_yuan,
        Choice.CONVERT: prices.convert_yuan,
        Choice.LIFT: prices.lift_yuan,
        Choice.OPEN: prices.restore_yuan,
    }
    once = rows["choice"].map(cost).fillna(0.0).to_numpy(dtype=np.float64)
    return np.where(planned & (rows["choice"] == Choice.OPEN).to_numpy(), prices.build_yuan, once)


def _sites_allowed(base: gpd.GeoDataFrame, layout: Layout) -> NDArray[np.bool_]:
    """Say by school and band whether the stage rules (初中进镇, 高年级集中) allow the band at the site."""
    must = layout.must
    allowed = np.ones((len(base), len(_BANDS)), dtype=bool)
    if not (must.junior_in_town or must.upper_primary_in_town):
        return allowed
    towns = base.loc[base["tier"].isin([Tier.CENTRAL_PRIMARY.value, Tier.PRIMARY.value]), "geometry"]
    near = np.array([bool((towns.distance(point) <= must.town_radius_m).any()) for point in base.geometry])
    if must.junior_in_town:
        allowed[:, _BANDS.index(GradeBand.G7_9)] = near
    if must.upper_primary_in_town:
        allowed[:, _BANDS.index(GradeBand.G4_6)] = near
    return allowed


def _overfull(schools: pd.DataFrame, layout: Layout) -> NDArray[np.bool_]:
    """Mark the schools with a big class today, or with more pupils than their type may have."""
    enrolment = schools["enrolment"].fillna(0) if "enrolment" in schools else pd.Series(0, index=schools.index)
    largest = schools["tier"].map(lambda t: layout.must.largest.get(Tier(t), 10**6))
    crowded = enrolment > largest
    if "classes" in schools:
        classes = schools["classes"].fillna(0)
        crowded |= (classes > 0) & (enrolment >= _BIG_CLASS * classes)
    if "class_size_max" in schools:
        crowded |= schools["class_size_max"].fillna(0).astype(float) >= _BIG_CLASS
    return crowded.to_numpy(dtype=bool)


def _raise(flaws: Iterable[Flaw]) -> None:
    found = list(flaws)
    if found:
        n = len(found)
        raise ScenarioError(Text(f"layout 有 {n} 处不能执行", f"{n} of layout's entries cannot be carried out"), found)

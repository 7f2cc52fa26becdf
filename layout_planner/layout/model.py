"""The county layout model: what may become of each school, who could go where, what is wanted, what is answered.

The types that the solver, the front, the prices, the conflicts and the proposal share. Solve one with
:func:`layout_planner.layout.solver.solve_layout`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.assign.decisions import apply_decisions
from layout_planner.config.layout import Layout, Term
from layout_planner.errors import LayoutError, Text, UnknownIdError, counted
from layout_planner.grades import GradeBand, Stage
from layout_planner.layout.arguments import check_number, check_terms
from layout_planner.layout.choices import Choice, Choices, school_choices
from layout_planner.layout.units import HALF_A_PUPIL, Arcs, Units, planning_units
from layout_planner.locate.result import Status, relative_gap

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.config.scenario import Scenario
    from layout_planner.io.county import County
    from layout_planner.travel.matrix import TravelMatrix

__all__ = ["Exclusion", "Held", "LayoutModel", "LayoutSolution", "Limits", "Objective", "layout_model"]

_BANDS = tuple(GradeBand)
_STAGES = tuple(Stage)


@dataclass(frozen=True)
class Objective:
    """What is made small: a weighted sum of terms, or one term after the other.

    ``weights`` are per unit of each term (the scenario counts them in yuan a year); ``order`` is used instead where
    it is given, each earlier term yielding at most ``yield_share``. ``worst_share`` is the share of pupils whose
    mean is ``worst_minutes``.
    """

    weights: Mapping[Term, float]
    order: tuple[Term, ...] = ()
    yield_share: float = 0.01
    worst_share: float = 0.05

    def __post_init__(self) -> None:
        """Refuse what is no objective.

        Raises
        ------
        LayoutError
            If a term is unknown, a weight or share out of range, or nothing is wanted.
        """
        check_terms(self.weights, "weights")
        check_terms(self.order, "order")
        check_number("yield_share", self.yield_share, 0.0)
        check_number("worst_share", self.worst_share, 0.0, 1.0)
        if not self.order and not any(self.weights.values()):
            raise LayoutError(Text("权重都是 0，没有目标", "every weight is 0: nothing is wanted"))

    @classmethod
    def of(cls, layout: Layout) -> Objective:
        """Take the objective of a scenario's block ``layout``."""
        goal = layout.goal
        order = goal.order if goal.method == "lexicographic" else ()
        return cls(dict(goal.weights), order, goal.yield_share, goal.worst_share)

    def passes(self) -> Iterator[Mapping[Term, float]]:
        """Give the weights of every pass: one for a weighted sum, else one for each term of the order."""
        if not self.order:
            yield self.weights
        for term in self.order:
            yield {term: 1.0}


@dataclass(frozen=True, eq=False)
class Exclusion:
    """Plans that are too much like ``solution``: those that differ from it in fewer than ``schools`` choices."""

    solution: LayoutSolution
    schools: int


@dataclass(frozen=True, eq=False)
class Held:
    """What stays as it is in ``solution``, so that only a part of the county is decided anew.

    Attributes
    ----------
    solution : LayoutSolution
        With a plan.
    free : ndarray (m,) of bool
        Schools whose choice is open.
    moving : ndarray (n,) of bool
        Units whose ways are open.
    """

    solution: LayoutSolution
    free: NDArray[np.bool_]
    moving: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Limits:
    """Limits beyond those of the model, for fronts, prices, alternatives and robustness.

    Attributes
    ----------
    close, keep : tuple of str
        Ids that must not, or must, be in operation.
    fix : mapping of str to Choice
        Ids whose choice is given.
    max_term : mapping of Term to float
        Upper limits on terms, in their units.
    exclude : tuple of Exclusion
        Earlier solutions to stay away from.
    held : Held, optional
        What stays as in another solution; a bound then holds for plans that keep to it.
    """

    close: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    fix: Mapping[str, Choice] = field(default_factory=dict)
    max_term: Mapping[Term, float] = field(default_factory=dict)
    exclude: tuple[Exclusion, ...] = ()
    held: Held | None = None

    def __post_init__(self) -> None:
        """Refuse limits on terms that there are not.

        Raises
        ------
        LayoutError
            With the terms that there are.
        """
        check_terms(tuple(self.max_term), "max_term")


@dataclass(frozen=True, eq=False)
class LayoutModel:
    """Frozen arrays of one county's layout problem.

    Attributes
    ----------
    units : Units
        Planning units (n).
    arcs : Arcs
        Ways that are allowed (number of arcs).
    choices : Choices
        What every school could become (m schools, q choices).
    layout : Layout
        What may be decided, must be respected, is wanted, and the prices.
    class_cap : ndarray (q, 2)
        Pupils a class may hold, by choice and stage; 0 where the stage is not taught.
    room_step : ndarray (m,)
        Rooms are added in multiples: 3 in a school of both stages (two primary, one junior), else 1.
    stranded : tuple of str
        Ids of units that the limits leave without any school; a model with such units is infeasible.
    """

    units: Units
    arcs: Arcs
    choices: Choices
    layout: Layout
    class_cap: NDArray[np.float64]
    room_step: NDArray[np.int64]
    stranded: tuple[str, ...] = ()

    @cached_property
    def stage(self) -> NDArray[np.int64]:
        """Stage (position in ``tuple(Stage)``) of every unit."""
        return np.array([_STAGES.index(band.stage) for band in _BANDS], dtype=np.int64)[self.units.band]

    @property
    def school_id(self) -> NDArray[np.object_]:
        """Ids of the schools, sorted."""
        return self.choices.school_id

    def position(self, school_id: str) -> int:
        """Find a school's position.

        Raises
        ------
        UnknownIdError
            If the model has no such school.
        """
        at = int(np.searchsorted(self.school_id.astype(str), school_id))
        if at == len(self.school_id) or self.school_id[at] != school_id:
            raise UnknownIdError(Text(f"模型中没有学校 {school_id}", f"the model has no school {school_id!r}"))
        return at

    def __repr__(self) -> str:
        return (
            f"<LayoutModel: {counted(len(self.units.pupils), 'unit')}, "
            f"{counted(len(self.school_id), 'school or site', 'schools and sites')}, "
            f"{counted(len(self.choices.school), 'choice')}, {counted(len(self.arcs.unit), 'way')}>"
        )


@dataclass(frozen=True, eq=False)
class LayoutSolution:
    """A layout with its proof.

    Attributes
    ----------
    model : LayoutModel
        What was solved.
    status : Status
        What is proven; ``optimal`` only within the gap that was asked for.
    objective, bound : float
        Value of the (last pass of the) objective, and the proven lower bound on it.
    terms : mapping of Term to float
        Every term of the plan, whether it was wanted or not; empty without a plan.
    choice : ndarray (m,)
        Row of ``model.choices`` that each school takes; empty without a plan.
    rooms_added, beds_added : ndarray (m,)
        Classrooms and beds.
    boards : ndarray (m,) of bool
        Whether the school has boarders' beds in use.
    flow : ndarray (number of arcs,)
        Share of the arc's unit that takes it.
    passes : tuple of (Term, float, float)
        For a lexicographic objective: each term, its value and its bound.
    runtime : float
        Seconds.
    log : str
        What the solver said.
    """

    model: LayoutModel
    status: Status
    objective: float
    bound: float
    terms: Mapping[Term, float]
    choice: NDArray[np.int64]
    rooms_added: NDArray[np.int64]
    beds_added: NDArray[np.int64]
    boards: NDArray[np.bool_]
    flow: NDArray[np.float64]
    passes: tuple[tuple[Term, float, float], ...] = ()
    runtime: float = 0.0
    log: str = ""

    @property
    def gap(self) -> float:
        """``(objective − bound) / |objective|``."""
        return relative_gap(self.objective, self.bound)

    @property
    def found(self) -> bool:
        """Whether there is a plan."""
        return len(self.choice) > 0

    @property
    def config(self) -> dict[str, Choice]:
        """Choice of every school by id."""
        if not self.found:
            return {}
        return dict(zip(self.model.school_id, self.model.choices.choice[self.choice], strict=True))

    @property
    def load(self) -> NDArray[np.float64]:
        """Pupils of every school and band, (m, 3)."""
        arcs, units = self.model.arcs, self.model.units
        load = np.zeros((len(self.model.school_id), len(_BANDS)))
        np.add.at(load, (arcs.school, units.band[arcs.unit]), self.flow * units.pupils[arcs.unit])
        return load

    def flows(self) -> pd.DataFrame:
        """Spell the ways taken: ``unit_id``, ``village_id``, ``band``, ``school_id``, ``share``, ``pupils``,
        ``minutes`` (mean daily-equivalent), ``boarders``, ``far``."""  # noqa: D205, D209
        model = self.model
        used = np.flatnonzero(self.flow > 0)
        unit, share = model.arcs.unit[used], self.flow[used]
        bands = np.array([band.value for band in _BANDS], dtype=object)
        return pd.DataFrame({
            "unit_id": model.units.unit_id[unit],
            "village_id": model.units.village_id[unit],
            "band": bands[model.units.band[unit]],
            "school_id": model.school_id[model.arcs.school[used]],
            "share": share,
            "pupils": share * model.units.pupils[unit],
            "minutes": model.arcs.minutes[used] / model.units.pupils[unit],
            "boarders": share * model.arcs.boarders[used],
            "far": share * model.arcs.far[used],
        })  # fmt: skip

    def __repr__(self) -> str:
        closed = sum(choice == Choice.CLOSE for choice in self.config.values())
        return (
            f"<LayoutSolution {self.status}: {closed} closed, objective {self.objective:,.6g}, "
            f"bound {self.bound:,.6g}, gap {self.gap:.3%}, {self.runtime:.1f} s>"
        )


def layout_model(county: County, times: Mapping[str, TravelMatrix], scenario: Scenario) -> LayoutModel:
    """Set up the layout problem of a county.

    Parameters
    ----------
    county : County
        With demand, supply filled in.
    times : mapping of str to TravelMatrix
        As for :func:`layout_planner.assign.assign`; sites are all schools of the county, open or not.
    scenario : Scenario
        Its decisions are carried out first; its block ``layout`` (defaults where it has none) says the rest.

    Raises
    ------
    ScenarioError
        If the block names schools that do not exist, or contrary things.
    LayoutError
        If the county has no demand yet.
    """
    if county.demand is None:
        raise LayoutError(Text("尚未计算需求点的学生数", "the county has no demand yet"))
    layout = scenario.layout or Layout()
    choices = school_choices(county.schools, scenario, layout)
    base = apply_decisions(county.schools, scenario.decisions, scenario.classes)
    units, arcs = planning_units(times, base, county.demand, choices, scenario, layout)
    arcs = _received(units, arcs, choices)
    if layout.must.board_only_if_needed:
        arcs = _by_day(units, arcs)
    lost = np.setdiff1d(np.arange(len(units.pupils)), arcs.unit)
    caps = np.zeros((len(choices.school), len(_STAGES)))
    limits = scenario.classes
    primary, junior = choices.teaches[:, :2].any(axis=1), choices.teaches[:, 2]
    full = choices.teaches[:, 1]
    caps[primary, 0] = np.where(full, limits.primary, limits.incomplete_primary)[primary]
    caps[junior, 1] = limits.junior
    both = np.zeros(len(choices.school_id), dtype=bool)
    np.logical_or.at(both, choices.school, primary & junior)
    return LayoutModel(
        units=units,
        arcs=arcs,
        choices=choices,
        layout=layout,
        class_cap=caps,
        room_step=np.where(both, 3, 1).astype(np.int64),
        stranded=tuple(units.unit_id[lost]),
    )


def _received(units: Units, arcs: Arcs, choices: Choices) -> Arcs:
    """Drop the ways into overfull schools for units that go to a school with room today, unless it is their only way.

    Units of overfull schools may be spread over all of these, each within its seats: together they receive nobody.
    """
    today = units.nearest_today[arcs.unit]
    strange = ~choices.receives[arcs.school] & (today != arcs.school) & ((today < 0) | choices.receives[today])
    other = np.zeros(len(units.pupils), dtype=bool)
    other[arcs.unit[~strange]] = True
    return arcs.select(~strange | ~other[arcs.unit])


def _by_day(units: Units, arcs: Arcs) -> Arcs:
    """Drop the ways that board for units that another school than today's takes by day, within the limits."""
    elsewhere = arcs.school != units.nearest_today[arcs.unit]
    near = ~arcs.boards & elsewhere & (arcs.far < HALF_A_PUPIL)
    other = np.zeros(len(units.pupils), dtype=bool)
    other[arcs.unit[near]] = True
    return arcs.select(~(arcs.boards & elsewhere & other[arcs.unit]))

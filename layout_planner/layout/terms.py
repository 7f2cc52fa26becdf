"""What a layout amounts to: every term counted from the plan itself, not read off the solver."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from layout_planner.config.layout import Term
from layout_planner.grades import Stage
from layout_planner.layout.choices import Choice

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.layout.model import LayoutModel

__all__ = ["measure_terms", "worst_mean"]


def measure_terms(
    model: LayoutModel,
    choice: NDArray[np.int64],
    rooms_added: NDArray[np.int64],
    beds_added: NDArray[np.int64],
    boards: NDArray[np.bool_],
    flow: NDArray[np.float64],
    worst_share: float = 0.05,
) -> dict[Term, float]:
    """Count the terms of a plan.

    Parameters
    ----------
    model : LayoutModel
        Units, arcs, choices, prices.
    choice : ndarray (m,)
        Row of the choices that each school takes.
    rooms_added, beds_added : ndarray (m,)
        Classrooms and beds.
    boards : ndarray (m,) of bool
        Schools with boarding.
    flow : ndarray (number of arcs,)
        Share of the arc's unit.
    worst_share : float
        Share of pupils whose mean is ``worst_minutes``.

    Returns
    -------
    dict of Term to float
        ``pupil_minutes`` pupil × daily-equivalent minutes one way; ``worst_minutes`` minutes; ``yearly_yuan`` only
        what depends on the layout (upkeep, teachers beyond the pupil ratio, funds for absent pupils, boarders,
        riders); ``one_off_yuan``; ``changes`` schools of which anything changes.
    """
    choices, arcs, units, prices = model.choices, model.arcs, model.units, model.layout.prices
    m = len(choices.school_id)

    def by_school(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(arcs.school, weights=flow * values, minlength=m).astype(np.float64)

    pupils = units.pupils[arcs.unit]
    ratio = np.array([prices.pupils_per_teacher.get(stage, np.inf) for stage in Stage])[model.stage]
    is_open = choices.is_open[choice]
    classes = np.minimum(choices.grades, np.maximum(choices.rooms, 1))[choice]
    staff = np.maximum(0.0, prices.teachers_per_class * classes - by_school(pupils / ratio[arcs.unit]))
    absent = np.maximum(0.0, prices.funds_floor_pupils * is_open - by_school(pupils))
    teaches = choices.teaches[choices.today]
    junior = ~teaches[:, :2].any(axis=1) & teaches[:, 2]
    funds = np.where(junior, prices.funds_yuan.get(Stage.JUNIOR, 0.0), prices.funds_yuan.get(Stage.PRIMARY, 0.0))
    boarder = prices.boarder_yuan + prices.boarder_care_yuan
    yearly = choices.yearly_yuan[choice].sum() + prices.staff_yuan * staff.sum() + float(funds @ absent)
    yearly += prices.boarding_yuan * int(boards.sum())
    yearly += float(flow @ (arcs.boarders * boarder + arcs.riders * prices.rider_yuan))
    once = (
        choices.one_off_yuan[choice].sum() + prices.room_yuan * rooms_added.sum() + prices.bed_yuan * beds_added.sum()
    )
    had = (choices.beds > 0) & (choices.choice[choices.today] == Choice.KEEP)
    changed = (choice != choices.today) | (rooms_added > 0) | (beds_added > 0) | (had & ~boards)
    return {
        Term.PUPIL_MINUTES: float(flow @ arcs.minutes),
        Term.WORST_MINUTES: worst_mean(model, flow, worst_share),
        Term.YEARLY_YUAN: float(yearly),
        Term.ONE_OFF_YUAN: float(once),
        Term.CHANGES: float(changed.sum()),
    }


def worst_mean(model: LayoutModel, flow: NDArray[np.float64], share: float = 0.05) -> float:
    """Average the minutes of the worst-off units that together hold a share of the pupils.

    A unit counts with its mean daily-equivalent minutes; the last one only as far as the share is filled.
    """
    units = model.units
    minutes = np.bincount(model.arcs.unit, weights=flow * model.arcs.minutes, minlength=len(units.pupils))
    mean = minutes / units.pupils
    order = np.argsort(-mean, kind="stable")
    most = share * units.pupils.sum()
    before = np.concatenate([[0.0], np.cumsum(units.pupils[order])[:-1]])
    counted = np.clip(most - before, 0.0, units.pupils[order])
    return float(mean[order] @ counted / most)

"""Who goes where: options in reach, nearest, under seats, closest first; and classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from layout_planner.assign.admission import check_private
from layout_planner.assign.capacitated import Seating, capacitated
from layout_planner.assign.classes import form_classes
from layout_planner.assign.closest import closest_first
from layout_planner.assign.decisions import apply_decisions
from layout_planner.assign.nearest import nearest
from layout_planner.assign.options import MODES, Options, band_options, options
from layout_planner.assign.resources import Resources, resources
from layout_planner.assign.seating import seat_pupils
from layout_planner.assign.whole import whole
from layout_planner.columns import ASSIGNMENT
from layout_planner.errors import LayoutError, Text
from layout_planner.plan import Plan

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.config.scenario import Scenario
    from layout_planner.io.county import County
    from layout_planner.travel.matrix import TravelMatrix

__all__ = [
    "Options",
    "Resources",
    "Seating",
    "apply_decisions",
    "assign",
    "assignment_table",
    "band_options",
    "capacitated",
    "closest_first",
    "form_classes",
    "nearest",
    "options",
    "resources",
    "whole",
]

_CRUMB = 1e-9


def assign(
    county: County,
    times: Mapping[str, TravelMatrix],
    scenario: Scenario,
    *,
    label: str | None = None,
    parent: str = "",
) -> Plan:
    """Send every pupil of a county to a school, or say why there is none.

    Parameters
    ----------
    county : County
        With demand.
    times : mapping of str to TravelMatrix
        ``walk:G1-3``, ``walk:G4-6``, ``walk:G7-9`` and ``ride``; sites are all schools of the county.
    scenario : Scenario
        Decisions, limits and method: ``nearest`` (seats not asked), ``capacitated`` (seats and beds respected,
        least total time), or ``capacitated`` with ``closest_first`` (nobody past a nearer school with room), and
        with ``admission`` claim after claim; ``whole_units`` parts no unit; ``seats_by: grade`` counts the seats of
        every grade.
    label : str, optional
        Name of the plan; the scenario's name otherwise.
    parent : str
        Label of the plan that this one changes.

    Returns
    -------
    Plan
        Pupils by demand point and band are those of ``county.demand``, to rounding.

    Raises
    ------
    ScenarioError
        If a decision cannot be carried out.
    LayoutError
        If the county has no demand yet.
    """
    if county.demand is None:
        raise LayoutError(Text("尚未计算需求点的学生数", "the county has no demand yet"))
    schools = apply_decisions(county.schools, scenario.decisions, scenario.classes)
    pairs = options(times, schools, county.demand, scenario.travel)
    if scenario.assign.admission is not None:
        check_private(
            scenario.assign.admission, dict(zip(county.schools["school_id"], county.schools["name"], strict=True))
        )
    extra: dict[str, Any] = {}
    if scenario.assign.method == "nearest":
        flow = nearest(pairs)
    else:
        flow, extra = seat_pupils(county, pairs, schools, scenario)
    return Plan(
        label=scenario.name if label is None else label,
        county=county,
        scenario=scenario,
        schools=schools,
        assignment=assignment_table(pairs, flow),
        parent=parent,
        times=times,
        **extra,
    )


def assignment_table(pairs: Options, flow: NDArray[np.float64]) -> pd.DataFrame:
    """Write pupils on pairs as table ``assignment``, with a row for those left without a school.

    Parameters
    ----------
    pairs : Options
        Units and the schools in their reach.
    flow : ndarray (number of entries,)
        Pupils on every pair, at most the unit's pupils.

    Returns
    -------
    DataFrame
        Sorted by demand id, band, and within a unit nearest first, those without a school last. Parts below a
        billionth of a pupil go to the unit's largest part.
    """
    rows = pairs.rows
    flow = np.where(flow > np.minimum(_CRUMB, pairs.pupils[rows] / 2), flow, 0.0)
    placed = np.bincount(rows, weights=flow, minlength=len(pairs.pupils))
    short = pairs.pupils - placed
    whole = short <= np.minimum(_CRUMB, pairs.pupils / 2)
    factor = np.where(whole, pairs.pupils / np.where(placed > 0, placed, 1.0), 1.0)
    flow = flow * factor[rows]
    used, left = np.flatnonzero(flow > 0), np.flatnonzero(~whole)
    unit = np.concatenate([rows[used], left])
    entry, near = np.concatenate([used, np.full(len(left), -1)]), pairs.nearest[unit]
    school = pairs.school_id[pairs.school]
    lacks = np.select([pairs.nearest >= 0, pairs.taught], ["no_seat", "unreachable"], "no_school").astype(object)
    frame = pd.DataFrame(
        {
            "demand_id": pairs.demand_id[unit],
            "band": pairs.bands[unit],
            "school_id": _take(school, entry, ""),
            "mode": _take(np.array(MODES, dtype=object)[pairs.mode], entry, "none"),
            "pupils": np.concatenate([flow[used], short[left]]),
            "minutes": _take(pairs.minutes, entry, np.nan),
            "metres": _take(pairs.metres, entry, np.nan),
            "within_limit": _take(pairs.tier <= 2, entry, False),
            "nearest_school_id": _take(school, near, ""),
            "nearest_minutes": _take(pairs.minutes, near, np.nan),
            "reason": np.where(entry >= 0, "", lacks[unit]),
        },
        columns=list(ASSIGNMENT.names),
    )
    place = np.where(entry >= 0, entry, len(rows))
    order = np.lexsort((place, pairs.band[unit], frame["demand_id"].to_numpy(dtype=str)))
    return frame.iloc[order].reset_index(drop=True)


def _take(values: NDArray[Any], entry: NDArray[np.int64], blank: object) -> NDArray[Any]:
    """Take entries out of a column, ``blank`` where the entry is −1."""
    taken = np.full(len(entry), blank, dtype=values.dtype)
    taken[entry >= 0] = values[entry[entry >= 0]]
    return taken

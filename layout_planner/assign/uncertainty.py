"""How far the share of pupils within the limits depends on how fast they are taken to move."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.assign.options import options
from layout_planner.errors import Flaw, Severity, Text, counted
from layout_planner.grades import GradeBand
from layout_planner.travel.rescale import rescaled

if TYPE_CHECKING:
    import geopandas as gpd

    from layout_planner.config.scenario import Travel
    from layout_planner.travel.matrix import TravelMatrix

__all__ = ["coverage_band", "scaled_times", "straight_line_flaws"]

_LONG_LEG_M = 500.0


def coverage_band(
    times: Mapping[str, TravelMatrix], schools: gpd.GeoDataFrame, demand: pd.DataFrame, travel: Travel,
    share: float | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Find the share of pupils with a school within the limits, at slower, given and faster speeds.

    Speeds on the roads change together, on foot and in vehicles; the way to the road and the wait do not. Seats are
    left aside. No new search is made.

    Parameters
    ----------
    times, schools, demand, travel
        As for :func:`layout_planner.assign.options.options`.
    share : float, optional
        By how much speeds are uncertain; by default ``travel.speed_range``.

    Returns
    -------
    DataFrame
        ``speed_factor`` (1 - share, 1, 1 + share), ``band`` (each, and ``all``), ``pupils``,
        ``within_limit_share`` (of all pupils of the band), and ``complete``: False where the cut-off is so near the
        limits of daily trips that faster speeds would bring in pairs that the search left out.
    """
    spread = travel.speed_range if share is None else share
    rows = []
    for factor in dict.fromkeys((1.0 - spread, 1.0, 1.0 + spread)):
        found = options(scaled_times(times, travel, factor), schools, demand, travel)
        near = found.nearest
        within = np.zeros(len(near), dtype=bool)
        within[near >= 0] = found.tier[near[near >= 0]] <= 2
        limit = max([*travel.walk_limit_min.values(), *travel.ride_limit_min.values()])
        complete = limit <= travel.cutoff_min / max(factor, 1.0)
        for band in (*GradeBand, None):
            mine = np.ones(len(near), dtype=bool) if band is None else found.bands == band.value
            pupils = float(found.pupils[mine].sum())
            covered = float(found.pupils[mine & within].sum()) / pupils if pupils > 0 else float("nan")
            rows.append((factor, "all" if band is None else band.value, pupils, covered, complete))
    return pd.DataFrame(rows, columns=["speed_factor", "band", "pupils", "within_limit_share", "complete"])


def scaled_times(times: Mapping[str, TravelMatrix], travel: Travel, factor: float) -> dict[str, TravelMatrix]:
    """Give the times at ``factor`` times the speeds on the roads; the way to the road and the wait stay."""
    return {key: _at(times[key], key, factor, travel) for key in times if ":" not in key or key[:5] == "walk:"}


def _at(matrix: TravelMatrix, key: str, factor: float, travel: Travel) -> TravelMatrix:
    return rescaled(
        matrix, factor, access_speed_kmh=travel.access_speed_kmh, access_detour=travel.access_detour,
        wait_min=travel.ride_wait_min if key == "ride" else 0.0,
    )  # fmt: skip


def straight_line_flaws(
    times: Mapping[str, TravelMatrix], demand: pd.DataFrame, travel: Travel, beyond_m: float = _LONG_LEG_M
) -> list[Flaw]:
    """Warn of pupils whose way to the nearest road is long: there a straight line and a detour factor stand for it."""
    matrix = times.get(f"walk:{GradeBand.G1_3.value}")
    if matrix is None:
        return []
    columns = [band.pupils_column for band in GradeBand]
    pupils = demand.set_index(demand["demand_id"].astype(str))[columns].sum(axis=1).reindex(matrix.origin_id)
    far = matrix.origin_access_m > beyond_m
    count, total = float(pupils[far].sum()), float(pupils.sum())
    if count < 1.0:
        return []
    what = Text(
        f"{count:.0f} 名学生（{count / total:.1%}）住处离最近道路超过 {beyond_m:g} 米，这一段按直线距离乘以 "
        f"{travel.access_detour:g} 估算",
        f"{counted(count, 'pupil')} ({count / total:.1%}) at home more than {beyond_m:g} m from any road; that "
        "part of their way "
        f"is a straight line times {travel.access_detour:g}",
    )
    mend = Text("补充乡村小路，或用地表阻力面计算", "add the paths, or compute over the land surface")
    return [Flaw("straight_line", what, mend, severity=Severity.NOTE)]

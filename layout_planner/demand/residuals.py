"""What calibration did: known totals beside estimates, factors and residuals, and the remarks on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layout_planner.columns import CALIBRATION
from layout_planner.demand.ipf import Conflict, Fit
from layout_planner.demand.margins import (
    Target,
    enrolment_by_grade,
    grade_target,
    township_target,
    village_target,
)
from layout_planner.errors import Flaw, Severity, Text
from layout_planner.grades import GRADE_PUPILS, GradeBand
from layout_planner.io.county import County

__all__ = ["calibration_remarks", "calibration_table"]

Floats = npt.NDArray[np.float64]

_WIDE_GAP = 0.05
_CRUMB = 1e-9
_SEEN = 1e-3
"""Pupils: a residual below is told as such."""
_SUMS = {
    "township": Text("各乡镇学生数", "the townships' pupils"),
    "county": Text("全县学生总数", "the county's pupils"),
}
_ROSTER = Text("在校生表", "the rosters")


def calibration_table(
    before: gpd.GeoDataFrame,
    after: gpd.GeoDataFrame,
    county: County,
    targets: Sequence[Target] = (),
    fit: Fit | None = None,
) -> pd.DataFrame:
    """Set known totals beside the pupils estimated and calibrated.

    Parameters
    ----------
    before, after : GeoDataFrame
        Demand points as estimated and as calibrated; ``after`` begins with the points of ``before``.
    targets : sequence of Target
        What was fitted, over the points of ``after``. Townships, rosters and villages whose totals are known but
        were not fitted follow for comparison.
    fit : Fit, optional
        What fitting came to.

    Returns
    -------
    DataFrame
        Table ``calibration``: first what was held, then what is only compared.
    """
    estimated = pd.DataFrame(before).set_index("demand_id")[list(GRADE_PUPILS)]
    start = estimated.reindex(after["demand_id"]).fillna(0.0).to_numpy().ravel()
    end = after[list(GRADE_PUPILS)].to_numpy(dtype=np.float64).ravel()
    parts = []
    for k, target in enumerate(targets):
        held = fit is not None and not np.isnan(fit.held[k]).all()
        same = np.isclose(fit.held[k], target.totals, rtol=1e-9, atol=0) if fit is not None and held else False
        parts.append(_rows(target, start, end, same))
    done = {str(target.rows["subject_kind"].iloc[0]) for target in targets if len(target.rows)}
    if "township" not in done:
        parts.append(_rows(township_target(after, county), start, end, False))
    by_grade = [target.rows[target.rows["grade"].notna()] for target in targets]
    if not any((rows["subject_kind"] != "township").any() for rows in by_grade):
        parts.append(_rows(grade_target(after, county, enrolment_by_grade(county)), start, end, False))
    if (before["kind"] != "village").any():
        parts.append(_rows(village_target(after, county), start, end, False))
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def _rows(target: Target, start: Floats, end: Floats, held: npt.NDArray[np.bool_] | bool) -> pd.DataFrame:
    frame = target.rows.assign(
        target=target.totals, pupils_before=target.margin.sums(start), pupils_after=target.margin.sums(end), held=held
    )
    some = frame["pupils_before"].where(frame["pupils_before"] > _CRUMB)
    frame["ratio"] = frame["target"] / some
    frame["factor"] = frame["pupils_after"] / some
    frame["residual"] = frame["pupils_after"] - frame["target"]
    known = frame[frame["target"].notna()]
    return known[list(CALIBRATION.names)].reset_index(drop=True)


def calibration_remarks(targets: Sequence[Target], fit: Fit, table: pd.DataFrame) -> Iterator[Flaw]:
    """Say what was fitted to what, how far estimates were off, and what could not be met."""
    yield from _conflict_remarks(targets, fit.conflicts)
    held = table[table["held"].astype(bool)]
    factors = held["factor"].dropna()
    spread = f"{factors.min():.2f}—{factors.max():.2f}" if len(factors) else "—"
    worst = float(held["residual"].abs().max()) if len(held) else 0.0
    left = Text(f" {worst:.3f} ", f"{worst:.3f}") if worst >= _SEEN else Text("不到 0.001 ", "under 0.001")
    what = Text(
        f"学生数已校准：{len(held)} 项总数，系数 {spread}，迭代 {fit.iterations} 次，最大残差{left.zh}人",
        f"pupils calibrated to {len(held)} totals: factors {spread}, {fit.iterations} rounds, "
        f"largest residual {left.en} pupils",
    )
    mend = Text("系数离 1 远的地方核对人口栅格和报表", "where factors are far from 1, check raster and rosters")
    yield Flaw("calibrated", what, mend, severity=Severity.NOTE)
    lost = [(targets[k].rows.iloc[group], targets[k].totals[group]) for k, group in fit.unreachable]
    if lost:
        names = "、".join(f"{row['name']}{row['band']} {total:,.0f} 人" for row, total in lost[:6])
        what = Text(f"校准达不到的总数：{names}", f"totals that calibration cannot reach: {names}")
        mend = Text("核对这些总数与人口数据", "check these totals against the people")
        yield Flaw("calibration_unreachable", what, mend, severity=Severity.WARNING)
    if not fit.converged:
        what = Text(
            f"校准 {fit.iterations} 次仍未同时满足各项总数，相对残差 {fit.worst:.1%}，见“学生数校准”表",
            f"{fit.iterations} rounds did not meet all totals together: relative residual {fit.worst:.1%}",
        )
        mend = Text("核对乡镇总数与在校生数是否矛盾", "check whether township totals and rosters contradict")
        yield Flaw("calibration_not_converged", what, mend, severity=Severity.WARNING)


def _conflict_remarks(targets: Sequence[Target], conflicts: Sequence[Conflict]) -> Iterator[Flaw]:
    if not conflicts:
        return
    sums = _SUMS[str(targets[conflicts[0].first].rows["subject_kind"].iloc[0])]
    said_zh, said_en, gap = [], [], 0.0
    for conflict in conflicts:
        band = GradeBand(targets[conflict.second].rows["band"].iloc[conflict.second_groups[0]])
        said_zh.append(f"{band.label_zh} {conflict.first_sum:,.0f} 与 {conflict.second_sum:,.0f} 人")
        said_en.append(f"{band} {conflict.first_sum:,.0f} and {conflict.second_sum:,.0f}")
        whole = max(conflict.first_sum, conflict.second_sum)
        gap = max(gap, abs(conflict.first_sum - conflict.second_sum) / whole)
    what = Text(
        f"{sums.zh}与{_ROSTER.zh}合计不等：{'；'.join(said_zh)}。以前者为准，后者按比例只用来分年级",
        f"{sums.en} and {_ROSTER.en} differ: {'; '.join(said_en)}. The former hold, the latter only divide the bands",
    )
    mend = Text("核对两处的口径和年份", "check what both count, and of which year")
    yield Flaw("margins_differ", what, mend, severity=Severity.WARNING if gap > _WIDE_GAP else Severity.NOTE)

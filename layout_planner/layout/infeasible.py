"""What to tell a planner where no layout respects every limit: which limits conflict, for whom, and what would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from layout_planner.config.layout import Layout
from layout_planner.errors import Flaw, LayoutError, Text, counted
from layout_planner.grades import GradeBand
from layout_planner.layout.conflicts import Conflict, find_conflict, wider_model

if TYPE_CHECKING:
    from layout_planner.config.scenario import Scenario
    from layout_planner.io.county import County
    from layout_planner.layout.model import LayoutModel
    from layout_planner.locate.stopping import Cancel
    from layout_planner.travel.matrix import TravelMatrix

__all__ = ["conflict_error", "explain_infeasible", "village_names"]

_MOST_LIMITS = 12
_MOST_VILLAGES = 6
_SEPARATOR = "、"
_KEYS = {
    "classrooms": "may.rooms_per_school", "beds": "may.beds_per_school", "largest": "must.largest",
    "smallest": "must.smallest", "central_primary_per_township": "must.central_primary_per_township",
    "junior_per_township": "must.junior_per_township", "max_closures": "must.max_closures",
    "max_changes": "must.max_changes", "closest_first": "must.closest_first",
    "max_yearly_yuan": "must.yearly_budget_yuan", "max_one_off_yuan": "must.one_off_budget_yuan",
}  # fmt: skip
"""Where the block ``layout`` sets a limit, by rule; other rules come from several keys or from the schools."""


def explain_infeasible(
    model: LayoutModel,
    county: County,
    times: Mapping[str, TravelMatrix],
    scenario: Scenario,
    *,
    cancel: Cancel | None = None,
) -> LayoutError:
    """Find out why a model has no plan, and say so.

    Parameters
    ----------
    model : LayoutModel
        Proven infeasible.
    county, times, scenario
        What the model was made of.
    cancel : callable, optional
        ``True`` ends the search for the conflict.
    """
    seconds = (scenario.layout or Layout()).answers.conflict_limit_s
    wider = wider_model(county, times, scenario)
    found = find_conflict(model, wider, time_limit=seconds, seed=scenario.seed, cancel=cancel)
    error = conflict_error(found, village_names(county))
    return LayoutError(error.message, [_placed(flaw, scenario) for flaw in error.flaws])


def village_names(county: County) -> dict[str, str]:
    """Name villages by their ids; from the demand points where there is no village table."""
    frames = [county.demand, county.villages]
    named: dict[str, str] = {}
    for frame in frames:
        if frame is not None and "village_id" in frame:
            rows = frame[frame["village_id"].fillna("").astype(str) != ""].drop_duplicates("village_id")
            named |= dict(zip(rows["village_id"].astype(str), rows["name"].fillna("").astype(str), strict=True))
    return {code: name for code, name in named.items() if name}


def conflict_error(found: Conflict, villages: Mapping[str, str]) -> LayoutError:
    """Spell a conflict as an error with one flaw a limit, the limits to relax first.

    Parameters
    ----------
    found : Conflict
        From :func:`layout_planner.layout.conflicts.find_conflict`.
    villages : mapping of str to str
        Names of villages by id.
    """
    if found.feasible or found.table.empty:
        return LayoutError(
            Text(
                "没有布局能守住 layout 的全部规定，时限内没有查明是哪几条；请加大 layout.answers.conflict_limit_s",
                "no layout respects every limit of `layout`, and which of them conflict was not found in time: raise "
                "layout.answers.conflict_limit_s",
            )
        )
    table = found.table.assign(relaxed=found.table["relax_by"].notna())
    table = table.sort_values("relaxed", ascending=False, kind="stable")
    rows: list[dict[str, Any]] = table.head(_MOST_LIMITS).to_dict("records")  # type: ignore[assignment]
    flaws = [_flaw(row, villages) for row in rows]
    conflicting, relaxed = int(table["in_conflict"].sum()), int(table["relaxed"].sum())
    more = len(table) - len(flaws)
    also = Text(f"（另有 {more} 条从略）", f" ({more} more are left out)") if more > 0 else Text("", "")
    return LayoutError(
        Text(
            f"没有布局能守住 layout 的全部规定：有 {conflicting} 条限制不能同时满足，"
            f"最少放宽 {relaxed} 条就有方案。没有写出任何结果{also.zh}",
            f"no layout respects every limit of `layout`: {conflicting} limits cannot be met together; relaxing "
            f"{relaxed} of them is the least that helps. Nothing was written{also.en}",
        ),
        flaws,
    )


def _flaw(row: Mapping[str, Any], villages: Mapping[str, str]) -> Flaw:
    subject, unit, amount = _subject(row, villages), str(row["unit"]), float(row["relax_by"])
    concerned = [villages.get(code, code) for code in str(row["villages"]).split(_SEPARATOR) if code]
    shown = _SEPARATOR.join(concerned[:_MOST_VILLAGES])
    rest = len(concerned) - _MOST_VILLAGES
    where = Text("", "")
    if concerned:
        pupils = float(row["pupils"])
        others = f" and {counted(rest, 'more village')}" if rest > 0 else ""
        where = Text(
            f"，涉及学生 {pupils:,.0f} 人（{shown}{f' 等 {len(concerned)} 个村' if rest > 0 else ''}）",
            f"; it concerns {counted(pupils, 'pupil')} ({shown}{others})",
        )
    what = Text(
        f"{subject.zh}：{row['label']}{where.zh}", f"{subject.en}: {str(row['rule']).replace('_', ' ')}{where.en}"
    )
    if pd.isna(amount):
        mend = Text("别的限制放宽后，这一条可以不动", "it can stay once the others are relaxed")
    else:
        count = f"{amount:,.0f}" if amount >= 1 else f"{amount:.1f}"
        mend = Text(f"至少放宽 {count} {unit}", f"relax it by at least {count} ({unit})")
    key = _KEYS.get(str(row["rule"]), "")
    return Flaw("layout_conflict", what, mend, key=f"layout.{key}" if key else "")


def _placed(flaw: Flaw, scenario: Scenario) -> Flaw:
    """Point a flaw at the line of the scenario file that sets the limit; limits by default have none."""
    place = scenario.place(*flaw.key.split(".")) if flaw.key else None
    return flaw if place is None else replace(flaw, file=place[0], row=place[1])


def _subject(row: Mapping[str, Any], villages: Mapping[str, str]) -> Text:
    """Name the school, village or township that a limit concerns."""
    name, code = str(row["name"]), str(row["subject_id"])
    parts = code.split("|")
    bands = {band.value: band for band in GradeBand}
    if len(parts) > 1 and parts[1] in bands:
        village = villages.get(parts[0], parts[0])
        return Text(f"{village}{bands[parts[1]].label_zh}", f"{village} {parts[1]}")
    return Text(name or code, name or code)

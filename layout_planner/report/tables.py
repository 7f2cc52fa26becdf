"""The plan's workbook: which sheets it has and what each says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from layout_planner import columns
from layout_planner.errors import Text
from layout_planner.measures.boarding import beds_wanted
from layout_planner.report.frames import checks_frame, findings_frame, flows
from layout_planner.report.layout_sections import layout_sheets
from layout_planner.report.narrative import cover_facts
from layout_planner.report.words import code_word
from layout_planner.report.workbook import Sheet, write_sheets

if TYPE_CHECKING:
    from layout_planner.measures import PlanTables
    from layout_planner.plan import Plan
    from layout_planner.rules import Finding

__all__ = ["Sheet", "plan_sheets", "write_sheets", "write_workbook"]

_ABOUT = {
    "indicators": Text("全县一行一个指标", "one row an indicator"),
    "commute": Text("按年级段和方式汇总的单程时间与距离", "minutes and metres by band and mode"),
    "plan_schools": Text("每校的决定、学生、学位、班额和路程", "one row a school"),
    "class_results": Text("每校每年级的编班", "one row a school and grade"),
    "village_results": Text("每村的学生、路程和主要学校", "one row a village"),
    "township_results": Text("每乡镇的学生、路程、学位和班额", "one row a township"),
    "flows": Text("每村每年级段的学生去哪所学校", "one row a village, band and school"),
    "assignment": Text("每个居民点每年级段的去向", "one row a demand point, band and school"),
    "dangers": Text("途中危险：由道路数据推断，须实地核对", "dangers on the way, inferred from the roads"),
    "seasons": Text("季节里失去学校的村和月份", "villages that lose their school in a season"),
    "coverage": Text("速度上下浮动时，时限内有学校的学生比例", "coverage at slower and faster speeds"),
    "group_results": Text("本地学生、随迁子女、特教学生各有多少人有学校", "pupils by group and who has a school"),
    "admission_results": Text(
        "各入学类别有多少人有学校、统筹到别处，随迁子女公办就读比例", "pupils by claim, sent on, in public schools"
    ),
    "admission_flows": Text("各校按入学类别安排了哪些学生", "who was placed where, by claim"),
    "grade_loads": Text("每校每年级的学生和学位", "pupils and seats by school and grade"),
    "organisations": Text(
        "一校多点的法人学校：学生、班级、教师和学位合计", "legal schools of several sites, summed up"
    ),
    "organisation_sites": Text(
        "法人学校的各校点：规模、到主校的距离和学生路程", "their sites: size, distance, the way to school"
    ),
    "units": Text("栅格归并为自然村带来的误差", "what grouping cells into natural villages costs"),
    "reach": Text("步行、走读和各时段以内的学生比例", "shares on foot, by any daily way, and within given minutes"),
    "in_zone": Text("各年级段在所在学区学校就读的学生", "who attends the school of their catchment, by band"),
    "equity": Text("路程和学位在学生之间、乡镇之间是否均等", "how evenly the way to school and seats are shared"),
    "lorenz": Text("路程最短到最长的学生各承担多少上学时间", "which share of all minutes each tenth of pupils bears"),
    "access": Text("每乡镇的学生在时限内人均能用到多少学位", "seats within the limits a pupil, by township"),
    "balance": Text(
        "官方差异系数：逐项、综合，现状填报与方案", "official coefficients of variation, as filed and planned"
    ),
    "balance_schools": Text("每校七项指标与优质均衡要求的对照", "seven indicators of every school against the norms"),
    "provision": Text("每校应配教职工、床位、校车和公用经费", "staff, beds, buses and public funds by school"),
    "forecast_years": Text(
        "按学生数预测，今后各年的学生、学位、班额", "pupils, seats and classes in the years of the forecast"
    ),
    "forecast_schools": Text(
        "按学生数预测，各校今后各年的学生、学位和班额", "every school in the years of the forecast"
    ),
    "released": Text(
        "撤并、改办学校的教职工和设备去哪里，还有多少没有安排",
        "staff and equipment set free: where to, and what is left",
    ),
    "closures": Text("每所撤并学校的学生去哪里、路程和班额怎样变化", "one row a closed school"),
    "moves": Text("换了学校的学生及其路程变化", "pupils whose school changes"),
    "comparison": Text("两个方案逐项指标的变化和好坏", "one row an indicator, before and after"),
    "calibration": Text("已知学生数与推算的对照、校准系数和残差", "known totals, factors and residuals"),
    "boarding": Text("按寄宿比例预计的寄宿生与现有床位", "boarders expected beside the beds"),
    "findings": Text("方案与规则的逐条对照", "what the plan meets and breaks"),
    "checks": Text("读入数据时发现的问题", "what was noticed in the data"),
}
_TITLES = {"assignment": Text("学生去向明细", "Assignment")}


def write_workbook(
    plan: Plan,
    tables: PlanTables,
    findings: Sequence[Finding],
    path: Path,
    *,
    moves: pd.DataFrame | None = None,
    impact: pd.DataFrame | None = None,
    coverage: pd.DataFrame | None = None,
    layout: Mapping[str, pd.DataFrame] | None = None,
    by_model: bool = False,
    lang: str = "zh",
    detail: bool = False,
) -> None:
    """Write all tables of a plan as an Excel workbook, the same bytes for the same plan.

    Parameters
    ----------
    plan : Plan
    tables : PlanTables
    findings : sequence of Finding
    path : Path
        Ends in ``.xlsx``; the folder exists.
    moves : DataFrame, optional
        Who is affected against the parent plan (table ``moves``).
    impact : DataFrame, optional
        What each closure means (table ``closures``).
    coverage : DataFrame, optional
        How the share within the limits depends on the speeds (table ``coverage``).
    layout : mapping of str to DataFrame, optional
        What an optimised layout answers, by name of the table.
    by_model : bool
        Whether the optimiser sent the pupils where they go, not the scenario's method.
    lang : {"zh", "en"}
    detail : bool
        Add the assignment of every single demand point; otherwise it is in ``plan.gpkg`` only.
    """
    sheets = plan_sheets(
        plan, tables, findings, moves=moves, impact=impact, coverage=coverage, layout=layout, lang=lang, detail=detail
    )
    facts = cover_facts(plan, lang, by_model=by_model)
    write_sheets(path, facts, sheets, lang=lang, limits=_limits(plan, lang))


def plan_sheets(
    plan: Plan,
    tables: PlanTables,
    findings: Sequence[Finding],
    *,
    moves: pd.DataFrame | None = None,
    impact: pd.DataFrame | None = None,
    coverage: pd.DataFrame | None = None,
    layout: Mapping[str, pd.DataFrame] | None = None,
    lang: str = "zh",
    detail: bool = False,
) -> list[Sheet]:
    """Collect the sheets of a plan's workbook, in their order."""
    frames = {
        "indicators": tables.indicators.drop(columns="label_en" if lang == "zh" else "label"),
        "commute": tables.commute,
        "plan_schools": tables.schools,
        "class_results": tables.classes,
        "village_results": tables.villages,
        "township_results": tables.townships,
        "flows": flows(plan),
    }
    if detail:
        frames["assignment"] = plan.assignment
    extras = {"dangers": tables.dangers, "seasons": tables.seasons, "coverage": coverage,
              "units": tables.units, "group_results": tables.groups,
              "admission_results": tables.admission, "admission_flows": tables.admission_flows,
              "grade_loads": tables.grade_loads, "boarding": beds_wanted(plan),
              "organisations": tables.organisations, "organisation_sites": tables.sites,
              "reach": tables.reach, "in_zone": tables.in_zone, "equity": tables.equity, "lorenz": tables.lorenz,
              "access": tables.access,
              "balance": tables.balance, "balance_schools": tables.balance_schools, "provision": tables.provision,
              "released": tables.released, "forecast_years": tables.forecast_years,
              "forecast_schools": tables.forecast_schools,
              "calibration": plan.county.calibration}  # fmt: skip
    frames |= {name: found for name, found in extras.items() if found is not None and len(found)}
    if impact is not None:
        frames["closures"] = impact
    if moves is not None:
        frames["moves"] = moves
    last = {"findings": findings_frame(findings, lang), "checks": checks_frame(plan.county.checks, lang)}
    made, ending = ([sheet(name, frame) for name, frame in part.items()] for part in (frames, last))
    return [*made, *layout_sheets(layout or {}, lang), *ending]


def sheet(name: str, frame: pd.DataFrame) -> Sheet:
    """Make the sheet of one table of the registry."""
    table = columns.table(name)
    title = _TITLES.get(name, Text(table.zh, table.en.capitalize()))
    return Sheet(title, _ABOUT[name], table, pd.DataFrame(frame))


def _limits(plan: Plan, lang: str) -> dict[str, float]:
    """Give the longer of the walking and riding limits of each band, as a way longer than both is beyond any doubt."""
    travel = plan.scenario.travel
    return {
        code_word("band", band.value, lang): max(limit, travel.ride_limit_min.get(band, 0.0))
        for band, limit in travel.walk_limit_min.items()
    }

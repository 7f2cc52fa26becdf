"""What the report says, section by section; every figure comes from the tables that the workbook shows."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from layout_planner import columns
from layout_planner.errors import Severity
from layout_planner.grades import GradeBand, Tier
from layout_planner.maps.pen import font_flaw
from layout_planner.maps.sheet import figure_png
from layout_planner.maps.static import Kind, static_map
from layout_planner.plan import same_pupils
from layout_planner.report.compare import comparison_grid
from layout_planner.report.document import Figure, Grid, Paragraph, Points, Section, Sub, grid
from layout_planner.report.fairness_sections import fairness_section
from layout_planner.report.frames import checks_frame, findings_frame, over_limit_villages
from layout_planner.report.layout_sections import LayoutPart, layout_section
from layout_planner.report.narrative import CAVEATS, data_notes, decision_sentences, method_notes
from layout_planner.report.people import beds_blocks, calibration_blocks, is_compared
from layout_planner.report.summary import (
    class_sentences,
    commute_sentences,
    finding_sentence,
    moves_sentences,
    summary_sentences,
)
from layout_planner.report.words import tidy
from layout_planner.rules import check_plan, load_rule_sets

if TYPE_CHECKING:
    from layout_planner.measures import PlanTables
    from layout_planner.plan import Plan
    from layout_planner.rules import Finding

__all__ = ["ReportInput", "map_figure", "moves_section", "report_sections"]

MOST_VILLAGES = 30
MOST_SCHOOLS = 25
MOST_MOVES = 60
MOST_FINDINGS = 60
_OVER = columns.Column("over", "float", "超时限或无学校的学生", "beyond limit or without school", "人")


@dataclass(frozen=True, eq=False)
class ReportInput:
    """Everything that a report is written from."""

    plan: Plan
    tables: PlanTables
    findings: tuple[Finding, ...] = ()
    moves: pd.DataFrame | None = None
    impact: pd.DataFrame | None = None
    parent: Plan | None = None
    parent_tables: PlanTables | None = None
    coverage: pd.DataFrame | None = None
    layout: LayoutPart | None = None

    @property
    def parent_label(self) -> str:
        """What the parent plan is called."""
        return self.parent.label if self.parent is not None else self.plan.parent or "原方案"


def report_sections(given: ReportInput) -> list[Section]:
    """Write all sections, empty ones included (see :func:`document.number_sections`)."""
    return [
        _summary(given),
        _decisions(given),
        layout_section(given.layout),
        _indicators(given),
        _commute(given),
        _schools(given),
        fairness_section(given.tables, given.parent_tables, given.parent_label),
        moves_section(given),
        _findings(given),
        _method(given),
        Section("局限与提示", (Points(CAVEATS),)),
    ]


def _summary(given: ReportInput) -> Section:
    lines = summary_sentences(given.plan, given.tables, given.parent_tables, given.parent_label)
    blocks = [Paragraph(line) for line in lines]
    if given.parent is not None and not same_pupils(given.parent, given.plan):
        text = f"本方案与“{given.parent_label}”的学生数据不同，指标的差异不都由学校布局造成。"
        blocks.append(Paragraph(text, strong=True))
    barred = list(dict.fromkeys(f.subject_name for f in given.findings if f.is_veto))
    if barred:
        text = (
            f"{'、'.join(barred)}的撤并或改办有不得强行推进的情形，须先解除；在解除以前本方案不能实施，见“规则检查”。"
        )
        blocks.insert(0, Paragraph(text, strong=True))
    serious = _breaches(given.findings)
    if serious:
        text = (
            f"本方案有{len(serious)}项不符合所依据的规则{_of_them_new(given, serious)}，须先解决或说明，见“规则检查”。"
        )
        blocks.append(Paragraph(text, strong=True))
    return Section("概要", tuple(blocks))


def _breaches(findings: Iterable[Finding]) -> set[tuple[str, str]]:
    return {(f.rule_id, f.subject_id) for f in findings if f.severity == Severity.ERROR}


def _of_them_new(given: ReportInput, serious: set[tuple[str, str]]) -> str:
    """Say how many breaches the plan before does not have."""
    if given.parent is None or given.parent_tables is None:
        return ""
    scenario = given.plan.scenario
    before = _breaches(check_plan(given.parent, given.parent_tables, scenario.rules, settings=scenario.rule_settings))
    fresh = len(serious - before)
    return f"（其中{fresh}项是“{given.parent_label}”没有的）" if fresh else f"（“{given.parent_label}”也都有）"


def _decisions(given: ReportInput) -> Section:
    sentences = decision_sentences(given.plan)
    note = given.plan.scenario.note
    blocks: list[Paragraph | Points] = [Paragraph(tidy(note))] if note else []
    if sentences:
        blocks.append(Points(tuple(sentences)))
    else:
        blocks.append(Paragraph("本方案维持现有学校，不作调整。"))
    return Section("决定事项", tuple(blocks))


def _indicators(given: ReportInput) -> Section:
    caption = "全县主要指标"
    if given.parent_tables is not None:
        label_a, label_b = given.parent_label, given.plan.label
        whole = comparison_grid(given.parent_tables, given.tables, label_a, label_b, caption)
    else:
        whole = comparison_grid(None, given.tables, "", given.plan.label, caption)
    names = ["band", "mode", "pupils", "minutes_mean", "minutes_median", "minutes_p95", "minutes_max", "metres_mean",
             "within_limit_share", "nearest_share"]  # fmt: skip
    travelled = given.tables.commute[given.tables.commute["pupils"] > 0]
    bands = grid(columns.COMMUTE, travelled, names, "各年级段、各方式的单程路程", sheet="上学路程")
    towns = grid(
        columns.TOWNSHIP_RESULTS,
        given.tables.townships,
        ["name", "schools", "pupils", "minutes_mean", "minutes_p95", "within_limit_share", "unassigned", "seats_gap",
         "classes_56_65", "classes_66_up", "schools_under_100"],
        "各乡镇情况",
        sheet="各乡镇",
        marks={"unassigned": _bad_if_positive, "seats_gap": _warn_if_negative, "classes_56_65": _warn_if_positive,
               "classes_66_up": _bad_if_positive},
    )  # fmt: skip
    return Section(
        "主要指标",
        subs=(Sub("全县", (whole,)), Sub("年级段和方式", (bands,)), Sub("乡镇", (towns,) if towns.rows else ())),
    )


def _commute(given: ReportInput) -> Section:
    far = over_limit_villages(given.tables.villages)
    blocks: list[Paragraph | Figure | Grid] = [Paragraph(s) for s in commute_sentences(far)]
    blocks.append(map_figure(given, "minutes", "上学单程时间（按学生加权，各年级段合计）"))
    if len(far):
        names = ["name", "township", "pupils", "over", "minutes_mean", "minutes_max", "metres_max", "school_primary",
                 "school_junior"]  # fmt: skip
        caption = "超出时限或没有学校的学生所在的村"
        blocks.append(
            grid(columns.VILLAGE_RESULTS, far, names, caption, most=MOST_VILLAGES, sheet="各村", extra={"over": _OVER})
        )
    subs = (
        Sub("途中危险", _dangers(given.tables)),
        Sub("季节影响", _seasons(given)),
        Sub("速度不确定时", _coverage(given.coverage)),
    )
    return Section("上学路程", tuple(blocks), subs)


def _dangers(tables: PlanTables) -> tuple[Paragraph | Grid, ...]:
    """Say what pupils meet on the way, by kind, and where most of them do."""
    met = tables.dangers
    if met.empty:
        return ()
    kinds = met.groupby("danger", sort=False)["pupils"].sum().sort_values(ascending=False)
    said = "，".join(f"{kind}{count:,.0f}人次" for kind, count in kinds.items())
    text = f"按道路数据推断，途中遇到：{said}。同一学生可能遇到几种；须实地核对，没有列出的路不等于安全。"
    names = ["name", "township", "band", "school", "mode", "danger", "pupils", "metres_mean", "times_mean"]
    worst = met.sort_values(["pupils", "village_id", "band", "kind"], ascending=[False, True, True, True])
    caption = "途中危险涉及学生最多的村"
    return (
        Paragraph(text),
        grid(columns.DANGERS, worst, names, caption, most=MOST_SCHOOLS, sheet=columns.DANGERS.zh),
    )


def _seasons(given: ReportInput) -> tuple[Paragraph | Grid, ...]:
    """Say which villages lose their school in a season, and for how many months."""
    asked = given.plan.scenario.travel.seasons
    if not asked:
        return ()
    lost = given.tables.seasons
    if lost.empty:
        return (Paragraph(f"{'、'.join(season.name for season in asked)}期间没有学生因道路中断而失去学校。"),)
    lines = []
    for season, rows in lost.groupby("season", sort=False):
        gone = rows.loc[rows["outcome"] == "unreachable", "pupils"].sum()
        lines.append(
            f"{season}（历时{int(rows['month_count'].max())}个月）：{rows['village_id'].nunique()}个村的"
            f"{rows['pupils'].sum():,.1f}名学生到原学校超过时限或走不通，其中走不通{gone:,.1f}名。"
        )
    names = ["season", "name", "township", "band", "school", "pupils", "minutes_before", "minutes_season", "outcome",
             "other_minutes"]  # fmt: skip
    caption = "季节性失去学校的村"
    return (
        *(Paragraph(line) for line in lines),
        grid(columns.SEASONS, lost, names, caption, most=MOST_VILLAGES, sheet=columns.SEASONS.zh),
    )


def _coverage(coverage: pd.DataFrame | None) -> tuple[Paragraph | Grid, ...]:
    """Say how far the share within the limits depends on the speeds."""
    if coverage is None or coverage.empty:
        return ()
    whole = coverage.loc[coverage["band"] == "all"].set_index("speed_factor")["within_limit_share"]
    text = (
        f"速度是估计。若各种速度同时乘以{whole.index.min():g}至{whole.index.max():g}，时限内有学校的学生比例为"
        f"{whole.iloc[0]:.1%}至{whole.iloc[-1]:.1%}（不看学位）。"
    )
    names = ["speed_factor", "band", "pupils", "within_limit_share"]
    return (
        Paragraph(text),
        grid(columns.COVERAGE, coverage, names, "不同速度下的覆盖率", sheet=columns.COVERAGE.zh),
    )


def _schools(given: ReportInput) -> Section:
    schools = pd.DataFrame(given.tables.schools)
    is_open = schools["is_open"].astype(bool)
    crowded = schools[is_open & ((schools["load"] > 1) | (schools["class_size_max"] > 55.5))]
    crowded = crowded.sort_values(["class_size_max", "school_id"], ascending=[False, True])
    small = schools[is_open & (schools["pupils"] > 0) & (schools["pupils"] < 50)].sort_values(["pupils", "school_id"])
    changed = schools[schools["decision"].isin(["convert", "open", "board", "expand"])]
    names = ["name", "tier", "township", "pupils", "seats", "load", "classes", "classes_needed", "rooms_missing",
             "class_size_max"]  # fmt: skip
    marks = {
        "class_size_max": _class_mark,
        "load": lambda v: "warn" if v > 1 else "",
        "rooms_missing": _warn_if_positive,
    }
    few = ["name", "tier", "township", "pupils", "classes", "class_size_mean", "minutes_mean", "minutes_max"]
    other = ["name", "decision", "tier", "township", "pupils", "seats", "beds", "class_size_max"]
    table = columns.PLAN_SCHOOLS
    subs = (
        Sub("学校分布与学位", (map_figure(given, "load", "学校规模与学位使用率"),)),
        Sub("班额", (*(Paragraph(s) for s in class_sentences(given.tables)), _class_grid(schools[is_open]))),
        Sub("超员或有大班额的学校", _optional(table, crowded, names, "学生数超过学位或最大班额超过55人的学校", marks)),
        Sub("不足50人的学校", _optional(table, small, few, "学生不足50人的在办学校", {})),
        Sub("寄宿床位", beds_blocks(given.plan)),
        Sub("有调整的学校", _optional(table, changed, other, "改教学点、启用、寄宿或扩建的学校", marks)),
    )
    return Section("学校与班额", subs=subs)


def _optional(
    table: columns.Table,
    frame: pd.DataFrame,
    names: Sequence[str],
    caption: str,
    marks: Mapping[str, Callable[[Any], str]],
) -> tuple[Grid, ...]:
    if frame.empty:
        return ()
    return (grid(table, frame, names, caption, most=MOST_SCHOOLS, sheet="学校", marks=marks),)


def _class_grid(schools: pd.DataFrame) -> Grid:
    """Count classes by size for each kind of school."""
    names = ["classes_to_35", "classes_36_45", "classes_46_55", "classes_56_65", "classes_66_up"]
    present = [t.value for t in Tier if (schools["tier"].astype(str) == t.value).any()]
    by_tier = schools.assign(tier=schools["tier"].astype(str)).groupby("tier")[["classes", *names]].sum()
    frame = by_tier.reindex(present).reset_index()
    total = frame[["classes", *names]].sum().to_frame().T.assign(tier="合计")
    frame = pd.concat([frame, total], ignore_index=True)[["tier", "classes", *names]]
    marks = {"classes_56_65": _warn_if_positive, "classes_66_up": _bad_if_positive}
    return grid(columns.PLAN_SCHOOLS, frame, list(frame.columns), "按学校类别的班额分布", sheet="学校", marks=marks)


def moves_section(given: ReportInput) -> Section:
    """Say whose school changes against the parent plan, and what it does to their way."""
    if given.moves is None or given.parent_tables is None:
        return Section("撤并影响")
    moves = pd.DataFrame(given.moves)
    closed = _closures(given)
    if moves.empty:
        nobody = (Paragraph("与原方案相比，没有学生更换学校。"),)
        return Section("撤并影响", nobody, (Sub("撤并学校", closed),) if closed else ())
    who: list[Figure | Grid] = []
    if given.parent is not None:
        who.append(map_figure(given, "change", "上学单程时间的变化（与原方案相比）"))
    names = ["name", "township", "band", "pupils", "from_school", "to_school", "minutes_before", "minutes_after",
             "minutes_change"]  # fmt: skip
    worst = moves.sort_values(["minutes_change", "village_id", "band"], ascending=[False, True, True])
    marks = {"minutes_change": lambda v: "bad" if v > 15 else "warn" if v > 5 else "good" if v < -1 else ""}
    caption = "更换学校的学生（按路程增加从多到少）"
    who.append(grid(columns.MOVES, worst, names, caption, most=MOST_MOVES, sheet=columns.MOVES.zh, marks=marks))
    return Section(
        "撤并影响",
        tuple(Paragraph(s) for s in moves_sentences(moves)),
        (Sub("撤并学校", closed), Sub("涉及的村和学生", tuple(who))),
    )


def _closures(given: ReportInput) -> tuple[Grid, ...]:
    """List what closing each school means, with its pupils on the register beside those of the model."""
    if given.impact is None or pd.DataFrame(given.impact).empty:
        return ()
    frame = pd.DataFrame(given.impact)
    schools = pd.DataFrame(given.plan.county.schools)
    names = ["name", "township", "pupils", "villages", "minutes_mean_before", "minutes_mean_after", "minutes_max_after",
             "pupils_g1_3_over_30", "boarders_added", "unassigned", "receiving", "largest_class"]  # fmt: skip
    extra = {}
    if "enrolment" in schools and schools["enrolment"].notna().any():
        register = dict(zip(schools["school_id"], schools["enrolment"], strict=True))
        frame = frame.assign(enrolment=pd.array([register.get(i, pd.NA) for i in frame["school_id"]], dtype="Int64"))
        extra = {"enrolment": columns.Column("enrolment", "int", "现有在校生", "enrolment", "人")}
        names.insert(2, "enrolment")
    marks = {"pupils_g1_3_over_30": _bad_if_positive, "unassigned": _bad_if_positive, "largest_class": _class_mark}
    caption = "每所撤并学校的学生（现有在校生取自学校表，其余为测算）" if extra else "每所撤并学校的学生"
    return (grid(columns.CLOSURES, frame, names, caption, sheet=columns.CLOSURES.zh, extra=extra, marks=marks),)


def _findings(given: ReportInput) -> Section:
    frame = findings_frame(given.findings)
    blocks: list[Paragraph | Grid] = [Paragraph(finding_sentence(frame, _rule_titles(given.plan.scenario.rules)))]
    if len(frame):
        names = ["severity", "subject_name", "message", "source", "confidence"]
        marks = {"severity": lambda v: {"veto": "bad", "error": "bad", "warning": "warn"}.get(str(v), "")}
        caption = "规则检查结果"
        blocks.append(grid(columns.FINDINGS, frame, names, caption, most=MOST_FINDINGS, sheet="规则检查", marks=marks))
    return Section("规则检查", tuple(blocks))


def _rule_titles(rule_ids: Sequence[str]) -> list[str]:
    """Name the rule sets by their titles, so that a delegate knows them."""
    return [f"{rule_set.title_zh}（{rule_set.id}）" for rule_set in load_rule_sets(rule_ids)]


def _method(given: ReportInput) -> Section:
    flaws = [*given.plan.county.checks]
    font = font_flaw()
    if font is not None:
        flaws.append(font)
    checks: tuple[Paragraph | Grid, ...] = (Paragraph("读入数据时没有发现问题。"),)
    if flaws:
        frame = checks_frame(flaws)
        names = ["severity", "file", "row", "what", "mend"]
        checks = (grid(columns.CHECKS, frame, names, "读入数据时发现的问题", most=MOST_FINDINGS, sheet="数据检查"),)
    return Section(
        "数据与方法",
        subs=(
            Sub("数据", (Points(tuple(data_notes(given.plan))),)),
            Sub("口径与参数", (Points(tuple(method_notes(given.plan, by_model=_by_model(given)))),)),
            Sub("学生数校准", (*calibration_blocks(given.plan), *_disagreement(given))),
            Sub("自然村归并", _units(given.tables.units)),
            Sub("数据检查", checks),
        ),
    )


def _by_model(given: ReportInput) -> bool:
    """Tell whether the optimiser itself sent the pupils where they go."""
    asked = given.layout.asked if given.layout is not None else None
    return asked is not None and asked.assign_by == "model"


def _units(loss: pd.DataFrame) -> tuple[Paragraph | Grid, ...]:
    """Say what grouping cells into natural villages costs in accuracy."""
    if loss.empty:
        return ()
    whole = loss.set_index("band").loc["all"]
    text = (
        f"{whole['cells']:,.0f}个人口栅格按步行路程归并为{whole['units']:,.0f}个自然村（离中心不超过{whole['radius_m']:g}米）。"
        f"与逐个栅格计算相比，步行到最近学校的单程时间平均差{whole['error_mean']:.1f}分钟，"
        f"{whole['moved']:,.0f}名学生（{whole['moved_share']:.1%}）的最近学校不同。"
    )
    names = ["band", "pupils", "minutes_cells", "minutes_units", "error_mean", "error_p95", "within_cells",
             "within_units", "moved_share"]  # fmt: skip
    return (Paragraph(text), grid(columns.UNITS, loss, names, "归并为自然村的误差", sheet=columns.UNITS.zh))


def _disagreement(given: ReportInput) -> tuple[Figure, ...]:
    """Draw where known pupils and estimates disagree."""
    if not is_compared(given.plan):
        return ()
    return (map_figure(given, "roster", "报表学生数与推算学生数之比（校准前）"),)


def map_figure(given: ReportInput, kind: Kind, caption: str, band: GradeBand | None = None) -> Figure:
    """Draw a static map into the document."""
    figure = static_map(given.plan, given.tables, kind=kind, band=band, before=given.parent)
    data = base64.b64encode(figure_png(figure)).decode("ascii")
    alt = f"{given.plan.county.name}地图：{caption}。图中数字见工作簿“各村”“学校”表。"
    return Figure(caption, f"data:image/png;base64,{data}", alt)


def _bad_if_positive(value: float) -> str:
    return "bad" if value > 0.05 else ""


def _warn_if_positive(value: float) -> str:
    return "warn" if value > 0 else ""


def _warn_if_negative(value: float) -> str:
    return "warn" if value < -0.05 else ""


def _class_mark(value: float) -> str:
    return "bad" if value > 65.5 else "warn" if value > 55.5 else ""

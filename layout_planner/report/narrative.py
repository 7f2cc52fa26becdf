"""What a plan says in sentences: decisions, method, data; the same words in workbook and report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from layout_planner import __version__
from layout_planner.grades import GradeBand
from layout_planner.report.words import code_word, join_names, persons, tidy

if TYPE_CHECKING:
    from layout_planner.plan import Plan

__all__ = ["Fact", "cover_facts", "data_as_of", "data_notes", "decision_sentences", "method_notes", "plan_title"]

CAVEATS = (
    "本报告由布局测算得出，供论证和听证使用；撤并学校须按规定程序征求意见、公示、论证和审批，测算结果不能代替这些程序。",
    "“最近学校入学率”是描述性指标，不是合法性判断；就近入学以教育行政部门划定的施教区为准。",
    "时间按路网和统一速度推算，未计天气、季节性断路和等候校车的个别情况；边远居民点应实地走测后再作决定。",
)


@dataclass(frozen=True)
class Fact:
    """A heading with its lines."""

    head: str
    lines: tuple[str, ...] = ()


def plan_title(plan: Plan, lang: str = "zh") -> str:
    """Name the document."""
    if lang != "zh":
        return f"{plan.county.name}: school layout, {plan.scenario.title_en or plan.label}"
    return f"{plan.county.name}义务教育学校布局测算：{plan.label}"


def data_as_of(plan: Plan, lang: str = "zh") -> str:
    """Say of which school year the data are, from the enrolment table."""
    years = plan.county.enrolment["year"] if "year" in plan.county.enrolment else pd.Series(dtype="int64")
    if years.dropna().empty:
        return "数据文件未注明学年" if lang == "zh" else "the data name no school year"
    year = int(years.max())
    return f"{year}—{year + 1}学年初" if lang == "zh" else f"school year {year}/{year + 1}"


def decision_sentences(plan: Plan) -> list[str]:
    """Say in Chinese what people decided, one sentence a kind of decision."""
    schools, decided = plan.schools, plan.scenario.decisions
    names = dict(zip(schools["school_id"].astype(str), schools["name"].astype(str), strict=True))

    def called(ids: Iterable[str]) -> str:
        return join_names([f"{names.get(i, i)}（{i}）" for i in ids], most=30)

    sentences = []
    kinds = (
        (decided.close, "撤并学校{n}所：{names}。"),
        (decided.convert_to_teaching_point, "改为教学点（只留一至三年级）{n}所：{names}。"),
        (decided.lift_to_full_primary, "由教学点办成完全小学{n}所：{names}。"),
        (decided.open, "启用或恢复学校{n}所：{names}。"),
    )
    for ids, sentence in kinds:
        if ids:
            sentences.append(sentence.format(n=len(ids), names=called(ids)))
    given_up = [code for code, count in decided.board.items() if not count]
    if given_up:
        sentences.append(f"停办寄宿{len(given_up)}所：{called(given_up)}。")
    beds = [f"{names.get(i, i)}（{i}）{n}张" for i, n in decided.board.items() if n]
    if beds:
        sentences.append(f"设置寄宿床位{sum(decided.board.values()):,}张：{join_names(beds, most=30)}。")
    if decided.add_classrooms:
        rooms = [f"{names.get(i, i)}（{i}）{n}间" for i, n in decided.add_classrooms.items()]
        sentences.append(f"新增教室{sum(decided.add_classrooms.values()):,}间：{join_names(rooms, most=30)}。")
    return sentences


_PROVEN = 1e-6
_OVERFLOW = {
    "least_minutes": "同一类别人多于学位时，改去别处多走得最少的先统筹（这一类的总时间最小）",
    "farthest": "同一类别人多于学位时，离校远的先统筹",
    "lottery": "同一类别人多于学位时，每个居民点每个年级段抽一个号，按号统筹",
}


def method_notes(plan: Plan, *, by_model: bool = False) -> list[str]:
    """Say in Chinese how the numbers came about: minutes, limits, speeds, assignment, classes.

    Parameters
    ----------
    plan : Plan
    by_model : bool
        Whether the optimiser sent the pupils where they go, not the scenario's method.
    """
    travel, demand, classes = plan.scenario.travel, plan.scenario.demand, plan.scenario.classes
    bands = list(GradeBand)
    walk = _by_band(bands, travel.walk_limit_min, "分钟")
    ride = _by_band([b for b in bands if b in travel.ride_limit_min], travel.ride_limit_min, "分钟")
    speed = _by_band(bands, travel.walk_speed_kmh, "公里/小时")
    source = "人口栅格" if demand.source == "raster" else "村表"
    calibrated = {
        "none": "未作校准",
        "county": "校准到全县学生总数",
        "townships": "校准到各乡镇学生数",
        "enrolment": "校准到全县各年级在校生数",
        "schools": "校准到各校各年级在校生数（每个居民点归直线最近的、开设该年级的在办学校）",
    }[demand.calibrate_to]
    estimated = "由栅格推算的人数带小数，是估计数。" if demand.source == "raster" else ""
    wait = f"含步行到站、候车和上下车{travel.ride_wait_min:g}分钟"
    method = {
        "nearest": "每名学生去最近的、开设其年级的在办学校，不考虑学位",
        "capacitated": "在学位约束下使全县总时间最小，学位不够的学生单列",
    }[plan.scenario.assign.method]
    if by_model:
        method = "学生的去向由布局优化在学位、班额和各项规定下与学校去留一起确定"
    elif plan.scenario.assign.closest_first:
        method += "，近处有空位时不舍近求远"
    if plan.scenario.assign.whole_units:
        method = "在学位约束下，每个居民点的每个年级段整体去一所学校，先使有学位的学生最多，再使全县总时间尽量小"
    elif plan.scenario.assign.closest_first:
        pass
    elif plan.scenario.assign.beyond_seats == "overload":
        method = "学位不够时就近超员安排，先使超员的学生最少，再使全县总时间最小"
    elif plan.seat_factor > 1:
        method = f"学位不够，各校学位一律按{plan.seat_factor:.3f}倍放宽，再使全县总时间最小"
    if plan.grades is not None:
        method += "；学位按年级计算，各年级不互相占用"
    if plan.proof is not None:
        gap = (plan.proof[0] - plan.proof[1]) / max(abs(plan.proof[0]), 1e-9)
        method += "，已证明总时间最小" if gap < _PROVEN else f"，已证明总时间与最小值相差不超过{gap:.2%}"
    admission = plan.scenario.assign.admission
    if admission is not None and not by_model:
        order = "、".join(code_word("claim", claim, "zh") for claim in admission.order)
        method = f"按{order}的次序分批安排学位，{_OVERFLOW[admission.overflow]}，学位不够的学生单列"
    ruled = admission is not None or plan.scenario.assign.closest_first or plan.scenario.assign.whole_units
    if ruled and not by_model and plan.scenario.assign.beyond_seats == "overload":
        method = method.replace("，学位不够的学生单列", "") + "，安排不下的就近超员"
    elif ruled and not by_model and plan.seat_factor > 1:
        method += f"，各校学位一律按{plan.seat_factor:.3f}倍放宽"
    return [
        f"学生：取自{source}，{calibrated}。{estimated}",
        "时间：均为单程，从居民点沿道路到校门，含住处到最近道路的一段。",
        f"步行：时限{walk}；速度{speed}。",
        f"乘车：时限{ride}，{wait}；以有车可乘为前提，须逐线落实。" if ride else "乘车：本情景不考虑乘车。",
        "方式：步行时限内步行；否则乘车时限内乘车；四年级以上可在有床位的学校寄宿；都不行的按较快方式计，列为超出时限。",
        f"搜索上限{travel.cutoff_min:g}分钟，超过即视为到不了；住处离道路超过{travel.snap_limit_m:,.0f}米的列为不可达。",
        f"分配：{method}。",
        f"班额上限：完全小学{classes.primary}人，初中{classes.junior}人，教学点{classes.incomplete_primary}人"
        "（GB 50099—2011）；56—65人为大班额，66人及以上为超大班额。",
    ]


def _by_band(bands: Sequence[GradeBand], numbers: dict[GradeBand, float], unit: str) -> str:
    return "，".join(f"{b.label_zh}{numbers[b]:g}{unit}" for b in bands if b in numbers)


def data_notes(plan: Plan) -> list[str]:
    """Say in Chinese which data were used and of when."""
    county = plan.county
    demand = county.demand
    parts = [f"学校表：{data_as_of(plan)}，共{len(county.schools):,}所（含停办和拟建）。"]
    if demand is not None:
        kinds = set(demand["kind"].astype(str))
        total = sum(float(demand[b.pupils_column].sum()) for b in GradeBand)
        place = f"{county.cell_m:.0f}米栅格" if kinds == {"cell"} else "村" if kinds == {"village"} else "居民点"
        parts.append(f"需求点：{len(demand):,}个{place}，学生{persons(total)}人。")
    parts.append(f"坐标系：{county.crs.name}，长度单位为米。")
    if county.inputs:
        parts.append("数据文件：" + "、".join(sorted({item.path.name for item in county.inputs})) + "。")
    return parts


def cover_facts(plan: Plan, lang: str = "zh", *, by_model: bool = False) -> list[Fact]:
    """Collect the paragraphs of a workbook's cover; the first is the title. ``by_model`` as in method_notes."""
    if lang != "zh":
        return [
            Fact(plan_title(plan, lang)),
            Fact("Scenario", (plan.label,)),
            Fact("Data as of", (data_as_of(plan, lang),)),
            Fact("Version", (f"layout_planner {__version__}",)),
        ]
    decisions = tuple(decision_sentences(plan)) or ("维持现有学校，不作调整。",)
    facts = [
        Fact(plan_title(plan)),
        Fact("情景", (plan.label + (f"（与“{plan.parent}”比较）" if plan.parent else ""),)),
    ]
    if plan.scenario.note:
        facts.append(Fact("说明", (tidy(plan.scenario.note),)))
    return [
        *facts,
        Fact("数据时点", (data_as_of(plan),)),
        Fact("决定", decisions),
        Fact("数据", tuple(data_notes(plan))),
        Fact("口径", tuple(method_notes(plan, by_model=by_model))),
        Fact("提示", CAVEATS),
        Fact("软件", (f"layout_planner {__version__}",)),
    ]

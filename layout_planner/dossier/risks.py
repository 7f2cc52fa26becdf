"""The risks of a merger that the State Council's opinion names, each with what was measured and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layout_planner.dossier.blocks import Grid, Head, Para, Section, or_blank
from layout_planner.dossier.cases import CONVERT
from layout_planner.dossier.facts import BLANK, Facts, joined
from layout_planner.dossier.ledger import Line, line, unsigned
from layout_planner.dossier.receivers import largest_class

if TYPE_CHECKING:
    from layout_planner.dossier.ledger import Row

__all__ = ["risk_section"]


def risk_section(facts: Facts, code: str) -> Section:
    """Go through the list of 国办发〔2012〕48号 (RULES A4.8), measured where it can be."""
    impact = facts.ledger.row("case_impact", school_id=code)
    convert = facts.cases.decided[code] == CONVERT
    flows = [row for row in facts.ledger.rows("case_flows", school_id=code) if row.raw("to_school_id")]
    taking = [facts.ledger.row("case_receiving", school_id=row.raw("to_school_id")) for row in flows]
    rows = (
        ("交通安全", _traffic(impact), "实地走测，整治路口路段，落实校车和照管人员"),
        ("就餐和营养", _meals(impact, convert=convert),
         "接收学校统一供餐，落实营养改善计划"),
        ("学生适应", line("换校学生{}人", impact.about("pupils")), "过渡期安排原校教师随班照料，开展心理辅导"),
        ("留守儿童", line("人数由学校填写：" + BLANK), "逐一建档，确定监护和接送人"),
        ("家庭负担", _burden(impact), "落实校车补助、寄宿生生活补助"),
        ("大班额", _classes(taking), "先增教室和教师，后接收；班额不达标的不接收"),
        ("辍学", _some(impact, "longer", "路途变远的学生{}人", "没有学生路途明显变远"),
         "开学核对学籍，控辍保学责任到人"),
        ("寄宿质量", _some(impact, "boarders", "寄宿学生{}人", "没有学生因此寄宿"),
         "配齐生活教师、床位和热水、取暖条件"),
        ("校舍闲置", _idle(facts, code),
         "优先改办幼儿园等教育用途，明确管护人"),
        ("乡村文化和村民感情", line("涉及{}个村（社区）", impact["villages"]),
         "入户听取意见，学校继续办好低年级" if convert else "入户听取意见，保留校名和纪念物，校舍向村民开放"),
    )  # fmt: skip
    heads = (Head("风险", "", 1.6), Head("测算情况", "", 3.2), Head("应对措施", "", 3.6), Head("责任人", "", 1.3))
    cells = tuple((name, found, measure, BLANK) for name, found, measure in rows)
    table = Grid("风险和应对措施", heads, cells)
    told = line("按国家关于规范学校布局调整的要求逐项列出，供社会稳定风险评估使用；责任人由承办单位填写。")
    return Section("影响和风险", (Para(told), table))


def _traffic(impact: Row) -> Line:
    modes = (("riders", "乘车"), ("walkers", "步行"), ("boarders", "寄宿"))
    parts = [line("{}{}人", word, impact.about(column)) for column, word in modes if impact.raw(column)]
    said = joined(parts) if parts else line("没有学生换校")
    if impact.raw("exposed"):
        return said + line("，其中途经须核对路段的{}人", impact.about("exposed"))
    return said + line("；道路数据未见危险路段，须实地核对")


def _burden(impact: Row) -> Line:
    if not impact.has("minutes_change"):
        return line("由学校和村填写：" + BLANK)
    verb = "增加" if float(impact.raw("minutes_change")) >= 0 else "减少"
    return line("走读学生单程平均{}{}分钟", verb, unsigned(impact["minutes_change"]))


def _classes(taking: list[Row]) -> Line:
    known = [row for row in taking if row.has("class_max_after")]
    if not known:
        return line("待定")
    worst = max(known, key=lambda row: float(row.raw("class_max_after")))
    return line("{}", worst.name("name")) + largest_class(worst)


def _some(impact: Row, column: str, some: str, none: str) -> Line:
    return line(some, impact.about(column)) if impact.raw(column) else line(none)


def _meals(impact: Row, *, convert: bool) -> Line:
    if convert:
        return line("一至三年级学生仍在本校就读；高年级学生在接收学校就餐")
    some = "单程超过半小时的一至三年级学生{}人，中午难以回家"
    return _some(impact, "far_young", some, "没有一至三年级学生单程超过半小时")


def _idle(facts: Facts, code: str) -> Line:
    if facts.cases.decided[code] == CONVERT:
        return line("高年级教室腾出" + BLANK + "间")
    said, school = facts.stated(code), facts.ledger.row("case_schools", school_id=code)
    area = said if said.has("building_m2") else school
    return line("校舍{}平方米", or_blank(area, "building_m2"))

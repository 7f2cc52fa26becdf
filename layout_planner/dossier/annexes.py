"""What every document of a merger ends with: the calendar, the records that people fill in, the sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layout_planner.dossier.blocks import Form, Para, Section, grid, or_blank
from layout_planner.dossier.facts import BLANK, BLANK_DAY, Facts
from layout_planner.dossier.ledger import Entry, Line, Name, Row, line
from layout_planner.report.narrative import data_as_of

if TYPE_CHECKING:
    from layout_planner.dossier.blocks import Block

__all__ = ["calendar_section", "records_section", "signature", "sources_section"]

_CITED = (
    "cn.gbf2018-27.time", "cn.gbf2018-27.boarding", "cn.gbf2018-27.small", "cn.gb50099-2011.class-primary",
    "cn.gb50099-2011.class-incomplete", "cn.gb50099-2011.class-junior", "cn.gbf2012-48.procedure",
    "cn.sc713.notice", "cn.sc713.hearing-papers", "cn.sc713.legality", "cn.bb2014-72.primary", "cn.bb2014-72.junior",
    "cn.gb24407-2012.occupants", "local.gansu.hold",
)  # fmt: skip


def calendar_section(facts: Facts, code: str = "") -> Section:
    """Show the steps of the procedure with their earliest dates, for one school or for all."""
    rows = facts.calendar(code)
    shown = [("step", "", 2.1), ("days", "", 1.5), ("from_day", "", 2.05), ("to_day", "", 2.05), ("output", "", 1.8),
             ("rule", "", 2.5)]  # fmt: skip
    head = line("各步骤的最早日期从公示开始之日推算，期间开始的当日不计入。")
    if not facts.dates.published_on:
        head = line("公示开始之日：" + BLANK_DAY + "（待定）。") + line("其余步骤从这一天推算，期间开始的当日不计入。")
    note = line("工作日按周一至周五计，法定节假日和调休每年另行公布，须由承办人顺延；可信度见“依据和资料来源”。")
    return Section("程序和日程", (Para(head), grid("程序日程", rows, shown, note=note)))


def records_section(facts: Facts, code: str) -> Section:
    """Leave room for what only people can say: opinions, votes, risk, review, decision."""
    said, dates = facts.stated(code), facts.dates
    by = said.name("decided_by") if said.has("decided_by") else BLANK
    rows = (
        ("专家论证", line(
            "论证意见：" + BLANK + "　专家签名：" + BLANK + "　{}", _day(facts, "专家论证", dates.argued_on),
        )),
        ("公示和意见", line("{}收到意见" + BLANK + "条，采纳" + BLANK + "条；不采纳的理由：" + BLANK, _notice(facts))),
        ("家长意见", line("应征求" + BLANK + "户，{}", _votes(said, "parents"))),
        ("听证会", line(
            "{}，地点" + BLANK + "，听证代表" + BLANK + "人，{}", _day(facts, "听证会", dates.hearing_on),
            _votes(said, "delegates"),
        )),
        ("社会稳定风险", line(
            "☐低风险　☐中风险　☐高风险；防范措施：" + BLANK + "　{}",
            _day(facts, "社会稳定风险评估", dates.risk_assessed_on),
        )),
        ("合法性审查", line(
            "☐合法　☐修改后合法　☐不合法；审查意见：" + BLANK + "　{}", _day(facts, "合法性审查", dates.legality_until),
        )),
        ("集体讨论决定", line(
            "会议" + BLANK + "，结论：☐同意　☐不同意　☐暂缓　{}", _day(facts, "集体讨论决定", dates.decided_on),
        )),
        ("批准（备案）机关", line("{}　文号" + BLANK + "　{}", by, _day(facts, "报批、备案", dates.approved_on))),
    )  # fmt: skip
    filled = any(said.has(name) for name in ("parents_for", "parents_against", "delegates_for", "delegates_against"))
    told = "已填的人数和日期由承办人在测算前填报，空格处继续填写。" if filled else "空格处由承办人填写，签名后归档。"
    tail = Para(line("多数家长或者听证代表反对的，不得强行撤并。"), strong=True)
    return Section("论证、听证和审批记录", (Para(line(told)), Form("论证、听证和审批记录", rows), tail))


def _votes(said: Row, who: str) -> Line:
    """Give the votes that were stated, or room for them."""
    yes, no = (or_blank(said, column) for column in (f"{who}_for", f"{who}_against"))
    return line("赞成{}人，反对{}人", yes, no)


def _day(facts: Facts, step: str, given: str) -> Entry | str:
    """Give the day on which a step was done where people stated it, or room for it."""
    return facts.step(step)["to_day"] if given else BLANK_DAY


def _notice(facts: Facts) -> Line:
    """Say from when until when the notice was open, where people stated both."""
    stated = facts.cases.scenario.hearing.procedure
    if stated.published_on is None or stated.comments_until is None:
        return line("")
    row = facts.step("公示、公开征求意见")
    return line("{}至{}公示，", row["from_day"], row["to_day"])


def sources_section(facts: Facts) -> Section:
    """List the rules with their confidence, the data and how the numbers came about."""
    ledger = facts.ledger
    rules = [row for row in ledger.rows("case_rules") if row.raw("rule_id") in _CITED]
    shown = [("title", "规定", 4.6), ("source", "文件", 2.8), ("confidence", "可信度", 1.2)]
    plan = facts.cases.after
    data: list[Block] = [
        Para(line(
            "数据时点：{}。学校、教师、校舍取自学校表；学生住处{}；时间按道路网推算，步行时限一至三年级{}分钟、四至六年级{}分钟、"
            "七至九年级{}分钟，乘车另计候车{}分钟。", Name(data_as_of(plan)),
            "由人口栅格推算" if plan.scenario.demand.source == "raster" else "取自村表",
            *(facts.parameter(f"travel.walk_limit_min.{band}") for band in ("G1-3", "G4-6", "G7-9")),
            facts.parameter("travel.ride_wait_min"),
        )),
    ]  # fmt: skip
    data.append(Para(line("时间未计天气、季节性断路和个别等候；路途、校舍安全和人数在决定前须实地核对。")))
    return Section(
        "依据和资料来源", (grid("主要依据", rules, shown) if rules else Para(line("依据见情景所列规则集。")), *data)
    )


def signature(facts: Facts) -> tuple[Para, Para]:
    """Sign for the county's education bureau, with a blank date."""
    return Para(line("{}教育局", facts.county), kind="right"), Para(line(BLANK_DAY), kind="right")

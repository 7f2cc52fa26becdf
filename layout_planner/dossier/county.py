"""The county's plan: what is to change, school by school, with figures before and after, steps and safeguards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layout_planner.dossier.annexes import calendar_section, signature, sources_section
from layout_planner.dossier.blocks import (
    Block,
    Document,
    Form,
    Grid,
    Head,
    Para,
    Picture,
    Section,
    Sub,
    grid,
    numbered,
    or_blank,
)  # fmt: skip
from layout_planner.dossier.facts import BLANK, COUNTY, Facts, joined
from layout_planner.dossier.ledger import Line, Name, already, line, unsigned
from layout_planner.dossier.money import money_sub
from layout_planner.dossier.receivers import SEATS, rooms_short, seats_note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layout_planner.dossier.ledger import Row

__all__ = ["county_document", "schools_grid"]

_PRINCIPLES = (
    "坚持以人为本、就近入学，把学生安全、家长负担和教育质量放在首位，应留必留，不因学生人数少而撤并。",
    "一至三年级学生不寄宿、就近走读，路途时间一般不超过半小时；四至六年级以走读为主，确有需要的可以寄宿。",
    "先建后撤、平稳过渡，接收学校的学位、宿舍、食堂、校车没有到位的，不撤并。",
    "撤并须经论证、公示、听证和报批，多数家长或者听证代表反对的，不得强行撤并。",
)
_SAFEGUARDS = (
    ("组织领导", "牵头单位：" + BLANK + "　责任人：" + BLANK), ("经费", "资金来源：" + BLANK + "　列入预算：☐是　☐否"),
    ("师资", "调配和培训安排：" + BLANK), ("接送和安全", "校车、道路、道口整治安排：" + BLANK),
    ("过渡期", "时间和安排：" + BLANK), ("跟踪评估", "评估时间和负责单位：" + BLANK),
)  # fmt: skip


def county_document(facts: Facts) -> Document:
    """Put the county's plan together."""
    title = f"{facts.county.text}中小学布局调整方案"
    ledger = facts.ledger
    ledger.reader = title
    sections = (
        _summary(facts),
        Section("调整原则", tuple(Para(line(text)) for text in _PRINCIPLES)),
        Section("分校调整意见", (schools_grid(facts), *_reasons(facts))),
        _flows(facts),
        _receiving(facts),
        Section("教师和经费", money_sub(facts, "").blocks),
        _figures(facts),
        _vetoes(facts),
        calendar_section(facts),
        Section("保障措施", (Form("保障措施", tuple((label, line(text)) for label, text in _SAFEGUARDS)),)),
        sources_section(facts),
    )
    told = numbered(sections)
    last = told[-1]
    closing = Section(last.title, (*last.blocks, *signature(facts)), last.subs, last.number)
    ledger.reader = ""
    return Document("全县布局调整方案", title, line("（征求意见稿）"), (*told[:-1], closing))


def _summary(facts: Facts) -> Section:
    """Say what changes in the whole county."""
    ledger, total = facts.ledger, facts.ledger.row("case_total")
    opened, pupils = (ledger.row("case_county", indicator=code) for code in ("schools_open", "pupils"))
    parts = [
        line("{}{}所", word, total[column])
        for column, word in (("closed", "撤并"), ("converted", "改为教学点"))
        if total.raw(column)
    ]
    blocks: list[Block] = [
        Para(line(
            "{}现有义务教育阶段学生{}人（按居住地推算），在办学校{}所。本方案拟{}，调整后在办学校{}所；涉及{}个村（社区）的学生{}人。",
            facts.county, pupils["after"], opened["before"], joined(parts), opened["after"], total["villages"],
            total.about("pupils"),
        )),
        *_ways(total),
    ]  # fmt: skip
    if facts.compared is not None:
        blocks.append(Para(facts.compared))
    works = [
        line("{}{}" + unit, word, total[column])
        for column, word, unit in (
            ("opened", "新办或恢复学校", "所"), ("lifted", "办成完全小学", "所"), ("rooms_added", "新增教室", "间"),
            ("beds_added", "新增床位", "张"), ("beds_removed", "停用床位", "张"),
        )
        if total.raw(column)
    ]  # fmt: skip
    if works:
        blocks.append(
            Para(line("本方案同时拟{}；下文调整后的班额、缺教室、寄宿等均按这些全部落实测算。", joined(works)))
        )
    open_points = [
        line("{}项" + word, total[column])
        for column, word in (("vetoes", "须先解除"), ("open_questions", "待核实"))
        if total.raw(column)
    ]
    if open_points:
        said = line("对照不得强行撤并的情形，各校合计有{}；在解除、核实以前不得实施。", joined(open_points))
        blocks.append(Para(said, strong=True))
    if total.raw("note"):
        blocks.append(Para(line("情景说明：{}", total["note"])))
    blocks.append(Para(line(
        "本方案由布局测算形成，供论证、公示和听证使用，不是决定。数字后的上标为所附《数据台账》的编号；画线和空格处由承办人填写。"
    )))  # fmt: skip
    return Section("总体情况", tuple(blocks))


def _ways(total: Row) -> Iterator[Para]:
    """Say what the change does to the way to school, as far as anybody is concerned."""
    counted = (
        ("longer", "单程增加一分钟以上的"), ("riders", "须乘车的"), ("boarders", "寄宿的"),
        ("far_young", "一至三年级单程超过半小时的"), ("beyond", "步行、乘车都超出时限的"),
        ("unassigned", "没有学校可去的"),
    )  # fmt: skip
    parts = [
        line("{}{}人", word, total.about(column)) + already(total, column)
        for column, word in counted
        if total.raw(column)
    ]
    if parts:
        yield Para(line("换校学生中，{}。", joined(parts, between="，")))


def schools_grid(facts: Facts) -> Grid:
    """List the schools concerned with what becomes of them, who is concerned and the way before and after."""
    heads = (
        Head("学校", "", 2.6), Head("拟调整为", "", 1.3), Head("在校生", "人", 1.1, number=True),
        Head("换校学生", "人", 1.3, number=True), Head("接收学校", "", 2.6),
        Head("原平均时间", "分钟", 1.3, number=True), Head("新平均时间", "分钟", 1.3, number=True),
        Head("须先解除", "项", 1.2, number=True), Head("待核实", "项", 1.1, number=True),
    )  # fmt: skip
    rows, refs = [], []
    for code in facts.cases.decided:
        school, impact = (facts.ledger.row(name, school_id=code) for name in ("case_schools", "case_impact"))
        rows.append((
            school.name("name"), school.name("role"), or_blank(school, "enrolment"), impact["pupils"],
            _receivers(facts, code), impact["minutes_before"], impact["minutes_after"], impact["vetoes"],
            impact["open_questions"],
        ))  # fmt: skip
        refs.append(f"{school.ref} {impact.ref}")
    note = line("“在校生”取自学校表，“换校学生”按居住地推算，口径不同；各校详情见一校一案。")
    return Grid("分校调整表", heads, tuple(rows), tuple(refs), note)


def _receivers(facts: Facts, code: str) -> Line:
    rows = [row for row in facts.ledger.rows("case_flows", school_id=code) if row.raw("to_school_id")]
    return joined([line("{}", row.name("to_school")) for row in rows]) if rows else line("待定")


def _reasons(facts: Facts) -> tuple[Block, ...]:
    """Leave room for the reason of every change: the computer has none."""
    rows = tuple((str(facts.cases.name_of(code)), line(BLANK * 3)) for code in facts.cases.decided)
    return (Form("逐校调整理由", rows),)


def _flows(facts: Facts) -> Section:
    rows = facts.ledger.rows("case_flows")
    shown = [
        ("name", "原学校", 2.6), ("to_school", "拟去学校", 2.8), ("shown", "学生（人）", 1.0), ("walkers", "步行", 0.9),
        ("riders", "乘车", 0.9), ("boarders", "寄宿", 0.9), ("minutes_before", "原平均时间", 1.2),
        ("minutes_after", "新平均时间", 1.2), ("minutes_max", "新最长时间", 1.2),
    ]  # fmt: skip
    blocks: list[Block] = [grid("学生分流汇总", rows, shown)] if rows else []
    if COUNTY in facts.pictures:
        approval = facts.cases.scenario.publish.approval
        caption = f"上学单程时间的变化（{approval}）"
        blocks.append(Picture(caption, facts.pictures[COUNTY], "全县各地学生上学单程时间的变化和撤并学校的位置"))
    return Section("学生分流", tuple(blocks))


def _receiving(facts: Facts) -> Section:
    rows = facts.ledger.rows("case_receiving")
    if not rows:
        return Section("接收学校")
    short = [row for row in rows if int(row.raw("seats_left")) < 0 or int(row.raw("rooms_missing")) > 0]
    said: list[Block] = []
    if short:
        said.append(Para(line(
            "学位或教室不足的接收学校：{}。须先补足，后接收。",
            joined([_short(row) for row in short], between="；"),
        ), strong=True))  # fmt: skip
    return Section("接收学校", (*said, grid("接收学校的学位和班额", rows, SEATS, note=seats_note(rows))))


def _short(row: Row) -> Line:
    parts = []
    if int(row.raw("seats_left")) < 0:
        parts.append(line("缺学位{}个", unsigned(row["seats_left"])))
    if int(row.raw("rooms_missing")) > 0:
        parts.append(rooms_short(row))
    return line("{}", row.name("name")) + joined(parts, between="，")


def _figures(facts: Facts) -> Section:
    rows = facts.ledger.rows("case_county")
    heads = (Head("指标", "", 3.2), Head("单位", "", 0.9), Head("调整前", "", 1.4, number=True),
             Head("调整后", "", 1.4, number=True), Head("变化", "", 1.3, number=True))  # fmt: skip
    cells = tuple((row["label"], row["unit"], row["before"], row["after"], row.signed("change")) for row in rows)
    note = line(
        "“调整前”为“{}”，学生按居住地推算；班额、缺教室为按规定班额编班的推算。", Name(facts.cases.before.label)
    )
    table = Grid("全县主要指标", heads, cells, tuple(row.ref for row in rows), note)
    return Section("全县主要指标", (table,))


def _vetoes(facts: Facts) -> Section:
    """List what forbids a merger by force, of all schools."""
    rows = facts.ledger.rows("vetoes", veto="triggered")
    if not rows:
        said = Para(line("测算没有发现须先解除的情形；待核实的情形见各校一校一案。"))
        return Section("不得强行撤并的情形", (said,))
    heads = (Head("学校", "", 2.2), Head("情形", "", 3.2), Head("依据事实", "", 2.8), Head("怎样解除", "", 2.2))
    cells = tuple((row.name("name"), row["title"], row["evidence"], row["mend"]) for row in rows)
    table = Grid("须先解除的情形", heads, cells, tuple(row.ref for row in rows))
    return Section("不得强行撤并的情形", (), (Sub("须先解除的情形", (table,)), Sub("待核实的情形", (Para(line(
        "家长和听证代表的意见、道路实地查看、校车、宿舍、食堂和接收学校是否建成等只有人才知道的事项，见各校一校一案，逐项核实。"
    )),))))  # fmt: skip

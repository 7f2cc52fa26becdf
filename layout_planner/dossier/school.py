"""The dossier of one school (一校一案): from its present state to the calendar, the risks and what people fill in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from layout_planner.dossier.annexes import calendar_section, records_section, sources_section
from layout_planner.dossier.blocks import (
    Block,
    Document,
    Form,
    Para,
    Picture,
    Section,
    Sub,
    grid,
    numbered,
    or_blank,
)  # fmt: skip
from layout_planner.dossier.calendar import HOLD
from layout_planner.dossier.cases import CONVERT
from layout_planner.dossier.facts import BLANK, Facts, joined
from layout_planner.dossier.forecast import forecast_section
from layout_planner.dossier.ledger import Line, Name, Row, already, line, unsigned
from layout_planner.dossier.money import money_sub
from layout_planner.dossier.prices import price_sub
from layout_planner.dossier.receivers import receiving_section, transport_section
from layout_planner.dossier.risks import risk_section
from layout_planner.dossier.vetoes import veto_section, veto_sentence
from layout_planner.grades import GRADES
from layout_planner.report.words import code_word

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["school_document"]


def school_document(facts: Facts, code: str) -> Document:
    """Put the dossier of one school together.

    Parameters
    ----------
    facts : Facts
    code : str
        Id of a school that the plan closes or converts.
    """
    ledger, convert = facts.ledger, facts.cases.decided[code] == CONVERT
    school, impact = ledger.row("case_schools", school_id=code), ledger.row("case_impact", school_id=code)
    what = "改办教学点方案" if convert else "撤并方案"
    title = f"{school.raw('name')}{what}"
    ledger.reader = title
    sections = (
        _summary(facts, school, impact, convert=convert),
        _present(facts, school),
        forecast_section(facts, code),
        _villages(facts, impact, code),
        receiving_section(facts, code),
        transport_section(facts, impact, code),
        _choices(facts, code),
        _staff_and_assets(facts, school, convert=convert),
        risk_section(facts, code),
        veto_section(facts, code),
        calendar_section(facts, code),
        records_section(facts, code),
        sources_section(facts),
    )
    ledger.reader = ""
    return Document(f"{school.raw('name')}—{what}", title, line("（一校一案·征求意见稿）"), numbered(sections))


def _summary(facts: Facts, school: Row, impact: Row, *, convert: bool) -> Section:
    """Say what is proposed, whom it concerns, and whether anything forbids it."""
    become = line("改为教学点，只保留一至三年级" if convert else "撤并")
    flows = facts.ledger.rows("case_flows", school_id=school.raw("school_id"))
    where = [line("{}（{}人）", row.name("to_school"), row.about("pupils")) for row in flows if row.raw("to_school_id")]
    opening = line(
        "{}位于{}，为{}，开设{}，学校表所填在校生{}人、专任教师{}人。本方案拟将该校{}。",
        school.name("name"), school.name("township"), school.name("tier"), school.name("grades"),
        or_blank(school, "enrolment"), or_blank(school, "teachers"), become,
    )  # fmt: skip
    concerned = line(
        "{}按居住地推算，涉及{}个村（社区）的学生{}人，拟分流到{}。",
        "四至六年级学生不再在本校就读；" if convert else "", impact["villages"], impact.about("pupils"),
        joined(where, last="和") if where else line("其他学校（待定）"),
    )  # fmt: skip
    blocks: list[Block] = [Para(opening), Para(concerned), *(Para(said) for said in _ways(impact))]
    if facts.compared is not None:
        blocks.append(Para(facts.compared))
    blocks.append(Para(veto_sentence(facts, str(school.raw("school_id"))), strong=True))
    blocks.append(Para(line(
        "本方案由布局测算形成，供论证、公示和听证使用，不是决定；学生人数少本身不是撤并的理由。文中画线和空格处由承办人填写；"
        "数字后的上标是所附《数据台账》的编号，前一个数是工作表序号，后一个数是行的序号。"
    )))  # fmt: skip
    return Section("方案概要", tuple(blocks))


def _ways(impact: Row) -> list[Line]:
    """Say what the change does to the way to school."""
    said = []
    if impact.has("minutes_before") and impact.has("minutes_after"):
        verb = "增加" if float(impact.raw("minutes_change")) >= 0 else "减少"
        said.append(line(
            "调整前后，走读学生平均单程由{}分钟变为{}分钟（{}约{}分钟），最长由{}分钟变为{}分钟。",
            impact["minutes_before"], impact["minutes_after"], verb, unsigned(impact["minutes_change"]),
            impact["minutes_max_before"], impact["minutes_max_after"],
        ))  # fmt: skip
    modes = [
        line("{}{}人", word, impact.about(column))
        for column, word in (("walkers", "步行"), ("riders", "乘车"), ("boarders", "寄宿"))
        if impact.raw(column)
    ]
    if modes:
        said.append(line("调整后{}。", joined(modes)))
    warned = [
        line("{}{}人", word, impact.about(column)) + already(impact, column)
        for column, word in (
            ("far_young", "一至三年级单程超过半小时的学生"), ("beyond", "步行、乘车都超出时限的学生"),
            ("unassigned", "没有学校可去的学生"),
        )
        if impact.raw(column)
    ]  # fmt: skip
    if warned:
        said.append(line("须特别说明：{}。", joined(warned, between="；")))
    return said


def _present(facts: Facts, school: Row) -> Section:
    """Describe the school as it is."""
    ledger, code = facts.ledger, school.raw("school_id")
    years = ledger.rows("case_grades", school_id=code)
    pupils: list[Block] = []
    if len(years) > 1:
        first, last = years[0], years[-1]
        pupils.append(Para(line(
            "{}学年在校生{}人，{}学年{}人。", first["year"], first["enrolment"], last["year"], last["enrolment"],
        )))  # fmt: skip
    if years:
        taught = [g for g in GRADES if any(row.has(f"enrol_g{g}") for row in years)]
        shown = [("year", "", 1.6), *((f"enrol_g{g}", "", 1.0) for g in taught), ("enrolment", "", 1.0)]
        pupils.append(grid("历年分年级在校生", years, shown))
    pupils.append(Para(line(
        "在校生取自学校表；下文的学生数按居住地推算（应就近到该校的约{}人），与在校生口径不同，分流名单以学籍核对为准。",
        school["nearby_pupils"],
    )))  # fmt: skip
    return Section("学校现状", (), (Sub("在校学生", tuple(pupils)), Sub("办学条件", (_conditions(school),))))


def _conditions(school: Row) -> Form:
    named = (
        ("现有班数", "classes", "个"), ("普通教室", "rooms", "间"), ("学位", "seats", "个"),
        ("专任教师", "teachers", "人"), ("每名教师的学生数", "pupils_per_teacher", "人"),
        ("校舍建筑面积", "building_m2", "平方米"), ("占地面积", "site_m2", "平方米"),
        ("食堂面积", "canteen_m2", "平方米"), ("寄宿床位", "beds", "张"), ("图书", "books", "册"),
    )  # fmt: skip
    rows: list[tuple[str, Line]] = [
        (label, line("{}", or_blank(school, column, unit))) for label, column, unit in named
    ]
    rows += [
        ("校舍安全", line("☐A级　☐B级　☐C级　☐D级（以房屋安全鉴定为准；C级、D级未整修的不得使用）")),
        ("土地、房屋权属", line("☐国有　☐集体　☐其他" + BLANK)),
        ("附设幼儿园", line("☐有，幼儿" + BLANK + "人　☐没有")),
        ("留守儿童、残疾儿童", line("留守儿童" + BLANK + "人，残疾儿童" + BLANK + "人")),
    ]
    return Form("办学条件", tuple(rows))


def _villages(facts: Facts, impact: Row, code: str) -> Section:
    """List the villages and pupils concerned, before and after."""
    rows = facts.ledger.rows("case_moves", school_id=code)
    blocks: list[Block] = []
    if impact.raw("longer"):
        blocks.append(Para(line(
            "换校学生{}人中，单程增加一分钟以上的{}人。各村情况见下表，时间为单程，按道路网推算；乘车含候车。",
            impact.about("pupils"), impact.about("longer"),
        )))  # fmt: skip
    if rows:
        shown = [
            ("village", "村（社区）", 1.9), ("band", "", 1.3), ("shown", "学生（人）", 1.0),
            ("mode_before", "原方式", 1.0), ("minutes_before", "原时间", 1.1), ("to_school", "拟去学校", 2.4),
            ("mode_after", "新方式", 1.0), ("minutes_after", "新时间", 1.1), ("minutes_change", "变化", 1.1),
        ]  # fmt: skip
        note = line("学生数为推算人数取整，各行之和等于合计；推算不到一人的写作“{}”。", Name("不足1"))
        if any(row.raw("mode_after") == code_word("mode", "board") for row in rows):
            note += line("寄宿学生的时间为周末往返的单程。")
        blocks.append(grid("涉及的村和学生", rows, shown, note=note))
    if code in facts.pictures:
        approval = facts.cases.scenario.publish.approval
        caption = f"调整前后的上学去向（直线只表示去向，不是路线；{approval}）"
        blocks.append(Picture(caption, facts.pictures[code], "左图为调整前、右图为调整后各户到学校的去向"))
    return Section("涉及的村和学生", tuple(blocks))


def _choices(facts: Facts, code: str) -> Section:
    """Compare keeping the school with the plan, and list the schools nearby."""
    subs = []
    if (priced := price_sub(facts, code)).blocks:
        subs.append(priced)
    options = facts.ledger.rows("case_options", school_id=code)
    if options:
        subs.append(Sub("保留和调整的比较", tuple(_compared(options))))
    rows = facts.ledger.rows("case_nearest", school_id=code)
    if rows:
        shown = [
            ("to_school", "邻近学校", 2.6), ("tier", "类别", 1.6), ("minutes", "平均单程", 1.2),
            ("reached", "时限内可到", 1.2), ("seats", "学位", 1.0), ("seats_left", "学位余缺", 1.1),
            ("chosen", "本方案", 1.0),
        ]  # fmt: skip
        said = Para(line(
            "与换校学生住处最近的学校如下。“时限内可到”指步行或乘车在规定时限内能到的学生，共涉及{}人；"
            "学位余缺为本方案实施后的情况，负数为缺口。", rows[0].about("pupils"),
        ))  # fmt: skip
        note = line("先按步行安排，步行超出时限的再按乘车；平均单程较短而没有采用的，多为须乘车的学校。")
        nearer = [float(row.raw("minutes")) for row in rows if not row.has("chosen")]
        passed = any(float(row.raw("minutes")) > min(nearer, default=np.inf) for row in rows if row.has("chosen"))
        subs.append(Sub("邻近学校", (
            said, grid("邻近学校的时间和学位", rows, shown, note=note if passed else None),
        )))  # fmt: skip
    if subs:
        subs.append(Sub("取舍理由", (Para(line("经比较，选用方案：" + BLANK + "。理由：" + BLANK * 3 + "。")),)))
    return Section("备选方案", (), tuple(subs))


def _compared(options: Sequence[Row]) -> list[Block]:
    """Say what keeping the school would save its pupils, beside the plan."""
    shown = [
        ("option", "方案", 2.4), ("minutes", "平均单程", 1.1), ("minutes_max", "最长单程", 1.1),
        ("walkers", "步行", 0.9), ("riders", "乘车", 0.9), ("boarders", "寄宿", 0.9),
        ("far_young", "低年级超半小时", 1.3), ("beyond", "超出时限", 1.0), ("seats_short", "全县学位缺口", 1.2),
    ]  # fmt: skip
    keep = options[0]
    saved = int(keep.raw("people_minutes"))
    note = line("“全县学位缺口”为各校缺额之和，多在与本校无关的学校；各行之差才是本校去留的影响。")
    short = any(int(row.raw("seats_short")) for row in options)
    blocks: list[Block] = [grid("备选方案比较（本校换校学生）", options, shown, note=note if short else None)]
    if saved:
        verb = "少花" if saved < 0 else "多花"
        blocks.insert(0, Para(line(
            "保留该校（其他调整不变），与本方案相比，全县走读学生每天往返合计{}约{}分钟。“低年级”指一至三年级。",
            verb, unsigned(keep["people_minutes"]),
        ) + line("本方案中寄宿的学生不计每天的路程。" if options[-1].raw("boarders") else "")))  # fmt: skip
    return blocks


def _staff_and_assets(facts: Facts, school: Row, *, convert: bool) -> Section:
    """Say what becomes of the teachers and of the building."""
    said = facts.stated(code := str(school.raw("school_id")))
    stated = said.has("teachers_to")
    open_to = "☐随学生到接收学校　☐留任教学点　☐调配到缺编学校　☐其他" + BLANK
    staff = (Para(line(
        "现有专任教师{}人。安置意见：{}", or_blank(school, "teachers"),
        line("{}。", said.name("teachers_to")) if stated else line(open_to),
    )),)  # fmt: skip
    if convert:
        return Section("教师、经费和校舍", (), (Sub("教师安置", staff), money_sub(facts, code)))
    hold, years = facts.step(HOLD, code), facts.ledger.row("case_rules", rule_id="local.gansu.hold")
    area = said if said.has("building_m2") else school
    assets: Sequence[Block] = (
        Para(line(
            "撤并后腾出校舍{}平方米、校园{}平方米。闲置校舍由县级统筹，优先用于学前教育、校外活动和留守儿童关爱等教育用途；"
            "校址保留{}年（参照甘肃省做法，以本省规定为准），到期日：{}。",
            or_blank(area, "building_m2"), or_blank(school, "site_m2"), years["number"], hold["to_day"],
        )),
        Para(line("拟用途：{}", line("{}。", said.name("asset_use")) if said.has("asset_use") else line(
            "☐附设幼儿园　☐校外活动场所　☐留守儿童之家　☐教师周转房　☐暂时封存　☐其他" + BLANK))),
    )  # fmt: skip
    return Section(
        "教师、经费和校舍", (), (Sub("教师安置", staff), money_sub(facts, code), Sub("闲置校舍和校址", tuple(assets)))
    )

"""The parts of a dossier on the receiving schools, and on the way to school, beds and buses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layout_planner.dossier.basis import BUS_RULE
from layout_planner.dossier.blocks import Block, Form, Para, Section, Sub, grid
from layout_planner.dossier.facts import BLANK, Facts, joined
from layout_planner.dossier.ledger import Line, Row, line, unsigned
from layout_planner.dossier.stated import ticked

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["largest_class", "receiving_section", "receiving_sentence", "rooms_short", "seats_note", "transport_section"]

SEATS = (
    ("name", "接收学校", 2.4), ("seats", "学位", 1.0), ("pupils_before", "现有学生", 1.1), ("received", "接收", 1.0),
    ("pupils_after", "并入后", 1.1), ("seats_left", "学位余缺", 1.1), ("classes_after", "班数", 0.9),
    ("class_max_before", "原最大班额", 1.2), ("class_max_after", "并入后最大班额", 1.4),
)  # fmt: skip


def receiving_section(facts: Facts, code: str) -> Section:
    """Set the receiving schools' seats, classes and teachers before and after."""
    ids = [str(row.raw("to_school_id")) for row in facts.ledger.rows("case_flows", school_id=code)]
    rows = [facts.ledger.row("case_receiving", school_id=each) for each in ids if each]
    if not rows:
        return Section("接收学校")
    blocks: list[Block] = [Para(receiving_sentence(row)) for row in rows]
    blocks.append(grid("接收学校的学位和班额", rows, SEATS, note=seats_note(rows)))
    said = facts.stated(code)
    if said.has("receiver_ready_on"):
        blocks.append(Para(line("填报的接收学校建成可用日期：{}。", said["receiver_ready_on"])))
    return Section("接收学校", tuple(blocks))


def seats_note(rows: Sequence[Row]) -> Line:
    """Say how the columns of the receiving schools' table are counted, and why they may not add up."""
    note = line(
        "“现有学生”“并入后”按居住地推算；“接收”含从其他撤并、改办学校接收的学生；最大班额为全校人数最多的班，按现有教室编班推算。"
    )  # fmt: skip
    moved = [int(row.raw("pupils_after")) - int(row.raw("pupils_before")) - int(row.raw("received")) for row in rows]
    if any(abs(others) > 1 for others in moved):
        note += line("“并入后”与“现有学生”“接收”之和的差额，是方案中在其他学校之间调整的学生。")
    elif any(moved):
        note += line("各数分别取整，相加可能差一人。")
    return note


def receiving_sentence(row: Row) -> Line:
    """Say whether a receiving school has the seats, the classes and the teachers."""
    short = int(row.raw("seats_left")) < 0
    left = row["seats_left"]
    said = line(
        "{}有学位{}个，并入后学生{}人，{}。", row.name("name"), row["seats"], row.about("pupils_after"),
        line("尚缺学位{}个", unsigned(left)) if short else line("余学位{}个", left),
    )  # fmt: skip
    if row.has("class_max_after"):
        said += line("按现有教室编{}个班，{}{}。", row["classes_after"], largest_class(row), rooms_short(row, "，"))
    if row.has("teachers") and row.has("pupils_per_teacher"):
        said += line("现有专任教师{}人，并入后每名教师负担学生{}人。", row["teachers"], row["pupils_per_teacher"])
    return said


def largest_class(row: Row) -> Line:
    """Say what becomes of the largest class of a receiving school."""
    if not row.has("class_max_before"):
        return line("全校最大班额{}人", row["class_max_after"])
    if row.raw("class_max_before") == row.raw("class_max_after"):
        return line("全校最大班额仍为{}人", row["class_max_after"])
    return line("全校最大班额由{}人变为{}人", row["class_max_before"], row["class_max_after"])


def rooms_short(row: Row, lead: str = "") -> Line:
    """Say how many rooms are missing, and how many of them are missing today; nothing where none is."""
    missing, already = int(row.raw("rooms_missing")), int(row.raw("rooms_missing_before"))
    if missing <= 0:
        return line("")
    if not already:
        return line(lead + "按班额上限编班缺教室{}间（调整前不缺）", row["rooms_missing"])
    return line(
        lead + "按班额上限编班缺教室{}间（调整前已缺{}间）", row["rooms_missing"], row["rooms_missing_before"]
    )  # fmt: skip


def transport_section(facts: Facts, impact: Row, code: str) -> Section:
    """Say who rides and boards, what lies on the way, and leave room for lines, beds and meals."""
    flows = [row for row in facts.ledger.rows("case_flows", school_id=code) if row.raw("to_school_id")]
    said = facts.stated(code)
    return Section("上下学、寄宿和就餐", (), (
        Sub("上下学", tuple(_ways(facts, impact, code))),
        Sub("寄宿", tuple(_boarding(facts, impact, flows, said))),
        Sub("就餐和照料", (Form("就餐和照料", (
            ("食堂", line(
                ticked(said.flag("canteen_ready", "够用"), "够用", "须扩建，增加")
                + BLANK + "个餐位，" + BLANK + "前完成"
            )),
            ("午餐、午休", line("☐统一供餐　☐自带加热　午休场所：" + BLANK)),
            ("低年级照料", line("照管人员" + BLANK + "人，上下学接送交接办法：" + BLANK)),
        )),)),
    ))  # fmt: skip


def _ways(facts: Facts, impact: Row, code: str) -> Sequence[Block]:
    blocks: list[Block] = []
    said = facts.stated(code)
    if impact.raw("riders"):
        blocks.append(Para(line(
            "须乘车的学生{}人（{}），校车或公共交通须备足相应座位，不得超员，须有随车照管人员。",
            impact.about("riders"),
            line("调整前{}人", impact.about("riders_before")) if impact.raw("riders_before") else "调整前没有",
        )))  # fmt: skip
        blocks.append(Para(_buses(facts, code)))
        blocks.append(Form("乘车安排", (
            ("是否落实", line(ticked(said.flag("bus_ready", "已落实"), "已落实", "没有落实"))),
            ("方式", line("☐校车　☐公共交通　☐其他" + BLANK)),
            ("线路、站点、发车时间", line(BLANK)),
            ("车辆和座位", line("车辆" + BLANK + "辆，座位" + BLANK + "个，校车使用许可：☐已取得　☐办理中")),
            ("费用和分担", line("每年" + BLANK + "元，其中财政" + BLANK + "元、家庭" + BLANK + "元")),
        )))  # fmt: skip
    else:
        blocks.append(Para(line("推算没有学生因此须乘车。")))
    blocks += _seen(said)
    dangers = facts.ledger.rows("case_dangers", school_id=code)
    if dangers:
        shown = [
            ("village", "村（社区）", 1.8), ("band", "", 1.3), ("to_school", "去往", 2.4), ("danger", "途中情况", 2.0),
            ("pupils", "学生", 0.9), ("km", "长度", 1.0), ("times", "横穿次数", 1.1),
        ]  # fmt: skip
        blocks.append(Para(line("由道路数据推断，新的上学路上有下列情况，须逐处实地核对并落实防护：")))
        blocks.append(grid("途中须核对的路段", dangers, shown))
    else:
        blocks.append(
            Para(
                line(
                    "道路数据中没有发现途中有铁路道口、干线公路、渡口等危险路段；没有列出的不等于安全，须实地走测："
                    + BLANK
                    + "。"
                )
            )
        )
    return blocks


def _buses(facts: Facts, code: str) -> Line:
    """Say how many buses the riders need at least, by receiving school."""
    flows = [row for row in facts.ledger.rows("case_flows", school_id=code) if row.raw("buses")]
    each = [line("去{}的至少{}辆", row.name("to_school"), row["buses"]) for row in flows]
    return line(
        "全用专用校车接送时，按每辆载员不超过{}人（含一名驾驶人、两名照管人员）、每天接送一趟估算，{}；没有考虑线路和站点，"
        "住处分散的须增加车辆或趟次。", facts.ledger.row("case_rules", rule_id=BUS_RULE)["number"], joined(each),
    )  # fmt: skip


def _seen(said: Row) -> Sequence[Block]:
    """Say what those found who went to look at the way, if somebody did."""
    if not said.has("unsafe_way"):
        return ()
    mended = line("整治措施：{}。", said.name("way_mended_by")) if said.has("way_mended_by") else line("")
    return (Para(line("填报情况：{}。", said["unsafe_way"]) + mended),)


def _boarding(facts: Facts, impact: Row, flows: Sequence[Row], said: Row) -> Sequence[Block]:
    if not impact.raw("boarders"):
        return (Para(line("推算没有学生因此寄宿。一至三年级学生不寄宿。")),)
    told: list[Block] = []
    for flow in flows:
        if flow.raw("boarders"):
            row = facts.ledger.row("case_receiving", school_id=flow.raw("to_school_id"))
            told.append(Para(line(
                "到{}寄宿的四年级以上学生{}人；该校床位{}张（含方案增加的），并入后寄宿生{}人，床位{}{}张。",
                row.name("name"), flow.about("boarders"), row["beds"], row.about("boarders_after"),
                "缺" if int(row.raw("beds_left")) < 0 else "余", unsigned(row["beds_left"]),
            )))  # fmt: skip
    told.append(Form("寄宿条件", (
        ("宿舍", line(
            ticked(said.flag("dormitory_ready", "够用"), "够用", "须增加床位") + BLANK + "张，" + BLANK + "前完成"
        )),
        ("生活教师", line("现有" + BLANK + "人，须增加" + BLANK + "人")),
        ("周末接送", line(BLANK)),
    )))  # fmt: skip
    return told

"""The public notice (公示): which schools are to change, which villages that concerns, and until when to object."""

from __future__ import annotations

from layout_planner.dossier.annexes import signature
from layout_planner.dossier.blocks import Block, Document, Form, Grid, Head, Para, Section, grid, numbered
from layout_planner.dossier.facts import BLANK, BLANK_DAY, Facts, joined
from layout_planner.dossier.ledger import line

__all__ = ["notice_document"]

_SAID = (
    "以上为征求意见的方案，不是最后决定。多数家长或者听证代表反对的，不得强行撤并。",
    "接收学校的学位、食宿和接送没有落实以前，原学校继续办学。",
    "学生人数按居住地推算，个别学生的去向以学籍核对和家长确认为准；为保护未成年人，人数少的村不写具体人数。",
    "时间为单程，按道路网推算，乘车含候车，寄宿为周末往返的单程，供参考；对路途安全有意见的，请一并提出。",
)


def notice_document(facts: Facts) -> Document:
    """Put the public notice together."""
    county = facts.county.text
    title = f"关于{county}中小学布局调整方案的公示"
    facts.ledger.reader = title
    opening = line(
        "为办好每一所学校，方便学生就近入学，{}教育局起草了中小学布局调整方案。按照重大行政决策和学校布局调整的规定，"
        "现予公示，公开征求意见。", facts.county,
    )  # fmt: skip
    sections = numbered((
        Section("拟调整的学校", (Para(opening), _schools(facts))),
        Section("涉及的村和拟去学校", (_villages(facts),)),
        Section("公示时间和听证", _when(facts)),
        Section("意见反馈", (Form("意见反馈", (
            ("联系单位、联系人", line(BLANK)), ("电话", line(BLANK)), ("电子邮箱", line(BLANK)),
            ("来信、来访地址", line(BLANK)), ("查阅方案的地点", line("各有关学校、村（居）委会公示栏；" + BLANK)),
        )),)),
        Section("说明", (*(Para(line(text)) for text in _SAID), *signature(facts))),
    ))  # fmt: skip
    facts.ledger.reader = ""
    return Document("布局调整方案公示", title, line("（公示稿）"), sections)


def _schools(facts: Facts) -> Grid:
    heads = (Head("学校", "", 2.6), Head("所属乡镇", "", 1.4), Head("拟调整为", "", 1.5), Head("拟去学校", "", 4.0))
    rows, refs = [], []
    for code in facts.cases.decided:
        school = facts.ledger.row("case_schools", school_id=code)
        to = [row for row in facts.ledger.rows("case_flows", school_id=code) if row.raw("to_school_id")]
        names = joined([line("{}", row.name("to_school")) for row in to]) if to else line("待定")
        rows.append((school["name"], school["township"], school["role"], names))
        refs.append(school.ref)
    return Grid("拟调整的学校", heads, tuple(rows), tuple(refs))


def _villages(facts: Facts) -> Grid:
    rows = facts.ledger.rows("case_moves")
    shown = [
        ("village", "村（社区）", 2.0), ("township", "", 1.4), ("band", "", 1.3), ("published", "学生（人）", 1.1),
        ("name", "原学校", 2.6), ("to_school", "拟去学校", 2.8), ("mode_after", "方式", 0.9),
        ("minutes_after", "单程", 1.1),
    ]  # fmt: skip
    return grid("涉及的村和拟去学校", rows, shown)


def _when(facts: Facts) -> tuple[Block, ...]:
    """Say from when until when, and when the hearing is."""
    notice, hearing = facts.step("公示、公开征求意见"), facts.step("听证会")
    if facts.dates.published_on:
        said = line("公示时间：{}至{}（{}）。", notice["from_day"], notice["to_day"], notice["days"])
        heard = line(
            "听证会拟于{}召开，地点：" + BLANK + "；听证代表的产生办法和报名方式：" + BLANK + "。", hearing["from_day"]
        )
    else:
        said = line("公示时间：" + BLANK_DAY + "至" + BLANK_DAY + "（{}）。", notice["days"])
        heard = line(
            "听证会时间：" + BLANK_DAY + "，地点：" + BLANK + "；听证代表的产生办法和报名方式：" + BLANK + "。"
        )
    return Para(said), Para(heard)

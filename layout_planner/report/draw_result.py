"""What a draw gave, to print, to post and to work on: the notice of the result and its workbook. 派位结果、分班结果."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from layout_planner import __version__, columns
from layout_planner.assign import replay
from layout_planner.assign.class_draw import ClassDrawResult
from layout_planner.assign.lottery import LotteryResult
from layout_planner.columns import CLASS_DRAW_SUMMARY, LOTTERY_RESULT, LOTTERY_SCHOOLS, LOTTERY_SHARES
from layout_planner.errors import Text
from layout_planner.report.document import Block, Cell, Grid, Paragraph, Points, Section, Sub, grid
from layout_planner.report.draw_announcement import Announcement, checking_lines, day_words, number_grid, write_notice
from layout_planner.report.narrative import Fact
from layout_planner.report.workbook import Sheet, write_sheets

__all__ = ["Drawn", "write_draw_workbook", "write_result_notice"]

_MOST_CELLS = 10
_SHORT_LOT = 8
_ABOUT = {
    "lottery_result": Text("每名学生一行，按抽签先后", "one row an applicant, in the order drawn"),
    "lottery_schools": Text("每校的学位和录取人数", "seats and admissions by school"),
    "lottery_waiting": Text("每校愿去的递补学生，按次序", "who waits for each school, in order"),
    "lottery_shares": Text("各组的录取比例和检验", "shares admitted by group, with tests"),
    "class_draw_result": Text("每名学生一行，按班级", "one row a pupil, by class"),
    "class_draw_summary": Text("每班的人数和男女人数", "pupils, boys and girls of each class"),
}


@dataclass(frozen=True)
class Drawn:
    """A draw that took place: the values as they were announced, their digits, the seed and the result."""

    announced: Announcement
    values: Sequence[str]
    digits: Sequence[str]
    seed: str
    result: LotteryResult | ClassDrawResult
    rehearsal: bool = field(default=False)


def write_result_notice(drawn: Drawn, path: Path) -> None:
    """Write the notice of the result: seed, lists in the order drawn, the waiting list and the audit."""
    rules, result = drawn.announced.rules, drawn.result
    lists = _lottery_lists(result, rules) if isinstance(result, LotteryResult) else _class_lists(result)
    sections = [
        *lists,
        Section("种子", tuple(_seed_used(drawn))),
        Section("怎样自行核对", (Points(tuple(checking_lines(rules))),)),
    ]
    where = f"{day_words(rules['drawn_on'])}" + (f"在{rules['place']}" if rules["place"] else "")
    opening = [f"{rules['title']}于{where}公开进行，结果公告如下。"]
    title = f"{rules['title']}结果公告"
    if drawn.rehearsal:
        title = f"{rules['title']}（模拟）"
        opening = ["这是模拟抽签，只用来检验程序和流程，结果不作数；正式抽签用另外的种子，结果与此无关。"]
    write_notice(path, rules, title, sections, opening, rules["drawn_on"], alarm=drawn.rehearsal)


def write_draw_workbook(drawn: Drawn, path: Path, *, lang: str = "zh") -> None:
    """Write the result as a workbook, the same bytes for the same draw.

    Parameters
    ----------
    drawn : Drawn
    path : Path
        Ends in ``.xlsx``; the folder exists.
    lang : {"zh", "en"}
    """
    result, rules = drawn.result, drawn.announced.rules
    if isinstance(result, LotteryResult):
        frames = {"lottery_result": result.result, "lottery_schools": result.schools,
                  "lottery_waiting": result.waiting, "lottery_shares": result.shares}  # fmt: skip
    else:
        frames = {"class_draw_result": result.result, "class_draw_summary": result.summary}
    sheets = []
    for name, frame in frames.items():
        table = columns.table(name)
        sheets.append(Sheet(Text(table.zh, table.en.capitalize()), _ABOUT[name], table, frame))
    zh = lang == "zh"
    kind = (
        Text("模拟抽签，结果不作数", "a rehearsal, which does not count")
        if drawn.rehearsal
        else Text("正式抽签", "the draw")
    )
    facts = [
        Fact(rules["title"]),
        Fact("性质" if zh else "Kind", (kind.zh if zh else kind.en,)),
        Fact("承诺哈希" if zh else "Commitment", (drawn.announced.commitment_sha256,)),
        Fact("公开的数" if zh else "Public values", tuple(drawn.values)),
        Fact("种子" if zh else "Seed", (drawn.seed,)),
        Fact("软件" if zh else "Software", (f"layout_planner {__version__}, {replay.GENERATOR}",)),
    ]
    write_sheets(path, facts, sheets, lang=lang)


def _seed_used(drawn: Drawn) -> list[Block]:
    """Show the public values and what the seed was made of."""
    made: list[tuple[str, str]] = [("承诺哈希", drawn.announced.commitment_sha256), ("种子", drawn.seed)]
    rows = tuple((Cell(head), Cell(value, mark="hash")) for head, value in made)
    seed = Grid(f"种子（{replay.SEED} 的 SHA-256）", (Cell("内容"), Cell("64 位十六进制数")), rows)
    if drawn.rehearsal:
        return [seed]
    values = tuple(
        (Cell(value["name"]), Cell(said), Cell(digits))
        for value, said, digits in zip(drawn.announced.rules["public_values"], drawn.values, drawn.digits, strict=True)
    )
    return [Grid("公开的数", (Cell("约定的数"), Cell("公布的值"), Cell("所取数字")), values), seed]


def _lottery_lists(result: LotteryResult, rules: Mapping[str, Any]) -> list[Section]:
    names = ["school", "seats", "admitted", "free", "siblings", "migrants"]
    if len(rules["schools"]) > 1:
        names.insert(4, "first_choice")
    admitted = result.result[result.result["outcome"] == "admitted"]
    subs = [
        Sub(school["school"], (_records(part, "draw_no", ("priority", "admitted_by")),))
        for school in rules["schools"]
        if len(part := admitted[admitted["school_id"] == school["school_id"]])
    ]
    waiting = result.result[result.result["outcome"] == "waiting"]
    tested = result.shares["p_value"].notna()
    said = (
        "同一优先类别内，各组录取比例的差异由抽签的偶然性造成；χ² 检验的 p 值越大，"
        "越看不出偏向，小于 0.01 应当查明原因。"
    )
    left = (_records(waiting, "waiting_no", ("priority",)),) if len(waiting) else ()
    shown = ("grouping", "member", "applicants", "admitted", "admitted_share")
    audit: list[Block] = [grid(LOTTERY_SHARES, result.shares, shown, "各组录取比例")]
    if tested.any():
        audit.append(Paragraph(said + _p_values(result.shares[tested])))
    return [
        Section("结果概况", (grid(LOTTERY_SCHOOLS, result.schools, names, "各校学位与录取"),)),
        Section("录取名单", (), tuple(subs)),
        Section("递补名单", left),
        Section("中签率核对", tuple(audit)),
    ]


def _p_values(tested: pd.DataFrame) -> str:
    firsts = tested.drop_duplicates("grouping")
    return (
        "p 值：" + "，".join(f"{g} {p:.2f}" for g, p in zip(firsts["grouping"], firsts["p_value"], strict=True)) + "。"
    )


def _records(frame: pd.DataFrame, number: str, shown: Sequence[str]) -> Grid:
    """Lay a list out in several records a row, which saves paper; columns that say nothing are left out."""
    names = [name for name in shown if (frame[name] != "").any()]
    wide = _MOST_CELLS // (len(names) + 3)
    heads = [
        Cell(LOTTERY_RESULT[number].zh, number=True), Cell(LOTTERY_RESULT["application_no"].zh),
        *(Cell(LOTTERY_RESULT[name].zh) for name in names), Cell(f"号码前{_SHORT_LOT}位"),
    ]  # fmt: skip
    records = [
        [Cell(str(n), number=True), Cell(a), *map(Cell, more), Cell(lot[:_SHORT_LOT])]
        for n, a, lot, *more in frame[[number, "application_no", "lot", *names]].itertuples(index=False)
    ]
    records += [[Cell("")] * len(heads)] * (-len(records) % wide)
    rows = tuple(
        tuple(cell for record in records[i : i + wide] for cell in record) for i in range(0, len(records), wide)
    )
    note = f"完整的抽签号码见 {replay.RESULT}。"
    return Grid(f"共 {len(frame)} 人", tuple(heads * wide), rows, note)


def _class_lists(result: ClassDrawResult) -> list[Section]:
    names = ["class_no", "pupils", "boys", "girls", "together"]
    if (result.summary["team"] != "").any():
        names.insert(1, "team")
    subs = [
        Sub(f"{number}班", (number_grid(part["application_no"].tolist(), f"{number}班，共 {len(part)} 人"),))
        for number, part in result.result.groupby("class_no")
    ]
    return [
        Section("各班人数", (grid(CLASS_DRAW_SUMMARY, result.summary, names, "各班人数"), Paragraph(_even(result)))),
        Section("分班名单", (), tuple(subs)),
    ]


def _even(result: ClassDrawResult) -> str:
    """Say how even the classes are, and whether they could be more so."""
    spread = {
        name: int(result.summary[name].max() - result.summary[name].min()) for name in ("pupils", "boys", "girls")
    }
    said = f"各班人数最多差 {spread['pupils']} 人，男生最多差 {spread['boys']} 人，女生最多差 {spread['girls']} 人。"
    if result.slack == 0:
        return said
    return said + (
        "已穷尽各种编法：同胞的要求下不能更均衡。" if result.proven else "没有穷尽各种编法，可能还有更均衡的。"
    )

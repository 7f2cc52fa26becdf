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
from layout_planner.columns import CLASS_DRAW_SUMMARY, LOTTERY_RESULT, LOTTERY_SCHOOLS, LOTTERY_SHARES, label
from layout_planner.errors import Text
from layout_planner.report.document import Block, Cell, Grid, Paragraph, Points, Section, Sub, grid
from layout_planner.report.draw_announcement import (
    Announcement,
    checking_lines,
    day_words,
    number_grid,
    say,
    write_notice,
)
from layout_planner.report.narrative import Fact
from layout_planner.report.words import code_word
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


def write_result_notice(drawn: Drawn, path: Path, *, lang: str = "zh") -> None:
    """Write the notice of the result: seed, lists in the order drawn, the waiting list and the audit."""
    rules, result = drawn.announced.rules, drawn.result
    lists = _lottery_lists(result, rules, lang) if isinstance(result, LotteryResult) else _class_lists(result, lang)
    sections = [
        *lists,
        Section(say(Text("种子", "The seed"), lang), tuple(_seed_used(drawn, lang))),
        Section(say(Text("怎样自行核对", "How to check"), lang), (Points(tuple(checking_lines(rules, lang))),)),
    ]
    name, day, place = rules["title"], rules["drawn_on"], rules["place"]
    opening = Text(
        f"{name}于{day_words(day)}{f'在{place}' if place else ''}公开进行，结果公告如下。",
        f"{name} was held in public on {day_words(day, 'en')}{f' at {place}' if place else ''}, with this result.",
    )
    title = Text(f"{name}结果公告", f"Result: {name}")
    if drawn.rehearsal:
        title = Text(f"{name}（模拟）", f"{name} (rehearsal)")
        opening = Text(
            "这是模拟抽签，只用来检验程序和流程，结果不作数；正式抽签用另外的种子，结果与此无关。",
            "This is a rehearsal that tries program and proceedings and does not count; the draw itself has another "
            "seed and another result.",
        )
    write_notice(
        path, rules, say(title, lang), sections, [say(opening, lang)], rules["drawn_on"], alarm=drawn.rehearsal,
        lang=lang,
    )  # fmt: skip


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


def _seed_used(drawn: Drawn, lang: str) -> list[Block]:
    """Show the public values and what the seed was made of."""
    made = ((Text("承诺哈希", "commitment"), drawn.announced.commitment_sha256), (Text("种子", "seed"), drawn.seed))
    rows = tuple((Cell(say(head, lang)), Cell(value, mark="hash")) for head, value in made)
    caption = Text(f"种子（{replay.SEED} 的 SHA-256）", f"The seed (SHA-256 of {replay.SEED})")
    heads = (Text("内容", "what"), Text("64 位十六进制数", "64 hexadecimal digits"))
    seed = Grid(say(caption, lang), tuple(Cell(say(head, lang)) for head in heads), rows)
    if drawn.rehearsal:
        return [seed]
    values = tuple(
        (Cell(value["name"]), Cell(said), Cell(digits))
        for value, said, digits in zip(drawn.announced.rules["public_values"], drawn.values, drawn.digits, strict=True)
    )
    heads3 = (Text("约定的数", "value agreed upon"), Text("公布的值", "as announced"), Text("所取数字", "digits taken"))
    caption = Text("公开的数", "Public values")
    return [Grid(say(caption, lang), tuple(Cell(say(head, lang)) for head in heads3), values), seed]


def _lottery_lists(result: LotteryResult, rules: Mapping[str, Any], lang: str) -> list[Section]:
    names = ["school", "seats", "admitted", "free", "siblings", "migrants"]
    if len(rules["schools"]) > 1:
        names.insert(4, "first_choice")
    admitted = result.result[result.result["outcome"] == "admitted"]
    subs = [
        Sub(school["school"], (_records(part, "draw_no", ("priority", "admitted_by"), lang),))
        for school in rules["schools"]
        if len(part := admitted[admitted["school_id"] == school["school_id"]])
    ]
    waiting = result.result[result.result["outcome"] == "waiting"]
    left = (_records(waiting, "waiting_no", ("priority",), lang),) if len(waiting) else ()
    seats = grid(LOTTERY_SCHOOLS, result.schools, names, say(Text("各校学位与录取", "Seats and admissions"), lang),
                 lang=lang)  # fmt: skip
    return [
        Section(say(Text("结果概况", "In short"), lang), (seats,)),
        Section(say(Text("录取名单", "Admitted"), lang), (), tuple(subs)),
        Section(say(Text("递补名单", "Waiting"), lang), left),
        Section(say(Text("中签率核对", "Shares admitted"), lang), tuple(_audit(result.shares, lang))),
    ]


def _audit(shares: pd.DataFrame, lang: str) -> list[Block]:
    """Set the shares admitted of each group side by side, with what the tests say."""
    shown = ("grouping", "member", "applicants", "admitted", "admitted_share")
    caption = say(Text("各组录取比例", "Shares admitted by group"), lang)
    heads = shares["grouping"].str.partition("（")
    words = heads[0].map(lambda head: code_word("grouping", head, lang))
    within = heads[2].str.removesuffix("）")
    open_, shut = ("（", "）") if lang == "zh" else (" (", ")")
    shares = shares.assign(grouping=words.where(within == "", words + open_ + within + shut))
    audit: list[Block] = [grid(LOTTERY_SHARES, shares, shown, caption, lang=lang)]
    tested = shares[shares["p_value"].notna()].drop_duplicates("grouping")
    if len(tested):
        values = [f"{g} {p:.2f}" for g, p in zip(tested["grouping"], tested["p_value"], strict=True)]
        audit.append(Paragraph(say(Text(
            "同一优先类别内，各组录取比例的差异由抽签的偶然性造成；χ² 检验的 p 值越大，"
            f"越看不出偏向，小于 0.01 应当查明原因。p 值：{'，'.join(values)}。",
            "Within a priority the shares differ by the chance of the draw; the larger the p value of the χ² test, the "
            f"less there is of a bias, and below 0.01 it should be looked into. p values: {', '.join(values)}.",
        ), lang)))  # fmt: skip
    return audit


def _records(frame: pd.DataFrame, number: str, shown: Sequence[str], lang: str) -> Grid:
    """Lay a list out in several records a row, which saves paper; columns that say nothing are left out."""
    names = [name for name in shown if (frame[name] != "").any()]
    wide = _MOST_CELLS // (len(names) + 3)
    columns_shown = (number, "application_no", *names)
    heads = [Cell(label(LOTTERY_RESULT[name], lang), number=name == number) for name in columns_shown]
    heads.append(Cell(say(Text(f"号码前{_SHORT_LOT}位", f"lot, {_SHORT_LOT} digits"), lang)))
    records = [
        [Cell(str(n), number=True), Cell(a),
         *(Cell(code_word(name, value, lang)) for name, value in zip(names, more, strict=True)), Cell(lot[:_SHORT_LOT])]
        for n, a, lot, *more in frame[[number, "application_no", "lot", *names]].itertuples(index=False)
    ]  # fmt: skip
    records += [[Cell("")] * len(heads)] * (-len(records) % wide)
    rows = tuple(
        tuple(cell for record in records[i : i + wide] for cell in record) for i in range(0, len(records), wide)
    )
    note = Text(f"完整的抽签号码见 {replay.RESULT}。", f"Whole lots are in {replay.RESULT}.")
    return Grid(say(Text(f"共 {len(frame)} 人", f"{len(frame)} applicants"), lang), tuple(heads * wide), rows,
                say(note, lang))  # fmt: skip


def _class_lists(result: ClassDrawResult, lang: str) -> list[Section]:
    names = ["class_no", "pupils", "boys", "girls", "together"]
    if (result.summary["team"] != "").any():
        names.insert(1, "team")
    subs = []
    for number, part in result.result.groupby("class_no"):
        caption = Text(f"{number}班，共 {len(part)} 人", f"Class {number}: {len(part)} pupils")
        listed = number_grid(part["application_no"].tolist(), say(caption, lang), lang)
        subs.append(Sub(say(Text(f"{number}班", f"Class {number}"), lang), (listed,)))
    sizes = say(Text("各班人数", "Sizes of the classes"), lang)
    table = grid(CLASS_DRAW_SUMMARY, result.summary, names, sizes, lang=lang)
    return [
        Section(sizes, (table, Paragraph(say(_even(result), lang)))),
        Section(say(Text("分班名单", "Classes"), lang), (), tuple(subs)),
    ]


def _even(result: ClassDrawResult) -> Text:
    """Say how even the classes are, and whether they could be more so."""
    spread = {
        name: int(result.summary[name].max() - result.summary[name].min()) for name in ("pupils", "boys", "girls")
    }
    zh = f"各班人数最多差 {spread['pupils']} 人，男生最多差 {spread['boys']} 人，女生最多差 {spread['girls']} 人。"
    en = (
        f"Classes differ by {spread['pupils']} pupils at most, by {spread['boys']} boys and by {spread['girls']} girls."
    )
    if result.slack == 0:
        return Text(zh, en)
    if result.proven:
        return Text(f"{zh}已穷尽各种编法：同胞的要求下不能更均衡。",
                    f"{en} All ways were tried: siblings' wishes allow no more even ones.")  # fmt: skip
    return Text(f"{zh}没有穷尽各种编法，可能还有更均衡的。", f"{en} Not all ways were tried: more even ones may exist.")

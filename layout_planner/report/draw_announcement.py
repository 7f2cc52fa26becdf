"""The notice of a draw that is posted before it: seats, rules, hashes, and how the seed will come about. 派位公告."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from layout_planner import __version__
from layout_planner.assign import replay
from layout_planner.columns import LOTTERY_SCHOOLS
from layout_planner.errors import Text
from layout_planner.report.document import Block, Cell, Grid, Paragraph, Points, Section, grid, number_sections
from layout_planner.report.docx import write_docx
from layout_planner.report.html import render

__all__ = ["Announcement", "checking_lines", "day_words", "number_grid", "say", "write_announcement", "write_notice"]

_NUMBERS_A_ROW = 6
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")  # fmt: skip


@dataclass(frozen=True)
class Announcement:
    """What was published before a draw: rules, hashes, the hash of both, and the canonical roster."""

    rules: Mapping[str, Any]
    commitment: Mapping[str, Any]
    commitment_sha256: str
    rows: Sequence[Mapping[str, str]]


def write_announcement(announced: Announcement, path: Path, *, lang: str = "zh") -> None:
    """Write the notice that is posted before the draw: seats, rules, the hashes and how the seed will come about."""
    rules = announced.rules
    if rules["kind"] == "lottery":
        heads = Text("参加派位的学生和学位", "Applicants and seats"), Text("派位规则", "Rules of the lottery")
        lines = _lottery_rules(rules)
    else:
        heads, lines = (
            (Text("参加分班的学生", "Pupils"), Text("分班规则", "Rules of the class draw")),
            _class_rules(rules),
        )
    applicants = Text("报名号（由小到大）", "Application numbers in order")
    sections = [
        Section(say(heads[0], lang), tuple(_who(announced, lang))),
        Section(say(heads[1], lang), (Points(tuple(say(line, lang) for line in lines)),)),
        Section(say(Text("种子怎样产生", "How the seed comes about"), lang), tuple(_seed_rule(announced, lang))),
        Section(say(Text("事先公布的哈希", "Hashes published beforehand"), lang), tuple(_hashes(announced, lang))),
        Section(say(Text("怎样自行核对", "How to check"), lang), (Points(tuple(checking_lines(rules, lang))),)),
        Section(
            say(Text("名册所列报名号", "Application numbers of the roster"), lang),
            (number_grid([row["application_no"] for row in announced.rows], say(applicants, lang), lang),),
        ),
    ]
    day, place = rules["drawn_on"], rules["place"]
    opening = Text(
        f"{rules['title']}定于{day_words(day)}公开进行" + (f"，地点：{place}" if place else "")
        + "。名册、规则和抽签程序自本公告之日起封存，任何改动都会使下列哈希对不上。现将有关事项公告如下。",
        f"{rules['title']} will be held in public on {day_words(day, 'en')}" + (f" at {place}" if place else "")
        + ". Roster, rules and program are sealed from today: any change to them breaks the hashes below.",
    )  # fmt: skip
    title = Text(f"{rules['title']}公告", f"Notice: {rules['title']}")
    write_notice(path, rules, say(title, lang), sections, [say(opening, lang)], rules["published_on"], lang=lang)


def write_notice(
    path: Path, rules: Mapping[str, Any], title: str, sections: Sequence[Section], opening: Sequence[str], day: str,
    *, alarm: bool = False, lang: str = "zh",
) -> None:  # fmt: skip
    """Write a notice with its signatures; with ``alarm`` its first line stands out."""
    watched = say(Text("现场监督（签字）：", "Witnesses (signatures):"), lang)
    numbered = number_sections(sections, lang)
    footer = Text(
        "名册只含报名号，不含姓名、身份证号和成绩",
        "the roster holds application numbers only: no names, identity numbers or scores",
    )
    context = {
        "lang": "zh-CN" if lang == "zh" else "en", "title": title, "subtitle": "", "opening": opening, "alarm": alarm,
        "version": __version__, "sections": numbered, "organiser": rules["organiser"],
        "watched": watched, "witnesses": rules["witnesses"], "day": day_words(day, lang), "footer": say(footer, lang),
    }  # fmt: skip
    path.write_bytes(render("notice.html.j2", context).encode("utf-8"))
    signs = [f"{name}＿＿＿＿＿＿＿＿" for name in rules["witnesses"]]
    write_docx(
        title, "", numbered, path.with_suffix(".docx"), portrait=True, opening=opening, alarm=alarm,
        witnesses=[watched, *signs] if signs else (),
        ending=[*([rules["organiser"]] if rules["organiser"] else []), day_words(day, lang)],
    )  # fmt: skip


def say(text: Text, lang: str) -> str:
    """Take a message in one language."""
    return text.zh if lang == "zh" else text.en


def day_words(day: str, lang: str = "zh") -> str:
    """Spell a day as a notice does.

    >>> day_words("2026-08-06"), day_words("2026-08-06", "en")
    ('2026年8月6日', '6 August 2026')
    """
    year, month, date = day.split("-")
    return f"{year}年{int(month)}月{int(date)}日" if lang == "zh" else f"{int(date)} {_MONTHS[int(month) - 1]} {year}"


def _who(announced: Announcement, lang: str) -> list[Block]:
    """Say who is drawn for what."""
    rules, n = announced.rules, len(announced.rows)
    if rules["kind"] == "classes":
        boys = sum(row["sex"] == replay.BOY for row in announced.rows)
        return [Paragraph(say(Text(
            f"{rules['school']}{_grade(rules['grade'])}新生 {n} 人，其中男生 {boys} 人、女生 {n - boys} 人，"
            f"编 {rules['classes']} 个班。",
            f"{rules['school']}, grade {rules['grade']}: {n} pupils, {boys} boys and {n - boys} girls, are put into "
            f"{rules['classes']} classes.",
        ), lang))]  # fmt: skip
    families, together = announced.commitment["families"], Text("", "")
    if families != n:
        together = Text(
            f"（其中同胞一起抽签，共 {families} 签）", f" (siblings draw one lot together: {families} lots)"
        )
    seats = sum(school["seats"] for school in rules["schools"])
    said = Text(
        f"报名 {n} 人{together.zh}，参加派位的学位 {seats} 个。", f"{n} applicants{together.en} for {seats} seats."
    )
    counts = pd.Series([row.get("priority", "") for row in announced.rows]).value_counts()
    if rules["priorities"]:
        by = [f"{name} {counts.get(name, 0)}" for name in rules["priorities"]]
        said = Text(f"{said.zh}各优先类别：{'、'.join(f'{each} 人' for each in by)}。",
                    f"{said.en} By priority: {', '.join(by)}.")  # fmt: skip
    caption = Text("参加派位的学校和学位", "Schools and seats of the lottery")
    names = ("school_id", "school", "seats", "held_back")
    table = grid(LOTTERY_SCHOOLS, pd.DataFrame(rules["schools"]), names, say(caption, lang), lang=lang)
    return [Paragraph(say(said, lang)), table]


def _grade(grade: int) -> str:
    return "一二三四五六七八九"[grade - 1] + "年级"


def _lottery_rules(rules: Mapping[str, Any]) -> list[Text]:
    """Spell the rules of a lottery as one would read them out."""
    lines = [Text(
        "每个家庭一个抽签号码，由种子和报名号算出，与报名先后、名册次序无关；"
        "号码小的在前。同胞用其中最小的报名号，号码相同，一起录取。",
        "Every family has one lot, computed from the seed and the application number, whatever the order of "
        "application or of the roster; small lots come first. Siblings use the smallest of their numbers, share its "
        "lot and are admitted together.",
    )]  # fmt: skip
    if rules["priorities"]:
        lines.append(Text(
            f"优先类别依次为：{'、'.join(rules['priorities'])}。前一类派完再派后一类，同类按抽签号码。",
            f"Priorities in order: {', '.join(rules['priorities'])}; one is placed after the other, by lot in each.",
        ))  # fmt: skip
    if rules["siblings_first"]:
        lines.append(Text(
            "长幼随学：哥哥姐姐在读的，先于其他人派该校学位；该校派不进的，仍按本人类别参加后面的派位。",
            "Siblings first: those whose brother or sister attends a school are placed there before all others; if it "
            "has no seat left, they are drawn with their priority.",
        ))  # fmt: skip
    if len(rules["schools"]) > 1:
        lines.append(Text(
            "轮到的家庭按所填志愿的次序，派给第一所有空余学位的学校；没有填的学校，"
            "由电脑为每个家庭排定先后，接在志愿之后。注明不服从调剂的，只派所填志愿。",
            "A family whose turn it is gets the first school of its choices that has a seat left; schools that it did "
            "not name follow in an order drawn for each family, unless it declined them.",
        ))  # fmt: skip
    lines.append(
        Text("同胞不拆开：学位够其中一人的，全组录取，超出的由学校解决。",
             "Siblings are not parted: where one of them gets a seat, all do, and the school finds the others' seats.")
        if rules["groups_over_seats"]
        else Text("同胞不拆开：一所学校的空余学位不够全组的，派下一所；都不够的全组递补，学位由后面的家庭按次序派。",
                  "Siblings are not parted: where a school has too few seats for all of them, the next one counts; "
                  "where none has enough, they wait together and the seats go to the families after them.")
    )  # fmt: skip
    if rules["migrant_guarantee"]:
        lines.append(Text(
            f"随迁子女保障：至少录取 {rules['migrant_guarantee']} 人（报名随迁子女的 {rules['migrant_share']:.0%}）。"
            "未满之前，为尚未轮到的随迁子女保留相应学位；保留而无人用的，按原次序派给其余的人。",
            f"Migrant pupils: at least {rules['migrant_guarantee']} are admitted ({rules['migrant_share']:.0%} of "
            "those who applied). Until then seats are kept for those whose turn is yet to come; what is kept and not "
            "needed goes to the others in order.",
        ))  # fmt: skip
    held = sum(school["held_back"] for school in rules["schools"])
    if held:
        lines.append(Text(f"另有预留学位 {held} 个，不参加派位。", f"Another {held} seats are held back."))
    lines.append(Text(
        "没有派到的按同样次序列入递补名单；有空余学位时，由小到大递补给愿意去该校的家庭。",
        "Those without a seat wait in the same order; a seat that falls free goes to the first who wants that school.",
    ))  # fmt: skip
    return lines


def _class_rules(rules: Mapping[str, Any]) -> list[Text]:
    lines = [
        Text(
            "各班人数最多差一人；各班男生、女生人数也最多差一人，同胞的要求使之做不到的，差到最小为止，并在结果中写明。",
            "Classes differ by one pupil at most, and so do their boys and girls; where siblings' wishes forbid that, "
            "by as few as can be, which the result says.",
        ),
        Text(
            "要求同班的同胞编入同一个班，要求分班的编入不同的班；没有要求的随机编入。",
            "Siblings who ask for it are put into one class, or into different ones; the others fall as they may.",
        ),
        Text(
            "男生、女生分别按抽签号码由小到大，轮流编入各班的空位。",
            "Boys and girls are taken by their lots, small ones first, and dealt to the free places of the classes.",
        ),
        Text(
            "学生全部编完以后，才由电脑抽定各班的班号：每个学生进每个班的机会相同。",
            "The numbers of the classes are drawn last: every pupil has the same chance of every class.",
        ),
        Text("只看性别和同胞，不看成绩、不看其他任何情况。", "Sex and siblings count, scores and all else do not."),
    ]
    if teams := rules["teams"]:
        lines.append(Text(
            f"教师事先搭配成 {len(teams)} 组，最后由电脑抽到各班，抽定后不再调整。教师组：{'、'.join(teams)}。",
            f"Teachers form {len(teams)} teams beforehand, which are drawn to the classes in the end and stay: "
            f"{', '.join(teams)}.",
        ))  # fmt: skip
    return lines


def _seed_rule(announced: Announcement, lang: str) -> list[Block]:
    words = (Text("次序", "No."), Text("公开的数", "public value"), Text("在哪里公布", "published by"),
             Text("公布日期", "on"), Text("取几位数字", "digits"))  # fmt: skip
    heads = tuple(Cell(say(word, lang), number=k in (0, 4)) for k, word in enumerate(words))
    rows = tuple(
        (Cell(str(n), number=True), *(Cell(value[key]) for key in ("name", "source")),
         Cell(day_words(value["date"], lang)), Cell(str(value["digits"]), number=True))
        for n, value in enumerate(announced.rules["public_values"], 1)
    )  # fmt: skip
    before = Text(
        "种子由下列尚未产生、任何人都不能左右的数算出。每个数只取其中的数字，依次排列，标点和空格不计。",
        "The seed is computed from values that do not exist yet and that nobody can sway. Of each only the digits "
        "count, in their order; marks and spaces do not.",
    )
    made = Text(
        f"把“{replay.REAL}”、承诺哈希和各数的数字各写一行，存为 {replay.SEED}（UTF-8，每行末换行），"
        "其 SHA-256 就是种子。以种子为密钥、“order:报名号”为消息（分班为“pupil:报名号”），"
        "算出的 HMAC-SHA-256 就是抽签号码。",
        f"“{replay.REAL}”, the commitment and the digits of each value are written in lines of their own and kept as "
        f"{replay.SEED} (UTF-8, a line feed after every line); its SHA-256 is the seed. A lot is the HMAC-SHA-256 of "
        "“order:APPLICATION NUMBER” (for classes “pupil:APPLICATION NUMBER”) with the seed as key.",
    )
    caption = say(Text("约定的公开的数", "Public values agreed upon"), lang)
    return [Paragraph(say(before, lang)), Grid(caption, heads, rows), Paragraph(say(made, lang))]


def _hashes(announced: Announcement, lang: str) -> list[Block]:
    words = {
        "roster_sha256": (Text("名册", "roster"), replay.ROSTER),
        "rules_sha256": (Text("规则", "rules"), replay.RULES),
        "script_sha256": (Text("抽签程序", "program"), replay.SCRIPT),
    }
    rows = tuple(
        (Cell(say(word, lang)), Cell(name), Cell(announced.commitment[key], mark="hash"))
        for key, (word, name) in words.items()
    )
    promise = Cell(say(Text("承诺", "commitment"), lang), mark="good")
    rows = (*rows, (promise, Cell(replay.COMMITMENT), Cell(announced.commitment_sha256, mark="hash")))
    note = Text(
        "承诺哈希（最后一行）由前三个哈希算出，记住这一个就够了：以后拿到的文件有一个字不同，它就对不上。",
        "The commitment (last line) is made of the three hashes above it. Keep that one: it fits no file with a single "
        "letter changed.",
    )
    heads = tuple(Cell(say(word, lang)) for word in (Text("内容", "what"), Text("文件", "file")))
    caption = say(Text("各文件的 SHA-256", "SHA-256 of the files"), lang)
    return [Paragraph(say(note, lang)), Grid(caption, (*heads, Cell("SHA-256")), rows)]


def checking_lines(rules: Mapping[str, Any], lang: str = "zh") -> list[str]:
    """Say how anyone can check the draw, with the program or by hand."""
    word = "pupil" if rules["kind"] == "classes" else "order"
    lines = (
        Text(
            f"下载公布的整个文件夹，运行 python {replay.SCRIPT}（Python 3.8 以上，"
            "不需要安装别的软件）：程序核对哈希，并从名册和种子重抽一遍，与公布的名单逐字节比较。",
            f"Download the whole folder and run python {replay.SCRIPT} (Python 3.8 or newer, nothing to install): it "
            "checks the hashes, draws again from roster and seed, and compares the list byte for byte.",
        ),
        Text(
            "不用程序也可以核对自己的号码：在任一 HMAC-SHA-256 计算工具里，"
            f"密钥填种子（64 位文字），消息填 {word}:报名号（同胞用最小的报名号）。",
            "One's own lot can be checked without the program, by any HMAC-SHA-256 tool: the key is the seed (its 64 "
            f"letters), the message {word}:APPLICATION NUMBER (of siblings the smallest).",
        ),
        Text(
            "文件的 SHA-256：Windows 用 certutil -hashfile 文件名 SHA256，其他系统用 sha256sum 文件名。",
            "SHA-256 of a file: certutil -hashfile FILE SHA256 on Windows, sha256sum FILE elsewhere.",
        ),
    )
    return [say(line, lang) for line in lines]


def number_grid(numbers: Sequence[str], caption: str, lang: str = "zh") -> Grid:
    """Lay application numbers out in several columns, which saves paper."""
    cells = [Cell(number) for number in numbers]
    cells += [Cell("")] * (-len(cells) % _NUMBERS_A_ROW)
    rows = tuple(tuple(cells[i : i + _NUMBERS_A_ROW]) for i in range(0, len(cells), _NUMBERS_A_ROW))
    return Grid(caption, (Cell(say(Text("报名号", "No."), lang)),) * _NUMBERS_A_ROW, rows)

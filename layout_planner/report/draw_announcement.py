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
from layout_planner.report.document import Block, Cell, Grid, Paragraph, Points, Section, grid, number_sections
from layout_planner.report.docx import write_docx
from layout_planner.report.html import render

__all__ = ["Announcement", "checking_lines", "day_words", "number_grid", "write_announcement", "write_notice"]

_NUMBERS_A_ROW = 6


@dataclass(frozen=True)
class Announcement:
    """What was published before a draw: rules, hashes, the hash of both, and the canonical roster."""

    rules: Mapping[str, Any]
    commitment: Mapping[str, Any]
    commitment_sha256: str
    rows: Sequence[Mapping[str, str]]


def write_announcement(announced: Announcement, path: Path) -> None:
    """Write the notice that is posted before the draw: seats, rules, the hashes and how the seed will come about."""
    rules = announced.rules
    is_lottery = rules["kind"] == "lottery"
    what = "派位" if is_lottery else "分班"
    sections = [
        Section("参加" + what + "的学生" + ("和学位" if is_lottery else ""), tuple(_who(announced))),
        Section(what + "规则", (Points(tuple(_lottery_rules(rules) if is_lottery else _class_rules(rules))),)),
        Section("种子怎样产生", tuple(_seed_rule(announced))),
        Section("事先公布的哈希", tuple(_hashes(announced))),
        Section("怎样自行核对", (Points(tuple(checking_lines(rules))),)),
        Section(
            "名册所列报名号", (number_grid([row["application_no"] for row in announced.rows], "报名号（由小到大）"),)
        ),
    ]
    opening = [
        f"{rules['title']}定于{day_words(rules['drawn_on'])}公开进行"
        + (f"，地点：{rules['place']}" if rules["place"] else "")
        + "。名册、规则和抽签程序自本公告之日起封存，任何改动都会使下列哈希对不上。现将有关事项公告如下。"
    ]
    write_notice(path, rules, f"{rules['title']}公告", sections, opening, rules["published_on"])


def write_notice(
    path: Path, rules: Mapping[str, Any], title: str, sections: Sequence[Section], opening: Sequence[str], day: str,
    *, alarm: bool = False,
) -> None:  # fmt: skip
    """Write a notice with its signatures; with ``alarm`` its first line stands out."""
    context = {
        "title": title, "subtitle": "", "opening": opening, "alarm": alarm, "version": __version__,
        "sections": number_sections(sections), "organiser": rules["organiser"], "witnesses": rules["witnesses"],
        "day": day_words(day), "footer": "名册只含报名号，不含姓名、身份证号和成绩",
    }  # fmt: skip
    path.write_bytes(render("notice.html.j2", context).encode("utf-8"))
    signs = [f"{name}＿＿＿＿＿＿＿＿" for name in rules["witnesses"]]
    write_docx(
        title, "", number_sections(sections), path.with_suffix(".docx"), portrait=True, opening=opening, alarm=alarm,
        witnesses=["现场监督（签字）：", *signs] if signs else (),
        ending=[*([rules["organiser"]] if rules["organiser"] else []), day_words(day)],
    )  # fmt: skip


def day_words(day: str) -> str:
    """Spell a day as a notice does.

    >>> day_words("2026-08-06")
    '2026年8月6日'
    """
    year, month, date = day.split("-")
    return f"{year}年{int(month)}月{int(date)}日"


def _who(announced: Announcement) -> list[Block]:
    """Say who is drawn for what."""
    rules, rows = announced.rules, announced.rows
    families = announced.commitment["families"]
    together = f"（其中同胞一起抽签，共 {families} 签）" if families != len(rows) else ""
    if rules["kind"] == "classes":
        boys = sum(row["sex"] == replay.BOY for row in rows)
        said = (
            f"{rules['school']}{_grade(rules['grade'])}新生 {len(rows)} 人，"
            f"其中男生 {boys} 人、女生 {len(rows) - boys} 人，"
        )
        return [Paragraph(f"{said}编 {rules['classes']} 个班。")]
    seats = sum(school["seats"] for school in rules["schools"])
    said = f"报名 {len(rows)} 人{together}，参加派位的学位 {seats} 个。"
    counts = pd.Series([row.get("priority", "") for row in rows]).value_counts()
    if rules["priorities"]:
        said += "各优先类别：" + "、".join(f"{name} {counts.get(name, 0)} 人" for name in rules["priorities"]) + "。"
    frame = pd.DataFrame(rules["schools"])
    return [
        Paragraph(said),
        grid(LOTTERY_SCHOOLS, frame, ("school_id", "school", "seats", "held_back"), "参加派位的学校和学位"),
    ]


def _grade(grade: int) -> str:
    return "一二三四五六七八九"[grade - 1] + "年级"


def _lottery_rules(rules: Mapping[str, Any]) -> list[str]:
    """Spell the rules of a lottery as one would read them out."""
    lines = [
        "每个家庭一个抽签号码，由种子和报名号算出，与报名先后、名册次序无关；"
        "号码小的在前。同胞用其中最小的报名号，号码相同，一起录取。"
    ]
    if rules["priorities"]:
        lines.append(f"优先类别依次为：{'、'.join(rules['priorities'])}。前一类派完再派后一类，同类按抽签号码。")
    if rules["siblings_first"]:
        lines.append("长幼随学：哥哥姐姐在读的，先于其他人派该校学位；该校派不进的，仍按本人类别参加后面的派位。")
    if len(rules["schools"]) > 1:
        lines.append(
            "轮到的家庭按所填志愿的次序，派给第一所有空余学位的学校；没有填的学校，"
            "由电脑为每个家庭排定先后，接在志愿之后。注明不服从调剂的，只派所填志愿。"
        )
    lines.append(
        "同胞不拆开：学位够其中一人的，全组录取，超出的由学校解决。"
        if rules["groups_over_seats"]
        else "同胞不拆开：一所学校的空余学位不够全组的，派下一所；都不够的全组递补，学位由后面的家庭按次序派。"
    )
    if rules["migrant_guarantee"]:
        lines.append(
            f"随迁子女保障：至少录取 {rules['migrant_guarantee']} 人（报名随迁子女的 {rules['migrant_share']:.0%}）。"
            "未满之前，为尚未轮到的随迁子女保留相应学位；保留而无人用的，按原次序派给其余的人。"
        )
    held = sum(school["held_back"] for school in rules["schools"])
    if held:
        lines.append(f"另有预留学位 {held} 个，不参加派位。")
    lines.append("没有派到的按同样次序列入递补名单；有空余学位时，由小到大递补给愿意去该校的家庭。")
    return lines


def _class_rules(rules: Mapping[str, Any]) -> list[str]:
    lines = [
        "各班人数最多差一人；各班男生、女生人数也最多差一人，同胞的要求使之做不到的，差到最小为止，并在结果中写明。",
        "要求同班的同胞编入同一个班，要求分班的编入不同的班；没有要求的随机编入。",
        "男生、女生分别按抽签号码由小到大，轮流编入各班的空位。",
        "学生全部编完以后，才由电脑抽定各班的班号：每个学生进每个班的机会相同。",
        "只看性别和同胞，不看成绩、不看其他任何情况。",
    ]
    if rules["teams"]:
        lines.append(
            f"教师事先搭配成 {len(rules['teams'])} 组，最后由电脑抽到各班，"
            f"抽定后不再调整。教师组：{'、'.join(rules['teams'])}。"
        )
    return lines


def _seed_rule(announced: Announcement) -> list[Block]:
    heads = (
        Cell("次序", number=True),
        Cell("公开的数"),
        Cell("在哪里公布"),
        Cell("公布日期"),
        Cell("取几位数字", number=True),
    )
    rows = tuple(
        (Cell(str(n), number=True), *(Cell(value[key]) for key in ("name", "source")), Cell(day_words(value["date"])),
         Cell(str(value["digits"]), number=True))
        for n, value in enumerate(announced.rules["public_values"], 1)
    )  # fmt: skip
    return [
        Paragraph("种子由下列尚未产生、任何人都不能左右的数算出。每个数只取其中的数字，依次排列，标点和空格不计。"),
        Grid("约定的公开的数", heads, rows),
        Paragraph(
            f"把“{replay.REAL}”、承诺哈希和各数的数字各写一行，存为 {replay.SEED}（UTF-8，每行末换行），"
            "其 SHA-256 就是种子。以种子为密钥、“order:报名号”为消息（分班为“pupil:报名号”），"
            "算出的 HMAC-SHA-256 就是抽签号码。"
        ),
    ]


def _hashes(announced: Announcement) -> list[Block]:
    words = {
        "roster_sha256": ("名册", replay.ROSTER),
        "rules_sha256": ("规则", replay.RULES),
        "script_sha256": ("抽签程序", replay.SCRIPT),
    }
    rows = tuple(
        (Cell(zh), Cell(name), Cell(announced.commitment[key], mark="hash")) for key, (zh, name) in words.items()
    )
    rows = (*rows, (Cell("承诺", mark="good"), Cell(replay.COMMITMENT), Cell(announced.commitment_sha256, mark="hash")))
    return [
        Paragraph("承诺哈希（最后一行）由前三个哈希算出，记住这一个就够了：以后拿到的文件有一个字不同，它就对不上。"),
        Grid("各文件的 SHA-256", (Cell("内容"), Cell("文件"), Cell("SHA-256")), rows),
    ]


def checking_lines(rules: Mapping[str, Any]) -> list[str]:
    """Say how anyone can check the draw, with the program or by hand."""
    message = "pupil:报名号" if rules["kind"] == "classes" else "order:报名号"
    return [
        (
            f"下载公布的整个文件夹，运行 python {replay.SCRIPT}（Python 3.8 以上，"
            "不需要安装别的软件）：程序核对哈希，并从名册和种子重抽一遍，与公布的名单逐字节比较。"
        ),
        (
            "不用程序也可以核对自己的号码：在任一 HMAC-SHA-256 计算工具里，"
            f"密钥填种子（64 位文字），消息填 {message}（同胞用最小的报名号）。"
        ),
        "文件的 SHA-256：Windows 用 certutil -hashfile 文件名 SHA256，其他系统用 sha256sum 文件名。",
    ]


def number_grid(numbers: Sequence[str], caption: str) -> Grid:
    """Lay application numbers out in several columns, which saves paper."""
    cells = [Cell(number) for number in numbers]
    cells += [Cell("")] * (-len(cells) % _NUMBERS_A_ROW)
    rows = tuple(tuple(cells[i : i + _NUMBERS_A_ROW]) for i in range(0, len(cells), _NUMBERS_A_ROW))
    return Grid(caption, (Cell("报名号"),) * _NUMBERS_A_ROW, rows)

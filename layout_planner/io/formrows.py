"""Rows of a form that are no records: totals, notes, signatures, and the numbers of the columns."""

from __future__ import annotations

import re
from collections.abc import Sequence

from layout_planner.io.cells import fold

__all__ = ["is_heading", "is_note", "is_total", "numbers_columns"]

_TOTAL_ROW = re.compile(r".{0,12}(合计|总计|小计|共计)(数|人数)?[:：]?|(grand|sub)?total")
_HEADING = re.compile(r"[(（]?[一二三四五六七八九十]+[)）、.．].*|.*(镇|乡|街道|县|区|办事处|学段)([(（].*[)）])?")
_NOTE_ROW = re.compile(r"(注|说明|备注|填表|制表|审核|负责人|单位负责人|填报|统计负责人|联系电话|填写说明)")
_SIGNATURE = re.compile(r".*(负责人|填表人|制表人|审核人|联系电话|填表日期|填报日期|\d{4}年\d{1,2}月\d{1,2}日).*")
_COLUMN_NUMBER = re.compile(r"[(\[]?[1-9]\d?[)\]]?")
_COLUMN_LETTERS = frozenset("甲乙丙丁戊己庚辛壬癸")


def is_total(head: Sequence[str]) -> bool:
    """Tell whether a row adds up others, by its first (folded) texts: 合计, 全县总计, 青石镇小计 …"""
    return any(_TOTAL_ROW.fullmatch(text) for text in head)


def is_heading(filled: Sequence[str], spread: int = 1) -> bool:
    """Tell whether a row only heads the records below it: 一、城关镇, or one cell merged across the table.

    Parameters
    ----------
    filled : sequence of str
        The texts of the row.
    spread : int
        Columns over which the row's widest cell was merged.

    Examples
    --------
    >>> is_heading(["一、城关镇"]), is_heading(["青石乡（5所）"]), is_heading(["东岭小学"]), is_heading(["东岭小学"], 6)
    (True, True, False, True)
    """
    return len(filled) == 1 and (spread > 2 or bool(_HEADING.fullmatch(filled[0])))


def is_note(filled: Sequence[str]) -> bool:
    """Tell whether a row is a note, or the foot of a form: 单位负责人、填表人、填表日期.

    Examples
    --------
    >>> is_note(["注：本表不含民办学校"]), is_note(["单位负责人：", "填表人：", "9月10日"]), is_note(["01", "东岭小学"])
    (True, True, False)
    """
    if len(filled) <= 2 and _NOTE_ROW.match(fold(filled[0])):
        return True
    signs = sum(1 for text in filled if _SIGNATURE.fullmatch(fold(text)))
    return signs >= 1 and signs * 2 >= len(filled)


def numbers_columns(filled: Sequence[str]) -> bool:
    """Tell whether a row below the header only names the columns.

    Examples
    --------
    >>> numbers_columns(["甲", "乙", "1", "2", "3"]), numbers_columns(["1", "东岭小学", "3"])
    (True, False)
    """
    numbers = [int(text.strip("()[]")) for text in map(fold, filled) if _COLUMN_NUMBER.fullmatch(text)]
    letters = [text for text in filled if text in _COLUMN_LETTERS]
    whole = len(filled) >= 3 and len(numbers) + len(letters) == len(filled)
    return whole and numbers == list(range(1, len(numbers) + 1))

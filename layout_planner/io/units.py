"""Units as tables write them: which of them measure the same, and by what factor they differ."""

from __future__ import annotations

import re
from collections.abc import Mapping

from layout_planner.io.cells import fold

__all__ = ["is_unit", "noted_units", "split_unit", "unit_factor", "unit_in", "without_unit"]

_MU = 2_000 / 3
_SAME: Mapping[str, Mapping[str, float]] = {
    "人": {"人": 1, "名": 1, "位": 1, "生": 1, "个": 1, "座": 1, "百人": 1e2, "千人": 1e3, "万人": 1e4},
    "名": {"名": 1, "人": 1, "位": 1},
    "户": {"户": 1, "套": 1, "百户": 1e2, "千户": 1e3, "万户": 1e4, "households": 1},
    "平方米": {"平方米": 1, "平米": 1, "m2": 1, "m^2": 1, "千平方米": 1e3, "万平方米": 1e4, "万平米": 1e4, "万m2": 1e4,
              "公顷": 1e4, "ha": 1e4, "亩": _MU, "平方公里": 1e6, "平方千米": 1e6, "km2": 1e6},
    "米": {"米": 1, "m": 1, "公里": 1e3, "千米": 1e3, "km": 1e3},
    "元": {"元": 1, "人民币元": 1, "百元": 1e2, "千元": 1e3, "万元": 1e4, "百万元": 1e6, "亿元": 1e8, "yuan": 1},
    "分钟": {"分钟": 1, "分": 1, "min": 1, "小时": 60, "h": 60},
    "间": {"间": 1, "个": 1, "rooms": 1},
    "张": {"张": 1, "个": 1, "床": 1, "beds": 1},
    "班": {"班": 1, "个": 1, "个班": 1, "classes": 1},
    "册": {"册": 1, "本": 1, "千册": 1e3, "万册": 1e4},
    "台": {"台": 1, "套": 1, "部": 1},
    "所": {"所": 1, "个": 1, "schools": 1},
    "°": {"°": 1, "度": 1},
}  # fmt: skip
"""Per unit of the registry, the spellings that measure the same quantity and what one of them is worth."""
_KNOWN = frozenset(word for words in _SAME.values() for word in words)
_PEOPLE = {"生": "人", "学生": "人", "名": "人"}
_BRACKET = re.compile(r"[(\[]([^()\[\]]*)[)\]]$")
_SAYS_UNIT = re.compile("^(计量|金额|面积|数量)?单位[:：]?")
_NOTE = re.compile(r"单位:([^()\[\]。]+)")
_BETWEEN = re.compile(r"[,、;/和及]")
_BETWEEN_PARTS = re.compile("[,;、]")
# Words of one character end names as well (学校类别名, 教学点座), and so do Latin ones.
_BARE = sorted((w for w in _KNOWN if not w.isascii() and (len(w) > 1 or w == "亩")), key=lambda w: (-len(w), w))
_ENDS_IN_UNIT = re.compile(f"[:/-]?(?:{'|'.join(_BARE)}|(?<=[一-龥])k?m2)$")
_NUMBER_UNIT = re.compile(r"([+-]?[\d,]*\.?\d+)([^\d.,+-].*)")


def unit_factor(unit: str, word: str) -> float | None:
    """Give the worth of a unit that a file uses in a unit of the registry; ``None`` where it measures something else.

    Examples
    --------
    >>> unit_factor("元", "万元"), unit_factor("人", "万元"), unit_factor("元/人", "万元/生")
    (10000.0, None, 10000.0)
    """
    word = fold(word)
    if unit and fold(unit) == word:
        return 1.0
    if "/" in unit and word.count("/") == 1:
        (top, below), (word_top, word_below) = unit.split("/", 1), word.split("/")
        alike = _PEOPLE.get(word_below, word_below) == _PEOPLE.get(below, below)
        return unit_factor(top, word_top) if alike else None
    worth = _SAME.get(unit, {}).get(word)
    return None if worth is None else float(worth)


def is_unit(word: str) -> bool:
    """Tell whether a word is a unit of any quantity.

    >>> is_unit("万元"), is_unit("平方米/生"), is_unit("含在建")
    (True, True, False)
    """
    parts = fold(word).split("/")
    return len(parts) <= 2 and parts[0] in _KNOWN and (len(parts) == 1 or parts[1] in _KNOWN or parts[1] == "学生")


def unit_in(header: str) -> str:
    """Find the unit that ends a (folded) header, in brackets; ``""`` where there is none.

    Examples
    --------
    >>> unit_in("占地面积(单位:亩)"), unit_in("校舍(平方米,不含危房)"), unit_in("学位(含在建)")
    ('亩', '平方米', '')
    """
    bracket = _BRACKET.search(header)
    if bracket is None:
        return ""
    words = [_SAYS_UNIT.sub("", part) for part in _BETWEEN_PARTS.split(bracket.group(1))]
    return next((word for word in words if is_unit(word)), "")


def without_unit(header: str) -> str:
    """Take the unit, in brackets or bare, off the end of a (folded) header.

    >>> without_unit("设备总值(万元)"), without_unit("设备总值万元"), without_unit("户数")
    ('设备总值', '设备总值', '户数')
    """
    bare = _BRACKET.sub("", header)
    if bare != header:
        return bare
    match = _ENDS_IN_UNIT.search(header)
    return header[: match.start()] if match else header


def noted_units(text: str) -> tuple[str, ...]:
    """List the units that a note above a table declares for all of it; the name of an office is no unit.

    Examples
    --------
    >>> noted_units("计量单位：人、平方米、万元"), noted_units("填报单位：青石镇中心学校")
    (('人', '平方米', '万元'), ())
    """
    for spelled in (fold(text), *map(fold, text.split())):
        note = _NOTE.search(spelled)
        words = tuple(word for word in _BETWEEN.split(note.group(1)) if is_unit(word)) if note else ()
        if words:
            return words
    return ()


def split_unit(text: str, unit: str) -> tuple[str, float] | None:
    """Split a (folded) cell into its number and the worth of the unit behind it; ``None`` where there is no such unit.

    Examples
    --------
    >>> split_unit("35人", "人"), split_unit("1.2万元", "元"), split_unit("35间", "人"), split_unit("35", "人")
    (('35', 1.0), ('1.2', 10000.0), None, None)
    """
    match = _NUMBER_UNIT.fullmatch(text)
    factor = unit_factor(unit, match.group(2)) if match else None
    return None if match is None or factor is None else (match.group(1), factor)

"""What one cell says: text, an id or a number, or why it says none of them."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from functools import lru_cache

from layout_planner.columns import Kind

__all__ = ["column_letters", "fault_in", "fold", "has_mark", "is_blank", "to_bool", "to_id", "to_number", "to_text"]

_BLANK = frozenset({"", "-", "--", "—", "——", "–", "/", "\\", "无", "空", "na", "n/a", "nan", "null", "none"})
_FAULTS = frozenset(
    {"#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#N/A", "#CALC!", "#SPILL!", "#GETTING_DATA"}
)
_UNSEEN = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_DEGREES = re.compile(
    r"([+-]?\d{1,3})[°度](\d{1,2})['′‘’分](?:(\d{1,2}(?:\.\d+)?)(?:[\"“”秒]|['′‘’]{2})?)?([nsew东西南北])?",
    re.IGNORECASE,
)
_SCIENTIFIC = re.compile(r"\d(\.\d+)?e\+?\d+", re.IGNORECASE)
_TRAILING_ZERO = re.compile(r"(\d+)\.0+")
_LARGEST_COUNT = 1e12
_EXACT = 1e15
_TRUE = frozenset({"是", "有", "true", "yes", "y", "1", "√", "✓"})
_FALSE = frozenset({"否", "无", "false", "no", "n", "0", "×", "✗"})


def column_letters(place: int) -> str:
    """Spell a column's position (0 is the first) as spreadsheets do.

    >>> column_letters(0), column_letters(26)
    ('A', 'AA')
    """
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Fold a text for comparison: full-width to half-width, lower case, no spaces.

    >>> fold("学校（机构） 标识码")
    '学校(机构)标识码'
    """
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", _UNSEEN.sub("", text))).casefold()


def has_mark(text: str) -> bool:
    """Tell whether a text carries a footnote's digit (35①, 120²), which must not be read as one of its own.

    >>> has_mark("35①"), has_mark("３５")
    (True, False)
    """
    return not text.isascii() and any(unicodedata.category(sign) == "No" for sign in text)


def to_text(value: object) -> str:
    """Spell a cell as the user sees it: no outer spaces, line breaks or unseen marks; whole numbers without ``.0``."""
    if value is None:
        return ""
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        return str(int(value)) if value.is_integer() and abs(value) < _EXACT else repr(value)
    return re.sub(r"\s*[\r\n\t]+\s*", " ", _UNSEEN.sub("", str(value))).strip()


def fault_in(value: object) -> str:
    """Give the error that a formula left in a cell (``#REF!``), or ``""``."""
    text = value.strip().upper() if isinstance(value, str) and value.lstrip().startswith("#") else ""
    return text if text in _FAULTS else ""


def is_blank(value: object) -> bool:
    """Tell whether a cell of a number or id column says nothing (empty, a dash, 无)."""
    return (not isinstance(value, (int, float)) and fold(to_text(value)) in _BLANK) or (
        isinstance(value, float) and math.isnan(value)
    )


def to_id(value: object) -> tuple[str, str]:
    """Read a code as text.

    Returns
    -------
    text : str
        The code; ``"1234.0"`` and ``1234.0`` are healed to ``"1234"``.
    problem : str
        ``""``, ``"scientific"`` (digits are lost), ``"date"`` (the spreadsheet turned it into a date) or ``"mark"``
        (a footnote's digit stands at it).
    """
    if is_blank(value):
        return "", ""
    if isinstance(value, str) and has_mark(value):
        return to_text(value), "mark"
    if isinstance(value, (dt.date, dt.time, dt.timedelta)):
        return str(value), "date"
    if isinstance(value, float):
        if not math.isfinite(value) or abs(value) >= _EXACT:
            return (f"{value:.0f}" if math.isfinite(value) else repr(value)), "scientific"
        return to_text(value), ""
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", to_text(value))).lstrip("'`‘’")
    if whole := _TRAILING_ZERO.fullmatch(text):
        return whole.group(1), ""
    return text, "scientific" if _SCIENTIFIC.fullmatch(text) else ""


def _degrees(text: str) -> float | None:
    match = _DEGREES.fullmatch(text)
    if match is None:
        return None
    degree, minute, second, side = match.groups()
    value = abs(float(degree)) + float(minute) / 60 + float(second or 0) / 3600
    south_or_west = degree.startswith("-") or (side or "").lower() in ("s", "w", "南", "西")
    return -value if south_or_west else value


def to_number(value: object, kind: Kind, *, signed: bool = False) -> tuple[float | None, str]:
    """Read a number.

    Parameters
    ----------
    value : object
        A cell: text (full-width digits, thousands separators, degrees-minutes-seconds) or a number.
    kind : {"int", "float", "share"}
        ``int`` must be whole.
    signed : bool
        Whether negative values are allowed.

    Returns
    -------
    number : float or None
        ``None`` for an empty cell and for every problem.
    problem : str
        ``""``, ``"text"``, ``"mark"``, ``"negative"``, ``"not_whole"`` or ``"too_large"``.
    """
    if is_blank(value):
        return None, ""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None, "text"
    if isinstance(value, str):
        if has_mark(value):
            return None, "mark"
        text = fold(value)
        percent = kind == "share" and text.endswith("%")
        text = text.removesuffix("%") if percent else text
        if _THOUSANDS.fullmatch(text):
            text = text.replace(",", "")
        if _NUMBER.fullmatch(text):
            number = float(text) / (100 if percent else 1)
        else:
            degrees = _degrees(text) if signed else None
            if degrees is None:
                return None, "text"
            number = degrees
    else:
        number = float(value)
    if not math.isfinite(number) or abs(number) > _LARGEST_COUNT:
        return None, "too_large"
    if number < 0 and not signed:
        return None, "negative"
    if kind == "int":
        if abs(number - round(number)) > 1e-9:
            return None, "not_whole"
        number = float(round(number))
    return number, ""


def to_bool(value: object) -> tuple[bool | None, str]:
    """Read a yes or no; the problem is ``""`` or ``"text"``."""
    if isinstance(value, bool):
        return value, ""
    text = fold(to_text(value))
    if text in _TRUE:
        return True, ""
    if text in _FALSE:
        return False, ""
    return None, "" if text in _BLANK else "text"

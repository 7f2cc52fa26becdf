"""Tables as a document shows them, for a notebook: headers in words with units, codes in words, numbers rounded."""

from __future__ import annotations

import pandas as pd

from layout_planner.columns import table
from layout_planner.errors import language
from layout_planner.registry import Column, label, unit_word
from layout_planner.report.words import CODES, code_word, spell, spell_column

__all__ = ["readable"]

_NUMBERS = frozenset({"int", "float", "share"})


def readable(frame: pd.DataFrame, name: str, *, lang: str | None = None) -> pd.DataFrame:
    """Spell a table for readers: every number with the decimals of its unit, every code and header in words.

    Parameters
    ----------
    frame : DataFrame
        Some rows and columns of a table of the registry, in any order; other columns are passed through, numbers in
        them by the row's ``unit`` where there is one.
    name : str
        The table's name in :mod:`layout_planner.columns`, as ``"moves"`` or ``"indicators"``.
    lang : {"zh", "en"}, optional
        The language of messages by default. Of a text that stands in both languages the other one is left out.

    Returns
    -------
    DataFrame
        Text only, rows numbered from 1: to be read, not to be calculated with.

    Raises
    ------
    KeyError
        If the registry has no such table.

    Examples
    --------
    >>> rows = pd.DataFrame({"name": ["东村"], "band": ["G1-3"], "pupils": [12.34], "minutes_after": [31.66]})
    >>> readable(rows, "moves", lang="zh").to_dict("list")
    {'村名': ['东村'], '年级段': ['1—3年级'], '学生数（人）': ['12.3'], '新单程时间（分钟）': ['31.7']}
    """
    lang, known = lang or language(), table(name)
    units = frame["unit"].astype(str).tolist() if "unit" in frame.columns else None
    out: dict[str, list[str]] = {}
    for key in _in_one_language([str(column) for column in frame.columns], lang):
        column = next((known[each] for each in (key, key.removesuffix("_en")) if each in known.names), None)
        out[key if column is None else _head(column, lang)] = _texts(frame[key], column, units, lang)
    return pd.DataFrame(out, index=range(1, len(frame) + 1), dtype="object")


def _in_one_language(keys: list[str], lang: str) -> list[str]:
    """Leave out the Chinese of a pair such as ``label`` and ``label_en``, or the English."""
    pairs = {key for key in keys if f"{key}_en" in keys}
    left_out = pairs if lang == "en" else {f"{key}_en" for key in pairs}
    return [key for key in keys if key not in left_out]


def _head(column: Column, lang: str) -> str:
    words = column.zh if lang == "zh" else column.en
    return words if words in {column.unit, unit_word(column.unit)} else label(column, lang)


def _texts(values: pd.Series, column: Column | None, units: list[str] | None, lang: str) -> list[str]:
    if values.name == "unit":
        return ["" if unit == "%" else unit if lang == "zh" else unit_word(unit) for unit in map(str, values)]
    number = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    if number and units is not None and (column is None or not column.unit):
        return [spell(value, unit) for value, unit in zip(values, units, strict=True)]
    if number and column is not None and column.kind in _NUMBERS:
        return spell_column(column, values)
    if number:
        return [spell(value) for value in values]
    if pd.api.types.is_bool_dtype(values):
        yes, no = ("是", "否") if lang == "zh" else ("yes", "no")
        return [yes if value else no for value in values]
    if values.name in CODES:
        return [code_word(str(values.name), value, lang) for value in values]
    return ["—" if pd.isna(value) or value == "" else str(value) for value in values]

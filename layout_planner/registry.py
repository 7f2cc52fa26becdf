"""What a column and a table are, for the column registry in :mod:`layout_planner.columns`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

__all__ = ["BAND", "PUPILS", "Column", "Table", "label", "unit_word"]

Kind = Literal["id", "text", "int", "float", "bool", "share"]


@dataclass(frozen=True)
class Column:
    """One quantity: its name, kind, unit, labels, other people's headers for it, and what it means.

    ``kind`` is ``id`` (text that survives every step), ``text``, ``int`` (whole, ≥ 0), ``float`` (≥ 0 unless the
    table says otherwise), ``bool`` or ``share`` (0 to 1, shown as a percentage).
    ``not_under`` are words in a heading above its header that make the header mean something else.
    ``advisory`` columns only serve to check others: a cell of theirs that cannot be read is a warning.
    ``digits`` are the decimals to show where those of the unit do not do.
    """

    name: str
    kind: Kind
    zh: str
    en: str
    unit: str = ""
    synonyms: tuple[str, ...] = ()
    required: bool = False
    about: str = ""
    source: str = ""
    advisory: bool = False
    not_under: tuple[str, ...] = ()
    digits: int | None = None


@dataclass(frozen=True)
class Table:
    """A named table: its columns in the order in which they are shown.

    ``sheets`` are further names under which people keep it in a workbook.
    """

    name: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    sheets: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return any(column.name == name for column in self.columns)

    @property
    def names(self) -> tuple[str, ...]:
        """Canonical column names."""
        return tuple(column.name for column in self.columns)

    def is_named(self, sheet: str) -> bool:
        """Tell whether a sheet bears the table's name.

        >>> from layout_planner.columns import SCHOOLS
        >>> SCHOOLS.is_named("学校 "), SCHOOLS.is_named("Schools"), SCHOOLS.is_named("Sheet1")
        (True, True, False)
        """
        return "".join(sheet.split()).casefold() in {n.casefold() for n in (self.name, self.zh, self.en, *self.sheets)}

    def headers(self, lang: str = "zh") -> dict[str, str]:
        """Map canonical names to headers with units, as a workbook shows them."""
        return {c.name: label(c, lang) for c in self.columns}


def label(column: Column, lang: str = "zh") -> str:
    """Spell a column's header with its unit.

    >>> label(Column("walk_m", "float", "步行距离", "walking distance", "米"))
    '步行距离（米）'
    """
    text = column.zh if lang == "zh" else column.en
    if not column.unit:
        return text
    return f"{text}（{column.unit}）" if lang == "zh" else f"{text} ({unit_word(column.unit)})"


def unit_word(unit: str) -> str:
    """Spell a unit in English."""
    return _UNIT_EN.get(unit, unit)


_UNIT_EN = {"人": "pupils", "分钟": "min", "米": "m", "平方米": "m²", "间": "rooms", "个": "classes", "张": "beds", "所": "schools",
            "人/班": "pupils/class", "°": "°", "班": "classes", "次": "times", "个月": "months", "倍": "×",
            "名": "persons", "册": "books", "台": "computers", "元": "yuan", "平方米/人": "m²/pupil", "册/人": "books/pupil",
            "元/人": "yuan/pupil", "台/百人": "per 100 pupils", "人/名": "pupils/teacher",
            "户": "households", "人/百户": "pupils per 100 households", "元/年": "yuan/year", "人·分钟": "pupil-minutes",
            "名/百人": "per 100 pupils", "间/百人": "rooms per 100 pupils",
            "辆": "buses", "系数": "coefficient"}  # fmt: skip

BAND = Column("band", "text", "年级段", "grade band")
PUPILS = Column("pupils", "float", "学生数", "pupils", "人", about="由人口栅格推算的带小数，表册人数为整数")

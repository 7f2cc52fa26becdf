"""The parts of an official document: sections with sentences, tables, forms to fill in and pictures, free of format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from layout_planner.dossier.ledger import Entry, Line, Name, Row

if TYPE_CHECKING:
    from layout_planner.registry import Column

__all__ = [
    "BLANK",
    "Block",
    "Document",
    "Form",
    "Grid",
    "Head",
    "Para",
    "Picture",
    "Section",
    "Sub",
    "grid",
    "numbered",
    "or_blank",
]

Value = Entry | Line | Name | str
BLANK = "＿＿＿＿"
"""Room that people write in."""
_NUMERALS = "一二三四五六七八九"


@dataclass(frozen=True)
class Para:
    """A paragraph; ``strong`` sets it off, ``kind`` is ``body``, ``right`` (a signature), ``flush`` or ``note``."""

    line: Line
    strong: bool = False
    kind: str = "body"


@dataclass(frozen=True)
class Head:
    """The head of a column: words, unit, and the share of the width."""

    text: str
    unit: str = ""
    width: float = 1.0
    number: bool = False


@dataclass(frozen=True)
class Grid:
    """A table; ``refs`` gives each row's reference, which stands in the last column. ``note`` stands below."""

    caption: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[Value, ...], ...]
    refs: tuple[str, ...] = ()
    note: Line | None = None
    number: str = ""


@dataclass(frozen=True)
class Form:
    """A table that people fill in: labels to the left, room or what is known to the right."""

    caption: str
    rows: tuple[tuple[str, Value], ...]
    number: str = ""


@dataclass(frozen=True)
class Picture:
    """A picture with a caption below and a text for those who cannot see it."""

    caption: str
    png: bytes
    alt: str
    number: str = ""


Block = Para | Grid | Form | Picture


@dataclass(frozen=True)
class Sub:
    """A heading of the second level; it is dropped when nothing follows it."""

    title: str
    blocks: tuple[Block, ...]
    number: str = ""


@dataclass(frozen=True)
class Section:
    """A heading of the first level with what stands under it."""

    title: str
    blocks: tuple[Block, ...] = ()
    subs: tuple[Sub, ...] = ()
    number: str = ""


@dataclass(frozen=True)
class Document:
    """A document: file name without suffix, title, the line below it, sections."""

    stem: str
    title: str
    subtitle: Line
    sections: tuple[Section, ...]


def numbered(sections: Sequence[Section]) -> tuple[Section, ...]:
    """Drop empty headings; number the rest as official documents do (一、 then （一）), and tables and pictures.

    >>> from layout_planner.dossier.ledger import line
    >>> [s.number for s in numbered([Section("甲"), Section("乙", (Para(line("有。")),))])]
    ['一、']
    """
    out: list[Section] = []
    seen = {"表": 0, "图": 0}
    for section in sections:
        subs = [sub for sub in section.subs if sub.blocks]
        if not section.blocks and not subs:
            continue
        blocks = tuple(_captioned(block, seen) for block in section.blocks)
        told = tuple(
            replace(sub, number=f"（{_numeral(k)}）", blocks=tuple(_captioned(block, seen) for block in sub.blocks))
            for k, sub in enumerate(subs, 1)
        )
        out.append(Section(section.title, blocks, told, f"{_numeral(len(out) + 1)}、"))
    return tuple(out)


def _captioned(block: Block, seen: dict[str, int]) -> Block:
    if isinstance(block, Para) or not block.caption:
        return block
    word = "图" if isinstance(block, Picture) else "表"
    seen[word] += 1
    return replace(block, number=f"{word}{seen[word]}　")


def _numeral(n: int) -> str:
    """Spell 1 to 99 in Chinese.

    >>> _numeral(3), _numeral(10), _numeral(12), _numeral(20)
    ('三', '十', '十二', '二十')
    """
    tens, ones = divmod(n, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_NUMERALS[tens - 1]}十"
    return head + (_NUMERALS[ones - 1] if ones else "")


def or_blank(row: Row, column: str, unit: str = "") -> Entry | str:
    """Give a value with its unit, or room to fill it in where it is not known."""
    return row[column].with_unit(unit) if row.has(column) else BLANK + unit


def grid(
    caption: str, rows: Sequence[Row], shown: Sequence[tuple[str, str, float]], *, note: Line | None = None
) -> Grid:
    """Make a table of rows of the ledger, each with its reference.

    Parameters
    ----------
    rows : sequence of Row
        Of one table.
    shown : sequence of (column, head, width)
        Columns in order; an empty head takes the registry's label.
    """
    table = rows[0].table
    heads = tuple(
        Head(head or column.zh, column.unit, width, _is_number(column))
        for column, head, width in ((table[name], head, width) for name, head, width in shown)
    )
    cells = tuple(tuple(row[name] for name, _, _ in shown) for row in rows)
    return Grid(caption, heads, cells, tuple(row.ref for row in rows), note)


def _is_number(column: Column) -> bool:
    return column.kind in ("int", "float", "share") or column.name == "shown"

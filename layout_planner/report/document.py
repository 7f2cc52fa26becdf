"""The parts that a document is made of: numbered sections, paragraphs, tables and figures, free of any format."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from layout_planner.columns import Column, Table, unit_word
from layout_planner.errors import counted
from layout_planner.report.frames import in_words
from layout_planner.report.words import spell_column

__all__ = [
    "Block",
    "Cell",
    "Figure",
    "Grid",
    "Paragraph",
    "Points",
    "Section",
    "Sub",
    "grid",
    "number_sections",
    "whole_pupils",
]

SHORT_WORD = 10
LONG_TEXT = 24
_NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of text; ``strong`` sets it off."""

    text: str
    strong: bool = False


@dataclass(frozen=True)
class Points:
    """Numbered points."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """One cell of a table: its text, whether it is a number, a mark (``bad``, ``warn``, ``good``); a head's unit."""

    text: str
    number: bool = False
    mark: str = ""
    unit: str = ""

    @property
    def classes(self) -> str:
        """Names for the style sheet: numbers to the right, short words on one line, room for long texts."""
        short = "k" if not self.number and len(self.text) <= SHORT_WORD else ""
        short = "w" if not self.number and len(self.text) > LONG_TEXT else short
        return " ".join(name for name in ("n" if self.number else "", short, self.mark) if name)


@dataclass(frozen=True)
class Grid:
    """A table with a caption, headers, rows, and a note that says where the rest is."""

    caption: str
    heads: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class Figure:
    """A picture as a data address, with a caption and a text for those who cannot see it."""

    caption: str
    source: str
    alt: str


@dataclass(frozen=True)
class Sub:
    """A heading of the second level; it is dropped when nothing follows it."""

    title: str
    blocks: tuple[Block, ...]


Block = Paragraph | Points | Grid | Figure


@dataclass(frozen=True)
class Section:
    """A heading of the first level with what stands under it."""

    title: str
    blocks: tuple[Block, ...] = ()
    subs: tuple[Sub, ...] = ()
    number: str = ""
    sub_numbers: tuple[str, ...] = field(default=())

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands under the heading."""
        return not self.blocks and not any(sub.blocks for sub in self.subs)


def number_sections(sections: Sequence[Section], lang: str = "zh") -> list[Section]:
    """Drop empty sections and number the rest as official documents do: 一、 then （一）; tables and figures too.

    In English they are 1 and 1.1.

    >>> [s.number for s in number_sections([Section("甲"), Section("乙", (Paragraph("有"),))])]
    ['一、']
    """
    kept = [section for section in sections if not section.is_empty]
    numbered = []
    zh = lang == "zh"
    seen = {"表" if zh else "Table ": 0, "图" if zh else "Figure ": 0}
    for i, section in enumerate(kept):
        blocks = tuple(_captioned(block, seen) for block in section.blocks)
        subs = tuple(
            Sub(sub.title, tuple(_captioned(block, seen) for block in sub.blocks)) for sub in section.subs if sub.blocks
        )
        sub_numbers = tuple(f"（{_numeral(j)}）" if zh else f"{i + 1}.{j + 1} " for j in range(len(subs)))
        numbered.append(Section(section.title, blocks, subs, f"{_numeral(i)}、" if zh else f"{i + 1} ", sub_numbers))
    return numbered


def _captioned(block: Block, seen: dict[str, int]) -> Block:
    """Give a table or figure its number in the document."""
    if not isinstance(block, (Grid, Figure)):
        return block
    word = list(seen)[0 if isinstance(block, Grid) else 1]
    seen[word] += 1
    gap = ". " if word.isascii() else "　"
    return replace(block, caption=f"{word}{seen[word]}{gap}{block.caption}")


def _numeral(i: int) -> str:
    return _NUMERALS[i] if i < 10 else "十" + _NUMERALS[i - 10]


def grid(
    table: Table,
    frame: pd.DataFrame,
    names: Sequence[str],
    caption: str,
    *,
    most: int | None = None,
    sheet: str = "",
    marks: Mapping[str, Callable[[Any], str]] | None = None,
    extra: Mapping[str, Column] | None = None,
    lang: str = "zh",
) -> Grid:
    """Make a table of a document out of a frame of the registry.

    Parameters
    ----------
    names : sequence of str
        Columns shown, in order.
    most : int, optional
        Rows shown; the note says how many more there are and in which sheet of the workbook.
    sheet : str
        Sheet of the workbook that holds all of it.
    marks : mapping of str to callable
        For a column, a function from its value to a mark (``bad``, ``warn``, ``good`` or nothing).
    extra : mapping of str to Column
        Columns that are not in the registry's table.
    lang : {"zh", "en"}
        Of heads, words and the note on further rows.
    """
    extra = extra or {}
    defined = {name: extra.get(name) or table[name] for name in names}
    head = frame if most is None else frame.head(most)
    shown = in_words(table, head, lang)
    cells = []
    for name, column in defined.items():
        is_number = column.kind in ("int", "float", "share")
        texts = spell_column(column, head[name]) if is_number else [str(v) for v in shown.get(name, head[name])]
        mark = (marks or {}).get(name, _no_mark)
        cells.append([Cell(text, is_number, mark(raw)) for text, raw in zip(texts, head[name], strict=True)])
    rows = tuple(zip(*cells, strict=True))
    heads = tuple(_head(column, lang) for column in defined.values())
    left = len(frame) - len(head)
    more = (f"另有{left:,}行，" if lang == "zh" else f"{counted(left, 'more row')}: ") if left > 0 else ""
    where = f"见工作簿“{sheet}”表。" if lang == "zh" else f"sheet “{sheet}” of the workbook."
    note = "" if not (more or sheet) else f"{more or ('数据' if lang == 'zh' else 'Data: ')}{where}"
    return Grid(caption, heads, rows, note)


def whole_pupils(table: Table) -> dict[str, Column]:
    """Give the column of pupils of a table so that it shows whole persons, as ``extra`` of :func:`grid`.

    Estimated pupils have decimals in workbooks; a notice counts people.
    """
    return {"pupils": replace(table["pupils"], digits=0)}


def _head(column: Column, lang: str) -> Cell:
    is_number = column.kind in ("int", "float", "share")
    if lang == "zh":
        return Cell(column.zh, is_number, unit=column.unit)
    return Cell(column.en, is_number, unit=unit_word(column.unit))


def _no_mark(_: object) -> str:
    return ""

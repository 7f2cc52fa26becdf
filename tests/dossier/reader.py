"""Read Word files and the ledger as a distrustful reader does: every number against the one cell that it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import docx
import openpyxl
from docx.document import Document as Word
from docx.table import Table
from docx.text.paragraph import Paragraph

from layout_planner.dossier.blocks import Block, Document, Form, Grid, Para
from layout_planner.dossier.facts import Facts
from layout_planner.dossier.ledger import Entry, Line, Name
from layout_planner.registry import Table as Defined
from layout_planner.report.words import CODES

_NUMBER = re.compile(r"[−+]?\d[\d,]*(?:\.\d+)?%?")
_REF = re.compile(r"［(\d+-\d+)］")
_OWN = re.compile(r"^(表|图)\d+　")
_SHEETS = ("说明", "出处")


@dataclass
class Passage:
    """A sentence or table row: its text without references, and the references that it carries."""

    text: str
    refs: list[str] = field(default_factory=list)


def passages(path: Path) -> Iterator[Passage]:
    """Read every paragraph and every row of every table, from the first to the last."""
    book: Word = docx.Document(str(path))
    for part in book.iter_inner_content():
        if isinstance(part, Paragraph):
            yield _passage([part])
        else:
            yield from _rows(part)


def _rows(table: Table) -> Iterator[Passage]:
    for k, row in enumerate(table.rows):
        cells = row.cells
        cited = table.rows[0].cells[-1].text == "出处"
        found = _passage([p for cell in (cells[:-1] if cited else cells) for p in cell.paragraphs])
        if cited and k:
            found.refs += cells[-1].text.split("、")
        yield found


def _passage(paragraphs: list[Paragraph]) -> Passage:
    text, refs = "", []
    for paragraph in paragraphs:
        for run in paragraph.runs:
            if run.font.superscript:
                refs += _REF.findall(run.text)
            else:
                text += run.text
        text += "\n"
    return Passage(_OWN.sub("", text.strip()), refs)


class Book:
    """The ledger as it was written: the cell of each row and column, and where each number is said to be from."""

    def __init__(self, path: Path) -> None:
        self.cells: dict[tuple[str, str], object] = {}
        self.traces: list[tuple[object, ...]] = []
        self.by_place: dict[tuple[str, str], object] = {}
        for sheet in openpyxl.load_workbook(path).worksheets:
            if sheet.title == "说明":
                continue
            heads = [str(cell.value).partition("（")[0] for cell in next(sheet.iter_rows())]
            for row in sheet.iter_rows(min_row=2):
                if sheet.title == "出处":
                    self.traces.append(tuple(cell.value for cell in row))
                    continue
                ref = str(row[0].value)
                # Some tables have two columns of one name and different units: both are kept, in their order.
                for at, (head, cell) in enumerate(zip(heads, row, strict=True)):
                    self.cells[ref, f"{head}#{heads[:at].count(head)}"] = cell.value
                    self.by_place[sheet.title, cell.coordinate] = cell.value

    def refs(self) -> set[str]:
        """References of all rows."""
        return {ref for ref, _ in self.cells}

    def texts(self) -> set[str]:
        """Every text of the ledger."""
        return {value for value in self.cells.values() if isinstance(value, str)}


def is_cell(shown: str, value: object, column: str) -> bool:
    """Tell whether what a document shows is a cell, to the digits shown."""
    words = {code: said[0] for code, said in CODES.get(column, {}).items()}
    if isinstance(value, str):
        return shown in (value, words.get(value))
    if not isinstance(value, (int, float)):
        return shown in ("—", "")
    if column == "pupils" and shown == "不足1":
        return value == 0
    found = _NUMBER.findall(shown)
    if len(found) != 1:
        return False
    text = str(found[0])
    number = float(text.strip("%−+").replace(",", ""))
    factor = 100.0 if text.endswith("%") or "百分点" in shown else 1.0
    half = 0.5 * 10.0 ** -len(text.strip("%").partition(".")[2]) + 1e-9
    wrong_sign = (text.startswith("−") and value > 0) or (text.startswith("+") and value < 0)
    return not wrong_sign and abs(abs(value) * factor - number) <= half


def entries(document: Document) -> Iterator[Entry | Name | str]:
    """Walk a document from the first word to the last: entries of the ledger, names, words."""
    yield document.title
    yield from document.subtitle.parts
    for section in document.sections:
        yield section.title
        yield from _of(section.blocks)
        for sub in section.subs:
            yield sub.title
            yield from _of(sub.blocks)


def _of(blocks: Sequence[Block]) -> Iterator[Entry | Name | str]:
    for block in blocks:
        if isinstance(block, Para):
            yield from block.line.parts
        elif isinstance(block, Grid):
            yield block.caption
            yield from (head.text for head in block.heads)
            for row in block.rows:
                for value in row:
                    yield from value.parts if isinstance(value, Line) else (value,)
            yield from block.note.parts if block.note is not None else ()
        elif isinstance(block, Form):
            yield block.caption
            for label, value in block.rows:
                yield Name(label)
                yield from value.parts if isinstance(value, Line) else (value,)
        else:
            yield block.caption


def place_of(table: Defined, names: Iterable[str]) -> dict[str, str]:
    """Give the key of :class:`Book` under which each column of a table is found."""
    listed = list(names)
    labels = [table[name].zh.partition("（")[0] for name in listed]
    return {name: f"{labels[at]}#{labels[:at].count(labels[at])}" for at, name in enumerate(listed)}


def wrong(documents: Sequence[Document], facts: Facts, book: Book) -> list[str]:
    """List what documents show that is not the very cell that they cite: its row, and its column."""
    heads = {
        (title[: len(title) - len(table.zh)], name): head
        for title, table, frame in facts.ledger.tables
        for name, head in place_of(table, frame.columns).items()
    }
    out = []
    for document in documents:
        for part in entries(document):
            if not isinstance(part, Entry):
                continue
            cell = book.cells[part.ref, heads[part.ref.partition("-")[0], part.column]]
            shown = part.text if not part.is_number else part.text.rstrip("个间人张册平方米")
            if not is_cell(shown, cell, part.column):
                out.append(f"{document.stem}: {part.text!r} is not {cell!r} ({part.ref}, {part.column})")
    return out


def numbers(text: str) -> list[str]:
    """List the numbers of a text."""
    return [found.strip("−+%") for found in _NUMBER.findall(text)]

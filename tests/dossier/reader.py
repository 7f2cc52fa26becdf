"""Read Word files and the ledger as a distrustful reader does: every number against the row that it cites."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import docx
import openpyxl
from docx.document import Document
from docx.text.paragraph import Paragraph

_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_REF = re.compile(r"［(\d+-\d+)］")
_OWN = re.compile(r"^(表|图)\d+　")


@dataclass
class Passage:
    """A sentence or table row: its text without references, and the references that it carries."""

    text: str
    refs: list[str] = field(default_factory=list)


def passages(path: Path) -> Iterator[Passage]:
    """Read every paragraph and every row of every table."""
    book: Document = docx.Document(str(path))
    for paragraph in book.paragraphs:
        yield _passage([paragraph])
    for table in book.tables:
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
    """The ledger: values and texts of each row by reference."""

    def __init__(self, path: Path) -> None:
        self.rows: dict[str, list[object]] = {}
        self.traces: list[tuple[object, ...]] = []
        self.cells: dict[tuple[str, str], object] = {}
        for sheet in openpyxl.load_workbook(path).worksheets:
            for row in sheet.iter_rows(min_row=2):
                values = [cell.value for cell in row]
                if sheet.title == "出处":
                    self.traces.append(tuple(values))
                elif sheet.title != "说明":
                    self.rows[str(values[0])] = values[1:]
                    self.cells |= {(sheet.title, cell.coordinate): cell.value for cell in row}

    def names(self) -> list[str]:
        """All texts of the ledger that hold a digit, longest first."""
        texts = {v for row in self.rows.values() for v in row if isinstance(v, str) and re.search(r"\d", v)}
        return sorted(texts, key=len, reverse=True)

    def holds(self, number: str, refs: list[str]) -> bool:
        """Tell whether one of the rows holds a number, to the digits shown."""
        shown = float(number.replace(",", ""))
        half = 0.5 * 10.0 ** -len(number.partition(".")[2]) + 1e-9
        for ref in refs:
            for value in self.rows[ref]:
                if isinstance(value, str) and number in _NUMBER.findall(value):
                    return True
                if isinstance(value, (int, float)) and any(
                    abs(abs(factor * value) - shown) <= half for factor in (1.0, 100.0)
                ):
                    return True
        return False


def numbers(text: str) -> list[str]:
    """List the numbers of a text."""
    return _NUMBER.findall(text)

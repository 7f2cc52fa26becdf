"""What a workbook knows beside its values: formulas that failed or were never calculated, hidden rows."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

__all__ = ["UNCALCULATED", "XML_SUFFIXES", "Marks", "count_old_faults", "read_marks"]

XML_SUFFIXES = (".xlsx", ".xlsm")
UNCALCULATED = "#CALC!"
"""Stands in a cell whose formula has no stored result."""

_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_CELL = re.compile(r"([A-Z]{1,3})(\d+)")
_TRUE = ("1", "true")
# Records of an .xls sheet: a cell that holds an error, and a formula whose stored result is one.
_OLD_FAULTS = re.compile(
    rb"\x05\x02\x08\x00.{6}[\x00\x07\x0f\x17\x1d\x24\x2a]\x01"
    rb"|\x06\x00.{2}.{6}\x02.[\x00\x07\x0f\x17\x1d\x24\x2a].{3}\xff\xff",
    re.DOTALL,
)


@dataclass(frozen=True)
class Marks:
    """The marks of one sheet.

    Attributes
    ----------
    faults : dict
        Cell (row and column from 0) to its error, such as ``#REF!``.
    hidden_rows : tuple of int
        Rows that are hidden and hold cells, counted from 1.
    """

    faults: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden_rows: tuple[int, ...] = ()


def read_marks(path: Path) -> dict[str, Marks]:
    """Read the marks of every sheet of an xlsx file; none where the file is built in a way of its own.

    The reader of values gives a failed formula as an empty cell, which must not pass for one.
    """
    try:
        with zipfile.ZipFile(path) as book:
            return {name: _marks(book.read(part)) for name, part in _parts(book)}
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, OSError):
        return {}


def count_old_faults(path: Path) -> int:
    """Count the cells of an .xls file that hold errors; the file does not tell their sheet without more reading."""
    return sum(1 for _ in _OLD_FAULTS.finditer(path.read_bytes()))


def _parts(book: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Give the sheets' names and the files that hold them."""
    related = ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 - expat bounds expansion
    targets = {r.get("Id"): r.get("Target", "") for r in related}
    names = ElementTree.fromstring(book.read("xl/workbook.xml"))  # noqa: S314 - expat bounds expansion
    for sheet in names.iter():
        if _tag(sheet) == "sheet" and (target := targets.get(sheet.get(_RELATION))):
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if part in book.namelist() and "worksheets" in part:
                yield sheet.get("name", ""), part


def _marks(text: bytes) -> Marks:
    if b't="e"' not in text and b"<f" not in text and b"hidden=" not in text:
        return Marks()
    faults: dict[tuple[int, int], str] = {}
    hidden = []
    for row in ElementTree.fromstring(text).iter():  # noqa: S314 - expat bounds expansion
        if _tag(row) != "row":
            continue
        if row.get("hidden") in _TRUE and len(row):
            hidden.append(int(row.get("r", "0")))
        for cell in row:
            if (place := _CELL.fullmatch(cell.get("r", ""))) and (fault := _fault(cell)):
                faults[int(place.group(2)) - 1, _column(place.group(1))] = fault
    return Marks(faults, tuple(hidden))


def _fault(cell: ElementTree.Element) -> str:
    found = {_tag(part): part.text or "" for part in cell}
    if cell.get("t") == "e":
        return found.get("v", "") or UNCALCULATED
    return UNCALCULATED if "f" in found and not found.get("v") and cell.get("t") != "str" else ""


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]

"""The ledger: the tables behind the documents. A number enters a document only as an entry of a row of the ledger."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell

from layout_planner.columns import Table
from layout_planner.columns_dossier import CASE_TRACES
from layout_planner.report.words import CODES, code_word, persons, spell

if TYPE_CHECKING:
    from layout_planner.registry import Column

__all__ = ["Entry", "Ledger", "Line", "Name", "Part", "Row", "already", "line", "unsigned"]

_PERSONS = frozenset({"人", "名"})
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True)
class Name:
    """A proper name, a date or the number of a document: text that may hold digits without being a figure."""

    text: str


@dataclass(frozen=True)
class Entry:
    """A value of the ledger as a document shows it, with the reference of its row."""

    text: str
    ref: str
    column: str
    is_number: bool = True

    def with_unit(self, unit: str) -> Entry:
        """Write a unit behind the value."""
        return Entry(self.text + unit, self.ref, self.column, self.is_number)


Part = str | Entry | Name


@dataclass(frozen=True)
class Line:
    """A sentence of a document: words, names and entries of the ledger.

    Raises
    ------
    ValueError
        If the words hold a digit: a figure comes from the ledger or not at all.
    """

    parts: tuple[Part, ...]

    def __post_init__(self) -> None:
        for part in self.parts:
            if isinstance(part, str) and _DIGIT.search(part):
                msg = f"a figure outside the ledger: {part!r}"
                raise ValueError(msg)

    @property
    def text(self) -> str:
        """The sentence without its references."""
        return "".join(part if isinstance(part, str) else part.text for part in self.parts)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries of the ledger in it."""
        return tuple(part for part in self.parts if isinstance(part, Entry))

    def pieces(self) -> Iterator[tuple[str, str]]:
        """Give the text in pieces, each with the reference that is written behind it, or none.

        Entries of one row share the reference behind the last of them, unless another row's comes between.
        """
        refs = [part.ref if isinstance(part, Entry) else "" for part in self.parts]
        for i, part in enumerate(self.parts):
            following = next((ref for ref in refs[i + 1 :] if ref), "")
            yield part if isinstance(part, str) else part.text, refs[i] if refs[i] != following else ""

    def __add__(self, other: Line) -> Line:
        return Line((*self.parts, *other.parts))


def line(template: str, *parts: Part | Line) -> Line:
    """Put entries and names into a sentence in the places of ``{}``.

    >>> line("{}有学生{}人。", Name("杨家教学点"), Entry("15", "1-2", "enrolment")).text
    '杨家教学点有学生15人。'
    >>> line("有学生15人。")
    Traceback (most recent call last):
    ValueError: a figure outside the ledger: '有学生15人。'
    """
    words = template.split("{}")
    out: list[Part] = [words[0]]
    for part, word in zip(parts, words[1:], strict=True):
        out.extend(part.parts if isinstance(part, Line) else (part,))
        out.append(word)
    return Line(tuple(part for part in out if part != ""))


def unsigned(entry: Entry) -> Entry:
    """Write a change without its sign, where the words say whether it is more or less."""
    return replace(entry, text=entry.text.lstrip("−+"))


@dataclass(frozen=True)
class Row:
    """A row of the ledger; its values come out as entries."""

    ref: str
    table: Table
    given: Mapping[str, Any]
    _ledger: Ledger = field(repr=False)

    def __getitem__(self, column: str) -> Entry:
        """Give a value as documents write it, without its unit."""
        return self._entry(column, _spelled(self.table[column], self.given))

    def about(self, column: str) -> Entry:
        """Give a number of persons that was estimated: whole, with 约."""
        value = float(self.given[column])
        return self._entry(column, persons(value + 0.01) if value >= 1 else self._none(column))

    def signed(self, column: str) -> Entry:
        """Give a change with its sign."""
        return self._entry(column, spell(self.given[column], str(self.given.get("unit", "")), sign=True))

    def _none(self, column: str) -> str:
        estimated = float(self.given.get("pupils_estimated", 0.0) or 0.0)
        return "不足1" if column == "pupils" and estimated > 0 else "0"

    def raw(self, column: str) -> Any:  # noqa: ANN401 - numbers, texts and booleans
        """Give the value itself, to decide by."""
        return self.given[column]

    def has(self, column: str) -> bool:
        """Tell whether a value is known."""
        value = self.given.get(column)
        return value is not None and not pd.isna(value) and value != ""

    def flag(self, column: str, yes: str) -> bool | None:
        """Tell whether a text of two says yes; ``None`` where nobody said either."""
        return self.given[column] == yes if self.has(column) else None

    def name(self, column: str) -> Name:
        """Give a text as a proper name."""
        return Name(str(self.given[column]))

    def _entry(self, column: str, text: str) -> Entry:
        self._ledger.note(self.ref, column, text)
        return Entry(text, self.ref, column, self.table[column].kind in ("int", "float", "share"))


def already(row: Row, column: str) -> Line:
    """Say how many of those whom a column counts were so before the change, where the row tells it."""
    before = f"{column}_before"
    if not row.has(before):
        return line("")
    return line("（调整前{}人）", row.about(before)) if row.raw(before) else line("（调整前没有）")


def _spelled(column: Column, values: Mapping[str, Any]) -> str:
    value = values[column.name]
    if column.kind in ("id", "text"):
        text = "" if pd.isna(value) else str(value)
        return code_word(column.name, text) if column.name in CODES else text
    if column.kind == "bool":
        return "是" if value else "否"
    if column.name == "number":
        return f"{float(value):g}" if pd.notna(value) else "—"
    if column.kind == "int" and pd.notna(value):
        return f"{float(value):,.0f}".replace("-", "−")
    unit = column.unit or (str(values.get("unit", "")) if column.kind == "float" else "")
    return spell(value, "share" if column.kind == "share" else unit)


class Ledger:
    """Tables in the order in which they are added; each row has the number of its table and its own: ``3-12``."""

    def __init__(self) -> None:
        self._tables: dict[str, tuple[Table, pd.DataFrame]] = {}
        self._rows: dict[str, list[Row]] = {}
        self._seen: dict[tuple[str, str], tuple[str, list[str]]] = {}
        self.reader = ""
        """Title of the document that takes entries at present."""

    def add(self, table: Table, frame: pd.DataFrame) -> None:
        """Add a table; its rows get their references in their order."""
        number = len(self._tables) + 1
        if "ref" not in table:
            table = replace(table, columns=(CASE_TRACES["ref"], *table.columns))
        numbered = frame.reset_index(drop=True).copy()
        numbered.insert(0, "ref", [f"{number}-{i}" for i in range(1, len(frame) + 1)])
        numbered = numbered[[name for name in table.names if name in numbered]]
        self._tables[table.name] = table, numbered
        self._rows[table.name] = [
            Row(str(record["ref"]), table, {str(k): v for k, v in record.items()}, self)
            for record in numbered.to_dict("records")
        ]

    def rows(self, table: str, **wanted: object) -> list[Row]:
        """Give the rows of a table whose columns have the values wanted."""
        found = self._rows.get(table, [])
        return [row for row in found if all(row.given[name] == value for name, value in wanted.items())]

    def row(self, table: str, **wanted: object) -> Row:
        """Give the one row with these values.

        Raises
        ------
        KeyError
            If there is none.
        """
        found = self.rows(table, **wanted)
        if not found:
            msg = f"no row of {table} with {wanted}"
            raise KeyError(msg)
        return found[0]

    def note(self, ref: str, column: str, text: str) -> None:
        """Remember that a document shows a value."""
        _, readers = self._seen.setdefault((ref, column), (text, []))
        if self.reader and self.reader not in readers:
            readers.append(self.reader)

    @property
    def tables(self) -> list[tuple[str, Table, pd.DataFrame]]:
        """Title with its number, definition and rows of every table."""
        return [(f"{k}{t.zh}", t, frame) for k, (t, frame) in enumerate(self._tables.values(), 1)]

    def traces(self) -> pd.DataFrame:
        """List every value that a document shows: its sheet and cell, its source and rule, and where it is shown.

        Returns
        -------
        DataFrame
            Table ``case_traces``, in the order of sheets, rows and columns.
        """
        rows = []
        for title, table, frame in self.tables:
            names = list(frame.columns)
            for at, row in enumerate(self._rows[table.name], 1):
                for c, column in enumerate(names):
                    if (seen := self._seen.get((row.ref, column))) is not None:
                        rows.append(self._trace(row, title, xl_rowcol_to_cell(at, c), column, seen))
        return pd.DataFrame(rows, columns=list(CASE_TRACES.names))

    @staticmethod
    def _trace(row: Row, title: str, cell: str, column: str, seen: tuple[str, Sequence[str]]) -> dict[str, str]:
        defined, values = row.table[column], row.given
        return {
            "ref": row.ref, "sheet": title, "cell": cell, "label": defined.zh, "shown": seen[0],
            "unit": defined.unit or (str(values.get("unit", "")) if defined.kind == "float" else ""),
            "source": str(values.get("source", "") or defined.source or "按情景测算"),
            "rule": str(values.get("rule_id", "") or ""), "confidence": str(values.get("confidence", "") or ""),
            "used": "、".join(seen[1]),
        }  # fmt: skip

"""A table that was read, with what is needed to point at its cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from layout_planner.columns import Column, Table, label
from layout_planner.errors import DataCell, Flaw, Severity, Text, counted
from layout_planner.io.cells import column_letters, to_text

__all__ = ["Loaded", "Part", "as_series", "empty_frame"]

_SAME_KIND_SHOWN = 12


class Part(NamedTuple):
    """One sheet of a table that is spread over several.

    ``shift`` is what the index of the joined frame adds to the sheet's own row numbers; ``labels`` and ``places`` are
    as in :class:`Loaded`.
    """

    sheet: str
    shift: int
    labels: dict[str, str]
    places: dict[str, int]


@dataclass(eq=False)
class Loaded:
    """A table that was read, with what is needed to point at its cells.

    ``frame`` has the registry's columns and, as index ``row``, the row numbers that the user sees; where the table was
    joined of several sheets, ``parts`` tells the sheet and its row of every index. ``bad`` holds the cells (row,
    canonical column) that already have a flaw, so that later checks do not report them twice.
    """

    table: Table
    frame: pd.DataFrame
    file: str
    sheet: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    flaws: list[Flaw] = field(default_factory=list)
    bad: set[tuple[int, str]] = field(default_factory=set)
    places: dict[str, int] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()

    def report(
        self,
        code: str,
        what: Text,
        mend: Text,
        *,
        row: int | None = None,
        column: str = "",
        severity: Severity = Severity.ERROR,
        cells: Sequence[DataCell] = (),
    ) -> None:
        """Note a flaw of a cell, row or column (``column`` is the canonical name)."""
        part = self.part(row)
        self.flaws.append(
            Flaw(
                code,
                what,
                mend,
                self.file,
                part.sheet,
                None if row is None else row - part.shift,
                self.header(column, row),
                severity=severity,
                cells=tuple(cells),
                subject=self._name(row),
            )
        )
        if row is not None and column:
            self.bad.add((row, column))

    def _name(self, row: int | None) -> str:
        """Give the name in a row, as far as the table was read."""
        if row is None or "name" not in self.frame.columns or row not in self.frame.index:
            return ""
        return str(self.frame["name"].loc[row])

    def part(self, row: int | None) -> Part:
        """Give the sheet that a row of the frame stands on, or the whole table for ``None``."""
        whole = Part(self.sheet, 0, self.labels, self.places)
        if row is None:
            return whole
        return next((part for part in reversed(self.parts) if part.shift < row), whole)

    def row_words(self, row: int, beside: int) -> Text:
        """Spell a row in a sentence about another one, with its sheet where that is another."""
        part = self.part(row)
        number = row - part.shift
        if part.sheet == self.part(beside).sheet:
            return Text(f"第 {number} 行", f"row {number}")
        return Text(f"工作表“{part.sheet}”第 {number} 行", f"row {number} of the sheet {part.sheet!r}")

    def header(self, column: str, row: int | None = None) -> str:
        """Spell a column as the file (or the sheet of the row) does, or as the registry does where that lacks it."""
        known = self.part(row).labels
        return known.get(column, label(self.table[column]) if column in self.table else column)

    def cell(self, row: int, column: str) -> DataCell:
        """Point at a cell with the value that was read from it."""
        value: object = self.frame[column].loc[row]
        part = self.part(row)
        place, number = part.places.get(column), row - part.shift
        address = "" if place is None else f"{column_letters(place)}{number}"
        plain = value.item() if isinstance(value, np.generic) else value
        shown = "" if plain is None or plain is pd.NA else to_text(plain)
        return DataCell(self.file, part.sheet, number, self.header(column, row), shown, address)

    def listed(self, *, short: bool = True) -> list[Flaw]:
        """List the flaws in the order of the file, all of them or shortened."""
        return self.shortened() if short else self._ordered()

    def _ordered(self) -> list[Flaw]:
        place = {part.sheet: i for i, part in enumerate(self.parts)}
        return sorted(self.flaws, key=lambda f: (place.get(f.sheet, -1), f.row or 0))

    def shortened(self) -> list[Flaw]:
        """List the flaws in the order of the file: the first of each kind and column, and how many more there are."""
        seen: Counter[tuple[str, str]] = Counter()
        kept: list[Flaw] = []
        last: dict[tuple[str, str], Flaw] = {}
        for flaw in self._ordered():
            kind = (flaw.code, flaw.column)
            seen[kind] += 1
            last[kind] = flaw
            if seen[kind] <= _SAME_KIND_SHOWN:
                kept.append(flaw)
        for kind, count in seen.items():
            more = count - _SAME_KIND_SHOWN
            if more > 0:
                what = Text(
                    f"另有 {more} 行有同样的问题，最后一处在第 {last[kind].row} 行",
                    f"{counted(more, 'more row has', 'more rows have')} the same problem, the last in row "
                    f"{last[kind].row}",
                )
                kept.append(replace(last[kind], what=what, row=None, cells=(), subject=""))
        return kept


def empty_frame(table: Table) -> pd.DataFrame:
    """Make a frame of the table without rows."""
    frame = pd.DataFrame({c.name: as_series(c, [], []) for c in table})
    frame.index = pd.Index([], dtype="int64", name="row")
    return frame


def as_series(column: Column, values: list[object], rows: list[int]) -> pd.Series:
    """Make a column of a table, of the kind that the registry declares, under the numbers of its rows."""
    dtype = {"id": "str", "text": "str", "int": "Int64", "float": "float64", "share": "float64", "bool": "boolean"}
    data = values if column.kind != "int" else [None if v is None else int(v) for v in values]  # type: ignore[call-overload]
    return pd.Series(data, index=pd.Index(rows, dtype="int64", name="row"), dtype=dtype[column.kind], name=column.name)

"""What a check says: a code, the columns that disagree, what is wrong and the likely mend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from layout_planner.errors import DataCell, Severity, Text
from layout_planner.grades import GRADES
from layout_planner.io.loaded import Loaded

__all__ = ["Contradiction", "Row", "number", "pupils_of", "rows_of", "warn"]

Row = Mapping[str, Any]
"""One record by canonical column; ``None`` where a cell is empty."""


@dataclass(frozen=True)
class Contradiction:
    """Cells of one row that cannot all be right; the first of ``columns`` is the suspected one."""

    code: str
    columns: tuple[str, ...]
    what: Text
    mend: Text
    severity: Severity = Severity.WARNING


def rows_of(loaded: Loaded) -> Iterator[tuple[int, Row]]:
    """Go through a table's records with the row numbers that the user sees."""
    frame = loaded.frame
    values = frame.astype(object).where(frame.notna(), None)
    for row, record in zip(frame.index, values.to_dict("records"), strict=True):
        yield int(row), {str(name): value for name, value in record.items()}


def warn(loaded: Loaded, row: int, found: Contradiction, others: Sequence[DataCell] = ()) -> None:
    """Report a contradiction with its cells; ``others`` are cells of other rows or tables."""
    cells = (*(loaded.cell(row, column) for column in found.columns if column in loaded.table), *others)
    shown = [cell for cell in cells if cell.value]
    first = found.columns[0]
    loaded.report(found.code, found.what, found.mend, row=row, column=first, severity=found.severity, cells=shown)


def pupils_of(school: Row) -> int | None:
    """Count a school's pupils: the stated total, else the sum of its grades; ``None`` where neither is filled."""
    if school["enrolment"] is not None:
        return int(school["enrolment"])
    parts = [school[f"enrol_g{g}"] for g in GRADES if school[f"enrol_g{g}"] is not None]
    return sum(parts) if parts else None


def number(value: float) -> str:
    """Spell a number as an official would: thousands apart, at most two decimals.

    >>> number(13363.0), number(11.296)
    ('13,363', '11.3')
    """
    if pd.isna(value):
        return ""
    return f"{value:,.2f}".rstrip("0").rstrip(".")

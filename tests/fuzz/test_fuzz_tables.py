"""A table read from any mess is the true table, or its reader says which cell it could not understand."""

from __future__ import annotations

import math

import pandas as pd
from hypothesis import given, note
from hypothesis import strategies as st

from layout_planner.columns import ENROLMENT, SCHOOLS, TOWNSHIPS, VILLAGES
from layout_planner.errors import Flaw, Severity
from layout_planner.io.grids import TEXT_SUFFIXES, WORKBOOK_SUFFIXES
from layout_planner.io.tables import find_sheet, read_table

from .conftest import Place, fuzzed
from .damage import damaged, noise
from .mess import Sheet, Truth, messy, truths, write_sheet

_NO_NUMBER = (
    "约三十",
    "30多",
    "#REF!",
    "-5",
    "1e400",
    "12;34",
    "1,23",
    "3O",
    "三十",
    "??",
    "35①",
    "120²",
    "35*",
    "1.2.3",
    "12—15",
    "12/15",
    "0x1F",
    "--5",
    "１２，３",
    "inf",
    "5%",
    "2025-09-01",
    "9:30",
    "100000000000000000",
)
"""Cells that state no number that a planner would sign."""


def errors(flaws: list[Flaw]) -> list[Flaw]:
    return [f for f in flaws if f.severity is Severity.ERROR]


def same(read: object, true: object) -> bool:
    """Whether a value of the frame is the true one; a missing one is ``""`` or not a number."""
    if true is None:
        return read == "" if isinstance(read, str) else bool(pd.isna(read))
    if isinstance(true, str):
        return read == true
    assert isinstance(true, (int, float))
    return not pd.isna(read) and math.isclose(float(read), true, rel_tol=1e-12, abs_tol=1e-12)  # type: ignore[arg-type]


def differing(frame: pd.DataFrame, truth: Truth, sheet: Sheet) -> list[tuple[int, str, object, object]]:
    """List (row, column, read, true) of the cells that differ; the rows must be those of the truth."""
    assert list(frame.index) == list(sheet.at)
    return [
        (row, column.name, frame.loc[row, column.name], value)
        for row, values in zip(sheet.at, truth.rows, strict=True)
        for column, value in zip(truth.columns, values, strict=True)
        if not same(frame.loc[row, column.name], value)
    ]


@fuzzed(50)
@given(data=st.data())
def test_any_mess_reads_as_the_truth(place: Place, data: st.DataObject) -> None:
    truth = data.draw(truths())
    sheet = data.draw(messy(truth))
    frame, flaws = read_table(write_sheet(place(f"t{sheet.suffix}"), sheet), truth.table)
    assert errors(flaws) == []
    assert differing(frame, truth, sheet) == []


@fuzzed(40)
@given(data=st.data())
def test_a_cell_that_states_no_number_is_named(place: Place, data: st.DataObject) -> None:
    truth = data.draw(truths())
    sheet = data.draw(messy(truth))
    columns = [i for i, c in enumerate(truth.columns) if c.kind in ("int", "float") and c.name not in ("lon", "lat")]
    if not columns:
        return
    i, row = data.draw(st.sampled_from(columns)), data.draw(st.sampled_from(sheet.at))
    sheet.cells[row - 1][i] = data.draw(st.sampled_from(_NO_NUMBER))
    frame, flaws = read_table(write_sheet(place(f"t{sheet.suffix}"), sheet), truth.table)
    column = truth.columns[i]
    note(repr([f.render("en") for f in flaws]))
    assert {f.row for f in errors(flaws)} <= {row}
    told = any(f.row == row and f.column and f.severity is not Severity.NOTE for f in flaws)
    assert told or (column.name == "year" and frame.loc[row, "year"] == 2025)
    wrong = differing(frame, truth, sheet)
    assert {(r, name) for r, name, *_ in wrong} <= {(row, column.name)}


@fuzzed(50)
@given(data=st.data())
def test_damaged_and_foreign_bytes_are_flaws(place: Place, data: st.DataObject) -> None:
    suffix = data.draw(st.sampled_from([*WORKBOOK_SUFFIXES, *TEXT_SUFFIXES]))
    table = data.draw(st.sampled_from([SCHOOLS, VILLAGES, ENROLMENT, TOWNSHIPS]))
    if data.draw(st.booleans()):
        content = data.draw(noise)
    else:
        sheet = data.draw(messy(data.draw(truths())))
        content = data.draw(damaged(write_sheet(place(f"t{sheet.suffix}"), sheet).read_bytes()))
    path = place(f"t{suffix}")
    path.write_bytes(content)
    read_table(path, table)
    find_sheet(path, table)

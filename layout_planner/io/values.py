"""The cells of one column read as what the registry declares it to be, every problem with its place."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import pandas as pd

from layout_planner.columns import Column, label
from layout_planner.errors import Severity, Text
from layout_planner.io.cells import fault_in, fold, has_mark, is_blank, to_bool, to_id, to_number, to_text
from layout_planner.io.codes import check_lengths
from layout_planner.io.loaded import Loaded, as_series
from layout_planner.io.units import split_unit

__all__ = ["SIGNED", "YEARS", "Reading", "read_column"]

SIGNED = frozenset({"lon", "lat"})
YEARS = frozenset({"year", "completion_year"})
_GRADE_COLUMNS = frozenset({"grade_from", "grade_to"})
_GRADE_WORDS = {
    word: grade
    for grade, digit in enumerate("一二三四五六七八九", 1)
    for word in (
        f"{digit}年级",
        f"{digit}年",
        f"{grade}年级",
        digit,
        *([f"初{'一二三'[grade - 7]}"] if grade > 6 else []),
    )
}
_YEAR = re.compile(r"(\d{4})(?!\d)")
_NO_RESULT = frozenset({"#N/A", "#DIV/0!"})
_PROBLEMS = {
    "text": (
        "not_a_number",
        "这里应是数字",
        "a number is expected here",
        "只写数字，不写文字；带单位的只认本列的单位",
        "write digits only, no words",
    ),
    "mark": (
        "not_a_number",
        "数字旁有注释序号，分不清哪几位是数",
        "a footnote's mark stands at the number",
        "去掉序号，把注释写在表下",
        "remove the mark; write notes below the table",
    ),
    "date": (
        "not_a_number",
        "这里应是数字，却被表格软件变成了日期",
        "a number is expected here, and the spreadsheet made it a date",
        "把单元格格式改为数值后重新填写",
        "format the cell as a number and write it again",
    ),
    "negative": (
        "negative",
        "数值不能为负",
        "the value cannot be negative",
        "改为 0 或正数；没有数据就留空",
        "write 0 or a positive number; leave it empty if unknown",
    ),
    "not_whole": ("not_whole", "人数、间数等须为整数", "counts are whole numbers", "改为整数", "write a whole number"),
    "too_large": (
        "too_large",
        "数值大得不可能",
        "the value is impossibly large",
        "核对位数和单位",
        "check the digits and the unit",
    ),
    "not_a_share": (
        "not_a_share",
        "比例须在 0 到 100% 之间",
        "a share lies between 0 and 100%",
        "写成 85% 或 0.85，或在表头注明（%）",
        "write 85% or 0.85, or (%) in the header",
    ),
}


@dataclass(frozen=True)
class Reading:
    """How the cells of a column are to be read.

    Attributes
    ----------
    factor : float
        Worth of the unit that the header states, in the registry's unit.
    needed : bool
        Whether an empty cell is an error.
    percent : bool
        Whether the header says that shares are percentages.
    as_text : bool
        Whether the file keeps no numbers apart from texts, so that a code may have lost its zeros unseen.
    """

    factor: float = 1.0
    needed: bool = False
    percent: bool = False
    as_text: bool = False


def read_column(loaded: Loaded, column: Column, cells: list[object], rows: list[int], reading: Reading) -> pd.Series:
    """Read the cells of one column, reporting to ``loaded`` what cannot be read.

    Parameters
    ----------
    cells, rows : list
        The cells and the numbers of their rows.

    Returns
    -------
    Series
        Of the dtype of the column's kind, on the rows' numbers.
    """
    values: list[object] = []
    if column.kind == "share" and reading.percent:
        cells = _percents(cells)
    for row, cell in zip(rows, cells, strict=True):
        value = None if _report_fault(loaded, column, cell, row) else _read_cell(loaded, column, cell, row, reading)
        if value is None and column.kind in ("id", "text"):
            value = ""
        if reading.needed and value in ("", None) and (row, column.name) not in loaded.bad:
            loaded.report(
                "value_missing",
                Text(f"缺“{label(column)}”", f"{column.en} is missing"),
                Text("补填；不需要这一行就整行删去", "fill it in, or delete the row"),
                row=row,
                column=column.name,
            )
        values.append(value)
    if column.kind == "id":
        numeric = [reading.as_text or isinstance(cell, (int, float)) for cell in cells]
        check_lengths(loaded, column, [str(v) for v in values], rows, numeric)
    return as_series(column, values, rows)


def _read_cell(loaded: Loaded, column: Column, cell: object, row: int, reading: Reading) -> object:
    if column.kind == "id":
        return _read_id(loaded, column, cell, row)
    if column.kind == "text":
        return to_text(cell)
    if column.kind == "bool":
        value, problem = to_bool(cell)
        if problem:
            _report_cell(loaded, column, cell, row, problem)
        return value
    return _read_number(loaded, column, cell, row, reading.factor)


def _report_fault(loaded: Loaded, column: Column, cell: object, row: int) -> bool:
    """Report a formula that gave no value; an error of the spreadsheet must not pass for an empty cell."""
    fault = fault_in(cell)
    if not fault:
        return False
    loaded.report(
        "formula_error",
        Text(f"公式没有结果（{fault}）", f"the formula gives no value ({fault})"),
        Text(
            "改正公式，或把结果粘贴为数值；没有数据就留空",
            "mend the formula, or paste its result as a value; leave it empty if unknown",
        ),
        row=row,
        column=column.name,
        severity=Severity.WARNING
        if column.advisory or (fault in _NO_RESULT and not column.required)
        else Severity.ERROR,
    )
    return True


def _read_id(loaded: Loaded, column: Column, cell: object, row: int) -> str:
    text, problem = to_id(cell)
    if problem:
        what = {
            "scientific": Text(
                f"代码被表格软件当作数字“{text}”，末尾几位已丢失",
                f"the code became the number {text!r}: digits are lost",
            ),
            "mark": Text(f"代码“{text}”旁有注释序号", f"a footnote's mark stands at the code {text!r}"),
            "date": Text(f"代码被表格软件变成了日期“{text}”", f"the spreadsheet turned the code into a date ({text})"),
        }[problem]
        mend = Text("把该列设为文本格式后重新填写完整代码", "format the column as text and write the full code again")
        loaded.report(f"code_{problem}", what, mend, row=row, column=column.name)
    return text


def _read_number(loaded: Loaded, column: Column, cell: object, row: int, factor: float) -> float | None:
    seen = cell
    if column.name in YEARS:
        cell = _year(cell)
    if isinstance(cell, str):
        cell, factor = _plain_number(loaded, column, cell, row, factor)
    kind = "float" if factor != 1.0 else column.kind
    number, problem = to_number(cell, kind, signed=column.name in SIGNED)
    if problem == "text" and isinstance(cell, (dt.date, dt.time, dt.timedelta)):
        problem = "date"
    if column.kind == "share" and number is not None and number > 1:
        number, problem = None, "not_a_share"
    if problem:
        _report_cell(loaded, column, seen, row, problem)
    if number is None or factor == 1.0:
        return number
    return float(round(number * factor)) if column.kind == "int" else round(number * factor, 9)


def _year(cell: object) -> object:
    """Take the year out of a date or a school year (2024-2025学年)."""
    if isinstance(cell, dt.date):
        return cell.year
    if isinstance(cell, str) and not has_mark(cell) and (year := _YEAR.match(fold(cell))):
        return year.group(1)
    return cell


def _plain_number(loaded: Loaded, column: Column, cell: str, row: int, factor: float) -> tuple[str, float]:
    """Take a unit off a number (31间, 1.2万元), and read a grade's name (七年级, 初一) as its number.

    A unit in the cell counts for more than the one in the header; where they differ, a note says how it was read.
    """
    folded = fold(cell)
    if column.name in _GRADE_COLUMNS and (grade := _GRADE_WORDS.get(folded)):
        return str(grade), factor
    parts = split_unit(folded, column.unit) if column.unit and not has_mark(cell) else None
    if parts is None:
        return cell, factor
    number, own = parts
    if own != factor and (value := to_number(number, "float")[0]) is not None:
        shown = f"{value * own:.10g}"
        loaded.report(
            "unit_in_cell",
            Text(f"“{cell}”按 {shown} {column.unit}读取", f"{cell!r} was read as {shown} {column.unit}"),
            Text("无须处理；同一列最好只用表头的单位", "nothing to do; one unit a column is clearer"),
            row=row,
            column=column.name,
            severity=Severity.NOTE,
        )
    return number, own


def _percents(cells: list[object]) -> list[object]:
    """Spell the numbers of a column of percentages with their sign, unless the spreadsheet holds them as fractions."""
    plain = [c for c in cells if isinstance(c, (int, float)) and not is_blank(c)]
    texts = [c for c in cells if isinstance(c, str) and to_number(c, "float")[0] is not None]
    if plain and not texts and max(plain) <= 1:
        return cells
    return [f"{to_text(c)}%" if c in texts or (isinstance(c, (int, float)) and not is_blank(c)) else c for c in cells]


def _report_cell(loaded: Loaded, column: Column, cell: object, row: int, problem: str) -> None:
    code, zh, en, mend_zh, mend_en = _PROBLEMS[problem]
    seen = to_text(cell)[:30]
    loaded.report(
        code,
        Text(f"{zh}，现为“{seen}”", f"{en}, found {seen!r}"),
        Text(mend_zh, mend_en),
        row=row,
        column=column.name,
        severity=Severity.WARNING if column.advisory else Severity.ERROR,
    )

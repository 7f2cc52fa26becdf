"""Codes of a table that lost digits on their way through a spreadsheet, or that stand twice."""

from __future__ import annotations

from collections import Counter

from layout_planner.columns import Column
from layout_planner.errors import Severity, Text
from layout_planner.io.loaded import Loaded

__all__ = ["check_ids", "check_lengths"]

_USUAL_LENGTH = 5


def check_lengths(loaded: Loaded, column: Column, codes: list[str], rows: list[int], numeric: list[bool]) -> None:
    """Report codes shorter than the usual length: most have lost a leading zero on the way through a spreadsheet."""
    digits = [c for c in codes if c.isascii() and c.isdigit()]
    if len(digits) < 3:
        return
    usual, count = max(Counter(map(len, digits)).items(), key=lambda item: (item[1], item[0]))
    if usual < _USUAL_LENGTH or count * 2 < len(digits):
        return
    zeros = any(c.startswith("0") for c in digits if len(c) == usual)
    for code, row, was_number in zip(codes, rows, numeric, strict=True):
        if not (code.isascii() and code.isdigit()) or len(code) >= usual or (row, column.name) in loaded.bad:
            continue
        likely = code.zfill(usual)
        if was_number or zeros:
            loaded.report(
                "code_lost_zero",
                Text(
                    f"代码“{code}”只有 {len(code)} 位，其余为 {usual} 位，可能丢了前导零",
                    (
                        f"the code {code!r} has {len(code)} digits where others have {usual}: it may have lost its "
                        "leading zero"
                    ),
                ),
                Text(
                    f"把该列设为文本格式；可能应为“{likely}”",
                    f"format the column as text; the code is probably {likely!r}",
                ),
                row=row,
                column=column.name,
            )
        else:
            loaded.report(
                "code_length",
                Text(
                    f"代码“{code}”比其他代码（{usual} 位）短",
                    f"the code {code!r} is shorter than the others ({usual} digits)",
                ),
                Text("核对代码", "check the code"),
                row=row,
                column=column.name,
                severity=Severity.WARNING,
            )


def check_ids(loaded: Loaded, rows: list[int]) -> None:
    """Report codes that stand twice; a table by year may repeat its code once a year."""
    key = loaded.table.columns[0].name
    if loaded.table[key].kind != "id" or key not in loaded.labels:
        return
    by = [key, "year"] if "year" in loaded.table else [key]
    first: dict[tuple[object, ...], int] = {}
    for row, values in zip(rows, loaded.frame[by].itertuples(index=False), strict=True):
        code = str(values[0])
        if not code:
            continue
        if tuple(values) in first:
            where = loaded.row_words(first[tuple(values)], row)
            loaded.report(
                "code_repeated",
                Text(f"代码“{code}”与{where.zh}重复", f"the code {code!r} already stands in {where.en}"),
                Text("改正其中一行的代码，或删去重复的一行", "correct one of the codes, or delete the row"),
                row=row,
                column=key,
            )
        else:
            first[tuple(values)] = row

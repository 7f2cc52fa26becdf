"""Which rows below a header are records, and which are totals, headings, notes, blanks or the header again."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from layout_planner.errors import Severity, Text
from layout_planner.io.cells import fold, to_text
from layout_planner.io.formrows import is_heading, is_note, is_total, numbers_columns
from layout_planner.io.grids import Grid, Span
from layout_planner.io.headers import Header
from layout_planner.io.loaded import Loaded
from layout_planner.io.values import SIGNED, YEARS

__all__ = ["data_rows", "fill_merged"]

_NOTHING = Text("无须处理", "nothing to do")
_ONE_VALUE = SIGNED | YEARS | {"grade_from", "grade_to"}


def data_rows(loaded: Loaded, grid: Grid, header: Header) -> list[tuple[int, Sequence[object]]]:
    """Give the records below the header under their numbers; rows that are none are dropped, saying so."""
    kept: list[tuple[int, Sequence[object]]] = []
    blank: list[int] = []
    spread = _spreads(grid.spans)
    inner = {r + 1 for span in grid.spans for r in range(span.top + 1, span.bottom + 1)}
    for number, row in enumerate(grid.rows[header.last_row :], header.last_row + 1):
        texts = [to_text(cell) for cell in row]
        filled = [t for t in texts if t]
        if not filled:
            if number not in inner:
                blank.append(number)
            continue
        _report_blank(loaded, blank)
        blank = []
        code, what = _no_record(texts, filled, header, spread.get(number, 1), first=not kept)
        if code:
            loaded.report(code, what, _NOTHING, row=number, severity=Severity.NOTE)
        else:
            kept.append((number, row))
    return kept


def _no_record(
    texts: Sequence[str], filled: Sequence[str], header: Header, spread: int, *, first: bool
) -> tuple[str, Text]:
    """Say what a row is if it is no record: a code and words; ``""`` for a record."""
    wanted = [texts[p] for p in header.places.values() if p < len(texts) and texts[p]]
    nothing = Text("", "")
    if is_total([fold(t) for t in filled[:2]]):
        return "row_total", Text(
            f"合计行“{filled[0]}”，未当作一条记录", f"a total row ({filled[0]!r}), not read as a record"
        )
    if is_note(filled) or not wanted:
        return "row_note", Text(f"说明行“{filled[0][:20]}”，未读", f"a note ({filled[0][:20]!r}), not read")
    if is_heading(filled, spread):
        return "row_heading", Text(f"分组标题“{filled[0][:20]}”，未读", f"a heading ({filled[0][:20]!r}), not read")
    if first and numbers_columns(filled):
        return "row_note", Text(
            f"栏次行（{filled[0]}、{filled[1]}…），未读", "a row that numbers the columns, not read"
        )
    if _is_header_again(texts, header):
        return "row_header", Text("重复的表头，已跳过", "the header again, skipped")
    return "", nothing


def _spreads(spans: Iterable[Span]) -> dict[int, int]:
    """Count, by row, the columns over which its widest cell was merged."""
    found: dict[int, int] = {}
    for span in spans:
        if span.top == span.bottom:
            found[span.top + 1] = max(found.get(span.top + 1, 1), span.right - span.left + 1)
    return found


def _report_blank(loaded: Loaded, rows: Iterable[int]) -> None:
    what, mend = Text("空行，已跳过", "a blank row, skipped"), Text("删去空行", "delete the row")
    for row in rows:
        loaded.report("row_blank", what, mend, row=row, severity=Severity.WARNING)


def _is_header_again(texts: Sequence[str], header: Header) -> bool:
    same = sum(1 for n, p in header.places.items() if p < len(texts) and fold(texts[p]) == fold(header.labels[n]))
    return same >= 2 and same * 2 >= len(header.places)


def fill_merged(
    loaded: Loaded, grid: Grid, header: Header, kept: Sequence[tuple[int, Sequence[object]]]
) -> list[tuple[int, Sequence[object]]]:
    """Let a cell that was merged over several records hold for each of them: a code, a name, a place, a year.

    A count that was merged over several records stays with the first, with a warning: to repeat it would count it
    twice.
    """
    numbers = [number for number, _ in kept]
    rows = [list(row) for _, row in kept]
    for span in grid.spans:
        inside = range(bisect_right(numbers, span.top), bisect_right(numbers, span.bottom + 1))
        names = [n for n, place in header.places.items() if span.left <= place <= span.right]
        if span.bottom == span.top or len(inside) < 2 or not names or numbers[inside[0]] != span.top + 1:
            continue
        value = rows[inside[0]][span.left]
        name = next((n for n in names if header.places[n] == span.left), names[0])
        if loaded.table[name].kind in ("id", "text", "bool", "share") or name in _ONE_VALUE:
            for i in inside[1:]:
                rows[i][span.left] = value
        elif to_text(value):
            last = numbers[inside[-1]]
            loaded.report(
                "number_merged",
                Text(
                    f"第 {span.top + 1}—{last} 行合并为一个数“{to_text(value)}”，只算在第一行",
                    f"one number ({to_text(value)}) is merged over rows {span.top + 1} to {last}: the first row has it",
                ),
                Text("取消合并，逐行填写", "split the cell and fill in each row"),
                row=span.top + 1,
                column=name,
                severity=Severity.WARNING,
            )
    return list(zip(numbers, rows, strict=True))

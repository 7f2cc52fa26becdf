"""Whose header is this: other people's column titles matched to the registry's names."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from layout_planner.columns import Column, Table, label
from layout_planner.io.cells import fold, to_text
from layout_planner.io.grids import Span
from layout_planner.io.units import is_unit, noted_units, unit_factor, unit_in, without_unit

__all__ = ["Header", "complete_label", "find_header", "match_labels", "nearest_label"]

_SEARCH_ROWS = 30
_DEEPEST = 3
_FEWEST = 2
_SHAPEFILE_BYTES = 8
_MARKS = "*＊★:：.。、"
_OF_WHICH = re.compile("^其中[:：]?")
_DASHES = re.compile("[‐-―−~～至到]")
_TOTALS = frozenset({"合计", "小计", "总计", "总数", "计", "人数", "数量", "total"})


@dataclass(frozen=True)
class Header:
    """Where a table's columns stand in a grid.

    Attributes
    ----------
    last_row : int
        Number of the (last) header row as the user sees it.
    places : dict
        Canonical name to cell position.
    labels : dict
        Canonical name to the header as the file has it.
    factors : dict
        Canonical name to the factor that brings the file's unit to ours, where it is not 1.
    extra : tuple of str
        Headers that match nothing.
    repeated : tuple of (str, str)
        Headers that match a column that another header matches better: (header, canonical name).
    first_row : int
        Number of the first header row; 0 where it is the last as well.
    units : dict
        Canonical name to the unit that its header, or a header above it, states.
    odd_units : dict
        Canonical name to a unit in its header that measures something else.
    noted : dict
        Canonical name to the unit that a note above the table declares for it.
    """

    last_row: int
    places: dict[str, int] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    factors: dict[str, float] = field(default_factory=dict)
    extra: tuple[str, ...] = ()
    repeated: tuple[tuple[str, str], ...] = ()
    first_row: int = 0
    units: dict[str, str] = field(default_factory=dict)
    odd_units: dict[str, str] = field(default_factory=dict)
    noted: dict[str, str] = field(default_factory=dict)

    def required_found(self, table: Table) -> int:
        """Count the required columns of the table that were found."""
        return sum(1 for column in table if column.required and column.name in self.places)


def _strip(text: str) -> str:
    return _DASHES.sub("-", fold(text)).strip(_MARKS)


@lru_cache(maxsize=64)
def _names(table: Table) -> dict[str, tuple[int, str]]:
    """Map folded header to (rank, canonical name); a lower rank is a better name."""
    found: dict[str, tuple[int, str]] = {}
    for rank in range(3):
        for column in table:
            names: tuple[str, ...] = (
                (column.name, column.zh, label(column)),
                (column.en, label(column, "en")),
                column.synonyms,
            )[rank]
            for name in names:
                found.setdefault(_strip(name), (rank, column.name))
    return found


@lru_cache(maxsize=4096)
def _readings(text: str) -> tuple[str, str]:
    """Fold a header, and fold it once more without the unit that it states."""
    folded = _OF_WHICH.sub("", _strip(text))
    return folded, without_unit(folded).strip(_MARKS)


def _lookup(names: Mapping[str, tuple[int, str]], text: str) -> tuple[int, str] | None:
    folded, bare = _readings(text)
    if folded in names:
        return names[folded]
    if bare != folded and bare in names:
        rank, name = names[bare]
        return rank + 3, name
    return None


def match_labels(
    labels: Sequence[str], table: Table, *, last_row: int = 1, above: Sequence[Sequence[str]] = ()
) -> Header:
    """Match one header row; where two headers mean the same column, the better name wins, then the left one.

    Parameters
    ----------
    above : sequence of sequence of str, optional
        Per column, the header cells above the one that names it: a unit that they state holds for it too.
    """
    best: dict[str, tuple[int, int]] = {}
    extra: list[str] = []
    hits: list[tuple[int, str]] = []
    names = _names(table)
    for place, text in enumerate(labels):
        if not text:
            continue
        found = _lookup(names, text)
        if found is None:
            extra.append(text)
            continue
        rank, name = found
        hits.append((place, name))
        if name not in best or (rank, place) < best[name]:
            best[name] = (rank, place)
    places = {name: best[name][1] for name in table.names if name in best}
    header = Header(
        last_row,
        places,
        {n: labels[p] for n, p in places.items()},
        extra=tuple(extra),
        repeated=tuple((labels[p], n) for p, n in hits if places[n] != p),
    )
    for name, place in places.items():
        _settle_unit(header, table[name], [labels[place], *(above[place] if place < len(above) else ())])
    return header


def _settle_unit(header: Header, column: Column, texts: Sequence[str]) -> None:
    """Note the unit that a column's own header states, else the one above it."""
    if not column.unit:
        return
    for i, text in enumerate(texts):
        folded = _strip(text)
        bare = without_unit(folded)
        word = unit_in(folded) or ("" if i == 0 and folded in _names_of(column) else folded[len(bare) :].lstrip(":/-"))
        factor = unit_factor(column.unit, word) if word else None
        if factor is not None:
            header.units[column.name] = word
            if factor != 1.0:
                header.factors[column.name] = factor
            return
        if word and is_unit(word) and i == 0 and unit_in(folded):
            header.odd_units[column.name] = word


@lru_cache(maxsize=512)
def _names_of(column: Column) -> frozenset[str]:
    return frozenset(_strip(name) for name in (column.name, column.zh, column.en, *column.synonyms))


def _merged(
    rows: Sequence[Sequence[str]], table: Table, first_row: int, spans: Sequence[Span]
) -> tuple[list[str], list[list[str]]]:
    """Join stacked header rows: each column takes its best reading.

    Upper cells reach over the cells that they were merged with, or right over blanks where nothing is merged.
    """
    width = max((len(row) for row in rows), default=0)
    texts = [[*row, *[""] * (width - len(row))] for row in rows]
    bottom = texts[-1]
    merged = [span for span in spans if first_row <= span.top < first_row + len(rows)]
    for r, row in enumerate(texts[:-1]):
        carried = ""
        for i in range(width):
            carried = row[i] or carried
            if bottom[i] and not merged:
                row[i] = carried
        for span in merged:
            if span.top == first_row + r and span.right < width:
                row[span.left : span.right + 1] = [row[span.left]] * (span.right + 1 - span.left)
    labels, above, names = [], [], _names(table)
    for i in range(width):
        stack = [row[i] for row in texts if row[i]]
        plain = "".join(without_unit(_strip(text)) for text in stack)
        readings = ["".join(stack), plain, bottom[i]] if bottom[i] else stack[-1:]
        if len(stack) > 1 and bottom[i] and _means_another(table, names, bottom[i], stack[:-1]):
            readings = readings[:2]
        if fold(bottom[i]) in _TOTALS:
            readings += reversed(stack[:-1])
        labels.append(next((r for r in readings if _lookup(names, r)), readings[0] if readings else ""))
        above.append(stack[-2::-1] if bottom[i] else [])
    return labels, above


def _means_another(table: Table, names: Mapping[str, tuple[int, str]], text: str, above: Sequence[str]) -> bool:
    """Tell whether the headings above make a header another quantity than its words alone say: 班数 over 一年级."""
    found = _lookup(names, text)
    return found is not None and any(word in head for head in above for word in table[found[1]].not_under)


def find_header(rows: Sequence[Sequence[object]], table: Table, spans: Sequence[Span] = ()) -> Header | None:
    """Find the header among the first rows: it may stand below titles and be up to three rows deep.

    A row of units below it, and a note above it that declares units (单位：万元), belong to it.

    Parameters
    ----------
    spans : sequence of Span, optional
        Merged cells of the sheet.

    Returns
    -------
    Header or None
        ``None`` where no row names at least two of the table's columns.
    """
    best: tuple[int, int, int] = (1, 0, 0)
    found: Header | None = None
    texts = [[to_text(cell) for cell in row] for row in rows[:_SEARCH_ROWS]]
    names = _names(table)
    known = [sum(1 for text in row if text and _lookup(names, text)) for row in texts]
    for last in range(len(texts)):
        for depth in range(1, min(_DEEPEST, last + 1) + 1):
            first = last - depth + 1
            if sum(known[first : last + 1]) < _FEWEST:
                continue
            labels, above = _merged(texts[first : last + 1], table, first, spans)
            header = match_labels(labels, table, last_row=last + 1, above=above)
            score = (len(header.places), -depth, -last)
            if score[0] >= _FEWEST and score > best:
                best, found = score, replace(header, first_row=first + 1)
    if found is None:
        return None
    return _with_note(_with_unit_row(found, rows, table), rows, table)


def _with_unit_row(header: Header, rows: Sequence[Sequence[object]], table: Table) -> Header:
    """Take the row below the header into it where that row holds nothing but units."""
    below = [to_text(cell) for cell in rows[header.last_row]] if header.last_row < len(rows) else []
    words = [_strip(text).strip("()[]") for text in below]
    if not any(words) or not all(is_unit(word) for word in words if word):
        return header
    taken = replace(header, last_row=header.last_row + 1)
    for name, place in header.places.items():
        if place < len(words) and words[place] and name not in header.units:
            _settle_unit(taken, table[name], [f"({words[place]})"])
    return taken


def _with_note(header: Header, rows: Sequence[Sequence[object]], table: Table) -> Header:
    """Let the units of a note above the table hold for the columns whose headers state none."""
    words = [w for row in rows[: header.last_row] for cell in row for w in noted_units(to_text(cell))]
    for name in header.places:
        column = table[name]
        if not column.unit or name in header.units or name in header.odd_units:
            continue
        alike = {w: f for w in words if (f := unit_factor(column.unit, w)) is not None}
        if len(alike) == 1:
            [(word, factor)] = alike.items()
            if factor != 1.0:
                header.factors[name] = factor
                header.noted[name] = word
    return header


def complete_label(text: str, table: Table) -> str:
    """Restore a header that a shapefile cut to ten bytes, where only one column can be meant."""
    if _lookup(_names(table), text) or len(text.encode("utf-8")) < _SHAPEFILE_BYTES:
        return text
    whole = {hit[1]: name for name, hit in _names(table).items() if name.startswith(_strip(text))}
    return next(iter(whole.values())) if len(whole) == 1 else text


def nearest_label(column: Column, candidates: Sequence[str], *, cutoff: float = 0.5) -> str:
    """Find the header that the user may have meant for a missing column, or ``""``."""
    folded = {_strip(text): text for text in candidates}
    for name in (column.zh, *column.synonyms, column.name):
        close = difflib.get_close_matches(_strip(name), list(folded), n=1, cutoff=cutoff)
        if close:
            return folded[close[0]]
    return ""

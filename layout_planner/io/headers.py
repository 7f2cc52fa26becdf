"""Whose header is this: other people's column titles matched to the registry's names."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from layout_planner.columns import Column, Table, label
from layout_planner.io.cells import fold, to_text

__all__ = ["Header", "complete_label", "find_header", "match_labels", "nearest_label"]

_SEARCH_ROWS = 30
_DEEPEST = 3
_SHAPEFILE_BYTES = 8
_MARKS = "*＊★:：.。、"
_UNIT = re.compile(r"[(\[]([^()\[\]]*)[)\]]$")
_OF_WHICH = re.compile("^其中[:：]?")
_DASHES = re.compile("[‐-―−~～至到]")
_TOTALS = frozenset({"合计", "小计", "总计", "总数", "计", "人数", "数量", "total"})
_FACTORS = {
    ("平方米", "万平方米"): 10_000.0,
    ("平方米", "公顷"): 10_000.0,
    ("平方米", "亩"): 2_000 / 3,
    ("平方米", "km2"): 1_000_000.0,
    ("人", "万人"): 10_000.0,
    ("人", "千人"): 1_000.0,
    ("米", "公里"): 1_000.0,
    ("米", "千米"): 1_000.0,
    ("米", "km"): 1_000.0,
}


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
    """

    last_row: int
    places: dict[str, int] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    factors: dict[str, float] = field(default_factory=dict)
    extra: tuple[str, ...] = ()
    repeated: tuple[tuple[str, str], ...] = ()

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


def _lookup(table: Table, text: str) -> tuple[int, str] | None:
    names = _names(table)
    folded = _OF_WHICH.sub("", _strip(text))
    if folded in names:
        return names[folded]
    bare = _UNIT.sub("", folded).strip(_MARKS)
    if bare and bare in names:
        rank, name = names[bare]
        return rank + 3, name
    return None


def _factor(column: Column, text: str) -> float:
    unit = _UNIT.search(_strip(text))
    return _FACTORS.get((column.unit, unit.group(1)), 1.0) if unit else 1.0


def match_labels(labels: Sequence[str], table: Table, *, last_row: int = 1) -> Header:
    """Match one header row; where two headers mean the same column, the better name wins, then the left one."""
    best: dict[str, tuple[int, int]] = {}
    extra: list[str] = []
    hits: list[tuple[int, str]] = []
    for place, text in enumerate(labels):
        if not text:
            continue
        found = _lookup(table, text)
        if found is None:
            extra.append(text)
            continue
        rank, name = found
        hits.append((place, name))
        if name not in best or (rank, place) < best[name]:
            best[name] = (rank, place)
    places = {name: best[name][1] for name in table.names if name in best}
    factors = {n: f for n, p in places.items() if (f := _factor(table[n], labels[p])) != 1.0}
    return Header(
        last_row,
        places,
        {n: labels[p] for n, p in places.items()},
        factors,
        tuple(extra),
        tuple((labels[p], n) for p, n in hits if places[n] != p),
    )


def _merged(rows: Sequence[Sequence[object]], table: Table) -> list[str]:
    """Join stacked header rows: upper cells reach right over blanks, and each column takes its best reading."""
    width = max((len(row) for row in rows), default=0)
    texts = [[to_text(row[i]) if i < len(row) else "" for i in range(width)] for row in rows]
    bottom = texts[-1]
    for row in texts[:-1]:
        carried = ""
        for i in range(width):
            carried = row[i] or carried
            if bottom[i]:
                row[i] = carried
    labels = []
    for i in range(width):
        stack = [row[i] for row in texts if row[i]]
        readings = ["".join(stack), bottom[i]] if bottom[i] else stack[-1:]
        if fold(bottom[i]) in _TOTALS:
            readings += reversed(stack[:-1])
        labels.append(next((r for r in readings if _lookup(table, r)), readings[0] if readings else ""))
    return labels


def find_header(rows: Sequence[Sequence[object]], table: Table) -> Header | None:
    """Find the header among the first rows: it may stand below titles and be up to three rows deep.

    Returns
    -------
    Header or None
        ``None`` where no row names at least two of the table's columns.
    """
    best: tuple[int, int, int] = (1, 0, 0)
    found: Header | None = None
    for last in range(min(len(rows), _SEARCH_ROWS)):
        for depth in range(1, min(_DEEPEST, last + 1) + 1):
            header = match_labels(_merged(rows[last - depth + 1 : last + 1], table), table, last_row=last + 1)
            score = (len(header.places), -depth, -last)
            if score[0] >= 2 and score > best:
                best, found = score, header
    return found


def complete_label(text: str, table: Table) -> str:
    """Restore a header that a shapefile cut to ten bytes, where only one column can be meant."""
    if _lookup(table, text) or len(text.encode("utf-8")) < _SHAPEFILE_BYTES:
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

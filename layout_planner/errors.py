"""What can go wrong, said so that the person at the desk can mend it.

Every class is also the built-in that a caller would expect (``ValueError``, ``LookupError`` …), and every
message exists in Chinese and English.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

__all__ = [
    "CrsError",
    "DataCell",
    "Flaw",
    "InputError",
    "LayoutError",
    "NetworkError",
    "OutputError",
    "ScenarioError",
    "Severity",
    "Text",
    "UnknownIdError",
    "counted",
    "language",
]

LANGUAGE_VARIABLE = "LAYOUT_PLANNER_LANG"


def language() -> str:
    """Tell the language of messages: ``"zh"`` unless the environment variable LAYOUT_PLANNER_LANG says ``en``."""
    return "en" if os.environ.get(LANGUAGE_VARIABLE, "zh").lower().startswith("en") else "zh"


def counted(count: float, noun: str, plural: str = "", form: str = ",.0f") -> str:
    """Spell a count with what is counted, in English; verbs may follow the nouns.

    >>> counted(1, "school"), counted(1200, "class", "classes"), counted(1, "row is", "rows are")
    ('1 school', '1,200 classes', '1 row is')
    """
    number = format(count, form)
    return f"{number} {noun if number == '1' else plural or noun + 's'}"


class Text(NamedTuple):
    """One message in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.zh if language() == "zh" else self.en


class Severity(StrEnum):
    """How much a flaw or finding matters: an error stops the work, a warning is shown, a note is kept."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


_WHERE_ZH = {"sheet": "工作表“{}”", "row": "第 {} 行", "column": "列“{}”", "key": "键 {}"}
_WHERE_EN = {"sheet": "sheet “{}”", "row": "row {}", "column": "column “{}”", "key": "key {}"}


class DataCell(NamedTuple):
    """A cell of an input that takes part in a contradiction.

    ``address`` is the cell as a spreadsheet names it (``"H12"``); it is empty where the input has no such cells.
    """

    file: str
    sheet: str
    row: int
    column: str
    value: str
    address: str = ""


@dataclass(frozen=True)
class Flaw:
    """One thing that is wrong in an input: where, what, and how to mend it.

    ``row`` is the number that the user sees in the spreadsheet or text editor (the first line is 1); ``column`` is
    the header as the file spells it; ``key`` is a key path of a scenario file.
    ``code`` names the kind of flaw in lower_snake, the same in every language. ``cells`` are those that disagree,
    the suspected one first; ``subject`` is the name of the record, such as the school's.
    """

    code: str
    what: Text
    mend: Text
    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""
    key: str = ""
    severity: Severity = Severity.ERROR
    cells: tuple[DataCell, ...] = ()
    subject: str = ""

    @classmethod
    def from_plain(cls, row: Mapping[str, Any]) -> Flaw:
        """Make a flaw of what JSON kept of one: lists where there were texts and cells.

        >>> import json
        >>> from dataclasses import asdict
        >>> flaw = Flaw("odd", Text("怪", "odd"), Text("改", "mend"), cells=(DataCell("a.xlsx", "", 2, "b", "1"),))
        >>> Flaw.from_plain(json.loads(json.dumps(asdict(flaw)))) == flaw
        True
        """
        typed = {
            "what": Text(*row["what"]),
            "mend": Text(*row["mend"]),
            "severity": Severity(row["severity"]),
            "cells": tuple(DataCell(*cell) for cell in row.get("cells", ())),
        }
        return cls(**(dict(row) | typed))

    def where(self, lang: str | None = None) -> str:
        """Spell the place: file, sheet, row, column and key, as far as they are known."""
        lang = lang or language()
        parts = [self.file] if self.file else []
        for field, form in (_WHERE_ZH if lang == "zh" else _WHERE_EN).items():
            value = getattr(self, field)
            if value not in ("", None):
                parts.append(form.format(value))
        return (" · " if lang == "zh" else ", ").join(parts)

    def render(self, lang: str | None = None) -> str:
        """Spell the whole flaw on one line."""
        lang = lang or language()
        where = self.where(lang)
        if lang == "zh":
            return f"{where + '：' if where else ''}{self.what.zh}。改法：{self.mend.zh}"
        return f"{where + ': ' if where else ''}{self.what.en}. Mend: {self.mend.en}"


class LayoutError(Exception):
    """Base of every error that layout_planner raises on purpose.

    Parameters
    ----------
    message : Text or str
        What happened, in one sentence.
    flaws : sequence of Flaw
        The single problems, all of them, in the order of the file.
    """

    def __init__(self, message: Text | str, flaws: Sequence[Flaw] = ()) -> None:
        self.message = message if isinstance(message, Text) else Text(message, message)
        self.flaws = tuple(flaws)
        super().__init__(str(self.message))

    def render(self, lang: str | None = None) -> str:
        """Spell the message and every flaw, one a line."""
        lang = lang or language()
        head = self.message.zh if lang == "zh" else self.message.en
        lines = [head] + [f"  {i}. {flaw.render(lang)}" for i, flaw in enumerate(self.flaws, 1)]
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.render()


class InputError(LayoutError, ValueError):
    """An input file holds something that cannot be used."""

    @classmethod
    def collect(cls, flaws: Iterable[Flaw]) -> InputError:
        """Build one error out of all the flaws, errors first, so that one reading mends everything."""
        flaws = list(flaws)
        errors = [flaw for flaw in flaws if flaw.severity is Severity.ERROR]
        others = [flaw for flaw in flaws if flaw.severity is not Severity.ERROR]
        count = len(errors)
        also = (
            Text(f"；另有 {len(others)} 处提醒", f"; {counted(len(others), 'remark follows', 'remarks follow')}")
            if others
            else Text("", "")
        )
        return cls(
            Text(
                f"输入数据有 {count} 处问题，未生成任何结果{also.zh}",
                f"The input has {count} problem{'s' if count != 1 else ''}; nothing was written{also.en}",
            ),
            (*errors, *others),
        )


class ScenarioError(LayoutError, ValueError):
    """A scenario file or an override cannot be used."""


class CrsError(LayoutError, ValueError):
    """A coordinate system is missing, unknown or of the wrong kind."""


class NetworkError(LayoutError, ValueError):
    """A road network cannot answer the question."""


class UnknownIdError(LayoutError, LookupError):
    """An id names nothing in the table."""


class OutputError(LayoutError, OSError):
    """A result cannot be written without harming something that is already there."""

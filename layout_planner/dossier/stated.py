"""What people stated of the schools concerned, as a table of the ledger and as the records show it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.columns_dossier import CASE_STATED
from layout_planner.dossier.calendar import say_day

if TYPE_CHECKING:
    from layout_planner.dossier.cases import Cases

__all__ = ["case_stated", "tick", "ticked"]

_COUNTS = ("parents_for", "parents_against", "delegates_for", "delegates_against", "building_m2")
_TEXTS = ("way_mended_by", "asset_use", "decided_by")
_WORDS = {
    "unsafe_way": ("实地查看认为不安全", "实地查看认为安全"), "bus_ready": ("已落实", "没有落实"),
    "dormitory_ready": ("够用", "不够用"), "canteen_ready": ("够用", "不够用"),
}  # fmt: skip
_DAYS = ("receiver_ready_on", "closing_on")


def case_stated(cases: Cases) -> pd.DataFrame:
    """List what the scenario's block ``hearing`` states of every school concerned (table ``case_stated``).

    What nobody stated is missing (counts) or empty (texts).
    """
    rows: list[dict[str, object]] = []
    for code in cases.decided:
        said = cases.scenario.hearing.of(code)
        counts = {name: np.nan if (n := getattr(said, name)) is None else float(n) for name in _COUNTS}
        words = {
            name: "" if (known := getattr(said, name)) is None else spelled[0 if known else 1]
            for name, spelled in _WORDS.items()
        }
        days = {name: say_day(dt.date.fromisoformat(day)) if (day := getattr(said, name)) else "" for name in _DAYS}
        rows.append(
            {"school_id": code, "name": cases.name_of(code), "teachers_to": said.teachers}
            | counts | words | days | {name: getattr(said, name) for name in _TEXTS}
        )  # fmt: skip
    return pd.DataFrame(rows, columns=[name for name in CASE_STATED.names if name != "ref"])


def tick(*, known: bool) -> str:
    """Give a box to tick, ticked where it is known to be so."""
    return "☑" if known else "☐"


def ticked(known: bool | None, yes: str, no: str) -> str:
    """Give two boxes, of which the one that was stated is ticked.

    >>> ticked(True, "够用", "不够用"), ticked(None, "够用", "不够用")
    ('☑够用　☐不够用', '☐够用　☐不够用')
    """
    return f"{tick(known=known is True)}{yes}　{tick(known=known is False)}{no}"

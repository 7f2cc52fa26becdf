"""The ledger of a merger, filled, and how the documents reach into it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pandas as pd

from layout_planner import columns_dossier as case
from layout_planner.columns import VETOES
from layout_planner.dossier import tables
from layout_planner.dossier.basis import parameters_frame, rules_frame
from layout_planner.dossier.blocks import BLANK
from layout_planner.dossier.calendar import CLOSING_STEPS, HOLD, Dates, calendar_frame, terms
from layout_planner.dossier.cases import CLOSE, Cases
from layout_planner.dossier.expected import case_forecast
from layout_planner.dossier.ledger import Entry, Ledger, Line, Name, Row, line
from layout_planner.dossier.money import case_money
from layout_planner.dossier.options import case_options
from layout_planner.dossier.prices import case_prices
from layout_planner.dossier.stated import case_stated
from layout_planner.dossier.vetoes import vetoes_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["BLANK", "BLANK_DAY", "COUNTY", "Facts", "gather", "joined"]

COUNTY = "county"
"""Key of the county's picture."""
BLANK_DAY = "＿＿＿＿年＿＿月＿＿日"


@dataclass(frozen=True, eq=False)
class Facts:
    """A plan that closes or converts schools, with its ledger and the pictures of each school by id."""

    cases: Cases
    ledger: Ledger
    dates: Dates = field(default_factory=Dates)
    pictures: dict[str, bytes] = field(default_factory=dict)

    @property
    def county(self) -> Name:
        """Name of the county."""
        return Name(str(self.cases.after.county.name))

    def stated(self, code: str) -> Row:
        """Give what people stated of a school in the scenario's block ``hearing``."""
        return self.ledger.row("case_stated", school_id=code)

    def calendar(self, code: str = "") -> list[Row]:
        """List the steps of the procedure for a school, with its own day of closing where it has one; or for all.

        The site of a school that stays as a teaching point is not vacated, so nothing says for how long it is held.
        """
        rows = self.ledger.rows("case_calendar", school_id="")
        own = {row.raw("step"): row for row in self.ledger.rows("case_calendar", school_id=code)} if code else {}
        kinds = [self.cases.decided[code]] if code else list(self.cases.decided.values())
        return [own.get(row.raw("step"), row) for row in rows if row.raw("step") != HOLD or CLOSE in kinds]

    def step(self, title: str, code: str = "") -> Row:
        """Give one step of the procedure for a school, or for all."""
        return next(row for row in self.calendar(code) if row.raw("step") == title)

    @property
    def compared(self) -> Line | None:
        """Say with which plan this one is compared, where that is not the one that it was made from."""
        passed = self.cases.passed
        if not passed:
            return None
        return line(
            "本方案所依据的情景“{}”已经撤并或者改办了其中的学校，不宜作比较的起点；以下“调整前”“现有”均指这些学校都在办、"
            "没有改办的“{}”。", Name("”“".join(passed)), Name(self.cases.before.label),
        )  # fmt: skip

    def parameter(self, key: str) -> Entry:
        """Give a parameter of the scenario."""
        return self.ledger.row("case_parameters", key=key)["number"]


def gather(cases: Cases, dates: Dates) -> Facts:
    """Measure a merger and fill its ledger."""
    ledger = Ledger()
    for table, make in (
        (case.CASE_SCHOOLS, tables.case_schools), (case.CASE_GRADES, tables.case_grades),
        (case.CASE_IMPACT, tables.case_impact), (case.CASE_TOTAL, tables.case_total),
        (case.CASE_FLOWS, tables.case_flows),
        (case.CASE_MOVES, tables.moves_in_words), (case.CASE_RECEIVING, tables.case_receiving),
        (case.CASE_NEAREST, tables.case_nearest), (case.CASE_OPTIONS, case_options),
        (case.CASE_PRICES, case_prices), (case.CASE_MONEY, case_money), (case.CASE_DANGERS, tables.case_dangers),
        (VETOES, vetoes_frame), (case.CASE_STATED, case_stated), (case.CASE_COUNTY, tables.case_county),
    ):  # fmt: skip
        ledger.add(table, make(cases))
    if len(expected := case_forecast(cases)):
        ledger.add(case.CASE_FORECAST, expected)
    ledger.add(case.CASE_CALENDAR, _calendars(cases, dates))
    ledger.add(case.CASE_RULES, rules_frame(cases.scenario))
    ledger.add(case.CASE_PARAMETERS, parameters_frame(cases.scenario))
    return Facts(cases, ledger, dates)


def _calendars(cases: Cases, dates: Dates) -> pd.DataFrame:
    """Count the steps for all schools, and those that hang on the day of closing for schools with their own."""
    least = terms(cases.scenario.rule_settings.numbers)
    frames = [calendar_frame(dates, least)]
    for code in cases.decided:
        day = cases.scenario.hearing.of(code).closing_on or ""
        if day != dates.closing_on:
            own = calendar_frame(replace(dates, closing_on=day), least)
            frames.append(own[own["step"].isin(CLOSING_STEPS)].assign(school_id=code))
    return pd.concat(frames, ignore_index=True)


def joined(lines: Sequence[Line], between: str = "、", last: str = "") -> Line:
    """Put lines one behind the other.

    >>> joined([line("甲"), line("乙"), line("丙")], last="和").text
    '甲、乙和丙'
    """
    if not lines:
        return Line(())
    out = lines[0]
    for k, each in enumerate(lines[1:], 2):
        out = out + line(last if last and k == len(lines) else between) + each
    return out

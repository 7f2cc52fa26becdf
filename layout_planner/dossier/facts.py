"""The ledger of a merger, filled, and how the documents reach into it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from layout_planner import columns_dossier as case
from layout_planner.columns import VETOES
from layout_planner.dossier import tables
from layout_planner.dossier.basis import parameters_frame, rules_frame
from layout_planner.dossier.blocks import BLANK
from layout_planner.dossier.calendar import Dates, calendar_frame
from layout_planner.dossier.cases import Cases
from layout_planner.dossier.ledger import Entry, Ledger, Line, Name, Row, line
from layout_planner.dossier.money import case_money
from layout_planner.dossier.options import case_options
from layout_planner.dossier.vetoes import vetoes_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from layout_planner.config.hearing import Statement

__all__ = ["BLANK", "BLANK_DAY", "COUNTY", "Facts", "cite", "gather", "joined"]

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

    def stated(self, code: str) -> Statement:
        """Give what people stated of a school in the scenario's block ``hearing``."""
        return self.cases.scenario.hearing.of(code)

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
        (case.CASE_MONEY, case_money), (case.CASE_DANGERS, tables.case_dangers), (VETOES, vetoes_frame),
        (case.CASE_COUNTY, tables.case_county),
    ):  # fmt: skip
        ledger.add(table, make(cases))
    ledger.add(case.CASE_CALENDAR, calendar_frame(dates))
    ledger.add(case.CASE_RULES, rules_frame(cases.scenario))
    ledger.add(case.CASE_PARAMETERS, parameters_frame(cases.scenario))
    return Facts(cases, ledger, dates)


def cite(row: Row) -> Line:
    """Name the document of a rule with its reference."""
    return line("（{}）", row["source"])


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

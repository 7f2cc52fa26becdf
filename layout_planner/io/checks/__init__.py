"""Contradictions of what a county filled in: within a row, between rows, over the years, over place."""

from layout_planner.io.checks.across import check_doubles, check_roster, check_school_codes, check_units
from layout_planner.io.checks.ground import check_remote_villages, check_roads_nearby
from layout_planner.io.checks.organisation import settle_organisations
from layout_planner.io.checks.rows import check_rows
from layout_planner.io.checks.villages import check_township_totals, check_villages
from layout_planner.io.checks.years import check_years

__all__ = [
    "check_doubles",
    "check_remote_villages",
    "check_roads_nearby",
    "check_roster",
    "check_rows",
    "check_school_codes",
    "check_township_totals",
    "check_units",
    "check_villages",
    "check_years",
    "settle_organisations",
]

"""Pure functions that measure a plan."""

from layout_planner.measures.balance import (
    balance_values,
    coefficient_of_variation,
    composite_variation,
    counted_schools,
    dispersion,
    resources,
    school_test,
    split_by_stage,
)
from layout_planner.measures.balance_indicators import (
    COMPOSITE_LIMIT,
    EIGHT_INDICATORS,
    SEVEN_INDICATORS,
    SINGLE_LIMIT,
    BalanceIndicator,
)
from layout_planner.measures.indicators import INDICATORS, Indicator
from layout_planner.measures.moves import moved_pupils, moves
from layout_planner.measures.tables import PlanTables, tables
from layout_planner.measures.units import measure_units, unit_loss

__all__ = [
    "COMPOSITE_LIMIT",
    "EIGHT_INDICATORS",
    "INDICATORS",
    "SEVEN_INDICATORS",
    "SINGLE_LIMIT",
    "BalanceIndicator",
    "Indicator",
    "PlanTables",
    "balance_values",
    "coefficient_of_variation",
    "composite_variation",
    "counted_schools",
    "dispersion",
    "measure_units",
    "moved_pupils",
    "moves",
    "resources",
    "school_test",
    "split_by_stage",
    "tables",
    "unit_loss",
]

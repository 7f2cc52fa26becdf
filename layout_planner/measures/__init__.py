"""Pure functions that measure a plan."""

from layout_planner.measures.access import flat_decay, gaussian_decay, huff_access, step_decay, two_step_access
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
from layout_planner.measures.equity import Theil, gini, lorenz, theil, theil_parts
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
    "Theil",
    "balance_values",
    "coefficient_of_variation",
    "composite_variation",
    "counted_schools",
    "dispersion",
    "flat_decay",
    "gaussian_decay",
    "gini",
    "huff_access",
    "lorenz",
    "measure_units",
    "moved_pupils",
    "moves",
    "resources",
    "school_test",
    "split_by_stage",
    "step_decay",
    "tables",
    "theil",
    "theil_parts",
    "two_step_access",
    "unit_loss",
]

"""Pure functions that measure a plan."""

from layout_planner.measures.access import (
    flat_decay,
    gaussian_decay,
    huff_access,
    modified_huff_access,
    step_decay,
    two_step_access,
)
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
from layout_planner.measures.commute import coverage_by_way, excess_commute, excess_share, in_zone
from layout_planner.measures.equity import Theil, gini, lorenz, theil, theil_parts
from layout_planner.measures.indicators import INDICATORS, Indicator
from layout_planner.measures.money import boarding_rooms, buses_wanted, land_wanted, public_funds
from layout_planner.measures.moves import moved_pupils, moves
from layout_planner.measures.plan_access import excess_over_optimum, measure_access
from layout_planner.measures.released import released
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
    "boarding_rooms",
    "buses_wanted",
    "coefficient_of_variation",
    "composite_variation",
    "counted_schools",
    "coverage_by_way",
    "dispersion",
    "excess_commute",
    "excess_over_optimum",
    "excess_share",
    "flat_decay",
    "gaussian_decay",
    "gini",
    "huff_access",
    "in_zone",
    "land_wanted",
    "lorenz",
    "measure_access",
    "measure_units",
    "modified_huff_access",
    "moved_pupils",
    "moves",
    "public_funds",
    "released",
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

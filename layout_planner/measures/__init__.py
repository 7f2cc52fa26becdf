"""Pure functions that measure a plan."""

from layout_planner.measures.indicators import INDICATORS, Indicator
from layout_planner.measures.moves import moved_pupils, moves
from layout_planner.measures.tables import PlanTables, tables
from layout_planner.measures.units import measure_units, unit_loss

__all__ = ["INDICATORS", "Indicator", "PlanTables", "measure_units", "moved_pupils", "moves", "tables", "unit_loss"]

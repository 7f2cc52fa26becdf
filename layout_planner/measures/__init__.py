"""Pure functions that measure a plan."""

from layout_planner.measures.indicators import INDICATORS, Indicator
from layout_planner.measures.moves import moved_pupils, moves
from layout_planner.measures.tables import PlanTables, tables

__all__ = ["INDICATORS", "Indicator", "PlanTables", "moved_pupils", "moves", "tables"]

"""Location models that know no schools: arrays with ids in, arrays with ids and a proven bound out."""

from layout_planner.locate.median import p_median
from layout_planner.locate.problem import Problem
from layout_planner.locate.result import LocationResult, Status

__all__ = ["LocationResult", "Problem", "Status", "p_median"]

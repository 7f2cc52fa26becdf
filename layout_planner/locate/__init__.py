"""Location models that know no schools: arrays with ids in, arrays with ids and a proven bound out."""

from layout_planner.locate.capacitated import capacitated_p_median
from layout_planner.locate.center import p_center
from layout_planner.locate.contiguous import contiguous_facility_location
from layout_planner.locate.cover import max_cover, set_cover
from layout_planner.locate.districts import DistrictingResult, districts
from layout_planner.locate.facility import facility_location
from layout_planner.locate.median import p_median
from layout_planner.locate.problem import Problem
from layout_planner.locate.result import LocationResult, Status, ZoningResult
from layout_planner.locate.zoning import zoning

__all__ = ["DistrictingResult", "LocationResult", "Problem", "Status", "ZoningResult", "capacitated_p_median",
           "contiguous_facility_location", "districts", "facility_location", "max_cover", "p_center", "p_median",
           "set_cover", "zoning"]  # fmt: skip

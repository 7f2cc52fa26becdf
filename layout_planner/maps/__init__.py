"""Maps that open anywhere, offline."""

from layout_planner.maps.leaflet import PRIVACY_MIN_PUPILS, Arrangement, PlanMap, Theme, compare_map, plan_map
from layout_planner.maps.travelled import Travelled, travelled_of

__all__ = [
    "PRIVACY_MIN_PUPILS",
    "Arrangement",
    "PlanMap",
    "Theme",
    "Travelled",
    "compare_map",
    "plan_map",
    "travelled_of",
]

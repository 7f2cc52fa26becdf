"""Maps that open anywhere, offline."""

from layout_planner.maps.leaflet import PRIVACY_MIN_PUPILS, Arrangement, PlanMap, Theme, compare_map, plan_map

__all__ = ["PRIVACY_MIN_PUPILS", "Arrangement", "PlanMap", "Theme", "compare_map", "plan_map"]

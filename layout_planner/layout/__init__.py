"""The county's decisions: what to close, keep and build, and the reasons."""

from layout_planner.layout.reasons import closure_impact

__all__ = ["closure_impact"]

"""The county's decisions: what to close, keep and build, with a proof, and the reasons."""

from layout_planner.layout.choices import Choice
from layout_planner.layout.model import Exclusion, LayoutModel, LayoutSolution, Limits, Objective, layout_model
from layout_planner.layout.proposal import Proposal, proposal
from layout_planner.layout.reasons import closure_impact
from layout_planner.layout.solver import solve_layout

__all__ = [
    "Choice",
    "Exclusion",
    "LayoutModel",
    "LayoutSolution",
    "Limits",
    "Objective",
    "Proposal",
    "closure_impact",
    "layout_model",
    "proposal",
    "solve_layout",
]

"""The county's decisions: what to close, keep and build, with a proof, and the reasons."""

from layout_planner.layout.alternatives import Alternatives, alternative_plans
from layout_planner.layout.choices import Choice
from layout_planner.layout.conflicts import Conflict, find_conflict, wider_model
from layout_planner.layout.facts import moved, plan_facts, who_loses
from layout_planner.layout.model import Exclusion, LayoutModel, LayoutSolution, Limits, Objective, layout_model
from layout_planner.layout.pareto import Front, FrontPoint, pareto_front
from layout_planner.layout.prices import Price, price_decisions, prices_table
from layout_planner.layout.proposal import Proposal, proposal
from layout_planner.layout.reasons import closure_impact
from layout_planner.layout.robust import CaseResult, case_models, regrets, regrets_table, sureties_table
from layout_planner.layout.solver import solve_layout

__all__ = [
    "Alternatives",
    "CaseResult",
    "Choice",
    "Conflict",
    "Exclusion",
    "Front",
    "FrontPoint",
    "LayoutModel",
    "LayoutSolution",
    "Limits",
    "Objective",
    "Price",
    "Proposal",
    "alternative_plans",
    "case_models",
    "closure_impact",
    "find_conflict",
    "layout_model",
    "moved",
    "pareto_front",
    "plan_facts",
    "price_decisions",
    "prices_table",
    "proposal",
    "regrets",
    "regrets_table",
    "solve_layout",
    "sureties_table",
    "who_loses",
    "wider_model",
]

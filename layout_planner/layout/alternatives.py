"""Good plans that really differ, because a hearing wants a choice."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from layout_planner.columns import ALTERNATIVE_SCHOOLS, ALTERNATIVES
from layout_planner.layout.arguments import check_number, check_plan
from layout_planner.layout.facts import decided_otherwise, first_value, plan_facts
from layout_planner.layout.model import Exclusion, LayoutSolution, Limits, Objective
from layout_planner.layout.solver import solve_layout
from layout_planner.locate.result import Status, relative_gap
from layout_planner.locate.stopping import Cancel, Progress, Watch

__all__ = ["Alternatives", "alternative_plans"]

_LEAST_SECONDS = 0.1
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, eq=False)
class Alternatives:
    """Plans by name, the one that was given first.

    Attributes
    ----------
    plans : dict of str to LayoutSolution
        ``方案A``, ``方案B`` …, each the best that differs from all before it in enough schools.
    exhausted : bool
        Whether it is proven that no further plan differs enough within the share that was asked for.
    """

    plans: dict[str, LayoutSolution]
    exhausted: bool

    @property
    def table(self) -> pd.DataFrame:
        """Table ``alternatives``, one row a plan."""
        plans = list(self.plans.items())
        best = min((first_value(plan)[0] for _, plan in plans), default=np.nan)
        rows = []
        for name, plan in plans:
            value, bound = first_value(plan)
            apart = [len(decided_otherwise(plan, other)) for label, other in plans if label != name]
            rows.append(
                {
                    "plan": name,
                    "status": str(plan.status),
                    "objective_yuan": value,
                    "extra_share": (value - best) / abs(best) if best else 0.0,
                    "gap": relative_gap(value, bound),
                    "differs": min(apart, default=0),
                }
                | plan_facts(plan)
            )
        return pd.DataFrame(rows, columns=list(ALTERNATIVES.names))

    @property
    def schools(self) -> pd.DataFrame:
        """Table ``alternative_schools``: the schools that the plans decide differently, school by school."""
        rows = []
        plans = list(self.plans.items())
        for j, code in enumerate(plans[0][1].model.school_id if plans else ()):
            taken = {name: plan.config[code] for name, plan in plans}
            if len(set(taken.values())) > 1:
                label = str(plans[0][1].model.choices.name[j])
                rows += [(name, str(code), label, str(choice)) for name, choice in taken.items()]
        return pd.DataFrame(rows, columns=list(ALTERNATIVE_SCHOOLS.names))


def alternative_plans(
    plan: LayoutSolution,
    objective: Objective | None = None,
    *,
    count: int = 3,
    schools: int = 3,
    within: float = 0.05,
    extra: Limits | None = None,
    time_limit: float = 60.0,
    gap: float | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Alternatives:
    """Find the best plans that differ from the given one, and from each other, in at least some schools.

    Parameters
    ----------
    plan : LayoutSolution
        With a plan.
    objective : Objective, optional
        With which it was made; that of the scenario otherwise.
    count : int
        Plans wanted, the given one included; at most 26.
    schools : int
        Schools of which something different becomes between any two of them.
    within : float
        How much worse than the given plan a plan may be, as a share of its objective.
    extra : Limits, optional
        The limits with which the plan was made.
    time_limit : float
        Seconds for all of them.
    gap : float, optional
        Relative gap of each search; that of the scenario otherwise.
    seed : int
        Seed of the solver.
    progress : callable, optional
        Told seconds, and how many plans are found of how many.
    cancel : callable, optional
        ``True`` ends the work with the plans so far.

    Returns
    -------
    Alternatives
        Fewer than ``count`` where no more plans are good enough.
    """
    check_plan(plan)
    check_number("count", count, 1, len(_LETTERS), whole=True)
    check_number("schools", schools, 1, whole=True)
    check_number("within", within, 0.0)
    extra, watch, found = extra or Limits(), Watch(time_limit, progress, cancel), [plan]
    worst = first_value(plan)[0] + within * abs(first_value(plan)[0])
    exhausted = False
    while len(found) < min(count, len(_LETTERS)) and not (cancel is not None and cancel()):
        apart = tuple(Exclusion(each, schools) for each in found)
        seconds = max(_LEAST_SECONDS, watch.left / (count - len(found)))
        other = solve_layout(
            plan.model, objective, extra=replace(extra, exclude=(*extra.exclude, *apart)), start=plan,
            time_limit=seconds, gap=gap, seed=seed, cancel=cancel,
        )  # fmt: skip
        exhausted = other.status is Status.INFEASIBLE or first_value(other)[1] > worst
        if not other.found or first_value(other)[0] > worst:
            break
        found.append(other)
        watch.tell(float(len(found)), float(count))
    return Alternatives({f"方案{_LETTERS[k]}": each for k, each in enumerate(found)}, exhausted)

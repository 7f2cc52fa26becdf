"""The process behind :mod:`layout_planner.locate.solvers.cpsat`: a model in, news out, each a line of JSON.

CP-SAT runs apart because OR-tools and HiGHS ship two builds of one library, of which a process can load but one.
It is started by its path and imports nothing of the package.
"""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from typing import Any

from ortools.sat.python import cp_model_helper as helper

__all__ = ["main"]

Job = dict[str, Any]


def main() -> None:
    """Solve the models that arrive until there are no more."""
    for line in sys.stdin:
        _solve(json.loads(line))


def _say(**news: object) -> None:
    sys.stdout.write(json.dumps(news) + "\n")
    sys.stdout.flush()


class _Improved(helper.SolutionCallback):
    """Tell of every better solution."""

    def OnSolutionCallback(self) -> None:  # noqa: N802 - the name that the solver calls
        """Report the values."""
        _say(values=list(self.Response().solution))  # type: ignore[no-untyped-call]


def _solve(job: Job) -> None:
    wrapper, listener = helper.SolveWrapper(), _Improved()
    wrapper.set_parameters(_parameters(job))
    wrapper.add_solution_callback(listener)
    wrapper.add_best_bound_callback(lambda value: _say(bound=value))
    response = wrapper.solve(_model(job))  # type: ignore[no-untyped-call]
    wrapper.clear_solution_callback(listener)
    found = response.status in (helper.OPTIMAL, helper.FEASIBLE)
    _say(
        status=response.status.name,
        bound=response.best_objective_bound,
        values=list(response.solution) if found else None,
        effort=response.deterministic_time,
    )


def _parameters(job: Job) -> helper.SatParameters:
    settings = helper.SatParameters()
    settings.num_workers, settings.interleave_search = job["workers"], job["workers"] > 1
    settings.random_seed = job["seed"]
    settings.catch_sigint_signal = False
    if job["time_limit"] is not None:
        settings.max_time_in_seconds = job["time_limit"]
    if job["effort"] is not None:
        settings.max_deterministic_time = job["effort"]
    return settings


def _model(job: Job) -> helper.CpModelProto:
    """Fill the model's message itself, many times quicker than adding expressions."""
    model = helper.CpModelProto()
    for most in job["col_upper"]:
        model.variables.add().domain.extend((0, most))
    columns, factors = job["columns"], job["factors"]
    for (begin, end), low, high, choice in zip(
        pairwise(job["starts"]), job["row_lower"], job["row_upper"], job["choices"], strict=True
    ):
        constraint = model.constraints.add()
        if choice:
            kind = constraint.exactly_one if low == 1 else constraint.at_most_one
            kind.literals.extend(columns[begin:end])
            continue
        if low > high:
            constraint.bool_or.literals.clear()  # an alternative of nothing, which never holds
            continue
        constraint.linear.vars.extend(columns[begin:end])
        constraint.linear.coeffs.extend(factors[begin:end])
        constraint.linear.domain.extend((low, high))
    for begin, end in pairwise(job["clause_starts"]):
        model.constraints.add().bool_or.literals.extend(job["literals"][begin:end])
    model.objective.vars.extend(job["priced"])
    model.objective.coeffs.extend(job["cost"])
    if job["objective_range"]:
        model.objective.domain.extend(job["objective_range"])
    model.solution_hint.vars.extend(job["hinted"])
    model.solution_hint.values.extend(job["hint"])
    return model


if __name__ == "__main__":
    main()

"""What a location model answers: a status that does not flatter, a value, a proven bound, and ids."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

__all__ = ["LocationResult", "Status", "relative_gap"]


class Status(StrEnum):
    """What is known about a solution.

    ``optimal``: proven within the gap that was asked for. ``feasible``: a plan with a bound, the search was cut
    short. ``infeasible``: proven that no plan exists. ``unknown``: cut short before any plan was found.
    """

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"


@dataclass(frozen=True, eq=False)
class LocationResult:
    """Solution of a location problem with ``n`` demand points and ``m`` candidate sites.

    Attributes
    ----------
    status : Status
        What is proven.
    objective : float
        Cost of the plan, in the unit of the costs; ``inf`` without a plan.
    bound : float
        Proven lower bound on the cost of any plan, same unit; ``inf`` if proven infeasible.
    gap : float
        ``(objective − bound) / |objective|``.
    open : ndarray of object
        Ids of the open sites, sorted.
    assignment : ndarray (n,) of object
        Site id of each demand point; ``""`` without a plan.
    demand_id : ndarray (n,) of object
        Ids of the demand points, in the order of the costs' rows.
    runtime : float
        Seconds.
    log : str
        What the solver said.
    flow : csr_array (n, m), optional
        Amount of each demand at each site, sites in the order of the costs' columns, where demand may be split.
    """

    status: Status
    objective: float
    bound: float
    gap: float
    open: NDArray[np.object_]
    assignment: NDArray[np.object_]
    demand_id: NDArray[np.object_]
    runtime: float
    log: str = ""
    flow: csr_array | None = None

    def __repr__(self) -> str:
        return (
            f"<LocationResult {self.status}: {len(self.open)} open, objective {self.objective:.6g}, "
            f"bound {self.bound:.6g}, gap {self.gap:.3%}, {self.runtime:.1f} s>"
        )

    def _repr_html_(self) -> str:
        facts = {
            "status": str(self.status), "open sites": f"{len(self.open):,}", "objective": f"{self.objective:,.6g}",
            "proven bound": f"{self.bound:,.6g}", "gap": f"{self.gap:.3%}", "seconds": f"{self.runtime:.1f}",
        }  # fmt: skip
        rows = "".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in facts.items())
        return f"<table><caption>LocationResult</caption>{rows}</table>"


def relative_gap(objective: float, bound: float) -> float:
    """Tell how far a plan can be from the best: ``(objective − bound) / |objective|``, 0 where both are 0.

    >>> relative_gap(200.0, 199.0)
    0.005
    """
    if objective == bound:
        return 0.0
    if objective in (0.0, float("inf")) or bound == float("-inf"):
        return float("inf")
    return max(0.0, (objective - bound) / abs(objective))

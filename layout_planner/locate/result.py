"""What a location model answers: a status that does not flatter, a value, a proven bound, and ids."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from layout_planner.errors import Text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

__all__ = ["LocationResult", "Status", "ZoningResult", "relative_gap"]


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
            f"<{type(self).__name__} {self.status}: {len(self.open)} open, objective {self.objective:.6g}, "
            f"bound {self.bound:.6g}, gap {self.gap:.3%}, {self.runtime:.1f} s>"
        )

    def _repr_html_(self) -> str:
        facts = {
            Text("状态", "status"): str(self.status), Text("启用的点", "open sites"): f"{len(self.open):,}",
            Text("目标值", "objective"): f"{self.objective:,.6g}",
            Text("已证明的界", "proven bound"): f"{self.bound:,.6g}", Text("差距", "gap"): f"{self.gap:.3%}",
            Text("用时（秒）", "seconds"): f"{self.runtime:.1f}",
        }  # fmt: skip
        rows = "".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in facts.items())
        return f"<table><caption>{type(self).__name__}</caption>{rows}</table>"


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class ZoningResult(LocationResult):
    """Division of ``n`` units into the connected zones of ``m`` sites, all of them open.

    Attributes
    ----------
    site_id : ndarray (m,) of object
        Ids of the sites, in the order of the costs' columns.
    serving : float
        Cost of serving alone; ``objective`` is this and what imbalance, borders and changes cost.
    load : ndarray (m,)
        Demand that every site serves, in the order of ``site_id``; 0 without a plan.
    border : float
        Sum of the borders between different zones, in the unit of their lengths.
    changed : float
        Sum of what left today's site, in the unit in which changes are counted.
    """

    site_id: NDArray[np.object_]
    serving: float
    load: NDArray[np.float64]
    border: float
    changed: float


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

"""The plan: which schools are open as what, and which pupils go where by which mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from layout_planner.config.scenario import Scenario
    from layout_planner.io.county import County

__all__ = ["Plan"]


@dataclass(frozen=True, eq=False)
class Plan:
    """A baseline, a hand-written merger or an optimised proposal: all the same type.

    Attributes
    ----------
    schools : GeoDataFrame
        One row a school of the county, open or not, after the decisions (table ``plan_schools``).
    assignment : DataFrame
        One row a (demand_id, band, school_id, mode) with ``pupils``, ``minutes``, ``metres`` (table
        ``assignment``). Pupils without a school keep their row: ``school_id`` is ``""``, ``mode`` is ``none``.
    """

    label: str
    county: County
    scenario: Scenario
    schools: gpd.GeoDataFrame
    assignment: pd.DataFrame
    parent: str = ""

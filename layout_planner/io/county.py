"""The county: canonical tables in one projected coordinate system, and what was noticed while reading them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from pyproj import CRS

    from layout_planner.errors import Flaw
    from layout_planner.travel.network import RoadNetwork

__all__ = ["County", "InputFile"]


@dataclass(frozen=True)
class InputFile:
    """One file that was read: its role (``schools``, ``roads`` …), path and SHA-256."""

    role: str
    path: Path
    sha256: str


@dataclass(frozen=True, eq=False)
class County:
    """Everything that was read about one county.

    Frames are plain GeoDataFrames in ``crs`` (projected, metres) that passed their table in
    :mod:`layout_planner.columns`. Ids are text columns, unique, and never positional.

    ``population`` has one row a raster cell (``cell_id``, ``township_id``, one ``people_<from>_<to>`` column a
    five-year age band or a single ``people`` column; floats; ``geometry`` the cell's centre). ``demand`` has one
    row a demand point with pupils by band (floats); ``cell_m`` is the side of a square as large as a raster cell, and
    ``cell_aspect`` a cell's height over its width. ``demand`` is ``None`` until :mod:`layout_planner.demand` filled it.
    """

    name: str
    crs: CRS
    boundary: gpd.GeoDataFrame
    townships: gpd.GeoDataFrame
    villages: gpd.GeoDataFrame
    schools: gpd.GeoDataFrame
    enrolment: pd.DataFrame
    network: RoadNetwork
    population: gpd.GeoDataFrame | None = None
    demand: gpd.GeoDataFrame | None = None
    rivers: gpd.GeoDataFrame | None = None
    cell_m: float = 100.0
    cell_aspect: float = 1.0
    checks: tuple[Flaw, ...] = ()
    inputs: tuple[InputFile, ...] = field(default=())

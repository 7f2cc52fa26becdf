"""The synthetic county, read back with plain libraries."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import osmium
import pandas as pd


@dataclass
class Roads:
    """What a PBF file holds."""

    nodes: dict[int, tuple[float, float]] = field(default_factory=dict)
    ways: list[tuple[list[int], dict[str, str]]] = field(default_factory=list)


def read_roads(path: Path) -> Roads:
    roads = Roads()
    for item in osmium.FileProcessor(str(path)):
        if item.is_node():
            roads.nodes[item.id] = (item.lon, item.lat)
        elif item.is_way():
            roads.ways.append(([n.ref for n in item.nodes], dict(item.tags)))
    return roads


def read_sheet(path: Path, sheet: str) -> pd.DataFrame:
    return pd.read_excel(path, sheet_name=sheet, dtype="str", engine="calamine")


@dataclass(frozen=True)
class Files:
    folder: Path
    roads: Roads
    schools: pd.DataFrame
    enrolment: pd.DataFrame
    villages: pd.DataFrame
    townships: gpd.GeoDataFrame
    boundary: gpd.GeoDataFrame


def read_files(folder: Path) -> Files:
    return Files(
        folder,
        read_roads(folder / "roads.osm.pbf"),
        read_sheet(folder / "schools.xlsx", "学校基本情况"),
        read_sheet(folder / "schools.xlsx", "历年在校生"),
        read_sheet(folder / "villages.xlsx", "村表"),
        gpd.read_file(folder / "townships.geojson"),
        gpd.read_file(folder / "boundary.geojson"),
    )

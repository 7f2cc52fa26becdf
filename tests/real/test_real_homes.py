"""Buildings and residential roads of real extracts, and how well roads place real people."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyproj import CRS
from shapely.geometry import box

from layout_planner.demand.dasymetric import road_metres, spread
from layout_planner.io.buildings import read_buildings
from layout_planner.io.crs import to_crs
from layout_planner.io.osm import read_network

WORLD = box(-180, -90, 180, 90)
ROADS = {"residential": 1.0, "living_street": 1.0, "unclassified": 1.0, "road": 1.0, "service": 0.5, "track": 0.5}


@pytest.mark.parametrize(
    ("file", "crs", "homes"),
    [
        ("osm_liechtenstein/liechtenstein-latest.osm.pbf", 32632, 8490),
        ("osm_andorra/andorra.osm.pbf", 32631, 278),
        ("r5r_porto_alegre/poa_osm.pbf", 32722, 14),
    ],
)
def test_residential_buildings_of_real_extracts(real_data: Path, file: str, crs: int, homes: int) -> None:
    found, flaws = read_buildings(real_data / file, WORLD, CRS.from_epsg(crs))
    assert found is not None
    assert len(found) == homes
    assert [f.code for f in flaws] == ["buildings_read"]
    assert 100 < found["floor_m2"].median() < 600


def test_an_extract_without_buildings_says_so(real_data: Path) -> None:
    found, flaws = read_buildings(real_data / "cn_shanghai_osm" / "shanghai.osm", WORLD, CRS.from_epsg(32651))
    assert found is None
    assert [f.code for f in flaws] == ["buildings_none"]


def test_residential_roads_of_kathmandu_have_the_length_that_the_network_says(real_data: Path) -> None:
    network = read_network(real_data / "worldpop_kathmandu" / "kathmandu_hw.gpkg", crs=CRS.from_epsg(32645))
    _, metres = road_metres(network, {"residential": 1.0}, 25.0)
    whole = network.length_m[network.roads.is_class("residential")].sum()
    assert metres.sum() == pytest.approx(whole, rel=0.01)


def test_roads_place_the_people_of_porto_alegre_better_than_an_even_spread(real_data: Path) -> None:
    hexagons = pd.read_csv(real_data / "r5r_porto_alegre" / "poa_hexgrid.csv")
    crs = CRS.from_epsg(32722)
    homes = to_crs(hexagons[["lon", "lat"]].to_numpy(np.float64), "wgs84", crs)
    people = hexagons["population"].to_numpy(np.float64)
    xy, weight = road_metres(read_network(real_data / "r5r_porto_alegre" / "poa_osm.pbf", crs=crs), ROADS, 25.0)
    even = misplaced(homes, people, homes, np.ones(len(homes)))
    by_roads = misplaced(homes, people, xy, weight)
    print(f"\npeople misplaced: even spread {even:.1%}, residential roads {by_roads:.1%}")
    assert by_roads < even


def misplaced(homes: np.ndarray, people: np.ndarray, targets: np.ndarray, weight: np.ndarray) -> float:
    """Spread totals of squares of 5 km over targets; give the share of people put into a wrong square of 1 km."""
    areas, cells = squares(homes, 5000.0), squares(homes, 1000.0)
    known = np.isin(squares(targets, 5000.0), areas)
    names, owner = np.unique(np.concatenate([areas, squares(targets[known], 5000.0)]), return_inverse=True)
    totals = np.bincount(owner[: len(homes)], people, minlength=len(names))[:, None]
    placed, _ = spread(totals, weight[known][:, None], owner[len(homes) :])
    real = pd.Series(people).groupby(cells).sum()
    guess = pd.Series(placed[:, 0]).groupby(squares(targets[known], 1000.0)).sum()
    return float(guess.sub(real, fill_value=0.0).abs().sum() / 2 / people.sum())


def squares(xy: np.ndarray, side: float) -> np.ndarray:
    whole = np.floor(xy / side).astype(np.int64)
    return whole[:, 0] * 100_000 + whole[:, 1]

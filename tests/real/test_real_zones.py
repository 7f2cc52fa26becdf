"""Real attendance zones before and after a school closed: read, repaired, the merger reproduced and redrawn."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from numpy.typing import NDArray

from layout_planner.assign.coverage import clean, dissolve, shared_borders
from layout_planner.assign.zone_today import area_faults, repaired
from layout_planner.locate import zoning
from layout_planner.testing import assert_zones_valid

pytestmark = [pytest.mark.real, pytest.mark.filterwarnings("ignore:Several features with id")]

CLOSED = "Steele Lane Elementary School"
METRES = 32610
LEAST_BORDER_M = 0.5


@dataclass(frozen=True, eq=False)
class District:
    """Santa Rosa's elementary zones of 2025–26 and 2026–27, its blocks with pupils, its schools; metres."""

    before: gpd.GeoDataFrame
    after: gpd.GeoDataFrame
    blocks: gpd.GeoDataFrame
    schools: gpd.GeoDataFrame
    pairs: NDArray[np.int64]

    @property
    def pupils(self) -> NDArray[np.float64]:
        return self.blocks["enrollment"].to_numpy(dtype=np.float64)

    @property
    def homes(self) -> gpd.GeoDataFrame:
        half = self.pupils / 2
        columns = {"pupils_g1_3": half, "pupils_g4_6": half, "pupils_g7_9": half * 0}
        return gpd.GeoDataFrame(columns, geometry=self.blocks.representative_point(), crs=METRES)

    def metres(self, names: list[str]) -> NDArray[np.float64]:
        """Measure the straight way of every block to some schools."""
        spots = self.schools.set_index("school_id").geometry[names]
        return np.column_stack([shapely.distance(self.homes.geometry.to_numpy(), spot) for spot in spots])

    def zones(self, areas: gpd.GeoDataFrame) -> NDArray[np.object_]:
        """Find the school of every block."""
        at = shapely.STRtree(areas.geometry.to_numpy()).nearest(self.homes.geometry.to_numpy())
        return areas["school_id"].to_numpy(dtype=object)[at]

    def seats(self, names: list[str]) -> NDArray[np.int64]:
        """Find the block in which every school lies."""
        spots = self.schools.set_index("school_id").geometry[names].to_numpy()
        return np.asarray(shapely.STRtree(self.blocks.geometry.to_numpy()).nearest(spots), dtype=np.int64)


@pytest.fixture(scope="module")
def district(real_data: Path) -> District:
    folder = real_data / "us_santa_rosa_zones"

    def read(name: str) -> gpd.GeoDataFrame:
        return gpd.read_file(folder / f"{name}.geojson").to_crs(METRES).rename(columns={"school": "school_id"})

    places = read("School_Locations_Elementary")
    names = places["Name"].str.replace("Hellen", "Helen")
    schools = gpd.GeoDataFrame({"school_id": names, "name": names}, geometry=places.geometry, crs=METRES)
    blocks = read("2025-2026_Elementary-Blocks").sort_values("block_of_residence", ignore_index=True)
    pairs, border = shared_borders(clean(blocks.geometry.to_numpy()))
    return District(
        read("2025-2026_Elementary"), read("2026-2027_Elementary"), blocks, schools, pairs[border >= LEAST_BORDER_M]
    )


def outline(areas: gpd.GeoDataFrame) -> shapely.Geometry:
    """Fill the holes of all zones together."""
    whole = shapely.union_all(areas.geometry.to_numpy())
    return shapely.union_all([shapely.Polygon(part.exterior) for part in shapely.get_parts(whole)])


def test_faults_of_real_zones_are_found_and_repaired(district: District) -> None:
    found = area_faults(district.before, district.schools, outline(district.before), district.homes, least_m2=1.0)
    assert found.groupby("fault")["area_m2"].agg(["size", "sum"]).round().astype(int).to_numpy().tolist() == [
        [4, 920], [1, 3],
    ]  # fmt: skip
    assert (found["pupils"] == 0).all()
    fixed = repaired(district.before)
    assert not shapely.coverage_is_valid(district.before.geometry.to_numpy())
    assert shapely.coverage_is_valid(fixed.geometry.to_numpy())
    assert area_faults(fixed, district.schools, outline(fixed), district.homes, least_m2=1.0).empty
    assert area_faults(district.after, district.schools, outline(district.after), district.homes).empty


def test_the_merger_is_reproduced_block_by_block(district: District) -> None:
    was, now = district.blocks["school_id"].to_numpy(dtype=object), district.zones(district.after)
    moved = pd.DataFrame({"was": was, "now": now, "pupils": district.pupils})[was != now]
    total = moved.groupby(["was", "now"])["pupils"].sum()
    assert total[total > 0].to_dict() == {
        (CLOSED, "James Monroe Elementary School"): 248.0,
        (CLOSED, "Helen Lehman Elementary School"): 145.0,
        (CLOSED, "Hidden Valley Elementary School"): 44.0,
        ("Helen Lehman Elementary School", "Abraham Lincoln Elementary School"): 38.0,
    }
    assert CLOSED not in set(now)


def test_a_better_redraw_keeps_schools_no_larger_and_moves_no_more_pupils(district: District) -> None:
    names = sorted(district.after["school_id"])
    place = {name: j for j, name in enumerate(names)}
    metres, seats = district.metres(names), district.seats(names)
    was = district.blocks["school_id"].to_numpy(dtype=object)
    now = np.array([place[name] for name in district.zones(district.after)])
    load = np.bincount(now, weights=district.pupils, minlength=len(names))
    room = np.full(len(names), load.max())
    theirs = float((metres[np.arange(len(now)), now] * district.pupils).sum())
    result = zoning(
        metres * district.pupils[:, None], district.pupils, room, district.pairs, seats,
        today=[place.get(name, -1) for name in was], change=district.pupils,
        max_changes=float(district.pupils[(np.array([names[j] for j in now]) != was) & (was != CLOSED)].sum()),
        time_limit=30, gap=1e-3,
    )  # fmt: skip
    assert_zones_valid(
        result, cost=metres * district.pupils[:, None], demand=district.pupils, seats=room, adjacency=district.pairs,
        seat_units=seats,
    )  # fmt: skip
    assert result.objective < theirs
    zones = dissolve(clean(district.blocks.geometry.to_numpy()), result.assignment.astype(int))
    assert shapely.coverage_is_valid(np.array(list(zones.values()), dtype=object))

"""The synthetic county as a whole: ground, places, people, roads and schools, and where it is laid down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from layout_planner.examples.enrolment import fill_schools
from layout_planner.examples.frame import Floats, Frame, Ints
from layout_planner.examples.furnishing import equip
from layout_planner.examples.network import Network, make_network
from layout_planner.examples.people import BAND_WEIGHTS, People, make_people, settle_cells
from layout_planner.examples.places import Places, make_places
from layout_planner.examples.rounding import whole
from layout_planner.examples.routing import make_ground
from layout_planner.examples.schools import School, site_schools
from layout_planner.examples.sizes import Size
from layout_planner.examples.terrain import Terrain, make_terrain
from layout_planner.grades import GradeBand

__all__ = ["Draft", "Placed", "make_draft", "place"]

_WEST, _NORTH = 110.16, 32.58


@dataclass(frozen=True)
class Draft:
    """A county without codes, in local metres.

    ``township_pupils`` and ``village_pupils`` map a pupils column to whole persons by township and village; they
    add up to each other and, rounded, to the raster. ``seeds`` are what it was drawn from, ``flows`` what
    :func:`fill_schools` says of who goes where.
    """

    terrain: Terrain
    places: Places
    people: People
    network: Network
    schools: list[School]
    township_pupils: dict[str, Ints]
    village_pupils: dict[str, Ints]
    seeds: tuple[int, int]
    flows: dict[GradeBand, tuple[Floats, Floats]]


@dataclass(frozen=True)
class Placed:
    """A draft laid down in a frame, with its name and its six-digit code; ``mark`` begins the names within it."""

    draft: Draft
    frame: Frame
    name: str
    code: str
    mark: str = ""

    def township_id(self, township: int) -> str:
        """Nine-digit code of a township: towns count from 100, townships from 200."""
        kind = 200 if self.draft.places.township_names[township].endswith("乡") else 100
        return f"{self.code}{kind + township:03d}"

    def township_name(self, township: int) -> str:
        """Name of a township, unique in the province."""
        return self.mark + self.draft.places.township_names[township]

    def village_id(self, village: int) -> str:
        """Twelve-digit code of a village: its township's, then quarters from 001 and villages from 200."""
        settlement = self.draft.places.villages[village]
        before = [v for v in self.draft.places.villages[:village] if v.township == settlement.township]
        rural = settlement.kind == "village"
        serial = 1 + sum((v.kind == "village") == rural for v in before) + (199 if rural else 0)
        return f"{self.township_id(settlement.township)}{serial:03d}"

    def school_id(self, school: int) -> str:
        """Ten-digit code of a school, which begins with a zero."""
        return f"0{self.code}{school + 1:03d}"


def make_draft(size: Size, seed: int, variant: int = 0, county: str = "样例县") -> Draft:
    """Invent a county. The same ``size``, ``seed`` and ``variant`` give the same county."""

    def rng(stage: int) -> np.random.Generator:
        return np.random.default_rng([seed, variant, stage])

    frame = Frame(_WEST, _NORTH, size.rows, size.cols)
    terrain = make_terrain(frame, rng(0), size.area_km2)
    ground = make_ground(terrain, rng(1))
    places = make_places(terrain, ground, size, rng(2))
    town = settle_cells(terrain, ground, places, size, rng(3))
    people = make_people(terrain, places, size, town, rng(4))
    network = make_network(terrain, ground, places, size, town[0], rng(5))
    schools = site_schools(frame, places, size, people, town[0], county, rng(6))
    flows = fill_schools(frame, schools, people, network.map, rng(7))
    equip(schools, rng(10))
    townships, villages = _tallies(places, people)
    return Draft(terrain, places, people, network, schools, townships, villages, (seed, variant), flows)


def _tallies(places: Places, people: People) -> tuple[dict[str, Ints], dict[str, Ints]]:
    """Count whole pupils by township, and by village so that they add up to the townships'."""
    pupils = people.pupils()
    zone = places.zone[people.cells]
    owner = np.array([v.township for v in places.villages])
    townships, villages = {}, {}
    for band in BAND_WEIGHTS:
        townships[band] = whole(np.bincount(zone, pupils[band], len(places.township_names)).astype(np.float64))
        by_village = np.bincount(people.village, pupils[band], len(places.villages)).astype(np.float64)
        villages[band] = np.zeros(len(places.villages), dtype=np.int64)
        for k, total in enumerate(townships[band]):
            villages[band][owner == k] = whole(by_village[owner == k], int(total))
    return townships, villages


def place(drafts: list[Draft], name: str, counties: int) -> tuple[list[Placed], int]:
    """Lay ``counties`` copies of the drafts side by side; also give the number of columns of the tiling."""
    columns = int(np.ceil(np.sqrt(counties)))
    placed = []
    for k in range(counties):
        draft = drafts[k % len(drafts)]
        frame = draft.terrain.frame
        frame = frame.shifted((k // columns) * frame.rows, (k % columns) * frame.cols)
        mark = "" if counties == 1 else f"{k + 1:02d}县"
        placed.append(Placed(draft, frame, f"{name}{mark[:-1]}", f"{990101 + k:06d}", mark))
    return placed, columns

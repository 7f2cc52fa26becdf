"""Where the schools of the county stand."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely

from layout_planner.examples.frame import Floats, Frame, Ints
from layout_planner.examples.people import People
from layout_planner.examples.places import Places, Settlement
from layout_planner.examples.sizes import Size
from layout_planner.grades import Tier

__all__ = ["School", "site_schools"]

_ORDINALS = "一二三四五六七八九"


@dataclass
class School:
    """One school: where it stands, what it teaches, and whom and with what.

    :mod:`enrolment` and :mod:`furnishing` fill all but its place.

    ``enrolment`` maps a school year to pupils by grade, ``subjects`` a subject to its teachers.
    """

    name: str
    tier: Tier
    township: int
    xy: Floats
    in_town: bool = False
    status: str = "在办"
    last_year: int = 9999
    school_id: str = ""
    enrolment: dict[int, dict[int, int]] = field(default_factory=dict)
    classes: int = 0
    rooms: int = 0
    seats: int = 0
    beds: int = 0
    boarders: int = 0
    teachers: int = 0
    building_m2: int = 0
    site_m2: int = 0
    staff: int = 0
    dorm_m2: int = 0
    canteen_m2: int = 0
    books: int = 0
    computers: int = 0
    equipment_yuan: int = 0
    teachers_above_norm: int = 0
    teachers_backbone: int = 0
    teachers_pe_art: int = 0
    teachers_mid_title: int = 0
    teaching_m2: int = 0
    indoor_sports_m2: int = 0
    sports_ground_m2: int = 0
    media_rooms: int = 0
    subjects: dict[str, int] = field(default_factory=dict)

    @property
    def grades(self) -> range:
        """Grades taught."""
        first, last = self.tier.default_grades
        return range(first, last + 1)

    @property
    def pupils(self) -> dict[int, int]:
        """Pupils by grade in the latest year; empty for a school that does not teach now."""
        return self.enrolment[max(self.enrolment)] if self.status == "在办" else {}


def _yard(frame: Frame, places: Places, settlement: Settlement, rng: np.random.Generator) -> Floats:
    """Choose a place for a school among the houses of a settlement: a point in metres."""
    xy = frame.centres(settlement.cells)
    inner = places.township_polygons[settlement.township].buffer(-120.0)
    own = settlement.cells[shapely.contains_xy(inner, xy[:, 0], xy[:, 1])]
    if not own.size:
        return settlement.xy
    cell = own[int(rng.integers(len(own)))]
    return frame.centres([cell])[0] + rng.uniform(-0.35, 0.35, 2) * np.array([frame.cell_x, frame.cell_y])


def _spread(xy: Floats, weight: Floats, count: int) -> list[int]:
    """Choose ``count`` of the points (n, 2) so that people have short ways: greedy p-median."""
    away = np.full(len(xy), 3000.0)
    chosen: list[int] = []
    for _ in range(count):
        gap = np.linalg.norm(xy[:, None, :] - xy[None, :, :], axis=2)
        gain = (weight[:, None] * np.maximum(0.0, away[:, None] - gap)).sum(axis=0)
        gain[chosen] = -1.0
        best = int(np.argmax(gain))
        chosen.append(best)
        away = np.minimum(away, gap[:, best])
    return chosen


def _town_schools(
    frame: Frame, places: Places, size: Size, people: People, built: Ints, county: str, rng: np.random.Generator
) -> list[School]:
    """Place the schools of the county town, the planned one at its edge among them."""
    where = np.isin(people.cells, built) & (places.zone[people.cells] == 0)
    cells = people.cells[where]
    residents = np.sum([v[where] for v in people.by_age.values()], axis=0)
    step = max(1, len(cells) // 400)
    xy = frame.centres(cells)[::step] + rng.uniform(-25, 25, (len(cells[::step]), 2))
    weight = residents[::step]
    sites = _spread(xy, weight, size.town_primaries)
    schools = []
    for k, site in enumerate(sites):
        name = f"{county}实验小学" if k == 0 else f"{county}第{_ORDINALS[k - 1]}小学"
        schools.append(School(name, Tier.PRIMARY, 0, xy[site], True))
    apart = np.min(np.linalg.norm(xy[:, None] - xy[None, sites], axis=2), axis=1) > 150
    for k, site in enumerate(_spread(xy[apart], weight[apart], size.town_juniors)):
        schools.append(School(f"{county}第{_ORDINALS[k]}初级中学", Tier.JUNIOR, 0, xy[apart][site], True))
    taken = np.array([s.xy for s in schools])
    edge = int(np.argmax(np.min(np.linalg.norm(xy[:, None] - taken[None], axis=2), axis=1)))
    schools.append(School(f"{county}新区小学", Tier.PRIMARY, 0, xy[edge], True, status="拟建"))
    return schools


def _central(places: Places, frame: Frame, rng: np.random.Generator) -> list[School]:
    """Place a central primary school in each township; that of the county town serves its outskirts."""
    schools = []
    for k, township in enumerate(places.township_names):
        if k:
            seat = next(v for v in places.villages if v.kind == "seat" and v.township == k)
        else:
            own = [v for v in places.villages if v.township == 0]
            outskirts = [v for v in own if v.kind == "village"] or own[1:]
            seat = max(outskirts, key=lambda v: (v.residents, v.name))
        schools.append(School(f"{township}中心小学", Tier.CENTRAL_PRIMARY, k, _yard(frame, places, seat, rng)))
    return schools


def _juniors(places: Places, frame: Frame, rng: np.random.Generator) -> list[School]:
    """Place junior schools in the larger townships and nine-year schools away from the seats of some smaller."""
    crowd = np.zeros(len(places.township_names))
    for s in places.settlements:
        crowd[s.township] += s.residents
    order = [int(k) for k in np.argsort(-crowd[1:], kind="stable") + 1]
    juniors, nine = max(1, round(0.65 * len(order))), max(1, round(0.28 * len(order)))
    schools = []
    for k in order[:juniors]:
        seat = next(v for v in places.villages if v.kind == "seat" and v.township == k)
        schools.append(School(f"{places.township_names[k]}初级中学", Tier.JUNIOR, k, _yard(frame, places, seat, rng)))
    for k in order[juniors : juniors + nine]:
        seat = next(v for v in places.villages if v.kind == "seat" and v.township == k)
        others = [v for v in places.villages if v.kind == "village" and v.township == k]
        far = [v for v in others if np.linalg.norm(v.xy - seat.xy) > 2500.0] or [seat]
        host = max(far, key=lambda v: (v.residents, v.name))
        stem = host.name[:-1] if host is not seat else ""
        name = f"{places.township_names[k]}{stem}九年一贯制学校"
        schools.append(School(name, Tier.NINE_YEAR, k, _yard(frame, places, host, rng)))
    return schools


def _village_primaries(
    places: Places, frame: Frame, size: Size, others: list[School], rng: np.random.Generator
) -> list[School]:
    """Place village primary schools in large villages far from other schools."""
    villages = [v for v in places.villages if v.kind == "village"]
    taken = [s.xy for s in others if s.tier is not Tier.JUNIOR]
    schools: list[School] = []
    spacing = 3600.0
    while len(schools) < size.village_primaries and spacing > 200.0:
        for v in sorted(villages, key=lambda v: (-v.residents, v.name)):
            if len(schools) == size.village_primaries:
                break
            if np.min(np.linalg.norm(np.array(taken) - v.xy, axis=1)) > spacing:
                site = _yard(frame, places, v, rng)
                taken.append(v.xy)
                name = f"{places.township_names[v.township]}{v.name[:-1]}小学"
                schools.append(School(name, Tier.VILLAGE_PRIMARY, v.township, site))
        spacing *= 0.75
    return schools


def _teaching_points(
    places: Places, frame: Frame, size: Size, others: list[School], rng: np.random.Generator
) -> list[School]:
    """Place the teaching points of each township where they shorten ways most; three sites are closed by now."""
    schools = []
    count = len(places.township_names)
    closed = {count - 1: 2023, max(1, count // 2): 2022, max(1, count // 3): 2024} if count > 4 else {count - 1: 2023}
    for k, township in enumerate(places.township_names):
        homes = [s for s in places.settlements if s.township == k and s.kind in ("village", "hamlet")]
        if len(homes) <= size.points_per_township:
            continue
        xy = np.array([s.xy for s in homes])
        residents = np.array([s.residents for s in homes])
        primaries = np.array([s.xy for s in others if s.tier is not Tier.JUNIOR])
        reach = 4000.0
        away = np.minimum(np.min(np.linalg.norm(xy[:, None] - primaries[None], axis=2), axis=1), reach)
        gap = np.linalg.norm(xy[:, None] - xy[None], axis=2)
        needed = size.points_per_township + (k in closed)
        worth = np.where(away > 900.0, 1.0, 0.01) * np.where(residents > np.quantile(residents, 0.3), 1.0, 0.1)
        for n in range(needed):
            gain = (residents[:, None] * np.maximum(0.0, away[:, None] - gap)).sum(axis=0)
            best = int(np.argmax(gain * worth + 1e-6 * worth))
            worth[best] = 0.0
            away = np.minimum(away, gap[:, best])
            home = homes[best]
            stem = home.name[:-1] if home.kind == "village" else home.name
            point = School(f"{township}{stem}教学点", Tier.TEACHING_POINT, k, _yard(frame, places, home, rng))
            if n == size.points_per_township:
                point.status, point.last_year = "停办", closed[k]
            schools.append(point)
    return schools


_ORDER = (Tier.PRIMARY, Tier.CENTRAL_PRIMARY, Tier.NINE_YEAR, Tier.JUNIOR, Tier.VILLAGE_PRIMARY, Tier.TEACHING_POINT)


def site_schools(
    frame: Frame, places: Places, size: Size, people: People, built: Ints, county: str, rng: np.random.Generator
) -> list[School]:
    """Place every school of the county, ordered by township and type.

    Parameters
    ----------
    built : ndarray of int
        Cells of the county town.
    county : str
        Name of the county, which begins the names of the town's schools.
    """
    schools = _town_schools(frame, places, size, people, built, county, rng)
    schools += _central(places, frame, rng)
    schools += _juniors(places, frame, rng)
    schools += _village_primaries(places, frame, size, schools, rng)
    schools += _teaching_points(places, frame, size, schools, rng)
    return sorted(schools, key=lambda s: (s.township, _ORDER.index(s.tier), s.name))

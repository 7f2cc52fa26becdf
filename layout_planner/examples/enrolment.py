"""Who goes to which school, in which class, and how it was in the years before."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from layout_planner.examples.frame import Floats, Frame, Ints
from layout_planner.examples.furnishing import furnish
from layout_planner.examples.osm import OsmMap
from layout_planner.examples.people import People
from layout_planner.examples.rounding import whole
from layout_planner.examples.schools import School
from layout_planner.grades import GradeBand, Tier

__all__ = ["YEARS", "fill_schools", "walk_metres"]

YEARS = (2021, 2022, 2023, 2024, 2025)
_PULL = {Tier.PRIMARY: 2.2, Tier.CENTRAL_PRIMARY: 1.9, Tier.NINE_YEAR: 1.5, Tier.JUNIOR: 1.6,
         Tier.VILLAGE_PRIMARY: 1.0, Tier.TEACHING_POINT: 0.55}  # fmt: skip
_FADE_M = {GradeBand.G1_3: 900.0, GradeBand.G4_6: 1600.0, GradeBand.G7_9: 4000.0}
_TO_TOWN = {GradeBand.G1_3: 0.07, GradeBand.G4_6: 0.11, GradeBand.G7_9: 0.13}
_FAR_M = 60_000.0
_BOARD_M = {GradeBand.G4_6: 3800.0, GradeBand.G7_9: 4500.0}


def walk_metres(plan: OsmMap, from_xy: Floats, to_xy: Floats) -> Floats:
    """Measure ways on foot along the roads, in metres: (len(from_xy), len(to_xy)), infinite where there is none."""
    first, second = [], []
    for way in plan.ways:
        if way.tags.get("highway", "motorway").startswith("motorway"):
            continue
        first.append(way.nodes[:-1])
        second.append(way.nodes[1:])
    a, b = np.concatenate(first).astype(np.int64), np.concatenate(second).astype(np.int64)
    xy = np.array(plan.xy)
    length = np.maximum(np.linalg.norm(xy[a] - xy[b], axis=1), 0.01)
    graph = coo_matrix((length, (a, b)), shape=(len(xy),) * 2).tocsr()
    used = np.unique(np.concatenate([a, b]))
    tree = cKDTree(xy[used])
    from_gap, start = tree.query(from_xy)
    to_gap, end = tree.query(to_xy)
    from_gaps = np.asarray(from_gap)
    metres = np.empty((len(from_xy), len(to_xy)))
    for i, node in enumerate(used[start]):
        row = dijkstra(graph, directed=False, indices=np.array([node]), return_predecessors=False, limit=_FAR_M)[0]
        metres[i] = row[used[end]] + 1.3 * (from_gaps[i] + np.asarray(to_gap))
    return metres


def _choices(schools: list[School], metres: Floats, band: GradeBand) -> Floats:
    """Share the pupils of each cell over the open schools that teach ``band``: (schools, cells)."""
    share = np.zeros_like(metres)
    teaching = np.array([s.status == "在办" and band.grades[0] in s.grades for s in schools])
    pull = np.array([_PULL[s.tier] for s in schools])[:, None]
    town = np.array([s.in_town for s in schools]) & teaching
    near = metres[teaching].min(axis=0)
    near = np.where(np.isfinite(near), near, 0.0)
    fade = _FADE_M[band]
    share[teaching] = pull[teaching] * np.exp(-np.maximum(0.0, metres[teaching] - near) / fade)
    share[:, ~np.isfinite(metres[teaching].min(axis=0))] = 0.0
    lost = share.sum(axis=0) == 0
    share[np.ix_(teaching, lost)] = 1.0
    share /= share.sum(axis=0)
    away = metres[town].min(axis=0) > 2500.0
    leaving = _TO_TOWN[band] * away
    share *= 1.0 - leaving
    share[town] += leaving / town.sum()
    return share


def _grade_split(school: School, band: GradeBand, total: int, rng: np.random.Generator) -> dict[int, int]:
    trend = -0.005 if school.in_town else 0.035
    weight = np.array([(1 + trend) ** g for g in band.grades]) * rng.normal(1.0, 0.05, 3).clip(0.85, 1.15)
    return dict(zip(band.grades, whole(total * weight / weight.sum(), total).tolist(), strict=True))


def _history(school: School, now: dict[int, int], rng: np.random.Generator) -> None:
    """Fill the years before from the cohorts of today: villages lose pupils to the town year by year."""
    keep, growth = (1.012, 0.985) if school.in_town else (0.965, 1.045)
    if school.tier is Tier.TEACHING_POINT:
        keep, growth = 0.93, 1.09
    school.enrolment = {YEARS[-1]: now}
    for year in reversed(YEARS[:-1]):
        later = school.enrolment[year + 1]
        before = {}
        for grade in school.grades:
            cohort = later[grade + 1] / keep if grade % 3 else later[grade] * growth
            before[grade] = max(0, round(cohort * float(rng.normal(1.0, 0.015))))
        school.enrolment[year] = before


def _classes(school: School, pupils: dict[int, int]) -> int:
    """Count today's classes: crowded in town, composite in the smallest teaching points."""
    total = sum(pupils.values())
    if school.tier is Tier.TEACHING_POINT:
        return 1 if total < 20 else 2 if total < 36 else sum(-(-n // 30) for n in pupils.values())
    if school.in_town:
        return sum(max(1, round(n / (59 if g < 7 else 58))) for g, n in pupils.items())
    return sum(max(1, -(-n // (45 if g < 7 else 50))) for g, n in pupils.items())


def _buildings(school: School, pupils: dict[int, int], boarders: int, rng: np.random.Generator) -> None:
    """Fill classes, rooms, seats, beds, teachers and areas."""
    total = sum(pupils.values())
    past = max(sum(v.values()) for v in school.enrolment.values()) if school.enrolment else 0
    school.classes = _classes(school, pupils) if total else 0
    if school.status == "拟建":
        school.rooms = 24
    elif school.in_town:
        school.rooms = school.classes
    elif school.tier is Tier.TEACHING_POINT:
        school.rooms = max(school.classes, 3, -(-past // 28)) + int(rng.integers(0, 2))
    else:
        school.rooms = school.classes + int(rng.integers(1, 2 + school.classes // 5))
    junior = {Tier.JUNIOR: school.rooms, Tier.NINE_YEAR: school.rooms - round(school.rooms * 2 / 3)}.get(school.tier, 0)
    cap = 30 if school.tier is Tier.TEACHING_POINT else 45
    school.seats = (school.rooms - junior) * cap + junior * 50
    school.boarders = boarders
    school.beds = 8 * -(-round(boarders * float(rng.uniform(1.02, 1.25))) // 8) if boarders else 0
    young = sum(n for g, n in pupils.items() if g < 7)
    norm = young / 19 + (total - young) / 13.5
    school.teachers = max(round(norm), round(school.classes * (1.7 if young else 2.6)), 1) if total else 0
    size = max(total, school.seats // 2)
    area = float(rng.uniform(4.6, 5.8) if school.in_town else rng.uniform(6.5, 9.5))
    school.building_m2 = 10 * round((size * area + school.beds * 4.5) / 10)
    school.site_m2 = 10 * round((size * area * float(rng.uniform(1.9, 3.4)) + school.beds * 6) / 10)


def fill_schools(
    frame: Frame, schools: list[School], people: People, plan: OsmMap, rng: np.random.Generator
) -> dict[GradeBand, tuple[Floats, Floats]]:
    """Enrol every pupil of the county and furnish the schools.

    Enrolment adds up to the pupils who live in the county, band by band.

    Returns
    -------
    dict of GradeBand to two ndarrays (schools, villages)
        Pupils, unrounded, and those of them who live too far for daily trips.
    """
    xy = frame.centres(people.cells)
    metres = walk_metres(plan, np.array([s.xy for s in schools]), xy)
    pupils = people.pupils()
    grades: list[dict[int, int]] = [{} for _ in schools]
    boarders = np.zeros(len(schools))
    found = {}
    for band in GradeBand:
        flow = _choices(schools, metres, band) * pupils[band.pupils_column]
        heads = whole(flow.sum(axis=1))
        away = flow * (metres > _BOARD_M[band]) if band in _BOARD_M else np.zeros_like(flow)
        found[band] = (_by_village(flow, people.village), _by_village(away, people.village))
        boarders += 0.8 * away.sum(axis=1)
        for k, school in enumerate(schools):
            if school.status == "在办" and band.grades[0] in school.grades:
                grades[k] |= _grade_split(school, band, int(heads[k]), rng)
    for k, school in enumerate(schools):
        if school.status == "在办":
            _history(school, grades[k], rng)
        elif school.status == "停办":
            last = {g: int(rng.integers(2, 5)) for g in school.grades}
            _history(school, last, rng)
            shift = YEARS[-1] - school.last_year
            kept = {y - shift: v for y, v in school.enrolment.items()}
            school.enrolment = {y: kept[y] for y in YEARS if y in kept}
        hosts = school.tier in (Tier.CENTRAL_PRIMARY, Tier.JUNIOR, Tier.NINE_YEAR)
        boards = int(boarders[k]) if hosts and boarders[k] >= 12 else 0
        _buildings(school, grades[k], min(boards, sum(n for g, n in grades[k].items() if g > 3)), rng)
    furnish(schools, rng)
    return found


def _by_village(flow: Floats, village: Ints) -> Floats:
    """Sum flows from cells (schools, cells) by village."""
    count = int(village.max()) + 1
    return np.array([np.bincount(village, weights=row, minlength=count) for row in flow])

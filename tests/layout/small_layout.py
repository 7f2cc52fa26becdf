"""Layout models drawn at random, small enough to try every plan."""

from __future__ import annotations

import numpy as np

from layout_planner.config.layout import Layout
from layout_planner.grades import GradeBand, Tier
from layout_planner.layout import Choice, LayoutModel
from layout_planner.layout.choices import Choices
from layout_planner.layout.units import Arcs, Units

KINDS = (Tier.VILLAGE_PRIMARY, Tier.TEACHING_POINT, Tier.CENTRAL_PRIMARY, Tier.VILLAGE_PRIMARY, Tier.NINE_YEAR)
GRADES = {Tier.TEACHING_POINT: 3, Tier.VILLAGE_PRIMARY: 6, Tier.CENTRAL_PRIMARY: 6, Tier.NINE_YEAR: 9}
_ONCE = {Choice.CLOSE: 5e4, Choice.CONVERT: 3e4, Choice.LIFT: 3e5, Choice.OPEN: 2e5}
_OPEN_ROW = {Choice.KEEP, Choice.OPEN, Choice.LIFT, Choice.CONVERT}


def layout(**blocks: object) -> Layout:
    """Make a block ``layout``; the search is to prove all that it says."""
    return Layout.model_validate({"gap": 1e-7} | blocks)


def draw(
    seed: int, villages: int, sites: int, block: Layout, *, lacking: float = 0.2, idle: bool = False
) -> LayoutModel:
    """Draw a county: the last of several sites is a central primary that stays; G7-9 go to nine-year schools only.

    A share of the ways is ``lacking``; where some site is ``idle``, the first may open.
    """
    rng = np.random.default_rng(seed)
    tiers = [KINDS[k] for k in rng.integers(0, len(KINDS), sites)]
    tiers[-1] = Tier.NINE_YEAR if seed % 2 else Tier.CENTRAL_PRIMARY
    choices = _choices(rng, tiers, block, idle=idle and sites > 1)
    junior = Tier.NINE_YEAR in tiers
    band = np.sort(rng.integers(0, 3 if junior else 2, villages)).astype(np.int8)
    band = band[rng.permutation(villages)]
    share = rng.dirichlet([5.0] * 3, villages)
    units = Units(
        unit_id=np.array([f"V{i}|{tuple(GradeBand)[b].value}|" for i, b in enumerate(band)], dtype=object),
        village_id=np.array([f"V{i}" for i in range(villages)], dtype=object),
        band=band, pupils=rng.integers(4, 40, villages).astype(float), grade_share=share,
        far_today=np.zeros(villages), beyond_today=np.zeros(villages), nearest_today=np.full(villages, -1),
        point_id=np.array([], dtype=object), point_band=np.array([], dtype=np.int8),
        point_unit=np.array([], dtype=np.int64), unreachable=0.0,
    )  # fmt: skip
    arcs = _arcs(rng, units, choices, lacking)
    caps = np.zeros((len(choices.school), 2))
    caps[choices.teaches[:, 0], 0] = np.where(choices.teaches[:, 1], 45, 30)[choices.teaches[:, 0]]
    caps[choices.teaches[:, 2], 1] = 50
    both = np.array([tier is Tier.NINE_YEAR for tier in tiers])
    lost = np.setdiff1d(np.arange(villages), arcs.unit)
    return LayoutModel(units, arcs, choices, block, caps, np.where(both, 3, 1), tuple(units.unit_id[lost]))


def _choices(rng: np.random.Generator, tiers: list[Tier], block: Layout, *, idle: bool) -> Choices:
    rows: list[tuple[int, Choice, Tier]] = []
    for j, tier in enumerate(tiers):
        if idle and j == 0:
            rows += [(j, Choice.CLOSED, tier), (j, Choice.OPEN, tier)]
            continue
        rows.append((j, Choice.KEEP, tier))
        if j < len(tiers) - 1:
            rows.append((j, Choice.CLOSE, tier))
            if tier is Tier.VILLAGE_PRIMARY:
                rows.append((j, Choice.CONVERT, Tier.TEACHING_POINT))
            if tier is Tier.TEACHING_POINT and block.may.lift:
                rows.append((j, Choice.LIFT, Tier.VILLAGE_PRIMARY))
    school = np.array([row[0] for row in rows])
    choice = np.array([row[1] for row in rows], dtype=object)
    tier = np.array([row[2] for row in rows], dtype=object)
    is_open = np.array([row[1] in _OPEN_ROW for row in rows])
    teaches = np.array([[True, t is not Tier.TEACHING_POINT, t is Tier.NINE_YEAR] for t in tier]) & is_open[:, None]
    rooms = np.array([GRADES[t] for t in tiers])[school] * is_open
    m, prices = len(tiers), block.prices
    upper = np.zeros(m, dtype=bool)
    np.logical_or.at(upper, school, teaches[:, 1:].any(axis=1))
    junior = np.where(teaches[:, 2], 3, 0)
    return Choices(
        school_id=np.array([f"S{j}" for j in range(m)], dtype=object),
        name=np.array([f"学校{j}" for j in range(m)], dtype=object),
        township_id=np.array(["T"] * m, dtype=object),
        school=school, choice=choice, tier=tier, teaches=teaches,
        seats=np.column_stack([(rooms - junior) * np.where(teaches[:, 1], 45, 30), junior * 50]).astype(float),
        rooms=rooms.astype(np.int64),
        grades=np.where(is_open, [GRADES[t] for t in tier], 0).astype(np.int64),
        largest=np.array([float(block.must.largest[t]) for t in tier]),
        smallest=np.where(is_open, [float(block.must.smallest.get(t, 0)) for t in tier], 0.0),
        yearly_yuan=np.where(is_open, [prices.upkeep_yuan[t] for t in tier], 0.0),
        one_off_yuan=np.array([_ONCE.get(c, 0.0) for c in choice]),
        beds=np.where(upper, rng.integers(0, 2, m) * 12, 0).astype(float),
        may_add_beds=np.where(upper, block.may.beds_per_school, 0).astype(float),
        may_add_rooms=np.full(m, block.may.rooms_per_school),
        receives=np.ones(m, dtype=bool),
    )  # fmt: skip


def _arcs(rng: np.random.Generator, units: Units, choices: Choices, lacking: float) -> Arcs:
    """Give every unit ways to some schools that could teach it, by foot, by bus or as boarders."""
    m = len(choices.school_id)
    teaches = np.zeros((m, 3), dtype=bool)
    np.logical_or.at(teaches, choices.school, choices.teaches)
    rows = []
    for i, band in enumerate(units.band):
        for j in range(m):
            if not teaches[j, band] or (rng.random() < lacking and j < m - 1):
                continue
            minutes, pupils = float(rng.integers(1, 60)), float(units.pupils[i])
            rows.append((i, minutes * pupils, j, False, pupils * (minutes > 30), 0.0, minutes))
            if band > 0 and minutes > 30 and choices.beds[j] + choices.may_add_beds[j] > 0:
                rows.append((i, minutes * pupils / 5, j, True, 0.0, pupils, 0.0))
    rows.sort(key=lambda row: row[:4])
    columns = np.array(rows, dtype=float).reshape(-1, 7).T
    return Arcs(
        unit=columns[0].astype(np.int64), minutes=columns[1].astype(float), school=columns[2].astype(np.int64),
        boards=columns[3].astype(bool), riders=columns[4].astype(float), boarders=columns[5].astype(float),
        far=np.zeros(len(rows)), beyond=np.zeros(len(rows)), longest=columns[6].astype(float),
    )  # fmt: skip

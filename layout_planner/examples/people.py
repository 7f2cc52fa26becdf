"""How many people live in which cell, and how old they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from layout_planner.examples.frame import Floats, Frame, Ints
from layout_planner.examples.places import Places
from layout_planner.examples.routing import MID, Ground
from layout_planner.examples.sizes import Size
from layout_planner.examples.terrain import Terrain, fractal

__all__ = ["AGES", "BAND_WEIGHTS", "People", "make_people", "settle_cells"]

AGES = (0, 1, 5, 10, 15)
"""First year of the age bands: under one, 1 to 4, then five-year bands, as WorldPop cuts them."""

BAND_WEIGHTS = {"pupils_g1_3": (0.6, 0.0), "pupils_g4_6": (0.2, 0.4), "pupils_g7_9": (0.0, 0.6)}
"""Pupils of a band out of the people aged 5-9 and 10-14: grade g is taught at age g + 5."""

_SHARES = {"town": 0.33, "seat": 0.15, "village": 0.32, "hamlet": 0.20}
_AGE_SHARES = {0: 0.0068, 1: 0.0352, 5: 0.0499, 10: 0.0506, 15: 0.0452}
_MALE = {0: 0.531, 1: 0.530, 5: 0.533, 10: 0.534, 15: 0.532}
_STEP = 256.0


@dataclass(frozen=True)
class People:
    """Residents by inhabited cell.

    Attributes
    ----------
    cells : ndarray of int, (n,)
        Inhabited flat cells of the frame, ascending.
    village : ndarray of int, (n,)
        Position of the village that each cell belongs to.
    residents : ndarray of float, (n,)
        Residents of all ages.
    by_age : dict of (sex, first age) to ndarray of float, (n,)
        Residents, multiples of 1/256 so that single precision keeps them.
    """

    cells: Ints
    village: Ints
    residents: Floats
    by_age: dict[tuple[str, int], Floats]

    def pupils(self) -> dict[str, Floats]:
        """Count pupils by grade band and cell, unrounded."""
        fives = self.by_age["f", 5] + self.by_age["m", 5]
        tens = self.by_age["f", 10] + self.by_age["m", 10]
        return {band: a * fives + b * tens for band, (a, b) in BAND_WEIGHTS.items()}


def _footprint(
    frame: Frame, terrain: Terrain, water: Floats, noise: Floats, xy: Floats, count: int
) -> tuple[Ints, Floats]:
    """Choose the ``count`` cells around ``xy`` that are built on first, and their shares of the people."""
    reach = int(3 + 1.9 * np.sqrt(count))
    row, col = divmod(int(frame.cells(xy)[0]), frame.cols)
    rows = np.arange(max(0, row - reach), min(frame.rows, row + reach + 1))
    cols = np.arange(max(0, col - reach), min(frame.cols, col + reach + 1))
    window = np.ix_(rows, cols)
    away = np.hypot((rows - row)[:, None] * frame.cell_y, (cols - col)[None, :] * frame.cell_x)
    score = (60.0 + away) * np.exp(2.2 * terrain.slope[window] + 0.35 * noise[window]) + water[window]
    score = np.where(terrain.inside[window], score, np.inf).ravel()
    chosen = np.argsort(score, kind="stable")[:count]
    chosen = chosen[np.isfinite(score[chosen])]
    share = np.exp(-1.6 * away.ravel()[chosen] / max(away.ravel()[chosen].max(), 60.0)) * np.exp(
        0.35 * noise[window].ravel()[chosen]
    )
    flat = (rows[:, None] * frame.cols + cols[None, :]).ravel()[chosen]
    return flat, share / share.sum()


def settle_cells(
    terrain: Terrain, ground: Ground, places: Places, size: Size, rng: np.random.Generator
) -> tuple[Ints, Floats]:
    """Give every settlement its residents and cells; return the county town's own cells and shares."""
    frame = terrain.frame
    noise = fractal(rng, terrain.height.shape, 1.6)
    mid = ground.water_km2.reshape(frame.rows // MID, frame.cols // MID)
    water = np.where(np.kron(mid, np.ones((MID, MID))) > 60, 400.0, 0.0)
    town = next(v for v in places.villages if v.kind == "quarter")
    town_cells, town_shares = _footprint(frame, terrain, water, noise, town.xy, size.town_cells)
    built = np.zeros(frame.rows * frame.cols, dtype=bool)
    built[town_cells] = True
    built = ndimage.binary_opening(built.reshape(frame.rows, frame.cols))
    built = ndimage.binary_fill_holes(built)
    kept = built.ravel()[town_cells]
    town_cells, town_shares = town_cells[kept], town_shares[kept] / town_shares[kept].sum()
    for kind in ("seat", "village", "hamlet"):
        group = [s for s in places.settlements if s.kind == kind]
        weight = rng.lognormal(0.0, {"seat": 0.35, "village": 0.4, "hamlet": 0.55}[kind], len(group))
        people = _SHARES[kind] * size.residents * weight / weight.sum()
        for settlement, residents in zip(group, people, strict=True):
            count = residents / size.density / {"seat": 85.0, "village": 52.0, "hamlet": 34.0}[kind]
            low, high = {"seat": (12, 90), "village": (3, 40), "hamlet": (1, size.hamlet_cells)}[kind]
            settlement.residents = float(residents)
            settlement.cells, settlement.shares = _footprint(
                frame, terrain, water, noise, settlement.xy, int(np.clip(round(count), low, high))
            )
    return town_cells, town_shares


def _village_of(frame: Frame, places: Places, cells: Ints) -> Ints:
    """Find the nearest village of the same township for each cell."""
    xy = frame.centres(cells)
    zone = places.zone[cells]
    middle = np.array([v.xy for v in places.villages])
    owner = np.array([v.township for v in places.villages])
    village = np.empty(len(cells), dtype=np.int64)
    for k in range(len(places.township_names)):
        here, own = np.flatnonzero(zone == k), np.flatnonzero(owner == k)
        away = np.linalg.norm(xy[here][:, None, :] - middle[own][None, :, :], axis=2)
        village[here] = own[np.argmin(away, axis=1)]
    return village


def make_people(
    terrain: Terrain, places: Places, size: Size, town: tuple[Ints, Floats], rng: np.random.Generator
) -> People:
    """Count residents by cell, age band and sex.

    The town is a little younger than the county and the hamlets older; each township has its own mixture.
    """
    frame = terrain.frame
    total = np.zeros(frame.rows * frame.cols)
    np.add.at(total, town[0], _SHARES["town"] * size.residents * town[1])
    for settlement in places.settlements:
        if settlement.cells.size:
            np.add.at(total, settlement.cells, settlement.residents * settlement.shares)
    total[places.zone < 0] = 0.0
    cells = np.flatnonzero(total)
    residents = total[cells]
    rural = rng.uniform(0.93, 1.04, len(places.township_names))
    rural[0] = 1.06
    youth = rural[places.zone[cells]] * (1.0 + 0.03 * np.tanh((residents - 40.0) / 40.0))
    youth *= residents.sum() / (residents * youth).sum()
    by_age = {}
    for age, share in _AGE_SHARES.items():
        everyone = residents * youth * share
        for sex, part in (("f", 1.0 - _MALE[age]), ("m", _MALE[age])):
            by_age[sex, age] = np.round(everyone * part * _STEP) / _STEP
    return People(cells, _village_of(frame, places, cells), residents, by_age)

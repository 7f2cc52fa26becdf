"""Where people live: townships and their seats, villages, hamlets."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely
from rasterio import features
from rasterio.transform import Affine
from scipy import ndimage
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from layout_planner.examples import names
from layout_planner.examples.frame import Bools, Floats, Frame, Ints
from layout_planner.examples.rounding import whole
from layout_planner.examples.routing import MID, Ground
from layout_planner.examples.sizes import Size
from layout_planner.examples.terrain import Terrain

__all__ = ["Places", "Settlement", "make_places"]


@dataclass
class Settlement:
    """A place where people live.

    ``kind`` is ``town``, ``quarter`` (社区 of the county town), ``seat``, ``village`` or ``hamlet``. ``village`` is the
    position in :attr:`Places.villages` of the village that it belongs to.
    """

    kind: str
    xy: Floats
    township: int
    village: int
    name: str
    residents: float = 0.0
    cells: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    shares: Floats = field(default_factory=lambda: np.empty(0))


@dataclass(frozen=True)
class Places:
    """Townships (the county town first), villages and hamlets.

    ``zone`` holds for each cell of the frame the position of its township, -1 outside the county.
    """

    township_names: list[str]
    township_polygons: list[BaseGeometry]
    zone: Ints
    seats: Floats
    villages: list[Settlement]
    hamlets: list[Settlement]

    @property
    def settlements(self) -> list[Settlement]:
        """Villages (quarters, seats and villages proper), then hamlets."""
        return self.villages + self.hamlets

    @property
    def boundary(self) -> BaseGeometry:
        """The county."""
        return shapely.coverage_union_all(self.township_polygons)


def _choose_seats(terrain: Terrain, ground: Ground, count: int) -> list[int]:
    """Choose ``count`` seats on valley floors, far from each other: cells of the ground, the county town first."""
    frame = terrain.frame
    rows, cols = frame.rows // MID, frame.cols // MID
    depth = ndimage.distance_transform_edt(terrain.inside)[::MID, ::MID][:rows, :cols].ravel()
    drains = terrain.drains_km2.reshape(rows, MID, cols, MID).max(axis=(1, 3)).ravel()
    floor = ndimage.uniform_filter(ground.slope.reshape(rows, cols), 5).ravel()
    margin = min(25.0, 0.35 * depth.max())
    fit = np.flatnonzero((depth > margin) & (drains > min(9.0, np.quantile(drains[depth > 0], 0.97))) & (floor < 0.5))
    worth = 1.0 + 0.12 * np.log10(drains[fit] + 1.0) - 0.7 * floor[fit]
    seats = [int(ground.cells(frame.centres([terrain.town_cell]))[0])]
    for _ in range(count):
        cost = ground.ways(seats).cost[fit]
        seats.append(int(fit[np.argmax(cost * worth)]))
    for _ in range(2):
        nearest = ground.ways(seats).source[fit]
        for k in range(1, len(seats)):
            own = nearest == seats[k]
            if own.any():
                middle = ground.centres(fit[own]).mean(axis=0)
                away = np.linalg.norm(ground.centres(fit[own]) - middle, axis=1)
                seats[k] = int(fit[own][np.argmin(away / worth[own])])
    return seats


def _polygons(frame: Frame, zone: Ints, count: int) -> list[BaseGeometry]:
    """Trace the zones of the ground into a clean coverage with softened borders."""
    rows, cols = frame.rows // MID, frame.cols // MID
    to_metres = Affine(frame.cell_x * MID, 0, 0, 0, -frame.cell_y * MID, frame.size_m[1])
    labels = (zone + 1).reshape(rows, cols).astype(np.int16)
    outlines = [shape(o).boundary for o, _ in features.shapes(labels, mask=labels > 0, transform=to_metres)]
    faces = list(shapely.get_parts(shapely.polygonize([shapely.node(shapely.GeometryCollection(outlines))])))
    inner = frame.cells(np.array([f.representative_point().coords[0] for f in faces]), MID)
    traced: list[BaseGeometry] = [shapely.Polygon()] * count
    for face, k in zip(faces, zone[inner], strict=True):
        if k >= 0 and face.area > traced[k].area:
            traced[k] = face
    return list(shapely.coverage_simplify(traced, 1.9 * frame.cell_y))


def _one_piece(labels: Ints, seats: list[int], cols: int) -> Ints:
    """Give every part of a zone that is cut off from its seat to the zone around it."""
    grid = labels.reshape(-1, cols)
    inside = grid >= 0
    for _ in range(6):
        kept = np.full_like(grid, -1)
        for k, seat in enumerate(seats):
            parts, _count = ndimage.label(ndimage.binary_opening(grid == k) | _seat_mask(grid.shape, seat))
            kept[parts == parts.ravel()[seat]] = k
        row, col = ndimage.distance_transform_edt(kept < 0, return_indices=True, return_distances=False)
        grid = np.where(inside, kept[row, col], -1)
    parts, _count = ndimage.label(grid >= 0)
    return np.where(parts == parts.ravel()[seats[0]], grid, -1).ravel()


def _seat_mask(shape_2d: tuple[int, ...], seat: int) -> Bools:
    """Mark the 3 x 3 cells around a seat."""
    mask = np.zeros(shape_2d, dtype=np.bool_)
    mask.ravel()[seat] = True
    return np.asarray(ndimage.binary_dilation(mask, np.ones((3, 3), dtype=np.bool_)), dtype=np.bool_)


def _pick(
    rng: np.random.Generator, xy: Floats, weight: Floats, taken: list[Floats], spacing: float, count: int
) -> list[int]:
    """Draw up to ``count`` of the points ``xy``, by ``weight``, no two (nor ``taken``) nearer than ``spacing``."""
    order = np.argsort(rng.exponential(size=len(xy)) / np.maximum(weight, 1e-9), kind="stable")
    near = {tuple((p // spacing).astype(int)): [p] for p in np.empty((0, 2))}
    for point in taken:
        near.setdefault(tuple((point // spacing).astype(int)), []).append(point)
    chosen: list[int] = []
    for i in order:
        gx, gy = (xy[i] // spacing).astype(int)
        around = [p for dx in (-1, 0, 1) for dy in (-1, 0, 1) for p in near.get((gx + dx, gy + dy), ())]
        if around and np.min(np.linalg.norm(np.array(around) - xy[i], axis=1)) < spacing:
            continue
        near.setdefault((gx, gy), []).append(xy[i])
        chosen.append(int(i))
        if len(chosen) == count:
            break
    return chosen


def _pick_by_zone(
    rng: np.random.Generator, xy: Floats, weight: Floats, zone: Ints, taken: list[Floats], spacing: float, count: int
) -> list[int]:
    """Pick points in every zone, in proportion to its area and to its share of good ground."""
    area = np.bincount(zone).astype(np.float64)
    good = np.bincount(zone, weight)
    quota = whole(count * (0.5 * area / area.sum() + 0.5 * good / good.sum()), count)
    chosen: list[int] = []
    for k, wanted in enumerate(quota.tolist()):
        here = np.flatnonzero(zone == k)
        near = [*taken, *xy[chosen]]
        chosen += here[_pick(rng, xy[here], weight[here], near, spacing, wanted)].tolist()
    return chosen


def _quarters(frame: Frame, rng: np.random.Generator, terrain: Terrain, count: int, town_cells: int) -> Floats:
    """Lay the neighbourhoods of the county town around its centre: points in metres."""
    centre = frame.centres([terrain.town_cell])[0]
    reach = 0.75 * np.sqrt(town_cells * frame.cell_km2 * 1e6 / np.pi)
    points = [centre]
    for k in range(1, count):
        angle = 2.4 * k + rng.uniform(-0.2, 0.2)
        points.append(centre + reach * np.sqrt(k / count) * np.array([np.cos(angle), np.sin(angle)]))
    return np.array(points)


def make_places(terrain: Terrain, ground: Ground, size: Size, rng: np.random.Generator) -> Places:
    """Settle the county: townships by cost of travel from their seats, villages in valleys, hamlets above them."""
    frame = terrain.frame
    rows, cols = frame.rows // MID, frame.cols // MID
    seats = _choose_seats(terrain, ground, size.townships)
    basin = terrain.basin[::MID, ::MID].ravel()
    owner = np.full(terrain.basin.max() + 1, -1)
    far = np.full(owner.size, np.inf)
    for k, seat in enumerate(seats):
        cost = np.bincount(basin, ground.ways([seat]).cost, minlength=owner.size)
        owner, far = np.where(cost < far, k, owner), np.minimum(cost, far)
    inside = terrain.inside.reshape(rows, MID, cols, MID).mean(axis=(1, 3)).ravel() >= 0.5
    labels = np.where(inside, owner[basin], -1)
    for k, seat in enumerate(seats):
        labels[seat] = k
    labels = _one_piece(labels, seats, cols)
    polygons = _polygons(frame, labels, len(seats))
    to_metres = Affine(frame.cell_x, 0, 0, 0, -frame.cell_y, frame.size_m[1])
    zone = features.rasterize(
        [(polygon, k) for k, polygon in enumerate(polygons)],
        (frame.rows, frame.cols), fill=-1, transform=to_metres, dtype="int16",
    ).astype(np.int64).ravel()  # fmt: skip
    seat_xy = ground.centres(seats)
    villages, hamlets = _settle(terrain, ground, size, rng, zone, seat_xy)
    return Places(["城关镇", *names.township_names(size.townships)], polygons, zone, seat_xy, villages, hamlets)


def _settle(
    terrain: Terrain, ground: Ground, size: Size, rng: np.random.Generator, zone: Ints, seats: Floats
) -> tuple[list[Settlement], list[Settlement]]:
    """Choose villages and hamlets on ground that is not too steep, well inside their townships."""
    frame = terrain.frame
    shape_2d = (frame.rows, frame.cols)
    grid = zone.reshape(shape_2d)
    border = np.zeros(shape_2d, dtype=bool)
    border[:, 1:] |= grid[:, 1:] != grid[:, :-1]
    border[1:] |= grid[1:] != grid[:-1]
    clear = ndimage.distance_transform_edt(~border) * (grid >= 0)
    slope = ndimage.uniform_filter(terrain.slope, 3)
    low = np.exp(-((terrain.height - ndimage.minimum_filter(terrain.height, 41)) / 220.0))
    weight = np.where(clear > 4, np.exp(-slope / 0.16) * (0.12 + low), 0.0).ravel()
    dry = ground.water_km2[frame.cells(frame.centres(np.arange(zone.size)), MID)] < 40
    cells = np.flatnonzero((weight > 0) & dry)
    xy = frame.centres(cells)

    quarters = max(2, size.villages // 20)
    town = _quarters(frame, rng, terrain, quarters, size.town_cells)
    reach = np.linalg.norm(town - town[0], axis=1).max() + 700.0
    free = np.linalg.norm(xy - town[0], axis=1) > reach
    cells, xy = cells[free], xy[free]
    proper = size.villages - quarters - size.townships
    spacing = 0.62 * np.sqrt(size.area_km2 * 1e6 / size.villages)
    taken = [*seats[1:], *town]
    chosen = _pick_by_zone(rng, xy, weight[cells], zone[cells], taken, spacing, proper)
    stems = names.village_names(rng, size.villages + size.hamlets)
    villages = [Settlement("quarter", p, 0, i, f"{names.STREETS[i]}社区") for i, p in enumerate(town)]
    villages += [
        Settlement("seat", p, k, quarters + k - 1, f"{names.township_names(size.townships)[k - 1][:-1]}街社区")
        for k, p in enumerate(seats)
        if k
    ]
    for point in xy[chosen]:
        township = int(zone[frame.cells(point)[0]])
        villages.append(Settlement("village", point, township, len(villages), stems.pop() + "村"))
    upland = np.sqrt(np.maximum(weight[cells], 1e-9)) * np.where(slope.ravel()[cells] < 0.75, 1.0, 0.05)
    taken = [v.xy for v in villages]
    gap = 0.42 * np.sqrt(size.area_km2 * 1e6 / (size.hamlets + size.villages))
    found = xy[_pick_by_zone(rng, xy, upland, zone[cells], taken, gap, size.hamlets)]
    hamlets = []
    middle = np.array(taken)
    owner = np.array([v.township for v in villages])
    for point in found:
        township = int(zone[frame.cells(point)[0]])
        away = np.linalg.norm(middle - point, axis=1) + np.where(owner == township, 0.0, 1e9)
        hamlets.append(Settlement("hamlet", point, township, int(np.argmin(away)), stems.pop()))
    return villages, hamlets

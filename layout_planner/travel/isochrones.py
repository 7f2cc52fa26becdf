"""Isochrones: rings of equal travel time around sites, as a clean coverage."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from layout_planner.errors import NetworkError, Text
from layout_planner.travel.coverage import Boundary, area_of
from layout_planner.travel.field import Access, Direction, Grown, TimeField
from layout_planner.travel.network import RoadNetwork
from layout_planner.travel.snap import Snapped
from layout_planner.travel.speeds import Profile
from layout_planner.travel.tiling import OUTSIDE, Lattice, Tiles, dissolve, resolution, tile

__all__ = ["BREAKS_MIN", "NEAREST", "isochrones"]

Ids = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Labels = npt.NDArray[np.int32]

BREAKS_MIN = (5.0, 10.0, 15.0, 20.0, 30.0)
"""Minutes at which the rings end."""

NEAREST = "nearest"
"""Site id of rings around the nearest of all sites."""

_M_PER_MIN = 1000.0 / 60.0


def isochrones(
    network: RoadNetwork, profile: Profile, site_id: Sequence[str] | Ids, site_xy: npt.ArrayLike,
    breaks_min: Sequence[float] = BREAKS_MIN, *, boundary: Boundary | None = None,
    per_site: bool = False, beyond: bool = False, snap_limit_m: float, access_speed_kmh: float, access_detour: float,
    direction: Direction = "to_site", resolution_m: float | None = None, simplify_m: float | None = None,
    min_part_m2: float | None = None,
) -> gpd.GeoDataFrame:  # fmt: skip
    """Draw the areas from which a site is reached within so many minutes, ring by ring.

    A place has the minutes that :func:`~layout_planner.travel.matrix.travel_matrix` gives a home there, its way to the
    nearest allowed road included: a home in the ring from 10 to 15 has more than 10 and at most 15 minutes.

    Parameters
    ----------
    site_id, site_xy : (m,), (m, 2)
        Unique ids, and metres in the network's CRS.
    breaks_min : sequence of float
        Where rings end, ascending, minutes; the first begins at 0.
    boundary : Polygon, MultiPolygon or frame of them, optional
        Rings are cut off there; by default nowhere.
    per_site : bool
        Rings of every site by itself, which overlap those of other sites; by default of the nearest site.
    beyond : bool
        Add what is left of the boundary as a last ring without end (``to_min`` inf): slower than the last break, or
        not reached at all.
    snap_limit_m, access_speed_kmh, access_detour
        As in :func:`~layout_planner.travel.matrix.travel_matrix`.
    direction : {"to_site", "from_site"}
        Which way people travel.
    resolution_m : float, optional
        Borders are right to within this many metres, and parts that are narrower may be missed; by default 25, and
        coarser for areas beyond 2,500 km².
    simplify_m : float, optional
        See :func:`~layout_planner.travel.tiling.dissolve`; by default a third of the resolution.
    min_part_m2 : float, optional
        Smaller separate parts of a ring go to the ring around them; by default four cells.

    Returns
    -------
    GeoDataFrame
        ``site_id`` (``"nearest"`` unless by site), ``from_min``, ``to_min``, ``geometry``; by site in the order given,
        then by time. Rings without any area are left out. The rings of one site are a valid coverage.

    Raises
    ------
    NetworkError
        Ids and coordinates do not match; breaks are not positive and ascending; the resolution cannot be used; or
        ``beyond`` is asked for without a boundary.
    """
    breaks = _checked_breaks(breaks_min)
    if beyond and boundary is None:
        raise NetworkError(Text("要画范围外部分须给出边界", "The rest beyond the rings needs a boundary"))
    field = TimeField(network, profile, site_id, site_xy, Access(snap_limit_m, access_speed_kmh, access_detour),
                      direction)  # fmt: skip
    everything = np.arange(len(field.site_id))
    groups = [everything[i : i + 1] for i in everything] if per_site else [everything]
    found = [field.grown(float(breaks[-1]), group) for group in groups]
    reach = [_reach(field, grown, float(breaks[-1])) for grown in found]
    area = shapely.union_all(reach) if boundary is None else area_of(boundary, network.crs)
    step = resolution(area, resolution_m) if not area.is_empty else 1.0
    part_m2 = 4 * step**2 if min_part_m2 is None else min_part_m2
    ground = _Ground(field, Lattice.over(area, step)) if not area.is_empty else None
    frames = []
    for grown, near in zip(found, reach, strict=True):
        window = near if boundary is None else area if beyond else shapely.intersection(area, near)
        if ground is None or window.is_empty or not shapely.area(window):
            continue
        tiles = ground.rings(grown, breaks, window)
        tiles = dissolve(tiles.without(tiles.area() < part_m2), step / 3 if simplify_m is None else simplify_m)
        frames.append(_frame(field, grown, breaks, tiles, per_site=per_site, beyond=beyond))
    columns = {"site_id": np.zeros(0, dtype=object), "from_min": np.zeros(0), "to_min": np.zeros(0)}
    table = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns | {"geometry": columns["site_id"]})
    result = gpd.GeoDataFrame(table, geometry="geometry", crs=network.crs)
    result.attrs["resolution_m"] = step
    return result


class _Ground:
    """A lattice whose corners were brought to the road once, for the rings of many sites."""

    def __init__(self, field: TimeField, lattice: Lattice) -> None:
        self.field, self.lattice = field, lattice
        self.corners = lattice.corners()
        self.snapped = field.snap(lattice.points(self.corners))
        self.place = np.full(self.corners.shape, -1, dtype=np.int64)
        self.place[self.corners] = np.arange(len(self.snapped.edge))

    def rings(self, grown: Grown, breaks: Floats, window: BaseGeometry) -> Tiles:
        """Divide a window by ring: 0 up to the first break, and so on; the last label is what lies beyond."""
        field, step, last = self.field, self.lattice.step, float(breaks[-1])
        part = Lattice.over(window, step)
        row, column = round((part.y0 - self.lattice.y0) / step), round((part.x0 - self.lattice.x0) / step)
        ny, nx = len(self.place), len(self.place[0])
        rows, columns = min(ny - row, part.active.shape[0] + 1), min(nx - column, part.active.shape[1] + 1)
        place = self.place[row : row + rows, column : column + columns]
        part = Lattice(part.x0, part.y0, step, part.active[: place.shape[0] - 1, : place.shape[1] - 1])
        corners = part.corners() & (place >= 0)
        held = Snapped(*(getattr(self.snapped, name)[place[corners]] for name in Snapped.__dataclass_fields__))

        def ring(at: Snapped) -> Labels:
            return np.searchsorted(breaks, field.at(at, grown, last)[0], side="left").astype(np.int32)

        label = np.full(place.shape, OUTSIDE, dtype=np.int32)
        label[corners] = ring(held)
        return tile(part, label, lambda xy: ring(field.snap(xy)), window)


def _checked_breaks(breaks_min: Sequence[float]) -> Floats:
    breaks = np.asarray(breaks_min, dtype=np.float64).ravel()
    if not len(breaks) or not np.isfinite(breaks).all() or breaks[0] <= 0 or (np.diff(breaks) <= 0).any():
        raise NetworkError(
            Text("等时圈的分钟数须为正且递增", "The breaks of isochrones must be positive and ascending")
        )
    return breaks


def _reach(field: TimeField, grown: Grown, last_min: float) -> BaseGeometry:
    """Give a box around every place from which the sites may be reached."""
    network = field.network
    near = np.isfinite(grown.best)
    sites = grown.sites[field.site_at.ok[grown.sites]]
    near_edge = near[network.edge_u] | near[network.edge_v]
    near_edge[field.site_at.edge[sites]] = True
    count = np.diff(network.shape_start)
    vertex = np.repeat(near_edge, count)
    if not vertex.any():
        return shapely.Polygon()
    speed = field.access.speed_kmh * _M_PER_MIN / field.access.detour
    margin = min(field.access.snap_limit_m, max(0.0, last_min - field.profile.wait_min) * speed) + 1.0
    x, y = network.shape_x[vertex], network.shape_y[vertex]
    return shapely.box(x.min() - margin, y.min() - margin, x.max() + margin, y.max() + margin)


def _frame(
    field: TimeField, grown: Grown, breaks: Floats, tiles: Tiles, *, per_site: bool, beyond: bool
) -> pd.DataFrame:  # fmt: skip
    shown = (tiles.label < len(breaks)) | beyond
    ring = tiles.label[shown]
    limits = np.concatenate([[0.0], breaks, [np.inf]])
    name = field.site_id[grown.sites[0]] if per_site else NEAREST
    return pd.DataFrame({"site_id": np.full(len(ring), name, dtype=object), "from_min": limits[ring],
                         "to_min": limits[ring + 1], "geometry": tiles.faces[shown]})  # fmt: skip

"""How big a synthetic county is: what the generator is asked for."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SIZES", "Size"]


@dataclass(frozen=True)
class Size:
    """What one county is made of.

    Attributes
    ----------
    rows, cols : int
        Cells of three arc-seconds of the block that holds the county; multiples of 12.
    area_km2 : float
        Area of the county.
    townships, villages, hamlets : int
        Townships beside the county town; villages; hamlets beside the village centres.
    residents : int
        Residents of all ages.
    town_primaries, town_juniors : int
        Schools of the county town.
    points_per_township, village_primaries : int
        Teaching points for each central primary school; village primary schools in all.
    town_cells : int
        Built-up cells of the county town.
    node_spacing_m : float
        Longest stretch of road without a node, in metres.
    hamlet_cells : int
        Inhabited cells of a hamlet, at most.
    density : float
        Residents to an inhabited cell outside the town, against those of the shipped county.
    """

    rows: int
    cols: int
    area_km2: float
    townships: int
    villages: int
    hamlets: int
    residents: int
    town_primaries: int
    town_juniors: int
    points_per_township: int
    village_primaries: int
    town_cells: int
    node_spacing_m: float
    hamlet_cells: int
    density: float = 1.0


SIZES = {
    "tiny": Size(156, 192, 90.0, 2, 14, 24, 21_000, 2, 1, 4, 2, 110, 200.0, 2),
    "county": Size(672, 804, 2000.0, 14, 190, 760, 420_000, 7, 4, 6, 24, 950, 110.0, 3),
    "towns": Size(420, 504, 800.0, 22, 120, 240, 240_000, 5, 3, 3, 12, 500, 200.0, 2),
    "large": Size(672, 804, 2000.0, 19, 320, 2600, 640_000, 9, 6, 7, 20, 2200, 27.0, 6, 0.36),
}

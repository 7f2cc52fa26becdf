"""Places too many for a page, merged to the squares of a coarser grid; counts stay exact, positions become squares."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

__all__ = ["MOST_PLACES", "merged_places"]

MOST_PLACES = 20_000
"""Places that a page shows one by one."""


def merged_places(
    places: gpd.GeoDataFrame, cell_m: float, aspect: float, most: int = MOST_PLACES
) -> tuple[gpd.GeoDataFrame, pd.Series, int]:
    """Merge cells to squares of a whole number of cells, as few as serve; fewer places than ``most`` stay as they are.

    Parameters
    ----------
    places : GeoDataFrame
        Sorted by ``demand_id``, in metres.
    cell_m, aspect : float
        Side of a cell, metres, and its height divided by its width.
    most : int
        Places to stay at or under.

    Returns
    -------
    GeoDataFrame
        One row a square, sorted by ``demand_id``; its village is that of the first of its places.
    Series
        Id of the square by id of the place.
    int
        Cells along a side of a square; 1 where nothing was merged.
    """
    ids = places["demand_id"]
    if len(places) <= most:
        return places, pd.Series(ids.to_numpy(), index=ids), 1
    xy = shapely.get_coordinates(places.geometry.to_numpy())
    cell = np.array([cell_m / np.sqrt(aspect), cell_m * np.sqrt(aspect)])
    low = xy.min(axis=0) - cell / 2
    times, square = 1, np.zeros((0, 2), dtype=np.int64)
    while times == 1 or len(np.unique(square, axis=0)) > most:
        times += 1
        square = np.floor((xy - low) / (cell * times)).astype(np.int64)
    name = np.array([f"g{row:06d}c{column:06d}" for column, row in square.tolist()], dtype=object)
    middle = low + (square + 0.5) * cell * times
    merged = places.assign(demand_id=name, kind="cell").set_geometry(shapely.points(middle), crs=places.crs)
    merged = merged.drop_duplicates("demand_id").sort_values("demand_id", kind="stable").reset_index(drop=True)
    return merged, pd.Series(name, index=ids), times

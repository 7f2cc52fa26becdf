"""A county's tables held against themselves and each other, and what was read said in a line a table."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from layout_planner.io import checks
from layout_planner.io.county import ReadTable
from layout_planner.io.loaded import Loaded
from layout_planner.io.reading import Reading
from layout_planner.travel.network import RoadNetwork

__all__ = ["check_tables", "tables_read"]


def check_tables(
    tables: tuple[Loaded, Loaded, Loaded, Loaded],
    places: Sequence[npt.NDArray[np.object_]],
    townships: gpd.GeoDataFrame | None,
    roads: shapely.STRtree | None,
) -> None:
    """Report what contradicts itself or other tables; a check is left out where its inputs are not there.

    Parameters
    ----------
    tables : tuple of Loaded
        Schools, villages, enrolment by year, list of teachers.
    places : sequence of two arrays of Point
        Where schools and villages lie, in the working CRS; ``None`` where unknown.
    townships : GeoDataFrame or None
        ``None`` where no townships were given.
    roads : STRtree or None
        Road lines, where there are any.
    """
    schools, villages, enrolment, teachers = tables
    if roads is not None and townships is not None:
        checks.check_roads_nearby(schools, places[0], townships, roads)
    checks.check_rows(schools)
    checks.check_units(schools)
    checks.settle_organisations(schools)
    checks.check_villages(villages)
    for loaded, shapes in ((schools, places[0]), (villages, places[1])):
        checks.check_doubles(loaded, shapes)
    if townships is not None:
        checks.check_remote_villages(villages, places[1])
        checks.check_township_totals(villages, townships)
    known = frozenset(schools.frame["school_id"])
    checks.check_school_codes(enrolment, known)
    checks.check_school_codes(teachers, known)
    checks.check_roster(schools, teachers)
    checks.check_years(enrolment, schools)


def tables_read(
    reading: Reading,
    tables: Sequence[Loaded],
    townships: gpd.GeoDataFrame | None = None,
    network: RoadNetwork | None = None,
    cells: gpd.GeoDataFrame | None = None,
) -> tuple[ReadTable, ...]:
    """List what was read, with the number of records and the system declared."""
    declared = {role: system or "" for role, system in reading.scenario.data.crs}
    read = [
        ReadTable(t.table.name, t.file, t.sheet, len(t.frame), declared.get(t.table.name, "")) for t in tables if t.file
    ]
    counts = {
        "boundary": 1 if townships is not None else None,
        "townships": None if townships is None else len(townships),
        "roads": None if network is None else network.n_edges,
        "population": None if cells is None else len(cells),
    }
    for role, count in counts.items():
        names = [item.path.name for item in reading.inputs if item.role == role]
        if names and count is not None:
            shown = names[0] if len(names) == 1 else f"{role}/ ({len(names)})"
            read.append(ReadTable(role, shown, "", count, declared.get(role, "")))
    return tuple(read)

"""A synthetic mountain county of any size, for documents, tests, benchmarks and the demonstration. 虚构的样例县."""

from __future__ import annotations

from pathlib import Path

from layout_planner.examples.county import make_draft, place
from layout_planner.examples.files import write_files
from layout_planner.examples.shipped import copy_project, shipped_folder, shipped_scenarios
from layout_planner.examples.sizes import SIZES, Size

__all__ = ["SIZES", "Size", "copy_project", "shipped_folder", "shipped_scenarios", "write_county"]

_VARIANTS = 4
_MOST_COUNTIES = 100


def write_county(
    folder: str | Path, *, seed: int = 20, size: str | Size = "county", name: str = "样例县", counties: int = 1
) -> list[Path]:
    """Write the files of a fictitious county, or of a province of them laid side by side.

    The same arguments give the same bytes.

    Parameters
    ----------
    folder : str or Path
        Made if it is missing; files of the same names are replaced.
    seed : int
        Seed of everything that is drawn.
    size : str or Size
        ``"tiny"``, ``"county"``, ``"towns"`` (23 townships) or ``"large"``, or a :class:`Size` of your own.
    name : str
        Name of the county.
    counties : int
        1 to 100. Several counties share the files. Four different counties are invented and repeated, with
        codes and names of their own, and their national roads are joined.

    Returns
    -------
    list of Path
        The files, by their usual names: terrain.tif, landcover.tif, boundary.geojson, townships.geojson, villages.xlsx,
        rivers.geojson, roads.osm.pbf, population/xyl_<sex>_<age>_2020.tif, schools.xlsx, and lottery_roster.xlsx,
        class_roster.xlsx and village_enrolment.xlsx of the first county. School coordinates are GCJ-02, all others
        WGS-84.

    Raises
    ------
    ValueError
        If the size is unknown or the number of counties is not between 1 and 100.
    """
    if isinstance(size, str):
        if size not in SIZES:
            msg = f"unknown size {size!r}; choose one of {', '.join(SIZES)}"
            raise ValueError(msg)
        size = SIZES[size]
    if not 1 <= counties <= _MOST_COUNTIES:
        msg = f"counties must be 1 to {_MOST_COUNTIES}, got {counties}"
        raise ValueError(msg)
    drafts = [make_draft(size, seed, variant, name) for variant in range(min(counties, _VARIANTS))]
    placed, columns = place(drafts, name, counties)
    return write_files(Path(folder), placed, columns)

"""What pupils compete for: the seats of a school's stage (or of each grade) and the beds of a school."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.assign.options import BOARD
from layout_planner.grades import GradeBand, Stage

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from layout_planner.assign.options import Options

__all__ = ["Resources", "resources"]

_STAGES = tuple(Stage)


@dataclass(frozen=True, eq=False)
class Resources:
    """Resources of ``m`` schools: primary seats, then junior seats, then beds, each in the order of the schools.

    Where every grade has its own seats, those of grades 1 to 9 stand instead of the stages'; beds are always last.
    ``capacity`` (3 m,), or (10 m,) by grade, persons; ``seat`` and ``bed`` (number of entries,) the resources that a
    pupil on each pair of the options takes, ``bed`` being −1 for day pupils.
    """

    capacity: NDArray[np.float64]
    seat: NDArray[np.int64]
    bed: NDArray[np.int64]

    def among(self, entry: NDArray[np.int64]) -> Resources:
        """Keep some entries of the options."""
        return Resources(self.capacity, self.seat[entry], self.bed[entry])

    def used(self, flow: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum what pupils on the pairs take of every resource."""
        seats = np.bincount(self.seat, weights=flow, minlength=len(self.capacity))
        boards = self.bed >= 0
        beds = np.bincount(self.bed[boards], weights=flow[boards], minlength=len(self.capacity))
        return np.asarray(seats + beds, dtype=np.float64)


def resources(pairs: Options, schools: gpd.GeoDataFrame) -> Resources:
    """Look up the seats and beds that the pairs of ``pairs`` draw on."""
    ordered = schools.assign(school_id=schools["school_id"].astype(str)).set_index("school_id").loc[pairs.school_id]
    m = len(pairs.school_id)
    capacity = np.concatenate(
        [ordered[column].to_numpy(dtype=np.float64) for column in ("seats_primary", "seats_junior", "beds")]
    )
    stage = np.array([_STAGES.index(band.stage) for band in GradeBand], dtype=np.int64)[pairs.band]
    school = pairs.school.astype(np.int64)
    seat = stage[pairs.rows] * m + school
    bed = np.where(pairs.mode == BOARD, 2 * m + school, -1)
    return Resources(capacity, seat, bed)

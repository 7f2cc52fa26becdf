"""Zones under seats by grade: how many pupils a zone may take so that no grade of its schools is overfull."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.demand.by_grade import to_grades
from layout_planner.grades import GRADES, GradeBand, Stage
from layout_planner.supply.by_grade import grade_seats

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from layout_planner.assign.zone_units import ZoneUnits
    from layout_planner.io.county import County

__all__ = ["Grades", "StageGrades", "unit_grades"]

_CRUMB = 1e-9
_MARGIN = 1e-6


@dataclass(frozen=True, eq=False)
class StageGrades:
    """The grades of a stage: ``pupils`` (n, g) of every unit, ``seats`` (z, g) of every zone, and their numbers."""

    numbers: tuple[int, ...]
    pupils: NDArray[np.float64]
    seats: NDArray[np.float64]

    def load(self, zone: NDArray[np.int64]) -> NDArray[np.float64]:
        """Count the pupils of every zone and grade, (z, g)."""
        inside = zone >= 0
        total = np.zeros(self.seats.shape)
        np.add.at(total, zone[inside], self.pupils[inside])
        return total

    def beyond(self, zone: NDArray[np.int64]) -> NDArray[np.float64]:
        """Count the pupils of every zone and grade beyond the grade's seats, (z, g)."""
        more = self.load(zone) - self.seats
        return np.where(more > _CRUMB * np.maximum(self.seats, 1.0), more, 0.0)

    def room(self) -> NDArray[np.float64]:
        """Limit the pupils of every zone so that no grade is overfull where its ages are mixed as in the county."""
        grades = self.pupils.sum(axis=0)
        share = grades / max(float(grades.sum()), _CRUMB)
        return np.asarray((self.seats / np.maximum(share, _CRUMB)).min(axis=1), dtype=np.float64)

    def tightened(self, room: NDArray[np.float64], zone: NDArray[np.int64]) -> NDArray[np.float64]:
        """Limit zones with an overfull grade to the pupils who fit with the ages that they have now."""
        load = self.load(zone)
        fits = np.where(load > 0, self.seats / np.where(load > 0, load, 1.0), 1.0).min(axis=1)
        return np.where(fits < 1.0, np.minimum(room, load.sum(axis=1) * fits * (1.0 - _MARGIN)), room)


@dataclass(frozen=True, eq=False)
class Grades:
    """Pupils of every unit (n, 9) and seats of every open school (m, 9), by grade."""

    school_id: NDArray[np.object_]
    pupils: NDArray[np.float64]
    seats: NDArray[np.float64]

    def of(self, stage: Stage, zones: Sequence[Sequence[str]], sends: NDArray[np.bool_]) -> StageGrades:
        """Take the grades of a stage: those pupils whom the units send, and the seats of each zone's schools."""
        place = {str(code): j for j, code in enumerate(self.school_id)}
        at = np.array([number - 1 for number in stage.grades])
        band = [next(k for k, b in enumerate(GradeBand) if number in b.grades) for number in stage.grades]
        seats = [self.seats[[place[code] for code in group]][:, at].sum(axis=0) for group in zones]
        table = np.array(seats, dtype=np.float64).reshape(len(zones), len(at))
        return StageGrades(tuple(stage.grades), self.pupils[:, at] * sends[:, band], table)


def unit_grades(county: County, units: ZoneUnits, schools: gpd.GeoDataFrame, school_id: NDArray[np.object_]) -> Grades:
    """Count the pupils of every unit and the seats of every school by grade.

    Parameters
    ----------
    county : County
        With demand; its schools state seats and enrolment by grade, if they do.
    units : ZoneUnits
    schools : GeoDataFrame
        ``Plan.schools``.
    school_id : (m,) ndarray of object
        Open schools, as ``Ways.school_id`` lists them.
    """
    assert county.demand is not None
    pupils = np.zeros((len(units.frame), len(GRADES)))
    np.add.at(pupils, units.point_unit, to_grades(county.demand).to_numpy(dtype=np.float64))
    seats = grade_seats(schools, county.schools).loc[school_id.astype(str), list(GRADES)]
    return Grades(school_id, pupils, seats.to_numpy(dtype=np.float64))

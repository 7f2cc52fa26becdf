"""What seats do to zones: who would be overfull if everybody went to the nearest school, and who goes past it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from layout_planner.assign.zones import Zones

__all__ = ["PastNearest", "past_nearest"]

_TIE_MIN = 2.0
"""Minutes within which two schools are as near."""


@dataclass(frozen=True)
class PastNearest:
    """The nearest schools of one kind of zone against the zones that were drawn.

    Attributes
    ----------
    overfull : tuple of str
        Zones that would have more pupils than seats if every unit belonged to the nearest, the most first.
    beyond : float
        Pupils beyond their seats.
    moved : float
        Pupils of units whose own school is farther than the nearest, by two minutes or more.
    longer : float
        Minutes one way that these go farther, the mean a pupil.
    """

    overfull: tuple[str, ...]
    beyond: float
    moved: float
    longer: float


def past_nearest(zones: Zones, kind: str) -> PastNearest:
    """Compare zones of a kind with the nearest school of every unit, by the mean minutes of its pupils.

    Schools that not all of a unit's pupils reach are not its nearest. Shared zones count by the mean of their schools.

    Parameters
    ----------
    zones : Zones
    kind : {"primary", "point", "junior"}
    """
    layer, ways = zones.layers[kind], zones.ways
    place = {str(code): j for j, code in enumerate(ways.school_id)}
    sent = layer.sends.T[:, :, None]
    there, minutes = (ways.there * sent).sum(axis=0), (ways.minutes * sent).sum(axis=0)
    mean = np.full((len(layer.zone), len(layer.zones)), np.inf)
    reach = (ways.reach * layer.sends).sum(axis=1)
    for z, schools in enumerate(layer.zones):
        at = [place[code] for code in schools]
        come = there[:, at].sum(axis=1)
        all_come = (come > 0) & (come >= reach * len(at) * (1 - 1e-6))
        mean[all_come, z] = minutes[all_come][:, at].sum(axis=1) / come[all_come]
    unit = np.flatnonzero((layer.zone >= 0) & np.isfinite(mean).any(axis=1))
    pupils, own = (ways.pupils * layer.sends).sum(axis=1)[unit], layer.zone[unit]
    more = mean[unit, own] - mean[unit].min(axis=1)
    near = np.where(more < _TIE_MIN, own, mean[unit].argmin(axis=1))
    beyond = np.bincount(near, weights=pupils, minlength=len(layer.zones)) - layer.seats
    past = np.isfinite(more) & (more >= _TIE_MIN)
    order = [int(z) for z in np.argsort(-beyond, kind="stable") if beyond[z] > 0.5]
    moved = float(pupils[past].sum())
    longer = float(pupils[past] @ more[past]) / moved if moved else 0.0
    return PastNearest(tuple(zones.name(kind, z) for z in order), float(beyond[order].sum()), moved, longer)

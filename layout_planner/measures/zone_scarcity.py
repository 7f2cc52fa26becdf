"""What scarce seats cost: how much shorter all ways would be if a school had one more class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.assign.zone_overflow import seated
from layout_planner.columns import ZONE_SCARCITY
from layout_planner.grades import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layout_planner.assign.zones import Zones

__all__ = ["zone_scarcity"]

_FULL = 1e-6
_LEAST_MIN = 5.0
"""Minutes saved by a seat from which on it counts as scarce."""
_NEARLY = 0.9
"""Share of its seats that a zone as drawn must use."""


def zone_scarcity(zones: Zones) -> pd.DataFrame:
    """List the zones, full as drawn, where one more class would shorten all ways (table ``zone_scarcity``).

    Parameters
    ----------
    zones : Zones
        Drawn by minutes. Stages whose seats fall short in all are left out: there every seat is scarce.

    Returns
    -------
    DataFrame
        By kind, the most saved first. Minutes one way, daily-equivalent, where pupils may be divided and zones need
        not hold together: what zones save whole lies near it, not at it.

    Source: shadow prices of the transportation problem; Dantzig (1951).
    """
    rows = list(_rows(zones)) if zones.scenario.zoning.cost == "minutes" else []
    found = pd.DataFrame(rows, columns=list(ZONE_SCARCITY.names))
    return found.astype(dict.fromkeys(("pupils", "seats", "more_seats", "saved", "saved_each"), "float64"))


def _rows(zones: Zones) -> Iterator[dict[str, object]]:
    schools = zones.schools.assign(school_id=zones.schools["school_id"].astype(str)).set_index("school_id")
    for stage in Stage:
        layer = zones.layers.get(stage.value)
        if layer is None or not layer.zones:
            continue
        seats = schools[f"seats_{stage.value}"].reindex(zones.ways.school_id).fillna(0.0).to_numpy(dtype=np.float64)
        cost = zones.ways.costs(layer.sends, layer.zones, seats)
        pupils = (zones.ways.pupils * layer.sends).sum(axis=1)
        if pupils.sum() > layer.seats.sum():
            continue
        more = float(zones.scenario.classes.primary if stage is Stage.PRIMARY else zones.scenario.classes.junior)
        total, flow = seated(cost, pupils, layer.seats)
        load = layer.load(zones.ways.pupils)
        full = np.flatnonzero((flow.sum(axis=0) >= layer.seats * (1 - _FULL)) & (load >= layer.seats * _NEARLY))
        saved = {int(z): total - seated(cost, pupils, layer.seats + more * (np.arange(len(layer.seats)) == z))[0]
                 for z in full}  # fmt: skip
        for z in sorted(saved, key=lambda z: (-saved[z], z)):
            if saved[z] >= _LEAST_MIN * more:
                yield {
                    "kind": stage.value, "zone_id": layer.zones[z][0], "zone": zones.name(stage.value, z),
                    "pupils": float(load[z]), "seats": float(layer.seats[z]), "more_seats": more,
                    "saved": saved[z], "saved_each": saved[z] / more,
                }  # fmt: skip

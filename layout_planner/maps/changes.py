"""What changes between two plans, for the comparison map."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from layout_planner.grades import GradeBand
from layout_planner.maps.geography import Geography
from layout_planner.maps.layers import PlanLayer
from layout_planner.maps.palettes import CHANGE

__all__ = ["best_villages", "change_payload", "receiving_schools", "worst_villages"]

WORST, BEST = 30, 10
"""Villages in the tables of those whose way grows and shrinks most."""
LEAST_MINUTES = 1.0


def change_payload(
    before: PlanLayer, after: PlanLayer, geo: Geography, moves: pd.DataFrame | None, privacy: int
) -> dict[str, Any]:
    """Collect the change layer: pupils by class of change, schools that receive, and the villages most affected.

    Without ``moves`` (the plans speak of other pupils) no villages are listed: ``worst`` and ``best`` are ``None``.
    """
    bands = []
    for one, two in zip(before.bands, after.bands, strict=True):
        change = two.minutes - one.minutes
        known = np.isfinite(change)
        classes = CHANGE.classify(np.where(known, np.round(change, 1), np.nan))
        weights = two.pupils[known]
        counts = np.bincount(classes[known], weights=weights, minlength=len(CHANGE.colors))
        bands.append({"counts": [None if 0 < n < privacy else n for n in np.rint(counts).astype(int).tolist()]})
    return {
        "bands": bands,
        "receiving": receiving_schools(before, after, geo),
        "worst": None if moves is None else worst_villages(moves, geo, privacy),
        "best": None if moves is None else best_villages(moves, geo, privacy),
    }


def receiving_schools(before: PlanLayer, after: PlanLayer, geo: Geography) -> list[int]:
    """List the schools (positions) that teach pupils after whose school before no longer teaches them."""
    ids = geo.schools["school_id"]
    closed = _open(before, geo) & ~_open(after, geo)
    converted = (pd.Index(ids).map(_decisions(after)) == "convert") & ~(
        pd.Index(ids).map(_decisions(before)) == "convert"
    )
    losing = closed | np.asarray(converted)
    receiving: set[int] = set()
    for one, two in zip(before.bands, after.bands, strict=True):
        moved = (one.school >= 0) & (two.school >= 0) & (one.school != two.school)
        moved &= losing[np.maximum(one.school, 0)]
        receiving.update(int(s) for s in np.unique(two.school[moved]))
    return sorted(receiving)


def worst_villages(moves: pd.DataFrame, geo: Geography, privacy: int) -> list[dict[str, Any]]:
    """Pick the villages and bands that lose their school without another, then those whose way grows most."""
    lost = (moves["to_school"].fillna("") == "") & (moves["from_school"].fillna("") != "")
    worse = moves.assign(lost=lost)[lost | (moves["minutes_change"] >= LEAST_MINUTES)]
    worse = worse.sort_values(
        ["lost", "minutes_change", "pupils", "village_id", "band"],
        ascending=[False, False, False, True, True],
        kind="stable",
    ).head(WORST)
    return _listed(worse, geo, privacy)


def best_villages(moves: pd.DataFrame, geo: Geography, privacy: int) -> list[dict[str, Any]]:
    """Pick the villages and bands whose way becomes shortest against before."""
    better = moves[moves["minutes_change"] <= -LEAST_MINUTES]
    order = ["minutes_change", "pupils", "village_id", "band"]
    return _listed(
        better.sort_values(order, ascending=[True, False, True, True], kind="stable").head(BEST), geo, privacy
    )


def _listed(worse: pd.DataFrame, geo: Geography, privacy: int) -> list[dict[str, Any]]:
    villages = geo.positions(geo.villages, "village_id", worse["village_id"])
    bands = [b.value for b in GradeBand]
    out = []
    for village, row in zip(villages.tolist(), worse.to_dict("records"), strict=True):
        pupils = float(row["pupils"])
        out.append(
            {
                "village": village,
                "name": _text(row["name"]),
                "band": bands.index(str(row["band"])),
                "pupils": None if pupils < privacy else round(pupils),
                "from": _text(row["from_school"]),
                "to": _text(row["to_school"]),
                **{name: _minutes(row[f"minutes_{name}"]) for name in ("before", "after", "change")},
            }
        )
    return out


def _minutes(value: float) -> float | None:
    return round(value, 1) if np.isfinite(value) else None


def _open(layer: PlanLayer, geo: Geography) -> np.ndarray[Any, np.dtype[np.bool_]]:
    flags = dict(zip(layer.tables.schools["school_id"], layer.tables.schools["is_open"], strict=True))
    return np.array([bool(flags.get(i, False)) for i in geo.schools["school_id"]], dtype=bool)


def _decisions(layer: PlanLayer) -> dict[str, str]:
    return dict(zip(layer.tables.schools["school_id"], layer.tables.schools["decision"], strict=True))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""

"""What a page of one or several plans carries, as JSON: what they share once, then plan by plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layout_planner.columns import label, table
from layout_planner.errors import InputError, Text
from layout_planner.grades import GradeBand
from layout_planner.maps.catchments import Cover, color_neighbours
from layout_planner.maps.changes import change_payload
from layout_planner.maps.encode import Pool
from layout_planner.maps.geography import Datum, Geography
from layout_planner.maps.layers import SCHOOL_NUMBERS, PlanLayer
from layout_planner.maps.palettes import CATCHMENTS, CHANGE, CLASSES, DECISIONS, LOAD, MINUTES, OVER, TOKENS
from layout_planner.maps.strings import BANDS, MODES, STRINGS, TIERS
from layout_planner.maps.travelled import Travelled, travelled_payload
from layout_planner.measures import PlanTables
from layout_planner.measures import moves as measure_moves
from layout_planner.plan import Plan, same_pupils

__all__ = ["Words", "page_payload"]

_SCHOOL_TEXTS = ("school_id", "name", "township", "tier", "decision", "is_open")
_VILLAGE_TEXTS = ("village_id", "name", "township")
_WAY = ("band", "pupils", "school_id", "mode", "minutes", "metres")


@dataclass(frozen=True)
class Words:
    """What a page says of itself, and from how many pupils on it counts them."""

    lang: str
    title: str
    title_en: str
    date: str
    source: str
    approval: str
    privacy: int


def page_payload(
    plans: Sequence[Plan],
    tables: Sequence[PlanTables],
    words: Words,
    *,
    rivers: gpd.GeoDataFrame | None = None,
    moves: pd.DataFrame | None = None,
    travelled: Sequence[Travelled | None] = (),
    datum: Datum = "wgs84",
) -> dict[str, Any]:
    """Collect everything that the page shows; the first plan is the one that the others are compared with.

    Raises
    ------
    InputError
        A plan has no demand points, or the plans are in several coordinate systems.
    LayoutError
        ``moves`` were not given and cannot be measured.
    """
    _check(plans)
    geo = Geography.of(plans, rivers, datum)
    xy = np.asarray(shapely.get_coordinates(geo.demand.geometry.to_numpy()), dtype=np.float64)
    cover = Cover(xy, geo.boundary, 2 * geo.tolerance_m)
    layers = [PlanLayer.of(plan, table, geo, cover) for plan, table in zip(plans, tables, strict=True)]
    colors = color_neighbours([c for layer in layers for c in layer.covers], len(CATCHMENTS))
    pool = Pool()
    before: list[PlanLayer | None] = [None, *layers[:-1]]
    shown = [layer.payload(geo, colors, words.privacy, pool, old) for layer, old in zip(layers, before, strict=True)]
    for plan, known in zip(shown, travelled or [None] * len(plans), strict=True):
        if known is not None:
            for band, more in zip(plan["bands"], travelled_payload(known, geo, words.privacy, pool), strict=True):
                band.update(more)
    return {
        "meta": {**asdict(words), "county": geo.county.name},
        "text": STRINGS,
        "style": _style(),
        "columns": _columns(),
        "geo": geo.payload(),
        "plans": shown,
        "shapes": pool.items,
        "changes": [None, *(_change(layers[0], layer, geo, moves, words.privacy) for layer in layers[1:])],
    }


def _check(plans: Sequence[Plan]) -> None:
    if any(plan.county.demand is None or plan.county.demand.empty for plan in plans):
        raise InputError(Text("方案没有学生居住点，无法制图", "The plan has no demand points to draw"))
    if any(plan.county.crs != plans[0].county.crs for plan in plans):
        raise InputError(
            Text("各方案的坐标系不同，不能比较", "The plans are in different coordinate systems and cannot be compared")
        )


def _change(
    before: PlanLayer, after: PlanLayer, geo: Geography, moves: pd.DataFrame | None, privacy: int
) -> dict[str, Any]:
    """Collect who loses and who gains; without the list of villages where the plans speak of other pupils."""
    if moves is None and same_pupils(before.plan, after.plan):
        moves = measure_moves(before.plan, after.plan)
    return change_payload(before, after, geo, moves, privacy)


def _style() -> dict[str, Any]:
    scales = {
        s.name: {"breaks": s.breaks, "colors": s.colors, "zh": s.labels_zh, "en": s.labels_en, "closed": s.closed}
        for s in (MINUTES, OVER, LOAD, CLASSES, CHANGE)
    }
    return {
        **scales,
        "decisions": DECISIONS,
        "catchments": CATCHMENTS,
        "tokens": TOKENS,
        "modes": MODES,
        "bands": [{"id": b.value, "zh": BANDS[b][0], "en": BANDS[b][1], "column": b.pupils_column} for b in GradeBand],
        "tiers": {tier.value: {"zh": zh, "en": en, "shape": shape} for tier, (zh, en, shape) in TIERS.items()},
    }


def _columns() -> dict[str, dict[str, tuple[str, str]]]:
    """Collect the headers of the tables that the page writes."""
    schools, places, rows = table("plan_schools"), table("villages"), table("assignment")
    found = {
        "schools": [schools[name] for name in (*_SCHOOL_TEXTS, *SCHOOL_NUMBERS)],
        "villages": [*(places[name] for name in _VILLAGE_TEXTS), *(rows[name] for name in _WAY)],
    }
    return {
        name: {column.name: (label(column, "zh"), label(column, "en")) for column in columns}
        for name, columns in found.items()
    }

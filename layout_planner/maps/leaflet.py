"""Maps of plans: one self-contained page each, offline unless a base map is asked for."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layout_planner.errors import InputError, Text
from layout_planner.grades import GradeBand
from layout_planner.maps.basemap import basemap_layers
from layout_planner.maps.catchments import Cover, color_neighbours
from layout_planner.maps.changes import change_payload
from layout_planner.maps.geography import Geography
from layout_planner.maps.layers import PlanLayer
from layout_planner.maps.offline import page
from layout_planner.maps.palettes import CATCHMENTS, CHANGE, CLASSES, DECISIONS, LOAD, MINUTES
from layout_planner.maps.strings import BANDS, MODES, STRINGS, TIERS
from layout_planner.measures import PlanTables
from layout_planner.measures import moves as measure_moves
from layout_planner.plan import Plan

__all__ = ["PRIVACY_MIN_PUPILS", "PlanMap", "compare_map", "plan_map"]

PRIVACY_MIN_PUPILS = 5
"""Counts of pupils at a place (cell, village) below this are not written into a map."""
APPROVAL = "内部资料 未审"


@dataclass(frozen=True, eq=False)
class PlanMap:
    """A map page, ready to be written.

    Attributes
    ----------
    title : str
        Of the page.
    payload : dict
        Everything that the page shows, as JSON will carry it.
    """

    title: str
    lang: str
    payload: dict[str, Any] = field(repr=False)
    hosts: tuple[str, ...] = ()

    def html(self) -> str:
        """Write the page as one text; the same plan gives the same bytes."""
        return page(self.payload, title=self.title, lang=self.lang, hosts=self.hosts)

    def save(self, path: str | Path) -> Path:
        """Save the page as UTF-8, whole or not at all.

        Raises
        ------
        OSError
            The folder does not exist or cannot be written; an earlier file is then left as it was.
        """
        target = Path(path)
        data = self.html().encode("utf-8")
        partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
        try:
            partial.write_bytes(data)
            os.replace(partial, target)  # noqa: PTH105 - Path.replace says the same; this one names the atomic call
        finally:
            partial.unlink(missing_ok=True)
        return target

    def _repr_html_(self) -> str:
        return (
            f'<iframe srcdoc="{escape(self.html(), quote=True)}" title="{escape(self.title, quote=True)}" '
            'style="width:100%;height:680px;border:1px solid #d5dbe0;border-radius:6px" allowfullscreen></iframe>'
        )


def plan_map(
    plan: Plan,
    tables: PlanTables,
    *,
    lang: str = "zh",
    title: str | None = None,
    basemap: str | None = None,
    privacy_min_pupils: int = PRIVACY_MIN_PUPILS,
    date: str = "",
    source: str = "",
    approval: str = APPROVAL,
    rivers: gpd.GeoDataFrame | None = None,
    reasons: Mapping[str, Text] | None = None,
) -> PlanMap:
    """Draw one plan: commute minutes, catchments, schools with load and class sizes.

    Parameters
    ----------
    plan : Plan
    tables : PlanTables
        Of the same plan, from :func:`layout_planner.measures.tables`.
    lang : {"zh", "en"}
        The language that the page opens in; the reader can switch.
    title : str, optional
        Heading; the county's name and the plan's label by default.
    basemap : str, optional
        See :func:`layout_planner.maps.basemap.basemap_layers`. None: no request to anywhere.
    privacy_min_pupils : int
        Counts of pupils at a cell or village below this are left out of the page (people). 0 keeps them all.
    date, source, approval : str
        Printed in the foot: as given, never taken from the clock. ``approval`` is the 审图号.
    rivers : GeoDataFrame, optional
        Lines to draw; with OpenStreetMap's column ``waterway`` streams are drawn thinner, or dropped if too many.
    reasons : mapping of str to Text, optional
        By school id, why it is proposed to become what it becomes; shown with the school's figures.

    Raises
    ------
    InputError
        The base map is none, or the plan has no demand points.
    """
    words = _Words(lang, title or f"{plan.county.name} · {plan.label}", date, source, approval, privacy_min_pupils)
    geo, _, payload = _common([plan], [tables], words, rivers)
    if reasons:
        said = [reasons.get(str(code)) for code in geo.schools["school_id"]]
        payload["plans"][0]["schools"]["why"] = [None if text is None else text._asdict() for text in said]
    return _finish(payload, words, basemap)


def compare_map(
    before: Plan,
    after: Plan,
    tables_before: PlanTables,
    tables_after: PlanTables,
    *,
    moves: pd.DataFrame | None = None,
    lang: str = "zh",
    title: str | None = None,
    basemap: str | None = None,
    privacy_min_pupils: int = PRIVACY_MIN_PUPILS,
    date: str = "",
    source: str = "",
    approval: str = APPROVAL,
    rivers: gpd.GeoDataFrame | None = None,
) -> PlanMap:
    """Draw two plans of one county: linked side by side, under a swipe, or as one map of what changes.

    Parameters
    ----------
    before, after : Plan
    tables_before, tables_after : PlanTables
    moves : DataFrame, optional
        Table ``moves``; measured here when it is not given.
    lang, title, basemap, privacy_min_pupils, date, source, approval, rivers
        As for :func:`plan_map`.

    Raises
    ------
    InputError
        The plans are of two coordinate systems, the base map is none, or a plan has no demand points.
    LayoutError
        The plans do not speak of the same pupils.
    """
    if before.county.crs != after.county.crs:
        raise InputError(
            Text(
                "两个方案的坐标系不同，不能比较", "The plans are in different coordinate systems and cannot be compared"
            )
        )
    heading = title or f"{after.county.name} · {before.label} → {after.label}"
    words = _Words(lang, heading, date, source, approval, privacy_min_pupils)
    geo, layers, payload = _common([before, after], [tables_before, tables_after], words, rivers)
    table = measure_moves(before, after) if moves is None else moves
    payload["change"] = change_payload(layers[0], layers[1], geo, table, privacy_min_pupils)
    return _finish(payload, words, basemap)


@dataclass(frozen=True)
class _Words:
    lang: str
    title: str
    date: str
    source: str
    approval: str
    privacy: int


def _common(
    plans: Sequence[Plan], tables: Sequence[PlanTables], words: _Words, rivers: gpd.GeoDataFrame | None
) -> tuple[Geography, list[PlanLayer], dict[str, Any]]:
    if any(plan.county.demand is None or plan.county.demand.empty for plan in plans):
        raise InputError(Text("方案没有学生居住点，无法制图", "The plan has no demand points to draw"))
    geo = Geography.of(plans, rivers)
    xy = np.asarray(shapely.get_coordinates(geo.demand.geometry.to_numpy()), dtype=np.float64)
    cover = Cover(xy, geo.boundary, 2 * geo.tolerance_m)
    layers = [PlanLayer.of(plan, table, geo, cover) for plan, table in zip(plans, tables, strict=True)]
    colors = color_neighbours([c for layer in layers for c in layer.covers], len(CATCHMENTS))
    payload = {
        "meta": {**asdict(words), "county": geo.county.name},
        "text": STRINGS,
        "style": _style(),
        "geo": geo.payload(),
        "plans": [layer.payload(geo, colors, words.privacy) for layer in layers],
        "change": None,
    }
    return geo, layers, payload


def _style() -> dict[str, Any]:
    scales = {
        s.name: {"breaks": s.breaks, "colors": s.colors, "zh": s.labels_zh, "en": s.labels_en, "closed": s.closed}
        for s in (MINUTES, LOAD, CLASSES, CHANGE)
    }
    return {
        **scales,
        "decisions": DECISIONS,
        "catchments": CATCHMENTS,
        "modes": MODES,
        "bands": [{"id": b.value, "zh": BANDS[b][0], "en": BANDS[b][1], "column": b.pupils_column} for b in GradeBand],
        "tiers": {tier.value: {"zh": zh, "en": en, "shape": shape} for tier, (zh, en, shape) in TIERS.items()},
    }


def _finish(payload: dict[str, Any], words: _Words, basemap: str | None) -> PlanMap:
    tiles = basemap_layers(basemap)
    payload["basemap"] = {"layers": tiles["layers"], "credit": tiles["credit"]} if tiles else None
    return PlanMap(words.title, words.lang, payload, tuple(tiles["hosts"]) if tiles else ())

"""Maps of plans: one self-contained page each, offline unless a base map is asked for."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import pandas as pd

from layout_planner.errors import InputError, Text
from layout_planner.maps.basemap import basemap_layers
from layout_planner.maps.offline import page
from layout_planner.maps.payload import Words, page_payload
from layout_planner.maps.strings import UNREVIEWED
from layout_planner.maps.travelled import Travelled, travelled_of
from layout_planner.measures import PlanTables
from layout_planner.measures import moves as measure_moves
from layout_planner.plan import Plan

__all__ = ["PRIVACY_MIN_PUPILS", "Arrangement", "PlanMap", "Theme", "compare_map", "plan_map"]

PRIVACY_MIN_PUPILS = 5
"""Counts of pupils at a place (cell, village) below this are not written into a map."""

Theme = Literal["time", "limit", "load", "change", "decision"]
"""What a page opens with: minutes, who is beyond the limit, classes and load, who loses and gains, decisions."""
Arrangement = Literal["one", "side", "swipe"]
"""How two plans lie beside each other: one at a time, linked side by side, or under a swipe."""
_THEMES, _ARRANGEMENTS = ("time", "limit", "load", "change", "decision"), ("one", "side", "swipe")


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
    plans: Plan | Sequence[Plan] | Mapping[str, Plan],
    tables: PlanTables | Sequence[PlanTables] | None = None,
    *,
    theme: Theme = "time",
    arrange: Arrangement = "one",
    series: bool = False,
    shown: int | None = None,
    lang: str = "zh",
    title: str | Text | None = None,
    basemap: str | None = None,
    privacy_min_pupils: int = PRIVACY_MIN_PUPILS,
    date: str = "",
    source: str = "",
    approval: str = UNREVIEWED,
    rivers: gpd.GeoDataFrame | None = None,
    reasons: Mapping[str, Text] | None = None,
    travelled: bool | Sequence[Travelled | None] = False,
) -> PlanMap:
    """Draw one plan or several of a county on one page; the reader switches theme, plan, grade band and layers.

    Parameters
    ----------
    plans : Plan, sequence of Plan or PlanCollection
        The first is the one that the others are compared with, as today's schools. Plans of several years may have
        other pupils.
    tables : PlanTables or sequence of them, optional
        Of the same plans, from :func:`layout_planner.measures.tables`; measured here when they are not given.
    theme : {"time", "limit", "load", "change", "decision"}
        What the page opens with. ``change`` needs two plans.
    arrange : {"one", "side", "swipe"}
        How the plans are shown: one at a time, or the first and a chosen one side by side or under a swipe.
    series : bool
        The plans follow each other (years, or steps of a scenario): chosen by a slider instead of buttons. More than
        five plans always are.
    shown : int, optional
        Position of the plan that the page opens with; the first by default, the last where plans are compared.
    lang : {"zh", "en"}
        The language that the page opens in; the reader can switch.
    title : str or Text, optional
        Heading, in one language or in both; the county's name and the plans' labels by default.
    basemap : str, optional
        See :func:`layout_planner.maps.basemap.basemap_layers`. None: no request to anywhere.
    privacy_min_pupils : int
        Counts of pupils below this, at a place or in a class of the legend, are left out of the page (people). 0 keeps
        them all.
    date, source, approval : str
        Printed in the foot: as given, never taken from the clock. ``approval`` is the 审图号.
    rivers : GeoDataFrame, optional
        Lines to draw; with OpenStreetMap's column ``waterway`` streams are drawn thinner, or dropped if too many.
    reasons : mapping of str to Text, optional
        By school id, why the last plan proposes what becomes of it; shown with the school's figures.
    travelled : bool or sequence of Travelled or None
        Add the roads that pupils travel and rings of equal walking time: found here where ``True``, which needs the
        whole network; as given by plan for plans read back from run folders, which keep the main roads only.

    Raises
    ------
    InputError
        There is no plan, the theme, arrangement or base map is none, a plan has no demand points, or the plans are in
        several coordinate systems.
    """
    all_plans, all_tables = _listed(plans, tables)
    _check_choice(theme, arrange, len(all_plans))
    words = Words(lang, *_title(title, _heading(all_plans)), date, source, approval, privacy_min_pupils)
    tiles = basemap_layers(basemap)
    payload = page_payload(
        all_plans, all_tables, words, rivers=rivers, datum=tiles["datum"] if tiles else "wgs84",
        travelled=_travelled(all_plans, travelled, privacy_min_pupils),
    )  # fmt: skip
    if reasons:
        said = [reasons.get(school["id"]) for school in payload["geo"]["schools"]]
        payload["plans"][-1]["schools"]["why"] = [None if text is None else text._asdict() for text in said]
    compared = theme == "change" or arrange != "one"
    first = shown if shown is not None else len(all_plans) - 1 if compared else 0
    return _finish(payload, words, tiles, theme=theme, arrange=arrange, plan=first, series=series)


def compare_map(
    before: Plan,
    after: Plan,
    tables_before: PlanTables,
    tables_after: PlanTables,
    *,
    moves: pd.DataFrame | None = None,
    lang: str = "zh",
    title: str | Text | None = None,
    basemap: str | None = None,
    privacy_min_pupils: int = PRIVACY_MIN_PUPILS,
    date: str = "",
    source: str = "",
    approval: str = UNREVIEWED,
    rivers: gpd.GeoDataFrame | None = None,
    travelled: bool | Sequence[Travelled | None] = False,
) -> PlanMap:
    """Draw two plans of one county: linked side by side, under a swipe, or as one map of what changes.

    Parameters
    ----------
    before, after : Plan
    tables_before, tables_after : PlanTables
    moves : DataFrame, optional
        Table ``moves``; measured here when it is not given.
    lang, title, basemap, privacy_min_pupils, date, source, approval, rivers, travelled
        As for :func:`plan_map`.

    Raises
    ------
    InputError
        The plans are of two coordinate systems, the base map is none, or a plan has no demand points.
    LayoutError
        The plans do not speak of the same pupils.
    """
    table = measure_moves(before, after) if moves is None else moves
    words = Words(lang, *_title(title, _heading([before, after], " → ")), date, source, approval, privacy_min_pupils)
    tiles = basemap_layers(basemap)
    payload = page_payload(
        [before, after], [tables_before, tables_after], words, rivers=rivers, moves=table,
        datum=tiles["datum"] if tiles else "wgs84",
        travelled=_travelled([before, after], travelled, privacy_min_pupils),
    )  # fmt: skip
    return _finish(payload, words, tiles, theme="time", arrange="side", plan=1, series=False)


def _travelled(
    plans: Sequence[Plan], asked: bool | Sequence[Travelled | None], privacy: int
) -> Sequence[Travelled | None]:
    """Give roads and rings as they are given, found where they are asked for, none otherwise."""
    if isinstance(asked, bool):
        return travelled_of(plans, privacy) if asked else ()
    return asked


def _listed(
    plans: Plan | Sequence[Plan] | Mapping[str, Plan], tables: PlanTables | Sequence[PlanTables] | None
) -> tuple[list[Plan], list[PlanTables]]:
    many = [plans] if isinstance(plans, Plan) else list(plans.values() if isinstance(plans, Mapping) else plans)
    if not many:
        raise InputError(Text("没有可画的方案", "There is no plan to draw"))
    if tables is None:
        return many, [plan.tables for plan in many]
    return many, [tables] if isinstance(tables, PlanTables) else list(tables)


def _check_choice(theme: str, arrange: str, plans: int) -> None:
    for value, known, zh, en in (
        (theme, _THEMES, "专题", "theme"),
        (arrange, _ARRANGEMENTS, "排列方式", "arrangement"),
    ):
        if value not in known:
            several = "、".join(known)
            raise InputError(
                Text(f"没有{zh}“{value}”，可写 {several}", f"No {en} {value!r}; one of {', '.join(known)}")
            )
    if plans < 2 and (theme == "change" or arrange != "one"):
        raise InputError(Text("比较须有两个方案", "A comparison needs two plans"))


def _title(given: str | Text | None, heading: Text) -> Text:
    """Take the title that was given, in both languages."""
    if not given:
        return heading
    return given if isinstance(given, Text) else Text(given, given)


def _heading(plans: Sequence[Plan], between: str = " / ") -> Text:
    county = plans[0].county.name

    def said(labels: Sequence[str]) -> str:
        if labels == [county]:
            return county
        return f"{county} · {between.join(labels) if len(labels) < 4 else f'{labels[0]} … {labels[-1]}'}"

    return Text(said([p.label for p in plans]), said([p.scenario.title_en or p.label for p in plans]))


def _finish(
    payload: dict[str, Any],
    words: Words,
    tiles: dict[str, Any] | None,
    *,
    theme: str,
    arrange: str,
    plan: int,
    series: bool,
) -> PlanMap:
    payload["basemap"] = {name: tiles[name] for name in ("layers", "credit", "datum")} if tiles else None
    payload["start"] = {"theme": theme, "mode": arrange, "plan": plan, "series": series}
    title = words.title if words.lang == "zh" else words.title_en
    return PlanMap(title, words.lang, payload, tuple(tiles["hosts"]) if tiles else ())

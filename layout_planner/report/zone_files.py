"""Catchments as files: a workbook with the village lists, a GeoPackage, and one GeoJSON a kind of zone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from layout_planner import __version__
from layout_planner.columns import (
    CHECKS,
    GRADE_LOADS,
    ZONE_CHANGES,
    ZONE_EFFECTS,
    ZONE_FAULTS,
    ZONE_PARTS,
    ZONE_SCARCITY,
    ZONE_UNITS,
    ZONES,
    label,
)
from layout_planner.errors import Flaw, Text, counted
from layout_planner.measures.zone_seats import past_nearest
from layout_planner.report.frames import checks_frame
from layout_planner.report.layers import fixed_date
from layout_planner.report.narrative import Fact, data_as_of
from layout_planner.report.words import code_word
from layout_planner.report.workbook import Sheet, write_sheets

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from layout_planner.assign.zones import Zones
    from layout_planner.plan import Plan

__all__ = ["ZoneResults", "write_zone_layers", "write_zone_workbook", "zone_facts"]

_SMALL_GAP = 0.005
"""Gap from which on a notice says what it means in minutes."""

_SHEETS = {
    "primary": (
        Text("小学学区", "Primary zones"),
        Text("每个小学学区的村组、四至、学生和学位", "one row a primary zone"),
    ),
    "point": (
        Text("教学点", "Teaching points"),
        Text("教学点接收哪些村一至三年级的学生", "whose grades 1 to 3 attend a teaching point"),
    ),
    "junior": (Text("初中学区", "Junior zones"), Text("每个初中学区的村组、四至、学生和学位", "one row a junior zone")),
}
_DEGREES = 6
_NAMED = 4


@dataclass(frozen=True, eq=False)
class ZoneResults:
    """Catchments with everything that is published of them.

    Attributes
    ----------
    zones : Zones
    plan : Plan
        The pupils sent where the zones say.
    table : GeoDataFrame
        Table ``zones`` with polygons.
    units : DataFrame
        Table ``zone_units``.
    changes : DataFrame
        Table ``zone_changes`` against ``compared_with``.
    compared_with : Text
        What the zones are compared with, such as today's zones.
    changed : dict of str to ndarray (n,) of bool
        By kind, the units in ``changes``.
    effects : DataFrame, optional
        Table ``zone_effects`` of edits by hand.
    parts : DataFrame, optional
        Table ``zone_parts`` of divided communities.
    scarcity : DataFrame, optional
        Table ``zone_scarcity``: where one more class would shorten ways, if zones were drawn.
    faults : DataFrame, optional
        Table ``zone_faults`` of the polygons of today's zones.
    flaws : tuple of Flaw
        What a reader must know.
    """

    zones: Zones
    plan: Plan
    table: gpd.GeoDataFrame
    units: pd.DataFrame
    changes: pd.DataFrame
    compared_with: Text
    changed: dict[str, NDArray[np.bool_]]
    effects: pd.DataFrame | None = None
    parts: pd.DataFrame | None = None
    scarcity: pd.DataFrame | None = None
    faults: pd.DataFrame | None = None
    flaws: tuple[Flaw, ...] = ()


def write_zone_workbook(found: ZoneResults, path: Path, *, lang: str = "zh") -> None:
    """Write catchments as a workbook: a sheet a kind of zone, the village list, changes, edits and remarks."""
    sheets = [
        Sheet(*_SHEETS[kind], ZONES, pd.DataFrame(part.drop(columns="geometry")))
        for kind, part in found.table.groupby("kind", sort=False)
    ]
    sheets.append(
        Sheet(
            Text("村组清单", "Villages"), Text("每个村（片区）归哪个学区", "one row a village"), ZONE_UNITS, found.units
        )
    )
    if len(loads := found.plan.tables.grade_loads):
        about = Text("每校每年级的学生和学位", "pupils and seats by school and grade")
        sheets.append(Sheet(Text("分年级学位", "Seats by grade"), about, GRADE_LOADS, loads))
    if found.scarcity is not None and len(found.scarcity):
        about = Text("哪些学校多一个班最能缩短全县的路程", "where one more class would shorten ways the most")
        sheets.append(Sheet(Text("紧缺学位", "Scarce seats"), about, ZONE_SCARCITY, found.scarcity))
    if found.parts is not None and len(found.parts):
        about = Text(
            "分成几片的社区，每片有哪些道路、归哪所学校", "parts of divided communities, their streets, schools"
        )
        sheets.append(Sheet(Text("分片范围", "Parts"), about, ZONE_PARTS, found.parts))
    if len(found.changes):
        about = Text(
            f"与{found.compared_with.zh}相比换了学校的村", f"who changes school against {found.compared_with.en}"
        )
        sheets.append(Sheet(Text("学区变动", "Changes"), about, ZONE_CHANGES, found.changes))
    if found.effects is not None:
        about = Text("手工调整前后各校的学生、学位、时间和班额", "schools before and after the edits by hand")
        sheets.append(Sheet(Text("调整前后", "Before and after"), about, ZONE_EFFECTS, found.effects))
    if found.faults is not None and len(found.faults):
        about = Text("现有学区图层中的重叠、空白和飞地", "overlaps, gaps and enclaves of today's zones")
        sheets.append(Sheet(Text("现有学区问题", "Faults today"), about, ZONE_FAULTS, found.faults))
    if found.flaws:
        about = Text("划片结果中须知道的问题", "what a reader must know")
        sheets.append(
            Sheet(
                Text("须说明的问题", "Remarks"),
                about,
                CHECKS,
                checks_frame(found.flaws, lang)[["severity", "what", "mend"]],
            )
        )
    write_sheets(path, zone_facts(found, lang), sheets, lang=lang)


def zone_facts(found: ZoneResults, lang: str = "zh") -> list[Fact]:
    """Say in sentences what was drawn, how, and how well: the cover of the workbook, the beginning of a notice."""
    zones, county = found.zones, found.zones.county
    title = Text(f"{county.name}义务教育学校学区划分", f"{county.name}: school catchments")
    kinds = [str(kind) for kind in dict.fromkeys(found.table["kind"])]
    lines = [_kind_line(found, kind) for kind in kinds]
    how = Text(
        f"每个村（社区或其中一片）整体归一个学区；学区连片、含学校所在地、{_seats_kept(zones).zh}，"
        "在此前提下使全县学生路程之和最小。",
        "Every village, or part of one, belongs to one zone whole; zones are connected, hold their school and respect "
        f"{_seats_kept(zones).en}; within that, the pupils' ways are as short as can be.",
    )
    if zones.scenario.zoning.start == "today":
        how = Text("以现有学区为基础，只作列明的调整。", "Today's zones, with the edits that are listed.")
    return [
        Fact(_say(title, lang)),
        Fact(
            _say(Text("方案", "Plan"), lang),
            (found.plan.label, *([zones.scenario.note] if zones.scenario.note else [])),
        ),
        Fact(_say(Text("数据时点", "Data"), lang), (data_as_of(found.plan, lang),)),
        Fact(_say(Text("学区", "Zones"), lang), tuple(_say(line, lang) for line in lines)),
        Fact(
            _say(Text("学位与路程", "Seats and ways"), lang),
            tuple(_say(_past_line(found, kind), lang) for kind in kinds if kind != "point"),
        ),
        *_scarce(found, lang),
        Fact(_say(Text("划法", "Method"), lang), (_say(how, lang), *_proofs(zones, lang))),
        Fact(_say(Text("软件", "Software"), lang), (f"layout_planner {__version__}",)),
    ]


def _say(text: Text, lang: str) -> str:
    return text.zh if lang == "zh" else text.en


def _seats_kept(zones: Zones) -> Text:
    """Say which seats the zones respect, and the rule for pupils beyond them."""
    short = {kind: layer for kind, layer in zones.layers.items() if layer.room is not None}
    if not short:
        return Text("不超过学位", "its seats")
    if zones.scenario.zoning.beyond_seats == "stretch":
        zh = "、".join(f"{code_word('kind', kind)}按 {layer.stretch:g} 倍" for kind, layer in short.items())
        en = ", ".join(f"{code_word('kind', k, 'en')} schools' {layer.stretch:g} times" for k, layer in short.items())
        return Text(f"不超过放宽后的学位（{zh}）", f"its seats, stretched where they were short ({en})")
    zh, en = ("、".join(code_word("kind", kind, lang) for kind in short) for lang in ("zh", "en"))
    return Text(
        f"不超过学位（{zh}学位不足：先使超出学位的人数最少，再使路程最短）",
        f"its seats (where {en} seats fall short: as few pupils as can be beyond them, then least ways)",
    )


def _kind_line(found: ZoneResults, kind: str) -> Text:
    part = found.table[found.table["kind"] == kind]
    shared, over = int(part["shared"].sum()), int((part["seats_gap"] < 0).sum())
    zh, en = code_word("kind", kind), code_word("kind", kind, "en")
    return Text(
        f"{zh}{'学区' if kind != 'point' else '服务范围'} {len(part)} 个（其中多校共用 {shared} 个），"
        f"学生 {part['pupils'].sum():,.0f} 人、学位 {part['seats'].sum():,.0f} 个，学位不足的 {over} 个。",
        f"{counted(len(part), f'{en} zone')} ({shared} shared): {counted(float(part['pupils'].sum()), 'pupil')}, "
        f"{counted(float(part['seats'].sum()), 'seat')}, {counted(over, 'zone')} short of seats.",
    )


def _past_line(found: ZoneResults, kind: str) -> Text:
    """Say what would be if everybody went to the nearest school, and how many do not."""
    past, zh, en = past_nearest(found.zones, kind), code_word("kind", kind), code_word("kind", kind, "en")
    moved = Text(
        f"有 {past.moved:,.0f} 名学生不去最近的学校，平均单程多走 {past.longer:.0f} 分钟",
        f"{counted(past.moved, 'pupil goes', 'pupils go')} past the nearest school, "
        f"{counted(past.longer, 'minute')} farther on average",
    )
    if not past.overfull:
        return Text(f"{zh}：各村都去最近的学校，学位也够；{moved.zh}。",
                    f"{en.capitalize()}: the nearest schools have seats for all; {moved.en}.")  # fmt: skip
    names, count = "、".join(past.overfull[:_NAMED]), len(past.overfull)
    more = f"等 {count} 所学校" if count > _NAMED else ""
    return Text(
        f"{zh}：若各村都去最近的学校，{names}{more}共超出学位 {past.beyond:,.0f} 人；因此{moved.zh}。",
        f"{en.capitalize()}: were all to attend the nearest, {counted(count, 'school')} ({names}"
        f"{' …' if more else ''}) would have {counted(past.beyond, 'pupil')} beyond their seats; so {moved.en}.",
    )


def _scarce(found: ZoneResults, lang: str) -> list[Fact]:
    """Say where seats are scarce, and what one more class would save."""
    if found.scarcity is None or found.scarcity.empty:
        return []
    said = []
    for kind, rows in found.scarcity.groupby("kind", sort=False):
        names, count = "、".join(rows["zone"].head(_NAMED)), len(rows)
        more = (f"等 {count} 所学校", " …") if count > _NAMED else ("", "")
        low, high = (f"{value:,.0f}" for value in (rows["saved_each"].min(), rows["saved_each"].max()))
        each, most, seats = low if low == high else f"{low}–{high}", rows.iloc[0], rows["more_seats"].iloc[0]
        said.append(Text(
            f"{code_word('kind', kind)}：{names}{more[0]}学位紧缺，每多 1 个学位，全县学生单程合计可少走 {each} 分钟；"
            f"{most['zone']}若多开 1 个班（{seats:.0f} 个学位），可少走 {most['saved']:,.0f} 人·分钟"
            "（按学生可以拆分、学区不必连片估算，逐校见“紧缺学位”）。",
            f"{code_word('kind', kind, 'en').capitalize()}: seats are scarce in {count} zones ({names}{more[1]}): each "
            f"seat more saves {each} minutes one way in the county; one more class ({seats:.0f} seats) in "
            f"{most['zone']} saves {most['saved']:,.0f} pupil-minutes (pupils divisible, zones not held together; see "
            "“Scarce seats”).",
        ))  # fmt: skip
    return [Fact(_say(Text("紧缺学位", "Scarce seats"), lang), tuple(_say(line, lang) for line in said))]


def _proofs(zones: Zones, lang: str) -> list[str]:
    said = []
    for kind, layer in zones.layers.items():
        if layer.result is None:
            continue
        zh, en, gap = code_word("kind", kind), code_word("kind", kind, "en"), layer.result.gap
        known = Text(f"已证明与最好的划法最多差 {gap:.2%}", f"proven within {gap:.2%} of the best")
        if not np.isfinite(gap):
            known = Text("尚未证明离最好的划法有多远", "nothing is proven of how far the best is")
        elif gap > _SMALL_GAP:
            pupils = float((zones.ways.pupils * layer.sends).sum())
            less = (layer.result.objective - layer.result.bound) / max(pupils, 1.0)
            unit = ("分钟", "minutes") if zones.scenario.zoning.cost == "minutes" else ("米", "metres")
            known = Text(
                f"{known.zh}，即人均单程最多还能再短 {less:.1f} {unit[0]}；下限由放宽了的问题算出，真正的差距一般更小",
                f"{known.en}: no division is shorter by more than {less:.1f} {unit[1]} a pupil; the bound comes of a "
                "relaxed problem, and the true gap is smaller as a rule",
            )
        said.append(_say(Text(f"{zh}学区：{known.zh}。", f"{en.capitalize()} zones: {known.en}."), lang))
    return said


def write_zone_layers(found: ZoneResults, folder: Path, *, lang: str = "zh") -> list[str]:
    """Write 学区.gpkg with zones, units and schools in the county's system, and 学区-小学.geojson … in WGS-84.

    In English they are zones.gpkg and zones-primary.geojson. The same zones give the same bytes.

    Returns
    -------
    list of str
        Names of the files.
    """
    zones = found.zones
    stem = "学区" if lang == "zh" else "zones"
    units = zones.units.frame.copy()
    for kind, layer in zones.layers.items():
        units[f"zone_{kind}"] = [layer.zones[z][0] if z >= 0 else "" for z in layer.zone]
    schools = zones.schools[["school_id", "name", "tier", "is_open", "seats_primary", "seats_junior", "geometry"]]
    names = [f"{stem}.gpkg"]
    with fixed_date():
        for kind, part in found.table.groupby("kind", sort=False):
            pyogrio.write_dataframe(_multi(part), folder / names[0], layer=f"zones_{kind}", driver="GPKG")
        pyogrio.write_dataframe(_multi(units), folder / names[0], layer="units", driver="GPKG")
        pyogrio.write_dataframe(schools.astype({"tier": str}), folder / names[0], layer="schools", driver="GPKG")
        for kind, part in found.table.groupby("kind", sort=False):
            words = {column.name: label(column, lang) for column in ZONES}
            named = part.rename(columns=words).assign(**{words["kind"]: code_word("kind", kind, lang)})
            names.append(f"{stem}-{code_word('kind', kind, lang)}.geojson")
            pyogrio.write_dataframe(
                named.to_crs(4326), folder / names[-1], driver="GeoJSON", COORDINATE_PRECISION=_DEGREES, RFC7946="YES"
            )
    return names


def _multi(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Spell every area as a MultiPolygon, so that a layer has one type."""
    return frame.set_geometry(
        [shapely.multipolygons(shapely.get_parts(shape)) for shape in frame.geometry], crs=frame.crs
    )

"""What is published of districts: a workbook, a notice with map and lists, and layers."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pyogrio

from layout_planner import __version__
from layout_planner.columns import DISTRICT_SCHOOLS, DISTRICT_UNITS, DISTRICTS
from layout_planner.errors import Text
from layout_planner.maps.districts import district_map
from layout_planner.maps.sheet import figure_png
from layout_planner.report.document import Figure, Paragraph, Points, Section, Sub, grid, number_sections, whole_pupils
from layout_planner.report.docx import write_docx
from layout_planner.report.html import render
from layout_planner.report.layers import fixed_date
from layout_planner.report.narrative import Fact
from layout_planner.report.workbook import Sheet, write_sheets

if TYPE_CHECKING:
    from pathlib import Path

    from layout_planner.assign.districts import DistrictPlan
    from layout_planner.plan import Plan

__all__ = ["write_districts"]

_FILE = Text("教育协作区", "districts")
_MAP = Text("协作区图", "district_map")
_TITLE = Text("{}教育协作区划分方案", "{}: education districts")
_ABOUT = {
    "districts": Text("每区的牵头学校、规模、路程和组成", "one row a district"),
    "district_units": Text("每个乡镇（或学校）归哪个区，到牵头学校多远", "one row a township or school"),
    "district_schools": Text("每区的学校名单", "one row a school"),
}
_MEANS = Text(
    "每区各单元相连；规模与各区平均数相差不超过情景规定的比例；在此前提下，各单元到所在区牵头学校的乘车时间（按教师加权）合计"
    "最小。一个单元自己就超过上限的单独成区，其余的再求平均。",
    "The units of a district are connected; its size is within the scenario's tolerance of the mean; the minutes from "
    "all units to their lead school, weighted by teachers, are least. A unit beyond the largest size by itself is a "
    "district alone, and the others are balanced among themselves.",
)
_CAVEAT = Text(
    "本方案由测算得出，供征求意见和论证；协作区的设立和调整由教育行政部门决定。",
    "A proposal for discussion; the education office decides.",
)


def write_districts(plan: Plan, made: DistrictPlan, told: tuple[Text, ...], folder: Path, *, lang: str) -> None:
    """Write 教育协作区.xlsx, .html and .docx (a notice with map and lists), .gpkg, and the map as a picture."""
    first = 0 if lang == "zh" else 1
    title, name = _TITLE[first].format(plan.county.name), _FILE[first]
    said = tuple(text[first] for text in told)
    tables = ((DISTRICTS, made.districts), (DISTRICT_UNITS, made.units), (DISTRICT_SCHOOLS, made.schools))
    sheets = [Sheet(Text(t.zh, t.en.capitalize()), _ABOUT[t.name], t, frame) for t, frame in tables]
    heads = (Text("要点", "In short"), Text("口径", "How it is counted"), Text("软件", "Software"))
    facts = [
        Fact(title),
        Fact(heads[0][first], said),
        Fact(heads[1][first], (_MEANS[first], _CAVEAT[first])),
        Fact(heads[2][first], (f"layout_planner {__version__}",)),
    ]
    write_sheets(folder / f"{name}.xlsx", facts, sheets, lang=lang)
    picture = figure_png(district_map(plan, made, lang=lang))
    (folder / f"{_MAP[first]}.png").write_bytes(picture)
    source = f"data:image/png;base64,{base64.b64encode(picture).decode('ascii')}"
    sections = number_sections(_sections(made, said, source, lang), lang)
    context = {
        "lang": "zh-CN" if lang == "zh" else "en",
        "title": title,
        "subtitle": plan.scenario.publish.date,
        "sections": sections,
        "footer": _CAVEAT[first],
        "version": __version__,
    }
    write_docx(title, plan.scenario.publish.date, sections, folder / f"{name}.docx")
    (folder / f"{name}.html").write_bytes(render("districts.html.j2", context).encode("utf-8"))
    with fixed_date():
        pyogrio.write_dataframe(made.areas, folder / f"{name}.gpkg", layer="districts", driver="GPKG")


def _sections(made: DistrictPlan, said: tuple[str, ...], picture: str, lang: str) -> list[Section]:
    first = 0 if lang == "zh" else 1
    shown = [name for name in DISTRICTS.names if name not in ("centre", "alone", "members")]
    listed = [
        f"{row['district']}（牵头：{row['lead'] or row['centre']}）：{row['members']}" if lang == "zh"
        else f"{row['district']} (lead: {row['lead'] or row['centre']}): {row['members']}"
        for row in made.districts.to_dict("records")
    ]  # fmt: skip
    heads = (Text("划分结果", "Districts"), Text("学校名单", "Schools"), Text("口径", "How it is counted"))
    caption = Text("协作区划分", "Districts")[first]
    lead = Text("（牵头学校）", " (lead school)")[first]
    names = made.schools["name"].where(~made.schools["is_lead"].astype(bool), made.schools["name"] + lead)
    schools = made.schools.assign(name=names)
    columns = ("school_id", "name", "tier", "township", "pupils", "teachers")
    lists = tuple(
        Sub(
            str(name),
            (grid(DISTRICT_SCHOOLS, rows, columns, str(name), extra=whole_pupils(DISTRICT_SCHOOLS), lang=lang),),
        )
        for name, rows in schools.groupby("district", sort=False)
    )
    title, whole = Text("协作区一览", "Districts")[first], whole_pupils(DISTRICTS)
    table = grid(DISTRICTS, made.districts, shown, title, extra=whole, lang=lang)
    return [
        Section(heads[0][first], (
            *(Paragraph(_ended(line, lang)) for line in said), Points(tuple(listed)), table,
            Figure(caption, picture, caption),
        )),
        Section(heads[1][first], (), lists),
        Section(heads[2][first], (Paragraph(_MEANS[first]), Paragraph(_CAVEAT[first]))),
    ]  # fmt: skip


def _ended(line: str, lang: str) -> str:
    return line if line.endswith(("。", ".")) else f"{line}{'。' if lang == 'zh' else '.'}"

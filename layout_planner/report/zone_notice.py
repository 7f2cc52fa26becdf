"""The notice of catchments (公示): villages by school, the four sides, changes and maps, as one page to print."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import numpy as np

from layout_planner import __version__
from layout_planner.columns import ZONE_CHANGES, ZONE_EFFECTS, ZONE_FAULTS, ZONE_PARTS
from layout_planner.errors import Text, counted
from layout_planner.maps.sheet import figure_png
from layout_planner.maps.zones import busiest_township, zone_map
from layout_planner.report.document import (
    Block,
    Cell,
    Figure,
    Grid,
    Paragraph,
    Points,
    Section,
    Sub,
    grid,
    number_sections,
    whole_pupils,
)
from layout_planner.report.docx import write_docx
from layout_planner.report.html import render
from layout_planner.report.narrative import data_as_of
from layout_planner.report.words import code_word
from layout_planner.report.zone_files import zone_facts

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from layout_planner.report.zone_files import ZoneResults

__all__ = ["notice_sections", "write_notice", "zone_figures"]

_CHANGES, _PARTS = 60, 200
_METHOD = Text("划法", "Method")
_SIDES = (("east", "东", "E"), ("south", "南", "S"), ("west", "西", "W"), ("north", "北", "N"))
_CAVEATS = (
    Text(
        "本方案由程序按居住地、道路和学位测算，供征求意见和论证，以教育行政部门正式公布的为准；公示期不少于 30 日。",
        "These zones were computed from homes, roads and seats for consultation; what the office publishes decides.",
    ),
    Text(
        "先在“招生范围”中找到自己的村、社区，同一行就是小学或初中；社区分为几片的，看“社区分片的大致范围”和附图。",
        "Find your village or community in the lists: its line names the school; parts of communities have a list.",
    ),
    Text("界线相交处、住户跨界的，由两校协商并报教育局确定。", "Homes on a border are settled between both schools."),
    Text(
        "有意见的，请在公示期内向教育局书面提出，写明所在村（社区）、学校和理由。",
        "Write to the education office within the period, with village, school and reasons.",
    ),
)
_PART_NOTE = Text(
    "学生多的社区沿道路、河流分成几片，每片归一所学校。下表列出每片的四至和片内最长的几条道路；"
    "四至不沿道路处，正式公布前请换写为楼栋或小区名称。",
    "Populous communities are divided along streets and rivers; every part belongs to one school. The table names what "
    "bounds each and its longest streets; where no street bounds it, spell estates before publication.",
)


def write_notice(found: ZoneResults, stem: Path, *, lang: str = "zh") -> None:
    """Write the notice as one HTML file that needs nothing else, and as a Word file to go on writing in.

    The same zones give the same bytes.

    Parameters
    ----------
    found : ZoneResults
    stem : Path
        Without a suffix; ``.html`` and ``.docx`` are added.
    lang : {"zh", "en"}
    """
    county = found.zones.county.name
    title = Text(f"{county}义务教育学校学区划分方案（征求意见稿）", f"{county}: proposed school catchments")
    sections = number_sections(notice_sections(found, lang), lang)
    subtitle = f"{found.plan.label} · {data_as_of(found.plan, lang)}"
    context = {
        "lang": "zh-CN" if lang == "zh" else "en",
        "title": _say(title, lang),
        "subtitle": subtitle,
        "sections": sections,
        "footer": found.zones.scenario.publish.source,
        "version": __version__,
    }
    stem.with_suffix(".html").write_bytes(render("zones.html.j2", context).encode("utf-8"))
    write_docx(_say(title, lang), subtitle, sections, stem.with_suffix(".docx"))


def notice_sections(found: ZoneResults, lang: str = "zh") -> list[Section]:
    """Put the notice together: what everybody reads on the first page, then zones by kind, changes and remarks."""
    sections = [_in_short(found, lang), _how_to_read(lang)]
    for kind, part in found.table.groupby("kind", sort=False):
        titles = {"primary": Text("小学学区", "Primary zones"), "junior": Text("初中学区", "Junior zones")}
        head = titles.get(str(kind), Text("教学点（一至三年级）", "Teaching points (grades 1 to 3)"))
        sections.append(
            Section(_say(head, lang), (*zone_figures(found, str(kind), lang), _zone_grid(part, head, lang)))
        )
    if found.parts is not None and len(found.parts):
        sections.append(_parts(found.parts, lang))
    sections.append(_changes(found, lang))
    if found.effects is not None and len(found.effects):
        title = _say(Text("手工调整前后", "Before and after the edits"), lang)
        sections.append(Section(title, (grid(ZONE_EFFECTS, found.effects, ZONE_EFFECTS.names, title, lang=lang),)))
    sections.append(_remarks(found, lang))
    return sections


def _in_short(found: ZoneResults, lang: str) -> Section:
    """Say what was drawn and how: a table by stage, what seats do to ways, and the method."""
    title = _say(Text("总的情况", "In short"), lang)
    lines = (*_fact(found, Text("学位与路程", "Seats and ways"), lang), *_fact(found, _METHOD, lang)[:1])
    return Section(title, (_stage_grid(found, lang), *map(Paragraph, lines)))


def _fact(found: ZoneResults, head: Text, lang: str) -> tuple[str, ...]:
    """Take the lines of one fact of the cover."""
    return next(fact.lines for fact in zone_facts(found, lang) if fact.head == _say(head, lang))


def _stage_grid(found: ZoneResults, lang: str) -> Grid:
    """Count zones, pupils, seats and ways of each kind."""
    people = Text("人", "persons")
    names = (
        (Text("学段", "kind"), None), (Text("学区数", "zones"), Text("个", "")),
        (Text("多校共用", "shared"), Text("个", "")), (Text("学生数", "pupils"), people),
        (Text("学位数", "seats"), people), (Text("学位不足的学区", "zones short of seats"), Text("个", "")),
        (Text("平均单程", "mean way"), Text("分钟", "min")), (Text("最长单程", "longest way"), Text("分钟", "min")),
    )  # fmt: skip
    rows = []
    for kind, part in found.table.groupby("kind", sort=False):
        known = part[part["minutes_mean"].notna()]
        mean = float(np.average(known["minutes_mean"], weights=known["pupils"])) if known["pupils"].sum() else np.nan
        values = (
            f"{len(part)}", f"{int(part['shared'].sum())}", f"{part['pupils'].sum():,.0f}",
            f"{part['seats'].sum():,.0f}", f"{int((part['seats_gap'] < 0).sum())}",
            *(f"{value:.0f}" if np.isfinite(value) else "—" for value in (mean, float(part["minutes_max"].max()))),
        )  # fmt: skip
        rows.append((Cell(code_word("kind", str(kind), lang)), *(Cell(value, number=True) for value in values)))
    cells = tuple(Cell(_say(t, lang), u is not None, unit=_say(u, lang) if u else "") for t, u in names)
    return Grid(_say(Text("各学段学区一览", "Zones by kind"), lang), cells, tuple(rows))


def _how_to_read(lang: str) -> Section:
    lines = tuple(_say(text, lang) for text in _CAVEATS)
    return Section(_say(Text("怎样看、怎样提意见", "How to read and to comment"), lang), (Points(lines),))


def _parts(parts: pd.DataFrame, lang: str) -> Section:
    """List the parts of divided communities by the streets that run through them."""
    title = _say(Text("社区分片的大致范围", "Parts of communities"), lang)
    shown = [name for name in ZONE_PARTS.names if name != "unit_id"]
    sheet = _say(Text("分片范围", "Parts"), lang)
    table = grid(ZONE_PARTS, parts, shown, title, most=_PARTS, sheet=sheet, extra=whole_pupils(ZONE_PARTS), lang=lang)
    return Section(title, (Paragraph(_say(_PART_NOTE, lang)), table))


def _say(text: Text, lang: str) -> str:
    return text.zh if lang == "zh" else text.en


def _zone_grid(part: pd.DataFrame, head: Text, lang: str) -> Grid:
    """List zones with their villages and sides as a notice does."""
    names = (
        (Text("学区学校", "school"), False, None), (Text("招生范围（村、社区）", "villages"), False, None),
        (Text("四至", "bounded by"), False, None), (Text("学生数", "pupils"), True, Text("人", "persons")),
        (Text("学位数", "seats"), True, Text("人", "persons")),
        (Text("平均单程", "mean way"), True, Text("分钟", "min")),
    )  # fmt: skip
    rows = [_zone_row(row, lang) for row in part.to_dict("records")]
    cells = tuple(Cell(_say(t, lang), n, unit=_say(u, lang) if u else "") for t, n, u in names)
    return Grid(_say(head, lang), cells, tuple(rows))


def _zone_row(row: Mapping[Hashable, Any], lang: str) -> tuple[Cell, ...]:
    marks = "warn" if row["seats_gap"] < 0 else ""
    minutes = float(row["minutes_mean"])
    return (
        Cell(f"{row['name']}{_say(Text('（共用）', ' (shared)'), lang) if row['shared'] else ''}"),
        Cell(str(row["villages"])),
        Cell(_sides(row, lang)),
        Cell(f"{row['pupils']:,.0f}", True, marks),
        Cell(f"{row['seats']:,.0f}", True, marks),
        Cell(f"{minutes:.0f}" if np.isfinite(minutes) else "—", True),
    )


def _sides(row: Mapping[Hashable, Any], lang: str) -> str:
    parts = [(str(row[side]), zh, en) for side, zh, en in _SIDES]
    if lang == "zh":
        return "；".join(f"{zh}至{text}" for text, zh, _ in parts if text)
    return "; ".join(f"{en}: {text}" for text, _, en in parts if text)


def zone_figures(found: ZoneResults, kind: str, lang: str = "zh") -> list[Figure]:
    """Draw the zones of a kind, and enlarge the township that has most of them."""
    word = code_word("kind", kind, lang)
    caption = Text(f"{word}学区" if kind != "point" else "教学点服务范围", f"{word} zones")
    pictures: list[tuple[str, Sequence[float] | None]] = [(_say(caption, lang), None)]
    if kind != "point" and (dense := busiest_township(found.zones, kind)) is not None:
        name = _say(Text(f"{_say(caption, lang)}（{dense[0]}放大）", f"{_say(caption, lang)} ({dense[0]})"), lang)
        pictures.append((name, dense[1].tolist()))
    figures = []
    for text, bounds in pictures:
        drawn = zone_map(found.zones, kind, bounds=bounds, changed=found.changed.get(kind), lang=lang)
        data = base64.b64encode(figure_png(drawn)).decode("ascii")
        figures.append(Figure(text, f"data:image/png;base64,{data}", text))
    return figures


def _changes(found: ZoneResults, lang: str) -> Section:
    head = Text(f"与{found.compared_with.zh}相比的变动", f"Changes against {found.compared_with.en}")
    changes = found.changes
    if changes.empty:
        return Section(_say(head, lang), (Paragraph(_say(Text("没有变动。", "Nothing changes."), lang)),))
    lines = [
        Text(
            f"{code_word('kind', kind)}：{len(part)} 个村（片）、学生 {part['pupils'].sum():,.0f} 人换学校，"
            f"其中 {part.loc[part['minutes_change'] > 0, 'pupils'].sum():,.0f} 人路程变长。",
            f"{code_word('kind', kind, 'en')}: {counted(len(part), 'unit')} with "
            f"{counted(float(part['pupils'].sum()), 'pupil')} change "
            f"school, {part.loc[part['minutes_change'] > 0, 'pupils'].sum():,.0f} of them with a longer way.",
        )
        for kind, part in changes.groupby("kind", sort=False)
    ]
    shown = [name for name in ZONE_CHANGES.names if name != "unit_id"]
    sheet = _say(Text("学区变动", "Changes"), lang)
    whole, title = whole_pupils(ZONE_CHANGES), _say(head, lang)
    table = grid(ZONE_CHANGES, changes, shown, title, most=_CHANGES, sheet=sheet, extra=whole, lang=lang)
    return Section(_say(head, lang), (*(Paragraph(_say(line, lang)) for line in lines), table))


def _remarks(found: ZoneResults, lang: str) -> Section:
    blocks: list[Block] = [Points(tuple(_say(flaw.what, lang) for flaw in found.flaws))] if found.flaws else []
    proven = tuple(Paragraph(line) for line in _fact(found, _METHOD, lang)[1:])
    subs = [Sub(_say(Text("划法的证明", "What is proven"), lang), proven)]
    if found.faults is not None and len(found.faults):
        head = _say(Text("现有学区图层的问题", "Faults of today's zones"), lang)
        table = grid(ZONE_FAULTS, found.faults, ZONE_FAULTS.names, head, most=_CHANGES, sheet=head, lang=lang)
        subs.append(Sub(head, (table,)))
    return Section(_say(Text("须在论证中说明的问题", "To be explained"), lang), tuple(blocks), tuple(subs))

"""The schools and villages that a block ``layout`` names: whether they exist, and whether the wishes for them agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from layout_planner.assign.codes import mend_code
from layout_planner.config.layout import Layout
from layout_planner.errors import Flaw, Text
from layout_planner.grades import Tier

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from layout_planner.config.scenario import Scenario
    from layout_planner.io.county import County

__all__ = ["heed_hearing", "named_flaws", "placed", "school_flaws"]

_LISTS = ("keep", "oppose", "close")
_MEANING = {
    "keep": Text("必须保留", "must be kept"),
    "oppose": Text("群众反对撤并", "its closure is opposed"),
    "close": Text("必须撤并", "must close"),
}
_DECIDED = {
    "close": Text("撤并", "closes"),
    "open": Text("恢复或启用", "opens"),
    "convert_to_teaching_point": Text("改为教学点", "becomes a teaching point"),
    "board": Text("办寄宿", "boards"),
    "lift_to_full_primary": Text("办成完全小学", "becomes a full primary school"),
    "add_classrooms": Text("新增教室", "gets classrooms"),
}
_AGAINST = {
    "keep": ("close",),
    "oppose": ("close", "convert_to_teaching_point"),
    "close": ("open", "convert_to_teaching_point", "board", "lift_to_full_primary", "add_classrooms"),
}
_VILLAGE = Text("填写村表“村代码”列中的代码", "use a code of the village table's column village_id")


def heed_hearing(scenario: Scenario) -> Scenario:
    """Protect the schools that most parents or hearing delegates want to keep, as ``hearing`` states.

    They join ``layout.must.oppose``, but for those that the scenario itself closes or converts: these stand on the
    veto sheet.

    Source: 国办发〔2012〕48号 [V2].
    """
    layout, decided = scenario.layout or Layout(), scenario.decisions
    settled = {*layout.must.close, *decided.close, *decided.convert_to_teaching_point}
    more = [code for code in scenario.hearing.opposed if code not in {*settled, *layout.must.oppose}]
    if not more:
        return scenario
    must = layout.must.model_copy(update={"oppose": (*layout.must.oppose, *more)})
    return scenario.model_copy(update={"layout": layout.model_copy(update={"must": must})})


def placed(scenario: Scenario, path: Sequence[str | int], code: str, what: Text, mend: Text) -> Flaw:
    """Make a flaw of a key of a scenario at the line that states it; elements of lists count from 0 in ``path``."""
    steps = (path[:n] for n in range(len(path), 0, -1))
    file, row = next((place for step in steps if (place := scenario.place(*step))), ("", None))
    key = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")
    return Flaw(code, what, mend, file=file, row=row, key=key)


def named_flaws(county: County, scenario: Scenario) -> Iterator[Flaw]:
    """Give the codes of a block ``layout`` that are in no table, and what is wished contrary for one school."""
    yield from school_flaws(county.schools, scenario)
    villages = _villages(county)
    for k, way in enumerate((scenario.layout or Layout()).must.unsafe_ways):
        if way.village not in villages:
            what = Text(f"没有代码为“{way.village}”的村", f"no village has the code {way.village!r}")
            mend = mend_code(way.village, villages, _VILLAGE)
            yield placed(scenario, ("layout", "must", "unsafe_ways", k, "village"), "unknown_village", what, mend)


def school_flaws(schools: gpd.GeoDataFrame, scenario: Scenario) -> Iterator[Flaw]:
    """Give the schools of a block ``layout`` that are not in the table, and contrary wishes for those that are."""
    must = (scenario.layout or Layout()).must
    table = schools.assign(school_id=schools["school_id"].astype(str)).set_index("school_id")
    names = dict(zip(table.index, table["name"].astype(str), strict=True))
    for key in _LISTS:
        for k, code in _once(getattr(must, key)):
            path = ("layout", "must", key, k)
            if code not in names:
                yield _unknown(scenario, path, code, names)
                continue
            for what, mend in (*_idle(key, table.loc[code], scenario), *_contrary(key, code, scenario)):
                said = Text(f"{names[code]}（{code}）{what.zh}", f"{names[code]} ({code}) {what.en}")
                yield placed(scenario, path, "contrary", said, mend)
    for k, way in enumerate(must.unsafe_ways):
        if way.school not in names:
            yield _unknown(scenario, ("layout", "must", "unsafe_ways", k, "school"), way.school, names)


def _once(codes: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Give each code once, with where it stands first."""
    seen: set[str] = set()
    for k, code in enumerate(codes):
        if code not in seen:
            seen.add(code)
            yield k, code


def _unknown(scenario: Scenario, path: Sequence[str | int], code: str, names: dict[str, str]) -> Flaw:
    township = next((n for n in names.values() if code and n.startswith(code)), None)
    what = Text(f"学校表中没有代码“{code}”", f"no school has the code {code!r}")
    if code in {tier.value for tier in Tier} | {tier.label_zh for tier in Tier}:
        mend = Text(
            "学校类别写在 layout.may 里；这里写学校代码", "types of school stand in layout.may: write codes here"
        )
    elif township is not None and code.endswith(("乡", "镇", "街道")):
        mend = Text("这里写学校代码，不写乡镇", "write codes of schools, not a township")
    else:
        mend = mend_code(code, names)
    return placed(scenario, path, "unknown_school", what, mend)


def _idle(key: str, school: pd.Series, scenario: Scenario) -> Iterator[tuple[Text, Text]]:
    """Say that a school is not in operation and so can neither close nor be opposed."""
    code = str(school.name)
    if school["status"] == "active" or code in scenario.decisions.open or key == "keep":
        return
    off = Text(f"从 {key} 中删去", f"take it off {key}")
    if key == "close":
        yield Text("并未在办，无从撤并", "is not open and cannot close"), off
    else:
        yield Text("并未在办，无从反对撤并", "is not open: nobody can close it"), off


def _contrary(key: str, code: str, scenario: Scenario) -> Iterator[tuple[Text, Text]]:
    """Say what the same scenario wishes for a school beside ``must.<key>`` that cannot both be."""
    must, mine = (scenario.layout or Layout()).must, _MEANING[key]
    for other in ("keep", "oppose") if key == "close" else ():
        if code in getattr(must, other):
            yield (
                Text(f"{mine.zh}（must.close），又{_MEANING[other].zh}（must.{other}）",
                     f"{mine.en} (must.close) and {_MEANING[other].en} (must.{other})"),
                Text("从其中一处删去", "take it off one of the lists"),
            )  # fmt: skip
    for decision in _AGAINST[key]:
        if code in getattr(scenario.decisions, decision):
            yield (
                Text(f"{mine.zh}（must.{key}），decisions.{decision} 却已决定{_DECIDED[decision].zh}",
                     f"{mine.en} (must.{key}), but by decisions.{decision} it {_DECIDED[decision].en}"),
                Text("从其中一处删去", "take it off one of the lists"),
            )  # fmt: skip


def _villages(county: County) -> dict[str, str]:
    """Name everything that a village code can mean: villages, and the demand points that lie in none."""
    named: dict[str, str] = {}
    demand = county.demand
    if demand is not None:
        village = demand["village_id"].fillna("").astype(str)
        code = village.where(village != "", demand["demand_id"].astype(str))
        label = demand["name"].fillna("").astype(str) if "name" in demand else code
        named = dict(zip(code, label, strict=True))
    codes = county.villages["village_id"].astype(str)
    return named | dict(zip(codes, county.villages["name"].fillna("").astype(str), strict=True))

"""What is known of each condition of the veto sheet, for one school: pure functions of a merger and a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from layout_planner.assign.classes import whole_size
from layout_planner.errors import Text, counted
from layout_planner.grades import GradeBand, Stage, Tier, grade_label
from layout_planner.measures.commute import DAY_MODES
from layout_planner.rules.ruleset import Condition, Rule

if TYPE_CHECKING:
    from layout_planner.config.hearing import Statement
    from layout_planner.measures import PlanTables

__all__ = ["CONDITIONS", "Merger", "Said", "VetoState"]

_NINE_YEAR_MOST = 2500.0
_PERSON = 0.5  # fewer expected pupils than half a person are for the village to say
_CRUMB = 1e-6
_LISTED = 4


class VetoState(StrEnum):
    """What is known of a condition."""

    TRIGGERED = "triggered"
    UNKNOWN = "unknown"
    CLEAR = "clear"


@dataclass(frozen=True)
class Said:
    """What was found of a condition."""

    state: VetoState
    evidence: Text
    value: float = float("nan")
    receiving: tuple[str, ...] | None = None
    villages: tuple[str, ...] | None = None
    limit: float | None = None


@dataclass(frozen=True, eq=False)
class Merger:
    """One school that closes or converts, who leaves it and where they go."""

    school_id: str
    name: str
    decision: str
    moved: pd.DataFrame
    said: Statement
    before: PlanTables
    after: PlanTables
    tiers: Mapping[str, str]
    class_limits: Mapping[str, float]

    @cached_property
    def receivers(self) -> pd.DataFrame:
        """Rows of table ``plan_schools`` after the merger for the schools that receive, most pupils first."""
        taken = self.moved[self.moved["school_id_after"] != ""].groupby("school_id_after")["pupils"].sum()
        taken = taken.sort_index().sort_values(ascending=False, kind="stable")
        schools = self.after.schools.set_index("school_id")
        return pd.DataFrame(schools.loc[[code for code in taken.index if code != self.school_id]])

    def names(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Name receiving schools."""
        wanted = set(ids)
        return tuple(str(name) for code, name in self.receivers["name"].items() if code in wanted)

    def villages(self, rows: pd.DataFrame) -> tuple[str, ...]:
        """Name the villages that some of the moved pupils come from, sorted by name."""
        return tuple(sorted({str(name) for name in rows["village"] if name}))


def _vote(rule: Rule, against: int | None, in_favour: int | None, who: Text) -> Said:
    if against is None or in_favour is None or against + in_favour == 0:
        return Said(VetoState.UNKNOWN, Text(f"没有填写{who.zh}的意见", f"the opinion of the {who.en} is not stated"))
    share = against / (against + in_favour)
    state = VetoState.TRIGGERED if share > (rule.number or 0.0) else VetoState.CLEAR
    evidence = Text(
        f"{who.zh}赞成{in_favour}人、反对{against}人，反对占{share:.1%}",
        f"of the {who.en} {in_favour} are for and {against} against ({share:.1%})",
    )
    return Said(state, evidence, share)


def _parents(rule: Rule, m: Merger) -> Said:
    return _vote(rule, m.said.parents_against, m.said.parents_for, Text("家长", "parents"))


def _delegates(rule: Rule, m: Merger) -> Said:
    return _vote(rule, m.said.delegates_against, m.said.delegates_for, Text("听证代表", "hearing delegates"))


def _far_young(rule: Rule, m: Merger) -> Said:
    limit = rule.number or 0.0
    young = m.moved[m.moved["band"] == GradeBand.G1_3.value]
    if young.empty:
        text = "一至三年级学生仍在本校就读" if m.decision == "convert" else "没有一至三年级学生因此换校"
        return Said(VetoState.CLEAR, Text(text, "no pupil of grades 1-3 changes school"), 0.0, (), ())
    day = young["mode_after"].isin(DAY_MODES)
    far = young[~day | (young["minutes_after"] > limit + _CRUMB)]
    longest = float(young.loc[day, "minutes_after"].max()) if day.any() else float("nan")
    pupils = float(far["pupils"].sum())
    if pupils <= _CRUMB:
        said = Text(
            f"一至三年级学生换校后最长{longest:.0f}分钟", f"grades 1-3 travel {longest:.0f} min at most afterwards"
        )
        return Said(VetoState.CLEAR, said, longest)
    lost = float(far.loc[~far["mode_after"].isin(DAY_MODES), "pupils"].sum())
    state = VetoState.TRIGGERED if pupils >= _PERSON else VetoState.UNKNOWN
    few = state is VetoState.UNKNOWN
    most = "" if pd.isna(longest) else f"，最长{longest:.0f}分钟"
    count = _persons(pupils)
    zh = f"一至三年级有{count.zh}换校后单程超过{limit:.0f}分钟{most}，附近没有教学点可去"
    en = f"{count.en} of grades 1-3 travel beyond {limit:.0f} min, with no local point"
    if lost > _CRUMB:
        zh, en = zh + f"（其中{lost:.1f}名没有可走读的学校）", en + f" ({lost:.1f} of them without a school by day)"
    if few:
        zh, en = zh + "；推算不足一人，请到村核实", en + "; under one pupil by estimate: ask in the village"
    return Said(state, Text(zh, en), longest, m.names(set(far["school_id_after"])), m.villages(far))


def _persons(pupils: float) -> Text:
    """Count pupils; those that a raster estimates have a decimal, and it is said."""
    if abs(pupils - round(pupils)) < _CRUMB:
        return Text(f"{pupils:.0f}名学生", counted(pupils, "pupil", form=".0f"))
    return Text(f"{pupils:.1f}名学生（推算）", f"{pupils:.1f} pupils (estimated)")


def _unsafe_way(_: Rule, m: Merger) -> Said:
    if m.said.unsafe_way is True and not m.said.way_mended_by:
        said = Text("实地查看认为途中不安全，没有整治措施", "seen to be unsafe, and nothing mends it")
        return Said(VetoState.TRIGGERED, said)
    if m.said.unsafe_way is True:
        mended = m.said.way_mended_by
        return Said(VetoState.CLEAR, Text(f"途中不安全处已有措施：{mended}", f"the way is mended: {mended}"))
    if m.said.unsafe_way is False:
        return Said(VetoState.CLEAR, Text("实地查看认为途中安全", "seen to be safe"))
    keys = ["village_id", "band", "school_id"]
    ways = m.moved.rename(columns={"school_id_after": "school_id"})[keys].drop_duplicates()
    met = m.after.dangers.merge(ways, on=keys)
    if met.empty:
        said = Text(
            "道路数据中没有发现途中危险，仍须实地查看", "the road data show no danger; somebody has to go and look"
        )
        return Said(VetoState.UNKNOWN, said)
    kinds = met.groupby("danger", sort=True)["pupils"].sum().sort_values(ascending=False, kind="stable")
    listed = "、".join(f"{kind}（{pupils:.1f}人）" for kind, pupils in kinds.items())
    codes = ", ".join(f"{kind} ({pupils:.1f})" for kind, pupils in met.groupby("kind")["pupils"].sum().items())
    text = Text(f"道路数据显示途中有：{listed}；须实地查看", f"the road data show {codes}; somebody has to go and look")
    villages = tuple(sorted({str(name) for name in met["name"] if name}))
    return Said(VetoState.UNKNOWN, text, float(kinds.max()), m.names(set(met["school_id"])), villages)


def _no_bus(_: Rule, m: Merger) -> Said:
    lost = m.moved[m.moved["school_id_after"] == ""]
    if float(lost["pupils"].sum()) >= _PERSON:
        count = float(lost["pupils"].sum())
        text = Text(
            f"{_persons(count).zh}走读、乘车、寄宿都到不了有学位的学校",
            f"{_persons(count).en} reach no school with a seat, on foot, by bus or boarding",
        )
        return Said(VetoState.TRIGGERED, text, count, (), m.villages(lost))
    riders = m.moved[m.moved["mode_after"] == "ride"]
    count = float(riders["pupils"].sum())
    schools, villages = m.names(set(riders["school_id_after"])), m.villages(riders)
    if count < _PERSON:
        return Said(VetoState.CLEAR, Text("没有学生须乘车", "nobody has to ride"), count, schools, villages)
    zh, en = f"{_persons(count).zh}须乘车", f"{_persons(count).en} have to ride"
    if m.said.bus_ready is None:
        text = Text(f"{zh}，校车或公共交通是否落实没有填写", f"{en}; whether a bus is ready is not stated")
        return Said(VetoState.UNKNOWN, text, count, schools, villages)
    if m.said.bus_ready:
        text = Text(f"{zh}，校车或公共交通已落实", f"{en}, and the bus is ready")
        return Said(VetoState.CLEAR, text, count, schools, villages)
    text = Text(f"{zh}，校车或公共交通没有落实", f"{en}, and there is no bus")
    return Said(VetoState.TRIGGERED, text, count, schools, villages)


def _beds(_: Rule, m: Merger) -> Said:
    boards = m.moved[(m.moved["mode_after"] == "board") & (m.moved["school_id_after"] != "")]
    count = float(boards["pupils"].sum())
    houses = m.receivers.loc[[code for code in m.receivers.index if code in set(boards["school_id_after"])]]
    if count < _PERSON:
        return Said(VetoState.CLEAR, Text("没有学生因此寄宿", "nobody boards because of it"), 0.0, (), ())
    villages, names = m.villages(boards), tuple(houses["name"].astype(str))
    short = (houses["boarders"] - houses["beds"]).clip(lower=0.0)
    said = "；".join(f"{row.name}寄宿{row.boarders:.0f}人、床位{row.beds:.0f}张" for row in houses.itertuples())
    counts = zip(houses["name"], houses["boarders"].astype(float), houses["beds"].astype(float), strict=True)
    en = "; ".join(f"{name}: {counted(boarders, 'boarder')}, {counted(beds, 'bed')}" for name, boarders, beds in counts)
    if short.max() >= _PERSON:
        text = Text(f"{said}，缺{short.sum():.0f}张", f"{en}, {short.sum():.0f} short")
        return Said(VetoState.TRIGGERED, text, float(short.sum()), names, villages)
    if m.said.dormitory_ready is False:
        text = Text(f"{said}；填报宿舍不够用", f"{en}; the dormitory is stated not to be ready")
        return Said(VetoState.TRIGGERED, text, count, names, villages)
    beds = m.before.schools.set_index("school_id")["beds"].reindex(houses.index).fillna(0)
    if m.said.dormitory_ready is None and bool((houses["boarders"] > beds + _PERSON).any()):
        text = Text(
            f"{said}，其中新增{(houses['beds'] - beds).sum():.0f}张是否建成没有填写",
            f"{en}; whether the {(houses['beds'] - beds).sum():.0f} new ones are there is not stated",
        )
        return Said(VetoState.UNKNOWN, text, 0.0, names, villages)
    return Said(VetoState.CLEAR, Text(said, en), 0.0, names, villages)


def _canteen(_: Rule, m: Merger) -> Said:
    if m.receivers.empty:
        return Said(VetoState.CLEAR, Text("没有学生因此换校", "nobody changes school"))
    ready = m.said.canteen_ready
    if ready is None:
        return Said(
            VetoState.UNKNOWN, Text("接收学校食堂是否够用没有填写", "whether the canteen suffices is not stated")
        )
    if ready:
        return Said(VetoState.CLEAR, Text("接收学校食堂够用", "the canteen suffices"))
    return Said(VetoState.TRIGGERED, Text("接收学校食堂不够用", "the canteen does not suffice"))


def _big_class(_: Rule, m: Merger) -> Said:
    grades = {grade for band in GradeBand if band.value in set(m.moved["band"]) for grade in band.grades}
    classes = m.after.classes
    mine = classes[classes["school_id"].isin(m.receivers.index) & classes["grade"].isin(grades)]
    mine = mine[mine["classes"] > 0]
    if mine.empty:
        return Said(VetoState.CLEAR, Text("没有学生因此换校", "nobody changes school"))
    size = whole_size(mine["class_size"])
    limit = [
        _class_limit(m, str(code), int(grade)) for code, grade in zip(mine["school_id"], mine["grade"], strict=True)
    ]
    table = mine.assign(size=size, most=limit).sort_values(
        ["size", "school_id", "grade"], ascending=[False, True, True]
    )
    over = table[table["size"] > table["most"]]
    if over.empty:
        largest = table.iloc[0]
        text = Text(
            f"学生并入的年级每班最多{largest['size']:.0f}人（上限{largest['most']:.0f}人）",
            f"the largest receiving class has {counted(largest['size'], 'pupil')} (limit {largest['most']:.0f})",
        )
        return Said(VetoState.CLEAR, text, float(largest["size"]), limit=float(largest["most"]))
    classes_before = m.before.classes.set_index(["school_id", "grade"])["class_size"]
    was = classes_before.reindex(pd.MultiIndex.from_frame(over[["school_id", "grade"]])).fillna(0.0)
    shown = over.assign(was=whole_size(was).to_numpy()).head(_LISTED)
    told = shown[["name", "grade", "size", "was", "most"]].to_dict("records")
    zh = "、".join(
        f"{r['name']}{grade_label(int(r['grade']))}每班{r['size']}人（现状{r['was']}人，上限{r['most']:.0f}人）"
        for r in told
    )
    en = ", ".join(
        f"{r['name']} grade {r['grade']}: {r['size']} a class ({r['was']} today, limit {r['most']:.0f})" for r in told
    )
    rest = len(over) - len(shown)
    text = Text(zh + (f"等{len(over)}个年级" if rest else ""), en + (f" and {rest} more grades" if rest else ""))
    worst = over.iloc[0]
    return Said(
        VetoState.TRIGGERED, text, float(worst["size"]), m.names(set(over["school_id"])), limit=float(worst["most"])
    )


def _class_limit(m: Merger, school_id: str, grade: int) -> float:
    if grade in Stage.JUNIOR.grades:
        return m.class_limits["class-junior"]
    point = m.tiers.get(school_id) == Tier.TEACHING_POINT
    return m.class_limits["class-incomplete" if point else "class-primary"]


def _giant(rule: Rule, m: Merger) -> Said:
    limit = rule.number or 0.0
    schools = m.receivers
    if schools.empty:
        return Said(VetoState.CLEAR, Text("没有学生因此换校", "nobody changes school"))
    nine_year = schools["tier"].astype(str) == Tier.NINE_YEAR.value
    table = schools.assign(most=nine_year.map({True: max(limit, _NINE_YEAR_MOST), False: limit}))
    table = table.sort_values("pupils", ascending=False, kind="stable")
    over = table[table["pupils"] > table["most"] + _CRUMB]
    top = (table if over.empty else over).iloc[0]
    pupils, most = float(top["pupils"]), float(top["most"])
    if over.empty:
        name = top["name"]
        text = Text(
            f"接收后最大的{name}有{pupils:.0f}人", f"the largest receiving school, {name}, has {pupils:.0f} pupils"
        )
        return Said(VetoState.CLEAR, text, pupils, limit=most)
    zh = "、".join(f"{row.name}{row.pupils:.0f}人（上限{row.most:.0f}）" for row in over.itertuples(index=False))
    en = ", ".join(f"{row.name}: {row.pupils:.0f} (limit {row.most:.0f})" for row in over.itertuples(index=False))
    return Said(VetoState.TRIGGERED, Text(zh, en), pupils, m.names(over.index), limit=most)


def _not_built(_: Rule, m: Merger) -> Said:
    was = m.before.schools.set_index("school_id").reindex(m.receivers.index)
    more = pd.DataFrame({
        "rooms": m.receivers["rooms"] - was["rooms"].fillna(0), "beds": m.receivers["beds"] - was["beds"].fillna(0),
    }).clip(lower=0)  # fmt: skip
    fresh = ~was["is_open"].fillna(False).astype(bool)
    work = m.receivers[fresh | (more["rooms"] > 0) | (more["beds"] > 0)]
    ready, closing = m.said.receiver_ready_on, m.said.closing_on
    if work.empty and ready is None:
        said = Text("接收学校不须新建、扩建", "the receiving schools need no building")
        return Said(VetoState.CLEAR, said)
    zh = "、".join(_works(str(row["name"]), bool(fresh[code]), more.loc[code]).zh for code, row in work.iterrows())
    en = ", ".join(_works(str(row["name"]), bool(fresh[code]), more.loc[code]).en for code, row in work.iterrows())
    zh, en = (zh + "；", en + "; ") if zh else ("", "")
    names = m.names(work.index) or None
    if ready is None or closing is None:
        missing = Text("接收学校建成日期或撤并日期没有填写", "the dates of completion and closing are not both stated")
        return Said(VetoState.UNKNOWN, Text(zh + missing.zh, en + missing.en), receiving=names)
    late = ready > closing
    text = Text(
        f"{zh}接收学校{ready}建成，{closing}撤并" + ("，撤在建先" if late else ""),
        f"{en}ready on {ready}, closing on {closing}" + (": closing comes first" if late else ""),
    )
    return Said(VetoState.TRIGGERED if late else VetoState.CLEAR, text, receiving=names)


def _works(name: str, is_new: bool, more: pd.Series) -> Text:
    if is_new:
        return Text(f"{name}启用或新建", f"{name} is opened")
    zh = [f"{count:.0f}{unit}" for count, unit in ((more["rooms"], "间教室"), (more["beds"], "张床位")) if count > 0]
    en = [f"{count:.0f} {unit}" for count, unit in ((more["rooms"], "rooms"), (more["beds"], "beds")) if count > 0]
    return Text(f"{name}须增{'、'.join(zh)}", f"{name} needs {' and '.join(en)}")


CONDITIONS: Mapping[Condition, Callable[[Rule, Merger], Said]] = {
    Condition.PARENTS: _parents,
    Condition.DELEGATES: _delegates,
    Condition.FAR_YOUNG: _far_young,
    Condition.UNSAFE_WAY: _unsafe_way,
    Condition.NO_BUS: _no_bus,
    Condition.BEDS: _beds,
    Condition.CANTEEN: _canteen,
    Condition.BIG_CLASS: _big_class,
    Condition.GIANT: _giant,
    Condition.NOT_BUILT: _not_built,
}

"""The words of school tables: school types and states, as offices spell them, in the vocabulary of the project."""

from __future__ import annotations

import re

import pandas as pd

from layout_planner.errors import Text
from layout_planner.grades import Tier
from layout_planner.io.cells import fold
from layout_planner.io.tables import Loaded

__all__ = [
    "PROJECT_KINDS",
    "STATUSES",
    "STATUS_WORDS",
    "parse_project_kind",
    "parse_status",
    "parse_tier",
    "settle_group_words",
    "settle_project_words",
    "settle_words",
]

STATUS_WORDS = {"active": "在办", "closed": "停办", "planned": "拟建"}
"""A school's states and their Chinese words."""
STATUSES = tuple(STATUS_WORDS)
PROJECT_KINDS = {
    "existing_estate": "现有小区",
    "estate_under_construction": "在建住宅",
    "planned_estate": "规划住宅",
    "resettlement": "安置区",
    "new_school": "新建学校",
    "school_extension": "改扩建",
}
"""Kinds of project and their Chinese words."""

_TYPE_CODES = {
    "211": Tier.PRIMARY,
    "218": Tier.TEACHING_POINT,
    "311": Tier.JUNIOR,
    "312": Tier.NINE_YEAR,
}
# The first pattern that matches decides: 中心小学教学点 is a teaching point, 中心九年一贯制学校 is nine-year.
_WORDS: tuple[tuple[re.Pattern[str], Tier | None], ...] = tuple(
    (re.compile(pattern), tier)
    for pattern, tier in (
        (r"幼儿园|幼教|职业|中职|技工|大学|特殊教育|特教|kindergarten|vocational|university", None),
        (r"教学点|教学班点|办学点|下伸点|初小|初级小学|teaching[_-]?point|low(er)?-?grade", Tier.TEACHING_POINT),
        (r"一贯制|九年制|九年一贯|nine[_-]?year|9[_-]?year|all-?through", Tier.NINE_YEAR),
        (r"初级中学|初中|完全中学|完中|junior|lowersecondary|middleschool", Tier.JUNIOR),
        (r"高级中学|普通高中|高中|seniorhigh|highschool", None),
        (r"中学", Tier.JUNIOR),
        (r"中心(小学|校|完小|完全小学|学校|国小)|中心$|central[_-]?(primary|school)", Tier.CENTRAL_PRIMARY),
        (r"村小|村完小|村级|村完全小学|村办|农村小学|完小|完全小学|village[_-]?(primary|school)", Tier.VILLAGE_PRIMARY),
        (r"小学|primary|elementary", Tier.PRIMARY),
    )
)
_STATUS_WORDS = {
    "active": (
        "",
        "在办",
        "在用",
        "正常",
        "正常办学",
        "开办",
        "办学",
        "运行",
        "运行中",
        "在校",
        "是",
        "保留",
        "active",
        "open",
        "operating",
    ),
    "closed": (
        "停办",
        "已停办",
        "撤销",
        "已撤销",
        "撤并",
        "已撤并",
        "已撤",
        "关闭",
        "已关闭",
        "停用",
        "闲置",
        "暂停",
        "空置",
        "否",
        "closed",
        "inactive",
    ),
    "planned": ("拟建", "在建", "规划", "规划中", "筹建", "新建", "待建", "拟新建", "planned", "proposed"),
}
_STATUS = {word: status for status, words in _STATUS_WORDS.items() for word in words}

# The first pattern that matches decides: 新建安置区 is a resettlement area, 在建学校 a new school.
_PROJECT_WORDS = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"改扩建|扩建|改建|school_?extension|extension", "school_extension"),
        (r"学校|小学|初中|中学|校区|新校|school", "new_school"),
        (r"安置|搬迁|移民|还建|回迁|resettlement", "resettlement"),
        (r"在建|建设中|施工|未交付|under_?construction", "estate_under_construction"),
        (r"规划|拟建|待建|planned", "planned_estate"),
        (r"现有|已建|建成|入住|existing|小区|住宅", "existing_estate"),
    )
)

# A year before (2019年停办) and a remark behind (停办(校舍闲置)) leave the state as it is; 拟撤并 is not closed yet.
_REMARK = re.compile(r"^\d{4}年(\d{1,2}月)?|\([^()]*\)$")
_MERGED = re.compile("^已?(并入|撤并至|合并到)")


def parse_tier(text: str, name: str = "") -> Tier | None:
    """Read a school type as offices write it: words, a type code, or a path such as ``学校;小学``.

    Parameters
    ----------
    text : str
        The type; of several parts separated by ``;`` the last that says something counts.
    name : str
        The school's name, which tells a central or village primary from a town primary where the type only says
        primary.

    Returns
    -------
    Tier or None
        ``None`` where the words name no school of grades 1 to 9.

    Examples
    --------
    >>> parse_tier("小学教学点"), parse_tier("211", "青石镇中心小学"), parse_tier("九年一贯制学校").value
    (<Tier.TEACHING_POINT: 'teaching_point'>, <Tier.CENTRAL_PRIMARY: 'central_primary'>, 'nine_year')
    """
    folded = fold(text)
    tier = _TYPE_CODES.get(folded[:3]) if folded[:3].isdigit() else None
    if tier is None:
        for part in reversed([p for p in re.split(r"[;；/|]", folded) if p]):
            hit = next(((True, t) for pattern, t in _WORDS if pattern.search(part)), (False, None))
            if hit[0]:
                tier = hit[1]
                break
    if tier is Tier.PRIMARY and "城" not in folded and "town" not in folded and "urban" not in folded:
        return _primary_by_name(fold(name))
    return tier


def _primary_by_name(name: str) -> Tier:
    for pattern, tier in _WORDS:
        if tier in (Tier.TEACHING_POINT, Tier.CENTRAL_PRIMARY, Tier.VILLAGE_PRIMARY) and pattern.search(name):
            return tier
    return Tier.VILLAGE_PRIMARY if re.search(r"村.*小学", name) else Tier.PRIMARY


def parse_status(text: str) -> str | None:
    """Read a school's state as ``active``, ``closed`` or ``planned``; an empty cell is active; ``None`` if unknown."""
    folded = _REMARK.sub("", fold(text))
    return _STATUS.get(folded) or ("closed" if _MERGED.match(folded) else None)


def parse_project_kind(text: str) -> str | None:
    """Read a kind of project as one of :data:`PROJECT_KINDS`; ``None`` if unknown.

    Examples
    --------
    >>> parse_project_kind("易地扶贫搬迁安置点"), parse_project_kind("在建楼盘"), parse_project_kind("学校扩建")
    ('resettlement', 'estate_under_construction', 'school_extension')
    """
    folded = fold(text)
    return next((kind for pattern, kind in _PROJECT_WORDS if pattern.search(folded)), None)


def settle_project_words(projects: Loaded) -> None:
    """Turn the kinds of a table of projects into the project's words, reporting those that are unknown."""
    frame = projects.frame
    kinds = []
    for row, text in zip(frame.index, frame["kind"], strict=True):
        kind = parse_project_kind(text) if text else None
        if text and kind is None:
            projects.report(
                "kind_unknown",
                Text(f"不认识的项目类别“{text}”", f"the kind of project {text!r} is unknown"),
                Text(f"改为：{'、'.join(PROJECT_KINDS.values())}", f"write one of {', '.join(PROJECT_KINDS)}"),
                row=row,
                column="kind",
            )
        kinds.append(kind or "")
    frame["kind"] = kinds
    frame["kind"] = frame["kind"].astype("str")


def settle_group_words(loaded: Loaded) -> None:
    """Turn how a table counts migrant and special-education pupils into ``within``, ``added`` or ``""``.

    A header that begins with 其中 says ``within`` for the rows that say nothing themselves.
    """
    groups = ("migrant_", "special_")
    titled = any(fold(text).startswith("其中") for name, text in loaded.labels.items() if name.startswith(groups))
    settled = []
    for row, text in zip(loaded.frame.index, loaded.frame["groups_counted"], strict=True):
        folded = fold(text)
        word = next((word for word, words in _COUNTED_WORDS.items() if folded in words), None)
        if word is None:
            loaded.report(
                "groups_counted_unknown",
                Text(f"不认识的口径“{text}”", f"{text!r} does not say how groups are counted"),
                Text("改为：其中（已含在学生数里）或另计", "write within or added"),
                row=int(row),
                column="groups_counted",
            )
        settled.append(word or ("within" if titled else ""))
    loaded.frame["groups_counted"] = pd.Series(settled, index=loaded.frame.index, dtype="str")


_COUNTED_WORDS = {
    "": ("",),
    "within": ("within", "其中", "已含", "包含", "含", "包括", "内含", "included"),
    "added": ("added", "另计", "另加", "不含", "不包含", "之外", "单列", "extra"),
}


def settle_words(schools: Loaded) -> None:
    """Turn the types and states of a school table into the project's words, reporting those that are unknown."""
    frame = schools.frame
    tiers, states = [], []
    for row, name, text, status in zip(frame.index, frame["name"], frame["tier"], frame["status"], strict=True):
        tier = parse_tier(text, name) if text else None
        if text and tier is None:
            schools.report(
                "tier_unknown",
                Text(f"不认识的学校类别“{text}”", f"the school type {text!r} is unknown"),
                Text(
                    "改为：教学点、村小、中心小学、城镇小学、初中或九年一贯制学校；其他学校删去",
                    (
                        "write teaching point, village primary, central primary, primary, junior or nine-year; delete "
                        "other schools"
                    ),
                ),
                row=row,
                column="tier",
            )
        tiers.append(tier.value if tier else "")
        state = parse_status(status)
        if state is None:
            schools.report(
                "status_unknown",
                Text(f"不认识的办学状态“{status}”", f"the status {status!r} is unknown"),
                Text("改为：在办、停办或拟建", "write active, closed or planned"),
                row=row,
                column="status",
            )
        states.append(state or "")
    frame["tier"] = tiers
    frame["status"] = states
    frame[["tier", "status"]] = frame[["tier", "status"]].astype("str")

"""Words and numbers as a document spells them: codes in Chinese, and one way to write each quantity."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from layout_planner.columns import BALANCE_INDICATORS, LOTTERY_ROSTER, Column
from layout_planner.errors import Severity
from layout_planner.grades import GradeBand, Stage, Tier

__all__ = [
    "CODES",
    "ESTIMATED",
    "code_word",
    "column_format",
    "is_whole",
    "join_names",
    "persons",
    "rounded",
    "spell",
    "spell_column",
    "tidy",
    "unit_format",
]

ESTIMATED = 0.05
"""Counts of persons nearer to a whole number than this are shown whole; others are estimates, with one decimal."""

_SHARE_UNITS = frozenset({"share", "%", "比例", "占比"})
_DIGITS = {"分钟": 1, "人/班": 1, "米": 0, "公里": 1, "倍": 2, "系数": 3, "元/年": 0, "元": 0}

_ALL = {"all": ("全部", "all"), "": ("", "")}
_BAND = {b.value: (b.label_zh, b.value) for b in GradeBand} | {
    "primary": ("小学", "primary"),
    "junior": ("初中", "junior"),
}
_MEASURED = {column.name: (column.zh, column.en) for column in BALANCE_INDICATORS}
CODES: dict[str, dict[str, tuple[str, str]]] = {
    "band": _BAND | _ALL,
    "group": {"resident": ("本地学生", "residents"), "migrant": ("随迁子女", "migrant pupils"),
              "special": ("特殊教育学生", "special-education pupils"), "all": ("全部", "all")},
    "claim": {"special": ("特殊教育", "special education"), "zoned": ("户籍与住房一致", "hukou and home in the zone"),
              "hukou": ("只有户籍", "hukou only"), "house": ("只有房产", "home only"),
              "sibling": ("长幼随学", "siblings"), "migrant": ("随迁子女保障", "migrant pupils' guarantee"),
              "other": ("其他", "others"), "all": ("全部", "all")},
    "mode": {"walk": ("步行", "walk"), "ride": ("乘车", "ride"), "board": ("寄宿", "board"), "none": ("无学校", "none"),
             "all": ("走读合计", "all day pupils"), "": ("", "")},
    "decision": {
        "keep": ("保留", "keep"), "close": ("撤并", "close"), "convert": ("改教学点", "teaching point"),
        "lift": ("办成完全小学", "full primary"), "closed": ("未办", "not in operation"),
        "open": ("启用", "open"), "board": ("增设寄宿", "boarding"), "expand": ("扩建", "expand"),
        "inactive": ("未办", "not in operation"),
    },
    "tier": {t.value: (t.label_zh, t.value.replace("_", " ")) for t in Tier},
    "reason": {
        "unreachable": ("时限内道路不可达", "out of reach"), "no_seat": ("学位不足", "no seat"),
        "no_school": ("没有开设该年级的学校", "no school for the grade"), "": ("", ""),
        "unsafe": ("路不安全", "the way is unsafe"), "overfull": ("不得再接收", "must receive nobody"),
        "full": ("学位已满", "seats are taken"), "classes": ("编班已满", "classes are full"),
        "total": ("全县总时间或支出更少", "less time or money for the county"),
    },
    "instead": {"keep": ("保留", "keep"), "close": ("撤并", "close")},
    "surety": {"certain": ("确定", "certain"), "likely": ("较有把握", "likely"), "open": ("待议", "open question")},
    "status": {
        "optimal": ("已证明", "proven"), "feasible": ("到时停止", "stopped in time"),
        "infeasible": ("已证明无解", "proven impossible"), "unknown": ("未找到", "not found"),
    },
    "veto": {"triggered": ("不得强行撤并，须先解除", "not to be forced"), "unknown": ("待核实", "for people to say"),
             "clear": ("没有此情形", "clear")},
    "severity": {
        "veto": ("须先解除", "no forced merger"),
        Severity.ERROR.value: ("不符合", "breach"), Severity.WARNING.value: ("提醒", "warning"),
        Severity.NOTE.value: ("说明", "note"),
    },
    "kind": {"primary": ("小学", "primary"), "junior": ("初中", "junior"), "point": ("教学点", "teaching point")},
    "fault": {
        "gap": ("空白", "gap"), "overlap": ("重叠", "overlap"), "detached": ("飞地", "part that lies apart"),
        "seat_outside": ("学校不在学区内", "school outside its zone"),
    },
    "gravity": {
        Severity.ERROR.value: ("错误", "error"), Severity.WARNING.value: ("提醒", "warning"),
        Severity.NOTE.value: ("说明", "note"),
    },
    "role": {
        "schools": ("学校表", "schools"), "villages": ("村表", "villages"), "enrolment": ("历年在校生", "enrolment"),
        "teachers": ("教师名册", "teachers"), "boundary": ("县界", "boundary"), "townships": ("乡镇", "townships"),
        "roads": ("道路", "roads"), "population": ("人口栅格", "population"),
        "township_pupils": ("乡镇学生数", "pupils by township"), "projects": ("小区和建设项目", "projects"),
    },
    "outcome": {"beyond": ("超过时限", "beyond the limit"), "unreachable": ("走不通", "no way through"),
                "admitted": ("录取", "admitted"), "waiting": ("递补", "waiting"),
                "offered": ("可调入", "can take them"), "enough": ("教职工已够", "has enough"),
                "lacking": ("仍缺，没有可调的", "still lacks"), "unassigned": ("未安排", "not assigned"),
                "unknown": ("教职工数未填", "staff not stated")},
    "admitted_by": {"长幼随学": ("长幼随学", "follows a sibling"), "派位": ("派位", "drawn")}
    | {f"第{zh}志愿": (f"第{zh}志愿", f"choice {n}") for n, zh in enumerate("一二三四五六", 1)},
    "grouping": {"全体": ("全体", "all")} | {column.zh: (column.zh, column.en) for column in LOTTERY_ROSTER},
    "member": {"全体": ("全体", "all"), "是": ("是", "yes"), "否": ("否", "no"),
               "其余（人数少的合并）": ("其余（人数少的合并）", "others (small groups joined)")},
    "better": {"low": ("越低越好", "lower"), "high": ("越高越好", "higher"), "": ("", "")},
    "verdict": {
        "better": ("改善", "better"), "worse": ("变差", "worse"), "same": ("持平", "same"),
        "neutral": ("不分好坏", "neutral"), "met": ("达到", "met"), "missed": ("未达到", "not met"),
        "unknown": ("数据不全", "data missing"), "": ("", ""),
    },
    "stage": {s.value: (s.label_zh, s.value) for s in Stage},
    "quantity": {"minutes": ("单程时间", "minutes one way"), "seats_per_pupil": ("人均可得学位", "seats a pupil")},
    "measured": _MEASURED | {"composite": ("综合差异系数", "composite")},
    "lowest": _MEASURED | {"": ("", "")},
    "basis": {"filed": ("填报", "as filed"), "plan": ("方案", "in the plan")},
    "standard": {"dd2017-6": ("优质均衡", "high-quality balance"), "dd2012-3": ("基本均衡", "basic balance")},
    "subject_kind": {
        "school": ("学校", "school"), "village": ("村", "village"), "township": ("乡镇", "township"),
        "county": ("全县", "county"), "demand": ("居民点", "place"), "class": ("班级", "class"),
    },
    "action": {
        "rooms": ("新增教室", "add rooms"), "regroup": ("调整编班", "form classes anew"),
        "rezone": ("调整学区", "re-zone"), "entrants": ("分流新生", "divert entrants"),
        "grades": ("迁移年级", "move grades"),
    },
    "size_band": {
        "oversize": ("偏大", "oversize"), "large": ("大班额", "large"), "super": ("超大班额", "very large"),
    },
    "cleared": {
        "cleared": ("已化解", "cleared"), "left": ("未化解", "not cleared"), "below": ("不在化解之列", "not asked"),
    },
    "way": {
        "rooms": ("只增教室", "rooms only"), "rezone": ("只调学区", "re-zoning only"),
        "grades": ("只迁年级", "moving grades only"), "all": ("综合（方案）", "all together (proposed)"),
    },
    "confidence": {
        "V": ("已核对原文", "verified"), "V2": ("核对转引", "verified at second hand"), "M": ("未核实", "unverified"),
        "?": ("存疑", "in doubt"),
    },
}  # fmt: skip
"""Chinese and English words for the codes of each column."""


def code_word(column: str, code: object, lang: str = "zh") -> str:
    """Spell a code; a code that has no word stays as it is.

    >>> code_word("mode", "walk"), code_word("tier", "junior"), code_word("mode", "sail")
    ('步行', '初中', 'sail')
    """
    text = "" if pd.isna(code) else str(code)  # type: ignore[call-overload]
    words = CODES.get(column, {}).get(text)
    return text if words is None else words[0 if lang == "zh" else 1]


def is_whole(values: pd.Series[float]) -> bool:
    """Tell whether counts are whole persons, not estimates from a raster."""
    known = values.to_numpy(dtype=np.float64, na_value=np.nan)
    known = known[np.isfinite(known)]
    return bool(np.all(np.abs(known - np.rint(known)) < 1e-6))


def unit_format(unit: str, *, whole: bool = False) -> str:
    """Choose a spreadsheet number format for a unit."""
    if unit in _SHARE_UNITS:
        return "0.0%"
    digits = 0 if whole else _DIGITS.get(unit, 1)
    return f"#,##0.{'0' * digits}".rstrip(".")


def column_format(column: Column, values: pd.Series[float]) -> str:
    """Choose a spreadsheet number format for a column of the registry."""
    if column.kind == "share":
        return "0.0%"
    if column.digits is not None:
        return f"#,##0.{'0' * column.digits}".rstrip(".")
    if column.kind == "int":
        return "0" if column.name in ("row", "grade", "grade_from", "grade_to", "year") else "#,##0"
    return unit_format(column.unit, whole=column.unit in ("人", "个", "所", "间", "张", "班") and is_whole(values))


def rounded(value: object, unit: str = "") -> float:
    """Round a number to what a document shows of it, so that differences agree with what a reader can subtract.

    >>> rounded(24.64, "分钟"), rounded(0.82849, "%"), rounded(1234.4, "人"), rounded(2.44, "人")
    (24.6, 0.828, 1234.0, 2.4)
    """
    number = float("nan") if value is None or value is pd.NA else float(value)  # type: ignore[arg-type]
    if not math.isfinite(number):
        return float("nan")
    return round(number, 3) if unit in _SHARE_UNITS else round(number, _digits(number, unit))


def _digits(number: float, unit: str) -> int:
    if unit in _DIGITS:
        return _DIGITS[unit]
    return 0 if abs(number - round(number)) < ESTIMATED or abs(number) >= 1000 else 1


def spell(value: object, unit: str = "", *, missing: str = "—", sign: bool = False) -> str:
    """Write a number as a document shows it, without its unit (a share as a percentage).

    >>> spell(37982.0, "人"), spell(12.345, "分钟"), spell(0.9512, "share"), spell(2.4, "人"), spell(float("nan"))
    ('37,982', '12.3', '95.1%', '2.4', '—')
    >>> spell(-3.0, "所", sign=True), spell(0.004, "分钟", sign=True), spell(-0.003, "%", sign=True)
    ('−3', '0.0', '−0.3个百分点')
    """
    if isinstance(value, str):
        return value or missing
    number = rounded(value, unit)
    if math.isnan(number):
        return missing
    if unit in _SHARE_UNITS:
        return _signed(number * 100, 1, sign) + ("个百分点" if sign else "%")
    return _signed(number, _digits(number, unit), sign)


def tidy(text: str) -> str:
    """Take out the spaces that a folded YAML text leaves between Chinese sentences.

    >>> tidy("离接收校不到 1.6 公里。 东岭小学")
    '离接收校不到 1.6 公里。东岭小学'
    """
    return re.sub(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])", "", text)


def persons(value: float) -> str:
    """Write a number of persons for a sentence: whole, with 约 where it is an estimate.

    >>> persons(800.3), persons(12.0), persons(0.4)
    ('约800', '12', '不足1')
    """
    if abs(value - round(value)) < 1e-6:
        return f"{value:,.0f}"
    return f"约{value:,.0f}" if value >= 1 else "不足1"


def spell_column(column: Column, values: pd.Series[float], *, missing: str = "—") -> list[str]:
    """Write a column's numbers with the same decimals, as the workbook shows them.

    >>> spell_column(Column("pupils", "float", "学生数", "pupils", "人"), pd.Series([1032.44, 165.0]))
    ['1,032.4', '165.0']
    """
    numbers = values.astype("float64").tolist()
    if column.kind == "share":
        return [spell(v, "share", missing=missing) for v in numbers]
    digits = column_format(column, values).partition(".")[2].count("0")
    return [_signed(v, digits, sign=False) if math.isfinite(v) else missing for v in numbers]


def _signed(number: float, digits: int, sign: bool) -> str:
    text = f"{abs(number):,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        return text
    if number < 0:
        return "−" + text
    return ("+" if sign else "") + text


def join_names(names: Iterable[str], *, most: int = 8, counter: str = "所") -> str:
    """Join names for a sentence, and say how many more there are.

    >>> join_names(["甲", "乙", "丙"], most=2)
    '甲、乙等3所'
    """
    listed = list(names)
    if len(listed) <= most:
        return "、".join(listed)
    return "、".join(listed[:most]) + f"等{len(listed)}{counter}"

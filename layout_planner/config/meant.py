"""What a planner meant by a value that cannot be used: an amount with its unit, a Chinese word, a key's other name."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence

from layout_planner.grades import GradeBand, Stage, Tier

__all__ = ["amount_meant", "choice_meant", "key_meant", "truth_meant"]

_FACTORS: dict[str, dict[str, float]] = {
    "_yuan": {"元": 1, "千元": 1e3, "万": 1e4, "万元": 1e4, "亿": 1e8, "亿元": 1e8, "w": 1e4},
    "_s": {"s": 1, "秒": 1, "秒钟": 1, "分": 60, "分钟": 60, "min": 60, "小时": 3600, "h": 3600},
    "_min": {"分": 1, "分钟": 1, "min": 1, "小时": 60, "h": 60},
    "_m": {"m": 1, "米": 1, "公里": 1e3, "千米": 1e3, "km": 1e3, "里": 500},
    "_kmh": {"公里/小时": 1, "km/h": 1, "公里": 1},
    "": {"人": 1, "名": 1, "张": 1, "间": 1, "所": 1, "个": 1, "处": 1, "次": 1, "年": 1, "倍": 1},
}
_DIGITS = {word: k for k, word in enumerate("零一二三四五六七八九十")} | {"两": 2, "半": 0.5}
_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("teaching_point", ("教学点", "小学教学点")),
    ("village_primary", ("村小", "村级小学", "完小", "村完小", "完全小学", "village", "village_school")),
    ("central_primary", ("中心小学", "中心校", "中心学校", "乡镇中心校", "central", "center_primary")),
    ("primary", ("城镇小学", "城区小学", "县城小学", "小学")),
    ("junior", ("初中", "初级中学", "中学", "middle", "junior_high", "middle_school")),
    ("nine_year", ("九年一贯制", "九年一贯制学校", "一贯制", "九年制")),
    ("G1-3", ("1-3", "低年级", "一至三年级", "小学低年级", "1-3年级")),
    ("G4-6", ("4-6", "高年级", "四至六年级", "小学高年级", "4-6年级")),
    ("G7-9", ("7-9", "初中", "七至九年级", "7-9年级")),
    ("pupil_minutes", ("学生分钟", "人分钟", "路程", "时间", "上学时间", "minutes", "time", "travel", "travel_time")),
    ("worst_minutes", ("最远", "最远学生", "worst", "max_minutes")),
    ("yearly_yuan", ("年支出", "每年支出", "运行费用", "费用", "成本", "cost", "costs", "money", "yuan", "yearly")),
    ("one_off_yuan", ("一次性", "一次性投入", "投资", "建设费用", "one_off", "investment", "capital")),
    ("changes", ("变动", "变动数", "change")),
    ("weighted", ("加权", "加权和", "加权求和", "weight", "weights", "sum")),
    ("lexicographic", ("依次", "字典序", "分层", "优先", "lexi", "lexico", "lex", "order")),
    ("strict", ("严格", "必须", "true")),
    ("keep", ("保持", "维持", "不变", "现状", "不比现状多")),
    ("none", ("不限", "不管", "只统计", "无", "false", "off")),
    ("today", ("现状", "今天", "当前", "baseline")),
    ("nothing", ("空", "从零", "无", "none")),
    ("model", ("模型", "优化")),
    ("all", ("全部", "所有")),
    ("closed", ("撤并", "撤并的")),
)
_KEYS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("keep", ("protected", "protect", "保护", "保留", "retain")),
    ("oppose", ("veto", "vetoes", "opposed", "against", "反对", "否决")),
    ("close", ("merge", "merged", "撤并", "关闭", "closed")),
    ("open", ("build", "新建", "启用", "恢复", "reopen")),
    ("convert", ("改教学点", "教学点")),
    ("unsafe_ways", ("unsafe", "unsafe_roads", "不安全的路", "危险路段")),
    ("goal", ("objective", "objectives", "target", "目标")),
    ("weights", ("weight", "权重")),
    ("may", ("can", "allow", "allowed", "可以")),
    ("must", ("constraints", "limits", "hard", "必须", "约束")),
    ("prices", ("costs", "cost", "价格", "成本")),
    ("layout", ("optimise", "optimize", "optimiser", "optimizer", "optimisation", "优化", "布局")),
    ("time_limit_s", ("seconds", "timeout", "max_time", "时限")),
    ("gap", ("mip_gap", "tolerance", "差距")),
    ("one_off_budget_yuan", ("budget", "预算", "总投入", "one_off_yuan", "capital_budget")),
    ("yearly_budget_yuan", ("年预算", "yearly_yuan", "annual_budget")),
    ("max_changes", ("k", "changes", "最多变动")),
    ("max_closures", ("max_close", "max_mergers", "最多撤并")),
    ("beds_per_school", ("beds", "max_beds", "床位")),
    ("rooms_per_school", ("rooms", "max_rooms", "classrooms", "教室")),
    ("whole_villages", ("no_split", "整村")),
    ("closest_first", ("nearest_first", "就近")),
    ("largest", ("max_size", "max_pupils", "最大规模")),
    ("smallest", ("min_size", "min_pupils", "最小规模")),
)
_TRUTHS = {
    "true": ("是", "对", "要", "可", "可以", "有", "真", "y", "t", "√"),
    "false": ("否", "不", "不要", "不可", "不可以", "无", "没有", "假", "n", "f", "×"),
}


def amount_meant(value: str, path: Sequence[str | int]) -> str | None:
    """Spell the number that a text with a unit, a percentage or a Chinese numeral stands for, in the key's unit.

    >>> amount_meant("500万元", ("layout", "must", "one_off_budget_yuan")), amount_meant("1%", ("layout", "gap"))
    ('5000000', '0.01')
    >>> amount_meant("5:00", ("layout", "time_limit_s")), amount_meant("60张", ("layout", "time_limit_s"))
    ('300', None)
    """
    text = unicodedata.normalize("NFKC", value).strip().lower().replace(",", "").replace(" ", "")
    suffix = next((s for part in reversed(path) for s in _FACTORS if s and str(part).endswith(s)), "")
    if suffix == "_s" and re.fullmatch(r"\d+(:\d{2}){1,2}", text):
        parts = [int(part) for part in text.split(":")]
        return _spelled(sum(part * 60**k for k, part in enumerate(reversed(parts))))
    hundredth = re.fullmatch(r"百分之(.+)", text)
    text = f"{hundredth.group(1)}%" if hundredth else text
    found = re.fullmatch(r"(-?\d+(?:\.\d+)?|[零一二三四五六七八九十两半])(.*)", text)
    if found is None:
        return None
    number, unit = found.groups()
    amount = float(_DIGITS.get(number, 0.0)) if number in _DIGITS else float(number)
    if unit == "%" and not suffix:
        return _spelled(amount / 100)
    factor = 1 if not unit else _FACTORS[suffix].get(unit)
    return None if factor is None else _spelled(amount * factor)


def _spelled(amount: float) -> str:
    return f"{amount:.6f}".rstrip("0").rstrip(".")


def choice_meant(value: object, choices: Sequence[str]) -> str | None:
    """Find the choice that a word stands for.

    >>> choice_meant("初中", ("primary", "junior")), choice_meant("初中", ("G1-3", "G7-9"))
    ('junior', 'G7-9')
    """
    word = _plain(str(value))
    if word in choices:
        return word
    labels = [(m.value, _plain(m.label_zh)) for kind in (Tier, GradeBand, Stage) for m in kind]
    labels += [(choice, _plain(other)) for choice, others in _WORDS for other in others]
    exact = [choice for choice, label in labels if label == word and choice in choices]
    cases = [choice for choice in choices if _plain(choice) == word]
    near = difflib.get_close_matches(str(value), choices, 1, 0.5)
    return next(iter([*cases, *exact, *near]), None)


def _plain(word: str) -> str:
    return re.sub("[‐-—−]", "-", unicodedata.normalize("NFKC", word)).strip().lower()


def key_meant(name: str, known: Iterable[str]) -> str | None:
    """Find the key that another name of it stands for, exactly."""
    plain = _plain(name)
    return next((key for key, others in _KEYS if plain in others and key in known), None)


def truth_meant(value: object) -> str | None:
    """Find which of ``true`` and ``false`` a word stands for."""
    word = _plain(str(value))
    return next((truth for truth, words in _TRUTHS.items() if word in words), None)

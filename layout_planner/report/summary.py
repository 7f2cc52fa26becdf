"""Sentences with numbers: what a plan means for pupils, schools and classes. Figures come from the indicators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from layout_planner.grades import GradeBand, Tier
from layout_planner.report.words import code_word, join_names, persons, rounded, spell

if TYPE_CHECKING:
    from layout_planner.measures import PlanTables
    from layout_planner.plan import Plan

__all__ = [
    "Indicators",
    "against_sentences",
    "class_sentences",
    "commute_sentences",
    "finding_sentence",
    "moves_sentences",
    "summary_sentences",
]

_NEARLY_ALL, _CRUMB = 0.9995, 1e-9
SOME = 0.05
"""Pupils below this are crumbs of an estimate, not persons."""


class Indicators:
    """The indicators of a plan by code, as numbers and as a document spells them."""

    def __init__(self, tables: PlanTables) -> None:
        rows = tables.indicators
        self._values: dict[str, float] = dict(zip(rows["indicator"], rows["value"], strict=True))
        self._units: dict[str, str] = dict(zip(rows["indicator"], rows["unit"], strict=True))

    def __getitem__(self, code: str) -> float:
        return float(self._values.get(code, float("nan")))

    def say(self, code: str) -> str:
        """Spell an indicator for a sentence, without its unit."""
        unit, value = self._units.get(code, ""), self[code]
        if unit == "%" and _NEARLY_ALL <= value < 1 - _CRUMB:
            return "99.9%以上"  # not 100 %: somebody is left out
        return persons(value) if unit == "人" else spell(value, unit)

    def change(self, code: str, before: Indicators) -> float:
        """Subtract, as a document shows both numbers; nan counts as no change."""
        unit = self._units.get(code, "")
        difference = rounded(self[code], unit) - rounded(before[code], unit)
        return 0.0 if pd.isna(difference) else difference


def summary_sentences(
    plan: Plan, tables: PlanTables, before: PlanTables | None = None, label: str = "原方案"
) -> list[str]:
    """Sum a plan up in Chinese, with what changes against the plan before, which is called ``label``."""
    now = Indicators(tables)
    sentences = _commute_summary(str(plan.county.name), now)
    schools = pd.DataFrame(tables.schools)
    opened = schools[schools["is_open"].astype(bool)]
    tiers = [f"{code_word('tier', tier)}{n:,}所" for tier, n in _by_tier(opened)]
    crowded = int((opened["load"] > 1).sum())
    sentences.append(
        f"在办学校{now.say('schools_open')}所（{'、'.join(tiers)}），学位{now.say('seats')}个，"
        f"学生{now.say('assigned')}人；其中不足50人的学校{now.say('schools_under_50')}所，学生超过学位的{crowded:,}所。"
    )
    sentences.extend(class_sentences(tables))
    if before is not None:
        sentences.extend(against_sentences(tables, before, label))
    return sentences


def _commute_summary(county: str, now: Indicators) -> list[str]:
    sentences = [
        f"{county}{now.say('pupils')}名义务教育阶段学生中，{now.say('within_limit_share')}在规定时限内到校或寄宿；"
        f"走读学生单程平均{now.say('minutes_mean')}分钟，一半不超过{now.say('minutes_median')}分钟，"
        f"95%不超过{now.say('minutes_p95')}分钟，最长{now.say('minutes_max')}分钟。"
    ]
    parts = []
    for band in GradeBand:
        key = band.value.lower().replace("-", "_")
        within, mean = now.say(f"within_limit_share_{key}"), now.say(f"minutes_mean_{key}")
        parts.append(f"{band.label_zh}{within}在时限内、单程平均{mean}分钟")
    sentences.append("分年级段看，" + "；".join(parts) + "。")
    far, lost = now["g1_3_over_30"], now["unassigned"]
    if far > SOME:
        sentences.append(f"一至三年级有{now.say('g1_3_over_30')}名学生单程超过30分钟。")
    if lost > SOME:
        why = [
            f"{words}{now.say(code)}名"
            for code, words in (
                ("unassigned_unreachable", "到不了任何学校"),
                ("unassigned_no_seat", "学位不足"),
                ("unassigned_no_school", "没有开设其年级的学校"),
            )
            if now[code] > SOME
        ]
        sentences.append(f"有{now.say('unassigned')}名学生没有可去的学校" + (f"：{'，'.join(why)}。" if why else "。"))
    return sentences


def _by_tier(opened: pd.DataFrame) -> list[tuple[str, int]]:
    counts = opened["tier"].astype(str).value_counts()
    return [(tier.value, int(counts[tier.value])) for tier in Tier if tier.value in counts]


def commute_sentences(far: pd.DataFrame) -> list[str]:
    """Say how many villages have pupils beyond the limits, and where they are most."""
    if far.empty:
        return ["各村学生均在规定时限内到校或寄宿，没有无学校可去的学生。"]
    named = [
        f"{name or '未归村的居民点'}（{persons(over)}人）" for name, over in zip(far["name"], far["over"], strict=True)
    ]
    return [
        f"有{len(far):,}个村共{persons(float(far['over'].sum()))}名学生超出时限或没有学校，"
        f"人数最多的是{'、'.join(named[:3])}。"
    ]


def class_sentences(tables: PlanTables) -> list[str]:
    """Say how large the classes are and what is missing."""
    now = Indicators(tables)
    if not now["classes"] > 0:
        return []
    schools = pd.DataFrame(tables.schools)
    opened = schools[schools["is_open"].astype(bool)]
    head = f"按现有教室编班{now.say('classes')}个，平均班额{now.say('class_size_mean')}人"
    if now["classes_56_up"] == 0:
        text = f"{head}，没有56人及以上的大班额。"
    else:
        where = opened[(opened["classes_56_65"] + opened["classes_66_up"]) > 0].sort_values(
            ["class_size_max", "school_id"], ascending=[False, True]
        )
        share = spell(now["classes_56_up"] / now["classes"], "share")
        names = join_names(where["name"].astype(str), most=4)
        text = (
            f"{head}；56人及以上的大班额{now.say('classes_56_up')}个，占{share}，"
            f"其中66人及以上的超大班额{now.say('classes_66_up')}个，出现在{names}。"
        )
    if now["rooms_missing"] > 0:
        count = int((opened["rooms_missing"] > 0).sum())
        text += f"按班额上限编班，{count:,}所学校共缺教室{now.say('rooms_missing')}间。"
    return [text]


def against_sentences(tables: PlanTables, before: PlanTables, label: str) -> list[str]:
    """Say what changes against the plan before."""
    now, then = Indicators(tables), Indicators(before)
    parts = []
    if now["schools_open"] != then["schools_open"]:
        parts.append(f"在办学校由{then.say('schools_open')}所变为{now.say('schools_open')}所")
    minutes = now.change("minutes_mean", then)
    if minutes:
        parts.append(f"平均单程时间{'增加' if minutes > 0 else '减少'}{abs(minutes):.1f}分钟")
    share = now.change("within_limit_share", then) * 100
    if round(share, 1):
        parts.append(f"时限内比例{'下降' if share < 0 else '上升'}{abs(share):.1f}个百分点")
    for code, words in (("g1_3_over_30", "一至三年级单程超过30分钟的学生"), ("unassigned", "没有学校的学生")):
        if now.change(code, then):
            parts.append(f"{words}由{then.say(code)}名变为{now.say(code)}名")
    if now["classes_56_up"] != then["classes_56_up"]:
        parts.append(f"56人及以上的班由{then.say('classes_56_up')}个变为{now.say('classes_56_up')}个")
    if not parts:
        return [f"与“{label}”相比，主要指标没有变化。"]
    return [f"与“{label}”相比，" + "，".join(parts) + "。"]


def moves_sentences(moves: pd.DataFrame) -> list[str]:
    """Say how many pupils change school or mode and what it does to their way."""
    pupils = float(moves["pupils"].sum())
    if pupils <= 0:
        return []
    villages = moves.loc[moves["village_id"] != "", "village_id"].nunique()
    longer = float(moves.loc[moves["minutes_change"] > 1, "pupils"].sum())
    shorter = float(moves.loc[moves["minutes_change"] < -1, "pupils"].sum())
    known = moves[moves["minutes_change"].notna()]
    weight = float(known["pupils"].sum())
    mean = float((known["minutes_change"] * known["pupils"]).sum()) / weight if weight > 0 else 0.0
    text = (
        f"涉及{villages:,}个村{persons(pupils)}名学生更换学校或上学方式，其中{persons(longer)}人单程增加1分钟以上"
        f"{f'，{persons(shorter)}人减少1分钟以上' if shorter > SOME else ''}；"
        f"平均{'增加' if mean >= 0 else '减少'}{spell(abs(mean), '分钟')}分钟。"
    )
    worst = known.sort_values(["minutes_change", "village_id"], ascending=[False, True]).head(1)
    if len(worst) and float(worst["minutes_change"].iloc[0]) > 1:
        row = worst.iloc[0]
        text += (
            f"增加最多的是{row['name']}{code_word('band', row['band'])}学生，"
            f"由{spell(row['minutes_before'], '分钟')}分钟变为{spell(row['minutes_after'], '分钟')}分钟。"
        )
    return [text]


def finding_sentence(findings: pd.DataFrame, rule_sets: Sequence[str]) -> str:
    """Say which rules were applied and how many findings there are."""
    sets = "、".join(rule_sets)
    if findings.empty:
        return f"按{sets}检查，没有发现不符合或需提醒的事项。" if sets else "本情景没有指定规则集，未作规则检查。"
    counts = findings["severity"].value_counts()
    parts = [
        f"{code_word('severity', s)}{int(counts[s]):,}项" for s in ("veto", "error", "warning", "note") if s in counts
    ]
    return f"按{sets}检查，{'、'.join(parts)}。依据未经核对原文的规定只作提示，不作为否决理由。"

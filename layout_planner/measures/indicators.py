"""The county's indicators: what each is called, its unit, which way is better, and how it is computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pandas as pd

from layout_planner.columns import INDICATORS as INDICATOR_TABLE
from layout_planner.grades import GradeBand, Stage
from layout_planner.measures.capacity import attended_under, seats_short
from layout_planner.measures.commute import DAY_MODES, at_nearest, beyond, day_trips, trip_statistics

if TYPE_CHECKING:
    from layout_planner.plan import Plan

__all__ = ["INDICATORS", "Indicator", "indicator_frame"]

Better = Literal["low", "high", ""]


@dataclass(frozen=True)
class Indicator:
    """One county figure: id, Chinese and English label, unit, and which way is better (``low``, ``high`` or ``""``)."""

    id: str
    zh: str
    en: str
    unit: str
    better: Better = ""


def _registry() -> dict[str, Indicator]:
    by_band = [
        Indicator(
            f"within_limit_share_{_key(b)}", f"{b.label_zh}时限内比例", f"share within limit {b.value}", "%", "high"
        )
        for b in GradeBand
    ]
    minutes = [
        Indicator(f"minutes_mean_{_key(b)}", f"{b.label_zh}平均单程时间", f"mean minutes {b.value}", "分钟", "low")
        for b in GradeBand
    ]
    rest = [
        Indicator("pupils", "学生", "pupils", "人"),
        Indicator("assigned", "有学校的学生", "pupils with a school", "人", "high"),
        Indicator("unassigned", "没有学校的学生", "pupils without a school", "人", "low"),
        Indicator("unassigned_unreachable", "其中：到不了任何学校", "of these: no school in reach", "人", "low"),
        Indicator("unassigned_no_seat", "其中：无学位", "of these: no seat", "人", "low"),
        Indicator("unassigned_no_school", "其中：无此年级的学校", "of these: no school teaches the grade", "人", "low"),
        Indicator("minutes_mean", "平均单程时间", "mean minutes", "分钟", "low"),
        Indicator("minutes_median", "中位单程时间", "median minutes", "分钟", "low"),
        Indicator("minutes_p90", "90分位单程时间", "P90 minutes", "分钟", "low"),
        Indicator("minutes_p95", "95分位单程时间", "P95 minutes", "分钟", "low"),
        Indicator("minutes_max", "最长单程时间", "longest minutes", "分钟", "low"),
        *minutes,
        Indicator("metres_mean", "平均单程距离", "mean distance", "米", "low"),
        Indicator("metres_p95", "95分位单程距离", "P95 distance", "米", "low"),
        Indicator("within_limit_share", "时限内比例", "share within limit", "%", "high"),
        *by_band,
        Indicator("day_within_limit_share", "走读且在时限内比例", "share within limit, boarders left out", "%", "high"),
        Indicator("g1_3_over_30", "1—3年级单程超30分钟", "pupils G1-3 beyond 30 min", "人", "low"),
        Indicator("unsafe_pupils", "途中有危险路段的学生", "pupils who meet a danger on the way", "人", "low"),
        Indicator("nearest_share", "最近学校入学率", "nearest-school share", "%", "high"),
        Indicator("in_zone_share", "划片内就学率", "in-zone share", "%", "high"),
        *(
            Indicator(f"in_zone_share_{_key(b)}", f"{b.label_zh}划片内就学率", f"in-zone share {b.value}", "%", "high")
            for b in GradeBand
        ),
        Indicator("zone_gone", "学区内无在办学校的学生", "pupils whose catchment lost its school", "人", "low"),
        Indicator("walking", "步行学生", "walking pupils", "人"),
        Indicator("riding", "乘车学生", "riding pupils", "人"),
        Indicator("boarding", "寄宿学生", "boarding pupils", "人"),
        Indicator("walking_share", "步行比例", "walking share", "%"),
        Indicator("riding_share", "乘车比例", "riding share", "%"),
        Indicator("boarding_share", "寄宿比例", "boarding share", "%"),
        Indicator("schools_open", "在办学校", "open schools", "所"),
        Indicator("schools_under_50", "不足50人学校", "schools under 50 pupils", "所"),
        Indicator("schools_under_100", "不足100人学校", "schools under 100 pupils", "所"),
        Indicator("classes", "编班数", "classes", "班"),
        Indicator("class_size_mean", "平均班额", "mean class size", "人/班"),
        Indicator("class_size_max", "最大班额", "largest class", "人/班", "low"),
        Indicator("classes_over_limit", "超班额上限的班", "classes over the limit", "班", "low"),
        Indicator("classes_over_45", "46人及以上班数", "classes above 45", "班", "low"),
        Indicator("classes_56_up", "大班额班数（56人及以上）", "classes of 56 and over", "班", "low"),
        Indicator("classes_66_up", "超大班额班数（66人及以上）", "classes of 66 and over", "班", "low"),
        Indicator("rooms_missing", "缺教室", "rooms missing", "间", "low"),
        Indicator("seats", "在办学校学位", "seats of open schools", "人"),
        Indicator("seats_gap", "学位余缺（学位−学生）", "seats minus pupils", "人"),
        Indicator("seats_short", "各校学位缺口合计", "pupils beyond their school's seats", "人", "low"),
        Indicator("beds", "在办学校床位", "beds of open schools", "张"),
        Indicator("beds_short", "床位缺口", "boarders beyond beds", "张", "low"),
    ]
    return {indicator.id: indicator for indicator in (*rest, *_fairness())}


def _fairness() -> list[Indicator]:
    """List what tells of equity, balance and provision."""
    return [
        Indicator("minutes_gini", "单程时间基尼系数", "Gini of minutes", "系数", "low"),
        Indicator("minutes_theil", "单程时间泰尔指数", "Theil index of minutes", "系数", "low"),
        Indicator("minutes_between_share", "泰尔指数中乡镇之间占比", "share of Theil between townships", "%"),
        Indicator(
            "excess_commute", "过度通学率（比最近学校多走）", "excess commute over the nearest school", "%", "low"
        ),
        Indicator(
            "excess_commute_seats",
            "过度通学率（比学位约束下最省多走）",
            "excess commute over the best with seats",
            "%",
            "low",
        ),
        *(
            Indicator(
                f"access_variation_{s.value}",
                f"{s.label_zh}乡镇间学位可得性差异系数",
                f"variation of seats in reach, {s.value}",
                "系数",
                "low",
            )
            for s in Stage
        ),
        *(
            Indicator(
                f"balance_variation_{s.value}",
                f"{s.label_zh}差异系数（七项中最大）",
                f"largest official variation of seven, {s.value}",
                "系数",
                "low",
            )
            for s in Stage
        ),
        *(
            Indicator(
                f"balance_composite_{s.value}",
                f"{s.label_zh}综合差异系数（八项）",
                f"composite official variation of eight, {s.value}",
                "系数",
                "low",
            )
            for s in Stage
        ),
        Indicator("staff_needed", "应配教职工", "staff needed", "名"),
        Indicator("buses", "需校车（每车一趟）", "buses wanted at one trip each", "辆"),
        Indicator("funds_yuan", "公用经费", "public funds", "元/年"),
        Indicator("funds_floor_yuan", "其中：按保底人数增加", "of these by the floor", "元/年"),
    ]


def _key(band: GradeBand) -> str:
    return band.value.lower().replace("-", "_")


INDICATORS = _registry()
"""Every county indicator by id, in the order in which they are shown."""


def indicator_frame(
    plan: Plan, schools: pd.DataFrame, counts: pd.DataFrame, further: Mapping[str, float]
) -> pd.DataFrame:
    """Compute table ``indicators``.

    Parameters
    ----------
    plan : Plan
        Pupils and where they go.
    schools : DataFrame
        Table ``plan_schools``, measured.
    counts : DataFrame
        Class counts by school (:func:`layout_planner.measures.capacity.class_counts`).
    further : mapping of str to float
        Indicators that other tables give: pupils who meet a danger on the way, equity, balance and provision.

    Notes
    -----
    Shares are of all pupils (of the band), those without a school included. A boarder counts as within the limit in
    ``within_limit_share`` and not in ``day_within_limit_share``. Minutes and metres are of daily
    trips. Only schools with pupils count as under 50 or 100.
    """
    values = {**_pupil_values(plan), **_trip_values(plan), **_school_values(plan, schools, counts), **further}
    return pd.DataFrame(
        [(i.id, i.zh, values[i.id], i.unit, i.en, i.better) for i in INDICATORS.values()],
        columns=list(INDICATOR_TABLE.names),
    ).astype({"value": "float64"})


def _pupil_values(plan: Plan) -> dict[str, float]:
    rows = plan.assignment
    pupils, modes = rows["pupils"], rows.groupby("mode")["pupils"].sum()
    reasons = rows.groupby("reason")["pupils"].sum()
    total = float(pupils.sum())
    known = total if total > 0 else float("nan")
    values = {"pupils": total, "unassigned": float(modes.get("none", 0.0))}
    values["assigned"] = total - values["unassigned"]
    for reason in ("unreachable", "no_seat", "no_school"):
        values[f"unassigned_{reason}"] = float(reasons.get(reason, 0.0))
    for mode, name in (("walk", "walking"), ("ride", "riding"), ("board", "boarding")):
        values[name] = float(modes.get(mode, 0.0))
        values[f"{name}_share"] = values[name] / known
    values["within_limit_share"] = float(pupils[rows["within_limit"]].sum()) / known
    day = rows["within_limit"] & rows["mode"].isin(DAY_MODES)
    values["day_within_limit_share"] = float(pupils[day].sum()) / known
    for band in GradeBand:
        mine = rows["band"] == band.value
        whole = float(pupils[mine].sum())
        good = float(pupils[mine & rows["within_limit"]].sum())
        values[f"within_limit_share_{_key(band)}"] = good / whole if whole > 0 else float("nan")
    values["nearest_share"] = float(pupils[at_nearest(rows)].sum()) / known
    youngest = rows[rows["band"] == GradeBand.G1_3.value]
    values["g1_3_over_30"] = float(beyond(youngest, 30.0).sum())
    return values


def _trip_values(plan: Plan) -> dict[str, float]:
    trips = day_trips(plan.assignment)
    everybody = pd.Series("all", index=trips.index, name="everybody")
    stats = trip_statistics(trips, everybody)
    names = ("minutes_mean", "minutes_median", "minutes_p90", "minutes_p95", "minutes_max", "metres_mean", "metres_p95")
    values = {name: float(stats[name].get("all", float("nan"))) for name in names}
    by_band = trip_statistics(trips, trips["band"])["minutes_mean"]
    return values | {f"minutes_mean_{_key(b)}": float(by_band.get(b.value, float("nan"))) for b in GradeBand}


def _school_values(plan: Plan, schools: pd.DataFrame, counts: pd.DataFrame) -> dict[str, float]:
    opened = schools[schools["is_open"]]
    classes = counts.sum()
    total = float(plan.assignment["pupils"].sum())
    placed, formed = float(opened["pupils"].sum()), float(opened["classes"].sum())
    return {
        "schools_open": float(len(opened)),
        "schools_under_50": float(attended_under(opened["pupils"], 50).sum()),
        "schools_under_100": float(attended_under(opened["pupils"], 100).sum()),
        "classes": formed,
        "class_size_mean": placed / formed if formed > 0 else float("nan"),
        "class_size_max": float(opened["class_size_max"].max()),
        "classes_over_limit": float(classes["classes_over_limit"]),
        "classes_over_45": float(classes[["classes_46_55", "classes_56_65", "classes_66_up"]].sum()),
        "classes_56_up": float(classes[["classes_56_65", "classes_66_up"]].sum()),
        "classes_66_up": float(classes["classes_66_up"]),
        "rooms_missing": float(opened["rooms_missing"].sum()),
        "seats": float(opened["seats"].sum()),
        "seats_gap": float(opened["seats"].sum()) - total,
        "seats_short": float(seats_short(plan.schools[plan.schools["is_open"]], plan.assignment).sum()),
        "beds": float(opened["beds"].sum()),
        "beds_short": float((opened["boarders"] - opened["beds"]).clip(lower=0.0).sum()),
    }

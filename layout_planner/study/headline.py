"""The headline results of a study."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.columns import STUDY_MEASURES
from layout_planner.errors import Text
from layout_planner.measures.commute import weighted_mean, weighted_quantile
from layout_planner.study.reasons import PAST
from layout_planner.study.resample import interval
from layout_planner.study.tally import pooled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.study.enrolment import Estimate

    Floats = NDArray[np.float64]

__all__ = ["measure_table", "share_of"]

_UNAVOIDABLE = ("grade", "board", "seats", "season")
_SHARES = (
    ("nearest_share", Text("就读最近学校", "at the nearest school"), ("nearest",)),
    ("tied_share", Text("相差无几", "as near as the nearest"), ("tied",)),
    (
        "nearest_taught_share",
        Text("就读开设其年级的最近学校（含相差无几）", "at the nearest school that teaches the grade, or as near"),
        ("nearest", "tied", "grade"),
    ),
    ("past_share", Text("越过最近学校", "past the nearest school"), PAST),
    (
        "unavoidable_share",
        Text("其中：年级、寄宿、学位、季节所致", "of whom: for grade, boarding, seats or season"),
        _UNAVOIDABLE,
    ),
    ("air_share", Text("其中：直线最近、道路绕远", "of whom: nearest in the air, not by road"), ("air",)),
    ("zone_share", Text("其中：划片安排", "of whom: zoned there"), ("zone",)),
    ("choice_share", Text("其中：未能解释", "of whom: unexplained"), ("choice",)),
    ("unknown_share", Text("最近学校不明", "nearest school unknown"), ("unknown",)),
)
_MINUTES = {
    "minutes": Text("走读生", "of day pupils"),
    "nearest_minutes": Text("走读生到最近学校", "of day pupils to the nearest school"),
}
_LEAST = "村内谁去哪所学校没有记录，这是任何一种可能下的最低值"
_BY_NEAREST = "走读生，按道路距离；（实际 − 最近）÷ 实际。最近学校按方式和时间定，与距离最近的可略有不同"
_BY_SEATS = "走读生；各校学位不少于今天的在读人数，互换学位能省下的距离"
_NO_HOME = "所在村按需求点没有这个年级段的学生"

Row = tuple[str, Text, float, "Floats | None", str, str]


def measure_table(done: Estimate) -> pd.DataFrame:
    """Tabulate the headline results of the county with their intervals (table ``study_measures``)."""
    rows = []
    for name, said, value, draws, unit, about in _rows(done):
        low, high = (np.nan, np.nan)
        if draws is not None and len(draws):
            low, high = map(float, interval(draws, done.settings.level, value))
        rows.append((name, said.zh, said.en, float(value), low, high, unit, about))
    return pd.DataFrame(rows, columns=list(STUDY_MEASURES.names))


def _rows(done: Estimate) -> Iterator[Row]:
    county = {name: float(value) for name, value in pooled(done.sums.sum(axis=(0, 1))).items()}
    drawn = pooled(done.draws.sum(axis=(1, 2))) if len(done.draws) else {}
    yield "pupils", Text("学生", "pupils"), county["pupils"], None, "人", ""
    for name, said, parts in _SHARES:
        draws = np.sum([drawn[part] for part in parts], axis=0) if drawn else None
        yield name, said, sum(county[part] for part in parts), draws, "%", ""
    if done.attending.placed:
        least = done.least_nearest / county["pupils"] if county["pupils"] > 0 else np.nan
        said = Text(
            "就读开设其年级的最近学校：最低可能比例", "at the nearest school that teaches the grade, at the very least"
        )
        yield "nearest_taught_share_least", said, least, None, "%", _LEAST
    if done.way.zone_known.any():
        yield "in_zone_share", Text("划片内就学率", "in-zone share"), county["in_zone"], drawn.get("in_zone"), "%", ""
    said = Text("过度通学（比最近学校）", "excess commute against the nearest school")
    yield "excess_share", said, county["excess"], drawn.get("excess"), "%", _BY_NEAREST
    said = Text("过度通学（比学位约束下的最短）", "excess commute against the least within seats")
    yield "excess_seats_share", said, done.required.excess, None, "%", _BY_SEATS
    yield from _minutes(done)
    for factor, sums in done.speeds.items():
        said = Text(f"越过最近学校（速度×{factor:g}）", f"past the nearest school, speeds × {factor:g}")
        name = "past_share_faster" if factor > 1 else "past_share_slower"
        yield name, said, float(pooled(sums.sum(axis=(0, 1)))["past"]), None, "%", "路上速度一齐变化"
    said = Text("没有安放住处的学生", "pupils without a home placed")
    yield "unplaced", said, done.attending.unplaced, None, "人", _NO_HOME
    yield "without_school", Text("没有学校的学生", "pupils without a school"), done.without_school, None, "人", ""


def _minutes(done: Estimate) -> Iterator[Row]:
    """Give mean and P90 of the minutes of day pupils, as they go and to the nearest school."""
    day = ~done.attending.boards & np.isfinite(done.way.minutes) & np.isfinite(done.way.nearest_minutes)
    pupils = pd.Series(done.pupils[day])
    one = pd.Series(np.zeros(int(day.sum()), dtype=np.int64), name="all")
    for name, whose in _MINUTES.items():
        minutes = pd.Series(getattr(done.way, name)[day], name=name)
        mean, p90 = weighted_mean(minutes, pupils, one), weighted_quantile(minutes, pupils, one, 0.9)
        for word, said, found in (
            ("mean", Text(f"{whose.zh}平均时间", f"mean minutes {whose.en}"), mean),
            ("p90", Text(f"{whose.zh}90分位时间", f"P90 minutes {whose.en}"), p90),
        ):
            yield f"{name}_{word}", said, _only(found), None, "分钟", ""


def _only(found: pd.Series) -> float:
    """Take the value of a single group; nan where there is none."""
    values: list[float] = found.to_numpy(dtype=np.float64).tolist()
    return values[0] if values else float("nan")


def share_of(frame: pd.DataFrame, measure: str) -> tuple[float, float, float]:
    """Look up a headline result: value, low, high."""
    value, low, high = frame.set_index("measure")[["value", "low", "high"]].loc[[measure]].to_numpy(dtype=float)[0]
    return float(value), float(low), float(high)

"""Contradictions of the village table: pupils among people, bands against each other, villages against townships."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from layout_planner.errors import Severity, Text
from layout_planner.grades import GradeBand
from layout_planner.io.checks.contradiction import Contradiction, number, rows_of, warn
from layout_planner.io.loaded import Loaded

__all__ = ["check_township_totals", "check_villages"]

_BANDS = tuple(band.pupils_column for band in GradeBand)
_MOST_PUPILS_SHARE = 0.4
_FEWEST = 30.0
_IMBALANCE = 4.0
_TOTAL_SHARE, _TOTAL_PUPILS = 0.1, 20.0


def check_villages(villages: Loaded) -> None:
    """Report villages with more pupils than their people allow, or with bands out of all proportion."""
    for row, village in rows_of(villages):
        bands = {name: float(village[name]) for name in _BANDS if village[name] is not None}
        people, pupils = village["people"], sum(bands.values())
        if people is not None and pupils > max(_MOST_PUPILS_SHARE * people, 1.0):
            what = Text(
                f"人口 {number(people)}，学生却有 {number(pupils)}",
                f"{number(pupils)} pupils among {number(people)} people",
            )
            mend = Text(
                f"核对位数；学生一般不超过人口的 {_MOST_PUPILS_SHARE:.0%}", "check the digits of people and pupils"
            )
            warn(villages, row, Contradiction("pupils_people", ("people", *bands), what, mend))
        _check_bands(villages, row, bands)


def _check_bands(villages: Loaded, row: int, bands: dict[str, float]) -> None:
    """Report one band that is over four times, or under a quarter of, both others."""
    if len(bands) < len(_BANDS):
        return
    for name, value in bands.items():
        low, high = sorted(v for other, v in bands.items() if other != name)
        many = value > _IMBALANCE * max(high, 1.0) and value - high >= _FEWEST
        few = low > _IMBALANCE * max(value, 1.0) and low - value >= _FEWEST
        if many or few:
            what = Text(
                f"{villages.header(name)} {number(value)}，其余两段为 {number(low)} 和 {number(high)}",
                f"{number(value)} pupils in one band, {number(low)} and {number(high)} in the others",
            )
            mend = Text(
                f"似应在 {number((low + high) / 2)} 上下，核对位数", f"about {number((low + high) / 2)} are expected"
            )
            others = tuple(other for other in bands if other != name)
            warn(villages, row, Contradiction("bands_imbalance", (name, *others), what, mend))
            return


def check_township_totals(villages: Loaded, townships: gpd.GeoDataFrame) -> None:
    """Hold the villages' pupils against the totals of their township, where every village states them."""
    frame = villages.frame
    for township in townships.itertuples(index=False):
        own = frame[frame["township_id"] == township.township_id]
        for name in _BANDS:
            total = getattr(township, name)
            if own.empty or pd.isna(total) or own[name].isna().any():
                continue
            added = float(own[name].sum())
            gap = abs(added - float(total))
            if gap < _TOTAL_PUPILS or gap < _TOTAL_SHARE * max(added, float(total)):
                continue
            what = Text(
                f"{township.name}各村{villages.header(name)}合计 {number(added)}，乡镇统计为 {number(float(total))}",
                f"the villages of {township.name} add up to {number(added)}, the township says {number(float(total))}",
            )
            mend = Text(
                "核对乡镇图层的合计、各村人数和所属乡镇",
                "check the township's total, the villages and where they belong",
            )
            cells = [villages.cell(int(row), name) for row in own.index]
            villages.report("township_total", what, mend, column=name, severity=Severity.WARNING, cells=cells)

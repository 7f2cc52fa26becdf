"""What one plan adds to a map: its schools, and by grade band who goes where, how long it takes, and the catchments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layout_planner.grades import GradeBand
from layout_planner.maps.beyond import minutes_over, villages_beyond
from layout_planner.maps.catchments import MISSING, NO_SCHOOL, Cover
from layout_planner.maps.encode import Pool, packed, packed_like, polygon_lines
from layout_planner.maps.flows import flow_payload
from layout_planner.maps.geography import Geography
from layout_planner.maps.palettes import CLASSES, LOAD, MINUTES, OVER, Scale
from layout_planner.maps.strings import MODES
from layout_planner.measures import PlanTables
from layout_planner.plan import Plan

__all__ = ["BandLayer", "PlanLayer"]

MINUTES_STEP = 0.1
METRES_STEP = 10.0
PUPILS_STEP = 0.1
STEPS = {"minutes": MINUTES_STEP, "metres": METRES_STEP, "pupils": PUPILS_STEP, "over": MINUTES_STEP}

SCHOOL_NUMBERS: Mapping[str, int] = {
    "pupils": 0, "pupils_g1_3": 0, "pupils_g4_6": 0, "pupils_g7_9": 0, "seats": 0, "rooms": 0, "load": 3,
    "seats_gap": 0, "classes": 0, "classes_needed": 0, "rooms_missing": 0, "class_size_max": 0, "boarders": 0,
    "beds": 0, "minutes_mean": 1, "minutes_max": 1, "grade_from": 0, "grade_to": 0,
}  # fmt: skip
"""Columns of ``plan_schools`` that the page shows, and the decimals kept."""


HEADLINE: Mapping[str, tuple[str, int]] = {
    "pupils": ("pupils", 0),
    "within": ("within_limit_share", 4),
    "mean": ("minutes_mean", 1),
    "open": ("schools_open", 0),
    "large": ("classes_56_up", 0),
    "small": ("schools_under_50", 0),
    "none": ("unassigned", 0),
}
"""Figures of the page's header: the indicator of each, and the decimals kept."""


@dataclass(frozen=True, eq=False)
class BandLayer:
    """One grade band of one plan, aligned with ``Geography.demand``.

    Attributes
    ----------
    school : (n,) int array
        Position of the school that most pupils of the place attend; -1 none, -2 no pupils here.
    minutes, metres, pupils : (n,) float arrays
        Pupil-weighted means one way, and the number of pupils (estimates); NaN where there is none.
    mode : (n,) int array
        Position in ``MODES``.
    over : (n,) float array
        Minutes beyond the limit: 0 where most pupils of the place are within it, NaN without a school.
    rows : DataFrame
        The assignment of this band with positions: ``cell``, ``village``, ``to``, ``pupils``, ``minutes``, ``metres``,
        ``way``, ``over``.
    """

    band: GradeBand
    school: npt.NDArray[np.int64]
    minutes: npt.NDArray[np.float64]
    metres: npt.NDArray[np.float64]
    pupils: npt.NDArray[np.float64]
    mode: npt.NDArray[np.int64]
    over: npt.NDArray[np.float64]
    rows: pd.DataFrame

    @classmethod
    def of(cls, plan: Plan, band: GradeBand, geo: Geography) -> BandLayer:
        """Read one band from a plan's assignment."""
        rows = _band_rows(plan, band, geo)
        n = len(geo.demand)
        main = _largest_first(_together(rows)).drop_duplicates("cell")
        at = main["cell"].to_numpy()
        school = np.full(n, MISSING, dtype=np.int64)
        mode = np.full(n, MODES.index("none"), dtype=np.int64)
        school[at] = main["to"].to_numpy()
        mode[at] = main["way"].to_numpy()
        placed = rows[rows["to"] >= 0]
        return cls(
            band=band,
            school=school,
            minutes=_by_cell(placed, "minutes", n),
            metres=_by_cell(placed, "metres", n),
            pupils=np.bincount(rows["cell"], weights=rows["pupils"], minlength=n).astype(np.float64),
            mode=mode,
            over=np.where(_by_cell(placed, "within", n) < 0.5, _by_cell(placed[placed["over"] > 0], "over", n), 0.0)
            + np.where(np.bincount(placed["cell"], minlength=n) > 0, 0.0, np.nan),
            rows=rows,
        )

    def counts(self, scale: Scale, column: str, privacy: int) -> list[int | None]:
        """Count the pupils in each class; the last number is pupils without a school, ``None`` is under ``privacy``."""
        placed = self.rows[self.rows["to"] >= 0]
        classes = scale.classify(placed[column].to_numpy())
        known = classes >= 0
        sums = np.bincount(classes[known], weights=placed["pupils"].to_numpy()[known], minlength=len(scale.colors))
        lost = float(self.rows.loc[self.rows["to"] < 0, "pupils"].sum())
        return [None if 0 < n < privacy else n for n in np.rint([*sums, lost]).astype(int).tolist()]

    def payload(self, privacy: int, like: BandLayer | None = None) -> dict[str, Any]:
        """Collect the columns of the page; counts under ``privacy`` pupils leave no trace in it.

        ``like`` is the same band of the plan before on the page: only what differs from it is then written.
        """
        mine, other = self._columns(privacy), {} if like is None else like._columns(privacy)
        columns = {name: packed_like(mine[name], other.get(name), STEPS.get(name, 1.0)) for name in mine}
        return {
            **columns,
            "split": self._split(privacy),
            "counts": {
                "minutes": self.counts(MINUTES, "minutes", privacy),
                "over": self.counts(OVER, "over", privacy),
            },
        }

    def _columns(self, privacy: int) -> dict[str, npt.NDArray[Any]]:
        shown = np.where((self.pupils > 0) & (self.pupils < privacy), np.nan, self.pupils)
        return {"school": self.school, "minutes": self.minutes, "metres": self.metres, "mode": self.mode,
                "pupils": shown, "over": self.over}  # fmt: skip

    def villages(self, geo: Geography, privacy: int) -> dict[str, Any]:
        """Collect what one village's popup says of this band: pupils, means, main school and mode."""
        n = len(geo.villages)
        rows = self.rows[self.rows["village"] >= 0]
        pupils = np.bincount(rows["village"], weights=rows["pupils"], minlength=n)
        placed = rows[rows["to"] >= 0]
        main = (
            rows.groupby(["village", "to"], sort=True)
            .agg(pupils=("pupils", "sum"), way=("way", "first"))
            .reset_index()
            .sort_values(["village", "pupils", "to"], ascending=[True, False, True], kind="stable")
            .drop_duplicates("village")
        )
        school = np.full(n, MISSING, dtype=np.int64)
        mode = np.full(n, MODES.index("none"), dtype=np.int64)
        school[main["village"]] = main["to"]
        mode[main["village"]] = main["way"]
        village = placed.drop(columns="cell").rename(columns={"village": "cell"})
        return {
            "school": packed(school),
            "mode": packed(mode),
            "minutes": packed(_by_cell(village, "minutes", n), MINUTES_STEP),
            "metres": packed(_by_cell(village, "metres", n), METRES_STEP),
            "pupils": packed(np.where((pupils > 0) & (pupils < privacy), np.nan, pupils), PUPILS_STEP),
        }

    def _split(self, privacy: int) -> dict[str, list[list[float | None]]]:
        """List the places whose pupils go to several schools: position, pupils, minutes, metres, mode of each."""
        rows = _largest_first(_together(self.rows))
        several = rows[rows["cell"].duplicated(keep=False)]
        several = several[self.pupils[several["cell"]] >= privacy]
        out: dict[str, list[list[float | None]]] = {}
        columns = [several[name].tolist() for name in ("cell", "to", "pupils", "minutes", "metres", "way")]
        for cell, to, pupils, minutes, metres, way in zip(*columns, strict=True):
            part = [to, round(pupils, 1), _number(minutes, 1), _number(metres, -1), way]
            out.setdefault(str(cell), []).append(part)
        return out


@dataclass(frozen=True, eq=False)
class PlanLayer:
    """One plan on a map."""

    plan: Plan
    tables: PlanTables
    bands: tuple[BandLayer, ...]
    covers: tuple[Mapping[int, shapely.Geometry], ...]

    @classmethod
    def of(cls, plan: Plan, tables: PlanTables, geo: Geography, cover: Cover) -> PlanLayer:
        """Read a plan; ``cover`` divides the county among the demand points of ``geo``."""
        bands = tuple(BandLayer.of(plan, band, geo) for band in GradeBand)
        return cls(plan, tables, bands, tuple(cover.by_label(band.school) for band in bands))

    def payload(
        self, geo: Geography, colors: Mapping[int, int], privacy: int, pool: Pool, like: PlanLayer | None = None
    ) -> dict[str, Any]:
        """Collect this plan's part of the page; areas go to the ``pool``, ``like`` is the plan before on the page."""
        schools = self.schools(geo)
        before = [None] * len(self.bands) if like is None else like.bands
        return {
            "label": self.plan.label,
            "label_en": self.plan.scenario.title_en or self.plan.label,
            "headline": self.headline(),
            "schools": schools,
            "counts": {
                "load": _class_counts(LOAD, schools, "load"),
                "classes": _class_counts(CLASSES, schools, "class_size_max"),
            },
            "beyond": villages_beyond(self.bands, privacy),
            "bands": [
                {**band.payload(privacy, old), "catch": _areas(cover, colors, geo, pool),
                 "villages": band.villages(geo, privacy), "flows": flow_payload(band, privacy),
                 "ways": [], "rings": []}
                for band, cover, old in zip(self.bands, self.covers, before, strict=True)
            ],
        }  # fmt: skip

    def schools(self, geo: Geography) -> dict[str, list[Any]]:
        """Collect the school columns, aligned with ``geo.schools``; what the plan does not know is ``inactive``."""
        frame = pd.DataFrame(self.tables.schools).set_index("school_id").reindex(geo.schools["school_id"])
        out: dict[str, list[Any]] = {
            "tier": [str(v) if isinstance(v, str) else "" for v in frame["tier"]],
            "decision": [str(v) if isinstance(v, str) else "inactive" for v in frame["decision"]],
            "open": [int(v is True or v == 1) for v in frame["is_open"]],
        }
        for name, digits in SCHOOL_NUMBERS.items():
            values = pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=np.float64)
            out[name] = [_number(v, digits) for v in values.tolist()]
        return out

    def headline(self) -> dict[str, float | None]:
        """Pick the figures of the header from the measured indicators."""
        indicators = self.tables.indicators
        values = dict(zip(indicators["indicator"], indicators["value"].tolist(), strict=True))
        return {name: _number(values[code], digits) for name, (code, digits) in HEADLINE.items()}


def _band_rows(plan: Plan, band: GradeBand, geo: Geography) -> pd.DataFrame:
    rows = plan.assignment[(plan.assignment["band"] == band.value) & (plan.assignment["pupils"] > 0)]
    way = pd.Index(MODES).get_indexer(pd.Index(rows["mode"]))
    frame = pd.DataFrame(
        {
            "cell": geo.places(rows["demand_id"]),
            "village": geo.villages_of(rows["demand_id"]),
            "to": geo.positions(geo.schools, "school_id", rows["school_id"].fillna("")),
            "pupils": rows["pupils"].to_numpy(dtype=np.float64),
            "minutes": rows["minutes"].to_numpy(dtype=np.float64),
            "metres": rows["metres"].to_numpy(dtype=np.float64),
            "within": rows["within_limit"].fillna(value=False).to_numpy(dtype=np.float64),
            "way": np.where(way < 0, MODES.index("none"), way),
            "mode": rows["mode"].astype(str).to_numpy(),
        }
    )
    frame = frame.assign(over=minutes_over(frame, band, plan.scenario.travel))
    same = [name for name in frame if name != "pupils"]
    if not frame.duplicated(same).any():
        return frame
    return frame.groupby(same, sort=False, dropna=False)["pupils"].sum().reset_index()[list(frame)]


def _together(rows: pd.DataFrame) -> pd.DataFrame:
    """Add up the pupils who go from one place to one school in one way; minutes and metres are their means."""
    keys, means = ["cell", "to", "way"], ["minutes", "metres"]
    if not rows.duplicated(keys).any():
        return rows
    weighted = rows[means].mul(rows["pupils"], axis=0).assign(pupils=rows["pupils"], **{k: rows[k] for k in keys})
    sums = weighted.groupby(keys, sort=True).sum(min_count=1).reset_index()
    return sums.assign(**{name: sums[name] / sums["pupils"] for name in means})


def _largest_first(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values(["cell", "pupils", "to"], ascending=[True, False, True], kind="stable")


def _by_cell(rows: pd.DataFrame, column: str, n: int) -> npt.NDArray[np.float64]:
    known = rows[np.isfinite(rows[column].to_numpy(dtype=np.float64))]
    weights = np.bincount(known["cell"], weights=known["pupils"], minlength=n)
    sums = np.bincount(known["cell"], weights=known["pupils"] * known[column], minlength=n)
    return np.divide(sums, weights, out=np.full(n, np.nan), where=weights > 0)


def _areas(
    cover: Mapping[int, shapely.Geometry], colors: Mapping[int, int], geo: Geography, pool: Pool
) -> list[list[int]]:
    labels = list(cover)
    degrees = geo.degrees(gpd.GeoSeries([cover[label] for label in labels], crs=geo.county.crs))
    return [
        [label, colors.get(label, NO_SCHOOL), pool.put(polygon_lines(area))]
        for label, area in zip(labels, degrees, strict=True)
    ]


def _class_counts(scale: Scale, schools: Mapping[str, Sequence[Any]], column: str) -> list[int]:
    values = [
        v if v is not None and is_open else np.nan for v, is_open in zip(schools[column], schools["open"], strict=True)
    ]
    classes = scale.classify(np.array(values, dtype=np.float64))
    return [int(n) for n in np.bincount(classes[classes >= 0], minlength=len(scale.colors))]


def _number(value: float, digits: int) -> float | int | None:
    if not np.isfinite(value):
        return None
    return round(value, digits) if digits > 0 else int(round(value, digits))

"""The tables of a study, each with exactly the columns of the registry."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.columns import STUDY_FLOWS, STUDY_REASONS, STUDY_SHARES
from layout_planner.measures.commute import weighted_mean
from layout_planner.study.reach import BANDS
from layout_planner.study.reasons import PAST, REASONS, reasons
from layout_planner.study.resample import interval
from layout_planner.study.tally import pooled, tally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from layout_planner.study.enrolment import Estimate

    Floats = NDArray[np.float64]

__all__ = ["RURAL", "URBAN", "flow_table", "reason_table", "share_table", "tie_table", "trip_frame"]

URBAN, RURAL = "urban", "rural"
_CRUMB = 1e-9
_TIED = ("nearest", "tied", "past", "seats", "choice")


def trip_frame(done: Estimate) -> pd.DataFrame:
    """List the trips: home, school, reason, pupils, boards, minutes and metres there and to the nearest."""
    pairs, trips, nearest = done.found.pairs, done.attending, done.nearest[done.attending.unit]
    there = nearest >= 0
    near = np.full(len(nearest), "", dtype=object)
    near[there] = pairs.school_id[pairs.school[nearest[there]]]
    near_metres = np.full(len(nearest), np.nan)
    near_metres[there] = pairs.metres[nearest[there]]
    return pd.DataFrame({
        "demand_id": pairs.demand_id[trips.unit], "village_id": done.where.village[trips.unit],
        "town": done.where.town[trips.unit], "band": pairs.bands[trips.unit],
        "school_id": trips.school_ids[trips.school], "reason": np.array(REASONS, dtype=object)[done.why],
        "pupils": done.pupils, "boards": trips.boards, "minutes": done.way.minutes, "metres": done.way.metres,
        "nearest_school_id": near, "nearest_minutes": done.way.nearest_minutes, "nearest_metres": near_metres,
        "in_zone": np.where(done.way.zone_known, done.way.in_zone.astype(float), np.nan),
    })  # fmt: skip


def flow_table(done: Estimate) -> pd.DataFrame:
    """Tabulate where the pupils of every village go and why (table ``study_flows``), most pupils of a village first."""
    trips = trip_frame(done)
    trips = trips[trips["pupils"] > _CRUMB].reset_index(drop=True)
    keys = ["village_id", "town", "band", "school_id", "reason"]
    by = [trips[key] for key in keys]
    out = trips.assign(boarders=trips["pupils"].where(trips["boards"], 0.0)).groupby(keys, sort=True)[
        ["pupils", "boarders"]
    ].sum()  # fmt: skip
    for name, column in (("minutes", "minutes_mean"), ("metres", "metres_mean"), ("in_zone", "in_zone"),
                         ("nearest_minutes", "nearest_minutes"), ("nearest_metres", "nearest_metres")):  # fmt: skip
        known = trips[name].notna()
        out[column] = weighted_mean(trips[name].fillna(0.0), trips["pupils"].where(known, 0.0), by)
    near = trips.groupby([*keys, "nearest_school_id"], sort=True)["pupils"].sum().reset_index()
    near = near.sort_values([*keys, "pupils"], ascending=[True] * len(keys) + [False], kind="stable")
    out["nearest_school_id"] = near.drop_duplicates(keys).set_index(keys)["nearest_school_id"]
    out = out.reset_index()
    schools = _names(done.county.schools, "school_id")
    out["school"] = out["school_id"].map(schools)
    out["nearest_school"] = out["nearest_school_id"].map(schools).fillna("")
    out["village"] = out["village_id"].map(_names(done.county.villages, "village_id")).fillna("")
    out["township"] = np.array(done.where.town_names, dtype=object)[out["town"]]
    out["setting"] = np.where(done.where.urban[out["town"]], URBAN, RURAL)
    out = out.sort_values(["village_id", "band", "pupils", "school_id", "reason"],
                          ascending=[True, True, False, True, True], ignore_index=True)  # fmt: skip
    return out[list(STUDY_FLOWS.names)]


def _names(frame: pd.DataFrame, key: str) -> dict[str, str]:
    return dict(zip(frame[key].astype(str), frame["name"].astype(str), strict=True))


def _grouped(done: Estimate, sums: Floats) -> tuple[list[tuple[str, str]], Floats]:
    """Add up sums (…, townships, bands, reasons, sums) by group: names, and (…, groups, reasons, sums)."""
    by_band, by_town = sums.sum(axis=-4), sums.sum(axis=-3)
    urban = done.where.urban
    parts, names = [by_town.sum(axis=-3)[..., None, :, :]], [("county", "all")]
    parts.append(by_band)
    names += [("band", band.value) for band in BANDS]
    for word, mine in ((URBAN, urban), (RURAL, ~urban)):
        if mine.any():
            parts.append(by_town[..., mine, :, :].sum(axis=-3)[..., None, :, :])
            names.append(("setting", word))
    parts.append(by_town)
    names += [("township", name) for name in done.where.town_names]
    return names, np.concatenate(parts, axis=-3)


def share_table(done: Estimate) -> pd.DataFrame:
    """Tabulate the shares by county, band, town and country, and township (table ``study_shares``)."""
    names, sums = _grouped(done, done.sums)
    shares = pooled(sums)
    out = pd.DataFrame(names, columns=["grouping", "member"])
    for reason in REASONS:
        out[f"{reason}_share"] = shares[reason]
    renamed = {"past": "past_share", "excess": "excess_share", "in_zone": "in_zone_share", "minutes": "minutes_mean",
               "nearest_minutes": "nearest_minutes", "metres": "metres_mean", "least_metres": "nearest_metres",
               "pupils": "pupils"}  # fmt: skip
    for name, column in renamed.items():
        out[column] = shares[name]
    drawn = pooled(_grouped(done, done.draws)[1]) if len(done.draws) else {}
    for name in ("nearest", "past", "choice", "excess"):
        low, high = interval(drawn[name], done.settings.level, shares[name]) if drawn else (np.nan, np.nan)
        out[f"{name}_low"], out[f"{name}_high"] = low, high
    out = out[out["pupils"] > 0]
    return out[list(STUDY_SHARES.names)].reset_index(drop=True)


def reason_table(done: Estimate) -> pd.DataFrame:
    """Tabulate the reasons by band and for all bands (table ``study_reasons``)."""
    rows = []
    by_band = done.sums.sum(axis=0)
    every = np.concatenate([by_band, by_band.sum(axis=0, keepdims=True)])
    drawn = done.draws.sum(axis=1) if len(done.draws) else np.zeros((0, *by_band.shape))
    drawn = np.concatenate([drawn, drawn.sum(axis=1, keepdims=True)], axis=1)
    for k, band in enumerate([*(b.value for b in BANDS), "all"]):
        pupils = every[k, :, 0]
        total, past = pupils.sum(), pupils[2:9].sum()
        if total <= 0:
            continue
        low, high = np.full(len(REASONS), np.nan), np.full(len(REASONS), np.nan)
        if len(drawn):
            parts = drawn[:, k, :, 0] / drawn[:, k, :, 0].sum(axis=1, keepdims=True)
            low, high = interval(parts, done.settings.level, pupils / total)
        for r, reason in enumerate(REASONS):
            day = every[k, r, 1]
            there, near = every[k, r, 2:4] / day if day > 0 else (np.nan, np.nan)
            of_past = pupils[r] / past if past > 0 and reason in PAST else np.nan
            rows.append(
                (band, reason, pupils[r], pupils[r] / total, low[r], high[r], of_past, there, near, there - near)
            )
    found = pd.DataFrame(rows, columns=list(STUDY_REASONS.names))
    order = {"all": 0} | {b.value: i for i, b in enumerate(BANDS, 1)}
    return found.sort_values("band", key=lambda s: s.map(order), kind="stable", ignore_index=True)


def tie_table(done: Estimate, ties_min: Sequence[float]) -> pd.DataFrame:
    """Ask for the reasons anew with other ties; see :meth:`layout_planner.study.EnrolmentStudy.by_tie`."""
    attending, rows = done.attending, []
    for tie in ties_min:
        facts = replace(done.facts, tie_min=float(tie))
        why = reasons(done.found, done.found.key, attending.trips, attending.boards, done.way.in_zone, facts)
        found = pooled(tally(done.way, why, done.pupils).sum(axis=(0, 1)))
        rows.append((float(tie), *(float(found[name]) for name in _TIED)))
    return pd.DataFrame(rows, columns=["tie_min", *(f"{name}_share" for name in _TIED)])

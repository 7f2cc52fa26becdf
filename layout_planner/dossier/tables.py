"""The frames of the ledger: schools today, grades by year, flows, impact, receiving schools, schools nearby."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from layout_planner import columns_dossier as case
from layout_planner.assign.options import options
from layout_planner.dossier.basis import bus_occupants
from layout_planner.dossier.cases import CLOSE, CONVERT, Cases, once, persons_of
from layout_planner.dossier.vetoes import vetoes_frame
from layout_planner.grades import GRADES, GradeBand, Tier, grade_label
from layout_planner.measures.commute import DAY_MODES
from layout_planner.measures.money import buses_wanted
from layout_planner.report.words import code_word, tidy
from layout_planner.supply.schools import COUNTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from layout_planner.columns import Table

__all__ = [
    "case_county", "case_dangers", "case_flows", "case_grades", "case_impact", "case_nearest", "case_receiving",
    "case_schools", "case_total", "moves_in_words",
]  # fmt: skip

YEARS = 5
NEARBY = 5
_HALF_HOUR = 30.0
_LONGER_MIN = 1.0
_ROLES = {CLOSE: "撤并", CONVERT: "改为教学点"}
_STATES = {"vetoes": "triggered", "open_questions": "unknown", "clear": "clear"}
_GIVEN = ("classes", "boarders", "building_m2", "site_m2", "canteen_m2", "books")
_COUNTY = (
    "pupils", "schools_open", "schools_under_50", "schools_under_100", "minutes_mean", "minutes_p95", "minutes_max",
    "within_limit_share", "g1_3_over_30", "unassigned", "walking", "riding", "boarding", "unsafe_pupils", "seats",
    "classes", "class_size_mean", "class_size_max", "classes_56_up", "rooms_missing", "seats_short", "beds_short",
)  # fmt: skip


def case_schools(cases: Cases) -> pd.DataFrame:
    """Describe the schools concerned and those that receive, as the school table has them (``case_schools``)."""
    then = cases.before.schools.set_index("school_id")
    nearby = cases.before.tables.schools.set_index("school_id")["pupils"]
    given = _as_stated(cases)
    rows = []
    for code in [*cases.decided, *(c for c in cases.receiving if c not in cases.decided)]:
        facts, school = given[code], then.loc[code]
        enrolment, teachers = _number(facts, "enrolment"), _number(facts, "teachers")
        ratio = round(enrolment / teachers, 1) if teachers and teachers > 0 and np.isfinite(enrolment) else np.nan
        rows.append({
            "school_id": code, "name": str(school["name"]), "township": str(school["township"]),
            "role": _ROLES.get(cases.decided.get(code, ""), "接收"), "tier": Tier(str(school["tier"])).label_zh,
            "grades": _span(int(school["grade_from"]), int(school["grade_to"])), "seats": float(school["seats"]),
            "rooms": float(school["rooms"]), "beds": _number(facts, "beds"), "enrolment": enrolment,
            "teachers": teachers, "pupils_per_teacher": ratio, "nearby_pupils": float(np.rint(nearby[code])),
            **{name: _number(facts, name) for name in _GIVEN},
        })  # fmt: skip
    return _ordered(pd.DataFrame(rows), case.CASE_SCHOOLS)


def _as_stated(cases: Cases) -> dict[str, pd.Series]:
    """Give the rows of the school table by id without the noughts that stand for what nobody stated.

    A reader of tables fills counts with nought. Where a whole column is nought it was not given; a school in operation
    without teachers or classes has not stated them.
    """
    given = pd.DataFrame(cases.before.county.schools.drop(columns="geometry")).set_index("school_id")
    for name in (name for name in COUNTS if name in given):
        stated = given[name].astype("float64")
        never = name in ("teachers", "classes") or not (stated > 0).any()
        given[name] = stated.mask(stated == 0) if never else stated
    return {str(code): row for code, row in given.iterrows()}


def _number(row: pd.Series, name: str) -> float:
    value = row.get(name)
    return float("nan") if value is None or pd.isna(value) else float(value)


def _span(low: int, high: int) -> str:
    return grade_label(low) if low == high else f"{grade_label(low)[0]}至{grade_label(high)}"


def moves_in_words(cases: Cases) -> pd.DataFrame:
    """Give the moves with their modes in words (``case_moves``)."""
    modes = {name: [code_word("mode", mode) for mode in cases.moves[name]] for name in ("mode_before", "mode_after")}
    least = cases.scenario.publish.min_pupils
    published = [str(n) if n >= least else f"少于{least}" for n in cases.moves["pupils"]]
    return cases.moves.assign(**modes, published=published)


def _ordered(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    return frame.reindex(columns=[name for name in table.names if name != "ref"])


def case_grades(cases: Cases) -> pd.DataFrame:
    """List the enrolment of the schools concerned, by year and grade, the last years given (``case_grades``)."""
    county = cases.before.county
    names = [f"enrol_g{g}" for g in GRADES]
    given = pd.DataFrame(county.enrolment)
    kept = [name for name in ("school_id", "year", *names, "enrolment") if name in given]
    frame = given[given["school_id"].astype(str).isin(list(cases.decided))][kept] if "year" in given else given[:0]
    frame = frame.reindex(columns=["school_id", "year", *names, "enrolment"])
    frame = frame.astype(dict.fromkeys((*names, "enrolment"), "float64"))
    summed = frame[names].sum(axis=1, min_count=1)
    frame["enrolment"] = frame["enrolment"].fillna(summed)
    frame = frame.sort_values(["school_id", "year"]).groupby("school_id", sort=True).tail(YEARS)
    frame = frame[frame["enrolment"].notna()]
    taught = cases.before.schools.set_index("school_id")[["grade_from", "grade_to"]]
    for g in GRADES:
        low, high = (frame["school_id"].map(taught[name]) for name in ("grade_from", "grade_to"))
        frame[f"enrol_g{g}"] = frame[f"enrol_g{g}"].where((low <= g) & (high >= g))
    frame["name"] = [cases.name_of(str(code)) for code in frame["school_id"]]
    frame["year"] = [f"{int(year)}—{int(year) + 1}" for year in frame["year"]]
    return _ordered(frame, case.CASE_GRADES)


def case_flows(cases: Cases) -> pd.DataFrame:
    """Sum the moves by school and receiving school (``case_flows``), the most pupils first."""
    rows, occupants = [], bus_occupants(cases.scenario)
    for (code, to), part in cases.moves.groupby(["school_id", "to_school_id"], sort=True):
        minutes = _minutes(cases.moved_from(str(code), str(to)))
        count, modes = int(part["pupils"].sum()), _by_mode(part)
        rows.append(
            {"school_id": code, "name": cases.name_of(str(code)), "to_school_id": to,
             "to_school": cases.name_of(str(to)) if to else "没有学校", "shown": "不足1" if count == 0 else str(count),
             "pupils": count, "villages": _villages(part), "minutes_max": minutes["minutes_max_after"],
             "buses": int(buses_wanted(pd.Series([float(modes["riders"])]), occupants=occupants)[0])}
            | modes | {name: minutes[name] for name in ("minutes_before", "minutes_after")}
        )  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(case.CASE_FLOWS.names))
    frame = frame.sort_values(["school_id", "pupils", "to_school_id"], ascending=[True, False, True], kind="stable")
    return _ordered(frame, case.CASE_FLOWS)


def _villages(part: pd.DataFrame) -> int:
    return int(part.loc[part["village_id"] != "", "village_id"].nunique())


def _by_mode(part: pd.DataFrame) -> dict[str, int]:
    modes = {"walkers": "walk", "riders": "ride", "boarders": "board"}
    return {name: int(part.loc[part["mode_after"] == mode, "pupils"].sum()) for name, mode in modes.items()}


def _minutes(moved: pd.DataFrame) -> dict[str, float]:
    """Average daily trips before and after over the pupils who travel daily, and give the longest."""
    out: dict[str, float] = {}
    for side in ("before", "after"):
        day = moved[moved[f"mode_{side}"].isin(DAY_MODES)]
        minutes = day[f"minutes_{side}"].to_numpy(np.float64)
        mean = float(np.average(minutes, weights=day["pupils"])) if len(day) else np.nan
        out[f"minutes_{side}"] = round(mean, 1)
        out[f"minutes_max_{side}"] = round(float(minutes.max()), 1) if len(day) else np.nan
    return out


@once
def case_impact(cases: Cases) -> pd.DataFrame:
    """Sum up for every school concerned what its pupils face (``case_impact``). Source: RULES A4.8, C3."""
    exposed = case_dangers(cases).groupby("school_id")["pupils"].max()
    sheet = vetoes_frame(cases).groupby("school_id")["veto"].value_counts()
    rows = []
    for code in cases.decided:
        part, moved = cases.moves[cases.moves["school_id"] == code], cases.moved_from(code)
        daily = moved["mode_after"].isin(DAY_MODES)
        minutes = _minutes(moved)
        far = {
            side: moved[f"mode_{side}"].isin(DAY_MODES) & (moved["band"] == GradeBand.G1_3.value)
            & (moved[f"minutes_{side}"] > _HALF_HOUR) for side in ("before", "after")
        }  # fmt: skip
        longer = daily & (moved["minutes_after"] - moved["minutes_before"] > _LONGER_MIN)
        rows.append(
            {"school_id": code, "name": cases.name_of(code), "pupils": int(part["pupils"].sum()),
             "villages": _villages(part),
             "minutes_change": round(minutes["minutes_after"] - minutes["minutes_before"], 1),
             "longer": persons_of(moved.loc[longer, "pupils"]),
             "far_young": persons_of(moved.loc[far["after"], "pupils"]),
             "far_young_before": persons_of(moved.loc[far["before"], "pupils"]),
             "beyond": persons_of((moved["pupils"] - moved["within"])[daily]),
             "riders_before": int(part.loc[part["mode_before"] == "ride", "pupils"].sum()),
             "unassigned": persons_of(moved.loc[moved["school_id_after"] == "", "pupils"]),
             "exposed": int(exposed.get(code, 0)),
             **{name: int(sheet.get((code, state), 0)) for name, state in _STATES.items()}}
            | _by_mode(part) | minutes
        )  # fmt: skip
    return _ordered(pd.DataFrame(rows, columns=list(case.CASE_IMPACT.names)), case.CASE_IMPACT)


def case_total(cases: Cases) -> pd.DataFrame:
    """Add up the impact of all schools concerned (``case_total``, one row); a village counts once."""
    summed = case_impact(cases)
    kinds = list(cases.decided.values())
    added = (
        "pupils", "longer", "riders", "riders_before", "boarders", "far_young", "far_young_before", "beyond",
        "unassigned", "vetoes", "open_questions",
    )  # fmt: skip
    row = {
        "closed": kinds.count(CLOSE),
        "converted": kinds.count(CONVERT),
        "villages": _villages(cases.moves),
        **_works(cases),
        "note": tidy(cases.scenario.note),
    }
    return _ordered(pd.DataFrame([row | {name: int(summed[name].sum()) for name in added}]), case.CASE_TOTAL)


def _works(cases: Cases) -> dict[str, int]:
    """Count what else a plan does: schools opened and lifted, rooms and beds added, beds given up."""
    then, now = (plan.schools.set_index("school_id") for plan in (cases.before, cases.after))
    is_open = now["is_open"].astype(bool)
    was_open = then["is_open"].astype(bool).reindex(now.index, fill_value=False)
    grown = {
        name: (now[name].astype(float) - then[name].reindex(now.index).fillna(0).astype(float).where(was_open, 0.0))
        for name in ("rooms", "beds", "grade_to")
    }
    both = is_open & was_open
    beds = grown["beds"].where(is_open, 0.0)
    return {
        "opened": int((is_open & ~was_open).sum()), "lifted": int((both & (grown["grade_to"] > 0)).sum()),
        "rooms_added": int(grown["rooms"].where(both, 0.0).clip(lower=0).sum()),
        "beds_added": int(beds.clip(lower=0).sum()), "beds_removed": int(-beds.clip(upper=0).sum()),
    }  # fmt: skip


def case_receiving(cases: Cases) -> pd.DataFrame:
    """Set what the receiving schools have against what they will need (``case_receiving``)."""
    then, now = (plan.tables.schools.set_index("school_id") for plan in (cases.before, cases.after))
    given = _as_stated(cases)
    received = cases.moves.groupby("to_school_id")["pupils"].sum()
    rows = []
    for code in cases.receiving:
        old, new = then.loc[code], now.loc[code]
        teachers = _number(given[code], "teachers")
        before, after = round(float(old["pupils"])), round(float(new["pupils"]))
        ratio = round(after / teachers, 1) if np.isfinite(teachers) and teachers > 0 else np.nan
        boards = round(float(new["boarders"]))
        rows.append({
            "school_id": code, "name": cases.name_of(code), "seats": int(new["seats"]), "pupils_before": before,
            "received": int(received[code]), "pupils_after": after, "seats_left": int(new["seats"]) - after,
            "rooms": int(new["rooms"]), "classes_before": int(old["classes"]), "classes_after": int(new["classes"]),
            "rooms_missing_before": int(old["rooms_missing"]), "rooms_missing": int(new["rooms_missing"]),
            "class_max_before": _class(old), "class_max_after": _class(new),
            "beds": int(new["beds"]), "boarders_after": boards, "beds_left": int(new["beds"]) - boards,
            "teachers": teachers, "pupils_per_teacher": ratio,
        })  # fmt: skip
    return _ordered(pd.DataFrame(rows, columns=list(case.CASE_RECEIVING.names)), case.CASE_RECEIVING)


def _class(row: pd.Series) -> float:
    """Count the largest class in whole persons."""
    size = float(row["class_size_max"])
    return float(np.ceil(size - 1e-6)) if np.isfinite(size) else float("nan")


def case_nearest(cases: Cases) -> pd.DataFrame:
    """List the open schools nearest to the homes of the pupils who move, school by school (``case_nearest``)."""
    names = list(case.CASE_NEAREST.names)
    if cases.times is None:
        return _ordered(pd.DataFrame(columns=names), case.CASE_NEAREST)
    after = cases.after.tables.schools.set_index("school_id")
    rows = []
    for code in cases.decided:
        moved = cases.moved_from(code)
        if moved.empty:
            continue
        chosen = set(moved["school_id_after"])
        for to, found in _in_reach(cases, moved).head(NEARBY).iterrows():
            school = after.loc[str(to)]
            rows.append({
                "school_id": code, "name": cases.name_of(code), "to_school_id": str(to),
                "to_school": cases.name_of(str(to)),
                "tier": code_word("tier", school["tier"]), "minutes": round(float(found["minutes"]), 1),
                "reached": round(float(found["reached"])), "pupils": round(float(moved["pupils"].sum())),
                "seats": int(school["seats"]), "seats_left": int(school["seats"]) - round(float(school["pupils"])),
                "chosen": "采用" if str(to) in chosen else "",
            })  # fmt: skip
    return _ordered(pd.DataFrame(rows, columns=names), case.CASE_NEAREST)


def _in_reach(cases: Cases, moved: pd.DataFrame) -> pd.DataFrame:
    """Measure the schools in reach of some pupils: ``reached`` persons within the limits, mean ``minutes`` of all."""
    demand = cases.after.county.demand
    assert demand is not None
    assert cases.times is not None
    by_band = moved.pivot_table(index="demand_id", columns="band", values="pupils", aggfunc="sum").fillna(0.0)
    here = demand[demand["demand_id"].astype(str).isin(by_band.index.astype(str))].copy()
    for band in GradeBand:
        known = by_band[band.value] if band.value in by_band else pd.Series(dtype=float)
        here[band.pupils_column] = here["demand_id"].map(known).fillna(0.0).astype(float)
    times = cases.times_from(set(here["demand_id"].astype(str)))
    pairs = options(times, cases.after.schools, here, cases.scenario.travel)
    pupils = pairs.pupils[pairs.rows]
    frame = pd.DataFrame({
        "school_id": pairs.school_id[pairs.school], "pupils": pupils, "weighted": pupils * pairs.minutes,
        "reached": np.where(pairs.tier <= 1, pupils, 0.0),
    })  # fmt: skip
    summed = frame.groupby("school_id", sort=True).sum()
    summed["minutes"] = summed["weighted"] / summed["pupils"]
    everybody = summed["pupils"] > 0.5 * float(moved["pupils"].sum())
    summed = summed[everybody | (summed["reached"] > 0)]
    return summed.sort_values(["minutes"], kind="stable")


@once
def case_dangers(cases: Cases) -> pd.DataFrame:
    """List what the pupils who move meet on the new way, inferred from the roads (``case_dangers``)."""
    names = [*case.CASE_DANGERS.names, "village_id"]
    dangers = pd.DataFrame(cases.after.tables.dangers)
    if dangers.empty:
        return _ordered(pd.DataFrame(columns=names), case.CASE_DANGERS)
    met = cases.moves.merge(
        dangers, left_on=["village_id", "band", "to_school_id", "mode_after"],
        right_on=["village_id", "band", "school_id", "mode"], suffixes=("", "_met"),
    )  # fmt: skip
    met["pupils"] = np.minimum(met["pupils"], np.ceil(met["pupils_met"] - 0.5)).astype("int64")
    met["km"], met["times"] = (met["metres_mean"] / 1000).round(1), met["times_mean"].round(1)
    met = met[met["pupils"] > 0]
    return _ordered(met.sort_values(["school_id", "pupils"], ascending=[True, False], kind="stable"),
                    case.CASE_DANGERS)  # fmt: skip


def case_county(cases: Cases, wanted: Iterable[str] = _COUNTY) -> pd.DataFrame:
    """Set the county's figures of both plans side by side (``case_county``)."""
    then, now = (plan.tables.indicators.set_index("indicator") for plan in (cases.before, cases.after))
    rows = []
    for code in wanted:
        if code not in now.index or code not in then.index:
            continue
        unit = str(now.loc[code, "unit"])
        old, new = (_rounded(float(frame.loc[code, "value"]), unit) for frame in (then, now))
        if np.isfinite(new):
            rows.append({"indicator": code, "label": str(now.loc[code, "label"]), "before": old, "after": new,
                         "change": _rounded(new - old, unit), "unit": unit})  # fmt: skip
    return _ordered(pd.DataFrame(rows, columns=list(case.CASE_COUNTY.names)), case.CASE_COUNTY)


def _rounded(value: float, unit: str) -> float:
    """Round as documents show it: whole counts, one decimal of minutes, a tenth of a percent."""
    if not np.isfinite(value):
        return value
    return round(value, {"%": 3, "分钟": 1, "人/班": 1}.get(unit, 0))


def bounds_of(cases: Cases, code: str) -> tuple[float, float, float, float]:
    """Bound the homes, the school and the receiving schools of one school concerned, with a margin (metres)."""
    part = cases.moved_from(code)
    demand = cases.after.county.demand
    assert demand is not None
    homes = demand[demand["demand_id"].isin(set(part["demand_id"]))].geometry
    schools = cases.after.schools.set_index("school_id").geometry
    places = gpd.GeoSeries([*homes, *schools.loc[[code, *sorted({c for c in part["school_id_after"] if c})]]])
    west, south, east, north = places.total_bounds
    margin = max(0.12 * max(east - west, north - south), 600.0)
    return west - margin, south - margin, east + margin, north + margin

"""The order of the questions, each on the county of three villages and four schools."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from layout_planner.assign.zones import Zones
from layout_planner.io.attendance import Attendance
from layout_planner.study import EnrolmentStudy, Settings, enrolment, enrolment_study
from layout_planner.study.reach import reach
from layout_planner.travel.matrix import TravelMatrix
from tests import small_county

ROWS = [
    ("V1", "S1", "G1-3", 20), ("V1", "S2", "G1-3", 10), ("V2", "S2", "G1-3", 60), ("V3", "S4", "G1-3", 12),
    ("V1", "S1", "G4-6", 30), ("V2", "S2", "G4-6", 50), ("V2", "S1", "G4-6", 10), ("V3", "S2", "G4-6", 12),
    ("V1", "S3", "G7-9", 24), ("V2", "S3", "G7-9", 48), ("V3", "S3", "G7-9", 12),
]  # fmt: skip


def study(
    rows: list[tuple[str, str, str, int]] = ROWS,
    boarders: Mapping[int, float] | None = None,
    zones: Zones | Attendance | None = None,
    seats: Mapping[str, int] | None = None,
    beds: Mapping[str, int] | None = None,
    **settings: float,
) -> EnrolmentStudy:
    frame = pd.DataFrame(rows, columns=["village_id", "school_id", "band", "pupils"]).astype({"pupils": float})
    frame["boarders"] = np.nan if boarders is None else [boarders.get(i, 0.0) for i in range(len(frame))]
    county = small_county.county(seats=seats, beds=beds)
    chosen = Settings(draws=0, **settings)  # type: ignore[arg-type]
    scenario = small_county.scenario()
    return enrolment_study(county, small_county.times(), scenario, frame, zones=zones, settings=chosen)


def why(found: EnrolmentStudy) -> dict[tuple[str, str, str], str]:
    flows = found.flows
    return {(v, s, b): r for v, s, b, r in flows[["village_id", "school_id", "band", "reason"]].itertuples(index=False)}


def test_most_pupils_of_the_small_county_attend_the_nearest_school() -> None:
    found = why(study())
    assert found["V2", "S2", "G1-3"] == found["V3", "S4", "G1-3"] == found["V3", "S3", "G7-9"] == "nearest"


def test_a_nearest_school_without_the_grade_is_a_reason_of_its_own() -> None:
    assert why(study())["V3", "S2", "G4-6"] == "grade"


def test_a_school_beyond_the_nearest_that_teaches_the_grade_is_not_explained_by_the_grade() -> None:
    assert why(study([("V3", "S1", "G4-6", 5)]))["V3", "S1", "G4-6"] == "choice"


def test_passing_a_nearest_school_with_room_is_unexplained() -> None:
    found = why(study())
    assert found["V1", "S2", "G1-3"] == found["V2", "S1", "G4-6"] == "choice"


def test_passing_a_full_school_is_explained_by_its_seats() -> None:
    found = why(study(seats={"S1": 60}))  # 20 + 30 + 10 of V1 and V2 fill it
    assert found["V1", "S2", "G1-3"] == "seats"
    assert why(study(seats={"S1": 61}))["V1", "S2", "G1-3"] == "choice"


def test_a_full_nearest_school_does_not_explain_passing_the_next_one_with_room() -> None:
    rows = [("V3", "S4", "G1-3", 30), ("V3", "S1", "G1-3", 4)]  # S4 is full, S2 lies between and has room
    assert why(study(rows))["V3", "S1", "G1-3"] == "choice"
    rows += [("V2", "S2", "G1-3", 540)]
    assert why(study(rows))["V3", "S1", "G1-3"] == "seats"


def test_schools_within_the_tie_are_equally_near() -> None:
    # D2 by vehicle: S1 is 16 minutes away; on foot S2 is 18.2, within the limit of walking, so in a better tier.
    rows = [("V2", "S1", "G1-3", 5)]
    assert why(study(rows, tie_min=5.0))["V2", "S1", "G1-3"] == "choice"
    # D3 of G4-6: S2 takes 20 minutes by vehicle and S1 28.
    rows = [("V3", "S1", "G4-6", 5)]
    assert why(study(rows, tie_min=8.5))["V3", "S1", "G4-6"] == "grade"
    assert why(study(rows, tie_min=7.5))["V3", "S1", "G4-6"] == "choice"


def test_other_ties_give_what_a_study_with_them_gives() -> None:
    rows = [*ROWS, ("V3", "S1", "G4-6", 5)]
    asked = study(rows).by_tie((7.5, 8.5)).set_index("tie_min")
    for tie in (7.5, 8.5):
        alone = study(rows, tie_min=tie).shares.loc[0, list(asked.columns)]
        assert asked.loc[tie].tolist() == pytest.approx(alone.astype(float).tolist())
    assert asked.loc[7.5, "choice_share"] > asked.loc[8.5, "choice_share"]


def test_the_catchments_that_the_county_read_are_those_of_the_study() -> None:
    zoned = pd.DataFrame({"demand_id": ["D1"], "school_id": ["S2"]})
    county = replace(small_county.county(), zoned=zoned)
    frame = pd.DataFrame([("V1", "S2", "G1-3", 10.0, np.nan)],
                         columns=["village_id", "school_id", "band", "pupils", "boarders"])  # fmt: skip
    found = enrolment_study(county, small_county.times(), small_county.scenario(), frame, settings=Settings(draws=0))
    assert found.shares.loc[0, "in_zone_share"] == 1.0


def test_recorded_boarders_board_and_their_neighbours_do_not() -> None:
    rows = [("V2", "S1", "G4-6", 10)]
    found = study(rows, boarders={0: 4.0}, beds={"S1": 20}).flows.set_index("reason")["pupils"]
    assert found.to_dict() == {"board": 4.0, "choice": 6.0}


def test_without_records_those_beyond_every_limit_of_daily_trips_board() -> None:
    county = small_county.county(beds={"S1": 20})
    scenario = small_county.scenario(travel={"ride_limit_min": {"G4-6": 20}})
    frame = pd.DataFrame([("V3", "S1", "G4-6", 5.0, np.nan)],
                         columns=["village_id", "school_id", "band", "pupils", "boarders"])  # fmt: skip
    found = enrolment_study(county, small_county.times(), scenario, frame, settings=Settings(draws=0))
    assert found.flows["reason"].tolist() == ["board"]


def seasonal(monkeypatch: pytest.MonkeyPatch, cut: Mapping[str, str], rows: list[tuple[str, str, str, int]]) -> str:
    """Ask why V1's youngest attend S2, where a flood takes the way from homes to schools (``cut``) in July."""

    def flooded(*_: object) -> dict[str, TravelMatrix]:
        times = small_county.times()
        return {mode: _without(matrix, cut) for mode, matrix in times.items()}

    monkeypatch.setattr(enrolment, "seasons", lambda *_: (["汛期"], []))
    monkeypatch.setattr(enrolment, "journeys", flooded)
    scenario = small_county.scenario(travel={"seasons": [{"name": "汛期", "months": [7], "close": {"ford": True}}]})
    frame = pd.DataFrame(rows, columns=["village_id", "school_id", "band", "pupils"]).astype({"pupils": float})
    frame["boarders"] = np.nan
    chosen = Settings(draws=3, seed=1)
    found = enrolment_study(small_county.county(), small_county.times(), scenario, frame, settings=chosen)
    return why(found)["V1", "S2", "G1-3"]


def _without(matrix: TravelMatrix, cut: Mapping[str, str]) -> TravelMatrix:
    """Take the pairs away that the flood cuts."""
    gone = [cut.get(str(home)) == str(matrix.site_id[site])
            for home, site in zip(matrix.origin_id[matrix.rows], matrix.indices, strict=True)]  # fmt: skip
    keep = ~np.array(gone)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(matrix.rows[keep], minlength=len(matrix.origin_id)))])
    return replace(matrix, indptr=indptr.astype(np.int64), indices=matrix.indices[keep], minutes=matrix.minutes[keep],
                   metres=matrix.metres[keep])  # fmt: skip


def test_a_nearest_school_that_a_flood_cuts_off_explains_passing_it(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [("V1", "S2", "G1-3", 10), ("V2", "S2", "G1-3", 60)]
    assert seasonal(monkeypatch, {"D1": "S1"}, rows) == "season"


def test_a_flood_explains_nothing_where_it_cuts_the_school_attended_or_another_home(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [("V1", "S2", "G1-3", 10), ("V2", "S2", "G1-3", 60)]
    assert seasonal(monkeypatch, {"D1": "S2"}, rows) == "choice"
    assert seasonal(monkeypatch, {"D2": "S1"}, rows) == "choice"


def test_a_full_school_explains_before_the_season_does(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [("V1", "S2", "G1-3", 10), ("V2", "S1", "G1-3", 270)]
    assert seasonal(monkeypatch, {"D1": "S1"}, rows) == "seats"


def test_the_school_of_the_catchment_explains_what_nothing_else_does() -> None:
    villages = pd.DataFrame({"village_id": ["V1"], "name": [""], "school_id": ["S2"], "school_ids": ["S2"]})
    found = study(zones=Attendance(villages=villages))
    assert why(found)["V1", "S2", "G1-3"] == "zone"
    flows = found.flows.set_index(["village_id", "school_id", "band"])["in_zone"]
    assert flows["V1", "S2", "G1-3"] == 1.0
    assert flows["V1", "S1", "G1-3"] == 0.0
    assert np.isnan(flows["V2", "S2", "G1-3"])
    assert found.shares.loc[0, "in_zone_share"] == pytest.approx(10 / 60)


def test_the_nearest_in_a_straight_line_explains_a_longer_way() -> None:
    found = study([("V2", "S1", "G4-6", 10)])
    estimate = found.estimate
    air = estimate.found.pairs.school_id[estimate.found.air[estimate.attending.unit]]
    assert air.tolist() == ["S2"]  # so that S1 is not explained by it
    county = small_county.county()
    moved = county.schools.copy()
    moved.loc[moved["school_id"] == "S1", "geometry"] = county.demand.geometry.iloc[1]  # type: ignore[union-attr]
    schools = moved.assign(is_open=True)
    near = reach(small_county.times(), schools, county.demand, small_county.scenario().travel)  # type: ignore[arg-type]
    unit = int(np.flatnonzero((near.pairs.demand_id == "D2") & (near.pairs.band == 1))[0])
    assert near.pairs.school_id[near.air[unit]] == "S1"


def test_a_home_without_any_school_in_reach_is_unknown() -> None:
    county = small_county.county()
    frame = pd.DataFrame([("V3", "S1", "G7-9", 5.0, np.nan)],
                         columns=["village_id", "school_id", "band", "pupils", "boarders"])  # fmt: skip
    found = enrolment_study(
        county, small_county.times(15.0), small_county.scenario(travel={"cutoff_min": 60}), frame,
        settings=Settings(draws=0),
    )  # fmt: skip
    assert found.flows["reason"].tolist() == ["unknown"]

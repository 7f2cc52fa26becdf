from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.demand.surface import PUPILS
from layout_planner.io.county import County
from tests.demand.test_communities import estates
from tests.demand.two_townships import built, points_of, stating, two_townships

NAN = float("nan")


def villages(prefix: str = "migrant", counted: str = "", **columns: list[float]) -> County:
    """State a group in the village table."""
    county = two_townships()
    return two_townships(villages=stating(county.villages, prefix, **columns).assign(groups_counted=counted))


def groups(county: County) -> pd.Series:
    assert county.demand is not None
    return county.demand.groupby("group")[PUPILS].sum().sum(axis=1)


def test_without_groups_everybody_is_a_resident() -> None:
    assert groups(built(two_townships(), source="villages")).to_dict() == pytest.approx({"resident": 210})


def test_counts_of_a_village_are_added_as_rows_of_their_own() -> None:
    after = built(villages(g1_3=[6.0, NAN, NAN, NAN], g7_9=[3.0, NAN, NAN, NAN]), source="villages")
    points = points_of(after)
    assert points.loc["v1#m", PUPILS].tolist() == [6, 0, 3]
    assert points.loc["v1", PUPILS].tolist() == pytest.approx([60, 40, 20])
    assert points.loc["v1#m", "geometry"] == points.loc["v1", "geometry"]
    assert groups(after).to_dict() == pytest.approx({"resident": 210, "migrant": 9})


@pytest.mark.parametrize(("counted", "scenario"), [("within", "added"), ("", "within")])
def test_counts_that_are_among_the_pupils_leave_the_sums(counted: str, scenario: str) -> None:
    stated = villages(counted=counted, total=[12.0, NAN, NAN, NAN])
    after = built(stated, source="villages", groups_counted=scenario)
    points = points_of(after)
    assert points.loc["v1#m", PUPILS].tolist() == pytest.approx([6, 4, 2])
    assert points.loc["v1", PUPILS].tolist() == pytest.approx([54, 36, 18])
    assert points.loc["v1", [f"pupils_grade_{g}" for g in (1, 2, 3)]].sum() == pytest.approx(54)
    assert groups(after).sum() == pytest.approx(210, rel=1e-12)


def test_counts_spread_over_the_cells_of_their_village() -> None:
    points = points_of(built(villages(g1_3=[6.0, 1.0, 1.0, 0.0])))
    assert points.loc["r9c0#m", "pupils_g1_3"] + points.loc["r8c1#m", "pupils_g1_3"] == pytest.approx(6)
    assert points.loc["r8c1#m", "pupils_g1_3"] == pytest.approx(4)


def test_the_township_layer_speaks_where_its_villages_are_silent() -> None:
    county = villages(g1_3=[6.0, NAN, NAN, NAN])
    towns = stating(county.townships, "migrant", g1_3=[99.0, 5.0], g4_6=[99.0, 0.0]).assign(groups_counted="")
    after = built(two_townships(villages=county.villages, townships=towns), source="villages")
    points = points_of(after)
    assert points[points["group"] == "migrant"]["pupils_g1_3"].to_dict() == pytest.approx(
        {"v1#m": 6, "v3#m": 2, "v4#m": 3}
    )


def test_shares_are_of_all_pupils_and_counts_win_over_them() -> None:
    after = built(two_townships(), source="villages", migrant_share=0.2, special_share=0.01)
    assert groups(after).to_dict() == pytest.approx({"resident": 165.9, "migrant": 42, "special": 2.1})
    both = built(villages(total=[12.0, NAN, NAN, NAN]), source="villages", migrant_share=0.5)
    assert groups(both)["migrant"] == pytest.approx(12)
    assert [f.code for f in both.checks if f.code != "calibrated"] == ["group_share_unused"]


def test_an_estate_may_state_its_own_share() -> None:
    county = two_townships(projects=estates(migrant_share=[0.5, NAN]))
    points = points_of(built(county, source="villages", pupils_per_100_households={"G1-3": 10}))
    assert points.loc["community-p1#m", "pupils_g1_3"] == pytest.approx(5)
    assert points.loc["community-p1", "pupils_g1_3"] == pytest.approx(5)


def test_more_of_a_group_than_pupils_is_cut_and_said() -> None:
    after = built(villages(counted="within", g1_3=[70.0, NAN, NAN, NAN]), source="villages")
    assert groups(after).sum() == pytest.approx(210)
    assert [f.code for f in after.checks if f.code != "calibrated"] == ["group_exceeds"]
    assert "10" in after.checks[-1].what.zh


def test_a_place_without_any_pupils_is_said() -> None:
    county = villages(g1_3=[NAN, NAN, 5.0, NAN])
    towns = county.townships.assign(**{c: [1.0, np.nan] for c in PUPILS})
    after = built(two_townships(villages=county.villages, townships=towns), calibrate_to="none")
    assert [f.code for f in after.checks if f.code != "calibrated"] == ["group_nowhere"]
    assert groups(after).index.tolist() == ["resident"]


counts = st.floats(0, 80, allow_subnormal=False) | st.just(NAN)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(counts, counts, counts), min_size=4, max_size=4), st.sampled_from(["within", "added"]))
def test_no_pupil_is_lost_or_counted_twice(stated: list[tuple[float, float, float]], how: str) -> None:
    columns: dict[str, Any] = dict(zip(("g1_3", "g4_6", "g7_9"), map(list, zip(*stated, strict=True)), strict=True))
    after = built(villages(counted=how, **columns), source="villages", special_share=0.02)
    whole = 210.0 if how == "within" else 210.0 + float(np.nansum(stated))
    assert groups(after).sum() == pytest.approx(whole, rel=1e-9)
    assert after.demand is not None
    assert (after.demand[PUPILS].to_numpy() >= -1e-9).all()
    assert after.demand["demand_id"].is_unique


def test_a_register_of_applications_gives_the_share_of_migrant_pupils_where_nothing_else_does() -> None:
    county = two_townships()
    first = str(county.villages["village_id"].iloc[0])
    claims = pd.DataFrame({"village_id": [first], "stage": [""], "zoned": [3.0], "migrant": [1.0]})
    after = built(replace(county, claims=claims), source="villages")
    sums = groups(after)
    here = after.demand[after.demand["village_id"] == first]
    by_group = here.groupby("group")[PUPILS].sum().sum(axis=1)
    assert by_group["migrant"] == pytest.approx(by_group.sum() / 4)
    assert sums["migrant"] == pytest.approx(by_group["migrant"])

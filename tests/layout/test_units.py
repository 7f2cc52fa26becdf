"""Which ways of a planning unit the time rules leave."""

from __future__ import annotations

import numpy as np
import pytest

from tests.layout.asks import model

# V2 sends 60 pupils of grades 1 to 3; on foot S2 is 1,000 m away and S1 3,000 m, at 55 m a minute
FOOT = {"ride_limit_min": {"G1-3": None}, "walk_limit_min": {"G1-3": 5}}


def ways(rule):
    made = model(travel=FOOT, must={"time_limit": {"G1-3": rule}})
    (unit,) = np.flatnonzero((made.units.village_id == "V2") & (made.units.band == 0))
    mine = made.arcs.unit == unit
    return made.units, unit, made.arcs.select(mine), made.school_id[made.arcs.school[mine]]


def test_those_who_are_far_already_go_no_farther():
    units, unit, arcs, schools = ways("keep")
    assert list(schools) == ["S2"]
    assert units.far_today[unit] == 60
    assert units.beyond_today[unit] == pytest.approx(60 * 1000 / 55)
    assert arcs.beyond == pytest.approx([60 * 1000 / 55])


def test_they_may_where_the_limit_is_only_counted():
    _, _, arcs, schools = ways("none")
    assert list(schools) == ["S2", "S1", "S4"]
    assert arcs.beyond == pytest.approx([60 * 1000 / 55, 60 * 3000 / 55, 60 * 6000 / 55])

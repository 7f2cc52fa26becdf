from __future__ import annotations

import json

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from map_fakes import unpack

from layout_planner.maps.encode import packed, polygon_lines, polyline, script_json


def unline(text: str) -> list[list[float]]:
    values, value, shift = [], 0, 0
    for char in text:
        code = ord(char) - 63
        value |= (code & 0x1F) << shift
        shift += 5
        if code < 0x20:
            values.append(~(value >> 1) if value & 1 else value >> 1)
            value = shift = 0
    return (np.cumsum(np.reshape(values, (-1, 2)), axis=0) / 1e5).tolist()


@given(st.lists(st.one_of(st.none(), st.floats(-2_000, 90_000)), max_size=40), st.sampled_from([0.1, 1.0, 10.0]))
def test_a_packed_column_comes_back_within_half_a_step_and_keeps_what_is_missing(values, step):
    given_values = np.array([np.nan if v is None else v for v in values], dtype=float)
    back = unpack(packed(given_values, step))
    assert (np.isnan(back) == np.isnan(given_values)).all()
    known = ~np.isnan(given_values)
    assert np.abs(back[known] - given_values[known]).max(initial=0) <= step / 2 * 1.0001


def test_the_smallest_type_that_holds_the_range_is_taken_and_the_top_code_stays_free():
    assert packed([0, 254])["t"] == "u8"
    assert packed([0, 255])["t"] == "u16"
    assert packed([-1, 65_534])["t"] == "u32"


def test_a_range_beyond_32_bits_is_refused():
    with pytest.raises(ValueError, match="32 bits"):
        packed([0, 1e12])


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=2, max_size=30, unique=True))
def test_a_line_comes_back_within_a_metre(points):
    back = np.array(unline(polyline(np.array(points))))
    assert np.abs(back[0] - np.array(points[0])[::-1]).max() <= 0.51e-5
    assert np.abs(back[-1] - np.array(points[-1])[::-1]).max() <= 0.51e-5


def test_holes_and_parts_of_a_polygon_are_kept():
    ring = shapely.box(0, 0, 1, 1).difference(shapely.box(0.2, 0.2, 0.4, 0.4))
    both = shapely.MultiPolygon([ring, shapely.box(2, 2, 3, 3)])
    assert [len(part) for part in polygon_lines(both)] == [2, 1]
    assert polygon_lines(None) == []


@given(st.text(max_size=60))
def test_no_text_can_leave_its_script_element(text):
    out = script_json({"t": text})
    assert not set("<>&\u2028\u2029") & set(out)
    assert json.loads(out) == {"t": text}

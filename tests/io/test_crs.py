from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layout_planner.errors import CrsError
from layout_planner.io.crs import (
    bd09_to_gcj02,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    is_geographic,
    to_crs,
    wgs84_to_gcj02,
    working_crs,
)

WGS = np.array([[121.0917077, 30.6107779]])
GCJ = np.array([[121.09626927850977, 30.608604368560773]])
BD = np.array([[121.10271724622564, 30.61484575976839]])
CHINA = st.tuples(st.floats(73.5, 135.0), st.floats(18.0, 53.5))


def test_the_published_vectors_are_met_to_the_last_digits() -> None:
    assert np.abs(wgs84_to_gcj02(WGS) - GCJ).max() < 1e-13
    assert np.abs(gcj02_to_bd09(GCJ) - BD).max() < 1e-13
    assert np.abs(to_crs(WGS, "wgs84", "bd09") - BD).max() < 1e-13


@given(CHINA)
def test_going_there_and_back_is_the_identity(place: tuple[float, float]) -> None:
    point = np.array([place])
    assert np.abs(gcj02_to_wgs84(wgs84_to_gcj02(point)) - point).max() < 1e-9
    assert np.abs(bd09_to_gcj02(gcj02_to_bd09(point)) - point).max() < 1e-9
    assert np.abs(to_crs(to_crs(point, "BD-09", "wgs84"), "wgs84", "bd09") - point).max() < 1e-9


def test_abroad_gcj02_is_wgs84() -> None:
    point = np.array([[-51.2, -30.0], [8.5, 47.4]])
    assert (wgs84_to_gcj02(point) == point).all()
    assert (gcj02_to_wgs84(point) == point).all()


def test_cgcs2000_counts_as_wgs84() -> None:
    assert (to_crs(WGS, "cgcs2000", "wgs84") == WGS).all()
    metres = [to_crs(WGS, name, "EPSG:4549") for name in ("wgs84", "cgcs2000", "EPSG:4490")]
    assert np.ptp(metres, axis=0).max() < 1e-6


def test_gcj02_is_half_a_kilometre_off_in_hubei() -> None:
    hubei = np.array([[110.8, 32.6]])
    there, as_said = (to_crs(hubei, name, "EPSG:4546") for name in ("gcj02", "wgs84"))
    assert 400 < np.hypot(*(there - as_said)[0]) < 700


def test_missing_coordinates_stay_missing() -> None:
    assert np.isnan(to_crs(np.array([[np.nan, 30.0]]), "wgs84", "EPSG:4546")).any()


@pytest.mark.parametrize(
    ("lon", "lat", "epsg"),
    [
        (116.4, 39.9, 4548),
        (111.1, 32.6, 4546),
        (75.2, 38.5, 4534),
        (134.5, 48.3, 4554),
        (85.32, 27.7, 32645),
        (-0.2, 5.6, 32630),
        (-51.2, -30.0, 32722),
    ],
)
def test_the_working_system_is_gauss_krueger_in_china_and_utm_elsewhere(lon: float, lat: float, epsg: int) -> None:
    crs = working_crs(lon, lat)
    assert crs.to_epsg() == epsg
    x, y = to_crs(np.array([[lon, lat]]), "wgs84", crs)[0]
    assert 1e5 < x < 9e5
    assert y > 0


def test_an_unknown_system_is_an_error() -> None:
    with pytest.raises(CrsError, match="EPSG:999999"):
        to_crs(WGS, "EPSG:999999", "wgs84")
    assert is_geographic("gcj02")
    assert not is_geographic("EPSG:4547")

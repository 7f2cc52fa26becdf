from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
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
SYSTEMS = [
    "wgs84",
    "cgcs2000",
    "gcj02",
    "bd09",
    "webmercator",
    "cgcs2000 3度带 37带",
    "cgcs2000 中央经线105",
    "EPSG:4497",
]


def series(degrees: float, lat: float) -> tuple[float, float]:
    """Project by the classical series on the CGCS2000 ellipsoid: metres east of the meridian, north of the equator."""
    axis, e2 = 6_378_137.0, (2 - 1 / 298.257222101) / 298.257222101
    phi, away = np.deg2rad(lat), np.deg2rad(degrees)
    step = np.linspace(0.0, phi, 20_001)
    curve = axis * (1 - e2) / (1 - e2 * np.sin(step) ** 2) ** 1.5
    arc = float(((curve[:-1] + curve[1:]) / 2 * np.diff(step)).sum())
    t, eta2, c = np.tan(phi) ** 2, e2 / (1 - e2) * np.cos(phi) ** 2, np.cos(phi) * away
    n = axis / np.sqrt(1 - e2 * np.sin(phi) ** 2)
    north = arc + n * np.tan(phi) * (
        c**2 / 2
        + (5 - t + 9 * eta2 + 4 * eta2**2) * c**4 / 24
        + (61 - 58 * t + t**2 + 270 * eta2 - 330 * t * eta2) * c**6 / 720
    )
    east = n * (c + (1 - t + eta2) * c**3 / 6 + (5 - 18 * t + t**2 + 14 * eta2 - 58 * t * eta2) * c**5 / 120)
    return float(east), float(north)


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


@settings(deadline=None)
@given(CHINA, st.sampled_from(SYSTEMS), st.sampled_from(SYSTEMS))
def test_every_system_turns_into_every_other_and_back(place: tuple[float, float], one: str, other: str) -> None:
    start = to_crs(np.array([place]), "wgs84", one)
    back = to_crs(to_crs(start, one, other), other, one)
    assert np.abs(to_crs(back, one, "wgs84") - np.array([place])).max() < 1e-9


@settings(deadline=None, max_examples=50)
@given(CHINA, st.sampled_from([3, 6]), st.booleans())
def test_gauss_krueger_is_the_series_of_the_textbook(place: tuple[float, float], width: int, prefix: bool) -> None:
    lon, lat = place
    zone = int(np.floor(lon / 3 + 0.5)) if width == 3 else int(lon // 6) + 1
    meridian = zone * width - (3 if width == 6 else 0)
    declared = f"cgcs2000 {width}度带 {zone}带" + ("" if prefix else " 不带带号")
    x, y = to_crs(np.array([place]), "wgs84", declared)[0]
    east, north = series(lon - meridian, lat)
    assert abs(x - east - 500_000 - zone * 1_000_000 * prefix) < 0.002
    assert abs(y - north) < 0.002


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

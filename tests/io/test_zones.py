from __future__ import annotations

import pytest

from layout_planner.errors import Severity
from layout_planner.io.zones import datum_flaw, projected_hint, zone_misfit


@pytest.mark.parametrize(
    ("east", "said"),
    [(37_500_000.0, "cgcs2000 3度带 37带"), (19_700_000.0, "cgcs2000 6度带 19带"), (512_000.0, "中央经线")],
)
def test_a_zone_prefix_tells_what_to_declare(east: float, said: str) -> None:
    assert said in projected_hint(east).zh


@pytest.mark.parametrize(
    ("east", "declared", "fits"),
    [
        (37_498_000.0, "cgcs2000 3度带 37带", True),
        (498_000.0, "cgcs2000 3度带 37带", False),
        (37_498_000.0, "cgcs2000 中央经线111", False),
        (19_498_000.0, "EPSG:4525", False),
        (498_000.0, "EPSG:32649", True),
        (12_350_000.0, "webmercator", True),
        (110.0, "wgs84", True),
    ],
)
def test_eastings_of_another_zone_are_told(east: float, declared: str, fits: bool) -> None:
    misfit = zone_misfit(east, declared)
    assert (misfit is None) == fits
    assert fits or declared in str(misfit)


def test_old_datums_are_read_with_a_warning_and_new_ones_without() -> None:
    for declared, name in (("EPSG:2361", "西安80"), ("EPSG:2401", "北京54")):
        flaw = datum_flaw(declared, "data.crs.schools")
        assert flaw is not None
        assert flaw.severity is Severity.WARNING
        assert name in flaw.what.zh
    assert datum_flaw("EPSG:4525", "data.crs.schools") is None
    assert datum_flaw("gcj02", "data.crs.schools") is None

"""Geometries between systems, and what is made of badly drawn ones."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from layout_planner.errors import CrsError
from layout_planner.io.crs import to_crs
from layout_planner.io.geometry import made_valid, polygon_parts, project

SPOT = shapely.Polygon([(0, 0)] * 4, [[(0, 1), (0, 2), (1, 0), (0, 1)]])


def test_long_edges_stay_on_the_map() -> None:
    metres = project(shapely.box(110, 32, 112, 34), "wgs84", "EPSG:4546").item()
    middle = shapely.Point(to_crs(np.array([[111.0, 32.0]]), "wgs84", "EPSG:4546")[0])
    assert middle.distance(metres.exterior) < 0.5


def test_a_point_without_a_place_in_the_system_is_an_error() -> None:
    with pytest.raises(CrsError):
        project(shapely.Point(1e9, 1e9), "EPSG:4546", "wgs84")


def test_only_polygons_are_parts_of_an_area() -> None:
    assert polygon_parts(np.array([shapely.Point(0, 0)], dtype=object)).tolist() == [None]


def test_a_ring_collapsed_to_a_point_leaves_the_others_as_they_are() -> None:
    area = shapely.box(0, 0, 1, 1)
    odd, box = polygon_parts(np.array([SPOT, area], dtype=object))
    assert odd is None
    assert box.equals(area)


def test_one_shape_is_mended_as_many_are() -> None:
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    assert made_valid(np.asarray(bow, dtype=object)).item().area == pytest.approx(0.5)
    assert made_valid(np.asarray(SPOT, dtype=object)).item().is_valid

"""Township totals spread over where people live: population cells, residential buildings, residential roads."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layout_planner.config.scenario import Demand
from layout_planner.demand.surface import PUPILS, demand_frame, nearest_village, pupils_from_cells
from layout_planner.errors import Flaw, InputError, Severity, Text, counted
from layout_planner.grades import GradeBand
from layout_planner.io.county import County
from layout_planner.io.places import township_of
from layout_planner.travel.network import RoadNetwork
from layout_planner.travel.tags import HIGHWAYS, RoadFlag

__all__ = ["pupils_from_townships", "road_metres", "spread", "to_cells", "township_totals"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def spread(totals: Floats, weights: Floats, owner: Ints) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Share totals of areas out among targets by weight.

    Parameters
    ----------
    totals : array of float, shape (areas, k)
        Persons by area and kind.
    weights : array of float, shape (n, k)
        Weights of the targets, not negative. Where those of a kind are all nought in an area, the sums over the
        kinds stand in, and where these are too, all targets of the area weigh alike.
    owner : array of int, shape (n,)
        Position of each target's area.

    Returns
    -------
    pupils : array of float, shape (n, k)
        Add up to each area's totals.
    empty : array of bool, shape (areas,)
        Areas without any target: their totals are not in ``pupils``.

    Source: J. K. Wright, A method of mapping densities of population, Geographical Review 26 (1936).

    >>> spread(np.array([[30.0]]), np.array([[1.0], [2.0]]), np.array([0, 0]))[0].tolist()
    [[10.0], [20.0]]
    """
    areas, kinds = totals.shape
    count = np.bincount(owner, minlength=areas)
    best = weights.astype(np.float64).copy()
    for stand_in in (np.repeat(weights.sum(axis=1, keepdims=True), kinds, axis=1), np.ones_like(best)):
        missing = _sums(best, owner, areas) <= 0
        best = np.where(missing[owner], stand_in, best)
    whole = _sums(best, owner, areas)
    share = np.divide(best, whole[owner], out=np.zeros_like(best), where=whole[owner] > 0)
    return share * totals[owner], count == 0


def _sums(values: Floats, owner: Ints, areas: int) -> Floats:
    return np.column_stack([np.bincount(owner, weights=column, minlength=areas) for column in values.T])


def to_cells(xy: Floats, weight: Floats, township_id: npt.NDArray[np.object_], cell_m: float) -> pd.DataFrame:
    """Gather weighted places in square cells, so that no single home can be told.

    Parameters
    ----------
    xy : array of float, shape (n, 2)
        Metres.
    weight : array of float, shape (n,)
    township_id : array of str, shape (n,)
    cell_m : float
        Side of the cells in metres; their corners are multiples of it.

    Returns
    -------
    DataFrame
        One row a cell and township, sorted: ``cell_id``, ``township_id``, ``weight``, and the cell's centre ``x``,
        ``y``.
    """
    whole = np.floor(xy / cell_m).astype(np.int64)
    frame = pd.DataFrame({"column": whole[:, 0], "row": whole[:, 1], "township_id": township_id, "weight": weight})
    cells = frame.groupby(["column", "row", "township_id"], sort=True)["weight"].sum().reset_index()
    ids = "g" + cells["column"].astype(str) + "_" + cells["row"].astype(str)
    shared = ids.duplicated(keep=False)
    cells["cell_id"] = ids.where(~shared, ids + "." + cells["township_id"])
    cells["x"] = (cells["column"] + 0.5) * cell_m
    cells["y"] = (cells["row"] + 0.5) * cell_m
    return cells[["cell_id", "township_id", "weight", "x", "y"]]


def road_metres(network: RoadNetwork, weights: dict[str, float], step_m: float) -> tuple[Floats, Floats]:
    """Cut the roads of some classes into short pieces.

    Parameters
    ----------
    network : RoadNetwork
    weights : dict of str to float
        Weight of a metre by road class; other classes are left out, and so are bridges and tunnels.
    step_m : float
        Longest piece in metres.

    Returns
    -------
    middle : array of float, shape (pieces, 2)
        Middle of each piece in the network's CRS.
    weight : array of float, shape (pieces,)
        Its metres on the plane times the weight of its class.

    Source: M. Reibel and M. E. Bufalino, Street-weighted interpolation techniques for demographic count estimation
    in incompatible zone systems, Environment and Planning A 37 (2005).
    """
    by_code = np.array([weights.get(name, 0.0) for name in HIGHWAYS])
    weight = by_code[network.roads.highway]
    raised = network.roads.has(RoadFlag.BRIDGE) | network.roads.has(RoadFlag.TUNNEL)
    kept = np.flatnonzero((weight > 0) & ~raised)
    if not len(kept):
        return np.zeros((0, 2)), np.zeros(0)
    xy, line = shapely.get_coordinates(shapely.segmentize(network.edge_geometries()[kept], step_m), return_index=True)
    same = line[1:] == line[:-1]
    start, end = xy[:-1][same], xy[1:][same]
    return (start + end) / 2, np.hypot(*(end - start).T) * weight[kept][line[1:][same]]


def township_totals(county: County, demand: Demand) -> tuple[pd.DataFrame, list[Flaw]]:
    """Collect the pupils of every township by band: as stated, else people x school-age share x enrolment rate.

    Returns
    -------
    totals : DataFrame
        Persons; columns ``pupils_g1_3`` ..., index ``township_id`` in the county's order.
    flaws : list of Flaw
        Townships and bands that count as nought for want of a figure.

    Raises
    ------
    InputError
        If no township states pupils or people.
    """
    townships = county.townships
    stated = townships[PUPILS].astype("float64").set_axis(townships["township_id"])
    nobody = pd.Series(np.nan, townships.index)
    people = (townships["people"] if "people" in townships.columns else nobody).astype("float64")
    people.index = stated.index
    if stated.isna().to_numpy().all() and people.isna().all():
        what = Text("乡镇图层没有学生数，也没有人口", "the township layer holds neither pupils nor people")
        mend = Text(
            "在乡镇图层填写三个年级段的学生数或人口，或改用 demand.source: raster",
            "add pupils by band or people to the township layer, or set demand.source to raster",
        )
        raise InputError.collect([Flaw("township_pupils_missing", what, mend, key="demand.source")])
    derived = stated.isna().all(axis=1) & people.notna()
    for band in GradeBand:
        rate = demand.school_age_share[band] * demand.enrolment_rate[band]
        stated.loc[derived, band.pupils_column] = people[derived] * rate
    partly = stated.isna().any(axis=1)
    flaws = []
    if partly.any():
        names = "、".join(townships.loc[partly.to_numpy(), "name"].head(8))
        what = Text(
            f"{int(partly.sum())} 个乡镇缺学生数，缺的按 0 计（{names}）",
            f"{counted(int(partly.sum()), 'township lacks', 'townships lack')} pupils in some band, counted as "
            f"nought ({names})",
        )
        flaws.append(Flaw("township_pupils_missing", what, Text("补填", "fill them in"), severity=Severity.WARNING))
    return stated.fillna(0.0), flaws


def pupils_from_townships(county: County, demand: Demand) -> tuple[gpd.GeoDataFrame, list[Flaw]]:
    """Spread the townships' pupils over the targets that the scenario names; every township keeps its totals.

    Returns
    -------
    points : GeoDataFrame
        Demand points of kind ``cell``; a township without any target has one of kind ``village`` at a point inside.
    flaws : list of Flaw

    Raises
    ------
    InputError
        If the totals or the targets are absent.
    """
    totals, flaws = township_totals(county, demand)
    targets = _targets(county, demand)
    owner = pd.Index(totals.index).get_indexer(pd.Index(targets["township_id"].to_numpy(object)))
    pupils, empty = spread(totals.to_numpy(), targets[PUPILS].to_numpy(np.float64), owner.astype(np.int64))
    cells = _frame(targets, pd.DataFrame(pupils, columns=PUPILS), "cell", county)
    lost = empty & (totals.to_numpy().sum(axis=1) > 0)
    if not lost.any():
        return cells, flaws
    bare = county.townships[lost].reset_index(drop=True)
    inside = bare.geometry.representative_point()
    alone = pd.DataFrame({"township_id": bare["township_id"], "cell_id": "township-" + bare["township_id"]})
    alone = gpd.GeoDataFrame(alone, geometry=inside.to_numpy(), crs=county.crs)
    names = "、".join(bare["name"])
    what = Text(
        f"{names}的范围内没有{_WORDS[demand.spread_over].zh}，学生放在乡镇中间一点",
        f"there are no {_WORDS[demand.spread_over].en} in {names}: its pupils stand at one point inside",
    )
    mend = Text("核对图层范围，或换一种摊分依据", "check the extent of the layer, or spread over something else")
    flaws.append(Flaw("township_no_target", what, mend, key="demand.spread_over", severity=Severity.WARNING))
    point = _frame(alone, totals[lost].reset_index(drop=True), "village", county)
    return gpd.GeoDataFrame(pd.concat([cells, point], ignore_index=True), geometry="geometry", crs=county.crs), flaws


_WORDS = {
    "cells": Text("有人口的栅格", "populated cells"),
    "buildings": Text("居住建筑", "residential buildings"),
    "residential_roads": Text("居住道路", "residential roads"),
}


def _targets(county: County, demand: Demand) -> gpd.GeoDataFrame:
    """Make the cells that pupils are spread over, with a weight for each band."""
    if demand.spread_over == "cells":
        return pupils_from_cells(county, demand).rename(columns={"demand_id": "cell_id"})
    if demand.spread_over == "buildings":
        if county.buildings is None:
            what = Text("没有建筑图层，无法摊分学生", "there is no layer of buildings to spread pupils over")
            mend = Text("放入 buildings.gpkg 或 .osm.pbf，或改 demand.spread_over",
                        "add buildings.gpkg or .osm.pbf, or change demand.spread_over")  # fmt: skip
            raise InputError.collect([Flaw("buildings_missing", what, mend, key="data.buildings")])
        xy = shapely.get_coordinates(county.buildings.geometry.to_numpy())
        weight = county.buildings["floor_m2"].to_numpy(dtype=np.float64)
    else:
        xy, weight = road_metres(county.network, dict(demand.residential_road_weight), demand.cell_m / 4)
    whole = county.boundary.union_all()
    shapely.prepare(whole)
    inside = shapely.intersects_xy(whole, xy[:, 0], xy[:, 1])
    xy, weight = xy[inside], weight[inside]
    cells = to_cells(
        xy, weight, township_of(np.asarray(shapely.points(xy), dtype=object), county.townships), demand.cell_m
    )
    frame = cells[["cell_id", "township_id"]].assign(**dict.fromkeys(PUPILS, cells["weight"]))
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(cells["x"], cells["y"]), crs=county.crs)


def _frame(places: gpd.GeoDataFrame, pupils: pd.DataFrame, kind: str, county: County) -> gpd.GeoDataFrame:
    """Make demand points of places, each in its nearest village."""
    nearest = nearest_village(places.geometry.to_numpy(), places["township_id"], county.villages)
    labels = {
        column: np.append(county.villages[column].to_numpy(dtype=object), "")[nearest]
        for column in ("village_id", "name")
    }
    frame = demand_frame(
        places["cell_id"], pd.Series(labels["name"]), pd.Series(labels["village_id"]), places["township_id"], kind,
        pupils, places.geometry.to_numpy(), county.crs,
    )  # fmt: skip
    return frame[frame[PUPILS].sum(axis=1) > 0].reset_index(drop=True)

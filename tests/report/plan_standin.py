"""A small stand-in county with a baseline and a merger, made from the registry's columns by straight lines."""

from __future__ import annotations

from dataclasses import fields

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS, Transformer
from shapely.geometry import Point, box
from shapely.ops import unary_union

from layout_planner.config.scenario import Data, Decisions, Scenario
from layout_planner.errors import Flaw, Severity, Text
from layout_planner.grades import GradeBand, Tier
from layout_planner.io.county import County
from layout_planner.plan import Plan
from layout_planner.travel.network import RoadNetwork
from layout_planner.travel.tags import HIGHWAYS, RoadAttributes

CRS_M = CRS.from_epsg(4547)
X0, Y0, SIDE = 400_000.0, 3_300_000.0, 10_000.0
TOWNSHIPS = ["杨柳镇", "青石乡", "白水镇", "云岭乡", "松坪乡", "石桥镇"]
TIERS = [Tier.CENTRAL_PRIMARY, Tier.TEACHING_POINT, Tier.JUNIOR, Tier.VILLAGE_PRIMARY]
SPEED = {GradeBand.G1_3: 55.0, GradeBand.G4_6: 65.0, GradeBand.G7_9: 75.0}
LIMIT = {GradeBand.G1_3: 30.0, GradeBand.G4_6: 40.0, GradeBand.G7_9: 60.0}


def _township_frame() -> gpd.GeoDataFrame:
    cells = [box(X0 + SIDE * (i % 3), Y0 + SIDE * (i // 3), X0 + SIDE * (i % 3 + 1), Y0 + SIDE * (i // 3 + 1))
             for i in range(6)]  # fmt: skip
    ids = [f"01105210{i}" for i in range(6)]
    return gpd.GeoDataFrame({"township_id": ids, "name": TOWNSHIPS}, geometry=cells, crs=CRS_M)


def _school_frame(rng: np.random.Generator) -> gpd.GeoDataFrame:
    rows, points = [], []
    for t in range(6):
        for k, tier in enumerate(TIERS):
            x = X0 + SIDE * (t % 3) + SIDE * (0.5 if k in (0, 2) else float(rng.uniform(0.1, 0.9)))
            y = Y0 + SIDE * (t // 3) + SIDE * (0.5 + 0.03 * k if k in (0, 2) else float(rng.uniform(0.1, 0.9)))
            grades = tier.default_grades
            rooms = {0: 12, 1: 3, 2: 12, 3: 6}[k]
            seats = rooms * (30 if k == 1 else 50 if k == 2 else 45)
            suffix = ["中心小学", "教学点", "初级中学", "村小"][k]
            rows.append({
                "school_id": f"0429021{t:02d}{k}", "name": f"{TOWNSHIPS[t][:2]}{suffix}", "tier": tier,
                "township_id": f"01105210{t}", "township": TOWNSHIPS[t], "status": "active", "decision": "keep",
                "is_open": True, "grade_from": grades[0], "grade_to": grades[1], "rooms": rooms, "seats": seats,
                "seats_primary": 0 if k == 2 else seats, "seats_junior": seats if k == 2 else 0, "beds": 0,
            })  # fmt: skip
            points.append(Point(x, y))
    return gpd.GeoDataFrame(rows, geometry=points, crs=CRS_M)


def _demand_frame(rng: np.random.Generator) -> gpd.GeoDataFrame:
    rows, points = [], []
    for t in range(6):
        for v in range(4):
            cx = X0 + SIDE * (t % 3) + SIDE * (0.25 + 0.5 * (v % 2))
            cy = Y0 + SIDE * (t // 3) + SIDE * (0.25 + 0.5 * (v // 2))
            for _ in range(25):
                x = np.floor((cx + rng.normal(0, 1200)) / 100) * 100 + 50
                y = np.floor((cy + rng.normal(0, 1200)) / 100) * 100 + 50
                rows.append({"demand_id": f"{len(rows):05d}", "name": f"{TOWNSHIPS[t][:1]}庄{v + 1}村",
                             "village_id": f"01105210{t}{v:03d}", "township_id": f"01105210{t}", "kind": "cell",
                             "pupils_g1_3": round(float(rng.gamma(2, 2)), 3),
                             "pupils_g4_6": round(float(rng.gamma(2, 2)), 3),
                             "pupils_g7_9": round(float(rng.gamma(2, 1.8)), 3)})  # fmt: skip
                points.append(Point(x, y))
    return gpd.GeoDataFrame(rows, geometry=points, crs=CRS_M)


def make_county() -> County:
    rng = np.random.default_rng(7)
    townships, schools, demand = _township_frame(), _school_frame(rng), _demand_frame(rng)
    boundary = gpd.GeoDataFrame({"name": ["样例县"]}, geometry=[unary_union(list(townships.geometry))], crs=CRS_M)
    by = demand.groupby("village_id", sort=True)
    villages = gpd.GeoDataFrame(
        {"village_id": list(by.groups), "name": by["name"].first().to_list(),
         "township_id": by["township_id"].first().to_list()},
        geometry=[Point(g.geometry.x.mean(), g.geometry.y.mean()) for _, g in by], crs=CRS_M)  # fmt: skip
    villages["township"] = villages["township_id"].map(dict(zip(townships["township_id"], TOWNSHIPS, strict=True)))
    flaw = Flaw("leading_zero_lost", Text("学校代码疑似丢失前导零", "leading zero lost"),
                Text("按文本重新录入", "as text"), file="学校.xlsx", sheet="学校", row=7, column="学校代码",
                severity=Severity.WARNING)  # fmt: skip
    enrolment = pd.DataFrame({"school_id": ["04290210"], "name": ["x"], "year": [2025]})
    return County("样例县", CRS_M, boundary, townships, villages, schools, enrolment, _network(), demand=demand,
                  checks=(flaw,))  # fmt: skip


def _network() -> RoadNetwork:
    """Two roads across and three down, as edges that do not meet: enough to be drawn."""
    wide, high = X0 + 3 * SIDE, Y0 + 2 * SIDE
    ends = [((X0, Y0 + SIDE * (j + 0.5)), (wide, Y0 + SIDE * (j + 0.5))) for j in range(2)]
    ends += [((X0 + SIDE * (i + 0.5), Y0), (X0 + SIDE * (i + 0.5), high)) for i in range(3)]
    xy = np.array(ends).reshape(-1, 2)
    m = len(ends)
    codes = {
        f.name: np.zeros(m, dtype=np.float32 if f.name == "maxspeed_kmh" else np.uint8) for f in fields(RoadAttributes)
    }
    codes["highway"] = np.full(m, HIGHWAYS.index("secondary"), dtype=np.uint8)
    u = np.arange(0, 2 * m, 2, dtype=np.int32)
    lon, lat = Transformer.from_crs(CRS_M, "EPSG:4326", always_xy=True).transform(xy[:, 0], xy[:, 1])
    return RoadNetwork(CRS_M, np.arange(2 * m), xy[:, 0], xy[:, 1], lon, lat, u, u + 1, np.full(m, SIDE),
                       np.arange(0, 2 * m + 1, 2), xy[:, 0], xy[:, 1], RoadAttributes(**codes), np.arange(m),
                       np.zeros(m, dtype=np.int32))  # fmt: skip


def make_plan(county: County, closed: tuple[str, ...] = (), label: str = "现状", parent: str = "") -> Plan:
    schools = county.schools.copy()
    hit = schools["school_id"].isin(closed)
    schools.loc[hit, "decision"], schools.loc[hit, "is_open"] = "close", False
    demand, rows = county.demand, []
    xy = np.column_stack([demand.geometry.x, demand.geometry.y])
    for band in GradeBand:
        low, high = band.grades[0], band.grades[-1]
        ok = schools[schools["is_open"] & (schools["grade_from"] <= low) & (schools["grade_to"] >= high)]
        sxy = np.column_stack([ok.geometry.x, ok.geometry.y])
        metres = np.hypot(*(xy[:, None, :] - sxy[None, :, :]).transpose(2, 0, 1)) * 1.3
        best = metres.argmin(axis=1)
        m = metres[np.arange(len(xy)), best]
        walk = m / SPEED[band]
        ride = 10 + m / 400
        mode = np.where(walk <= LIMIT[band], "walk", "ride")
        minutes = np.where(mode == "walk", walk, ride)
        rows.append(pd.DataFrame({
            "demand_id": demand["demand_id"], "band": band.value, "school_id": ok["school_id"].to_numpy()[best],
            "mode": mode, "pupils": demand[band.pupils_column], "minutes": minutes, "metres": m,
            "within_limit": minutes <= LIMIT[band] - 8, "nearest_school_id": ok["school_id"].to_numpy()[best],
            "nearest_minutes": minutes, "reason": ""}))  # fmt: skip
    assignment = pd.concat(rows, ignore_index=True)
    gone = assignment.index[::97]
    assignment.loc[gone, ["school_id", "mode", "nearest_school_id", "reason"]] = ["", "none", "", "unreachable"]
    assignment.loc[gone, ["minutes", "metres", "nearest_minutes"]] = np.nan
    assignment.loc[gone, "within_limit"] = False
    scenario = Scenario(name=label, note="样例", data=Data(), decisions=Decisions(close=closed))
    assignment = assignment.sort_values(["demand_id", "band"], ignore_index=True)
    return Plan(label, county, scenario, schools, assignment, parent)

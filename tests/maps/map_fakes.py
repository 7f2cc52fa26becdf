"""A deterministic stand-in for a county and its plans."""

from __future__ import annotations

import base64
from dataclasses import fields

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Transformer
from scipy.spatial import cKDTree

from layout_planner.config.scenario import Data, Scenario
from layout_planner.grades import GradeBand, Tier
from layout_planner.io.county import County
from layout_planner.measures import PlanTables, tables
from layout_planner.plan import Plan
from layout_planner.travel.network import RoadNetwork
from layout_planner.travel.tags import HIGHWAYS, RoadAttributes

CRS_METRES = CRS.from_epsg(4545)
CENTRE = np.array([500_000.0, 3_050_000.0])
SPEED = {"G1-3": 55.0, "G4-6": 65.0, "G7-9": 75.0}
WALK_LIMIT = {"G1-3": 30, "G4-6": 40, "G7-9": 60}
SURNAMES = "杨李张王赵陈刘周吴郑孙何罗梁谢宋唐许邓冯"
FEATURES = "家坪沟湾岭坝坡塘溪洞桥寨冲垭口河山林田井"


def road_network(lines: np.ndarray, classes: np.ndarray) -> RoadNetwork:
    """Turn lines into edges that do not meet: enough to be drawn."""
    m = len(lines)
    count = shapely.get_num_coordinates(lines)
    start = np.concatenate([[0], np.cumsum(count)])
    xy = shapely.get_coordinates(lines)
    ends = np.column_stack([start[:-1], start[1:] - 1]).ravel()
    lon, lat = Transformer.from_crs(CRS_METRES, "EPSG:4326", always_xy=True).transform(*xy[ends].T)
    codes = {
        f.name: np.zeros(m, dtype=np.float32 if f.name == "maxspeed_kmh" else np.uint8) for f in fields(RoadAttributes)
    }
    codes["highway"] = np.array([HIGHWAYS.index(name) for name in classes], dtype=np.uint8)
    u = np.arange(0, 2 * m, 2, dtype=np.int32)
    return RoadNetwork(CRS_METRES, np.arange(2 * m), xy[ends, 0], xy[ends, 1], lon, lat, u, u + 1,
                       shapely.length(lines), start, xy[:, 0], xy[:, 1], RoadAttributes(**codes), np.arange(m),
                       np.zeros(m, dtype=np.int32))  # fmt: skip


def fake_county(cells: int = 300, villages: int = 40, schools: int = 12, townships: int = 5, seed: int = 7) -> County:
    rng = np.random.default_rng(seed)
    boundary = _boundary(rng)
    centres = CENTRE + _inside(rng, boundary, townships)
    zones = shapely.voronoi_polygons(shapely.MultiPoint(centres), extend_to=boundary.buffer(9000), ordered=True)
    zones = shapely.intersection(np.array(zones.geoms), boundary)
    town_id = np.array([f"42902{i:04d}" for i in range(townships)], dtype=object)
    town_name = [f"{SURNAMES[i % 20]}{FEATURES[(i * 7) % 20]}{'镇' if i % 3 else '乡'}" for i in range(townships)]
    town = gpd.GeoDataFrame({"township_id": town_id, "name": town_name}, geometry=zones, crs=CRS_METRES)

    at = np.vstack([centres, CENTRE + _inside(rng, boundary, villages - townships)])
    village = _points(at)
    village["village_id"] = [f"V{i:04d}" for i in range(villages)]
    village["name"] = [
        f"{SURNAMES[(i * 3) % 20]}{FEATURES[(i * 11) % 20]}{'社区' if i < townships else '村'}" for i in range(villages)
    ]
    village["township_id"] = town_id[_nearest(at, centres)]

    weight = np.r_[np.full(townships, 6.0), np.ones(villages - townships)]
    home = rng.choice(villages, size=cells * 3, p=weight / weight.sum())
    spots = np.unique(np.round((at[home] + rng.normal(0, 700, (cells * 3, 2))) / 100) * 100, axis=0)
    spots = spots[shapely.contains_xy(boundary, spots[:, 0], spots[:, 1])]
    spots = spots[np.sort(rng.choice(len(spots), size=min(cells, len(spots)), replace=False))]
    near = _nearest(spots, at)
    demand = _points(spots)
    demand["demand_id"] = [f"D{i:05d}" for i in range(len(demand))]
    demand["name"] = village["name"].to_numpy()[near]
    demand["village_id"] = village["village_id"].to_numpy()[near]
    demand["township_id"] = village["township_id"].to_numpy()[near]
    demand["kind"] = "cell"
    density = rng.gamma(1.2, 1.0, len(demand)) * np.where(near < townships, 2.5, 1.0)
    for band in GradeBand:
        demand[band.pupils_column] = np.round(density * (12_600 if cells > 1000 else 900) / density.sum(), 3)
        demand.loc[demand.index % 17 == 3, band.pupils_column] = 0.0
    lines = np.array([shapely.LineString([at[i], (at[i] + at[j]) / 2 + rng.normal(0, 600, 2), at[j]])
                      for i in range(villages)
                      for j in np.argsort(((at - at[i]) ** 2).sum(1))[1:3]], dtype=object)  # fmt: skip
    classes = np.where(np.arange(len(lines)) % 3 == 0, "secondary", "unclassified")
    return County(
        name="样例县", crs=CRS_METRES, boundary=gpd.GeoDataFrame(geometry=[boundary], crs=CRS_METRES), townships=town,
        villages=village, schools=_schools(rng, at, village, town_name, schools, townships), enrolment=pd.DataFrame(),
        network=road_network(lines, classes), demand=demand,
    )  # fmt: skip


def fake_plan(
    county: County, label: str = "现状", close: tuple[int, ...] = (), convert: tuple[int, ...] = ()
) -> tuple[Plan, PlanTables]:
    schools = county.schools.copy()
    decision = np.full(len(schools), "keep", dtype=object)
    decision[list(close)], decision[list(convert)] = "close", "convert"
    schools["decision"] = decision
    schools["is_open"] = decision != "close"
    schools.loc[schools["decision"] == "convert", ["tier", "grade_to"]] = [Tier.TEACHING_POINT, 3]
    assignment = pd.concat([_assign(county, schools, band) for band in GradeBand], ignore_index=True)
    plan = Plan(
        label=label,
        county=county,
        scenario=Scenario(name=label[:60], data=Data()),
        schools=schools,
        assignment=assignment,
    )
    return plan, tables(plan)


def _assign(county: County, schools: gpd.GeoDataFrame, band: GradeBand) -> pd.DataFrame:
    teaches = schools["is_open"] & (schools["grade_from"] <= band.grades[0]) & (schools["grade_to"] >= band.grades[-1])
    sites = schools[teaches].reset_index(drop=True)
    homes = county.demand[county.demand[band.pupils_column] > 0]
    xy, at = shapely.get_coordinates(homes.geometry), shapely.get_coordinates(sites.geometry)
    nearest = _nearest(xy, at)
    metres = np.hypot(*(xy - at[nearest]).T) * 1.35
    walk = metres / SPEED[band.value]
    ride = 10 + metres / 400
    mode = np.where(walk <= WALK_LIMIT[band.value], "walk", "ride")
    minutes = np.where(mode == "walk", walk, ride)
    school = sites["school_id"].to_numpy()[nearest]
    return pd.DataFrame({
        "demand_id": homes["demand_id"].to_numpy(), "band": band.value, "school_id": school,
        "mode": mode, "pupils": homes[band.pupils_column].to_numpy(), "minutes": minutes, "metres": metres,
        "within_limit": minutes <= 45, "nearest_school_id": school, "nearest_minutes": minutes, "reason": "",
    })  # fmt: skip


def _schools(rng, at, village, town_name, n, towns) -> gpd.GeoDataFrame:
    where, tiers = [], []
    for t in range(towns):
        where += [t, t]
        tiers += [Tier.CENTRAL_PRIMARY if t else Tier.PRIMARY, Tier.JUNIOR if t % 4 else Tier.NINE_YEAR]
    rest = rng.choice(np.arange(towns, len(at)), size=max(0, n - len(where)), replace=False)
    where, tiers = (
        (where + rest.tolist())[:n],
        (tiers + [Tier.TEACHING_POINT if i % 3 else Tier.VILLAGE_PRIMARY for i in range(len(rest))])[:n],
    )
    frame = _points(at[where] + rng.normal(0, 250, (n, 2)))
    rooms = np.array([3 if t is Tier.TEACHING_POINT else 6 if t is Tier.VILLAGE_PRIMARY else 18 for t in tiers])
    place = village["name"].to_numpy()[where]
    label = {
        Tier.JUNIOR: "初级中学",
        Tier.NINE_YEAR: "九年一贯制学校",
        Tier.CENTRAL_PRIMARY: "中心小学",
        Tier.PRIMARY: "第一小学",
    }
    town = [town_name[w] if w < towns else "" for w in where]
    frame["school_id"] = [f"42902{i:05d}" for i in range(n)]
    frame["name"] = [
        f"{town[i]}{label[t]}" if t in label else f"{place[i]}{'教学点' if t is Tier.TEACHING_POINT else '小学'}"
        for i, t in enumerate(tiers)
    ]
    frame["tier"] = tiers
    frame["township_id"] = village["township_id"].to_numpy()[where]
    frame["township"] = [town_name[int(i[5:])] for i in frame["township_id"]]
    frame["grade_from"] = [t.default_grades[0] for t in tiers]
    frame["grade_to"] = [t.default_grades[1] for t in tiers]
    frame["rooms"], frame["seats"], frame["beds"] = rooms, rooms * 45, 0
    share = np.array([0.0 if t is Tier.JUNIOR else 2 / 3 if t is Tier.NINE_YEAR else 1.0 for t in tiers])
    frame["seats_primary"] = np.rint(frame["seats"] * share).astype(int)
    frame["seats_junior"] = frame["seats"] - frame["seats_primary"]
    return frame


def _boundary(rng) -> shapely.Polygon:
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    r = 24_000 + sum(rng.normal(0, 2600 / k) * np.sin(k * angle + rng.uniform(0, 6)) for k in range(2, 24))
    return shapely.Polygon(CENTRE + np.column_stack([r * np.cos(angle), r * np.sin(angle)]))


def _inside(rng, boundary, n) -> np.ndarray:
    points = rng.uniform(-23_000, 23_000, (n * 6, 2))
    small = shapely.buffer(boundary, -1500)
    return points[shapely.contains_xy(small, points[:, 0] + CENTRE[0], points[:, 1] + CENTRE[1])][:n]


def _nearest(xy: np.ndarray, at: np.ndarray) -> np.ndarray:
    return cKDTree(at).query(xy)[1]


def _points(xy: np.ndarray) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=shapely.points(xy), crs=CRS_METRES)


def unpack(column: dict) -> np.ndarray:
    """Read a packed column as the page does."""
    codes = np.frombuffer(base64.b64decode(column["d"]), dtype={"u8": "<u1", "u16": "<u2", "u32": "<u4"}[column["t"]])
    top = 2 ** (8 * codes.itemsize) - 1
    return np.where(codes == top, np.nan, (codes.astype(float) + column["o"]) * column["s"])

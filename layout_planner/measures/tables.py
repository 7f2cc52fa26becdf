"""All result tables of a plan, each with exactly the columns of the registry."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.assign.by_grade import grade_loads
from layout_planner.assign.classes import form_classes, plan_grades
from layout_planner.columns import (
    ACCESS,
    ADMISSION_FLOWS,
    ADMISSION_RESULTS,
    BALANCE,
    BALANCE_SCHOOLS,
    COMMUTE,
    DANGERS,
    EQUITY,
    FORECAST_SCHOOLS,
    FORECAST_YEARS,
    GRADE_LOADS,
    GROUP_RESULTS,
    IN_ZONE,
    LORENZ,
    ORGANISATION_SITES,
    ORGANISATIONS,
    PLAN_SCHOOLS,
    PROVISION,
    REACH,
    RELEASED,
    SEASONS,
    TOWNSHIP_RESULTS,
    UNITS,
    VILLAGE_RESULTS,
)
from layout_planner.grades import GradeBand, Stage
from layout_planner.measures.admission import admission_flows, admission_results
from layout_planner.measures.capacity import (
    attended_under,
    boarders,
    class_counts,
    load,
    pupils_by_band,
    rooms_missing,
)
from layout_planner.measures.commute import at_nearest, day_trips, share, trip_statistics, weighted_max, weighted_mean
from layout_planner.measures.fairness import fairness_values
from layout_planner.measures.forecast import forecast_tables
from layout_planner.measures.groups import group_results
from layout_planner.measures.indicators import indicator_frame
from layout_planner.measures.organisations import organisation_tables
from layout_planner.measures.plan_access import access_table, measure_access
from layout_planner.measures.plan_balance import balance_tables
from layout_planner.measures.plan_equity import equity_table, lorenz_table, reach_table
from layout_planner.measures.plan_zones import in_zone_table, in_zone_values
from layout_planner.measures.provision import provision_table
from layout_planner.measures.seasons import season_effects
from layout_planner.measures.ways import danger_rows, danger_table, unsafe_pupils
from layout_planner.supply.by_grade import grade_seats

if TYPE_CHECKING:
    import geopandas as gpd

    from layout_planner.plan import Plan

__all__ = ["PlanTables", "tables"]

_COUNTS = [c.name for c in PLAN_SCHOOLS if c.name.startswith("class")]
_STATISTICS = [c.name for c in COMMUTE if c.name not in {"band", "mode", "pupils"}]


@dataclass(frozen=True, eq=False)
class PlanTables:
    """What a plan comes to.

    Attributes
    ----------
    indicators : DataFrame
        County figures (table ``indicators``).
    commute : DataFrame
        By band (and ``all``) and mode (``all`` daily modes, ``walk``, ``ride``, ``board``): table ``commute``.
        Each row's shares are of the row's pupils. A boarder's trip is weekly and stands only in ``board``.
    schools : GeoDataFrame
        Every school, open or not (table ``plan_schools`` and ``geometry``).
    villages, townships : DataFrame
        By where pupils live (tables ``village_results``, ``township_results``). Minutes and metres of daily
        trips; shares of all pupils who live there. A township's schools, seats and classes are those that stand
        in it, its ``seats_gap`` is their seats less the pupils who attend them.
    classes : DataFrame
        By school and grade (table ``class_results``).
    dangers : DataFrame
        What pupils meet on the way, by village, band and school (table ``dangers``).
    seasons : DataFrame
        Who loses their school in the seasons of the scenario, and for how many months (table ``seasons``).
    units : DataFrame
        What grouping cells into natural villages costs in accuracy (table ``units``); empty if none were grouped.
    groups : DataFrame
        By group of pupils and band (table ``group_results``); empty if all are residents.
    admission, admission_flows : DataFrame
        By claim to a seat, and by school (tables ``admission_results``, ``admission_flows``); empty unless seats
        were given claim after claim.
    grade_loads : DataFrame
        Pupils and seats by school and grade (table ``grade_loads``); empty unless seats count by grade.
    organisations, sites : DataFrame
        By legal school, and the sites of each (tables ``organisations``, ``organisation_sites``); empty where none
        has several sites.
    reach, equity, lorenz : DataFrame
        Coverage by band and way, how evenly the way to school is shared, and the curve behind it (tables of that name).
    access : DataFrame
        Seats in reach by township and stage (table ``access``); empty where the plan has neither ``access`` nor
        ``times``.
    balance, balance_schools : DataFrame
        The official coefficients of variation and the test of every school (tables of that name); empty where the
        school table does not state what they divide.
    provision : DataFrame
        Staff, beds, buses and public funds by open school (table ``provision``).
    in_zone : DataFrame
        Who attends the school of their catchment, by band (table ``in_zone``); empty where catchments are not known.
    released : DataFrame
        Where the staff and the equipment of schools that close could go (table ``released``); a plan alone cannot
        tell (:func:`layout_planner.measures.released`), so that it is empty until somebody puts it there.
    forecast_years, forecast_schools : DataFrame
        What the plan comes to with the pupils whom the county expects (tables of that name); empty without a forecast.
    """

    indicators: pd.DataFrame
    commute: pd.DataFrame
    schools: gpd.GeoDataFrame
    villages: pd.DataFrame
    townships: pd.DataFrame
    classes: pd.DataFrame
    dangers: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(DANGERS.names)))
    seasons: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(SEASONS.names)))
    units: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(UNITS.names)))
    groups: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(GROUP_RESULTS.names)))
    admission: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(ADMISSION_RESULTS.names)))
    admission_flows: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(ADMISSION_FLOWS.names)))
    grade_loads: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(GRADE_LOADS.names)))
    organisations: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(ORGANISATIONS.names)))
    sites: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(ORGANISATION_SITES.names)))
    reach: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(REACH.names)))
    equity: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(EQUITY.names)))
    lorenz: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(LORENZ.names)))
    access: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(ACCESS.names)))
    balance: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(BALANCE.names)))
    balance_schools: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(BALANCE_SCHOOLS.names)))
    provision: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(PROVISION.names)))
    in_zone: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(IN_ZONE.names)))
    released: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(RELEASED.names)))
    forecast_years: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(FORECAST_YEARS.names)))
    forecast_schools: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(FORECAST_SCHOOLS.names)))


def tables(plan: Plan) -> PlanTables:
    """Measure a plan."""
    if plan.access is None and plan.times is not None:
        plan = measure_access(plan, plan.times)
    rows = _placed(plan)
    classes = form_classes(plan.schools, plan_grades(plan), plan.scenario.classes)
    counts = class_counts(classes)
    schools = _schools(plan, rows, counts)
    met = danger_rows(plan)
    loss = plan.county.unit_loss
    organisations, sites = organisation_tables(plan, schools)
    equity, provision = equity_table(plan, rows), provision_table(plan, rows, schools)
    balance, balance_schools = balance_tables(plan, schools)
    zoned, (years, expected) = in_zone_table(plan), forecast_tables(plan)
    further = {"unsafe_pupils": unsafe_pupils(plan, met)} | in_zone_values(zoned)
    further |= fairness_values(plan, equity, balance, provision)
    return PlanTables(
        indicators=indicator_frame(plan, schools, counts, further),
        commute=_commute(rows),
        schools=schools,
        villages=_villages(plan, rows),
        townships=_townships(plan, rows, schools),
        classes=classes,
        dangers=danger_table(plan, met),
        seasons=season_effects(plan)[0],
        units=pd.DataFrame(columns=list(UNITS.names)) if loss is None else loss,
        groups=group_results(plan),
        admission=admission_results(plan),
        admission_flows=admission_flows(plan),
        grade_loads=_grade_loads(plan),
        organisations=organisations,
        sites=sites,
        reach=reach_table(rows),
        equity=equity,
        lorenz=lorenz_table(rows),
        access=access_table(plan, plan.county.townships),
        balance=balance,
        balance_schools=balance_schools,
        provision=provision,
        in_zone=zoned,
        forecast_years=years,
        forecast_schools=expected,
    )


def _grade_loads(plan: Plan) -> pd.DataFrame:
    if plan.grades is None:
        return pd.DataFrame(columns=list(GRADE_LOADS.names))
    return grade_loads(plan.grades, plan.schools, grade_seats(plan.schools, plan.county.schools))


def _placed(plan: Plan) -> pd.DataFrame:
    """Add to the assignment where the pupils live."""
    demand = plan.county.demand
    assert demand is not None
    homes = demand.set_index(demand["demand_id"].astype(str))[["village_id", "township_id"]].fillna("")
    rows = plan.assignment.reset_index(drop=True)
    for column in homes.columns:
        rows[column] = rows["demand_id"].map(homes[column]).astype(object)
    return rows


def _shares(rows: pd.DataFrame, by: pd.Series | list[pd.Series]) -> pd.DataFrame:
    return pd.concat(
        [share(rows["within_limit"], rows["pupils"], by), share(at_nearest(rows), rows["pupils"], by)], axis=1
    )


def _commute(rows: pd.DataFrame) -> pd.DataFrame:
    seated = rows[rows["mode"] != "none"]
    day = day_trips(seated)
    spread = pd.concat(
        [part.assign(band=band) for part in (seated.assign(group=seated["mode"]), day.assign(group="all"))
         for band in (part["band"], "all")],
        ignore_index=True,
    )  # fmt: skip
    by = [spread["band"], spread["group"].rename("mode")]
    table = pd.concat([spread["pupils"].groupby(by).sum(), trip_statistics(spread, by), _shares(spread, by)], axis=1)
    bands, modes = ["all", *(b.value for b in GradeBand)], ["all", "walk", "ride", "board"]
    table = table.reindex(pd.MultiIndex.from_product([bands, modes], names=["band", "mode"]))
    table["pupils"] = table["pupils"].fillna(0.0)
    return table.reset_index()[list(COMMUTE.names)]


def _schools(plan: Plan, rows: pd.DataFrame, counts: pd.DataFrame) -> gpd.GeoDataFrame:
    schools = plan.schools.copy()
    ids = schools["school_id"].astype(str)
    seated = rows[rows["school_id"] != ""]
    day = day_trips(seated)
    measured = pd.concat(
        [
            pupils_by_band(seated, "school_id"),
            boarders(seated),
            counts[_COUNTS],
            weighted_mean(day["minutes"], day["pupils"], day["school_id"]),
            weighted_max(day["minutes"], day["pupils"], day["school_id"]),
        ],
        axis=1,
    ).reindex(ids)
    for column in measured.columns.astype(str):
        values = measured[column].to_numpy(dtype=np.float64)
        if column in _COUNTS and not column.startswith("class_size"):
            schools[column] = np.nan_to_num(values).astype("int64")
        else:
            schools[column] = np.nan_to_num(values) if column.startswith(("pupils", "boarders")) else values
    schools["load"] = load(schools["pupils"], schools["seats"]).where(schools["is_open"])
    schools["seats_gap"] = (schools["seats"] - schools["pupils"]).where(schools["is_open"], 0.0)
    schools["rooms_missing"] = rooms_missing(schools["classes_needed"], schools["rooms"])
    frame: gpd.GeoDataFrame = schools[[*PLAN_SCHOOLS.names, "geometry"]]
    return frame


def _homes(rows: pd.DataFrame, key: str) -> pd.DataFrame:
    """Measure the pupils by where they live."""
    day = day_trips(rows)
    lost = rows["pupils"].where(rows["mode"] == "none", 0.0).groupby(rows[key], sort=True).sum().rename("unassigned")
    parts = [pupils_by_band(rows, key), trip_statistics(day, day[key]), _shares(rows, rows[key]), lost]
    return pd.concat(parts, axis=1)


def _with_blanks(table: pd.DataFrame, ids: pd.Index) -> pd.DataFrame:
    """Take the rows of ``ids``; places without pupils have zero pupils and no statistics."""
    table = table.reindex(ids)
    counted = [c for c in VILLAGE_RESULTS.names if c.startswith("pupils") or c == "unassigned"]
    table[counted] = table[counted].fillna(0.0)
    return table


def _township_names(plan: Plan) -> pd.Series:
    townships = plan.county.townships
    return pd.Series(townships["name"].to_numpy(object), index=townships["township_id"].astype(str).to_numpy(object))


def _villages(plan: Plan, rows: pd.DataFrame) -> pd.DataFrame:
    homes = _homes(rows, "village_id")
    villages, demand = plan.county.villages, plan.county.demand
    assert demand is not None
    known = villages.drop_duplicates("village_id").set_index("village_id")
    ids = pd.Index(sorted({*known.index.astype(str), *homes.index}), name="village_id")
    table = _with_blanks(homes, ids)
    estates = demand[demand["kind"] == "community"].drop_duplicates("village_id").set_index("village_id")["name"]
    table["name"] = known["name"].reindex(ids).fillna(estates.reindex(ids)).fillna("").astype(object)
    living = demand.fillna({"village_id": ""}).groupby("village_id")["township_id"].first().reindex(ids)
    table["township_id"] = known["township_id"].reindex(ids).fillna(living).fillna("").astype(object)
    table["township"] = table["township_id"].map(_township_names(plan)).fillna("").astype(object)
    for stage, column in ((Stage.PRIMARY, "school_primary"), (Stage.JUNIOR, "school_junior")):
        table[column] = _main_school(plan, rows, stage).reindex(ids).fillna("").astype(object)
    return table.reset_index()[list(VILLAGE_RESULTS.names)]


def _main_school(plan: Plan, rows: pd.DataFrame, stage: Stage) -> pd.Series:
    """Name the school that most of a village's pupils of a stage attend; ties go to the lower school id."""
    bands = [band.value for band in GradeBand if band.stage is stage]
    mine = rows[rows["band"].isin(bands) & (rows["school_id"] != "")]
    flows = mine.groupby(["village_id", "school_id"], sort=True)["pupils"].sum().reset_index()
    flows = flows.sort_values(["village_id", "pupils", "school_id"], ascending=[True, False, True], kind="stable")
    names = plan.schools.set_index(plan.schools["school_id"].astype(str))["name"]
    main = flows.drop_duplicates("village_id").set_index("village_id")["school_id"]
    return main.map(names)


def _townships(plan: Plan, rows: pd.DataFrame, schools: gpd.GeoDataFrame) -> pd.DataFrame:
    homes = _homes(rows, "township_id")
    names = _township_names(plan)
    opened = schools[schools["is_open"]]
    place = opened["township_id"].fillna("").astype(str)
    sums = opened[["seats", "seats_gap", "classes_56_65", "classes_66_up"]].groupby(place).sum()
    sums["schools"] = opened.groupby(place).size()
    sums["schools_under_50"] = attended_under(opened["pupils"], 50).groupby(place).sum()
    sums["schools_under_100"] = attended_under(opened["pupils"], 100).groupby(place).sum()
    ids = pd.Index(sorted({*names.index, *homes.index, *sums.index}), name="township_id")
    table = _with_blanks(homes, ids).join(sums)
    whole = ["seats", "classes_56_65", "classes_66_up", "schools", "schools_under_50", "schools_under_100"]
    table[whole] = table[whole].fillna(0).astype("int64")
    table["seats_gap"] = table["seats_gap"].fillna(0.0)
    table["name"] = names.reindex(ids).fillna("").astype(object)
    return table.reset_index()[list(TOWNSHIP_RESULTS.names)]

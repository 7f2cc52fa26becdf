"""Pupils of housing estates: households times a rate, today's carved out of the township, new ones added."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from layout_planner.config.scenario import Demand
from layout_planner.demand.by_grade import fit_grades
from layout_planner.demand.surface import PUPILS, demand_frame
from layout_planner.errors import Flaw, Severity, Text
from layout_planner.grades import GradeBand
from layout_planner.io.county import County

__all__ = ["add_communities", "community_pupils"]

EXISTING = "existing_estate"
NEW_HOUSING = ("estate_under_construction", "planned_estate", "resettlement")
_KINDS = (EXISTING, *NEW_HOUSING)


def community_pupils(projects: pd.DataFrame, demand: Demand) -> pd.DataFrame:
    """Estimate the pupils of housing projects: households x occupancy x pupils per 100 households.

    Parameters
    ----------
    projects : DataFrame
        Table ``projects``. An empty occupancy is full; an empty rate is the scenario's.

    Returns
    -------
    DataFrame
        Columns ``pupils_g1_3`` ... on the caller's index, persons; not-a-number without households.

    Source: 千人指标 of the county's planning office; the scenario's default says where it is from.
    """
    lived_in = projects["households"].astype("float64") * projects["occupancy"].astype("float64").fillna(1.0)
    rates = {}
    for band in GradeBand:
        own = projects[f"pupils_per_100_households_{band.pupils_column.removeprefix('pupils_')}"].astype("float64")
        rates[band.pupils_column] = lived_in * own.fillna(demand.pupils_per_100_households[band]) / 100.0
    return pd.DataFrame(rates, index=projects.index)


def add_communities(points: gpd.GeoDataFrame, county: County, demand: Demand) -> tuple[gpd.GeoDataFrame, list[Flaw]]:
    """Give housing estates demand points of their own, of kind ``community``.

    The pupils of estates that stand today are among the township's (the raster, the roster and the township totals
    count them): they are taken from its other points, so that every township keeps its total by band. Estates under
    construction, planned ones and resettlement areas come on top, once they are finished by the scenario's year.

    Returns
    -------
    points : GeoDataFrame
    flaws : list of Flaw
        Projects that are not counted, and estates with more pupils than their township.
    """
    projects = county.projects
    if projects is None or projects.empty:
        return points, []
    homes = projects[projects["kind"].isin(_KINDS)].sort_values("project_id", kind="stable")
    pupils = community_pupils(homes, demand)
    counted, flaws = _counted(homes, pupils, demand)
    added = demand_frame(
        "community-" + homes["project_id"], homes["name"], "community-" + homes["project_id"], homes["township_id"],
        "community", pupils, homes.geometry.to_numpy(), county.crs,
    )  # fmt: skip
    added = added[counted & (pupils.sum(axis=1) > 0).to_numpy()]
    stands = homes["kind"].eq(EXISTING).to_numpy()[added.index]
    today, later = added[stands], added[~stands]
    points, today, more = _carve(points, today, county)
    whole = pd.concat([points, today, later], ignore_index=True)
    return gpd.GeoDataFrame(whole, geometry="geometry", crs=county.crs), [*flaws, *more]


def _counted(homes: gpd.GeoDataFrame, pupils: pd.DataFrame, demand: Demand) -> tuple[np.ndarray, list[Flaw]]:
    """Tell which projects count, and say why the others do not."""
    year = homes["completion_year"].astype("float64")
    known = pupils.notna().all(axis=1)
    if demand.year is None:
        done = homes["kind"].eq(EXISTING)
    else:
        done = year.le(demand.year) | (year.isna() & homes["kind"].eq(EXISTING))
    flaws = []
    for (_, home), when, is_known, is_done in zip(homes.iterrows(), year, known, done, strict=True):
        if not is_known:
            what = Text(f"“{home['name']}”没有户数，未计入学生", f"{home['name']} has no households: not counted")
            mend = Text("补填户数", "fill in the households")
            flaws.append(Flaw("project_households_missing", what, mend, column="households", severity=Severity.WARNING))
        elif not is_done:
            flaws.append(_unfinished(str(home["name"]), when, demand.year))
    return (known & done).to_numpy(dtype=bool), flaws


def _unfinished(name: str, when: float, year: int | None) -> Flaw:
    built = Text(f"{when:.0f} 年建成", f"finished in {when:.0f}") if np.isfinite(when) else _NO_YEAR
    until = Text(f"推算到 {year} 年", f"the year is {year}") if year else Text("情景没有写推算年份", "no year is given")
    what = Text(f"“{name}”{built.zh}，{until.zh}，未计入学生", f"{name}: {built.en}; {until.en}: not counted")
    mend = Text("要计入时，填写建成年份，并把 demand.year 改到那一年以后",
                "to count it, give its completion year and set demand.year to that year or later")  # fmt: skip
    return Flaw("project_not_counted", what, mend, key="demand.year", severity=Severity.NOTE)


_NO_YEAR = Text("没有建成年份", "has no completion year")


def _carve(
    points: gpd.GeoDataFrame, estates: gpd.GeoDataFrame, county: County
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, list[Flaw]]:
    """Take the pupils of estates from the other points of their townships, band by band."""
    points, estates, flaws = points.copy(), estates.copy(), []
    names = dict(zip(county.townships["township_id"], county.townships["name"], strict=True))
    for township in sorted(set(estates["township_id"])):
        others, own = points["township_id"] == township, estates["township_id"] == township
        before, wanted = points.loc[others, PUPILS].sum(), estates.loc[own, PUPILS].sum()
        over = wanted > before * (1 + 1e-9)
        if over.any():
            name = names.get(township, township)
            short = float((wanted - before)[over].sum())
            what = Text(
                f"{name}现有小区的学生比全乡镇还多 {short:,.0f} 人，已按乡镇学生数压低",
                f"the estates of {name} would have {short:,.0f} more pupils than all of it: cut to the township's",
            )
            mend = Text("核对户数、入住率、每百户学生数和乡镇学生数",
                        "check households, occupancy, the rates and the township's pupils")  # fmt: skip
            flaws.append(Flaw("communities_exceed", what, mend, severity=Severity.WARNING))
        given = np.minimum(wanted, before)
        estates.loc[own, PUPILS] *= given.div(wanted.where(wanted > 0, 1.0))
        points.loc[others, PUPILS] *= (before - given).div(before.where(before > 0, 1.0))
    return _fitted(points), _fitted(estates), flaws


def _fitted(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(fit_grades(frame), geometry="geometry", crs=frame.crs)

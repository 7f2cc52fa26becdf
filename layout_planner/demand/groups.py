"""Groups of pupils: migrant and special-education pupils as rows of their own at the places where they live."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layout_planner.config.scenario import Demand
from layout_planner.demand.by_grade import fit_grades
from layout_planner.demand.surface import PUPILS, RESIDENT
from layout_planner.errors import Flaw, Severity, Text
from layout_planner.grades import GradeBand
from layout_planner.io.county import County

__all__ = ["GROUPS", "Group", "group_of", "place_of", "split_groups"]

Floats = npt.NDArray[np.float64]
WITHIN = "within"
_ROSTERS = ("enrolment", "schools")


@dataclass(frozen=True)
class Group:
    """A group besides the residents: its name, the mark behind the ids of its rows, and its words."""

    name: str
    mark: str
    zh: str
    en: str


GROUPS = (
    Group("migrant", "#m", "随迁子女", "migrant pupils"),
    Group("special", "#s", "特殊教育学生", "special-education pupils"),
)
"""In the order in which they are taken out; nobody is in two groups."""


def group_of(demand_id: str) -> str:
    """Tell the group of a demand point by its id.

    >>> group_of("r3c4"), group_of("r3c4#m")
    ('resident', 'migrant')
    """
    return next((group.name for group in GROUPS if demand_id.endswith(group.mark)), RESIDENT)


def place_of(demand_id: str) -> str:
    """Give the id of the place where a group lives: that of its residents.

    >>> place_of("r3c4#m"), place_of("r3c4")
    ('r3c4', 'r3c4')
    """
    if "#" not in demand_id:
        return demand_id
    return next((demand_id.removesuffix(g.mark) for g in GROUPS if demand_id.endswith(g.mark)), demand_id)


def split_groups(points: gpd.GeoDataFrame, county: County, demand: Demand) -> tuple[gpd.GeoDataFrame, list[Flaw]]:
    """Give the groups of pupils rows of their own, ``<demand_id>#m`` and ``<demand_id>#s``, at the same places.

    Counts come from the village table, else (for townships whose villages state none) from the township layer, and
    go to the points of the village or township in proportion to their pupils; else a share of the scenario is taken,
    or for migrant pupils the share that the register of applications counts (``County.claims``).
    Counts are added to the pupils, or are among them, as the table says (``groups_counted``) or the scenario; among
    them always where the pupils were calibrated to the schools' rosters, which hold everybody. Shares are of all
    pupils. Without counts and shares nothing changes.

    Parameters
    ----------
    points : GeoDataFrame
        Demand points of group ``resident``, after every calibration and merging.

    Returns
    -------
    points : GeoDataFrame
        Where counts are among the pupils or shares are used, the sums over the groups of each point stay; else they
        grow by the counts.
    flaws : list of Flaw
    """
    residents = points[PUPILS].to_numpy(dtype=np.float64).copy()
    base = residents.copy()
    rows, flaws = [points], []
    for group in GROUPS:
        inside, extra, more = _pupils_of(group, points, base, county, demand)
        flaws += more
        short = inside - np.minimum(inside, residents)
        if short.sum() > 0.5:
            flaws.append(_too_many(group, float(short.sum())))
        inside -= short
        residents -= inside
        own = inside + extra
        if own.sum() > 0:
            part = points.assign(demand_id=points["demand_id"] + group.mark, group=group.name)
            rows.append(_with_pupils(part, own))
    if len(rows) == 1:
        return points, flaws
    rows[0] = _with_pupils(points, residents)
    whole = pd.concat(rows, ignore_index=True)
    return gpd.GeoDataFrame(whole, geometry="geometry", crs=points.crs), flaws


def _with_pupils(points: gpd.GeoDataFrame, pupils: Floats) -> gpd.GeoDataFrame:
    """Put other pupils by band on points, each keeping its mix of grades; points without any are left out."""
    out = points.copy()
    out[PUPILS] = pupils
    return fit_grades(out)[pupils.sum(axis=1) > 0]


def _pupils_of(
    group: Group, points: gpd.GeoDataFrame, base: Floats, county: County, demand: Demand
) -> tuple[Floats, Floats, list[Flaw]]:
    """Place a group's pupils on the points: those that are among the pupils, those that come on top, and flaws."""
    share = demand.migrant_share if group.name == "migrant" else demand.special_share
    own_share = _community_shares(group, points, county)
    open_points = np.isnan(own_share)
    inside, extra = np.zeros_like(base), np.zeros_like(base)
    stated = False
    flaws: list[Flaw] = []
    told: set[str] = set()
    for table, key in ((county.villages, "village_id"), (county.townships, "township_id")):
        counts = _counts(table, group)
        counts = counts[~counts.index.isin(_townships_told(table, told))]
        stated |= len(counts) > 0
        for row in counts.index:
            place = table.loc[row]
            told.add(str(place["township_id"]))
            for here in (key, "township_id"):
                chosen = np.flatnonzero((points[here] == place[here]).to_numpy() & open_points)
                if base[chosen].sum() > 0:
                    break
            if not base[chosen].sum() > 0:
                flaws.append(_nowhere(group, str(place["name"]), float(np.nansum(counts.loc[row]))))
                continue
            among = _is_within(place, demand)
            (inside if among else extra)[chosen] += _placed(counts.loc[row].to_numpy(np.float64), base[chosen])
    if not stated and share is not None:
        inside[open_points] = base[open_points] * share
    elif not stated:
        inside[open_points] = (base * _claimed_shares(group, points, county))[open_points]
    elif share is not None:
        flaws.append(_share_unused(group))
    inside[~open_points] = base[~open_points] * own_share[~open_points, None]
    return inside, extra, flaws


def _townships_told(table: gpd.GeoDataFrame, told: set[str]) -> pd.Index:
    """List the townships of the layer whose villages have stated the group already."""
    if "village_id" in table.columns:
        return table.index[:0]
    return table.index[table["township_id"].isin(told)]


def _counts(table: gpd.GeoDataFrame, group: Group) -> pd.DataFrame:
    """Give the rows that state a group: pupils by band, and ``total`` where only a total is known."""
    bands = [f"{group.name}_{column}" for column in PUPILS]
    total = f"{group.name}_pupils"
    if not {*bands, total} <= set(table.columns):
        return pd.DataFrame(columns=[*PUPILS, "total"], dtype="float64")
    frame = table[[*bands, total]].astype("float64").set_axis([*PUPILS, "total"], axis=1)
    frame["total"] = frame["total"].where(frame[PUPILS].isna().all(axis=1))
    return frame[frame.notna().any(axis=1)]


def _placed(counts: Floats, base: Floats) -> Floats:
    """Share the counts of a place (three bands and a total) out among its points by their pupils."""
    by_band = base.sum(axis=0)
    bands = np.nan_to_num(counts[:3])
    if np.isfinite(counts[3]):
        bands = counts[3] * by_band / by_band.sum()
    alike = base.sum(axis=1) / base.sum()
    share = np.where(by_band > 0, base / np.where(by_band > 0, by_band, 1.0), alike[:, None])
    return share * bands


def _is_within(place: pd.Series, demand: Demand) -> bool:
    if demand.calibrate_to in _ROSTERS:
        return True
    return str(place.get("groups_counted") or demand.groups_counted) == WITHIN


def _community_shares(group: Group, points: gpd.GeoDataFrame, county: County) -> Floats:
    """Give the share of the group that a housing project states; not-a-number for other points."""
    out = np.full(len(points), np.nan)
    if group.name != "migrant" or county.projects is None or county.projects.empty:
        return out
    stated = county.projects["migrant_share"].astype("float64").to_numpy()
    known = dict(zip("community-" + county.projects["project_id"], stated, strict=True))
    community = (points["kind"] == "community").to_numpy()
    out[community] = points.loc[community, "demand_id"].map(known).to_numpy(dtype=np.float64)
    return out


def _claimed_shares(group: Group, points: gpd.GeoDataFrame, county: County) -> Floats:
    """Give the share of the group by point and band that the register of applications counts; noughts without one."""
    out = np.zeros((len(points), len(PUPILS)))
    if group.name != "migrant" or county.claims is None:
        return out
    claims = county.claims.set_index(["village_id", "stage"])
    share = claims[group.name] / claims.sum(axis=1).replace(0.0, np.nan)
    villages = points["village_id"].fillna("").astype(str)
    for k, band in enumerate(GradeBand):
        own, both = (
            share.reindex(pd.MultiIndex.from_product([villages, [stage]])).to_numpy(np.float64)
            for stage in (band.stage.value, "")
        )
        out[:, k] = np.nan_to_num(np.where(np.isnan(own), both, own))
    return out


def _too_many(group: Group, persons: float) -> Flaw:
    what = Text(
        f"{group.zh}比学生总数还多 {persons:,.0f} 人，多出的未计",
        f"there are {persons:,.0f} more {group.en} than pupils: those beyond are left out",
    )
    mend = Text("核对人数；若在学生数之外另计，把“随迁和特教人数口径”填为“另计”",
                "check the counts; if they are on top of the pupils, say so in the column groups_counted")  # fmt: skip
    return Flaw("group_exceeds", what, mend, column="groups_counted", severity=Severity.WARNING)


def _nowhere(group: Group, name: str, persons: float) -> Flaw:
    what = Text(
        f"{name}有 {persons:,.0f} 名{group.zh}，但那里没有其他学生的位置，未计",
        f"{name} has {persons:,.0f} {group.en} but no demand point to put them on: left out",
    )
    mend = Text("补填该村或该乡镇的学生数", "fill in the pupils of the village or township")
    return Flaw("group_nowhere", what, mend, severity=Severity.WARNING)


def _share_unused(group: Group) -> Flaw:
    what = Text(f"表中已有{group.zh}数，情景里的比例没有使用",
                f"a table states {group.en}: the scenario's share is not used")  # fmt: skip
    mend = Text("删去比例，或删去表中的人数", "take out the share, or the counts")
    return Flaw("group_share_unused", what, mend, key=f"demand.{group.name}_share", severity=Severity.WARNING)

"""Names of population rasters and of their bands: which ages, sex and unit they hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

__all__ = ["RasterName", "Unit", "parse_band_names", "parse_raster_name"]

Unit = Literal["count", "per_km2", "per_ha"]

_LAST_AGE = 120
_SEX = {"f": "f", "m": "m", "t": "t", "b": "t", "女": "f", "男": "m", "": "t"}
# WorldPop by sex and age: chn_f_5_2020.tif, chn_f_5_2020_constrained_UNadj.tif, chn_t_05_2025_CN_100m_R2025A_v1.tif
_AGE_SEX = re.compile(
    r"(?P<place>.+?)_(?P<sex>[fmtb])_(?P<age>\d{1,2})_(?P<year>\d{4})(?P<rest>(?:_.*)?)", re.IGNORECASE
)
# WorldPop, all ages of one sex: chn_T_F_2025_CN_100m_R2025A_v1.tif
_ONE_SEX = re.compile(r"(?P<place>.+?)_t_(?P<sex>[fm])_(?P<year>\d{4})(?P<rest>(?:_.*)?)", re.IGNORECASE)
# WorldPop before 2015: GHA14_A0510_adjv1.tif (from 5 to before 10), GHA14_A65PL_adjv1.tif (65 and over)
_BAND = re.compile(
    r"(?P<place>[a-z]+)(?P<year>\d{2})_A(?P<low>\d{2})(?P<high>\d{2}|PL)(?P<rest>(?:_.*)?)", re.IGNORECASE
)
# GHSL tiles of one raster: GHS_POP_E2020_GLOBE_R2023A_54009_100_V1_0_R6_C27.tif
_TILE = re.compile(r"_R\d{1,2}_C\d{1,2}$", re.IGNORECASE)
# GPW: gpw_v4_population_density_rev11_2020_30_sec; WorldPop: chn_pd_2020_1km; persons per hectare: KEN10_pph_v2b
_DENSITY = re.compile(r"densit|密度|(?:^|[_-])(?:pd|dens|popdens|ppk?m2|pph)(?:[_-]|$)", re.IGNORECASE)
_HECTARE = re.compile(r"(?:^|[_-])pph(?:[_-]|$)|per[_ -]?ha(?:[_-]|$)|hectare|公顷", re.IGNORECASE)
# A band's description: M_5, f_05, 女 5-9 岁, age_7, 5–9, 80+, A0510
_BAND_AGES = re.compile(
    r"(?:(?P<sex>[fmtb]|女|男)[ _-]?)?(?:ages?|年龄)?[ _-]?(?P<low>\d{1,3})"
    r"(?:(?:[ _–—~至-]|to)+(?P<high>\d{1,3})|(?P<plus>\+|plus|岁及以上))?[ _]?(?:years?|岁)?",
    re.IGNORECASE,
)
_BAND_TOTAL = re.compile(
    r"(?:total[ _-]?)?(?:pop|population|people|ppp|count|total|总人口|人口)(?:[ _-]?(?:count|total|\d{4}))?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class RasterName:
    """What a file name says: ages ``low`` to ``high`` inclusive (``None`` for all ages), sex, edition and unit.

    ``sex`` is ``f``, ``m`` or ``t`` (both). ``edition`` tells years and versions of the same raster apart; two files
    of one edition, age and sex are tiles of one raster. ``unit`` is persons a cell unless the name says a density.
    """

    low: int | None
    high: int | None
    sex: str
    edition: str
    unit: Unit = "count"

    @property
    def column(self) -> str:
        """Column of the population frame that the file fills."""
        return "people" if self.low is None else f"people_{self.low}_{self.high}"


def parse_raster_name(stem: str) -> RasterName:
    """Read a file name without its suffix.

    Known are the names of WorldPop (before 2015, 2000 to 2020, and from R2024 on), GHS-POP, LandScan and GPW; any
    other name is of all ages and both sexes.

    Examples
    --------
    >>> parse_raster_name("chn_f_5_2020").column, parse_raster_name("chn_t_05_2025_CN_100m_R2025A_v1").column
    ('people_5_9', 'people_5_9')
    >>> parse_raster_name("GHA14_A0510_adjv1").column, parse_raster_name("NPL_ppp_v2c_2020").column
    ('people_5_9', 'people')
    >>> parse_raster_name("gpw_v4_population_density_rev11_2020_30_sec").unit
    'per_km2'
    """
    unit: Unit = "count"
    if _DENSITY.search(stem):
        unit = "per_ha" if _HECTARE.search(stem) else "per_km2"
    if match := _AGE_SEX.fullmatch(stem):
        low = int(match["age"])
        last = 90 if re.search(r"_R20\d\d", match["rest"], re.IGNORECASE) else 80
        high = {0: 0, 1: 4, last: _LAST_AGE}.get(low, low + 4)
        edition = f"{match['place']}|{match['year']}|{match['rest']}".lower()
        return RasterName(low, high, _SEX[match["sex"].lower()], edition, unit)
    if match := _BAND.fullmatch(stem):
        low = int(match["low"])
        high = _LAST_AGE if match["high"].upper() == "PL" else int(match["high"]) - 1
        return RasterName(low, high, "t", f"{match['place']}|{match['year']}|{match['rest']}".lower(), unit)
    if match := _ONE_SEX.fullmatch(stem):
        edition = f"{match['place']}|{match['year']}|{match['rest']}".lower()
        return RasterName(None, None, match["sex"].lower(), edition, unit)
    return RasterName(None, None, "t", _TILE.sub("", stem).lower(), unit)


def parse_band_names(descriptions: Sequence[str], stem: str) -> list[RasterName | None]:
    """Read the descriptions of a stack's bands, together: a lone starting age ends where the next band begins.

    Parameters
    ----------
    descriptions : sequence of str
        A file name of WorldPop's, an age or a range of ages with or without a sex, or a word for everybody.
    stem : str
        The file's name without its suffix; gives the edition and, where a description says none, the unit.

    Returns
    -------
    list of RasterName or None
        ``None`` where a description says nothing about ages or people.

    Examples
    --------
    >>> [name.column for name in parse_band_names(["M_0", "M_1", "M_5", "F_80"], "stack")]
    ['people_0_0', 'people_1_4', 'people_5_79', 'people_80_120']
    >>> [name.column for name in parse_band_names(["5-9岁", "population"], "stack")]
    ['people_5_9', 'people']
    """
    whole = parse_raster_name(stem)
    found = [_parse_band(text.strip(), whole) for text in descriptions]
    lows = sorted({name.low for name in found if name is not None and name.low is not None})
    ends = {low: following - 1 for low, following in pairwise(lows)}
    return [
        replace(name, high=ends.get(name.low, _LAST_AGE))
        if name is not None and name.low is not None and name.high is None
        else name
        for name in found
    ]


def _parse_band(text: str, whole: RasterName) -> RasterName | None:
    own = parse_raster_name(text)
    unit = own.unit if own.unit != "count" else whole.unit
    if own.low is not None or own.sex != "t":
        return replace(own, unit=unit)
    if match := re.fullmatch(r"A(\d{2})(\d{2}|PL)", text, re.IGNORECASE):
        high = _LAST_AGE if match[2].upper() == "PL" else int(match[2]) - 1
        return RasterName(int(match[1]), high, "t", whole.edition, unit)
    if match := _BAND_AGES.fullmatch(text):
        sex = _SEX[(match["sex"] or "").lower()]
        high_age = _LAST_AGE if match["plus"] else int(match["high"]) if match["high"] else None
        low = int(match["low"])
        if low > _LAST_AGE or (high_age is not None and high_age < low):
            return None
        return RasterName(low, high_age, sex, whole.edition, unit)
    if _BAND_TOTAL.fullmatch(text) or unit != whole.unit:
        return RasterName(None, None, "t", whole.edition, unit)
    return None

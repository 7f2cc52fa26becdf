"""Names of population rasters: which ages and sex a file holds, as WorldPop names them."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["RasterName", "parse_raster_name"]

_LAST_AGE = 120
_SEX = {"f": "f", "m": "m", "t": "t", "b": "t"}
# chn_f_5_2020.tif, chn_f_5_2020_constrained_UNadj.tif, chn_t_05_2025_CN_100m_R2025A_v1.tif
_AGE_SEX = re.compile(
    r"(?P<place>.+?)_(?P<sex>[fmtb])_(?P<age>\d{1,2})_(?P<year>\d{4})(?P<rest>(?:_.*)?)", re.IGNORECASE
)
# GHA14_A0510_adjv1.tif (from 5 to before 10), GHA14_A65PL_adjv1.tif (65 and over)
_BAND = re.compile(
    r"(?P<place>[a-z]+)(?P<year>\d{2})_A(?P<low>\d{2})(?P<high>\d{2}|PL)(?P<rest>(?:_.*)?)", re.IGNORECASE
)


@dataclass(frozen=True)
class RasterName:
    """What a file name says: ages ``low`` to ``high`` inclusive (``None`` for all ages), sex and edition.

    ``sex`` is ``f``, ``m`` or ``t`` (both). ``edition`` tells years and versions of the same raster apart; two files
    of one edition, age and sex are tiles of one raster.
    """

    low: int | None
    high: int | None
    sex: str
    edition: str

    @property
    def column(self) -> str:
        """Column of the population frame that the file fills."""
        return "people" if self.low is None else f"people_{self.low}_{self.high}"


def parse_raster_name(stem: str) -> RasterName:
    """Read a file name without its suffix.

    Examples
    --------
    >>> parse_raster_name("chn_f_5_2020").column, parse_raster_name("chn_t_05_2025_CN_100m_R2025A_v1").column
    ('people_5_9', 'people_5_9')
    >>> parse_raster_name("GHA14_A0510_adjv1").column, parse_raster_name("NPL_ppp_v2c_2020").column
    ('people_5_9', 'people')
    """
    if match := _AGE_SEX.fullmatch(stem):
        low = int(match["age"])
        high = {0: 0, 1: 4}.get(low, low + 4)
        edition = f"{match['place']}|{match['year']}|{match['rest']}".lower()
        return RasterName(low, high, _SEX[match["sex"].lower()], edition)
    if match := _BAND.fullmatch(stem):
        low = int(match["low"])
        high = _LAST_AGE if match["high"].upper() == "PL" else int(match["high"]) - 1
        return RasterName(low, high, "t", f"{match['place']}|{match['year']}|{match['rest']}".lower())
    return RasterName(None, None, "t", stem.lower())

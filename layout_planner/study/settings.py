"""Whom the pupils are counted by: township, village, and town or country."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.errors import Text, UnknownIdError
from layout_planner.grades import Tier

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.io.county import County
    from layout_planner.study.reach import Reach

__all__ = ["Where", "where"]


@dataclass(frozen=True, eq=False)
class Where:
    """Of every unit (u,): demand point, village and township (position in ``towns``); of every township, if urban."""

    place: NDArray[np.int64]
    village: NDArray[np.object_]
    town: NDArray[np.int64]
    towns: tuple[str, ...]
    town_names: tuple[str, ...]
    urban: NDArray[np.bool_]


def where(county: County, found: Reach, urban: Collection[str] | None) -> Where:
    """Look up where the units live.

    Parameters
    ----------
    urban : collection of str, optional
        Codes of the townships that are town; by default those with an open town primary school (城镇小学).

    Raises
    ------
    UnknownIdError
        If a township named urban is none of the county's.
    """
    demand = county.demand
    assert demand is not None
    place = pd.Index(demand["demand_id"].astype(str)).get_indexer(pd.Index(found.pairs.demand_id))
    code = demand["township_id"].astype(str).to_numpy(dtype=object)[place]
    names = dict(zip(county.townships["township_id"].astype(str), county.townships["name"].astype(str), strict=True))
    towns = tuple(sorted({*names, *code}))
    if urban is None:
        of_town = county.schools[(county.schools["tier"] == Tier.PRIMARY) & (county.schools["status"] == "active")]
        urban = set(of_town["township_id"].astype(str))
    elif unknown := sorted(set(urban) - set(towns)):
        raise UnknownIdError(Text(f"没有乡镇 {'、'.join(unknown)}", f"there is no township {', '.join(unknown)}"))
    return Where(
        np.asarray(place, dtype=np.int64),
        demand["village_id"].astype(str).to_numpy(dtype=object)[place],
        np.asarray(pd.Index(towns).get_indexer(pd.Index(code)), dtype=np.int64),
        towns,
        tuple(names.get(town, town) for town in towns),
        np.array([town in urban for town in towns]),
    )

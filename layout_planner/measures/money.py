"""What schools need to run: public funds, beds and rooms for boarders, seats on buses, land.

Pure functions: Series on school ids in, frames or Series on the same index out. Staff is
:func:`layout_planner.supply.staffing.staff_needed`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from layout_planner.config.layout import Prices

from layout_planner.grades import Stage

__all__ = ["boarding_rooms", "buses_wanted", "land_wanted", "public_funds"]

_CRUMB = 1e-6


def public_funds(primary: pd.Series, junior: pd.Series, boarders: pd.Series, prices: Prices) -> pd.DataFrame:
    """Work out the public funds (公用经费) of schools: pupils × base, at least those of 100 pupils, and boarders.

    A school with fewer pupils than the floor gets the base of the missing ones too, at the rate of primary pupils
    where it has any; a school without pupils gets nothing.

    Parameters
    ----------
    primary, junior, boarders : Series (n,)
        Pupils by stage and boarders (persons).
    prices : Prices
        ``funds_yuan`` by stage, ``funds_floor_pupils`` and ``boarder_yuan``, of the scenario.

    Returns
    -------
    DataFrame
        Yuan a year: ``funds_yuan`` in all, ``floor_yuan`` of it for pupils who are not there, ``floor_pupils`` how
        many these are.

    Source: 国发〔2015〕67号 and 国办发〔2012〕48号 (floor of 100) [V2]; 国办发〔2018〕27号 (+200 a boarder) [V2].

    Examples
    --------
    >>> from layout_planner.config.layout import Prices
    >>> one = pd.Series([1.0, 1.0])
    >>> public_funds(one * [40, 150], one * [0, 60], one * [0, 50], Prices()).values.tolist()
    [[72000.0, 43200.0, 60.0], [174400.0, 0.0, 0.0]]
    """
    primary_yuan, junior_yuan = (prices.funds_yuan.get(stage, 0.0) for stage in Stage)
    pupils = primary + junior
    missing = (prices.funds_floor_pupils - pupils).clip(lower=0.0).where(pupils > _CRUMB, 0.0)
    floor = missing * np.where(primary > _CRUMB, primary_yuan, junior_yuan)
    funds = primary * primary_yuan + junior * junior_yuan + floor + boarders * prices.boarder_yuan
    return pd.DataFrame({"funds_yuan": funds, "floor_yuan": floor, "floor_pupils": missing}, dtype="float64")


def boarding_rooms(
    primary: pd.Series, junior: pd.Series, *, primary_m2: float = 3.0, junior_m2: float = 3.5, canteen_m2: float = 1.5
) -> pd.DataFrame:
    """Work out what boarders need: one bed each, usable dormitory area by stage, canteen area.

    Parameters
    ----------
    primary, junior : Series (n,)
        Boarders by stage (persons); nobody below grade 4 boards.
    primary_m2, junior_m2, canteen_m2 : float
        Square metres a boarder.

    Returns
    -------
    DataFrame
        ``beds_wanted`` (whole beds), ``dorm_m2_wanted`` and ``canteen_m2_wanted``.

    Source: 湖南, 陕西 2020 (dormitory ≥ 3 m² usable, one bed a boarder; canteen ≥ 1.5 m²), 贵州 (junior 3.5) [V2].

    Examples
    --------
    >>> boarding_rooms(pd.Series([40.0]), pd.Series([60.5])).values.tolist()
    [[101.0, 331.75, 150.75]]
    """
    boarders = primary + junior
    return pd.DataFrame({
        "beds_wanted": np.ceil(boarders - _CRUMB), "dorm_m2_wanted": primary * primary_m2 + junior * junior_m2,
        "canteen_m2_wanted": boarders * canteen_m2,
    })  # fmt: skip


def buses_wanted(riders: pd.Series, *, occupants: int = 56, drivers: int = 1, carers: int = 2) -> pd.Series:
    """Count the buses that riders need at one trip a bus: riders ÷ (occupants − driver − carers), rounded up.

    No road is looked at: routes, times and second trips change the number either way.

    Parameters
    ----------
    riders : Series (n,)
        Pupils who ride (persons), by school or line.
    occupants, drivers, carers : int
        Persons a bus may carry in all, and those of them who are no pupils. A bus of more than 40 seats takes two
        carers, a smaller one takes one.

    Returns
    -------
    Series of int (n,)
        ``buses``.

    Raises
    ------
    ValueError
        If no seat is left for pupils.

    Source: GB 24407-2012 (56 persons; 2 carers above 40 seats) [V2]; 校车安全管理条例 第三十四、三十八条 (no overload,
    a carer on board) [V].

    Examples
    --------
    >>> buses_wanted(pd.Series([0.0, 53.0, 54.0])).tolist()
    [0, 1, 2]
    """
    seats = occupants - drivers - carers
    if seats <= 0:
        msg = f"{occupants} occupants leave no seat beside {drivers} drivers and {carers} carers"
        raise ValueError(msg)
    return np.ceil((riders - _CRUMB).clip(lower=0.0) / seats).astype("int64").rename("buses")


def land_wanted(
    primary: pd.Series, junior: pd.Series, boarders: pd.Series, *, primary_m2: float, junior_m2: float,
    boarder_m2: float,
) -> pd.Series:  # fmt: skip
    """Work out the site that pupils need: pupils × square metres of their stage, and more for every boarder.

    There is no national figure; the province's or city's must be given, such as 焦作 2019: primary 22, junior 26,
    boarders 10 more [V]; 安阳 2021: primary 18, junior 22, boarders 4 to 5 more [V].

    Returns
    -------
    Series (n,)
        ``land_m2`` (square metres).

    Examples
    --------
    >>> one = pd.Series([1.0])
    >>> land_wanted(300 * one, 100 * one, 50 * one, primary_m2=22, junior_m2=26, boarder_m2=10).tolist()
    [9700.0]
    """
    return (primary * primary_m2 + junior * junior_m2 + boarders * boarder_m2).rename("land_m2")

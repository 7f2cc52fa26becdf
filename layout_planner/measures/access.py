"""How well places are served: floating catchments, which weigh seats in reach against the pupils who want them.

Pure functions over travel times. They need no plan: supply and demand are Series by id, or arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout_planner.travel.matrix import TravelMatrix

if TYPE_CHECKING:
    Floats: TypeAlias = npt.NDArray[np.float64]
    Ints: TypeAlias = npt.NDArray[np.int64]
    Decay: TypeAlias = Callable[[Floats, Floats], Floats]
    Numbers: TypeAlias = "pd.Series | npt.ArrayLike"

__all__ = [
    "flat_decay",
    "floating_catchment",
    "gaussian_decay",
    "huff_access",
    "modified_huff_access",
    "step_decay",
    "two_step_access",
]

_AT_THE_EDGE = float(np.exp(-0.5))


def flat_decay(minutes: Floats, catchment: Floats) -> Floats:
    """Weigh all within the catchment alike: the plain two-step method."""
    del catchment
    return np.ones_like(minutes)


def gaussian_decay(minutes: Floats, catchment: Floats) -> Floats:
    """Weigh by a Gaussian that is 1 at the door and 0 at the edge: g = (e^(−½(t/t₀)²) − e^(−½)) ÷ (1 − e^(−½)).

    Parameters
    ----------
    minutes, catchment : ndarray (p,)
        Travel times and the catchment's radius t₀ (minutes), t ≤ t₀.

    Source: Dai (2010), Health & Place 16:1038-1052; 监利 2015 with a radius of its own for each stage [V2].

    Examples
    --------
    >>> gaussian_decay(np.array([0.0, 15.0, 30.0]), np.array([30.0, 30.0, 30.0])).round(4).tolist()
    [1.0, 0.7014, 0.0]
    """
    return (np.exp(-0.5 * (minutes / catchment) ** 2) - _AT_THE_EDGE) / (1.0 - _AT_THE_EDGE)


def step_decay(steps: Mapping[float, float]) -> Decay:
    """Weigh by zones: ``{10: 1.0, 20: 0.68, 30: 0.22}`` is 1 to 10 minutes, 0.68 to 20, 0.22 to 30, then nothing.

    Source: Luo & Qi (2009), Health & Place 15:1100-1107 (E2SFCA).

    Raises
    ------
    ValueError
        If a weight is negative or no step is given.

    Examples
    --------
    >>> step_decay({10: 1.0, 20: 0.68})(np.array([10.0, 10.1, 20.1]), np.array([20.0, 20.0, 20.0])).tolist()
    [1.0, 0.68, 0.0]
    """
    if not steps or min(steps.values()) < 0:
        msg = f"steps = {dict(steps)} must name at least one weight, none of them negative"
        raise ValueError(msg)
    ends = np.array(sorted(steps), dtype=np.float64)
    weights = np.array([*(steps[end] for end in sorted(steps)), 0.0])

    def decay(minutes: Floats, catchment: Floats) -> Floats:
        del catchment
        return weights[np.searchsorted(ends, minutes, side="left")]

    return decay


def floating_catchment(origin: Ints, site: Ints, weight: Floats, supply: Floats, demand: Floats) -> Floats:
    """Compute both steps over weighted pairs: Rⱼ = Sⱼ ÷ Σᵢ wᵢⱼ·Pᵢ, then Aᵢ = Σⱼ wᵢⱼ·Rⱼ.

    Parameters
    ----------
    origin, site, weight : ndarray (p,)
        Positions of the pairs and their weights ≥ 0.
    supply : ndarray (m,)
        Seats by site.
    demand : ndarray (n,)
        Pupils by origin.

    Returns
    -------
    ndarray (n,)
        Seats a pupil. Over all origins, pupils × seats a pupil add up to the seats of all sites that any pupil has
        in reach; a site that nobody has in reach serves nobody.
    """
    wanted = np.bincount(site, weights=weight * demand[origin], minlength=len(supply))
    ratio = np.divide(supply, wanted, out=np.zeros(len(supply)), where=wanted > 0)
    return np.bincount(origin, weights=weight * ratio[site], minlength=len(demand)).astype(np.float64)


def two_step_access(
    times: TravelMatrix | npt.ArrayLike,
    supply: Numbers,
    demand: Numbers,
    catchment_min: Numbers | float,
    decay: Decay = gaussian_decay,
) -> pd.Series:
    """Measure seats a pupil by two-step floating catchments (2SFCA).

    Step one divides the seats of every school by the pupils in its catchment, weighted by distance; step two adds
    up what the schools in the catchment of a place offer each of its pupils, weighted alike.

    Parameters
    ----------
    times : TravelMatrix or array (n, m)
        Minutes from places to schools; in an array nan or inf where there is no way.
    supply : Series or array (m,)
        Seats; a Series by site id, sites that it does not name have none.
    demand : Series or array (n,)
        Pupils; a Series by origin id, origins that it does not name have none.
    catchment_min : float, Series or array (n,)
        Radius of the catchment in minutes, one for all or by origin.
    decay : callable
        Weight of pairs within the catchment: :func:`flat_decay` is 2SFCA, :func:`gaussian_decay` the Gaussian form,
        :func:`step_decay` gives E2SFCA.

    Returns
    -------
    Series (n,)
        ``seats_per_pupil`` by origin; 1 means a seat for everybody. 0 where no school is in reach.

    Raises
    ------
    ValueError
        If lengths differ, or numbers are negative or missing.

    Source: Luo & Wang (2003), Environment and Planning B 30:865-884.

    Examples
    --------
    Two places of 100 and 50 pupils; both reach the first school, only the second place the other one.

    >>> minutes = [[10.0, 60.0], [20.0, 5.0]]
    >>> two_step_access(minutes, [90, 30], [100, 50], 30.0, flat_decay).round(4).tolist()
    [0.6, 1.2]
    """
    pairs, seats, pupils, index = _prepared(times, supply, demand)
    origin, site, weight = _weighted(pairs, catchment_min, index, decay)
    return pd.Series(floating_catchment(origin, site, weight, seats, pupils), index=index, name="seats_per_pupil")


def huff_access(
    times: TravelMatrix | npt.ArrayLike,
    supply: Numbers,
    demand: Numbers,
    catchment_min: Numbers | float,
    decay: Decay = gaussian_decay,
) -> pd.Series:
    """Measure seats a pupil by three-step floating catchments with Huff's choice shares.

    Before the two steps every place shares its pupils over the schools in reach: hᵢⱼ = Sⱼ·g(tᵢⱼ) ÷ Σₖ Sₖ·g(tᵢₖ); the
    weight of a pair is then hᵢⱼ·g(tᵢⱼ). Schools that few pupils would choose are no longer crowded on paper.

    Parameters and returns are those of :func:`two_step_access`.

    Source: Huff (1963), Land Economics 39:81-90; Wan, Zou & Sternberg (2012), IJGIS 26:1073-1089; Luo (2014),
    Transactions in GIS 18:436-454.

    Examples
    --------
    >>> minutes = [[10.0, 60.0], [20.0, 5.0]]
    >>> huff_access(minutes, [90, 30], [100, 50], 30.0, flat_decay).round(4).tolist()
    [0.6545, 1.0909]
    """
    pairs, seats, pupils, index = _prepared(times, supply, demand)
    origin, site, weight = _weighted(pairs, catchment_min, index, decay)
    chosen = _chosen(origin, site, weight, seats, len(pupils))
    found = floating_catchment(origin, site, chosen * weight, seats, pupils)
    return pd.Series(found, index=index, name="seats_per_pupil")


def modified_huff_access(
    times: TravelMatrix | npt.ArrayLike,
    supply: Numbers,
    demand: Numbers,
    catchment_min: Numbers | float,
    decay: Decay = gaussian_decay,
) -> pd.Series:
    """Measure seats a pupil by modified Huff three-step floating catchments (MH3SFCA).

    Huff's shares divide the pupils of a place over the schools in reach, and all of them are counted, however far they
    live: Rⱼ = Sⱼ ÷ Σᵢ hᵢⱼ·Pᵢ. Distance lowers what a school is worth to them instead: Aᵢ = Σⱼ hᵢⱼ·g(tᵢⱼ)·Rⱼ. Pupils who
    live far out of the way are therefore served worse even where nobody competes with them, and pupils × seats a
    pupil add up to no more than the seats.

    Parameters and returns are those of :func:`two_step_access`.

    Source: Subal, Paal & Krisp (2021), International Journal of Health Geographics 20:9 [M]; RULES C1 (长垣 2023).

    Examples
    --------
    >>> minutes = [[10.0, 60.0], [20.0, 5.0]]
    >>> modified_huff_access(minutes, [90, 30], [100, 50], 30.0, step_decay({10: 1.0, 20: 0.5})).round(4).tolist()
    [0.6923, 0.8077]
    """
    pairs, seats, pupils, index = _prepared(times, supply, demand)
    origin, site, weight = _weighted(pairs, catchment_min, index, decay)
    chosen = _chosen(origin, site, weight, seats, len(pupils))
    wanted = np.bincount(site, weights=chosen * pupils[origin], minlength=len(seats))
    ratio = np.divide(seats, wanted, out=np.zeros(len(seats)), where=wanted > 0)
    found = np.bincount(origin, weights=chosen * weight * ratio[site], minlength=len(pupils)).astype(np.float64)
    return pd.Series(found, index=index, name="seats_per_pupil")


def _chosen(origin: Ints, site: Ints, weight: Floats, seats: Floats, n: int) -> Floats:
    """Share the pupils of every place over the schools in reach, by seats and distance: hᵢⱼ = Sⱼ·gᵢⱼ ÷ Σₖ Sₖ·gᵢₖ."""
    pull = weight * seats[site]
    whole = np.bincount(origin, weights=pull, minlength=n)[origin]
    return np.divide(pull, whole, out=np.zeros(len(pull)), where=whole > 0)


def _prepared(
    times: TravelMatrix | npt.ArrayLike, supply: Numbers, demand: Numbers
) -> tuple[tuple[Ints, Ints, Floats], Floats, Floats, pd.Index]:
    """Align pairs, seats and pupils; the index of the origins comes last."""
    origins: pd.Index
    sites: pd.Index
    if isinstance(times, TravelMatrix):
        origins, sites = pd.Index(times.origin_id, dtype=object), pd.Index(times.site_id, dtype=object)
        pairs = (times.rows, times.indices.astype(np.int64), times.minutes.astype(np.float64))
    else:
        dense = np.asarray(times, dtype=np.float64)
        rows, columns = np.nonzero(np.isfinite(dense))
        pairs = (rows, columns, dense[rows, columns])
        origins = demand.index if isinstance(demand, pd.Series) else pd.RangeIndex(dense.shape[0])
        sites = supply.index if isinstance(supply, pd.Series) else pd.RangeIndex(dense.shape[1])
        if (len(origins), len(sites)) != dense.shape:
            msg = f"times has shape {dense.shape}, demand {len(origins)} and supply {len(sites)} entries"
            raise ValueError(msg)
    return pairs, _aligned(supply, sites, "supply"), _aligned(demand, origins, "demand"), origins


def _aligned(numbers: Numbers, index: pd.Index, what: str) -> Floats:
    if isinstance(numbers, pd.Series):
        numbers = numbers.reindex(index).fillna(0.0) if not numbers.index.equals(index) else numbers
    values = np.asarray(numbers, dtype=np.float64)
    if values.shape != (len(index),):
        msg = f"{what} has {values.shape} entries for {len(index)} ids"
        raise ValueError(msg)
    if not (np.isfinite(values) & (values >= 0)).all():
        msg = f"{what} must be numbers of 0 or more"
        raise ValueError(msg)
    return values


def _weighted(
    pairs: tuple[Ints, Ints, Floats], catchment_min: Numbers | float, index: pd.Index, decay: Decay
) -> tuple[Ints, Ints, Floats]:
    """Keep the pairs within the catchment and weigh them."""
    radius = np.broadcast_to(np.asarray(catchment_min, dtype=np.float64), (len(index),))
    if isinstance(catchment_min, pd.Series):
        radius = _aligned(catchment_min, index, "catchment_min")
    if not (radius > 0).all():
        msg = "catchment_min must be above 0 minutes"
        raise ValueError(msg)
    origin, site, minutes = pairs
    near = minutes <= radius[origin]
    origin, site = origin[near], site[near]
    return origin, site, decay(minutes[near], radius[origin])

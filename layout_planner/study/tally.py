"""Sums over trips by band, township and reason, for the estimate and for every draw of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array, csr_array

from layout_planner.measures.commute import excess_share
from layout_planner.study.reach import BANDS, row_least
from layout_planner.study.reasons import REASONS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.study.attending import Attending
    from layout_planner.study.reach import Reach

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["SUMS", "Ways", "pooled", "tally", "ways"]

SUMS = ("pupils", "day", "minutes", "nearest_minutes", "metres", "least_metres", "zone_known", "in_zone")
"""What is summed: all pupils; day pupils whose way and nearest school are known; and of these, pupils × minutes and
× metres of the way and to the nearest school that teaches the grade; pupils whose catchment is known, and in it."""


@dataclass(frozen=True, eq=False)
class Ways:
    """The way of every trip (p,), nan where unknown, and of its home to the nearest school that teaches the grade.

    ``least_metres`` is to the school that is nearest by metres, so that no way is shorter.
    """

    minutes: Floats
    metres: Floats
    nearest_minutes: Floats
    least_metres: Floats
    boards: NDArray[np.bool_]
    zone_known: NDArray[np.bool_]
    in_zone: NDArray[np.bool_]
    where: Ints
    """Position of the trip's township and band among all of them: township × bands + band."""
    towns: int

    @cached_property
    def terms(self) -> list[Floats]:
        """What each pupil of a day trip adds to the sums from ``day`` on (p,)."""
        known = np.isfinite(self.minutes) & np.isfinite(self.nearest_minutes) & np.isfinite(self.least_metres)
        known &= ~self.boards
        quantities = (self.minutes, self.nearest_minutes, self.metres, self.least_metres)
        return [known.astype(float), *(np.where(known, q, 0.0) for q in quantities),
                self.zone_known.astype(float), self.in_zone.astype(float)]  # fmt: skip

    @cached_property
    def terms_by_place(self) -> csr_array:
        """The same as a matrix (townships × bands × terms, p), for sums that need no reasons."""
        terms = np.stack(self.terms)
        rows = self.where * len(terms) + np.arange(len(terms))[:, None]
        trips = np.broadcast_to(np.arange(len(self.where)), terms.shape)
        some = terms != 0
        shape = (self.towns * len(BANDS) * len(terms), len(self.where))
        return csr_array(coo_array((terms[some], (rows[some], trips[some])), shape=shape))


def ways(
    found: Reach, attending: Attending, nearest: Ints, township: tuple[Ints, int],
    zoned: tuple[NDArray[np.bool_], NDArray[np.bool_]],
) -> Ways:  # fmt: skip
    """Look up the ways of all trips.

    Parameters
    ----------
    nearest : ndarray (u,) of int
        Entry of the nearest school that teaches the band.
    township : tuple of ndarray (u,) of int and int
        Township of every unit, and how many there are.
    zoned : tuple of ndarray (p,) of bool
        Whether the catchment of a trip's home is known, and whether the trip stays in it.
    """
    pairs, unit, entry = found.pairs, attending.unit, attending.entry
    least = row_least(np.where(found.teaches, pairs.metres, np.inf), pairs.indptr)
    towns, count = township
    own = _taken(pairs.metres, entry)
    return Ways(
        _taken(pairs.minutes, entry), own, _taken(pairs.minutes, nearest)[unit],
        np.where(np.isfinite(least[unit]), np.minimum(least[unit], own), np.nan), attending.boards,
        *zoned,
        towns[unit] * len(BANDS) + pairs.band[unit], count,
    )  # fmt: skip


def _taken(values: Floats, entry: Ints) -> Floats:
    out = np.full(len(entry), np.nan)
    out[entry >= 0] = values[entry[entry >= 0]]
    return out


def tally(way: Ways, why: NDArray[np.int8], pupils: Floats, *, in_short: bool = False) -> Floats:
    """Sum over the trips.

    Parameters
    ----------
    why : ndarray (p,) of int8
        Reasons.
    pupils : ndarray (p,)
    in_short : bool
        Put the sums from ``day`` on under the first reason altogether, which is quicker.

    Returns
    -------
    ndarray (townships, bands, reasons, sums)
        In the orders of :data:`~layout_planner.study.reasons.REASONS` and :data:`SUMS`.
    """
    shape = (way.towns, len(BANDS), len(REASONS))
    at = way.where * len(REASONS) + why
    out = np.zeros((*shape, len(SUMS)))
    cells = way.towns * len(BANDS) * len(REASONS)
    out[..., 0] = np.bincount(at, weights=pupils, minlength=cells).reshape(shape)
    if in_short:
        out[:, :, 0, 1:] = (way.terms_by_place @ pupils).reshape(way.towns, len(BANDS), -1)
        return out
    for k, term in enumerate(way.terms, 1):
        out[..., k] = np.bincount(at, weights=pupils * term, minlength=cells).reshape(shape)
    return out


def pooled(sums: Floats) -> dict[str, Floats]:
    """Turn sums (…, reasons, sums) into shares and means (…,): a share a reason, ``past``, ``excess`` and the means."""
    by = {name: sums[..., k] for k, name in enumerate(SUMS)}
    every = {name: values.sum(axis=-1) for name, values in by.items()}
    out = {reason: _ratio(by["pupils"][..., k], every["pupils"]) for k, reason in enumerate(REASONS)}
    out["past"] = _ratio(by["pupils"][..., 2:9].sum(axis=-1), every["pupils"])
    out["pupils"] = every["pupils"]
    for name in ("minutes", "nearest_minutes", "metres", "least_metres"):
        out[name] = _ratio(every[name], every["day"])
    out["excess"] = excess_share(every["metres"], every["least_metres"])
    out["in_zone"] = _ratio(every["in_zone"], every["zone_known"])
    return out


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.asarray(np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), np.nan), dtype=np.float64)

"""Seats by claim: special education, hukou and home in the zone, either of them, siblings, migrant pupils, others.

Each claim is met in turn with the seats and beds that earlier claims left; nobody takes a seat that a pupil of an
earlier claim would use. Within a claim the scenario's rule of overflow says who is sent on. The guaranteed part of
the migrant pupils is offered public schools first; whoever finds no public seat is offered the others at once.

Source: 义务教育法第十二条; 教督〔2017〕6号 (migrant pupils in public schools at least 85 %).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.assign.codes import mend_code
from layout_planner.assign.options import MODES, Options
from layout_planner.assign.resources import Resources
from layout_planner.columns import ADMISSION
from layout_planner.demand.groups import group_of
from layout_planner.errors import Flaw, ScenarioError, Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from layout_planner.config.admission import Admission, Claim

__all__ = ["admission_table", "admit", "check_private", "claims"]

Seat = Callable[[Options, Resources], "NDArray[np.float64]"]
"""Seats the pupils of some pairs: pupils on every pair."""

_CRUMB = 1e-9


def claims(
    pairs: Options, admission: Admission, mix: NDArray[np.float64] | None = None
) -> dict[Claim, NDArray[np.float64]]:
    """Share the pupils of every unit out among the claims.

    Parameters
    ----------
    pairs : Options
    admission : Admission
        Shares for units of which nothing is known.
    mix : (u, 5) ndarray, optional
        What the register says of resident pupils (:func:`layout_planner.assign.claim_counts.resident_mix`).

    Returns
    -------
    dict of str to ndarray (u,)
        In the order in which they are met; the arrays sum to the pupils of the units.
    """
    group = np.array([group_of(str(i)) for i in pairs.demand_id], dtype=object)
    pupils, none = pairs.pupils, np.zeros(len(pairs.pupils))
    special, migrant = group == "special", group == "migrant"
    zoned = np.where(~special & ~migrant, pupils * admission.house_share, none)
    sibling = np.where(special, none, (pupils - zoned) * admission.sibling_share)
    hukou, house = none, none
    if mix is not None:
        known = ~special & ~migrant & np.isfinite(mix).all(axis=1)
        counted = np.where(known[:, None], np.nan_to_num(mix) * pupils[:, None], 0.0).T
        zoned, sibling = np.where(known, counted[0], zoned), np.where(known, counted[3], sibling)
        hukou, house = counted[1], counted[2]
    guaranteed = np.where(migrant, np.minimum(pupils - sibling, pupils * admission.migrant_public_share), none)
    parts: dict[Claim, NDArray[np.float64]] = {
        "special": np.where(special, pupils, none),
        "zoned": zoned,
        "hukou": hukou,
        "house": house,
        "sibling": sibling,
        "migrant": guaranteed,
        "other": np.where(special, none, np.maximum(0.0, pupils - zoned - hukou - house - sibling - guaranteed)),
    }
    return {claim: parts[claim] for claim in admission.order}


def admit(
    pairs: Options, resources: Resources, admission: Admission, seat: Seat, mix: NDArray[np.float64] | None = None
) -> dict[Claim, NDArray[np.float64]]:
    """Seat the pupils claim after claim.

    Parameters
    ----------
    pairs : Options
        Units and the schools in their reach.
    resources : Resources
        Seats by school and stage, beds by school.
    admission : Admission
        Order, shares and private schools.
    seat : callable
        Seats one claim with what is left, by the rule of overflow.
    mix : (u, 5) ndarray, optional
        As in :func:`claims`.

    Returns
    -------
    dict of str to ndarray (number of entries,)
        Pupils on every pair by claim; what is missing to :func:`claims` has no seat.
    """
    public = ~np.isin(pairs.school_id.astype(str), list(admission.private_schools))
    everywhere = np.ones(len(pairs.school), dtype=bool)
    left, flows = resources.capacity.copy(), {}
    for claim, pupils in claims(pairs, admission, mix).items():
        flow = np.zeros(len(pairs.school))
        for allowed in (public[pairs.school], everywhere) if claim == "migrant" else (everywhere,):
            waiting = pupils - np.bincount(pairs.rows, weights=flow, minlength=len(pupils))
            more = _seat_some(pairs, replace(resources, capacity=left), waiting, allowed, seat)
            left = np.maximum(0.0, left - resources.used(more))
            flow += more
        flows[claim] = flow
    return flows


def _seat_some(
    pairs: Options, resources: Resources, pupils: NDArray[np.float64], allowed: NDArray[np.bool_], seat: Seat
) -> NDArray[np.float64]:
    """Seat some of the pupils on the pairs that are allowed."""
    flow, units = np.zeros(len(pairs.school)), pupils > _CRUMB
    entry = np.flatnonzero(units[pairs.rows] & allowed)
    if not len(entry):
        return flow
    flow[entry] = seat(pairs.among(units, entry, pupils), resources.among(entry))
    return flow


def check_private(admission: Admission, names: dict[str, str]) -> None:
    """Refuse codes of private schools that no school has.

    Parameters
    ----------
    admission : Admission
    names : dict of str to str
        Name by code of every school of the county.

    Raises
    ------
    ScenarioError
        With a flaw for every unknown code.
    """
    key = "assign.admission.private_schools"
    flaws = [
        Flaw(
            "unknown_school",
            Text(f"{key}：学校表中没有代码“{code}”", f"{key}: no school has the code {code!r}"),
            mend_code(code, names),
            key=key,
        )
        for code in dict.fromkeys(admission.private_schools)
        if code not in names
    ]
    if flaws:
        message = Text("情景中的民办学校代码有误", "the scenario names private schools that do not exist")
        raise ScenarioError(message, flaws)


def admission_table(
    pairs: Options,
    admission: Admission,
    flows: dict[Claim, NDArray[np.float64]],
    mix: NDArray[np.float64] | None = None,
) -> pd.DataFrame:
    """Write the outcome as table ``admission``: by demand point, band and claim, who goes where or has no seat."""
    wanted = claims(pairs, admission, mix)
    parts: Iterable[pd.DataFrame] = [_rows(pairs, admission, claim, wanted[claim], flows[claim]) for claim in wanted]
    parts = [part for part in parts if len(part)]
    if not parts:
        return pd.DataFrame(columns=list(ADMISSION.names))
    return pd.concat(parts, ignore_index=True)[list(ADMISSION.names)]


def _rows(
    pairs: Options, admission: Admission, claim: Claim, pupils: NDArray[np.float64], flow: NDArray[np.float64]
) -> pd.DataFrame:
    """List one claim: seated pairs first, then whoever has no seat."""
    short = pupils - np.bincount(pairs.rows, weights=flow, minlength=len(pupils))
    used, left = np.flatnonzero(flow > _CRUMB), np.flatnonzero(short > _CRUMB)
    unit, near = np.concatenate([pairs.rows[used], left]), pairs.nearest
    seated = np.arange(len(unit)) < len(used)
    at = np.concatenate([used, np.zeros(len(left), dtype=np.int64)])
    school = np.where(seated, pairs.school_id[pairs.school[at]], "") if len(pairs.school) else np.full(len(unit), "")
    reach = near[unit] >= 0
    first = np.maximum(near[unit], 0)
    some = len(pairs.school) > 0
    return pd.DataFrame({
        "demand_id": pairs.demand_id[unit],
        "band": pairs.bands[unit],
        "group": [group_of(str(i)) for i in pairs.demand_id[unit]],
        "claim": claim,
        "school_id": school,
        "mode": np.where(seated, np.array(MODES, dtype=object)[pairs.mode[at]], "none") if some else "none",
        "pupils": np.concatenate([flow[used], short[left]]),
        "minutes": np.where(seated, pairs.minutes[at], np.nan) if some else np.nan,
        "nearest_school_id": np.where(reach, pairs.school_id[pairs.school[first]], "") if some else "",
        "nearest_minutes": np.where(reach, pairs.minutes[first], np.nan) if some else np.nan,
        "public": seated & ~np.isin(school.astype(str), list(admission.private_schools)),
    })  # fmt: skip

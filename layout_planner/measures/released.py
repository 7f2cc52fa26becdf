"""What a merger sets free: staff and equipment of the schools that close, beside what the receiving schools lack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from layout_planner.columns import RELEASED
from layout_planner.measures.moves import moved_pupils
from layout_planner.supply.staffing import staff_stated

if TYPE_CHECKING:
    from layout_planner.plan import Plan

__all__ = ["FOLLOWING", "released"]

FOLLOWING = ("equipment_yuan", "computers", "books")
"""Things that can be carried to another school; rooms and grounds stay where they are."""

_CRUMB = 1e-6
_GOING = ("close", "convert")


def released(before: Plan, after: Plan) -> pd.DataFrame:
    """Say where the staff and the equipment of schools that close or become teaching points could go.

    The staff of a school that closes, and what a teaching point no longer needs, are offered to the schools that its
    pupils go to, most pupils first, up to what each lacks of the norm; what is left is not assigned. Equipment and
    books follow the pupils. All of it is a proposal: nobody has decided it.

    Parameters
    ----------
    before, after : Plan
        The plan in which the schools are open, and the plan that closes or converts them.

    Returns
    -------
    DataFrame
        Table ``released``: a row a school and receiving school, and one of what is not assigned. By school, the staff
        and the equipment of its rows add up to what the school table states.

    Source: 中央编办发〔2014〕72号 (1:19, 1:13.5, and by classes in small schools) [V2].
    """
    schools = after.schools.assign(school_id=after.schools["school_id"].astype(str))
    going = schools[schools["decision"].isin(_GOING)].sort_values("school_id")
    table = after.tables.provision.set_index("school_id")
    staff = staff_stated(after.county.schools)
    lacks = (table["staff_needed"] - staff.reindex(table.index)).clip(lower=0.0)
    rows: list[dict[str, Any]] = []
    if len(going):
        pairs = moved_pupils(before, after)
        flows = pairs.groupby(["school_id_before", "school_id_after"])["pupils"].sum()
        goods = _goods(after.county.schools)
        names = dict(zip(schools["school_id"], schools["name"].astype(str), strict=True))
        for record in going.to_dict("records"):
            code = str(record["school_id"])
            kept = float(table["staff_needed"].get(code, 0.0)) if record["is_open"] else 0.0
            free = float(np.maximum(0.0, float(staff.get(code, np.nan)) - kept))
            mine = flows.loc[code] if code in flows.index.get_level_values(0) else pd.Series(dtype="float64")
            share = 1.0 if not record["is_open"] else 0.0
            said = {"school_id": code, "name": names[code], "decision": record["decision"], "staff_released": free}
            rows += [said | row for row in _offers(mine, free, lacks, pd.Series(goods.loc[code]) * share, names)]
    frame = pd.DataFrame(rows, columns=list(RELEASED.names))
    frame["staff_needed"] = frame["to_school_id"].map(table["staff_needed"])
    frame["staff"] = frame["to_school_id"].map(staff)
    frame["staff_lacking"] = (frame["staff_needed"] - frame["staff"]).clip(lower=0.0)
    numbers = [c.name for c in RELEASED if c.kind in ("int", "float")]
    return frame.astype(dict.fromkeys(numbers, "float64"))[list(RELEASED.names)]


def _goods(schools: pd.DataFrame) -> pd.DataFrame:
    """Give what can be carried away, by school id; missing where not stated."""
    ids = pd.Index(schools["school_id"].astype(str))
    return pd.DataFrame({
        name: schools[name].to_numpy(np.float64, na_value=np.nan) if name in schools else np.full(len(ids), np.nan)
        for name in FOLLOWING
    }, index=ids)  # fmt: skip


def _offers(
    pupils: pd.Series, free: float, lacks: pd.Series, goods: pd.Series, names: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """Offer the staff of one school to those that its pupils go to, and share out its goods; the rest comes last.

    ``lacks`` is lowered by what is offered, so that later schools see what is still wanted.
    """
    pupils = pupils[(pupils > _CRUMB) & (pupils.index != "")]
    total, left, spread = float(pupils.sum()), free, goods * 0.0
    for label, count in sorted(pupils.items(), key=lambda item: (-item[1], str(item[0]))):
        code = str(label)
        wanted = float(lacks.get(code, np.nan))
        given = float(np.nan_to_num(min(left, wanted))) if np.isfinite(free) else free
        if np.isfinite(wanted) and np.isfinite(free):
            lacks[code] = wanted - given
        left -= given
        part = _whole(goods * count / total)
        spread = spread + pd.Series(part)
        yield {"to_school_id": code, "to_school": names.get(code, ""), "pupils": float(count),
               "staff_proposed": given, **part, "outcome": _outcome(given, wanted, free)}  # fmt: skip
    rest = (goods - spread).mask(lambda left: left.abs() <= _CRUMB, 0.0)
    if not left <= _CRUMB or (rest > _CRUMB).any():
        yield {"to_school_id": "", "to_school": "", "pupils": np.nan, "staff_proposed": left, **rest,
               "outcome": "unassigned" if np.isfinite(free) else "unknown"}  # fmt: skip


def _whole(amounts: pd.Series) -> dict[str, float]:
    """Round what cannot be divided down; money stays."""
    return {str(k): float(v) if k == "equipment_yuan" else float(np.floor(v + _CRUMB)) for k, v in amounts.items()}


def _outcome(given: float, wanted: float, free: float) -> str:
    if not (np.isfinite(wanted) and np.isfinite(free)):
        return "unknown"
    if given > _CRUMB:
        return "offered"
    return "enough" if wanted <= _CRUMB else "lacking"

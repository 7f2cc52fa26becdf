"""The frame of the ledger on pupils expected: of the schools concerned if they stay, and of those that receive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner import columns_dossier as case

if TYPE_CHECKING:
    from layout_planner.dossier.cases import Cases
    from layout_planner.plan import Plan

__all__ = ["KEPT", "MERGED", "case_forecast"]

KEPT, MERGED = "保留本校", "并入后"


def case_forecast(cases: Cases) -> pd.DataFrame:
    """Tabulate the pupils expected at schools concerned if they stay, and at those that receive (``case_forecast``).

    Empty where the county has no forecast.
    """
    rows = []
    for code in cases.decided:
        receiving = dict.fromkeys(str(to) for to in cases.moved_from(code)["school_id_after"] if str(to))
        for state, plan, schools in ((KEPT, cases.before, (code,)), (MERGED, cases.after, tuple(receiving))):
            for to in schools:
                rows += [
                    {"school_id": code, "name": cases.name_of(code), "state": state, "to_school_id": to,
                     "to_school": cases.name_of(to)} | found
                    for found in _expected(plan, to)
                ]  # fmt: skip
    return pd.DataFrame(rows, columns=[name for name in case.CASE_FORECAST.names if name != "ref"])


def _expected(plan: Plan, code: str) -> list[dict[str, object]]:
    """Give the years of one school, in whole persons."""
    table = plan.tables.forecast_schools
    found: list[dict[str, object]] = []
    for record in table[table["school_id"] == code].to_dict("records"):
        pupils, largest = round(float(record["pupils"])), float(record["class_size_max"])
        found.append({
            "year": str(record["year"]), "pupils": pupils, "entrants": round(float(record["entrants"])),
            "seats": int(record["seats"]), "seats_left": int(record["seats"]) - pupils,
            "class_max": np.ceil(largest - 1e-6),
        })  # fmt: skip
    return found

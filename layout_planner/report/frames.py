"""The frames that documents show: who goes where by village, findings, data checks; with codes put into words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd

from layout_planner.columns import CHECKS, FINDINGS, FLOWS, Table
from layout_planner.errors import Flaw
from layout_planner.report.words import CODES, code_word

if TYPE_CHECKING:
    from layout_planner.plan import Plan
    from layout_planner.rules import Finding

__all__ = ["checks_frame", "findings_frame", "flows", "in_words", "over_limit_villages"]


def flows(plan: Plan) -> pd.DataFrame:
    """Sum the assignment by village, band, school and mode (table ``flows``).

    Where a demand point has no village, its township stands in. Minutes and metres are means over the pupils.

    Returns
    -------
    DataFrame
        Sorted by village, band, and falling pupils; ``pupils`` add up to those of the plan.
    """
    demand = plan.county.demand
    assert demand is not None
    places = pd.DataFrame({
        "demand_id": demand["demand_id"], "village_id": demand["village_id"].fillna("").astype(str),
        "township_id": demand["township_id"].fillna("").astype(str), "point_name": demand["name"],
    })  # fmt: skip
    rows = plan.assignment[plan.assignment["pupils"] > 0].merge(places, on="demand_id", how="left")
    rows["minutes_w"] = rows["minutes"] * rows["pupils"]
    rows["metres_w"] = rows["metres"] * rows["pupils"]
    rows["within_w"] = rows["pupils"].where(rows["within_limit"].astype(bool), 0.0)
    keys = ["township_id", "village_id", "band", "school_id", "mode", "reason"]
    grouped = rows.groupby(keys, sort=True, observed=True)
    total = grouped[["pupils", "minutes_w", "metres_w", "within_w"]].sum(min_count=1).reset_index()
    total["minutes_max"] = grouped["minutes"].max().to_numpy()
    total["minutes_mean"] = total["minutes_w"] / total["pupils"]
    total["metres_mean"] = total["metres_w"] / total["pupils"]
    total["within_limit_share"] = total["within_w"] / total["pupils"]
    total["name"] = total["village_id"].map(_village_names(plan, places))
    total["township"] = total["township_id"].map(_names(plan.county.townships, "township_id")).fillna("")
    total["school"] = total["school_id"].map(_names(plan.schools, "school_id")).fillna("")
    total["name"] = total["name"].astype(object).where(total["name"].notna(), total["township"])
    order = ["township_id", "village_id", "band", "pupils", "school_id", "mode"]
    total = total.sort_values(order, ascending=[True, True, True, False, True, True], ignore_index=True)
    return total[list(FLOWS.names)]


def _names(frame: pd.DataFrame, key: str) -> dict[str, str]:
    return dict(zip(frame[key].astype(str), frame["name"].astype(str), strict=True))


def _village_names(plan: Plan, places: pd.DataFrame) -> dict[str, str]:
    """Name villages from the village table, else from the demand points themselves."""
    named = places[places["village_id"] != ""].drop_duplicates("village_id")
    found = dict(zip(named["village_id"], named["point_name"].fillna("").astype(str), strict=True))
    return found | (_names(plan.county.villages, "village_id") if len(plan.county.villages) else {})


def findings_frame(findings: Iterable[Finding], lang: str = "zh") -> pd.DataFrame:
    """Tabulate findings (table ``findings``): what forbids a merger by force first, then the gravest."""
    rank = {"veto": -1, "error": 0, "warning": 1, "note": 2}
    rows = [
        {
            "severity": "veto" if f.is_veto else str(f.severity), "rule_id": f.rule_id, "subject_kind": f.subject_kind,
            "subject_id": f.subject_id, "subject_name": f.subject_name, "value": f.value, "limit": f.limit,
            "unit": f.unit, "message": f.message_zh if lang == "zh" else f.message_en, "source": f.source,
            "confidence": str(f.confidence),
        }
        for f in findings
    ]  # fmt: skip
    rows.sort(key=lambda r: (rank.get(str(r["severity"]), 3), str(r["rule_id"]), str(r["subject_id"])))
    frame = pd.DataFrame(rows, columns=list(FINDINGS.names))
    return frame.astype({"value": "float64", "limit": "float64"})


def checks_frame(flaws: Iterable[Flaw], lang: str = "zh") -> pd.DataFrame:
    """Tabulate what was noticed in the data (table ``checks``), in the order in which it was noticed."""
    rows = [
        {
            "severity": str(f.severity), "file": f.file, "sheet": f.sheet, "row": f.row, "column": f.column,
            "what": f.what.zh if lang == "zh" else f.what.en, "mend": f.mend.zh if lang == "zh" else f.mend.en,
            "code": f.code,
        }
        for f in flaws
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(CHECKS.names)).astype({"row": "float64"})


def over_limit_villages(villages: pd.DataFrame, most: int | None = None) -> pd.DataFrame:
    """Pick the villages with pupils beyond the limits or without a school, the most pupils concerned first.

    Returns
    -------
    DataFrame
        Rows of ``village_results`` with ``over`` added: pupils beyond the limits or without a school.
    """
    frame = pd.DataFrame(villages)
    frame = frame.assign(over=frame["pupils"] * (1 - frame["within_limit_share"].fillna(1.0)))
    frame = frame[frame["over"] > 0.05].sort_values(["over", "village_id"], ascending=[False, True], ignore_index=True)
    return frame if most is None else frame.head(most)


def in_words(table: Table, frame: pd.DataFrame, lang: str = "zh") -> pd.DataFrame:
    """Put a frame's columns into the table's order and its codes into words; columns that are absent are left out."""
    out = pd.DataFrame(frame)[[name for name in table.names if name in frame.columns]].copy()
    for name in out.columns:
        if table[name].kind == "bool":
            yes, no = ("是", "否") if lang == "zh" else ("yes", "no")
            out[name] = [yes if bool(v) else no for v in out[name]]
        elif name in CODES:
            out[name] = [code_word(name, v, lang) for v in out[name]]
        elif table[name].kind in ("id", "text"):
            out[name] = ["" if pd.isna(v) else str(v) for v in out[name]]
    return out

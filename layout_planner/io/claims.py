"""Counts of children by village and claim to a seat, as the county's register of applications adds them up.

Counts only: a column of names, identity numbers or addresses is refused. A table has a column for every claim, or one
row a claim with a count; each child counts once, by its first claim.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from layout_planner.columns import CLAIMS
from layout_planner.errors import Severity, Text, counted
from layout_planner.grades import Stage
from layout_planner.io.cells import fold
from layout_planner.io.grids import read_grids
from layout_planner.io.headers import find_header
from layout_planner.io.loaded import Loaded, empty_frame
from layout_planner.io.reading import Reading, read_sheet
from layout_planner.io.roster import refuse_column

__all__ = ["CLAIM_COLUMNS", "claim_counts", "read_register"]

CLAIM_COLUMNS = {name.removeprefix("claim_"): name for name in CLAIMS.names if name.startswith("claim_")}
"""The column of every claim, by the claim's code."""

_STAGES = {"": "", "小学": Stage.PRIMARY.value, "小学阶段": Stage.PRIMARY.value, "primary": Stage.PRIMARY.value,
           "初中": Stage.JUNIOR.value, "初中阶段": Stage.JUNIOR.value, "junior": Stage.JUNIOR.value}  # fmt: skip
_SHOWN = 6


def read_register(reading: Reading) -> Loaded:
    """Read the table of claims, where seats are given claim after claim or the scenario names it.

    Columns of its file that tell who a child is or how it performs are refused.
    """
    if reading.scenario.assign.admission is None and reading.scenario.data.claims is None:
        return Loaded(CLAIMS, empty_frame(CLAIMS), "")
    table, path = read_sheet(reading, CLAIMS), reading.files[CLAIMS.name]
    if path is not None and path.is_file():
        _refuse_personal(table, path)
    return table


def _refuse_personal(table: Loaded, path: Path) -> None:
    for grid in read_grids(path)[0]:
        if (header := find_header(grid.rows, CLAIMS, grid.spans)) is not None:
            for text in header.extra:
                refuse_column(table, text, header.last_row)


def claim_counts(table: Loaded, villages: pd.DataFrame) -> pd.DataFrame | None:
    """Bring the table to one row a village and stage.

    Parameters
    ----------
    table : Loaded
        Table ``claims``; flaws go to it.
    villages : DataFrame
        ``village_id`` and ``name``.

    Returns
    -------
    DataFrame or None
        ``village_id``, ``stage`` ("" for both) and persons by claim, floats; ``None`` where the table is empty or
        cannot be used.
    """
    if table.frame.empty or not _usable(table):
        return None
    find, words = _finder(villages), _claim_words()
    cells: dict[tuple[str, str, str], tuple[int, float]] = {}
    for row, record in zip(table.frame.index, table.frame.to_dict("records"), strict=True):
        number, code = int(row), find(str(record["village_id"]), str(record["name"]))
        stage = _STAGES.get(fold(str(record["stage"])))
        if code is None:
            mend = Text(
                "填写村表中的村代码或村名；同名的村只能写代码", "give a code or an unambiguous name of the table"
            )
            column = "village_id" if record["village_id"] else "name"
            _unknown(table, number, column, "在村表中没有", "is no village of the table", mend)
        if stage is None:
            _unknown(
                table, number, "stage", "不是学段", "is no stage", Text("填小学、初中，或留空", "小学, 初中 or nothing")
            )
        for claim, count in _stated(table, number, record, words):
            key = (code or "", stage or "", claim)
            if code is None or stage is None:
                continue
            if key in cells:
                what = Text(f"与第 {cells[key][0]} 行重复（同一村、学段、类别）", f"repeats row {cells[key][0]}")
                table.report("claim_twice", what, Text("只留一行", "keep one"), row=number, column="name")
                continue
            cells[key] = (number, count)
    if any(flaw.severity is Severity.ERROR for flaw in table.flaws):
        return None
    return _wide(table, cells, villages)


def _usable(table: Loaded) -> bool:
    has = set(table.labels)
    named, wide, long = {"village_id", "name"} & has, set(CLAIM_COLUMNS.values()) & has, {"claim", "count"} <= has
    if named and (wide or long):
        return True
    what = Text("入学类别人数表缺村，或缺各类别的人数", "the table of claims lacks the village, or counts by claim")
    mend = Text("表头须有村代码或村名，以及各入学类别各一列（或“入学类别”“人数”两列）",
                "it needs the village, and a column for every claim (or the columns 入学类别 and 人数)")  # fmt: skip
    table.report("column_missing", what, mend)
    return False


def _claim_words() -> dict[str, str]:
    """Map every label and synonym of the claims' columns to the claim."""
    return {
        fold(word): claim
        for claim, name in CLAIM_COLUMNS.items()
        for word in (
            claim,
            CLAIMS[name].zh,
            CLAIMS[name].zh.removesuffix("人数"),
            CLAIMS[name].en,
            *CLAIMS[name].synonyms,
        )
    }


def _finder(villages: pd.DataFrame) -> Callable[[str, str], str | None]:
    codes = set(villages["village_id"].astype(str))
    names = villages["name"].astype(str)
    once = ~names.duplicated(keep=False)
    by_name = dict(zip(names[once], villages.loc[once, "village_id"].astype(str), strict=True))
    return lambda code, name: code if code in codes else (None if code else by_name.get(name))


def _stated(
    table: Loaded, row: int, record: Mapping[Hashable, Any], words: dict[str, str]
) -> Iterator[tuple[str, float]]:
    """Go through the claims that a row counts."""
    for claim, name in CLAIM_COLUMNS.items():
        if not pd.isna(value := record[name]):
            yield claim, float(str(value))
    if not {"claim", "count"} <= set(table.labels):
        return
    said = words.get(fold(str(record["claim"])))
    if said is None:
        listed = "、".join(CLAIMS[name].zh.removesuffix("人数") for name in CLAIM_COLUMNS.values())
        _unknown(
            table,
            row,
            "claim",
            "不是入学类别",
            "is no claim",
            Text(f"可填：{listed}", f"one of {', '.join(CLAIM_COLUMNS)}"),
        )
    elif not pd.isna(record["count"]):
        yield said, float(str(record["count"]))


def _unknown(table: Loaded, row: int, column: str, zh: str, en: str, mend: Text) -> None:
    value = str(table.frame[column].loc[row])
    if (row, column) not in table.bad:
        what = Text(f"“{value}”{zh}", f"{value!r} {en}")
        table.report(f"{column}_unknown", what, mend, row=row, column=column)


def _wide(table: Loaded, cells: dict[tuple[str, str, str], tuple[int, float]], villages: pd.DataFrame) -> pd.DataFrame:
    """Write the counts as one row a village and stage; say which villages have none."""
    keys = sorted({key[:2] for key in cells})
    rows = [(*key, *(cells.get((*key, claim), (0, 0.0))[1] for claim in CLAIM_COLUMNS)) for key in keys]
    frame = pd.DataFrame(rows, columns=["village_id", "stage", *CLAIM_COLUMNS])
    known = set(frame.loc[frame[list(CLAIM_COLUMNS)].sum(axis=1) > 0, "village_id"])
    lost = villages.loc[~villages["village_id"].astype(str).isin(known), "name"].astype(str).tolist()
    if lost:
        shown = "、".join(lost[:_SHOWN]) + ("……" if len(lost) > _SHOWN else "")
        what = Text(f"{len(lost)} 个村没有入学类别人数（{shown}），按情景 assign.admission 的比例",
                    f"{counted(len(lost), 'village states', 'villages state')} no claims ({shown}): the "
                    "scenario's shares are taken")  # fmt: skip
        table.report(
            "claims_missing",
            what,
            Text("补全，或核对比例", "fill them in, or check the shares"),
            severity=Severity.NOTE,
        )
    return frame.astype(dict.fromkeys(CLAIM_COLUMNS, np.float64))

"""To which zoning units the rows of a table of catchments belong: villages by code or name, and parts of villages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from layout_planner.errors import Flaw, Severity, Text, counted
from layout_planner.io.attendance import without_part

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from layout_planner.assign.zone_units import ZoneUnits

__all__ = ["row_flaws", "units_of_rows"]

_SHOWN = 10


def units_of_rows(
    villages: pd.DataFrame, units: ZoneUnits, file: str = ""
) -> tuple[list[NDArray[np.int64]], list[Flaw]]:
    """Find the units that every row of a table of catchments means.

    A code means a unit or all parts of a village; without one, a name does, if only one village has it. Rows of parts
    count only where the table divides the village into the parts that it has now: otherwise nobody can tell which
    homes were meant.

    Parameters
    ----------
    villages : DataFrame
        ``village_id`` and ``name``, as :func:`layout_planner.io.attendance.read_attendance` reads them.
    units : ZoneUnits
    file : str
        Name of the table, for remarks.

    Returns
    -------
    rows : list of (k,) ndarray of int64
        Units of every row, none where they cannot be told.
    flaws : list of Flaw
        Villages that are not known, those of a name that several have, those divided otherwise.
    """
    by_code, by_name = _places(units)
    parts = set(units.unit_id[units.frame["village_id"].duplicated(keep=False) & (units.frame["village_id"] != "")])
    code_of = dict(zip(units.frame["name"], units.unit_id, strict=True))
    found, lost, several, told = [], [], [], set()
    for code, name in villages[["village_id", "name"]].astype(str).itertuples(index=False):
        said = code or name
        hits = by_code.get(code, ()) if code else by_name.get(name, ())
        if not code and len(_whose(hits, units)) > 1:
            several.append(name)
            hits = ()
        elif not hits:
            whole = by_code.get(without_part(said), ()) if code else by_name.get(without_part(said), ())
            if whole:
                told.add(str(units.frame["village_id"].iloc[whole[0]]))
            else:
                lost.append(said)
        unit = code if code in parts else code_of.get(name, "") if not code else ""
        found.append((np.array(hits, dtype=np.int64), str(unit) if unit in parts else ""))
    told |= _divided_otherwise({unit for _, unit in found if unit}, parts, units)
    village = units.frame["village_id"].to_numpy(dtype=object)
    rows = [hits[:0] if unit and village[hits[0]] in told else hits for hits, unit in found]
    return rows, row_flaws(lost, several, sorted(told), file)


def _places(units: ZoneUnits) -> tuple[dict[str, tuple[int, ...]], dict[str, tuple[int, ...]]]:
    """Find units by their code or their village's, and by their name or their village's."""
    by_code: dict[str, tuple[int, ...]] = {}
    by_name: dict[str, tuple[int, ...]] = {}
    for u, (code, village, name) in enumerate(
        units.frame[["unit_id", "village_id", "name"]].itertuples(index=False, name=None)
    ):
        for key in {code, village} - {""}:
            by_code[key] = (*by_code.get(key, ()), u)
        for key in {name, without_part(name) if code != village else name}:
            by_name[key] = (*by_name.get(key, ()), u)
    return by_code, by_name


def _whose(hits: Sequence[int], units: ZoneUnits) -> set[str]:
    rows = units.frame.iloc[list(hits)]
    return set(rows["village_id"].where(rows["village_id"] != "", rows["unit_id"]))


def _divided_otherwise(listed: set[str], parts: set[str], units: ZoneUnits) -> set[str]:
    """Name the villages of which a table lists some parts, but not all that there are."""
    village = dict(zip(units.unit_id, units.frame["village_id"], strict=True))
    touched = {village[unit] for unit in listed}
    return {str(village[unit]) for unit in parts - listed if village[unit] in touched}


def row_flaws(lost: Iterable[str], several: Iterable[str], divided: Sequence[str], file: str = "") -> list[Flaw]:
    """Say which rows of a table of catchments count for nothing: unknown villages, names of several, other parts."""
    flaws = []
    if some := list(dict.fromkeys(lost)):
        what = Text(f"现有学区表中有 {len(some)} 个村不在村表中：{_some(some)}",
                    f"{counted(len(some), 'village')} of today's catchments not known: {_some(some)}")  # fmt: skip
        mend = Text("改为村表中的代码或村名", "use the codes or names of the village table")
        flaws.append(_flaw("zone_village_unknown", what, mend, file))
    if some := sorted(set(several)):
        what = Text(
            f"现有学区表只写了村名，同名的村不止一个：{_some(some)}", f"several villages are called {_some(some)}"
        )
        flaws.append(_flaw("zone_village_twice", what, Text("改填村代码", "give their codes"), file))
    if divided:
        what = Text(
            f"现有学区表里这些社区的分片与现在的分法不同：{_some(divided)}；按片的行不起作用",
            f"today's catchments divide these communities into other parts than now: {_some(divided)}; rows of parts "
            "do nothing",
        )
        mend = Text(
            "用当时的学区图层（学区-小学.geojson 等）作 data.zones；或恢复当时的 zoning.largest_unit_pupils 和学生数",
            "give the layer that was written then as data.zones, or the zoning.largest_unit_pupils and pupils of then",
        )
        flaws.append(_flaw("zone_parts_other", what, mend, file))
    return flaws


def _flaw(code: str, what: Text, mend: Text, file: str) -> Flaw:
    return Flaw(code, what, mend, file=file, key="" if file else "data.zones", severity=Severity.WARNING)


def _some(names: Sequence[str]) -> str:
    return "、".join(names[:_SHOWN]) + ("……" if len(names) > _SHOWN else "")

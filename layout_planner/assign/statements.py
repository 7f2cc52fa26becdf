"""What the block ``hearing`` says of schools that are not in the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layout_planner.assign.codes import mend_code
from layout_planner.errors import Flaw, Text

if TYPE_CHECKING:
    import pandas as pd

    from layout_planner.config.scenario import Scenario

__all__ = ["statement_flaws"]


def statement_flaws(schools: pd.DataFrame, scenario: Scenario) -> list[Flaw]:
    """List the codes of ``hearing.schools`` that no school has, each with its line and what was meant.

    ``schools`` has ``school_id`` and ``name``.
    """
    names = dict(zip(schools["school_id"].astype(str), schools["name"].astype(str), strict=True))
    flaws = []
    for code in scenario.hearing.schools:
        if code in names:
            continue
        file, row = scenario.place("hearing", "schools", code) or ("", None)
        what = Text(f"学校表中没有代码“{code}”", f"no school has the code {code!r}")
        mend = mend_code(code, names)
        flaws.append(Flaw("unknown_school", what, mend, file=file, row=row, key=f"hearing.schools.{code}"))
    return flaws

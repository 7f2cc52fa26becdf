"""电脑随机分班: draw classes whose sizes differ by one at most and whose sexes are as even as siblings' wishes allow.

Siblings who ask to be together or apart are placed first, by an exhaustive search for classes that can still be even;
boys and then girls are dealt out in the order of their lots; and only then do the classes get their numbers, by lot.
So every pupil is as likely to come into one class as into any other. Teams of teachers, put together beforehand, are
drawn to the numbers last (两先一抽). Nothing but sex and siblings is looked at: no scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from layout_planner.assign import replay
from layout_planner.assign.lottery import canonical_rows
from layout_planner.columns import CLASS_DRAW_RESULT, CLASS_DRAW_SUMMARY, CLASS_ROSTER
from layout_planner.errors import InputError, Text

__all__ = ["ClassDrawResult", "draw_classes"]


@dataclass(frozen=True, eq=False)
class ClassDrawResult:
    """Classes that were drawn.

    Attributes
    ----------
    result : DataFrame
        One row a pupil, by class (table ``class_draw_result``).
    summary : DataFrame
        One row a class (table ``class_draw_summary``).
    slack : int
        By how many the boys (or girls) of a class may lie outside the even share rounded down and up; 0 where no two
        classes differ by more than one.
    proven : bool
        Whether the siblings' wishes allow no smaller ``slack``.
    """

    result: pd.DataFrame
    summary: pd.DataFrame
    slack: int
    proven: bool


def draw_classes(roster: pd.DataFrame, count: int, seed: str, *, teams: Sequence[str] = ()) -> ClassDrawResult:
    """Draw ``count`` classes.

    Parameters
    ----------
    roster : DataFrame
        Columns of the table ``class_roster`` in canonical words: ``application_no`` and ``sex`` at least.
    count : int
        Classes.
    seed : str
        64 hexadecimal digits; the same seed gives the same classes whatever the order of the rows.
    teams : sequence of str, optional
        One a class.

    Returns
    -------
    ClassDrawResult

    Raises
    ------
    InputError
        If an application number stands twice, there are fewer pupils than classes or another number of teams, or
        siblings do not fit as they ask.

    Examples
    --------
    >>> roster = pd.DataFrame({"application_no": list("abcdefg"), "sex": list("男男男男女女女")})
    >>> drawn = draw_classes(roster, 2, "0" * 64)
    >>> sorted(drawn.summary["pupils"]), sorted(drawn.summary["boys"]), drawn.slack
    ([3, 4], [2, 2], 0)
    """
    rows = canonical_rows(roster, CLASS_ROSTER.names)
    if count < 1 or len(rows) < count or (teams and len(teams) != count):
        raise InputError(
            Text(
                f"{len(rows)} 名学生、{count} 个班、{len(teams)} 个教师组对不上",
                f"{len(rows)} pupils, {count} classes and {len(teams)} teams do not go together",
            )
        )
    rules = {"kind": "classes", "classes": count, "teams": list(teams)}
    try:
        drawn, slack, proven = replay.classes(rows, rules, seed)
    except replay.NoClassesError:
        raise InputError(
            Text(
                "同胞要求的同班或分班排不进去：组里的人数多于一个班，或多于班数",
                "siblings cannot be placed as they ask: a group is larger than a class, or than the number of classes",
            )
        ) from None
    result = pd.DataFrame(drawn, dtype="str")[list(CLASS_DRAW_RESULT.names)]
    result["class_no"] = result["class_no"].astype("Int64")
    return ClassDrawResult(result, _summary(result, rows), slack, proven)


def _summary(result: pd.DataFrame, rows: list[dict[str, str]]) -> pd.DataFrame:
    """Count each class."""
    together = {row["application_no"] for row in rows if row.get("sibling_class", "") == replay.TOGETHER}
    parts = [
        {
            "class_no": number, "team": part["team"].iloc[0], "pupils": len(part),
            "boys": int((part["sex"] == replay.BOY).sum()), "girls": int((part["sex"] == replay.GIRL).sum()),
            "together": int(part["application_no"].isin(together).sum()),
        }
        for number, part in result.groupby("class_no")
    ]  # fmt: skip
    return pd.DataFrame(parts, columns=list(CLASS_DRAW_SUMMARY.names))

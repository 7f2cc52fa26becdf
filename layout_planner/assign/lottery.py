"""电脑派位: draw lots for the seats of an oversubscribed school or of several schools with a common zone.

Every family has one lot, the HMAC-SHA-256 of its application number under a seed; the order of the roster plays no
part. Families stand in line by priority and then by lot, and each in its turn is given the first school it takes that
has room for all of its children: the schools it chose in their order, then, unless it refuses, the others in an order
drawn for it. Three things bend the line, each stated beforehand:

- Children who follow a sibling (长幼随学) are placed before all others, at that school alone.
- Seats are held for migrant pupils as long as fewer are admitted than guaranteed; what they do not take is given to
  those left, in the same order.
- Children born together are never parted. Where a school lacks room for all, they are placed at the next, or wait;
  or all are admitted beyond the seats, if the rules say so.

With equal priorities nobody can gain by choosing otherwise than they wish. Source: serial dictatorship with a
minority reserve (Abdulkadiroğlu & Sönmez 1998; Hafalir, Yenmez & Yildirim 2013).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from scipy.stats import chi2_contingency

from layout_planner.assign import replay
from layout_planner.columns import LOTTERY_RESULT, LOTTERY_ROSTER, LOTTERY_SCHOOLS, LOTTERY_SHARES, LOTTERY_WAITING
from layout_planner.errors import InputError, Text

__all__ = ["LotteryResult", "LotteryRules", "canonical_rows", "draw_lottery"]

_FEWEST_EXPECTED = 5.0
_FEWEST_GROUPS = 2
_OTHERS = "其余（人数少的合并）"
_GROUPINGS = ("zone", "village", "migrant")


@dataclass(frozen=True)
class LotteryRules:
    """What is fixed before a lottery.

    Attributes
    ----------
    seats : mapping of str to int
        Seats drawn, by school.
    held_back : mapping of str to int
        Seats kept out of the draw, by school.
    priorities : tuple of str
        Those of the first are placed before those of the second, and so on; empty where all are alike.
    siblings_first : bool
        Whether children who follow a sibling are placed before all others.
    groups_over_seats : bool
        Whether children born together are all admitted where a single seat is left.
    migrant_guarantee : int
        Migrant pupils who are admitted at least, as far as they apply.
    """

    seats: Mapping[str, int]
    held_back: Mapping[str, int] = field(default_factory=dict)
    priorities: tuple[str, ...] = ()
    siblings_first: bool = True
    groups_over_seats: bool = False
    migrant_guarantee: int = 0

    def plain(self, names: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Spell the rules as the published file does, with the schools' names."""
        schools = [
            {
                "school_id": code, "school": (names or {}).get(code, code), "seats": seats,
                "held_back": self.held_back.get(code, 0),
            }
            for code, seats in self.seats.items()
        ]  # fmt: skip
        return {
            "kind": "lottery", "schools": schools, "priorities": list(self.priorities),
            "siblings_first": self.siblings_first, "groups_over_seats": self.groups_over_seats,
            "migrant_guarantee": self.migrant_guarantee,
        }  # fmt: skip


@dataclass(frozen=True, eq=False)
class LotteryResult:
    """What a lottery gave.

    Attributes
    ----------
    result : DataFrame
        One row an applicant in the order drawn (table ``lottery_result``).
    schools : DataFrame
        One row a school (table ``lottery_schools``).
    waiting : DataFrame
        The waiting list of each school: who takes it, in order (table ``lottery_waiting``).
    shares : DataFrame
        Shares admitted by group, with χ² tests (table ``lottery_shares``).
    """

    result: pd.DataFrame
    schools: pd.DataFrame
    waiting: pd.DataFrame
    shares: pd.DataFrame


def draw_lottery(roster: pd.DataFrame, rules: Mapping[str, Any] | LotteryRules, seed: str) -> LotteryResult:
    """Draw a lottery.

    Parameters
    ----------
    roster : DataFrame
        Columns of the table ``lottery_roster`` in canonical words, ``application_no`` at least.
    rules : LotteryRules or mapping
        A mapping is read as the published ``rules.json``.
    seed : str
        64 hexadecimal digits; the same seed gives the same result whatever the order of the rows.

    Returns
    -------
    LotteryResult

    Raises
    ------
    InputError
        If an application number stands twice.

    Examples
    --------
    >>> roster = pd.DataFrame({"application_no": ["A1", "A2", "A3"]})
    >>> drawn = draw_lottery(roster, LotteryRules({"S": 2}), "0" * 64).result
    >>> drawn["outcome"].tolist(), sorted(drawn["application_no"])
    (['admitted', 'admitted', 'waiting'], ['A1', 'A2', 'A3'])
    """
    rows = canonical_rows(roster, LOTTERY_ROSTER.names)
    stated = rules.plain() if isinstance(rules, LotteryRules) else dict(rules)
    names = {school["school_id"]: school["school"] for school in stated["schools"]}
    frame = pd.DataFrame(replay.lottery(rows, stated, seed), dtype="str")
    frame["outcome"] = frame["school_id"].map(lambda code: "admitted" if code else "waiting")
    frame["school"] = frame["school_id"].map(lambda code: names.get(code, ""))
    frame["draw_no"] = frame["draw_no"].astype("Int64")
    frame["waiting_no"] = pd.to_numeric(frame["waiting_no"].where(frame["waiting_no"] != "")).astype("Int64")
    result = frame[list(LOTTERY_RESULT.names)]
    joined = result.merge(pd.DataFrame(rows), on="application_no", suffixes=("", "_stated"))
    waiting = _waiting(result, rows, stated, seed)
    return LotteryResult(result, _schools(joined, stated), waiting, _shares(joined, stated))


def canonical_rows(roster: pd.DataFrame, names: tuple[str, ...]) -> list[dict[str, str]]:
    """Take the rows of a roster as text, refusing application numbers that stand twice."""
    twice = [number for number, count in Counter(roster["application_no"].astype(str)).items() if count > 1]
    if twice:
        shown = "、".join(sorted(twice)[:5])
        raise InputError(Text(f"报名号重复：{shown}", f"application numbers stand twice: {shown}"))
    used = [name for name in names if name in roster]
    return [dict(zip(used, map(str, row), strict=True)) for row in roster[used].fillna("").itertuples(index=False)]


def _schools(joined: pd.DataFrame, rules: Mapping[str, Any]) -> pd.DataFrame:
    """Count who came to each school and how."""
    first, sibling = replay.HEADS["choice_1"], replay.SIBLING
    migrant = joined["migrant"] == replay.YES if "migrant" in joined else pd.Series(False, index=joined.index)
    rows = []
    for school in rules["schools"]:
        here = joined["school_id"] == school["school_id"]
        rows.append({
            **school, "admitted": int(here.sum()), "free": school["seats"] - int(here.sum()),
            "first_choice": int((here & (joined["admitted_by"] == first)).sum()),
            "siblings": int((here & (joined["admitted_by"] == sibling)).sum()), "migrants": int((here & migrant).sum()),
        })  # fmt: skip
    return pd.DataFrame(rows, columns=list(LOTTERY_SCHOOLS.names))


def _waiting(result: pd.DataFrame, rows: list[dict[str, str]], rules: Mapping[str, Any], seed: str) -> pd.DataFrame:
    """List for each school those who wait and take it, families with one place each."""
    codes = [school["school_id"] for school in rules["schools"]]
    takes = {
        row["application_no"]: {code for code, _ in replay.wishes(family, codes, seed)}
        for family in replay.families(rows)
        for row in family
    }
    waiting = result[result["outcome"] == "waiting"]
    parts = []
    for school in rules["schools"]:
        taken = [number for number in waiting["application_no"] if school["school_id"] in takes[number]]
        part = waiting[waiting["application_no"].isin(taken)]
        place = part["waiting_no"].rank(method="dense").astype("Int64")
        parts.append(part.assign(school_id=school["school_id"], school=school["school"], place=place))
    return pd.concat(parts, ignore_index=True)[list(LOTTERY_WAITING.names)]


def _shares(joined: pd.DataFrame, rules: Mapping[str, Any]) -> pd.DataFrame:
    """Compare the shares admitted by priority; and by group within the priority that the lots decided."""
    joined = joined.assign(got=joined["outcome"] == "admitted", everyone="全体")
    parts = [_share_rows(joined, "everyone", "全体", tested=False)]
    if rules["priorities"]:
        parts.append(_share_rows(joined, "priority", LOTTERY_ROSTER["priority"].zh, tested=False))
    luck = joined[joined["admitted_by"] != replay.SIBLING]
    for name, part in luck.groupby("priority", sort=True):
        if part["got"].all() or not part["got"].any():
            continue
        for column in _GROUPINGS if not rules["migrant_guarantee"] else _GROUPINGS[:-1]:
            if column in part:
                title = LOTTERY_ROSTER[column].zh + (f"（{name!s}）" if name else "")
                parts.append(_share_rows(part, column, title, tested=True))
    return pd.concat([part for part in parts if len(part)], ignore_index=True)[list(LOTTERY_SHARES.names)]


def _share_rows(part: pd.DataFrame, column: str, title: str, *, tested: bool) -> pd.DataFrame:
    """Count applicants and admitted by group.

    For a test small groups are put together, so that χ² may be used; nothing is left where that makes one group.
    """
    groups = part[column].astype(str)
    if tested:
        rare = min(part["got"].mean(), 1 - part["got"].mean())
        sizes = groups.map(groups.value_counts())
        groups = groups.where(sizes * rare >= _FEWEST_EXPECTED, _OTHERS)
    counts = part.groupby(groups)["got"].agg(["size", "sum"])
    if tested and len(counts) < _FEWEST_GROUPS:
        return pd.DataFrame(columns=list(LOTTERY_SHARES.names))
    p = float("nan")
    if tested:
        p = float(chi2_contingency([counts["sum"], counts["size"] - counts["sum"]], correction=False).pvalue)
    return pd.DataFrame({
        "grouping": title, "member": counts.index.to_list(), "applicants": counts["size"].to_list(),
        "admitted": counts["sum"].to_list(), "admitted_share": (counts["sum"] / counts["size"]).to_list(), "p_value": p,
    })  # fmt: skip

"""电脑随机分班: even sizes, even sexes, siblings as asked, and every class alike."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from layout_planner.assign import replay
from layout_planner.assign.class_draw import ClassDrawResult, draw_classes
from layout_planner.errors import InputError
from tests.assign.test_lottery import SEED, seeds


def roster(sexes: str, groups: Sequence[tuple[str, Sequence[int]]] = ()) -> pd.DataFrame:
    """Make a roster of 男 and 女; ``groups`` gives a wish and the pupils that it holds for."""
    rows = [
        {"application_no": f"P{i:02d}", "sex": sex, "sibling_group": "", "sibling_class": ""}
        for i, sex in enumerate(sexes)
    ]
    for n, (wish, members) in enumerate(groups):
        for i in members:
            rows[i] |= {"sibling_group": f"D{n}", "sibling_class": wish}
    return pd.DataFrame(rows)


def classes_of(drawn: ClassDrawResult) -> dict[str, int]:
    return dict(zip(drawn.result["application_no"], drawn.result["class_no"], strict=True))


def spread(values: Sequence[int]) -> int:
    return max(values) - min(values)


@given(st.text("男女", min_size=1, max_size=40), st.integers(1, 6), st.integers(0, 9))
def test_sizes_and_sexes_differ_by_one_at_most_without_siblings(sexes: str, count: int, n: int) -> None:
    count = min(count, len(sexes))
    drawn = draw_classes(roster(sexes), count, seeds(10)[n])
    assert drawn.slack == 0
    assert drawn.proven
    for name in ("pupils", "boys", "girls"):
        assert spread(drawn.summary[name].tolist()) <= 1
    assert sorted(drawn.result["application_no"]) == sorted(roster(sexes)["application_no"])


GROUPS = st.lists(st.tuples(st.sampled_from(["同班", "分班"]), st.integers(2, 3)), max_size=3)


@settings(max_examples=40)
@given(st.text("男女", min_size=4, max_size=7), st.integers(1, 3), GROUPS, st.integers(0, 9))
def test_siblings_are_placed_as_asked_and_no_assignment_is_more_even(
    sexes: str, count: int, asked: list[tuple[str, int]], n: int
) -> None:
    groups, used = [], 0
    for wish, size in asked:
        if used + size <= len(sexes):
            groups.append((wish, range(used, used + size)))
            used += size
    best = least_slack(sexes, count, groups)
    if best is None:
        with pytest.raises(InputError):
            draw_classes(roster(sexes, groups), count, seeds(10)[n])
        return
    drawn = draw_classes(roster(sexes, groups), count, seeds(10)[n])
    placed = classes_of(drawn)
    for wish, members in groups:
        chosen = {placed[f"P{i:02d}"] for i in members}
        assert len(chosen) == (1 if wish == "同班" else len(members))
    assert spread(drawn.summary["pupils"].tolist()) <= 1
    assert (drawn.slack, drawn.proven) == (best, True)
    assert slack_of(sexes, [placed[f"P{i:02d}"] - 1 for i in range(len(sexes))], count) <= best


def slack_of(sexes: str, placed: Sequence[int], count: int) -> int:
    """Measure by how many a class lies beyond the even shares rounded down and up."""
    slack = 0
    for sex in "男女":
        total = sexes.count(sex)
        have = [sum(1 for s, c in zip(sexes, placed, strict=True) if s == sex and c == k) for k in range(count)]
        slack = max(slack, max(have) - -(-total // count), total // count - min(have))
    return slack


def least_slack(sexes: str, count: int, groups: Sequence[tuple[str, Sequence[int]]]) -> int | None:
    """Try every assignment whose sizes are even and whose siblings are as they asked."""
    best: int | None = None
    for placed in itertools.product(range(count), repeat=len(sexes)):
        sizes = [placed.count(k) for k in range(count)]
        if spread(sizes) > 1:
            continue
        if any(len({placed[i] for i in m}) != (1 if wish == "同班" else len(m)) for wish, m in groups):
            continue
        slack = slack_of(sexes, placed, count)
        best = slack if best is None else min(best, slack)
    return best


def test_no_order_of_the_roster_changes_the_classes() -> None:
    frame = roster("男男男女女女男女男女女", [("同班", (0, 5)), ("分班", (1, 2, 3))])
    expected = draw_classes(frame, 3, SEED, teams=("甲", "乙", "丙"))
    for n in range(20):
        mixed = draw_classes(frame.sample(frac=1, random_state=n), 3, SEED, teams=("丙", "乙", "甲"))
        pd.testing.assert_frame_equal(expected.result, mixed.result)


def drawn_rows(frame: pd.DataFrame, count: int, draws: int, teams: Sequence[str] = ()) -> list[list[dict[str, str]]]:
    """Draw classes many times by the published program alone, which is faster."""
    rules = {"classes": count, "teams": list(teams)}
    rows = frame.to_dict("records")
    return [replay.classes(rows, rules, seed)[0] for seed in seeds(draws)]


def test_every_pupil_is_as_likely_to_come_into_each_class_twins_too() -> None:
    frame = roster("男男男女女女男女男女女", [("同班", (0, 5)), ("分班", (1, 2))])
    drawn = Counter((row["application_no"], row["class_no"]) for rows in drawn_rows(frame, 3, 1500) for row in rows)
    for number in frame["application_no"]:
        assert chisquare([drawn[number, k] for k in "123"]).pvalue > 0.005


def test_every_split_of_single_pupils_is_as_likely() -> None:
    drawn = Counter(
        frozenset(row["application_no"] for row in rows if row["class_no"] == "1")
        for rows in drawn_rows(roster("男男男男"), 2, 3000)
    )
    assert len(drawn) == 6
    assert chisquare(list(drawn.values())).pvalue > 0.01


def test_every_team_is_as_likely_to_get_each_class() -> None:
    drawn = Counter(
        "".join(row["team"] for row in rows) for rows in drawn_rows(roster("男男男"), 3, 1800, ("甲", "乙", "丙"))
    )
    assert len(drawn) == 6
    assert chisquare(list(drawn.values())).pvalue > 0.01


def test_twins_of_one_sex_in_small_classes_are_as_even_as_can_be() -> None:
    drawn = draw_classes(roster("男男女女", [("同班", (0, 1))]), 2, SEED)
    assert (drawn.slack, drawn.proven) == (1, True)
    assert sorted(drawn.summary["boys"]) == [0, 2]


@pytest.mark.parametrize(
    ("count", "teams", "groups"),
    [(0, (), ()), (5, (), ()), (2, ("甲",), ()), (2, (), [("分班", (0, 1, 2))]), (2, (), [("同班", (0, 1, 2))])],
)
def test_what_cannot_be_drawn_is_told(count: int, teams: tuple[str, ...], groups: list) -> None:
    with pytest.raises(InputError):
        draw_classes(roster("男女男女", groups), count, SEED, teams=teams)


def test_many_siblings_in_large_classes_are_placed_at_once() -> None:
    sexes = "男女" * 300
    groups = [("同班" if n % 2 else "分班", (3 * n, 3 * n + 1)) for n in range(60)]
    drawn = draw_classes(roster(sexes, groups), 13, SEED)
    assert (drawn.slack, drawn.proven) == (0, True)

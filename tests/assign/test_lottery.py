"""电脑派位: who is placed where, that nothing but the lots decides, and that every lot is alike."""

from __future__ import annotations

import hashlib
import hmac
import random
from collections import Counter
from collections.abc import Sequence

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from layout_planner.assign import replay
from layout_planner.assign.lottery import LotteryRules, draw_lottery
from layout_planner.columns import CLASS_DRAW_RESULT, CLASS_ROSTER, LOTTERY_RESULT, LOTTERY_ROSTER
from layout_planner.columns_lottery import APART, BOY, GIRL, TOGETHER, YES
from layout_planner.errors import InputError

SEED = "5a" * 32
RULES = LotteryRules({"S": 2, "T": 1})


def seeds(count: int) -> list[str]:
    return [hashlib.sha256(str(n).encode()).hexdigest() for n in range(count)]


def roster(rows: Sequence[dict[str, str]]) -> pd.DataFrame:
    return pd.DataFrame([{name: row.get(name, "") for name in LOTTERY_ROSTER.names} for row in rows])


def numbers(count: int, **facts: str) -> list[dict[str, str]]:
    return [{"application_no": f"A{i:02d}", **facts} for i in range(count)]


def by_lot(count: int, seed: str = SEED) -> list[str]:
    """Sort application numbers by their lots, computed here with nothing of ours."""
    key = {f"A{i:02d}": hmac.new(seed.encode(), f"order:A{i:02d}".encode(), "sha256").hexdigest() for i in range(count)}
    return sorted(key, key=lambda number: key[number])


def places(rows: Sequence[dict[str, str]], rules: LotteryRules = RULES, seed: str = SEED) -> dict[str, str]:
    drawn = draw_lottery(roster(rows), rules, seed).result
    return dict(zip(drawn["application_no"], drawn["school_id"], strict=True))


def test_the_order_is_that_of_the_hmac_of_the_application_numbers() -> None:
    drawn = draw_lottery(roster(numbers(9)), RULES, SEED).result
    assert drawn["application_no"].tolist() == by_lot(9)
    assert drawn["lot"].is_monotonic_increasing


def test_choices_are_granted_in_the_order_drawn_and_the_rest_wait_in_it() -> None:
    rows = numbers(6, choice_1="S", choice_2="T")
    first, second, third, *others = by_lot(6)
    drawn = draw_lottery(roster(rows), RULES, SEED)
    assert places(rows) == {first: "S", second: "S", third: "T", **dict.fromkeys(others, "")}
    waiting = drawn.result[drawn.result["outcome"] == "waiting"]
    assert waiting["application_no"].tolist() == others
    assert waiting["waiting_no"].tolist() == [1, 2, 3]
    assert drawn.waiting["school_id"].tolist() == ["S"] * 3 + ["T"] * 3


def test_who_refuses_other_schools_waits_for_the_chosen_one_only() -> None:
    rows = numbers(4, choice_1="T", accepts_other="否")
    drawn = draw_lottery(roster(rows), RULES, SEED)
    assert Counter(drawn.result["school_id"]) == {"T": 1, "": 3}
    assert set(drawn.waiting["school_id"]) == {"T"}


def test_earlier_priorities_are_placed_before_later_ones() -> None:
    rules = LotteryRules({"S": 3}, priorities=("甲", "乙"))
    rows = [*numbers(3, priority="乙"), *({"application_no": f"B{i}", "priority": "甲"} for i in range(2))]
    placed = {number for number, school in places(rows, rules).items() if school}
    assert {"B0", "B1"} < placed
    assert len(placed) == 3


def test_children_who_follow_a_sibling_are_placed_first_at_that_school() -> None:
    last = by_lot(5)[-1]
    rows = [{**row, "sibling_school": "T" if row["application_no"] == last else ""} for row in numbers(5)]
    drawn = draw_lottery(roster(rows), RULES, SEED).result.set_index("application_no")
    assert drawn.loc[last, ["school_id", "admitted_by"]].tolist() == ["T", replay.SIBLING]
    without = LotteryRules({"S": 2, "T": 1}, siblings_first=False)
    assert places(rows, without)[last] == ""


def test_twins_share_a_lot_and_are_never_parted() -> None:
    for seed in seeds(40):
        rows = numbers(5)
        rows[1]["sibling_group"] = rows[3]["sibling_group"] = "D1"
        drawn = draw_lottery(roster(rows), RULES, seed).result.set_index("application_no")
        one, two = drawn.loc["A01"], drawn.loc["A03"]
        assert (one["lot"], one["school_id"], one["draw_no"]) == (two["lot"], two["school_id"], two["draw_no"])
        assert (drawn["school_id"] == "S").sum() <= 2


def test_twins_who_do_not_fit_are_passed_by_or_admitted_beyond_the_seats_as_the_rules_say() -> None:
    rows = [{**row, "sibling_group": "D" if row["application_no"] != "A02" else ""} for row in numbers(3)]
    assert places(rows, LotteryRules({"S": 1})) == {"A00": "", "A01": "", "A02": "S"}
    seed = next(seed for seed in seeds(20) if by_lot(3, seed).index("A00") < by_lot(3, seed).index("A02"))
    over = places(rows, LotteryRules({"S": 1}, groups_over_seats=True), seed)
    assert over == {"A00": "S", "A01": "S", "A02": ""}


def test_the_guarantee_admits_migrant_pupils_who_would_have_waited_and_nobody_more() -> None:
    ordered = by_lot(8)
    rows = [{**row, "migrant": YES if row["application_no"] in ordered[-2:] else ""} for row in numbers(8)]
    for guarantee in (0, 1, 2):
        placed = {n for n, s in places(rows, LotteryRules({"S": 4}, migrant_guarantee=guarantee)).items() if s}
        assert placed == {*ordered[: 4 - guarantee], *ordered[6 : 6 + guarantee]}


def test_the_guarantee_counts_migrant_pupils_who_are_admitted_anyway() -> None:
    ordered = by_lot(8)
    rows = [{**row, "migrant": YES if row["application_no"] in ordered[:2] else ""} for row in numbers(8)]
    placed = {n for n, s in places(rows, LotteryRules({"S": 4}, migrant_guarantee=2)).items() if s}
    assert placed == set(ordered[:4])


def test_seats_held_for_migrant_pupils_who_refuse_them_go_to_the_others() -> None:
    rows = [{"application_no": "M", "migrant": YES, "choice_1": "T", "accepts_other": "否"}, *numbers(3, choice_1="T")]
    drawn = places(rows, LotteryRules({"S": 2, "T": 1}, migrant_guarantee=1))
    assert Counter(drawn.values())["S"] == 2


@st.composite
def instances(draw: st.DrawFn) -> tuple[list[dict[str, str]], LotteryRules]:
    schools = ["S", "T", "U"][: draw(st.integers(1, 3))]
    count = draw(st.integers(1, 14))
    rows = []
    for i in range(count):
        chosen = draw(st.permutations(schools))[: draw(st.integers(0, len(schools)))]
        rows.append({
            "application_no": f"A{i:02d}", "priority": draw(st.sampled_from(["甲", "乙"])),
            "migrant": draw(st.sampled_from(["是", "否"])), "sibling_school": draw(st.sampled_from(["", *schools])),
            "accepts_other": draw(st.sampled_from(["是", "否"])), "sibling_group": "",
            **{f"choice_{n}": school for n, school in enumerate(chosen, 1)},
        })  # fmt: skip
    for n in range(draw(st.integers(0, count // 2))):
        rows[2 * n + 1] = {**rows[2 * n], "application_no": rows[2 * n + 1]["application_no"]}
        rows[2 * n]["sibling_group"] = rows[2 * n + 1]["sibling_group"] = f"D{n}"
    rules = LotteryRules(
        {school: draw(st.integers(1, 6)) for school in schools},
        priorities=draw(st.sampled_from([(), ("甲", "乙")])),
        siblings_first=draw(st.booleans()),
        groups_over_seats=draw(st.booleans()),
        migrant_guarantee=draw(st.integers(0, 4)),
    )
    return rows, rules


@given(instances(), st.randoms(use_true_random=False), st.integers(0, 9))
def test_no_order_of_the_roster_changes_the_result(instance: tuple, shuffle: random.Random, n: int) -> None:
    rows, rules = instance
    mixed = list(rows)
    shuffle.shuffle(mixed)
    one, two = (replay.lottery(each, rules.plain(), seeds(10)[n]) for each in (rows, mixed))
    assert one == two


def test_no_order_of_the_roster_changes_the_tables() -> None:
    rows = [{**row, "village": "东村" if i % 2 else "西村"} for i, row in enumerate(numbers(20, choice_1="S"))]
    one, two = (draw_lottery(roster(each), RULES, SEED) for each in (rows, rows[::-1]))
    for name in ("result", "schools", "waiting", "shares"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name))


@given(instances(), st.integers(0, 9))
def test_seats_are_kept_families_stay_together_and_no_seat_that_is_wanted_stays_free(instance: tuple, n: int) -> None:
    rows, rules = instance
    drawn = draw_lottery(roster(rows), rules, seeds(10)[n])
    result = drawn.result.set_index("application_no")
    assert sorted(result.index) == sorted(row["application_no"] for row in rows)
    free = dict(zip(drawn.schools["school_id"], drawn.schools["free"], strict=True))
    assert rules.groups_over_seats or min(free.values()) >= 0
    groups = {row["application_no"]: row["sibling_group"] or row["application_no"] for row in rows}
    family = result.groupby(groups)["school_id"]
    assert (family.min() == family.max()).all()
    sizes = Counter(groups.values())
    for row in drawn.waiting.to_dict("records"):
        needed = 1 if rules.groups_over_seats else sizes[groups[row["application_no"]]]
        assert free[row["school_id"]] < needed
    assert drawn.schools["admitted"].sum() + (result["outcome"] == "waiting").sum() == len(rows)


def by_the_notice(rows: Sequence[dict[str, str]], rules: LotteryRules, seed: str) -> dict[str, str]:
    """Draw by the words of the notice, one seat at a time, with nothing of ours."""

    def digest(text: str) -> str:
        return hmac.new(seed.encode(), text.encode(), "sha256").hexdigest()

    lines: dict[str, list[dict[str, str]]] = {}
    for row in sorted(rows, key=lambda row: row["application_no"]):
        lines.setdefault(row["sibling_group"] or row["application_no"], []).append(row)
    queue = sorted(
        lines.values(),
        key=lambda f: (
            rules.priorities.index(f[0]["priority"]) if rules.priorities else 0,
            digest(f"order:{f[0]['application_no']}"),
        ),
    )
    left, given_to = dict(rules.seats), {}

    def try_to_place(family: list[dict[str, str]], schools: list[str]) -> None:
        for school in schools:
            if left[school] >= (1 if rules.groups_over_seats else len(family)):
                left[school] -= len(family)
                given_to.update({row["application_no"]: school for row in family})
                return

    def blocked(family: list[dict[str, str]], still_to_come: list[list[dict[str, str]]]) -> bool:
        if family[0]["migrant"] == YES:
            return False
        got = sum(1 for row in rows if row["migrant"] == YES and row["application_no"] in given_to)
        coming = sum(len(f) for f in still_to_come if f[0]["migrant"] == YES and f[0]["application_no"] not in given_to)
        kept = min(rules.migrant_guarantee - got, coming)
        return kept > 0 and sum(n for n in left.values() if n > 0) - len(family) < kept

    def wanted(family: list[dict[str, str]]) -> list[str]:
        first = family[0]
        named = [first[f"choice_{n}"] for n in range(1, 7) if first.get(f"choice_{n}")]
        rest = [school for school in rules.seats if school not in named]
        rest.sort(key=lambda school: digest(f"school:{first['application_no']}:{school}"))
        return named if named and first["accepts_other"] == "否" else named + rest

    if rules.siblings_first:
        for family in queue:
            if family[0]["sibling_school"] and not blocked(family, queue):
                try_to_place(family, [family[0]["sibling_school"]])
    for holding in (True, False):
        for place, family in enumerate(queue):
            if family[0]["application_no"] in given_to or (holding and blocked(family, queue[place + 1 :])):
                continue
            try_to_place(family, wanted(family))
    return given_to


@given(instances(), st.integers(0, 9))
def test_the_program_does_what_the_notice_says(instance: tuple, n: int) -> None:
    rows, rules = instance
    drawn = replay.lottery(rows, rules.plain(), seeds(10)[n])
    placed = {row["application_no"]: row["school_id"] for row in drawn if row["school_id"]}
    assert placed == by_the_notice(rows, rules, seeds(10)[n])


@given(instances(), st.integers(0, 9))
def test_nobody_without_a_privilege_is_passed_by_someone_later_in_line(instance: tuple, n: int) -> None:
    rows, rules = instance
    plain = [{name: row[name] for name in ("application_no", "priority", "migrant")} for row in rows]
    stated = LotteryRules(rules.seats, priorities=rules.priorities)
    admitted = [bool(row["school_id"]) for row in replay.lottery(plain, stated.plain(), seeds(10)[n])]
    assert admitted == sorted(admitted, reverse=True)


def test_every_applicant_is_as_likely_to_be_admitted_and_to_come_to_each_school() -> None:
    rows, drawn = numbers(12), Counter()
    rules = LotteryRules({"S": 3, "T": 2}).plain()
    for seed in seeds(3000):
        drawn.update((row["application_no"], row["school_id"]) for row in replay.lottery(rows, rules, seed))
    for school in ("S", "T"):
        assert chisquare([drawn[row["application_no"], school] for row in rows]).pvalue > 0.01


def test_every_order_of_four_is_as_likely() -> None:
    orders = Counter(tuple(by_lot(4, seed)) for seed in seeds(4800))
    assert len(orders) == 24
    assert chisquare(list(orders.values())).pvalue > 0.01
    rows = roster(numbers(4))
    for seed in seeds(25):
        drawn = draw_lottery(rows, LotteryRules({"S": 1}), seed).result
        assert drawn["application_no"].tolist() == by_lot(4, seed)


def test_villages_are_compared_where_lots_decide() -> None:
    rows = [{**row, "village": "东村" if i % 2 else "西村"} for i, row in enumerate(numbers(60))]
    shares = draw_lottery(roster(rows), LotteryRules({"S": 30}), SEED).shares
    tested = shares[shares["p_value"].notna()]
    assert tested["member"].tolist() == ["东村", "西村"]
    assert tested["admitted"].sum() == 30
    assert tested["p_value"].between(0, 1).all()


def test_an_application_number_that_stands_twice_is_refused() -> None:
    with pytest.raises(InputError, match="A00"):
        draw_lottery(roster(numbers(2) + numbers(1)), RULES, SEED)


def test_the_published_headers_and_words_are_those_of_the_registry() -> None:
    for table in (LOTTERY_ROSTER, CLASS_ROSTER, LOTTERY_RESULT, CLASS_DRAW_RESULT):
        for column in table:
            assert replay.HEADS.get(column.name, column.zh) == column.zh
    assert (replay.YES, replay.BOY, replay.GIRL, replay.TOGETHER, replay.APART) == (YES, BOY, GIRL, TOGETHER, APART)

"""What a block ``layout`` asks for that cannot be, told before anything is solved, each with its line and its mend."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from layout_planner.config.layout import Layout, Prices
from layout_planner.errors import Flaw, ScenarioError, Text
from layout_planner.layout.possible import possible_flaws
from layout_planner.layout.wishes import named_flaws, placed

if TYPE_CHECKING:
    from layout_planner.config.scenario import Scenario
    from layout_planner.io.county import County

__all__ = ["contrary_flaws", "layout_flaws"]

_UNIT_SLIP = 1000.0  # a price this many times smaller or larger than the default was written in another unit
_LEAST_RADIUS_M = 100.0
_SPENDS = ("close_yuan", "convert_yuan", "lift_yuan", "restore_yuan", "build_yuan", "room_yuan", "bed_yuan")


def layout_flaws(county: County, scenario: Scenario) -> list[Flaw]:
    """List what a scenario's block ``layout`` asks of a county that no plan can give, without solving anything.

    Parameters
    ----------
    county : County
        With demand, supply filled in.
    scenario : Scenario
        Its block ``layout``; the defaults where it has none.

    Returns
    -------
    list of Flaw
        Schools and villages that are not in the tables, contrary wishes, sums that cannot come out. What only a
        search can tell is left to :func:`layout_planner.layout.conflicts.find_conflict`.
    """
    found = list(named_flaws(county, scenario))
    if not found:
        try:
            found = list(possible_flaws(county, scenario))
        except ScenarioError:  # its decisions cannot be carried out, which is told where they are
            return []
    return found


def contrary_flaws(scenario: Scenario) -> Iterator[Flaw]:
    """Give what is contrary or in the wrong unit in a block ``layout``, whatever the county."""
    layout = scenario.layout or Layout()
    yield from _goal(scenario, layout)
    yield from _counts(scenario, layout)
    yield from _sizes(scenario, layout)
    yield from _money(scenario, layout)
    yield from _rides(scenario)
    if layout.must.town_radius_m < _LEAST_RADIUS_M:
        given = f"{layout.must.town_radius_m:g}"
        yield placed(
            scenario, ("layout", "must", "town_radius_m"), "unit_slip",
            Text(f"{given} 米以内没有第二所学校", f"no second school lies within {given} m"),
            Text("以米为单位：3 公里写 3000", "it is in metres: 3 km are 3000"),
        )  # fmt: skip


def _rides(scenario: Scenario) -> Iterator[Flaw]:
    """Give riding limits that are over before the bus comes."""
    wait = scenario.travel.ride_wait_min
    for band, limit in scenario.travel.ride_limit_min.items():
        if limit <= wait:
            yield placed(
                scenario, ("travel", "ride_limit_min", band.value), "limit_short",
                Text(
                    f"{band.label_zh}乘车时限 {limit:g} 分钟不长于候车的 {wait:g} 分钟（ride_wait_min），谁也赶不上",
                    f"{band.value} may ride {limit:g} min, but waiting alone takes {wait:g} (ride_wait_min)",
                ),
                Text("以分钟为单位加长；不乘车写 null", "raise it, in minutes; null where nobody rides"),
            )  # fmt: skip


def _goal(scenario: Scenario, layout: Layout) -> Iterator[Flaw]:
    """Give weights beside an order: one of them would silently do nothing."""
    lexicographic = layout.goal.method == "lexicographic"
    idle, other = ("weights", "order") if lexicographic else ("order", "weights")
    said = scenario.place("layout", "goal", idle)
    method = scenario.place("layout", "goal", "method")
    if said is None or (method or said)[0] != said[0]:
        return  # a default, or inherited from a scenario that asked otherwise
    mend = (
        Text("删去 weights；要按权重加总则写 method: weighted", "delete weights, or write method: weighted")
        if lexicographic
        else Text("写 method: lexicographic，或删去 order", "write method: lexicographic, or delete order")
    )
    yield placed(
        scenario, ("layout", "goal", idle), "goal_idle",
        Text(
            f"method 是 {layout.goal.method}，只看 {other}，{idle} 不起作用",
            f"method is {layout.goal.method}: it reads {other}, and {idle} does nothing",
        ),
        mend,
    )  # fmt: skip


def _counts(scenario: Scenario, layout: Layout) -> Iterator[Flaw]:
    """Give limits on changes that are below the closures that are demanded."""
    must = layout.must
    demanded = len(set(must.close) - set(scenario.decisions.close))
    for key, word in (("max_changes", Text("变动", "changes")), ("max_closures", Text("撤并", "closures"))):
        most = getattr(must, key)
        if most is not None and most < demanded:
            yield placed(
                scenario, ("layout", "must", key), "contrary",
                Text(
                    f"最多{word.zh} {most} 所，must.close 却要求撤并 {demanded} 所",
                    f"at most {most} {word.en}, but must.close demands {demanded}",
                ),
                Text(f"写 {demanded} 或更多，或从 must.close 中删去几所",
                     f"write {demanded} or more, or take schools off must.close"),
            )  # fmt: skip


def _sizes(scenario: Scenario, layout: Layout) -> Iterator[Flaw]:
    """Give types of school whose least size is above their largest."""
    must = layout.must
    for tier, least in must.smallest.items():
        most = must.largest.get(tier)
        if most is not None and least > most:
            yield placed(
                scenario, ("layout", "must", "smallest", tier.value), "contrary",
                Text(
                    f"{tier.label_zh}最少 {least} 人，超过 largest 规定的最多 {most} 人",
                    f"{tier.value}: at least {least} pupils, but largest allows {most}",
                ),
                Text("把 smallest 改小，或把 largest 改大", "lower smallest or raise largest"),
            )  # fmt: skip


def _money(scenario: Scenario, layout: Layout) -> Iterator[Flaw]:
    """Give prices and budgets that were written in 万元."""
    for path, value, usual in _prices(layout.prices):
        ratio = value / usual if usual else 1.0
        if value > 0 and not 1 / _UNIT_SLIP < ratio < _UNIT_SLIP:
            yield placed(
                scenario, ("layout", "prices", *path), "unit_slip",
                Text(
                    f"{value:g} 元与常见的 {usual:,.0f} 元相差千倍以上",
                    f"{value:g} yuan is over a thousand times off the usual {usual:,.0f}",
                ),
                _in_yuan(value) if ratio < 1 else Text("以元为单位填写", "write it in yuan"),
            )  # fmt: skip
    budget = layout.must.one_off_budget_yuan
    spends = [price for name in _SPENDS if (price := getattr(layout.prices, name)) > 0]
    if budget and len(spends) == len(_SPENDS) and budget < min(spends):
        yield placed(
            scenario, ("layout", "must", "one_off_budget_yuan"), "unit_slip",
            Text(
                f"{budget:g} 元连最便宜的一项变动（{min(spends):,.0f} 元）也不够",
                f"{budget:g} yuan do not pay for the cheapest change ({min(spends):,.0f})",
            ),
            _in_yuan(budget),
        )  # fmt: skip


def _in_yuan(value: float) -> Text:
    whole = f"{value * 10_000:.0f}"
    return Text(f"以元为单位：{value:g} 万元写 {whole}", f"it is in yuan: {value:g} × 10,000 yuan are {whole}")


def _prices(prices: Prices) -> Iterator[tuple[tuple[str, ...], float, float]]:
    """Give every price in yuan with its path and its default."""
    usual = Prices()
    for name in type(prices).model_fields:
        given, known = getattr(prices, name), getattr(usual, name)
        if not name.endswith("_yuan"):
            continue
        if isinstance(given, dict):
            for key, value in given.items():
                yield (name, str(key)), float(value), float(known.get(key, value))
        else:
            yield (name,), float(given), float(known)

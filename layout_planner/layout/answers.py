"""What a planner asks beside the plan itself: prices, the front, choices, sureness, losers; each in its own time.

Every answer is written as far as it got; what stopped says so. The plan is there before the first question.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from layout_planner.config.layout import Layout
from layout_planner.errors import Text, language
from layout_planner.layout.alternatives import alternative_plans
from layout_planner.layout.facts import plan_facts, who_loses
from layout_planner.layout.infeasible import village_names
from layout_planner.layout.model import Limits
from layout_planner.layout.optimise import optimise_county, proof_sentence
from layout_planner.layout.pareto import pareto_front
from layout_planner.layout.prices import price_decisions, prices_table
from layout_planner.layout.robust import case_models, regrets, regrets_table, sureties_table
from layout_planner.layout.solver import solve_layout
from layout_planner.layout.wishes import heed_hearing
from layout_planner.locate.result import Status

if TYPE_CHECKING:
    from layout_planner.config.layout import Answers
    from layout_planner.config.scenario import Scenario
    from layout_planner.io.county import County
    from layout_planner.layout.model import LayoutSolution
    from layout_planner.layout.prices import Price
    from layout_planner.layout.proposal import Proposal
    from layout_planner.layout.robust import CaseResult
    from layout_planner.locate.stopping import Cancel
    from layout_planner.plan import Plan
    from layout_planner.travel.matrix import TravelMatrix

__all__ = ["Optimised", "optimise"]

_TODAY_S = 20.0
_TELL_EVERY_S = 5.0
_OWN_NAME = "方案A"  # as alternative_plans names the plan that it is given
_STOPPED = (Status.FEASIBLE, Status.UNKNOWN)

Tell = Callable[[Text], None]


@dataclass(frozen=True, eq=False)
class Optimised:
    """A proposed layout and the answers to what a hearing asks of it.

    Attributes
    ----------
    proposal : Proposal
        The plan with its decisions and reasons.
    answers : dict of str to DataFrame
        By name of their table in the registry; those that were not asked for are absent.
    options : dict of str to LayoutSolution
        Plans by name: the proposed one, those of the front and the alternatives.
    notes : tuple of Text
        Which answers stopped before they were complete, and what that means.
    cancelled : bool
        Whether the work was cut short by the person at the desk.
    """

    proposal: Proposal
    answers: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    options: Mapping[str, LayoutSolution] = field(default_factory=dict)
    notes: tuple[Text, ...] = ()
    cancelled: bool = False

    @property
    def plan(self) -> Plan:
        """The proposed plan."""
        return self.proposal.plan

    @property
    def before(self) -> Plan:
        """Today's plan."""
        return self.proposal.before

    @property
    def solution(self) -> LayoutSolution:
        """The solution behind the plan, with status, objective, bound and gap."""
        return self.proposal.solution

    @property
    def proof(self) -> Text:
        """What is proven of the plan, in a sentence."""
        return proof_sentence(self.solution)

    @property
    def headline(self) -> Text:
        """How many schools become what, in a sentence."""
        facts = plan_facts(self.solution)
        kinds = {
            "closed": Text("撤并", "closed"), "converted": Text("改为教学点", "made teaching points"),
            "lifted": Text("办成完全小学", "lifted to full primary"), "opened": Text("启用或新建", "opened"),
        }  # fmt: skip
        said = [(int(facts[code]), words) for code, words in kinds.items() if facts[code]]
        if not said:
            return Text("建议：学校去留都不变", "proposed: no school opens or closes")
        return Text(
            "建议：" + "，".join(f"{words.zh} {count} 所" for count, words in said),
            "proposed: " + ", ".join(f"{count} {words.en}" for count, words in said),
        )

    @property
    def frames(self) -> dict[str, pd.DataFrame]:
        """All tables by name, decisions first."""
        own = {"layout_decisions": self.proposal.decisions, "passed_by": self.proposal.passed_by}
        return own | dict(self.answers)

    @property
    def decisions(self) -> pd.DataFrame:
        """Table ``layout_decisions``: what becomes of every school, and why."""
        return self.proposal.decisions

    @property
    def passed_by(self) -> pd.DataFrame:
        """Table ``passed_by``: villages sent past a nearer school, and why."""
        return self.proposal.passed_by

    @property
    def front(self) -> pd.DataFrame | None:
        """Table ``front``: cost against travel; ``None`` if it was not asked for."""
        return self.answers.get("front")

    @property
    def prices(self) -> pd.DataFrame | None:
        """Table ``prices``: what the opposite decision on each school would cost."""
        return self.answers.get("prices")

    @property
    def losers(self) -> pd.DataFrame | None:
        """Table ``losers``: villages whose way grows longer."""
        return self.answers.get("losers")

    @property
    def sureties(self) -> pd.DataFrame | None:
        """Table ``robust_schools``: which decisions are certain, likely or an open question."""
        return self.answers.get("robust_schools")

    @property
    def cases(self) -> pd.DataFrame | None:
        """Table ``robust_cases``: regret of the plan under other pupil numbers and slower travel."""
        return self.answers.get("robust_cases")

    @property
    def alternatives(self) -> pd.DataFrame | None:
        """Table ``alternatives``: good plans that really differ."""
        return self.answers.get("alternatives")

    def __repr__(self) -> str:
        return f"<Optimised {self.plan.label!r}: {self.solution!r}, answers {', '.join(self.answers) or 'none'}>"

    def _repr_html_(self) -> str:
        chinese = language() == "zh"
        facts = plan_facts(self.solution)
        names = {
            "closed": Text("撤并（所）", "closed"), "converted": Text("改为教学点（所）", "made teaching points"),
            "opened": Text("新办或恢复（所）", "opened"), "minutes_mean": Text("平均折合时间（分钟）", "mean minutes"),
            "yearly_yuan": Text("每年支出（元）", "yuan a year"), "one_off_yuan": Text("一次性投入（元）", "yuan once"),
        }  # fmt: skip
        rows = "".join(
            f"<tr><th>{escape(name.zh if chinese else name.en)}</th><td>{facts[code]:,.4g}</td></tr>"
            if code == "minutes_mean"
            else f"<tr><th>{escape(name.zh if chinese else name.en)}</th><td>{facts[code]:,.0f}</td></tr>"
            for code, name in names.items()
        )
        said = "".join(f"<li>{escape(str(note))}</li>" for note in self.notes)
        tables = ", ".join(f"{name} ({len(frame)})" for name, frame in self.frames.items())
        return (
            f"<table><caption>{escape(self.plan.label)}</caption>{rows}</table><p>{escape(str(self.proof))}</p>"
            + (f"<ul>{said}</ul>" if said else "")
            + f"<p>{escape(tables)}</p>"
        )


def optimise(
    county: County,
    times: Mapping[str, TravelMatrix],
    scenario: Scenario,
    *,
    quick: bool = False,
    progress: Tell = lambda _: None,
    cancel: Cancel | None = None,
) -> Optimised:
    """Propose a county's layout and answer what the scenario's block ``layout.answers`` asks of it.

    Parameters
    ----------
    county : County
        With demand, supply filled in, as :func:`layout_planner.read_county` gives it.
    times : mapping of str to TravelMatrix
        From :func:`layout_planner.travel_times`.
    scenario : Scenario
        Its decisions are carried out first; its block ``layout`` (defaults where it has none) says the rest. Schools
        whose closing most parents or delegates oppose by its block ``hearing`` are protected.
    quick : bool
        The plan only, no further answers.
    progress : callable
        Told what is being done, with gap and seconds.
    cancel : callable, optional
        Asked now and then; ``True`` ends the work with the best plan and the answers so far.

    Returns
    -------
    Optimised

    Raises
    ------
    LayoutError
        If no layout respects every limit, with the limits in conflict and the least relaxation; or if none was found
        in time.
    """
    scenario = heed_hearing(scenario)
    layout = scenario.layout or Layout()
    asked = layout.answers.none() if quick else layout.answers
    desk = _Desk(optimise_county(county, times, scenario, progress, cancel), asked, scenario, progress, cancel)
    if desk.cancelled:
        progress(Text("计算被中断，写出当时最好的方案", "cut short: the best plan so far is written"))
    if quick:
        return desk.result()
    prices = desk.prices()
    desk.losers(county)
    desk.front()
    desk.alternatives()
    desk.robust(county, times, prices)
    return desk.result()


class _Desk:
    """Asks one question after the other, and keeps answers, plans and what to say of them."""

    def __init__(
        self, proposed: Proposal, asked: Answers, scenario: Scenario, progress: Tell, cancel: Cancel | None
    ) -> None:
        self.proposed, self.asked, self.scenario, self.tell, self.cancel = proposed, asked, scenario, progress, cancel
        self.solution = proposed.solution
        self.tables: dict[str, pd.DataFrame] = {}
        self.options: dict[str, LayoutSolution] = {_OWN_NAME: proposed.solution}
        self.notes: list[Text] = []
        self.began = time.perf_counter()

    @property
    def cancelled(self) -> bool:
        return self.cancel is not None and self.cancel()

    def result(self) -> Optimised:
        if self.cancelled:
            self.notes.append(
                Text("计算被中断：只写出中断前的结果", "the work was cut short: what was there is written")
            )
        return Optimised(self.proposed, self.tables, self.options, tuple(self.notes), self.cancelled)

    def prices(self) -> tuple[Price, ...]:
        """Ask what the opposite decision on each school costs."""
        if self.asked.prices == "none" or self.cancelled:
            return ()
        name = Text("去留的代价", "prices of keeping and closing")
        schools = self._schools()
        seconds, what = self.asked.prices_limit_s, Text("所学校", "schools")
        prices = price_decisions(
            self.solution, schools=schools, time_limit=seconds, seed=self.scenario.seed,
            progress=self._clock(name, what, seconds), cancel=self.cancel,
        )  # fmt: skip
        self.tables["prices"] = table = prices_table(prices)
        self._stopped(name, table, what, "代价以已证明的上下限为准")
        return prices

    def _schools(self) -> list[str] | None:
        if self.asked.prices == "all":
            return None
        choices = self.solution.model.choices
        open_now = choices.is_open[self.solution.choice]
        could = set(choices.school[choices.is_open])
        return [str(code) for j, code in enumerate(choices.school_id) if not open_now[j] and j in could]

    def losers(self, county: County) -> None:
        """List the villages whose way grows longer against today's schools at their best."""
        if self.cancelled:
            return
        model = self.solution.model
        today = dict(zip(model.school_id, model.choices.choice[model.choices.today], strict=True))
        stays = solve_layout(
            model, extra=Limits(fix=today), time_limit=_TODAY_S, seed=self.scenario.seed, cancel=self.cancel
        )
        if not stays.found:
            why = Text("时限内没有排出现有学校的学生去向", "pupils of today's schools were not sent anywhere in time")
            if stays.status is Status.INFEASIBLE:
                why = Text("现有学校守不住各项规定", "today's schools break a limit")
            self.notes.append(Text(f"{why.zh}，不能逐村比较路程", f"{why.en}: no comparison village by village"))
            return
        self.tables["losers"] = who_loses(stays, self.solution, village_names(county))

    def front(self) -> None:
        """Ask for plans of least cost under limits on travel."""
        if self.asked.front_points < 2 or self.cancelled:
            return
        name = Text("费用与路程的取舍", "cost against travel")
        seconds = self.asked.front_limit_s
        front = pareto_front(
            self.solution.model, points=self.asked.front_points, start=self.solution, seed=self.scenario.seed,
            time_limit=seconds, progress=self._clock(name, Text("个上限", "limits"), seconds), cancel=self.cancel,
        )  # fmt: skip
        self.tables["front"] = table = front.table
        self.options |= {point.name: point.solution for point in front}
        self._stopped(name, table, Text("个方案", "plans"), "费用下限见图表")

    def alternatives(self) -> None:
        """Ask for good plans that really differ."""
        asked = self.asked
        if asked.alternatives < 2 or self.cancelled:
            return
        name = Text("可供选择的方案", "plans to choose from")
        seconds, what = asked.alternatives_limit_s, Text("个方案", "plans")
        found = alternative_plans(
            self.solution, count=asked.alternatives, schools=asked.alternatives_apart,
            within=asked.alternatives_within, time_limit=seconds, seed=self.scenario.seed,
            progress=self._clock(name, what, seconds), cancel=self.cancel,
        )  # fmt: skip
        self.tables["alternatives"], self.tables["alternative_schools"] = found.table, found.schools
        self.options |= found.plans
        self._stopped(name, found.table, what, "差距见表")
        if len(found.plans) < asked.alternatives:
            why = (
                Text("已证明没有更多", "proven that there are no more")
                if found.exhausted
                else Text("时限内没有找到更多", "no more were found in time")
            )
            share = f"{asked.alternatives_within:.0%}"
            self.notes.append(
                Text(
                    f"{name.zh}：差不超过 {share}、至少 {asked.alternatives_apart} 所学校不同的方案共"
                    f" {len(found.plans)} 个（含本方案），{why.zh}",
                    f"{name.en}: {len(found.plans)} within {share} and {asked.alternatives_apart} schools apart, this "
                    f"one included; {why.en}",
                )
            )

    def robust(self, county: County, times: Mapping[str, TravelMatrix], prices: tuple[Price, ...]) -> None:
        """Ask for the regret when things turn out otherwise, and how sure each decision is."""
        asked = self.asked
        if self.cancelled:
            return
        name, what = Text("情况变化时的后悔值", "regret when things turn out otherwise"), Text("种情况", "cases")
        results: tuple[CaseResult, ...] = ()
        if asked.demand_factors or asked.travel_factors:
            seconds = asked.robust_limit_s
            say = self._clock(name, what, seconds)
            cases = case_models(county, times, self.scenario, demand=asked.demand_factors, slower=asked.travel_factors)
            results = regrets(
                self.solution, cases, time_limit=seconds, seed=self.scenario.seed, progress=say, cancel=self.cancel
            )
            self.tables["robust_cases"] = table = regrets_table(results)
            self._stopped(name, table, what, "后悔值以已证明的上下限为准")
        if prices:
            self.tables["robust_schools"] = sureties_table(prices, results, within=asked.near_optimal_share)

    def _clock(self, name: Text, what: Text, seconds: float) -> Callable[[float, float, float], None]:
        """Tell the console what begins now, and every few seconds how much of it is done."""
        self.tell(Text(f"{name.zh}（最多 {seconds:g} 秒）", f"{name.en} (at most {seconds:g} s)"))
        self.began = time.perf_counter()
        told = [time.perf_counter()]

        def say(elapsed: float, done: float, of: float) -> None:
            if time.perf_counter() - told[0] >= _TELL_EVERY_S or done == of:
                told[0] = time.perf_counter()
                self.tell(
                    Text(
                        f"{name.zh}：{done:.0f}/{of:.0f} {what.zh}，{elapsed:.0f} 秒",
                        f"{name.en}: {done:.0f} of {of:.0f} {what.en}, {elapsed:.0f} s",
                    )
                )

        return say

    def _stopped(self, name: Text, table: pd.DataFrame, what: Text, meaning: str) -> None:
        """Tell the console what came out, and note how many searches of an answer stopped in time."""
        stopped, seconds = int(table["status"].isin(_STOPPED).sum()), time.perf_counter() - self.began
        gap = float(table["gap"].max()) if "gap" in table and len(table) else float("nan")
        wide = Text(f"，差距最大 {gap:.1%}", f", the widest gap {gap:.1%}") if math.isfinite(gap) else Text("", "")
        self.tell(
            Text(
                f"{name.zh}：{len(table)} {what.zh}，其中 {len(table) - stopped} {what.zh[0]}已证明{wide.zh}，"
                f"用时 {seconds:.0f} 秒",
                f"{name.en}: {len(table)} {what.en}, {len(table) - stopped} proven{wide.en}, {seconds:.0f} s",
            )
        )
        if stopped:
            self.notes.append(
                Text(
                    f"{name.zh}：{len(table)} {what.zh}中有 {stopped} {what.zh[0]}到时停止{wide.zh}，{meaning}",
                    f"{name.en}: {stopped} of {len(table)} {what.en} stopped in time{wide.en}; the proven limits hold",
                )
            )

"""From what a run computed to its folder: map, workbook, report, layers, the run's own data, further plans."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layout_planner import maps, measures, report
from layout_planner.config.scenario import Output
from layout_planner.errors import Text
from layout_planner.layout.named import named_scenarios
from layout_planner.layout.reasons import closure_impact
from layout_planner.plan import same_pupils

if TYPE_CHECKING:
    import pandas as pd

    from layout_planner.config.scenario import Scenario
    from layout_planner.layout.answers import Optimised
    from layout_planner.plan import Plan
    from layout_planner.rules import Finding

__all__ = ["Clock", "Computed", "Progress", "comparable", "publish", "seat_facts", "solver_facts"]

SOLVER_LOG = "solver.log"
SCENARIOS = "scenarios"

Progress = Callable[[Text], None]


class Clock:
    """Names each step to the user and keeps its seconds."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: Text) -> Iterator[None]:
        """Time a step."""
        self.progress(name)
        start = time.perf_counter()
        yield
        self.seconds[name.en] = self.seconds.get(name.en, 0.0) + time.perf_counter() - start


@dataclass(frozen=True, eq=False)
class Computed:
    """What a run computed of the scenario ``asked``, before it is published; ``optimised`` where the layout was."""

    asked: Scenario
    plan: Plan
    tables: measures.PlanTables
    findings: tuple[Finding, ...]
    coverage: pd.DataFrame
    parent: Plan | None
    digest: str
    optimised: Optimised | None = None

    @property
    def frames(self) -> dict[str, pd.DataFrame]:
        """Tables of the optimised layout by name; none without one."""
        return {} if self.optimised is None else self.optimised.frames

    @property
    def part(self) -> report.LayoutPart | None:
        """What the report says of the optimised layout."""
        if self.optimised is None:
            return None
        said = (self.optimised.proof.zh, *(note.zh for note in self.optimised.notes))
        return report.LayoutPart(self.frames, said, self.optimised.solution.model.layout)

    @property
    def by_model(self) -> bool:
        """Whether the optimiser itself sent the pupils where they go."""
        return self.optimised is not None and self.optimised.solution.model.layout.assign_by == "model"

    @property
    def reasons(self) -> dict[str, Text]:
        """Why each school is proposed to become what it becomes, by id."""
        decisions = self.frames.get("layout_decisions")
        if decisions is None:
            return {}
        columns = (decisions[name].astype(str) for name in ("school_id", "reason", "reason_en"))
        return {code: Text(zh, en) for code, zh, en in zip(*columns, strict=True)}


def comparable(parent: Plan | None, plan: Plan) -> Plan | None:
    """Give the parent plan where it speaks of the same pupils, so that one can say who is affected."""
    return parent if parent is not None and same_pupils(parent, plan) else None


def publish(done: Computed, folder: Path, clock: Clock, *, home: Path) -> None:
    """Write what the scenario asks for into a folder, which will be ``home`` once it is whole."""
    plan, tables, findings, parent = done.plan, done.tables, done.findings, done.parent
    outputs = plan.scenario.outputs
    before = comparable(parent, plan)
    moves = measures.moves(before, plan) if before is not None else None
    impact = closure_impact(before, plan) if before is not None else None
    travelled = None
    if Output.MAP in outputs:
        with clock.step(Text("画地图", "drawing the map")):
            page, travelled = _map_of(done)
            page.save(folder / "map.html")
    if Output.TABLES in outputs:
        with clock.step(Text("写工作簿和图层", "writing workbook and layers")):
            report.write_workbook(
                plan, tables, findings, folder / "tables.xlsx", moves=moves, impact=impact, coverage=done.coverage,
                layout=done.frames, by_model=done.by_model,
            )  # fmt: skip
            report.write_geopackage(plan, tables, folder / "plan.gpkg")
    if Output.REPORT in outputs:
        with clock.step(Text("写报告", "writing the report")):
            report.write_html(
                plan,
                tables,
                findings,
                folder / "report.html",
                moves=moves,
                impact=impact,
                parent=parent,
                parent_tables=parent.tables if parent is not None else None,
                coverage=done.coverage,
                layout=done.part,
                run=done.digest,
            )
    with clock.step(Text("保存结果数据", "saving the run's data")):
        report.save_run_data(
            plan, tables, findings, folder, moves=moves, layout=done.frames, travelled=travelled,
        )  # fmt: skip
        if done.optimised is not None:
            _write_log(done.optimised, folder / SOLVER_LOG)
            _write_scenarios(done.optimised, done.asked, folder / SCENARIOS, home / SCENARIOS)


def _title(plan: Plan) -> Text:
    county = plan.county.name
    return Text(f"{county} · {plan.label}", f"{county} · {plan.scenario.title_en or plan.label}")


def _map_of(done: Computed) -> tuple[maps.PlanMap, maps.Travelled]:
    """Draw the plan; where it changes another plan for the same pupils, with that one before it."""
    said, parent = done.plan.scenario.publish, comparable(done.parent, done.plan)
    plans = [done.plan] if parent is None else [parent, done.plan]
    travelled = maps.travelled_of(plans, said.min_pupils)
    page = maps.plan_map(
        plans,
        [done.tables] if parent is None else [parent.tables, done.tables],
        title=None if parent is None else _title(done.plan),
        shown=len(plans) - 1,
        date=said.date,
        source=said.source,
        approval=said.approval,
        privacy_min_pupils=said.min_pupils,
        reasons=done.reasons,
        travelled=travelled,
    )
    return page, travelled[-1]


def _write_log(optimised: Optimised, path: Path) -> None:
    """Write what the solver said below what is proven."""
    solution, proof = optimised.solution, optimised.proof
    terms = "\n".join(f"{term}: {value:.6g}" for term, value in solution.terms.items())
    path.write_text(f"{proof.zh}\n{proof.en}\n{solution!r}\n{terms}\n{solution.log}\n", encoding="utf-8", newline="\n")


def _write_scenarios(optimised: Optimised, scenario: Scenario, folder: Path, home: Path) -> None:
    """Write every plan that was found as a scenario file."""
    folder.mkdir()
    for name, text in named_scenarios(optimised.options, scenario, home).items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def solver_facts(optimised: Optimised) -> dict[str, Any]:
    """Spell for the manifest what the solver answered."""
    solution = optimised.solution
    return {
        "status": str(solution.status),
        "objective": solution.objective,
        "bound": solution.bound,
        "gap": solution.gap,
        "seconds": round(solution.runtime, 3),
        "terms": {str(term): value for term, value in solution.terms.items()},
        "answers": {name: len(frame) for name, frame in optimised.answers.items()},
        "notes": [note.en for note in optimised.notes],
        "cancelled": optimised.cancelled,
        "log": solution.log.splitlines(),
    }


def seat_facts(plan: Plan) -> dict[str, Any] | None:
    """Spell for the manifest how good an assignment under seats is proven to be, in pupil-minutes; else nothing."""
    if plan.proof is None:
        return None
    total, bound = plan.proof
    facts = {"objective": total, "bound": bound, "gap": max(0.0, total - bound) / max(abs(total), 1e-9)}
    return facts | ({"seat_factor": plan.seat_factor} if plan.seat_factor > 1 else {})

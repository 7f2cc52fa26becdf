"""The report: one self-contained HTML file in Chinese that a delegate of a hearing can read and print on A4."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from layout_planner import __version__
from layout_planner.manifest import engine_sha256
from layout_planner.report.document import Block, number_sections
from layout_planner.report.narrative import data_as_of, plan_title
from layout_planner.report.sections import ReportInput, report_sections

if TYPE_CHECKING:
    import pandas as pd

    from layout_planner.measures import PlanTables
    from layout_planner.plan import Plan
    from layout_planner.report.layout_sections import LayoutPart
    from layout_planner.rules import Finding

__all__ = ["render", "write_html"]


def write_html(
    plan: Plan,
    tables: PlanTables,
    findings: Sequence[Finding],
    path: Path,
    *,
    moves: pd.DataFrame | None = None,
    impact: pd.DataFrame | None = None,
    parent: Plan | None = None,
    parent_tables: PlanTables | None = None,
    coverage: pd.DataFrame | None = None,
    layout: LayoutPart | None = None,
    run: str = "",
) -> None:
    """Write the report of a plan as one HTML file that needs nothing else: no network, no font, no script.

    The same plan gives the same bytes. A section without content is left out.

    Parameters
    ----------
    plan : Plan
    tables : PlanTables
    findings : sequence of Finding
    path : Path
    moves : DataFrame, optional
        Who is affected against the parent plan (table ``moves``).
    impact : DataFrame, optional
        One row a closed school: what its pupils face.
    parent, parent_tables : Plan, PlanTables, optional
        The plan that this one changes: indicators are then shown before and after, and a map of change is drawn.
    coverage : DataFrame, optional
        How the share within the limits depends on the speeds (table ``coverage``).
    layout : LayoutPart, optional
        What is said of an optimised layout.
    run : str, optional
        Short hash of the run, for the footer.
    """
    given = ReportInput(plan, tables, tuple(findings), moves, impact, parent, parent_tables, coverage, layout)
    context = {
        "title": plan_title(plan),
        "subtitle": f"数据时点：{data_as_of(plan)}",
        "parent": given.parent_label if parent_tables is not None else "",
        "sections": number_sections(report_sections(given)),
        "version": __version__,
        "engine": engine_sha256()[:12],
        "run": run,
        "seed": plan.scenario.seed,
    }
    path.write_bytes(render("report.html.j2", context).encode("utf-8"))


def render(template: str, context: dict[str, Any], filters: Mapping[str, Callable[..., Any]] | None = None) -> str:
    """Fill one of the shipped templates, with further filters if it needs any."""
    environment = _environment()
    if filters:
        environment = environment.overlay()
        environment.filters = environment.filters | dict(filters)
    return environment.get_template(template).render(context)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("layout_planner.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["kind"] = _kind
    return environment


def _kind(block: Block) -> str:
    return type(block).__name__.lower()

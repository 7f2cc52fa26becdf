"""An optimised run on a tiny county: everything published, plans that can be run and compared, Ctrl-C."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import layout_planner.run as job
from layout_planner import report
from layout_planner.config.loader import load_scenario
from layout_planner.errors import Text
from layout_planner.testing import assert_plan_valid

BASELINE = """\
name: 现状
data: {folder: ../data, crs: {schools: gcj02}}
"""
OPTIMISE = """\
name: 布局建议
based_on: baseline.yaml
layout:
  time_limit_s: 20
  gap: 0.02
  answers:
    front_points: 2
    front_limit_s: 2
    prices: closed
    prices_limit_s: 3
    demand_factors: [1.2]
    travel_factors: []
    robust_limit_s: 1
    alternatives: 2
    alternatives_apart: 1
    alternatives_limit_s: 1
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, tiny_county: Callable[[Path, int], None]) -> Path:
    folder = tmp_path_factory.mktemp("project")
    tiny_county(folder / "data", 1)
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "baseline.yaml").write_text(BASELINE, encoding="utf-8")
    (folder / "scenarios" / "optimise.yaml").write_text(OPTIMISE, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def optimised(project: Path) -> job.RunResult:
    return job.run_scenario(project / "scenarios" / "optimise.yaml", optimised=True)


def test_decisions_reasons_answers_and_proof_are_published(optimised: job.RunResult) -> None:
    assert optimised.plan is not None
    assert optimised.optimised is not None
    assert_plan_valid(optimised.plan)
    names = {path.name for path in optimised.folder.iterdir()}
    assert {"map.html", "tables.xlsx", "report.html", "plan.gpkg", "solver.log", "scenarios", "manifest.json"} <= names
    sheets = pd.read_excel(optimised.folder / "tables.xlsx", sheet_name=None, engine="calamine")
    assert {"布局建议", "保留和撤并的代价", "费用与路程的取舍", "谁的路变远", "去留的把握", "可供选择的方案",
            "情况变化时的后悔值"} <= set(sheets)  # fmt: skip
    assert len(sheets["布局建议"]) == len(optimised.plan.schools)
    report = (optimised.folder / "report.html").read_text(encoding="utf-8")
    proof = optimised.optimised.proof.zh
    assert "最多再好" in proof
    assert proof in report
    assert all(
        words in report for words in ("建议变动的学校", "费用与路程的取舍", "目标、规定和价格", "学生路程每人·分钟")
    )
    assert proof.split("（")[0] in optimised.summary()


def test_reports_and_workbooks_show_no_internal_codes(optimised: job.RunResult) -> None:
    report = (optimised.folder / "report.html").read_text(encoding="utf-8")
    text = report[report.index("布局优化") :]
    for code in ("optimal", "feasible", "infeasible", "certain", "likely", "convert", "closed", "keep", "G1-3", "nan"):
        assert f">{code}<" not in text
    sheets = pd.read_excel(optimised.folder / "tables.xlsx", sheet_name=None, engine="calamine")
    assert set(sheets["保留和撤并的代价"]["求解结果"]) <= {"已证明", "到时停止", "已证明无解", "未找到"}
    assert set(sheets["保留和撤并的代价"]["改为"]) == {"保留"}


def test_the_map_tells_why(optimised: job.RunResult) -> None:
    assert optimised.optimised is not None
    page = (optimised.folder / "map.html").read_text(encoding="utf-8")
    decisions = optimised.optimised.decisions
    assert decisions["reason"].iloc[0] in page
    assert decisions["reason_en"].iloc[0] in page


def test_the_manifest_keeps_what_the_solver_said(optimised: job.RunResult) -> None:
    manifest = json.loads((optimised.folder / "manifest.json").read_text(encoding="utf-8"))
    solver = manifest["solver"]
    assert solver["bound"] <= solver["objective"]
    assert solver["status"] in ("optimal", "feasible")
    assert not solver["cancelled"]
    assert solver["log"]
    assert manifest["scenario"]["layout"]["answers"]["prices"] == "closed"


def test_its_plans_run_as_scenarios_beside_it_and_compare(optimised: job.RunResult, project: Path) -> None:
    assert optimised.optimised is not None
    written = {path.stem: path for path in (optimised.folder / "scenarios").iterdir()}
    assert set(written) == set(optimised.optimised.options)
    decided = load_scenario(written["方案A"]).decisions
    assert set(decided.close) == {
        code for code, choice in optimised.optimised.solution.config.items() if choice == "close"
    }
    again = job.run_scenario(written["方案A"], ["outputs=[]"])
    assert again.folder.parent == project / "runs"
    assert again.plan is not None
    assert_plan_valid(again.plan)
    assert again.plan.parent == "现状"
    assert "在办学校" in job.compare(optimised.folder, again.folder).text


def test_a_run_read_back_has_its_answers(optimised: job.RunResult) -> None:
    assert optimised.optimised is not None
    read = report.load_run(optimised.folder).layout
    assert set(read) == set(optimised.optimised.frames)
    pd.testing.assert_frame_equal(
        read["prices"][["school_id", "instead", "price_least_yuan"]],
        optimised.optimised.frames["prices"][["school_id", "instead", "price_least_yuan"]],
        check_dtype=False,
    )


def test_an_equal_run_is_kept(optimised: job.RunResult, project: Path) -> None:
    again = job.run_scenario(project / "scenarios" / "optimise.yaml", optimised=True)
    assert again.reused
    assert again.folder == optimised.folder


def test_ctrl_c_keeps_the_plan_and_the_run_is_not_taken_for_a_finished_one(project: Path) -> None:
    def interrupt(step: Text) -> None:
        if step.en.startswith("prices of keeping and closing (at most"):
            signal.raise_signal(signal.SIGINT)

    path = project / "scenarios" / "optimise.yaml"
    before = signal.getsignal(signal.SIGINT)
    result = job.run_scenario(path, ["outputs=[report]"], optimised=True, progress=interrupt)
    assert signal.getsignal(signal.SIGINT) is before
    assert result.optimised is not None
    assert result.optimised.cancelled
    assert_plan_valid(result.optimised.plan)
    assert "计算被中断" in (result.folder / "report.html").read_text(encoding="utf-8")
    assert not job._is_done(result.folder)

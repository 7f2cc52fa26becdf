"""How long the papers of a county plan with twenty closures take: seconds a dossier, measured, drawn and written."""

from __future__ import annotations

import time
from pathlib import Path

import pandas as pd

from layout_planner import dossiers
from layout_planner.errors import Text

ROOT = Path(__file__).resolve().parents[2]
CLOSED = 20
BAR_S = 2.0


def smallest_points() -> list[str]:
    """Ids of the teaching points of the shipped county with the fewest pupils."""
    table = pd.read_excel(ROOT / "data" / "yangli" / "schools.xlsx", dtype=str, engine="calamine")
    code, tier, pupils, status = (
        next(name for name in table if str(name).startswith(head))
        for head in ("学校代码", "学校类别", "在校生总数", "办学状态")
    )
    points = table[table[tier].str.contains("教学点", na=False) & (table[status] == "在办")]
    return points.assign(n=points[pupils].astype(float)).sort_values(["n", code])[code].head(CLOSED).tolist()


def test_a_dossier_of_twenty_takes_two_seconds(benchmark, bars, tmp_path: Path, monkeypatch) -> None:
    """Reading the county and its roads, and printing by a browser, are not counted; all tables of the ledger are."""
    monkeypatch.setattr(dossiers, "print_pages", lambda pages, progress: ())
    steps: list[tuple[str, float, float]] = []

    def told(text: Text) -> None:
        steps.append((text.zh, time.perf_counter(), time.process_time()))

    def papers() -> int:
        result = dossiers.write_dossiers(
            ROOT / "scenarios" / "baseline.yaml", {"decisions.close": smallest_points()}, start="2027-03-01",
            out=tmp_path / "papers", progress=told,
        )  # fmt: skip
        told(Text("完成", "done"))
        return len(result.facts.cases.decided)

    count = benchmark.pedantic(papers, rounds=1)
    assert count == CLOSED
    begun = next(step for step in steps if step[0].startswith("计算影响"))
    wall, cpu = ((steps[-1][k] - begun[k]) / CLOSED for k in (1, 2))
    print(f"\n{CLOSED} dossiers, county plan, notice, ledger: {wall:.2f} s a dossier by the clock, {cpu:.2f} s of CPU")
    bars(f"papers of {CLOSED} closures", f"{BAR_S:g} s a dossier", f"{cpu:.2f} CPU s ({wall:.2f} s)", cpu <= BAR_S)

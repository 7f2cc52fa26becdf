"""How large a map page is and how soon it is ready, from 1,000 to 100,000 places; draws the chart of the README."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl
import pytest

TESTS = Path(__file__).resolve().parents[1]
for folder in (TESTS, TESTS / "maps"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

from map_fakes import fake_county, fake_plan  # noqa: E402 - found through the folders above
from needs import find_chromium  # noqa: E402 - found through the folders above

from layout_planner.maps import plan_map  # noqa: E402 - found through the folders above

mpl.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402 - after the backend is chosen

CHART = Path(__file__).resolve().parents[2] / "docs" / "map_growth.png"
PLACES = (1_000, 3_000, 10_000, 20_000, 40_000, 100_000)
COUNTY, LARGE = 200, 20_000
VILLAGES, SCHOOLS, TOWNS = 200, 100, 14
LEAST_OF = 3


class Measured(NamedTuple):
    """One page: places asked for and shown, megabytes, seconds to draw it in Python and to be ready in a browser.

    ``work_s`` is what the page's own thread computes until then, which other work on the machine does not lengthen.
    """

    asked: int
    shown: int
    megabytes: float
    drawn_s: float
    ready_s: float
    work_s: float


def measure(browser, places: int, folder: Path) -> Measured:
    plan, tables = fake_plan(fake_county(places, VILLAGES, SCHOOLS, TOWNS))
    begin = time.perf_counter()
    drawn = plan_map(plan, tables)
    path = drawn.save(folder / f"{places}.html")
    seconds = time.perf_counter() - begin
    opened = [_opened(browser, path) for _ in range(LEAST_OF)]
    ready, work = (min(column) for column in zip(*opened, strict=True))
    return Measured(places, drawn.payload["geo"]["cells"]["n"], path.stat().st_size / 1e6, seconds, ready, work)


def _opened(browser, path: Path) -> tuple[float, float]:
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready]", timeout=120_000)
    ready = float(page.locator("html").get_attribute("data-ready")) / 1000
    metrics = {row["name"]: row["value"] for row in session.send("Performance.getMetrics")["metrics"]}
    page.close()
    return ready, float(metrics["TaskDuration"])


def chart(rows: list[Measured]) -> None:
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    asked = [row.asked for row in rows]
    for axes, values, bar, title in (
        (left, [row.megabytes for row in rows], 5.0, "page, MB"),
        (right, [row.ready_s for row in rows], 3.0, "ready in headless Chromium, s"),
    ):
        axes.plot(asked, values, marker="o", color="#0b6e4f")
        axes.axhline(bar, color="#b5651d", linestyle=":", linewidth=1)
        axes.axvline(LARGE, color="#75828d", linestyle=":", linewidth=1)
        axes.text(LARGE, 0, " merged to squares beyond", rotation=90, va="bottom", fontsize=7, color="#51606d")
        axes.set(xscale="log", ylim=(0, bar * 1.15), xlabel="places", title=title)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(CHART, dpi=150)
    plt.close(figure)


@pytest.mark.benchmark
def test_pages_stay_small_and_soon_ready(benchmark, bars, tmp_path):
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium: run python tests/needs.py")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        county = measure(browser, COUNTY, tmp_path)
        rows = benchmark.pedantic(lambda: [measure(browser, n, tmp_path) for n in PLACES], rounds=1)
        browser.close()
    print(f"\n{'places':>8} {'shown':>8} {'MB':>6} {'drawn s':>8} {'ready s':>8} {'its CPU s':>10}")
    for row in [county, *rows]:
        print(f"{row.asked:8,} {row.shown:8,} {row.megabytes:6.2f} {row.drawn_s:8.1f}", end=" ")
        print(f"{row.ready_s:8.2f} {row.work_s:10.2f}")
    chart(rows)
    large = next(row for row in rows if row.asked == LARGE)
    bars("map of 200 villages, 100 schools", "<= 1 MB", f"{county.megabytes:.2f} MB", county.megabytes <= 1)
    bars("map of 20,000 cells", "<= 5 MB", f"{large.megabytes:.2f} MB", large.megabytes <= 5)
    bars("map of 20,000 cells, ready", "<= 3 s", f"{large.ready_s:.2f} s", large.ready_s <= 3)
    bars("map of 100,000 cells", "<= 5 MB", f"{rows[-1].megabytes:.2f} MB", rows[-1].megabytes <= 5)
    bars("map of 100,000 cells, ready", "<= 3 s", f"{rows[-1].ready_s:.2f} s", rows[-1].ready_s <= 3)

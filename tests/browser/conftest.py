from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
for folder in (TESTS, TESTS / "maps", TESTS / "browser"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

from map_fakes import fake_county, fake_plan  # noqa: E402 - found through the folders above
from needs import find_chromium, find_cjk_font  # noqa: E402 - found through the folders above

from layout_planner.maps import compare_map, plan_map  # noqa: E402 - found through the folders above

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]


class Watch:
    """A page, and everything that it asked for or complained about."""

    def __init__(self, page: sync_api.Page) -> None:
        self.page = page
        page.set_default_timeout(8000)
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("requestfailed", lambda request: self.complaints.append(f"failed: {request.url[:100]}"))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console", lambda message: message.type in {"error", "warning"} and self.complaints.append(message.text)
        )

    def open(self, path: Path) -> sync_api.Page:
        self.page.goto(path.as_uri())
        self.page.wait_for_selector("html[data-ready]", timeout=20_000)
        return self.page

    def assert_quiet(self) -> None:
        """Nothing but the page itself was asked for, and nothing was complained about."""
        assert [url for url in self.requests if not url.startswith(("data:", "blob:"))] == [self.page.url]
        assert self.complaints == []


@pytest.fixture(scope="session")
def chromium() -> Iterator[sync_api.Browser]:
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium: run python tests/needs.py")
    if find_cjk_font() is None:
        pytest.skip("no Chinese font: run python tests/needs.py")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def watch(chromium: sync_api.Browser) -> Iterator[Callable[..., Watch]]:
    """Open a page in a browser without a network; afterwards it must have been quiet."""
    opened: list[tuple[sync_api.BrowserContext, Watch]] = []

    def make(width: int = 1400, height: int = 900, *, phone: bool = False) -> Watch:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, offline=True, is_mobile=phone, has_touch=phone,
            device_scale_factor=2 if phone else 1, reduced_motion="reduce",
        )  # fmt: skip
        watched = Watch(context.new_page())
        opened.append((context, watched))
        return watched

    yield make
    for context, watched in opened:
        watched.assert_quiet()
        context.close()


@pytest.fixture(scope="session")
def small():
    return fake_county()


@pytest.fixture(scope="session")
def plan_page(small, tmp_path_factory) -> Path:
    return plan_map(*fake_plan(small), date="2026 年 9 月", source="样例").save(
        tmp_path_factory.mktemp("plan") / "map.html"
    )


@pytest.fixture(scope="session")
def compare_page(small, tmp_path_factory) -> Path:
    before, after = fake_plan(small), fake_plan(small, "合并方案", close=(10,), convert=(11,))
    page = compare_map(before[0], after[0], before[1], after[1])
    return page.save(tmp_path_factory.mktemp("compare") / "compare.html")


@pytest.fixture(scope="session")
def family(small, tmp_path_factory) -> dict[str, Path]:
    """The eight maps, by name."""
    today, merged = fake_plan(small), fake_plan(small, "合并方案", close=(10,), convert=(11,))
    third = fake_plan(small, "只改教学点", convert=(11,))
    years = [(plan.relabel(str(2025 + 3 * k)), tables) for k, (plan, tables) in enumerate((today, third, merged))]
    said = {"date": "2026 年 9 月", "source": "样例"}
    folder = tmp_path_factory.mktemp("family")

    def draw(name: str, pairs, **options) -> Path:
        plans, tables = zip(*pairs, strict=True)
        return plan_map(plans, tables, **said, **options).save(folder / f"{name}.html")

    return {
        "present": draw("present", [today]),
        "plan": draw("plan", [today, merged], shown=1),
        "before_after": draw("before_after", [today, merged], arrange="swipe"),
        "several": draw("several", [today, merged, third]),
        "years": draw("years", years, series=True),
        "limit": draw("limit", [today], theme="limit"),
        "load": draw("load", [today], theme="load"),
        "change": draw("change", [today, merged], theme="change"),
    }


@pytest.fixture(scope="session")
def big_page(tmp_path_factory) -> Path:
    return plan_map(*fake_plan(fake_county(8000, 190, 110, 14))).save(tmp_path_factory.mktemp("big") / "map.html")

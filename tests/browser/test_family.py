"""The eight maps of the family: present state, plan, before and after, several plans, years, limits, load, change."""

from __future__ import annotations

from pathlib import Path

import pytest
from needs import find_axe
from pictures import pixels

pytestmark = pytest.mark.browser

FAMILY = ("present", "plan", "before_after", "several", "years", "limit", "load", "change")
SERIOUS = """async () => {
    const found = await axe.run(document, {preload: false, resultTypes: ['violations']});
    return found.violations.filter((one) => ['serious', 'critical'].includes(one.impact))
        .map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 120)).join(' | ')}`);
}"""


@pytest.mark.parametrize("name", FAMILY)
def test_each_map_is_clicked_searched_toggled_and_printed(watch, family, name):
    page = watch().open(family[name])
    school = page.evaluate("layoutPlanner.data.geo.schools.findIndex((s) => s.name.endsWith('中心小学'))")
    page.evaluate(f"layoutPlanner.selectSchool({school}, false)")
    assert "学生来自" in page.locator(".dock").inner_text()
    box = page.get_by_role("combobox")
    box.fill(page.evaluate("layoutPlanner.data.geo.villages[7].keys[0]"))
    box.press("Enter")
    assert "分钟" in page.locator(".dock").inner_text()
    page.keyboard.press("Escape")
    before = pixels(page)
    page.get_by_label("去向线").check()
    assert (pixels(page) != before).any(axis=2).mean() > 0.001
    page.get_by_label("学区（按实际去向）").set_checked(name != "load")
    assert (pixels(page) != before).any(axis=2).mean() > 0.05
    if name == "years":
        assert page.pdf(prefer_css_page_size=True, print_background=True).count(b"/Type /Page\n") == 1
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("canvas.frozen").count() >= 2
    assert page.locator(".search").is_hidden()
    page.evaluate("dispatchEvent(new Event('afterprint'))")


@pytest.mark.parametrize("name", FAMILY)
def test_no_map_has_a_serious_fault_of_accessibility(watch, family, name):
    script = find_axe()
    if script is None:
        pytest.skip("no axe-core: run python tests/needs.py")
    page = watch().open(family[name])
    page.evaluate(Path(script).read_text(encoding="utf-8"))
    page.evaluate("layoutPlanner.selectSchool(4, false)")
    assert page.evaluate(SERIOUS) == []


def test_several_plans_are_chosen_by_buttons_and_compared_with_the_first(watch, family):
    page = watch().open(family["several"])
    assert page.locator(".choice.plan label").all_inner_texts() == ["现状", "合并方案", "只改教学点"]
    assert page.locator(".figures").count() == 1
    page.locator(".choice.plan label", has_text="合并方案").click()
    assert page.locator(".caption1").inner_text() == "合并方案"
    assert page.locator(".versus").count() == 1
    page.locator(".choice.plan label", has_text="只改教学点").click()
    page.locator(".choice.mode label", has_text="并排").click()
    assert [page.locator(f".caption{i}").inner_text() for i in (0, 1)] == ["现状", "只改教学点"]
    page.locator(".choice.plan label", has_text="现状").click()
    assert page.locator(".choice.mode input:checked").get_attribute("value") == "one"


def test_years_are_slid_by_keyboard_and_said_aloud(watch, family):
    page = watch().open(family["years"])
    slider = page.locator(".slider input")
    before = pixels(page)
    slider.focus()
    slider.press("End")
    assert slider.get_attribute("aria-valuetext") == "2031"
    assert page.locator(".slider output").inner_text() == "2031"
    assert (pixels(page) != before).any(axis=2).mean() > 0.001


def test_the_map_of_limits_lists_the_villages_beyond(watch, family):
    page = watch().open(family["limit"])
    assert "超出 10—20 分钟" in page.locator(".legend").inner_text()
    row = page.locator(".worst li button").first
    name = row.locator("b").first.inner_text()
    row.click()
    assert page.locator(".dock h3").inner_text() == name


def test_the_map_of_load_fills_catchments_by_the_load_of_their_school(watch, family):
    page = watch().open(family["load"])
    page.evaluate("layoutPlanner.setLayer('schools', false)")
    colors = {tuple(p) for p in pixels(page)[::9, ::9].reshape(-1, 3).tolist()}
    assert len(colors) > 5
    assert "120% 以上" in page.locator(".legend").inner_text()


def test_the_map_of_change_falls_back_to_minutes_for_the_first_plan(watch, family):
    page = watch().open(family["change"])
    assert "延长 15 分钟以上" in page.locator(".legend").inner_text()
    page.locator(".choice.plan label", has_text="现状").click()
    assert page.locator(".choice.theme input:checked").get_attribute("value") == "time"


@pytest.mark.parametrize(("kind", "first"), [("schools", "学校代码"), ("villages", "村代码")])
def test_the_numbers_of_the_map_are_downloaded_as_a_table(watch, family, kind, first):
    page = watch().open(family["plan"])
    with page.expect_download() as waiting:
        page.locator(".downloads button").nth(["schools", "villages"].index(kind)).click()
    data = Path(waiting.value.path()).read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = data.decode("utf-8-sig").split("\r\n")
    assert rows[0].startswith(f"方案,{first}")
    assert {row.split(",")[0] for row in rows[1:-1]} == {"现状", "合并方案"}
    assert waiting.value.suggested_filename.endswith(".csv")


def test_every_control_is_reached_by_the_tab_key_and_shows_it(watch, family):
    page = watch().open(family["several"])
    seen = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        now = page.evaluate(
            """() => {
                const at = document.activeElement, seen = at.matches('.choice input') ? at.nextSibling : at;
                return [at.name || at.dataset.tool || at.className || at.role, getComputedStyle(seen).outlineStyle];
            }"""
        )
        seen.add(now[0])
        assert now[1] != "none", now
    assert {"lang", "plan", "mode", "theme", "band", "cells", "catch", "flows"} <= seen


def test_plans_are_never_compared_with_themselves(watch, family):
    page = watch().open(family["several"])
    assert page.evaluate("layoutPlanner.state.plan") == 0
    page.locator(".choice.mode label", has_text="并排").click()
    assert [page.locator(f".caption{i}").inner_text() for i in (0, 1)] == ["现状", "只改教学点"]

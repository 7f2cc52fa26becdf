from __future__ import annotations

import pytest
from pictures import count, pixels

from layout_planner.maps.palettes import CHANGE, DECISIONS

pytestmark = pytest.mark.browser


def centres(page):
    return page.evaluate(
        "layoutPlanner.views.map((v) => [v.map.getCenter().lat, v.map.getCenter().lng, v.map.getZoom()])"
    )


def test_two_maps_stand_side_by_side_and_move_as_one(watch, compare_page):
    page = watch().open(compare_page)
    assert [page.locator(f".caption{i}").inner_text() for i in (0, 1)] == ["现状", "合并方案"]
    for act in ("zoomIn()", "panBy([120, -60], {animate: false})", "setZoom(13, {animate: false})"):
        for view in (0, 1):
            page.evaluate(f"() => {{ layoutPlanner.views[{view}].map.{act}; }}")
            page.wait_for_timeout(60)
            one, two = centres(page)
            assert one == pytest.approx(two, abs=2e-4)


def test_dragging_one_map_drags_the_other(watch, compare_page):
    page = watch().open(compare_page)
    start = centres(page)[1]
    box = page.locator("#map0").bounding_box()
    x, y = box["x"] + 60, box["y"] + 700
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 90, y - 40, steps=6)
    page.mouse.up()
    page.wait_for_timeout(400)
    one, two = centres(page)
    assert two[1] != pytest.approx(start[1], abs=1e-3)
    assert one == pytest.approx(two, abs=2e-4)


def test_the_swipe_edge_follows_keyboard_and_pointer(watch, compare_page):
    page = watch().open(compare_page)
    page.locator(".choice.mode label", has_text="卷帘").click()
    edge = page.get_by_role("slider")
    edge.focus()
    edge.press("ArrowRight")
    assert edge.get_attribute("aria-valuenow") == "52"
    box = edge.bounding_box()
    page.mouse.move(box["x"] + 12, box["y"] + 400)
    page.mouse.down()
    page.mouse.move(box["x"] - 200, box["y"] + 400, steps=4)
    page.mouse.up()
    assert int(edge.get_attribute("aria-valuenow")) < 40


def test_the_swipe_shows_the_plan_before_left_and_the_plan_after_right(watch, compare_page):
    page = watch().open(compare_page)
    page.locator(".choice.mode label", has_text="卷帘").click()
    page.evaluate("layoutPlanner.compare.slide(0.98)")
    left = pixels(page)
    page.evaluate("layoutPlanner.compare.slide(0.02)")
    right = pixels(page)
    assert count(left, DECISIONS["close"]) < 10
    assert count(right, DECISIONS["close"]) > 20


def test_the_change_map_colours_who_goes_longer_and_marks_closed_and_receiving(watch, compare_page):
    page = watch().open(compare_page)
    page.locator(".choice.mode label", has_text="单图").click()
    page.locator(".choice.theme label", has_text="得失").click()
    picture = pixels(page)
    assert count(picture, CHANGE.colors[3]) > 200
    assert sum(count(picture, color) for color in CHANGE.colors[4:]) > 20
    legend = page.locator(".legend").inner_text()
    for text in ("单程时间变化", "延长 15 分钟以上", "撤并学校", "接收学校"):
        assert text in legend


def test_the_indicators_stand_beside_each_other(watch, compare_page):
    page = watch().open(compare_page)
    table = page.locator(".versus").inner_text()
    for text in ("现状", "合并方案", "在时限内", "在办学校", "12", "11"):
        assert text in table


def test_the_table_of_villages_leads_to_the_village_with_before_and_after(watch, compare_page):
    page = watch().open(compare_page)
    page.locator(".choice.theme label", has_text="得失").click()
    row = page.locator(".worst li button").first
    name = row.locator("b").first.inner_text()
    row.click()
    card = page.locator(".dock")
    assert card.locator("h3").inner_text() == name
    for text in ("原", "现", "分钟"):
        assert text in card.inner_text()


def test_a_school_shows_both_plans_in_its_card(watch, compare_page):
    page = watch().open(compare_page)
    page.evaluate("layoutPlanner.selectSchool(10, true)")
    assert "撤并" in page.locator(".dock").inner_text()
    assert page.locator(".dock thead th").all_inner_texts() == ["原", "现"]


def test_a_closed_school_shows_whom_it_taught(watch, compare_page):
    page = watch().open(compare_page)
    page.evaluate("layoutPlanner.selectSchool(10, false)")
    assert "原有学生来自" in page.locator(".dock").inner_text()
    assert page.evaluate("layoutPlanner.views[1].layers.lit.getLayers().length") == 1
    assert page.evaluate("layoutPlanner.views[1].layers.flows.getLayers().length") >= 1


def test_a_village_tells_how_many_of_its_pupils_go_elsewhere(watch, compare_page):
    page = watch().open(compare_page)
    village, others = page.evaluate(
        """() => {
            const { village, pupils } = layoutPlanner.data.plans[1].bands[0].flows, parts = {};
            village.forEach((v, k) => { (parts[v] = parts[v] || []).push(pupils[k]); });
            const one = Object.keys(parts).find((v) => parts[v].length > 1 && parts[v][1] >= 5);
            layoutPlanner.selectVillage(Number(one), false);
            return [one, parts[one].slice(1).filter((n) => n >= 5).reduce((a, b) => a + b, 0)];
        }"""
    )
    assert village is not None
    assert f"另有 {round(others)} 人去其他学校" in page.locator(".dock").inner_text()


def test_on_a_phone_the_maps_stand_one_above_the_other(watch, compare_page):
    page = watch(390, 844, phone=True).open(compare_page)
    top, bottom = (page.locator(f"#map{i}").bounding_box() for i in (0, 1))
    assert top["width"] == bottom["width"] == 390
    assert bottom["y"] >= top["y"] + top["height"] - 2


def test_on_a_phone_both_maps_show_the_whole_county_whatever_was_shown_before(watch, family):
    page = watch(390, 844, phone=True).open(family["plan"])
    for mode in ("side", "one", "swipe", "side"):
        page.evaluate(f"layoutPlanner.setMode('{mode}')")
        whole = "layoutPlanner.views.every((v) => !layoutPlanner.shows(v) || v.map.getBounds().contains(v.bounds))"
        assert page.evaluate(whole), mode
        assert page.evaluate("layoutPlanner.views[1].atHome"), mode


def test_the_legend_counts_the_pupils_of_both_plans(watch, compare_page):
    page = watch().open(compare_page)
    heads = page.locator(".legend .heads .count").all_inner_texts()
    assert heads == ["现状", "合并方案"]
    counts = page.evaluate("layoutPlanner.data.plans.map((plan) => plan.bands[0].counts.minutes[1])")
    row = page.locator(".legend li", has_text="10—20 分钟").locator(".count").all_inner_texts()
    assert [int(text.removesuffix("人").replace(",", "")) for text in row] == counts


def test_the_legend_explains_every_ring(watch, compare_page):
    page = watch().open(compare_page)
    legend = page.locator(".legend").inner_text()
    assert "改教学点" in legend
    assert "接收学校" in legend


def test_a_print_of_two_plans_keeps_every_line_of_its_foot(watch, compare_page):
    page = watch().open(compare_page)
    for theme in ("time", "limit", "load", "change", "decision"):
        page.evaluate(f"layoutPlanner.setTheme('{theme}')")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        box = page.locator("footer").bounding_box()
        assert box["y"] + box["height"] <= 730, theme
        assert page.locator(".edge span").is_hidden()
        page.evaluate("dispatchEvent(new Event('afterprint'))")

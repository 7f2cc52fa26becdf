from __future__ import annotations

import dataclasses

import pytest
from map_fakes import fake_plan
from pictures import count, pixels

from layout_planner.errors import Text
from layout_planner.maps import plan_map
from layout_planner.maps.palettes import MINUTES

pytestmark = pytest.mark.browser


def test_the_map_shows_coloured_times_school_symbols_and_a_chinese_legend(watch, plan_page):
    page = watch().open(plan_page)
    picture = pixels(page)
    assert sum(count(picture, color) > 100 for color in MINUTES.colors) >= 3
    assert page.locator(".school svg").count() == 12
    legend = page.locator(".legend").inner_text()
    for text in ("单程时间", "10 分钟以内", "60 分钟以上", "学校类别", "教学点", "人", "所"):
        assert text in legend
    assert "审图号：内部资料 未审" in page.locator("footer").inner_text()
    assert page.locator("h1").inner_text() == "样例县 · 现状"


def test_layers_are_switched_by_their_boxes(watch, plan_page):
    page = watch().open(plan_page)
    before = pixels(page)
    page.get_by_label("居民点").uncheck()
    assert count(pixels(page), MINUTES.colors[1]) < count(before, MINUTES.colors[1]) / 5
    page.get_by_label("学校", exact=True).uncheck()
    assert page.locator(".school svg").count() == 0
    page.get_by_label("学区（按实际去向）").check()
    page.wait_for_timeout(50)
    assert (pixels(page) != before).any(axis=2).mean() > 0.2


def test_the_grade_band_changes_map_and_legend(watch, plan_page):
    page = watch().open(plan_page)
    first = page.locator(".legend").inner_text()
    page.locator(".choice.band label", has_text="7—9年级").click()
    assert page.locator(".legend").inner_text() != first
    assert "7—9年级" in page.locator(".legend").inner_text()


def test_schools_can_be_coloured_by_load_largest_class_and_decision(watch, plan_page):
    page = watch().open(plan_page)
    page.locator(".choice.theme label", has_text="班额负荷").click()
    assert "学位使用率" in page.locator(".legend").inner_text()
    page.locator(".choice.color label", has_text="最大班额").click()
    assert "66 人及以上（超大班额）" in page.locator(".legend").inner_text()
    page.locator(".choice.theme label", has_text="去留").click()
    assert "保留" in page.locator(".legend").inner_text()


def test_a_click_on_a_school_tells_its_numbers_and_lights_its_catchment(watch, plan_page):
    page = watch().open(plan_page)
    before = pixels(page, "#map0")
    page.locator(".school").nth(4).click()
    card = page.locator(".dock").inner_text()
    for text in ("学位", "学位使用率", "编班", "最大班额", "平均单程时间", "保留"):
        assert text in card
    assert (pixels(page, "#map0") != before).any(axis=2).mean() > 0.01
    page.keyboard.press("Escape")
    assert page.locator(".dock").is_hidden()


def test_a_school_says_why_it_is_proposed_to_become_what_it_becomes(watch, small, tmp_path):
    plan, tables = fake_plan(small)
    code = str(plan.schools["school_id"].iloc[0])
    why = {code: Text("应留必留：<b>7</b> 名学生没有别的学校可去。", "7 pupils have no other school.")}
    page = watch().open(plan_map(plan, tables, reasons=why).save(tmp_path / "map.html"))
    said = set()
    for k in range(page.locator(".school").count()):
        page.locator(".school").nth(k).focus()
        page.keyboard.press("Enter")
        said.add(page.locator(".dock .why").inner_text() if page.locator(".dock .why").count() else "")
    assert said == {"", "理由 应留必留：<b>7</b> 名学生没有别的学校可去。"}


def test_a_school_is_reached_by_keyboard(watch, plan_page):
    page = watch().open(plan_page)
    page.locator(".school").first.focus()
    page.keyboard.press("Enter")
    assert page.locator(".dock h3").inner_text() in page.locator(".school").first.get_attribute("aria-label")
    assert page.evaluate("document.activeElement.className") == "dock"
    page.keyboard.press("Escape")
    assert page.locator(".dock").is_hidden()
    assert page.evaluate("document.activeElement.dataset.school") == "0"


def test_a_chosen_village_shows_its_own_flows_only(watch, plan_page):
    page = watch().open(plan_page)
    drawn = "layoutPlanner.views[0].layers.flows.getLayers().length"
    page.get_by_label("去向线").check()
    before = page.evaluate(drawn)
    village, own = page.evaluate(
        """() => {
            const villages = Array.from(layoutPlanner.plan.bands[0].flows.village), one = villages[0];
            layoutPlanner.selectVillage(one, false);
            return [one, villages.filter((v) => v === one).length];
        }"""
    )
    assert 0 < own == page.evaluate(drawn) < before
    assert page.evaluate(f"layoutPlanner.data.geo.villages[{village}].name") == page.locator(".dock h3").inner_text()


def test_a_click_on_a_place_tells_school_minutes_metres_and_mode(watch, plan_page):
    page = watch().open(plan_page)
    page.evaluate("layoutPlanner.setLayer('schools', false)")
    point = page.evaluate(
        """() => {
            const app = layoutPlanner, at = app.views[0].map.latLngToContainerPoint(app.place('cell', 5));
            const box = document.getElementById('map0').getBoundingClientRect();
            return [box.x + at.x, box.y + at.y];
        }"""
    )
    page.mouse.click(*point)
    card = page.locator(".dock").inner_text()
    assert "居民点" in card
    assert "分钟" in card
    assert "步行" in card or "乘车" in card


@pytest.mark.parametrize("typed", ["full", "initials", "chinese"])
def test_search_finds_by_chinese_pinyin_and_initials(watch, plan_page, typed):
    page = watch().open(plan_page)
    school = page.evaluate("layoutPlanner.data.geo.schools.find((s) => s.name.endsWith('中心小学'))")
    text = {"full": school["keys"][0], "initials": school["keys"][1], "chinese": school["name"][:3]}[typed]
    box = page.get_by_role("combobox")
    box.fill(text)
    names = page.locator("[role=option] span").all_inner_texts()
    assert school["name"] in names
    for _ in range(names.index(school["name"])):
        box.press("ArrowDown")
    box.press("Enter")
    assert page.locator(".dock h3").inner_text() == school["name"]


def test_search_says_when_nothing_is_found_and_reaches_villages_and_townships(watch, plan_page):
    page = watch().open(plan_page)
    box = page.get_by_role("combobox")
    box.fill("zzzzzz")
    assert page.locator("#found").inner_text() == "没有找到"
    village, town = page.evaluate("[layoutPlanner.data.geo.villages[9].name, layoutPlanner.data.geo.townships[0].name]")
    box.fill(village)
    box.press("Enter")
    assert page.locator(".dock h3").inner_text() == village
    zoom = page.evaluate("layoutPlanner.views[0].map.getZoom()")
    box.fill(town)
    page.locator("[role=option]", has_text="乡镇").last.click()
    assert page.evaluate("layoutPlanner.views[0].map.getZoom()") != zoom


def test_the_language_switches_and_back(watch, plan_page):
    page = watch().open(plan_page)
    page.get_by_role("button", name="English").click()
    assert "Minutes one way" in page.locator(".legend").inner_text()
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator(".stamp").inner_text() == "Internal, not reviewed"
    page.get_by_role("button", name="中文").click()
    assert "单程时间" in page.locator(".legend").inner_text()


def test_zoom_home_and_scale_work(watch, plan_page):
    page = watch().open(plan_page)
    start = page.evaluate("layoutPlanner.views[0].map.getZoom()")
    page.get_by_role("button", name="放大").click()
    assert page.evaluate("layoutPlanner.views[0].map.getZoom()") > start
    page.get_by_role("button", name="全图").click()
    assert page.evaluate("layoutPlanner.views[0].map.getZoom()") == start
    assert "km" in page.locator(".leaflet-control-scale").inner_text()


def test_on_a_phone_the_panel_folds_and_nothing_is_wider_than_the_screen(watch, plan_page):
    page = watch(390, 844, phone=True).open(plan_page)
    assert page.locator(".legend").is_hidden()
    page.locator(".handle").click()
    assert page.locator(".legend").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator(".handle").click()
    page.locator(".school").nth(2).tap()
    assert page.locator(".dock").is_visible()


def test_a_print_is_one_landscape_page_with_map_and_legend(watch, plan_page):
    page = watch().open(plan_page)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("canvas.frozen").count() >= 3
    assert page.locator(".search").is_hidden()
    assert page.locator("footer").bounding_box()["y"] < 730
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("canvas.frozen").count() == 0
    document = page.pdf(prefer_css_page_size=True, print_background=True)
    assert document.count(b"/Type /Page\n") == 1


def test_names_with_html_in_them_do_nothing(watch, small, tmp_path):
    evil = "</script><img src=x onerror=document.title='owned'><b>'\"小学"
    schools, villages = small.schools.copy(), small.villages.copy()
    schools["name"] = evil
    villages["name"] = evil
    county = dataclasses.replace(small, schools=schools, villages=villages, name=evil)
    page = watch().open(plan_map(*fake_plan(county, evil), date=evil, source=evil).save(tmp_path / "evil.html"))
    page.evaluate(
        "() => { for (const f of ['selectSchool', 'selectVillage', 'selectCell']) layoutPlanner[f](3, true); }"
    )
    page.evaluate(
        "() => { layoutPlanner.setLayer('labels', false); layoutPlanner.select(null); layoutPlanner.home(); }"
    )
    page.locator(".school").nth(1).hover()
    page.get_by_role("combobox").fill("<img")
    assert page.locator("img, b").count() == 0
    assert "owned" not in page.title().split("onerror")[0]
    assert evil in page.locator("h1").inner_text()


def test_in_a_notebook_frame_the_map_draws_too(watch, small, tmp_path):
    frame = plan_map(*fake_plan(small))._repr_html_()
    path = tmp_path / "notebook.html"
    head = '<!DOCTYPE html><html><head><link rel="icon" href="data:,"></head>'
    path.write_text(f"{head}<body>{frame}</body></html>", encoding="utf-8")
    watched = watch()
    watched.page.goto(path.as_uri())
    inner = watched.page.frame_locator("iframe")
    inner.locator(".school svg").first.wait_for()
    assert inner.locator(".school svg").count() > 0
    watched.requests = [url for url in watched.requests if url != "about:srcdoc"]


def test_8000_cells_are_ready_in_three_seconds(watch, big_page):
    page = watch().open(big_page)
    assert int(page.locator("html").get_attribute("data-ready")) < 3000
    assert page.locator(".school svg").count() == 110

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re

import numpy as np
import pandas as pd
import pytest
from map_fakes import fake_plan, unpack

from layout_planner import measures
from layout_planner.errors import InputError
from layout_planner.grades import GradeBand
from layout_planner.maps import compare_map, plan_map
from layout_planner.maps.strings import STRINGS

PAGE_WITHOUT_DATA = re.compile(r'<script type="application/json" id="payload">.*?</script>', re.DOTALL)
EVIL = "</script><img src=x onerror=alert(1)>\"'&\u2028小学"


def payload_of(html: str) -> dict:
    return json.loads(re.search(r'<script type="application/json" id="payload">(.*?)</script>', html, re.DOTALL)[1])


def test_the_same_plan_gives_the_same_bytes(county, today):
    assert plan_map(*today).html() == plan_map(*fake_plan(county)).html()


def test_the_page_names_no_other_host_and_forbids_every_request(today):
    html = plan_map(*today).html()
    assert "default-src 'none'" in html
    assert "connect-src" not in html
    assert not re.search(r'(?:src|href)="(?!data:)', re.sub(r"<script>.*</script>", "", html, flags=re.DOTALL))
    assert "@import" not in html
    assert not re.search(r"url\((?!#|data:)", html.split("<script", 1)[0])
    assert "sourceMappingURL" not in html
    assert "Volodymyr Agafonkin" in html


def test_the_policy_allows_exactly_the_script_of_the_page(today):
    html = plan_map(*today).html()
    script = re.search(r"<script>(.*)</script>", html, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in html


def test_names_with_html_in_them_are_inert(county):
    schools = county.schools.copy()
    schools.loc[0, "name"] = EVIL
    plan, tables = fake_plan(dataclasses.replace(county, schools=schools, name=EVIL))
    html = plan_map(plan, tables).html()
    assert "<img" not in html
    assert html.count("</script>") == 2
    assert payload_of(html)["geo"]["schools"][0]["name"] == EVIL


def test_every_demand_point_carries_its_school_and_minutes(today):
    plan, tables = today
    data = payload_of(plan_map(plan, tables, privacy_min_pupils=0).html())
    cells, schools = sorted(plan.county.demand["demand_id"]), [s["id"] for s in data["geo"]["schools"]]
    assert schools == sorted(plan.schools["school_id"])
    for b, band in enumerate(GradeBand):
        columns = {k: unpack(data["plans"][0]["bands"][b][k]) for k in ("school", "minutes", "pupils", "metres")}
        rows = plan.assignment[plan.assignment["band"] == band].set_index("demand_id")
        for i in range(0, len(cells), 7):
            if cells[i] not in rows.index:
                assert columns["school"][i] == -2
                continue
            row = rows.loc[cells[i]]
            assert schools[int(columns["school"][i])] == row["school_id"]
            assert columns["minutes"][i] == pytest.approx(row["minutes"], abs=0.051)
            assert columns["metres"][i] == pytest.approx(row["metres"], abs=5.1)
            assert columns["pupils"][i] == pytest.approx(row["pupils"], abs=0.051)


def test_the_legend_counts_every_pupil_once(today):
    plan, tables = today
    data = payload_of(plan_map(plan, tables, privacy_min_pupils=0).html())
    for b, band in enumerate(GradeBand):
        pupils = plan.assignment.loc[plan.assignment["band"] == band, "pupils"].sum()
        for counts in data["plans"][0]["bands"][b]["counts"].values():
            assert sum(counts) == pytest.approx(pupils, abs=4)
    assert sum(data["plans"][0]["counts"]["load"]) == int(plan.schools["is_open"].sum())


def test_pupils_split_between_schools_are_listed_and_weighed(today):
    plan, tables = today
    rows = plan.assignment.copy()
    first = rows.index[rows["band"] == "G1-3"][0]
    other = next(s for s in sorted(plan.schools["school_id"]) if s != rows.loc[first, "school_id"])
    rows.loc[first, "pupils"] = 8.0
    extra = rows.loc[[first]].assign(school_id=other, pupils=2.0, minutes=rows.loc[first, "minutes"] + 10)
    split = dataclasses.replace(plan, assignment=pd.concat([rows, extra], ignore_index=True))
    data = payload_of(plan_map(split, tables, privacy_min_pupils=5).html())
    band = data["plans"][0]["bands"][0]
    cell = sorted(plan.county.demand["demand_id"]).index(rows.loc[first, "demand_id"])
    assert [part[1] for part in band["split"][str(cell)]] == [8.0, 2.0]
    assert unpack(band["minutes"])[cell] == pytest.approx(rows.loc[first, "minutes"] + 2, abs=0.051)


def test_pupils_without_a_school_are_shown_and_counted(today):
    plan, _ = today
    rows = plan.assignment.copy()
    lost = rows.index[rows["band"] == "G7-9"][:3]
    rows.loc[lost, ["school_id", "mode", "minutes", "metres", "within_limit"]] = ["", "none", np.nan, np.nan, False]
    lost_plan = dataclasses.replace(plan, assignment=rows)
    data = payload_of(plan_map(lost_plan, measures.tables(lost_plan), privacy_min_pupils=0).html())
    band = data["plans"][0]["bands"][2]
    assert (unpack(band["school"]) == -1).sum() == 3
    assert [band["counts"][name][-1] for name in ("minutes", "over")] == [round(rows.loc[lost, "pupils"].sum())] * 2
    assert data["plans"][0]["headline"]["none"] == round(rows.loc[lost, "pupils"].sum())


def test_counts_under_the_privacy_limit_leave_no_trace(today):
    data = payload_of(plan_map(*today, privacy_min_pupils=5).html())
    for band in data["plans"][0]["bands"]:
        for columns in (band, band["villages"]):
            pupils = unpack(columns["pupils"])
            assert not ((pupils > 0) & (pupils < 5)).any()
            assert np.isnan(pupils).any()
        assert not any(n is not None and 0 < n < 5 for counts in band["counts"].values() for n in counts)
        flows = unpack(band["flows"]["pupils"])
        assert not (flows < 5).any()
    assert not any(row["pupils"] is not None and row["pupils"] < 5 for row in data["plans"][0]["beyond"])


def test_closed_and_converted_schools_are_marked(merged):
    plan, tables = merged
    data = payload_of(plan_map(plan, tables).html())["plans"][0]["schools"]
    assert data["decision"].count("close") == 1
    assert data["decision"].count("convert") == 1
    assert data["open"][data["decision"].index("close")] == 0


def test_names_can_be_found_by_pinyin(today):
    schools = payload_of(plan_map(*today).html())["geo"]["schools"]
    school = next(s for s in schools if s["name"].endswith("中心小学"))
    assert school["keys"][0].endswith("zhongxinxiaoxue")
    assert school["keys"][1].endswith("zxxx")


def test_the_comparison_lists_the_villages_that_lose_most(today, merged):
    html = compare_map(today[0], merged[0], today[1], merged[1]).html()
    change = payload_of(html)["changes"][1]
    minutes = [row["change"] for row in change["worst"]]
    assert minutes == sorted(minutes, reverse=True)
    assert minutes[0] > 1
    assert change["receiving"]
    closed = payload_of(html)["plans"][1]["schools"]["decision"].index("close")
    assert closed not in change["receiving"]


def test_a_table_of_moves_is_used_as_given(today, merged, county):
    village = county.villages.iloc[3]
    row = {"village_id": village["village_id"], "name": village["name"], "band": "G4-6", "pupils": 12.0}
    row |= {"from_school": "甲", "to_school": None}
    moves = pd.DataFrame([row | {"minutes_before": 10.0, "minutes_after": 32.0, "minutes_change": 22.0}])
    worst = payload_of(compare_map(today[0], merged[0], today[1], merged[1], moves=moves).html())["changes"][1]["worst"]
    shown = {"village": 3, "name": village["name"], "band": 1, "pupils": 12, "from": "甲", "to": ""}
    assert worst == [shown | {"before": 10.0, "after": 32.0, "change": 22.0}]


def test_several_plans_share_what_does_not_differ(today, merged):
    alone = [len(plan_map(*one).html()) for one in (today, merged)]
    both = plan_map([today[0], merged[0]], [today[1], merged[1]], theme="change")
    data = payload_of(both.html())
    assert set(data["plans"][1]["bands"][0]["minutes"]) == {"at", "to"}
    assert len(both.html()) < alone[0] + 0.35 * (alone[1] - len(PAGE_WITHOUT_DATA.sub("", both.html())))
    assert data["start"] == {"theme": "change", "mode": "one", "plan": 1, "series": False}
    assert [one["catch"][0][2] for one in data["plans"][0]["bands"]] == [
        one["catch"][0][2] for one in data["plans"][1]["bands"]
    ]


def test_what_differs_from_the_plan_before_is_read_back_whole(today, merged):
    data = payload_of(plan_map([today[0], merged[0]], privacy_min_pupils=0).html())
    alone = payload_of(plan_map(*merged, privacy_min_pupils=0).html())
    for together, before, by_itself in zip(
        data["plans"][1]["bands"], data["plans"][0]["bands"], alone["plans"][0]["bands"], strict=True
    ):
        for name in ("school", "minutes", "over", "pupils"):
            column = together[name]
            values = unpack(before[name]).copy() if "at" in column else unpack(column)
            if "at" in column:
                values[unpack(column["at"]).astype(int)] = unpack(column["to"])
            np.testing.assert_allclose(values, unpack(by_itself[name]), atol=1e-6)


def test_minutes_beyond_the_limit_are_those_of_the_way_that_is_gone(today):
    plan, tables = today
    data = payload_of(plan_map(plan, tables, privacy_min_pupils=0).html())
    ids = sorted(plan.county.demand["demand_id"])
    travel = plan.scenario.travel
    for b, band in enumerate(GradeBand):
        over = unpack(data["plans"][0]["bands"][b]["over"])
        rows = plan.assignment[plan.assignment["band"] == band].set_index("demand_id")
        for demand_id, row in rows.iloc[::11].iterrows():
            limit = travel.ride_limit_min[band] if row["mode"] == "ride" else travel.walk_limit_min[band]
            wanted = 0.0 if row["within_limit"] else max(row["minutes"] - limit, 0.1)
            assert over[ids.index(demand_id)] == pytest.approx(wanted, abs=0.051)


def test_flows_add_up_to_the_pupils_that_have_a_school(today):
    plan, tables = today
    data = payload_of(plan_map(plan, tables, privacy_min_pupils=0).html())
    for b, band in enumerate(GradeBand):
        rows = plan.assignment[(plan.assignment["band"] == band) & (plan.assignment["school_id"] != "")]
        flows = unpack(data["plans"][0]["bands"][b]["flows"]["pupils"])
        assert flows.sum() == pytest.approx(rows["pupils"].sum(), abs=0.05 * len(flows) + 0.1)
        assert (np.diff(flows) <= 0).all()


def test_plans_of_other_pupils_follow_each_other_without_a_list_of_villages(today, county):
    grown = county.demand.assign(pupils_g1_3=county.demand["pupils_g1_3"] * 1.2)
    later = fake_plan(dataclasses.replace(county, demand=grown), "2030")
    data = payload_of(plan_map([today[0], later[0]], [today[1], later[1]], series=True).html())
    assert data["start"]["series"]
    assert data["changes"][1]["worst"] is None


@pytest.mark.parametrize("wrong", [{"theme": "tempo"}, {"arrange": "beside"}, {"theme": "change"}])
def test_a_theme_that_is_none_is_refused(today, wrong):
    with pytest.raises(InputError):
        plan_map(*today, **wrong)


def test_a_map_of_no_plan_is_refused():
    with pytest.raises(InputError, match="没有可画的方案"):
        plan_map([])


def test_plans_in_two_coordinate_systems_cannot_be_compared(today, county):
    other, tables = today[0], today[1]
    elsewhere = dataclasses.replace(other, county=dataclasses.replace(county, crs=county.crs.from_epsg(32649)))
    with pytest.raises(InputError, match=r"坐标系|coordinate"):
        compare_map(other, elsewhere, tables, tables)


def test_a_plan_without_demand_points_is_refused(today, county):
    bare = dataclasses.replace(today[0], county=dataclasses.replace(county, demand=None))
    with pytest.raises(InputError):
        plan_map(bare, today[1])


def test_saving_replaces_the_file_whole_and_leaves_nothing_beside_it(today, tmp_path):
    page = plan_map(*today)
    target = tmp_path / "地图.html"
    target.write_text("old", encoding="utf-8")
    assert page.save(target) == target
    assert target.read_bytes() == page.html().encode("utf-8")
    assert [p.name for p in tmp_path.iterdir()] == ["地图.html"]


def test_a_folder_that_is_not_there_is_said_and_nothing_is_left(today, tmp_path):
    with pytest.raises(OSError, match="nowhere"):
        plan_map(*today).save(tmp_path / "nowhere" / "map.html")
    assert list(tmp_path.iterdir()) == []


def test_a_notebook_gets_a_frame_with_the_whole_page(today):
    html = plan_map(*today, title='a "title"')._repr_html_()
    assert html.startswith('<iframe srcdoc="&lt;!DOCTYPE html&gt;')
    assert html.count("<") == 2


def test_villages_as_demand_points_are_dots(today, county):
    demand = county.demand.assign(kind="village")
    data = payload_of(plan_map(*fake_plan(dataclasses.replace(county, demand=demand))).html())
    assert (unpack(data["geo"]["cells"]["dot"]) == 1).all()


def test_a_county_of_8000_cells_stays_under_2_megabytes_and_without_cells_under_1(big):
    plan, tables = fake_plan(big)
    assert len(plan_map(plan, tables).html().encode()) < 2_000_000
    few = dataclasses.replace(big, demand=big.demand.iloc[:200].reset_index(drop=True))
    assert len(plan_map(*fake_plan(few)).html().encode()) < 1_000_000


def test_every_word_exists_in_both_languages():
    assert all(len(pair) == 2 and pair[0] for pair in STRINGS.values())
    spaced = {key for key in STRINGS if not STRINGS[key][1]}
    assert all(key.startswith("unit.") for key in spaced)

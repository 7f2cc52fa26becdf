"""Static maps show what the tables say, with breaks, scale and a Chinese font, or say that there is none."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import shapely

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))

from plan_standin import make_county, make_plan

from layout_planner.grades import GradeBand
from layout_planner.maps import sheet, static
from layout_planner.maps.palettes import CHANGE, LOAD, MINUTES, RATIO
from layout_planner.maps.pen import font_flaw, make_pen


@pytest.fixture(scope="module")
def before():
    return make_plan(make_county())


@pytest.fixture(scope="module")
def after(before):
    return make_plan(before.county, ("0429021011", "0429021033"), "两校合并", "现状")


@pytest.fixture(scope="module")
def tables(after):
    schools = after.schools.assign(pupils=np.where(after.schools["is_open"], 120.0, 0.0), load=0.9)
    return SimpleNamespace(schools=schools)


def words(figure) -> list[str]:
    return [text.get_text() for axes in figure.get_axes() for text in axes.texts]


def beside(figure, label: str) -> str:
    """Read the count beside a label of the legend."""
    panel = figure.get_axes()[1]
    height = next(text.get_position()[1] for text in panel.texts if text.get_text() == label)
    return next(t.get_text() for t in panel.texts if t.get_position()[1] == height and t.get_ha() == "right")


@pytest.mark.parametrize(("kind", "scale"), [("minutes", MINUTES), ("load", LOAD), ("change", CHANGE)])
def test_a_map_states_breaks_scale_north_townships_and_closures(before, after, tables, kind, scale) -> None:
    figure = static.static_map(after, tables, kind=kind, before=before)
    said = "".join(words(figure))
    assert all(label in said for label in scale.labels_zh)
    assert all(word in said for word in ("北", "5 公里", "撤并学校", "杨柳镇", "石桥镇", "样例县 · 两校合并"))
    assert "审图号：内部资料 未审" in said
    assert "界线仅为示意，不作划界依据" in said
    assert figure.dpi == 300


def test_the_legend_counts_pupils_by_class_and_schools_by_load(before, after, tables) -> None:
    minutes = static.static_map(after, tables)
    counts = [float(beside(minutes, label).replace(",", "")) for label in MINUTES.labels_zh]
    assert sum(counts) == pytest.approx(after.assignment["pupils"].sum(), abs=3)
    load = static.static_map(after, tables, kind="load")
    assert beside(load, "80%—100%") == beside(minutes, "在办学校") == str(int(after.schools["is_open"].sum()))
    assert beside(load, "撤并学校") == "2"


def test_pupils_too_few_to_be_told_are_not_counted(after, tables) -> None:
    few = after.assignment.assign(pupils=after.assignment["pupils"] / after.assignment["pupils"].sum())
    plan = SimpleNamespace(
        scenario=after.scenario, schools=after.schools, assignment=few, county=after.county, label="少"
    )
    assert {beside(static.static_map(plan, tables), label) for label in MINUTES.labels_zh} <= {"<5", "0"}


def test_the_name_of_a_township_keeps_clear_of_schools_that_stand_in_its_middle(before) -> None:
    axes = sheet.map_frame(before.county, 80)[1]
    pen = make_pen("zh")
    middles = shapely.get_coordinates(before.county.townships.representative_point().to_numpy())
    sheet.draw_townships(axes, before.county, pen, around=middles)
    spots = np.array([text.get_position() for text in axes.texts])
    assert (np.abs(spots - middles).max(axis=1) > 300).all()
    assert shapely.contains_xy(before.county.townships.geometry.to_numpy(), *spots.T).all()


def test_a_band_is_named_and_changes_the_picture(after, tables) -> None:
    figure = static.static_map(after, tables, band=GradeBand.G1_3)
    assert {"上学单程时间", "1—3年级"} <= set(words(figure))
    assert sheet.figure_png(figure) != sheet.figure_png(static.static_map(after, tables))


def test_the_same_plan_gives_the_same_picture(after, tables) -> None:
    one, two = (sheet.figure_png(static.static_map(after, tables, dpi=80)) for _ in range(2))
    assert one == two
    assert one.startswith(b"\x89PNG")


def test_no_global_state_of_pyplot_is_touched(after, tables) -> None:
    static.static_map(after, tables)
    assert "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()


def test_change_without_a_plan_before_is_refused(after, tables) -> None:
    with pytest.raises(ValueError, match="before"):
        static.static_map(after, tables, kind="change")


def test_without_a_chinese_font_labels_are_english_and_a_flaw_says_so(after, tables, monkeypatch) -> None:
    monkeypatch.setattr("layout_planner.maps.pen.map_font", lambda: None)
    said = words(static.static_map(after, tables))
    assert all(text.replace(" · ", "").isascii() or "–" in text for text in said)
    assert {"N", "5 km", "closed school", "Yangliuzhen"} <= set(said)
    flaw = font_flaw()
    assert flaw is not None
    assert flaw.code == "no_cjk_font"
    sheet.figure_png(static.static_map(after, tables))


def test_villages_are_drawn_as_discs(after, tables) -> None:
    demand = after.county.demand.assign(kind="village")
    plan = SimpleNamespace(
        scenario=after.scenario,
        label=after.label,
        schools=after.schools,
        assignment=after.assignment,
        county=SimpleNamespace(**{**vars(after.county), "demand": demand}),
    )
    figure = static.static_map(plan, tables)
    sizes = [len(c.get_sizes()) for c in figure.get_axes()[0].collections if hasattr(c, "get_sizes")]
    assert max(sizes) == len(demand)


def test_minutes_of_a_place_are_weighted_by_pupils_who_have_a_school() -> None:
    import pandas as pd

    rows = pd.DataFrame(
        {
            "demand_id": ["a", "a", "b", "c"],
            "band": ["G1-3", "G4-6", "G1-3", "G1-3"],
            "school_id": ["1", "2", "", "1"],
            "pupils": [1.0, 3.0, 2.0, 0.0],
            "minutes": [10.0, 30.0, np.nan, 5.0],
        }
    )
    found = static.place_minutes(SimpleNamespace(assignment=rows)).set_index("demand_id")
    assert found.loc["a", "minutes"] == 25.0
    assert np.isnan(found.loc["b", "minutes"])
    assert found["served"].to_dict() == {"a": 4.0, "b": 0.0}
    assert static.place_minutes(SimpleNamespace(assignment=rows), GradeBand.G4_6)["minutes"].tolist() == [30.0]


def test_where_known_and_estimated_pupils_disagree_is_drawn_by_township_and_village(before) -> None:
    towns, villages = before.county.townships, before.county.villages
    rows = [("township", i, 30.0, 10.0) for i in towns["township_id"]]
    rows += [("village", i, 5.0, 0.0) for i in villages["village_id"].head(3)]
    table = pd.DataFrame(rows, columns=["subject_kind", "subject_id", "target", "pupils_before"])
    plan = SimpleNamespace(
        county=replace(before.county, calibration=table),
        schools=before.schools,
        scenario=before.scenario,
        label="现状",
    )
    figure = static.static_map(plan, None, kind="roster")
    said = "".join(words(figure))
    assert all(label in said for label in (*RATIO.labels_zh, "底色：乡镇"))
    assert beside(figure, "没有推算出学生") == "0 / 3"
    assert beside(figure, "1.5 以上") == "6 / 0"
    with pytest.raises(ValueError, match="compared"):
        static.static_map(before, None, kind="roster")

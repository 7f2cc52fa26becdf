"""What a block ``layout`` wishes of the small county and cannot have: told before anything is solved, with its line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from layout_planner.config.loader import salvage_scenario
from layout_planner.errors import Flaw
from layout_planner.layout.checks import contrary_flaws, layout_flaws
from tests.small_county import county

HEAD = "name: 优化\ndata: {folder: data}\nlayout:\n"
FAR = {"V1": (30.0, 30.0, 24.0), "V2": (0.0, 0.0, 0.0), "V3": (0.0, 0.0, 0.0)}


def flaws_of(folder: Path, text: str) -> list[Flaw]:
    (folder / "data").mkdir(exist_ok=True)
    path = folder / "t.yaml"
    path.write_text(text if "layout:" in text else HEAD + text + "\n", encoding="utf-8")
    scenario, flaws = salvage_scenario(path)
    assert scenario is not None
    assert flaws == []
    return [*contrary_flaws(scenario), *layout_flaws(county(), scenario)]


@pytest.mark.parametrize(
    ("text", "row", "said"),
    [
        ('  must: {keep: ["S9"]}', 4, "学校表中没有代码“S9”"),
        ('  must: {keep: ["东村小学"]}', 4, '写代码 "S1"'),
        ('  must: {keep: ["柳镇中心小"]}', 4, "S2 柳镇中心小学"),
        ('  must: {keep: [" S1 "]}', 4, '写成 "S1"'),
        ('  must: {keep: ["Ｓ１"]}', 4, '写成 "S1"'),
        ('  must: {keep: ["S1、S2"]}', 4, '"S1", "S2"'),
        ('  must: {keep: ["village_primary"]}', 4, "layout.may"),
        ('  must: {oppose: ["柳镇"]}', 4, "不写乡镇"),
        ('  must:\n    close:\n      - "S1"\n      - "S7"', 7, "“S7”"),
        ('  must: {unsafe_ways: [{village: "V1", school: "S8"}]}', 4, "“S8”"),
        ('  must: {unsafe_ways: [{village: "V9", school: "S1"}]}', 4, "没有代码为“V9”的村"),
        ('  must: {unsafe_ways: [{village: "V1村", school: "S1"}]}', 4, '写代码 "V1"'),
        ('  must: {keep: ["S1"], close: ["S1"]}', 4, "又必须保留"),
        ('  must:\n    oppose: ["S1"]\n    close: ["S1"]', 6, "又群众反对撤并"),
        ('  must: {keep: ["S1"]}\ndecisions: {close: ["S1"]}', 4, "decisions.close 却已决定撤并"),
        ('  must: {oppose: ["S1"]}\ndecisions: {convert_to_teaching_point: ["S1"]}', 4, "改为教学点"),
        ('  must: {close: ["S1"]}\ndecisions: {add_classrooms: {"S1": 2}}', 4, "新增教室"),
        ('  must: {close: ["S1"], max_changes: 0}', 4, "最多变动 0 所"),
        ('  must:\n    close: ["S1", "S4"]\n    max_closures: 1', 6, "要求撤并 2 所"),
        ("  must: {smallest: {village_primary: 100}, largest: {village_primary: 50}}", 4, "村小最少 100 人"),
        ("  must:\n    one_off_budget_yuan: 500", 5, "500 万元写 5000000"),
        ("  must: {town_radius_m: 3}", 4, "3 公里写 3000"),
        ("  prices: {staff_yuan: 10}", 4, "10 万元写 100000"),
        ("  prices:\n    upkeep_yuan: {junior: 25}", 5, "25 万元写 250000"),
        ("  prices: {rider_yuan: 15000000}", 4, "以元为单位"),
        ("  goal: {method: lexicographic, weights: {pupil_minutes: 40}}", 4, "weights 不起作用"),
        ("  goal:\n    order: [pupil_minutes, changes]", 5, "写 method: lexicographic"),
        ('  must: {close: ["S2"]}', 4, "柳镇没有中心小学了"),
        ('  must: {close: ["S3"], junior_per_township: true}', 4, "没有初中"),
        ('  must: {close: ["S3"]}', 4, "7—9年级 84 名学生没有任何学校可上"),
        ("  must: {yearly_budget_yuan: 1000}", 4, "每年固定支出也要 400,000 元"),
        ('  must: {close: ["S1", "S4"], one_off_budget_yuan: 60000}', 4, "至少要 100,000 元"),
        ("  must: {smallest: {junior: 500}}", 4, "只有 84 人"),
        ("  gap: 0.01\ntravel: {ride_limit_min: {G7-9: 0.5}}", 5, "谁也赶不上"),
    ],
)
def test_each_mistake_is_told_with_its_line_and_its_mend(tmp_path: Path, text: str, row: int, said: str) -> None:
    flaws = flaws_of(tmp_path, text)
    mine = [flaw for flaw in flaws if said in flaw.render("zh")]
    assert len(mine) == 1, [flaw.render("zh") for flaw in flaws]
    assert (mine[0].file, mine[0].row) == ("t.yaml", row)
    assert mine[0].key.startswith(("layout.", "travel."))
    assert mine[0].what.en
    assert mine[0].mend.en


def test_all_of_them_come_at_once(tmp_path: Path) -> None:
    text = (
        "  goal: {method: lexicographic, weights: {pupil_minutes: 1}}\n"
        "  prices: {room_yuan: 30}\n"
        '  must: {keep: ["S1", "S9"], close: ["S1"], max_changes: 0}'
    )
    codes = [flaw.code for flaw in flaws_of(tmp_path, text)]
    assert codes == ["goal_idle", "contrary", "unit_slip", "unknown_school", "contrary"]


@pytest.mark.parametrize(
    "text",
    [
        "  gap: 0.02",
        '  must: {keep: ["S1"], oppose: ["S1", "S4"], close: [], max_changes: 0}',
        '  must: {close: ["S1", "S4"], max_closures: 2, one_off_budget_yuan: 100000}',
        '  must: {close: ["S1"], max_changes: 1}\ndecisions: {close: ["S4"]}',
        "  must: {one_off_budget_yuan: 0}",
        "  prices: {close_yuan: 0}",
        "  goal: {method: lexicographic, order: [yearly_yuan, changes]}",
        '  must: {unsafe_ways: [{village: "V1", school: "S1"}, {village: "V3", school: "S2"}]}',
    ],
)
def test_what_can_be_is_let_pass(tmp_path: Path, text: str) -> None:
    assert flaws_of(tmp_path, text) == []


def test_a_method_changed_against_the_parent_leaves_its_weights_alone(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(
        "name: a\ndata: {folder: data}\nlayout: {goal: {weights: {changes: 1}}}\n", encoding="utf-8"
    )
    text = "name: b\nbased_on: base.yaml\nlayout: {goal: {method: lexicographic}}\n"
    assert flaws_of(tmp_path, text) == []


def test_a_walking_limit_in_hours_reaches_nobody(tmp_path: Path) -> None:
    travel = "travel: {walk_limit_min: {G7-9: 0.5}, ride_limit_min: {G7-9: null}}\n"
    (tmp_path / "data").mkdir()
    (tmp_path / "t.yaml").write_text(HEAD + "  gap: 0.01\n" + travel, encoding="utf-8")
    scenario, _ = salvage_scenario(tmp_path / "t.yaml")
    assert scenario is not None
    (flaw,) = layout_flaws(county(FAR), scenario)
    assert (flaw.code, flaw.row, flaw.key) == ("limit_short", 5, "travel.walk_limit_min.G7-9")
    assert "最近的直线也有 4,000 米" in flaw.what.zh
    assert "走 4,000 米要 53 分钟" in flaw.mend.zh


def test_a_central_primary_may_close_where_another_can_open(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "t.yaml").write_text(HEAD + '  must: {close: ["S2"]}\n', encoding="utf-8")
    scenario, _ = salvage_scenario(tmp_path / "t.yaml")
    here = county()
    planned = here.schools["school_id"].eq("S1")
    schools = here.schools.assign(
        status=here.schools["status"].mask(planned, "planned"),
        tier=here.schools["tier"].mask(planned, "central_primary"),
    )
    assert scenario is not None
    assert layout_flaws(replace(here, schools=schools), scenario) == []

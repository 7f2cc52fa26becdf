"""What a planner writes wrong in a block ``layout``: each slip told once, with its line and what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from layout_planner.config.loader import salvage_scenario
from layout_planner.errors import Flaw

HEAD = "name: 试\nbased_on: baseline.yaml\nlayout:\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "baseline.yaml").write_text("name: 现状\ndata: {folder: data}\n", encoding="utf-8")
    return tmp_path


def flaws_of(folder: Path, text: str) -> list[Flaw]:
    path = folder / "t.yaml"
    path.write_text(HEAD + text + "\n", encoding="utf-8")
    return salvage_scenario(path)[1]


NUMBERS = [
    ("gap: 1", "1% 写 0.01"),
    ("gap: 5", "5% 写 0.05"),
    ("gap: 1%", "写 0.01"),
    ('gap: "1%"', "写 0.01"),
    ("gap: 百分之一", "写 0.01"),
    ("gap: ０．０１％", "写 0.0001"),
    ("gap: -0.01", "不小于 0"),
    ("gap: 小", "只写数字"),
    ("time_limit_s: 60秒", "写 60"),
    ("time_limit_s: 1分钟", "写 60"),
    ("time_limit_s: 一分钟", "写 60"),
    ("time_limit_s: 半小时", "写 1800"),
    ("time_limit_s: 5:00", "写 300"),
    ("time_limit_s: 00:05:00", "写 300"),
    ("time_limit_s: 60张", "只写数字"),
    ("time_limit_s: 0", "大于 0"),
    ("time_limit_s: -5", "大于 0"),
    ("time_limit_s: 999999", "不大于 86400"),
    ("goal: {yield_share: 5%}", "写 0.05"),
    ("goal: {worst_share: 5}", "5% 写 0.05"),
    ("goal: {worst_share: 0}", "大于 0"),
    ("goal: {weights: {pupil_minutes: -40}}", "不小于 0"),
    ("goal: {weights: {pupil_minutes: 40元}}", "只写数字"),
    ("may: {beds_per_school: -10}", "不小于 0"),
    ("may: {beds_per_school: 200张}", "写 200"),
    ("may: {beds_per_school: 1.5}", "改为整数"),
    ("may: {rooms_per_school: 12间}", "写 12"),
    ("may: {rooms_per_school: 1000}", "不大于 500"),
    ("must: {max_changes: -1}", "不小于 0"),
    ("must: {max_changes: 三所}", "写 3"),
    ("must: {max_changes: 2.5}", "改为整数"),
    ("must: {max_closures: 两所}", "写 2"),
    ("must: {one_off_budget_yuan: -100}", "不小于 0"),
    ("must: {one_off_budget_yuan: 500万}", "写 5000000"),
    ("must: {one_off_budget_yuan: 1.2亿元}", "写 120000000"),
    ('must: {one_off_budget_yuan: "5,000,000"}', "写 5000000"),
    ("must: {one_off_budget_yuan: 5,000,000}", "去掉逗号"),
    ("must: {one_off_budget_yuan: 5,000}", "去掉逗号"),
    ("must: {one_off_budget_yuan: 1e99}", "不大于"),
    ("must: {one_off_budget_yuan: .inf}", "超出范围"),
    ("must: {one_off_budget_yuan: .nan}", "超出范围"),
    ("must: {yearly_budget_yuan: 无}", "写 null"),
    ("must: {town_radius_m: 3km}", "写 3000"),
    ("must: {town_radius_m: 3公里}", "写 3000"),
    ("must: {largest: {primary: 0}}", "不小于 1"),
    ("must: {smallest: {village_primary: -5}}", "不小于 0"),
    ("must: {smallest: {village_primary: 50人}}", "写 50"),
    ("prices: {staff_yuan: 10万}", "写 100000"),
    ("prices: {upkeep_yuan: {junior: 25万元}}", "写 250000"),
    ("prices: {staff_yuan: -1}", "不小于 0"),
    ("prices: {rider_yuan: 2025-01-01}", "只写数字"),
    ("prices: {teachers_per_class: 18}", "不大于 5"),
    ("prices: {pupils_per_teacher: {primary: 0}}", "大于 0"),
]
WORDS = [
    ("may: {close: [村小]}", "village_primary"),
    ("may: {close: [中心校]}", "central_primary"),
    ("may: {close: [village]}", "village_primary"),
    ("may: {close: [Village_Primary]}", "village_primary"),
    ('may: {close: ["0990101014"]}', "layout.must.close"),
    ("may: {close: all}", "写成列表，可选"),
    ("may: {close: 村小、教学点}", "[village_primary, teaching_point]"),
    ("may: {close: village_primary}", "[village_primary]"),
    ("may: {close: true}", "写成列表"),
    ("may: {expand: none}", "都不选写 []"),
    ("may: {close: null}", "是空的"),
    ("may: {convert: [teaching_point]}", "教学点不能改为教学点"),
    ("may: {convert: [junior]}", "初中不能改为教学点"),
    ("may: {board: [teaching_point]}", "不得寄宿"),
    ("may: {lift: 是}", "写 true"),
    ("may: {lift: 否}", "写 false"),
    ('may: {lift: ["0990101014"]}', "decisions.lift_to_full_primary"),
    ('may: {open: ["0990101014"]}', "decisions.open"),
    ("must: {closest_first: 可以}", "写 true"),
    ("must: {whole_villages: maybe}", "true 或 false"),
    ("must: {central_primary_per_township: [柳镇]}", "layout.must.keep"),
    ("must: {time_limit: {G1-3: 30}}", "travel.walk_limit_min"),
    ("must: {time_limit: 30}", "travel.walk_limit_min"),
    ("must: {time_limit: keep}", "{G1-3: keep}"),
    ("must: {time_limit: {G1-3: 严格}}", "是否为 strict"),
    ("must: {time_limit: {低年级: keep}}", "是否为 G1-3"),
    ("must: {time_limit: {1-3: keep}}", "是否为 G1-3"),
    ("must: {time_limit: {G1–3: keep}}", "是否为 G1-3"),
    ("must: {time_limit: {初中: keep}}", "是否为 G7-9"),
    ("must: {largest: {中心小学: 2000}}", "是否为 central_primary"),
    ("must: {largest: 2000}", "逐项写"),
    ("must: {smallest: 50}", "逐项写"),
    ("goal: {method: 加权}", "是否为 weighted"),
    ("goal: {method: lexi}", "是否为 lexicographic"),
    ("goal: {weights: {minutes: 40}}", "是否为 pupil_minutes"),
    ("goal: {weights: {cost: 1}}", "是否为 yearly_yuan"),
    ("goal: {weights: {一次性投入: 1}}", "是否为 one_off_yuan"),
    ("goal: {weights: 40}", "{pupil_minutes: 40}"),
    ("goal: {weights: {pupil_minutes: 0, yearly_yuan: 0, one_off_yuan: 0}}", "至少一项写大于 0"),
    ("goal: {order: pupil_minutes}", "[pupil_minutes]"),
    ("goal: {order: [cost]}", "是否为 yearly_yuan"),
    ("goal: {order: []}", "不能为空"),
    ("goal: {order: [changes, changes]}", "每项只写一次"),
    ("goal: weighted", "method: weighted"),
    ("prices: {upkeep_yuan: 80000}", "逐项写"),
    ("prices: {pupils_per_teacher: {小学: 19}}", "是否为 primary"),
    ("prices: {pupils_per_teacher: 19}", "{primary: 19}"),
    ("start_from: 现状", "是否为 today"),
    ("start_from: null", "是空的"),
    ("assign_by: models", "是否为 model"),
]
KEYS = [
    ("must: {protected: []}", "是否为 keep"),
    ("must: {保护: []}", "是否为 keep"),
    ("must: {vetoes: []}", "是否为 oppose"),
    ("must: {反对: []}", "是否为 oppose"),
    ("must: {max_change: 3}", "是否为 max_changes"),
    ("must: {budget: 500}", "是否为 one_off_budget_yuan"),
    ("must: {one_off_budget_wan: 500}", "注意单位：一次性投入的上限（元）"),
    ("must: {town_radius_km: 3}", "注意单位"),
    ("must: {walk_limit_min: {G1-3: 30}}", "写在 travel 下面"),
    ("must: {weights: {changes: 1}}", "写在 layout.goal 下面"),
    ("may: {build: []}", "是否为 open"),
    ("may: {merge: []}", "是否为 close"),
    ("may: {max_closures: 2}", "写在 layout.must 下面"),
    ("goals: {}", "是否为 goal"),
    ("objective: {}", "是否为 goal"),
    ("weights: {changes: 1}", "写在 layout.goal 下面"),
    ("keep: []", "写在 layout.must 下面"),
    ("seed: 3", "写在最外层"),
    ("time_limit: 60", "是否为 time_limit_s"),
    ("time_limit_min: 5", "注意单位：求解时限（秒）"),
    ("solver: highs", "可用的键"),
    ("prices: {staff: 100000}", "是否为 staff_yuan"),
    ("may: {lift:true}", "冒号后加一个空格"),
    ('must: {keep：["01"]}', "全角"),
    ("must:\n\tkeep: []", "改用空格"),
]
CODES = [
    ('must: {keep: "01"}', '["01"]'),
    ('must: {keep: "01,02"}', '["01", "02"]'),
    ("must: {keep: 01、02}", '["01", "02"]'),
    ("must: {keep: 0990101014}", '["0990101014"]'),
    ("must: {keep: [0990101014]}", '写成 "0990101014"'),
    ("must: {keep: [“01”]}", "半角引号"),
    ('must: {keep: ["01"，"02"]}', "半角逗号"),
    ('must: {keep: [""]}', "不能为空"),
    ('must: {unsafe_ways: [{village: "V1"}]}', "缺少“school”"),
    ('must: {unsafe_ways: [{village: "V1", school: 3}]}', "引号"),
    ('must: {unsafe_ways: [{village: 3, school: "3"}]}', '写成 "3"'),
    ('must: {unsafe_ways: {village: "V1", school: "3"}}', "每条一行"),
    ("must: {unsafe_ways: [[V1, S1]]}", "village"),
    ("must: {unsafe_ways: [V1-S1]}", "village"),
]


@pytest.mark.parametrize(("text", "said"), NUMBERS + WORDS + KEYS + CODES)
def test_each_slip_is_told_once_with_its_line_and_its_mend(folder: Path, text: str, said: str) -> None:
    flaws = flaws_of(folder, f"  {text}")
    assert len(flaws) == 1, [flaw.render("zh") for flaw in flaws]
    assert flaws[0].row == 4 + text.count("\n")
    assert said in flaws[0].render("zh")
    assert flaws[0].what.en
    assert flaws[0].mend.en


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("gap: 0.01", "写在 layout: 下面"),
        ("must: {keep: []}", "写在 layout: 下面"),
        ("optimise: {gap: 0.01}", "是否为 layout"),
        ("Layout: {gap: 0.01}", "是否为 layout"),
        ("layout: optimise.yaml", "based_on: optimise.yaml"),
        ("layout: true", "冒号后换行"),
        ("layout: gap:0.01", "冒号后加一个空格"),
    ],
)
def test_a_block_in_the_wrong_place_is_led_home(folder: Path, text: str, said: str) -> None:
    path = folder / "t.yaml"
    path.write_text(f"name: 试\nbased_on: baseline.yaml\n{text}\n", encoding="utf-8")
    (flaw,) = salvage_scenario(path)[1]
    assert flaw.row == 3
    assert said in flaw.render("zh")


def test_a_file_full_of_slips_is_told_at_once_from_top_to_bottom(folder: Path) -> None:
    text = "\n".join(
        f"  {line}" for line in ("may: {close: [村小]}", "must: {keep: 01}", "gap: 1", "time_limit_s: 60秒")
    )
    assert [flaw.row for flaw in flaws_of(folder, text)] == [4, 5, 6, 7]


def test_an_option_is_told_without_a_line(folder: Path) -> None:
    _, (flaw,) = salvage_scenario(folder / "baseline.yaml", ["layout.gap=1%"])
    assert (flaw.row, flaw.key) == (None, "layout.gap")
    assert "写 0.01" in flaw.mend.zh

"""What a planner mistypes in a scenario file: the line, the slip and the mend, in her words."""

from __future__ import annotations

from pathlib import Path

import pytest

from layout_planner.config.loader import load_scenario, salvage_scenario
from layout_planner.errors import Flaw, ScenarioError

HEAD = "name: 试\nbased_on: baseline.yaml\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "baseline.yaml").write_text("name: 现状\ndata: {folder: data}\n", encoding="utf-8")
    return tmp_path


def flaws_of(folder: Path, text: str | bytes) -> list[Flaw]:
    path = folder / "t.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return salvage_scenario(path)[1]


@pytest.mark.parametrize(
    ("text", "row", "said"),
    [
        (HEAD + 'decisions:\n\tclose: ["01"]\n', 4, "制表符"),
        ("name：试\nbased_on: baseline.yaml\n", 1, "全角"),
        (HEAD + 'decisions：\n  close: ["01"]\n', 3, "全角"),
        (HEAD + 'decisions:\n  close：["01"]\n', 3, "全角"),
        (HEAD + 'decisions:\n  close: ["01"，"02"]\n', 4, "逗号"),
        (HEAD + "decisions:\n  close: [“01”]\n", 4, "半角引号"),
        (HEAD + "decisions:\n\u3000close: []\n", 4, "半角空格"),
        (HEAD + "decisions:\n\u00a0\u00a0close: []\n", 4, "半角空格"),
        (HEAD + 'decisions:\nclose: ["01"]\n', 4, "decisions"),
        (HEAD + "decisions:\n  close: [0990101]\n", 4, '写成 "0990101"'),
        (HEAD + "decisions:\n  board: {0990101: 80}\n", 4, '写成 "0990101"'),
        (HEAD + 'decisions:\n  close: "01"\n', 4, '["01"]'),
        (HEAD + 'decisions:\n  board: {"01": 八十}\n', 4, "只写数字"),
        (HEAD + "decisions:\n  close: []\ndecisions: {}\n", 5, "“decisions”"),
        (HEAD + "travel:\n  walk_limit_min:{G1-3: 25}\n", 4, "空格"),
        (HEAD + "travel:\n  walk_limit_min: {g1-3: 25}\n", 4, "G1-3"),
        (HEAD + "travel:\n  walk_limit_min: {G1-3: 25分钟}\n", 4, "单位"),
        (HEAD + "outputs: [map, pdf]\n", 3, "可选"),
        (HEAD + "note: 说明: 撤并\n", 3, "引号"),
        (HEAD + "note: @联系人\n", 3, "引号"),
        (HEAD + "note: \x0babc\n", 3, "控制字符"),
        (HEAD + "---\nname: 二\n", 3, "---"),
        (HEAD + "决定: {}\n", 3, "decisions"),
        (HEAD + "data: {crs: gcj02}\n", 3, "{schools: gcj02}"),
        (HEAD + "data: {crs: {schools: 高德}}\n", 3, "gcj02（高德"),
        ('name: a\ndata: {folder: "C:\\Users\\x"}\n', 2, "反斜杠"),
        ("name:试\nbased_on:baseline.yaml\n", 1, "冒号后"),
        ("name: a\nbased_on: basline.yaml\n", 2, "baseline.yaml"),
    ],
)
def test_each_slip_is_told_once_with_its_line_and_its_mend(folder: Path, text: str, row: int, said: str) -> None:
    flaws = flaws_of(folder, text)
    assert len(flaws) == 1, [flaw.render("zh") for flaw in flaws]
    assert flaws[0].row == row
    assert said in flaws[0].render("zh")
    assert flaws[0].what.en
    assert flaws[0].mend.en


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_a_file_is_read_as_wps_or_notepad_saved_it(folder: Path, encoding: str) -> None:
    path = folder / "t.yaml"
    path.write_bytes(HEAD.replace("试", "撤并方案").encode(encoding))
    assert load_scenario(path).name == "撤并方案"


def test_an_empty_block_says_nothing_and_backslashes_separate_folders(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "t.yaml").write_text(
        "name: a\nbased_on: ..\\baseline.yaml\ndecisions:\ntravel:\n  # 无\n", encoding="utf-8"
    )
    scenario = load_scenario(folder / "sub" / "t.yaml")
    assert scenario.decisions.close == ()
    assert scenario.data.folder == (folder / "data").resolve()


@pytest.mark.parametrize(("name", "said"), [("book.xlsx", "不是文本"), ("sub", "文件夹"), ("gone.yaml", "找不到")])
def test_what_is_no_scenario_file_is_told(folder: Path, name: str, said: str) -> None:
    (folder / "book.xlsx").write_bytes(b"PK\x03\x04\x00\x00")
    (folder / "sub").mkdir()
    with pytest.raises(ScenarioError, match=said):
        load_scenario(folder / name)


def test_a_code_in_an_option_is_mended_for_the_shell(folder: Path) -> None:
    _, flaws = salvage_scenario(folder / "baseline.yaml", ["decisions.close=[0990101]"])
    assert [flaw.row for flaw in flaws] == [None]
    assert "['0990101119']" in flaws[0].mend.zh


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("2025-09-31", "yaml_value"),
        ("9" * 5000, "yaml_value"),
        ("!!bool x", "yaml_value"),
        ("!!int ''", "yaml_value"),
        ("[" * 1200 + "]" * 1200, "yaml_nested"),
    ],
)
def test_a_value_that_there_is_not_is_a_flaw_at_its_line(folder: Path, value: str, code: str) -> None:
    path = folder / "t.yaml"
    path.write_text(f"name: a\ndata: {{folder: data}}\nseed: {value}\n", encoding="utf-8")
    scenario, flaws = salvage_scenario(path)
    assert scenario is None
    assert [(flaw.code, flaw.row) for flaw in flaws] == [(code, 3)]
    _, flaws = salvage_scenario(folder / "baseline.yaml", [f"seed={value}"])
    assert [flaw.code for flaw in flaws] == ["override_value"]


def test_a_misspelt_band_is_told_even_where_it_is_set_to_nothing(folder: Path) -> None:
    path = folder / "t.yaml"
    path.write_text("name: a\ndata: {folder: data}\ntravel: {ride_limit_min: {G1_3: null}}\n", encoding="utf-8")
    _, flaws = salvage_scenario(path)
    assert {flaw.row for flaw in flaws} == {3}


@pytest.mark.parametrize("sign", ["\x07", "\x80", "\ufffe"])
def test_an_invisible_character_is_told_with_its_line(folder: Path, sign: str) -> None:
    path = folder / "t.yaml"
    path.write_text(f"name: a\nnote: 人{sign}数\ndata: {{folder: data}}\n", encoding="utf-8")
    _, flaws = salvage_scenario(path)
    assert [(flaw.code, flaw.row) for flaw in flaws] == [("yaml_syntax", 2)]
    assert "控制字符" in flaws[0].what.zh


def test_a_list_wrong_in_its_length_and_its_elements_is_told_once_through(folder: Path) -> None:
    path = folder / "t.yaml"
    path.write_text("name: a\ndata: {folder: data}\ndemand:\n  births_by_month: [null]\n", encoding="utf-8")
    scenario, flaws = salvage_scenario(path)
    assert scenario is not None
    assert {flaw.row for flaw in flaws} == {4}
    assert {flaw.key for flaw in flaws} == {"demand.births_by_month", "demand.births_by_month[1]"}


def test_a_path_in_double_quotes_that_became_a_null_is_told_with_its_line(folder: Path) -> None:
    path = folder / "t.yaml"
    path.write_text('name: a\ndata:\n  folder: "D:\\0数据"\n', encoding="utf-8")
    _, flaws = salvage_scenario(path)
    assert [flaw.row for flaw in flaws] == [3]

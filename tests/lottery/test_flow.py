"""Promise, draw and replay: published folders as an office makes them and a parent checks them."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from layout_planner.assign import replay
from layout_planner.errors import LANGUAGE_VARIABLE, InputError, OutputError, ScenarioError
from layout_planner.examples import shipped_scenarios
from layout_planner.lottery import draw, publish_classes, publish_lottery, replay_folder
from layout_planner.prepare import check, prepare

VALUES = ("03 08 15 21 26 33 + 09", "4 1 7 7 0 2")
DAYS = """
  published_on: 2026-08-10
  drawn_on: 2026-08-14
  public_values: [{name: 开奖号码, source: 官网, date: 2026-08-13, digits: 6}]
"""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a lottery of the shipped county was rehearsed and drawn."""
    folder = tmp_path_factory.mktemp("lottery") / "派位"
    publish_lottery(shipped_scenarios() / "lottery.yaml", out=folder)
    draw(folder, rehearse=True)
    draw(folder, VALUES)
    return folder


@pytest.fixture
def copied(published: Path, tmp_path: Path) -> Path:
    """Copy the folder elsewhere, as if to another machine."""
    return Path(shutil.copytree(published, tmp_path / "elsewhere"))


def project(folder: Path, block: str, roster: str = "报名号\nA1\nA2\nA3\n", name: str = "lottery_roster") -> Path:
    """Write a scenario with two schools and a roster."""
    (folder / "schools.csv").write_text("学校代码,学校名称\n0001,东小学\n0002,西小学\n", encoding="utf-8")
    (folder / f"{name}.csv").write_text(roster, encoding="utf-8")
    path = folder / "s.yaml"
    path.write_text(f"name: x\ndata: {{folder: .}}\n{block}", encoding="utf-8")
    return path


def lottery(extra: str = "", schools: str = '[{school_id: "0001", seats: 2}]') -> str:
    return f"lottery:\n  title: 派位{DAYS}  schools: {schools}\n{extra}"


def run_alone(script: Path) -> subprocess.CompletedProcess[str]:
    """Run the published program as a parent would: isolated, nothing but the standard library."""
    command = [sys.executable, "-I", "-S", "-X", "utf8", str(script)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


def test_the_published_program_draws_the_same_list_on_another_machine(copied: Path) -> None:
    done = run_alone(copied / replay.SCRIPT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "重抽 442 人" in done.stdout
    assert "逐字节相同" in done.stdout
    assert len(replay_folder(copied)) == 6


def test_the_published_program_is_python_3_8_and_imports_the_standard_library_alone() -> None:
    tree = ast.parse(Path(replay.__file__).read_bytes(), feature_version=(3, 8))
    for node in ast.walk(tree):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (replay.ROSTER, "有房或有户", "房户一致", replay.ROSTER),
        (replay.RULES, '"seats": 154', '"seats": 155', replay.RULES),
        (replay.SCRIPT, "hashlib.sha256", "hashlib.sha224", replay.SCRIPT),
        (f"{replay.DRAW}/{replay.RESULT}", "第一志愿", "第二志愿", replay.RESULT),
        (f"{replay.DRAW}/{replay.SEED}", "417702", "417703", replay.RECORD),
        (f"{replay.DRAW}/{replay.RECORD}", "4 1 7 7", "4 1 7 8", replay.RECORD),
        (f"{replay.DRAW}/notice.html", "公开进行", "进行", "notice.html"),
        (replay.COMMITMENT, "2026-08-10", "2026-08-11", replay.SEED),
        (f"{replay.DRAW}/{replay.SEED}", "draw 1", "rehearsal 1", replay.SEED),
    ],
)
def test_whatever_was_tampered_with_is_named(copied: Path, name: str, old: str, new: str, said: str) -> None:
    text = (copied / name).read_bytes().decode("utf-8")
    assert old in text
    (copied / name).write_bytes(text.replace(old, new).encode("utf-8"))
    with pytest.raises(InputError, match=said):
        replay_folder(copied)
    if name != replay.SCRIPT:
        assert run_alone(copied / replay.SCRIPT).returncode == 1


def test_a_rehearsal_can_never_pass_for_the_draw(copied: Path) -> None:
    shutil.rmtree(copied / replay.DRAW)
    shutil.copytree(copied / "rehearsal-1", copied / replay.DRAW)
    with pytest.raises(InputError, match="种子"):
        replay_folder(copied)


def test_a_damaged_folder_is_told_without_a_traceback(copied: Path) -> None:
    (copied / replay.COMMITMENT).write_text("{", encoding="utf-8")
    with pytest.raises(InputError):
        replay_folder(copied)
    done = run_alone(copied / replay.SCRIPT)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    with pytest.raises(InputError):
        draw(copied, VALUES)


def test_the_draw_takes_place_once_and_rehearsals_as_often_as_one_likes(copied: Path) -> None:
    with pytest.raises(OutputError, match="只能抽一次"):
        draw(copied, VALUES)
    assert draw(copied, rehearse=True).folder.name == "rehearsal-2"
    replay_folder(copied)


def test_a_roster_that_was_changed_after_its_publication_is_not_drawn(copied: Path) -> None:
    shutil.rmtree(copied / replay.DRAW)
    with (copied / replay.ROSTER).open("ab") as file:
        file.write("2699999,房户一致\n".encode())
    with pytest.raises(InputError, match=r"roster\.csv"):
        draw(copied, VALUES)
    assert not (copied / replay.DRAW).exists()


@pytest.mark.parametrize("values", [(), VALUES[:1], ("03 08 15", VALUES[1]), (*VALUES, "1")])
def test_values_other_than_those_published_are_refused(copied: Path, values: tuple[str, ...]) -> None:
    shutil.rmtree(copied / replay.DRAW)
    with pytest.raises(InputError, match="公开的数对不上"):
        draw(copied, values)
    assert not (copied / replay.DRAW).exists()


def test_only_the_digits_of_a_value_count(copied: Path, published: Path) -> None:
    shutil.rmtree(copied / replay.DRAW)
    draw(copied, ("03,08,15,21,26,33，０９", "417702"))
    names = (replay.SEED, replay.RESULT)
    assert all(
        (copied / replay.DRAW / name).read_bytes() == (published / replay.DRAW / name).read_bytes() for name in names
    )


def test_a_commitment_is_never_replaced(tmp_path: Path) -> None:
    scenario = project(tmp_path, lottery())
    folder = publish_lottery(scenario).folder
    assert folder == tmp_path / "lottery" / "派位"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(OutputError, match="内容相同"):
        publish_lottery(scenario)
    (tmp_path / "lottery_roster.csv").write_text("报名号\nA1\nA2\nA4\n", encoding="utf-8")
    with pytest.raises(OutputError, match="公布后不得改动"):
        publish_lottery(scenario)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_the_same_roster_in_another_order_and_form_promises_the_same(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    hashes = []
    for folder, text in (
        (one, "报名号,第一志愿\nA1,0001\nA2,西小学\nA3,\n"),
        (two, "第1志愿,受理号\n,A3\n东小学,A1\n0002,A2\n"),
    ):
        folder.mkdir()
        schools = '[{school_id: "0001", seats: 1}, {school_id: "0002", seats: 1}]'
        announced = publish_lottery(project(folder, lottery(schools=schools), text)).announced
        hashes.append(announced.commitment_sha256)
    assert hashes[0] == hashes[1]


def test_the_result_names_everyone_once_in_csv_and_workbook(published: Path) -> None:
    text = (published / replay.DRAW / replay.RESULT).read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    roster = replay.read_table((published / replay.ROSTER).read_bytes())
    assert sorted(row["报名号"] for row in rows) == sorted(row["application_no"] for row in roster)
    book = openpyxl.load_workbook(published / replay.DRAW / "result.xlsx", read_only=True)
    sheet = list(book["派位结果"].values)
    place = sheet[0].index("报名号")
    assert [line[place] for line in sheet[1:]] == [row["报名号"] for row in rows]


def test_the_guarantee_of_the_shipped_lottery_is_met(published: Path) -> None:
    rules = json.loads((published / replay.RULES).read_text(encoding="utf-8"))
    roster = replay.read_table((published / replay.ROSTER).read_bytes())
    migrants = {row["application_no"] for row in roster if row["migrant"] == replay.YES}
    assert rules["migrant_guarantee"] >= 0.85 * len(migrants) > rules["migrant_guarantee"] - 1
    rows = replay.read_table((published / replay.DRAW / replay.RESULT).read_bytes())
    admitted = [row["application_no"] for row in rows if row["school_id"]]
    assert len(migrants & set(admitted)) >= rules["migrant_guarantee"]
    assert len(admitted) == 330


def test_nothing_personal_is_published(published: Path) -> None:
    head = (published / replay.ROSTER).read_text(encoding="utf-8-sig").splitlines()[0]
    assert set(head.split(",")) <= set(replay.HEADS.values())


def test_classes_of_the_shipped_county_are_published_drawn_and_replayed(tmp_path: Path) -> None:
    folder = publish_classes(shipped_scenarios() / "lottery.yaml", out=tmp_path / "分班").folder
    drawn = draw(folder, VALUES[:1])
    assert "4班" in drawn.summary()
    assert run_alone(folder / replay.SCRIPT).returncode == 0
    rows = replay.read_table((folder / replay.DRAW / replay.RESULT).read_bytes())
    assert {row["team"] for row in rows} == {"甲组", "乙组", "丙组", "丁组"}


def test_notices_are_in_english_where_messages_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LANGUAGE_VARIABLE, "en")
    day = "published_on: 2026-08-10, drawn_on: 2026-08-14"
    value = "public_values: [{name: Numbers, source: Office, date: 2026-08-13, digits: 6}]"
    who = f"title: Draw, organiser: Office, place: Hall, witnesses: [Notary], {day}, {value}"
    rosters = {"lottery_roster": "application_no,twins\nA1,T\nA2,T\nA3,\nA4,\n",
               "class_roster": "application_no,sex\nA1,男\nA2,女\nA3,男\nA4,女\n"}  # fmt: skip
    (tmp_path / "schools.csv").write_text("school_id,name\n0001,East\n0002,West\n", encoding="utf-8")
    for name, text in rosters.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    schools = '[{school_id: "0001", seats: 1, held_back: 1}, {school_id: "0002", seats: 2}]'
    path = tmp_path / "s.yaml"
    path.write_text(
        f"name: x\ndata: {{folder: .}}\nlottery: {{{who}, schools: {schools}}}\n"
        f'class_draw: {{{who}, school_id: "0001", grade: 1, classes: 2, teams: [Red, Blue]}}\n', encoding="utf-8",
    )  # fmt: skip
    for publish, name in ((publish_lottery, "a"), (publish_classes, "b")):
        folder = publish(path, out=tmp_path / name).folder
        draw(folder, rehearse=True)
        draw(folder, ["123456"])
        for notice in sorted(folder.rglob("notice.html")):
            text = notice.read_text(encoding="utf-8")
            assert re.findall(r"[\u4e00-\u9fff]+", text.partition("<body>")[2]) == []
            assert 'lang="en"' in text


@pytest.mark.parametrize(
    ("block", "roster", "said"),
    [
        (lottery(), "报名号,姓名\nA1,张三\n", "个人信息"),
        (lottery(schools='[{school_id: "0009", seats: 2}]'), "报名号\nA1\n", "0009"),
        (lottery("  migrant_guarantee: 1\n"), "报名号,随迁子女\nA1,是\nA2,是\nA3,是\n", "随迁子女保障 3 人"),
        (lottery(), "报名号\n", "空的"),
    ],
)
def test_what_forbids_a_lottery_is_told_before_anything_is_written(
    tmp_path: Path, block: str, roster: str, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        publish_lottery(project(tmp_path, block, roster))
    assert not (tmp_path / "lottery").exists()


def test_a_scenario_without_the_block_or_the_roster_is_told(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="lottery"):
        publish_lottery(project(tmp_path, ""))
    with pytest.raises(ScenarioError, match="class_draw"):
        publish_classes(tmp_path / "s.yaml")
    (tmp_path / "lottery_roster.csv").unlink()
    scenario = project(tmp_path, lottery(), name="else")
    with pytest.raises(InputError, match="派位报名表"):
        publish_lottery(scenario)


def test_seats_for_everyone_are_remarked_upon(tmp_path: Path) -> None:
    published = publish_lottery(project(tmp_path, lottery(), "报名号\nA1\n"))
    assert "学位够用" in published.summary()
    assert "--rehearse" in published.summary()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("date: 2026-08-13", "date: 2026-08-10", "换一个公布承诺以后才有的数"),
        ("date: 2026-08-13", "date: 8月13日", "日期写成"),
        ("digits: 6", "digits: 3", "合计只有 3 位"),
        ("seats: 2}]", 'seats: 2}, {school_id: "0001", seats: 3}]', "写了两次"),
    ],
)
def test_a_scenario_by_which_no_fair_seed_can_be_made_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        publish_lottery(project(tmp_path, lottery().replace(old, new)))


def test_a_check_reads_the_rosters_that_the_blocks_name(tmp_path: Path) -> None:
    draw_block = f"class_draw:\n  title: 分班{DAYS}  school_id: '0009'\n  grade: 1\n"
    roster = "报名号,第一志愿\nA1,0001\nA2,北小学\n"
    path = project(tmp_path, lottery(schools='[{school_id: "0001", seats: 1}]') + draw_block, roster)
    (tmp_path / "class_roster.csv").write_text("报名号,性别,姓名\nA1,男,张\nA2,不详,李\n", encoding="utf-8")
    codes = {(flaw.file, flaw.code) for flaw in check(path)}
    assert {
        ("lottery_roster.csv", "word_unknown"), ("class_roster.csv", "roster_personal"),
        ("class_roster.csv", "word_unknown"), ("s.yaml", "school_unknown"),
    } <= codes  # fmt: skip
    # Nothing of the draws keeps the county from being planned.
    assert not any(flaw.code == "roster_personal" for flaw in prepare(path).flaws)


def test_a_check_tells_of_twins_who_do_not_fit(tmp_path: Path) -> None:
    block = f"class_draw:\n  title: 分班{DAYS}  school_id: '0001'\n  grade: 1\n  classes: 2\n"
    roster = "报名号,性别,同胞组,同胞编班\nA1,男,1,分班\nA2,男,1,分班\nA3,女,1,分班\nA4,女,,\n"
    flaws = check(project(tmp_path, block, roster, "class_roster"))
    assert [(flaw.file, flaw.key) for flaw in flaws if flaw.code == "classes_impossible"] == [("s.yaml", "class_draw")]

"""A user's mistakes, typed at the command line: one message with all of them, code 2, nothing left behind."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
import rasterio

from layout_planner.cli import main
from layout_planner.examples import write_county

SCENARIO = "name: 现状\ndata: {folder: ../data, crs: {schools: gcj02}}\n"


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clean")
    write_county(folder / "data", size="tiny", seed=3)
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "baseline.yaml").write_text(SCENARIO, encoding="utf-8")
    return folder


@pytest.fixture
def project(clean: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(clean, tmp_path / "project"))


def refusal(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """Run the baseline at the command line; give what it says and check that it left nothing."""
    before = sorted(p for p in project.rglob("*") if p.is_file())
    monkeypatch.setattr("sys.argv", ["layout-planner", "run", str(project / "scenarios" / "baseline.yaml")])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert "Traceback" not in said
    assert not (project / "runs").exists()
    assert before == sorted(p for p in project.rglob("*") if p.is_file())
    return said


def test_five_mistakes_of_a_scenario(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        "name: 错\n"
        "data: {folder: ../data, crs: {schools: gcj02}}\n"
        "demnd: {source: raster}\n"
        "travel: {walk_limit_min: {G1-3: -30}, cutoff_min: 两小时}\n"
        "assign: {method: neerest}\n"
        'decisions: {close: ["0000000001"]}\n'
    )
    (project / "scenarios" / "baseline.yaml").write_text(text, encoding="utf-8")
    said = refusal(project, monkeypatch, capsys)
    assert "5 处问题" in said
    for line, word in ((3, "demand"), (4, "-30"), (4, "两小时"), (5, "nearest")):
        assert any(f"第 {line} 行" in row and word in row for row in said.splitlines()), (line, word)
    assert "0000000001" in said


def test_ten_mistakes_of_a_school_table(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = project / "data" / "schools.xlsx"
    table = pd.read_excel(path, sheet_name="学校基本情况", dtype=str, engine="calamine").fillna("")
    path.unlink()
    lon, lat = (next(c for c in table.columns if c.startswith(word)) for word in ("经度", "纬度"))
    grade = next(c for c in table.columns if c.startswith("一年级"))
    seats = next((c for c in table.columns if c.startswith("核定学位")), "核定学位数（人）")
    table[seats] = table.get(seats, "")
    table.loc[1, "学校代码"] = table.loc[0, "学校代码"]
    table.loc[2, lon] = ""
    table.loc[3, [lon, lat]] = table.loc[3, [lat, lon]].to_numpy()
    table.loc[4, grade] = "二十几人"
    table.loc[5, seats] = "-30"
    table.loc[6, "学校类别"] = "夏令营"
    table.loc[7, lon] = "104.06"
    table.loc[8, "学校代码"] = table.loc[8, "学校代码"].lstrip("0")
    blank = pd.DataFrame([dict.fromkeys(table.columns, "")])
    table = pd.concat([table.iloc[:10], blank, table.iloc[10:]], ignore_index=True)
    table.to_csv(project / "data" / "schools.csv", index=False, encoding="gb18030")
    said = refusal(project, monkeypatch, capsys)
    expected = {
        2: "重复",  # or row 3, whichever the reader names
        4: "经度",
        5: "对调",
        6: "二十几人",
        7: "-30",
        8: "夏令营",
        9: "县",
        10: "前导零",
    }
    for row, word in expected.items():
        rows = [line for line in said.splitlines() if f"第 {row} 行" in line or (row == 2 and "第 3 行" in line)]
        assert any(word in line for line in rows), f"row {row}: {word}\n{said}"
    assert any("空白行" in line or "空行" in line for line in said.splitlines()), said
    assert any("GB" in line.upper() for line in said.splitlines()), said


def test_a_truncated_extract_and_a_raster_without_crs_come_together(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    roads = project / "data" / "roads.osm.pbf"
    roads.write_bytes(roads.read_bytes()[:-200])
    raster = sorted((project / "data" / "population").glob("*_5_2020.tif"))[0]
    with rasterio.open(raster) as source:
        profile, values = source.profile, source.read(1)
    profile.update(crs=None)
    with rasterio.open(raster, "w", **profile) as target:
        target.write(values, 1)
    said = refusal(project, monkeypatch, capsys)
    assert "2 处问题" in said
    assert "roads.osm.pbf" in said
    assert raster.name in said
    assert "坐标系" in said

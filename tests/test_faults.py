"""The shipped county is clean, and each of many faults put into a copy of it is found where it stands."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from layout_planner.errors import Flaw, Severity
from layout_planner.examples import shipped_folder, shipped_scenarios
from layout_planner.prepare import check, check_report
from tests.faults import CONTRADICTIONS, ERRORS, Fault, cut_short, inject, multiply_township, strip_crs

SCENARIO = "name: 现状\ndata: {folder: data, crs: {schools: gcj02}}\n"


def copy(folder: Path, extra: str = "") -> Path:
    shutil.copytree(shipped_folder(), folder / "data")
    scenario = folder / "baseline.yaml"
    scenario.write_text(SCENARIO + extra, encoding="utf-8")
    return scenario


@pytest.fixture(scope="module")
def contradicted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Flaw, ...]:
    """What a check says of a county whose tables contradict each other."""
    scenario = copy(tmp_path_factory.mktemp("contradicted"))
    inject(scenario.parent / "data", CONTRADICTIONS)
    multiply_township(scenario.parent / "data" / "townships.geojson", "990101108", "pupils_g1_3", 10)
    return check(scenario)


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Flaw, ...]:
    """What a check says of a county that cannot be used."""
    scenario = copy(tmp_path_factory.mktemp("broken"), "demnd: {source: raster}\ntravel: {cutoff_min: 两小时}\n")
    data = scenario.parent / "data"
    inject(data, ERRORS)
    strip_crs(data / "population" / "xyl_f_5_2020.tif")
    cut_short(data / "roads.osm.pbf")
    return check(scenario)


def found(fault: Fault, flaws: tuple[Flaw, ...]) -> list[Flaw]:
    return [
        flaw
        for flaw in flaws
        if (flaw.code, flaw.file, flaw.sheet, flaw.row) == (fault.code, fault.file, fault.sheet, fault.row)
        and flaw.column.startswith(fault.column)
    ]


def test_the_clean_county_has_nothing_to_mend() -> None:
    flaws = check(shipped_scenarios() / "baseline.yaml")
    assert {flaw.severity for flaw in flaws} <= {Severity.NOTE}
    assert {flaw.code for flaw in flaws} <= {"calibrated"}  # says how, not that anything is wrong


def test_there_are_forty_faults_of_twenty_kinds() -> None:
    faults = (*CONTRADICTIONS, *ERRORS)
    assert len(faults) >= 40
    assert len({fault.code for fault in faults}) >= 20


@pytest.mark.parametrize("fault", CONTRADICTIONS, ids=lambda f: f"{f.code}-{f.sheet}-{f.row}")
def test_each_contradiction_is_found_with_its_cells(fault: Fault, contradicted: tuple[Flaw, ...]) -> None:
    flaws = found(fault, contradicted)
    assert flaws, [f.render("zh") for f in contradicted if f.row == fault.row]
    assert all(flaw.severity is not Severity.ERROR for flaw in flaws)
    assert flaws[0].mend.zh
    assert flaws[0].cells
    assert all(cell.address for cell in flaws[0].cells)


def test_a_township_total_that_its_villages_do_not_make_is_found(contradicted: tuple[Flaw, ...]) -> None:
    flaws = [flaw for flaw in contradicted if flaw.code == "township_total"]
    assert any(flaw.column.startswith("1—3年级") for flaw in flaws)


@pytest.mark.parametrize("fault", ERRORS, ids=lambda f: f"{f.code}-{f.sheet}-{f.row}")
def test_each_error_is_found(fault: Fault, broken: tuple[Flaw, ...]) -> None:
    flaws = found(fault, broken)
    assert flaws, [f.render("zh") for f in broken if f.row == fault.row]
    assert any(flaw.severity is Severity.ERROR for flaw in flaws)


@pytest.mark.parametrize(
    ("file", "word"),
    [("xyl_f_5_2020.tif", "坐标系"), ("roads.osm.pbf", ""), ("baseline.yaml", "demand"), ("baseline.yaml", "两小时")],
)
def test_faults_of_rasters_roads_and_scenario_come_with_them(file: str, word: str, broken: tuple[Flaw, ...]) -> None:
    assert any(flaw.file == file and word in flaw.render("zh") for flaw in broken)


def test_a_report_is_written_whole_and_never_over_an_earlier_one(tmp_path: Path) -> None:
    scenario = tmp_path / "a.yaml"
    scenario.write_text("name: 现状\ndata: {folder: nowhere}\n", encoding="utf-8")
    results = [check_report(scenario, out=tmp_path / "检查") for _ in range(2)]
    assert [folder.name for _, folder in results] == ["检查", "检查-2"]
    for flaws, folder in results:
        assert any(flaw.severity is Severity.ERROR for flaw in flaws)
        assert sorted(p.name for p in folder.iterdir()) == ["数据检查.html", "数据检查.xlsx"]
        assert "改正错误后才能计算" in (folder / "数据检查.html").read_text(encoding="utf-8")
    assert not list(tmp_path.glob(".*"))

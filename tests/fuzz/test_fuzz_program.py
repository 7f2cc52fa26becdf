"""One thing in a whole county is damaged: the check says so, or the county is still what it was."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from layout_planner.cli import main
from layout_planner.config.loader import load_scenario
from layout_planner.errors import LayoutError
from layout_planner.examples import write_county
from layout_planner.io.county import County
from layout_planner.io.read import read_county
from layout_planner.run import check

from .conftest import Place, fuzzed
from .damage import damaged, noise

SCENARIO = "name: 现状\ndata: {folder: data, crs: {schools: gcj02}}\n"
_ROLES = ("boundary.*", "townships.*", "villages.*", "schools.*", "rivers.*", "roads.*", "terrain.*", "population/*")


@dataclass(frozen=True)
class Clean:
    """A county without a fault, and what it adds up to."""

    folder: Path
    totals: dict[str, object]


def totals(county: County) -> dict[str, object]:
    """Add up what a county holds: schools with their codes, enrolment, people, townships' pupils."""
    people = county.population
    counts = [c for c in county.schools if str(c).startswith(("enrol", "seats", "rooms", "beds"))]
    return {
        "schools": sorted(county.schools["school_id"]),
        "villages": sorted(county.villages["village_id"]),
        "townships": sorted(county.townships["township_id"]),
        "counts": county.schools[counts].fillna(0).sum().to_dict(),
        "pupils": county.townships.filter(like="pupils").fillna(0).sum().to_dict(),
        "people": 0.0 if people is None else round(float(people.filter(like="people").to_numpy().sum()), 3),
    }


@pytest.fixture(scope="module")
def clean(place: Place) -> Clean:
    folder = place("clean")
    write_county(folder / "data", size="tiny", seed=3)
    (folder / "a.yaml").write_text(SCENARIO, encoding="utf-8")
    return Clean(folder, totals(read_county(load_scenario(folder / "a.yaml"))))


def copied(clean: Clean, place: Place) -> Path:
    return Path(shutil.copytree(clean.folder, place("county")))


def run_check(folder: Path) -> int:
    """Check at the command line; a traceback fails the test, and nothing may be written."""
    before = sorted(folder.rglob("*"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["layout-planner", "check", str(folder / "a.yaml")])
        with pytest.raises(SystemExit) as ended:
            main()
    assert sorted(folder.rglob("*")) == before
    assert ended.value.code in (0, 2)
    return int(ended.value.code)


@fuzzed(6)
@given(data=st.data())
def test_a_damaged_file_never_ends_in_a_traceback(clean: Clean, place: Place, data: st.DataObject) -> None:
    folder = copied(clean, place)
    role = data.draw(st.sampled_from(_ROLES))
    path = data.draw(st.sampled_from(sorted((folder / "data").glob(role))))
    path.write_bytes(data.draw(noise | damaged(path.read_bytes())))
    run_check(folder)


_CELLS = st.one_of(
    st.none(),
    st.integers(-5, 10**13),
    st.floats(allow_nan=False),
    st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=6),
    st.booleans(),
    st.sampled_from(
        ["合计", "注：", "#REF!", "三十", "35①", "停办", "0990101", "１２", "1,234", "学校代码", "=1+1", "110.7,32.1"]
    ),
)


@fuzzed(4)
@given(data=st.data())
def test_a_changed_cell_is_told_or_is_all_that_changed(clean: Clean, place: Place, data: st.DataObject) -> None:
    folder = copied(clean, place)
    path = folder / "data" / "schools.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    row, column = data.draw(st.integers(1, sheet.max_row)), data.draw(st.integers(1, sheet.max_column))
    old, new = sheet.cell(row, column).value, data.draw(_CELLS)
    sheet.cell(row, column).value = new
    book.save(path)
    flaws = check(folder / "a.yaml")
    note(f"{old!r} -> {new!r} in row {row}, column {column}: {[f.render('en') for f in flaws]}")
    if flaws:
        return
    try:
        found = totals(read_county(load_scenario(folder / "a.yaml")))
    except LayoutError as error:
        pytest.fail(f"the check found nothing, and yet: {error.render('en')}")
    same = {key: value for key, value in found.items() if key != "counts"}
    assert same == {key: value for key, value in clean.totals.items() if key != "counts"}
    differing = {k for k, v in found["counts"].items() if v != clean.totals["counts"][k]}  # type: ignore[attr-defined,index]
    assert len(differing) <= 1

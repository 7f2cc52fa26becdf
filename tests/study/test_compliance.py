"""The command ``study``: what is wrong with enrolment and catchments is told at once, before anything is computed."""

from __future__ import annotations

from pathlib import Path

import pytest

from layout_planner import compliance
from layout_planner.config.scenario import Data
from layout_planner.errors import InputError
from layout_planner.io.county import InputFile
from tests import small_county


def test_mistakes_of_enrolment_and_catchments_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "village_enrolment.csv").write_text("村代码,学校代码,年级,人数\nV1,S9,一年级,3\n", encoding="utf-8")
    (tmp_path / "zones.csv").write_text("村代码,学校代码\nV1,S8\n", encoding="utf-8")
    data = Data(folder=tmp_path, zones=tmp_path / "zones.csv")
    with pytest.raises(InputError) as caught:
        compliance._inputs(small_county.scenario(data=data), small_county.county(), plan=False)
    assert [(flaw.code, flaw.file) for flaw in caught.value.flaws] == [
        ("unknown_school", "village_enrolment.csv"), ("unknown_school", "zones.csv"),
    ]  # fmt: skip


def test_a_missing_table_says_which_template_to_fill_in(tmp_path: Path) -> None:
    scenario = small_county.scenario(data=Data(folder=tmp_path))
    with pytest.raises(InputError) as caught:
        compliance._inputs(scenario, small_county.county(), plan=False)
    (flaw,) = caught.value.flaws
    assert flaw.key == "data.village_enrolment"
    assert "template village_enrolment" in flaw.mend.en
    assert compliance._inputs(scenario, small_county.county(), plan=True) == (None, None, ())


def test_what_was_read_goes_into_the_manifest(tmp_path: Path) -> None:
    table = tmp_path / "village_enrolment.csv"
    table.write_text("村代码,学校代码,年级,人数\nV1,S1,一年级,3\n", encoding="utf-8")
    scenario = small_county.scenario(data=Data(folder=tmp_path))
    enrolment, zones, used = compliance._inputs(scenario, small_county.county(), plan=False)
    assert enrolment is not None
    assert zones is None
    assert [type(item) for item in used] == [InputFile]
    assert used[0].path.name == table.name

from __future__ import annotations

from pathlib import Path

import pytest

from layout_planner.columns import PROJECTS
from layout_planner.io.tables import load_table
from layout_planner.io.words import PROJECT_KINDS, parse_project_kind, settle_project_words

from .conftest import write_xlsx

HEADER: list[object] = [
    "小区编号", "小区名称", "类型", "所属乡镇", "经度", "纬度", "总户数", "交付时间", "入住率",
    "每百户1—3年级学生数（人/百户）",
]  # fmt: skip


def test_estates_and_school_projects_stand_in_one_table(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        HEADER,
        ["01", "锦绣花园", "已建成小区", "城关镇", 110.80, 32.50, 1200, None, 0.85, 12.5],
        ["02", "滨江安置区", "易地搬迁安置", "城关镇", 110.81, 32.51, 460, 2026, "60%", None],
        ["03", "城东小学", "新建学校", "城关镇", 110.82, 32.52, None, 2027, None, None],
    ]
    loaded = load_table(write_xlsx(tmp_path / "p.xlsx", {"小区": rows}), PROJECTS)
    settle_project_words(loaded)
    assert loaded.flaws == []
    assert loaded.frame["project_id"].tolist() == ["01", "02", "03"]
    assert loaded.frame["kind"].tolist() == ["existing_estate", "resettlement", "new_school"]
    assert loaded.frame["occupancy"].tolist()[:2] == [0.85, 0.6]
    assert loaded.frame["pupils_per_100_households_g1_3"].iloc[0] == 12.5


def test_an_unknown_kind_names_its_cell(tmp_path: Path) -> None:
    rows: list[list[object]] = [HEADER, ["01", "仓库", "物流", "城关镇", 110.8, 32.5, None, None, None, None]]
    loaded = load_table(write_xlsx(tmp_path / "p.xlsx", {"小区": rows}), PROJECTS)
    settle_project_words(loaded)
    assert [(f.code, f.row, f.column) for f in loaded.flaws] == [("kind_unknown", 2, "类型")]


@pytest.mark.parametrize(("kind", "zh"), PROJECT_KINDS.items())
def test_each_kind_is_read_from_its_own_words(kind: str, zh: str) -> None:
    assert parse_project_kind(kind) == parse_project_kind(zh) == kind

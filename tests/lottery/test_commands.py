"""The commands of ``layout-planner lottery`` as an office types them."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from layout_planner.cli import app
from layout_planner.errors import InputError
from layout_planner.examples import shipped_scenarios


def said(*words: str | Path) -> str:
    done = CliRunner().invoke(app, ["lottery", *map(str, words)])
    if done.exception is not None:
        raise done.exception
    return done.stdout


def test_publish_rehearse_draw_and_replay(tmp_path: Path) -> None:
    folder, scenario = tmp_path / "派位", shipped_scenarios() / "lottery.yaml"
    assert "承诺哈希" in said("publish", scenario, "--out", folder)
    assert "模拟抽签" in said("draw", folder, "--rehearse")
    assert "正式抽签" in said("draw", folder, "--value", "03 08 15 21 26 33 09", "--value", "417702")
    assert said("replay", folder).count("✓") == 6


def test_classes_are_published_by_a_command_of_their_own(tmp_path: Path) -> None:
    folder, scenario = tmp_path / "分班", shipped_scenarios() / "lottery.yaml"
    assert "157 人" in said("publish-classes", scenario, "--set", "class_draw.grade=1", "--out", folder)


def test_a_folder_that_nobody_published_is_told(tmp_path: Path) -> None:
    for command in ("draw", "replay"):
        with pytest.raises(InputError, match="不是公布的文件夹"):
            said(command, tmp_path)

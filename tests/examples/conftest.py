"""Fixtures: the shipped county and a tiny one."""

from __future__ import annotations

from pathlib import Path

import pytest

from layout_planner import examples
from tests.examples.county_files import Files, read_files


@pytest.fixture(scope="session")
def shipped() -> Files:
    return read_files(examples.shipped_folder())


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    examples.write_county(folder, size="tiny")
    return folder


@pytest.fixture(scope="session")
def tiny(tiny_folder: Path) -> Files:
    return read_files(tiny_folder)


@pytest.fixture(params=["shipped", "tiny"])
def county(request: pytest.FixtureRequest) -> Files:
    return request.getfixturevalue(request.param)

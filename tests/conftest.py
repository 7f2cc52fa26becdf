"""Fixtures that several rooms share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from layout_planner.examples import write_county

settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of data that none of us made; skips where it is absent."""
    folder = Path(os.environ.get("LAYOUT_PLANNER_REAL_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder.name}: set LAYOUT_PLANNER_REAL_DATA to a folder that holds it")
    return folder


@pytest.fixture(scope="session")
def tiny_county(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path, int], None]:
    """Copy the files of the tiny county of a seed into a folder; each is invented once a session."""
    root = tmp_path_factory.mktemp("counties")

    def copy(folder: Path, seed: int) -> None:
        made = root / str(seed)
        if not made.is_dir():
            write_county(made, size="tiny", seed=seed)
        shutil.copytree(made, folder)

    return copy

"""How much to fuzz: a quick repeatable round by default, a long one where LAYOUT_PLANNER_FUZZ multiplies it.

``LAYOUT_PLANNER_FUZZ=100 pytest tests/fuzz`` runs a hundred times the examples, other ones each time.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

TIMES = float(os.environ.get("LAYOUT_PLANNER_FUZZ", "1"))
Place = Callable[[str], Path]


def fuzzed(examples: int) -> settings:
    """Settings of one fuzz test with so many examples in the quick round."""
    return settings(
        max_examples=max(1, int(examples * TIMES)),
        derandomize=TIMES <= 1,
        database=None,
        deadline=None,
        print_blob=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Make a fresh path for a file of that name; its neighbours are its own."""
    root, number = tmp_path_factory.mktemp("fuzz"), itertools.count()

    def fresh(name: str) -> Path:
        folder = root / str(next(number))
        folder.mkdir()
        return folder / name

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAYOUT_PLANNER_CACHE", str(root / "cache"))
        yield fresh

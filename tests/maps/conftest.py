from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from map_fakes import fake_county, fake_plan


@pytest.fixture(scope="session")
def county():
    return fake_county()


@pytest.fixture(scope="session")
def today(county):
    return fake_plan(county)


@pytest.fixture(scope="session")
def merged(county):
    return fake_plan(county, "合并方案", close=(10,), convert=(11,))


@pytest.fixture(scope="session")
def big():
    """A county of the size that ships: 8,000 cells, 110 schools, 190 villages."""
    return fake_county(8000, 190, 110, 14)

"""The bars of the benchmarks: what was wanted, what was measured, and one table of them all at the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

Bars = Callable[[str, str, str, bool], None]
"""Told what is measured, its bar, the measured figure, and whether the bar is met."""


class Bar(NamedTuple):
    """One line of the last table."""

    what: str
    bar: str
    measured: str
    met: bool


TABLE = pytest.StashKey[list[Bar]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TABLE] = []


@pytest.fixture(scope="session")
def bars(request: pytest.FixtureRequest) -> Bars:
    """Collect bars for the last table; a missed one makes the whole run fail at its end."""
    table = request.config.stash[TABLE]

    def told(what: str, bar: str, measured: str, met: bool) -> None:
        table.append(Bar(what, bar, measured, bool(met)))

    return told


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if exitstatus == pytest.ExitCode.OK and not all(row.met for row in session.config.stash[TABLE]):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    rows = config.stash[TABLE]
    if not rows:
        return
    wide, bar, measured = (max(len(row[k]) for row in [*rows, Bar._fields]) for k in range(3))
    terminalreporter.section(f"bars: {sum(row.met for row in rows)} of {len(rows)} met")
    for row in [Bar("what", "bar", "measured", True), *rows]:
        told = "met" if row.what == "what" else "yes" if row.met else "NO"
        terminalreporter.write_line(f"{row.what:{wide}}  {row.bar:{bar}}  {row.measured:>{measured}}  {told}")

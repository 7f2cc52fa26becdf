"""When a search stops and what it says on the way: time limit, cancellation, progress."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from numbers import Real
from typing import TypeAlias

import numpy as np
from numba.core import event

from layout_planner.errors import LayoutError, Text

__all__ = ["Cancel", "Progress", "Watch", "check_search"]

_LARGEST_SEED = 2**31 - 1

Progress: TypeAlias = Callable[[float, float, float], None]
"""Told the seconds so far, the best objective and the proven bound."""

Cancel: TypeAlias = Callable[[], bool]
"""Asked now and then; ``True`` ends the search with the best plan so far."""


class _Compiling(event.Listener):
    """Add up the seconds that kernels take to compile, which they do once on a machine."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._depth = 0
        self._began = 0.0

    def on_start(self, _event: event.Event) -> None:
        """Begin to count with the outermost kernel."""
        if self._depth == 0:
            self._began = time.perf_counter()
        self._depth += 1

    def on_end(self, _event: event.Event) -> None:
        """Count what the outermost kernel took."""
        self._depth -= 1
        if self._depth == 0:
            self.seconds += time.perf_counter() - self._began


_COMPILING = _Compiling()
event.register("numba:compile", _COMPILING)  # type: ignore[no-untyped-call]


def _now() -> float:
    """Read the clock, which stands still while kernels compile."""
    return time.perf_counter() - _COMPILING.seconds


def check_search(gap: float, seed: int) -> None:
    """Refuse a gap that is no share, and a seed that no generator takes.

    Raises
    ------
    LayoutError
        If ``gap`` is negative or not a number, or ``seed`` not a whole number from 0 to 2³¹ − 1.
    """
    if not (isinstance(gap, Real) and gap >= 0):
        raise LayoutError(
            Text(f"gap 须是不小于 0 的比例，如 0.01：{gap!r}", f"gap is a share ≥ 0, such as 0.01: {gap!r}")
        )
    if not (isinstance(seed, (int, np.integer)) and 0 <= seed <= _LARGEST_SEED):
        raise LayoutError(Text(f"seed 须是不小于 0 的整数：{seed!r}", f"seed is a whole number ≥ 0: {seed!r}"))


@dataclass
class Watch:
    """Follow one call from its beginning: seconds used and left, whether to stop, and who wants to be told.

    ``time_limit`` in seconds. The clock stands still while kernels compile, once on a machine: otherwise the first
    search would spend its time on that and could end without a plan.
    """

    time_limit: float
    progress: Progress | None = None
    cancel: Cancel | None = None
    began: float = field(default_factory=_now)

    def __post_init__(self) -> None:
        """Refuse a limit that is no time.

        Raises
        ------
        LayoutError
            If ``time_limit`` is negative or not a number.
        """
        if not (isinstance(self.time_limit, Real) and self.time_limit >= 0):
            what = f"time_limit = {self.time_limit}"
            raise LayoutError(Text(f"时限须是不小于 0 的秒数：{what}", f"seconds that are not negative: {what}"))

    @property
    def elapsed(self) -> float:
        """Seconds since the call began."""
        return _now() - self.began

    @property
    def left(self) -> float:
        """Seconds until the time limit, at least 0."""
        return max(0.0, self.time_limit - self.elapsed)

    def part(self, share: float) -> Watch:
        """Follow the same call to an earlier end, after a share of the time that is left."""
        return replace(self, time_limit=self.elapsed + share * self.left)

    def stopped(self) -> bool:
        """Tell whether the time is up or the caller has cancelled."""
        return self.elapsed >= self.time_limit or (self.cancel is not None and self.cancel())

    def tell(self, objective: float, bound: float) -> None:
        """Report the best objective and the proven bound so far."""
        if self.progress is not None:
            self.progress(self.elapsed, objective, bound)

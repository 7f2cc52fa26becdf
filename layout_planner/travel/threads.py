"""Work in blocks on threads, with results in order whatever the number of threads."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["Progress", "in_blocks"]

Result = TypeVar("Result")
Progress = Callable[[float], None]


def in_blocks(
    work: Callable[[int, int], Result], n: int, size: int, workers: int | None = None, progress: Progress | None = None
) -> list[Result]:
    """Run ``work(begin, end)`` over 0 to n in blocks on threads; results come in the order of the blocks.

    ``progress`` is told the share that is done, from 0 to 1, always in the calling thread.
    """
    bounds = [(i, min(n, i + size)) for i in range(0, n, max(1, size))]
    workers = min(len(bounds), workers or os.cpu_count() or 1)
    results: list[Result] = []
    with ThreadPoolExecutor(max(1, workers)) as pool:
        for result in pool.map(lambda b: work(*b), bounds):
            results.append(result)
            if progress is not None:
                progress(len(results) / len(bounds))
    return results

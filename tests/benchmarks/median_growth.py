"""Draw how the cost of proven medians grows: ``python -m tests.benchmarks.median_growth`` writes the chart."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from layout_planner.locate import p_median
from tests.benchmarks.growth_chart import Curve, draw
from tests.benchmarks.location_instances import plane
from tests.benchmarks.test_locate_median_bench import spopt_median

TARGET = Path(__file__).resolve().parents[2] / "docs" / "median_growth.png"
SIZES = ((250, 25), (500, 50), (1000, 100), (2000, 200), (4000, 400), (8000, 800), (20_000, 1000))
LIMIT_S = 30.0
LOOKS = {
    "proven to 1 %": {"color": "#0b6e4f", "marker": "o"},
    "proven to 0.1 %": {"color": "#0b6e4f", "marker": "o", "linestyle": ":", "fillstyle": "none"},
    "spopt with HiGHS": {"color": "#b5651d", "marker": "s"},
}


def curve(solve: Callable[[np.ndarray, int], float | None], share: float) -> Curve:
    """Time growing instances until one is not solved within the limit."""
    pairs: list[float] = []
    seconds: list[float] = []
    for n, m in SIZES:
        took = solve(plane(n, m), round(m * share))
        if took is None:
            break
        pairs.append(n * m)
        seconds.append(took)
    return pairs, seconds


def ours(gap: float) -> Callable[[np.ndarray, int], float | None]:
    def solve(cost: np.ndarray, p: int) -> float | None:
        result = p_median(cost, p, gap=gap, time_limit=LIMIT_S)
        return result.runtime if result.gap <= gap else None

    return solve


def theirs(cost: np.ndarray, p: int) -> float | None:
    seconds = spopt_median(cost, p, LIMIT_S)[1]
    return seconds if seconds < LIMIT_S else None


def main(target: Path = TARGET) -> None:
    p_median(np.random.default_rng(0).random((60, 20)), 5, gap=0.0)
    engines = dict(zip(LOOKS, (ours(0.01), ours(0.001), theirs), strict=True))
    panels = {
        (f"{share:.0%} of the sites are opened", "demand points × sites"): {
            label: curve(solve, share) for label, solve in engines.items()
        }
        for share in (0.3, 0.1)
    }
    draw(panels, LOOKS, f"What a p-median costs on one thread, sizes solved within {LIMIT_S:g} seconds", target)


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:]))

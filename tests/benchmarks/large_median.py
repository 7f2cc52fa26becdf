"""A large p-median in a process of its own: ``python -m tests.benchmarks.large_median N M P GAP SECONDS``.

Prints one line of JSON: cost, proven gap, seconds, and the most memory that the whole process held, in MiB.
"""

from __future__ import annotations

import json
import sys

import numpy as np

from layout_planner.locate import p_median
from layout_planner.testing import assert_plan_valid
from tests.benchmarks.location_instances import plane
from tests.benchmarks.raster_reading import peak_mib


def main(n: int, m: int, p: int, gap: float, time_limit: float) -> None:
    p_median(np.random.default_rng(0).random((60, 20)), 5, gap=0.0)
    cost = plane(n, m)
    result = p_median(cost, p, gap=gap, time_limit=time_limit)
    mib = peak_mib()
    assert_plan_valid(result, cost=cost, p=p)
    print(json.dumps({"cost": result.objective, "gap": result.gap, "seconds": result.runtime, "mib": mib}))


if __name__ == "__main__":
    size, limits = [int(word) for word in sys.argv[1:4]], [float(word) for word in sys.argv[4:6]]
    main(*size, *limits)

"""P-median on an OR-Library instance: the published optimum, proven."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import shortest_path

from layout_planner.locate import Status, p_median

pytestmark = pytest.mark.real


@pytest.mark.parametrize(("name", "optimum"), [("pmed1", 5819), ("pmed3", 4250)])
def test_published_optimum_is_reached_and_proven(real_data, name, optimum):
    path = real_data / "orlib_pmed" / f"{name}.txt"
    numbers = np.array(path.read_text(encoding="utf-8").split(), dtype=float)
    n, _, p = numbers[:3].astype(int)
    edges = {
        (int(min(u, v)), int(max(u, v))): c for u, v, c in numbers[3:].reshape(-1, 3)
    }  # a repeated edge: the last one counts
    rows, cols = np.array(list(edges)).T - 1
    graph = coo_array((list(edges.values()), (rows, cols)), shape=(n, n)).tocsr()
    cost = shortest_path(graph, directed=False)
    result = p_median(cost, int(p))
    assert result.status is Status.OPTIMAL
    assert result.objective == optimum
    assert result.bound <= optimum + 1e-6

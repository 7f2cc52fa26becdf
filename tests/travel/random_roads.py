"""Random road networks for property tests."""

from __future__ import annotations

import numpy as np
from scipy.spatial import Delaunay

from layout_planner.travel import RoadNetwork
from tests.travel.road_builders import draw


def random_roads(seed: int, n: int = 25, side_m: float = 4000.0) -> RoadNetwork:
    """Draw bent roads between neighbours among random places; a third are one-way, a third of all are missing."""
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, side_m, (n, 2))
    triangles = Delaunay(xy).simplices
    links = np.unique(np.sort(np.vstack([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [0, 2]]])), axis=0)
    links = links[rng.random(len(links)) > 0.33]
    places = {i: (float(x), float(y)) for i, (x, y) in enumerate(xy)}
    roads = []
    for k, (a, b) in enumerate(links.tolist()):
        middle = (xy[a] + xy[b]) / 2 + rng.normal(0, 40, 2)
        places[1000 + k] = (float(middle[0]), float(middle[1]))
        kind = ["residential", "tertiary", "track"][rng.integers(3)]
        oneway = ["no", "yes", "-1"][max(0, rng.integers(9) - 6)]
        roads.append(((a, 1000 + k, b), {"highway": kind, "oneway": oneway}))
    return draw(places, roads)

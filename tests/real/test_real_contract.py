"""The contracted network on road extracts that none of us made: scipy's minutes everywhere, in every mode."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from layout_planner.io.osm import read_network
from layout_planner.travel import RoadNetwork, ride_profile, walk_profile
from layout_planner.travel.contract import Hierarchy, Order, sweep_pairs
from layout_planner.travel.search import SearchGraph, Terminals

pytestmark = pytest.mark.real

FILES = {
    "andorra": "osm_andorra/andorra.osm.pbf",
    "liechtenstein": "osm_liechtenstein/liechtenstein-latest.osm.pbf",
    "porto_alegre": "r5r_porto_alegre/poa_osm.pbf",
    "shanghai": "cn_shanghai_osm/shanghai.osm",
    "kathmandu": "worldpop_kathmandu/kathmandu_hw.gpkg",
}


@pytest.fixture(scope="module", params=sorted(FILES))
def network(request: pytest.FixtureRequest, real_data: Path) -> RoadNetwork:
    return read_network(real_data / FILES[request.param])


def at_nodes(network: RoadNetwork, minutes: tuple[np.ndarray, np.ndarray], *, leaving: bool) -> Terminals:
    """Stand at every node that an edge begins or ends at, without a way to the road."""
    edge = np.zeros(network.n_nodes, dtype=np.int32)
    along = np.zeros(network.n_nodes)
    for end, share in ((network.edge_u, 0.0), (network.edge_v, 1.0)):
        edge[end], along[end] = np.arange(network.n_edges), share
    return Terminals.build(network, *minutes, edge, along, np.zeros((network.n_nodes, 2)), leaving=leaving)


@pytest.mark.parametrize("profile", [walk_profile("walk", 4.5), ride_profile("ride")], ids=lambda p: p.mode)
def test_sweeps_equal_scipy_at_every_node(network: RoadNetwork, profile):
    minutes = profile.edge_minutes(network)
    graph = SearchGraph.build(network, *minutes)
    pick = np.random.default_rng(3).choice(network.n_nodes, 40, replace=False)
    edge_cost = np.column_stack([*minutes, network.length_m])
    origins, sites = (at_nodes(network, minutes, leaving=leaving) for leaving in (True, False))
    hierarchy = Hierarchy.build(Order.build(network), graph)
    indptr, indices, found, metres = sweep_pairs(hierarchy, sites.take(pick), origins, edge_cost, 1e9)
    row = np.repeat(np.arange(network.n_nodes), np.diff(indptr))
    ours = np.full((network.n_nodes, len(pick)), np.inf)
    ours[row, indices] = found
    arcs = csr_array((graph.minutes, graph.tail, graph.start), shape=(network.n_nodes,) * 2)
    truth = dijkstra(arcs, indices=pick).T
    assert np.array_equal(np.isfinite(ours), np.isfinite(truth))
    both = np.isfinite(truth)
    assert ours[both] == pytest.approx(truth[both], rel=1e-6, abs=1e-6)
    assert (metres >= 0).all()
    assert len(hierarchy.down[1]) < 6 * network.n_nodes

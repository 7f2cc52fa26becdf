"""Ways of an OpenStreetMap file before anybody judges them, and libosmium's reading of them."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import osmium

__all__ = ["MISSING", "OsmWays", "TagList", "number_lists", "read_with_osmium"]

Ints = npt.NDArray[np.int64]
TagList = Sequence[tuple[str, str]]

MISSING = 2_147_483_647
"""Coordinate of a node that the file does not hold."""


@dataclass(frozen=True, eq=False)
class OsmWays:
    """The w ways of interest, over n nodes.

    Attributes
    ----------
    start : (w + 1,) int64
        Offsets into ``vertex``.
    vertex : (p,) int64
        Positions of the nodes that the ways pass, one way after the other.
    node_id : (n,) int64
        Ids of the nodes, ascending.
    x, y : (n,) int64
        Longitude and latitude in units of 1e-7 degrees; ``MISSING`` where the file does not hold the node.
    way_id : (w,) int64
        Ids of the ways, in the order of the file.
    tag_lists : sequence of mappings
        The different lists of tags.
    tag_code : (w,) int64
        Position of each way's tags in ``tag_lists``.
    names : (w,) object
        Name, else reference, else the empty text.
    barrier_at : (b,) int64
        Positions of the nodes with a barrier.
    barrier_lists : sequence of mappings
        The different lists of tags of such nodes.
    barrier_code : (b,) int64
        Position of each one's tags in ``barrier_lists``.
    """

    start: Ints
    vertex: Ints
    node_id: Ints
    x: Ints
    y: Ints
    way_id: Ints
    tag_lists: Sequence[Mapping[str, str]]
    tag_code: Ints
    names: npt.NDArray[np.object_]
    barrier_at: Ints
    barrier_lists: Sequence[Mapping[str, str]]
    barrier_code: Ints


def number_lists(lists: Sequence[TagList]) -> tuple[list[dict[str, str]], Ints]:
    """Give lists of tags numbers by first appearance, whatever the order within a list: the lists, and codes."""
    number: dict[frozenset[tuple[str, str]], int] = {}
    codes = [number.setdefault(frozenset(tags), len(number)) for tags in lists]
    return [dict(sorted(tags)) for tags in number], np.array(codes, dtype=np.int64)


def read_with_osmium(path: Path, choosing: Sequence[str], kept: Sequence[str], barrier: str) -> OsmWays:
    """Read the ways that carry one of some keys, and where their nodes are, from any file that libosmium knows.

    Parameters
    ----------
    path : Path
        XML (plain, .gz, .bz2) or PBF; nodes must come before ways.
    choosing, kept : sequence of str
        Keys one of which a way must carry; keys whose tags are kept.
    barrier : str
        Key whose nodes keep their tags.

    Raises
    ------
    RuntimeError, OSError, ValueError
        As libosmium says, also of coordinates that are no numbers.
    """
    refs, xs, ys, starts, ids, barrier_ids = (array("q") for _ in range(6))
    starts.append(0)
    names: list[str] = []
    lists: list[TagList] = []
    barriers: list[TagList] = []
    wanted = frozenset(kept)
    reader = osmium.FileProcessor(path, osmium.osm.NODE | osmium.osm.WAY).with_locations()
    for item in _items(reader.with_filter(osmium.filter.KeyFilter(*choosing, barrier))):
        tags = {tag.k: tag.v for tag in item.tags}
        if isinstance(item, osmium.osm.Node) and barrier in tags:
            barrier_ids.append(item.id)
            barriers.append(list(tags.items()))
        if not isinstance(item, osmium.osm.Way) or not any(key in tags for key in choosing):
            continue
        for node in item.nodes:
            refs.append(node.ref)
            xs.append(node.x)
            ys.append(node.y)
        starts.append(len(refs))
        ids.append(item.id)
        lists.append([(key, value) for key, value in tags.items() if key in wanted])
        names.append(tags.get("name") or tags.get("ref") or "")
    node_id, first, vertex = np.unique(_ints(refs), return_index=True, return_inverse=True)
    passed = np.isin(_ints(barrier_ids), node_id)
    tag_lists, tag_code = number_lists(lists)
    barrier_lists, barrier_code = number_lists([barriers[i] for i in np.flatnonzero(passed)])
    return OsmWays(
        start=_ints(starts), vertex=vertex, node_id=node_id, x=_ints(xs)[first], y=_ints(ys)[first],
        way_id=_ints(ids), tag_lists=tag_lists, tag_code=tag_code, names=np.array(names, dtype=object),
        barrier_at=np.searchsorted(node_id, _ints(barrier_ids)[passed]), barrier_lists=barrier_lists,
        barrier_code=barrier_code,
    )  # fmt: skip


def _items(reader: osmium.FileProcessor) -> Iterator[Any]:
    try:
        yield from reader
    except osmium.InvalidLocationError as error:
        raise ValueError(str(error)) from error


def _ints(values: array[int]) -> Ints:
    return np.array(values, dtype=np.int64)

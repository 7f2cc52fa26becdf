"""The roads of a PBF file, straight into arrays: blocks are inflated and decoded on threads, ways before nodes."""

from __future__ import annotations

import itertools
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count
from pathlib import Path
from typing import BinaryIO, TypeVar

import numpy as np
import numpy.typing as npt

from layout_planner.io.osm_ways import MISSING, OsmWays, TagList, number_lists
from layout_planner.io.pbf_kernels import (
    DENSE,
    PLAIN,
    WAYS,
    block_parts,
    dense_nodes,
    first_kind,
    group_kinds,
    key_codes,
    string_bounds,
    ways,
)  # fmt: skip

__all__ = ["UnusualPbfError", "ends_mid_stream", "read_pbf"]

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Result = TypeVar("Result")

_FULL_BLOCK = 8000
_FEATURES = frozenset({b"OsmSchema-V0.6", b"DenseNodes"})
_PEEK = 1 << 15
_MOST_HEADER, _MOST_BLOB = 1 << 16, 1 << 25
_AFTER = bytes(16)
_LENGTH_DELIMITED = 2


class UnusualPbfError(ValueError):
    """The file is damaged, or uses a part of the format that its common writers do not."""


@dataclass(frozen=True)
class _Blob:
    """Where a blob's data stand in the file."""

    kind: bytes
    start: int
    size: int


@dataclass(frozen=True, eq=False)
class _Block:
    """An inflated block and its parts."""

    raw: bytes
    code: Bytes
    strings: Ints
    groups: Ints
    scale: Ints

    def text(self, string: int) -> str:
        """Give a string of the table."""
        first, after = self.strings[string]
        return self.raw[first:after].decode()

    def tag_lists(self, start: Ints, tag: Ints) -> list[TagList]:
        """Give lists of tags, strings by number, as text."""
        texts = {string: self.text(string) for string in np.unique(tag).tolist()}
        pairs = [(texts[key], texts[value]) for key, value in tag.tolist()]
        return [pairs[a:b] for a, b in itertools.pairwise(start.tolist())]


@dataclass(frozen=True, eq=False)
class _Found:
    """The wanted ways of one block, if they were read; ``kind`` points into ``lists``, ``name`` into ``names``."""

    way_id: Ints
    kind: Ints
    name: Ints
    start: Ints
    refs: Ints
    lists: list[TagList]
    names: list[str]
    has_nodes: bool
    is_read: bool


@dataclass(frozen=True, eq=False)
class _Places:
    """The needed nodes of one block, by position among all that are needed, and the tags of those with a barrier."""

    at: Ints
    x: Ints
    y: Ints
    barrier_at: Ints
    lists: list[TagList]


def read_pbf(path: Path, choosing: Sequence[str], kept: Sequence[str], barrier: str) -> OsmWays:
    """Read the ways that carry one of some keys, and where their nodes are.

    Ways are read first, although nodes stand before them in the file; so only the nodes of these ways are ever
    kept, and memory grows with the roads, not with the file.

    Parameters
    ----------
    path : Path
        The file.
    choosing : sequence of str
        Keys one of which a way must carry.
    kept : sequence of str
        Keys whose tags are kept, the choosing ones included.
    barrier : str
        Key whose nodes keep their tags.

    Raises
    ------
    UnusualPbfError
        Let libosmium read this file, or say what is wrong with it.
    """
    words = _Words([*choosing, "name", "ref", *(k for k in kept if k not in choosing), barrier], len(choosing))
    with path.open("rb") as stream:
        blobs = _data_blobs(stream, path.stat().st_size)
        reader = _Reader(stream)
        found = _on_threads(lambda blob: _ways_of(reader, blob, words), blobs)
        with_nodes = [i for i, f in enumerate(found) if f.has_nodes]
        for i in with_nodes[-1:]:  # where nodes end, some writers begin with ways in the same block
            found[i] = _ways_of(reader, blobs[i], words, peek=0)
        refs = np.concatenate([_NONE, *(f.refs for f in found)])
        node_id, vertex = np.unique(refs, return_inverse=True)
        read = frozenset(blobs[i].start for i, f in enumerate(found) if f.is_read)
        places = _on_threads(lambda blob: _nodes_of(reader, blob, words, node_id, ways_read=blob.start in read),
                             [blobs[i] for i in with_nodes])  # fmt: skip
    x, y = np.full((2, len(node_id)), MISSING, dtype=np.int64)
    for place in places:
        x[place.at], y[place.at] = place.x, place.y
    tag_lists, code = number_lists([tags for f in found for tags in f.lists])
    shift = np.cumsum([0, *(len(f.lists) for f in found)])
    barrier_lists, barrier_code = number_lists([tags for place in places for tags in place.lists])
    names = [np.array(f.names, dtype=object)[f.name] for f in found]
    return OsmWays(
        start=np.concatenate([[0], np.cumsum(np.concatenate([_NONE, *(np.diff(f.start) for f in found)]))]),
        vertex=vertex,
        node_id=node_id,
        x=x,
        y=y,
        way_id=np.concatenate([_NONE, *(f.way_id for f in found)]),
        tag_lists=tag_lists,
        tag_code=code[np.concatenate([_NONE, *(f.kind + s for f, s in zip(found, shift, strict=False))])],
        names=np.concatenate([np.zeros(0, dtype=object), *names]),
        barrier_at=np.concatenate([_NONE, *(place.barrier_at for place in places)]),
        barrier_lists=barrier_lists,
        barrier_code=barrier_code,
    )


_NONE: Ints = np.zeros(0, dtype=np.int64)


def ends_mid_stream(path: Path) -> bool:
    """Tell whether a PBF ends on a block filled to the brim with ways: the mark of a file cut between two blocks.

    A cut inside a block is an error that the reader sees. A cut between blocks leaves a smaller but well-formed file;
    since writers fill blocks to 8,000 objects and begin a new one for relations, a file that ends in exactly 8,000
    ways has almost surely lost the rest.

    Raises
    ------
    UnusualPbfError
        The file is damaged, or cannot be decoded here.

    Source: OpenStreetMap wiki, PBF Format (blob framing, 8,000 entities a block).
    """
    with path.open("rb") as stream:
        blobs = [b for b in _blobs(stream, path.stat().st_size) if b.kind == b"OSMData"]
        if not blobs:
            return False
        block = _block(_Reader(stream).inflate(blobs[-1]))
    count = group_kinds(block.code, block.groups)
    return bool(count[WAYS] == _FULL_BLOCK == count.sum())


class _Words:
    """The keys that the kernels look for, as bytes one after the other."""

    def __init__(self, words: Sequence[str], n_choosing: int) -> None:
        coded = [word.encode() for word in words]
        self.n_choosing = n_choosing
        self.n = len(coded)
        self.flat = np.frombuffer(b"".join(coded), dtype=np.uint8)
        self.start = np.concatenate([[0], np.cumsum([len(word) for word in coded])])

    def codes(self, block: _Block) -> Ints:
        """Tell which word each string of a block is, or -1."""
        return key_codes(block.code, block.strings, self.flat, self.start)


class _Reader:
    """Reads and inflates blobs for several threads at once."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def inflate(self, blob: _Blob, most: int = 0) -> bytes:
        """Give a blob's content, or its first ``most`` bytes."""
        with self._lock:
            self._stream.seek(blob.start)
            data = self._stream.read(blob.size)
        plain, size, packed = _content(data)
        if packed is None:
            return plain
        engine = zlib.decompressobj()
        try:
            block = engine.decompress(packed, most or size + 1)
        except zlib.error as error:
            raise UnusualPbfError(str(error)) from error
        if not most and (len(block) != size or not engine.eof):
            msg = "a block has another size than it says"
            raise UnusualPbfError(msg)
        return block


def _content(blob: bytes) -> tuple[bytes, int, bytes | None]:
    """Take a blob apart: plain bytes, or the inflated size and the packed bytes."""
    fields = dict(_fields(blob))
    plain, size, packed = fields.get(1), fields.get(2, 0), fields.get(3)
    if isinstance(plain, bytes):
        return plain, len(plain), None
    if isinstance(packed, bytes) and isinstance(size, int) and 0 < size <= _MOST_BLOB:
        return b"", size, packed
    msg = "a block is packed in another way than by zlib"
    raise UnusualPbfError(msg)


def _data_blobs(stream: BinaryIO, size: int) -> list[_Blob]:
    """List the blobs with map data, after a look at what the header asks of a reader."""
    blobs = list(_blobs(stream, size))
    if not blobs or blobs[0].kind != b"OSMHeader":
        msg = "there is no header"
        raise UnusualPbfError(msg)
    asked = {bytes(value) for number, value in _fields(_Reader(stream).inflate(blobs[0]))
             if number == 4 and isinstance(value, bytes)}  # fmt: skip
    if not asked <= _FEATURES:
        msg = f"the file asks for {sorted(asked - _FEATURES)}"
        raise UnusualPbfError(msg)
    if any(blob.kind != b"OSMData" for blob in blobs[1:]):
        msg = "there are blobs of unknown kind"
        raise UnusualPbfError(msg)
    return blobs[1:]


def _blobs(stream: BinaryIO, end: int) -> Iterator[_Blob]:
    """List the blobs of a file."""
    while head := stream.read(4):
        length = int.from_bytes(head, "big")
        header = dict(_fields(stream.read(length))) if len(head) == 4 and length <= _MOST_HEADER else {}
        kind, size = header.get(1), header.get(3)
        start = stream.tell()
        if not (isinstance(kind, bytes) and isinstance(size, int)) or size > _MOST_BLOB or start + size > end:
            msg = "the file is cut off or damaged"
            raise UnusualPbfError(msg)
        yield _Blob(kind, start, size)
        stream.seek(start + size)


def _ways_of(reader: _Reader, blob: _Blob, words: _Words, peek: int = _PEEK) -> _Found:
    """Read the wanted ways of a blob, unless a look at its first bytes finds nodes."""
    if peek:
        first = reader.inflate(blob, peek)
        if first_kind(_bytes(first), len(first)) == DENSE:
            return _Found(_NONE, _NONE, _NONE, _NONE, _NONE, [], [], has_nodes=True, is_read=False)
    block = _block(reader.inflate(blob))
    count = group_kinds(block.code, block.groups)
    if count[PLAIN]:
        msg = "nodes stand one by one"
        raise UnusualPbfError(msg)
    code = words.codes(block)
    way_id, kind, name, start, refs, tag_start, tag = ways(block.code, block.groups, code, words.n_choosing)
    used, name = np.unique(name, return_inverse=True)
    names = [block.text(s) if s >= 0 else "" for s in used.tolist()]
    lists = block.tag_lists(tag_start, tag)
    return _Found(way_id, kind, name, start, refs, lists, names, has_nodes=bool(count[DENSE]), is_read=True)


def _nodes_of(reader: _Reader, blob: _Blob, words: _Words, node_id: Ints, *, ways_read: bool) -> _Places:
    """Find the needed nodes of a blob: positions, places, and the ids of those with a barrier."""
    block = _block(reader.inflate(blob))
    count = group_kinds(block.code, block.groups)
    if count[PLAIN] or (count[WAYS] and not ways_read):
        msg = "nodes stand one by one, or among ways"
        raise UnusualPbfError(msg)
    barrier = np.flatnonzero(words.codes(block) == words.n - 1)
    at, x, y, barrier_at, tag_start, tag = dense_nodes(
        block.code, block.groups, block.scale, node_id, barrier[0] if len(barrier) else -1
    )
    return _Places(at, x, y, barrier_at, block.tag_lists(tag_start, tag))


def _block(raw: bytes) -> _Block:
    code = _bytes(raw)
    strings, groups, scale = block_parts(code, len(raw))
    return _Block(raw, code, string_bounds(code, strings[0], strings[1]), groups, scale)


def _bytes(raw: bytes) -> Bytes:
    return np.frombuffer(raw + _AFTER, dtype=np.uint8)


def _on_threads(work: Callable[[_Blob], Result], blobs: Sequence[_Blob]) -> list[Result]:
    with ThreadPoolExecutor(cpu_count() or 1) as pool:
        return list(pool.map(work, blobs))


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Walk over the fields of a protocol buffer message."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        wire = key & 7
        if wire == _LENGTH_DELIMITED:
            size, at = _varint(message, at)
            yield key >> 3, message[at : at + size]
            at += size
        elif wire == 0:
            value, at = _varint(message, at)
            yield key >> 3, value
        else:
            at += 8 if wire == 1 else 4


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at] if at < len(message) else 0
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7

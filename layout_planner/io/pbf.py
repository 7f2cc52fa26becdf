"""Is a PBF file whole? What can be told from its outer frame, without decoding the map."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

__all__ = ["ends_mid_stream"]

_WAYS_FIELD = 3
_GROUP_FIELD = 2
_FULL_BLOCK = 8000
_LENGTH_DELIMITED = 2


def ends_mid_stream(path: Path) -> bool:
    """Tell whether a PBF ends on a block filled to the brim with ways: the mark of a file cut between two blocks.

    A cut inside a block is an error that the reader sees. A cut between blocks leaves a smaller but well-formed file;
    since writers fill blocks to 8,000 objects and begin a new one for relations, a file that ends in exactly 8,000
    ways has almost surely lost the rest.

    Source: OpenStreetMap wiki, PBF Format (blob framing, 8,000 entities a block).
    """
    with path.open("rb") as stream:
        last = None
        for kind, start, size in _blobs(stream):
            if kind == b"OSMData":
                last = start, size
        if last is None:
            return False
        stream.seek(last[0])
        block = _inflate(stream.read(last[1]))
    ways = others = 0
    for field, group in _fields(block):
        if field == _GROUP_FIELD and isinstance(group, bytes):
            for kind_of, _ in _fields(group):
                ways += kind_of == _WAYS_FIELD
                others += kind_of != _WAYS_FIELD
    return others == 0 and ways == _FULL_BLOCK


def _blobs(stream: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """List the blobs of a file: type, offset and size of the data."""
    while len(head := stream.read(4)) == 4:
        header = dict(_fields(stream.read(int.from_bytes(head, "big"))))
        size = header.get(3, 0)
        assert isinstance(size, int)
        start = stream.tell()
        kind = header.get(1, b"")
        yield kind if isinstance(kind, bytes) else b"", start, size
        stream.seek(start + size)


def _inflate(blob: bytes) -> bytes:
    fields = dict(_fields(blob))
    raw, packed = fields.get(1), fields.get(3)
    if isinstance(packed, bytes):
        return zlib.decompress(packed)
    return raw if isinstance(raw, bytes) else b""


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

"""Ways in which files are damaged: cut short, bytes changed, swapped, doubled or replaced by noise."""

from __future__ import annotations

from hypothesis import strategies as st

__all__ = ["damaged", "noise"]

_HEADS = (
    b"",
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"II*\x00",
    b"SQLite format 3\x00",
    b'<?xml version="1.0"?>',
    b"{",
    b"BZh9",
    b"\x1f\x8b\x08",
    b"fgb\x03fgb\x00",
    b"\x00\x00\x27\x0a",
    b"\x00\x00\x00\x0d\x0a\x09OSMHeader",
)
noise = st.builds(lambda head, body: head + body, st.sampled_from(_HEADS), st.binary(max_size=300))
"""Bytes that are no file, some of which begin like one."""


@st.composite
def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """Damage the bytes of a good file in one to three places."""
    out = bytearray(data)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, max(len(out) - 1, 0)))
        kind = draw(st.sampled_from(["cut", "flip", "flip", "drop", "repeat", "zero", "noise"]))
        length = draw(st.integers(1, 64))
        if kind == "cut":
            del out[at:]
        elif kind == "flip" and out:
            out[at] ^= draw(st.integers(1, 255))
        elif kind == "drop":
            del out[at : at + length]
        elif kind == "repeat":
            out[at:at] = out[at : at + length]
        elif kind == "zero":
            out[at : at + length] = bytes(len(out[at : at + length]))
        else:
            out[at : at + length] = draw(st.binary(max_size=64))
    return bytes(out)

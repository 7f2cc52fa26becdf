"""Compiled kernels that read the blocks of a PBF file: strings, ways with their tags, and places of nodes.

A block is an array of bytes with a few zero bytes after its end, so that a number that runs over the end stops
there. Whatever does not look as the format's usual writers leave it raises ValueError; the caller then leaves the
whole file to libosmium. All release the interpreter lock and share nothing.

Source: OpenStreetMap wiki, PBF Format; Protocol Buffers encoding.
"""

# mypy: disallow-untyped-defs=False
# ruff: noqa: ANN001, ANN201, ANN202 - numba infers the types

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

__all__ = [
    "DENSE",
    "PLAIN",
    "WAYS",
    "block_parts",
    "dense_nodes",
    "first_kind",
    "group_kinds",
    "key_codes",
    "string_bounds",
    "ways",
]

PLAIN, DENSE, WAYS = 1, 2, 3
_LONGEST = 10  # bytes of a number
_NANO = 100  # billionths of a degree in one unit of 1e-7 degrees
_kernel: Any = nb.njit(cache=True, nogil=True)


@_kernel
def _number(b, at):
    """Read a base-128 number: value and the place after it."""
    value = np.int64(b[at] & 0x7F)
    last = at
    while b[last] >= 0x80:
        last += 1
        if last - at >= _LONGEST:
            raise ValueError("number too long")
        value |= np.int64(b[last] & 0x7F) << np.int64(7 * (last - at))
    return value, last + 1


@_kernel
def _signed(value):
    """Undo the zigzag of a signed number."""
    return ((value >> np.int64(1)) & np.int64(0x7FFFFFFFFFFFFFFF)) ^ -(value & np.int64(1))


@_kernel
def _field(b, at, end):
    """Read a field's head: its number, wire type, first byte of what it holds, and the place after it."""
    key, at = _number(b, at)
    wire = key & 7
    begin = at
    if wire == 2:
        size, begin = _number(b, at)
        after = begin + size
    elif wire == 0:
        _, after = _number(b, at)
    elif wire == 1:
        after = at + 8
    elif wire == 5:
        after = at + 4
    else:
        raise ValueError("unknown wire type")
    if after > end or after <= at:
        raise ValueError("field beyond the end")
    return key >> 3, wire, begin, after


@_kernel
def first_kind(b, end):
    """Tell of which kind a block's first object is, from its first bytes; 0 if they do not reach so far."""
    at = np.int64(0)
    while at + 2 * _LONGEST < end:
        key, at = _number(b, at)
        if key & 7 == 2:
            size, at = _number(b, at)
            if key >> 3 == 2:
                return _number(b, at)[0] >> 3
            at += size
        else:
            _, at = _number(b, at)
    return np.int64(0)


@_kernel
def block_parts(b, end):
    """Find the parts of a block.

    Returns
    -------
    strings : (2,) int64
        Where the string table begins and ends; zeros if the bytes end before it does.
    groups : (g, 2) int64
        The same of each group of objects.
    scale : (3,) int64
        Granularity and the offsets of latitude and longitude, in billionths of a degree.
    """
    strings, scale = np.zeros(2, np.int64), np.array([100, 0, 0])
    groups = []
    at = np.int64(0)
    while at < end:
        number, wire, begin, after = _field(b, at, end)
        if number == 1 and wire == 2:
            strings[0], strings[1] = begin, after
        elif number == 2 and wire == 2:
            groups.append((begin, after))
        elif number == 17:
            scale[0] = _number(b, begin)[0]
        elif number == 19:
            scale[1] = _number(b, begin)[0]
        elif number == 20:
            scale[2] = _number(b, begin)[0]
        at = after
    bounds = np.zeros((len(groups), 2), np.int64)
    for i in range(len(groups)):
        bounds[i, 0], bounds[i, 1] = groups[i]
    return strings, bounds, scale


@_kernel
def group_kinds(b, groups):
    """Count the fields of each kind in the groups of a block, shape (16,): plain nodes, dense nodes, ways, ..."""
    count = np.zeros(16, np.int64)
    for g in range(len(groups)):
        at, end = groups[g, 0], groups[g, 1]
        while at < end:
            number, _, _, at = _field(b, at, end)
            count[min(number, 15)] += 1
    return count


@_kernel
def string_bounds(b, begin, end):
    """Find the strings of a table, shape (s, 2)."""
    bounds = np.zeros(((end - begin) // 2 + 1, 2), np.int64)
    n = 0
    at = begin
    while at < end:
        number, wire, first, at = _field(b, at, end)
        if number != 1 or wire != 2:
            raise ValueError("no string")
        bounds[n, 0], bounds[n, 1] = first, at
        n += 1
    return bounds[:n]


@_kernel
def key_codes(b, bounds, words, word_start):
    """Tell which of the wanted words each string is: its position, or -1."""
    code = np.full(len(bounds), -1, np.int64)
    for s in range(len(bounds)):
        first, size = bounds[s, 0], bounds[s, 1] - bounds[s, 0]
        for w in range(len(word_start) - 1):
            if word_start[w + 1] - word_start[w] == size:
                same = True
                for i in range(size):
                    if b[first + i] != words[word_start[w] + i]:
                        same = False
                        break
                if same:
                    code[s] = w
                    break
    return code


@_kernel
def _way(b, at, end, part):
    """Find id, keys, values and nodes of a way: ``part`` takes the id and three ranges of bytes."""
    part[:] = 0
    while at < end:
        number, wire, begin, after = _field(b, at, end)
        if number == 1:
            part[0] = _number(b, begin)[0]
        elif number == 2 or number == 3 or number == 8:
            slot = 1 if number == 2 else (3 if number == 3 else 5)
            if wire != 2 or part[slot + 1]:
                raise ValueError("numbers are not packed")
            part[slot], part[slot + 1] = begin, after
        elif number == 9 or number == 10:
            raise ValueError("places within ways")
        at = after


@_kernel
def _is_wanted(b, begin, end, code, n_choosing):
    """Tell whether one of the keys is among the first ``n_choosing`` wanted words."""
    at = begin
    while at < end:
        key, at = _number(b, at)
        if key < 0 or key >= len(code):
            raise ValueError("no such string")
        if 0 <= code[key] < n_choosing:
            return True
    return False


@_kernel
def _count(b, begin, end):
    """Count packed numbers."""
    if end > begin and b[end - 1] >= 0x80:
        raise ValueError("number cut off")
    n = 0
    for i in range(begin, end):
        n += b[i] < 0x80
    return n


@_kernel
def _tags(b, part, code, n_choosing, tag, n):
    """Take a way's tags whose keys are wanted after the ``n`` taken before; give its name, or its reference."""
    name = ref = np.int64(-1)
    k, v = part[1], part[3]
    while k < part[2] and v < part[4]:
        key, k = _number(b, k)
        value, v = _number(b, v)
        if key < 0 or key >= len(code) or value < 0 or value >= len(code):
            raise ValueError("no such string")
        if code[key] == n_choosing:
            name = value
        elif code[key] == n_choosing + 1:
            ref = value
        elif code[key] >= 0:
            tag[n, 0], tag[n, 1] = key, value
            n += 1
    if k < part[2] or v < part[4]:
        raise ValueError("keys without values")
    return (name if name >= 0 else ref), n


@_kernel
def _known_as(table, start, tag, new):
    """Look up a list of tags in a hash table of earlier ones: its number, and where it stands in the table."""
    size = start[new + 1] - start[new]
    mix = np.int64(size)
    for i in range(start[new], start[new + 1]):
        mix = (mix ^ (tag[i, 0] * 1_000_003 + tag[i, 1])) * np.int64(0x9E3779B97F4A7C15 - (1 << 64))
        mix ^= (mix >> np.int64(32)) & np.int64(0xFFFFFFFF)
    slot = mix & (len(table) - 1)
    while table[slot] >= 0:
        old = table[slot]
        same = start[old + 1] - start[old] == size
        i = 0
        while same and i < size:
            one, other = start[old] + i, start[new] + i
            same = tag[one, 0] == tag[other, 0] and tag[one, 1] == tag[other, 1]
            i += 1
        if same:
            return old, slot
        slot = (slot + 1) & (len(table) - 1)
    return new, slot


@_kernel
def ways(b, groups, code, n_choosing):
    """Read the ways that carry one of the choosing keys.

    Parameters
    ----------
    b : (n,) uint8
        The block.
    groups : (g, 2) int64
        Its groups.
    code : (s,) int64
        Which wanted word each string is, or -1: first the ``n_choosing`` keys one of which a way must carry, then
        "name" and "ref", then the other keys whose tags are kept.

    Returns
    -------
    way_id, kind, name : (w,) int64
        Id; position of its list of tags; string that names it, or -1.
    start : (w + 1,) int64
        Offsets into ``refs``, the ids of the nodes (r,) int64.
    tag_start, tag : (k + 1,) and (t, 2) int64
        The different lists of tags: offsets, and the strings of key and value.
    """
    part = np.zeros(7, np.int64)
    n = n_refs = n_tags = 0
    for g in range(len(groups)):
        at = groups[g, 0]
        while at < groups[g, 1]:
            number, _, begin, at = _field(b, at, groups[g, 1])
            if number == WAYS:
                _way(b, begin, at, part)
                if _is_wanted(b, part[1], part[2], code, n_choosing):
                    n += 1
                    n_refs += _count(b, part[5], part[6])
                    n_tags += _count(b, part[1], part[2])
    way_id, kind, name = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    start, refs = np.zeros(n + 1, np.int64), np.empty(n_refs, np.int64)
    tag_start, tag = np.zeros(n + 1, np.int64), np.empty((n_tags, 2), np.int64)
    slots = 16
    while slots < 2 * n:
        slots *= 2
    table = np.full(slots, -1, np.int64)
    w = p = kinds = 0
    for g in range(len(groups)):
        at = groups[g, 0]
        while at < groups[g, 1]:
            number, _, begin, at = _field(b, at, groups[g, 1])
            if number != WAYS:
                continue
            _way(b, begin, at, part)
            if not _is_wanted(b, part[1], part[2], code, n_choosing):
                continue
            way_id[w] = part[0]
            name[w], tag_start[kinds + 1] = _tags(b, part, code, n_choosing, tag, tag_start[kinds])
            kind[w], slot = _known_as(table, tag_start, tag, kinds)
            if kind[w] == kinds:
                table[slot] = kinds
                kinds += 1
            ref, r = np.int64(0), part[5]
            while r < part[6]:
                step, r = _number(b, r)
                ref += _signed(step)
                refs[p] = ref
                p += 1
            w += 1
            start[w] = p
    return way_id, kind, name, start, refs, tag_start[: kinds + 1], tag[: tag_start[kinds]]


@_kernel
def _units(value, granularity, offset):
    """Turn a stored coordinate into units of 1e-7 degrees, as libosmium does."""
    nano = value * granularity + offset
    return nano // _NANO if nano >= 0 else -((-nano) // _NANO)


@_kernel
def _seek(needed, ref):
    low, high = 0, len(needed)
    while low < high:
        middle = (low + high) // 2
        if needed[middle] < ref:
            low = middle + 1
        else:
            high = middle
    return low


@_kernel
def dense_nodes(b, groups, scale, needed, barrier):
    """Find the places of nodes.

    Parameters
    ----------
    needed : (n,) int64
        Ids of the nodes that roads pass, ascending.
    barrier : int
        String of the key "barrier", or -1.

    Returns
    -------
    at, x, y : (k,) int64
        Positions in ``needed`` of the nodes found, and their longitude and latitude in units of 1e-7 degrees.
    split, tag_start, tag : (s,), (s + 1,) and (t, 2) int64
        Those of ``at`` that carry a barrier, and their tags: offsets, and the strings of key and value.
    """
    total = n_tags = 0
    for g in range(len(groups)):
        at = groups[g, 0]
        while at < groups[g, 1]:
            number, _, begin, at = _field(b, at, groups[g, 1])
            if number == DENSE:
                total += _count_of(b, begin, at, 1)
                n_tags += _count_of(b, begin, at, 10)
    if barrier < 0:
        n_tags = 0
    found, x, y = np.empty(total, np.int64), np.empty(total, np.int64), np.empty(total, np.int64)
    split, tag_start, tag = np.empty(n_tags, np.int64), np.zeros(n_tags + 1, np.int64), np.empty((n_tags, 2), np.int64)
    k = s = 0
    for g in range(len(groups)):
        at = groups[g, 0]
        while at < groups[g, 1]:
            number, _, begin, at = _field(b, at, groups[g, 1])
            if number == DENSE:
                k, s = _dense(b, begin, at, scale, needed, barrier, (found, x, y), k, (split, tag_start, tag), s)
    return found[:k], x[:k], y[:k], split[:s], tag_start[: s + 1], tag[: tag_start[s]]


@_kernel
def _count_of(b, at, end, wanted):
    """Count the packed numbers of one field."""
    n = 0
    while at < end:
        number, wire, begin, at = _field(b, at, end)
        if number == wanted and wire == 2:
            n += _count(b, begin, at)
    return n


@_kernel
def _dense(b, at, end, scale, needed, barrier, out, k, barriers, s):
    """Read one run of dense nodes; give how many places and barriers there are then."""
    found, x, y = out
    part = np.zeros((4, 2), np.int64)
    while at < end:
        number, wire, begin, at = _field(b, at, end)
        row = 0 if number == 1 else (1 if number == 8 else (2 if number == 9 else (3 if number == 10 else -1)))
        if row >= 0:
            if wire != 2 or part[row, 1]:
                raise ValueError("numbers are not packed")
            part[row, 0], part[row, 1] = begin, at
    i, i_lat, i_lon, i_tag = part[0, 0], part[1, 0], part[2, 0], part[3, 0]
    ref = lat = lon = last = j = np.int64(0)
    fresh = True
    while i < part[0, 1]:
        if i_lat >= part[1, 1] or i_lon >= part[2, 1]:
            raise ValueError("nodes without places")
        step, i = _number(b, i)
        step_lat, i_lat = _number(b, i_lat)
        step_lon, i_lon = _number(b, i_lon)
        ref, lat, lon = ref + _signed(step), lat + _signed(step_lat), lon + _signed(step_lon)
        if fresh or ref < last:
            j = _seek(needed, ref)
            fresh = False
        while j < len(needed) and needed[j] < ref:
            j += 1
        last = ref
        if j < len(needed) and needed[j] == ref:
            found[k], x[k], y[k] = j, _units(lon, scale[0], scale[2]), _units(lat, scale[0], scale[1])
            if barrier >= 0:
                s = _barrier(b, i_tag, part[3, 1], barrier, j, barriers, s)
            k += 1
        while i_tag < part[3, 1]:
            key, i_tag = _number(b, i_tag)
            if key == 0:
                break
            _, i_tag = _number(b, i_tag)
    return k, s


@_kernel
def _barrier(b, at, end, barrier, node, barriers, s):
    """Take a node's tags if one of them is a barrier; give how many barriers there are then."""
    split, tag_start, tag = barriers
    n = tag_start[s]
    has = False
    while at < end:
        key, at = _number(b, at)
        if key == 0:
            break
        tag[n, 0] = key
        tag[n, 1], at = _number(b, at)
        has |= key == barrier
        n += 1
    if not has:
        return s
    split[s] = node
    tag_start[s + 1] = n
    return s + 1

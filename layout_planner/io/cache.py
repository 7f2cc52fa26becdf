"""A cache of slow things by the content that they came from: safe to delete, safe with several runs at once."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

import platformdirs
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from layout_planner import __version__

__all__ = ["CACHE_VARIABLE", "NETWORK_MODULES", "cache_folder", "cached", "content_key", "network_key", "sha256_file"]

CACHE_VARIABLE = "LAYOUT_PLANNER_CACHE"
_BLOCK = 1 << 20
_log = logging.getLogger(__name__)

T = TypeVar("T")

NETWORK_MODULES: tuple[str, ...] = (
    "layout_planner.config.systems", "layout_planner.io.crs", "layout_planner.io.osm", "layout_planner.io.osm_ways",
    "layout_planner.io.pbf", "layout_planner.io.pbf_kernels", "layout_planner.io.roads",
    "layout_planner.travel.build", "layout_planner.travel.geodesy", "layout_planner.travel.graphs",
    "layout_planner.travel.network", "layout_planner.travel.relief", "layout_planner.travel.slope",
    "layout_planner.travel.split", "layout_planner.travel.surface_slope", "layout_planner.travel.tags",
)  # fmt: skip
"""Modules that decide what a road file becomes: a change in any of them makes cached networks stale."""


def cache_folder() -> Path:
    """Name the cache folder: the environment variable LAYOUT_PLANNER_CACHE, or the user's cache folder."""
    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir("layout_planner", appauthor=False))


def sha256_file(path: Path) -> str:
    """Compute the SHA-256 of a file, read in blocks of 1 MiB."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def content_key(*parts: str) -> str:
    """Build one key out of several texts (hashes, versions, options), without ambiguity between them."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8")
        digest.update(f"{len(data)}:".encode("ascii"))
        digest.update(data)
    return digest.hexdigest()


def network_key(source: str, crs: CRS, *options: str, clip: BaseGeometry | None = None) -> str:
    """Build the key of a cached road network: what it was read from, how, and by which code.

    Parameters
    ----------
    source : str
        The hash of the road file (:func:`sha256_file`) with its suffix, or the name of a place.
    crs : CRS
        Working CRS of the network.
    *options : str
        What else changes the network: the coordinate system that the scenario declares, the hash of the terrain.
    clip : shapely geometry, optional
        Outline that the roads were cut to.
    """
    outline = "" if clip is None else shapely.to_wkb(clip, hex=True)
    return content_key("network", _code_hash(NETWORK_MODULES), source, crs.to_wkt(), outline, *options)


@cache
def _code_hash(modules: Sequence[str]) -> str:
    """Hash the source of modules, whatever their line ends; their version where no source is installed."""
    parts = [__version__]
    for module in modules:
        package, _, name = module.rpartition(".")
        source = files(package).joinpath(f"{name}.py")
        parts.append(source.read_text(encoding="utf-8").replace("\r\n", "\n") if source.is_file() else "")
    return content_key(*parts)


def cached(
    key: str,
    *,
    build: Callable[[], T],
    save: Callable[[T, Path], object],
    load: Callable[[Path], T],
    kind: str = "network",
    suffix: str = ".npz",
    folder: Path | None = None,
) -> T:
    """Load an entry of the cache, or build and store it.

    An entry that cannot be loaded counts as absent. Writing goes to a temporary file that then takes the entry's
    name in one step, so that a killed run or a second run at the same time never leaves half an entry. A cache that
    cannot be written is no error.

    Parameters
    ----------
    key : str
        See :func:`content_key`.
    build, save, load : callable
        Make the thing; write it to a path; read it from a path.
    kind : str
        Sub-folder of the cache.
    folder : Path, optional
        Cache folder instead of :func:`cache_folder`.
    """
    entry = (folder or cache_folder()) / kind / f"{key}{suffix}"
    if entry.is_file():
        try:
            return load(entry)
        except (OSError, ValueError, LookupError, EOFError, TypeError, zipfile.BadZipFile) as error:
            _log.info("cache entry %s is unusable (%s) and is rebuilt", entry.name, error)
    value = build()
    try:
        _store(entry, value, save)
    except OSError as error:
        _log.info("cache entry %s could not be written (%s)", entry.name, error)
    return value


def _store(entry: Path, value: T, save: Callable[[T, Path], object]) -> None:
    entry.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".part-", suffix=entry.suffix, dir=entry.parent)
    os.close(handle)
    part = Path(name)
    try:
        save(value, part)
        part.replace(entry)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)

from __future__ import annotations

import ast
import hashlib
import threading
from pathlib import Path

import pytest
from pyproj import CRS
from shapely import box

from layout_planner.io import osm
from layout_planner.io.cache import NETWORK_MODULES, cache_folder, cached, content_key, network_key, sha256_file
from layout_planner.travel import RoadNetwork, load_network
from tests.io.test_osm import write_osm


def write(value: str, path: Path) -> None:
    path.write_text(value, encoding="utf-8")


def read(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    if not text.startswith("good"):
        raise ValueError(text)
    return text


def fetch(folder: Path, built: list[str], value: str = "good") -> str:
    def build() -> str:
        built.append(value)
        return value

    return cached("k", build=build, save=write, load=read, suffix=".txt", folder=folder)


def test_the_second_time_nothing_is_built(tmp_path: Path) -> None:
    built: list[str] = []
    assert fetch(tmp_path, built) == fetch(tmp_path, built) == "good"
    assert len(built) == 1
    assert [p.name for p in (tmp_path / "network").iterdir()] == ["k.txt"]


def test_a_corrupt_entry_is_rebuilt(tmp_path: Path) -> None:
    built: list[str] = []
    fetch(tmp_path, built)
    (tmp_path / "network" / "k.txt").write_bytes(b"\xff\x00half")
    assert fetch(tmp_path, built) == "good"
    assert len(built) == 2
    assert read(tmp_path / "network" / "k.txt") == "good"


def test_a_failing_save_leaves_no_entry(tmp_path: Path) -> None:
    def fail(value: str, path: Path) -> None:
        path.write_text("half", encoding="utf-8")
        raise OSError("disk full")

    assert cached("k", build=lambda: "good", save=fail, load=read, folder=tmp_path) == "good"
    assert list((tmp_path / "network").iterdir()) == []


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    assert cached("k", build=lambda: "good", save=write, load=read, folder=blocked) == "good"


def test_runs_at_the_same_time_do_not_harm_each_other(tmp_path: Path) -> None:
    got: list[str] = []
    threads = [threading.Thread(target=lambda: got.append(fetch(tmp_path, [], "good" * 20_000))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(got) == {"good" * 20_000}
    assert [p.name for p in (tmp_path / "network").iterdir()] == ["k.txt"]


def test_keys_tell_parts_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert content_key("ab", "c") != content_key("a", "bc")
    file = tmp_path / "f"
    file.write_bytes(b"x" * 3_000_000)
    assert sha256_file(file) == hashlib.sha256(b"x" * 3_000_000).hexdigest()
    monkeypatch.setenv("LAYOUT_PLANNER_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path


UTM = CRS.from_epsg(32649)
BESIDE = {"layout_planner.errors", "layout_planner.travel.threads"}  # they change no network
OTHER_SPEEDS = {"closures", "speeds"}  # used when travelling, not when reading


def read_cached(path: Path, folder: Path) -> RoadNetwork:
    key = network_key(f"{path.suffix} {sha256_file(path)}", UTM)
    return cached(key, build=lambda: osm.read_network(path, crs=UTM), save=RoadNetwork.save, load=load_network,
                  folder=folder)  # fmt: skip


def test_a_cached_network_skips_parsing_and_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = read_cached(write_osm(tmp_path / "r.osm.pbf"), tmp_path / "cache")
    with monkeypatch.context() as patch:
        patch.setattr(osm, "read_network", None)
        again = read_cached(tmp_path / "r.osm.pbf", tmp_path / "cache")
    assert again.content_hash == first.content_hash
    assert again.checks == first.checks
    (entry,) = (tmp_path / "cache" / "network").iterdir()
    entry.write_bytes(entry.read_bytes()[:1000])
    assert read_cached(tmp_path / "r.osm.pbf", tmp_path / "cache").content_hash == first.content_hash


def test_a_network_key_knows_file_system_outline_and_code(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [
        network_key(".pbf a", UTM), network_key(".osm a", UTM), network_key(".pbf b", UTM),
        network_key(".pbf a", CRS.from_epsg(32650)), network_key(".pbf a", UTM, "gcj02"),
        network_key(".pbf a", UTM, clip=box(0, 0, 1, 1)), network_key(".pbf a", UTM, clip=box(0, 0, 1, 2)),
    ]  # fmt: skip
    assert len(set(keys)) == len(keys)
    assert network_key(".pbf a", UTM) == keys[0]
    monkeypatch.setattr("layout_planner.io.cache.NETWORK_MODULES", NETWORK_MODULES[:-1])
    assert network_key(".pbf a", UTM) != keys[0]


def test_every_module_that_reads_roads_counts_in_the_key() -> None:
    root = Path(osm.__file__).parents[2]
    found, waiting = set(), {osm.__name__, "layout_planner.travel.slope", "layout_planner.travel.split"}
    while waiting:
        module = waiting.pop()
        file = root.joinpath(*module.split(".")).with_suffix(".py")
        if module in found or not file.is_file() or module.rpartition(".")[2] in OTHER_SPEEDS:
            continue
        found.add(module)
        tree = ast.parse(file.read_text(encoding="utf-8"))
        waiting |= {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module}
    assert found - BESIDE == set(NETWORK_MODULES)

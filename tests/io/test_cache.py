from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest

from layout_planner.io.cache import cache_folder, cached, content_key, sha256_file


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

"""Results appear whole or not at all, and frames come back exactly as they were."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from pyproj import CRS
from shapely.geometry import LineString, Point, Polygon

from layout_planner.errors import OutputError
from layout_planner.io import staging
from layout_planner.io.export import PARTIAL_MARKER, load_frames, save_frames, staged_folder, sweep_leftovers

CHILD = """
import sys, time
from pathlib import Path
from layout_planner.io.export import staged_folder
with staged_folder(Path(sys.argv[1])) as folder:
    (folder / "half.txt").write_text("half", encoding="utf-8")
    print("ready", flush=True)
    time.sleep(60)
"""


def children(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


# --- staging


def test_a_finished_folder_appears_under_its_name_without_traces(tmp_path: Path) -> None:
    with staged_folder(tmp_path / "runs" / "现状-abc") as folder:
        (folder / "plan").mkdir()
        (folder / "plan" / "a.txt").write_text("whole", encoding="utf-8")
        assert not (tmp_path / "runs" / "现状-abc").exists()
    assert children(tmp_path / "runs") == ["现状-abc"]
    assert children(tmp_path / "runs" / "现状-abc") == ["plan"]


@pytest.mark.parametrize("error", [RuntimeError("x"), KeyboardInterrupt(), SystemExit(1)])
def test_a_failure_leaves_nothing(tmp_path: Path, error: BaseException) -> None:
    def fail() -> None:
        with staged_folder(tmp_path / "run") as folder:
            (folder / "half.txt").write_text("half", encoding="utf-8")
            raise error

    with pytest.raises(type(error)):
        fail()
    assert children(tmp_path) == []


@pytest.mark.parametrize("kind", ["folder", "empty folder", "file"])
def test_what_exists_is_never_overwritten(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "run"
    if kind == "file":
        target.write_text("mine", encoding="utf-8")
    else:
        target.mkdir()
    if kind == "folder":
        (target / "mine.txt").write_text("mine", encoding="utf-8")
    before = sorted(p.name for p in tmp_path.rglob("*"))
    with pytest.raises(OutputError, match="run"), staged_folder(target):
        pytest.fail("must not start")
    assert sorted(p.name for p in tmp_path.rglob("*")) == before


def test_a_folder_that_appears_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    target = tmp_path / "run"

    def collide() -> None:
        with staged_folder(target):
            target.mkdir()
            (target / "theirs.txt").write_text("theirs", encoding="utf-8")

    with pytest.raises(OutputError):
        collide()
    assert children(tmp_path) == ["run"]
    assert children(target) == ["theirs.txt"]


def test_a_file_in_the_way_of_the_parent_is_a_plain_message(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file", encoding="utf-8")
    with pytest.raises(OutputError), staged_folder(tmp_path / "runs" / "x"):
        pytest.fail("must not start")


def test_a_rename_that_is_refused_for_a_moment_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rename, calls = Path.rename, []

    def stubborn(self: Path, target: Path) -> Path:
        calls.append(target)
        if len(calls) < 3:
            raise PermissionError(13, "held by a virus scanner")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", stubborn)
    with staged_folder(tmp_path / "run") as folder:
        (folder / "a.txt").write_text("a", encoding="utf-8")
    assert len(calls) == 3
    assert children(tmp_path) == ["run"]


def test_a_rename_that_is_always_refused_ends_with_a_message_and_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(self: Path, target: Path) -> Path:
        raise PermissionError(13, "no")

    monkeypatch.setattr(Path, "rename", never)
    monkeypatch.setattr(staging, "_FIRST_WAIT_S", 0.0)
    with pytest.raises(OutputError), staged_folder(tmp_path / "run"):
        pass
    assert children(tmp_path) == []


def start_child(target: Path) -> subprocess.Popen[str]:
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(target)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline().strip() == "ready"
    return child


@pytest.mark.parametrize("how", ["kill", "terminate"])
def test_killing_a_run_half_way_leaves_no_target_and_the_next_run_cleans_up(tmp_path: Path, how: str) -> None:
    with staged_folder(tmp_path / "earlier") as folder:
        (folder / "good.txt").write_text("good", encoding="utf-8")
    child = start_child(tmp_path / "run")
    getattr(child, how)()
    child.communicate(timeout=30)
    assert not (tmp_path / "run").exists()
    assert (tmp_path / "earlier" / "good.txt").read_text(encoding="utf-8") == "good"
    with staged_folder(tmp_path / "run") as folder:
        (folder / "whole.txt").write_text("whole", encoding="utf-8")
    assert children(tmp_path) == ["earlier", "run"]
    assert children(tmp_path / "run") == ["whole.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for another process")
def test_an_interrupted_run_removes_its_own_folder(tmp_path: Path) -> None:
    child = start_child(tmp_path / "run")
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=30)
    assert children(tmp_path) == []


def test_a_run_that_still_works_is_left_alone(tmp_path: Path) -> None:
    child = start_child(tmp_path / "run")
    try:
        assert sweep_leftovers(tmp_path) == []
        with staged_folder(tmp_path / "other"):
            pass
        assert [n for n in children(tmp_path) if n.startswith(".run.partial-")]
    finally:
        child.kill()
        child.communicate(timeout=30)


def leftover(parent: Path, name: str, note: object) -> Path:
    folder = parent / name
    folder.mkdir()
    (folder / "half.txt").write_text("half", encoding="utf-8")
    (folder / PARTIAL_MARKER).write_text(json.dumps(note), encoding="utf-8")
    return folder


def test_a_leftover_whose_process_number_came_back_to_us_is_removed(tmp_path: Path) -> None:
    note = {"pid": os.getpid(), "host": staging.platform.node(), "started": 0}
    folder = leftover(tmp_path, f".run.partial-{os.getpid()}", note)
    assert sweep_leftovers(tmp_path) == [folder]
    assert children(tmp_path) == []


def test_another_machines_leftover_is_removed_only_when_it_is_old(tmp_path: Path) -> None:
    folder = leftover(tmp_path, ".run.partial-1", {"pid": 1, "host": "elsewhere", "started": 0})
    assert sweep_leftovers(tmp_path) == []
    old = time.time() - staging.STALE_AFTER_S - 1
    os.utime(folder / PARTIAL_MARKER, (old, old))
    assert sweep_leftovers(tmp_path) == [folder]


@pytest.mark.parametrize("name", [".run.partial-x", "run.partial-1", ".thesis.partial-12"])
def test_folders_that_are_not_ours_are_never_touched(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    (folder / "mine.txt").write_text("mine", encoding="utf-8")
    assert sweep_leftovers(tmp_path) == []
    assert children(folder) == ["mine.txt"]


# --- frames


def everything() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "school_id": pd.Series(["001", "", None, 'a,b"c\n\\N\r'], dtype="str"),
            "text": pd.Series(["甲", None, "\\N", "=1+1"], dtype="object"),
            "pupils": [0.1 + 0.2, float("nan"), -0.0, 1e-308],
            "single": np.array([0.1, np.nan, 3.5, np.inf], dtype=np.float32),
            "rooms": np.array([1, -2, 3, 2**62], dtype=np.int64),
            "small": np.array([1, 2, 3, 4], dtype=np.int8),
            "maybe": pd.Series([1, None, 3, 4], dtype="Int64"),
            "is_open": [True, False, True, True],
            "perhaps": pd.Series([True, None, False, True], dtype="boolean"),
            "kind": pd.Categorical(["x", None, "y", "x"], categories=["y", "x", "z"], ordered=True),
        }
    )


def test_every_kind_of_column_comes_back_exactly(tmp_path: Path) -> None:
    frame = everything()
    save_frames({"all": frame, "none": frame.iloc[:0]}, tmp_path)
    back = load_frames(tmp_path)
    assert_frame_equal(back["all"], frame, check_exact=True)
    assert_frame_equal(back["none"], frame.iloc[:0], check_exact=True)
    assert np.signbit(back["all"]["pupils"][2])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text()), min_size=1), st.data())
def test_any_text_and_any_number_come_back(tmp_path_factory: pytest.TempPathFactory, texts, data) -> None:
    numbers = data.draw(st.lists(st.floats(width=64), min_size=len(texts), max_size=len(texts)))
    encodable = [t if t is None else t.encode("utf-8", "ignore").decode("utf-8") for t in texts]
    frame = pd.DataFrame({"id": pd.Series(encodable, dtype="object"), "n": np.array(numbers)})
    folder = tmp_path_factory.mktemp("frames")
    save_frames({"f": frame}, folder)
    assert_frame_equal(load_frames(folder)["f"], frame, check_exact=True)


def test_geometry_and_crs_come_back(tmp_path: Path) -> None:
    shapes = [Point(0.1, 0.2), None, LineString([(0, 0), (1, 1)]), Polygon([(0, 0), (1, 0), (1, 1)])]
    frame = gpd.GeoDataFrame({"id": list("abcd")}, geometry=shapes, crs=CRS.from_epsg(4547))
    custom = frame.set_crs(
        CRS.from_proj4("+proj=tmerc +lat_0=0 +lon_0=112.3 +x_0=500000 +ellps=GRS80"), allow_override=True
    )
    bare = gpd.GeoDataFrame({"id": ["a"]}, geometry=[Point(1, 2)])
    save_frames({"epsg": frame, "custom": custom, "bare": bare}, tmp_path)
    back = load_frames(tmp_path)
    for name, expected in (("epsg", frame), ("custom", custom), ("bare", bare)):
        assert_geodataframe_equal(back[name], expected, check_crs=True)
        assert back[name].crs == expected.crs


def test_an_outline_of_very_many_points_comes_back(tmp_path: Path) -> None:
    outline = Point(0, 0).buffer(1000, quad_segs=2000)
    frame = gpd.GeoDataFrame(geometry=[outline], crs=32649)
    save_frames({"boundary": frame}, tmp_path)
    assert load_frames(tmp_path)["boundary"].geometry.iloc[0].equals_exact(outline, 0)


def test_the_same_frames_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        save_frames({"all": everything()}, tmp_path / name)
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


def test_an_index_of_its_own_and_odd_values_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="index"):
        save_frames({"f": pd.DataFrame({"a": [1]}, index=["x"])}, tmp_path)
    with pytest.raises(ValueError, match="list is not text"):
        save_frames({"f": pd.DataFrame({"a": [["x"]]})}, tmp_path)
    with pytest.raises(ValueError, match="datetime"):
        save_frames({"f": pd.DataFrame({"a": pd.to_datetime(["2025-09-01"])})}, tmp_path)


def test_missing_damaged_and_foreign_folders_are_plain_messages(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"frames\.json"):
        load_frames(tmp_path)
    save_frames({"f": everything()}, tmp_path)
    packed = (tmp_path / "f.csv.gz").read_bytes()
    (tmp_path / "f.csv.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(OutputError, match=r"f\.csv\.gz"):
        load_frames(tmp_path)
    index = json.loads((tmp_path / "frames.json").read_text(encoding="utf-8"))
    (tmp_path / "frames.json").write_text(json.dumps(index | {"format": 99}), encoding="utf-8")
    with pytest.raises(OutputError, match="99"):
        load_frames(tmp_path)


def test_a_table_with_too_few_rows_is_noticed(tmp_path: Path) -> None:
    save_frames({"f": everything()}, tmp_path)
    index = json.loads((tmp_path / "frames.json").read_text(encoding="utf-8"))
    index["frames"]["f"]["rows"] = 9
    (tmp_path / "frames.json").write_text(json.dumps(index), encoding="utf-8")
    with pytest.raises(OutputError, match="9"):
        load_frames(tmp_path)

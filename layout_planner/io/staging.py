"""A folder that appears whole or not at all, whatever happens while it is being written."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from layout_planner.errors import OutputError, Text

__all__ = ["PARTIAL_MARKER", "free_folder", "staged_folder", "sweep_leftovers"]

PARTIAL_MARKER = ".layout-planner-partial"
STALE_AFTER_S = 2 * 24 * 3600.0
_PARTIAL_NAME = re.compile(r"^\..+\.partial-(\d+)(-\d+)?$")
_TRIES = 12
_FIRST_WAIT_S = 0.02
_active: set[Path] = set()


@contextmanager
def staged_folder(target: Path) -> Iterator[Path]:
    """Write a folder beside ``target`` and rename it only when everything went well.

    Yields a new folder ``.<name>.partial-<pid>`` next to ``target``. On success it is renamed to ``target``; on an
    error or Ctrl-C it is removed and ``target`` never appears. What a killed process left is removed the next time.

    Raises
    ------
    OutputError
        ``target`` exists already, or cannot be created.

    Examples
    --------
    >>> import tempfile
    >>> where = Path(tempfile.mkdtemp()) / "run"
    >>> with staged_folder(where) as folder:
    ...     _ = (folder / "a.txt").write_text("whole", encoding="utf-8")
    >>> sorted(p.name for p in where.iterdir())
    ['a.txt']
    """
    target = Path(os.path.abspath(target))  # noqa: PTH100 - resolve() would follow a link the user chose
    _refuse_existing(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        sweep_leftovers(target.parent)
        partial = _new_partial(target)
    except OSError as error:
        raise _cannot_write(target, error) from error
    _active.add(partial)
    try:
        yield partial
        _publish(partial, target)
    finally:
        if partial.exists():
            _remove(partial)
        _active.discard(partial)


def free_folder(folder: Path) -> Path:
    """Give a folder that does not exist yet: this one, or its name with the first free number from 2."""
    candidates = [folder, *(folder.with_name(f"{folder.name}-{n}") for n in range(2, 1000))]
    return next(f for f in candidates if not f.exists())


def sweep_leftovers(parent: Path) -> list[Path]:
    """Remove what killed runs left in ``parent`` and list it.

    A folder is removed only if its name is one of ours, our marker file lies in it, and the process that wrote it
    has ended on this machine (or the marker is two days old).
    """
    removed = []
    for folder in sorted(parent.glob(".*.partial-*")):
        if _PARTIAL_NAME.match(folder.name) and folder.is_dir() and not folder.is_symlink() and _is_leftover(folder):
            _remove(folder)
            if not folder.exists():
                removed.append(folder)
    return removed


def _refuse_existing(target: Path) -> None:
    if target.exists() or target.is_symlink():
        raise OutputError(
            Text(f"{target.name} 已存在，不覆盖；请删除或改名后再运行", f"{target.name} exists and is not overwritten")
        )


def _cannot_write(target: Path, error: OSError) -> OutputError:
    why = type(error).__name__
    return OutputError(
        Text(
            f"无法写入 {target}（{why}）。检查磁盘空间、文件夹权限和路径长度（Windows 不超过 260 个字符）",
            f"cannot write {target} ({why}): check disk space, permissions, and the path's length (260 on Windows)",
        )
    )


def _new_partial(target: Path) -> Path:
    for n in range(1, 100):
        suffix = "" if n == 1 else f"-{n}"
        partial = target.parent / f".{target.name}.partial-{os.getpid()}{suffix}"
        try:
            partial.mkdir()
        except FileExistsError:
            continue
        note = {"pid": os.getpid(), "host": platform.node(), "started": time.time()}
        (partial / PARTIAL_MARKER).write_text(json.dumps(note), encoding="utf-8")
        return partial
    raise OutputError(Text(f"{target.name} 正在被多次写入", f"{target.name} is being written too many times at once"))


def _publish(partial: Path, target: Path) -> None:
    """Rename the finished folder; a virus scanner on Windows may hold a file for a moment, so try again."""
    wait = _FIRST_WAIT_S
    for attempt in range(_TRIES):
        _refuse_existing(target)
        try:
            partial.rename(target)
            break
        except PermissionError as error:
            if attempt == _TRIES - 1:
                raise _cannot_write(target, error) from error
            time.sleep(wait)
            wait = min(2 * wait, 1.0)
        except OSError as error:
            raise _cannot_write(target, error) from error
    # The marker goes last: a folder killed before the rename must stay recognisable.
    (target / PARTIAL_MARKER).unlink(missing_ok=True)


def _is_leftover(folder: Path) -> bool:
    if folder in _active:
        return False
    marker = folder / PARTIAL_MARKER
    try:
        note = json.loads(marker.read_text(encoding="utf-8"))
        age = time.time() - marker.stat().st_mtime
        pid, host = int(note["pid"]), str(note["host"])
    except (OSError, ValueError, KeyError, TypeError):
        return False
    if age > STALE_AFTER_S:
        return True
    if host != platform.node():
        return False
    return pid == os.getpid() or not _is_alive(pid)


def _is_alive(pid: int) -> bool:
    """Tell whether a process of this machine still runs."""
    if sys.platform == "win32":
        import ctypes  # Windows only: os.kill(pid, 0) would end the process there

        kernel = ctypes.windll.kernel32
        handle = kernel.OpenProcess(0x1000, False, pid)  # PROCESS_QUERY_LIMITED_INFORMATION
        if not handle:
            return bool(kernel.GetLastError() == 5)  # ERROR_ACCESS_DENIED: somebody else's, alive
        code = ctypes.c_ulong()
        kernel.GetExitCodeProcess(handle, ctypes.byref(code))
        kernel.CloseHandle(handle)
        return code.value == 259  # STILL_ACTIVE
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _remove(folder: Path) -> None:
    """Remove one of our partial folders, the marker last, so that a half-removed one is still recognised."""
    wait = _FIRST_WAIT_S
    for _ in range(_TRIES):
        try:
            for child in sorted(folder.iterdir()):
                if child.name == PARTIAL_MARKER:
                    continue
                if child.is_dir() and not child.is_symlink():
                    shutil.rmtree(child)
                else:
                    child.unlink()
            (folder / PARTIAL_MARKER).unlink(missing_ok=True)
            folder.rmdir()
        except FileNotFoundError:
            return
        except PermissionError:
            time.sleep(wait)
            wait = min(2 * wait, 1.0)
        else:
            return

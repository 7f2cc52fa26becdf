"""Processes that solve with CP-SAT: started when first needed, kept for the next search, gone with their parent."""

from __future__ import annotations

import atexit
import json
import os
import queue
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layout_planner.errors import LayoutError, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Service", "borrowed"]

_ASKED = 0.05
"""Seconds to wait for news at a time."""

_PROGRAMME = Path(__file__).with_name("cpsat_process.py")


class Service:
    """One solving process, and a thread that listens to it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(_PROGRAMME)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )
        self._said: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    @property
    def alive(self) -> bool:
        """Tell whether the process runs."""
        return self._process.poll() is None

    def send(self, job: dict[str, Any]) -> None:
        """Hand a model over."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(job) + "\n")
            self._process.stdin.flush()
        except OSError as error:
            raise _ended() from error

    def news(self) -> Iterator[dict[str, Any]]:
        """Yield what was said, after a short wait if that is nothing yet.

        Raises
        ------
        LayoutError
            If the process has ended by itself.
        """
        try:
            line = self._said.get(timeout=_ASKED)
            while True:
                if not line:
                    raise _ended()
                yield json.loads(line)
                line = self._said.get_nowait()
        except queue.Empty:
            return

    def end(self) -> None:
        """End the process, and the thread with it: one that still reads could hold up the end of the interpreter."""
        self._process.kill()
        self._process.wait()
        self._listener.join()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._said.put(line)
        self._said.put("")


_idle: dict[int, list[Service]] = {}
"""Services without work, by the process that started them: a forked child must not talk to its parent's."""


@contextmanager
def borrowed() -> Iterator[Service]:
    """Lend a service; one that was left in the middle of its work is ended."""
    waiting = _idle.setdefault(os.getpid(), [])
    try:
        service = waiting.pop()
    except IndexError:
        service = Service()
    if not service.alive:
        service = Service()
    try:
        yield service
    except BaseException:
        service.end()
        raise
    if service.alive:
        waiting.append(service)


@atexit.register
def _end_all() -> None:
    for service in _idle.pop(os.getpid(), []):
        service.end()


def _ended() -> LayoutError:
    return LayoutError(
        Text("求解进程意外结束，可能是内存不足", "the solving process ended by itself, perhaps for want of memory")
    )

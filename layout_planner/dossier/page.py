"""Documents as self-contained web pages, and as PDF where a Chromium is found."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from layout_planner import __version__
from layout_planner.dossier.ledger import Line
from layout_planner.errors import Text, counted
from layout_planner.report.html import render

if TYPE_CHECKING:
    from layout_planner.dossier.blocks import Document, Value

__all__ = ["find_browser", "print_pages", "write_page"]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge", "microsoft-edge")
_WINDOWS = ("Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe")
_MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
_QUIETLY = (
    "--headless=new", "--disable-gpu", "--no-first-run", "--no-default-browser-check", "--disable-extensions",
    "--disable-sync", "--disable-background-networking", "--disable-component-update", "--no-pdf-header-footer",
)  # fmt: skip
_SECONDS = 60


def write_page(document: Document, path: Path) -> None:
    """Write a document as one HTML file that needs nothing else; the same document gives the same bytes."""
    filters: dict[str, Callable[..., object]] = {"pieces": _pieces, "plain": _plain, "base64": _base64}
    context = {"document": document, "version": __version__}
    path.write_bytes(render("dossier.html.j2", context, filters).encode("utf-8"))


def _pieces(value: Value) -> Iterator[tuple[str, str]]:
    if isinstance(value, Line):
        yield from value.pieces()
    else:
        yield _plain(value), getattr(value, "ref", "")


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _plain(value: Value) -> str:
    return value if isinstance(value, str) else value.text


def find_browser() -> str | None:
    """Find a Chromium, Chrome or Edge: CHROMIUM_PATH, the search path, or the usual folders."""
    named = os.environ.get("CHROMIUM_PATH")
    if named and Path(named).is_file():
        return named
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    roots = [os.environ.get(name, "") for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")]
    usual = [*(Path(root) / tail for root in roots if root for tail in _WINDOWS), *map(Path, _MAC)]
    return found or next((str(path) for path in usual if path.is_file()), None)


def print_pages(pages: Sequence[Path], progress: Callable[[Text], None] = lambda _: None) -> tuple[Text, ...]:
    """Print pages as PDF beside them, and say in a line where this could not be done; never an error."""
    browser = find_browser()
    if browser is None:
        return (Text("没有找到浏览器（Chrome、Edge 或 Chromium），未生成 PDF；可打开网页打印",
                     "no Chromium, Chrome or Edge was found: no PDF; print the pages by hand"),)  # fmt: skip
    progress(Text("打印为 PDF", "printing as PDF"))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        failed = [page for page in pages if not _print(browser, page, profile)]
    if not failed:
        return ()
    return (Text(f"{len(failed)} 个文件未能打印为 PDF，可打开网页打印",
                 f"{counted(len(failed), 'file')} could not be printed as PDF; print the pages by hand"),)  # fmt: skip


def _print(browser: str, page: Path, profile: str) -> bool:
    target = page.with_suffix(".pdf")
    command = [
        browser, *_QUIETLY, f"--user-data-dir={profile}", f"--print-to-pdf={target.absolute()}",
        page.absolute().as_uri(),
    ]  # fmt: skip
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.insert(1, "--no-sandbox")  # Chromium refuses its sandbox to root
    try:
        subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        target.unlink(missing_ok=True)
        return False
    return target.is_file() and target.stat().st_size > 0

"""Look for what browser tests need: a Chromium, a Chinese font, axe-core. Never fails; tests skip instead."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

CHROMIUM = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "microsoft-edge",
)
WINDOWS = (
    "Google/Chrome/Application/chrome.exe",
    "Chromium/Application/chrome.exe",
    "Microsoft/Edge/Application/msedge.exe",
)
MAC = ("Google Chrome.app/Contents/MacOS/Google Chrome", "Chromium.app/Contents/MacOS/Chromium")
FONT_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.fonts",
    "~/.local/share/fonts",
    "/Library/Fonts",
    "/System/Library/Fonts",
    "~/Library/Fonts",
)
FONTS = (
    "notosanscjk",
    "notoserifcjk",
    "sourcehansans",
    "notosanssc",
    "wqy",
    "pingfang",
    "hiragino",
    "stheiti",
    "msyh",
    "simhei",
    "simsun",
    "droidsansfallback",
)
PACKAGES = {"chromium": "chromium", "font": "fonts-noto-cjk"}
AXE = "axe-core@4.11.0"
"""The checker of accessibility; it is fetched by npm into the environment of the tests, and ships nowhere."""


def find_chromium() -> str | None:
    """Find a Chromium-like browser: CHROMIUM_PATH, the search path, or the usual folders."""
    named = os.environ.get("CHROMIUM_PATH")
    if named and Path(named).is_file():
        return named
    for name in CHROMIUM:
        if path := shutil.which(name):
            return path
    roots = [os.environ.get(name, "") for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")]
    usual = [Path(root) / tail for root in roots if root for tail in WINDOWS]
    usual += [Path("/Applications") / tail for tail in MAC]
    return next((str(path) for path in usual if path.is_file()), None)


def find_cjk_font() -> str | None:
    """Find a file of a font that has Chinese characters."""
    folders = [Path(folder).expanduser() for folder in FONT_FOLDERS]
    if windows := os.environ.get("WINDIR"):
        folders.append(Path(windows) / "Fonts")
    for folder in folders:
        if folder.is_dir():
            for path in sorted(folder.rglob("*")):
                name = path.stem.lower().replace("-", "").replace(" ", "").replace("_", "")
                if path.suffix.lower() in {".ttf", ".ttc", ".otf"} and name.startswith(FONTS):
                    return str(path)
    return None


def find_axe() -> str | None:
    """Find axe-core's script: AXE_PATH, or where npm put it in this environment."""
    named = os.environ.get("AXE_PATH")
    for path in (Path(named) if named else None, Path(sys.prefix) / "node_modules" / "axe-core" / "axe.min.js"):
        if path is not None and path.is_file():
            return str(path)
    return None


def main() -> int:
    """Report what is there; install what is missing: on Debian as root, and axe-core where there is npm."""
    if find_axe() is None:
        _fetch_axe()
    missing = [kind for kind, found in (("chromium", find_chromium()), ("font", find_cjk_font())) if not found]
    if missing and _may_install():
        _install([PACKAGES[kind] for kind in missing])
        missing = [kind for kind, found in (("chromium", find_chromium()), ("font", find_cjk_font())) if not found]
    for kind in missing:
        print(_advice(kind))
    return 0


def _fetch_axe() -> None:
    npm = shutil.which("npm")
    if npm is None or sys.prefix == sys.base_prefix:
        print("needs: no axe-core, so the accessibility tests will skip. Mend: install Node.js, run this again.")
        return
    quiet = ["--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    _run([npm, "install", "--prefix", sys.prefix, *quiet, AXE])


def _run(command: list[str]) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"needs: {' '.join(command)}: {error}")
        return False
    if done.returncode != 0:
        print(f"needs: {' '.join(command)} ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    return done.returncode == 0


def _may_install() -> bool:
    return (
        hasattr(os, "geteuid")
        and os.geteuid() == 0
        and Path("/etc/debian_version").exists()
        and bool(shutil.which("apt-get"))
    )


def _install(packages: list[str]) -> None:
    print(f"needs: installing {', '.join(packages)}", flush=True)
    for command in (
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages],
    ):
        if not _run(command):
            return


def _advice(kind: str) -> str:
    system = platform.system()
    if kind == "chromium":
        what = "no Chromium found, so the browser tests will skip"
        how = {
            "Windows": "install Google Chrome, or use the Edge that comes with Windows",
            "Darwin": "install Google Chrome",
        }.get(system, "sudo apt-get install chromium, or your distribution's package")
        return f"needs: {what}. To run them: {how}; or set CHROMIUM_PATH."
    how = {
        "Windows": "add the feature 'Chinese (Simplified) Supplemental Fonts'",
        "Darwin": "PingFang comes with macOS",
    }.get(system, "sudo apt-get install fonts-noto-cjk")
    return f"needs: no Chinese font found, so Chinese text in pictures shows as boxes. Mend: {how}."


if __name__ == "__main__":
    sys.exit(main())

"""The manifest of a run: what went in, what came out, with which engine; and whether the outputs are still those."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from layout_planner import __version__
from layout_planner.config.ruling import is_rule_file
from layout_planner.config.scenario import Scenario
from layout_planner.errors import OutputError, Text
from layout_planner.io.county import InputFile
from layout_planner.io.staging import PARTIAL_MARKER

__all__ = [
    "MANIFEST_FILE",
    "InputEntry",
    "Manifest",
    "OverrideEntry",
    "engine_sha256",
    "file_sha256",
    "portable_path",
    "portable_scenario",
    "read_manifest",
    "run_hash",
    "verify_outputs",
    "write_manifest",
]

MANIFEST_FILE = "manifest.json"
FORMAT = 1
MAX_UP = 3
SHORT = 10
_ENGINE_SUFFIXES = frozenset({".py", ".yaml", ".j2", ".html", ".js", ".css", ".json"})
_ENGINE_SKIP = frozenset({"__pycache__", "_shipped"})
_LIBRARIES = ("geopandas", "highspy", "networkx", "numba", "numpy", "osmium", "osmnx", "pandas", "pydantic", "pyogrio",
              "pyproj", "rasterio", "scipy", "shapely")  # fmt: skip


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class InputEntry(_Entry):
    """One input file: its role, where it lay relative to the scenario file, its SHA-256 and its size."""

    role: str
    path: str
    sha256: str
    bytes: int


class OverrideEntry(_Entry):
    """One key that was overridden, ``old -> new``, and by what."""

    key: str
    old: str
    new: str
    source: str = ""


class Manifest(_Entry):
    """Everything needed to tell whether two runs are the same run, and none of the machine that made them.

    ``run`` is a short hash over the inputs' contents, the resolved scenario and the engine. ``outputs`` maps each
    file of the run folder (with ``/``) to its SHA-256. ``timings_s`` and ``libraries`` are for reading only: they
    are not part of ``run``.
    """

    format: int = FORMAT
    version: str
    engine_sha256: str
    run: str
    python: str
    libraries: dict[str, str]
    seed: int
    scenario: dict[str, Any]
    scenario_files: tuple[str, ...] = ()
    overrides: tuple[OverrideEntry, ...] = ()
    inputs: tuple[InputEntry, ...] = ()
    outputs: dict[str, str] = {}
    solver: dict[str, Any] = {}
    timings_s: dict[str, float] = {}

    def to_json(self) -> str:
        """Spell the manifest with sorted keys."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def file_sha256(path: Path) -> str:
    """Hash a file's contents."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@cache
def engine_sha256() -> str:
    """Hash the package's own sources, templates and rules, the same on every platform's line endings."""
    root = Path(__file__).resolve().parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*"), key=lambda p: p.relative_to(root).as_posix()):
        parts = path.relative_to(root).parts
        if path.suffix not in _ENGINE_SUFFIXES or _ENGINE_SKIP & set(parts) or not path.is_file():
            continue
        digest.update("/".join(parts).encode("utf-8") + b"\0")
        digest.update(path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()


def portable_path(path: Path, base: Path | None) -> str:
    """Spell a path relative to ``base`` when it is below or near it, else its name only: never a machine's path.

    >>> portable_path(Path("/p/data/a.xlsx"), Path("/p/scenarios"))
    '../data/a.xlsx'
    >>> portable_path(Path("/elsewhere/far/away/a.xlsx"), Path("/p/q/r/s/scenarios"))
    'a.xlsx'
    """
    if base is None:
        return path.name if path.is_absolute() else path.as_posix()
    try:
        relative = Path(os.path.relpath(path, base))
    except ValueError:  # another drive on Windows
        return path.name
    up = sum(1 for part in relative.parts if part == "..")
    anchor = len(Path(os.path.abspath(base)).parts)  # noqa: PTH100 - no link is followed
    return relative.as_posix() if up <= min(MAX_UP, anchor - 2) else path.name


def portable_scenario(scenario: Scenario) -> dict[str, Any]:
    """Dump a scenario with every key resolved and its data paths made portable."""
    base = _base(scenario)
    dumped = scenario.model_dump(mode="json")
    native = scenario.data.model_dump()
    for key, value in native.items():
        if isinstance(value, Path):
            dumped["data"][key] = portable_path(value, base)
        elif isinstance(value, tuple) and value and all(isinstance(v, Path) for v in value):
            dumped["data"][key] = [portable_path(v, base) for v in value]
    dumped["rules"] = [portable_path(Path(e), base) if is_rule_file(e) else e for e in scenario.rules]
    return dumped


def run_hash(scenario: Scenario, inputs: Iterable[InputFile]) -> str:
    """Hash inputs' contents, resolved scenario and engine into a short name for the run."""
    entries = sorted((item.role, item.sha256) for item in inputs)
    whole = {"inputs": entries, "scenario": portable_scenario(scenario), "engine": engine_sha256()}
    text = json.dumps(whole, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:SHORT]


def write_manifest(
    folder: Path,
    scenario: Scenario,
    inputs: Sequence[InputFile],
    *,
    solver: Mapping[str, Any] | None = None,
    timings_s: Mapping[str, float] | None = None,
) -> Manifest:
    """Write ``manifest.json`` over everything that lies in ``folder``; call it last.

    Parameters
    ----------
    folder : Path
        The run folder, all outputs written.
    scenario : Scenario
        Resolved; its ``changes`` and ``files`` are recorded.
    inputs : sequence of InputFile
        Files that were read.
    solver : mapping, optional
        What a solver said of its result (status, objective, bound, gap).
    timings_s : mapping of str to float, optional
        Seconds by step. They make the manifest's bytes differ between runs.

    Returns
    -------
    Manifest
    """
    base = _base(scenario)
    manifest = Manifest(
        version=__version__,
        engine_sha256=engine_sha256(),
        run=run_hash(scenario, inputs),
        python=platform.python_version(),
        libraries=_library_versions(),
        seed=scenario.seed,
        scenario=portable_scenario(scenario),
        scenario_files=tuple(portable_path(file, base) for file in scenario.files),
        overrides=tuple(
            OverrideEntry(key=c.key, old=_portable_text(c.old, base), new=_portable_text(c.new, base), source=c.source)
            for c in scenario.changes
        ),
        inputs=tuple(
            InputEntry(role=i.role, path=portable_path(i.path, base), sha256=i.sha256, bytes=i.path.stat().st_size)
            for i in sorted(inputs, key=lambda item: (item.role, item.path.as_posix()))
        ),
        outputs=_hash_outputs(folder),
        solver=dict(solver or {}),
        timings_s={key: round(value, 3) for key, value in (timings_s or {}).items()},
    )
    (folder / MANIFEST_FILE).write_bytes(manifest.to_json().encode("utf-8"))
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """Read a run folder's manifest.

    Raises
    ------
    OutputError
        The folder is not a finished run, or its manifest cannot be read.
    """
    path = folder / MANIFEST_FILE
    try:
        return Manifest.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise OutputError(
            Text(f"{folder.name} 不是完成的运行结果（缺 {MANIFEST_FILE}）", f"{folder.name} is not a finished run")
        ) from None
    except (ValidationError, UnicodeDecodeError) as error:
        raise OutputError(
            Text(f"{folder.name} 的 {MANIFEST_FILE} 无法读取", f"cannot read {MANIFEST_FILE} of {folder.name}")
        ) from error


def verify_outputs(folder: Path) -> list[str]:
    """List the outputs of a run that are no longer what they were: ``changed: f`` or ``missing: f``, sorted."""
    troubles = []
    for name, expected in sorted(read_manifest(folder).outputs.items()):
        path = folder / name
        if not path.is_file():
            troubles.append(f"missing: {name}")
        elif file_sha256(path) != expected:
            troubles.append(f"changed: {name}")
    return troubles


def _base(scenario: Scenario) -> Path | None:
    return Path(os.path.abspath(scenario.files[0])).parent if scenario.files else None  # noqa: PTH100 - as typed


def _portable_text(text: str, base: Path | None) -> str:
    """Make a path inside an override's spelling portable; other text stays."""
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    if isinstance(value, list) and any(isinstance(v, str) and Path(v).is_absolute() for v in value):
        return json.dumps(
            [portable_path(Path(v), base) if isinstance(v, str) else v for v in value], ensure_ascii=False
        )
    if isinstance(value, str) and Path(value).is_absolute():
        return portable_path(Path(value), base)
    return text


def _hash_outputs(folder: Path) -> dict[str, str]:
    files = (p for p in folder.rglob("*") if p.is_file() and p.name not in (MANIFEST_FILE, PARTIAL_MARKER))
    return {p.relative_to(folder).as_posix(): file_sha256(p) for p in sorted(files)}


def _library_versions() -> dict[str, str]:
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found

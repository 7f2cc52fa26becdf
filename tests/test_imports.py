"""Who may import whom, and that importing does nothing else."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "layout_planner"

# From left to right: nobody imports to the right of itself; rooms in one tuple do not import each other.
ORDER: tuple[tuple[str, ...], ...] = (
    ("errors",),
    ("grades",),
    ("registry",),
    (
        "columns_layout",
        "columns_forms",
        "columns_zones",
        "columns_classes",
        "columns_lottery",
        "columns_admission",
        "columns_checks",
        "columns_forecast",
        "columns_measures",
        "columns_rules",
        "columns_dossier",
        "columns_study",
    ),
    ("columns",),
    ("travel", "locate"),
    ("config",),
    ("examples",),
    ("io",),
    ("demand", "supply"),
    ("plan",),
    ("assign",),
    ("measures",),
    ("rules",),
    ("layout", "testing"),
    ("manifest",),
    ("maps",),
    ("report",),
    ("dossier",),
    ("prepare", "study"),
    ("publish", "lottery", "ancestors", "comparison", "run_result"),
    ("run",),
    ("task",),
    ("atlas", "classes", "districts", "catchments", "compliance", "dossiers"),
    ("cli_help",),
    ("cli_lottery",),
    ("cli",),
    ("__init__", "__main__"),
)
RANK = {room: rank for rank, rooms in enumerate(ORDER) for room in rooms}


def room_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = [node.module or ""]
            if node.module == "layout_planner":
                names = [f"layout_planner.{alias.name}" for alias in node.names]
        rooms |= {name.split(".")[1] for name in names if name.startswith("layout_planner.")}
    return rooms - {"__version__"}


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_nobody_imports_to_the_right(path: Path) -> None:
    own = room_of(path)
    for other in imported_rooms(path) - {own}:
        assert RANK[other] < RANK[own], f"{own} imports {other}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_no_star_imports(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert all(alias.name != "*" for alias in node.names)


@pytest.mark.parametrize("module", ["layout_planner", "layout_planner.cli"])
def test_importing_loads_nothing_heavy(module: str) -> None:
    code = (
        f"import sys, {module}; "
        "heavy = {'numpy', 'pandas', 'geopandas', 'numba', 'folium', 'rasterio', 'scipy', 'pydantic'}; "
        "heavy &= set(sys.modules); "
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

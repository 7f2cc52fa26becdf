"""Where the files of a county are: one by one as the scenario names them, or by their usual names in a folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from layout_planner.config.scenario import Data
from layout_planner.errors import Flaw, Severity, Text
from layout_planner.io.grids import TEXT_SUFFIXES, WORKBOOK_SUFFIXES
from layout_planner.io.raster import RASTER_SUFFIXES
from layout_planner.io.vector import VECTOR_SUFFIXES

__all__ = ["USUAL_NAMES", "Files", "find_files"]

OSM_SUFFIXES = (".osm.pbf", ".pbf", ".osm.bz2", ".osm.gz", ".osm")
ROAD_SUFFIXES = (*OSM_SUFFIXES, ".graphml", *VECTOR_SUFFIXES)
_TABLE_OR_LAYER = (*WORKBOOK_SUFFIXES, *TEXT_SUFFIXES, *VECTOR_SUFFIXES)

USUAL_NAMES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "boundary": (("boundary", "county", "县界", "边界"), VECTOR_SUFFIXES),
    "townships": (("townships", "township", "乡镇界", "乡镇"), VECTOR_SUFFIXES),
    "township_pupils": (
        ("township_pupils", "乡镇学生数", "各乡镇学生数", "乡镇人数"),
        (*WORKBOOK_SUFFIXES, *TEXT_SUFFIXES),
    ),
    "villages": (("villages", "village", "村表", "村庄", "行政村"), _TABLE_OR_LAYER),
    "schools": (("schools", "school", "学校表", "学校", "学校基本情况", "学校基本情况表"), _TABLE_OR_LAYER),
    "enrolment": (("enrolment", "enrollment", "历年在校生"), (*WORKBOOK_SUFFIXES, *TEXT_SUFFIXES)),
    "village_enrolment": (
        ("village_enrolment", "village_enrollment", "各村就读情况", "各村学生就读情况"),
        (*WORKBOOK_SUFFIXES, *TEXT_SUFFIXES),
    ),
    "teachers": (("teachers", "教师", "教师名册", "教师表"), (*WORKBOOK_SUFFIXES, *TEXT_SUFFIXES)),
    "roads": (("roads", "road", "network", "道路", "路网"), ROAD_SUFFIXES),
    "rivers": (("rivers", "river", "water", "河流", "水系"), VECTOR_SUFFIXES),
    "projects": (("projects", "project", "小区", "住宅项目", "建设项目", "住宅小区与建设项目"), _TABLE_OR_LAYER),
    "buildings": (("buildings", "building", "建筑", "房屋"), (*OSM_SUFFIXES, *VECTOR_SUFFIXES)),
    "land_cover": (("landcover", "land_cover", "worldcover", "土地覆盖", "地表覆盖"), RASTER_SUFFIXES),
    "forecast": (("forecast", "学生数预测", "生源预测", "学位需求预测"), (*WORKBOOK_SUFFIXES, *TEXT_SUFFIXES)),
    "claims": (("claims", "入学类别人数", "分类入学人数"), (*WORKBOOK_SUFFIXES, *TEXT_SUFFIXES)),
    "lottery_roster": (("lottery_roster", "派位报名表", "派位名册"), (*WORKBOOK_SUFFIXES, *TEXT_SUFFIXES)),
    "class_roster": (("class_roster", "分班名册"), (*WORKBOOK_SUFFIXES, *TEXT_SUFFIXES)),
    "terrain": (("terrain", "dem", "elevation", "地形", "高程"), RASTER_SUFFIXES),
}
"""Names without suffix, in order of preference, and the suffixes that each role may have, likewise.

Population rasters are all rasters in a sub-folder ``population`` or ``人口``, and files whose name begins with
``population`` or ``人口``.
"""
_POPULATION = ("population", "人口")


@dataclass(frozen=True)
class Files:
    """Paths by role; ``None`` where there is no such file. ``flaws`` tells of ambiguous names."""

    paths: dict[str, Path | None]
    population: tuple[Path, ...]
    folder: Path | None = None
    flaws: tuple[Flaw, ...] = field(default=())

    def __getitem__(self, role: str) -> Path | None:
        return self.paths[role]


def _suffix(path: Path, suffixes: tuple[str, ...]) -> str:
    """Find the longest of the suffixes that the name ends with."""
    name = path.name.lower()
    return max((s for s in suffixes if name.endswith(s)), key=len, default="")


def _find(entries: list[Path], role: str) -> tuple[Path | None, list[Flaw]]:
    names, suffixes = USUAL_NAMES[role]
    hits = []
    for path in entries:
        suffix = _suffix(path, suffixes)
        stem = path.name[: len(path.name) - len(suffix)].lower()
        if suffix and stem in names:
            hits.append((names.index(stem), suffixes.index(suffix), path))
    hits.sort(key=lambda hit: (hit[0], hit[1], hit[2].name))
    if len(hits) < 2:
        return (hits[0][2] if hits else None), []
    used, other = hits[0][2], "、".join(hit[2].name for hit in hits[1:])
    what = Text(
        f"有几个文件都像“{role}”，用了 {used.name}，没用 {other}",
        f"several files look like {role}: {used.name} was used, {other} not",
    )
    mend = Text(f"在 data.{role} 写明用哪个，或删去多余的", f"say which in data.{role}, or remove the others")
    return used, [Flaw("file_ambiguous", what, mend, file=used.name, severity=Severity.WARNING)]


def _grid_file(path: Path) -> Path:
    """Name the file of cells in the folder of an ESRI grid; any other path stays."""
    return path / "w001001.adf" if (path / "w001001.adf").is_file() else path


def find_files(data: Data) -> Files:
    """Find the files of a scenario: those that it names, else those with a usual name in its folder."""
    folder = data.folder
    if folder is not None and not folder.is_dir():
        what = Text(f"找不到数据文件夹 {folder}", f"the data folder {folder} does not exist")
        mend = Text(
            "改正 data.folder；相对路径从情景文件所在处算起",
            "correct data.folder; relative paths start at the scenario file",
        )
        return Files(dict.fromkeys(USUAL_NAMES), (), folder, (Flaw("folder_missing", what, mend, key="data.folder"),))
    entries = sorted(p for p in folder.iterdir() if p.is_file()) if folder else []
    paths: dict[str, Path | None] = {}
    flaws: list[Flaw] = []
    for role in USUAL_NAMES:
        named: Path | None = getattr(data, role, None)
        paths[role], more = (named, []) if named is not None else _find(entries, role)
        flaws += more
    population = tuple(map(_grid_file, data.population))
    if not population and folder is not None:
        inside = [p for name in _POPULATION if (folder / name).is_dir() for p in (folder / name).iterdir()]
        beside = [p for p in entries if p.name.lower().startswith(_POPULATION)]
        found = {_grid_file(p) for p in (*inside, *beside)}
        population = tuple(sorted(p for p in found if _suffix(p, RASTER_SUFFIXES)))
    return Files(paths, population, folder, tuple(flaws))

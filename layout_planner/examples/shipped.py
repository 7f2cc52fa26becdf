"""The county that ships with the package, and a project folder made from it."""

from __future__ import annotations

import shutil
from pathlib import Path

from layout_planner.errors import Flaw, OutputError, Text

__all__ = ["copy_project", "shipped_folder", "shipped_scenarios"]

_PACKAGE = Path(__file__).resolve().parents[1]
_COUNTY = "yangli"
_README = """# 项目文件夹

- `data/yangli/`：样例县的数据（虚构）。换成本县数据时，保留文件名和表头即可。
- `scenarios/`：情景文件。`baseline.yaml` 为现状，其余情景以它为基础。

```
layout-planner check scenarios/baseline.yaml
layout-planner run scenarios/baseline.yaml
layout-planner run scenarios/merge-three.yaml
```

学校表、村表的表头见 `data/yangli/` 中的工作簿；坐标系在情景文件的 `data: crs:` 中逐表声明。

The county is fictitious. Replace the files in `data/yangli/` by your own, keeping names and headers.
"""


def _root(kind: str) -> Path:
    """Find ``data`` or ``scenarios``: in an installed package, or beside it in a source tree."""
    for root in (_PACKAGE / "_shipped" / kind, _PACKAGE.parent / kind):
        if root.is_dir():
            return root
    msg = Text(f"安装包中缺少 {kind} 文件夹，请重新安装", f"the package has no {kind} folder; install it again")
    raise OutputError(msg)


def shipped_folder() -> Path:
    """Locate the data folder of the county that ships, installed or in a source tree."""
    return _root("data") / _COUNTY


def shipped_scenarios() -> Path:
    """Locate the folder of the scenario files that ship."""
    return _root("scenarios")


def copy_project(folder: str | Path) -> list[Path]:
    """Copy the shipped county and its scenarios into ``folder`` as a project that runs.

    Parameters
    ----------
    folder : str or Path
        Made if it is missing. Files that are already there are never replaced.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    OutputError
        If any of the files exists; nothing is written then.
    """
    target = Path(folder)
    data = shipped_folder()
    copies = [(p, target / "data" / _COUNTY / p.relative_to(data)) for p in sorted(data.rglob("*")) if p.is_file()]
    copies += [(p, target / "scenarios" / p.name) for p in sorted(shipped_scenarios().glob("*.yaml"))]
    readme = target / "README.md"
    present = [path for path in (*(new for _, new in copies), readme) if path.exists()]
    if present:
        mend = Text("换一个文件夹，或先移走这些文件", "choose another folder, or move these files away first")
        what = Text("文件已存在", "the file exists")
        raise OutputError(
            Text(
                "项目文件夹里已有同名文件，未写入任何文件", "The project folder holds such files; nothing was written"
            ),
            [Flaw("file_exists", what, mend, file=str(path)) for path in present],
        )
    for source, new in copies:
        new.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, new)
    readme.write_text(_README, encoding="utf-8", newline="\n")
    return [*(new for _, new in copies), readme]

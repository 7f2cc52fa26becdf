"""One map page of any number of finished runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from layout_planner import maps, report
from layout_planner.errors import OutputError, Text, language

__all__ = ["map_runs"]


def map_runs(
    runs: Sequence[str | Path],
    out: str | Path,
    *,
    theme: str = "time",
    series: bool = False,
    basemap: str | None = None,
) -> Path:
    """Draw finished runs on one page: the first is the one that the others are compared with.

    Parameters
    ----------
    runs : sequence of str or Path
        Run folders. Runs of several years may have other pupils.
    out : str or Path
        File to write; an existing file is never overwritten.
    theme, series, basemap
        As for :func:`layout_planner.maps.plan_map`.

    Raises
    ------
    OutputError
        If a folder is not a finished run or was changed since, or the file is there already.
    InputError
        The theme or base map is none, or the runs are in several coordinate systems.
    """
    target = Path(out)
    if target.exists():
        raise OutputError(Text(f"{target} 已存在，请另起文件名", f"{target} is there already: name another file"))
    found = [report.load_run(Path(run), verify=True) for run in runs]
    last = found[-1].scenario.publish
    page = maps.plan_map(
        [run.plan for run in found],
        [run.tables for run in found],
        theme=cast("maps.Theme", theme),
        series=series,
        lang=language(),
        basemap=basemap,
        date=last.date,
        source=last.source,
        approval=last.approval,
        privacy_min_pupils=max(run.scenario.publish.min_pupils for run in found),
        travelled=[run.travelled for run in found],
    )
    return page.save(target)

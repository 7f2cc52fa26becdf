"""Two finished runs side by side: a table and a map of both."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from layout_planner import maps, report
from layout_planner.errors import OutputError, Text, language
from layout_planner.io.staging import free_folder, staged_folder
from layout_planner.plan import same_pupils

__all__ = ["Comparison", "compare", "pair_name"]

_LONGEST_NAME = 80
_SHORT_NAME = 20


@dataclass(frozen=True)
class Comparison:
    """Two runs side by side."""

    folder: Path
    text: str
    notes: tuple[Text, ...] = ()

    def summary(self) -> str:
        """Show the table and say where the files lie."""
        files = "\n".join(f"  {path}" for path in sorted(self.folder.glob("*.html")))
        notes = "".join(f"{note}\n" for note in self.notes)
        return f"{self.text}\n{notes}{Text('对比结果：', 'Comparison: ')}{self.folder}\n{files}"


def compare(run_a: str | Path, run_b: str | Path, *, out: Path | None = None) -> Comparison:
    """Compare two finished runs: indicators with arrows, and a map of both side by side.

    Parameters
    ----------
    run_a, run_b : str or Path
        Run folders, before and after.
    out : Path, optional
        Folder to write; by default beside ``run_b``. An existing folder is never overwritten.

    Raises
    ------
    OutputError
        If a folder is not a finished run, was changed since, both are the same, or nothing can be written.
    """
    folders = [Path(run).resolve() for run in (run_a, run_b)]
    if folders[0] == folders[1]:
        name = folders[0].name
        raise OutputError(Text(f"前后是同一个结果 {name}，请给出两个不同的结果", f"both are the run {name}: name two"))
    before, after = (report.load_run(folder, verify=True) for folder in folders)
    frame = report.compare_frame(before.tables, after.tables, lang=language())
    target = out or free_folder(folders[1].parent / pair_name(*folders))
    notes = []
    if before.plan.parent == after.label:
        notes.append(
            Text(
                f"注意：“{before.label}”是以“{after.label}”为基础的情景，先后可能写反了",
                f"Note: {before.label} is based on {after.label}; they may be in the wrong order",
            )
        )
    with staged_folder(target) as folder:
        if same_pupils(before.plan, after.plan):
            _map(before, after).save(folder / "map.html")
        else:
            notes.append(
                Text(
                    "注意：两次结果的学生数据不同，只比较指标，不画对比地图",
                    "Note: the two runs do not speak of the same pupils: indicators only, no map",
                )
            )
        report.write_comparison(before, after, folder)
    text = report.compare_text(frame, _label(before), _label(after), lang=language())
    return Comparison(target, text, tuple(notes))


def _label(run: report.RunData) -> str:
    """Name a run in the language of messages."""
    return run.label if language() == "zh" else run.scenario.title_en or run.label


def _map(before: report.RunData, after: report.RunData) -> maps.PlanMap:
    """Draw both runs on a page that opens in the language of messages, with the roads and rings that runs keep."""
    said = after.scenario.publish
    return maps.compare_map(
        before.plan,
        after.plan,
        before.tables,
        after.tables,
        lang=language(),
        title=f"{after.plan.county.name} · {_label(before)} → {_label(after)}",
        date=said.date,
        source=said.source,
        approval=said.approval,
        privacy_min_pupils=max(run.scenario.publish.min_pupils for run in (before, after)),
        travelled=[run.travelled for run in (before, after)],
    )


def pair_name(before: Path, after: Path) -> str:
    """Name a comparison by both runs; by their hashes only where Windows could not take the length."""
    name = f"compare-{before.name}-{after.name}"
    if len(name) <= _LONGEST_NAME:
        return name
    return "-".join(["compare", *(folder.name[:_SHORT_NAME] + folder.name[-11:] for folder in (before, after))])

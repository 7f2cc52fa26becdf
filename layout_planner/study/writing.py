"""The files of a study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from layout_planner.errors import Text
from layout_planner.study.figure import study_figure
from layout_planner.study.paper import paper_table, to_latex, to_markdown, write_study_workbook
from layout_planner.study.words import conclusions

if TYPE_CHECKING:
    from layout_planner.study import EnrolmentStudy

__all__ = ["write_study"]

_CAPTION = Text(
    "就近入学情况，占学生的百分比；括号内为不确定区间。",
    "Enrolment near home, per cent of pupils; brackets hold uncertainty intervals.",
)
_UNDATED = {"CreationDate": None, "ModDate": None}


def write_study(study: EnrolmentStudy, folder: Path, lang: str = "zh") -> list[Path]:
    """Write study.xlsx, table.tex, table.md, figure.png, figure.pdf and conclusions.md.

    Parameters
    ----------
    study : EnrolmentStudy
    folder : Path
        It exists.
    lang : {"zh", "en"}

    Returns
    -------
    list of Path
    """
    names = ("study.xlsx", "table.tex", "table.md", "figure.png", "figure.pdf", "conclusions.md")
    paths = {name: folder / name for name in names}
    write_study_workbook(study, paths["study.xlsx"], lang)
    table = paper_table(study, lang)
    caption = _CAPTION.zh if lang == "zh" else _CAPTION.en
    said = [text.zh if lang == "zh" else text.en for text in conclusions(study)]
    texts = {"table.tex": to_latex(table, caption, "tab:nearest"), "table.md": to_markdown(table),
             "conclusions.md": "\n\n".join(said)}  # fmt: skip
    for name, text in texts.items():
        paths[name].write_text(text + "\n", encoding="utf-8", newline="\n")
    figure = study_figure(study, lang)
    figure.savefig(paths["figure.png"])
    figure.savefig(paths["figure.pdf"], metadata=_UNDATED)
    return list(paths.values())

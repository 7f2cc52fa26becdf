"""What goes into a paper: one table of shares with intervals, as LaTeX, Markdown or a workbook."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.columns import STUDY_FLOWS, STUDY_MEASURES, STUDY_REASONS, STUDY_SHARES, Table
from layout_planner.errors import Text
from layout_planner.grades import GradeBand
from layout_planner.report.narrative import Fact
from layout_planner.report.workbook import Sheet, write_sheets
from layout_planner.study.reasons import WORDS
from layout_planner.study.tables import RURAL, URBAN
from layout_planner.study.words import conclusions

if TYPE_CHECKING:
    from layout_planner.study import EnrolmentStudy

__all__ = ["paper_table", "study_sheets", "to_latex", "to_markdown", "write_study_workbook"]

_MEMBERS = {
    "all": Text("全部学生", "All pupils"),
    URBAN: Text("城镇", "Town"),
    RURAL: Text("乡村", "Country"),
} | {band.value: Text(band.label_zh, band.value) for band in GradeBand}
_GROUPINGS = {
    "county": Text("全县", "county"), "band": Text("年级段", "grade band"), "setting": Text("城乡", "setting"),
    "township": Text("乡镇", "township"),
}  # fmt: skip
_HEADS = {
    "pupils": Text("学生数", "Pupils"),
    "nearest": Text("最近学校（%）", "Nearest (%)"),
    "tied": Text("相差无几", "As near"),
    "grade": Text("无此年级", "No grade"),
    "board": Text("寄宿", "Boards"),
    "seats": Text("近处满员", "Full"),
    "season": Text("季节不通", "Season"),
    "air": Text("直线最近", "In the air"),
    "zone": Text("划片", "Zoned"),
    "choice": Text("未能解释（%）", "Unexplained (%)"),
    "minutes_mean": Text("平均时间（分钟）", "Mean min"),
    "nearest_minutes": Text("到最近学校（分钟）", "To nearest (min)"),
    "excess": Text("过度通学（%）", "Excess (%)"),
}
_OPTIONAL = ("season", "zone", "air", "board", "grade", "tied", "seats")
_TEX = str.maketrans({"%": r"\%", "&": r"\&", "_": r"\_", "#": r"\#", "$": r"\$"})


def paper_table(study: EnrolmentStudy, lang: str = "zh", *, townships: bool = False) -> pd.DataFrame:
    """Make the table of a paper: all pupils, bands, town and country; percentages, intervals in brackets.

    Parameters
    ----------
    study : EnrolmentStudy
    lang : {"zh", "en"}
    townships : bool
        Give every township a row, too.

    Returns
    -------
    DataFrame
        Texts; reasons that nobody has are left out.
    """
    rows = study.shares if townships else study.shares[study.shares["grouping"] != "township"]
    if (rows["grouping"] == "setting").sum() == 1:
        rows = rows[rows["grouping"] != "setting"]
    shown = [name for name in _HEADS if name not in _OPTIONAL or (rows[f"{name}_share"] > 0).any()]
    out: dict[str, list[str]] = {"": [_spell(_MEMBERS, member, lang) for member in rows["member"]]}
    for name in shown:
        head = _HEADS[name].zh if lang == "zh" else _HEADS[name].en
        if name == "pupils":
            out[head] = [f"{n:,.0f}" for n in rows[name]]
        elif name in ("minutes_mean", "nearest_minutes"):
            out[head] = [_plain(n, 1) for n in rows[name]]
        elif f"{name}_low" in rows:
            limits = zip(rows[f"{name}_share"], rows[f"{name}_low"], rows[f"{name}_high"], strict=True)
            out[head] = [_between(*limit) for limit in limits]
        else:
            out[head] = [_plain(100 * n, 1) for n in rows[f"{name}_share"]]
    return pd.DataFrame(out).set_index("")


def _spell(words: dict[str, Text], code: object, lang: str) -> str:
    word = words.get(str(code), Text(str(code), str(code)))
    return word.zh if lang == "zh" else word.en


def _plain(value: float, digits: int) -> str:
    return "–" if np.isnan(value) else f"{value:.{digits}f}"


def _between(value: float, low: float, high: float) -> str:
    if np.isnan(value) or np.isnan(low):
        return _plain(100 * value, 1)
    return f"{100 * value:.1f} ({100 * low:.1f}–{100 * high:.1f})"


def to_markdown(table: pd.DataFrame) -> str:
    """Write a table of texts as Markdown.

    >>> print(to_markdown(pd.DataFrame({"a": ["1"]}, index=pd.Index(["x"], name=""))))
    |  | a |
    |---|---:|
    | x | 1 |
    """
    lines = ["| " + " | ".join([str(table.index.name), *map(str, table.columns)]) + " |"]
    lines.append("|---|" + "---:|" * len(table.columns))
    rows = zip(table.index, table.to_numpy(), strict=True)
    lines += [f"| {' | '.join([str(name), *map(str, row)])} |" for name, row in rows]
    return "\n".join(lines)


def to_latex(table: pd.DataFrame, caption: str = "", label: str = "") -> str:
    r"""Write a table of texts as LaTeX for the package booktabs.

    Chinese text needs a class such as ctexart.

    >>> print(to_latex(pd.DataFrame({"a (%)": ["1"]}, index=pd.Index(["x"], name="")), "Shares"))
    \begin{table}
    \centering
    \caption{Shares}
    \begin{tabular}{lr}
    \toprule
     & a (\%) \\
    \midrule
    x & 1 \\
    \bottomrule
    \end{tabular}
    \end{table}
    """
    rows = [[str(table.index.name), *map(str, table.columns)]]
    rows += [[str(name), *map(str, row)] for name, row in zip(table.index, table.to_numpy(), strict=True)]
    cells = [" & ".join(cell.translate(_TEX).replace("–", "--") for cell in row) + r" \\" for row in rows]
    lines = [r"\begin{table}", r"\centering"]
    lines += [rf"\caption{{{caption.translate(_TEX)}}}"] if caption else []
    lines += [rf"\label{{{label}}}"] if label else []
    lines += [rf"\begin{{tabular}}{{l{'r' * len(table.columns)}}}", r"\toprule", cells[0], r"\midrule", *cells[1:]]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", r"\end{table}"])


_ABOUT = {
    "study_measures": Text("全县的总体结果和不确定区间", "headline results with intervals"),
    "study_shares": Text("全县、年级段、城乡、乡镇", "by county, band, setting and township"),
    "study_reasons": Text("按年级段的各种情况和多走的时间", "by band, with the extra minutes"),
    "study_flows": Text("每村每年级段的学生去哪所学校、为什么", "where pupils of each village go, and why"),
}


def study_sheets(study: EnrolmentStudy, lang: str = "zh") -> list[Sheet]:
    """Make the sheets of a study's workbook, codes in words."""
    words = {"reason": WORDS, "setting": _MEMBERS, "grouping": _GROUPINGS, "member": _MEMBERS}
    frames: Iterable[tuple[Table, pd.DataFrame]] = (
        (STUDY_MEASURES, study.measures.drop(columns="label_en" if lang == "zh" else "label")),
        (STUDY_SHARES, study.shares), (STUDY_REASONS, study.reasons), (STUDY_FLOWS, study.flows),
    )  # fmt: skip
    made = []
    for table, frame in frames:
        worded = {name: [_spell(by, code, lang) for code in frame[name]] for name, by in words.items() if name in frame}
        made.append(Sheet(Text(table.zh, table.en.capitalize()), _ABOUT[table.name], table, frame.assign(**worded)))
    return made


def write_study_workbook(study: EnrolmentStudy, path: Path, lang: str = "zh") -> None:
    """Write all tables of a study as a workbook, with its conclusions on the cover."""
    said = tuple(text.zh if lang == "zh" else text.en for text in conclusions(study))
    head = "就近入学研究" if lang == "zh" else "Study of enrolment near home"
    write_sheets(path, [Fact(head, said)], study_sheets(study, lang), lang=lang)

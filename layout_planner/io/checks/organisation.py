"""Legal schools of several sites (一校多点): whom each site says it belongs to, settled and checked."""

from __future__ import annotations

from collections import Counter, defaultdict
from difflib import get_close_matches

from layout_planner.errors import Severity, Text
from layout_planner.io.cells import fold
from layout_planner.io.checks.contradiction import Row, rows_of
from layout_planner.io.loaded import Loaded

__all__ = ["settle_organisations"]

_COLUMN = "organisation"
_WHICH = Text("写主校的学校代码", "write the main school's code")


def settle_organisations(schools: Loaded) -> None:
    """Turn the legal schools of a school table into codes where they are schools of it, and report what cannot be.

    A cell names the main school by code or by a name that is its own; any other text is the name of a legal body that
    runs its sites (a 中心学校 without pupils). A school that names itself, or nobody, is a school by itself.
    """
    frame = schools.frame
    if frame.empty or not (frame[_COLUMN] != "").any():
        return
    records = dict(rows_of(schools))
    codes = {str(record["school_id"]): row for row, record in records.items() if record["school_id"]}
    names: dict[str, list[str]] = defaultdict(list)
    for record in records.values():
        names[fold(record["name"] or "")].append(str(record["school_id"]))
    settled = {row: _settle(schools, row, record, codes, names) for row, record in records.items()}
    frame[_COLUMN] = [settled[int(row)] for row in frame.index]
    _check_chains(schools, records, codes, settled)
    _check_lonely(schools, records, codes, settled)


def _settle(schools: Loaded, row: int, record: Row, codes: dict[str, int], names: dict[str, list[str]]) -> str:
    """Give the code of the main school, the name of another legal body, or nothing."""
    text = str(record[_COLUMN] or "")
    own = str(record["school_id"])
    if not text or text == own:
        return ""
    if text in codes:
        return text
    named = names.get(fold(text), [])
    if len(named) > 1 and own not in named:
        some = "、".join(sorted(named)[:5])
        what = Text(f"学校表里有 {len(named)} 所“{text}”", f"{len(named)} schools are called {text!r}")
        schools.report("organisation_ambiguous", what, Text(f"{_WHICH.zh}：{some}", f"{_WHICH.en}: one of {some}"),
                       row=row, column=_COLUMN)  # fmt: skip
        return ""
    if named:
        return "" if own in named else named[0]
    if text.isascii() and text.replace("-", "").isdigit():
        what = Text(f"所属法人学校“{text}”不在学校表里", f"no school has the code {text!r}")
        mend = Text(
            "改正代码，或写法人单位的名称；自成一校的留空", "correct it, or name the legal body; leave it empty if none"
        )
        schools.report("organisation_unknown", what, mend, row=row, column=_COLUMN)
        return ""
    return text


def _check_chains(schools: Loaded, records: dict[int, Row], codes: dict[str, int], settled: dict[int, str]) -> None:
    """Report main schools that themselves belong to another, are not open, or lie in another township."""
    for row, organisation in settled.items():
        main = codes.get(organisation)
        if main is None:
            continue
        there, here = records[main], records[row]
        cells = [schools.cell(row, _COLUMN), schools.cell(main, _COLUMN)]
        if settled[main]:
            what = Text(f"主校“{there['name']}”又属于“{there[_COLUMN]}”",
                        f"its main school {there['name']} belongs to {there[_COLUMN]} itself")  # fmt: skip
            mend = Text("各校点都写最上一级的主校", "let every site name the school at the top")
            schools.report("organisation_chain", what, mend, row=row, column=_COLUMN, cells=cells)
        elif there["status"] == "closed" and here["status"] == "active":
            what = Text(f"主校“{there['name']}”已停办", f"its main school {there['name']} is closed")
            mend = Text("改为现在的法人学校，或改正主校的办学状态", "name today's legal school, or correct the status")
            schools.report("organisation_closed", what, mend, row=row, column=_COLUMN, severity=Severity.WARNING,
                           cells=cells)  # fmt: skip
        elif there["township"] and here["township"] and there["township"] != here["township"]:
            what = Text(
                f"主校“{there['name']}”在{there['township']}，本校点在{here['township']}",
                f"its main school {there['name']} lies in {there['township']}, the site in {here['township']}",
            )
            mend = Text("核对；确是跨乡镇办学的不用改", "check it; leave it if the school does cross townships")
            schools.report("organisation_elsewhere", what, mend, row=row, column=_COLUMN, severity=Severity.WARNING,
                           cells=cells)  # fmt: skip


def _check_lonely(schools: Loaded, records: dict[int, Row], codes: dict[str, int], settled: dict[int, str]) -> None:
    """Report legal bodies of one site that are no school of the table: mostly a slip in a name."""
    count = Counter(settled.values())
    known = [*(str(record["name"]) for record in records.values()), *(name for name, n in count.items() if n > 1)]
    for row, text in settled.items():
        if text and text not in codes and count[text] == 1:
            close = get_close_matches(text, known, n=1, cutoff=0.7)
            what = Text(f"所属法人学校“{text}”不在学校表里，也没有别的校点属于它",
                        f"the legal school {text!r} is not in the table and has no other site")  # fmt: skip
            mend = Text(f"是否为“{close[0]}”？", f"is it {close[0]!r}?") if close else _WHICH
            schools.report("organisation_alone", what, mend, row=row, column=_COLUMN, severity=Severity.WARNING)

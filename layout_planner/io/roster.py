"""Rosters for drawing lots: application numbers without names, identity numbers or scores, in canonical spelling."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from layout_planner.columns import CLASS_ROSTER, LOTTERY_ROSTER, REFUSED_HEADERS, Table
from layout_planner.columns_lottery import APART, BOY, GIRL, NO, TOGETHER, YES
from layout_planner.errors import Flaw, Severity, Text
from layout_planner.io.cells import fold, to_bool, to_text
from layout_planner.io.grids import Grid, read_grids
from layout_planner.io.headers import Header, find_header, match_labels
from layout_planner.io.loaded import Loaded, empty_frame
from layout_planner.io.tables import parse_grid

__all__ = ["Roster", "read_class_roster", "read_lottery_roster", "refuse_column"]

_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,39}")
_PERSONAL = re.compile(r"G?\d{17}[\dXx]")
_SEXES = {"男": BOY, "男生": BOY, "男孩": BOY, "m": BOY, "male": BOY, "boy": BOY,
          "女": GIRL, "女生": GIRL, "女孩": GIRL, "f": GIRL, "female": GIRL, "girl": GIRL}  # fmt: skip
_SIBLING_CLASSES = {"": "", "不作要求": "", "无要求": "", "随机": "", "any": "",
                    "同班": TOGETHER, "同一班": TOGETHER, "编入同班": TOGETHER, "一起": TOGETHER, "together": TOGETHER,
                    "分班": APART, "不同班": APART, "分开": APART, "编入不同班": APART, "apart": APART}  # fmt: skip
_SEARCH_ROWS = 30
_LARGE_GROUP = 3
_KINDS = {"personal": Text("个人信息", "personal data"), "score": Text("成绩或特长", "scores or talents")}

Settle = Callable[[str], str | None]


@dataclass(frozen=True)
class Roster:
    """A roster in its canonical spelling.

    ``rows`` are sorted by application number and have every one of ``columns``, those that hold anything; ``flaws``
    are what is wrong or odd in the file, errors among them.
    """

    rows: tuple[dict[str, str], ...]
    columns: tuple[str, ...]
    flaws: tuple[Flaw, ...]


def read_lottery_roster(path: Path, schools: Mapping[str, str], priorities: Sequence[str]) -> Roster:
    """Read the roster of a lottery (table ``lottery_roster``).

    Parameters
    ----------
    path : Path
        Workbook or text file.
    schools : mapping of str to str
        Names of the schools that are drawn for, by code; choices may be either.
    priorities : sequence of str
        The priorities that the scenario states.

    Returns
    -------
    Roster
        With codes for schools, 是 and 否, and every problem of every row.
    """
    loaded = _load(path, LOTTERY_ROSTER)
    codes = {fold(word): code for code, name in schools.items() for word in (code, name)}
    names = "、".join(f"{name}（{code}）" for code, name in schools.items())
    listed = Text(f"可填：{names}", f"choose among: {', '.join(schools)}")

    def school(word: str) -> str | None:
        return codes.get(fold(word)) if word else ""

    choices = [name for name in LOTTERY_ROSTER.names if name.startswith("choice_")]
    for name in choices:
        _settle(loaded, name, school, Text("不是参加派位的学校", "is no school of this lottery"), listed)
    elsewhere = Text("不是参加派位的学校，不作长幼随学", "is no school of this lottery: nothing follows from it")
    _settle(loaded, "sibling_school", school, elsewhere, listed, severity=Severity.WARNING)
    for name, default in (("migrant", NO), ("accepts_other", YES)):
        mend = Text("填是或否", "write 是 or 否")
        _settle(loaded, name, _yes_or_no(default), Text("看不懂", "is neither yes nor no"), mend)
    _check_priorities(loaded, priorities)
    _check_choices(loaded, choices)
    _check_groups(loaded, ("priority", "migrant", "sibling_school", "accepts_other", *choices))
    return _canonical(loaded)


def read_class_roster(path: Path) -> Roster:
    """Read the roster of a class draw (table ``class_roster``), with 男 and 女, 同班 and 分班.

    Returns
    -------
    Roster
        With every problem of every row.
    """
    loaded = _load(path, CLASS_ROSTER)
    words = Text("填男或女", "write 男 or 女")
    _settle(loaded, "sex", lambda word: _SEXES.get(fold(word)) if word else "", Text("看不懂", "is no sex"), words)
    words = Text("填同班、分班，或留空", "write 同班, 分班 or nothing")
    _settle(loaded, "sibling_class", lambda word: _SIBLING_CLASSES.get(fold(word)), Text("看不懂", "is no wish"), words)
    for row, wish, group in _rows(loaded, "sibling_class", "sibling_group"):
        if wish and not group:
            what = Text("有编班意愿，没有同胞组", "a wish for siblings without a group of siblings")
            mend = Text("填同胞组号", "fill in the group")
            loaded.report("group_missing", what, mend, row=row, column="sibling_group")
    _check_groups(loaded, ("sibling_class",))
    return _canonical(loaded)


def _load(path: Path, table: Table) -> Loaded:
    """Read the sheet that fits the roster best, and refuse columns that no roster may have."""
    grids, flaws = read_grids(path)
    found = [(grid, header) for grid in grids if (header := _header(grid, table)) is not None]
    if not found:
        loaded = Loaded(table, empty_frame(table), path.name, flaws=flaws)
        if grids:
            what = Text(f"找不到“{table.zh}”的表头", f"no header of the {table.en} was found")
            loaded.report("header_missing", what, Text("表头须有“报名号”一列", "one header must be 报名号"))
        return loaded
    grid, header = max(found, key=lambda each: (each[1].required_found(table), not each[0].hidden, len(each[1].places)))
    loaded = parse_grid(grid, header, table)
    loaded.flaws[:0] = flaws
    for text in header.extra:
        refuse_column(loaded, text, header.last_row)
    for name in table.names:
        for row, value in _rows(loaded, name):
            if _PERSONAL.fullmatch(value) and (row, name) not in loaded.bad:
                what = Text(f"“{value[:6]}…”像身份证号或学籍号", f"{value[:6]}… looks like an identity number")
                mend = Text("换成报名系统给的报名号", "use the number that the application system gave")
                loaded.report("roster_personal", what, mend, row=row, column=name)
    for row, value in _rows(loaded, "application_no"):
        if value and not _NUMBER.fullmatch(value) and (row, "application_no") not in loaded.bad:
            what = Text(f"报名号“{value}”里有别的符号", f"the application number {value!r} holds other signs")
            mend = Text("只用字母、数字和短横", "use letters, digits and hyphens only")
            loaded.report("application_no", what, mend, row=row, column="application_no")
    if loaded.frame.empty:
        what, mend = Text("名册是空的", "the roster is empty"), Text("填入报名号", "fill in application numbers")
        loaded.report("roster_empty", what, mend)
    return loaded


def _header(grid: Grid, table: Table) -> Header | None:
    """Find the header; a roster may have a single column, which a table in general may not."""
    if (header := find_header(grid.rows, table, grid.spans)) is not None:
        return header
    for number, row in enumerate(grid.rows[:_SEARCH_ROWS], 1):
        header = match_labels([to_text(cell) for cell in row], table, last_row=number)
        if "application_no" in header.places:
            return header
    return None


def refuse_column(loaded: Loaded, text: str, row: int) -> None:
    """Refuse a column that tells who a child is or how it performs; an English word must stand by itself."""
    folded = fold(text)
    for kind, words in REFUSED_HEADERS.items():
        for word in words:
            if not (re.search(rf"\b{word}s?\b", text.lower()) if word.isascii() else word in folded):
                continue
            said = _KINDS[kind]
            loaded.report(
                f"roster_{kind}",
                Text(
                    f"{loaded.table.zh}里不得有{said.zh}：列“{text}”",
                    f"a {loaded.table.en} must not hold {said.en}: the column {text!r}",
                ),
                Text(
                    "删去这一列（隐藏不算），只留派位、分班或计数必需的列",
                    "delete the column (hiding is not enough); keep what the draw or the count needs",
                ),
                row=row,
                column=text,
            )
            return


def _rows(loaded: Loaded, *names: str) -> Iterator[tuple]:  # type: ignore[type-arg]
    """Go through the rows: the number that the user sees, then the values asked for."""
    return zip(loaded.frame.index, *(loaded.frame[name].astype(str) for name in names), strict=True)


def _settle(
    loaded: Loaded, name: str, settle: Settle, what: Text, mend: Text, *, severity: Severity = Severity.ERROR
) -> None:
    """Put a column into its canonical words; what has none is reported and left empty."""
    settled = []
    for row, value in _rows(loaded, name):
        word = settle(value)
        if word is None and (row, name) not in loaded.bad:
            said = Text(f"“{value}”{what.zh}", f"{value!r} {what.en}")
            loaded.report("word_unknown", said, mend, row=row, column=name, severity=severity)
        settled.append(word or "")
    loaded.frame[name] = settled


def _yes_or_no(default: str) -> Settle:
    def settle(word: str) -> str | None:
        truth, problem = to_bool(word)
        if problem:
            return None
        return default if truth is None else (YES if truth else NO)

    return settle


def _check_priorities(loaded: Loaded, priorities: Sequence[str]) -> None:
    known = {fold(name): name for name in priorities}
    given = list(_rows(loaded, "priority"))
    if not priorities and any(value for _, value in given):
        what = Text("方案没有写优先类别，这一列不起作用", "the scenario states no priorities: the column has no effect")
        mend = Text("要分先后的，写进 lottery.priorities", "state them in lottery.priorities")
        loaded.report("priority_unused", what, mend, column="priority", severity=Severity.WARNING)
    for row, value in given if priorities else ():
        if fold(value) not in known:
            what = Text(f"优先类别“{value}”不在方案之内", f"the priority {value!r} is not in the scenario")
            mend = Text(f"可填：{'、'.join(priorities)}", f"choose among: {', '.join(priorities)}")
            loaded.report("priority_unknown", what, mend, row=row, column="priority")
    loaded.frame["priority"] = [known.get(fold(value), "") for _, value in given]


def _check_choices(loaded: Loaded, names: Sequence[str]) -> None:
    """Report schools that one applicant chose twice."""
    for row, *chosen in _rows(loaded, *names):
        for i, school in enumerate(chosen):
            if school and school in chosen[:i]:
                what = Text("同一所学校填了两次", "the same school is chosen twice")
                mend = Text("改正或删去", "correct or delete it")
                loaded.report("choice_twice", what, mend, row=row, column=names[i])


def _check_groups(loaded: Loaded, same: Sequence[str]) -> None:
    """Report siblings whose rows disagree, and groups that hardly are siblings."""
    first: dict[str, tuple[int, tuple[str, ...]]] = {}
    members: dict[str, list[int]] = {}
    for row, group, *values in _rows(loaded, "sibling_group", *same):
        if not group:
            continue
        members.setdefault(group, []).append(row)
        other, stated = first.setdefault(group, (row, tuple(values)))
        for name, mine, theirs in zip(same, values, stated, strict=True):
            if mine != theirs and not ({(row, name), (other, name)} & loaded.bad):
                what = Text(
                    f"与同胞组“{group}”第 {other} 行不一致（“{mine}”与“{theirs}”）",
                    f"differs from row {other} of the siblings {group!r} ({mine!r} and {theirs!r})",
                )
                mend = Text("同组各行填成一样", "write the same in all rows of the group")
                loaded.report("siblings_differ", what, mend, row=row, column=name)
    for group, rows in members.items():
        if len(rows) == 1 or len(rows) > _LARGE_GROUP:
            what = Text(f"同胞组“{group}”有 {len(rows)} 人", f"the siblings {group!r} are {len(rows)}")
            mend = Text("核对组号；只有多胞胎可以捆绑抽签", "check the group: only children born together share a lot")
            loaded.report("group_size", what, mend, row=rows[0], column="sibling_group", severity=Severity.WARNING)


def _canonical(loaded: Loaded) -> Roster:
    """Sort the rows by application number and leave out columns that say nothing."""
    frame = loaded.frame.astype(str).sort_values("application_no", kind="stable")
    defaults = {"migrant": NO, "accepts_other": YES}
    used = [name for name in loaded.table.names
            if name == "application_no" or (frame[name] != defaults.get(name, "")).any()]  # fmt: skip
    rows = tuple(dict(zip(used, values, strict=True)) for values in frame[used].itertuples(index=False))
    return Roster(rows, tuple(used), tuple(loaded.listed()))

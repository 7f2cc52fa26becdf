"""The workbook of classes: how they are formed and staffed, which are too large, and how to clear these."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from layout_planner import __version__, columns
from layout_planner.errors import Text
from layout_planner.report.narrative import Fact
from layout_planner.report.workbook import Sheet, write_sheets

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CLASS_BOOK", "write_class_book"]

CLASS_BOOK = Text("班级编制与大班额", "classes")
"""The workbook's name without its suffix."""

_ABOUT = {
    "class_plan": Text("每校每年级的人数和班数，复式班单列", "pupils and classes by grade, one row a school"),
    "large_classes": Text("46 人及以上的年级，以及化解后怎样", "classes of 46 and more, and what becomes of them"),
    "clearing_actions": Text("最省的化解办法，一行一项措施", "the cheapest way, one row a measure"),
    "clearing_ways": Text("只用一种办法与综合运用的比较", "each kind of measure alone, and all together"),
    "staffing": Text("应配教职工、教室与现有的对照", "staff and rooms needed beside those there are"),
    "class_results": Text("每校每年级的班额", "one row a school and grade"),
}  # fmt: skip
_ORDER = ("class_plan", "large_classes", "clearing_actions", "clearing_ways", "staffing", "class_results")
_HEADS = {
    "title": Text("{}：班级编制与大班额化解", "{}: classes and how to clear large ones"),
    "told": Text("要点", "In short"),
    "means": Text("口径", "How it is counted"),
    "software": Text("软件", "Software"),
}
_MEANS = (
    Text("班额上限：完全小学 45 人、初中 50 人、教学点和非完全小学 30 人（GB 50099-2011 3.0.1）；56 人及以上为大班额，"
         "66 人及以上为超大班额。",
         "Class limits: 45 in primary, 50 in junior schools, 30 in teaching points (GB 50099-2011 3.0.1); classes of "
         "56 and more are large, of 66 and more very large."),
    Text("应配教职工：小学 1∶19、初中 1∶13.5（中央编办发〔2014〕72号）；村小、教学点与班师比相比取大的，班师比由省定。",
         "Staff: 1:19 in primary, 1:13.5 in junior schools; in village schools and teaching points at least classes "
         "times the class ratio, which each province sets."),
    Text("化解方案先让仍超出的学生最少，再让折合费用最小：多走的路、换校、教室年摊和增加的教师，价格见情景文件。"
         "接收学校不超过班额上限和学位，有大班额的学校不接收；换校的学生都在时限以内。方案供论证，不是决定。",
         "Measures first leave as few pupils as possible in large classes, then cost least by the scenario's prices. "
         "Receiving schools keep the class limit and their seats; those who change stay within the time limits. "
         "For discussion, not a decision."),
)  # fmt: skip


def write_class_book(
    folder: Path, county: str, frames: Mapping[str, pd.DataFrame], told: tuple[Text, ...], *, lang: str
) -> Path:
    """Write the workbook of classes into a folder.

    Parameters
    ----------
    county : str
        Name on the cover.
    frames : mapping of str to DataFrame
        Tables of the registry, by name.
    told : tuple of Text
        What is said on the cover.
    lang : {"zh", "en"}

    Returns
    -------
    Path
        The file.
    """
    first = 0 if lang == "zh" else 1
    facts = [
        Fact(_HEADS["title"][first].format(county)),
        Fact(_HEADS["told"][first], tuple(text[first] for text in told)),
        Fact(_HEADS["means"][first], tuple(text[first] for text in _MEANS)),
        Fact(_HEADS["software"][first], (f"layout_planner {__version__}",)),
    ]
    tables = [columns.table(name) for name in _ORDER if name in frames]
    sheets = [Sheet(Text(t.zh, t.en.capitalize()), _ABOUT[t.name], t, frames[t.name]) for t in tables]
    path = folder / f"{CLASS_BOOK[first]}.xlsx"
    write_sheets(path, facts, sheets, lang=lang)
    return path

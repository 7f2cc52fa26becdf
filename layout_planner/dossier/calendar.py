"""The calendar of the procedure: when each step can begin and end at the earliest, counted from the public notice."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from layout_planner.columns_dossier import CASE_CALENDAR
from layout_planner.rules import load_rule_sets

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CLOSING_STEPS", "HOLD", "HOLD_YEARS", "Dates", "Term", "add_workdays", "calendar_frame", "say_day", "terms"]

HOLD_YEARS = 3
HOLD = "校址保留期满"
_SET = "cn.sc713"
_RULES = {"notice": f"{_SET}.notice", "papers": f"{_SET}.hearing-papers", "review": f"{_SET}.legality"}
_BLANK = "＿＿年＿＿月＿＿日"
_SC713, _GBF48, _GBF27 = "国务院令第713号", "国办发〔2012〕48号", "国办发〔2018〕27号"
_SATURDAY = 5


@dataclass(frozen=True)
class Dates:
    """Dates that people set; those that are missing are counted from ``published_on``.

    All are texts as 2027-03-01; empty where nobody set them.
    """

    started_on: str = ""
    argued_on: str = ""
    published_on: str = ""
    comments_until: str = ""
    papers_sent_on: str = ""
    hearing_on: str = ""
    risk_assessed_on: str = ""
    legality_from: str = ""
    legality_until: str = ""
    decided_on: str = ""
    approved_on: str = ""
    closing_on: str = ""


@dataclass(frozen=True)
class Term:
    """The least length of a step: days, the article that sets it, and how well that is verified."""

    days: int
    article: str
    confidence: str


def terms(numbers: Mapping[str, float] | None = None) -> dict[str, Term]:
    """Read the least lengths of public notice, hearing papers and legality review from rule set ``cn.sc713``.

    Parameters
    ----------
    numbers : mapping of str to float, optional
        Numbers by rule id that a scenario sets otherwise.

    Examples
    --------
    >>> {step: (term.days, term.article) for step, term in terms({"cn.sc713.notice": 45}).items()}
    {'notice': (45, '第十五条'), 'papers': (7, '第十七条'), 'review': (7, '第二十六条')}
    """
    shipped = {rule.id: rule for rule in load_rule_sets([_SET])[0].rules}
    given = numbers or {}
    return {
        step: Term(round(given.get(key, shipped[key].number or 0)), shipped[key].article, str(shipped[key].confidence))
        for step, key in _RULES.items()
    }


@dataclass(frozen=True)
class _Step:
    title: str
    days: str
    output: str
    source: str
    confidence: str


_STEPS: Mapping[str, _Step] = {
    "ledger": _Step("摸底、学生数预测", "", "学校台账、学位供需预测", "教育强国建设规划纲要", "V2"),
    "draft": _Step("起草方案、一校一案", "", "布局方案、一校一案、附图", _GBF48, "V2"),
    "argue": _Step("专家论证", "", "专家签名的论证意见", f"{_SC713}第十九条", "V"),
    "notice": _Step("公示、公开征求意见", "不少于{}日", "公示稿、意见采纳情况", "", ""),
    "papers": _Step("送达听证材料", "会前不少于{}日", "听证通知、代表名单", "", ""),
    "hearing": _Step("听证会", "", "听证笔录、代表意见", f"{_GBF48}，{_SC713}第十六条", "V2"),
    "risk": _Step("社会稳定风险评估", "", "评估报告、防范预案", f"{_SC713}第二十二条", "V"),
    "review": _Step("合法性审查", "不少于{}个工作日", "审查意见", "", ""),
    "decide": _Step("集体讨论决定", "", "会议纪要、决定", f"{_SC713}第三十条", "V"),
    "approve": _Step("报批、备案", "", "批复或备案回执", f"{_GBF48}；审批层级依本省规定", "V2"),
    "build": _Step("先建：接收学校、宿舍、食堂、校车到位", "撤并、改办之前", "验收记录、校车许可", _GBF48, "V2"),
    "divert": _Step("分流学生、过渡安排", "", "分流名单、家长告知书", _GBF27, "V2"),
    "close": _Step("撤并、改办，校舍交接", "", "资产清单、交接书", _GBF48, "V2"),
    "hold": _Step(HOLD, f"撤并后{HOLD_YEARS}年", "校舍利用记录", "参照甘肃省做法，以本省规定为准", "V2"),
    "review_after": _Step("归档、后评估", "", "档案、后评估报告", f"{_SC713}第三十三、三十六条", "V"),
}  # fmt: skip


CLOSING_STEPS = tuple(_STEPS[key].title for key in ("build", "divert", "close", "hold"))
"""Steps whose dates hang on the day on which a school closes."""


def calendar_frame(dates: Dates, least: Mapping[str, Term] | None = None) -> pd.DataFrame:
    """Count the steps of the procedure from the day on which the public notice begins.

    A period of n days ends on the nth day after the day on which it begins (that day does not count). Working days
    are Monday to Friday: public holidays differ from year to year and are not known.

    Parameters
    ----------
    dates : Dates
    least : mapping of str to Term, optional
        As :func:`terms` gives them.

    Returns
    -------
    DataFrame
        Table ``case_calendar`` without references. Without a first day the steps are counted in days from it.

    Source: 国务院令第713号 §15–17, 26 [V].

    Examples
    --------
    >>> frame = calendar_frame(Dates(published_on="2027-03-01")).set_index("step")
    >>> frame.loc["公示、公开征求意见", ["from_day", "to_day"]].tolist()
    ['2027年3月1日', '2027年3月31日']
    >>> frame.loc["合法性审查", ["from_day", "to_day"]].tolist()
    ['2027年4月9日', '2027年4月20日']
    """
    known = terms() if least is None else least
    spans = _spans(dates, known) if dates.published_on else _relative(known)
    spans |= _done(dates) | _closing(dates.closing_on)
    rows = []
    for key, step in _STEPS.items():
        first, last = spans.get(key, (_BLANK, _BLANK))
        term = known.get(key)
        rows.append({
            "school_id": "", "step": step.title, "from_day": first or "—", "to_day": last,
            "days": (step.days if term is None else step.days.format(term.days)) or "—", "output": step.output,
            "rule": step.source if term is None else _SC713 + term.article,
            "confidence": step.confidence if term is None else term.confidence,
        })  # fmt: skip
    return pd.DataFrame(rows, columns=[name for name in CASE_CALENDAR.names if name != "ref"])


def _done(dates: Dates) -> dict[str, tuple[str, str]]:
    """Take the dates of steps that nothing else is counted from, where people set them."""
    spans = {}
    for key, first, last in (
        ("ledger", dates.started_on, ""), ("argue", dates.argued_on, dates.argued_on),
        ("approve", "", dates.approved_on),
    ):  # fmt: skip
        if first or last:
            spans[key] = _said(first), _said(last) or _BLANK
    return spans


def _closing(day: str) -> dict[str, tuple[str, str]]:
    """Date what hangs on the day on which schools close."""
    if not day:
        return {}
    closing = dt.date.fromisoformat(day)
    told = say_day(closing)
    return {
        "build": ("", f"{told}以前"), "divert": (told, told), "close": (told, told),
        "hold": (told, say_day(_years_later(closing, HOLD_YEARS))),
    }  # fmt: skip


def _said(day: str) -> str:
    return say_day(dt.date.fromisoformat(day)) if day else ""


def _spans(dates: Dates, least: Mapping[str, Term]) -> dict[str, tuple[str, str]]:
    """Count the dates of the steps; what people set stays as it is."""
    start = dt.date.fromisoformat(dates.published_on)
    notice_end = _set_or(dates.comments_until, start + dt.timedelta(days=least["notice"].days))
    papers = _set_or(dates.papers_sent_on, notice_end + dt.timedelta(days=1))
    hearing = _set_or(dates.hearing_on, papers + dt.timedelta(days=least["papers"].days))
    begins = _set_or(dates.legality_from, add_workdays(hearing, 1))
    ends = _set_or(dates.legality_until, add_workdays(begins, least["review"].days))
    decided = _set_or(dates.decided_on, add_workdays(ends, 1))
    spans = {
        "notice": (start, notice_end), "papers": (papers, papers), "hearing": (hearing, hearing),
        "risk": (start, _set_or(dates.risk_assessed_on, begins)), "review": (begins, ends),
        "decide": (decided, decided),
    }  # fmt: skip
    return {key: (say_day(first), say_day(last)) for key, (first, last) in spans.items()}


def _relative(least: Mapping[str, Term]) -> dict[str, tuple[str, str]]:
    """Say the steps in days after the day on which the notice begins, which is not yet known."""
    notice, papers, review = (least[key].days for key in _RULES)
    return {
        "notice": ("公示开始之日", f"公示开始后第{notice}日"),
        "papers": (f"公示开始后第{notice + 1}日", f"公示开始后第{notice + 1}日"),
        "hearing": (f"公示开始后第{notice + 1 + papers}日", f"公示开始后第{notice + 1 + papers}日"),
        "risk": ("公示期间", "合法性审查之前"),
        "review": ("听证会后", f"开始后第{review}个工作日"),
        "decide": ("合法性审查之后", _BLANK),
    }


def add_workdays(day: dt.date, count: int) -> dt.date:
    """Give the nth Monday to Friday after a day.

    >>> add_workdays(dt.date(2027, 4, 9), 1)
    datetime.date(2027, 4, 12)
    """
    for _ in range(count):
        day += dt.timedelta(days=1)
        while day.weekday() >= _SATURDAY:
            day += dt.timedelta(days=1)
    return day


def say_day(day: dt.date) -> str:
    """Spell a date.

    >>> say_day(dt.date(2027, 3, 1))
    '2027年3月1日'
    """
    return f"{day.year}年{day.month}月{day.day}日"


def _set_or(text: str, counted: dt.date) -> dt.date:
    return dt.date.fromisoformat(text) if text else counted


def _years_later(day: dt.date, years: int) -> dt.date:
    """Give the same day some years later; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return dt.date(day.year + years, 3, 1)

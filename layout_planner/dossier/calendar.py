"""The calendar of the procedure: when each step can begin and end at the earliest, counted from the public notice."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from layout_planner.columns_dossier import CASE_CALENDAR

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "HEARING_DAYS",
    "HOLD_YEARS",
    "NOTICE_DAYS",
    "REVIEW_DAYS",
    "Dates",
    "add_workdays",
    "calendar_frame",
    "say_day",
]

NOTICE_DAYS, HEARING_DAYS, REVIEW_DAYS = 30, 7, 7
HOLD_YEARS = 3
_BLANK = "＿＿年＿＿月＿＿日"
_SC713, _GBF48, _GBF27 = "国务院令第713号", "国办发〔2012〕48号", "国办发〔2018〕27号"
_SATURDAY = 5


@dataclass(frozen=True)
class Dates:
    """Dates that people set; those that are missing are counted from ``published_on``.

    All are texts as 2027-03-01; empty where nobody set them.
    """

    published_on: str = ""
    comments_until: str = ""
    papers_sent_on: str = ""
    hearing_on: str = ""
    legality_from: str = ""
    legality_until: str = ""
    decided_on: str = ""
    approved_on: str = ""
    closing_on: str = ""


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
    "notice": _Step("公示、公开征求意见", f"不少于{NOTICE_DAYS}日", "公示稿、意见采纳情况", f"{_SC713}第十五条", "V"),
    "papers": _Step("送达听证材料", f"会前不少于{HEARING_DAYS}日", "听证通知、代表名单", f"{_SC713}第十七条", "V"),
    "hearing": _Step("听证会", "", "听证笔录、代表意见", f"{_GBF48}，{_SC713}第十六条", "V2"),
    "risk": _Step("社会稳定风险评估", "", "评估报告、防范预案", f"{_SC713}第二十二条", "V"),
    "review": _Step("合法性审查", f"不少于{REVIEW_DAYS}个工作日", "审查意见", f"{_SC713}第二十六条", "V"),
    "decide": _Step("集体讨论决定", "", "会议纪要、决定", f"{_SC713}第三十条", "V"),
    "approve": _Step("报批、备案", "", "批复或备案回执", f"{_GBF48}；审批层级依本省规定", "V2"),
    "build": _Step("先建：接收学校、宿舍、食堂、校车到位", "撤并之前", "验收记录、校车许可", _GBF48, "V2"),
    "divert": _Step("分流学生、过渡安排", "", "分流名单、家长告知书", _GBF27, "V2"),
    "close": _Step("撤并、校舍交接", "", "资产清单、交接书", _GBF48, "V2"),
    "hold": _Step("校址保留期满", f"撤并后{HOLD_YEARS}年", "校舍利用记录", "参照甘肃省做法，以本省规定为准", "V2"),
    "review_after": _Step("归档、后评估", "", "档案、后评估报告", f"{_SC713}第三十三、三十六条", "V"),
}  # fmt: skip


def calendar_frame(dates: Dates) -> pd.DataFrame:
    """Count the steps of the procedure from the day on which the public notice begins.

    A period of n days ends on the nth day after the day on which it begins (that day does not count). Working days
    are Monday to Friday: public holidays differ from year to year and are not known.

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
    spans = _spans(dates) if dates.published_on else _relative()
    closing = dt.date.fromisoformat(dates.closing_on) if dates.closing_on else None
    if closing is not None:
        spans["build"] = ("", f"{say_day(closing)}以前")
        spans["divert"] = spans["close"] = (say_day(closing), say_day(closing))
        until = say_day(_years_later(closing, HOLD_YEARS))
        spans["hold"] = (say_day(closing), until)
    rows = []
    for key, step in _STEPS.items():
        first, last = spans.get(key, (_BLANK, _BLANK))
        rows.append({
            "step": step.title, "from_day": first or "—", "to_day": last, "days": step.days or "—",
            "output": step.output, "rule": step.source, "confidence": step.confidence,
        })  # fmt: skip
    return pd.DataFrame(rows, columns=[name for name in CASE_CALENDAR.names if name != "ref"])


def _spans(dates: Dates) -> dict[str, tuple[str, str]]:
    """Count the dates of the steps; what people set stays as it is."""
    start = dt.date.fromisoformat(dates.published_on)
    notice_end = _set_or(dates.comments_until, start + dt.timedelta(days=NOTICE_DAYS))
    papers = _set_or(dates.papers_sent_on, notice_end + dt.timedelta(days=1))
    hearing = _set_or(dates.hearing_on, papers + dt.timedelta(days=HEARING_DAYS))
    begins = _set_or(dates.legality_from, add_workdays(hearing, 1))
    ends = _set_or(dates.legality_until, add_workdays(begins, REVIEW_DAYS))
    decided = _set_or(dates.decided_on, add_workdays(ends, 1))
    spans = {
        "notice": (start, notice_end), "papers": (papers, papers), "hearing": (hearing, hearing),
        "risk": (start, begins), "review": (begins, ends), "decide": (decided, decided),
    }  # fmt: skip
    told = {key: (say_day(first), say_day(last)) for key, (first, last) in spans.items()}
    if dates.approved_on:
        told["approve"] = ("", say_day(dt.date.fromisoformat(dates.approved_on)))
    return told


def _relative() -> dict[str, tuple[str, str]]:
    """Say the steps in days after the day on which the notice begins, which is not yet known."""
    hearing = NOTICE_DAYS + 1 + HEARING_DAYS
    return {
        "notice": ("公示开始之日", f"公示开始后第{NOTICE_DAYS}日"),
        "papers": (f"公示开始后第{NOTICE_DAYS + 1}日", f"公示开始后第{NOTICE_DAYS + 1}日"),
        "hearing": (f"公示开始后第{hearing}日", f"公示开始后第{hearing}日"),
        "risk": ("公示期间", "合法性审查之前"),
        "review": ("听证会后", f"开始后第{REVIEW_DAYS}个工作日"),
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

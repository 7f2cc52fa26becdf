"""The calendar of the procedure, counted by hand."""

from __future__ import annotations

import datetime as dt

from layout_planner.dossier.calendar import Dates, add_workdays, calendar_frame


def days(dates: Dates) -> dict[str, tuple[str, str]]:
    frame = calendar_frame(dates)
    return {row.step: (row.from_day, row.to_day) for row in frame.itertuples()}


def test_the_notice_lasts_thirty_days_and_the_first_does_not_count() -> None:
    assert days(Dates(published_on="2027-03-01"))["公示、公开征求意见"] == ("2027年3月1日", "2027年3月31日")


def test_the_hearing_comes_seven_days_after_its_papers() -> None:
    found = days(Dates(published_on="2027-03-01"))
    assert found["送达听证材料"] == ("2027年4月1日", "2027年4月1日")
    assert found["听证会"][0] == "2027年4月8日"


def test_the_review_takes_seven_working_days() -> None:
    assert add_workdays(dt.date(2027, 4, 9), 7) == dt.date(2027, 4, 20)
    assert days(Dates(published_on="2027-03-01"))["合法性审查"] == ("2027年4月9日", "2027年4月20日")


def test_dates_that_people_set_stay() -> None:
    found = days(Dates(published_on="2027-03-01", hearing_on="2027-05-10", closing_on="2027-08-31"))
    assert found["听证会"] == ("2027年5月10日", "2027年5月10日")
    assert found["校址保留期满"] == ("2027年8月31日", "2030年8月31日")


def test_without_a_first_day_steps_are_counted_from_it() -> None:
    assert days(Dates())["公示、公开征求意见"] == ("公示开始之日", "公示开始后第30日")

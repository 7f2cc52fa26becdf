"""What the report says of catchments, and of the years for which the county expects numbers of pupils."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layout_planner import columns
from layout_planner.report.document import Grid, Paragraph, grid
from layout_planner.report.words import spell

if TYPE_CHECKING:
    from layout_planner.measures import PlanTables

__all__ = ["expected_years", "within_catchments"]

_YEARS = (
    "year", "pupils", "change", "seats", "seats_short", "schools_over", "schools_under_100", "class_size_max",
    "classes_56_up", "rooms_missing",
)  # fmt: skip


def within_catchments(tables: PlanTables) -> tuple[Paragraph, ...]:
    """Say how many pupils attend the school of their catchment, and whose catchment is to be drawn anew."""
    if tables.in_zone.empty:
        return ()
    rows = tables.in_zone.set_index("band")
    whole = rows.loc["all"]
    text = (
        f"所在学区有学校的学生{spell(whole['zoned'], '人')}人，在所在学区学校就读的占"
        f"{spell(whole['in_zone_share'], 'share')}。"
    )
    if whole["zone_gone"] > 0:
        text += f"另有{spell(whole['zone_gone'], '人')}人所在学区没有开设其年级的在办学校，学区须重新划定。"
    if whole["zone_unknown"] > 0:
        text += f"{spell(whole['zone_unknown'], '人')}人的住处没有学区资料，未计入。"
    return (Paragraph(f"{text}各年级段见工作簿“{columns.IN_ZONE.zh}”表。"),)


def expected_years(tables: PlanTables) -> tuple[Paragraph | Grid, ...]:
    """Say what the plan comes to in the years of the forecast."""
    years = tables.forecast_years
    if years.empty:
        return ()
    text = "各村（乡镇）的学生按学生数预测增减，去向同本方案，不因学位不足而改去他校；没有预测的按现在的人数。"
    lost = float(years["not_placed"].max())
    if lost > 0:
        text += f"预测有学生而现在没有学生的地方，去向无从推算，最多的一年有{spell(lost, '人')}人，不在各校之内。"
    told = Paragraph(f"{text}各校见工作簿“{columns.FORECAST_SCHOOLS.zh}”表。")
    return (told, grid(columns.FORECAST_YEARS, years, _YEARS, "预测年份的学生、学位和班额"))

"""Tables of what a check of the input data found."""

from __future__ import annotations

from layout_planner.registry import Column, Table

__all__ = ["CHECKS", "CHECK_REPORT", "CHECK_SUMMARY", "READ_TABLES"]

CHECKS = Table("checks", "数据检查", "data checks", (
    Column("severity", "text", "程度", "severity"), Column("file", "text", "文件", "file"), Column("sheet", "text", "工作表", "sheet"),
    Column("row", "int", "行", "row"), Column("column", "text", "列", "column"), Column("what", "text", "问题", "problem"),
    Column("mend", "text", "改法", "mend"), Column("code", "id", "问题代码", "code"),
))  # fmt: skip
CHECK_REPORT = Table("check_report", "问题清单", "what was found", (
    Column("number", "int", "序号", "no."), Column("gravity", "text", "程度", "severity", about="错误须改正后才能计算；提醒须核对；说明供参考"),
    Column("file", "text", "文件", "file"), Column("sheet", "text", "工作表", "sheet"),
    Column("row", "int", "行", "row"), Column("name", "text", "名称", "name"), Column("column", "text", "列", "column"),
    Column("what", "text", "问题", "problem"),
    Column("cells", "text", "不符的单元格", "cells that disagree", about="第一个最可疑"),
    Column("mend", "text", "改法", "mend"), Column("code", "id", "问题代码", "code"),
))  # fmt: skip
CHECK_SUMMARY = Table("check_summary", "问题汇总", "summary", (
    Column("file", "text", "文件", "file"), Column("sheet", "text", "工作表", "sheet"),
    Column("errors", "int", "错误", "errors"), Column("warnings", "int", "提醒", "warnings"), Column("notes", "int", "说明", "notes"),
))  # fmt: skip
READ_TABLES = Table("read_tables", "读入的数据", "what was read", (
    Column("role", "text", "数据", "data"), Column("file", "text", "文件", "file"), Column("sheet", "text", "工作表", "sheet"),
    Column("records", "int", "记录数", "records", about="表为行数，图层为个数，道路为路段数，栅格为有人的格数"),
    Column("crs", "text", "声明的坐标系", "declared system", about="空白为文件自带或不含坐标"),
))  # fmt: skip

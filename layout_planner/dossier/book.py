"""The ledger as a workbook: every table behind the documents, and where each number of the documents comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layout_planner import __version__
from layout_planner.columns_dossier import CASE_TRACES
from layout_planner.dossier.basis import CONFIDENCE_NOTE
from layout_planner.errors import Text
from layout_planner.report.narrative import Fact, data_as_of, method_notes
from layout_planner.report.workbook import Sheet, write_sheets

if TYPE_CHECKING:
    from pathlib import Path

    from layout_planner.dossier.facts import Facts

__all__ = ["write_ledger"]

_USE = (
    "文件中数字后的上标如［3-2］，指名称以 3 开头的工作表中编号为 3-2 的行；"
    "“出处”表列出每个数所在的单元格、来源和依据。"
)
_ABOUT = {
    "case_schools": "撤并、改办和接收学校的现状", "case_grades": "撤并、改办学校近几年分年级在校生",
    "case_impact": "每所撤并、改办学校的影响汇总", "case_total": "全部调整合计",
    "case_flows": "每所学校的学生分到哪些学校",
    "case_moves": "每村、年级段的学生去向和路程", "case_receiving": "接收学校的学位、班额、床位、教师",
    "case_forecast": "本校保留时和并入后各年的学生、学位",
    "case_nearest": "换校学生住处附近的学校", "case_options": "保留、改办和本方案的比较",
    "case_dangers": "新的上学路上须核对的路段",
    "case_money": "按标准应配的教职工和公用经费，调整前后", "case_county": "全县指标，调整前后",
    "case_calendar": "各步骤的最早日期", "case_rules": "所依据的规定及可信度",
    "case_parameters": "情景规定的时限、速度、班额",
}  # fmt: skip


def write_ledger(facts: Facts, path: Path) -> None:
    """Write the workbook; call it after the documents, so that it knows which numbers they show."""
    sheets = [
        Sheet(Text(title, title), Text(about := _ABOUT.get(table.name, table.zh), about), table, frame)
        for title, table, frame in facts.ledger.tables
    ]
    told = "文件中每个数的编号、单元格、来源、依据和出现的文件"
    sheets.append(Sheet(Text("出处", "Traces"), Text(told, told), CASE_TRACES, facts.ledger.traces()))
    plan = facts.cases.after
    head = [
        Fact(f"{plan.county.name}学校布局调整数据台账：{plan.label}"),
        Fact("用法", (_USE,)),
        Fact("比较", (f"现状：{facts.cases.before.label}；方案：{plan.label}",)),
        Fact("数据时点", (data_as_of(plan),)),
        Fact("口径", tuple(method_notes(plan))),
        Fact("可信度", (CONFIDENCE_NOTE,)),
        Fact("软件", (f"layout_planner {__version__}",)),
    ]  # fmt: skip
    write_sheets(path, head, sheets)

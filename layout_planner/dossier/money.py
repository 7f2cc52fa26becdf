"""What a merger does to staff by the norm and to public funds: the school itself, and those that receive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from layout_planner.columns_dossier import CASE_MONEY
from layout_planner.config.layout import Layout, Prices
from layout_planner.dossier.blocks import BLANK, Para, Sub, grid
from layout_planner.dossier.ledger import Line, Row, line, unsigned
from layout_planner.grades import GradeBand, Stage
from layout_planner.measures.money import public_funds
from layout_planner.supply.staffing import staff_needed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from layout_planner.dossier.blocks import Block
    from layout_planner.dossier.cases import Cases
    from layout_planner.dossier.facts import Facts
    from layout_planner.plan import Plan

__all__ = ["case_money", "money_sub", "prices_of"]

_PARTS = ("staff", "funds", "floor")


def prices_of(cases: Cases) -> Prices:
    """Give the prices of the scenario, or the default ones."""
    return (cases.scenario.layout or Layout()).prices


def case_money(cases: Cases) -> pd.DataFrame:
    """Work out staff by the norm and public funds before and after, by school concerned (table ``case_money``).

    The last row is the county's: every school concerned and every receiving school once. Yuan are whole.

    Source: 中央编办发〔2014〕72号 (staff), 国发〔2015〕67号 and 国办发〔2012〕48号 (funds, floor of 100 pupils) [V2].
    """
    sides = {side: _needs(plan, prices_of(cases)) for side, plan in (("before", cases.before), ("after", cases.after))}
    flows = cases.moves.groupby("school_id")["to_school_id"].agg(lambda codes: sorted({c for c in codes if c}))
    rows = [_row(code, cases.name_of(code), [code], flows.get(code, []), sides) for code in cases.decided]
    others = [code for code in cases.receiving if code not in cases.decided]
    rows.append(_row("", "全部调整合计", list(cases.decided), others, sides))
    return pd.DataFrame(rows, columns=[name for name in CASE_MONEY.names if name != "ref"])


def _row(
    code: str, name: str, schools: Sequence[str], receivers: Sequence[str], sides: dict[str, pd.DataFrame]
) -> dict[str, object]:
    own = {(part, side): round(float(sides[side].loc[list(schools), part].sum())) for part in _PARTS for side in sides}
    taken = {
        (part, side): round(float(sides[side].loc[list(receivers), part].sum())) for part in _PARTS for side in sides
    }
    more = {part: taken[part, "after"] - taken[part, "before"] for part in _PARTS}
    return {
        "school_id": code, "name": name, "staff_before": own["staff", "before"], "staff_after": own["staff", "after"],
        "staff_receivers": more["staff"],
        "staff_change": own["staff", "after"] - own["staff", "before"] + more["staff"],
        "funds_before": own["funds", "before"], "floor_before": own["floor", "before"],
        "funds_after": own["funds", "after"], "funds_receivers": more["funds"],
        "funds_change": own["funds", "after"] - own["funds", "before"] + more["funds"],
    }  # fmt: skip


def _needs(plan: Plan, prices: Prices) -> pd.DataFrame:
    """Give staff needed and public funds of every school of a plan, none where it is closed."""
    schools = pd.DataFrame(plan.tables.schools).set_index("school_id")
    schools.index = schools.index.astype(str)
    stage = {s: sum(schools[b.pupils_column] for b in GradeBand if b.stage is s) for s in Stage}
    primary, junior = (pd.Series(stage[s], index=schools.index) for s in Stage)
    staff = staff_needed(schools["tier"].astype(str), primary, junior, schools["classes"], prices)["staff_needed"]
    funds = public_funds(primary, junior, schools["boarders"], prices)
    table = pd.DataFrame({"staff": staff, "funds": funds["funds_yuan"], "floor": funds["floor_yuan"]})
    return table.where(schools["is_open"].astype(bool), 0.0)


def money_sub(facts: Facts, code: str) -> Sub:
    """Say what the change means for staff and for public funds; ``code`` is empty for the whole county."""
    row = facts.ledger.row("case_money", school_id=code)
    primary, junior = (facts.parameter(f"layout.prices.pupils_per_teacher.{stage}") for stage in Stage)
    floor, who = facts.parameter("layout.prices.funds_floor_pupils"), "该校" if code else "调整的学校"
    blocks: list[Block] = [
        Para(line(
            "教职工按小学每{}名学生、初中每{}名学生配备一名；村小和教学点另按每班{}名测算，取其中多的。按此，{}应配{}人，"
            "{}，接收学校{}。", primary, junior, facts.parameter("layout.prices.teachers_per_class"), who,
            row["staff_before"], _after(row, "staff", "应配{}人", "不再配备"), _more(row, "staff_receivers", "人"),
        )),
        Para(line(
            "公用经费按推算的学生数核定，不足{}人的按{}人核定。{}现为每年{}元（其中保底增加{}元），{}，"
            "接收学校{}，合计{}。", floor, floor, who, row["funds_before"], row["floor_before"],
            _after(row, "funds", "每年{}元", "不再核定"), _more(row, "funds_receivers", "元", yearly=True),
            _more(row, "funds_change", "元", yearly=True),
        )),
        Para(line("公用经费基准和教职工标准以本省规定为准；节省经费不是撤并的理由。")),
        Para(line("接送、食宿、新建等支出另行测算：" + BLANK + "。")),
    ]  # fmt: skip
    if not code:
        rows = facts.ledger.rows("case_money")
        shown = [
            ("name", "学校", 2.4), ("staff_before", "原应配教职工", 1.2), ("staff_after", "调整后", 1.0),
            ("staff_receivers", "接收学校增加", 1.2), ("funds_before", "原公用经费", 1.4),
            ("funds_after", "调整后公用经费", 1.4), ("funds_receivers", "接收学校增加经费", 1.4),
            ("funds_change", "经费变化", 1.3),
        ]  # fmt: skip
        note = line("几所学校并入同一接收学校的，各行的增加有重复，以合计行为准。")
        blocks.append(grid("教职工和公用经费", rows, shown, note=note))
    return Sub("教职工标准和公用经费", tuple(blocks))


def _after(row: Row, what: str, some: str, none: str) -> Line:
    """Say what is left after the change; a school that closes has nothing left."""
    left = row[f"{what}_after"]
    return line("调整后" + some, left) if int(row.raw(f"{what}_after")) else line("撤并后" + none)


def _more(row: Row, column: str, unit: str, *, yearly: bool = False) -> Line:
    """Say by how much something grows or shrinks."""
    change = int(row.raw(column))
    if change == 0:
        return line("不变")
    verb = ("每年" if yearly else "") + ("减少" if change < 0 else "增加")
    return line("{}{}" + unit, verb, unsigned(row[column]))

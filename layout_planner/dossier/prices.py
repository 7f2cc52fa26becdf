"""What it would cost to keep a school, as the optimiser answered that proposed the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from layout_planner.columns_dossier import CASE_PRICES
from layout_planner.dossier.blocks import Block, Form, Para, Sub
from layout_planner.dossier.cases import CLOSE, Cases
from layout_planner.dossier.ledger import Entry, Line, Row, line, unsigned

if TYPE_CHECKING:
    from layout_planner.dossier.facts import Facts

__all__ = ["case_prices", "price_sub", "priced"]

_MONEY = ("price_yuan", "price_least_yuan", "price_most_yuan", "yearly_change_yuan", "one_off_change_yuan")
_COUNTS = ("minutes_change", "pupils_concerned", "pupils_worse")


def priced(cases: Cases) -> set[str]:
    """Name the schools that close whose keeping the optimiser has priced."""
    prices = cases.prices
    if prices is None:
        return set()
    asked = prices.loc[prices["instead"] == "keep", "school_id"].astype(str)
    return {code for code in asked if cases.decided.get(code) == CLOSE}


def case_prices(cases: Cases) -> pd.DataFrame:
    """Take over the optimiser's answers for the schools that close (table ``case_prices``), in whole units."""
    names = [name for name in CASE_PRICES.names if name != "ref"]
    if cases.prices is None:
        return pd.DataFrame(columns=names)
    frame = cases.prices[cases.prices["school_id"].astype(str).isin(priced(cases))].copy()
    frame["name"] = [cases.name_of(str(code)) for code in frame["school_id"]]
    frame[[*_MONEY, *_COUNTS]] = frame[[*_MONEY, *_COUNTS]].astype("float64").round()
    return frame.sort_values("school_id", kind="stable", ignore_index=True).reindex(columns=names)


def price_sub(facts: Facts, code: str) -> Sub:
    """Say what keeping the school would cost the county by the optimiser's own answer; empty where it was not asked."""
    found = facts.ledger.rows("case_prices", school_id=code)
    if not found:
        return Sub("保留该校的代价", ())
    row = found[0]
    told = Para(line(
        "本方案由优化测算得出。下表是优化测算对“保留该校、其余学校重新安排”的答案，与优化结果的报告同一来源；"
        "代价按情景规定的权重把经费和路程折合成钱，只用于比较，不是撤并的理由。“证明的误差”指本方案与已证明的最好可能之差。"
    ))  # fmt: skip
    rows: list[tuple[str, Line]] = [("结论", line("{}", row["verdict"]))]
    if row.has("price_yuan"):
        rows += [
            ("目标值", _changed(row, "price_yuan", "元")),
            ("其中每年支出", _changed(row, "yearly_change_yuan", "元")),
            ("其中一次性投入", _changed(row, "one_off_change_yuan", "元", yearly=False)),
            ("全县学生路程", line("每天单程合计{}", _way(row))),
            ("学生", line("换学校的{}人，其中路变远的{}人", row["pupils_concerned"], row["pupils_worse"])),
            ("随之变动的学校", line("{}", row.name("others")) if row.has("others") else line("没有")),
        ]
    if row.has("price_least_yuan"):
        rows.append(("已证明的代价", _proven(row)))
    blocks: tuple[Block, ...] = (told, Form("保留该校的代价（优化测算）", tuple(rows)))
    return Sub("保留该校的代价", blocks)


def _changed(row: Row, column: str, unit: str, *, yearly: bool = True) -> Line:
    value = float(row.raw(column))
    if value == 0:
        return line("不变")
    return line(
        "{}{}{}" + unit, "每年" if yearly else "", "增加" if value > 0 else "减少", unsigned(row[column])
    )  # fmt: skip


def _way(row: Row) -> Line:
    value = float(row.raw("minutes_change"))
    return line("增加" if value > 0 else "减少") + line("{}人·分钟", unsigned(row["minutes_change"]))


def _proven(row: Row) -> Line:
    if not row.has("price_most_yuan"):
        return line("每年{}{}元以上", "减少不超过" if float(row.raw("price_least_yuan")) < 0 else "增加",
                    unsigned(row["price_least_yuan"]))  # fmt: skip
    if float(row.raw("price_least_yuan")) < 0:
        least = unsigned(row["price_least_yuan"])
        return line("每年减少{}元至{}{}元之间", least, *_most(row))
    return line("每年增加{}元至{}元之间", row["price_least_yuan"], row["price_most_yuan"])


def _most(row: Row) -> tuple[str, Entry]:
    return "增加" if float(row.raw("price_most_yuan")) >= 0 else "减少", unsigned(row["price_most_yuan"])

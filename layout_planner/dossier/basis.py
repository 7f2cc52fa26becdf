"""What the documents rest on: rules with source and confidence, and the parameters of the scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from layout_planner.columns_dossier import CASE_PARAMETERS, CASE_RULES
from layout_planner.config.layout import Layout
from layout_planner.dossier.calendar import HOLD_YEARS
from layout_planner.grades import GradeBand
from layout_planner.report.words import tidy
from layout_planner.rules import load_rule_sets

if TYPE_CHECKING:
    from layout_planner.config.scenario import Scenario

__all__ = ["BUS_RULE", "CONFIDENCE_NOTE", "bus_occupants", "parameters_frame", "rules_frame"]

CONFIDENCE_NOTE = "已核对原文：读过文件原文；核对转引：见于转载或报道；未核实：凭记忆；存疑：说法不一。后三种只作提示。"
BUS_RULE = "cn.gb24407-2012.occupants"
_ALWAYS = (
    "cn.gbf2012-48",
    "cn.gbf2018-27",
    "cn.gb50099-2011",
    "cn.class-bands",
    "cn.sc713",
    "cn.sc617",
    "cn.bb2014-72",
    "cn.gb24407-2012",
)
_LOCAL = (("local.gansu.hold", "撤并后校址保留三年（甘肃省的做法，供参照）", HOLD_YEARS, "年", "甘肃省", "V2"),)


def rules_frame(scenario: Scenario) -> pd.DataFrame:
    """List the rules of the scenario's sets, of the sets on mergers, and those of the procedure (``case_rules``)."""
    rows = [
        (rule.id, rule.title_zh, scenario.rule_settings.numbers.get(rule.id, rule.number), rule.unit,
         tidy(rule.citation), str(rule.confidence))
        for rule_set in load_rule_sets(dict.fromkeys((*_ALWAYS, *scenario.rules)))
        for rule in rule_set.rules
    ]  # fmt: skip
    frame = pd.DataFrame([*rows, *_LOCAL], columns=[name for name in CASE_RULES.names if name != "ref"])
    frame = frame.drop_duplicates("rule_id", ignore_index=True)
    return frame.astype({"number": "float64"})


def bus_occupants(scenario: Scenario) -> int:
    """Give the persons that a school bus may carry, driver and carers included. Source: GB 24407-2012 [V2]."""
    rules = rules_frame(scenario).set_index("rule_id")["number"].astype("float64")
    return round(rules.to_dict()[BUS_RULE])


def parameters_frame(scenario: Scenario) -> pd.DataFrame:
    """List the limits, speeds and class sizes of the scenario (``case_parameters``)."""
    travel, classes, prices = scenario.travel, scenario.classes, (scenario.layout or Layout()).prices
    rows: list[tuple[str, str, float, str]] = []
    for band in GradeBand:
        for key, word, given, unit in (
            ("walk_limit_min", "步行时限", travel.walk_limit_min, "分钟"),
            ("ride_limit_min", "乘车时限", travel.ride_limit_min, "分钟"),
            ("walk_speed_kmh", "步行速度", travel.walk_speed_kmh, "公里/小时"),
        ):
            if band in given:
                rows.append((f"travel.{key}.{band.value}", f"{band.label_zh}{word}", float(given[band]), unit))
    rows += [
        ("travel.ride_wait_min", "乘车的步行到站、候车和上下车", travel.ride_wait_min, "分钟"),
        ("classes.primary", "完全小学班额上限", classes.primary, "人/班"),
        ("classes.junior", "初中班额上限", classes.junior, "人/班"),
        ("classes.incomplete_primary", "教学点班额上限", classes.incomplete_primary, "人/班"),
        ("layout.prices.funds_floor_pupils", "公用经费保底人数", prices.funds_floor_pupils, "人"),
        *(
            (f"layout.prices.funds_yuan.{stage}", f"{stage.label_zh}公用经费基准", yuan, "元/年")
            for stage, yuan in prices.funds_yuan.items()
        ),
        *(
            (f"layout.prices.pupils_per_teacher.{stage}", f"{stage.label_zh}生师比", ratio, "人/名")
            for stage, ratio in prices.pupils_per_teacher.items()
        ),
        ("layout.prices.teachers_per_class", "村小和教学点班师比", prices.teachers_per_class, "名/班"),
        ("publish.min_pupils", "公示中不写人数的最少学生数", scenario.publish.min_pupils, "人"),
    ]
    return pd.DataFrame(rows, columns=[name for name in CASE_PARAMETERS.names if name != "ref"]).astype(
        {"number": "float64"}
    )

"""What the report says about equity, seats in reach, balance between schools, and what schools need to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from layout_planner import columns
from layout_planner.grades import Stage
from layout_planner.measures.balance_indicators import SINGLE_LIMIT
from layout_planner.report.document import Grid, Paragraph, Section, Sub, grid
from layout_planner.report.outlook import expected_years, within_catchments
from layout_planner.report.words import join_names, spell

if TYPE_CHECKING:
    from layout_planner.measures import PlanTables

__all__ = ["fairness_section"]

_MOST_SCHOOLS = 20
_TENTHS = 10
_Blocks = tuple[Paragraph | Grid, ...]


def fairness_section(tables: PlanTables, before: PlanTables | None = None, before_label: str = "") -> Section:
    """Write the section on equity, balance and provision, against the plan before where there is one."""
    was = None if before is None else (before, f"“{before_label}”")
    subs = (
        Sub("路程是否均等", _equity(tables, was)),
        Sub("学位可得性", _access(tables)),
        Sub("划片内就学", within_catchments(tables)),
        Sub("校际均衡", _balance(tables)),
        Sub("配备与经费", _provision(tables, was)),
        Sub("预测年份", expected_years(tables)),
    )
    return Section("公平、均衡与经费", (), subs)


_Was = tuple["PlanTables", str] | None


def _told(tables: PlanTables, was: _Was, indicator: str, *, unit: str = "") -> str:
    """Write an indicator's value, and in brackets that of the plan before."""

    def value(of: PlanTables) -> str:
        row = of.indicators.set_index("indicator").loc[indicator]
        return spell(row["value"], str(row["unit"])) + unit

    return value(tables) + (f"（{was[1]}{value(was[0])}）" if was is not None else "")


def _equity(tables: PlanTables, was: _Was) -> _Blocks:
    curve = tables.lorenz[tables.lorenz["band"] == "all"].reset_index(drop=True)
    if tables.equity.empty or len(curve) < _TENTHS:
        return ()
    half, last = curve["minutes_share"].iloc[4], curve["tenth_share"].iloc[_TENTHS - 1]
    text = (
        f"走读学生单程时间的基尼系数为{_told(tables, was, 'minutes_gini')}，0为人人相同，越大越不均。"
        f"差别中{_told(tables, was, 'minutes_between_share')}出在乡镇之间，其余出在同一乡镇内部。"
        f"路程最长的一成学生承担全部上学时间的{spell(last, 'share')}，最短的一半只占{spell(half, 'share')}。"
        f"与都去最近的学校相比，多走的路占{_told(tables, was, 'excess_commute')}。"
    )
    names = ["quantity", "band", "pupils", "mean", "gini", "theil", "between_share", "variation_townships"]
    return (
        Paragraph(text),
        grid(columns.EQUITY, tables.equity, names, "路程和学位的公平程度", sheet=columns.EQUITY.zh),
    )


def _access(tables: PlanTables) -> _Blocks:
    if tables.access.empty:
        return ()
    lines = []
    for stage in Stage:
        mine = tables.access[(tables.access["stage"] == stage.value) & (tables.access["pupils"] > 0)]
        towns = mine[mine["township_id"] != ""].sort_values(["seats_per_pupil", "township_id"])
        if towns.empty:
            continue
        whole, low, high = mine.iloc[-1], towns.iloc[0], towns.iloc[-1]
        lines.append(
            f"{stage.label_zh}在时限内人均可得{whole['seats_per_pupil']:.2f}个学位，"
            f"最低{low['name']}{low['seats_per_pupil']:.2f}个，最高{high['name']}{high['seats_per_pupil']:.2f}个；"
            f"{spell(whole['out_of_reach'], '人')}名学生步行、乘车在时限内都到不了任何学校。"
        )
    names = ["stage", "name", "pupils", "seats_per_pupil", "relative", "out_of_reach"]
    caption = "各乡镇学位可得性（高斯两步移动搜索法）"
    return (
        *(Paragraph(line) for line in lines),
        grid(columns.ACCESS, tables.access, names, caption, sheet=columns.ACCESS.zh, marks={"relative": _scarce}),
    )


def _balance(tables: PlanTables) -> _Blocks:
    table = tables.balance
    if table.empty:
        text = "学校表没有填写均衡评估所需的办学条件（高于规定学历教师、教学及辅助用房等），差异系数未计算。"
        return (Paragraph(text),)
    lines = [
        line for basis, word in (("filed", "按填报的在校生"), ("plan", "按本方案的学生去向"))
        for stage in Stage if (line := _balance_sentence(tables, basis, word, stage))
    ]  # fmt: skip
    lines.append("方案口径中，撤并学校的教师和设备没有计入任何学校，能补到哪里见“配备与经费”；调配以后须另行测算。")
    seven = table[table["standard"] == "dd2017-6"]
    names = ["basis", "stage", "measured", "unit", "schools", "missing", "mean", "low", "high", "below", "variation",
             "variation_limit", "verdict"]  # fmt: skip
    failed = tables.balance_schools
    failed = failed[(failed["basis"] == "plan") & (failed["verdict"] == "missed")]
    failed = failed.sort_values(["lowest_share", "school_id"])
    few = ["name", "stage", "pupils", "met", "unknown", "lowest", "lowest_share"]
    blocks: _Blocks = (
        *(Paragraph(line) for line in lines),
        grid(columns.BALANCE, seven, names, "优质均衡七项指标的差异系数", sheet=columns.BALANCE.zh,
             marks={"verdict": _missed}),
    )  # fmt: skip
    if failed.empty:
        return blocks
    caption = "未达到优质均衡要求的学校（方案口径）"
    sheet = columns.BALANCE_SCHOOLS.zh
    return (*blocks, grid(columns.BALANCE_SCHOOLS, failed, few, caption, most=_MOST_SCHOOLS, sheet=sheet))


def _balance_sentence(tables: PlanTables, basis: str, word: str, stage: Stage) -> str:
    table = tables.balance
    mine = table[(table["basis"] == basis) & (table["stage"] == stage.value)]
    seven = mine[mine["standard"] == "dd2017-6"]
    if seven.empty:
        return ""
    each = tables.balance_schools
    tested = each[(each["basis"] == basis) & (each["stage"] == stage.value)]["verdict"]
    limit = SINGLE_LIMIT[stage]
    over, unknown = (seven[seven["verdict"] == code]["measured"] for code in ("missed", "unknown"))
    said = f"{len(over)}项超过（{_names(over)}）" if len(over) else "没有超过的"
    said += f"，{len(unknown)}项数据不全" if len(unknown) else ""
    text = (
        f"{word}，{stage.label_zh}参评{len(tested)}所，{len(tested[tested == 'met'])}所达到优质均衡的学校要求"
        f"（7项中6项达标、其余不低于85%）；七项差异系数以{limit:.2f}为限，{said}。"
    )
    composite = mine[mine["indicator"] == "composite"]
    if len(composite) and composite["variation"].notna().all():
        row = composite.iloc[0]
        text += f"基本均衡八项的综合差异系数为{row['variation']:.4f}，上限{row['variation_limit']:.2f}。"
    return text


def _names(ids: pd.Series) -> str:
    words = {column.name: column.zh for column in columns.BALANCE_INDICATORS}
    return join_names([words[str(name)] for name in ids], counter="项")


def _provision(tables: PlanTables, was: _Was) -> _Blocks:
    if tables.provision.empty:
        return ()
    text = (
        f"按本方案的学生，应配教职工{_told(tables, was, 'staff_needed', unit='名')}；"
        f"公用经费每年{_told(tables, was, 'funds_yuan', unit='元')}，"
        f"其中{_told(tables, was, 'funds_floor_yuan', unit='元')}是人数不足的学校按保底人数增加的；"
        f"乘车学生每车一趟、不拼线约需校车{_told(tables, was, 'buses', unit='辆')}，排定线路后可以减少。"
    )
    return (
        Paragraph(f"{text}各校见工作簿“{columns.PROVISION.zh}”表；经费基准和师生比见情景的价格，请按本地核定数修改。"),
        *_released(tables),
    )


def _released(tables: PlanTables) -> _Blocks:
    """Say where the staff of the schools that close could go, and how many nobody has assigned."""
    rows = tables.released
    if rows.empty:
        return ()
    each = rows.drop_duplicates("school_id")
    free, offered = each["staff_released"].sum(), rows.loc[rows["to_school_id"] != "", "staff_proposed"].sum()
    silent = [str(name) for name in each.loc[each["staff_released"].isna(), "name"]]
    text = (
        f"撤并、改办学校腾出教职工{free:.0f}名，按应配数测算，可补入缺编的接收学校{offered:.0f}名，"
        f"其余{free - offered:.0f}名没有安排，由县级统筹。"
    )
    if silent:
        text += f"学校表没有填写{'、'.join(silent)}的教职工数，未计入。"
    return (
        Paragraph(f"{text}设备、图书按转入学生比例列出，去向见工作簿“{columns.RELEASED.zh}”表；都是测算，不是决定。"),
    )


def _scarce(value: float) -> str:
    return "warn" if value < 0.8 else ""


def _missed(value: str) -> str:
    return {"missed": "bad", "unknown": "warn"}.get(value, "")

"""The scenario: everything a person decides before the computer starts, as frozen data.

Every key has a default that a careful planner would choose, its unit in its name, and a Chinese description.
Unknown keys are refused. :func:`layout_planner.config.loader.load_scenario` reads one from YAML.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from html import escape
from pathlib import Path
from typing import Annotated

from pydantic import (
    Field,
    PrivateAttr,
    StrictStr,
    model_validator,
)

from layout_planner.config.admission import Admission
from layout_planner.config.assigning import Assign
from layout_planner.config.blocks import Block, SchoolId
from layout_planner.config.clearing import Clearing
from layout_planner.config.data import CrsName, Data, TableCrs
from layout_planner.config.demand import Demand
from layout_planner.config.districts import Districts
from layout_planner.config.hearing import Hearing
from layout_planner.config.layout import Layout
from layout_planner.config.lottery import ClassDraw, Lottery
from layout_planner.config.ruling import RuleSettings
from layout_planner.config.travel import Season, SeasonClosures, Travel
from layout_planner.config.zoning import Zoning
from layout_planner.errors import Text, counted

__all__ = [
    "Admission",
    "Assign",
    "Change",
    "ClassDraw",
    "Classes",
    "Clearing",
    "CrsName",
    "Data",
    "Decisions",
    "Demand",
    "Districts",
    "Hearing",
    "Layout",
    "Lottery",
    "Output",
    "Publish",
    "RuleSettings",
    "Scenario",
    "Season",
    "SeasonClosures",
    "TableCrs",
    "Travel",
    "Zoning",
]


@dataclass(frozen=True)
class Change:
    """One key that was overridden: by which file or option, from what, to what (as YAML would spell them)."""

    key: str
    old: str
    new: str
    source: str


class Classes(Block):
    """班额上限（人/班）。Source: GB 50099-2011 3.0.1."""

    primary: Annotated[int, Field(ge=1, le=80)] = 45
    """完全小学"""
    junior: Annotated[int, Field(ge=1, le=80)] = 50
    """初中"""
    incomplete_primary: Annotated[int, Field(ge=1, le=80)] = 30
    """非完全小学（教学点）"""
    clearing: Clearing = Clearing()
    """化解大班额"""


class Decisions(Block):
    """人已经决定的事：谁关、谁开、谁改为教学点、谁寄宿。"""

    close: tuple[SchoolId, ...] = ()
    """撤并的学校代码"""
    open: tuple[SchoolId, ...] = ()
    """恢复或启用的学校代码（学校表中状态为停办或拟建者）"""
    convert_to_teaching_point: tuple[SchoolId, ...] = ()
    """改为教学点（只留一至三年级）的学校代码"""
    board: dict[SchoolId, Annotated[int, Field(ge=0, le=20_000)]] = Field(default_factory=dict)
    """学校代码: 寄宿床位数"""
    lift_to_full_primary: tuple[SchoolId, ...] = ()
    """由教学点办成完全小学（一至六年级）的学校代码"""
    add_classrooms: dict[SchoolId, Annotated[int, Field(ge=0, le=500)]] = Field(default_factory=dict)
    """学校代码: 新增教室间数"""

    @model_validator(mode="after")
    def _one_decision_a_school(self) -> Decisions:
        closed = set(self.close)
        for name in ("open", "convert_to_teaching_point", "lift_to_full_primary", "board", "add_classrooms"):
            both = sorted(closed & set(getattr(self, name)))
            if both:
                msg = f"closed and also in {name} / 既撤并又列入 {name}：{', '.join(both)}"
                raise ValueError(msg)
        return self


class Publish(Block):
    """地图和报告上写明的出版信息。"""

    date: StrictStr = ""
    """数据日期，如 2025年9月"""
    source: StrictStr = ""
    """数据来源"""
    approval: StrictStr = "内部资料 未审"
    """审图号；公开前须送审（地图管理条例）"""
    min_pupils: Annotated[int, Field(ge=0, le=1000)] = 5
    """地图上一个地点的学生少于此数时不写人数（人）"""


class Output(StrEnum):
    """What a run writes."""

    MAP = "map"
    TABLES = "tables"
    REPORT = "report"


class Scenario(Block):
    """一个情景。"""

    name: Annotated[StrictStr, Field(min_length=1, max_length=60)]
    """情景名称"""
    title_en: StrictStr = ""
    """英文名称"""
    note: StrictStr = ""
    """说明，写进报告"""
    based_on: StrictStr | None = None
    """继承的情景文件"""
    data: Data
    """数据"""
    demand: Demand = Demand()
    """学生"""
    travel: Travel = Travel()
    """出行"""
    classes: Classes = Classes()
    """班额"""
    assign: Assign = Assign()
    """分配"""
    decisions: Decisions = Decisions()
    """决定"""
    hearing: Hearing = Hearing()
    """论证和听证：只有人才知道的事"""
    layout: Layout | None = None
    """优化器可以决定的事；null 表示只按上面的决定办"""
    zoning: Zoning = Zoning()
    """学区划分（命令 zone）"""
    lottery: Lottery | None = None
    """电脑派位；null 表示没有"""
    class_draw: ClassDraw | None = None
    """电脑随机分班；null 表示没有"""
    districts: Districts = Districts()
    """教育协作区"""
    rules: tuple[StrictStr, ...] = ("cn.gbf2018-27", "cn.gb50099-2011", "cn.class-bands")
    """检查所依据的规则集：随软件的规则集写代码，自己的规则集写 YAML 文件的路径"""
    rule_settings: RuleSettings = RuleSettings()
    """本情景怎样使用规则"""
    publish: Publish = Publish()
    """出版信息"""
    outputs: tuple[Output, ...] = (Output.MAP, Output.TABLES, Output.REPORT)
    """输出内容"""
    seed: Annotated[int, Field(ge=0)] = 0
    """随机种子"""

    _changes: tuple[Change, ...] = PrivateAttr(default=())
    _files: tuple[Path, ...] = PrivateAttr(default=())
    _places: dict[tuple[str | int, ...], tuple[str, int]] = PrivateAttr(default={})

    @property
    def changes(self) -> tuple[Change, ...]:
        """What this scenario changes against the one that it is based on, and what overrides changed in it."""
        return self._changes

    @property
    def files(self) -> tuple[Path, ...]:
        """Scenario files that were read, this one first, then the ones that it is based on."""
        return self._files

    def place(self, *key: str | int) -> tuple[str, int] | None:
        """Find the file and line that set a key, as ``place("decisions", "close")``; ``None`` for a default."""
        return self._places.get(key)

    def __repr__(self) -> str:
        decided = sum(len(getattr(self.decisions, name)) for name in type(self.decisions).model_fields)
        base = f", based on {self.based_on}" if self.based_on else ""
        return (
            f"<Scenario {self.name!r}{base}: demand from {self.demand.source}, assignment {self.assign.method}, "
            f"{counted(decided, 'decision')}, {counted(len(self.changes), 'change')}>"
        )

    def _repr_html_(self) -> str:
        head = f"<b>{escape(self.name)}</b> {escape(self.title_en)}<br>{escape(self.note)}"
        said = (
            (Text("学生来源", "demand"), self.demand.source),
            (Text("分配方法", "assignment"), self.assign.method),
            (Text("规则", "rules"), ", ".join(self.rules)),
        )
        facts = " · ".join(f"{name}{Text('：', ': ')}{value}" for name, value in said if value)
        changes = "".join(
            f"<tr><td>{escape(c.key)}</td><td>{escape(c.old)}</td><td>{escape(c.new)}</td></tr>" for c in self.changes
        )
        heads = (Text("键", "key"), Text("原值", "old"), Text("新值", "new"))
        titles = f"<tr>{''.join(f'<th>{name}</th>' for name in heads)}</tr>"
        return f"{head}<br>{escape(facts)}" + (f"<table>{titles}{changes}</table>" if changes else "")

"""Rule sets: numbers with their source, confidence and what to do about them."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, StrictStr, model_validator

from layout_planner.errors import Severity
from layout_planner.grades import GradeBand, Stage, Tier

__all__ = ["Applies", "Condition", "Confidence", "Measure", "Rule", "RuleSet"]


class Confidence(StrEnum):
    """How well a number's source is verified.

    ``V`` primary text read; ``V2`` secondary text read; ``M`` from memory; ``?`` conflict or doubt.
    """

    PRIMARY = "V"
    SECONDARY = "V2"
    MEMORY = "M"
    DOUBT = "?"

    @property
    def may_block(self) -> bool:
        """Whether a rule of this confidence may be an error as it ships: only a text that was read word by word."""
        return self is Confidence.PRIMARY

    @property
    def may_be_made_to_block(self) -> bool:
        """Whether a scenario may make a rule of this confidence an error: a text that somebody has read."""
        return self in (Confidence.PRIMARY, Confidence.SECONDARY)


class Measure(StrEnum):
    """What a rule looks at; :mod:`layout_planner.rules.checkers` holds one checker for each."""

    MINUTES = "minutes"
    METRES = "metres"
    CROSSING = "crossing"
    MODE_COUNT = "mode_count"
    SPEED = "speed"
    BOARDING = "boarding"
    CLASS_SIZE = "class_size"
    CLASSES_FROM = "classes_from"
    CLASS_SHARE = "class_share"
    ENTRANTS = "entrants"
    PUPILS_MAX = "pupils_max"
    PUPILS_MIN = "pupils_min"
    SMALL_SCHOOLS = "small_schools"
    BEDS = "beds"
    PER_HEAD = "per_head"
    STAFF = "staff"
    STAFF_PER_CLASS = "staff_per_class"
    TOWNSHIP_STAGE = "township_stage"
    SEATS_PER_1000 = "seats_per_1000"
    INDICATOR = "indicator"
    SCHOOL_TEST = "school_test"
    VARIATION = "variation"
    COMPOSITE = "composite"
    MIGRANT_PUBLIC = "migrant_public"
    IN_ZONE = "in_zone"
    CLOSING = "closing"
    HEARD = "heard"
    DAYS = "days"
    FACT = "fact"
    VETO = "veto"


class Condition(StrEnum):
    """What forbids a merger by force, in the order of the veto sheet (:mod:`layout_planner.rules.veto`)."""

    PARENTS = "parents"
    DELEGATES = "delegates"
    FAR_YOUNG = "far_young"
    UNSAFE_WAY = "unsafe_way"
    NO_BUS = "no_bus"
    BEDS = "beds"
    CANTEEN = "canteen"
    BIG_CLASS = "big_class"
    GIANT = "giant"
    NOT_BUILT = "not_built"


class Block(BaseModel):
    """Base of what a rule set holds: frozen, and refusing unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Applies(Block):
    """To whom a rule applies; an empty list means everybody."""

    place: Literal["", "urban", "rural"] = ""
    """urban 城镇, rural 乡村; said to the reader, the tiers do the choosing"""
    province: StrictStr = ""
    """省、市; empty means the whole country"""
    stages: tuple[Stage, ...] = ()
    """Stages 学段"""
    bands: tuple[GradeBand, ...] = ()
    """Grade bands 年级段"""
    tiers: tuple[Tier, ...] = ()
    """School tiers 学校层级; a primary school without grade 6 counts as a teaching point (非完全小学)"""
    modes: tuple[Literal["walk", "ride", "board"], ...] = ()
    """Modes of travel 方式"""
    pupils_from: float | None = None
    """Only schools of at least so many pupils"""
    pupils_under: float | None = None
    """Only schools of fewer pupils"""
    when_closing: bool = False
    """Only for a plan that closes a school or makes it a teaching point"""


class Rule(Block):
    """One rule."""

    id: StrictStr
    """Id, unique among all sets"""
    measure: Measure
    """What is looked at"""
    title_zh: StrictStr
    """Chinese title"""
    title_en: StrictStr
    """English title"""
    number: float | None = None
    """The limit, in ``unit``; none where the rule has no number"""
    unit: StrictStr = ""
    """Unit of the number; ``%`` for shares, which are written 0 to 1"""
    sense: Literal["most", "least"] = "most"
    """For fact: whether the number is the most or the least that may be"""
    share: float | None = None
    """For schools_tested: the share of the norm that the other indicators must reach"""
    class_from: int | None = None
    """For class_share: classes of at least this size are counted"""
    column: StrictStr = ""
    """For per_head and indicator: column of the school table, or indicator"""
    per: Literal["pupil", "boarder", "school"] = "pupil"
    """For per_head: what the column is divided by"""
    dates: tuple[StrictStr, ...] = ()
    """For days: two keys of ``hearing.procedure``, from and until"""
    working_days: bool = False
    """For days: whether only Mondays to Fridays count"""
    condition: Condition | None = None
    """For veto: the condition"""
    applies: Applies = Applies()
    """To whom"""
    source: StrictStr = Field(min_length=3)
    """Document"""
    article: StrictStr = ""
    """Article"""
    confidence: Confidence
    """How well the source is verified"""
    severity: Severity
    """What a breach is: error, warning or note"""
    mend_zh: StrictStr
    """What to do about a breach, in Chinese"""
    mend_en: StrictStr
    """What to do about a breach, in English"""

    @model_validator(mode="after")
    def _low_confidence_never_blocks(self) -> Rule:
        if self.severity is Severity.ERROR and not self.confidence.may_block:
            msg = (
                f"{self.id}: a rule of confidence {self.confidence} cannot be an error / "
                f"{self.id}：可信度为 {self.confidence} 的规则不能列为 error | "
                "write warning or note; a V2 rule may be made to block in rule_settings.block / "
                "改为 warning 或 note；V2 的规则可在情景的 rule_settings.block 中设为必须遵守"
            )
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Rule:
        missing = [name for name in _NEEDS.get(self.measure, ()) if getattr(self, name) in (None, "", ())]
        if missing:
            names = ", ".join(missing)
            msg = (
                f"{self.id}: measure {self.measure} needs {names} / {self.id}：measure 为 {self.measure} 时还要写 "
                f"{names} | add {names} / 补上 {names}"
            )
            raise ValueError(msg)
        return self

    @property
    def citation(self) -> str:
        """Document and article."""
        return f"{self.source} {self.article}".strip()


_NUMBERED = (
    Measure.MINUTES, Measure.METRES, Measure.SPEED, Measure.BOARDING, Measure.CLASS_SIZE, Measure.CLASSES_FROM,
    Measure.CLASS_SHARE, Measure.ENTRANTS, Measure.PUPILS_MAX, Measure.PUPILS_MIN, Measure.SMALL_SCHOOLS, Measure.BEDS,
    Measure.PER_HEAD, Measure.STAFF, Measure.SEATS_PER_1000, Measure.INDICATOR, Measure.SCHOOL_TEST,
    Measure.VARIATION, Measure.COMPOSITE, Measure.MIGRANT_PUBLIC, Measure.IN_ZONE, Measure.DAYS, Measure.FACT,
)  # fmt: skip
_NEEDS: dict[Measure, tuple[str, ...]] = dict.fromkeys(_NUMBERED, ("number",)) | {
    Measure.CLASS_SHARE: ("number", "class_from"),
    Measure.PER_HEAD: ("number", "column"),
    Measure.INDICATOR: ("number", "column"),
    Measure.SCHOOL_TEST: ("number", "share"),
    Measure.DAYS: ("number", "dates"),
    Measure.VETO: ("condition",),
}


class RuleSet(Block):
    """A named set of rules from one document."""

    id: StrictStr = Field(min_length=1)
    """Id, as scenarios name it"""
    title_zh: StrictStr
    """Chinese title"""
    title_en: StrictStr
    """English title"""
    province: StrictStr = ""
    """省、市; empty means the whole country"""
    status: Literal["", "historical"] = ""
    """historical: no longer in force, shipped to read old plans"""
    rules: tuple[Rule, ...] = Field(min_length=1)
    """The rules"""

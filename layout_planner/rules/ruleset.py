"""Rule sets: numbers with their source, confidence and what to do about them, as checked YAML."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, Field, StrictStr, ValidationError, model_validator
from ruamel.yaml import YAML

from layout_planner.errors import Flaw, LayoutError, ScenarioError, Severity, Text
from layout_planner.grades import GradeBand, Stage, Tier

__all__ = ["Applies", "Condition", "Confidence", "Measure", "Rule", "RuleSet", "known_rule_sets", "load_rule_sets"]


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
        """Whether a rule of this confidence may be an error: only a text that was read word by word."""
        return self is Confidence.PRIMARY


class Measure(StrEnum):
    """What a rule looks at; :mod:`layout_planner.rules.check` holds one checker for each."""

    MINUTES = "minutes"
    METRES = "metres"
    BOARDING = "boarding"
    CLASS_SIZE = "class_size"
    CLASSES_FROM = "classes_from"
    CLASS_SHARE = "class_share"
    PUPILS_MAX = "pupils_max"
    PUPILS_MIN = "pupils_min"
    SMALL_SCHOOLS = "small_schools"
    BEDS = "beds"
    TOWNSHIP_STAGE = "township_stage"
    CLOSING = "closing"
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


class _Block(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Applies(_Block):
    """To whom a rule applies; an empty list means everybody."""

    stages: tuple[Stage, ...] = ()
    """Stages 学段"""
    bands: tuple[GradeBand, ...] = ()
    """Grade bands 年级段"""
    tiers: tuple[Tier, ...] = ()
    """School tiers 学校层级; a primary school without grade 6 counts as a teaching point (非完全小学)"""
    when_closing: bool = False
    """Only for a plan that closes a school"""


class Rule(_Block):
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
    """Unit of the number"""
    class_from: int | None = None
    """For class_share: classes of at least this size are counted"""
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
            msg = f"{self.id}: a rule of confidence {self.confidence} cannot be an error"
            raise ValueError(msg)
        return self

    @property
    def citation(self) -> str:
        """Document and article."""
        return f"{self.source} {self.article}".strip()


class RuleSet(_Block):
    """A named set of rules from one document."""

    id: StrictStr
    """Id, as scenarios name it"""
    title_zh: StrictStr
    """Chinese title"""
    title_en: StrictStr
    """English title"""
    rules: tuple[Rule, ...]
    """The rules"""


@cache
def _shipped() -> dict[str, RuleSet]:
    """Read every set that ships, by id."""
    reader = YAML(typ="safe", pure=True)
    reader.version = (1, 2)
    sets: dict[str, RuleSet] = {}
    folder = files("layout_planner.rules") / "sets"
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if not entry.name.endswith(".yaml"):
            continue
        try:
            rule_set = RuleSet.model_validate(reader.load(entry.read_text(encoding="utf-8")))
        except ValidationError as error:
            message = Text(f"规则集文件 {entry.name} 有误：{error}", f"the rule set {entry.name} is wrong: {error}")
            raise LayoutError(message) from error
        sets[rule_set.id] = rule_set
    return sets


def known_rule_sets() -> tuple[str, ...]:
    """List the ids of the rule sets that ship, sorted."""
    return tuple(sorted(_shipped()))


def load_rule_sets(rule_ids: Iterable[str]) -> tuple[RuleSet, ...]:
    """Look up rule sets by id, in the order given, each once.

    Raises
    ------
    ScenarioError
        With a flaw for every unknown id.
    """
    known = _shipped()
    wanted = tuple(dict.fromkeys(rule_ids))
    flaws = [_unknown(rule_id, tuple(known)) for rule_id in wanted if rule_id not in known]
    if flaws:
        count = len(flaws)
        message = Text(f"情景引用了 {count} 个没有的规则集", f"the scenario names {count} rule sets that do not exist")
        raise ScenarioError(message, flaws)
    return tuple(known[rule_id] for rule_id in wanted)


def _unknown(rule_id: str, known: tuple[str, ...]) -> Flaw:
    close = get_close_matches(rule_id, known, n=1, cutoff=0.5)
    what = Text(f"rules：没有规则集“{rule_id}”", f"rules: there is no rule set {rule_id!r}")
    listed = ", ".join(sorted(known))
    mend = (
        Text(f"是不是“{close[0]}”？", f"did you mean {close[0]!r}?")
        if close
        else Text(f"可用的规则集：{listed}", f"choose among {listed}")
    )
    return Flaw("unknown_rule_set", what, mend, column="rules")

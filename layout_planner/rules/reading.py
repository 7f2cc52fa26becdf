"""Read rule sets: those that ship by their ids, a user's own from a YAML file, every mistake with its line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from layout_planner.config.messages import explain
from layout_planner.config.ruling import is_rule_file
from layout_planner.config.yamltext import read_yaml
from layout_planner.errors import Flaw, LayoutError, ScenarioError, Text
from layout_planner.rules.ruleset import Applies, Rule, RuleSet

__all__ = ["VETO_SETS", "known_rule_sets", "load_rule_sets", "read_rule_set"]

VETO_SETS = ("cn.gbf2012-48", "cn.gbf2018-27")
"""Sets whose rules of measure ``veto`` make up the veto sheet of every merger."""


_SETS = files("layout_planner.rules") / "sets"


@cache
def _shipped(rule_id: str) -> RuleSet:
    """Read a set that ships; its file has the name of its id."""
    reader = YAML(typ="safe", pure=True)
    reader.version = (1, 2)
    entry = _SETS / f"{rule_id}.yaml"
    try:
        return RuleSet.model_validate(reader.load(entry.read_text(encoding="utf-8")))
    except ValidationError as error:
        message = Text(f"规则集文件 {entry.name} 有误：{error}", f"the rule set {entry.name} is wrong: {error}")
        raise LayoutError(message) from error


@cache
def known_rule_sets() -> tuple[str, ...]:
    """List the ids of the rule sets that ship, sorted."""
    names = (entry.name for entry in _SETS.iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def load_rule_sets(rule_ids: Iterable[str | RuleSet]) -> tuple[RuleSet, ...]:
    """Look up rule sets, in the order given, each once.

    Parameters
    ----------
    rule_ids : iterable of str or RuleSet
        Ids of sets that ship, paths of YAML files of the user's own, and sets made in Python.

    Raises
    ------
    ScenarioError
        With a flaw for every unknown id and every mistake of a file.
    """
    known = known_rule_sets()
    flaws: list[Flaw] = []
    sets: list[RuleSet] = []
    entries = list(rule_ids)
    for k, entry in enumerate(entries):
        if isinstance(entry, RuleSet):
            sets.append(entry)
            continue
        if entry in entries[:k]:
            continue
        if is_rule_file(entry):
            found = read_rule_set(Path(entry), flaws)
            sets += [found] if found is not None else []
        elif entry in known:
            sets.append(_shipped(entry))
        else:
            flaws.append(_unknown(entry, known))
    flaws += [] if flaws else _twice(sets)
    if flaws:
        count = len(flaws)
        message = Text(f"情景引用的规则集有 {count} 处问题", f"the rule sets of the scenario have {count} problems")
        raise ScenarioError(message, flaws)
    return tuple(sets)


def read_rule_set(path: Path, flaws: list[Flaw]) -> RuleSet | None:
    """Read a rule set of the user's own; what is wrong goes to ``flaws``, every mistake with its line."""
    if not path.is_file():
        near = difflib.get_close_matches(path.name, [p.name for p in path.parent.glob("*.y*ml")], 1)
        mend = Text(f"是否为 {near[0]}？", f"did you mean {near[0]}?") if near else _CHECK_PATH
        what = Text(f"rules：找不到规则集文件 {path.name}", f"rules: there is no rule set file {path.name}")
        flaws.append(Flaw("unknown_rule_set", what, mend, column="rules"))
        return None
    tree = read_yaml(path, flaws)
    if tree is None:
        return None
    try:
        return RuleSet.model_validate(_plain(tree))
    except ValidationError as error:
        flaws.extend(_flaw(dict(item), path, tree) for item in error.errors())
        return None


_CHECK_PATH = Text(
    "检查路径（相对路径从情景文件所在处算起）", "check the path (relative ones count from the scenario file)"
)


def _plain(value: object) -> object:
    """Turn ruamel's containers and dates into plain ones."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _flaw(error: Mapping[str, Any], path: Path, tree: CommentedMap) -> Flaw:
    """Say one mistake at the line where it stands."""
    key, row = _place(error["loc"], tree)
    name = str(key[-1]) if key else ""
    if error["type"] == "extra_forbidden":
        known = [*_model_at(key).model_fields]
        near = difflib.get_close_matches(name, known, 1, 0.6)
        what = Text(f"没有“{name}”这个键", f"unknown key “{name}”")
        mend = (
            Text(f"是否为 {near[0]}？", f"did you mean {near[0]}?")
            if near
            else Text(f"可用的键：{'、'.join(known)}", f"known keys: {', '.join(known)}")
        )
    else:
        what, mend = explain(error, key)
    spelled = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in key).removeprefix(".")
    return Flaw(f"rules_{error['type']}", what, mend, file=path.name, row=row, key=spelled)


def _place(loc: Sequence[str | int], tree: CommentedMap) -> tuple[tuple[str | int, ...], int | None]:
    """Follow a location as far as the file goes, and find its line."""
    key: list[str | int] = []
    node: Any = tree
    row: int | None = 1
    for part in loc:
        key.append(part)
        if isinstance(node, CommentedMap) and part in node:
            row = node.lc.key(part)[0] + 1
        elif isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node):
            row = node.lc.item(part)[0] + 1
        else:
            break
        node = node[part]
    return tuple(key), row


def _model_at(key: Sequence[str | int]) -> type[BaseModel]:
    """Name the block that a key stands in."""
    if "applies" in key[:-1]:
        return Applies
    return Rule if len(key) > 1 else RuleSet


def _twice(sets: Sequence[RuleSet]) -> list[Flaw]:
    """Find the ids that two rules of the scenario's sets share."""
    seen: set[str] = set()
    flaws = []
    for rule in (rule for rule_set in sets for rule in rule_set.rules):
        if rule.id in seen:
            what = Text(f"rules：有两条规则都叫“{rule.id}”", f"rules: two rules are called {rule.id!r}")
            flaws.append(Flaw("rule_twice", what, Text("给其中一条换代码", "give one another id"), column="rules"))
        seen.add(rule.id)
    return flaws


def _unknown(rule_id: str, known: tuple[str, ...]) -> Flaw:
    close = difflib.get_close_matches(rule_id, known, n=1, cutoff=0.5)
    what = Text(f"rules：没有规则集“{rule_id}”", f"rules: there is no rule set {rule_id!r}")
    listed = ", ".join(sorted(known))
    mend = (
        Text(f"是不是“{close[0]}”？", f"did you mean {close[0]!r}?")
        if close
        else Text(f"可用的规则集：{listed}", f"choose among {listed}")
    )
    return Flaw("unknown_rule_set", what, mend, column="rules")

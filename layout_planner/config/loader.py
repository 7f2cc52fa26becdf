"""Read a scenario: YAML 1.2, inheritance, overrides that are logged, and mistakes that name their line."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from layout_planner.config.messages import explain
from layout_planner.config.ruling import is_rule_file
from layout_planner.config.scenario import Change, Data, Scenario
from layout_planner.config.schema import keys_at
from layout_planner.config.yamltext import parse_yaml, read_yaml
from layout_planner.errors import Flaw, ScenarioError, Text

__all__ = ["load_scenario", "mapping_to_yaml", "parent_path", "salvage_scenario", "scenario_error", "scenario_to_yaml"]

Key = tuple[str | int, ...]
MAX_DEPTH = 10
_OPTION = "--set"
_SHELL_QUOTES = Text(
    "整个参数加双引号，代码加单引号：--set \"decisions.close=['0990101119']\"",
    "put the whole option in double quotes and codes in single ones: --set \"decisions.close=['0990101119']\"",
)


@dataclass
class _Source:
    """A merged tree with, for every key path, the file and line that set it.

    ``spelled`` holds numbers with leading zeros as they were typed; ``broken`` says that a file of the chain could not
    be read, so that what seems to be missing is not.
    """

    tree: dict[str, Any] = field(default_factory=dict)
    places: dict[Key, tuple[str, int]] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    spelled: dict[Key, str] = field(default_factory=dict)
    broken: bool = False

    def place(self, key: Key) -> tuple[str, int | None]:
        """Find the nearest place of a key path, walking towards the root."""
        for n in range(len(key), 0, -1):
            if key[:n] in self.places:
                return self.places[key[:n]]
        return (self.files[0].name if self.files else "", None)


def load_scenario(path: str | Path, overrides: Mapping[str, object] | Iterable[str] = ()) -> Scenario:
    """Read a scenario file into a frozen :class:`Scenario`.

    Parameters
    ----------
    path : str or Path
        YAML file. ``based_on`` names another one, relative to it, whose every block is inherited; mappings are
        merged key by key, lists are replaced. Relative data paths count from the file that states them.
    overrides : mapping or iterable of str
        ``{"travel.walk_limit_min.G1-3": 25}`` or ``["travel.walk_limit_min.G1-3=25"]``; values are read as YAML.

    Returns
    -------
    Scenario
        With ``.changes``, the log of what was overridden, ``old -> new``.

    Raises
    ------
    ScenarioError
        With every mistake of the files and overrides: unknown keys (and what was meant), wrong types, numbers out
        of range, missing files; each with its line.
    """
    scenario, flaws = salvage_scenario(path, overrides)
    if flaws or scenario is None:
        raise scenario_error(flaws)
    return scenario


def scenario_error(flaws: Sequence[Flaw]) -> ScenarioError:
    """Build one error out of all the flaws of a scenario."""
    return ScenarioError(
        Text(
            f"情景文件有 {len(flaws)} 处问题", f"The scenario has {len(flaws)} problem{'s' if len(flaws) != 1 else ''}"
        ),
        flaws,
    )


def salvage_scenario(
    path: str | Path, overrides: Mapping[str, object] | Iterable[str] = ()
) -> tuple[Scenario | None, list[Flaw]]:
    """Read as much of a scenario as can be understood, and list what is wrong with the rest.

    Keys that cannot be used fall back to their defaults, so that a check can go on to the data and report
    everything at once. Never compute a plan from a salvaged scenario that has flaws.
    """
    flaws: list[Flaw] = []
    source = _Source()
    _read_chain(Path(path), source, flaws, ())
    if not source.files:
        return None, flaws
    _apply_overrides(source, overrides, flaws)
    scenario = _validate(source, flaws)
    if source.broken:
        scenario, flaws = None, [flaw for flaw in flaws if not (flaw.code == "scenario_missing" and flaw.key == "data")]
    if scenario is not None:
        flaws.extend(_missing_files(scenario, source))
        scenario._changes = tuple(source.changes)
        scenario._files = tuple(source.files)
        scenario._places = dict(source.places)
    order = {file.name: i for i, file in enumerate(source.files)}
    flaws.sort(key=lambda f: (order.get(f.file, len(order)), f.row or 0, f.key))
    return scenario, flaws


def scenario_to_yaml(scenario: Scenario) -> str:
    """Spell a scenario with every key resolved, as YAML."""
    return mapping_to_yaml(scenario.model_dump(mode="json"))


def mapping_to_yaml(tree: Mapping[str, Any]) -> str:
    """Spell a mapping of plain values as YAML 1.2, Chinese as it is, codes in quotes, keys in their order."""
    stream = StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.dump(dict(tree), stream)
    return stream.getvalue()


def _flaw(code: str, what: Text, mend: Text, place: tuple[str, int | None], key: str = "") -> Flaw:
    return Flaw(code, what, mend, file=place[0], row=place[1], key=key)


def _read_chain(path: Path, source: _Source, flaws: list[Flaw], seen: tuple[Path, ...]) -> None:
    """Read ``path`` and what it is based on; the child's keys win."""
    resolved = path.resolve()
    if resolved in seen or len(seen) >= MAX_DEPTH:
        chain = " → ".join(p.name for p in (*seen, resolved))
        flaws.append(
            _flaw(
                "based_on_circle",
                Text(f"情景互相继承：{chain}", f"scenarios are based on each other: {chain}"),
                Text("去掉其中一个 based_on", "remove one of the based_on keys"),
                (path.name, None),
            )
        )
        source.broken = True
        return
    tree = read_yaml(path, flaws)
    if tree is None:
        source.broken = True
        return
    source.files.append(path)
    parent = tree.get("based_on")
    if isinstance(parent, str):
        _read_parent(path, tree, source, flaws, (*seen, resolved))
    is_root_of_chain = not isinstance(parent, str)
    _merge(source, tree, (), path, flaws, log=not is_root_of_chain)


def _read_parent(path: Path, tree: CommentedMap, source: _Source, flaws: list[Flaw], seen: tuple[Path, ...]) -> None:
    """Read what a file is based on; where it does not exist, point at the line that names it."""
    parent = parent_path(path, str(tree["based_on"]))
    if parent.is_file():
        _read_chain(parent, source, flaws, seen)
        return
    source.broken = True
    siblings = [p.name for p in path.parent.glob("*.y*ml") if p.name != path.name]
    near = difflib.get_close_matches(parent.name, siblings, 1) or siblings
    mend = Text(f"是否为 {near[0]}？", f"did you mean {near[0]}?") if near else Text("检查文件名", "check the name")
    what = Text(f"找不到所继承的情景文件 {parent.name}", f"there is no scenario file {parent.name} to be based on")
    flaws.append(_flaw("scenario_missing", what, mend, (path.name, _row(tree, "based_on")), "based_on"))


def parent_path(path: Path, based_on: str) -> Path:
    """Find the file that the scenario at ``path`` is based on; backslashes separate folders on every platform."""
    return path.parent / based_on.replace("\\", "/")


def _row(tree: Mapping[Any, Any], key: object) -> int | None:
    return tree.lc.key(key)[0] + 1 if isinstance(tree, CommentedMap) and key in tree.lc.data else None


def _merge(source: _Source, tree: Mapping[Any, Any], base: Key, path: Path, flaws: list[Flaw], *, log: bool) -> None:
    """Merge a file's mapping into the source tree, noting places and, if asked, changes; empty blocks say nothing."""
    target = source.tree
    for part in base:
        target = target[str(part)]
    for raw_key, value in tree.items():
        key = (*base, str(raw_key))
        row = _row(tree, raw_key)
        if row is not None:
            source.places[key] = (path.name, row)
        if (base[:1] == ("decisions",) or base == ("hearing", "schools")) and isinstance(raw_key, (int, float)):
            flaws.append(_unquoted(typed(raw_key), (path.name, row), ".".join(map(str, base))))
            continue
        if value is None and keys_at(key):
            continue
        if isinstance(value, Mapping):
            if not isinstance(target.get(str(raw_key)), dict):
                target[str(raw_key)] = {}
            _merge(source, value, key, path, flaws, log=log)
            continue
        plain = _plain(value)
        _note_typed(source, key, value)
        if isinstance(value, CommentedSeq):
            for i in range(len(value)):
                source.places[(*key, i)] = (path.name, value.lc.item(i)[0] + 1)
        if base == ("data",) and str(raw_key) in _PATH_KEYS:
            plain = _absolute(plain, path.parent)
        if key == ("rules",):
            plain = _own_rules(plain, path.parent)
        old = target.get(str(raw_key), _default(key))
        if log and key[0] not in ("name", "title_en", "note", "based_on") and old != plain:
            source.changes.append(Change(".".join(map(str, key)), _spell(old), _spell(plain), path.name))
        target[str(raw_key)] = plain


_PATH_KEYS = frozenset(name for name, about in Data.model_fields.items() if "Path" in str(about.annotation))


def _unquoted(code: str, place: tuple[str, int | None], key: str) -> Flaw:
    """Report a school code that YAML takes for a number."""
    what = Text(f"代码 {code} 没有加引号，会被当作数字", f"the code {code} is not in quotes and would be a number")
    mend = Text(f'代码请加引号，否则前导零会丢失：写成 "{code}"', f'write "{code}", or its leading zeros are lost')
    return _flaw("scenario_code_unquoted", what, mend, place, key)


def typed(value: object) -> str:
    """Spell a scalar as it was typed, leading zeros included."""
    width = getattr(value, "_width", None)
    return str(value).zfill(width) if isinstance(width, int) else str(value)


def _note_typed(source: _Source, key: Key, value: object) -> None:
    items = enumerate(value) if isinstance(value, list) else ((None, value),)
    for i, item in items:
        if getattr(item, "_width", None) is not None:
            source.spelled[key if i is None else (*key, i)] = typed(item)


def _absolute(value: object, folder: Path) -> object:
    if isinstance(value, str) and "\0" not in value:
        return str((folder / value.replace("\\", "/")).resolve())
    if isinstance(value, list):
        return [_absolute(v, folder) for v in value]
    return value


def _own_rules(value: object, folder: Path) -> object:
    """Make the paths of rule sets of the user's own absolute; ids of shipped sets stay."""
    if not isinstance(value, list):
        return value
    return [_absolute(entry, folder) if isinstance(entry, str) and is_rule_file(entry) else entry for entry in value]


def _plain(value: object) -> object:
    """Turn ruamel's round-trip scalars into plain Python ones."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, bool) or value is None:
        return value
    for kind in (int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value


def _spell(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


@cache
def _defaults() -> dict[str, Any]:
    return Scenario.model_construct(name="", data=Data()).model_dump(mode="json")


def _default(key: Key) -> object:
    """Look up the default of a key path, in the plain form that YAML would give it."""
    node: object = _defaults()
    for part in key:
        if not isinstance(node, dict) or str(part) not in node:
            return None
        node = node[str(part)]
    return node


def _apply_overrides(source: _Source, overrides: Mapping[str, object] | Iterable[str], flaws: list[Flaw]) -> None:
    items: list[tuple[str, object]] = []
    if isinstance(overrides, Mapping):
        items = [(str(k), _plain(v)) for k, v in overrides.items()]
    else:
        for text in overrides:
            name, equals, raw = text.partition("=")
            if not equals:
                flaws.append(
                    _flaw(
                        "override_form",
                        Text(f"“{text}”缺少等号", f"“{text}” has no equals sign"),
                        Text("写成 --set 键=值", "write --set key=value"),
                        (_OPTION, None),
                    )
                )
                continue
            try:
                loaded = parse_yaml(raw)
            except YAMLError:
                flaws.append(
                    _flaw(
                        "override_value",
                        Text(f"看不懂“{raw}”", f"cannot read “{raw}”"),
                        Text('列表写成 ["代码1", "代码2"]', 'write lists as ["code 1", "code 2"]'),
                        (_OPTION, None),
                        name,
                    )
                )
                continue
            items.append((name.strip(), _plain(loaded)))
            _note_typed(source, tuple(name.strip().split(".")), loaded)
    for name, value in items:
        key: Key = tuple(name.split("."))
        target = source.tree
        for part in key[:-1]:
            if not isinstance(target.get(str(part)), dict):
                target[str(part)] = {}
            target = target[str(part)]
        if key[:-1] == ("data",) and key[-1] in _PATH_KEYS:
            value = _absolute(value, Path.cwd())
        if key == ("rules",):
            value = _own_rules(value, Path.cwd())
        old = target.get(str(key[-1]), _default(key))
        source.changes.append(Change(name, _spell(old), _spell(value), _OPTION))
        target[str(key[-1])] = value
        source.places[key] = (_OPTION, None)  # type: ignore[assignment]


def _validate(source: _Source, flaws: list[Flaw]) -> Scenario | None:
    """Validate; on errors drop the offending keys and validate again, so that one mistake hides no other."""
    tree = json.loads(json.dumps(source.tree, default=str))
    for _ in range(50):
        try:
            return Scenario.model_validate(tree)
        except ValidationError as error:
            drops = []
            for item in error.errors():
                key = _data_key(item["loc"], source.tree)
                drops.append((key, item["type"]))
                if _only_dropped(dict(item), key, source.tree):
                    continue
                what, mend = explain(dict(item), key, source.spelled.get(key))
                place = source.place(key)
                if place[0] == _OPTION and '"' in mend.zh:
                    mend = _SHELL_QUOTES
                flaws.append(_flaw(f"scenario_{item['type']}", what, mend, place, _spell_key(key)))
            done = [_drop(tree, key, kind) for key, kind in reversed(drops)]  # from the last, so that lists hold
            if not any(done):
                return None
    return None


def _only_dropped(error: Mapping[str, Any], key: Key, tree: Mapping[str, Any]) -> bool:
    """Tell whether something is missing, or a list too short, only because what stood there was told and dropped."""
    node: Any = tree
    for part in key[:-1]:
        if not _holds(node, part):
            return False
        node = node[part]
    if not key or not _holds(node, key[-1]):
        return False
    stated = node[key[-1]]
    if error["type"] == "too_short":
        return isinstance(stated, list) and len(stated) >= error["ctx"]["min_length"]
    return error["type"] == "missing" and stated is not None and key not in (("name",), ("data",))


def _spell_key(key: Key) -> str:
    """Spell a key path; elements of lists count from 1."""
    parts = [f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in key]
    return "".join(parts).removeprefix(".")


def _data_key(loc: Sequence[str | int], tree: Mapping[str, Any]) -> Key:
    """Cut pydantic's location down to the part that is in the file (it adds ``[key]`` and union members)."""
    key: list[str | int] = []
    node: Any = tree
    for part in loc:
        if isinstance(node, Mapping) and str(part) in node:
            key.append(str(part))
            node = node[str(part)]
        elif isinstance(node, list) and isinstance(part, int) and part < len(node):
            key.append(part)
            node = node[part]
        elif isinstance(node, Mapping) and part != "[key]" and isinstance(part, str):
            key.append(part)
            break
        else:
            break
    return tuple(key)


def _holds(node: object, part: str | int) -> bool:
    """Tell whether a mapping has a key, or a list an element of that number."""
    if isinstance(node, list):
        return isinstance(part, int) and part < len(node)
    return isinstance(node, dict) and part in node


def _drop(tree: dict[str, Any], key: Key, kind: str) -> bool:
    """Remove a bad key (or its list element) so that validation can go on; fill in a required one."""
    if kind == "missing":
        fill: dict[Key, object] = {("name",): "?", ("data",): {}}
        if key in fill and key[0] not in tree:
            tree[str(key[0])] = fill[key]
            return True
        return False
    node: Any = tree
    for part in key[:-1]:
        if not _holds(node, part):
            return False  # what holds it was dropped before
        node = node[part]
    last = key[-1] if key else None
    if isinstance(node, list) and isinstance(last, int):
        if not _holds(node, last):
            return False
        del node[last]
        return True
    if isinstance(node, dict) and last in node:
        if key in (("name",), ("data",)):
            node[last] = "?" if key == ("name",) else {}
        else:
            del node[last]
        return True
    return False


def _missing_files(scenario: Scenario, source: _Source) -> list[Flaw]:
    flaws = []
    for name in sorted(_PATH_KEYS):
        value = getattr(scenario.data, name)
        for path in value if isinstance(value, tuple) else (value,):
            if path is None or path.exists():
                continue
            siblings = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
            near = difflib.get_close_matches(path.name, siblings, 1, 0.6)
            place = source.place(("data", name))
            typed = place is not None and place[0] == _OPTION
            start = (
                Text("命令所在的文件夹", "the current folder") if typed else Text("情景文件所在处", "the scenario file")
            )
            mend = (
                Text(f"是否为 {near[0]}？", f"did you mean {near[0]}?")
                if near
                else Text(
                    f"检查路径（相对路径从{start.zh}算起）", f"check the path (relative ones count from {start.en})"
                )
            )
            what = Text(f"找不到文件或文件夹 {path.name}", f"no file or folder {path.name}")
            flaws.append(_flaw("file_missing", what, mend, place, f"data.{name}"))
    return flaws

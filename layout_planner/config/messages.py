"""Say a validation error the way a planner would, in Chinese and English."""

from __future__ import annotations

import difflib
import re
import typing
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from layout_planner.config.meant import amount_meant, choice_meant, key_meant, truth_meant
from layout_planner.config.scenario import Scenario
from layout_planner.config.schema import annotation_at, choices_of, homes_of, item_keys, keys_at
from layout_planner.errors import Flaw, Text

__all__ = ["at_its_line", "explain"]

_NUMBER = Text("只写数字，不写文字和单位", "write digits only, no words or units")
_LIST = Text('写成列表，如 ["代码1", "代码2"]', 'write a list such as ["code 1", "code 2"]')
_FILL = Text("补填，或删去这一行", "fill it in, or delete the line")
_LINES = Text("冒号后换行，下一行缩进两格写“键: 值”", "write “key: value” on the next line, indented by two spaces")
_BOOLEAN = (Text("应为 true 或 false", "should be true or false"), Text("写 true 或 false", "write true or false"))
_KINDS = {
    "string_type": (Text("应为文字", "should be text"), Text('加引号，如 "2025"', 'put it in quotes, such as "2025"')),
    "bool_type": _BOOLEAN,
    "bool_parsing": _BOOLEAN,
    "float_type": (Text("应为数字", "should be a number"), _NUMBER),
    "float_parsing": (Text("应为数字", "should be a number"), _NUMBER),
    "int_type": (Text("应为整数", "should be a whole number"), _NUMBER),
    "int_parsing": (Text("应为整数", "should be a whole number"), _NUMBER),
    "int_from_float": (Text("应为整数", "should be a whole number"), Text("改为整数", "write a whole number")),
    "list_type": (Text("应为列表", "should be a list"), _LIST),
    "tuple_type": (Text("应为列表", "should be a list"), _LIST),
    "dict_type": (Text("应为“键: 值”的形式", "should be “key: value” lines"), _LINES),
    "model_type": (Text("应为“键: 值”的形式", "should be “key: value” lines"), _LINES),
    "model_attributes_type": (Text("应为“键: 值”的形式", "should be “key: value” lines"), _LINES),
    "path_type": (Text("应为文件路径", "should be a file path"), Text("写文件或文件夹的路径", "write a path")),
    "string_too_short": (
        Text("不能为空", "must not be empty"),
        Text("补填，或删去这一行", "fill it in, or delete the line"),
    ),
    "too_short": (
        Text("项数不够", "has too few items"),
        Text("补足，或删去这一行", "add what is missing, or delete the line"),
    ),
    "string_too_long": (Text("太长", "is too long"), Text("缩短", "shorten it")),
    "none_required": (
        Text("本版本不能用", "cannot be used in this version"),
        Text("写 null 或删去这一块", "write null, or delete the block"),
    ),
}
_BOUNDS = {
    "greater_than": ("gt", "大于", "greater than"),
    "greater_than_equal": ("ge", "不小于", "at least"),
    "less_than": ("lt", "小于", "less than"),
    "less_than_equal": ("le", "不大于", "at most"),
}


_NUMBERS = {"float_type", "float_parsing", "int_type", "int_parsing"}
_LISTS = {"list_type", "tuple_type"}
_MAPPINGS = {"dict_type", "model_type", "model_attributes_type"}
_TYPES_HERE = Text("这里写学校类别；指定学校写在 {}", "types of school stand here; schools in {}")
_TRUTH_HERE = Text("这里写 true 或 false；指定学校写在 {}", "true or false stands here; schools in {}")
_ELSEWHERE = {  # keys beside which planners write schools or townships
    "layout.may.close": (_TYPES_HERE, "layout.must.close"),
    "layout.may.convert": (_TYPES_HERE, "decisions.convert_to_teaching_point"),
    "layout.may.board": (_TYPES_HERE, "decisions.board"),
    "layout.may.expand": (_TYPES_HERE, "decisions.add_classrooms"),
    "layout.may.lift": (_TRUTH_HERE, "decisions.lift_to_full_primary"),
    "layout.may.open": (_TRUTH_HERE, "decisions.open"),
    "layout.must.central_primary_per_township": (_TRUTH_HERE, "layout.must.keep"),
    "layout.must.junior_per_township": (_TRUTH_HERE, "layout.must.keep"),
}
_MINUTES_HERE = Text(
    "时限的分钟写在 travel.walk_limit_min 和 ride_limit_min；这里写 strict、keep 或 none",
    "minutes stand in travel.walk_limit_min and ride_limit_min; here strict, keep or none",
)
_OTHER_UNIT = re.compile(r"_(wan|wanyuan|min|minutes|h|hours|km)$|万元$")


def explain(error: Mapping[str, Any], key: Sequence[str | int], typed: str | None = None) -> tuple[Text, Text]:
    """Turn one pydantic error into what is wrong and how to mend it.

    Parameters
    ----------
    error : mapping
        One element of ``ValidationError.errors()``.
    key : sequence
        Key path in the file.
    typed : str, optional
        The value as it was typed, where YAML lost some of it (leading zeros).
    """
    kind, context = error["type"], error.get("ctx", {})
    name = str(key[-1]) if key else ""
    value = typed or error.get("input")
    if kind == "extra_forbidden":
        return _unknown_key(name, key, keys_at(key[:-1]))
    if kind == "missing":
        return Text(f"缺少“{name}”", f"“{name}” is missing"), Text(f"加一行 {name}:", f"add a line {name}:")
    if kind in ("literal_error", "enum"):
        what, mend = _not_a_choice(value, _expected(str(context.get("expected", ""))))
        return what, _elsewhere(key, value) or mend
    if kind in _BOUNDS:
        field, zh, en = _BOUNDS[kind]
        limit = context[field]
        mend = Text(f"应{zh} {limit:g}", f"should be {en} {limit:g}")
        if kind.startswith("less") and isinstance(value, (int, float)) and limit <= 1 <= value <= 100:
            share = f"{value / 100:g}"
            mend = Text(f"{mend.zh}：这里是比例，{value:g}% 写 {share}", f"{mend.en}: {value:g} % is {share}")
        return Text(f"{value} 超出范围", f"{value} is out of range"), mend
    if kind == "value_error":
        return _refused(str(context.get("error", error.get("msg", ""))), value, typed)
    if value is None:
        return Text("是空的", "is empty"), _FILL
    if kind.startswith("model") and isinstance(value, str) and re.match(r"\w+:[^\s:]", value):
        return Text(f"“{value}”的冒号后面缺空格", f"there is no space after the colon in “{value}”"), Text(
            "冒号后加一个空格", "put a space after the colon"
        )
    if kind.startswith("model") and isinstance(value, str) and "：" in value:
        return Text(f"“{value}”里的冒号是全角的", f"the colon in “{value}” is full-width"), Text(
            "改为半角冒号加一个空格", "write an ordinary colon and a space"
        )
    kind = "string_too_short" if kind == "too_short" and not value else kind
    said, mend = _KINDS.get(
        kind, (Text("不能用", error.get("msg", "cannot be used")), Text("改成合适的值", "write a fitting value"))
    )
    if key[-1:] == ("crs",):
        mend = Text("逐表写，如 crs: {schools: gcj02}", "say it by table, such as crs: {schools: gcj02}")
    else:
        mend = _elsewhere(key, value) or _shaped(kind, key, value) or mend
    return Text(f"“{_shown(value)}”{said.zh}", f"“{_shown(value)}” {said.en}"), mend


def _shown(value: object) -> str:
    """Spell a value as YAML would."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_quoted(item) for item in value)}]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k}: {_quoted(v)}" for k, v in value.items()) + "}"
    return str(value)


def _quoted(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else _shown(value)


def _elsewhere(key: Sequence[str | int], value: object) -> Text | None:
    """Say where the schools, minutes or townships belong that stand where types or true and false are asked for."""
    path = ".".join(str(part) for part in key[:3])
    if path == "layout.must.time_limit" and isinstance(value, (int, float)):
        return _MINUTES_HERE
    if path not in _ELSEWHERE:
        return None
    words, home = _ELSEWHERE[path]
    listed = isinstance(value, (list, tuple)) and words is _TRUTH_HERE
    return Text(words.zh.format(home), words.en.format(home)) if listed or re.search(r"\d", str(value)) else None


def _shaped(kind: str, key: Sequence[str | int], value: object) -> Text | None:
    """Say how the value should have been written, where its kind tells what was meant."""
    annotation = annotation_at(key)
    if kind in _NUMBERS and isinstance(value, str) and (meant := amount_meant(value, [str(part) for part in key])):
        return Text(f"写 {meant}，不带单位", f"write {meant}, without a unit")
    if kind in _NUMBERS and type(None) in typing.get_args(annotation) and truth_meant(value) == "false":
        return Text("不设上限写 null", "no limit is null")
    if kind == "string_type" and isinstance(value, (int, float)):
        return Text(f'加引号，写成 "{value}"', f'put it in quotes: "{value}"')
    if kind.startswith("bool") and (meant := truth_meant(value)):
        return Text(f"写 {meant}", f"write {meant}")
    if kind in _LISTS:
        return _as_list(value, choices_of(annotation), item_keys(annotation))
    if kind in _MAPPINGS:
        return _as_mapping(key, value, annotation)
    return None


def _as_list(value: object, choices: Sequence[str], items: Sequence[str]) -> Text | None:
    if items:
        example = "- {" + ", ".join(f'{name}: "代码"' for name in items) + "}"
        return Text(f"写成列表，每条一行：{example}", f"write a list, one line each: {example}")
    if isinstance(value, Mapping):
        return None
    parts = [part for part in re.split(r"[\s,，;；、]+", _shown(value)) if part]
    if choices:
        meant = [choice_meant(part, choices) for part in parts]
        listed = "、".join(choices)
        if None in meant:
            return Text(f"写成列表，可选：{listed}；都不选写 []", f"write a list of {', '.join(choices)}; none is []")
        parts = [str(part) for part in meant]
        return Text(f"写成列表：[{', '.join(parts)}]", f"write a list: [{', '.join(parts)}]")
    spelled = ", ".join(f'"{part}"' for part in parts)
    return Text(f"写成列表：[{spelled}]", f"write a list: [{spelled}]")


def _as_mapping(key: Sequence[str | int], value: object, annotation: object) -> Text | None:
    inner = keys_at(key)
    if isinstance(key[-1], int):
        example = "{" + ", ".join(f'{name}: "代码"' for name in inner) + "}"
        return Text(f"写成 {example}", f"write {example}")
    if str(value).endswith((".yaml", ".yml")):
        return Text(f"另起一行写 based_on: {value}", f"write based_on: {value} on a line of its own")
    fits = [name for name in inner if str(value) in choices_of(annotation_at((*key, name)))]
    if fits:
        return Text(f"下一行缩进写 {fits[0]}: {value}", f"write {fits[0]}: {value} below it, indented")
    choices = choices_of(annotation) if not inner else ()
    if choices and not isinstance(value, (list, tuple)):
        example = "{" + f"{choices[0]}: {_shown(value)}" + "}"
        return Text(
            f"逐项写，如 {example}；可写 {'、'.join(choices)}", f"by item, such as {example}: {', '.join(choices)}"
        )
    return None


def _unknown_key(name: str, key: Sequence[str | int], known: Mapping[str, str]) -> tuple[Text, Text]:
    """Say of an unknown key what was meant: a slip of typing, another block's key, or its Chinese name."""
    what = Text(f"没有“{name}”这个键", f"unknown key “{name}”")
    bare = name.strip(" \u00a0\u3000\ufeff")
    homes = homes_of(bare)
    if bare != name and (bare in known or homes):
        return Text(
            f"“{bare}”前面有全角空格或不换行空格，不算缩进", f"a full-width or no-break space precedes “{bare}”"
        ), Text("改用半角空格，每层两格", "use ordinary spaces, two a level")
    if re.fullmatch(r"\d{1,3}", name):
        return Text("数字里有千分位逗号", "a number holds thousands separators"), Text(
            "去掉逗号，如 5000000", "leave the commas out, such as 5000000"
        )
    if ":" in name:
        return what, Text("冒号后加一个空格", "put a space after the colon")
    if len(key) == 1 and homes and bare not in known:
        return Text(f"“{bare}”不在任何一块之内", f"“{bare}” stands outside its block"), Text(
            f"写在 {homes[0]}: 下面，缩进两格", f"write it below {homes[0]}:, indented by two spaces"
        )
    near = [meant] if (meant := key_meant(name, known)) else difflib.get_close_matches(name, known, 1, 0.8)
    if not near and homes:
        return Text(f"“{bare}”不属于这一块", f"“{bare}” belongs to another block"), _at_home(homes)
    near = (
        near or difflib.get_close_matches(name, known, 1, 0.5) or difflib.get_close_matches(name.lower(), known, 1, 0.5)
    )
    near = near or [key for key, about in known.items() if about and (name in about or about.strip("。") in name)][:1]
    if near:
        unit = f"注意单位：{known[near[0]].split('；')[0]}" if _OTHER_UNIT.search(name) else ""
        return what, Text(f"是否为 {near[0]}？{unit}", f"did you mean {near[0]}?{' Mind the unit.' if unit else ''}")
    return what, Text(f"可用的键：{'、'.join(known)}", f"known keys: {', '.join(known)}")


def _at_home(homes: Sequence[str]) -> Text:
    if homes[0] == "":
        return Text("写在最外层，不缩进", "write it at the outermost level, without indentation")
    return Text(f"写在 {' 或 '.join(homes[:3])} 下面", f"write it below {' or '.join(homes[:3])}")


def _expected(said: str) -> tuple[str, ...]:
    """Read the choices out of pydantic's words."""
    return tuple(choice.strip() for choice in said.replace("'", "").replace(" or ", ", ").split(","))


def _not_a_choice(value: object, choices: Sequence[str]) -> tuple[Text, Text]:
    near, listed = choice_meant(value, choices), Text("、".join(choices), ", ".join(choices))
    if value is None:
        return Text("是空的", "is empty"), Text(f"可选：{listed.zh}", f"choices: {listed.en}")
    what = Text(f"“{_shown(value)}”不在可选值之内", f"“{_shown(value)}” is not one of the choices")
    if near:
        return what, Text(f"是否为 {near}？可选：{listed.zh}", f"did you mean {near}? choices: {listed.en}")
    return what, Text(f"可选：{listed.zh}", f"choices: {listed.en}")


def _refused(said: str, value: object, typed: str | None) -> tuple[Text, Text]:
    """Split a validator's ``English / 中文``, and ``| English / 中文`` of the mend, into what and mend."""
    said, _, mended = said.partition(" | ")
    en, _, zh = said.partition(" / ")
    mend = Text(zh or en, en)
    if mended:
        en, _, zh = mended.partition(" / ")
        return mend, Text(zh or en, en)
    if isinstance(value, Mapping):
        return mend, Text("只保留其中一处", "keep only one of them")
    if typed is not None:
        mend = Text(f'{mend.zh}：写成 "{typed}"', f'{mend.en}: "{typed}"')
    return Text(f"“{value}”不能用", f"cannot use “{value}”"), mend


def at_its_line(flaw: Flaw, scenario: Scenario) -> Flaw:
    """Point a flaw of a decision or rule set at the line of the scenario file that states it."""
    path: tuple[str | int, ...] = (flaw.column,) if flaw.column == "rules" else ("decisions", flaw.column)
    values = scenario.rules if flaw.column == "rules" else getattr(scenario.decisions, flaw.column, ())
    named = [(i, code) for i, code in enumerate(values) if code in flaw.what.zh]
    steps = [(*path, named[0][1]), (*path, named[0][0]), path] if named else [path]
    place = next((p for p in (scenario.place(*step) for step in steps) if p), None)
    if place is None:
        return flaw
    key = ".".join(map(str, path))
    what = Text(flaw.what.zh.removeprefix(f"{key}："), flaw.what.en.removeprefix(f"{key}: "))
    return replace(flaw, file=place[0], row=place[1], key=key, column="", what=what)

"""Say a validation error the way a planner would, in Chinese and English."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from layout_planner.config.scenario import Scenario
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


def explain(
    error: Mapping[str, Any], key: Sequence[str | int], known: Mapping[str, str], typed: str | None = None
) -> tuple[Text, Text]:
    """Turn one pydantic error into what is wrong and how to mend it.

    Parameters
    ----------
    error : mapping
        One element of ``ValidationError.errors()``.
    key : sequence
        Key path in the file.
    known : mapping of str to str
        Keys that the schema knows beside the last part of ``key``, with their descriptions.
    typed : str, optional
        The value as it was typed, where YAML lost some of it (leading zeros).
    """
    kind, context = error["type"], error.get("ctx", {})
    name = str(key[-1]) if key else ""
    value = typed or error.get("input")
    if kind == "extra_forbidden":
        return _unknown_key(name, len(key), known)
    if kind == "missing":
        return Text(f"缺少“{name}”", f"“{name}” is missing"), Text(f"加一行 {name}:", f"add a line {name}:")
    if kind in ("literal_error", "enum"):
        return _not_a_choice(value, str(context.get("expected", "")))
    if kind in _BOUNDS:
        field, zh, en = _BOUNDS[kind]
        limit = context[field]
        return (
            Text(f"{value} 超出范围", f"{value} is out of range"),
            Text(f"应{zh} {limit:g}", f"should be {en} {limit:g}"),
        )
    if kind == "value_error":
        return _refused(str(context.get("error", error.get("msg", ""))), value, typed)
    said, mend = _KINDS.get(
        kind, (Text("不能用", error.get("msg", "cannot be used")), Text("改成合适的值", "write a fitting value"))
    )
    if value is None:
        return Text("是空的", "is empty"), _FILL
    if kind.startswith("model") and isinstance(value, str) and "：" in value:
        return Text(f"“{value}”里的冒号是全角的", f"the colon in “{value}” is full-width"), Text(
            "改为半角冒号加一个空格", "write an ordinary colon and a space"
        )
    if key[-1:] == ("crs",):
        mend = Text("逐表写，如 crs: {schools: gcj02}", "say it by table, such as crs: {schools: gcj02}")
    elif mend is _LIST and not isinstance(value, Mapping):
        mend = Text(f'写成列表：["{value}"]', f'write a list: ["{value}"]')
    return Text(f"“{value}”{said.zh}", f"“{value}” {said.en}"), mend


def _unknown_key(name: str, depth: int, known: Mapping[str, str]) -> tuple[Text, Text]:
    """Say of an unknown key what was meant: a slip of typing, another block's key, or its Chinese name."""
    what = Text(f"没有“{name}”这个键", f"unknown key “{name}”")
    bare = name.strip(" \u00a0\u3000\ufeff")
    homes = [block for block, info in Scenario.model_fields.items() if bare in _fields_of(info.annotation)]
    if bare != name and (bare in known or homes):
        return Text(
            f"“{bare}”前面有全角空格或不换行空格，不算缩进", f"a full-width or no-break space precedes “{bare}”"
        ), Text("改用半角空格，每层两格", "use ordinary spaces, two a level")
    if ":" in name:
        return what, Text("冒号后加一个空格", "put a space after the colon")
    if depth == 1 and homes and bare not in known:
        return Text(f"“{bare}”不在任何一块之内", f"“{bare}” stands outside its block"), Text(
            f"写在 {homes[0]}: 下面，缩进两格", f"write it below {homes[0]}:, indented by two spaces"
        )
    near = difflib.get_close_matches(name, known, 1, 0.5) or difflib.get_close_matches(name.lower(), known, 1, 0.5)
    near = near or [key for key, about in known.items() if about and (name in about or about.strip("。") in name)][:1]
    if near:
        return what, Text(f"是否为 {near[0]}？", f"did you mean {near[0]}?")
    return what, Text(f"可用的键：{'、'.join(known)}", f"known keys: {', '.join(known)}")


def _fields_of(annotation: object) -> Mapping[str, object]:
    return getattr(annotation, "model_fields", {})


def _not_a_choice(value: object, expected: str) -> tuple[Text, Text]:
    expected = expected.replace("'", "").replace(" or ", ", ")
    choices = [c.strip() for c in expected.split(",")]
    near = difflib.get_close_matches(str(value), choices, 1, 0.5)
    what = Text(f"“{value}”不在可选值之内", f"“{value}” is not one of the choices")
    if near:
        return what, Text(
            f"是否为 {near[0]}？可选：{'、'.join(choices)}", f"did you mean {near[0]}? choices: {expected}"
        )
    return what, Text(f"可选：{'、'.join(choices)}", f"choices: {expected}")


def _refused(said: str, value: object, typed: str | None) -> tuple[Text, Text]:
    """Split a validator's ``English / 中文`` into what and mend."""
    en, _, zh = said.partition(" / ")
    mend = Text(zh or en, en)
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

"""Say a validation error the way a planner would, in Chinese and English."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from layout_planner.errors import Text

__all__ = ["explain"]

_KINDS = {
    "string_type": Text("应为文字", "should be text"),
    "bool_type": Text("应为 true 或 false", "should be true or false"),
    "bool_parsing": Text("应为 true 或 false", "should be true or false"),
    "float_type": Text("应为数字", "should be a number"),
    "float_parsing": Text("应为数字", "should be a number"),
    "int_type": Text("应为整数", "should be a whole number"),
    "int_parsing": Text("应为整数", "should be a whole number"),
    "int_from_float": Text("应为整数", "should be a whole number"),
    "list_type": Text("应为列表", "should be a list"),
    "tuple_type": Text("应为列表", "should be a list"),
    "dict_type": Text("应为“键: 值”的形式", "should be “key: value” lines"),
    "model_type": Text("应为“键: 值”的形式", "should be “key: value” lines"),
    "path_type": Text("应为文件路径", "should be a file path"),
    "string_too_short": Text("不能为空", "must not be empty"),
    "string_too_long": Text("太长", "is too long"),
}
_BOUNDS = {
    "greater_than": ("gt", "大于", "greater than"),
    "greater_than_equal": ("ge", "不小于", "at least"),
    "less_than": ("lt", "小于", "less than"),
    "less_than_equal": ("le", "不大于", "at most"),
}


def explain(error: Mapping[str, Any], key: Sequence[str | int], known: Sequence[str]) -> tuple[Text, Text]:
    """Turn one pydantic error into what is wrong and how to mend it.

    Parameters
    ----------
    error : mapping
        One element of ``ValidationError.errors()``.
    key : sequence
        Key path in the file.
    known : sequence of str
        Keys that the schema knows beside the last part of ``key``.
    """
    kind, context = error["type"], error.get("ctx", {})
    name = str(key[-1]) if key else ""
    value = error.get("input")
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(name, known, 1, 0.5)
        mend = (
            Text(f"是否为 {near[0]}？", f"did you mean {near[0]}?")
            if near
            else Text(f"可用的键：{'、'.join(known)}", f"known keys: {', '.join(known)}")
        )
        return Text(f"没有“{name}”这个键", f"unknown key “{name}”"), mend
    if kind == "missing":
        return Text(f"缺少“{name}”", f"“{name}” is missing"), Text(f"加一行 {name}:", f"add a line {name}:")
    if kind in ("literal_error", "enum"):
        expected = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
        choices = [c.strip() for c in expected.split(",")]
        near = difflib.get_close_matches(str(value), choices, 1, 0.5)
        what = Text(f"“{value}”不在可选值之内", f"“{value}” is not one of the choices")
        if near:
            return what, Text(
                f"是否为 {near[0]}？可选：{'、'.join(choices)}", f"did you mean {near[0]}? choices: {expected}"
            )
        return what, Text(f"可选：{'、'.join(choices)}", f"choices: {expected}")
    if kind in _BOUNDS:
        field, zh, en = _BOUNDS[kind]
        limit = context[field]
        return (
            Text(f"{value} 超出范围", f"{value} is out of range"),
            Text(f"应{zh} {limit:g}", f"should be {en} {limit:g}"),
        )
    if kind == "value_error":
        en, _, zh = str(context.get("error", error.get("msg", ""))).partition(" / ")
        mend = Text(zh or en, en)
        return (mend if isinstance(value, Mapping) else Text(f"“{value}”不能用", f"cannot use “{value}”")), mend
    said = _KINDS.get(kind, Text("不能用", error.get("msg", "cannot be used")))
    return Text(f"“{value}”{said.zh}", f"“{value}” {said.en}"), Text("改成合适的值", "write a fitting value")

"""A YAML file as a planner typed it: read whatever its encoding, and say in her words what keeps it from being YAML."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.composer import ComposerError
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import ScalarEvent

from layout_planner.config.encodings import decode_text
from layout_planner.errors import Flaw, Text

__all__ = ["parse_yaml", "read_yaml", "slip_in"]

_LINES_BACK = 3
_DEEPEST = 50
_MOST_VALUES = 100_000
_CONTROL = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
_OPENED = re.compile(r"[\[{](?:\s*[\[{]){200}")
_ALIAS = re.compile(r"(^|[\s\[{,])[*&]\w|[\[{]{9}")
_WORKBOOK_MAGIC = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


class _Slip(NamedTuple):
    """One kind of typing slip: how a line shows it, what to say, how to mend it."""

    found: Callable[[str], object]
    what: Text
    mend: Text


def _bare(line: str) -> str:
    """Drop quoted strings and the comment of a line."""
    return re.sub(r"(^|\s)#.*$", "", re.sub(r"\"[^\"]*\"|'[^']*'", "''", line))


_SLIPS = (
    _Slip(
        re.compile(r"^ *\t").search,
        Text("用了制表符（Tab）缩进", "the line is indented by a tab"),
        Text("改用空格，每层两格", "use spaces, two a level"),
    ),
    _Slip(
        re.compile("^[ \u00a0\u3000]*[\u00a0\u3000]").search,
        Text("行首是全角空格或不换行空格，不算缩进", "the line begins with a full-width or no-break space"),
        Text("改用半角空格，每层两格", "use ordinary spaces, two a level"),
    ),
    _Slip(
        lambda line: re.search(r"(^\s*(- *)?|[{,]\s*)[^\s:：'\"#{},]+：", _bare(line)),
        Text("冒号“：”是全角的", "the colon “：” is full-width"),
        Text("改为半角冒号加一个空格，如 name: 三校合并方案", "write an ordinary colon and a space"),
    ),
    _Slip(
        lambda line: re.search(r"[\"'}\]]\s*，|[\[{][^\]}]*，", _bare(line)) and re.search(r"[\[{]", line),
        Text("列表里的逗号“，”是全角的", "the comma “，” in the list is full-width"),
        Text("改为半角逗号加一个空格", "write an ordinary comma and a space"),
    ),
    _Slip(
        lambda line: re.search(r"[\[{].*:\s*\d{1,3}(,\d{3})+(?!\d)", _bare(line)),
        Text("数字里有千分位逗号", "a number holds thousands separators"),
        Text("去掉逗号，如 5000000", "leave the commas out, such as 5000000"),
    ),
    _Slip(
        re.compile(r":\s+\"[^\"]*\\").search,
        Text("双引号里的反斜杠 \\ 有特殊含义", "a backslash within double quotes has a meaning of its own"),
        Text("路径用正斜杠 / ，或改用单引号", "write / in paths, or use single quotes"),
    ),
    _Slip(
        lambda line: re.search(r"^\s*(- +)?\w[\w-]*:[^\s:/\\]", _bare(line)),
        Text("冒号后面缺空格", "there is no space after the colon"),
        Text("冒号后加一个空格", "put a space after the colon"),
    ),
    _Slip(
        lambda line: re.search(r"^\s*(- +)?[\w-]+: +[^'\"\[{|>#\s][^#]*: ", line),
        Text("文字里另有冒号，读不出哪个才是键", "the text holds a colon of its own"),
        Text("给整段文字加引号", "put the text in quotes"),
    ),
    _Slip(
        lambda line: re.search(r"^\s*(- +)?[\w-]+: +[@`%&*!]", line),
        Text("文字以特殊符号开头", "the text begins with a sign that has a meaning of its own"),
        Text("给整段文字加引号", "put the text in quotes"),
    ),
    _Slip(
        lambda line: any(line.count(a) != line.count(b) for a, b in ("[]", "{}")) or line.count('"') % 2,
        Text("括号或引号不成对", "a bracket or quote is not closed"),
        Text("补上缺的一半", "add the missing half"),
    ),
)


def slip_in(text: str, row: int | None = None) -> tuple[int, Text, Text] | None:
    r"""Find the typing slip in a text, at or shortly above a row (from 1), or anywhere.

    Returns
    -------
    (int, Text, Text) or None
        Row, what is wrong and how to mend it.

    Examples
    --------
    >>> row, what, _ = slip_in("name: a\ndecisions：\n  close: []\n", 3)
    >>> row, what.en
    (2, 'the colon “：” is full-width')
    """
    for number, line in _candidates(text.split("\n"), row):
        for slip in _SLIPS:
            if slip.found(line):
                return number, slip.what, slip.mend
    return None


def _candidates(lines: list[str], row: int | None) -> Iterator[tuple[int, str]]:
    if row is None:
        numbers = range(1, len(lines) + 1)
    else:
        numbers = range(min(row, len(lines)), 0, -1)
    filled = [(n, lines[n - 1]) for n in numbers if lines[n - 1].strip() and not lines[n - 1].lstrip().startswith("#")]
    yield from filled if row is None else filled[:_LINES_BACK]


class _ScalarError(YAMLError):
    """A number or date that there is not, such as 2025-09-31."""


class _NestingError(YAMLError):
    """Blocks within blocks without end, or anchors that stand for more than anybody writes."""


def parse_yaml(text: str) -> object:
    """Read YAML 1.2, keeping lines and spellings.

    Raises
    ------
    YAMLError
        Also for numbers and dates that there are not, and for blocks nested without end.

    Examples
    --------
    >>> parse_yaml("2025-09-31")
    Traceback (most recent call last):
    layout_planner.config.yamltext._ScalarError: day is out of range for month
    """
    if _OPENED.search(text):
        raise _NestingError
    try:
        tree: object = YAML(typ="rt", pure=True).load(text)
    except RecursionError as error:
        raise _NestingError from error
    except (ValueError, LookupError) as error:
        raise _ScalarError(str(error)) from error
    if "!" in text and any(getattr(event, "tag", None) for event in YAML(typ="rt", pure=True).parse(text)):
        raise _ScalarError("a tag")
    if _endless(tree):
        raise _NestingError
    return tree


def _endless(tree: object) -> bool:
    """Tell whether a tree is nested too deep, as one that holds itself, or spells out too many values."""
    left, count = [(tree, 0)], 0
    while left:
        node, depth = left.pop()
        count += 1
        if depth > _DEEPEST or count > _MOST_VALUES:
            return True
        if isinstance(node, Mapping):
            left.extend((value, depth + 1) for value in node.values())
        elif isinstance(node, (list, set, tuple)):
            left.extend((value, depth + 1) for value in node)
    return False


def _odd_scalar(text: str) -> tuple[int, str] | None:
    """Find the row and spelling of the first number or date that there is not, or of a value with a tag."""
    for event in YAML(typ="rt", pure=True).parse(text):
        row = event.start_mark.line + 1
        if tag := getattr(event, "tag", None):
            return row, str(tag)
        if isinstance(event, ScalarEvent) and event.style is None:
            try:
                parse_yaml(event.value)
            except _ScalarError:
                return row, event.value[:20]
            except YAMLError:
                continue
    return None


def read_yaml(path: Path, flaws: list[Flaw]) -> CommentedMap | None:
    """Read a YAML file of ``key: value`` lines; ``None`` where a flaw says why it cannot be read.

    UTF-8, UTF-16 and GB 18030 (as WPS and Notepad save it) are all read.
    """
    text = _text_of(path, flaws)
    if text is None:
        return None
    try:
        tree = parse_yaml(text)
    except DuplicateKeyError as error:
        flaws.append(_repeated(path, error, text))
        return None
    except (_ScalarError, _NestingError) as error:
        flaws.append(_strange(path, error, text))
        return None
    except YAMLError as error:
        flaws.append(_syntax(path, error, text))
        return None
    if not isinstance(tree, CommentedMap):
        row, what, mend = slip_in(text) or (
            1,
            Text("情景文件应为“键: 值”的形式", "a scenario file holds “key: value” lines"),
            Text("从 name: 一行写起", "begin with a line name:"),
        )
        flaws.append(Flaw("yaml_not_mapping", what, mend, file=path.name, row=row))
        return None
    return tree


def _text_of(path: Path, flaws: list[Flaw]) -> str | None:
    def refuse(what: Text, mend: Text, code: str = "scenario_unreadable") -> None:
        flaws.append(Flaw(code, what, mend, file=path.name))

    if path.is_dir():
        near = sorted(p.name for p in path.glob("*.y*ml"))[:5]
        refuse(
            Text("这是文件夹，不是情景文件", "this is a folder, not a scenario file"),
            Text(f"写明其中的 .yaml 文件：{'、'.join(near)}", f"name a .yaml file in it: {', '.join(near)}")
            if near
            else Text("写明 .yaml 文件", "name a .yaml file"),
        )
        return None
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        siblings = [p.name for p in path.parent.glob("*.y*ml")] if path.parent.is_dir() else []
        close = difflib.get_close_matches(path.name.replace("\\", "/").rsplit("/", 1)[-1], siblings, 1)
        mend = (
            Text(f"是否为 {close[0]}？", f"did you mean {close[0]}?") if close else Text("检查路径", "check the path")
        )
        refuse(Text(f"找不到情景文件 {path}", f"no scenario file {path}"), mend, "scenario_missing")
        return None
    except OSError as error:
        why = type(error).__name__
        refuse(
            Text(f"无法读取情景文件（{why}）", f"cannot read the scenario file ({why})"),
            Text("检查文件权限，或关闭占用它的程序", "check its permissions, or close the program that holds it"),
        )
        return None
    try:
        text = None if data.startswith(_WORKBOOK_MAGIC) else decode_text(data)[0]
    except UnicodeDecodeError:
        text = None
    if text is None:
        refuse(
            Text("这不是文本文件", "this is no text file"),
            Text("情景文件是 .yaml 文本；用记事本编辑，保存为 UTF-8", "a scenario is .yaml text: save it as UTF-8"),
        )
    return text


def _repeated(path: Path, error: DuplicateKeyError, text: str) -> Flaw:
    row = error.problem_mark.line + 1 if error.problem_mark else None
    line = text.splitlines()[row - 1] if row and row <= len(text.splitlines()) else ""
    key = line[error.problem_mark.column :].split(":")[0].strip() if error.problem_mark and line else ""
    what = Text(f"键“{key}”在同一处写了两次", f"the key “{key}” is written twice")
    mend = Text("合并成一处，或删去其中一个", "join them, or delete one of them")
    if re.match(r"\d{3}\b", key) and (slip := slip_in(line)):
        _, what, mend = slip
    return Flaw("yaml_duplicate_key", what, mend, file=path.name, row=row)


def _strange(path: Path, error: _ScalarError | _NestingError, text: str) -> Flaw:
    if isinstance(error, _ScalarError):
        row, value = _odd_scalar(text) or (None, "")
        what = Text(f"“{value}”不是有效的数字或日期", f"{value!r} is no number or date")
        mend = Text("改正；如果是文字，加上引号", "correct it; put it in quotes if it is text")
        return Flaw("yaml_value", what, mend, file=path.name, row=row)
    row = next((i for i, line in enumerate(text.split("\n"), 1) if _ALIAS.search(_bare(line))), None)
    what = Text("层层嵌套，没有尽头", "blocks are nested without end")
    mend = Text("去掉多余的括号、缩进或 & * 引用", "remove superfluous brackets, indentation or & * references")
    return Flaw("yaml_nested", what, mend, file=path.name, row=row or 1)


def _syntax(path: Path, error: YAMLError, text: str) -> Flaw:
    mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
    row = mark.line + 1 if mark else None
    said = getattr(error, "problem", None) or "syntax error"
    what = Text("写法不合 YAML 的规定", f"not valid YAML: {said}")
    mend = Text(
        "检查缩进（同一层对齐，只用空格）、冒号后的空格和引号",
        "check indentation (one level aligned, spaces only), the space after colons, and quotes",
    )
    if isinstance(error, ComposerError) and "document" in str(getattr(error, "context", "")):
        what = Text("文件里有两个情景（--- 分隔）", "the file holds two documents, separated by ---")
        mend = Text("一个文件只写一个情景，删去 --- 以后的部分", "one scenario a file: delete what follows ---")
    elif mark is None and (odd := re.search(_CONTROL, text)):
        row = text.count("\n", 0, odd.start()) + 1
        what = Text("有看不见的控制字符", "there is an invisible control character")
        mend = Text("删去这一行重新输入", "delete the line and type it again")
    elif slip := slip_in(text, row):
        row, what, mend = slip
    return Flaw("yaml_syntax", what, mend, file=path.name, row=row)

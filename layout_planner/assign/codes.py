"""What was meant by a code that is not in the table: another spelling, two codes in one, or a name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from difflib import get_close_matches

from layout_planner.errors import Text

__all__ = ["mend_code"]

_COLUMN = Text("填写学校表“学校代码”列中的代码", "use a code of the school table's column school_id")


def mend_code(code: str, names: Mapping[str, str], otherwise: Text = _COLUMN) -> Text:
    """Say how to mend a code that is in no row.

    Parameters
    ----------
    code : str
        As the scenario has it.
    names : mapping of str to str
        Name by code, of every row.
    otherwise : Text
        What to say where nothing is like it.

    Examples
    --------
    >>> mend_code("01、02", {"01": "东村小学", "02": "西村小学"}).en
    'one code in each pair of quotes: "01", "02"'
    >>> mend_code("东村小学", {"01": "东村小学"}).en
    'write its code "01", not its name'
    """
    plain = unicodedata.normalize("NFKC", code).strip()
    parts = [part for part in re.split(r"[\s,;、]+", plain) if part]
    if len(parts) > 1 and all(part in names for part in parts):
        spelled = ", ".join(f'"{part}"' for part in parts)
        return Text(f"一对引号里只写一个代码：{spelled}", f"one code in each pair of quotes: {spelled}")
    if plain in names:
        return Text(f'去掉空格、全角字符，写成 "{plain}"', f'write "{plain}", without spaces and full-width signs')
    named = [known for known, name in names.items() if name == plain]
    if len(named) == 1:
        return Text(f'写代码 "{named[0]}"，不写名称', f'write its code "{named[0]}", not its name')
    if named:
        some = "、".join(sorted(named)[:5])
        return Text(f"同名的不止一处，写代码：{some}", f"several have this name: write a code, one of {some}")
    return _guess(plain, names) or otherwise


def _guess(plain: str, names: Mapping[str, str]) -> Text | None:
    short = plain.lstrip("0")
    close = [code for code in names if short and code.lstrip("0") == short]
    close = close or get_close_matches(plain, list(names), n=1, cutoff=0.6)
    if not close:
        by_name = {name: code for code, name in names.items()}
        close = [by_name[name] for name in get_close_matches(plain, list(by_name), n=1, cutoff=0.5)]
    if not close:
        return None
    guess = f"{close[0]} {names[close[0]]}"
    return Text(f"是不是“{guess}”？", f"did you mean {guess!r}?")

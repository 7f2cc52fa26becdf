"""Names to search by: Chinese, full pinyin and initials."""

from __future__ import annotations

from pypinyin import Style, lazy_pinyin

__all__ = ["search_keys"]


def search_keys(name: str) -> tuple[str, str]:
    """Spell a name as full pinyin without tones and as initials; other scripts are kept in lower case.

    >>> search_keys("杨李镇中心小学")
    ('yanglizhenzhongxinxiaoxue', 'ylzzxxx')
    >>> search_keys("第3小学")
    ('di3xiaoxue', 'd3xx')
    """
    return _squeeze(lazy_pinyin(name)), _squeeze(lazy_pinyin(name, style=Style.FIRST_LETTER))


def _squeeze(parts: list[str]) -> str:
    return "".join("".join(parts).lower().split())

"""Text files as Chinese offices write them: UTF-8, UTF-16 or GB 18030."""

from __future__ import annotations

import codecs
import re

__all__ = ["decode_text"]

_CJK = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f]")
_LATIN_ONLY = re.compile("[\x00-\x7f\u00a0-\u024f\u2010-\u2026]*")
_ACCENT_IN_WORD = re.compile("[A-Za-z][\u00c0-\u024f]|[\u00c0-\u024f][A-Za-z]")


def decode_text(data: bytes) -> tuple[str, str]:
    """Decode a text file as a Chinese office writes it.

    UTF-8 (with or without a byte order mark) strictly, then GB 18030. Short GBK texts such as 校 are also valid
    UTF-8 of other scripts: where UTF-8 gives characters beyond ASCII but none of them Chinese, GB 18030 is taken
    if it gives Chinese. Words of Latin letters with accents, such as São José, stay UTF-8.

    Returns
    -------
    text, encoding : str

    Raises
    ------
    UnicodeDecodeError
        If neither encoding fits.

    Examples
    --------
    >>> decode_text("校".encode("gbk"))
    ('校', 'gb18030')
    >>> decode_text("m²".encode("utf-8-sig"))
    ('m²', 'utf-8')
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16"), "utf-16"
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030"), "gb18030"
    if (
        data.startswith(codecs.BOM_UTF8)
        or text.isascii()
        or _CJK.search(text)
        or (_LATIN_ONLY.fullmatch(text) and _ACCENT_IN_WORD.search(text))
    ):
        return text, "utf-8"
    try:
        other = data.decode("gb18030")
    except UnicodeDecodeError:
        return text, "utf-8"
    return (other, "gb18030") if _CJK.search(other) else (text, "utf-8")

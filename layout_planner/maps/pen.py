"""The language and the font of printed figures: Chinese where a font has the characters, English where none has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from unicodedata import east_asian_width

from matplotlib import font_manager
from matplotlib.font_manager import FontProperties
from pypinyin import lazy_pinyin

from layout_planner.errors import Flaw, Severity, Text

__all__ = ["Pen", "font_flaw", "make_pen", "map_font"]

_FONTS = ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "Microsoft YaHei", "SimHei",
          "PingFang SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Noto Sans CJK JP", "Source Han Sans",
          "Heiti SC", "SimSun", "Noto Serif CJK SC")  # fmt: skip
_NARROW = 0.56
"""Mean width of a Latin letter or digit, in sizes of the font."""


@dataclass(frozen=True)
class Pen:
    """The language and font of one figure."""

    lang: str
    family: str

    def say(self, text: Text) -> str:
        """Spell a text in the figure's language."""
        return text.zh if self.lang == "zh" else text.en

    def name(self, text: str) -> str:
        """Spell a proper name; in Pinyin where no font has its characters."""
        if self.lang == "zh" or text.isascii():
            return text
        return "".join(lazy_pinyin(text)).capitalize()

    def quote(self, text: str) -> str:
        """Spell what somebody stated: as it is, in Pinyin only where no font has its characters."""
        return text if map_font() is not None else self.name(text)

    def width_in(self, text: str, size: float) -> float:
        """Estimate how wide a text stands, in inches: a full square a Chinese character, half of one any other."""
        return sum(1.0 if east_asian_width(c) in "WFA" else _NARROW for c in text) * size / 72

    def wrapped(self, text: str, size: float, room: float) -> list[str]:
        """Break a text into lines at most ``room`` inches wide: between words, or anywhere in Chinese."""
        lines: list[str] = []
        for part in filter(None, text.split("\n")):
            line = ""
            for piece in re.findall(r"[\x21-\x7e]+\s*|.", part):
                if line and self.width_in((line + piece).rstrip(), size) > room:
                    lines.append(line.rstrip())
                    line = ""
                line += piece
            lines.append(line.rstrip())
        return lines

    def font(self, size: float, *, bold: bool = False) -> FontProperties:
        """Give the figure's font."""
        return FontProperties(family=self.family, size=size, weight="bold" if bold else "normal")


def make_pen(lang: str) -> Pen:
    """Choose language and font: English where no Chinese font is installed."""
    family = map_font()
    return Pen(lang if family is not None else "en", family or "DejaVu Sans")


@cache
def map_font() -> str | None:
    """Find an installed font that has Chinese characters, or ``None``."""
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in _FONTS if name in installed), None)


def font_flaw() -> Flaw | None:
    """Warn that no Chinese font is installed, so that static maps carry English labels; ``None`` if one is."""
    if map_font() is not None:
        return None
    return Flaw(
        "no_cjk_font",
        Text(
            "本机没有中文字体，报告中的静态地图改用英文和拼音标注",
            "no Chinese font: static maps are labelled in English",
        ),
        Text("安装思源黑体（Noto Sans CJK SC）或微软雅黑后重新运行", "install Noto Sans CJK SC and run again"),
        severity=Severity.WARNING,
    )

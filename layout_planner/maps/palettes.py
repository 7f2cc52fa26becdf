"""Colours and class breaks of the maps: colour-blind safe, still ordered when printed in grey, and contrast-checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = [
    "CATCHMENTS",
    "CHANGE",
    "CLASSES",
    "DECISIONS",
    "LOAD",
    "MINUTES",
    "OVER",
    "RATIO",
    "TOKENS",
    "Scale",
    "contrast",
    "lightness",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Scale:
    """A classed colour scale: ``n`` colours cut by ``n - 1`` rising breaks.

    A value equal to a break belongs to the class below it when ``closed`` is ``"right"`` (30 minutes are still
    "20–30"), and to the class above when it is ``"left"`` (a class of 56 is already "56–65").
    """

    name: str
    unit: str
    breaks: tuple[float, ...]
    colors: tuple[str, ...]
    labels_zh: tuple[str, ...]
    labels_en: tuple[str, ...]
    closed: str = "right"

    def __post_init__(self) -> None:
        if not len(self.colors) == len(self.labels_zh) == len(self.labels_en) == len(self.breaks) + 1:
            msg = f"{self.name}: one colour and one label a class"
            raise ValueError(msg)

    def classify(self, values: Sequence[float] | FloatArray) -> IntArray:
        """Find the class of each value; -1 where the value is missing.

        >>> MINUTES.classify([0, 10, 10.1, 75, float("nan")]).tolist()
        [0, 0, 1, 5, -1]
        """
        array = np.asarray(values, dtype=np.float64)
        classes = np.searchsorted(self.breaks, array, side="left" if self.closed == "right" else "right")
        return np.where(np.isnan(array), -1, classes).astype(np.int64)


MINUTES = Scale(
    "minutes",
    "min",
    (10, 20, 30, 40, 60),
    ("#f7dc8b", "#eeb054", "#de7f3a", "#bd4b35", "#85263a", "#3f1034"),
    ("10 分钟以内", "10—20 分钟", "20—30 分钟", "30—40 分钟", "40—60 分钟", "60 分钟以上"),
    ("up to 10 min", "10–20 min", "20–30 min", "30–40 min", "40–60 min", "over 60 min"),
)
"""Commute one way. The breaks are fixed, so that maps of two counties or two plans can be laid side by side."""

OVER = Scale(
    "over",
    "min",
    (0.0, 10.0, 20.0),
    ("#d3dce2", "#eda65c", "#c8552f", "#7a1532"),
    ("在时限内", "超出 10 分钟以内", "超出 10—20 分钟", "超出 20 分钟以上"),
    ("within the limit", "up to 10 min over", "10–20 min over", "more than 20 min over"),
)
"""Minutes beyond the limit of the way that is gone: pale where nobody is."""

LOAD = Scale(
    "load",
    "share",
    (0.5, 0.8, 1.0, 1.2),
    ("#e3eef6", "#a3c9e2", "#4b93c4", "#7b4a9e", "#43104f"),
    ("50% 以下", "50%—80%", "80%—100%", "100%—120%（超员）", "120% 以上（超员）"),
    ("up to 50%", "50–80%", "80–100%", "100–120% (over)", "over 120% (over)"),
)
"""Pupils divided by seats."""

CLASSES = Scale(
    "classes",
    "pupils/class",
    (36, 46, 56, 66),
    ("#e3eef6", "#a3c9e2", "#4b93c4", "#7b4a9e", "#43104f"),
    ("35 人及以下", "36—45 人", "46—55 人", "56—65 人（大班额）", "66 人及以上（超大班额）"),
    ("up to 35", "36–45", "46–55", "56–65 (large)", "66 and over (very large)"),
    closed="left",
)
"""Largest class of a school, in the bands of the class-size statistics."""

CHANGE = Scale(
    "change",
    "min",
    (-15.0, -5.0, -1.0, 1.0, 5.0, 15.0),
    ("#1b5a8e", "#5c9bc8", "#b4d4e8", "#dcdcd7", "#f2c19b", "#d9793d", "#963414"),
    ("缩短 15 分钟以上", "缩短 5—15 分钟", "缩短 1—5 分钟", "基本不变（±1 分钟）",
     "延长 1—5 分钟", "延长 5—15 分钟", "延长 15 分钟以上"),
    ("over 15 min shorter", "5–15 min shorter", "1–5 min shorter", "about the same (±1 min)",
     "1–5 min longer", "5–15 min longer", "over 15 min longer"),
)  # fmt: skip
"""Minutes after minus minutes before: blue is shorter, orange is longer."""

RATIO = Scale(
    "ratio",
    "share",
    (0.67, 0.8, 0.95, 1.05, 1.25, 1.5),
    ("#1b5a8e", "#5c9bc8", "#b4d4e8", "#dcdcd7", "#f2c19b", "#d9793d", "#963414"),
    ("不到 0.67（报表少得多）", "0.67—0.8", "0.8—0.95", "0.95—1.05（相符）", "1.05—1.25", "1.25—1.5",
     "1.5 以上（报表多得多）"),
    ("under 0.67 (far fewer reported)", "0.67–0.8", "0.8–0.95", "0.95–1.05 (agree)", "1.05–1.25", "1.25–1.5",
     "over 1.5 (far more reported)"),
)  # fmt: skip
"""Known pupils divided by estimated ones: blue where fewer are reported, orange where more."""

DECISIONS = {
    "keep": "#788692",
    "open": "#155851",
    "expand": "#2a70d2",
    "board": "#aa3797",
    "convert": "#c8720e",
    "lift": "#698947",
    "close": "#a1190e",
    "inactive": "#a3acb5",
}
"""What was decided about a school."""

CATCHMENTS = ("#8fb8a8", "#d9b48f", "#9fb3d1", "#cfa7b8", "#b9bf86", "#a9a3cf", "#8cc0c9", "#cbb9a0")
"""Muted fills of catchments: neighbours get different ones."""

TOKENS = {
    "ink": "#17242f",
    "muted": "#51606d",
    "line": "#d5dbe0",
    "paper": "#ffffff",
    "wash": "#f3f5f6",
    "outside": "#e9ecec",
    "land": "#fbfaf7",
    "accent": "#0b5563",
    "accent-soft": "#e1eef0",
    "warn": "#a3261d",
    "focus": "#0b6bcb",
    "road-major": "#8d969e",
    "road-minor": "#c3c9ce",
    "river": "#9cc3dc",
    "boundary": "#33424f",
    "township": "#75828d",
    "closed": "#6b7680",
    "school": "#9fb1bf",
    "flow": "#2b6777",
    "lit": "#0b3d91",
}
"""Colours of the page itself; they become CSS variables."""


def _linear(color: str) -> FloatArray:
    rgb = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)], dtype=np.float64) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def _luminance(color: str) -> float:
    return float(_linear(color) @ np.array([0.2126, 0.7152, 0.0722]))


def contrast(one: str, other: str) -> float:
    """Compute the contrast ratio of two colours, 1 to 21.

    Source: WCAG 2.1, relative luminance and contrast ratio.

    >>> round(contrast("#000000", "#ffffff"))
    21
    """
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def lightness(color: str) -> float:
    """Compute CIE lightness L*, 0 (black) to 100 (white): what is left of a colour on a grey print."""
    y = _luminance(color)
    return 116 * y ** (1 / 3) - 16 if y > 216 / 24389 else y * 24389 / 27

"""The figure of a paper: how long the way is against how long it need be, how unequal, and why it is longer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from layout_planner.errors import Text
from layout_planner.maps.pen import Pen, make_pen
from layout_planner.measures.equity import gini, lorenz
from layout_planner.study.reasons import REASONS, WORDS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from layout_planner.study import EnrolmentStudy

    Floats = NDArray[np.float64]

__all__ = ["study_figure"]

_INK, _GRID = "#1a1a1a", "#d9d9d9"
_ACTUAL, _NEAREST, _SEATS = "#b5532a", "#1f5a93", "#5a9367"
_FORCED, _OTHER, _HOME = "#8c8c8c", "#b5532a", "#1f5a93"
_COLOURS = {"nearest": _HOME, "tied": _HOME, "choice": _OTHER, "air": _OTHER, "zone": _OTHER}
_LEAST = 0.0005
_WORDS = {
    "actual": Text("实际就读", "school attended"),
    "nearest": Text("最近学校", "nearest school"),
    "seats": Text("学位约束下总距离最短", "least distance within seats"),
    "minutes": Text("单程时间（分钟）", "minutes one way"),
    "share": Text("走读生累计比例", "cumulative share of day pupils"),
    "pupils": Text("走读生（由近到远）", "day pupils, nearest first"),
    "time": Text("路上时间", "minutes travelled"),
    "equal": Text("绝对平均", "equality"),
    "of_all": Text("占全部学生的比例", "share of all pupils"),
    "gini": Text("基尼系数", "Gini"),
}


def study_figure(study: EnrolmentStudy, lang: str = "zh") -> Figure:
    """Draw minutes (distribution and Lorenz curve, day pupils) and the reasons with their intervals.

    Parameters
    ----------
    study : EnrolmentStudy
    lang : {"zh", "en"}
        English where no Chinese font is installed.

    Returns
    -------
    Figure
        6.7 inches wide, for two columns of a journal; ``savefig`` writes it as PDF or PNG.
    """
    pen = make_pen(lang)
    style: dict[Any, Any] = {"font.family": pen.family, "axes.unicode_minus": False, "font.size": 8,
             "axes.edgecolor": _INK,
             "axes.linewidth": 0.6, "xtick.major.width": 0.6, "ytick.major.width": 0.6, "pdf.fonttype": 42}  # fmt: skip
    with mpl.rc_context(style):
        figure = Figure(figsize=(6.7, 5.6), dpi=200, layout="constrained")
        panels = figure.subplot_mosaic([["ways", "lorenz"], ["reasons", "reasons"]], height_ratios=[1.15, 1.0])
        curves = _curves(study)
        _draw_ways(panels["ways"], curves, pen)
        _draw_lorenz(panels["lorenz"], curves, pen)
        _draw_reasons(panels["reasons"], study, pen)
        for letter, name in zip("abc", panels, strict=True):
            panels[name].set_title(letter, loc="left", fontweight="bold", fontsize=9)
            panels[name].spines[["top", "right"]].set_visible(False)
    return figure


def _curves(study: EnrolmentStudy) -> dict[str, tuple[Floats, Floats]]:
    """Give minutes and pupils of day pupils, as they go, to the nearest school, and least within the seats."""
    trips = study.trips
    known = ~trips["boards"] & trips["minutes"].notna() & trips["nearest_minutes"].notna() & (trips["pupils"] > 0)
    day = trips[known]
    pupils = day["pupils"].to_numpy(dtype=np.float64)
    required = study.estimate.required
    return {
        "actual": (day["minutes"].to_numpy(dtype=np.float64), pupils),
        "nearest": (day["nearest_minutes"].to_numpy(dtype=np.float64), pupils),
        "seats": (required.minutes, required.pupils),
    }


_LINES = {"actual": (_ACTUAL, "-"), "nearest": (_NEAREST, "--"), "seats": (_SEATS, ":")}


def _draw_ways(axes: Axes, curves: dict[str, tuple[Floats, Floats]], pen: Pen) -> None:
    """Draw the distribution of minutes."""
    longest = 1.0
    for name, (colour, line) in _LINES.items():
        minutes, pupils = curves[name]
        if not len(minutes):
            continue
        order = np.argsort(minutes, kind="stable")
        share = np.cumsum(pupils[order]) / pupils.sum()
        axes.step(minutes[order], share, where="post", color=colour, linestyle=line, linewidth=1.3,
                  label=pen.say(_WORDS[name]))  # fmt: skip
        longest = max(longest, float(minutes[order][np.searchsorted(share, 0.98)]))
    axes.set_xlim(0, longest)
    axes.set_ylim(0, 1)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set_xlabel(pen.say(_WORDS["minutes"]))
    axes.set_ylabel(pen.say(_WORDS["share"]))
    axes.grid(color=_GRID, linewidth=0.4)
    axes.legend(frameon=False, loc="lower right", handlelength=2.4)


def _draw_lorenz(axes: Axes, curves: dict[str, tuple[Floats, Floats]], pen: Pen) -> None:
    """Draw the Lorenz curves of minutes with their Gini coefficients."""
    axes.plot([0, 1], [0, 1], color=_GRID, linewidth=0.9, label=pen.say(_WORDS["equal"]))
    for name, (colour, line) in _LINES.items():
        minutes, pupils = curves[name]
        curve = lorenz(minutes, pupils)
        if name == "seats" or curve.empty:
            continue
        said = f"{pen.say(_WORDS[name])}（{pen.say(_WORDS['gini'])} {gini(minutes, pupils):.2f}）"
        if pen.lang != "zh":
            said = f"{pen.say(_WORDS[name])} ({pen.say(_WORDS['gini'])} {gini(minutes, pupils):.2f})"
        axes.plot(curve["pupils_share"], curve["value_share"], color=colour, linestyle=line, linewidth=1.3, label=said)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set_xlabel(pen.say(_WORDS["pupils"]))
    axes.set_ylabel(pen.say(_WORDS["time"]))
    axes.grid(color=_GRID, linewidth=0.4)
    axes.legend(frameon=False, loc="upper left", handlelength=2.4)


def _draw_reasons(axes: Axes, study: EnrolmentStudy, pen: Pen) -> None:
    """Draw the shares of near and past by reason, with their intervals as whiskers."""
    rows = study.reasons[study.reasons["band"] == "all"]
    rows = rows[(rows["share"] > _LEAST) | rows["reason"].isin(["nearest", "choice"])]
    reasons = [reason for reason in REASONS if reason in set(rows["reason"])]
    found = rows.set_index("reason").loc[reasons, ["share", "share_low", "share_high"]].to_numpy(dtype=np.float64)
    place = np.arange(len(reasons))[::-1]
    axes.barh(place, found[:, 0], color=[_COLOURS.get(r, _FORCED) for r in reasons], height=0.62)
    whiskers = np.nan_to_num(np.abs(found[:, 1:] - found[:, :1])).T
    axes.errorbar(found[:, 0], place, xerr=whiskers, fmt="none", ecolor=_INK, elinewidth=0.8, capsize=2)
    for at, (share, _, high) in zip(place, found, strict=True):
        axes.annotate(
            f"{share:.1%}", (np.fmax(share, high), at), xytext=(4, 0), textcoords="offset points", va="center"
        )
    axes.set_yticks(place, [pen.say(WORDS[reason]) for reason in reasons])
    axes.set_xlim(0, min(1.0, 1.15 * float(np.nanmax(found))))
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set_xlabel(pen.say(_WORDS["of_all"]))
    axes.grid(axis="x", color=_GRID, linewidth=0.4)
    axes.set_axisbelow(True)

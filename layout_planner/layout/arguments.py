"""What a caller of the layout functions can get wrong, refused with a message in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from numbers import Real
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.config.layout import Term
from layout_planner.errors import LayoutError, Text

if TYPE_CHECKING:
    from layout_planner.layout.model import LayoutSolution

_LARGEST_WEIGHT = 1e15

__all__ = ["check_number", "check_plan", "check_terms"]


def check_plan(*solutions: LayoutSolution) -> None:
    """Refuse a solution without a plan.

    Raises
    ------
    LayoutError
        With its status.
    """
    for solution in solutions:
        if not solution.found:
            raise LayoutError(
                Text(
                    f"这个解没有方案（{solution.status}），无从追问；先放宽限制或加长时限",
                    f"this solution holds no plan ({solution.status}): relax its limits or give it more time first",
                )
            )


def check_number(name: str, value: object, least: float, most: float = np.inf, *, whole: bool = False) -> None:
    """Refuse a number out of range.

    Raises
    ------
    LayoutError
        If it is no number, not whole where it must be, or not between ``least`` and ``most``.

    Examples
    --------
    >>> check_number("points", 1, 2, whole=True)
    Traceback (most recent call last):
    layout_planner.errors.LayoutError: points 须是不小于 2 的整数：1
    """
    fits = isinstance(value, Real) and not isinstance(value, bool) and least <= float(value) <= most
    if fits and not (whole and int(value) != value):  # type: ignore[call-overload]
        return
    kind = Text("整数", "a whole number") if whole else Text("数", "a number")
    above = Text(f"、不大于 {most:g}", f" and at most {most:g}") if np.isfinite(most) else Text("", "")
    raise LayoutError(
        Text(
            f"{name} 须是不小于 {least:g}{above.zh} 的{kind.zh}：{value!r}",
            f"{name} must be {kind.en}, at least {least:g}{above.en}: {value!r}",
        )
    )


def check_terms(weights: Mapping[Term, float] | Iterable[Term], name: str = "weights") -> None:
    """Refuse terms that there are not, and weights that are negative or no numbers.

    Raises
    ------
    LayoutError
        With the terms that there are.
    """
    known = {str(term) for term in Term}
    unknown = [str(term) for term in weights if str(term) not in known]
    if unknown:
        terms = "、".join(sorted(known))
        raise LayoutError(
            Text(
                f"{name} 中没有这样的项：{'、'.join(unknown)}；可用：{terms}",
                f"{name}: no such term: {', '.join(unknown)}; there are {', '.join(sorted(known))}",
            )
        )
    if isinstance(weights, Mapping):
        for term, weight in weights.items():
            check_number(f"{name}[{term}]", weight, 0.0, _LARGEST_WEIGHT)

"""What every block of a scenario is made of: frozen data, refused unknown keys, and kinds of values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictStr

from layout_planner.grades import GradeBand

__all__ = ["Block", "Minutes", "SchoolId", "Speed", "filled_from", "no_number"]

Minutes = Annotated[float, Field(gt=0, le=600)]
Speed = Annotated[float, Field(gt=0, le=120)]


def no_number(value: object) -> object:
    """Refuse a code written as a number or in Chinese quotation marks."""
    if isinstance(value, (int, float)):
        msg = "write a code in quotes, or its leading zeros are lost / 代码请加引号，否则前导零会丢失"
        raise ValueError(msg)  # noqa: TRY004 - pydantic turns ValueError into a located error
    if isinstance(value, str) and value and value[0] in "“”‘’＂":
        msg = 'the quotes are Chinese ones: write " / 引号是中文引号，改为半角引号 "'
        raise ValueError(msg)
    return value


SchoolId = Annotated[StrictStr, BeforeValidator(no_number), Field(min_length=1)]


class Block(BaseModel):
    """Base of every block: frozen, and refusing unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, validate_default=True)


def filled_from(defaults: Mapping[GradeBand, float]) -> BeforeValidator:
    """Let a mapping by band name only the bands that it changes; ``null`` takes a band out."""

    def fill(value: object) -> object:
        if not isinstance(value, Mapping):
            return value
        merged = {**{band.value: number for band, number in defaults.items()}, **{str(k): v for k, v in value.items()}}
        return {band: number for band, number in merged.items() if number is not None}

    return BeforeValidator(fill)

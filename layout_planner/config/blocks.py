"""What every block of a scenario is made of: frozen data, refused unknown keys, and kinds of values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictStr

__all__ = ["Block", "Day", "Minutes", "SchoolId", "Speed", "filled_from", "no_number"]

Key = TypeVar("Key", bound=StrEnum)
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


def _day(value: str) -> str:
    try:
        return dt.date.fromisoformat(value).isoformat()
    except ValueError:
        msg = (
            f"“{value}” is no date / “{value}”不是日期 | "
            "write a date as 2026-08-20, in quotes / 日期写成 2026-08-20，加引号"
        )
        raise ValueError(msg) from None


Day = Annotated[StrictStr, AfterValidator(_day)]


class Block(BaseModel):
    """Base of every block: frozen, and refusing unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, validate_default=True)


def filled_from(defaults: Mapping[Key, Any]) -> BeforeValidator:
    """Let a mapping by band (or stage, tier, term) name only what it changes; ``null`` takes an entry out."""

    def fill(value: object) -> object:
        if not isinstance(value, Mapping):
            return value
        merged = {**{key.value: given for key, given in defaults.items()}, **{str(k): v for k, v in value.items()}}
        known = {member.value for key in defaults for member in type(key)}
        return {key: given for key, given in merged.items() if given is not None or key not in known}

    return BeforeValidator(fill)

"""Look up what the schema of a scenario knows: keys of a block, the blocks that know a key, the choices of a value."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel

from layout_planner.config.scenario import Scenario

__all__ = ["annotation_at", "choices_of", "homes_of", "item_keys", "keys_at"]

Key = Sequence[str | int]


def keys_at(key: Key) -> dict[str, str]:
    """List the keys that the schema knows under a key path, with their descriptions.

    >>> "pupil_minutes" in keys_at(("layout", "goal")), "gap" in keys_at(("layout",))
    (False, True)
    """
    model = _model_in(annotation_at(key)) if key else Scenario
    return {name: info.description or "" for name, info in model.model_fields.items()} if model else {}


def annotation_at(key: Key) -> object:
    """Find the type of the value at a key path.

    Elements of lists and values of mappings share their container's, but where a mapping holds blocks.
    """
    annotation: object = Scenario
    for part in key:
        held = typing.get_args(annotation)[1] if typing.get_origin(annotation) is dict else None
        if _model_in(held) is not None:
            annotation = held
            continue
        model = _model_in(annotation)
        if model is not None and str(part) in model.model_fields:
            annotation = model.model_fields[str(part)].annotation
        elif model is not None and not isinstance(part, int):
            return None
    return annotation


def choices_of(annotation: object) -> tuple[str, ...]:
    """List the words that may stand in a value, in its list, or as keys of its mapping; none where any may.

    >>> choices_of(annotation_at(("layout", "goal", "method")))
    ('weighted', 'lexicographic')
    """
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return tuple(member.value for member in annotation)
    if typing.get_origin(annotation) is Literal:
        return tuple(str(value) for value in typing.get_args(annotation))
    found = (choices_of(each) for each in typing.get_args(annotation))
    return next((choices for choices in found if choices), ())


def item_keys(annotation: object) -> tuple[str, ...]:
    """List the keys that each element of a list has, where its elements are blocks."""
    origin = typing.get_origin(annotation)
    model = next((m for m in map(_model_in, typing.get_args(annotation)) if m), None) if origin is tuple else None
    return tuple(model.model_fields) if model else ()


def homes_of(name: str) -> list[str]:
    """List the blocks that know a key, the outermost first; ``""`` is the file itself.

    >>> homes_of("walk_limit_min"), homes_of("seed")
    (['travel'], [''])
    """
    found = [path for path, fields in _blocks(Scenario, ()) if name in fields]
    return [".".join(path) for path in sorted(found, key=len)]


def _blocks(model: type[BaseModel], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Give every block below a model with its fields; blocks within lists are left out."""
    yield path, model.model_fields
    for name, info in model.model_fields.items():
        below = _model_in(info.annotation)
        if below is not None and typing.get_origin(info.annotation) is not tuple:
            yield from _blocks(below, (*path, name))


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if typing.get_origin(annotation) in (typing.Union, types.UnionType, tuple):
        return next((model for model in map(_model_in, typing.get_args(annotation)) if model), None)
    return None

"""The model's types as JSON values and back: what a job stores between its steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from hanolab_dawtools.errors import JobError

T = TypeVar("T")


def to_json(value: Any) -> Any:
    """JSON values of a model dataclass, or of a tuple of them."""
    return _adapter(type(value)).dump_python(value, mode="json")


def from_json(kind: type[T], stored: Any) -> T:
    """Rebuild a dataclass from what `to_json` gave, in any later process.

    Raises
    ------
    JobError
        The stored values do not fit: another version of the program wrote them.
    """
    try:
        value: T = _adapter(kind).validate_python(stored)
    except ValidationError as error:
        raise JobError(
            f"a stored {kind.__name__} cannot be read: {error.errors()[0]['msg']}",
            hint="It was stored by another version of the program; start the run anew.",
        ) from error
    return value


def outcome_of(outcomes: Mapping[str, Any], step: str, kind: type[T], field: str) -> T:
    """One field that a finished step left behind."""
    return from_json(kind, outcomes[step][field])


def _adapter(kind: Any) -> TypeAdapter[Any]:
    """Made once for each type, which takes milliseconds: a job asks some fifty times."""
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


_adapters: dict[Any, TypeAdapter[Any]] = {}

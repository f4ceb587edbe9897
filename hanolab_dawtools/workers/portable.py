"""Orders as data that mean the same on every machine: no path of this one is left in them.

A path below the job's folder is told by its parts, one of an input by the input's name; both are
found wherever they stand in the order, also in texts that are JSON themselves (tickets). Failures
travel as data too: an exception could not be read by a machine of another system.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hanolab_dawtools import errors
from hanolab_dawtools.errors import HanolabError

_FOLDER, _INPUT, _TEXT = "$folder", "$input", "$text"
_JSON_BEGINS = ('{"', '["', '"')


@dataclass(frozen=True)
class Places:
    """Where things lie on one machine.

    Attributes
    ----------
    folder
        The job's folder, absolute.
    inputs
        Files from elsewhere, absolute, by names that hold on all machines.
    """

    folder: Path
    inputs: Mapping[str, Path] = field(default_factory=dict)

    def packed(self, value: Any) -> Any:
        """JSON values with every known path replaced by what stands for it."""
        names = {_normal(str(path)): name for name, path in self.inputs.items()}
        return _packed(value, _normal(str(self.folder)), names)

    def unpacked(self, value: Any) -> Any:
        """What `packed` gave somewhere, with the paths of here."""
        if isinstance(value, list):
            return [self.unpacked(one) for one in value]
        if not isinstance(value, Mapping):
            return value
        if _FOLDER in value:
            return str(self.path(value[_FOLDER]))
        if _INPUT in value:
            return str(self.inputs[value[_INPUT]])
        if _TEXT in value:
            return json.dumps(self.unpacked(value[_TEXT]), sort_keys=True)
        return {_without_mark(key): self.unpacked(one) for key, one in value.items()}

    def path(self, parts: list[str]) -> Path:
        """A file below the job's folder, by the parts of its path.

        Raises
        ------
        ValueError
            They lead out of the folder.
        """
        if any(part in {"", ".", ".."} or set(part) & set("/\\\0") for part in parts):
            raise ValueError(f"{parts} is no path below a folder")
        return self.folder.joinpath(*parts)

    def told(self, sentence: str, there: Places) -> str:
        """A sentence from a place, with the paths of here."""
        for name, path in there.inputs.items():
            sentence = sentence.replace(str(path), str(self.inputs[name]))
        return sentence.replace(str(there.folder), str(self.folder))


def files_in(packed: Any) -> list[list[str]]:
    """The parts of every path below the job's folder in packed values, each once, in order."""
    found: dict[tuple[str, ...], None] = {}
    _collect(packed, found)
    return [list(parts) for parts in found]


def failure_as_data(error: HanolabError) -> Mapping[str, Any]:
    """All that is told of an error; its class by the nearest one that `errors` has."""
    known = [kind.__name__ for kind in type(error).__mro__ if kind.__module__ == errors.__name__]
    kept = {name: one for name, one in vars(error).items() if _is_plain(one)}
    paths = {name: str(one) for name, one in vars(error).items() if isinstance(one, Path)}
    return {"kind": known[0], "message": str(error), "kept": kept, "paths": paths}


def failure_from_data(data: Mapping[str, Any]) -> HanolabError:
    """The error that `failure_as_data` told of."""
    kind = getattr(errors, str(data["kind"]), HanolabError)
    error: HanolabError = kind.__new__(kind)
    error.args = (data["message"],)
    vars(error).update(data["kept"])
    vars(error).update({name: Path(path) for name, path in data["paths"].items()})
    return error


def _packed(value: Any, folder: str, names: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _packed_text(value, folder, names)
    if isinstance(value, list | tuple):
        return [_packed(one, folder, names) for one in value]
    if isinstance(value, Mapping):
        return {_with_mark(key): _packed(one, folder, names) for key, one in value.items()}
    return value


def _packed_text(text: str, folder: str, names: Mapping[str, str]) -> Any:
    path = _normal(text)
    if path in names:
        return {_INPUT: names[path]}
    if path == folder:
        return {_FOLDER: []}
    if path.startswith(folder + os.sep):
        return {_FOLDER: list(Path(path).relative_to(folder).parts)}
    if text.startswith(_JSON_BEGINS):
        with suppress(ValueError):
            inner = json.loads(text)
            packed = _packed(inner, folder, names)
            if packed != inner:
                return {_TEXT: packed}
    return text


def _collect(value: Any, found: dict[tuple[str, ...], None]) -> None:
    if isinstance(value, list):
        for one in value:
            _collect(one, found)
    elif isinstance(value, Mapping):
        if value.get(_FOLDER):
            found[tuple(value[_FOLDER])] = None
        for key, one in value.items():
            if key != _FOLDER:
                _collect(one, found)


def _normal(text: str) -> str:
    """An absolute path in the form that paths are compared by; "" for any other text."""
    expanded = os.path.expanduser(text) if text.startswith("~") else text  # noqa: PTH111 - as text
    return os.path.normcase(os.path.normpath(expanded)) if os.path.isabs(expanded) else ""  # noqa: PTH117


def _with_mark(key: str) -> str:
    return f"${key}" if key.startswith("$") else key


def _without_mark(key: str) -> str:
    return key.removeprefix("$")


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)

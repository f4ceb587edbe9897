"""The C declarations of the API: `functions.json`, read and taken apart.

The data says of each function its declaration and the version whose header first has it (6.19
means "6.19 or before"). What a parameter is decides its shape in Python and in the table.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from pathlib import Path

DATA = Path(__file__).with_name("functions.json")
DECLARATION = re.compile(r"(?P<returns>.+?[ *])(?P<name>\w+)\((?P<parameters>.*)\)")
NUMBERS = ("int", "unsigned int", "double", "bool", "size_t")


class Kind(Enum):
    """What a C type is to the caller."""

    VOID = auto()
    NUMBER = auto()  # by value
    TEXT = auto()  # const char*
    BUFFER = auto()  # char*, read and written
    NUMBER_POINTER = auto()  # int*, double*, bool*
    TEXT_OUT = auto()  # const char**
    OBJECT_OUT = auto()  # MediaItem_Take**
    OBJECT = auto()  # any other pointer


def kind_of(c_type: str) -> Kind:
    if c_type == "void":
        return Kind.VOID
    if c_type in NUMBERS:
        return Kind.NUMBER
    plain = {"const char*": Kind.TEXT, "char*": Kind.BUFFER, "const char**": Kind.TEXT_OUT}
    if c_type in plain:
        return plain[c_type]
    if c_type.removeprefix("const ").removesuffix("*") in NUMBERS:
        return Kind.NUMBER_POINTER
    return Kind.OBJECT_OUT if c_type.endswith("**") else Kind.OBJECT


@dataclass(frozen=True)
class Parameter:
    c_type: str
    name: str

    @property
    def kind(self) -> Kind:
        return kind_of(self.c_type)

    @property
    def is_written(self) -> bool:
        """Whether the callee writes it: `registry` wants an output for it."""
        if self.kind is Kind.NUMBER_POINTER:
            return not self.c_type.startswith("const ")
        return self.kind in (Kind.BUFFER, Kind.TEXT_OUT, Kind.OBJECT_OUT)

    @property
    def is_echoed_as_value(self) -> bool:
        """Whether the wrapper hands back what lies there after the call."""
        return self.kind in (Kind.BUFFER, Kind.NUMBER_POINTER)


@dataclass(frozen=True)
class Function:
    name: str
    returns: str
    parameters: tuple[Parameter, ...]
    since: tuple[int, int]

    @property
    def gives_tuple(self) -> bool:
        return any(parameter.is_echoed_as_value for parameter in self.parameters)


def parse(declaration: str, since: str = "6.19") -> Function:
    """Take a declaration apart; ValueError when it is none."""
    found = DECLARATION.fullmatch(declaration)
    if found is None:
        raise ValueError(f"no declaration: {declaration}")
    parameters = []
    for part in filter(None, found["parameters"].split(", ")):
        c_type, name = re.fullmatch(r"(.+?[ *])(\w+)", part).groups()  # type: ignore[union-attr]
        parameters.append(Parameter(c_type.strip(), name))
    major, minor = since.split(".")
    return Function(
        found["name"], found["returns"].strip(), tuple(parameters), (int(major), int(minor))
    )


@cache
def all_functions() -> dict[str, Function]:
    data = json.loads(DATA.read_text("utf-8"))
    functions = {name: parse(fact["declaration"], fact["since"]) for name, fact in data.items()}
    for name, function in functions.items():
        if name != function.name:
            raise ValueError(f"{DATA.name}: {name} declares {function.name}")
    return functions


def functions_of(version: tuple[int, int]) -> dict[str, Function]:
    """The functions that a version of REAPER has, by name."""
    return {
        name: function for name, function in all_functions().items() if function.since <= version
    }

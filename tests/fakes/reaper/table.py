"""The table of C functions: real addresses, with the model's Python functions behind them.

What comes in is turned into what `registry` promises, and back. A pointer that is stale or of
another type crashes the host, as it would there; so does a function of the stand-in that fails,
unless it was given a NULL object: then nothing is done and the result is 0. Every NULL is noted.
Texts handed out stay where they are for a while, as REAPER's do.
"""

from __future__ import annotations

import ctypes
import traceback
from collections import deque
from collections.abc import Callable
from typing import Any

from fakes.reaper.addresses import HostCrashed
from fakes.reaper.functions import Function, Kind, Parameter, functions_of, kind_of
from fakes.reaper.registry import FUNCTIONS, Registered, load

MAX_TEXT_BYTES = 4 * 1024 * 1024  # of a char* without a size: what the wrapper allocates
KEPT_TEXTS = 512
NUMBERS: dict[str, Any] = {
    "int": ctypes.c_int,
    "unsigned int": ctypes.c_uint,
    "double": ctypes.c_double,
    "bool": ctypes.c_byte,
    "size_t": ctypes.c_size_t,
}
Convert = Callable[[Any], Any]
Write = Callable[[int, Any], None]


def ctype_of(c_type: str) -> Any:
    kind = kind_of(c_type)
    if kind is Kind.VOID:
        return None
    if kind is Kind.NUMBER:
        return NUMBERS[c_type]
    return ctypes.c_uint64  # every pointer is an address


class Table:
    """Name -> address of the functions of one version, as REAPER hands them to `rpr_initft`."""

    def __init__(self, host: Any) -> None:
        load()
        self._host = host
        self._texts: deque[Any] = deque(maxlen=KEPT_TEXTS)
        self._callbacks = []
        self.addresses: dict[str, int] = {}
        for function in functions_of(host.version).values():
            if function.name in host.absent_functions:
                continue
            callback = self._callback(function)
            self._callbacks.append(callback)
            self.addresses[function.name] = ctypes.cast(callback, ctypes.c_void_p).value or 0

    def _callback(self, function: Function) -> Any:
        types = [ctype_of(parameter.c_type) for parameter in function.parameters]
        registered = FUNCTIONS.get(function.name)
        call = self._absent(function) if registered is None else self._call(function, registered)
        return ctypes.CFUNCTYPE(ctype_of(function.returns), *types)(call)

    def _absent(self, function: Function) -> Callable[..., Any]:
        def call(*addresses: Any) -> Any:
            self._host.crash(f"the stand-in has no {function.name}: it stands in functions.json")
            return 0

        return call

    def _call(self, function: Function, registered: Registered) -> Callable[..., Any]:
        host, python = self._host, registered.function
        converts = [self._reading(each, registered) for each in function.parameters]
        writes = self._writings(function, registered)
        result = self._result(function.returns)

        objects = [n for n, each in enumerate(function.parameters) if is_needed(each)]

        def call(*values: Any) -> Any:
            if host.crashed:
                return 0
            has_null = not all(values[index] for index in objects)
            if has_null:
                host.log(f"{function.name} was given NULL")
            try:
                given = [convert(value) for convert, value in zip(converts, values, strict=True)]
                answer = python(host, *given)
                if writes:
                    answer, *outputs = answer
                    for (index, write), output in zip(writes, outputs, strict=True):
                        if output is not None and values[index]:
                            write(values, output)
                return result(answer)
            except HostCrashed as crash:
                host.crash(f"{function.name}: {crash}")
            except BaseException:  # noqa: BLE001 - nothing may pass through C
                if not has_null:
                    host.crash(f"the stand-in's {function.name} failed\n{traceback.format_exc()}")
            return 0

        return call

    def _reading(self, parameter: Parameter, registered: Registered) -> Convert:
        """What turns the C value of a parameter into the Python one."""
        kind, c_type = parameter.kind, parameter.c_type
        plain = c_type.removeprefix("const ")
        if parameter.name in registered.raw or plain in ("void*", "HWND"):
            return int
        if kind is Kind.OBJECT:
            return self._object_reader(plain)
        if kind is Kind.NUMBER_POINTER:
            return number_reader(NUMBERS[plain.removesuffix("*")])
        if kind in (Kind.TEXT, Kind.BUFFER):
            return read_text
        if kind is Kind.NUMBER:
            return bool if c_type == "bool" else lambda value: value
        return lambda address: None

    def _object_reader(self, c_type: str) -> Convert:
        object_at, host = self._host.addresses.object_at, self._host
        if c_type == "ReaProject*":
            return lambda a: object_at(a, c_type) if a else host.active_project
        return lambda a: object_at(a, c_type)

    def _writings(
        self, function: Function, registered: Registered
    ) -> list[tuple[int, Callable[[tuple[Any, ...], Any], None]]]:
        found = []
        for index, parameter in enumerate(function.parameters):
            if parameter.is_written and parameter.name not in registered.raw:
                found.append((index, self._writing(function, index, parameter)))
        return found

    def _writing(
        self, function: Function, index: int, parameter: Parameter
    ) -> Callable[[tuple[Any, ...], Any], None]:
        if parameter.kind is Kind.BUFFER:
            following = function.parameters[index + 1 : index + 2]
            sized = bool(following) and following[0].name == f"{parameter.name}_sz"
            return lambda values, text: write_text(
                values[index], text, values[index + 1] if sized else MAX_TEXT_BYTES
            )
        if parameter.kind is Kind.NUMBER_POINTER:
            number = NUMBERS[parameter.c_type.removesuffix("*")]
            return lambda values, value: write_number(number, values[index], value)
        as_address = self._kept if parameter.kind is Kind.TEXT_OUT else self._address_of
        return lambda values, value: write_number(ctypes.c_uint64, values[index], as_address(value))

    def _result(self, returns: str) -> Convert:
        kind = kind_of(returns)
        if kind is Kind.VOID:
            return lambda value: None
        if kind is Kind.TEXT:
            return lambda value: 0 if value is None else self._kept(value)
        if kind is Kind.OBJECT:
            return self._address_of
        return float if returns == "double" else int

    def _address_of(self, value: Any) -> int:
        return value if isinstance(value, int) else self._host.addresses.address_of(value)

    def _kept(self, text: str) -> int:
        """The address of a text that stays for a while."""
        buffer = ctypes.create_string_buffer(text.encode("utf-8", "surrogateescape"))
        self._texts.append(buffer)
        return ctypes.addressof(buffer)


def is_needed(parameter: Parameter) -> bool:
    """Whether it is an object of the model; NULL as a project is the one that is shown."""
    others = ("ReaProject*", "void*", "HWND", "KbdSectionInfo*")
    return parameter.kind is Kind.OBJECT and parameter.c_type not in others


def read_text(address: int) -> str | None:
    if not address:
        return None
    return ctypes.string_at(address).decode("utf-8", "surrogateescape")


def number_reader(number: Any) -> Convert:
    return lambda address: number.from_address(address).value if address else None


def write_number(number: Any, address: int, value: Any) -> None:
    number.from_address(address).value = value


def write_text(address: int, text: str, size: int) -> None:
    """Write a text with its NUL into `size` bytes; it is cut by bytes, as there."""
    if size > 0:
        raw = text.encode("utf-8", "surrogateescape")[: size - 1] + b"\0"
        ctypes.memmove(address, raw, len(raw))

"""Writes the text of a `reaper_python.py` that behaves as REAPER's own.

What that one does with pointers, strings and numbers is no accident to be mended here: a NULL is
a string and so true, a pointer that ValidatePtr refuses becomes NULL without a word, text goes
through buffers of 4 MiB, a NULL text raises AttributeError, and every argument comes back.
"""

from __future__ import annotations

from collections.abc import Iterable

from fakes.reaper.functions import Function, Kind, Parameter, kind_of

HEAD = '''\
"""The API of REAPER, by ctypes over a table of addresses."""
from ctypes import *
import re

MAX_STRBUF = 4 * 1024 * 1024
_ft = {}


def rpr_initft(ft):
    _ft.clear()
    _ft.update(ft)


def rpr_getfp(fn):
    return _ft[fn]


def rpr_packp(t, v):
    found = re.match(r"^\\((\\w+\\*|HWND)\\)0x([0-9A-F]+)$", str(v))
    if found is not None:
        kind, digits = found.groups()
        if len(digits) != 16:
            raise ValueError("a pointer has 16 digits: " + str(v))
        address = int(digits, 16)
        if (kind == t or t == "void*") and RPR_ValidatePtr(address, t):
            return address
    return 0


def rpr_unpackp(t, v):
    return "(" + t + ")0x%016X" % (v or 0)


def rpr_packs(v):
    return create_string_buffer(str(v).encode("UTF-8"), MAX_STRBUF)


def rpr_packsc(v):
    return str(v).encode("UTF-8")
'''
CTYPES = {
    "void": "None",
    "int": "c_int",
    "unsigned int": "c_uint",
    "double": "c_double",
    "bool": "c_byte",
    "size_t": "c_size_t",
}
POINTERS = {Kind.TEXT: "c_char_p", Kind.BUFFER: "c_char_p", Kind.NUMBER_POINTER: "c_void_p"}


def wrapper_text(functions: Iterable[Function]) -> str:
    """The module's text: these functions, with the prefix RPR_."""
    return HEAD + "".join(f"\n\n{function_text(function)}" for function in functions)


def ctype_of(c_type: str) -> str:
    return CTYPES.get(c_type) or POINTERS.get(kind_of(c_type), "c_uint64")


def function_text(function: Function) -> str:
    names = [parameter.name for parameter in function.parameters]
    types = [ctype_of(function.returns), *(ctype_of(each.c_type) for each in function.parameters)]
    lines = [
        f"def RPR_{function.name}({', '.join(names)}):",
        f"    call__ = CFUNCTYPE({', '.join(types)})(_ft[{function.name!r}])",
        *(f"    _{each.name} = {packed(function, each)}" for each in function.parameters),
        f"    result__ = call__({', '.join(passed(each) for each in function.parameters)})",
    ]
    result = unpacked(function.returns)
    if function.gives_tuple:
        values = [] if result is None else [result]
        values += [echoed(each) for each in function.parameters]
        lines.append(f"    return ({', '.join(values)},)")
    elif result is not None:
        lines.append(f"    return {result}")
    return "\n".join(lines) + "\n"


def packed(function: Function, parameter: Parameter) -> str:
    name = parameter.name
    if function.name == "ValidatePtr" and parameter.kind is Kind.OBJECT:
        return f"c_uint64({name})"  # the only place where an integer is a pointer
    if parameter.kind is Kind.TEXT:
        return f"rpr_packsc({name})"
    if parameter.kind is Kind.BUFFER:
        return f"rpr_packs({name})"
    if parameter.kind in (Kind.NUMBER, Kind.NUMBER_POINTER):
        plain = parameter.c_type.removeprefix("const ").removesuffix("*")
        return f"{CTYPES[plain]}({name})"
    return f"rpr_packp({parameter.c_type!r}, {name})"


def passed(parameter: Parameter) -> str:
    if parameter.kind is Kind.NUMBER_POINTER:
        return f"byref(_{parameter.name})"
    return f"_{parameter.name}"


def echoed(parameter: Parameter) -> str:
    """What stands for the parameter in the tuple; outputs of `const char**` are lost."""
    if parameter.kind is Kind.BUFFER:
        return f"_{parameter.name}.value.decode()"
    if parameter.kind in (Kind.NUMBER, Kind.NUMBER_POINTER):
        return f"_{parameter.name}.value"
    return parameter.name


def unpacked(returns: str) -> str | None:
    kind = kind_of(returns)
    if kind is Kind.VOID:
        return None
    if kind is Kind.TEXT:
        return "str(result__.decode())"
    return f"rpr_unpackp({returns!r}, result__)" if kind is Kind.OBJECT else "result__"

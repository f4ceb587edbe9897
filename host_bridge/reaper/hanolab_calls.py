"""REAPER's functions as the scripts call them: nothing passed silently as NULL, nothing cut short.

The stock wrapper of `reaper_python` turns a pointer it does not know into NULL, loses texts that
come back by pointer, and has no objects. So the functions are called by address, with prototypes
made of the declarations in `hanolab_functions`:

* `r.api.NAME(ins...)` takes only what goes in, in the C order: not the `...Out` parameters and
  not the sizes of buffers. It gives the C result (None for void) when nothing else comes back;
  else a tuple of the C result (left out for void) and every `...Out` and `...InOut` in C order;
  a void function with one such value gives that value alone.
* Pointers are plain ints, 0 is NULL. Texts are str (UTF-8; what is not UTF-8 comes back with
  replacement signs). bool is bool. A NULL text is None.
* A text that comes back into a buffer with a size is cut at `size=` bytes (4096); one without a
  size is written by REAPER into a buffer of 4 MiB, as its own wrapper does.
* `r.api.NAME` raises Missing when this REAPER has no such function.

No cached ctypes type is made: other scripts in the same interpreter reset ctypes' cache.
"""

from __future__ import annotations

import ctypes
import re
import struct

from hanolab_functions import FUNCTIONS

SCRATCH_BYTES = 4 * 1024 * 1024  # MAX_STRBUF of REAPER's own reaper_python.py
_DECLARATION = re.compile(r"([^()]+?)\s*\b(\w+)\(([^()]*)\)")


class HostFault(Exception):
    """What the outside is told when a command fails.

    `code` is one of the words of the protocol: bad_arguments gone changed refused render silent
    busy cancelled missing internal too_large unknown_command. `hint` is the producer's next step.
    """

    def __init__(self, code, message, hint=""):
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


class Missing(HostFault):
    """The running REAPER has no such function; it is older than the function."""

    def __init__(self, name):
        super().__init__(
            "missing",
            f"this REAPER has no function {name}",
            "Update REAPER: HanoLab needs 6.44 or newer.",
        )
        self.name = name


def to_bytes(text):
    """A text as C gets it; a NUL would cut it, so it is refused."""
    raw = text.encode("utf-8", "replace")
    if b"\0" in raw:
        raise HostFault("bad_arguments", f"a text for REAPER holds a NUL: {text[:80]!r}")
    return raw


def to_text(address):
    """The text at an address; None for NULL."""
    return ctypes.string_at(address).decode("utf-8", "replace") if address else None


class _Declaration:
    """What one declaration says: result type, name, and (type, name) of each parameter."""

    def __init__(self, result, name, inside):
        self.result = result.strip()
        self.name = name
        self.parameters = [
            tuple(one.strip().rpartition(" ")[::2]) for one in inside.split(",") if one.strip()
        ]


def declarations():
    """{name: declaration} of the table."""
    found = _DECLARATION.findall(" ".join(FUNCTIONS.split()))
    return {one.name: one for one in (_Declaration(*parts) for parts in found)}


def _plain(c_type):
    """The ctypes type of a parameter or result that is no text."""
    kinds = {
        "int": ctypes.c_int,
        "unsigned int": ctypes.c_uint,
        "bool": ctypes.c_bool,
        "double": ctypes.c_double,
        "size_t": ctypes.c_size_t,
        "void": None,
    }
    return kinds.get(c_type, ctypes.c_size_t)  # as wide as a pointer, also in a 32-bit REAPER


class _Function:
    """One function of REAPER; `face()` is what scripts call."""

    def __init__(self, declaration, address, scratch):
        self.name = declaration.name
        self._scratch = scratch
        self._gives_text = declaration.result == "const char*"
        self._is_void = declaration.result == "void"
        self._steps = []  # (kind, letter of struct) for each C parameter
        types = []
        sized = {name[: -len("_sz")] for _, name in declaration.parameters if name.endswith("_sz")}
        for c_type, name in declaration.parameters:
            step = _step(c_type, name, name in sized)
            self._steps.append(step)
            types.append(_parameter_type(step, c_type))
        self._n_ins = sum(kind in ("plain", "text") or " in " in kind for kind, _ in self._steps)
        result = ctypes.c_size_t if self._gives_text else _plain(declaration.result)
        self._native = ctypes.CFUNCTYPE(result, *types)(address)

    def face(self):
        """The function for scripts: a short way for those that write nothing back."""
        if self._gives_text or any("out" in kind for kind, _ in self._steps):
            return self._call
        native, n_ins = self._native, self._n_ins
        texts = [place for place, (kind, _) in enumerate(self._steps) if kind == "text"]

        def call(*ins):
            if len(ins) != n_ins:
                raise self._wrong_count(ins)
            if not texts:
                return native(*ins)
            arguments = list(ins)
            for place in texts:
                arguments[place] = to_bytes(arguments[place])
            return native(*arguments)

        return call

    def _call(self, *ins, size=4096):
        if len(ins) != self._n_ins:
            raise self._wrong_count(ins)
        given = iter(ins)
        arguments = []
        outs = []
        for kind, letter in self._steps:
            if kind == "plain":
                arguments.append(next(given))
            elif kind == "text":
                arguments.append(to_bytes(next(given)))
            elif kind == "size":
                arguments.append(size)
            else:
                value = next(given) if " in " in kind else None
                buffer = self._buffer(kind, letter, value, size)
                outs.append((letter, buffer))
                arguments.append(ctypes.addressof(buffer))
        return self._faced(self._native(*arguments), outs)

    def _wrong_count(self, ins):
        return TypeError(f"{self.name} takes {self._n_ins} values, not {len(ins)}")

    def _buffer(self, kind, letter, value, size):
        if letter:
            buffer = ctypes.create_string_buffer(8)
            if value is not None:
                struct.pack_into(letter, buffer, 0, value)
            return buffer
        buffer = self._scratch if kind.startswith("scratch") else ctypes.create_string_buffer(size)
        if not value:
            buffer[0] = b"\0"
            return buffer
        raw = to_bytes(value)
        if len(raw) >= len(buffer):
            raise HostFault("too_large", f"a text of {len(raw)} bytes for {self.name}")
        ctypes.memmove(buffer, raw + b"\0", len(raw) + 1)
        return buffer

    def _faced(self, result, outs):
        if self._gives_text:
            result = to_text(result)
        if not outs:
            return result
        values = [] if self._is_void else [result]
        for letter, buffer in outs:
            if letter == "P":
                values.append(to_text(struct.unpack_from("P", buffer)[0]))
            elif letter:
                values.append(struct.unpack_from(letter, buffer)[0])
            else:
                values.append(to_text(ctypes.addressof(buffer)))
        return values[0] if len(values) == 1 else tuple(values)


def _step(c_type, name, is_sized):
    """What a parameter is to the face, and the letter of struct of a number that comes back."""
    comes_back = name.endswith("Out")
    way = "in out" if name.endswith("InOut") else "out"
    if c_type == "char*":
        return (f"buffer {way}" if is_sized else f"scratch {way}", "")
    if name.endswith("_sz"):
        return ("size", "")
    if comes_back and c_type == "const char**":
        return ("pointer out", "P")
    if comes_back:
        return (f"number {way}", {"int*": "i", "double*": "d", "bool*": "?"}[c_type])
    return ("text", "") if c_type == "const char*" else ("plain", "")


def _parameter_type(step, c_type):
    kind = step[0]
    if kind == "text":
        return ctypes.c_char_p
    if kind == "size":
        return ctypes.c_int
    return _plain(c_type) if kind == "plain" else ctypes.c_size_t


class Api:
    """REAPER's functions by attribute, bound at first use."""

    def __init__(self, reaper_python):
        self._address_of = reaper_python.rpr_getfp
        self._declarations = declarations()
        self._scratch = ctypes.create_string_buffer(SCRATCH_BYTES)

    def address(self, name):
        """Where a function lies; 0 when this REAPER has none of that name."""
        try:
            return int(self._address_of(name) or 0)
        except KeyError:
            return 0

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        declaration = self._declarations.get(name)
        if declaration is None:
            raise AttributeError(f"hanolab_functions has no declaration of {name}")
        address = self.address(name)
        if not address:
            raise Missing(name)
        function = _Function(declaration, address, self._scratch).face()
        setattr(self, name, function)
        return function

"""One request while it is done: a plain command at once, a spread one a slice at a time."""

from __future__ import annotations

import traceback
import types

from hanolab_reascript import HostFault

_MAX_TRACE_LETTERS = 8000


class Request:
    """What a client asked for.

    Attributes
    ----------
    number
        The client's number for it.
    is_cancelled
        Set when the client does not want it any more.
    answer
        The message that answers it; None while it is not done.
    """

    def __init__(self, number, command, arguments):
        self.number = number
        self.is_cancelled = False
        self.answer = None
        self._command = command
        self._arguments = arguments
        self._work = None

    @property
    def reports_clients(self):
        """Whether the bridge adds to the result what only it knows."""
        return self._command == "status" and "result" in self.answer

    def step(self, commands, face):
        """Do a slice; gives what the command yielded. Never raises, whatever the command does."""
        try:
            return self._slice(commands, face)
        except HostFault as fault:
            self.fail(fault.code, fault.message, fault.hint)
        except BaseException as error:
            why = "".join(traceback.format_exception_only(type(error), error)).strip()
            self.fail("internal", f"{self._command}: {why}", trace=traceback.format_exc())
        return None

    def _slice(self, commands, face):
        if self.is_cancelled:
            self.close()
            raise HostFault("cancelled", "the program outside stopped it")
        if self._work is None:
            command = commands.get(self._command)
            if command is None:
                hint = "Run hanolab reaper install again."
                raise HostFault("unknown_command", f"there is no command {self._command}", hint)
            result = command(face, self._arguments)
            if not isinstance(result, types.GeneratorType):
                self._succeed(result)
                return None
            self._work = result
        try:
            return next(self._work)
        except StopIteration as end:
            self._succeed(end.value)
            return None

    def _succeed(self, result):
        self._work = None
        self.answer = {"id": self.number, "result": {} if result is None else result}

    def fail(self, code, message, hint="", trace=""):
        """Answer with an error, whatever the answer was before."""
        error = {"code": code, "message": message, "hint": hint}
        error["trace"] = trace[-_MAX_TRACE_LETTERS:]
        self._work = None
        self.answer = {"id": self.number, "error": error}

    def close(self):
        """Let the command clean up, when its client is gone; its faults are raised."""
        work, self._work = self._work, None
        if work is not None:
            work.close()

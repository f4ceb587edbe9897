"""The stand-in's global state: what a running REAPER has besides its projects.

In a process of its own `process.py` sets `on_crash` and `on_wait`; in the test's own process a
crash is raised in the caller as soon as the C call is over (exceptions cannot pass through C).
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from fakes.reaper.addresses import Addresses, HostCrashed
from fakes.reaper.ext_state import ExtState
from fakes.reaper.misbehaviours import MISBEHAVIOURS
from fakes.reaper.table import Table

PLATFORM = "linux-x86_64"


@dataclass
class Dialog:
    """A modal dialog that was opened, and what it was answered."""

    title: str
    text: str
    kind: str
    answer: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {**self.fields, **{k: v for k, v in vars(self).items() if k != "fields"}}


class Host:
    """One REAPER: its version, tabs, console, dialogs, ExtState, and the table of its functions."""

    def __init__(
        self,
        folder: Path,
        *,
        version: str = "7.22",
        misbehaviours: Iterable[str] = (),
        absent_functions: Iterable[str] = (),
    ) -> None:
        major, minor = version.split(".")
        self.version = (int(major), int(minor))
        self.version_text = f"{version}/{PLATFORM}"
        self.misbehaviours = frozenset(misbehaviours)
        unknown = self.misbehaviours - set(MISBEHAVIOURS)
        if unknown:
            raise ValueError(f"no such misbehaviour: {sorted(unknown)}")
        self.absent_functions = frozenset(absent_functions)
        self.resource_path = folder / "REAPER"
        self.exe_path = folder / "program"
        self.record_path = str(folder / "REAPER Media")
        self.device_rate = 0 if self.has("no_audio_device") else 48000
        self.config_vars = {"projrenderlimit": "0", "renderclosewhendone": "0", "itemtimelock": "1"}
        for made in (self.resource_path / "Scripts", self.exe_path / "Plugins"):
            made.mkdir(parents=True, exist_ok=True)
        self.addresses = Addresses()
        self.projects: list[Any] = []
        self.active_project: Any = None
        self.rendering_project: Any = None
        self.ext_state = ExtState(self.resource_path / "reaper-extstate.ini")
        self.console = ""
        self.console_is_open = False
        self.tooltips: list[str] = []
        self.dialogs: list[Dialog] = []
        self.answers: deque[str] = deque()
        self.notes: list[str] = []
        self.toggle_states: dict[int, int] = {}
        self.ui_refresh_locks = 0
        self.crashed = ""
        self.on_crash: Callable[[str], None] = self._crash_caller
        self.on_wait: Callable[[], None] = self._nobody_answers
        self.on_exit: Callable[[str], None] = self.crash
        self.scripts: Any = None  # both are set by running.run_scripts_in
        self.actions: Any = None
        if self.has("console_absent"):
            self.absent_functions |= {"ShowConsoleMsg", "ClearConsole"}
        self.table = Table(self)

    def has(self, name: str) -> bool:
        if name not in MISBEHAVIOURS:
            raise ValueError(f"no such misbehaviour: {name}")
        return name in self.misbehaviours

    def log(self, text: str) -> None:
        """Note something for whoever reads a failed test."""
        self.notes.append(text)
        sys.stderr.write(f"[stand-in] {text}\n")

    def open_project(self, spec: dict[str, Any]) -> Any:
        """Open a project in a new tab, which is shown from now on."""
        from fakes.reaper.model import make_project  # the model is built on the host

        project = make_project(self, spec)
        self.projects.append(project)
        self.active_project = project
        return project

    def close_project(self, project: Any) -> None:
        """Close a tab: all that was in it is gone. The last one leaves an empty project."""
        index = self.projects.index(project)
        self.projects.remove(project)
        for thing in [*project.objects(), project]:
            self.addresses.free(thing)
        if not self.projects:
            self.open_project({})
        if self.active_project is project:
            self.active_project = self.projects[min(index, len(self.projects) - 1)]

    def ask_dialog(self, title: str, text: str, kind: str, **fields: Any) -> str:
        """Open a modal dialog; the loop stands still until the test has answered."""
        dialog = Dialog(title, text, kind, fields=fields)
        self.dialogs.append(dialog)
        while not self.answers:
            self.on_wait()
        dialog.answer = self.answers.popleft()
        return dialog.answer

    def show_error(self, title: str, text: str) -> None:
        """An error box; it is closed at once, so that a test need not."""
        self.dialogs.append(Dialog(title, text, "error", "ok"))

    def crash(self, reason: str) -> None:
        """REAPER dies here."""
        self.crashed = self.crashed or reason
        self.on_crash(reason)

    def _nobody_answers(self) -> None:
        raise HostCrashed(f"a dialog waits and no answer is queued: {self.dialogs[-1]}")

    def _crash_caller(self, reason: str) -> None:
        """Raise in the Python frame that made the C call, on its next line."""
        frame = sys._getframe()
        while frame.f_globals.get("__name__", "").startswith("fakes.reaper."):
            if frame.f_back is None:
                return
            frame = frame.f_back
        before = sys.gettrace()

        def trace(traced: FrameType, event: str, argument: Any) -> Any:
            if traced is frame:
                sys.settrace(before)
                raise HostCrashed(reason)
            return None

        frame.f_trace = trace
        sys.settrace(trace)

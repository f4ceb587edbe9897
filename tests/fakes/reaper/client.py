"""A stand-in REAPER that is a process of its own, as a test holds it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from fakes.reaper.children import children_of, end_processes

TESTS = Path(__file__).parents[2]
SCRIPTS = TESTS.parent / "host_bridge" / "reaper"
PATIENCE_SECONDS = 60.0
FOLDERS = {"CONFIG": "config", "DATA": "data", "CACHE": "cache", "LOG": "logs"}


class ReaperEnded(AssertionError):
    """The stand-in is no more, and the test had not asked for that."""


class FakeReaper:
    """A REAPER with these projects in its tabs, the first shown.

    Leaving the block ends it and fails the test when it crashed, quit by itself, or showed an
    error box (unless `allow_errors`). `ticks_per_second`: REAPER has about 30. `interpreters`: one
    for each script, see there.
    """

    def __init__(
        self,
        folder: Path,
        version: str = "7.22",
        misbehaviours: Iterable[str] = (),
        projects: Iterable[Mapping[str, Any]] = (),
        *,
        absent_functions: Iterable[str] = (),
        ticks_per_second: float = 200.0,
        allow_errors: bool = False,
        interpreters: bool = False,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.resource_path = folder / "REAPER"
        self.scripts_folder = self.resource_path / "Scripts" / "HanoLab"
        self.runtime_folder = folder / "data" / "reaper"
        self.environment = {
            f"HANOLAB_{kind}_DIR": str(folder / name) for kind, name in FOLDERS.items()
        } | dict(environment or {})
        self._scenario = {
            "folder": str(folder),
            "version": version,
            "misbehaviours": list(misbehaviours),
            "absent_functions": list(absent_functions),
            "projects": list(projects),
            "ticks_per_second": ticks_per_second,
            "interpreters": interpreters,
        }
        self._allow_errors = allow_errors
        self._may_have_ended = False
        self._n_asked = 0

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        scenario = self.folder / "scenario.json"
        scenario.write_text(json.dumps(self._scenario), "utf-8")
        ours, theirs = socket.socketpair()
        self._channel = ours
        self._channel.settimeout(PATIENCE_SECONDS)
        self._lines = ours.makefile("rb")
        self._stderr_path = self.folder / "reaper.stderr"
        with theirs, self._stderr_path.open("ab") as stderr:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "fakes.reaper.process", scenario, str(theirs.fileno())],
                cwd=self.folder,
                env=self._variables(),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=stderr,
                stderr=stderr,
            )
        return self

    def _variables(self) -> dict[str, str]:
        """REAPER keeps compiled modules beside its scripts, whatever this run does."""
        kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        return {**kept, **self.environment, "PYTHONPATH": str(TESTS)}

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        dialogs: list[dict[str, Any]] = []
        left_over = children_of(self._process.pid)
        try:
            if self.is_alive and not self._may_have_ended:
                dialogs = [] if self._allow_errors else self.error_dialogs
                self._ask("quit")
                self._process.wait(PATIENCE_SECONDS)
            code = self._process.poll()
            problem = None if self._may_have_ended else self._problem(code, dialogs)
        except ReaperEnded as ended:
            problem = str(ended)
        finally:
            self._process.kill()
            self._process.wait()
            end_processes(left_over)
            self._lines.close()
            self._channel.close()
        if error is not None:
            error.add_note(f"standard error of the stand-in:\n{self.stderr}")
        elif problem is not None:
            raise ReaperEnded(problem)

    def _problem(self, code: int | None, dialogs: list[dict[str, Any]]) -> str | None:
        if code != 0:
            return self._end_text()
        return f"error boxes were shown: {dialogs}" if dialogs else None

    def _end_text(self) -> str:
        return f"the stand-in ended with {self._process.poll()}\n{self.stderr}"

    def _ask(self, name: str, **arguments: Any) -> Any:
        self._n_asked += 1
        message = {"id": self._n_asked, "do": name, **arguments}
        try:
            self._channel.sendall(json.dumps(message).encode() + b"\n")
            line = self._lines.readline()
        except (BrokenPipeError, ConnectionResetError):
            line = b""
        if not line:
            self._process.wait(PATIENCE_SECONDS)
            raise ReaperEnded(self._end_text())
        answer = json.loads(line)
        if "error" in answer:
            raise AssertionError(answer["error"])
        return answer["result"]

    def install(self, **changed: Any) -> Path:
        """Copy the scripts and write `hanolab_install.json`, with some values changed."""
        shutil.copytree(SCRIPTS, self.scripts_folder, dirs_exist_ok=True)
        record = {
            "python": sys.executable,
            "arguments": ["-m", "hanolab_dawtools"],
            "runtime_folder": str(self.runtime_folder),
            "version": "0.1",
            "environment": self.environment,
            **changed,
        }
        path = self.scripts_folder / "hanolab_install.json"
        path.write_text(json.dumps(record), "ascii")
        return path

    def run_action(self, script: str | Path) -> None:
        """Trigger a script as an action, by its name in Scripts/HanoLab or by its path.

        Returns when its text has run to the end, or waits in a modal dialog.
        """
        self._ask("run", script=str(self.scripts_folder / script))

    def run_command(self, command: int) -> None:
        """Run an action by its number."""
        self._ask("run", command=command)

    def run_text(self, text: str, name: str = "text.py") -> None:
        """Run a script with this text, which lies in Scripts/HanoLab."""
        self.scripts_folder.mkdir(parents=True, exist_ok=True)
        (self.scripts_folder / name).write_text(text, "utf-8")
        self.run_action(name)

    def snapshot(self, tab: int | None = None) -> dict[str, Any]:
        """The whole project as JSON values."""
        return dict(self._ask("snapshot", tab=tab))

    def edit(self, change: Mapping[str, Any], tab: int | None = None) -> None:
        """Do something by hand; see `edits`."""
        self._ask("edit", change=change, tab=tab)

    def undo(self, tab: int | None = None) -> bool:
        return bool(self._ask("undo", tab=tab))

    def redo(self, tab: int | None = None) -> bool:
        return bool(self._ask("redo", tab=tab))

    @property
    def undo_steps(self) -> list[str]:
        """The labels of what can be undone in the tab that is shown, oldest first."""
        return list(self._ask("undo_steps"))

    def open_tab(self, spec: Mapping[str, Any]) -> None:
        self._ask("open_tab", spec=spec)

    def switch_tab(self, tab: int) -> None:
        self._ask("switch_tab", tab=tab)

    def close_tab(self, tab: int) -> None:
        self._ask("close_tab", tab=tab)

    def answer(self, answer: str) -> None:
        """Answer the dialog that is open or the next one; of GetUserInputs: the text."""
        self._ask("answer", answer=answer)

    def misbehave(self, *names: str, is_on: bool = True) -> None:
        """Switch misbehaviours while it runs."""
        self._ask("misbehave", names=names, is_on=is_on)

    def set_ext_state(self, section: str, key: str, value: str) -> None:
        self._ask("set_ext_state", section=section, key=key, value=value)

    def end_scripts(self) -> None:
        """Terminate all running scripts, as the user may."""
        self._ask("end_scripts")

    @property
    def state(self) -> dict[str, Any]:
        """All of the properties below, at one moment."""
        return dict(self._ask("state"))

    @property
    def console(self) -> str:
        return str(self.state["console"])

    @property
    def dialogs(self) -> list[dict[str, Any]]:
        """Each with title, text, kind ("box", "inputs", "task_control", "error", ...), answer."""
        return list(self.state["dialogs"])

    @property
    def error_dialogs(self) -> list[dict[str, Any]]:
        return [dialog for dialog in self.dialogs if dialog["kind"] == "error"]

    @property
    def tooltips(self) -> list[str]:
        return list(self.state["tooltips"])

    @property
    def ext_state(self) -> dict[str, str]:
        """By "section/key", lower case."""
        return dict(self.state["ext_state"])

    @property
    def running(self) -> list[str]:
        """The file names of the scripts that run."""
        return list(self.state["running"])

    @property
    def ticks(self) -> int:
        return int(self.state["n_ticks"])

    @property
    def tick_times(self) -> list[float]:
        """Seconds that each tick took, without waiting for an answer."""
        return list(self.state["tick_seconds"])

    @property
    def tick_changes(self) -> list[int]:
        """By how much the change counts of all tabs moved in each tick."""
        return list(self.state["tick_changes"])

    def wait_ticks(self, count: int) -> None:
        self._ask("wait_ticks", count=count)

    def wait_until(self, is_so: Callable[[], bool], n_ticks: int = 4000) -> None:
        """Let it tick until something is so; fails after `n_ticks`."""
        for _tick in range(n_ticks):
            if is_so():
                return
            self.wait_ticks(1)
        raise AssertionError(f"not so after {n_ticks} ticks: {self.state}")

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def children(self) -> list[int]:
        """The processes that scripts have started and that are still there."""
        return children_of(self._process.pid)

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL."""
        self._may_have_ended = True
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def wait_end(self) -> int:
        """Wait until it has ended by itself, which the test expects; its exit code."""
        self._may_have_ended = True
        return self._process.wait(PATIENCE_SECONDS)

    @property
    def stderr(self) -> str:
        return self._stderr_path.read_text("utf-8", "replace")

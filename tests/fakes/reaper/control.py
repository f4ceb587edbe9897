"""What a test may ask of a stand-in that is a process of its own.

Lines of JSON over a socket, `{"id": n, "do": name, ...arguments}` and `{"id": n, "result": ...}`
or `{"id": n, "error": text}`. All of it is done between ticks, on the thread that ticks, or while
a modal dialog waits.
"""

from __future__ import annotations

import json
import select
import socket
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fakes.reaper.host import Host
from fakes.reaper.misbehaviours import MISBEHAVIOURS


class Control:
    """The test's end of things. Attributes: `actions` to be run with the ids that wait for them;
    `is_ending` once the test has asked for the end."""

    def __init__(self, host: Host, channel: socket.socket, clock: Any) -> None:
        self._host = host
        self._channel = channel
        self._clock = clock
        self._rest = b""
        self._waiting: list[tuple[int, int]] = []  # tick, id
        self.actions: list[tuple[int, Callable[[], None]]] = []
        self.is_ending = False

    def serve(self, seconds: float) -> bool:
        """Do what is asked within this time, at least once; False when the test is gone."""
        readable, _, _ = select.select([self._channel], [], [], max(seconds, 0.0))
        if not readable:
            return True
        received = self._channel.recv(1 << 16)
        if not received:
            return False
        *lines, self._rest = (self._rest + received).split(b"\n")
        for line in lines:
            self._handle(json.loads(line))
        return True

    def after_tick(self) -> None:
        """Tell those who wait for a tick that has been."""
        for tick, asked in [each for each in self._waiting if each[0] <= self._clock.n_ticks]:
            self._waiting.remove((tick, asked))
            self.reply(asked, self._clock.n_ticks)

    def reply(self, asked: int, result: Any) -> None:
        self._send({"id": asked, "result": result})

    def _send(self, message: dict[str, Any]) -> None:
        self._channel.sendall(json.dumps(message).encode() + b"\n")

    def _handle(self, message: dict[str, Any]) -> None:
        asked, name = message.pop("id"), message.pop("do")
        try:
            if name == "wait_ticks":
                self._waiting.append((self._clock.n_ticks + message["count"], asked))
            elif name == "run":
                self._queue(asked, **message)
            else:
                self.reply(asked, getattr(self, f"_do_{name}")(**message))
        except Exception:  # noqa: BLE001 - told to the test, whatever it was
            self._send({"id": asked, "error": traceback.format_exc()})

    def _queue(self, asked: int, script: str = "", command: int = 0) -> None:
        """Have an action run next; it is answered when it has ended or opens a dialog."""
        host = self._host
        if script:
            command = host.actions.register(Path(script), 0, True)
            if command == 0:
                raise FileNotFoundError(script)
        self.actions.append((asked, lambda: host.actions.run(command, host.active_project)))

    def _project(self, tab: int | None) -> Any:
        return self._host.active_project if tab is None else self._host.projects[tab]

    def _do_state(self) -> dict[str, Any]:
        host = self._host
        return {
            "console": host.console,
            "console_is_open": host.console_is_open,
            "dialogs": [dialog.as_json() for dialog in host.dialogs],
            "tooltips": host.tooltips,
            "notes": host.notes,
            "ext_state": host.ext_state.as_json(),
            "toggle_states": [list(pair) for pair in host.toggle_states.items()],
            "running": [script.path.name for script in host.scripts.running],
            "ui_refresh_locks": host.ui_refresh_locks,
            "tab": host.projects.index(host.active_project),
            "tabs": [project.path for project in host.projects],
            **self._clock.as_json(),
        }

    def _do_snapshot(self, tab: int | None = None) -> Any:
        return self._project(tab).snapshot()

    def _do_edit(self, change: dict[str, Any], tab: int | None = None) -> None:
        self._project(tab).edit(change)

    def _do_undo(self, tab: int | None = None) -> bool:
        return bool(self._project(tab).undo())

    def _do_redo(self, tab: int | None = None) -> bool:
        return bool(self._project(tab).redo())

    def _do_undo_steps(self, tab: int | None = None) -> list[str]:
        return list(self._project(tab).undo_labels)

    def _do_open_tab(self, spec: dict[str, Any]) -> None:
        self._host.open_project(spec)

    def _do_switch_tab(self, tab: int) -> None:
        self._host.active_project = self._host.projects[tab]

    def _do_close_tab(self, tab: int) -> None:
        self._host.close_project(self._host.projects[tab])

    def _do_answer(self, answer: str) -> None:
        self._host.answers.append(answer)

    def _do_set_ext_state(self, section: str, key: str, value: str) -> None:
        self._host.ext_state.set(section, key, value, False)

    def _do_misbehave(self, names: list[str], is_on: bool) -> None:
        unknown = set(names) - set(MISBEHAVIOURS)
        if unknown:
            raise ValueError(f"no such misbehaviour: {sorted(unknown)}")
        now = self._host.misbehaviours
        self._host.misbehaviours = now | set(names) if is_on else now - set(names)

    def _do_end_scripts(self) -> None:
        self._host.scripts.terminate_all()

    def _do_quit(self) -> None:
        self._host.scripts.terminate_all()
        self.is_ending = True

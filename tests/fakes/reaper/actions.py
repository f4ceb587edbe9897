"""The action list: native actions by number, scripts as `reaper-kb.ini` and scripts register them.

A line of that file is `SCR <flags> <section> <name> "Custom: <title>" <path>`; the path is relative
to `Scripts` or absolute, in quotes when it has spaces. Lines that are none are passed over.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from fakes.reaper.host import Host
from fakes.reaper.registry import ACTIONS

FIRST_COMMAND = 53000
ASK, TERMINATE, NEW_INSTANCE = 4, 260, 516  # what happens when it is run while it runs
MAIN = 0
LINE = re.compile(r'SCR (\d+) (\d+) (\S+) ("[^"]*"|\S+) ("[^"]*"|.*)')


@dataclass
class Action:
    """A script in the action list; `name` is its name without the underscore."""

    command: int
    name: str
    path: Path
    flags: int = ASK
    section: int = MAIN

    def as_line(self, scripts: Path) -> str:
        path = self.path.relative_to(scripts) if scripts in self.path.parents else self.path
        text = f'"{path}"' if " " in str(path) else str(path)
        return f'SCR {self.flags} {self.section} {self.name} "Custom: {self.path.name}" {text}'


class Actions:
    """The scripts of the action list, and how actions are run."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._scripts = host.resource_path / "Scripts"
        self._file = host.resource_path / "reaper-kb.ini"
        self.by_command: dict[int, Action] = {}
        lines = self._file.read_text("utf-8").splitlines() if self._file.exists() else []
        for line in lines:
            found = LINE.fullmatch(line)
            if found is not None:
                flags, section, name, _title, path = found.groups()
                full = self._scripts / path.strip('"')
                self._add(Action(self._next, name, full, int(flags), int(section)))

    @property
    def _next(self) -> int:
        return FIRST_COMMAND + len(self.by_command)

    def _add(self, action: Action) -> int:
        self.by_command[action.command] = action
        return action.command

    def register(self, path: Path, section: int, commit: bool) -> int:
        """The command of a script, registered now if it was not; 0 when there is no such file."""
        for action in self.by_command.values():
            if (action.path, action.section) == (path, section):
                return action.command
        if not path.is_file():
            return 0
        name = f"RS{hashlib.sha1(str(path).encode()).hexdigest()}"
        command = self._add(Action(self._next, name, path, ASK, section))
        if commit:
            self._write()
        return command

    def remove(self, path: Path, section: int, commit: bool) -> bool:
        for action in list(self.by_command.values()):
            if (action.path, action.section) == (path, section):
                del self.by_command[action.command]
                if commit:
                    self._write()
                return True
        return False

    def named(self, name: str) -> int:
        """The command of "_RS..."; 0 when there is none."""
        for action in self.by_command.values():
            if f"_{action.name}" == name:
                return action.command
        return 0

    def _write(self) -> None:
        """Write the scripts' lines anew and keep the others, as REAPER does when it commits."""
        text = self._file.read_text("utf-8") if self._file.exists() else ""
        others = [line for line in text.splitlines() if not LINE.fullmatch(line)]
        ours = [action.as_line(self._scripts) for action in self.by_command.values()]
        self._file.write_text("".join(f"{line}\n" for line in [*ours, *others]), "utf-8")

    def run(self, command: int, project: object) -> None:
        """Run an action: a script's text to its end, nested when a script asks for it."""
        action = self.by_command.get(command)
        if action is not None:
            scripts = self._host.scripts
            if scripts.is_inside and self._host.has("nested_action_is_queued"):
                scripts.queued.append(lambda: self._trigger(action))
            else:
                self._trigger(action)
        elif command in ACTIONS:
            ACTIONS[command](self._host, project)
        else:
            self._host.log(f"no action {command}")

    def _trigger(self, action: Action) -> None:
        scripts = self._host.scripts
        running = [each for each in scripts.running if each.command == action.command]
        answer = {TERMINATE: "terminate", NEW_INSTANCE: "new"}.get(action.flags, "new")
        if running and action.flags == ASK:
            text = f"{action.path.name} is running"
            answer = self._host.ask_dialog("ReaScript task control", text, "task_control")
        if running and answer == "terminate":
            for script in running:
                scripts.terminate(script)
        elif not running or answer == "new":
            scripts.start(action.path, action.command)

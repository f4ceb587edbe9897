"""The stand-in as a process of its own: `python -m fakes.reaper.process SCENARIO FD`.

One thread, as there: it ticks, runs actions between ticks, and answers the test at the file
descriptor FD in between. It dies by os._exit(139) where REAPER would crash, and with 0 where a
SystemExit gets out of a script; standard error says why. It ends when the test is gone.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from fakes.reaper.control import Control
from fakes.reaper.host import Host
from fakes.reaper.running import run_scripts_in

CRASHED = 139  # 128 + SIGSEGV, what a shell sees of one
PATIENCE_SECONDS = 0.05  # how often a dialog looks for its answer


class Clock:
    """How long ticks and actions took, without the time that dialogs waited."""

    def __init__(self, ticks_per_second: float) -> None:
        self._interval = 1.0 / ticks_per_second
        self._next = time.monotonic()
        self.waited = 0.0
        self.tick_seconds: list[float] = []
        self.tick_changes: list[int] = []
        self.action_seconds: list[float] = []

    @property
    def n_ticks(self) -> int:
        return len(self.tick_seconds)

    @property
    def left(self) -> float:
        """Seconds until the next tick is due."""
        return self._next - time.monotonic()

    def measure(self, work: Any) -> float:
        """How long some work takes."""
        waited, start = self.waited, time.perf_counter()
        work()
        return time.perf_counter() - start - (self.waited - waited)

    def schedule(self) -> None:
        """The next tick is due an interval after this one was; ticks missed are not made up."""
        self._next = max(self._next + self._interval, time.monotonic())

    def as_json(self) -> dict[str, Any]:
        return {
            "n_ticks": self.n_ticks,
            "tick_seconds": self.tick_seconds,
            "tick_changes": self.tick_changes,
            "action_seconds": self.action_seconds,
        }


class Loop:
    """Ticks, actions and the test's wishes, one after the other."""

    def __init__(self, scenario: dict[str, Any], channel: socket.socket) -> None:
        self._host = host = Host(
            Path(scenario["folder"]),
            version=scenario["version"],
            misbehaviours=scenario["misbehaviours"],
            absent_functions=scenario["absent_functions"],
        )
        host.on_crash, host.on_exit, host.on_wait = crash, leave, self._wait
        run_scripts_in(host, interpreters=scenario["interpreters"])
        for spec in scenario["projects"] or [{}]:
            host.open_project(spec)
        host.active_project = host.projects[0]
        self._clock = Clock(scenario["ticks_per_second"])
        self._control = Control(host, channel, self._clock)
        self._running_for: int | None = None

    def run(self) -> None:
        control, clock = self._control, self._clock
        while not control.is_ending:
            if not control.serve(clock.left):
                return
            while control.actions:
                self._run_action(*control.actions.pop(0))
            if clock.left <= 0:
                self._tick()
                clock.schedule()
                control.after_tick()

    def _tick(self) -> None:
        before = self._n_changes
        self._clock.tick_seconds.append(self._clock.measure(self._host.scripts.tick))
        self._clock.tick_changes.append(self._n_changes - before)

    def _run_action(self, asked: int, action: Any) -> None:
        self._running_for = asked
        self._clock.action_seconds.append(self._clock.measure(action))
        self._answer_runner()

    def _answer_runner(self) -> None:
        if self._running_for is not None:
            self._control.reply(self._running_for, None)
            self._running_for = None

    def _wait(self) -> None:
        """A dialog is open: nothing ticks, the test may look and answer."""
        self._answer_runner()
        start = time.perf_counter()
        if not self._control.serve(PATIENCE_SECONDS) or self._control.is_ending:
            leave("ended while a dialog was open")
        self._clock.waited += time.perf_counter() - start

    @property
    def _n_changes(self) -> int:
        return sum(project.change_count for project in self._host.projects)


def crash(reason: str) -> None:
    """What a segmentation fault is there."""
    stack = "".join(traceback.format_stack())
    sys.stderr.write(f"{stack}\n[stand-in] REAPER crashed: {reason}\n")
    sys.stderr.flush()
    os._exit(CRASHED)


def leave(reason: str) -> None:
    """REAPER quits, whatever is unsaved."""
    sys.stderr.write(f"[stand-in] REAPER quits: {reason}\n")
    sys.stderr.flush()
    os._exit(0)


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for the test, which will end this
    scenario = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    channel = socket.socket(fileno=int(sys.argv[2]))
    Loop(scenario, channel).run()


if __name__ == "__main__":
    main()

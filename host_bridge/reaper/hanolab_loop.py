"""The bridge: a loop that REAPER runs once per tick, and that answers programs outside.

A tick polls the sockets once and then works for at most `BUDGET_SECONDS`, a slice for each
client in turn; a command that is spread over ticks is a generator (see `hanolab_commands`).
Nothing that goes wrong leaves a tick: a fault of a command goes to the client that asked, any
other is told once in the console, and the loop goes on.

Time is counted by a clock of its own that adds at most a second per tick, so that a render or a
dialog, in which REAPER does not tick, makes nobody late.
"""

from __future__ import annotations

import collections
import os
import secrets
import time
import traceback

import hanolab_alive
import hanolab_commands
from hanolab_calls import declarations
from hanolab_launch import still_running
from hanolab_listener import Listener
from hanolab_protocol import PROTOCOL_VERSION, Busy, NextTick, TooLarge
from hanolab_talk import say

BUDGET_SECONDS = 0.008
MAX_CLIENTS = 16
LINGER_SECONDS = 30.0
RENEW_SECONDS = 1.0
_LONGEST_TICK_SECONDS = 1.0
_PATIENCE_TICKS = 15  # for a client to take the word that REAPER will stand still
_DOUBT_TICKS = 3  # that an older bridge gets to show that it lives
_MAX_FAULTS_TOLD = 10


class Bridge:
    """The loop with its sockets.

    Parameters
    ----------
    face
        The safe face (`Reascript`).
    install
        What the install file holds.
    defer
        Called with nothing; has `tick` called again in REAPER's next tick.
    commands
        The table; for tests.
    clock
        Seconds that never go back; for tests.

    Attributes
    ----------
    state
        "waiting" for an older bridge to show that it lives, "open", or "ended".
    port
        On 127.0.0.1; 0 before it is open.
    port_file
        Where programs outside learn port and token.
    """

    def __init__(self, face, install, defer, commands=None, clock=time.monotonic):
        self.state = "waiting"
        self.port = 0
        self.port_file = hanolab_alive.port_file_path(install["runtime_folder"])
        self._face = face
        self._install = install
        self._defer = defer
        self._commands = dict(hanolab_commands.COMMANDS if commands is None else commands)
        self._clock = clock
        self._alive = hanolab_alive.Alive(face.api, clock)
        self._last = clock()
        self._now = self._renew_at = self._lonely_since = 0.0
        self._n_ticks = 0
        self._faults_told = set()
        self._line = collections.deque()  # of clients; who is first has the next slice
        self._is_quiet = True  # nothing to do until a socket has something
        self._listener = None
        self._identity = {}

    def start(self):
        """Open, or wait for a bridge in doubt, or end because one lives."""
        mark = self._alive.read()
        if mark is None:
            self._open()
        elif mark[1]:
            self.state = "ended"
        if self.state != "ended":
            self._defer()

    def tick(self):
        """One turn; never raises, and sees to it that there is a next one."""
        if self.state == "ended":
            return
        try:
            self._turn()
        except BaseException:
            self._tell_fault()
        if self.state == "ended":
            return
        try:
            self._defer()
        except BaseException:
            self.close("REAPER takes no deferred script any more")

    def close(self, why="the bridge is closed with its script"):
        """Say goodbye and free everything; may be called again, and never raises."""
        was_open = self.state == "open"
        self.state = "ended"
        if was_open:
            for client in list(self._line):
                self._guarded(client.hang_up, why)
                self._guarded(self._drop, client)
            self._guarded(hanolab_alive.remove_port_file, self.port_file, self._identity["token"])
            self._guarded(self._alive.remove, self.port)
            self._guarded(self._listener.close)

    def _guarded(self, act, *values):
        try:
            act(*values)
        except BaseException:
            self._tell_fault()

    # -- opening

    def _open(self):
        token = secrets.token_hex(32)
        about = {
            "protocol": PROTOCOL_VERSION,
            "bridge": self._install["version"],
            "reaper": self._face.version,
            "pid": os.getpid(),
            "resource_path": self._face.api.GetResourcePath() or "",
        }
        try:
            self._listener = Listener()
            self.port = self._listener.port
            content = dict(about, port=self.port, token=token, started=time.time())
            hanolab_alive.write_port_file(self.port_file, content)
        except OSError as error:
            self.state = "ended"
            if self._listener is not None:
                self._listener.close()
            say(self._face.api, f"the bridge cannot start: {error}")
            return
        missing = [name for name in sorted(declarations()) if not self._face.has(name)]
        self._identity = {"token": token, "welcome": dict(about, missing=missing)}
        self._lonely_since = self._now
        self._alive.renew(self.port)
        self.state = "open"

    # -- a turn

    def _turn(self):
        now = self._clock()
        self._now += min(max(now - self._last, 0.0), _LONGEST_TICK_SECONDS)
        self._last = now
        self._n_ticks += 1
        if self.state == "waiting":
            self._doubt()
            return
        events = self._listener.events()
        if events:
            self._is_quiet = False  # also in the next tick, if something fails in this one
            if self._listener.serve(events, self._identity):
                self._accept()  # after the others: who goes makes room for who comes
        if not self._is_quiet:
            self._work(now + BUDGET_SECONDS)
            self._sweep()
            self._is_quiet = all(client.is_quiet for client in self._line)
        if self._now >= self._renew_at:
            self._renew()

    def _doubt(self):
        """Look whether the older bridge renews its mark; else take its place."""
        mark = self._alive.read()
        if mark is not None and mark[1]:
            self.state = "ended"
        elif mark is None or self._n_ticks > _DOUBT_TICKS:
            self._open()

    def _accept(self):
        n_open = sum(client.is_open for client in self._line)
        client = self._listener.accept(lambda: self._now)
        if client is not None:
            self._line.append(client)
            if n_open >= MAX_CLIENTS:
                client.hang_up(f"{MAX_CLIENTS} programs are connected already")

    def _work(self, deadline):
        """Slices for the clients in turn, until nobody has one for this tick or time is up."""
        n_idle = 0
        while n_idle < len(self._line):
            client = self._line[0]
            self._line.rotate(-1)
            if not client.is_ready(self._n_ticks):
                n_idle += 1
                continue
            n_idle = 0
            self._slice(client)
            if self._clock() >= deadline:
                return

    def _slice(self, client):
        """Go on with what a client wants."""
        request = client.requests[0]
        yielded = request.step(self._commands, self._face)
        if request.answer is not None:
            client.requests.popleft()
            self._answer(client, request)
        elif isinstance(yielded, Busy):
            self._announce(client, request, yielded.doing)
        elif isinstance(yielded, NextTick):
            client.resume_tick = self._n_ticks + 1

    def _answer(self, client, request):
        answer = request.answer
        if request.reports_clients:
            answer["result"]["n_clients"] = self._n_greeted()
        try:
            client.send(answer)
        except TooLarge as error:
            request.fail("too_large", str(error), "Ask for less at once.")
            client.send(request.answer)
        except (TypeError, ValueError, RecursionError) as error:
            request.fail("internal", f"the result cannot be sent: {error}")
            client.send(request.answer)

    def _announce(self, client, request, doing):
        """Tell everyone that REAPER will stand still from the next tick on."""
        for one in self._line:
            if one.is_greeted:
                number = request.number if one is client else None
                one.send({"busy": {"doing": doing, "id": number}})
        client.resume_tick = self._n_ticks + 1
        client.patience_tick = self._n_ticks + _PATIENCE_TICKS
        self._alive.renew(self.port, is_busy=True)
        self._renew_at = self._now + 1e-6  # as soon as REAPER ticks again

    def _sweep(self):
        """Drop the clients that are gone or late, and watch the others for what they need."""
        for client in list(self._line):
            if not client.is_open or client.is_overdue():
                self._guarded(self._drop, client)
                continue
            self._listener.watch(client)

    def _drop(self, client):
        """Forget a client; what is done for it gets to clean up."""
        self._line.remove(client)
        self._listener.forget(client)
        for request in client.requests:
            request.close()

    # -- once a second

    def _n_greeted(self):
        return sum(client.is_greeted for client in self._line)

    def _renew(self):
        """Show that this bridge lives; end when another took over or nobody needs it."""
        self._renew_at = self._now + RENEW_SECONDS
        mark = self._alive.read()
        if mark is not None and mark[0] != self.port and mark[1]:
            self.close("another bridge took over")
            return
        self._alive.renew(self.port)
        launched = self._alive.launched()
        running = [pid for pid in launched if still_running(pid)]
        if running != launched:
            self._alive.set_launched(running)
        if running or self._n_greeted():
            self._lonely_since = self._now
        elif self._now - self._lonely_since > LINGER_SECONDS:
            self.close("no program needs the bridge any more")

    def _tell_fault(self):
        """Tell a fault of our own in the console, each once; never raises."""
        try:
            fault = traceback.format_exc().strip().splitlines()[-1]
            if fault not in self._faults_told and len(self._faults_told) < _MAX_FAULTS_TOLD:
                self._faults_told.add(fault)
                say(self._face.api, f"a fault in the bridge, which goes on: {fault}")
        except BaseException:  # noqa: S110 - there is nobody left to tell
            pass

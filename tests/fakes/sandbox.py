"""The real sandbox in a process of its own, and what tests ask of it.

Use it as a context manager, or as a fixture of your own::

    with SandboxProcess(tmp_path / "sandbox", delay_seconds=0.0) as sandbox:
        client = HanoLabClient(sandbox.base_url, sandbox.key)
        sandbox.fault("lost_answer@separate")
        ...
        assert len(sandbox.ledger()) == 1

Options are the fields of `SandboxOptions`. Restarted sandboxes keep folder, port and key.
"""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

KEY = "hl_sandbox_key_of_the_tests"

SERVE = """
import json, signal, sys, threading
from pathlib import Path
from hanolab_dawtools.sandbox.options import Plan, SandboxOptions
from hanolab_dawtools.sandbox.serve import run_sandbox

given = json.loads(sys.argv[1])
for name, kind in (("folder", Path), ("weights_folder", Path), ("plan", Plan), ("faults", tuple)):
    if given.get(name) is not None:
        given[name] = kind(given[name])
stop = threading.Event()
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda *_: stop.set())
run_sandbox(
    SandboxOptions(**given), stop=stop, announce=lambda running: print(running.base_url, flush=True)
)
"""


@dataclass
class SandboxProcess:
    """A sandbox with its state in `folder`; runs between `__enter__` and `__exit__`."""

    folder: Path
    options: dict[str, Any] = field(default_factory=dict)
    key: str = KEY
    base_url: str = ""  # without /api/v1
    process: subprocess.Popen[str] | None = None

    def __init__(self, folder: Path, *, key: str = KEY, **options: Any) -> None:
        self.folder = folder
        self.key = key
        self.options = {"delay_seconds": 0.0, "port": 0, **options}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        given = {"folder": str(self.folder), "key": self.key, **self.options}
        text = json.dumps(given, default=str)
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE, text], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.base_url = self.process.stdout.readline().strip()
        if not self.base_url:
            raise AssertionError(f"the sandbox ended with {self._ended()}; see its errors above")
        self.options["port"] = int(self.base_url.rpartition(":")[2])
        for once in ("plan", "credits", "faults"):  # they change the account at each start
            self.options.pop(once, None)

    def terminate(self) -> int:
        """End it in good order (SIGTERM); its exit code."""
        assert self.process is not None
        self.process.terminate()
        return self._ended()

    def kill(self) -> None:
        """End it at once, as kill -9."""
        if self.process is not None:
            self.process.kill()
            self._ended()

    def restart(self) -> None:
        """Kill it and start it again, on the same port, with the same key and state."""
        self.kill()
        self.start()

    def state(self) -> dict[str, Any]:
        """Plan, credits left, ids of keys, number of uploads, faults still to come."""
        return self._ask("GET", "/sandbox")

    def ledger(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Accepted submissions, oldest first: task_id, kind, accepted_at, key_id, credits, request.

        `kind`: "separate", "convert", "convert-flash" or "generate" only.
        """
        entries = self._ask("GET", "/sandbox/ledger")["entries"]
        return [entry for entry in entries if kind in {None, entry["kind"]}]

    def fault(
        self, kind: str, *, times: int | None = None, where: str | None = None, value: object = None
    ) -> None:
        """Add a fault: `KIND[=VALUE][@WHERE][*TIMES]`, as text or in parts; 0 times is always.

        Kinds and places: docs/sandbox.md.
        """
        text = kind
        text += "" if value is None else f"={value}"
        text += "" if where is None else f"@{where}"
        text += "" if times is None else f"*{times}"
        self._ask("POST", "/sandbox/faults", {"fault": text})

    def clear(self) -> None:
        """Forget all faults."""
        self._ask("POST", "/sandbox/faults/clear", {})

    def change(self, **fields: Any) -> dict[str, Any]:
        """Change `plan`, `credits`, `delay_seconds`, `url_seconds`."""
        return self._ask("PATCH", "/sandbox/account", fields)

    def new_key(self) -> str:
        """A further key of the account."""
        return str(self._ask("POST", "/sandbox/keys", {})["key"])

    def revoke_key(self, key: str) -> None:
        """Refuse a key from now on."""
        self._ask("POST", "/sandbox/keys/revoke", {"key": key})

    def upload(self, path: Path, name: str | None = None) -> str:
        """Put a file into the upload area; its input_url."""
        url = f"{self.base_url}/api/v1/uploads/{name or path.name}"
        request = urllib.request.Request(url, path.read_bytes(), method="PUT")
        request.add_header("Authorization", f"Bearer {self.key}")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return str(json.load(answer)["input_url"])

    def _ask(self, method: str, path: str, fields: object = None) -> dict[str, Any]:
        body = None if fields is None else json.dumps(fields).encode()
        request = urllib.request.Request(self.base_url + path, body, method=method)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return dict(json.load(answer))

    def _ended(self) -> int:
        assert self.process is not None
        code = self.process.wait(timeout=60)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.process = None
        return code

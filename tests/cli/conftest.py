"""The command, run as a user runs it: in a process of its own, with folders of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

COMMAND = [sys.executable, "-m", "hanolab_dawtools"]


@dataclass(frozen=True)
class Outcome:
    """What a command left."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


class Hanolab:
    """Calls `hanolab` with a home of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        folders = {
            f"HANOLAB_{name}_DIR": str(home / name.lower())
            for name in ("CONFIG", "DATA", "CACHE", "LOG")
        }
        kept = {k: v for k, v in os.environ.items() if not k.startswith("HANOLAB_")}
        self.environment = kept | folders | {"COLUMNS": "100", "NO_COLOR": "1"}

    def start(self, *arguments: object, **options: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*COMMAND, *map(str, arguments)],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    def __call__(self, *arguments: object) -> Outcome:
        with self.start(*arguments) as process:
            out, err = process.communicate(timeout=120)
        assert "Traceback" not in out + err, err
        return Outcome(process.returncode, out, err)


@pytest.fixture
def hanolab(tmp_path: Path) -> Hanolab:
    return Hanolab(tmp_path / "home")

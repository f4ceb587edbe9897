"""The command, run as a user runs it, with folders of its own."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes import weights
from fakes.sandbox import SandboxProcess
from fakes.terminals import at_terminal

from hanolab_dawtools.audio import files
from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.cli.main import run
from hanolab_dawtools.workflows.demo import build_demo_project


@dataclass(frozen=True)
class Outcome:
    """What a command left."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


def environment_of(home: Path) -> dict[str, str]:
    """The environment of a command whose folders lie in `home`."""
    folders = {
        f"HANOLAB_{name}_DIR": str(home / name.lower())
        for name in ("CONFIG", "DATA", "CACHE", "LOG")
    }
    kept = {k: v for k, v in os.environ.items() if not k.startswith("HANOLAB_")}
    keyring = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    return kept | folders | {"COLUMNS": "100", "NO_COLOR": "1"} | keyring


def link_weights(home: Path) -> None:
    """Give a home the weights that are on this machine already."""
    folder = home / "data" / "weights"
    folder.mkdir(parents=True)
    for file in weights.real_weights_folder().iterdir():
        if file.is_file():
            (folder / file.name).symlink_to(file)


class Hanolab:
    """Calls `hanolab` with a home of its own, in this process: quick, and the same code."""

    def __init__(self, home: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.environment = environment_of(home)
        self._capture = capture

    def __call__(self, *arguments: object) -> Outcome:
        self._capture.readouterr()
        with pytest.MonkeyPatch.context() as patch:
            for name in os.environ.keys() - self.environment.keys():
                patch.delenv(name)
            for name, value in self.environment.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["hanolab", *map(str, arguments)])
            patch.setattr(sys, "stdin", io.StringIO())
            if "keyring.core" in sys.modules:  # it looks for a keychain once in a process
                patch.setattr("keyring.core._keyring_backend", None)
            with pytest.raises(SystemExit) as ended:
                run()
        out, err = self._capture.readouterr()
        assert "Traceback" not in out + err, err
        assert isinstance(ended.value.code, int)
        return Outcome(ended.value.code, out, err)

    @property
    def settings_file(self) -> Path:
        return Path(self.environment["HANOLAB_CONFIG_DIR"]) / "settings.toml"

    def set(self, text: str) -> None:
        """Add lines to the settings file, before its tables."""
        self.settings_file.parent.mkdir(parents=True, exist_ok=True)
        old = self.settings_file.read_text("utf-8") if self.settings_file.exists() else ""
        self.settings_file.write_text(f"{text}\n{old}", encoding="utf-8")

    def at_terminal(self, *arguments: object, dialogue: list[tuple[str, str]]) -> tuple[int, str]:
        """Run the command at a terminal of 80 columns; its exit code and the screen."""
        command = [sys.executable, "-m", "hanolab_dawtools", *map(str, arguments)]
        code, shown = at_terminal(command, dialogue, self.environment)
        assert "Traceback" not in shown, shown
        return code, shown

    def start(self, *arguments: object, **options: Any) -> subprocess.Popen[str]:
        """Start the command in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "hanolab_dawtools", *map(str, arguments)],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    def kill_while_separating(self, *arguments: object) -> None:
        """Run the command and kill it with SIGKILL when the engine has begun its work."""
        with self.start(*arguments) as process:
            for line in process.stderr:
                if line.startswith("separating"):
                    process.kill()
                    break
            process.communicate()


@pytest.fixture
def hanolab(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Hanolab:
    return Hanolab(tmp_path / "home", capsys)


@pytest.fixture
def hanolab_with_weights(hanolab: Hanolab) -> Hanolab:
    """The command on a machine that has the weights already."""
    link_weights(Path(hanolab.environment["HANOLAB_DATA_DIR"]).parent)
    return hanolab


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the weights, for tests of a module that only look at one run."""
    home = tmp_path_factory.mktemp("home")
    link_weights(home)
    return home


@pytest.fixture
def shared_hanolab(shared_home: Path, capsys: pytest.CaptureFixture[str]) -> Hanolab:
    return Hanolab(shared_home, capsys)


@pytest.fixture(scope="module")
def shared_environment(shared_home: Path) -> dict[str, str]:
    return environment_of(shared_home)


@pytest.fixture(scope="module")
def shared_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    folder = tmp_path_factory.mktemp("sandbox")
    with SandboxProcess(folder, n_per_hour=1000) as running:  # tests make more than ten pieces
        yield running


@pytest.fixture
def sandbox(shared_sandbox: SandboxProcess) -> SandboxProcess:
    """The real sandbox, without faults and with its credits; its ledger goes on from test to test.

    A test counts what is new in it.
    """
    shared_sandbox.clear()
    shared_sandbox.change(plan="creator", credits=800)
    return shared_sandbox


@pytest.fixture
def in_cloud(hanolab: Hanolab, sandbox: SandboxProcess) -> Hanolab:
    """The command of somebody who has set up key, base URL and storage, all of the sandbox."""
    hanolab.set(f'base_url = "{sandbox.base_url}"\n\n[storage]\nkind = "sandbox"')
    hanolab.environment["HANOLAB_API_KEY"] = sandbox.key
    return hanolab


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """A project with a region `Chorus` that cuts a trimmed item of two notes and noise."""
    rate = 44_100
    time = np.arange(12 * rate) / rate
    notes = [0.2 * np.sin(2 * np.pi * hz * time) for hz in (220.0, 330.0)]
    noise = np.random.default_rng(3).normal(0, 0.05, (2, time.size))
    music = tmp_path / "notes.wav"
    files.write_audio(music, AudioBuffer((np.stack(notes) + noise).astype(np.float32), rate))
    return build_demo_project(tmp_path / "song", music)


@pytest.fixture
def long_song(tmp_path: Path) -> Path:
    """A minute of noise, alone in its folder: long enough to be caught at work."""
    noise = np.random.default_rng(5).normal(0, 0.1, (2, 60 * 44_100)).astype(np.float32)
    path = tmp_path / "music" / "long.wav"
    files.write_audio(path, AudioBuffer(noise, 44_100))
    return path

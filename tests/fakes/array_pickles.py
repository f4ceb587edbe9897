"""Pickles of numpy arrays as numpy of 2023 wrote them, and their ZIP; hostile ones too."""

from __future__ import annotations

import os
import pickle
import zipfile
from pathlib import Path
from typing import Any


def old_pickle(content: Any) -> bytes:
    """`content`, as Python 3 with numpy 1 wrote it in pickle's protocol 2."""
    return pickle.dumps(content, protocol=2).replace(
        b"cnumpy._core.multiarray\n", b"cnumpy.core.multiarray\n"
    )


class RunsACommand:
    """Runs a command when it is unpickled by Python's own reader."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (self.command,)


def write_checkpoint(path: Path, pickled: bytes) -> None:
    """A checkpoint file around a pickle."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{path.stem}/data.pkl", pickled)
        archive.writestr(f"{path.stem}/version", "3\n")

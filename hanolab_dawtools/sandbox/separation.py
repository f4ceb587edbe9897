"""Separates what a task asks for: by the local engine, or without its weights by frequency.

Results are 32-bit float WAV with the input's rate, channels and length, and add up to the input.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from hanolab_dawtools.audio.files import probe
from hanolab_dawtools.engines.base import Journal
from hanolab_dawtools.engines.local.engine import LocalEngine
from hanolab_dawtools.engines.local.weights import WeightsStore
from hanolab_dawtools.events import Stop, ignore_progress
from hanolab_dawtools.model import Request, RequestKind
from hanolab_dawtools.sandbox.bands import Band, split_bands
from hanolab_dawtools.sandbox.options import STEMS
from hanolab_dawtools.sandbox.results import Results

_DRAFT = "drums, bass and other are a draft of the local engine"
_CARVED = "piano is 250-900 Hz of the draft's other, guitar 900-3500 Hz of it, other what is left"
_PLAIN = "split by frequency, because the local engine's weights are not on this machine"

_PIANO: Band = (250.0, 900.0)
_GUITAR: Band = (900.0, 3500.0)
_VOCALS: Band = (300.0, 3000.0)
_RHYTHM: dict[str, Band] = {"drums": (6000.0, 1e6), "bass": (1.0, 150.0)}
_PLAIN_BANDS: dict[str, tuple[dict[str, Band], str]] = {
    "2stem": ({"vocals": _VOCALS}, "accompaniment"),
    "4stem": ({"vocals": _VOCALS, **_RHYTHM}, "other"),
    "6stem": (
        {"vocals": (900.0, 2200.0), **_RHYTHM, "piano": _PIANO, "guitar": (2200.0, 3500.0)},
        "other",
    ),
}


class Separator:
    """Separates with the weights in `weights_folder`, if they are there."""

    def __init__(self, weights_folder: Path | None) -> None:
        self._weights_folder = weights_folder

    def separate(self, source: Path, mode: str, results: Results, stop: Stop) -> str:
        """Add a file for each stem to `results`; the text says how they were made.

        Raises
        ------
        AudioFileError, EngineCannot
            The input cannot be read, or has too many channels.
        DiskFull, NotWritable, JobCancelled
        """
        with tempfile.TemporaryDirectory(dir=results.folder) as scratch:
            paths, note = self.stems(source, mode, Path(scratch), stop)
            for name, path in paths.items():
                results.add_file(path, f"{name}.wav", stop)
        return note

    def stems(
        self, source: Path, mode: str, folder: Path, stop: Stop
    ) -> tuple[dict[str, Path], str]:
        """Files by the stems' names, in `folder`, and how they were made. Errors as `separate`."""
        if self._weights_folder is None or not WeightsStore(self._weights_folder).is_installed():
            return split_bands(source, *_PLAIN_BANDS[mode], folder, stop), _PLAIN
        paths = self._with_engine(self._weights_folder, source, min(STEMS[mode], 4), folder, stop)
        if mode != "6stem":
            return paths, _DRAFT if mode == "4stem" else "made by the local engine"
        carved = folder / "carved"
        bands = {"piano": _PIANO, "guitar": _GUITAR}
        return {**paths, **split_bands(paths["other"], bands, "other", carved, stop)}, (
            f"{_DRAFT}; {_CARVED}"
        )

    @staticmethod
    def _with_engine(
        weights_folder: Path, source: Path, n_stems: int, folder: Path, stop: Stop
    ) -> dict[str, Path]:
        engine = LocalEngine(weights_folder)
        info = probe(source)
        request = Request(
            *(RequestKind.SEPARATE, source, info.sample_rate, info.n_channels, info.n_frames),
            parameters={"stems": n_stems},
        )
        ticket = engine.start(request, "", Journal(folder), stop, ignore_progress)
        stems = engine.finish(ticket, folder, stop, ignore_progress)
        return {stem.role.value: stem.path for stem in stems}

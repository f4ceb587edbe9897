"""Laying stems onto what they were made of: as little as possible, each act in one sentence.

The rules, in this order:

1. A wrongly declared rate that the audio confirms is corrected; one that it does not confirm is
   refused. Stems of an honest other rate are resampled to the reference's.
2. With a confidence below `align.CONFIDENT` neither time nor polarity is touched.
3. A whole-frame lag is taken out by cutting and padding: no sample changes. The fraction that
   remains is taken out, too, only if the null gains at least 1 dB by it.
4. Stems that are upside down are turned only when the confidence is very high and the null is
   better for it.
5. Every stem ends with exactly the asked number of frames: padded with silence or cut at its end.

A stem to which none of this applies is not copied: its own path is handed back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from hanolab_dawtools.audio.align import Measurement
from hanolab_dawtools.audio.files import BLOCK_FRAMES, AudioWriter, probe
from hanolab_dawtools.audio.moved import MovedReader
from hanolab_dawtools.audio.null import channels_agree, null_of_readers
from hanolab_dawtools.errors import InputError
from hanolab_dawtools.events import (
    NeverStop,
    Progress,
    ProgressCallback,
    Stop,
    ignore_progress,
    raise_if_stopped,
)
from hanolab_dawtools.model import Alignment

CERTAIN = 0.9  # confidence from which on polarity may be turned
FRACTION_GAIN_DB = 1.0  # of the null, for which samples may be changed by a fractional shift
SMALLEST_FRACTION_FRAMES = 0.02  # twice what the measurement is good for


class Repaired(NamedTuple):
    """Stems after repair, in the order given; `alignment.repairs` repeats the sentences.

    `missing_frames` is how much each stem was too short at its end once it lay where it belongs;
    negative: too long.
    """

    paths: tuple[Path, ...]
    repairs: tuple[str, ...]
    alignment: Alignment
    missing_frames: tuple[int, ...]


@dataclass(frozen=True)
class _Mend:
    """What is done to all stems alike. `declared_rate` None: the header is right."""

    lag_frames: float = 0.0
    polarity: int = 1
    declared_rate: int | None = None


def repair(
    reference: Path,
    stems: Sequence[Path],
    measurement: Measurement,
    folder: Path,
    *,
    names: Sequence[str] | None = None,
    n_frames: int | None = None,
    stop: Stop | None = None,
    progress: ProgressCallback = ignore_progress,
) -> Repaired:
    """Lay `stems` onto `reference` as `measurement` says.

    Parameters
    ----------
    reference, stems, measurement
        As given to and by `align.measure_alignment`.
    folder
        Where repaired stems go, under their own names, 32-bit float WAV; not the stems' own
        folder. Files of an earlier, interrupted repair are replaced.
    names
        What the stems are called in the sentences; default: as their files are.
    n_frames
        Length of every repaired stem at the reference's rate; default: the reference's.

    Returns
    -------
    Repaired
        Paths (the stem's own where nothing was to be done), sentences, and the alignment with
        the null after repair, over the whole reference (None where channels cannot be compared).

    Raises
    ------
    InputError
        The length says that the declared rate is wrong, but the audio does not match at the
        other rate; a file that cannot be read.
    DiskFull, NotWritable
    """
    if measurement.declared_rate_suspect and not measurement.is_suspect_confirmed:
        raise _refusal(stems[0], measurement.declared_rate_suspect)
    work = _Work(reference, tuple(stems), measurement, stop or NeverStop(), progress)
    mend = _choose(measurement, work.overlap_db)
    of_all = _sentences(mend, measurement, probe(stems[0]).sample_rate)
    wanted_frames = probe(reference).n_frames if n_frames is None else n_frames
    paths, of_lengths, missing = [], [], []
    names = names or [stem.name for stem in stems]
    for stem, name, target in zip(stems, names, _targets(stems, folder), strict=True):
        missing.append(work.missing_frames(stem, mend, wanted_frames))
        if of_all or missing[-1]:
            work.write(stem, target, mend, wanted_frames)
        paths.append(target if of_all or missing[-1] else stem)
        if missing[-1]:
            of_lengths.append(_length_sentence(name, missing[-1]))
    repairs = (*of_all, *of_lengths)
    return Repaired(tuple(paths), repairs, work.alignment(paths, repairs), tuple(missing))


def _choose(measurement: Measurement, level_db: Callable[[_Mend], float | None]) -> _Mend:
    """The smallest mend that does what the measurement asks for; `level_db` gives its null."""
    nothing = _Mend(declared_rate=measurement.declared_rate_suspect)
    if not measurement.is_confident:
        return nothing
    chosen = replace(nothing, lag_frames=float(round(measurement.lag_frames)))
    if measurement.polarity < 0 and measurement.confidence >= CERTAIN:
        turned = replace(chosen, polarity=-1)
        chosen = turned if _gain_db(level_db, turned, chosen) > 0.0 else chosen
    if abs(measurement.lag_frames - chosen.lag_frames) >= SMALLEST_FRACTION_FRAMES:
        exact = replace(chosen, lag_frames=measurement.lag_frames)
        chosen = exact if _gain_db(level_db, exact, chosen) >= FRACTION_GAIN_DB else chosen
    return chosen


def _gain_db(level_db: Callable[[_Mend], float | None], new: _Mend, old: _Mend) -> float:
    """By how much `new` nulls better than `old`; 0 where a null means nothing."""
    old_db = level_db(old)
    new_db = level_db(new)
    return 0.0 if old_db is None or new_db is None else old_db - new_db


@dataclass(frozen=True)
class _Work:
    """The files of one repair and how it is watched."""

    reference: Path
    stems: tuple[Path, ...]
    measurement: Measurement
    stop: Stop
    progress: ProgressCallback

    def overlap_db(self, mend: _Mend) -> float | None:
        """Null of the stems with `mend`, where reference and stems overlap."""
        return self.null_db(self.stems, mend, overlap_only=True)

    def null_db(
        self, paths: Sequence[Path], mend: _Mend, *, overlap_only: bool = False
    ) -> float | None:
        """Null of some stems with `mend`; None where channels cannot be compared."""
        with ExitStack() as stack:
            still = stack.enter_context(self.reader(self.reference, _Mend()))
            moving = [stack.enter_context(self.reader(path, mend)) for path in paths]
            if not channels_agree([still, *moving]):
                return None
            return null_of_readers(
                still, moving, overlap_only=overlap_only, stop=self.stop, progress=self.progress
            )

    def reader(self, path: Path, mend: _Mend) -> MovedReader:
        """A file with `mend`, at the reference's rate."""
        return MovedReader(
            path,
            self.measurement.sample_rate,
            lag_frames=mend.lag_frames,
            polarity=mend.polarity,
            declared_rate=mend.declared_rate,
        )

    def missing_frames(self, stem: Path, mend: _Mend, n_frames: int) -> int:
        """How many frames a stem lacks at its end; negative: it has too many."""
        with self.reader(stem, mend) as reader:
            return n_frames - reader.stop_frame

    def write(self, stem: Path, target: Path, mend: _Mend, n_frames: int) -> None:
        """Write a mended stem."""
        rate = self.measurement.sample_rate
        with (
            self.reader(stem, mend) as reader,
            AudioWriter(target, rate, reader.n_channels, n_frames=n_frames) as writer,
        ):
            for start in range(0, n_frames, BLOCK_FRAMES):
                raise_if_stopped(self.stop)
                last = min(start + BLOCK_FRAMES, n_frames)
                writer.write(reader.read(start, last))
                self.progress(Progress("aligning", last / n_frames, last / rate))

    def alignment(self, paths: Sequence[Path], repairs: tuple[str, ...]) -> Alignment:
        """What is kept beside the stems."""
        found = self.measurement
        return Alignment(
            lag_frames=found.lag_frames,
            length_ratio=found.length_ratio,
            polarity=found.polarity,
            confidence=found.confidence,
            null_db=self.null_db(paths, _Mend()),
            repairs=repairs,
        )


def _length_sentence(name: str, missing_frames: int) -> str:
    """What is said of a stem that did not end where it should."""
    if missing_frames > 0:
        return f"{name}: the last {missing_frames} frames are silence, the stem has none there"
    return f"{name}: cut by {-missing_frames} frames at its end, to the input's length"


def _sentences(mend: _Mend, measurement: Measurement, declared_rate: int) -> tuple[str, ...]:
    """What a mend does to every stem, in a user's words."""
    rate, said = measurement.sample_rate, []
    if mend.declared_rate:
        said.append(
            f"the stems were declared as {declared_rate} Hz but are at {mend.declared_rate} Hz: "
            "corrected"
        )
    if (mend.declared_rate or declared_rate) != rate:
        said.append(f"resampled from {mend.declared_rate or declared_rate} Hz to {rate} Hz")
    if mend.polarity < 0:
        said.append("the stems were upside down: turned over")
    if mend.lag_frames:
        way = "earlier" if mend.lag_frames > 0 else "later"
        lag = abs(mend.lag_frames)
        said.append(
            f"moved {way} by {f'{lag:.2f}'.removesuffix('.00')} frames ({lag / rate * 1e3:.2f} ms)"
        )
    return tuple(said)


def _targets(stems: Sequence[Path], folder: Path) -> list[Path]:
    """Where repaired stems go; stems of the same name get a number."""
    targets: list[Path] = []
    for stem in stems:
        if stem.resolve().parent == folder.resolve():
            raise ValueError(f"{folder} holds {stem.name} itself; repair into another folder")
        target, number = folder / f"{stem.stem}.wav", 1
        while target in targets:
            number += 1
            target = folder / f"{stem.stem}-{number}.wav"
        targets.append(target)
    return targets


def _refusal(stem: Path, suspect: int) -> InputError:
    declared = probe(stem).sample_rate
    return InputError(
        f"cannot align {stem}: by its length it would be at {suspect} Hz, not at the declared "
        f"{declared} Hz, but the audio matches at neither",
        hint="Separate again; if it happens again, the result is not of this input.",
    )

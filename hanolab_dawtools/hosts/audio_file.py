"""A plain audio file as a host: the selection is the file or a range of it.

Frames are those of the file, at its own rate; frame 0 is time 0. Stems go into a folder beside
the file, or into the one that the user names.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from hanolab_dawtools.audio.buffer import Samples
from hanolab_dawtools.audio.files import AudioInfo, AudioReader, probe
from hanolab_dawtools.errors import AudioFileError, HanolabError, SelectionError, UsageError
from hanolab_dawtools.events import ProgressCallback, Stop
from hanolab_dawtools.hosts.base import HostCell, HostMatrix, MatrixWanted
from hanolab_dawtools.hosts.capture_file import (
    CAPTURE_NAME,
    first_bad_frame,
    is_older,
    write_capture,
)
from hanolab_dawtools.hosts.stem_folder import each_placed, put_stems
from hanolab_dawtools.model import Capture, CapturePoint, Grouping, HostName, Selection, Wanted
from hanolab_dawtools.placement import Placed, Placement
from hanolab_dawtools.units import format_clock, seconds_to_frames

FOLDER_SUFFIX = "_hanolab"
END_TOLERANCE_SECONDS = 0.001  # a length is shown in milliseconds; typed back, it is the end


class AudioFileHost:
    """The host of one audio file; implements `hosts.base.Host`."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    def selections(self, wanted: Wanted) -> list[Selection]:
        """The whole file, or `wanted.range_seconds` of it.

        Raises
        ------
        UsageError
            A region, tracks or a capture point were asked for, which a file does not have.
        SelectionError
            The range is empty, reversed or not inside the file.
        AudioFileError
            The file cannot be read or holds no frame.
        """
        _refuse_project_options(self.path, wanted)
        info = _probe_audio(self.path)
        reason, start, end = "whole file", 0.0, info.seconds
        if wanted.range_seconds is not None:
            start, end = _checked_range(info, wanted.range_seconds)
            reason = f"range {format_clock(start)}..{format_clock(end)}"
        return [Selection(HostName.AUDIO_FILE, self.path, self.path.stem, start, end, reason)]

    def matrix(self, wanted: MatrixWanted) -> HostMatrix:
        """The whole file; see `hosts.base.Host`.

        Raises
        ------
        UsageError, AudioFileError
            As `selections`; also for what has regions alone.
        """
        if wanted.regions or wanted.uses_render_matrix:
            option = "--regions" if wanted.regions else "--render-matrix"
            raise _not_for_files(option, self.path)
        asked = Wanted(tracks=wanted.tracks, grouping=wanted.grouping, point=wanted.point)
        cells = tuple(HostCell(one, beside=self._beside) for one in self.selections(asked))
        return HostMatrix(cells, witness=_FileWitness(self.path))

    def capture(
        self,
        selection: Selection,
        folder: Path,
        *,
        handle_seconds: float,
        stop: Stop,
        progress: ProgressCallback,
    ) -> Capture:
        """Copy the selection and its handles into `folder`, sample for sample.

        Raises
        ------
        AudioFileError
            The file cannot be decoded, is cut off, or holds NaN or an infinity.
        SelectionError
            The file has become shorter than the selection.
        """
        with AudioReader(self.path) as reader:
            info = reader.info
            start = seconds_to_frames(selection.start_seconds, info.sample_rate)
            end = seconds_to_frames(selection.end_seconds, info.sample_rate)
            if not 0 <= start < end <= info.n_frames:
                raise SelectionError(_outside(info, selection.start_seconds, selection.end_seconds))
            handle = seconds_to_frames(handle_seconds, info.sample_rate)
            lead, tail = min(handle, start), min(handle, info.n_frames - end)
            path = folder / CAPTURE_NAME
            digest = write_capture(
                path,
                _finite_blocks(reader, start - lead, end + tail),
                sample_rate=info.sample_rate,
                n_channels=info.n_channels,
                n_frames=lead + end - start + tail,
                stop=stop,
                progress=progress,
            )
        return Capture(
            path,
            sample_rate=info.sample_rate,
            n_channels=info.n_channels,
            n_frames=lead + end - start + tail,
            lead_frames=lead,
            tail_frames=tail,
            start_frame=start,
            digest=digest,
        )

    def spot(self, name: str, start_seconds: float, end_seconds: float) -> Selection:
        """There is no place for new music in a file.

        Raises
        ------
        UsageError
            Always.
        """
        raise UsageError(
            f"music cannot be put into {self.path.name}: it is an audio file, not a project",
            hint="Name a project with --into SONG.rpp, or a folder with -o FOLDER.",
        )

    def place(self, placement: Placement) -> Placed:
        """Put the stems into `<file stem>_hanolab/` beside the file, or `placement.folder`.

        Raises
        ------
        UsageError
            A project to write to was named.
        NotWritable, DiskFull
            Nothing of this call is left behind.
        """
        if placement.destination is not None:
            raise UsageError(
                f"--to does not apply to {self.path.name}: it is an audio file, not a project",
                hint="Choose a folder for the stems with -o FOLDER.",
            )
        return put_stems(placement.folder or self._beside, placement).placed

    @property
    def _beside(self) -> Path:
        return self.path.with_name(f"{self.path.stem}{FOLDER_SUFFIX}")

    def place_all(self, placements: Sequence[Placement]) -> list[Placed | HanolabError]:
        """Put the files of one job after the other; one that fails holds up no other."""
        return each_placed(self.place, placements)


class _FileWitness:
    """Tells whether a file has changed; implements `hosts.base.Witness`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def is_same(self, selection: Selection, capture: Capture, since_seconds: float) -> bool:
        return self.is_untouched(selection, since_seconds)

    def is_untouched(self, selection: Selection, since_seconds: float) -> bool:
        return is_older(self._path, since_seconds)

    def has_items(self, item_ids: Collection[str]) -> bool:
        return True


def _refuse_project_options(path: Path, wanted: Wanted) -> None:
    for option, asked in (
        ("--region", wanted.region is not None),
        ("--tracks", bool(wanted.tracks)),
        ("--each", wanted.grouping not in (None, Grouping.SELECTION)),
        ("--capture", wanted.point is not CapturePoint.ITEM),
    ):
        if asked:
            raise _not_for_files(option, path)


def _not_for_files(option: str, path: Path) -> UsageError:
    return UsageError(
        f"{option} does not apply to {path.name}: it is an audio file, not a project",
        hint="Leave it out; choose a part of the file with --range START..END.",
    )


def _probe_audio(path: Path) -> AudioInfo:
    info = probe(path)
    if info.n_frames <= 0:
        raise AudioFileError(path, "it holds no audio", hint="Export or download it again.")
    return info


def _checked_range(info: AudioInfo, wanted: tuple[float, float]) -> tuple[float, float]:
    start, end = wanted
    if info.seconds < end <= info.seconds + END_TOLERANCE_SECONDS:
        end = info.seconds
    rate = info.sample_rate
    if start < 0 or end > info.seconds:
        raise SelectionError(_outside(info, start, end), hint="Choose a range inside the file.")
    if seconds_to_frames(start, rate) >= seconds_to_frames(end, rate):
        raise SelectionError(
            f"the range {format_clock(start)}..{format_clock(end)} is empty; "
            f"{info.path.name} is {format_clock(info.seconds)} long",
            hint="Write the start first, then a later end: --range 0:10..0:20.",
        )
    return start, end


def _outside(info: AudioInfo, start: float, end: float) -> str:
    return (
        f"the range {format_clock(start)}..{format_clock(end)} is not inside "
        f"{info.path.name}, which is {format_clock(info.seconds)} long"
    )


def _finite_blocks(reader: AudioReader, start: int, stop: int) -> Iterator[Samples]:
    at = start
    for block in reader.blocks(start, stop):
        bad = first_bad_frame(block)
        if bad is not None:
            raise AudioFileError(
                reader.path,
                "it holds a value that is no number (NaN or infinity) at "
                f"{format_clock((at + bad) / reader.info.sample_rate)}",
                hint="Export it again, or choose a range some seconds away from that place.",
            )
        yield block
        at += block.shape[1]

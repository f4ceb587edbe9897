"""What an audio file holds: its header, its levels, and whether all its samples are numbers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hanolab_dawtools.audio.files import AudioInfo, AudioReader
from hanolab_dawtools.audio.levels import LevelMeter, Levels
from hanolab_dawtools.events import Progress, ProgressCallback, Stop, raise_if_stopped
from hanolab_dawtools.hosts.capture_file import first_bad_frame


@dataclass(frozen=True)
class AudioSurvey:
    """A file as `hanolab doctor` reports it.

    `bad_frame` is the first frame that holds NaN or an infinity; then, and in a file without
    frames, `levels` is None: there are none.
    """

    info: AudioInfo
    levels: Levels | None
    bad_frame: int | None


def survey_audio(path: Path, *, stop: Stop, progress: ProgressCallback) -> AudioSurvey:
    """Read a file once from start to end, in bounded memory.

    Raises
    ------
    AudioFileError
        It cannot be read as audio, or it ends before the length that its header promises.
    JobCancelled
    """
    with AudioReader(path) as reader:
        info = reader.info
        meter = LevelMeter(info.sample_rate, info.n_channels)
        done = 0
        for block in reader.blocks():
            raise_if_stopped(stop)
            bad = first_bad_frame(block)
            if bad is not None:
                return AudioSurvey(info, None, done + bad)
            meter.add(block)
            done += block.shape[1]
            progress(Progress("measuring", done / info.n_frames, done / info.sample_rate))
    return AudioSurvey(info, meter.finish() if done else None, None)

"""A converted voice brought back to what was captured: its rate, channels, length and place.

What a voice conversion gives is mono, at the model's rate, at a level of its own, and some
milliseconds short. `bring_back` makes of it a file as the capture is; everything is streamed.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hanolab_dawtools.audio.align import COMMON_RATES
from hanolab_dawtools.audio.drift import Drift, measure_drift
from hanolab_dawtools.audio.drift_repair import repair_drift
from hanolab_dawtools.audio.files import AudioInfo, AudioReader, AudioWriter, probe
from hanolab_dawtools.audio.levels import LevelMeter, measure_levels
from hanolab_dawtools.audio.spread import SpreadReader, measure_balance
from hanolab_dawtools.errors import AudioFileError, InputError
from hanolab_dawtools.events import Progress, ProgressCallback, Stop, raise_if_stopped
from hanolab_dawtools.model import Alignment, Capture, Width
from hanolab_dawtools.units import db_to_gain, format_clock, resampled_length

VOICE_RATES = (*COMMON_RATES, 24_000, 40_000)  # 40 kHz: a usual rate of RVC models
LENGTH_TOLERANCE = 0.005  # of the length; RVC loses 0 or 10 ms at each of its cuts
END_TOLERANCE_SECONDS = 0.06  # RVC loses 5 to 25 ms at the end; an encoder adds up to 50 ms
LATENCY_TOLERANCE_SECONDS = 0.25  # other machines add a latency; of short clips 3 % at most,
LATENCY_TOLERANCE = 0.03  # as two usual rates differ by 8 %
SMALLEST_GAIN_DB = 0.05  # nobody hears less


def bring_back(
    converted: Path,
    capture: Capture,
    target: Path,
    *,
    width: Width,
    match_level: bool,
    stop: Stop,
    progress: ProgressCallback,
    is_song: bool = False,
) -> Alignment:
    """Write `converted` to `target` with rate, channels and frames of the capture.

    Parameters
    ----------
    target
        32-bit float WAV that lies where the capture does, handles included; not in the folder of
        `converted`. A file of an earlier, interrupted call is replaced.
    width
        Of a voice; see `audio.spread`.
    match_level
        Whether it becomes as loud as the capture (integrated loudness).
    is_song
        A whole song with the voice in it came back: it keeps its channels and its width.

    Raises
    ------
    AudioFileError
        A file cannot be read, or holds nothing.
    InputError
        The result is of another length than it can be.
    DiskFull, NotWritable, JobCancelled
    """
    mended = target.with_name(f"{target.stem}-mended.wav")
    alignment, end_frame = _lay(converted, capture, mended, stop, progress)
    balance = None
    if width is Width.SOURCE and not is_song and capture.n_channels > 1:
        balance = measure_balance(capture.path, stop=stop, progress=progress)
    with SpreadReader(
        mended, capture.n_channels, is_voice=not is_song, balance=balance, end_frame=end_frame
    ) as reader:
        gain_db, of_level = 0.0, ""
        if match_level:
            gain_db, of_level = _level(reader, capture, stop, progress)
        _write(reader, target, db_to_gain(gain_db), stop, progress)
    mended.unlink()
    told = (of_level,) if of_level else ()
    return replace(alignment, repairs=(*alignment.repairs, *told))


def _lay(
    converted: Path, capture: Capture, mended: Path, stop: Stop, progress: ProgressCallback
) -> tuple[Alignment, int]:
    """Write a conversion to `mended` as it should lie in time; also says where its sound ends."""
    true_rate, source = _true_rate(converted, capture), converted
    if true_rate is not None:
        source = mended.with_name(f"{mended.stem}-rated.wav")
        _write_at_rate(converted, source, true_rate, stop)
    drift = measure_drift(capture.path, source, stop=stop, progress=progress)
    if true_rate is not None and not drift.is_confident:
        raise _refusal(converted, capture)
    alignment = repair_drift(
        source, drift, mended, n_frames=capture.n_frames, stop=stop, progress=progress
    ).alignment
    end_frame = _end_frame(probe(source), drift)
    if true_rate is not None:
        source.unlink()
        declared_rate = probe(converted).sample_rate
        told = f"declared as {declared_rate} Hz but at {true_rate} Hz: corrected"
        alignment = replace(alignment, repairs=(told, *alignment.repairs))
    return alignment, end_frame


def _true_rate(converted: Path, capture: Capture) -> int | None:
    """The rate that a result seems to have instead of its declared one; None: all is well."""
    info = probe(converted)
    if info.n_frames == 0:
        raise AudioFileError(converted, "the converted voice holds no audio")
    sent_seconds = capture.n_frames / capture.sample_rate
    latency = min(LATENCY_TOLERANCE_SECONDS, LATENCY_TOLERANCE * sent_seconds)
    tolerance = max(END_TOLERANCE_SECONDS, latency) + LENGTH_TOLERANCE * sent_seconds

    def error(rate: int) -> float:
        return abs(info.n_frames / rate - sent_seconds)

    if error(info.sample_rate) <= tolerance:
        return None
    best = min(VOICE_RATES, key=error)
    if error(best) > tolerance:
        raise _refusal(converted, capture)
    return best


def _refusal(converted: Path, capture: Capture) -> InputError:
    sent_seconds = capture.n_frames / capture.sample_rate
    return InputError(
        f"cannot use the converted voice: {format_clock(probe(converted).seconds)} came back where "
        f"{format_clock(sent_seconds)} was sent, and no wrongly declared sample rate explains that",
        hint=f"Convert it again; what came back is {converted}.",
    )


def _write_at_rate(source: Path, target: Path, sample_rate: int, stop: Stop) -> None:
    """The same samples under another declared rate."""
    with AudioReader(source) as reader:
        info = reader.info
        with AudioWriter(target, sample_rate, info.n_channels, n_frames=info.n_frames) as writer:
            for block in reader.blocks():
                raise_if_stopped(stop)
                writer.write(block)


def _end_frame(info: AudioInfo, drift: Drift) -> int:
    """Where a conversion's sound ends once it is mended."""
    n_frames = resampled_length(info.n_frames, info.sample_rate, drift.sample_rate)
    steps = sum(step.shift_frames for step in drift.steps if step.repaired)
    return n_frames - drift.moved_frames - steps


def _level(
    reader: SpreadReader, capture: Capture, stop: Stop, progress: ProgressCallback
) -> tuple[float, str]:
    """By how much the voice is raised to be as loud as its source, and the sentence on it."""
    wanted = measure_levels(capture.path, stop=stop, progress=progress).loudness_lufs
    meter = LevelMeter(capture.sample_rate, capture.n_channels)
    for block in reader.blocks():
        raise_if_stopped(stop)
        meter.add(block)
    found = meter.finish().loudness_lufs
    if wanted is None or found is None:
        return 0.0, "the level was not matched: this is too short to have a loudness"
    gain_db = wanted - found
    if not abs(gain_db) < float("inf"):
        return 0.0, "the level was not matched: silence has no loudness"
    if abs(gain_db) < SMALLEST_GAIN_DB:
        return 0.0, ""
    verb = "raised" if gain_db > 0 else "lowered"
    return gain_db, f"{verb} by {abs(gain_db):.1f} dB, to the source's {wanted:.1f} LUFS"


def _write(
    reader: SpreadReader, target: Path, gain: float, stop: Stop, progress: ProgressCallback
) -> None:
    rate, n_channels, n_frames = reader.info.sample_rate, reader.n_channels, reader.info.n_frames
    done = 0
    with AudioWriter(target, rate, n_channels, n_frames=n_frames) as writer:
        for block in reader.blocks():
            raise_if_stopped(stop)
            writer.write(block if gain == 1.0 else block * gain)
            done += block.shape[1]
            progress(Progress("aligning", done / n_frames, done / rate))

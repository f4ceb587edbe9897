"""The pitch of a voice over a whole file, in bounded memory, and where it may be cut.

Frame k lies at k * 16 ms; the pitch of an unvoiced frame is 0. The finder is a small network
(swift-f0): 150 times real time, right to some cents, and seldom voiced where nobody sings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hanolab_dawtools.engines.local.voice.libraries import pitch_finder
from hanolab_dawtools.engines.local.voice.source import Floats, VoiceReader
from hanolab_dawtools.events import Progress, ProgressCallback, Stop, raise_if_stopped

FRAME_SECONDS = 0.016
_VOICED_CONFIDENCE = 0.5
_PIECE_FRAMES = 2_500  # 40 s
_CONTEXT_FRAMES = 12  # more than the network looks to either side
_FINDER_PEAK = 0.5  # what it takes for silence is an absolute level, so soft voices are raised
_MAX_GAIN = 100.0  # noise under a silent file is left alone
_USUAL_LOWEST_HZ = 71.0  # WORLD's own; every octave below takes twice the time
_BASS_LOWEST_HZ = 40.0  # below what the finder finds


@dataclass(frozen=True)
class PitchTrack:
    """Pitch in Hz (0: unvoiced) and level in dB of every 16 ms, shape (n_frames,) each."""

    pitch_hz: Floats
    level_db: Floats

    def at(self, seconds: Floats) -> Floats:
        """Pitch at some times: between voiced frames along a straight line of the logarithm."""
        if not self.pitch_hz.size:
            return np.zeros_like(seconds)
        centres = np.arange(self.pitch_hz.size) * FRAME_SECONDS
        nearest = np.rint(seconds / FRAME_SECONDS).astype(int)
        nearest = np.clip(nearest, 0, self.pitch_hz.size - 1)
        voiced = self.pitch_hz > 0.0
        if not voiced.any():
            return np.zeros_like(seconds)
        line = np.exp(np.interp(seconds, centres[voiced], np.log(self.pitch_hz[voiced])))
        return np.asarray(np.where(voiced[nearest], line, 0.0))

    def median_hz(self) -> float:
        """Middle of the voiced pitches; 0 when nothing is voiced."""
        voiced = self.pitch_hz[self.pitch_hz > 0.0]
        return float(np.exp(np.median(np.log(voiced)))) if voiced.size else 0.0

    @property
    def lowest_hz(self) -> float:
        """The lowest pitch that the vocoder should be ready for."""
        voiced = self.pitch_hz[self.pitch_hz > 0.0]
        is_bass = voiced.size > 0 and np.percentile(voiced, 5.0) < _USUAL_LOWEST_HZ
        return _BASS_LOWEST_HZ if is_bass else _USUAL_LOWEST_HZ

    def quiet_spot(self, first_seconds: float, last_seconds: float) -> float:
        """The best second for a cut between two: unvoiced and soft."""
        first, last = int(first_seconds / FRAME_SECONDS), int(last_seconds / FRAME_SECONDS)
        level = self.level_db[first:last] + 60.0 * (self.pitch_hz[first:last] > 0.0)
        if not level.size:
            return last_seconds
        smooth = np.convolve(level, np.full(5, 0.2), mode="same")
        smooth[:2] = smooth[-2:] = np.inf  # half a window there
        best = int(np.argmin(smooth)) if np.isfinite(smooth).any() else 0
        return (first + best) * FRAME_SECONDS


def track_pitch(
    reader: VoiceReader, peak: float, stop: Stop, progress: ProgressCallback
) -> PitchTrack:
    """Find the pitch of a whole file whose highest sample is `peak`.

    Raises
    ------
    ExtraMissing, AudioFileError, JobCancelled
    """
    finder, rate = pitch_finder(), reader.sample_rate
    gain = min(_FINDER_PEAK / peak, _MAX_GAIN) if peak > 0.0 else 1.0
    n_total = int(np.ceil(reader.seconds / FRAME_SECONDS))
    pitch, level = np.zeros(n_total), np.full(n_total, -120.0)
    for first in range(0, n_total, _PIECE_FRAMES):
        raise_if_stopped(stop)
        last = min(first + _PIECE_FRAMES, n_total)
        begin = max(first - _CONTEXT_FRAMES, 0)
        start = round(begin * FRAME_SECONDS * rate)
        end = round((last + _CONTEXT_FRAMES) * FRAME_SECONDS * rate)
        sound = (gain * reader.read(start, end - start)).astype(np.float32)
        found = finder.detect(sound, rate)
        voiced = found.confidence >= _VOICED_CONFIDENCE
        kept = slice(first - begin, last - begin)
        values = np.where(voiced, found.pitch_hz, 0.0)[kept]
        pitch[first : first + values.size] = values
        level[first : first + values.size] = found.loudness_db[kept]
        progress(Progress("finding the pitch", last / n_total, last * FRAME_SECONDS))
    return PitchTrack(pitch, level)

"""Sound devices through Qt Multimedia, and a clock that stands for one where there is none."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import numpy as np
from PyQt6.QtCore import QElapsedTimer, QIODevice, QObject, QTimer
from PyQt6.QtMultimedia import QAudioDevice, QAudioFormat, QAudioSink, QMediaDevices

from hanolab_dawtools.audio.buffer import Samples, interleaved

log = logging.getLogger(__name__)

N_CHANNELS = 2
SAMPLE_BYTES = 4
FALLBACK_RATE = 48_000
LATENCY_SECONDS = 0.08  # of the device's buffer: short for A/B, long enough for a busy machine
CLOCK_MILLISECONDS = 20

Pull = Callable[[int], Samples]


class _Pulled(QIODevice):
    """What Qt reads the sound from; called on a thread of Qt's."""

    def __init__(self, pull: Pull) -> None:
        super().__init__()
        self._pull = pull
        self.open(QIODevice.OpenModeFlag.ReadOnly)

    def readData(self, maxlen: int) -> bytes:  # noqa: N802 - Qt's name
        n_frames = maxlen // (N_CHANNELS * SAMPLE_BYTES)
        samples = np.clip(self._pull(n_frames), -1.0, 1.0)
        return interleaved(np.asarray(samples, np.float32)).tobytes()

    def writeData(self, a0: object) -> int:  # noqa: N802, ARG002 - as above
        return 0

    def bytesAvailable(self) -> int:  # noqa: N802 - as above
        return 1 << 20

    def isSequential(self) -> bool:  # noqa: N802 - as above
        return True


class QtAudioSink(QObject):
    """Implements `presenters.listening.AudioSink`; made and used on the GUI thread."""

    def __init__(self) -> None:
        super().__init__()
        self._pull: Pull | None = None
        self._pulled: _Pulled | None = None
        self._sink: QAudioSink | None = None
        self._clock = QTimer(self)
        self._clock.setInterval(CLOCK_MILLISECONDS)
        self._clock.timeout.connect(self._let_time_pass)
        self._elapsed = QElapsedTimer()
        self._device = QMediaDevices.defaultAudioOutput()
        self._format = _format_of(self._device)

    @property
    def sample_rate(self) -> int:
        """Rate of what it pulls, Hz; it stays, whichever device is chosen."""
        return self._format.sampleRate()

    @property
    def device(self) -> str:
        """Name of the device; empty: there is none, and nothing is heard."""
        return "" if self._device.isNull() else self._device.description()

    def devices(self) -> Sequence[str]:
        """Names of the devices that there are."""
        return [device.description() for device in QMediaDevices.audioOutputs()]

    def start(self, pull: Pull) -> None:
        """Pull frames from now on, shape (2, n_frames)."""
        self._pull = pull
        self._restart()

    def choose(self, device: str) -> None:
        """Use another device; one that is not there leaves everything as it is."""
        for known in QMediaDevices.audioOutputs():
            if known.description() == device:
                self._device = known
                if self._pull is not None:
                    self._restart()
                return
        log.warning("there is no sound device %r", device)

    def close(self) -> None:
        """Pull nothing any more."""
        self._clock.stop()
        self._pull = None
        self._stop_sink()

    def _restart(self) -> None:
        self._stop_sink()
        self._clock.stop()
        assert self._pull is not None, "there is something to play"
        if self._device.isNull() or not self._device.isFormatSupported(self._format):
            self._elapsed.start()
            self._clock.start()
            return
        self._sink = QAudioSink(self._device, self._format, self)
        n_bytes = self._format.bytesForDuration(int(LATENCY_SECONDS * 1e6))
        self._sink.setBufferSize(n_bytes)
        self._pulled = _Pulled(self._pull)
        self._sink.start(self._pulled)

    def _stop_sink(self) -> None:
        if self._sink is not None:
            self._sink.stop()
            self._sink.deleteLater()
        self._sink = self._pulled = None

    def _let_time_pass(self) -> None:
        """Pull what a device would have played meanwhile, and drop it."""
        if self._pull is not None:
            self._pull(int(self._elapsed.restart() * self.sample_rate / 1000))


def _format_of(device: QAudioDevice) -> QAudioFormat:
    """Stereo float at the device's own rate."""
    audio = QAudioFormat()
    preferred = FALLBACK_RATE if device.isNull() else device.preferredFormat().sampleRate()
    audio.setSampleRate(preferred or FALLBACK_RATE)
    audio.setChannelCount(N_CHANNELS)
    audio.setSampleFormat(QAudioFormat.SampleFormat.Float)
    return audio

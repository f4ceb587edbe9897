"""Listening to the original and what came of it: play, loop, seek, solo, mute, and A against B.

A is the original, B everything else that is not muted. Where one result stands against the
original (a converted voice, an effect), B is played at A's loudness, so that the louder one does
not seem the better one; stems that sum to the original need none of that.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from hanolab_dawtools.errors import HanolabError
from hanolab_dawtools.presenters.observing import Presenter
from hanolab_dawtools.presenters.working import Workers

if TYPE_CHECKING:
    from hanolab_dawtools.audio.buffer import Samples
    from hanolab_dawtools.presenters.player import Player, PlayLane

MAX_MATCH_DB = 24.0  # more is no matter of taste: the result is silent, or another thing
RESTART_SECONDS = 0.05  # so near to the end, playing begins at the start again
NO_DEVICE = "no sound device: the cursor moves, nothing is heard"


class AudioSink(Protocol):
    """A sound device, or what stands for one. `pull` is called on a thread of its own."""

    @property
    def sample_rate(self) -> int:
        """Rate of what it pulls, Hz."""
        ...

    @property
    def device(self) -> str:
        """Name of the device; empty: there is none, and nothing is heard."""
        ...

    def devices(self) -> Sequence[str]:
        """Names of the devices that there are."""
        ...

    def start(self, pull: Callable[[int], Samples]) -> None:
        """Pull frames from now on, shape (2, n_frames)."""
        ...

    def choose(self, device: str) -> None:
        """Use another device from now on."""
        ...

    def close(self) -> None:
        """Pull nothing any more."""
        ...


@dataclass(frozen=True)
class LaneSound:
    """How a lane is heard."""

    key: str
    name: str
    is_original: bool = False
    is_soloed: bool = False
    is_muted: bool = False
    is_heard: bool = False


@dataclass(frozen=True)
class ListeningView:
    """What is heard. `hears_original`: A; else B. `problem`: why something is not heard."""

    lanes: tuple[LaneSound, ...] = ()
    is_playing: bool = False
    position_seconds: float = 0.0
    start_seconds: float = 0.0
    end_seconds: float = 0.0
    loop: tuple[float, float] | None = None
    hears_original: bool = True
    match_db: float = 0.0
    device: str = ""
    devices: tuple[str, ...] = ()
    problem: str = ""

    @property
    def can_play(self) -> bool:
        """Whether there is anything to hear."""
        return bool(self.lanes)

    @property
    def can_compare(self) -> bool:
        """Whether there are an original and a result."""
        return len({lane.is_original for lane in self.lanes}) == 2


class ListeningPresenter(Presenter[ListeningView]):
    """Plays lanes through a sink. `tick` is to be called some thirty times a second."""

    def __init__(self, workers: Workers, sink: AudioSink) -> None:
        problem = "" if sink.device else NO_DEVICE
        super().__init__(
            ListeningView(device=sink.device, devices=tuple(sink.devices()), problem=problem)
        )
        self._workers = workers
        self._sink = sink
        self._player: Player | None = None
        self._sources: tuple[PlayLane, ...] = ()

    def set_lanes(self, lanes: Sequence[PlayLane], end_seconds: float) -> None:
        """Offer these files; what was soloed or muted stays so where a key stays."""
        before = {lane.key: lane for lane in self.view.lanes}
        self._sources = tuple(lanes)
        sounds = tuple(
            replace(
                before.get(lane.key, LaneSound(lane.key, lane.name)),
                name=lane.name,
                is_original=lane.is_original,
            )
            for lane in lanes
        )
        start = min((lane.start_seconds for lane in lanes), default=0.0)
        has_results = any(not lane.is_original for lane in lanes)
        had_results = any(not lane.is_original for lane in self.view.lanes)
        hears_original = self.view.hears_original if had_results else not has_results
        self._show(
            replace(
                self.view,
                lanes=sounds,
                start_seconds=start,
                end_seconds=end_seconds,
                hears_original=hears_original,
                match_db=0.0,
            )
        )
        if lanes or self._player is not None:
            self._playing().set_lanes(self._sources, end_seconds)
        if not start <= self.view.position_seconds < end_seconds:
            self.seek(start)
        if not lanes:
            self.pause()
        self._apply()
        self._match()

    @property
    def sources(self) -> tuple[PlayLane, ...]:
        """The files that were offered last."""
        return self._sources

    def play(self) -> None:
        """Play from where it stands; at the end, from the start."""
        view = self.view
        if not view.can_play or view.is_playing:
            return
        if view.loop is None and view.position_seconds >= view.end_seconds - RESTART_SECONDS:
            self.seek(view.start_seconds)
        self._playing().play()
        self._show(replace(self.view, is_playing=True))

    def pause(self) -> None:
        """Fall silent and stay there."""
        if self._player is not None:
            self._player.pause()
        self._show(replace(self.view, is_playing=False))

    def toggle(self) -> None:
        """Play, or pause."""
        if self.view.is_playing:
            self.pause()
        else:
            self.play()

    def seek(self, seconds: float) -> None:
        """Go on from there."""
        if self._player is not None:
            self._player.seek(seconds)
        self._show(replace(self.view, position_seconds=seconds))

    def set_loop(self, between_seconds: tuple[float, float] | None) -> None:
        """Repeat a stretch, beginning in it; None: play on to the end."""
        self._show(replace(self.view, loop=between_seconds))
        if between_seconds is None and self._player is None:
            return
        self._playing().set_loop(between_seconds)
        if between_seconds is not None:
            start, end = between_seconds
            if not start <= self.view.position_seconds < end:
                self.seek(start)

    def solo(self, key: str) -> None:
        """Hear only this lane and others that are soloed, or end that."""
        self._change(key, lambda lane: replace(lane, is_soloed=not lane.is_soloed))

    def mute(self, key: str) -> None:
        """Do not hear this lane, or hear it again."""
        self._change(key, lambda lane: replace(lane, is_muted=not lane.is_muted))

    def hear_original(self, hears_original: bool) -> None:
        """Hear A, the original, or B, what came of it."""
        if self.view.can_compare:
            self._show(replace(self.view, hears_original=hears_original))
            self._apply()

    def toggle_ab(self) -> None:
        """Switch between A and B."""
        self.hear_original(not self.view.hears_original)

    def choose_device(self, device: str) -> None:
        """Play through another device."""
        self._sink.choose(device)
        problem = "" if self._sink.device else NO_DEVICE
        self._show(replace(self.view, device=self._sink.device, problem=problem))

    def tick(self) -> None:
        """Look where playing has come to."""
        player = self._player
        if player is None or not self.view.is_playing:
            return
        self._show(replace(self.view, position_seconds=player.position_seconds))
        if player.problem and player.problem != self.view.problem:
            self._show(replace(self.view, problem=player.problem))
        if player.has_ended:
            self.pause()

    def close(self) -> None:
        """Give the device and the files back."""
        self._sink.close()
        if self._player is not None:
            self._player.close()
            self._player = None

    def _playing(self) -> Player:
        if self._player is None:
            from hanolab_dawtools.presenters.player import Player

            self._player = Player(self._sink.sample_rate)
            self._player.seek(self.view.position_seconds)
            self._sink.start(self._player.render)
        return self._player

    def _change(self, key: str, change: Callable[[LaneSound], LaneSound]) -> None:
        lanes = tuple(change(lane) if lane.key == key else lane for lane in self.view.lanes)
        self._show(replace(self.view, lanes=lanes))
        self._apply()

    def _apply(self) -> None:
        """Set the gains that the buttons mean."""
        view = self.view
        any_solo = any(lane.is_soloed for lane in view.lanes)

        def is_heard(lane: LaneSound) -> bool:
            if any_solo:
                return lane.is_soloed and not lane.is_muted
            return lane.is_original == view.hears_original and not lane.is_muted

        lanes = tuple(replace(lane, is_heard=is_heard(lane)) for lane in view.lanes)
        self._show(replace(view, lanes=lanes))
        matched = 10 ** (view.match_db / 20)
        gains = {
            lane.key: 0.0 if not lane.is_heard else 1.0 if lane.is_original else matched
            for lane in lanes
        }
        if self._player is not None:
            self._player.set_gains(gains)

    def _match(self) -> None:
        """Measure how much louder or softer the one result is, beside the playing."""
        originals = [lane for lane in self._sources if lane.is_original]
        results = [lane for lane in self._sources if not lane.is_original]
        if len(originals) != 1 or len(results) != 1:
            self._workers.stop("loudness")
            return
        paths = originals[0].path, results[0].path

        def matched(difference_db: float) -> None:
            self._show(replace(self.view, match_db=difference_db))
            self._apply()

        self._workers.run(
            "loudness",
            lambda stop: _difference_db(*paths, stop),
            done=matched,
            failed=self._tell,
        )

    def _tell(self, error: HanolabError) -> None:
        self._show(replace(self.view, problem=str(error)))


def _difference_db(original: Path, result: Path, stop: threading.Event) -> float:
    """Decibels that bring a result to the loudness of its original; 0 where that means nothing."""
    from hanolab_dawtools.audio.files import AudioReader
    from hanolab_dawtools.audio.levels import LevelMeter
    from hanolab_dawtools.events import raise_if_stopped

    loudness = []
    for path in (original, result):
        with AudioReader(path) as reader:
            meter = LevelMeter(reader.info.sample_rate, reader.info.n_channels)
            for block in reader.blocks():
                raise_if_stopped(stop)
                meter.add(block)
        loudness.append(meter.finish().loudness_lufs)
    first, second = loudness
    if first is None or second is None or not math.isfinite(first) or not math.isfinite(second):
        return 0.0
    return max(-MAX_MATCH_DB, min(first - second, MAX_MATCH_DB))

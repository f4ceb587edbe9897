"""Hearing a chain before anything is started: a short stretch of music goes through it.

The stretch is the loop or the selection, or what follows the cursor. It is rendered in the
background and becomes a lane below the one it was made from; A is the sound without the chain, B
with it, at one loudness. Every change of the chain renders anew, shortly after the last one.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hanolab_dawtools.errors import HanolabError
from hanolab_dawtools.events import Stop, raise_if_stopped
from hanolab_dawtools.model import StemRole
from hanolab_dawtools.presenters.chain_render import (
    Rendered,
    Stretch,
    remove_left,
    remove_others,
    render_stretch,
)
from hanolab_dawtools.presenters.chains import ChainPresenter
from hanolab_dawtools.presenters.lanes import LaneSource, LaneState, WaveformPresenter
from hanolab_dawtools.presenters.listening import LaneSound, ListeningPresenter
from hanolab_dawtools.presenters.messages import MessagesPresenter
from hanolab_dawtools.presenters.observing import Presenter
from hanolab_dawtools.presenters.plugin_shelf import PluginHome
from hanolab_dawtools.presenters.ruler import clock_text
from hanolab_dawtools.presenters.working import Workers, is_cancellation

if TYPE_CHECKING:
    from hanolab_dawtools.audio.effects import EffectSpec
    from hanolab_dawtools.presenters.player import PlayLane

KEY = "chain preview"  # of its lane, and of its work
MAX_SECONDS = 30.0  # that are rendered of a longer loop
CURSOR_SECONDS = 10.0  # that are rendered from the cursor on, where nothing is looped or selected
MIN_SECONDS = 0.05  # less is nothing to hear
DELAY_SECONDS = 0.3  # after the last change


@dataclass(frozen=True)
class PreviewView:
    """How it stands with hearing the chain.

    Attributes
    ----------
    is_on
        The chain is heard, or is about to be.
    stretch
        What is heard, or would be, in words.
    reason
        Why nothing can be heard; empty: it can.
    """

    is_on: bool = False
    is_rendering: bool = False
    stretch: str = ""
    reason: str = ""

    @property
    def can_hear(self) -> bool:
        """Whether there is anything that the chain can be heard on."""
        return not self.reason


@dataclass(frozen=True)
class _Before:
    """What could be heard before, to be gone back to."""

    lanes: tuple[PlayLane, ...]
    sounds: tuple[LaneSound, ...]
    end_seconds: float
    loop: tuple[float, float] | None
    was_playing: bool


class ChainPreviewPresenter(Presenter[PreviewView]):
    """Renders the chain that `chains` shows, and lets it be heard. `folder` is in the cache."""

    def __init__(
        self,
        workers: Workers,
        chains: ChainPresenter,
        *,
        waveforms: WaveformPresenter,
        listening: ListeningPresenter,
        home: PluginHome,
        messages: MessagesPresenter,
        folder: Path,
        delay_seconds: float = DELAY_SECONDS,
    ) -> None:
        super().__init__(PreviewView())
        self._workers = workers
        self._chains = chains
        self._waveforms = waveforms
        self._listening = listening
        self._home = home
        self._messages = messages
        self._parent = folder
        self._folder = folder / str(os.getpid())
        self._delay_seconds = delay_seconds
        self._asked: Stretch | None = None  # what is rendered, or was last
        self._heard: Rendered | None = None
        self._before: _Before | None = None
        self._is_acting = False  # changing what is heard and seen, by itself
        for presenter in (chains, waveforms, listening):
            presenter.changed.connect(self._refresh)
        self._refresh()

    def hear(self) -> None:
        """Render the chain, and play it in a loop."""
        stretch, reason = self._wanted()
        if self.view.is_on or reason or stretch is None:
            return
        listening = self._listening
        view = listening.view
        self._before = _Before(
            listening.sources, view.lanes, view.end_seconds, view.loop, view.is_playing
        )
        self._show(replace(self.view, is_on=True))
        self._render(stretch, 0.0)

    def stop(self) -> None:
        """Go back to what was heard before."""
        before, has_lane = self._before, self._heard is not None
        self._end()
        if before is None or not has_lane:
            return
        with self._acting():
            self._show_lane(None)
            listening = self._listening
            if not before.was_playing:
                listening.pause()
            listening.set_lanes(before.lanes, before.end_seconds)
            _restore(listening, before.sounds)
            listening.set_loop(before.loop)

    def toggle(self) -> None:
        """Hear the chain, or go back."""
        if self.view.is_on:
            self.stop()
        else:
            self.hear()

    def close(self) -> None:
        """Remove what was rendered; after the work and the playing have ended."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _refresh(self) -> None:
        """Something is different: what is to be heard may be, too."""
        if self._is_acting:
            return
        if self._heard is not None:
            self._hold_on(self._heard)
        stretch, reason = self._wanted()
        if self.view.is_on and reason:
            self.stop()
        elif self.view.is_on and stretch is not None and stretch != self._asked:
            self._render(stretch, self._delay_seconds)
        shown = "" if reason else self._stretch_text(stretch)
        self._show(replace(self.view, stretch=shown, reason=reason))

    def _hold_on(self, heard: Rendered) -> None:
        """Stay, or leave, when others have put something else on the lanes meanwhile."""
        seen = {lane.source.key: lane.source.path for lane in self._waveforms.view.lanes}
        lane = heard.stretch.lane
        if KEY not in {sound.key for sound in self._listening.view.lanes}:
            self._end()
            with self._acting():
                self._show_lane(None)
        elif seen.get(lane.key) != lane.path:
            self.stop()
        elif KEY not in seen:
            with self._acting():
                self._show_lane(heard)

    def _render(self, stretch: Stretch, delay_seconds: float) -> None:
        self._asked = stretch
        kept = self._heard.folder if self._heard else None
        self._show(replace(self.view, is_rendering=True))

        def work(stop: Stop) -> Rendered:
            if delay_seconds:
                stop.wait(delay_seconds)
            raise_if_stopped(stop)
            remove_left(self._parent)
            remove_others(self._folder, kept)
            return render_stretch(stretch, self._folder, self._home.plugins, stop)

        self._workers.run(KEY, work, done=self._rendered, failed=self._failed)

    def _rendered(self, rendered: Rendered) -> None:
        from hanolab_dawtools.presenters.player import PlayLane

        is_first, stretch = self._heard is None, rendered.stretch
        self._heard = rendered
        lane, start = stretch.lane, stretch.start_seconds
        listening = self._listening
        with self._acting():
            self._show_lane(rendered)
            pair = (
                PlayLane(lane.key, lane.name, rendered.dry, start, is_original=True),
                PlayLane(KEY, _name(lane), rendered.wet, start),
            )
            listening.set_lanes(pair, max(listening.view.end_seconds, stretch.end_seconds))
            listening.set_loop((start, stretch.end_seconds))
            if is_first:
                _restore(listening, ())
                listening.hear_original(False)
                listening.play()
        self._show(replace(self.view, is_rendering=False))
        self._refresh()

    def _failed(self, error: HanolabError) -> None:
        self._show(replace(self.view, is_rendering=False))
        if not is_cancellation(error):
            self._messages.tell(error)
        if self._heard is None:
            self.stop()

    def _end(self) -> None:
        self._workers.stop(KEY)
        self._before = self._heard = self._asked = None
        self._show(replace(self.view, is_on=False, is_rendering=False))

    def _show_lane(self, rendered: Rendered | None) -> None:
        """Put the lane below the one it was made from; None: take it away."""
        sources = []
        for state in self._waveforms.view.lanes:
            if state.source.key == KEY:
                continue
            sources.append(state.source)
            if rendered is not None and state.source.key == rendered.stretch.lane.key:
                sources.append(_lane(rendered))
        if len(sources) != len(self._waveforms.view.lanes) or rendered is not None:
            self._waveforms.set_lanes(sources, title=self._waveforms.view.title)

    @contextmanager
    def _acting(self) -> Iterator[None]:
        self._is_acting = True
        try:
            yield
        finally:
            self._is_acting = False

    def _wanted(self) -> tuple[Stretch | None, str]:
        """What is to be rendered now; or why nothing can be."""
        state, effects, reason = self._lane_and_effects()
        if state is None:
            return None, reason
        if state.problem:
            return None, state.problem
        first, last = state.source.start_seconds, state.end_seconds
        start, end = self._range(last)
        start, end = max(start, first), min(end, last)
        if state.seconds <= 0:
            return None, f"{state.source.name} is still being opened."
        if end - start < MIN_SECONDS:
            return None, f"What is selected lies outside of {state.source.name}."
        return Stretch(state.source, start, end, effects), ""

    def _lane_and_effects(self) -> tuple[LaneState | None, tuple[EffectSpec, ...], str]:
        """The lane that the chain is heard on, and all that it goes through; or why none."""
        place, effects = self._chains.view.place, self._chains.effects
        lanes = [lane for lane in self._waveforms.view.lanes if lane.source.key != KEY]
        role = place
        if place is StemRole.PROCESSED:  # behind the effects before, with no engine between
            role, effects = None, (*self._chains.effects_before, *effects)
        for lane in lanes:
            if lane.source.role is role:
                return lane, effects, ""
        if role is None:
            return None, (), "Open something to hear the effects on."
        return None, (), f"No {role.value} to hear the effects on yet: start the job first."

    def _range(self, last_seconds: float) -> tuple[float, float]:
        """The loop or the selection, as far as it is rendered, or what follows the cursor."""
        chosen = self._chosen()
        if chosen is not None:
            return chosen[0], min(chosen[1], chosen[0] + MAX_SECONDS)
        if self._asked is not None:
            return self._asked.start_seconds, self._asked.end_seconds
        cursor = self._waveforms.view.cursor_seconds
        start = min(cursor, last_seconds - CURSOR_SECONDS)
        return start, start + CURSOR_SECONDS

    def _chosen(self) -> tuple[float, float] | None:
        return self._listening.view.loop or self._waveforms.view.selection

    def _stretch_text(self, stretch: Stretch | None) -> str:
        if stretch is None:
            return ""
        name = stretch.lane.name
        if self._chosen() is None and not self.view.is_on:
            return f"{CURSOR_SECONDS:g} s of {name} from the cursor"
        start, end = clock_text(stretch.start_seconds, 1), clock_text(stretch.end_seconds, 1)
        return f"{start} to {end} of {name}"


def _restore(listening: ListeningPresenter, sounds: tuple[LaneSound, ...]) -> None:
    """Solo and mute lanes as they were; those not named are neither."""
    before = {sound.key: sound for sound in sounds}
    for lane in listening.view.lanes:
        wanted = before.get(lane.key, LaneSound(lane.key, lane.name))
        if lane.is_soloed != wanted.is_soloed:
            listening.solo(lane.key)
        if lane.is_muted != wanted.is_muted:
            listening.mute(lane.key)


def _lane(rendered: Rendered) -> LaneSource:
    source, start = rendered.stretch.lane, rendered.stretch.start_seconds
    return LaneSource(KEY, _name(source), source.role, rendered.wet, start)


def _name(source: LaneSource) -> str:
    return f"Effects on {source.name}"

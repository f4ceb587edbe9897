"""Hearing a chain before anything is started: a short stretch of music goes through it.

The stretch is the loop or the selection, or what follows the cursor. It is rendered in the
background and becomes a lane below the one it was made from; A is the sound without the chain, B
with it, at one loudness. Every change of the chain renders anew, shortly after the last one.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hanolab_dawtools.errors import HanolabError
from hanolab_dawtools.events import Stop, raise_if_stopped
from hanolab_dawtools.presenters.chain_rows import Place
from hanolab_dawtools.presenters.chains import ChainPresenter
from hanolab_dawtools.presenters.chain_words import place_text
from hanolab_dawtools.presenters.lanes import LaneSource, LaneState, WaveformPresenter
from hanolab_dawtools.presenters.listening import LaneSound, ListeningPresenter
from hanolab_dawtools.presenters.messages import MessagesPresenter
from hanolab_dawtools.presenters.observing import Presenter
from hanolab_dawtools.presenters.player import PlayLane
from hanolab_dawtools.presenters.plugin_shelf import PluginHome
from hanolab_dawtools.presenters.ruler import clock_text
from hanolab_dawtools.presenters.working import Workers

if TYPE_CHECKING:
    from hanolab_dawtools.audio.effects import EffectSpec

KEY = "chain preview"  # of its lane, and of its work
MAX_SECONDS = 30.0  # that are rendered of a longer loop
CURSOR_SECONDS = 10.0  # that are rendered from the cursor on, where nothing is looped or selected
LEAD_SECONDS = 2.0  # rendered in front of it, for the effects to settle
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
class _Stretch:
    """What is to be rendered: seconds of the axis of one lane, through effects."""

    lane: LaneSource
    start_seconds: float
    end_seconds: float
    effects: tuple[EffectSpec, ...]


@dataclass(frozen=True)
class _Heard:
    """A rendered stretch: without the effects, and with them."""

    stretch: _Stretch
    dry: Path
    wet: Path


@dataclass(frozen=True)
class _Before:
    """What was to be heard before, to be gone back to."""

    lanes: tuple[PlayLane, ...]
    sounds: tuple[LaneSound, ...]
    end_seconds: float
    loop: tuple[float, float] | None


class ChainPreviewPresenter(Presenter[PreviewView]):
    """Renders the chain that `chains` shows, and lets it be heard. `folder` is in the cache."""

    def __init__(
        self,
        workers: Workers,
        chains: ChainPresenter,
        waveforms: WaveformPresenter,
        listening: ListeningPresenter,
        home: PluginHome,
        messages: MessagesPresenter,
        folder: Path,
        *,
        delay_seconds: float = DELAY_SECONDS,
    ) -> None:
        super().__init__(PreviewView())
        self._workers = workers
        self._chains = chains
        self._waveforms = waveforms
        self._listening = listening
        self._home = home
        self._messages = messages
        self._folder = folder
        self._delay_seconds = delay_seconds

    def hear(self) -> None:
        """Render the chain, and play it in a loop."""

    def stop(self) -> None:
        """Go back to what was heard before."""

    def toggle(self) -> None:
        """Hear the chain, or go back."""

    def close(self) -> None:
        """Remove what was rendered."""

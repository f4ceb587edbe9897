"""The project's mix: items into tracks, children and receives on top, FX, fader, folder, master.

Signals are float64, (n_channels, n_frames) with at least two channels, over one span of frames.
A muted track gives nothing to anyone. When a track is soloed, only those, what is in them, and
the folders around them as a path are heard.
"""

from __future__ import annotations

import numpy as np
from fakes.reaper.item_audio import Signal, add_item, effects_gain, panned
from fakes.reaper.project import Project
from fakes.reaper.things import Item, Send, Track

POST_FADER, PRE_FX, PRE_FADER = 0, 1, 3  # I_SENDMODE


class Mix:
    """A project over some frames, at a rate; each track is worked out once."""

    def __init__(self, project: Project, frames: range, rate: int, n_channels: int) -> None:
        self._project = project
        self._frames = frames
        self._rate = rate
        self._n_channels = max(2, n_channels)
        self._inputs: dict[int, Signal] = {}
        self._parents = {id(track): track.parent for track in project.tracks}
        self._soloed = _kept_by_solo(project, self._parents)

    def item(self, item: Item) -> Signal:
        """An item with its take's FX and all that is its own, before the track."""
        signal = self._silence()
        add_item(signal, item, self._frames, self._rate)
        return signal

    def before_fader(self, track: Track) -> Signal:
        """A track after its FX."""
        signal = self._input(track)
        return signal * effects_gain(track.effects) if track.values["I_FXEN"] else signal

    def after_fader(self, track: Track) -> Signal:
        """A track as it goes to its folder or the master."""
        return _through_fader(track, self.before_fader(track))

    def master(self, only: Signal | None = None) -> Signal:
        """What comes out of the master; of `only` this signal when there is one."""
        master = self._project.master
        signal = self._silence() if only is None else only
        if only is None:
            for track in self._project.tracks:
                if self._parents[id(track)] is None and track.values["B_MAINSEND"]:
                    signal = signal + self.after_fader(track)
        if master.values["I_FXEN"]:
            signal = signal * effects_gain(master.effects)
        return signal * 0 if master.values["B_MUTE"] else _through_fader(master, signal)

    def _silence(self) -> Signal:
        return np.zeros((self._n_channels, len(self._frames)))

    def _input(self, track: Track) -> Signal:
        """Its items, the tracks in it and what is sent to it; a circle of sends gives nothing."""
        if id(track) not in self._inputs:
            self._inputs[id(track)] = self._silence()
            self._inputs[id(track)] = self._sum_input(track)
        return self._inputs[id(track)]

    def _sum_input(self, track: Track) -> Signal:
        total = self._silence()
        if track.values["B_MUTE"]:
            return total
        if self._soloed is None or id(track) in self._soloed:
            for item in track.items:
                add_item(total, item, self._frames, self._rate)
        for child in self._project.tracks:
            if self._parents[id(child)] is track and child.values["B_MAINSEND"]:
                total += self.after_fader(child)
        for send in track.receives:
            total += self._sent(send)
        return total

    def _sent(self, send: Send) -> Signal:
        mode = int(send.values["I_SENDMODE"])
        if send.values["B_MUTE"]:
            return self._silence()
        if mode == PRE_FX:
            signal = self._input(send.source)
        elif mode == PRE_FADER:
            signal = self.before_fader(send.source)
        else:
            signal = self.after_fader(send.source)
        return panned(signal * send.values["D_VOL"], send.values["D_PAN"])


def _through_fader(track: Track, signal: Signal) -> Signal:
    polarity = -1.0 if track.values["B_PHASE"] else 1.0
    return panned(signal * track.values["D_VOL"] * polarity, track.values["D_PAN"])


def _kept_by_solo(project: Project, parents: dict[int, Track | None]) -> set[int] | None:
    """Whose own items are heard; None when no track is soloed."""
    if not any(track.values["I_SOLO"] for track in project.tracks):
        return None
    kept: set[int] = set()
    for track in project.tracks:
        around: Track | None = track
        while around is not None and not around.values["I_SOLO"]:
            around = parents[id(around)]
        if around is not None or track.values["B_SOLO_DEFEAT"]:
            kept.add(id(track))
    feeding = True
    while feeding:  # what is sent to a soloed track is heard there
        senders = [t for t in project.tracks if any(id(s.target) in kept for s in t.sends)]
        feeding = any(id(sender) not in kept for sender in senders)
        kept |= {id(sender) for sender in senders}
    return kept

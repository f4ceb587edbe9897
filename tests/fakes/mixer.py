"""A small mixer with REAPER's signal flow, which knows nothing of the code it judges.

It reads a project's lines by itself and sums, at `RATE`: items into their track, receives and the
tracks of a folder on top, then effects, fader with pan and its envelope, and from there to the
folder or master, to other tracks, to hardware outputs. Signals are (2, n_frames) in float64.

The one effect it has is `<JS gain N`. A pan law L leaves a centred signal at L and a hard panned
one at 1, straight in between: the real curve differs, but acts once or twice alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

RATE = 1000
POST_FADER, PRE_FX, PRE_FADER = 0, 1, 3  # AUXRECV and HWOUT modes
Media = Mapping[str, np.ndarray]


@dataclass
class Chunk:
    """A block: its header, its own lines as lists of words, its inner blocks."""

    header: list[str]
    lines: list[list[str]] = field(default_factory=list)
    chunks: list[Chunk] = field(default_factory=list)

    def words(self, key: str, default: str) -> list[str]:
        """What stands behind a keyword."""
        found = next((line for line in self.lines if line[0] == key), default.split())
        return found[1:] if found[:1] == [key] else found

    def named(self, name: str) -> Iterator[Chunk]:
        return (chunk for chunk in self.chunks if chunk.header[0] == f"<{name}")


def parse(text: str) -> Chunk:
    """The outermost block of a project; names with spaces are not understood, and not needed."""
    stack = [Chunk([])]
    for line in text.splitlines():
        words = line.replace('"', "").split()
        if line.strip().startswith("<"):
            chunk = Chunk(words)
            stack[-1].chunks.append(chunk)
            stack.append(chunk)
        elif line.strip() == ">":
            stack.pop()
        elif words:
            stack[-1].lines.append(words)
    return stack[0].chunks[0]


class Mixer:
    """A project, ready to be listened to; `outputs` are the master and each hardware output."""

    def __init__(self, text: str, media: Media, n_frames: int) -> None:
        self.project = parse(text)
        self.tracks = list(self.project.named("TRACK"))
        self.media = media
        self.n_frames = n_frames
        self.law = float(self.project.words("PANLAW", "1")[0])
        self._known: dict[int, dict[int, np.ndarray]] = {}

    @cached_property
    def outputs(self) -> dict[str, np.ndarray]:
        sums: dict[str, np.ndarray] = {"master": self.silence()}
        for number, track in enumerate(self.tracks):
            if self.parents[number] is None and track.words("MAINSEND", "1")[0] != "0":
                sums["master"] += self.tap(number, POST_FADER)
            for line in track.lines:
                if line[0] == "HWOUT":
                    out = sums.setdefault(f"out {line[1]}", self.silence())
                    out += self.tap(number, int(line[2])) * float(line[3])
        return sums

    @cached_property
    def parents(self) -> list[int | None]:
        parents: list[int | None] = []
        folders: list[int] = []
        for number, track in enumerate(self.tracks):
            parents.append(folders[-1] if folders else None)
            change = int(track.words("ISBUS", "0 0")[1])
            if change > 0:
                folders.append(number)
            elif change < 0:
                del folders[max(0, len(folders) + change) :]
        return parents

    def silence(self) -> np.ndarray:
        return np.zeros((2, self.n_frames))

    def tap(self, number: int, mode: int) -> np.ndarray:
        """A track's signal at a point; silent when it is muted."""
        if number not in self._known:
            self._known[number] = self._process(number)
        return self._known[number][mode]

    def _process(self, number: int) -> dict[int, np.ndarray]:
        track = self.tracks[number]
        if track.words("MUTESOLO", "0")[0] != "0":
            return dict.fromkeys((PRE_FX, PRE_FADER, POST_FADER), self.silence())
        signal = self._input(number)
        played = signal
        if track.words("FX", "1")[0] != "0":
            for chain in track.named("FXCHAIN"):
                for effect in chain.named("JS"):
                    played = played * float(effect.header[2])
        return {PRE_FX: signal, PRE_FADER: played, POST_FADER: self._faded(track, played)}

    def _input(self, number: int) -> np.ndarray:
        """What plays on a track, comes from the tracks in it, and is received."""
        track = self.tracks[number]
        signal = sum((self._item(item) for item in track.named("ITEM")), self.silence())
        for child, parent in enumerate(self.parents):
            if parent == number and self.tracks[child].words("MAINSEND", "1")[0] != "0":
                signal = signal + self.tap(child, POST_FADER)
        for line in track.lines:
            if line[0] == "AUXRECV" and line[5] == "0":
                source, mode, gain, pan = int(line[1]), int(line[2]), float(line[3]), float(line[4])
                signal = signal + self.tap(source, mode) * gain * _balance(pan, 1.0)
        return signal

    def _faded(self, track: Chunk, played: np.ndarray) -> np.ndarray:
        gain, pan, law = (float(word) for word in track.words("VOLPAN", "1 0 -1")[:3])
        faded = played * gain * _balance(pan, self.law if law < 0 else law)
        if track.words("IPHASE", "0")[0] != "0":
            faded = -faded
        for envelope in track.named("VOLENV2"):
            points = [(float(w[1]), float(w[2])) for w in envelope.lines if w[0] == "PT"]
            faded = faded * np.interp(np.arange(self.n_frames) / RATE, *zip(*points, strict=True))
        return faded

    def _item(self, item: Chunk) -> np.ndarray:
        out = self.silence()
        if item.words("MUTE", "0")[0] != "0":
            return out
        start = round(float(item.words("POSITION", "0")[0]) * RATE)
        stop = start + round(float(item.words("LENGTH", "0")[0]) * RATE)
        volume = [float(word) for word in item.words("VOLPAN", "1 0 1")]
        (source,) = item.named("SOURCE")
        samples = self.media[source.words("FILE", "-")[0].replace("\\", "/").split("/")[-1]]
        offset = round(float(item.words("SOFFS", "0")[0]) * RATE)
        part = samples[:, offset : offset + stop - start] * volume[0] * volume[2]
        out[:, start : start + part.shape[1]] = part
        return out


def _balance(pan: float, law: float) -> np.ndarray:
    sides = np.array([[min(1.0, 1.0 - pan)], [min(1.0, 1.0 + pan)]])
    return sides * (law + (1.0 - law) * abs(pan))

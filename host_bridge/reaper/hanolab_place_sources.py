"""The audio files of a plan as REAPER's sources: opened and checked before anything is changed.

A source belongs to us until a take plays it; what no take has got is destroyed at the end. A
fresh source is called by address, since the stock wrapper passes it as NULL, and whether a take
really plays it is read back.
"""

from __future__ import annotations

import os

from hanolab_calls import HostFault

_LOOSE_SECONDS = 0.25  # formats with delay and padding tell their length so exactly


class Sources:
    """Sources by the id of the take that will play them."""

    def __init__(self, face):
        self._face = face
        self._api = face.api
        self._own = {}

    def open(self, fact):
        """Open the file of a plan's item or take, and compare it with what the plan says."""
        path = fact["file"]
        if not self._api.file_exists(path):
            raise HostFault("missing", f"the file {path} is not there", "Resume the job.")
        source = self._api.PCM_Source_CreateFromFile(path)
        if not source:
            raise HostFault("refused", f"REAPER cannot open {path}")
        self._own[fact["take_id"]] = source
        self._check(source, fact)

    def _check(self, source, fact):
        path, rate = fact["file"], fact["sample_rate"]
        seconds, is_beats = self._api.GetMediaSourceLength(source)
        wanted = fact["n_frames"] / rate
        is_exact = fact.get("is_exact", True)
        allowed = 0.5 / rate if is_exact else _LOOSE_SECONDS
        if is_beats or abs(seconds - wanted) > allowed:
            raise HostFault(
                "refused",
                f"REAPER reads {seconds!r} s of {path}, which has {wanted!r} s",
                "Try again; if it stays so, the file is damaged: run the job again.",
            )
        got_rate = self._api.GetMediaSourceSampleRate(source)
        if is_exact and got_rate != rate:
            raise HostFault("refused", f"REAPER reads {path} at {got_rate} Hz instead of {rate}")
        n_channels = self._api.GetMediaSourceNumChannels(source)
        if n_channels != fact["n_channels"]:
            raise HostFault(
                "refused",
                f"REAPER reads {n_channels} channels of {path}, which has {fact['n_channels']}",
            )

    def give(self, take, fact):
        """Let a take play its source; HostFault("refused") when it then does not."""
        source = self._own.pop(fact["take_id"], 0)  # REAPER's now, and destroyed with the take
        if not source:
            raise HostFault("changed", "the stems were removed just now", "Place them again.")
        if not self._api.SetMediaItemTake_Source(take, source):
            self._own[fact["take_id"]] = source
        held = self._api.GetMediaItemTake_Source(take)
        if not held or not _same_file(self._file_of(held), fact["file"]):
            raise HostFault("refused", f"REAPER did not let a take play {fact['file']}")

    def close(self):
        """Destroy what no take has got."""
        while self._own:
            self._api.PCM_Source_Destroy(self._own.popitem()[1])

    def _file_of(self, source):
        return self._face.get_string("GetMediaSourceFileName", source)


def _same_file(one, other):
    return _plain(one) == _plain(other)


def _plain(path):
    return os.path.normcase(os.path.normpath(path))


def building_peaks(face, project, takes):
    """Build the peaks of takes, as a generator that yields after every bit of work.

    The project may change meanwhile: a take that is gone is left out.
    """
    for take in takes:
        source = _source_of(face, project, take)
        if not source or not face.api.PCM_Source_BuildPeaks(source, 0):
            continue
        yield
        while _source_of(face, project, take) == source:
            if not face.api.PCM_Source_BuildPeaks(source, 1):
                face.api.PCM_Source_BuildPeaks(source, 2)
                break
            yield
        yield


def _source_of(face, project, take):
    is_open = face.valid(0, project, "ReaProject*")
    if not is_open or not face.valid(project, take, "MediaItem_Take*"):
        return 0
    return face.api.GetMediaItemTake_Source(take)

"""PCM sources: opening a file, what its header says, its peaks.

A source that no take plays belongs to who made it. To destroy one that is played crashes, as it
sooner or later does in REAPER.
"""

from __future__ import annotations

from fakes.reaper.addresses import HostCrashed
from fakes.reaper.host import Host
from fakes.reaper.media import create_source
from fakes.reaper.registry import api
from fakes.reaper.things import Source

PEAK_STEPS = 3  # calls of mode 1 that a file takes
START, STEP, FINISH = 0, 1, 2  # modes of PCM_Source_BuildPeaks


@api("PCM_Source_CreateFromFile")
def create_from_file(host: Host, file: str) -> Source | None:
    return create_source(file)


@api("PCM_Source_CreateFromFileEx")
def create_from_file_ex(host: Host, file: str, no_midi_import: bool) -> Source | None:
    return create_source(file)


@api("PCM_Source_Destroy")
def destroy(host: Host, source: Source) -> None:
    if source.owner is not None:
        raise HostCrashed(f"a source that a take plays was destroyed: {source.file}")
    host.addresses.free(source)


@api("PCM_Source_BuildPeaks")
def build_peaks(host: Host, source: Source, mode: int) -> int:
    """Mode 0: whether there is something to do; 1: per cent that are left; 2: the end of it."""
    if mode == START:
        if source.has_peaks:
            return 0
        source.peak_steps = PEAK_STEPS
        return 1
    if source.peak_steps is None:
        host.show_error("Stand-in", f"BuildPeaks mode {mode} without mode 0: {source.file}")
        return 0
    if mode == STEP:
        source.peak_steps = max(0, source.peak_steps - 1)
        return 100 * source.peak_steps // PEAK_STEPS
    if mode == FINISH:
        source.has_peaks = source.peak_steps == 0
        source.peak_steps = None
    return 0


@api("GetMediaSourceLength")
def get_length(host: Host, source: Source, is_quarters: bool) -> tuple[float, bool]:
    return source.length_seconds, source.kind == "MIDI"


@api("GetMediaSourceSampleRate")
def get_sample_rate(host: Host, source: Source) -> int:
    return source.sample_rate


@api("GetMediaSourceNumChannels")
def get_num_channels(host: Host, source: Source) -> int:
    return source.n_channels


@api("GetMediaSourceFileName")
def get_file_name(host: Host, source: Source, text: str, size: int) -> tuple[None, str]:
    return None, source.file


@api("GetMediaSourceType")
def get_type(host: Host, source: Source, text: str, size: int) -> tuple[None, str]:
    return None, source.kind


@api("GetMediaSourceParent")
def get_parent(host: Host, source: Source) -> Source | None:
    return source.parent


@api("PCM_Source_GetSectionInfo")
def get_section_info(
    host: Host, source: Source, offset: float, length: float, is_reversed: bool
) -> tuple[bool, float | None, float | None, bool | None]:
    if source.kind != "SECTION":
        return False, None, None, None
    return True, source.section_offset, source.length_seconds, source.is_reversed

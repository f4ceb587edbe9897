"""The functions about the audio device, the configuration, and colours of this system (Linux)."""

from __future__ import annotations

from fakes.reaper.host import Host
from fakes.reaper.registry import api


@api("GetAudioDeviceInfo")
def get_audio_device_info(
    host: Host, attribute: str, text: str, size: int
) -> tuple[bool, str | None]:
    facts = {"MODE": "Dummy Audio", "SRATE": str(host.device_rate), "BSIZE": "512", "BPS": "32"}
    if host.device_rate == 0 or attribute not in facts:
        return False, None
    return True, facts[attribute]


@api("GetNumAudioOutputs")
def get_num_audio_outputs(host: Host) -> int:
    return 2 if host.device_rate else 0


@api("GetNumAudioInputs")
def get_num_audio_inputs(host: Host) -> int:
    return 2 if host.device_rate else 0


@api("Audio_IsRunning")
def audio_is_running(host: Host) -> int:
    return int(host.device_rate != 0)


@api("Audio_Init")
def audio_init(host: Host) -> None:
    if host.device_rate == 0:
        host.device_rate = 48000


@api("Audio_Quit")
def audio_quit(host: Host) -> None:
    host.device_rate = 0


@api("get_config_var_string")
def get_config_var_string(host: Host, name: str, text: str, size: int) -> tuple[bool, str | None]:
    value = host.config_vars.get(name)
    return value is not None, value


@api("ColorToNative")
def color_to_native(host: Host, red: int, green: int, blue: int) -> int:
    return (red & 0xFF) << 16 | (green & 0xFF) << 8 | blue & 0xFF


@api("ColorFromNative")
def color_from_native(
    host: Host, colour: int, red: int, green: int, blue: int
) -> tuple[None, int, int, int]:
    return None, colour >> 16 & 0xFF, colour >> 8 & 0xFF, colour & 0xFF

"""From what the road asks to what the API takes, checked before anything is captured or sent.

Parameters of a request: separate `stems` (2, 4 or 6); convert `voice` and, if wished,
`pitch_shift`, `index_rate`, `filter_radius`, `rms_mix_rate`, `protect`, `full_song`;
convert-flash `voice`; generate `tier`, `prompt`, `lyrics`, `duration` (seconds). All but generate
may have `input_url`: then nothing is uploaded.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from hanolab_dawtools.cloud.models import (
    ConvertRequest,
    FlashRequest,
    MusicRequest,
    PaidRequest,
    SeparateRequest,
)
from hanolab_dawtools.errors import EngineCannot, InputError, UsageError
from hanolab_dawtools.model import Request, RequestKind

STEM_COUNTS = (2, 4, 6)
INPUT_URL = "input_url"
SHORTEST_SECONDS = 0.1  # less gives no result that could be laid onto it, and is billed

_ANY_URL = "https://input.invalid/audio"  # stands for the real one until it is known
_SLACK_SECONDS = 1e-6  # a length a hair above a whole second means that second
_RVC = ("pitch_shift", "index_rate", "filter_radius", "rms_mix_rate", "protect", "full_song")
_KNOWN: Mapping[RequestKind, frozenset[str]] = {
    RequestKind.SEPARATE: frozenset({"stems", INPUT_URL}),
    RequestKind.CONVERT: frozenset({"voice", INPUT_URL, *_RVC}),
    RequestKind.CONVERT_FLASH: frozenset({"voice", INPUT_URL}),
    RequestKind.GENERATE: frozenset({"tier", "prompt", "lyrics", "duration"}),
}


@dataclass(frozen=True)
class Billed:
    """What is billed for a request: an action of the price list, and whole seconds."""

    action: str
    seconds: int


def billed(request: Request) -> Billed:
    """What a request is billed as.

    Raises
    ------
    UsageError, EngineCannot
        As `api_request`.
    InputError
        The audio is too short for any result.
    """
    _refuse_too_short(request)
    asked = api_request(request, request.parameters.get(INPUT_URL, _ANY_URL))
    match asked:
        case SeparateRequest():
            return Billed(f"separate/{asked.mode}", _whole_seconds(request))
        case ConvertRequest():
            suffix = "/full_song" if asked.full_song else ""
            return Billed(f"convert{suffix}", asked.duration)
        case FlashRequest():
            return Billed("convert-flash", asked.duration)
        case MusicRequest():
            return Billed(f"generate/{asked.tier}", asked.duration)
    raise EngineCannot(f"the cloud cannot {request.kind}")


def api_request(request: Request, input_url: str) -> PaidRequest:
    """What is sent for a request whose audio lies at `input_url`.

    Raises
    ------
    UsageError
        A parameter is unknown, missing or out of range.
    EngineCannot
        A number of stems that the API does not make.
    """
    parameters = request.parameters
    unknown = sorted(set(parameters) - _KNOWN[request.kind])
    if unknown:
        raise UsageError(
            f"{request.kind} in the cloud knows no parameter {unknown[0]!r}",
            hint="The cloud always gives all stems." if unknown[0] == "only" else "",
        )
    if request.kind is RequestKind.SEPARATE:
        return SeparateRequest(input_url=input_url, mode=_mode(parameters))
    if request.kind is RequestKind.GENERATE:
        return MusicRequest(**_given(parameters, "tier", "prompt", "lyrics", "duration"))
    common: dict[str, Any] = {"input_url": input_url, "duration": _whole_seconds(request)}
    if "voice" in parameters:
        common["voice_model_id"] = parameters["voice"]
    if request.kind is RequestKind.CONVERT_FLASH:
        return FlashRequest(**common)
    return ConvertRequest(**common, **_given(parameters, *_RVC))


def _refuse_too_short(request: Request) -> None:
    if request.kind is RequestKind.GENERATE:
        return
    seconds = request.n_frames / request.sample_rate
    if seconds < SHORTEST_SECONDS - _SLACK_SECONDS:
        raise InputError(
            f"{seconds * 1e3:.3g} ms of audio are too short for the cloud: it needs "
            f"{SHORTEST_SECONDS * 1e3:.0f} ms or more",
            hint="Nothing was sent. Select more.",
        )


def _mode(parameters: Mapping[str, Any]) -> Literal["2stem", "4stem", "6stem"]:
    match parameters.get("stems", STEM_COUNTS[0]):
        case 2:
            return "2stem"
        case 4:
            return "4stem"
        case 6:
            return "6stem"
        case stems:
            possible = ", ".join(map(str, STEM_COUNTS))
            raise EngineCannot(f"the cloud cannot make {stems} stems", hint=f"It makes {possible}.")


def _given(parameters: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: parameters[name] for name in names if parameters.get(name) is not None}


def _whole_seconds(request: Request) -> int:
    """Seconds of the input, rounded up, at least one."""
    return max(1, math.ceil(request.n_frames / request.sample_rate - _SLACK_SECONDS))

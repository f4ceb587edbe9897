"""Music made of nothing but words: its plan, and what the road's steps do for it.

Nothing is captured and nothing is compared: the piece that comes back stays as it came, with its
own rate, channels and format, and goes on one new track of a project or into a folder.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from hanolab_dawtools import durable
from hanolab_dawtools.audio import files
from hanolab_dawtools.engines.base import Engine
from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.hosts.base import Host
from hanolab_dawtools.model import HostName, Request, RequestKind, Stem
from hanolab_dawtools.units import format_clock
from hanolab_dawtools.workflows.plan import RunPlan

NAME_CHARACTERS = 48  # of the prompt; a track's name is read at a glance
LENGTH_TOLERANCE = 0.02  # of the asked length; an upstream model rounds to its own frames
SMALLEST_TOLERANCE_SECONDS = 0.5


def make_generate_plan(
    prompt: str,
    parameters: Mapping[str, Any],
    *,
    host: Host,
    engine: Engine,
    at_seconds: float = 0.0,
    max_credits: float | None = None,
    again: bool = False,
) -> RunPlan:
    """The plan of one piece of music.

    Parameters
    ----------
    prompt, parameters
        What is asked of the engine; `parameters` hold `tier`, `lyrics` and `duration` (seconds).
    host
        Of the project that gets a new track at `at_seconds`, or of the folder that gets a file.

    Raises
    ------
    UsageError
        The prompt is empty, a time is none, or the host has no place for music.
    InputError
        The project cannot be read.
    EngineCannot, NotWritable, DiskFull
    """
    duration = parameters.get("duration")
    seconds = _checked_seconds("--duration", duration) if duration is not None else 0.0
    at = _checked_seconds("--at", at_seconds)
    name = prompt_name(prompt)
    selection = host.spot(name, at, at + seconds)
    plan = RunPlan(
        selection,
        RequestKind.GENERATE,
        engine.capabilities().name,
        {"prompt": prompt, **parameters},
        max_credits=max_credits,
        again=again,
    )
    engine.quote(request_of(plan))
    is_folder = selection.host is HostName.FOLDER
    durable.check_writable(selection.source if is_folder else selection.source.parent)
    return plan


def prompt_name(prompt: str) -> str:
    """A short name for the music of a prompt: its first words, on one line.

    Raises
    ------
    UsageError
        The prompt says nothing.
    """
    words = "".join(sign if sign.isprintable() else " " for sign in prompt).split()
    if not words:
        raise UsageError("the prompt is empty", hint='Say what to make: "slow piano, rain".')
    name = words[0]
    for word in words[1:]:
        longer = f"{name} {word}"
        if len(longer) >= NAME_CHARACTERS:
            return f"{name[: NAME_CHARACTERS - 1]}…"
        name = longer
    return name if len(name) <= NAME_CHARACTERS else f"{name[: NAME_CHARACTERS - 1]}…"


def request_of(plan: RunPlan) -> Request:
    """What is asked of the engine: words alone, no audio."""
    return Request(RequestKind.GENERATE, Path(), 0, 0, 0, plan.parameters)


def named_stems(stems: tuple[Stem, ...], plan: RunPlan) -> tuple[Stem, ...]:
    """The pieces that came, as they came, called after the prompt."""
    return tuple(replace(stem, name=plan.selection.name) for stem in stems)


def remarks_on(stems: tuple[Stem, ...], plan: RunPlan) -> tuple[str, ...]:
    """What a user should know of the pieces that came: a length that is not the asked one."""
    asked = plan.parameters.get("duration")
    if asked is None:
        return ()
    tolerance = max(asked * LENGTH_TOLERANCE, SMALLEST_TOLERANCE_SECONDS)
    came = [files.probe(stem.path).seconds for stem in stems]
    return tuple(
        f"the music is {format_clock(seconds)} long; {format_clock(asked)} was asked for"
        for seconds in came
        if abs(seconds - asked) > tolerance
    )


def _checked_seconds(option: str, seconds: float) -> float:
    if not (math.isfinite(seconds) and seconds >= 0.0):
        raise UsageError(
            f"{option} {seconds} is not a time", hint="Write seconds, or minutes: 1:30."
        )
    return seconds

"""Whether a worker computes what its owner would: versions compared, before and with each order."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

# What decides the samples of a result; scipy and soxr filter and resample.
LIBRARIES = ("hanolab_dawtools", "numpy", "scipy", "soxr", "soundfile", "pedalboard", "onnxruntime")
WEIGHTS, VOICE = "weights", "voice preview's libraries"  # which not every worker needs

Facts = Mapping[str, str]


def library_facts() -> Facts:
    """The versions of Python and of the libraries here; "" for one that is not installed."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"Python": python, **{name: _version(name) for name in LIBRARIES}}


def misfit(wanted: Facts, found: Facts) -> str:
    """Why a worker must get no orders, in one clause; "" when it may."""
    for name, here in wanted.items():
        there = found.get(name, "")
        if name in {WEIGHTS, VOICE} or here == there:
            continue
        return f"it has {name} {there}, its owner {here}" if there else f"it lacks {name} {here}"
    for name in (WEIGHTS, VOICE):
        here, there = wanted.get(name, ""), found.get(name, "")
        if here and there and here != there:
            return f"its {name} are not those of its owner ({there}, not {here})"
    return ""


def lacks(wanted: Facts, found: Facts) -> tuple[str, ...]:
    """What a worker may lack, and then cannot do all orders: weights, the extra `voice`."""
    return tuple(name for name in (WEIGHTS, VOICE) if wanted.get(name) and not found.get(name))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""

"""Chains as they are edited: every effect has a path.

A path is the effect's number in the chain; for one inside a mix, the number of the branch and its
number there follow: (2, 0, 1). A path of even length names a chain: () is the whole one, (2, 0)
the first branch of the mix at (2,).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hanolab_dawtools.audio.effect_table import GSM, MIX, PITCH_SHIFT, checked
from hanolab_dawtools.audio.effects import EffectSpec
from hanolab_dawtools.errors import UsageError

Chain = tuple[EffectSpec, ...]
EffectPath = tuple[int, ...]

MAX_EFFECTS = 100  # of a chain, as the preset's format says
NOT_IN_A_MIX = frozenset({PITCH_SHIFT, GSM})  # as `audio.whole_effects` says, without loading it


def walk(chain: Chain, at: EffectPath = ()) -> Iterator[tuple[EffectPath, EffectSpec]]:
    """Every effect with its path, those inside mixes behind their mix."""
    for number, spec in enumerate(chain):
        path = (*at, number)
        yield path, spec
        for branch, inner in enumerate(spec.branches):
            yield from walk(inner, (*path, branch))


def chain_at(chain: Chain, path: EffectPath) -> Chain | None:
    """The chain with this path of even length; None: there is none."""
    while path:
        number, branch, *rest = path
        if number >= len(chain) or branch >= len(chain[number].branches):
            return None
        chain, path = chain[number].branches[branch], tuple(rest)
    return chain


def effect_at(chain: Chain, path: EffectPath) -> EffectSpec | None:
    """The effect with this path of odd length; None: there is none."""
    inner = chain_at(chain, path[:-1])
    return inner[path[-1]] if inner is not None and 0 <= path[-1] < len(inner) else None


def replaced(chain: Chain, path: EffectPath, spec: EffectSpec) -> Chain:
    """The chain with another effect in that place."""
    return _spliced(chain, path, 1, (spec,))


def removed(chain: Chain, path: EffectPath) -> Chain:
    """The chain without that effect."""
    return _spliced(chain, path, 1, ())


def inserted(chain: Chain, path: EffectPath, spec: EffectSpec) -> Chain:
    """The chain with an effect more, which has that path then."""
    return _spliced(chain, path, 0, (spec,))


def moved(chain: Chain, path: EffectPath, to: EffectPath) -> tuple[Chain, EffectPath]:
    """The chain with an effect elsewhere: in front of what is at `to` now; and its new path.

    It stays where it is when `to` lies inside of it.
    """
    spec = effect_at(chain, path)
    if spec is None or to[: len(path)] == path or chain_at(chain, to[:-1]) is None:
        return chain, path
    there = inserted(chain, to, spec)
    without = removed(there, _shifted(path, to, +1, is_at_counted=True))
    return without, _shifted(to, path, -1, is_at_counted=False)


def with_branch(spec: EffectSpec) -> EffectSpec:
    """A mix with an empty branch more."""
    return replace(spec, branches=(*spec.branches, ()))


def without_branch(spec: EffectSpec, number: int) -> EffectSpec:
    """A mix with a branch less.

    Raises
    ------
    UsageError
        It is the only one.
    """
    if len(spec.branches) == 1:
        raise UsageError("a mix has at least one branch", hint="Remove the mix itself.")
    return replace(
        spec, branches=tuple(each for at, each in enumerate(spec.branches) if at != number)
    )


def proven(chain: Chain) -> Chain:
    """The chain with everything checked that a preset's file is checked for, and what cannot run.

    Raises
    ------
    UsageError
        With what is wrong.
    """
    for inner in (chain, *(branch for _, spec in walk(chain) for branch in spec.branches)):
        if len(inner) > MAX_EFFECTS:
            raise UsageError(
                f"a chain holds at most {MAX_EFFECTS} effects", hint="Remove one first."
            )
    return tuple(checked(spec) for spec in chain)


def check_place(path: EffectPath, spec: EffectSpec) -> None:
    """Raise `UsageError` for an effect that cannot stand inside a mix, where the path is in one."""
    if len(path) == 1:
        return
    for _, each in walk((spec,)):
        if each.name in NOT_IN_A_MIX:
            raise UsageError(
                f"the effect {each.name} cannot be streamed, so it cannot stand inside a {MIX}",
                hint="Put it before or behind.",
            )


def _shifted(path: EffectPath, by: EffectPath, step: int, *, is_at_counted: bool) -> EffectPath:
    """A path after an effect was put in at `by` (+1) or taken out there (-1)."""
    depth = len(by) - 1
    if len(path) <= depth or path[:depth] != by[:depth]:
        return path
    if path[depth] > by[depth] or (is_at_counted and path[depth] == by[depth]):
        return (*path[:depth], path[depth] + step, *path[depth + 1 :])
    return path


def _spliced(chain: Chain, path: EffectPath, n_out: int, new: Chain) -> Chain:
    """The chain with `n_out` effects from a path on replaced."""
    number, *rest = path
    if not rest:
        return (*chain[:number], *new, *chain[number + n_out :])
    spec, branch = chain[number], rest[0]
    inner = _spliced(spec.branches[branch], tuple(rest[1:]), n_out, new)
    branches = (*spec.branches[:branch], inner, *spec.branches[branch + 1 :])
    return (*chain[:number], replace(spec, branches=branches), *chain[number + 1 :])

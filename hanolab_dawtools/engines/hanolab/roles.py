"""Which returned file is what: told by names, else concluded by listening.

The reference does not say how the files of an answer are told apart. A role that the server's own
name, or the file name in the URL, tells is believed; every other is a guess and marked as one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from hanolab_dawtools.cloud.models import Output
from hanolab_dawtools.model import RequestKind, StemRole

_R = StemRole
EXPECTED: Mapping[int, tuple[StemRole, ...]] = {
    2: (_R.VOCALS, _R.ACCOMPANIMENT),
    4: (_R.VOCALS, _R.DRUMS, _R.BASS, _R.OTHER),
    6: (_R.VOCALS, _R.DRUMS, _R.BASS, _R.GUITAR, _R.PIANO, _R.OTHER),
}

# Words in names, between separators; a longer phrase beats a word inside it.
_WORDS: Mapping[StemRole, str] = {
    _R.ACCOMPANIMENT: r"(?:no|non|minus|without)_?(?:vocals?|voice)|instrumentals?|inst"
    r"|accompaniment|accomp|karaoke|backing_?tracks?|backing",
    _R.VOCALS: r"(?:lead_|backing_)?vocals?|voice|vox|acc?app?ell?as?|a_cappella|singing",
    _R.DRUMS: r"drum_?kit|drums?|percussion",
    _R.BASS: r"bass_?guitar|bass",
    _R.GUITAR: r"guitars?|gtr",
    _R.PIANO: r"piano|keys|keyboards?",
    _R.OTHER: r"others?|rest|remainder",
    _R.CONVERTED: r"converted|conversion",
    _R.MIX: r"full_?mix|full_?song|mixdown|mixed|mix|song",
}
_NAMES = {role: re.compile(rf"(?<![a-z])(?:{words})(?![a-z])") for role, words in _WORDS.items()}


@dataclass(frozen=True)
class Role:
    """What a file is taken for."""

    role: StemRole
    is_guessed: bool


Listen = Callable[[Sequence[int], Sequence[StemRole]], Mapping[int, StemRole]]


def roles_of(
    kind: RequestKind,
    outputs: Sequence[Output],
    n_stems: int,
    *,
    is_full_song: bool,
    listen: Listen,
) -> list[Role | None]:
    """A role for each output, in their order; None for a file that is none of what was asked.

    Parameters
    ----------
    n_stems
        Of a separation.
    listen
        Given the numbers of unnamed outputs and the roles that are left, says by their sound which
        is which; it may leave some out.
    """
    if kind is RequestKind.SEPARATE:
        return _stem_roles(outputs, EXPECTED[n_stems], listen)
    if kind is RequestKind.GENERATE:
        return [Role(_R.MIX, is_guessed=False)] * len(outputs)
    return _converted_roles(outputs, _R.MIX if is_full_song else _R.CONVERTED)


def role_from_name(text: str) -> StemRole | None:
    """The role that a name tells; the last one where it tells several, None where none."""
    plain = re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", text).casefold())
    found = [
        (match.end(), match.end() - match.start(), role)
        for role, pattern in _NAMES.items()
        for match in pattern.finditer(plain)
    ]
    return max(found, key=lambda hit: hit[:2])[2] if found else None


def _name_of_url(url: str) -> str:
    """The file name in a URL, without its ending."""
    name = unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2], errors="replace")
    return name.rpartition(".")[0] or name


def _told(output: Output) -> StemRole | None:
    return role_from_name(output.name) or role_from_name(_name_of_url(output.url))


def _stem_roles(
    outputs: Sequence[Output], expected: Sequence[StemRole], listen: Listen
) -> list[Role | None]:
    told = [_as_expected(_told(output), expected) for output in outputs]
    often = Counter(told)
    roles: list[Role | None] = [
        Role(role, is_guessed=False) if role and role in expected and often[role] == 1 else None
        for role in told
    ]
    open_roles = [role for role in expected if role not in {r.role for r in roles if r}]
    unnamed = [number for number, role in enumerate(roles) if role is None]
    if len(outputs) > len(expected):  # a name nobody asked for: a mix beside its stems
        unnamed = [number for number in unnamed if told[number] in {None, *expected}]
    if unnamed and open_roles:
        for number, role in listen(unnamed, open_roles).items():
            roles[number] = Role(role, is_guessed=True)
    return roles


def _as_expected(role: StemRole | None, expected: Sequence[StemRole]) -> StemRole | None:
    """The other name of a role: in two stems, "other" is all but the vocals."""
    if role is _R.OTHER and _R.ACCOMPANIMENT in expected:
        return _R.ACCOMPANIMENT
    return role


def _converted_roles(outputs: Sequence[Output], wanted: StemRole) -> list[Role | None]:
    """The one file that was asked for; what else came is no part of the result."""
    told = [_told(output) for output in outputs]
    other_word = {_R.CONVERTED: _R.VOCALS, _R.MIX: _R.CONVERTED}[wanted]
    for role in (wanted, other_word):
        if role in told:
            chosen = told.index(role)
            break
    else:
        chosen = next((number for number, role in enumerate(told) if role is None), 0)
    is_guessed = len(outputs) > 1 and told[chosen] is None
    return [
        Role(wanted, is_guessed=is_guessed) if number == chosen else None
        for number in range(len(outputs))
    ]

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.cloud.models import Output
from hanolab_dawtools.engines.hanolab.roles import EXPECTED, Role, role_from_name, roles_of
from hanolab_dawtools.model import RequestKind, StemRole

_R = StemRole
URL = "https://cdn.test/a/b/"


def never(numbers, roles):
    pytest.fail(f"listened to {numbers} for {roles}")


def told(*roles: StemRole | None) -> list[Role | None]:
    return [role and Role(role, is_guessed=False) for role in roles]


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("vocals", _R.VOCALS),
        ("Vocals.wav", _R.VOCALS),
        ("lead-vocal", _R.VOCALS),
        ("backing_vocals", _R.VOCALS),
        ("no_vocals", _R.ACCOMPANIMENT),
        ("noVocals", _R.ACCOMPANIMENT),
        ("novocals", _R.ACCOMPANIMENT),
        ("minus vocals", _R.ACCOMPANIMENT),
        ("INSTRUMENTAL", _R.ACCOMPANIMENT),
        ("accompaniment_44100", _R.ACCOMPANIMENT),
        ("drum", _R.DRUMS),
        ("Drums-1", _R.DRUMS),
        ("bass_guitar", _R.BASS),
        ("electricGuitar", _R.GUITAR),
        ("piano", _R.PIANO),
        ("keys", _R.PIANO),
        ("others", _R.OTHER),
        ("my-bass-song_vocals", _R.VOCALS),
        ("mixdown", _R.MIX),
        ("converted", _R.CONVERTED),
        ("abcde", None),
        ("bassoon", None),
        ("0", None),
        ("", None),
    ],
)
def test_a_name_tells_the_role(text, role):
    assert role_from_name(text) == role


@given(st.text(max_size=40))
def test_any_name_tells_a_role_or_none(text):
    assert role_from_name(text) is None or role_from_name(text) in StemRole


@pytest.mark.parametrize("n_stems", EXPECTED)
def test_stems_that_are_named_are_believed_in_any_order(n_stems):
    expected = EXPECTED[n_stems][::-1]
    outputs = [
        Output(role.value.upper(), f"{URL}{number}.wav") for number, role in enumerate(expected)
    ]
    roles = roles_of(RequestKind.SEPARATE, outputs, n_stems, is_full_song=False, listen=never)
    assert roles == told(*expected)


def test_the_file_name_in_the_url_tells_it_too():
    outputs = [
        Output("", f"{URL}song-1%20Instrumental.wav?sig=vocals"),
        Output("", f"{URL}vox.wav"),
    ]
    roles = roles_of(RequestKind.SEPARATE, outputs, 2, is_full_song=False, listen=never)
    assert roles == told(_R.ACCOMPANIMENT, _R.VOCALS)


def test_other_is_the_accompaniment_where_there_are_two():
    outputs = [Output("vocals", URL), Output("other", URL)]
    roles = roles_of(RequestKind.SEPARATE, outputs, 2, is_full_song=False, listen=never)
    assert roles == told(_R.VOCALS, _R.ACCOMPANIMENT)


def test_what_no_name_tells_is_listened_to_and_marked_as_guessed():
    outputs = [
        Output("", f"{URL}a"),
        Output("drums", URL),
        Output("", f"{URL}b"),
        Output("bass", URL),
    ]

    def listen(numbers, roles):
        assert (list(numbers), list(roles)) == ([0, 2], [_R.VOCALS, _R.OTHER])
        return {0: _R.OTHER, 2: _R.VOCALS}

    roles = roles_of(RequestKind.SEPARATE, outputs, 4, is_full_song=False, listen=listen)
    assert roles == [
        Role(_R.OTHER, is_guessed=True),
        Role(_R.DRUMS, is_guessed=False),
        Role(_R.VOCALS, is_guessed=True),
        Role(_R.BASS, is_guessed=False),
    ]


def test_two_files_of_one_name_are_not_believed():
    outputs = [Output("vocals", URL), Output("vocals", URL)]
    roles = roles_of(
        RequestKind.SEPARATE,
        outputs,
        2,
        is_full_song=False,
        listen=lambda numbers, roles: dict(zip(numbers, roles, strict=True)),
    )
    assert all(role and role.is_guessed for role in roles)


def test_a_mix_beside_the_stems_is_left_alone():
    outputs = [Output("mix", URL), Output("vocals", URL), Output("instrumental", URL)]
    roles = roles_of(RequestKind.SEPARATE, outputs, 2, is_full_song=False, listen=never)
    assert roles == told(None, _R.VOCALS, _R.ACCOMPANIMENT)


@pytest.mark.parametrize(
    ("names", "is_full_song", "expected"),
    [
        (
            [
                "",
            ],
            False,
            told(_R.CONVERTED),
        ),
        (["whatever"], True, told(_R.MIX)),
        (["instrumental", "converted"], False, told(None, _R.CONVERTED)),
        (["converted_vocals", "instrumental", "mix"], True, told(None, None, _R.MIX)),
        (["vocals", "instrumental"], False, told(_R.CONVERTED, None)),
    ],
)
def test_of_a_conversion_the_one_file_that_was_asked_for_counts(names, is_full_song, expected):
    outputs = [Output(name, f"{URL}x.wav") for name in names]
    roles = roles_of(RequestKind.CONVERT, outputs, 0, is_full_song=is_full_song, listen=never)
    assert roles == expected


def test_all_that_was_generated_is_a_mix():
    outputs = [Output("vocals", URL), Output("", URL)]
    roles = roles_of(RequestKind.GENERATE, outputs, 0, is_full_song=False, listen=never)
    assert roles == told(_R.MIX, _R.MIX)

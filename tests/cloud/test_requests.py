import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.cloud.models import (
    ConvertRequest,
    FlashRequest,
    MusicRequest,
    SeparateRequest,
    is_http_url,
)
from hanolab_dawtools.errors import UsageError

URL = "https://cdn.hanolab.com/uploads/abc.wav"
MUSIC = {"tier": "studio", "prompt": "synthwave", "duration": 30}
CONVERT = {"input_url": URL, "voice_model_id": "vm_xxx", "duration": 30}
SEPARATE = {"input_url": URL, "mode": "2stem"}


def test_requests_are_written_as_the_reference_shows():
    music = MusicRequest(
        tier="studio",
        prompt="cinematic synthwave, melancholic, 120 bpm",
        lyrics="verse 1: ...",
        duration=30,
    )
    assert music.body() == {
        "tier": "studio",
        "prompt": "cinematic synthwave, melancholic, 120 bpm",
        "lyrics": "verse 1: ...",
        "duration": 30,
    }
    assert ConvertRequest(**CONVERT).body() == {
        **CONVERT,
        "pitch_shift": 0,
        "index_rate": 0.75,
        "filter_radius": 3,
        "rms_mix_rate": 0.25,
        "protect": 0.33,
        "full_song": False,
    }
    assert FlashRequest(**CONVERT).body() == CONVERT
    assert SeparateRequest(**SEPARATE).body() == SEPARATE
    kinds = (MusicRequest, ConvertRequest, FlashRequest, SeparateRequest)
    assert [kind.endpoint for kind in kinds] == [
        "music/generate",
        "voice/convert",
        "voice/convert-flash",
        "audio/separate",
    ]


def test_lyrics_that_are_not_given_are_not_sent():
    assert MusicRequest(**MUSIC).body() == MUSIC


@pytest.mark.parametrize(
    ("given_seconds", "sent"),
    [(30, 30), (30.0, 30), (29.001, 30), (0.2, 1), (30.0000000001, 30), (30.001, 31)],
)
def test_a_duration_is_sent_as_the_next_whole_second(given_seconds, sent):
    duration = FlashRequest(**{**CONVERT, "duration": given_seconds}).body()["duration"]
    assert duration == sent
    assert type(duration) is int


@given(st.floats(min_value=1e-3, max_value=86_400.0))
def test_a_duration_is_never_cut_by_more_than_a_rounding_error(seconds):
    sent = FlashRequest(**{**CONVERT, "duration": seconds}).duration
    assert 0 <= sent - seconds + 1e-6 < 1 + 1e-6 or sent == math.ceil(seconds)


@pytest.mark.parametrize("value", [0, -1, -0.5, math.inf, math.nan, 86_401, True, None, "30"])
def test_a_wrong_duration_is_refused(value):
    with pytest.raises(UsageError, match="duration"):
        FlashRequest(**{**CONVERT, "duration": value})


@pytest.mark.parametrize(
    ("field", "low", "high", "step"),
    [
        ("pitch_shift", -24, 24, 1),
        ("index_rate", 0.0, 1.0, 0.001),
        ("filter_radius", 0, 7, 1),
        ("rms_mix_rate", 0.0, 1.0, 0.001),
        ("protect", 0.0, 0.5, 0.001),
    ],
)
def test_ranges_are_kept_and_named(field, low, high, step):
    for value in (low, high):
        assert ConvertRequest(**CONVERT, **{field: value}).body()[field] == value
    for value in (low - step, high + step):
        with pytest.raises(UsageError, match=field) as caught:
            ConvertRequest(**CONVERT, **{field: value})
        assert f"{low:g} to {high:g}" in str(caught.value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("pitch_shift", 1.5),
        ("pitch_shift", "2"),
        ("filter_radius", True),
        ("index_rate", math.nan),
        ("protect", math.inf),
        ("full_song", "yes"),
        ("voice_model_id", ""),
        ("voice_model_id", " "),
        ("voice_model_id", "x" * 201),
    ],
)
def test_a_wrong_value_is_refused_by_name(field, value):
    with pytest.raises(UsageError, match=f"^{field} is .*: it must be "):
        ConvertRequest(**{**CONVERT, field: value})


@pytest.mark.parametrize(
    "values",
    [
        {"tier": "gold"},
        {"prompt": ""},
        {"prompt": " \n"},
        {"prompt": "x" * 5001},
        {"prompt": "\ud800"},
        {"lyrics": "x" * 20_001},
        {"lyrics": " "},
    ],
)
def test_a_wrong_wish_for_music_is_refused_shortly(values):
    with pytest.raises(UsageError) as caught:
        MusicRequest(**{**MUSIC, **values})
    assert str(caught.value).startswith(next(iter(values)))
    assert len(str(caught.value)) < 200


def test_a_missing_and_an_unknown_field_are_named():
    with pytest.raises(UsageError, match="mode is missing: it must be one of"):
        SeparateRequest(input_url=URL)
    with pytest.raises(UsageError, match='has no "stems"; it has input_url, mode'):
        SeparateRequest(**SEPARATE, stems=4)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "song.wav",
        "/music/song.wav",
        "file:///music/song.wav",
        "ftp://files.example.com/song.wav",
        "https://",
        "https:///song.wav",
        "https://files.example.com/a b.wav",
        "https://files.example.com/a\n.wav",
        "https://[::1/a.wav",
        "https://files.example.com:99999/a.wav",
        "https://files.example.com:0/a.wav",
        "https://files.example.com/" + "x" * 8192,
    ],
)
def test_what_no_server_can_fetch_is_refused(url):
    with pytest.raises(UsageError, match="input_url"):
        SeparateRequest(input_url=url, mode="2stem")


@pytest.mark.parametrize(
    "url",
    [URL, "http://127.0.0.1:8000/a.wav", "https://[::1]:80/a", "https://a.b/ä.wav?X-Sig=%20#x"],
)
def test_urls_of_every_form_are_taken_as_they_are(url):
    assert SeparateRequest(input_url=url, mode="2stem").body()["input_url"] == url


PIECES = ["https://", "http://", "a.b", ":", "/", "@", "[", "]", "::1", "99", "ü", "?", " ", "."]


@given(st.text() | st.lists(st.sampled_from(PIECES), max_size=6).map("".join))
def test_any_text_is_a_url_or_is_not(text):
    if is_http_url(text):
        assert text.startswith(("http://", "https://"))


def test_a_request_does_not_change():
    with pytest.raises(Exception, match="frozen"):
        SeparateRequest(**SEPARATE).mode = "4stem"

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.cloud.base_url import normal_base_url
from hanolab_dawtools.errors import UsageError


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("https://api.example.com", "https://api.example.com"),
        ("https://api.example.com/", "https://api.example.com"),
        ("https://api.example.com/api/v1", "https://api.example.com"),
        ("https://api.example.com/api/v1/", "https://api.example.com"),
        (" https://API.Example.com:443/api/v1 \n", "https://api.example.com"),
        ("HTTPS://api.example.com", "https://api.example.com"),
        ("https://example.com/hanolab/api/v1", "https://example.com/hanolab"),
        ("https://example.com:8443", "https://example.com:8443"),
        ("api.example.com/api/v1", "https://api.example.com"),
        ("http://127.0.0.1:8765", "http://127.0.0.1:8765"),
        ("127.0.0.1:8765/api/v1", "http://127.0.0.1:8765"),
        ("localhost:8765", "http://localhost:8765"),
        ("http://[::1]:8765/", "http://[::1]:8765"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
    ],
)
def test_every_way_to_write_it_has_one_normal_form(text, normal):
    assert normal_base_url(text) == normal
    assert normal_base_url(normal) == normal


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "https://",
        "ftp://api.example.com",
        "https://user:pass@api.example.com",
        "https://api.example.com/?x=1",
        "https://api.example.com/#x",
        "https://api.example.com:0",
        "https://api.example.com:99999",
        "https://[::1",
        "https://api example.com",
        "https://api.example.com/\x07",
        "https://" + "a" * 70 + ".example",
        "https://..",
    ],
)
def test_what_is_no_base_url_is_refused(text):
    with pytest.raises(UsageError):
        normal_base_url(text)


@pytest.mark.parametrize(
    "text",
    [
        "http://api.example.com",
        "http://192.168.1.5",
        "http://localhost.example.com",
        "http://0.0.0.0",
    ],
)
def test_the_key_never_travels_in_the_clear(text):
    with pytest.raises(UsageError, match="in the clear") as caught:
        normal_base_url(text)
    assert "https" in caught.value.hint


@pytest.mark.parametrize("place", ["api.example.com", "api.example.com:99999", "[::1", "a b"])
def test_a_password_in_it_is_not_repeated(place):
    with pytest.raises(UsageError) as caught:
        normal_base_url(f"https://user:s3cret@{place}")
    assert "s3cret" not in str(caught.value)


PIECES = ["https://", "http://", "a.b", ":", "/", "@", "[", "]", "::1", "99", "ü", "?", " ", "."]


@given(st.text() | st.lists(st.sampled_from(PIECES), max_size=6).map("".join))
def test_any_text_has_a_normal_form_or_is_refused(text):
    try:
        normal = normal_base_url(text)
    except UsageError:
        return
    assert normal_base_url(normal) == normal

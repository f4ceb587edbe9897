import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.cloud.http import HttpAnswer
from hanolab_dawtools.cloud.refusals import TRANSIENT_STATUSES, is_refused_for_sure, refusal
from hanolab_dawtools.errors import (
    AccountRefused,
    AuthFailed,
    BadRequest,
    Capped,
    CloudError,
    CloudProtocolError,
    CloudServerError,
    InsufficientCredits,
    PlanRequired,
    RemoteNotFound,
)

KEY = "hl_secret_0123456789"
NOW = 5000.0
OWN = {400: BadRequest, 401: AuthFailed, 402: InsufficientCredits, 404: RemoteNotFound, 429: Capped}


def refused(status: int, body: object = b"", **headers: str) -> CloudError:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return refusal(HttpAnswer(status, headers, content), what="the request", key=KEY, now=NOW)


@pytest.mark.parametrize("status", [*range(300, 600)])
def test_every_status_has_its_class(status):
    kind = type(refused(status))
    if status < 400:
        assert kind is CloudProtocolError
    elif status < 500:
        assert kind is OWN.get(status, AuthFailed if status == 403 else BadRequest)
    else:
        assert kind is CloudServerError
        assert refused(status).status == status


@pytest.mark.parametrize("status", [302, 400, 401, 402, 403, 404, 409, 429, 500, 503, 599])
def test_what_is_told_has_the_status_and_a_next_step(status):
    error = refused(status, {"error": "no_luck"})
    assert str(status) in str(error)
    assert "no_luck" in str(error)
    assert error.hint.endswith((".", "login"))


def test_a_refusal_for_sure_is_a_4xx_a_500_or_a_clear_redirect():
    sure = {status for status in range(100, 600) if is_refused_for_sure(status)}
    assert sure == {307, 308, 500} | (set(range(400, 500)) - {408})


def test_what_may_pass_is_what_the_issue_names():
    assert {429, 500, 502, 503, 504} == TRANSIENT_STATUSES


@pytest.mark.parametrize(
    "body",
    [
        {"error": "plan_tier_required"},
        {"error": {"code": "plan_tier_required", "message": "Upgrade"}},
        {"code": "plan_tier_required", "error": "Upgrade"},
    ],
)
def test_a_plan_without_access_is_known_by_its_code(body):
    assert type(refused(403, body)) is PlanRequired


@pytest.mark.parametrize("body", [{}, b"", {"error": "forbidden"}, b"<html>", {"error": 3}, [1]])
def test_any_other_403_is_about_the_key(body):
    error = refused(403, body)
    assert type(error) is AuthFailed
    assert isinstance(error, AccountRefused)


@pytest.mark.parametrize(
    ("body", "required"),
    [
        ({"error": "insufficient_credits", "required": 10}, 10.0),
        ({"required": 2.5}, 2.5),
        ({"required": "12"}, 12.0),
        ({"error": {"code": "insufficient_credits", "required": 7}}, 7.0),
        ({"detail": {"required": 7}}, 7.0),
        ({"required": 0}, 0.0),
        ({}, None),
        ({"required": None}, None),
        ({"required": True}, None),
        ({"required": -1}, None),
        ({"required": "many"}, None),
        ({"required": 10**400}, None),
        (b'{"required": NaN}', None),
        (b"<html>", None),
        ([10], None),
    ],
)
def test_the_credits_that_are_required_are_read(body, required):
    error = refused(402, body)
    assert error.required == required
    assert required is None or f"{required:g} credits" in str(error)


@pytest.mark.parametrize(
    ("header", "seconds"), [(None, 60.0), ("5", 5.0), ("0", 1.0), ("1e9", 86_400.0), ("x", 60.0)]
)
def test_a_cap_says_when_to_ask_again(header, seconds):
    headers = {} if header is None else {"retry-after": header}
    assert refused(429, **headers).retry_at == NOW + seconds


@pytest.mark.parametrize("field", ["error", "message", "detail"])
@pytest.mark.parametrize("value", ["too loud", {"message": "too loud"}, ["too loud"]])
def test_what_the_server_says_is_told_whatever_it_calls_it(field, value):
    assert "too loud" in str(refused(400, {field: value}))


def test_a_code_and_a_message_are_both_told_once():
    told = str(refused(400, {"error": "bad_url", "message": "it is not reachable"}))
    assert "bad_url: it is not reachable" in told
    assert str(refused(400, {"error": "same", "message": "same"})).count("same") == 1


@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b"Bad gateway", b'"Bad gateway"'])
def test_a_body_that_is_no_object_is_quoted(body):
    assert "Bad gateway" in str(refused(502, body))


def test_what_is_quoted_is_short_and_without_control_characters():
    error = refused(400, b"\x1b[31mred\x00\n" + b"x" * 1_000_000)
    assert len(str(error)) < 500
    assert str(error).isprintable()


@pytest.mark.parametrize("before", [0, 290, 295, 299, 590, 599, 2390])
@pytest.mark.parametrize("wrap", ["{}", '{{"error": "{}"}}', "<p>{}</p>"])
def test_the_key_is_never_quoted_not_even_a_part_of_it(before, wrap):
    text = "y" * before + KEY
    error = refused(401, wrap.format(text).encode())
    assert KEY[:8] not in str(error)


@given(st.integers(300, 599), st.binary(max_size=100), st.text(max_size=20))
def test_any_answer_makes_an_error_that_can_be_written(status, body, header):
    headers = {"retry-after": header, "location": header}
    str(refused(status, body, **headers)).encode()


@pytest.mark.parametrize("opening", [b"[", b'{"error":'])
def test_a_body_nested_without_end_is_quoted(opening):
    assert "400" in str(refused(400, opening * 100_000))


def test_a_signed_link_that_the_server_repeats_is_not_told_on():
    link = "https://bucket.example/x.flac?X-Amz-Signature=abc"
    error = refused(400, {"error": "bad_input", "message": f"cannot fetch {link}&X=1, sorry"})
    assert "bucket.example/x.flac" in str(error)
    assert "abc" not in str(error)

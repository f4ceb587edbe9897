import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.cloud.answers import (
    Output,
    Task,
    VoiceModel,
    error_text,
    kept_form,
    parse_accepted,
    parse_task,
    parse_voice_models,
    plain,
)
from hanolab_dawtools.errors import CloudProtocolError

BASE = "https://api.example.com"
URL = "https://cdn.example.com/a/vocals.wav"
OTHER_URL = "https://cdn.example.com/a/drums.wav"

# Names that the readers look for, so that hypothesis finds its way into them.
NAMES = st.sampled_from(
    [
        *("task_id", "id", "task", "data", "result", "status", "state", "output_urls"),
        *("outputs", "url", "name", "items", "error"),
    ]
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=()), max_size=8)
    | st.sampled_from(["completed", "failed", "processing", "done", URL, "//", "http://[", "a b"])
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(NAMES | st.text(max_size=4), inner, max_size=5)
    ),
    max_leaves=20,
)


def body(value: object) -> bytes:
    return json.dumps(value).encode()


def task(value: object) -> Task:
    return parse_task(body(value), "t1", BASE)


@pytest.mark.parametrize(
    "value",
    [
        {"task_id": "t1"},
        {"id": "t1"},
        {"task": {"id": "t1"}},
        {"data": {"id": "t1"}},
        {"data": {"task": {"id": "t1"}}},
        {"data": {"task_id": "t1", "id": "submission-9"}},
        {"taskId": "t1"},
        {"job_id": "t1"},
        {"jobId": "t1"},
        {"job": {"id": "t1"}},
        {"task_id": "t1", "id": "request-7", "status": "pending", "unknown": [1]},
        {"id": None, "task": {"task_id": "t1"}},
        {"id": "request-7", "task": {"id": "t1"}},
        {"task": "separation", "id": "t1"},
    ],
)
def test_the_id_is_found_where_it_may_be(value):
    assert parse_accepted(202, body(value)) == "t1"


def test_a_number_is_an_id_too():
    assert parse_accepted(200, b'{"task_id": 17}') == "17"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"accepted",
        b"<html></html>",
        b"null",
        b'"accepted"',
        b'{"task": "separation", "data": "ok"}',
        b"true",
        b"[]",
        b"{}",
        b'{"task_id": null}',
        b'{"task_id": ""}',
        b'{"task_id": true}',
        b'{"task_id": 1.5}',
        b'{"task_id": ".."}',
        b'{"task_id": "a b"}',
        b'{"task_id": "a\\nb"}',
        b'{"task_id": "\\ud800"}',
        b'{"task_id": "' + b"x" * 201 + b'"}',
        b'{"task_id": {"id": {}}}',
        b'{"task_id": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b"\xff\xfe\x00",
    ],
)
def test_an_answer_without_an_id_is_a_protocol_error(content):
    with pytest.raises(CloudProtocolError):
        parse_accepted(202, content)


@pytest.mark.parametrize("status", [100, 199, 300, 302, 400, 500])
def test_only_a_success_accepts(status):
    with pytest.raises(CloudProtocolError):
        parse_accepted(status, b'{"task_id": "t1"}')


@pytest.mark.parametrize(
    ("location", "found"),
    [
        ("/api/v1/tasks/t1", "t1"),
        ("https://api.example.com/api/v1/tasks/t1/", "t1"),
        ("/api/v1/tasks/t1?wait=1#x", "t1"),
        ("t1", "t1"),
        ("/api/v1/tasks/a%2Fb", "a/b"),
    ],
)
def test_the_location_gives_the_id_when_the_body_does_not(location, found):
    assert parse_accepted(202, kept_form(location, b"{}")) == found
    assert parse_accepted(202, kept_form(location, b'{"id": "mine"}')) == "mine"


@pytest.mark.parametrize(
    "location", ["", "/", "http://[", "https://api.example.com", "/a/%00", "/.."]
)
def test_a_location_that_names_nothing_is_no_id(location):
    with pytest.raises(CloudProtocolError):
        parse_accepted(202, kept_form(location, b"{}"))


@pytest.mark.parametrize("word", ["completed", "COMPLETE", "Succeeded", "success", " done "])
def test_words_for_the_end_are_read_in_any_case(word):
    assert task({"status": word, "output_urls": [URL]}).is_completed


@pytest.mark.parametrize("word", ["failed", "ERROR", "Cancelled", "canceled"])
def test_words_for_failure_are_read_in_any_case(word):
    found = task({"status": word, "error": {"message": "no\nvoice"}})
    assert found.is_failed
    assert not found.is_completed
    assert found.error == "no voice"


@pytest.mark.parametrize("word", ["pending", "queued", "processing", "half done", "42"])
def test_any_other_word_means_that_it_still_runs(word):
    found = task({"status": word, "output_urls": None})
    assert not found.is_completed
    assert not found.is_failed


@pytest.mark.parametrize(
    ("outputs", "found"),
    [
        ([URL, OTHER_URL], [("", URL), ("", OTHER_URL)]),
        (URL, [("", URL)]),
        ({"vocals": URL, "drums": OTHER_URL}, [("vocals", URL), ("drums", OTHER_URL)]),
        ({"vocals": {"url": URL, "size": 3}}, [("vocals", URL)]),
        ({"vocals": URL, "drums": None}, [("vocals", URL)]),
        ([{"url": URL, "name": "vocals"}], [("vocals", URL)]),
        ([{"url": URL, "stem": "vocals"}, OTHER_URL], [("vocals", URL), ("", OTHER_URL)]),
        ([{"href": URL, "type": "vocals"}], [("vocals", URL)]),
        ({"url": URL, "name": "vocals"}, [("vocals", URL)]),
        (["/files/a.wav"], [("", f"{BASE}/files/a.wav")]),
    ],
)
def test_every_form_of_output_urls_is_read(outputs, found):
    expected = tuple(Output(*pair) for pair in found)
    assert task({"status": "completed", "output_urls": outputs}).outputs == expected
    inside = {"id": "t1", "status": "completed", "result": {"output_urls": outputs}}
    assert task({"task": inside}).outputs == expected


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        {"status": 3},
        {"status": ""},
        {"status": "completed"},
        {"status": "completed", "output_urls": []},
        {"status": "completed", "output_urls": {}},
        {"status": "completed", "output_urls": 3},
        {"status": "completed", "output_urls": [{"name": "vocals"}]},
        {"status": "completed", "output_urls": ["file:///etc/passwd"]},
        {"status": "completed", "output_urls": ["http://[/a.wav"]},
        {"status": "completed", "output_urls": [URL] * 101},
    ],
)
def test_a_task_without_sense_is_a_protocol_error(value):
    with pytest.raises(CloudProtocolError):
        task(value)


def test_a_wrapped_task_keeps_its_id_and_unknown_fields():
    inside = {"id": "t7", "status": "running", "eta": 3}
    found = task({"ok": True, "task": inside})
    assert (found.id, found.status, found.raw) == ("t7", "running", inside)


@pytest.mark.parametrize(
    "value",
    [
        {"items": [{"id": "vm_1", "name": "Anna"}]},
        [{"id": "vm_1", "name": "Anna"}],
        {"data": {"items": [{"voice_model_id": "vm_1", "title": "Anna"}]}},
        {"models": [{"id": "vm_1", "name": "Anna"}, {"name": "no id"}, None]},
    ],
)
def test_every_form_of_the_list_of_voices_is_read(value):
    assert parse_voice_models(body(value)) == [VoiceModel("vm_1", "Anna")]


def test_no_voices_are_no_error():
    assert parse_voice_models(b'{"items": []}') == []


@pytest.mark.parametrize("value", [{}, {"items": {}}, {"items": [{"name": "x"}]}, 3, "vm_1"])
def test_a_list_of_voices_without_sense_is_a_protocol_error(value):
    with pytest.raises(CloudProtocolError):
        parse_voice_models(body(value))


@given(VALUES)
def test_any_json_is_read_or_is_a_protocol_error(value):
    content = body(value)
    for parse in (
        lambda: parse_accepted(202, content),
        lambda: parse_task(content, "t1", BASE),
        lambda: parse_voice_models(content),
    ):
        try:
            parse()
        except CloudProtocolError as error:
            str(error).encode()  # what is told can be written to a terminal
    error_text(value).encode()


@given(st.binary(max_size=200), st.binary(max_size=40))
def test_any_bytes_are_read_or_are_a_protocol_error(content, location):
    kept = kept_form(location.decode("latin-1"), content)
    for parse in (
        lambda: parse_accepted(202, kept),
        lambda: parse_task(content, "t1", BASE),
        lambda: parse_voice_models(content),
    ):
        try:
            parse()
        except CloudProtocolError as error:
            str(error).encode()


@pytest.mark.parametrize("opening", [b"[", b'{"error":', b'{"data":', b'{"task":'])
@pytest.mark.parametrize("depth", [50, 400, 900, 100_000])
def test_deep_json_is_a_protocol_error(opening, depth):
    closing = b"]" if opening == b"[" else b"}"
    content = opening * depth + b"1" + closing * depth
    for parse in (
        lambda: parse_accepted(202, content),
        lambda: parse_task(content, "t1", BASE),
        lambda: parse_voice_models(content),
    ):
        with pytest.raises(CloudProtocolError):
            parse()


@given(st.text(st.characters(exclude_categories=()), max_size=1000))
def test_a_servers_text_becomes_one_short_printable_line(text):
    shown = plain(text)
    assert len(shown) <= 301
    assert shown == " ".join(shown.split())
    assert all(character == " " or character.isprintable() for character in shown)

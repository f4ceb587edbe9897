"""What the HanoLab API answers, read liberally.

The reference leaves open how the id in a 202 is called, what `output_urls` looks like and which
statuses there are besides "completed" and "failed". So every plausible form is read, unknown
fields are passed over, and where no sense is left there is a `CloudProtocolError`, never
anything else.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from hanolab_dawtools.errors import CloudProtocolError
from hanolab_dawtools.redaction import without_queries

COMPLETED_WORDS = frozenset({"completed", "complete", "succeeded", "success", "done", "finished"})
FAILED_WORDS = frozenset({"failed", "failure", "error", "errored", "cancelled", "canceled"})
MAX_OUTPUTS = 100
MAX_ID_CHARACTERS = 200
MAX_SHOWN_CHARACTERS = 300

_SURE_ID_FIELDS = ("task_id", "taskId")
_ID_FIELDS = ("job_id", "jobId", "id")
_WRAPPERS = ("task", "data", "job", "result")
_STATUS_FIELDS = ("status", "state")
_OUTPUT_FIELDS = ("output_urls", "outputUrls", "outputs", "output_url", "output", "urls")
_URL_FIELDS = ("url", "href", "download_url", "output_url", "file_url")
_NAME_FIELDS = ("name", "stem", "type", "role", "label", "filename")
_ERROR_FIELDS = ("error", "message", "detail", "error_message", "reason", "code")
_LIST_FIELDS = ("items", "data", "models", "voice_models")
_VOICE_ID_FIELDS = ("id", "voice_model_id", "model_id")
_VOICE_NAME_FIELDS = ("name", "title", "label", "display_name")
_DEPTH = 4  # of objects within objects that are looked into
_LOCATION_MARK = b"Location: "
_HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True)
class Output:
    """One file of a completed task; `name` is what the server calls it, empty when it does not."""

    name: str
    url: str


@dataclass(frozen=True)
class Task:
    """Where a task stands.

    `status` is the server's word in lower case. `outputs` are filled when it is completed,
    `error` when it failed and the server said why. `raw` is the answer's object.
    """

    id: str
    status: str
    outputs: tuple[Output, ...] = ()
    error: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def is_completed(self) -> bool:
        """Whether its files are there."""
        return self.status in COMPLETED_WORDS

    @property
    def is_failed(self) -> bool:
        """Whether nothing more will come of it."""
        return self.status in FAILED_WORDS


@dataclass(frozen=True)
class VoiceModel:
    """A voice to convert to; `name` is empty when the server gives none."""

    id: str
    name: str
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)


def kept_form(location: str | None, body: bytes) -> bytes:
    """The bytes to keep of an answer: its body, after its Location header where it has one."""
    if not location:
        return body
    return _LOCATION_MARK + location.encode("latin-1", "replace") + _HEAD_END + body


def parse_accepted(status: int, body: bytes) -> str:
    """The task's id in an answer of 2xx to a submission; `body` as `kept_form` made it.

    Raises
    ------
    CloudProtocolError
        It is no 2xx, or holds no id that could be one.
    """
    if not 200 <= status < 300:
        raise CloudProtocolError(f"an answer of status {status} accepts nothing")
    location = b""
    if body.startswith(_LOCATION_MARK) and _HEAD_END in body:
        head, _, body = body.partition(_HEAD_END)
        location = head.removeprefix(_LOCATION_MARK)
    try:
        found = _accepted_id(parse_json(body))
    except CloudProtocolError:
        found = ""
    found = found or _id_of_location(location)
    if not found:
        raise CloudProtocolError(f"the answer holds no task id: {shortened(body) or 'it is empty'}")
    return found


def is_task_id(text: str) -> bool:
    """Whether a text can be a task's id."""
    return bool(_as_id(text))


def parse_task(body: bytes, task_id: str, base_url: str) -> Task:
    """The task in an answer; relative output URLs are taken from `base_url`.

    Raises
    ------
    CloudProtocolError
        No status, or completed without outputs that could be fetched.
    """
    raw = _unwrapped(parse_json(body), _STATUS_FIELDS)
    status = _text(raw, _STATUS_FIELDS).casefold()
    if not status:
        raise CloudProtocolError(f"task {task_id}: the answer has no status: {shortened(body)}")
    found = _id(raw, _SURE_ID_FIELDS + _ID_FIELDS) or task_id
    if status in COMPLETED_WORDS:
        outputs = tuple(_outputs(raw, base_url, task_id))
        if not outputs:
            raise CloudProtocolError(
                f"task {task_id} is {status}, but the answer names no output files"
            )
        return Task(found, status, outputs, raw=raw)
    error = error_text(raw) if status in FAILED_WORDS else ""
    return Task(found, status, error=error, raw=raw)


def parse_voice_models(body: bytes) -> list[VoiceModel]:
    """The voice models in an answer; entries without an id are passed over.

    Raises
    ------
    CloudProtocolError
        There is no list, or none of its entries has an id.
    """
    value = parse_json(body)
    entries = value if isinstance(value, list) else _list_inside(value)
    if entries is None:
        raise CloudProtocolError(f"the answer holds no list of voice models: {shortened(body)}")
    models = [model for entry in entries if (model := _voice_model(entry))]
    if entries and not models:
        raise CloudProtocolError(f"no voice model in the answer has an id: {shortened(body)}")
    return models


def parse_json(body: bytes) -> Any:
    """Any JSON value.

    Raises
    ------
    CloudProtocolError
        It is none, or nested too deeply.
    """
    try:
        return json.loads(body)
    except RecursionError as error:
        raise CloudProtocolError("the answer is nested without end") from error
    except ValueError as error:
        raise CloudProtocolError(
            f"the answer is no JSON: {shortened(body) or 'it is empty'}"
        ) from error


def error_text(value: object, depth: int = _DEPTH) -> str:
    """What an error object says, in one line; empty when it says nothing."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, Mapping) and depth:
        said = (error_text(value.get(name), depth - 1) for name in _ERROR_FIELDS)
        return next(filter(None, said), "")
    if isinstance(value, list) and value and depth:
        return error_text(value[0], depth - 1)
    return ""


def plain(text: str) -> str:
    """A server's text on one line, without control characters and signatures, shortened."""
    shown = "".join(
        " " if character.isspace() else character
        for character in without_queries(text[: 8 * MAX_SHOWN_CHARACTERS])
        if character.isspace() or unicodedata.category(character)[0] != "C"
    )
    shown = " ".join(shown.split())
    if len(shown) > MAX_SHOWN_CHARACTERS:
        return f"{shown[:MAX_SHOWN_CHARACTERS]}…"
    return shown


def shortened(body: bytes) -> str:
    """The beginning of a body, to be quoted."""
    return plain(body[: 8 * MAX_SHOWN_CHARACTERS].decode("utf-8", "replace"))


def _accepted_id(value: object, depth: int = _DEPTH) -> str:
    """The id of the task in an object: what names it surely first, what may be another id last.

    A text where an object is expected is no id: it would rather be a kind or a state.
    """
    if not isinstance(value, Mapping) or not depth:
        return ""
    return (
        _id(value, _SURE_ID_FIELDS)
        or _accepted_id(value.get("task"), depth - 1)
        or _id(value, _ID_FIELDS)
        or next(filter(None, (_accepted_id(value.get(name), depth - 1) for name in _WRAPPERS)), "")
    )


def _id(value: Mapping[str, Any], fields: tuple[str, ...]) -> str:
    return next(filter(None, (_as_id(value.get(name)) for name in fields)), "")


def _as_id(value: object) -> str:
    """A text or whole number that can be an id, as text; else empty."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < 10**MAX_ID_CHARACTERS else ""
    if not isinstance(value, str) or not 0 < len(value) <= MAX_ID_CHARACTERS:
        return ""
    if value in {".", ".."} or not value.isprintable() or " " in value:
        return ""
    return value


def _id_of_location(location: bytes) -> str:
    try:
        path = urlsplit(location.decode("latin-1").strip()).path
    except ValueError:
        return ""
    return _as_id(unquote(path.rstrip("/").rpartition("/")[2], errors="replace"))


def _unwrapped(value: object, fields: tuple[str, ...]) -> Mapping[str, Any]:
    """The object that has one of the fields: the value, or what it wraps."""
    if isinstance(value, Mapping):
        for candidate in (value, *(value.get(name) for name in _WRAPPERS)):
            if isinstance(candidate, Mapping) and _text(candidate, fields):
                return candidate
    return {}


def _text(value: Mapping[str, Any], fields: tuple[str, ...]) -> str:
    for name in fields:
        found = value.get(name)
        if isinstance(found, str) and plain(found):
            return plain(found)
    return ""


def _outputs(raw: Mapping[str, Any], base_url: str, task_id: str) -> Iterator[Output]:
    for holder in (raw, *(raw.get(name) for name in _WRAPPERS)):
        if not isinstance(holder, Mapping):
            continue
        for name in _OUTPUT_FIELDS:
            pairs = list(_pairs(holder.get(name)))
            if len(pairs) > MAX_OUTPUTS:
                raise CloudProtocolError(f"task {task_id}: the answer names {len(pairs)} files")
            if pairs:
                yield from (Output(name, _absolute(url, base_url)) for name, url in pairs)
                return


def _pairs(value: object) -> Iterator[tuple[str, str]]:
    """Name and URL of every file in one of the forms that `output_urls` may have."""
    if isinstance(value, str) and value:
        yield "", value
    elif isinstance(value, list):
        for entry in value:
            yield from _entry("", entry)
    elif isinstance(value, Mapping):
        if _text(value, _URL_FIELDS):
            yield from _entry("", value)
        else:
            for name, entry in value.items():
                yield from _entry(plain(name), entry)


def _entry(name: str, entry: object) -> Iterator[tuple[str, str]]:
    if isinstance(entry, str) and entry:
        yield name, entry
    elif isinstance(entry, Mapping):
        for field_name in _URL_FIELDS:
            url = entry.get(field_name)
            if isinstance(url, str) and url:
                yield _text(entry, _NAME_FIELDS) or name, url
                return


def _absolute(url: str, base_url: str) -> str:
    try:
        whole = urljoin(f"{base_url}/", url)
        parts = urlsplit(whole)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable:
        raise CloudProtocolError(f"the answer names an output that is no URL: {plain(url)}")
    return whole


def _list_inside(value: object, depth: int = _DEPTH) -> list[Any] | None:
    if isinstance(value, Mapping) and depth:
        for name in _LIST_FIELDS:
            found = value.get(name)
            inner = found if isinstance(found, list) else _list_inside(found, depth - 1)
            if inner is not None:
                return inner
    return None


def _voice_model(entry: object) -> VoiceModel | None:
    if isinstance(entry, str) and _as_id(entry):
        return VoiceModel(entry, "")
    if isinstance(entry, Mapping):
        for name in _VOICE_ID_FIELDS:
            if found := _as_id(entry.get(name)):
                return VoiceModel(found, _text(entry, _VOICE_NAME_FIELDS), entry)
    return None

"""What is asked of the HanoLab API: requests, checked before anything is sent.

Each field's description completes "it must be …" in the refusal. What the API answers is in
`answers`; both kinds of type are imported from here.

Seconds are sent as whole numbers, the ceiling: so the server never bills less than what it is
asked to work on, and never cuts the end off.
"""

from __future__ import annotations

import math
import unicodedata
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from hanolab_dawtools.cloud.answers import Output, Task, VoiceModel, parse_accepted
from hanolab_dawtools.errors import UsageError

__all__ = [
    "ConvertRequest",
    "FlashRequest",
    "MusicRequest",
    "Output",
    "PaidRequest",
    "SeparateRequest",
    "Task",
    "VoiceModel",
    "is_http_url",
    "parse_accepted",
]

LONGEST_SECONDS = 86_400  # a day: nobody means more, and a slip of the unit is noticed
LONGEST_PROMPT_CHARACTERS = 5_000
LONGEST_LYRICS_CHARACTERS = 20_000
LONGEST_URL_CHARACTERS = 8_192  # signed URLs of a bucket take up to 2 or 3 thousand
_SECONDS_SLACK = 1e-6  # a float a hair above a whole second means that second
_SHOWN_VALUE_CHARACTERS = 60
_OPTIONS = {"voice_model_id": "voice", "mode": "stems"}  # of the command, where named otherwise


def is_http_url(text: str) -> bool:
    """Whether a text is an http or https URL with a host, and without anything that is no URL."""
    if len(text) > LONGEST_URL_CHARACTERS or any(map(_is_no_url_character, text)):
        return False
    try:
        parts = urlsplit(text)
        port = parts.port  # reading it is the check: a ValueError for a wrong one
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and port != 0


def _is_no_url_character(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) in {"Cc", "Cs"}


def _ceiling(value: object) -> object:
    """Whole seconds of a duration; anything else is left for pydantic to refuse."""
    if isinstance(value, float) and math.isfinite(value):
        return math.ceil(value - _SECONDS_SLACK) if value > 0 else math.floor(value)
    return value


def _checked_url(text: str) -> str:
    if not is_http_url(text):
        raise ValueError
    return text


def _checked_text(text: str) -> str:
    if not text.strip() or any(unicodedata.category(character) == "Cs" for character in text):
        raise ValueError
    return text


Seconds = Annotated[
    int,
    BeforeValidator(_ceiling),
    Field(
        gt=0,
        le=LONGEST_SECONDS,
        description=f"a number of seconds above 0, up to {LONGEST_SECONDS}",
    ),
]
InputUrl = Annotated[
    str,
    AfterValidator(_checked_url),
    Field(description="an http:// or https:// URL that HanoLab's servers can fetch"),
]
VoiceId = Annotated[
    str,
    AfterValidator(_checked_text),
    Field(max_length=200, description="the id of one of your voice models; see: hanolab voices"),
]
Ratio = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, description="a number from 0 to 1")]


class PaidRequest(BaseModel):
    """A submission that costs credits. Making one checks it.

    Raises
    ------
    UsageError
        Names the field, what was given, and what it must be.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    endpoint: ClassVar[str]

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise _usage_error(type(self), error) from error

    def body(self) -> dict[str, Any]:
        """The JSON object to send; fields without a value are left out."""
        return self.model_dump(exclude_none=True)


class MusicRequest(PaidRequest):
    """A piece of music from a prompt."""

    endpoint: ClassVar[str] = "music/generate"

    tier: Literal["draft", "studio", "signature", "maestro"] = Field(
        description='one of "draft", "studio", "signature" and "maestro"'
    )
    prompt: Annotated[str, AfterValidator(_checked_text)] = Field(
        max_length=LONGEST_PROMPT_CHARACTERS,
        description=f"a text of 1 to {LONGEST_PROMPT_CHARACTERS} characters",
    )
    lyrics: Annotated[str, AfterValidator(_checked_text)] | None = Field(
        default=None,
        max_length=LONGEST_LYRICS_CHARACTERS,
        description=f"a text of 1 to {LONGEST_LYRICS_CHARACTERS} characters, or be left out",
    )
    duration: Seconds


class ConvertRequest(PaidRequest):
    """A voice conversion through a trained model (RVC)."""

    endpoint: ClassVar[str] = "voice/convert"

    input_url: InputUrl
    voice_model_id: VoiceId
    duration: Seconds
    pitch_shift: int = Field(
        default=0, ge=-24, le=24, description="a whole number of semitones from -24 to 24"
    )
    index_rate: Ratio = 0.75
    filter_radius: int = Field(default=3, ge=0, le=7, description="a whole number from 0 to 7")
    rms_mix_rate: Ratio = 0.25
    protect: float = Field(
        default=0.33, ge=0, le=0.5, allow_inf_nan=False, description="a number from 0 to 0.5"
    )
    full_song: bool = Field(default=False, description="true or false")


class FlashRequest(PaidRequest):
    """A voice conversion from a reference clip: quicker, without training."""

    endpoint: ClassVar[str] = "voice/convert-flash"

    input_url: InputUrl
    voice_model_id: VoiceId
    duration: Seconds


class SeparateRequest(PaidRequest):
    """A separation into stems."""

    endpoint: ClassVar[str] = "audio/separate"

    input_url: InputUrl
    mode: Literal["2stem", "4stem", "6stem"] = Field(
        description='one of "2stem", "4stem" and "6stem"'
    )


def _usage_error(model: type[PaidRequest], error: ValidationError) -> UsageError:
    """The first fault of a request as a sentence."""
    first = error.errors(include_url=False)[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    field = model.model_fields.get(name)
    if field is None:
        names = ", ".join(model.model_fields)
        return UsageError(f'a {model.endpoint} request has no "{name}"; it has {names}')
    hint = f"The command's option for it is --{_OPTIONS.get(name, name).replace('_', '-')}."
    if first["type"] == "missing":
        return UsageError(f"{name} is missing: it must be {field.description}", hint=hint)
    value = repr(first["input"])
    if len(value) > _SHOWN_VALUE_CHARACTERS:
        value = f"{value[:_SHOWN_VALUE_CHARACTERS]}…"
    return UsageError(f"{name} is {value}: it must be {field.description}", hint=hint)

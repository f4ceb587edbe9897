"""What several parts say because none may import the other is the same in all of them."""

from __future__ import annotations

from typing import get_args

import pytest
from pydantic.fields import FieldInfo

from hanolab_dawtools.cli import generate
from hanolab_dawtools.cloud.models import ConvertRequest, MusicRequest
from hanolab_dawtools.engines.local.voice import knobs
from hanolab_dawtools.presets import words
from hanolab_dawtools.presets.schema import ConvertJob
from hanolab_dawtools.sandbox import options
from hanolab_dawtools.settings_fields import BilledAction

RVC_KNOBS = ("pitch_shift", "index_rate", "filter_radius", "rms_mix_rate", "protect")


def bounds_of(field: FieldInfo) -> tuple[float, float]:
    low = [fact.ge for fact in field.metadata if hasattr(fact, "ge")]
    high = [fact.le for fact in field.metadata if hasattr(fact, "le")]
    return low[0], high[0]


@pytest.mark.parametrize("name", [*RVC_KNOBS, "full_song"])
def test_a_preset_leaves_a_knob_where_the_api_leaves_it(name: str) -> None:
    assert ConvertJob.model_fields[name].default == ConvertRequest.model_fields[name].default


@pytest.mark.parametrize("name", RVC_KNOBS)
def test_a_knob_has_one_range_in_presets_cloud_and_preview(name: str) -> None:
    in_preset = bounds_of(ConvertJob.model_fields[name])
    assert in_preset == bounds_of(ConvertRequest.model_fields[name]) == knobs._RANGES[name]


def test_formants_have_one_range_in_presets_and_preview() -> None:
    in_preset = bounds_of(ConvertJob.model_fields["formant_shift"])
    assert in_preset == knobs._RANGES["formant_shift"]


@pytest.mark.parametrize(
    "name", sorted(set(vars(knobs.VoiceKnobs())) & set(ConvertJob.model_fields))
)
def test_the_preview_leaves_a_knob_where_a_preset_leaves_it(name: str) -> None:
    assert (getattr(knobs.VoiceKnobs(), name) or 0) == (getattr(ConvertJob(), name) or 0)


def test_protection_is_off_at_one_value() -> None:
    assert (
        words.PROTECT_OFF == knobs.PROTECT_OFF == bounds_of(ConvertJob.model_fields["protect"])[1]
    )


def test_the_tiers_of_music_are_the_same_everywhere() -> None:
    of_api = get_args(MusicRequest.model_fields["tier"].annotation)
    billed = [action.partition("/")[2] for action in get_args(BilledAction) if "generate" in action]
    assert of_api == generate.TIERS == options.TIERS == tuple(billed)

"""Chains as presets write them."""

from __future__ import annotations

from typing import Any

import pytest

from hanolab_dawtools.audio.effect_entries import effect_from_table
from hanolab_dawtools.audio.effects import EffectSpec
from hanolab_dawtools.workflows.stored import from_json, to_json


@pytest.mark.parametrize(
    ("written", "kept"), [(-30, -30.0), (-30.5, -30.5), (True, True), ("Hall", "Hall")]
)
def test_a_plug_ins_values_are_stored_as_they_are_written(written: Any, kept: Any) -> None:
    entry = {"effect": "vst3", "plugin": "Any", "values": {"knob": written}}
    spec = effect_from_table(entry)
    stored = from_json(EffectSpec, to_json(spec))  # a warning of the serialiser fails the test
    value = stored.plugin_values["knob"]
    assert (value, type(value)) == (kept, type(kept))

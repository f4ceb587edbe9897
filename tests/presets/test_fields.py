"""The facts that forms are made of are those of the models."""

import pytest

from hanolab_dawtools.presets.fields import FieldKind, fields_of
from hanolab_dawtools.presets.schema import (
    CaptureSettings,
    ConvertJob,
    FlashJob,
    ImportPolicy,
    NoJob,
    Preset,
    SeparateJob,
)

JOBS = [NoJob(), SeparateJob(), ConvertJob(), FlashJob()]
PARTS = ("job", "capture", "import")


def by_key(job):
    return {field.key: field for field in fields_of(Preset(name="x", job=job), PARTS)}


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.kind)
def test_every_field_of_every_part_has_a_kind(job):
    models = {"job": type(job), "capture": CaptureSettings, "import": ImportPolicy}
    names = {f"{part}.{name}" for part, model in models.items() for name in model.model_fields}
    assert set(by_key(job)) == names


def test_a_numbers_range_is_that_of_the_model():
    pitch = by_key(ConvertJob(pitch_shift=3))["job.pitch_shift"]
    assert (pitch.low, pitch.high, pitch.is_whole) == (-24, 24, True)
    assert (pitch.value, pitch.default) == (3, 0)
    protect = by_key(ConvertJob())["job.protect"]
    assert (protect.low, protect.high, protect.is_whole) == (0, 0.5, False)


def test_a_choice_that_may_be_left_out_says_so():
    fields = by_key(SeparateJob())
    assert fields["capture.each"].choices == (None, "selection", "track", "item")
    assert fields["job.stems"].choices == (2, 4, 6)


def test_lists_and_tables_are_frozen_plain_values():
    job = SeparateJob(stems=4, only=["drums"])
    assert by_key(job)["job.only"].value == ("drums",)
    preset = Preset.model_validate({"name": "x", "import": {"colours": {"drums": "#112233"}}})
    fields = {field.key: field for field in fields_of(preset, PARTS)}
    assert fields["import.colours"].value == (("drums", "#112233"),)
    assert fields["import.colours"].kind is FieldKind.COLOURS

"""A preset out of a job's plan asks for the same again."""

from dataclasses import replace
from pathlib import Path

import pytest
from fakes.any_preset import preset_tables
from hypothesis import given

from hanolab_dawtools.audio.effects import EffectSpec
from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.model import CapturePoint, HostName, RequestKind, Selection, Width
from hanolab_dawtools.package_data import presets_folder
from hanolab_dawtools.presets.files import checked_preset, read_preset
from hanolab_dawtools.presets.schema import ConvertJob, NoJob, Preset
from hanolab_dawtools.workflows.applying import Beside, asked_of
from hanolab_dawtools.workflows.plan import RunPlan
from hanolab_dawtools.workflows.preset_from_job import preset_from_job
from hanolab_dawtools.workflows.stored import from_json, to_json

ENGINE = "hanolab"
SELECTION = Selection(HostName.RPP, Path("song.rpp"), "Chorus", 1.0, 2.0, "region 1")


def plan_of(preset: Preset) -> RunPlan:
    """What a run with this preset stores, as far as a preset decides it."""
    asked = asked_of(preset, ENGINE, Beside(), HostName.RPP)
    return RunPlan(
        replace(SELECTION, point=asked.wanted.point),
        asked.kind,
        asked.engine,
        asked.parameters,
        asked.keep_source,
        as_takes=asked.wanted.as_takes,
        width=asked.width,
        match_level=asked.match_level,
        before=asked.before,
        after=asked.after,
        has_tail=asked.has_tail,
        preset=asked.preset,
        voice=asked.voice,
        arrangement=asked.arrangement,
    )


@pytest.mark.parametrize(
    "path", sorted(presets_folder().glob("*.toml")), ids=lambda each: each.stem
)
def test_a_job_of_a_factory_preset_gives_the_preset_back(path):
    preset = read_preset(path)
    if isinstance(preset.job, ConvertJob):  # it needs a voice to become a job
        preset = checked_preset({"name": "x", "job": {"kind": "convert", "voice": {"id": "v"}}}, "")
    again = preset_from_job(plan_of(preset), preset.name)
    assert comparable(again) == comparable(preset)


@given(table=preset_tables)
def test_a_job_of_any_preset_gives_the_preset_back(table):
    job = table.get("job", {"kind": "none"})
    if job["kind"].startswith("convert"):
        job["voice"] = {"id": "vm_1", "name": "Ada"}
        job.pop("reference", None)  # a clip that must be there
    if "only" in job:
        job["only"] = sorted(job["only"])
    preset = checked_preset(table, "a test")
    stored = from_json(RunPlan, to_json(plan_of(preset)))
    assert comparable(preset_from_job(stored, preset.name)) == comparable(preset)


def comparable(preset: Preset) -> Preset:
    """A preset without what a plan does not keep; with the engine that the run was by."""
    job = preset.job
    if not isinstance(job, NoJob):
        job = job.model_copy(update={"engine": ENGINE})
    return preset.model_copy(
        update={
            "description": "",
            "tags": [],
            "job": job,
            "capture": preset.capture.model_copy(update={"each": None}),
        }
    )


def test_what_belongs_to_one_run_stays_out():
    plan = RunPlan(
        SELECTION,
        RequestKind.CONVERT,
        ENGINE,
        {"voice": "vm_1", "protect": 0.1, "input_url": "https://example.org/a.wav"},
        folder=Path("/out"),
        max_credits=3.0,
        voice="Ada",
        width=Width.SOURCE,
    )
    preset = preset_from_job(plan, "Mine")
    assert preset.job.voice.model_dump() == {"id": "vm_1", "name": "Ada"}
    assert preset.job.protect == 0.1
    assert preset.job.width is Width.SOURCE
    text = preset.model_dump_json()
    assert not [word for word in ("example.org", "/out", "song.rpp", "Chorus") if word in text]


def test_effects_that_were_bypassed_stay_so():
    effects = (EffectSpec("gain", {"gain_db": 3.0}, is_bypassed=True),)
    preset = preset_from_job(RunPlan(SELECTION, RequestKind.PROCESS, "none", before=effects), "x")
    assert preset.before == [{"effect": "gain", "bypass": True, "gain_db": 3.0}]
    assert preset.capture.point is CapturePoint.ITEM


def test_music_that_was_generated_is_no_preset():
    plan = RunPlan(SELECTION, RequestKind.GENERATE, ENGINE, {"prompt": "a song"})
    with pytest.raises(UsageError, match="no presets for that"):
        preset_from_job(plan, "x")

"""What is told of a preset: its steps, and honestly the knobs that do nothing."""

import pytest

from hanolab_dawtools.presets.files import checked_preset
from hanolab_dawtools.presets.words import chain_text, idle_knobs, idle_values, steps_of

CLOUD, LOCAL = "hanolab", "local"


def preset(**table):
    return checked_preset({"name": "Mine"} | table, "a test")


def converting(**knobs):
    return preset(job={"kind": "convert"} | knobs)


@pytest.mark.parametrize(
    ("engine", "knobs", "told"),
    [
        (CLOUD, {"filter_radius": 5}, "filter_radius: no effect unless the server finds"),
        (LOCAL, {"filter_radius": 5}, "filter_radius: the local preview"),
        (CLOUD, {"protect": 0.1, "index_rate": 0}, "protect: no effect with index_rate 0"),
        (CLOUD, {"protect": 0.5}, "protect: 0.5 is off; lower values protect more, 0 most"),
        (LOCAL, {"protect": 0.5}, "protect: 0.5 is off"),
        (LOCAL, {"index_rate": 0.3}, "index_rate: without a reference"),
        (LOCAL, {"voice": {"id": "vm_1"}}, "voice: the local preview"),
        (LOCAL, {"full_song": True}, "full_song: the local preview"),
        (CLOUD, {"reference": "a.wav"}, "reference: only the local preview"),
        (CLOUD, {"formant_shift": 2.0}, "formant_shift: only the local preview"),
    ],
)
def test_a_knob_that_does_nothing_is_named_with_the_reason(engine, knobs, told):
    (sentence,) = idle_knobs(converting(**knobs), engine)
    assert sentence.startswith(told)


@pytest.mark.parametrize(
    ("engine", "knobs"),
    [
        (CLOUD, {}),
        (LOCAL, {}),
        (CLOUD, {"protect": 0.0, "index_rate": 0.75, "rms_mix_rate": 1.0, "pitch_shift": -3}),
        (CLOUD, {"index_rate": 0.0}),
        (LOCAL, {"protect": 0.1, "index_rate": 0.0, "reference": "a.wav"}),
        (LOCAL, {"formant_shift": 2.0, "reference": "a.wav", "index_rate": 0.3}),
    ],
)
def test_nothing_is_said_of_knobs_that_act(engine, knobs):
    assert not idle_knobs(converting(**knobs), engine)


def test_the_presets_own_engine_decides_and_not_the_users():
    assert idle_knobs(converting(engine=LOCAL, full_song=True), CLOUD)
    assert not idle_knobs(converting(engine=CLOUD, full_song=True), LOCAL)


@pytest.mark.parametrize(
    ("job", "role", "is_idle"),
    [
        ({"kind": "none"}, "processed", False),
        ({"kind": "none"}, "vocals", True),
        ({"kind": "separate"}, "vocals", False),
        ({"kind": "separate"}, "drums", True),
        ({"kind": "separate", "stems": 4}, "drums", False),
        ({"kind": "separate", "stems": 4, "only": ["bass"]}, "drums", True),
        ({"kind": "separate", "stems": 4, "only": ["bass"]}, "rest", False),
        ({"kind": "convert"}, "converted", False),
        ({"kind": "convert"}, "accompaniment", True),
        ({"kind": "convert", "isolate": True}, "accompaniment", False),
        ({"kind": "convert-flash"}, "vocals", True),
    ],
)
def test_effects_on_what_a_job_never_gives_are_named(job, role, is_idle):
    told = idle_knobs(preset(job=job, after={role: [{"effect": "gain"}]}), CLOUD)
    assert bool(told) is is_idle
    assert all(sentence.startswith(f"after.{role}: ") for sentence in told)


def test_the_steps_are_told_in_their_order():
    steps = steps_of(
        preset(
            before=[{"effect": "gain", "gain_db": 3}],
            job={"kind": "convert", "isolate": True, "voice": {"name": "Ada"}, "pitch_shift": 2},
            after={"converted": [{"effect": "reverb"}]},
            tail="auto",
            capture={"point": "track", "each": "item"},
            **{"import": {"results": "takes", "names": "$voice"}},
        ),
        CLOUD,
    )
    told = [sentence.split()[0] for sentence in steps]
    assert told == [
        "Take",
        "Each",
        "Apply",
        "Separate",
        "Convert",
        "Bring",
        "Apply",
        "Let",
        "Place",
    ]
    assert "with the voice Ada (+2 semitones)" in steps[4]
    assert "named '$voice'" in steps[-1]


@pytest.mark.parametrize(
    ("source", "told"), [("mute", "muted"), ("keep", "what is new is muted"), ("both", "beside")]
)
def test_what_becomes_of_the_source_is_told(source, told):
    assert told in steps_of(preset(**{"import": {"source": source}}), LOCAL)[-1]


def test_a_chain_is_told_with_the_parameters_that_were_set():
    chain = [
        {"effect": "gain"},
        {"effect": "compressor", "ratio": 3.0, "bypass": True},
        {"effect": "mix", "branches": [[], [{"effect": "invert"}]]},
        {"effect": "vst3", "plugin": "ZamComp"},
    ]
    assert chain_text(chain) == (
        "gain (0 dB), compressor (-20 dB, ratio 3) (bypassed), side by side [dry | invert], "
        "the plug-in ZamComp"
    )


@pytest.mark.parametrize("is_local", [True, False])
def test_protect_acts_locally_also_without_an_index(is_local):
    told = list(idle_values({"protect": 0.2, "index_rate": 0, "reference": ""}, is_local=is_local))
    assert any(sentence.startswith("protect:") for sentence in told) is not is_local

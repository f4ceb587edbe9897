"""Each thing that is refused or approximated is told per item while the rest renders."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from fakes.containers import write_container
from fakes.timelines import item, noise, project, render, selection, track, write_media

from hanolab_dawtools.errors import SelectionError
from hanolab_dawtools.hosts.project.timeline import Envelope, Fade, Source
from hanolab_dawtools.hosts.rpp.planning import plan_capture
from hanolab_dawtools.hosts.rpp.rules import RULES, Verdict

ENVELOPE = Envelope("VOLENV", is_active=True, points=((0.0, 0.5, 0, 0.0),))
IDLE = replace(ENVELOPE, is_active=False)

REFUSED_ITEMS = {
    "MIDI": {"kind": "MIDI"},
    "sub-project": {"kind": "RPP_PROJECT"},
    "offline media": {"kind": "_OFFLINE_WAVE"},
    "click": {"kind": "CLICK"},
    "time code": {"kind": "LTC"},
    "other sources": {"kind": "VIDEOEFFECT"},
    "high play rate": {"play_rate": 101.0},
    "markers that bend the pitch": {"stretch_markers": ((0.0, 0.1, 0.0),)},
    "extreme stretching": {"play_rate": 0.05, "preserves_pitch": True},
    "channel mode": {"channel_mode": 5},
    "take envelopes": {"envelopes": (replace(ENVELOPE, kind="PITCHENV"),)},
}
REFUSED_TRACKS = {
    "media offset": {"media_offset_seconds": 0.01},
}
PANNING = replace(ENVELOPE, kind="PANENV")
SLOPE = ((0.0, 0.5, 0, 0.0), (1.0, 1.0, 0, 0.0))
APPROXIMATED_ITEMS = {
    "preserved pitch": [{"play_rate": 1.5, "preserves_pitch": True}],
    "pitch": [{"pitch_semitones": -1.0}, {"pitch_semitones": 0.5, "play_rate": 0.5}],
    "stretch markers": [
        {"stretch_markers": ((0.0, 0.1, 0.0),), "preserves_pitch": True},
        {"stretch_markers": ((0.0, 0.0, 0.2), (0.1, 0.1, 0.0)), "preserves_pitch": True},
    ],
    "video": [{"file": "sound.m4a", "kind": "VIDEO"}],
    "pan law": [{"pan": 0.5, "pan_law": 0.7}, {"envelopes": (PANNING,), "pan_law": 0.5}],
    "pan of many channels": [{"file": "wide.wav", "pan": 0.5}],
    "pan and pan envelope": [{"pan": 0.5, "envelopes": (PANNING,)}],
    "mono mix": [{"channel_mode": 2}],
    "channel modes of many channels": [
        {"file": "wide.wav", "channel_mode": 1},
        {"file": "wide.wav", "channel_mode": 70},
    ],
    "curved take envelopes": [
        {"envelopes": (replace(ENVELOPE, points=SLOPE, is_fader_scaled=True),)},
        {"envelopes": (replace(ENVELOPE, points=((0, 0.5, 5, 0.1), (1, 1.0, 5, 0.1))),)},
    ],
    "section crossfade": [
        {"is_looped": True, "section": {"length": 0.05, "overlap": 0.01}},
        {"is_looped": True, "source_offset_seconds": -0.1, "section": {"length": 9, "overlap": 1}},
    ],
    "long curved fades": [{"fade_in": Fade(0.06, shape=1)}, {"fade_out": Fade(0.06, 0, 0.4)}],
}
EXACT_ITEMS = [
    {"stretch_markers": ((0.0, 0.0, 0.0), (0.05, 0.05, 0.0))},
    {"play_rate": 1.0, "preserves_pitch": True},
    {"pan": 0.5},
    {"channel_mode": 1},
    {"channel_mode": 67},
    {"file": "mono.wav", "channel_mode": 2},
    {"play_rate": 1.5},
    {"envelopes": (replace(ENVELOPE, points=SLOPE),)},
    {"envelopes": (replace(ENVELOPE, points=((0, 0.5, 1, 0.0), SLOPE[1]), is_fader_scaled=True),)},
    {"is_looped": True, "section": {"length": 0.05, "overlap": 0.0}},
    {"is_looped": True, "section": {"length": 0.1, "overlap": 0.01}},
    {"fade_in": Fade(0.06, shape=0), "fade_out": Fade(0.05, shape=1)},
]


@pytest.fixture
def folder(tmp_path):
    for name, n_channels in (("mono", 1), ("a", 2), ("wide", 6)):
        write_media(tmp_path / f"{name}.wav", noise(n_channels, 4_800), 48_000)
    write_container(tmp_path / "sound.m4a", noise(2, 4_800), 48_000)
    return tmp_path


def plan(timeline):
    return plan_capture(timeline, selection(timeline, 0.0, 0.1), 0.0)


def sentence(kind: str) -> str:
    return next(rule.sentence for rule in RULES if rule.kind == kind)


@pytest.mark.parametrize("kind", sorted(REFUSED_ITEMS))
def test_refused_item_is_told_while_the_rest_renders(folder, kind):
    refused = item("a.wav", 0.0, 0.1, name="Odd", id="odd", **REFUSED_ITEMS[kind])
    timeline = project(folder, track(item("a.wav", 0.0, 0.1)), track(refused, name="Gtr"))
    (note,) = plan(timeline).skipped
    assert (note.item, note.track, note.reason) == ("Odd", "Gtr", sentence(kind))
    assert np.array_equal(render(timeline, 0.0, 0.1), noise(2, 4_800))


@pytest.mark.parametrize("kind", sorted(REFUSED_TRACKS))
def test_item_on_a_track_that_is_refused_is_told(folder, kind):
    odd = track(item("a.wav", 0.0, 0.1, name="Odd", id="odd"), **REFUSED_TRACKS[kind])
    timeline = project(folder, track(item("a.wav", 0.0, 0.1)), odd)
    assert [note.reason for note in plan(timeline).skipped] == [sentence(kind)]


def one_item(folder, fields):
    fields = dict(fields)
    section = fields.pop("section", None)
    one = item(fields.pop("file", "a.wav"), 0.0, 0.1, **fields)
    if section is not None:
        (take,) = one.takes
        source = Source(
            "SECTION",
            section_length_seconds=section["length"],
            section_overlap_seconds=section["overlap"],
            inner=take.source,
        )
        one = replace(one, takes=(replace(take, source=source),))
    return project(folder, track(one))


@pytest.mark.parametrize(
    ("kind", "fields"),
    [(kind, fields) for kind, cases in APPROXIMATED_ITEMS.items() for fields in cases],
)
def test_approximated_item_is_rendered_and_told(folder, kind, fields):
    made = plan(one_item(folder, fields))
    assert sentence(kind) in [note.reason for note in made.approximate]
    assert len(made.voices) == 1


@pytest.mark.parametrize("fields", EXACT_ITEMS)
def test_exact_item_is_rendered_without_a_word(folder, fields):
    made = plan(one_item(folder, fields))
    assert made.approximate == ()
    assert len(made.voices) == 1


def test_section_of_midi_is_refused_as_midi(folder):
    midi = item("a.wav", 0.0, 0.1, kind="MIDI")
    source = Source("SECTION", section_length_seconds=1.0, inner=midi.takes[0].source)
    one = replace(midi, takes=(replace(midi.takes[0], source=source),))
    with pytest.raises(SelectionError, match="MIDI sounds only"):
        plan(project(folder, track(one)))


def test_section_in_a_section_is_refused(folder):
    inner = Source("SECTION", inner=Source("WAVE", "a.wav"))
    (take,) = item("a.wav", 0.0, 0.1).takes
    take = replace(take, source=Source("SECTION", inner=inner))
    with pytest.raises(SelectionError, match="sources of this type"):
        plan(project(folder, track(replace(item("a.wav", 0.0, 0.1), takes=(take,)))))


def test_item_that_plays_all_its_takes_is_refused(folder):
    one = item("a.wav", 0.0, 0.1, plays_all_takes=True)
    assert plan(project(folder, track(one))).skipped == ()
    two = replace(one, takes=one.takes * 2)
    with pytest.raises(SelectionError, match="all its takes"):
        plan(project(folder, track(two)))


def test_every_rule_has_a_test():
    tested = {*REFUSED_ITEMS, *REFUSED_TRACKS, "play all takes"}
    approximated = {"track mute envelope", "master play rate", "replaced overlap"}
    approximated |= set(APPROXIMATED_ITEMS)
    assert {rule.kind for rule in RULES if rule.verdict is Verdict.REFUSED} == tested
    assert {rule.kind for rule in RULES if rule.verdict is Verdict.APPROXIMATED} == approximated


def test_envelope_that_is_switched_off_is_no_reason(folder):
    timeline = project(folder, track(item("a.wav", 0.0, 0.1, envelopes=(IDLE,)), envelopes=(IDLE,)))
    assert plan(timeline).skipped == ()
    assert plan(timeline).approximate == ()


def test_mute_envelope_of_a_track_and_master_play_rate_are_told(folder):
    muting = replace(ENVELOPE, kind="MUTEENV")
    timeline = project(folder, track(item("a.wav", 0.0, 0.1), envelopes=(muting,)), play_rate=1.1)
    told = [note.reason for note in plan(timeline).approximate]
    assert told == [sentence("track mute envelope"), sentence("master play rate")]


def test_nothing_but_refused_items_is_an_error_with_the_reasons(folder):
    timeline = project(folder, track(item("a.wav", 0.0, 0.1, name="Keys", kind="MIDI")))
    with pytest.raises(SelectionError, match='"Keys" on "T1": MIDI sounds only'):
        plan(timeline)


def test_only_the_active_take_counts(folder):
    one = item("a.wav", 0.0, 0.1)
    midi = replace(one.takes[0], source=Source("MIDI"))
    both = replace(one, takes=(midi, None, one.takes[0]))
    assert plan(project(folder, track(replace(both, active_take=2)))).skipped == ()
    with pytest.raises(SelectionError, match="MIDI"):
        plan(project(folder, track(replace(both, active_take=0))))
    with pytest.raises(SelectionError, match="hold no media"):
        plan(project(folder, track(replace(both, active_take=1))))


def test_items_that_were_muted_meanwhile_are_told_as_such(folder):
    muted = replace(item("a.wav", 0.0, 0.1), is_muted=True)
    with pytest.raises(SelectionError, match="any more") as refused:
        plan(project(folder, track(muted)))
    assert "run the command again" in refused.value.hint


def test_effects_that_are_not_heard_are_named_once(folder):
    one = item("a.wav", 0.0, 0.05, name="Take 1", effects=("JS: gate",))
    other = item("a.wav", 0.05, 0.05)
    timeline = project(
        folder,
        track(name="Bus", folder_change=1, effects=("VST: Comp",)),
        track(one, other, name="Gtr", folder_change=-1, effects=("VST: ReaEQ",)),
        track(item("a.wav", 0.0, 0.1), name="Off", effects=("VST: x",), effects_bypassed=True),
        track(name="Far", effects=("VST: y",)),
    )
    assert plan(timeline).unheard_effects == (
        "Bus: VST: Comp",
        "Gtr: VST: ReaEQ",
        "Take 1: JS: gate",
    )

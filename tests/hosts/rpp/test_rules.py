"""Each thing that is refused or approximated is told per item while the rest renders."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from fakes.timelines import item, noise, project, render, selection, track, write_media

from hanolab_dawtools.errors import SelectionError
from hanolab_dawtools.hosts.rpp.planning import plan_capture
from hanolab_dawtools.hosts.rpp.rules import RULES, Verdict
from hanolab_dawtools.hosts.rpp.timeline import Envelope, Source

ENVELOPE = Envelope("VOLENV", is_active=True, points=((0.0, 0.5, 0, 0.0),))
IDLE = replace(ENVELOPE, is_active=False)

REFUSED_ITEMS = {
    "MIDI": {"kind": "MIDI"},
    "video": {"kind": "VIDEO"},
    "section": {"kind": "SECTION"},
    "sub-project": {"kind": "RPP_PROJECT"},
    "offline media": {"kind": "_OFFLINE_WAVE"},
    "other sources": {"kind": "CLICK"},
    "play rate": {"play_rate": 1.5},
    "pitch": {"pitch_semitones": -1.0},
    "stretch markers": {"stretch_markers": ((0.0, 0.0, 0.0),)},
    "channel mode": {"channel_mode": 2},
    "take pan": {"pan": -0.5},
    "take envelopes": {"envelopes": (ENVELOPE,)},
}
REFUSED_TRACKS = {
    "fixed lanes": {"free_mode": 2},
    "free positioning": {"free_mode": 1},
    "media offset": {"media_offset_seconds": 0.01},
}


@pytest.fixture
def folder(tmp_path):
    write_media(tmp_path / "a.wav", noise(2, 4_800), 48_000)
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


def test_item_that_plays_all_its_takes_is_refused(folder):
    one = item("a.wav", 0.0, 0.1, plays_all_takes=True)
    assert plan(project(folder, track(one))).skipped == ()
    two = replace(one, takes=one.takes * 2)
    with pytest.raises(SelectionError, match="all its takes"):
        plan(project(folder, track(two)))


def test_every_rule_has_a_test():
    tested = {*REFUSED_ITEMS, *REFUSED_TRACKS, "play all takes"}
    approximated = {"track mute envelope", "master play rate"}
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

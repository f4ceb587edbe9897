"""Stems in a project as a preset lays them out: folder or none, colours, what is inherited."""

from dataclasses import replace

import pytest
from fakes.line_diff import difference
from fakes.placements import item_ids, place, placement, timeline_of
from fakes.projects import ItemText, ProjectText, TrackText, block

from hanolab_dawtools.hosts.rpp.chunks import native_colour
from hanolab_dawtools.model import StemRole
from hanolab_dawtools.placement import Arrangement

EFFECT = block("FXCHAIN", "BYPASS 0 0", block("JS gain 0.5", "0"), "FXID {F}")
CONTENT = ProjectText((TrackText(items=(ItemText(0.5, 4.0),), chunks=(EFFECT,)),)).content()


def placed(arrangement: Arrangement, *, keep_source: bool = False):
    wanted = placement(sources=item_ids(CONTENT), keep_source=keep_source)
    new, made = place(CONTENT, replace(wanted, arrangement=arrangement))
    counts = (made.lines_inserted, made.tokens_changed)
    assert difference(CONTENT, new, made.changes) == counts
    return timeline_of(new).tracks, new


def test_without_a_folder_the_tracks_stand_alone_and_inherit_nothing() -> None:
    tracks, new = placed(Arrangement(has_folder=False))
    assert [track.name for track in tracks[-2:]] == ["Vocals", "Accompaniment"]
    assert [(track.depth, track.folder_change) for track in tracks[-2:]] == [(0, 0), (0, 0)]
    assert new.count(b"<FXCHAIN") == CONTENT.count(b"<FXCHAIN")


@pytest.mark.parametrize("inherits", [True, False])
def test_a_folder_takes_over_effects_only_if_it_shall(inherits: bool) -> None:
    _, new = placed(Arrangement(inherits=inherits))
    assert new.count(b"<FXCHAIN") == CONTENT.count(b"<FXCHAIN") + inherits


@pytest.mark.parametrize(
    ("keeps", "beside", "has_folder", "muted"),
    [
        (False, False, True, [False, False, False]),
        (True, False, True, [True, False, False]),
        (True, True, True, [False, False, False]),
        (True, False, False, [True, True]),
        (True, True, False, [False, False]),
    ],
)
def test_what_is_new_is_silent_beside_a_kept_source_unless_both_shall_play(
    keeps: bool, beside: bool, has_folder: bool, muted: list[bool]
) -> None:
    arrangement = Arrangement(has_folder=has_folder, plays_beside=beside)
    tracks, _ = placed(arrangement, keep_source=keeps)
    assert [track.is_muted for track in tracks[1:]] == muted
    assert any(item.is_muted for item in tracks[0].items) is not keeps


def test_colours_are_those_of_the_preset() -> None:
    colours = {StemRole.VOCALS: "#010203", StemRole.ACCOMPANIMENT: "none"}
    _, new = placed(Arrangement(colours=colours))
    text = new.decode()
    windows = "/win" in text.splitlines()[0]
    for name, colour in (
        ("Vocals", native_colour(0x010203, windows=windows)),
        ("Accompaniment", 16576),
    ):
        assert f"PEAKCOL {colour}\n" in text.partition(f"NAME {name}")[2].replace("\r", "")[:40]

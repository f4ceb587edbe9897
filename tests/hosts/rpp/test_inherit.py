import pytest
from fakes.line_diff import difference
from fakes.placements import item_ids, place, placement, timeline_of
from fakes.projects import (
    ItemText,
    ProjectText,
    TrackText,
    block,
    envelope,
    fx_chain,
    vst,
)

from hanolab_dawtools.hosts.rpp.document import Document
from hanolab_dawtools.placement import Placed

SEND = "AUXRECV 0 3 0.5 0 0 0 0 0 0 -1:U 0 -1 ''"
STRIP = ("PANMODE 5", "WIDTH -0.5", "MAINSEND_NCH 1", "HWOUT 0 0 1 0 0 0 0 -1:U -1")


def project(*tracks: TrackText) -> bytes:
    return ProjectText(tracks).content()


def source(**options: object) -> TrackText:
    return TrackText(items=(ItemText(number=1),), **options)


def placed_from(content: bytes, n_sources: int = 1) -> tuple[bytes, Placed]:
    wanted = placement(0.0, 9.0, sources=item_ids(content)[:n_sources])
    return place(content, wanted)


def folder_lines(new: bytes) -> list[bytes]:
    """Lines of the folder track, which stands third from the end when there are two stems."""
    document = Document.parse(new, placement().selection.source)
    lines = timeline_of(new).tracks[-3].lines
    return [document.lines[number].strip() for number in lines]


def test_the_folder_gets_fader_pan_outputs_and_polarity_of_the_one_source_track():
    content = project(source(extra=STRIP)).replace(
        b"VOLPAN 1 0 -1 -1 1", b"VOLPAN 0.7 -0.2 -1 -1 1"
    )
    new, placed = placed_from(content.replace(b"IPHASE 0", b"IPHASE 1"))
    lines = folder_lines(new)
    for line in (*STRIP, "VOLPAN 0.7 -0.2 -1 -1 1", "IPHASE 1"):
        assert lines.count(line.encode()) == 1
    assert placed.warnings == ()
    folder, *stems = timeline_of(new).tracks[1:]
    assert (folder.gain, folder.pan, folder.folder_change) == (0.7, -0.2, 1)
    assert [track.gain for track in stems] == [1.0, 1.0]


def test_the_folder_gets_effects_and_envelopes_with_ids_of_their_own():
    chunks = (envelope("VOLENV2", (0, 1), (4, 0.5)), fx_chain(vst(3000)))
    content = project(source(chunks=chunks))
    new, _ = placed_from(content)
    track, folder = timeline_of(new).tracks[:2]
    assert (folder.effects, folder.envelopes) == (track.effects, track.envelopes)
    for state in vst(3000)[1:-1]:
        assert new.count(state.strip().encode()) == 2 * content.count(state.strip().encode())
    assert (new.count(b"FXID {F}"), new.count(b"EGUID {E}")) == (1, 1)


def test_a_bypassed_chain_stays_bypassed():
    content = project(source(chunks=(fx_chain(vst()),))).replace(b"FX 1", b"FX 0")
    new, _ = placed_from(content)
    assert [track.effects_bypassed for track in timeline_of(new).tracks] == [1, 1, 0, 0]


def test_items_frozen_parts_and_names_are_not_taken_over():
    frozen = block("FREEZE 0", "BYPASS 0 0", vst())
    new, _ = placed_from(project(source(name="Mine", chunks=(frozen,))))
    folder = timeline_of(new).tracks[1]
    assert (folder.items, folder.is_frozen, folder.name) == ((), False, "STEMS: Chorus")


def test_sends_of_the_source_track_are_made_from_the_folder_too():
    content = project(
        source(),
        TrackText("Reverb", 2, extra=(SEND, SEND.replace("0 3", "1 0"))),
        TrackText("Other", 3, extra=(SEND.replace("0 3", "1 0"),)),
    )
    new, placed = placed_from(content)
    received = [line.split()[1] for line in new.split(b"\n") if b"AUXRECV" in line]
    assert received == [b"0", b"1", b"3", b"1"]
    counts = (placed.lines_inserted, placed.tokens_changed)
    assert difference(content, new, placed.changes) == counts


def test_an_envelope_of_a_send_goes_with_it():
    lines = envelope("AUXVOLENV", (0, 1), (2, 0.25))
    receive = TrackText("Reverb", 2, extra=(SEND,))
    content = project(source(), receive)
    text = "".join(f"    {line}\r\n" for line in lines).encode()
    content = content.replace(SEND.encode() + b"\r\n", SEND.encode() + b"\r\n" + text)
    new, _ = placed_from(content)
    assert new.count(b"<AUXVOLENV") == 2
    order = [word for word in new.split() if word in {b"AUXRECV", b"<AUXVOLENV"}]
    assert order == [b"AUXRECV", b"<AUXVOLENV"] * 2


def test_a_soloed_source_gives_a_soloed_folder():
    content = project(source()).replace(b"MUTESOLO 0 0 0", b"MUTESOLO 0 1 0")
    new, placed = placed_from(content)
    assert timeline_of(new).tracks[1].is_soloed
    assert placed.warnings == ()


def test_a_wider_source_track_gives_a_wider_folder():
    new, _ = placed_from(project(source()).replace(b"NCHAN 2", b"NCHAN 6"))
    assert b"NCHAN 6" in folder_lines(new)


@pytest.mark.parametrize(("gain", "n_warnings"), [("1", 0), ("0.5", 1)])
def test_stems_of_several_tracks_take_nothing_over_and_say_so_when_it_matters(gain, n_warnings):
    second = TrackText("Bass", 2, items=(ItemText(number=2),))
    content = project(source(), second).replace(b"VOLPAN 1 0 -1", f"VOLPAN {gain} 0 -1".encode())
    new, placed = placed_from(content, n_sources=2)
    assert timeline_of(new).tracks[2].gain == 1.0
    assert len(placed.warnings) == n_warnings
    assert all("2 tracks and do not pass" in warning for warning in placed.warnings)


@pytest.mark.parametrize(("chunks", "n_warnings"), [((), 0), ((fx_chain(vst()),), 1)])
def test_a_parent_folder_that_shapes_the_sound_is_warned_of(chunks, n_warnings):
    parent = TrackText("Band", 2, bus="1 1", chunks=chunks)
    neighbour = TrackText("Beside", 3, chunks=(fx_chain(vst()),))
    content = project(parent, neighbour, source(bus="2 -1"))
    _, placed = placed_from(content)
    assert len(placed.warnings) == n_warnings
    assert all('"Band"' in warning for warning in placed.warnings)

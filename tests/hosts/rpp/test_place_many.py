from itertools import pairwise

from fakes.line_diff import difference
from fakes.placements import timeline_of
from fakes.projects import DIALECTS, ItemText, ProjectText, TrackText
from fakes.shelved import heard, place_many, result, track_named
from hypothesis import given, settings
from hypothesis import strategies as st

from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.hosts.project.timeline import Item
from hanolab_dawtools.model import StemRole

ITEM = ItemText(0.0, 32.0)
SONG = ProjectText((TrackText(items=(ITEM,)),), DIALECTS["7.7"], eol="\n").content()
RESIDUAL = (StemRole.VOCALS, StemRole.ACCOMPANIMENT, StemRole.RESIDUAL)


def names(content: bytes) -> list[str]:
    return [track.name for track in timeline_of(content).tracks]


def spans(items: tuple[Item, ...]) -> list[tuple[float, float]]:
    return [ends(item) for item in items]


@st.composite
def batches(draw: st.DrawFn) -> tuple[bytes, list]:
    """A project of some tracks, and results of random regions, tracks and presets."""
    n_tracks, number, tracks = draw(st.integers(1, 3)), 0, []
    for at in range(n_tracks):
        items = []
        for place in sorted(draw(st.sets(st.integers(0, 5), min_size=1, max_size=4))):
            number += 1
            items.append(ItemText(place * 8.0, draw(st.integers(1, 512)) / 64, number))
        tracks.append(TrackText(number=at, items=tuple(items)))
    content = ProjectText(tuple(tracks), DIALECTS["7.7"]).content()
    results = []
    for job in range(draw(st.integers(1, 7))):
        start = draw(st.integers(0, 2600)) / 64
        of = draw(st.sampled_from([*[(at,) for at in range(n_tracks)], tuple(range(n_tracks))]))
        length = draw(st.integers(1, 1200)) / 64
        preset = draw(st.sampled_from(["a", "b"]))
        kept = draw(st.integers(0, 4)) == 0
        one = result(
            *(content, job + 1, start, start + length),
            tracks=of,
            shelf=f"{of} {preset}",
            keep_source=kept,
            roles=draw(st.sampled_from([RESIDUAL[:2], RESIDUAL])),
        )
        if one.placement.capture.sources:
            results.append(one)
    return content, results


@settings(max_examples=40)
@given(batches(), st.randoms())
def test_the_bytes_do_not_depend_on_the_order_of_the_results(batch, random):
    content, results = batch
    new, _ = place_many(content, results)
    random.shuffle(results)
    assert place_many(content, results)[0] == new


@settings(max_examples=40)
@given(batches())
def test_all_else_stays_byte_for_byte(batch):
    content, results = batch
    new, made = place_many(content, results)
    told = [change for one in made.values() for change in one.changes]
    lines = sum(one.lines_inserted for one in made.values())
    tokens = sum(one.tokens_changed for one in made.values())
    assert difference(content, new, told) == (lines, tokens)


@settings(max_examples=40)
@given(batches())
def test_every_instant_of_a_source_is_heard_once_as_itself_or_in_one_result(batch):
    content, results = batch
    new, made = place_many(content, results)
    n_before = len(timeline_of(content).tracks)
    audible = {
        track.id for track in timeline_of(new).tracks[n_before:] if heard(new, [track.number - 1])
    }
    for number in range(n_before):
        for item in timeline_of(content).tracks[number].items:
            own = [
                one.music
                for one in results
                if item.id in one.placement.capture.sources
                and made[one.placement.job_id].tracks[0].track_id in audible
            ]
            sounding = [*own, *heard(new, [number])]
            edges = sorted({edge for span in sounding for edge in span} | set(ends(item)))
            for at in [(one + other) / 2 for one, other in pairwise(edges)]:
                if item.position_seconds < at < item.end_seconds:
                    n_before_here = sum(a < at < b for a, b in heard(content, [number]))
                    n_now = sum(a < at < b for a, b in heard(new, [number]))
                    n_results = sum(a < at < b for a, b in own)
                    assert (n_now, n_results) in {(n_before_here, 0), (0, 1)}


def ends(item: Item) -> tuple[float, float]:
    return item.position_seconds, item.end_seconds


def test_regions_of_a_track_share_a_folder_with_a_track_for_each_stem():
    results = [result(SONG, n, n * 4.0, n * 4.0 + 4.0) for n in range(4)]
    new, made = place_many(SONG, results)
    assert names(new) == ["Guitar", "STEMS: Guitar karaoke", "Vocals", "Accompaniment"]
    vocals = track_named(new, "Vocals")
    assert spans(vocals.items) == [result.music for result in results]
    assert [made[f"b-{n}"].tracks[0].item_id for n in range(4)] == [i.id for i in vocals.items]
    assert {made[f"b-{n}"].tracks[0].track_id for n in range(4)} == {vocals.id}
    assert heard(new, [0]) == [(16.0, 32.0)]


@settings(max_examples=40)
@given(st.lists(st.integers(0, 7), unique=True, min_size=1), st.integers(0, 255))
def test_the_bytes_do_not_depend_on_how_many_calls_brought_regions(regions, in_first):
    results = [result(SONG, n + 1, n * 4.0 + 0.5, n * 4.0 + 3.5) for n in sorted(regions)]
    whole, _ = place_many(SONG, results)
    first = [one for n, one in enumerate(results) if in_first >> n & 1] or results[:1]
    new, _ = place_many(SONG, first)
    rest = [one for one in results if one not in first]
    if rest:
        new, _ = place_many(new, rest)
    assert new == whole


def test_a_stem_that_only_a_later_cell_has_gets_its_track_in_the_folder():
    content = ProjectText(
        (
            TrackText(items=(ITEM,)),
            TrackText("Bus", 2, extra=("AUXRECV 0 0 1 0 0 0 0 0 0 -1:U 0 -1 ''",)),
        ),
        DIALECTS["7.7"],
    ).content()
    first, _ = place_many(content, [result(content, 1, 0.0, 4.0)])
    other, _ = place_many(first, [result(content, 2, 4.0, 8.0, shelf="Guitar other")])
    new, _ = place_many(other, [result(content, 3, 8.0, 12.0, roles=RESIDUAL)])
    assert names(new)[2:6] == ["STEMS: Guitar karaoke", "Vocals", "Accompaniment", "Residual"]
    tracks = timeline_of(new).tracks
    assert [t.depth for t in tracks] == [0, 0, 0, 1, 1, 1, 0, 1, 1]
    assert tracks[1].receives == (1, 3, 7)
    assert tracks[6].name == "STEMS: Guitar other"


def test_of_several_presets_over_the_same_music_the_first_plays():
    results = [
        result(SONG, 10, 0.0, 4.0, shelf="Guitar b"),
        result(SONG, 2, 0.0, 4.0, shelf="Guitar a"),
        result(SONG, 11, 8.0, 12.0, shelf="Guitar b"),
    ]
    new, made = place_many(SONG, results)
    tracks = timeline_of(new).tracks
    assert [(t.name, t.is_muted) for t in tracks if t.folder_change > 0] == [
        ("STEMS: Guitar a", False),
        ("STEMS: Guitar b", True),
    ]
    assert heard(new, [0]) == [(4.0, 32.0)]
    assert '"STEMS: Guitar b" is muted' in made["b-2"].warnings[-1]


def test_a_preset_that_comes_later_over_the_same_music_is_muted_too():
    first, _ = place_many(SONG, [result(SONG, 1, 0.0, 4.0, shelf="Guitar a")])
    new, _ = place_many(first, [result(SONG, 2, 0.0, 4.0, shelf="Guitar b")])
    assert track_named(new, "STEMS: Guitar b").is_muted
    assert heard(new, [0]) == heard(first, [0])


def test_regions_that_overlap_get_muted_tracks_of_their_own():
    new, made = place_many(SONG, [result(SONG, 1, 0.0, 12.0), result(SONG, 2, 8.0, 20.0)])
    assert names(new)[2:] == ["Vocals", "Accompaniment", "Vocals (2)", "Accompaniment (2)"]
    assert [t.is_muted for t in timeline_of(new).tracks] == [False] * 4 + [True] * 2
    assert heard(new, [0]) == [(12.0, 32.0)]
    assert "overlaps" in made["b-2"].warnings[0]


def test_results_whose_source_is_kept_have_a_muted_folder_of_their_own():
    results = [result(SONG, 1, 0.0, 4.0), result(SONG, 2, 4.0, 8.0, keep_source=True)]
    new, _ = place_many(SONG, results)
    folders = [t for t in timeline_of(new).tracks if t.folder_change > 0]
    assert [folder.is_muted for folder in folders] == [False, True]
    assert heard(new, [0]) == [(4.0, 32.0)]


def test_a_track_has_as_many_channels_as_its_widest_item_also_when_that_comes_later():
    first, _ = place_many(SONG, [result(SONG, 1, 0.0, 4.0)])
    new, _ = place_many(first, [result(SONG, 2, 4.0, 8.0, n_channels=5)])
    both, _ = place_many(SONG, [result(SONG, 1, 0.0, 4.0), result(SONG, 2, 4.0, 8.0, n_channels=5)])
    assert new.count(b"NCHAN 6") == 3
    assert new == both


def test_what_rings_on_mixes_into_the_next_region_on_the_same_track():
    one, two = result(SONG, 1, 0.0, 4.0), result(SONG, 2, 4.0, 8.0)
    longer = [type(s)(s.role, s.path, s.sample_rate, 2, s.n_frames + 48000) for s in one.stems]
    first, _ = place_many(SONG, [type(one)(one.placement, tuple(longer))])
    new, _ = place_many(first, [two])
    vocals = track_named(new, "Vocals")
    assert spans(vocals.items) == [(0.0, 5.0), (4.0, 8.0)]
    assert vocals.items[0].mix_behaviour == 1


def test_takes_of_several_presets_are_added_to_the_same_part():
    results = [result(SONG, n, 4.0, 8.0, shelf="", as_takes=True) for n in (1, 2)]
    new, made = place_many(SONG, results)
    parts = timeline_of(new).tracks[0].items
    assert spans(parts) == [(0.0, 4.0), (4.0, 8.0), (8.0, 32.0)]
    assert (len(parts[1].takes), parts[1].active_take) == (5, 1)
    assert [track.item_id for track in made["b-2"].tracks] == [parts[1].id] * 2
    later, _ = place_many(place_many(SONG, results[:1])[0], results[1:])
    assert [take.guid for take in timeline_of(later).tracks[0].items[1].takes] == [
        take.guid for take in parts[1].takes
    ]


def test_takes_of_regions_that_overlap_are_refused_for_the_later_one_alone():
    results = [
        result(SONG, 1, 4.0, 8.0, shelf="", as_takes=True),
        result(SONG, 2, 6.0, 12.0, shelf="", as_takes=True),
        result(SONG, 3, 12.0, 14.0, shelf="", as_takes=True),
    ]
    new, made = place_many(SONG, results)
    assert isinstance(made["b-2"], UsageError)
    assert [len(item.takes) for item in timeline_of(new).tracks[0].items] == [1, 3, 1, 3, 1]


def test_pieces_are_found_again_when_reaper_has_rounded_their_places():
    third = 1.0 / 3.0
    first, _ = place_many(SONG, [result(SONG, 1, third, 4.0)])
    rounded = first.replace(f"POSITION {third!r}".encode(), b"POSITION 0.33333333333333")
    assert rounded != first
    new, made = place_many(rounded, [result(SONG, 2, 4.0, 8.0)])
    assert heard(new, [0])[1:] == [(8.0, 32.0)]
    assert made["b-2"].warnings == ()


def test_a_shelf_whose_folder_was_dissolved_goes_on_without():
    first, _ = place_many(SONG, [result(SONG, 1, 0.0, 4.0)])
    folder = track_named(first, "STEMS: Guitar karaoke")
    lines = first.split(b"\n")
    del lines[folder.lines.start : folder.lines.stop]
    dissolved = b"\n".join(lines).replace(b"ISBUS 2 -1", b"ISBUS 0 0")
    new, _ = place_many(dissolved, [result(SONG, 2, 4.0, 8.0, roles=RESIDUAL)])
    assert names(new) == ["Guitar", "Vocals", "Accompaniment", "Residual"]
    assert [track.depth for track in timeline_of(new).tracks] == [0] * 4

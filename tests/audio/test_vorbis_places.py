"""Vorbis from anywhere gives, bit for bit, what decoding from the start gives."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import soundfile
from fakes import ogg_pages

from hanolab_dawtools.audio.files import BLOCK_FRAMES, AudioReader
from hanolab_dawtools.audio.guarded import GuardedFile
from hanolab_dawtools.audio.ogg import ENTRY_FRAMES, VorbisEntries

N_FRAMES = 400_001
ENCODINGS = [  # rate, channels, quality
    (44_100, 2, 0.9),
    (48_000, 1, 0.1),
    (48_000, 6, 0.5),
    (22_050, 2, 0.3),
    (8_000, 1, 0.5),
    (37_800, 2, 0.5),
    (96_000, 2, 0.5),
]


def attacks(n_frames, n_channels, seed=0):
    """Bursts of noise: an encoder takes short blocks for attacks and long ones for what follows."""
    random = np.random.default_rng(seed)
    since = np.arange(n_frames) % random.integers(20_000, 30_000)
    noise = random.uniform(-0.5, 0.5, (n_frames, n_channels))
    return (noise * np.exp(-since / 3000)[:, np.newaxis]).astype(np.float32)


def write_vorbis(path, sample_rate, n_channels, quality, n_frames=N_FRAMES):
    sound = attacks(n_frames, n_channels)
    options = {"format": "OGG", "subtype": "VORBIS", "compression_level": 1 - quality}
    with soundfile.SoundFile(path, "w", sample_rate, n_channels, **options) as file:
        for start in range(0, n_frames, BLOCK_FRAMES):
            file.write(sound[start : start + BLOCK_FRAMES])


def decoded(path):
    """All that a reader gives from the start on; of a damaged file less than its header says."""
    with AudioReader(path) as reader:
        blocks = [reader.read(BLOCK_FRAMES) for _ in range(0, reader.info.n_frames, BLOCK_FRAMES)]
    return np.concatenate(blocks, axis=1)


def assert_same_from_anywhere(path, n_places, seed=0):
    whole = decoded(path)
    random = np.random.default_rng(seed)
    with AudioReader(path) as reader:
        for start in random.integers(0, whole.shape[1], n_places):
            n_frames = int(random.integers(1, 5000))
            reader.seek(int(start))
            np.testing.assert_array_equal(
                reader.read(n_frames), whole[:, start : start + n_frames], f"from frame {start}"
            )


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_any_place_holds_what_decoding_from_the_start_gives(tmp_path, encoding):
    write_vorbis(tmp_path / "a.ogg", *encoding)
    assert_same_from_anywhere(tmp_path / "a.ogg", 60)


@pytest.mark.soak
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("n_frames", [1, 5000, 70_000, 4_000_000])
def test_thousands_of_places_hold_what_decoding_from_the_start_gives(tmp_path, encoding, n_frames):
    write_vorbis(tmp_path / "a.ogg", *encoding, n_frames=n_frames)
    assert_same_from_anywhere(tmp_path / "a.ogg", 3000)


@pytest.mark.parametrize("n_frames", [1, 100, 3000, 20_000, 70_000])
def test_short_files_are_read_from_anywhere(tmp_path, n_frames):
    write_vorbis(tmp_path / "a.ogg", 44_100, 2, 0.5, n_frames=n_frames)
    assert_same_from_anywhere(tmp_path / "a.ogg", 20)


@pytest.mark.parametrize("step", [1, 700, 30_000, 150_000])
def test_steps_backward_hold_what_decoding_from_the_start_gives(tmp_path, step):
    write_vorbis(tmp_path / "a.ogg", 44_100, 2, 0.5)
    whole = decoded(tmp_path / "a.ogg")
    with AudioReader(tmp_path / "a.ogg") as reader:
        for start in range(N_FRAMES - 1000, max(0, N_FRAMES - 20 * step), -step):
            np.testing.assert_array_equal(
                reader.read_at(start, 1000), whole[:, start : start + 1000]
            )


def of_a_broadcast(pages):
    """The stream began long before the file."""
    return [
        replace(page, granule=page.granule + 10**9) if page.granule > 0 else page for page in pages
    ]


def with_a_cut_start(pages):
    """The first page's granule is too small: players should drop what is too much."""
    first = next(index for index, page in enumerate(pages) if page.granule > 0)
    less = pages[first].granule - 700
    later = [replace(page, granule=page.granule - less) for page in pages[first:]]
    return [*pages[:first], *later]


def without_a_page(pages):
    return pages[: len(pages) // 2] + pages[len(pages) // 2 + 1 :]


def among_pages_of_another_stream(pages):
    """Pages of a stream that began elsewhere lie between."""
    first = next(index for index, page in enumerate(pages) if page.granule > 0)
    made = pages[:first]
    for page in pages[first:]:
        made += [replace(page, serial=page.serial ^ 1, flags=0), page]
    return made


def chained(pages):
    """Another stream follows; libsndfile reads the first alone, and cannot tell its length."""
    return pages + [replace(page, serial=page.serial ^ 1) for page in pages]


@pytest.mark.parametrize(
    "changed",
    [
        ogg_pages.with_split_packets,
        of_a_broadcast,
        with_a_cut_start,
        without_a_page,
        among_pages_of_another_stream,
        chained,
    ],
)
def test_odd_streams_are_the_same_from_anywhere(tmp_path, changed):
    path = tmp_path / "a.ogg"
    write_vorbis(path, 44_100, 2, 0.9)
    pages = ogg_pages.pages(path.read_bytes())
    path.write_bytes(ogg_pages.joined(changed(pages)))
    assert path.read_bytes() != ogg_pages.joined(pages)
    assert_same_from_anywhere(path, 60)


def test_junk_between_pages_changes_nothing(tmp_path):
    path = tmp_path / "a.ogg"
    write_vorbis(path, 44_100, 2, 0.5)
    pages = ogg_pages.pages(path.read_bytes())
    half = len(pages) // 2
    parts = [ogg_pages.joined(pages[:half]), b"no page at all" * 9, ogg_pages.joined(pages[half:])]
    path.write_bytes(b"".join(parts))
    assert_same_from_anywhere(path, 60)


@pytest.mark.parametrize("changed", [list, ogg_pages.with_split_packets])
def test_an_entry_lies_shortly_before_any_place(tmp_path, changed):
    path = tmp_path / "a.ogg"
    write_vorbis(path, 44_100, 2, 0.9)
    pages = changed(ogg_pages.pages(path.read_bytes()))
    path.write_bytes(ogg_pages.joined(pages))
    longest_page = max(b.granule - a.granule for a, b in pairwise(pages))
    with GuardedFile(path, "rb") as source:
        entries = VorbisEntries(source)
        for granule in range(ENTRY_FRAMES, N_FRAMES - longest_page, 1000):
            before = granule - entries.last_before(granule).granule
            assert 0 <= before <= ENTRY_FRAMES + longest_page


def test_other_files_have_no_entries(tmp_path):
    soundfile.write(tmp_path / "a.wav", attacks(5000, 1), 44_100)
    with GuardedFile(tmp_path / "a.wav", "rb") as source:
        assert VorbisEntries(source).first() is None

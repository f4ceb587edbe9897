"""From what a batch shall run over to its matrix, and what is known of its cells."""

from __future__ import annotations

import os
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.batch_songs import write_noise, write_song
from fakes.engines import ShareEngine
from fakes.services import ShareServices

from hanolab_dawtools.engines.base import Capabilities
from hanolab_dawtools.errors import (
    InputError,
    PresetInvalid,
    SelectionError,
    SpendingLimit,
    UsageError,
)
from hanolab_dawtools.events import NeverStop, ignore_progress
from hanolab_dawtools.jobs.model import JobState
from hanolab_dawtools.model import Grouping, Quote
from hanolab_dawtools.workflows.batch.model import BatchAsked, Forecast, Matrix
from hanolab_dawtools.workflows.outcomes import placed_of

SHORT = 0.5


class PricedEngine(ShareEngine):
    """Takes a credit for each second."""

    def capabilities(self) -> Capabilities:
        return replace(super().capabilities(), is_paid=True)

    def quote(self, request):
        seconds = request.n_frames / request.sample_rate
        if seconds < SHORT:
            raise InputError("it is too short")
        return Quote(seconds, seconds, action="separate")


@pytest.fixture
def services(tmp_path):
    with ShareServices(tmp_path / "home") as made:
        yield made


@pytest.fixture
def song(tmp_path):
    return write_song(tmp_path / "song", tracks=("Vox", "Gtr"), regions=("Verse", "Chorus"))


def asked(*sources: Path, **fields) -> BatchAsked:
    return BatchAsked(tuple(map(str, sources)), **{"presets": ("separate",), **fields})


def planned(services, *sources: Path, **fields) -> Matrix:
    return services.batching.plan(asked(*sources, **fields), stop=threading.Event())


def forecasts(matrix: Matrix) -> list[Forecast]:
    return [cell.forecast for cell in matrix.cells]


def run_all(services, matrix: Matrix) -> None:
    """Each cell as a job of its own, which is what forecasts look at."""
    for cell in matrix.to_run:
        job = services.create_job(cell.plan)
        options = {"stop": NeverStop(), "progress": ignore_progress}
        assert services.run_job(job.id, **options).state is JobState.DONE


def test_cells_come_by_region_track_and_preset(services, song):
    matrix = planned(services, song, regions=("*",), tracks=("*",), presets=("separate", "karaoke"))
    told = [(c.number, c.region, c.track, c.preset) for c in matrix.cells]
    assert told[:3] == [
        (1, "Verse", "Vox", "Separate"),
        (2, "Verse", "Vox", "Karaoke"),
        (3, "Verse", "Gtr", "Separate"),
    ]
    assert len(told) == 8


def test_regions_of_one_track_and_preset_share_a_shelf(services, song):
    matrix = planned(services, song, regions=("*",), tracks=("*",), presets=("separate", "karaoke"))
    shelves = {(c.track, c.preset): c.plan.shelf for c in matrix.cells}
    assert len(set(shelves.values())) == 4
    assert all(shelves[c.track, c.preset] == c.plan.shelf != "" for c in matrix.cells)
    again = planned(services, song, regions=("*",), tracks=("*",))
    assert not {c.plan.shelf for c in again.cells} & set(shelves.values())


def test_cell_alone_on_its_tracks_has_no_shelf(services, song):
    (cell,) = planned(services, song, regions=("Verse",)).cells
    assert cell.plan.shelf == ""


def test_output_gives_each_cell_a_folder(services, song, tmp_path):
    matrix = planned(services, song, regions=("*",), tracks=("Vox",), output=str(tmp_path / "out"))
    assert [c.plan.folder for c in matrix.cells] == [
        tmp_path / "out/song/Verse/Vox",
        tmp_path / "out/song/Chorus/Vox",
    ]
    assert {c.plan.shelf for c in matrix.cells} == {""}


def test_files_keep_their_structure_and_several_presets_their_own_folders(services, tmp_path):
    write_noise(tmp_path / "in/deep/a.wav", SHORT)
    write_noise(tmp_path / "in/deep/a.flac", SHORT)
    one = planned(services, tmp_path / "in")
    assert [c.plan.folder for c in one.cells] == [None, tmp_path / "in/deep/a_hanolab-2"]
    two = planned(services, tmp_path / "in/deep/a.wav", presets=("separate", "karaoke"))
    assert [c.plan.folder for c in two.cells] == [
        tmp_path / "in/deep/a_hanolab/Separate",
        tmp_path / "in/deep/a_hanolab/Karaoke",
    ]
    out = planned(services, tmp_path / "in", output=str(tmp_path / "out"))
    assert [c.plan.folder for c in out.cells] == [
        tmp_path / "out/deep/a",
        tmp_path / "out/deep/a-2",
    ]


def test_file_that_cannot_be_read_is_left_out_unless_there_is_no_other(services, tmp_path):
    write_noise(tmp_path / "a.wav", SHORT)
    (tmp_path / "b.wav").write_bytes(b"no audio")
    matrix = planned(services, tmp_path)
    assert [c.source for c in matrix.cells] == ["a"]
    assert matrix.left_out[0].title == "b"
    with pytest.raises(InputError, match=r"b\.wav"):
        planned(services, tmp_path / "b.wav")


def test_pattern_that_fits_in_no_source_is_refused(services, song, tmp_path):
    other = write_song(tmp_path / "other", tracks=("Vox",), regions=("Bridge",))
    with pytest.raises(SelectionError, match="'Brigde'"):
        planned(services, song, other, regions=("Verse", "Brigde"))
    matrix = planned(services, song, other, regions=("Verse", "Bridge"))
    assert [(c.plan.selection.source, c.region) for c in matrix.cells] == [
        (song, "Verse"),
        (other, "Bridge"),
    ]


def test_silence_everywhere_is_refused_with_the_reason(services, tmp_path):
    quiet = write_song(tmp_path / "quiet", tracks=("Vox",), regions=("Verse",))
    quiet.write_text(quiet.read_text().replace("MUTE 0 0", "MUTE 1 0"))
    with pytest.raises(SelectionError, match="is muted") as refused:
        planned(services, quiet, regions=("Verse",), tracks=("Vox",))
    assert "hanolab jobs undo" in refused.value.hint


def test_folder_without_audio_is_refused_with_what_can_be_named(services, tmp_path):
    with pytest.raises(SelectionError, match="no audio file is in it") as refused:
        planned(services, tmp_path)
    assert "audio files" in refused.value.hint


@pytest.mark.parametrize(
    "fields",
    [
        {"regions": ("*",)},
        {"tracks": ("*",)},
        {"grouping": Grouping.TRACK},
        {"uses_render_matrix": True},
        {"presets": ()},
        {"output": "out", "keep_source": True},
        {"output": "$trck"},
        {"assignments": ("job.stems=3.5",)},
    ],
)
def test_what_makes_no_sense_is_refused(services, tmp_path, fields):
    write_noise(tmp_path / "a.wav", SHORT)
    with pytest.raises((UsageError, PresetInvalid)) as refused:
        planned(services, tmp_path / "a.wav", **fields)
    assert str(refused.value)


def test_limit_holds_for_all_new_cells_and_each_has_its_part(tmp_path, song):
    with ShareServices(tmp_path / "paid", PricedEngine()) as services:
        fields = {"regions": ("*",), "tracks": ("*",)}
        matrix = planned(services, song, max_credits=4.0, **fields)
        assert matrix.credits == pytest.approx(2.0)
        parts = [c.plan.max_credits for c in matrix.cells]
        assert sum(parts) == pytest.approx(4.0)
        with pytest.raises(SpendingLimit):
            planned(services, song, max_credits=1.9, **fields)


def test_cell_that_is_too_short_is_left_out(tmp_path):
    song = write_song(tmp_path / "s", regions=("Hit",), tracks=("Vox",), region_seconds=SHORT / 2)
    write_noise(tmp_path / "a.wav", 1.0)
    with ShareServices(tmp_path / "paid", PricedEngine()) as services:
        matrix = planned(services, song, tmp_path / "a.wav")
    assert [c.source for c in matrix.cells] == ["a"]
    assert "too short" in matrix.left_out[0].reason


class TestForecasts:
    def test_same_again_is_done(self, services, tmp_path):
        folder = write_noise(tmp_path / "in" / "a.wav", SHORT).parent
        run_all(services, planned(services, folder))
        assert forecasts(planned(services, folder)) == [Forecast.DONE]
        assert forecasts(planned(services, folder, again=True)) == [Forecast.NEW]

    def test_source_that_was_replaced_is_new(self, services, tmp_path):
        source = write_noise(tmp_path / "a.wav", SHORT)
        run_all(services, planned(services, source))
        old = source.stat()
        write_noise(tmp_path / "b" / "b.wav", SHORT, seed=2)
        (tmp_path / "b" / "b.wav").replace(source)
        os.utime(source, ns=(old.st_atime_ns, old.st_mtime_ns))  # as a copy that keeps its time
        assert forecasts(planned(services, source)) == [Forecast.NEW]

    def test_results_that_were_removed_come_from_the_cache_and_may_cost_nothing(
        self, services, tmp_path
    ):
        source = write_noise(tmp_path / "a.wav", SHORT)
        run_all(services, planned(services, source))
        shutil.rmtree(tmp_path / "a_hanolab")
        (cell,) = planned(services, source).cells
        assert (cell.forecast, cell.plan.max_credits) == (Forecast.CACHED, 0.0)
        run_all(services, planned(services, source))
        assert forecasts(planned(services, source)) == [Forecast.DONE]

    def test_another_folder_is_not_done_but_cached(self, services, tmp_path):
        source = write_noise(tmp_path / "a.wav", SHORT)
        run_all(services, planned(services, source))
        elsewhere = planned(services, source, output=str(tmp_path / "out"))
        assert forecasts(elsewhere) == [Forecast.CACHED]

    def test_project_that_was_muted_by_its_results_is_done(self, services, song):
        fields = {"regions": ("Verse",), "tracks": ("Vox",)}
        run_all(services, planned(services, song, **fields))
        assert forecasts(planned(services, song, **fields)) == [Forecast.DONE]
        every = planned(services, song, regions=("*",), tracks=("*",))
        assert {(c.region, c.track): c.forecast for c in every.cells} == {
            ("Verse", "Vox"): Forecast.DONE,
            ("Verse", "Gtr"): Forecast.NEW,
            ("Chorus", "Vox"): Forecast.NEW,
            ("Chorus", "Gtr"): Forecast.NEW,
        }

    def test_results_that_were_taken_back_are_done_again_from_the_cache(self, services, song):
        fields = {"regions": ("Verse",), "tracks": ("Vox",)}
        run_all(services, planned(services, song, **fields))
        job = services.store.list()[0]
        services.undo_job(job.id)
        assert forecasts(planned(services, song, **fields)) == [Forecast.CACHED]

    def test_kept_source_that_was_edited_is_new(self, services, song):
        fields = {"regions": ("Verse",), "tracks": ("Vox",), "keep_source": True}
        run_all(services, planned(services, song, **fields))
        assert forecasts(planned(services, song, **fields)) == [Forecast.DONE]
        text = song.read_bytes().replace(b"VOLPAN 1 0 1 -1", b"VOLPAN 0.5 0 1 -1", 1)
        song.write_bytes(text)
        assert forecasts(planned(services, song, **fields)) == [Forecast.NEW]

    def test_limit_counts_new_cells_alone(self, tmp_path):
        first, second = (write_noise(tmp_path / n, 1.0, seed=k) for k, n in enumerate("ab"))
        first, second = (p.rename(p.with_suffix(".wav")) for p in (first, second))
        with ShareServices(tmp_path / "paid", PricedEngine()) as services:
            run_all(services, planned(services, first))
            matrix = planned(services, first, second, max_credits=1.0)
            assert forecasts(matrix) == [Forecast.DONE, Forecast.NEW]
            assert matrix.credits == pytest.approx(1.0)

    def test_finished_cells_of_batches_count(self, services, tmp_path):
        source = write_noise(tmp_path / "a.wav", SHORT)
        matrix = planned(services, source)
        batch = services.batching.create(asked(source), matrix)
        (cell,) = services.store.batches.cells(batch.id)
        options = {"stop": NeverStop(), "progress": ignore_progress}
        done = services.run_job(cell.id, **options)
        assert placed_of(done.outcomes).tracks
        assert forecasts(planned(services, source)) == [Forecast.DONE]

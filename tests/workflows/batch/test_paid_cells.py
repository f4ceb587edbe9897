"""Paid cells of a batch, with the sandbox as the cloud: held back, limited, captured in time."""

from dataclasses import replace

import numpy as np
from fakes.batch_songs import RATE, write_song
from fakes.batches import EFFECTS, PAID, Told, made, planned, run, write_music

from hanolab_dawtools.audio import files
from hanolab_dawtools.workflows.batch.model import BatchAsked


def test_when_the_credits_run_out_no_more_is_sent_and_local_cells_go_on(cloud, sandbox, tmp_path):
    music = write_music(tmp_path / "in", 5)
    first = made(cloud, music[:1], [PAID])
    report = run(cloud, first)
    assert report.count("done") == 1, report.cells[0].message
    price = sandbox.ledger()[-1]["credits"]
    sandbox.change(credits=2 * price)
    n_before = len(sandbox.ledger())
    told = Told()
    batch = made(cloud, music[1:], [PAID, EFFECTS])
    states = {PAID: [], EFFECTS: []}
    for cell in run(cloud, batch, told=told).cells:
        states[cell.facts["preset"]].append(cell.state)
    assert states[EFFECTS] == ["done"] * 4
    assert states[PAID].count("done") == 2
    assert set(states[PAID]) <= {"done", "failed", "held"}
    assert len(sandbox.ledger()) - n_before == 2
    sandbox.change(credits=800)
    assert run(cloud, batch).count("done") == 8
    assert len(sandbox.ledger()) - n_before == 4


def test_what_is_held_back_is_captured_before_the_results_of_others_mute_it(
    cloud, sandbox, tmp_path
):
    song = write_song(tmp_path / "song", tracks=["Voice"], regions=["One", "Two"])
    sandbox.change(credits=0)
    asked = BatchAsked((str(song),), (PAID, EFFECTS), regions=("*",), tracks=("*",))
    batch = cloud.batching.create(asked, planned(cloud, asked))
    first = run(cloud, batch)
    assert {cell.state for cell in first.cells if cell.facts["preset"] == EFFECTS} == {"done"}
    assert first.count("done") == 2
    sandbox.change(credits=800)
    paid = [cell for cell in run(cloud, batch).cells if cell.facts["preset"] == PAID]
    assert [cell.state for cell in paid] == ["done", "done"], [cell.message for cell in paid]
    for cell in paid:
        start = round((cell.facts["region"] == "Two") * 0.5 * RATE)
        music = files.read_audio(song.parent / "Media" / "1.wav").samples
        stems = sum(files.read_audio(path).samples for path in cell.files)
        assert np.abs(stems - music[:, start : start + RATE // 2]).max() < 1e-3


def test_a_cell_whose_own_limit_is_too_low_holds_no_other_back(cloud, sandbox, tmp_path):
    music = write_music(tmp_path / "in", 3)
    asked = BatchAsked(tuple(map(str, music)), (PAID,))
    matrix = planned(cloud, asked)
    first = replace(matrix.cells[0], plan=replace(matrix.cells[0].plan, max_credits=0.0))
    batch = cloud.batching.create(asked, replace(matrix, cells=(first, *matrix.cells[1:])))
    assert [cell.state for cell in run(cloud, batch).cells] == ["failed", "done", "done"]

"""The word `reaper` as a source, where no REAPER runs; and files of that name."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hanolab_dawtools.host_choice import host_name, is_running_reaper, source_path
from hanolab_dawtools.model import HostName


@pytest.mark.parametrize("text", ["reaper", "reaper:1", "reaper:4194304"])
def test_the_word_means_the_running_reaper(text: str) -> None:
    assert host_name(source_path(text)) is HostName.REAPER


@pytest.mark.parametrize(
    "text",
    ["./reaper", "music/reaper", "/music/reaper", "reaper.wav", "reaper:", "reaper:x", "Reaper"],
)
def test_anything_else_is_a_file(text: str) -> None:
    path = source_path(text)
    assert not is_running_reaper(path)
    assert path.name == Path(text).name


@pytest.mark.parametrize(
    "command",
    [
        ["separate", "reaper"],
        ["separate", "reaper", "--dry-run"],
        ["convert", "reaper", "--pitch-shift", "2"],
        ["apply", "Octave up", "reaper"],
        ["generate", "rain", "--into", "reaper", "--at", "1", "--engine", "hanolab"],
    ],
)
def test_without_a_running_reaper_the_next_step_is_told(hanolab, command: list[str]) -> None:
    outcome = hanolab(*command)
    assert outcome.code == 5, outcome.err
    assert "Run any HanoLab action in REAPER" in outcome.err
    assert hanolab("jobs").out.startswith("No jobs yet")


def test_a_reaper_that_does_not_run_is_named(hanolab) -> None:
    outcome = hanolab("separate", "reaper:4194305")
    assert outcome.code == 5
    assert "4194305" in outcome.err


def test_a_file_of_that_name_is_read_as_one(
    hanolab_with_weights, long_song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(long_song, tmp_path / "reaper")
    monkeypatch.chdir(tmp_path)
    outcome = hanolab_with_weights("separate", "./reaper", "--range", "0..2", "--dry-run")
    assert outcome.code == 0, outcome.err
    assert "0:00.000 to 0:02.000" in outcome.out


@pytest.mark.parametrize("command", ["separate", "convert", "apply", "generate"])
def test_the_help_says_how_the_running_reaper_is_named(hanolab, command: str) -> None:
    outcome = hanolab(command, "--help")
    assert "running" in outcome.out
    assert "reaper" in outcome.out

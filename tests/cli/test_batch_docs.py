"""The worked examples of docs/batch.md do what the page says, and its tables name what there is."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from fakes.batch_songs import write_noise, write_song

PAGE = Path(__file__).parents[2] / "docs" / "batch.md"
TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLES = TEXT.partition("## Worked examples")[2].partition("\n## ")[0]


def section(title: str) -> str:
    return TEXT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def fields_of(table: str) -> set[str]:
    """The names in the first column of a table."""
    rows = (row.split("|")[1] for row in table.splitlines() if row.startswith("| `"))
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


@pytest.fixture
def scene(hanolab_with_weights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The command in a folder that holds what the page describes."""
    write_song(
        tmp_path,
        tracks=("Vox Lead", "Vox Double", "Guitar", "Bass"),
        regions=("Verse", "Chorus", "Bridge"),
        region_seconds=0.25,
    )
    for seed, name in enumerate(("monday/one", "monday/two", "tuesday/one"), 10):
        write_noise(tmp_path / "takes" / f"{name}.wav", 0.25, seed=seed)
    (tmp_path / "list.txt").write_text("# two of them\n\ntakes/monday/one.wav\nsong.rpp\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    return hanolab_with_weights


@pytest.mark.soak
def test_the_worked_examples_run_and_leave_what_the_page_says(scene) -> None:
    n_commands = 0
    seen: set[str] = set()
    for line in EXAMPLES.splitlines():
        if line.startswith("    hanolab "):
            if line in seen:  # told as a repetition after a change
                write_noise(Path("takes/monday/two.wav"), 0.25, seed=99)
            seen.add(line)
            outcome = scene(*shlex.split(line)[1:], "-q", "--json")
            assert outcome.code == 0, (line, outcome.err)
            n_commands += 1
        elif line.startswith("    "):
            assert Path(line.strip()).is_file(), line
    assert n_commands == 7
    document = outcome.document
    assert document["state"] == "done"


@pytest.mark.soak
def test_what_was_done_is_not_done_again(scene) -> None:
    (line,) = {line for line in EXAMPLES.splitlines() if " takes " in line}
    arguments = shlex.split(line)[1:]
    assert scene(*arguments, "-q").code == 0
    assert Path("processed/tuesday/one/Podcast voice").is_dir()
    write_noise(Path("takes/monday/two.wav"), 0.25, seed=99)
    totals = scene(*arguments, "--dry-run", "--json").document["matrix"]["totals"]
    assert (totals["cells"], totals["done"], totals["to_run"]) == (6, 4, 2)


def test_the_tables_name_every_field_of_the_documents(scene) -> None:
    matrix, before, report, after = (
        fields_of(part) for part in re.split(r"\n\n(?=\| field)", section("JSON"))[1:]
    )
    command = ("batch", "takes", "--preset", "telephone", "-o", "out")
    document = scene(*command, "--dry-run", "--json").document["matrix"]
    assert matrix == set(document)
    assert before == set(document["cells"][0])
    for name in document["totals"]:
        assert f"`{name}`" in section("JSON")
    document = scene(*command, "-q", "--json").document
    assert report == set(document)
    assert after == set(document["cells"][0])
    for name in document["totals"]:
        assert f"`{name}`" in section("JSON")


def test_the_page_names_every_option(hanolab) -> None:
    shown = hanolab("batch", "--help").out
    usual = {"--help", "--quiet", "--output"}
    for option in set(re.findall(r"--[a-z][a-z-]+", shown)) - usual:
        assert option in TEXT, option
    for option in re.findall(r"(?<=`)--[a-z][a-z-]+", TEXT):
        assert option in shown, option


def test_help_fits_into_a_terminal_of_80_columns(hanolab) -> None:
    hanolab.environment["COLUMNS"] = "80"
    lines = hanolab("batch", "--help").out.splitlines()
    assert max(map(len, lines)) <= 80
    assert "…" not in "".join(lines).replace("KEY=V,V…", "")

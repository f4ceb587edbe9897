"""Nothing is sent or paid that was not agreed to, and every refusal says the next step."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.sandbox import SandboxProcess

MUSIC = ("generate", "two bells", "--tier", "draft", "--duration", 2, "--engine", "hanolab")
PRICED = '\n[pricing]\n"generate/draft" = { per_call = 5 }\n'


@pytest.fixture
def sent(sandbox: SandboxProcess):
    """How many submissions the sandbox has accepted in this test."""
    before = len(sandbox.ledger())
    return lambda: len(sandbox.ledger()) - before


@pytest.fixture
def priced(in_cloud):
    """The command of somebody who knows the price of drafts."""
    with in_cloud.settings_file.open("a", encoding="utf-8") as settings:
        settings.write(PRICED)
    return in_cloud


def test_without_a_terminal_and_without_yes_nothing_is_sent(in_cloud, sent, tmp_path: Path) -> None:
    outcome = in_cloud(*MUSIC, "-o", tmp_path / "music")
    assert outcome.code == 130
    assert "nobody to ask" in outcome.err
    assert "--yes" in outcome.err
    assert in_cloud("jobs").out.startswith("No jobs yet")
    assert sent() == 0


@pytest.mark.parametrize(("answer", "ends"), [("n\n", (130, 0)), ("\n", (130, 0)), ("y\n", (0, 1))])
def test_the_price_is_shown_and_asked(
    priced, sent, tmp_path: Path, answer: str, ends: tuple[int, int]
) -> None:
    found, shown = priced.at_terminal(
        *MUSIC, "-o", tmp_path / "music", dialogue=[("Pay for this?", answer)]
    )
    assert (found, sent()) == ends, shown
    assert "engine     hanolab (because of --engine)" in shown
    assert "5 credits" in shown


def test_what_costs_less_than_the_user_set_is_not_asked(priced, sent, tmp_path: Path) -> None:
    priced.set("ask_above_credits = 5.0")
    outcome = priced(*MUSIC, "-o", tmp_path / "music", "-q")
    assert outcome.code == 0, outcome.err
    assert "5 credits" in outcome.err  # shown all the same
    assert sent() == 1


def test_an_unknown_price_is_asked_also_below_the_limit(in_cloud, sent, tmp_path: Path) -> None:
    in_cloud.set("ask_above_credits = 1000.0")
    outcome = in_cloud(*MUSIC, "-o", tmp_path / "music")
    assert outcome.code == 130
    assert "price of generate/draft is not known" in outcome.err
    assert sent() == 0


@pytest.mark.parametrize("limit", ["4.5", "0"])
def test_a_limit_is_never_exceeded(priced, sent, tmp_path: Path, limit: str) -> None:
    outcome = priced(*MUSIC, "-o", tmp_path / "music", "--max-credits", limit, "--yes")
    assert outcome.code == 77
    assert "5 credits" in outcome.err
    assert sent() == 0


def test_a_limit_and_an_unknown_price_exclude_each_other(in_cloud, sent, tmp_path: Path) -> None:
    outcome = in_cloud(*MUSIC, "-o", tmp_path / "music", "--max-credits", 100, "--yes")
    assert outcome.code == 77
    assert "[pricing]" in outcome.err
    assert sent() == 0


def test_what_the_server_asked_for_is_known_the_next_time(
    in_cloud, sandbox: SandboxProcess, tmp_path: Path
) -> None:
    sandbox.change(credits=0)
    outcome = in_cloud(*MUSIC, "-o", tmp_path / "music", "--yes", "--json")
    assert outcome.code == 77
    assert outcome.document["error"]["kind"] == "InsufficientCredits"
    (plan,) = in_cloud(*MUSIC, "-o", tmp_path / "music", "--dry-run", "--json").document["plans"]
    assert plan["quote"]["credits"] > 0


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["separate", "SONG", "--stems", 6], 6, "--engine hanolab"),
        (["convert", "SONG", "--voice", "v"], 6, "--engine hanolab"),
        (["generate", "x", "-o", "new"], 6, "--engine hanolab"),
        (["convert", "SONG", "--engine", "hanolab"], 2, "hanolab voices"),
        (["convert", "SONG", "--voice", "v", "--flash", "--protect", 0.1], 2, "--protect"),
        (["convert", "SONG", "--voice", "v", "--index-rate", 1.5], 2, "--index-rate"),
        (["convert", "SONG", "--engine", "nix"], 2, "--engine 'nix'"),
        (["separate", "SONG", "--engine", "nix"], 2, "local, hanolab"),
        (["convert", "SONG", "--voice", "v", "--index-rate", "nan"], 2, "0 to 1"),
        (["convert", "SONG", "--voice", "v", "--protect", 0.6], 2, "0 to 0.5"),
        (["convert", "SONG", "--voice", "v", "--pitch-shift", 25], 2, "-24 to 24"),
        (["convert", "SONG", "--voice", "v", "--filter-radius", 8], 2, "0 to 7"),
        (["convert", "SONG", "--voice", "v", "--pitch-shift", 1.5], 2, "--pitch-shift"),
        (["convert", "SONG", "--voice", ""], 2, "hanolab voices"),
        (["convert", "SONG", "--voice", "v", "--input-url", "ftp://x"], 2, "http"),
        (["generate", "x"], 2, "-o FOLDER"),
        (["generate", "x", "-o", "new", "--at", 1], 2, "--into"),
        (["generate", "x", "--into", "SONG"], 2, "--at"),
        (["generate", "x", "--into", "SONG", "--at", 1, "-o", "new"], 2, "--output"),
        (["generate", "x", "-o", "new", "--tier", "best"], 2, "studio"),
        (["generate", "x", "-o", "new", "--duration", "long"], 2, "not a time"),
        (["generate", "x", "-o", "new", "--duration", 0], 2, "seconds"),
        (["generate", " ", "-o", "new"], 2, "prompt"),
        (["generate", "x", "-o", "new", "--lyrics-file", "none.txt"], 3, "none.txt"),
        (["generate", "x", "-o", "new", "--lyrics", "a", "--lyrics-file", "b"], 2, "--lyrics"),
        (["separate", "SONG", "--max-credits", -1], 2, "--max-credits"),
    ],
)
def test_a_wrong_wish_is_refused_before_anything_is_sent(
    in_cloud, song: Path, arguments: list, code: int, words: str
) -> None:
    places = {"SONG": song} | {name: song.parent / name for name in ("new", "none.txt")}
    arguments = [places.get(word, word) for word in arguments]
    if arguments[0] != "generate":
        arguments += ["--region", 1]
    if code != 6 and "--engine" not in arguments:
        arguments += ["--engine", "hanolab"]
    before = song.read_bytes()
    outcome = in_cloud(*arguments, "--yes")
    assert (outcome.code, words in outcome.err) == (code, True), outcome.err
    assert (outcome.out, song.read_bytes()) == ("", before)
    assert not places["new"].exists()
    assert in_cloud("jobs").out.startswith("No jobs yet")


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"\xff\xfe\x00", "UTF-8"), (b"la " * 100_000, "longer than")],
)
def test_a_file_that_is_no_lyrics_is_refused(
    in_cloud, tmp_path: Path, content: bytes, words: str
) -> None:
    lyrics = tmp_path / "lyrics.txt"
    lyrics.write_bytes(content)
    outcome = in_cloud(*MUSIC, "-o", tmp_path / "music", "--lyrics-file", lyrics, "--yes")
    assert (outcome.code, words in outcome.err) == (3, True), outcome.err


def test_a_voice_that_does_not_exist_is_told_by_the_server(in_cloud, song: Path) -> None:
    outcome = in_cloud(
        *("convert", song, "--region", 1, "--voice", "vm_nobody", "--engine", "hanolab", "--yes")
    )
    assert outcome.code == 4
    assert "hanolab voices" in outcome.err


def test_knobs_that_do_nothing_are_told(in_cloud, song: Path) -> None:
    command = ("convert", song, "--region", 1, "--voice", "v", "--engine", "hanolab", "--dry-run")
    idle = in_cloud(*command, "--filter-radius", 5, "--index-rate", 0, "--protect", 0.2)
    assert "--filter-radius: no effect unless" in idle.err
    assert "--protect: no effect with index_rate 0" in idle.err
    assert "0.5 is off" in in_cloud(*command, "--protect", 0.5).err
    assert "warning" not in in_cloud(*command, "--protect", 0.2, "--index-rate", 0.5).err


def test_locally_protect_acts_also_without_an_index(in_cloud, song: Path) -> None:
    command = ("convert", song, "--region", 1, "--engine", "local", "--dry-run")
    told = in_cloud(*command, "--protect", 0.2, "--index-rate", 0)
    assert (told.code, "--protect" in told.err) == (0, False), told.err
    assert "--index-rate: without a reference" in told.err


def test_the_notice_about_the_singers_consent_is_shown_once(in_cloud, song: Path) -> None:
    command = ("convert", song, "--region", 1, "--voice", "vm_warm", "--engine", "hanolab")
    assert "consent" not in in_cloud(*command, "--dry-run").err
    assert "singer's consent" in in_cloud(*command, "-q").err
    assert "singer's consent" not in in_cloud(*command, "-q").err


def test_without_storage_the_way_to_set_it_up_is_told(
    hanolab, sandbox: SandboxProcess, song: Path
) -> None:
    hanolab.set(f'base_url = "{sandbox.base_url}"')
    hanolab.environment["HANOLAB_API_KEY"] = sandbox.key
    command = ("separate", song, "--region", 1, "--engine", "hanolab")
    assert "hanolab storage setup" in hanolab(*command, "--dry-run").out
    outcome = hanolab(*command, "--yes")
    assert outcome.code == 6
    assert "hanolab storage setup" in outcome.err
    assert "--input-url" in outcome.err
    assert hanolab("jobs").out.startswith("No jobs yet")


def test_before_login_the_way_to_log_in_is_told(hanolab, song: Path) -> None:
    outcome = hanolab("separate", song, "--region", 1, "--engine", "hanolab", "--yes")
    assert outcome.code == 6
    assert "hanolab login" in outcome.err

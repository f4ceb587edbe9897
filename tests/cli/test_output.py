"""What a shell does with the command's output: readers that go, usage errors, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest


def piped_into_nothing(hanolab, *arguments: str) -> tuple[int, str]:
    """Exit code and stderr of the command whose reader has gone before it writes."""
    command = [sys.executable, "-m", "hanolab_dawtools", *arguments]
    with subprocess.Popen(
        command, env=hanolab.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        err = process.stderr.read()
    return process.returncode, err


@pytest.mark.parametrize(
    "arguments",
    [("doctor",), ("doctor", "--json"), ("--help",), ("jobs", "--help"), ("--version",)],
)
def test_a_reader_that_has_gone_is_no_failure(hanolab, arguments: tuple[str, ...]) -> None:
    assert piped_into_nothing(hanolab, *arguments) == (0, "")


def test_a_failure_is_told_also_when_nobody_reads_the_result(hanolab) -> None:
    code, err = piped_into_nothing(hanolab, "jobs", "show", "nojob", "--json")
    assert code == 7
    assert "nojob" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("doctor", "--bogus"), "no such option: --bogus"),
        (("bogus",), "no such command 'bogus'"),
        (("jobs", "show"), "missing argument"),
        (("jobs", "list", "--limit", "many"), "--limit"),
    ],
)
def test_wrong_usage_is_one_sentence_and_one_document(
    hanolab, arguments: tuple[str, ...], words: str
) -> None:
    outcome = hanolab(*arguments)
    assert outcome.code == 2
    assert outcome.err.startswith("error: ")
    assert words in outcome.err
    assert "--help" in outcome.err
    error = json.loads(hanolab(*arguments, "--json").out)["error"]
    assert words in error["message"]
    assert error["exit_code"] == 2


def test_help_without_arguments_is_wrong_usage(hanolab) -> None:
    outcome = hanolab()
    assert outcome.code == 2
    assert "separate" in outcome.out
    assert "error" not in outcome.err


def test_help_names_the_exit_codes_of_the_cloud(hanolab) -> None:
    out = hanolab("--help").out
    assert "4 the cloud failed" in out
    assert "77 key, plan or credits" in out


def test_help_breaks_lines_at_the_width_of_the_terminal_alone(hanolab) -> None:
    hanolab.environment["COLUMNS"] = "200"
    outcome = hanolab("storage", "setup", "--help")
    assert (
        "The secret is asked for, piped in, or in the variable HANOLAB_STORAGE_SECRET; it is kept "
        "in the system's keychain and in no file."
    ) in outcome.out

"""`hanolab panel` as a process: opens what is named, ends when told to, and needs a screen."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import soundfile

DEADLINE_SECONDS = 60


@pytest.fixture
def environment(tmp_path):
    folders = {
        f"HANOLAB_{kind}_DIR": str(tmp_path / kind) for kind in ("CONFIG", "DATA", "CACHE", "LOG")
    }
    return os.environ | folders | {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}


def panel(environment, *arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "hanolab_dawtools", "panel", *arguments],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_open_panel_ends_at_the_first_signal(environment, tmp_path, number):
    song = tmp_path / "song.wav"
    soundfile.write(song, np.zeros(44_100), 44_100)
    with panel(environment | {"QT_QPA_PLATFORM": "offscreen"}, str(song)) as process:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not list((tmp_path / "CACHE").glob("peaks/*.peaks")):  # it draws: the window lives
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(number)
        assert process.wait(DEADLINE_SECONDS) == 0


def test_without_a_screen_it_says_so(environment):
    blind = {
        name: value
        for name, value in environment.items()
        if name not in {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    }
    with panel(blind) as process:
        assert process.wait(DEADLINE_SECONDS) == 6
        assert "no screen" in process.stderr.read()

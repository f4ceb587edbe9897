"""VST3 plug-ins in processes of their own: real ones, from Debian's zam-plugins."""

import os
import signal
import subprocess
from pathlib import Path

import numpy as np
import pytest
from fakes.signals import error_db, noise, sine
from fakes.system_packages import need

from hanolab_dawtools.audio.chain import EffectChain, render_chain
from hanolab_dawtools.audio.effect_table import checked
from hanolab_dawtools.audio.effects import EffectSpec
from hanolab_dawtools.audio.files import read_audio, write_audio
from hanolab_dawtools.audio.plugins import PluginFailed, PluginProcess, PluginRack
from hanolab_dawtools.errors import SetupError

FOLDER = Path("/usr/lib/vst3")
RATE = 48_000


@pytest.fixture(autouse=True)
def _plugins() -> None:
    need(is_there=(FOLDER / "ZamComp.vst3").exists(), package="zam-plugins")


@pytest.fixture
def rack() -> PluginRack:
    return PluginRack([FOLDER])


def vst3(name: str, values: dict | None = None, **parameters: str) -> EffectSpec:
    return checked(EffectSpec("vst3", {"plugin": name} | parameters, plugin_values=values or {}))


def applied(spec: EffectSpec, samples: np.ndarray, rack: PluginRack, cut: int = 10_000):
    with EffectChain([spec], RATE, samples.shape[0], load_plugin=rack) as chain:
        parts = [chain.process(samples[:, :cut]), chain.process(samples[:, cut:]), chain.flush()]
    return np.concatenate(parts, axis=1)


def test_the_plugins_of_a_folder_are_listed(rack):
    names = [path.stem for path in rack.installed()]
    assert "ZamComp" in names
    assert names == sorted(names, key=str.casefold)


@pytest.mark.parametrize("n_channels", [1, 2, 3])
@pytest.mark.parametrize("name", ["ZaMaximX2", "ZamComp"])
def test_a_click_stays_in_its_place_on_every_channel(rack, name, n_channels):
    """One is for two channels and late by 480 frames, the other is for one channel."""
    samples = np.zeros((n_channels, 60_000), np.float32)
    samples[:, 20_000] = 0.5
    made = applied(vst3(name), samples, rack)
    assert made.shape == samples.shape
    assert list(np.abs(made).argmax(axis=1)) == [20_000] * n_channels


def test_parameters_are_set_by_the_plugins_own_names(rack):
    sound = sine(1000.0, RATE, RATE, amplitude=0.1)
    plain = applied(vst3("ZamComp"), sound.samples, rack)
    louder = applied(vst3("ZamComp", {"makeup_db": 6.0}), sound.samples, rack)
    gain_db = 20 * np.log10(np.abs(louder).max() / np.abs(plain).max())
    assert gain_db == pytest.approx(6.0, abs=0.3)


def test_a_stored_state_makes_the_same_sound(rack):
    sound = noise(RATE, 30_000)
    set_up = vst3("ZamComp", {"threshold_db": -40.0, "ratio": 10.0})
    state = rack.describe(set_up).state
    by_state = vst3("ZamComp", state=state)
    np.testing.assert_array_equal(
        applied(by_state, sound.samples, rack), applied(set_up, sound.samples, rack)
    )
    assert error_db(applied(by_state, sound.samples, rack), sound.samples) > -40.0


def test_a_description_holds_what_a_panel_shows(rack):
    info = rack.describe(vst3("ZamComp"))
    assert (info.name, info.vendor, info.is_instrument) == ("ZamComp", "Damien Zammit", False)
    threshold = info.parameters["threshold_db"]
    assert threshold["minimum"] < threshold["value"] <= threshold["maximum"]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (vst3("ZamComp", {"warmth": 1.0}), "has no parameter 'warmth'"),
        (vst3("ZamComp", {"threshold_db": 900.0}), "its parameter threshold_db cannot be 900"),
        (vst3("ZamComp", state="!"), "its stored state is not one"),
        (vst3("ZamComp", vendor="Somebody"), "is by Damien Zammit, not Somebody"),
        (vst3("Unknown"), "the plug-in Unknown was not found"),
    ],
)
def test_what_cannot_be_used_is_told(rack, spec, message):
    with pytest.raises(PluginFailed, match=message):
        EffectChain([spec], RATE, 1, load_plugin=rack)


def test_a_file_that_is_no_plugin_is_told(tmp_path):
    (tmp_path / "Broken.vst3").write_bytes(b"nothing")
    with pytest.raises(PluginFailed, match="the plug-in Broken cannot be used"):
        EffectChain([vst3("Broken")], RATE, 1, load_plugin=PluginRack([tmp_path]))


def test_only_allowed_folders_are_loaded_from(tmp_path):
    spec = vst3("ZamComp", path=str(FOLDER / "ZamComp.vst3"))
    with pytest.raises(PluginFailed, match="was not found"):
        EffectChain([spec], RATE, 1, load_plugin=PluginRack([tmp_path]))
    with pytest.raises(SetupError, match="ZamComp may not be loaded"):
        EffectChain([spec], RATE, 1)


def test_the_path_is_a_hint_only(rack):
    spec = vst3("ZamComp", path="/somewhere/else/ZamComp.vst3")
    assert rack.find(spec) == FOLDER / "ZamComp.vst3"


def test_a_plugin_that_crashes_is_told(rack):
    with PluginProcess(vst3("ZamComp"), FOLDER / "ZamComp.vst3", RATE, 1, rack) as process:
        os.kill(process._worker.pid, signal.SIGSEGV)
        with pytest.raises(PluginFailed, match=r"ZamComp crashed \(SIGSEGV\)"):
            process.process(np.zeros((1, 8192), np.float32))


def test_a_plugin_that_hangs_is_told():
    rack = PluginRack([FOLDER], block_seconds=0.3)
    with PluginProcess(vst3("ZamComp"), FOLDER / "ZamComp.vst3", RATE, 1, rack) as process:
        os.kill(process._worker.pid, signal.SIGSTOP)
        with pytest.raises(PluginFailed, match=r"ZamComp stopped answering in 0\.3 s"):
            process.process(np.zeros((1, 8192), np.float32))


def test_no_process_is_left_behind(rack, tmp_path):
    sound = noise(RATE, 20_000)
    write_audio(tmp_path / "in.wav", sound)
    render_chain(tmp_path / "in.wav", tmp_path / "out.wav", [vst3("ZamComp")], load_plugin=rack)
    assert read_audio(tmp_path / "out.wav").n_frames == sound.n_frames
    listed = subprocess.run(
        ["ps", "--ppid", str(os.getpid()), "-o", "args="],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "plugin_worker" not in listed.stdout

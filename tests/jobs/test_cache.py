from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from fakes.full_disk import files_at_most
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.errors import JobCancelled, NotWritable, OutputError
from hanolab_dawtools.events import NeverStop
from hanolab_dawtools.jobs.cache import ResultCache

KILOBYTE = 1000
FACTS = {"stems": [{"role": "vocals", "file": "vocals.wav"}], "null_db": -120.5}
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def cache(folder: Path) -> ResultCache:
    return ResultCache(folder, 100 * KILOBYTE)


@pytest.fixture
def files(tmp_path: Path) -> Mapping[str, Path]:
    return {name: made_file(tmp_path, name) for name in ("vocals.wav", "accompaniment.wav")}


def made_file(folder: Path, name: str, n_bytes: int = 4 * KILOBYTE) -> Path:
    path = folder / name
    path.write_bytes(os.urandom(n_bytes))
    return path


def key(number: object = 0) -> str:
    return ResultCache.key({"number": number})


def put_large(cache: ResultCache, folder: Path, number: int) -> None:
    cache.put(key(number), {"a.wav": made_file(folder, f"{number}.wav", 30 * KILOBYTE)}, {})


def has(cache: ResultCache, number: int, into: Path) -> bool:
    return cache.get(key(number), into) is not None


@given(parts=st.dictionaries(st.text(), JSON, max_size=5), data=st.data())
def test_key_does_not_depend_on_the_order_of_its_parts(
    parts: dict[str, Any], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(list(parts)))
    assert ResultCache.key({name: parts[name] for name in order}) == ResultCache.key(parts)


@given(one=st.dictionaries(st.text(), JSON, max_size=3), other=st.dictionaries(st.text(), JSON))
def test_different_parts_have_different_keys(one: dict[str, Any], other: dict[str, Any]) -> None:
    is_same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (ResultCache.key(one) == ResultCache.key(other)) == is_same


def test_key_is_the_same_in_every_version_of_the_program() -> None:
    parts = {"content": "ab", "parameters": {"stems": 2, "a": None}, "é": 0.5}
    text = rb'{"content":"ab","parameters":{"a":null,"stems":2},"\u00e9":0.5}'
    assert ResultCache.key(parts) == hashlib.sha256(text).hexdigest()


def test_what_was_put_is_got_back_to_the_byte(
    cache: ResultCache, files: Mapping[str, Path], tmp_path: Path
) -> None:
    cache.put(key(), files, FACTS)
    into = tmp_path / "job" / "stems"
    assert cache.get(key(), into) == FACTS
    assert {path.name: path.read_bytes() for path in into.iterdir()} == {
        name: path.read_bytes() for name, path in files.items()
    }


def test_copies_are_the_callers_own(
    cache: ResultCache, files: Mapping[str, Path], tmp_path: Path
) -> None:
    cache.put(key(), files, FACTS)
    cache.get(key(), tmp_path / "one")
    (tmp_path / "one" / "vocals.wav").write_bytes(b"edited")
    assert cache.get(key(), tmp_path / "two") == FACTS
    assert (tmp_path / "two" / "vocals.wav").read_bytes() == files["vocals.wav"].read_bytes()


class StopAtLook(NeverStop):
    """Set from the n-th look on."""

    def __init__(self, look: int) -> None:
        self._looks_left = look

    def is_set(self) -> bool:
        self._looks_left -= 1
        return self._looks_left <= 0


@pytest.mark.parametrize("look", [1, 2])
def test_getting_stops_when_told_and_leaves_nothing(
    cache: ResultCache, files: Mapping[str, Path], tmp_path: Path, look: int
) -> None:
    cache.put(key(), files, FACTS)
    with pytest.raises(JobCancelled):
        cache.get(key(), tmp_path / "into", stop=StopAtLook(look))
    assert list((tmp_path / "into").iterdir()) == []
    assert cache.get(key(), tmp_path / "into") == FACTS


@pytest.mark.parametrize("look", [1, 2])
def test_what_is_not_put_to_its_end_is_left_out(
    cache: ResultCache, folder: Path, files: Mapping[str, Path], tmp_path: Path, look: int
) -> None:
    cache.put(key(), files, FACTS, stop=StopAtLook(look))
    assert list(folder.iterdir()) == []
    cache.put(key(), files, FACTS, stop=StopAtLook(3))
    assert cache.get(key(), tmp_path / "into") == FACTS


def test_unknown_key_is_no_entry(cache: ResultCache, tmp_path: Path) -> None:
    assert cache.get(key(), tmp_path / "into") is None
    assert not (tmp_path / "into").exists()
    assert cache.size_bytes() == 0


@pytest.mark.parametrize("name", ["vocals.wav", "accompaniment.wav", "entry.json"])
@pytest.mark.parametrize("damage", ["flipped", "cut", "removed", "emptied", "nested"])
def test_damaged_entry_counts_as_missing_and_is_removed(
    cache: ResultCache,
    files: Mapping[str, Path],
    tmp_path: Path,
    name: str,
    damage: str,
) -> None:
    cache.put(key(), files, FACTS)
    entry = tmp_path / "cache" / key()
    path = entry / name
    content = path.read_bytes()
    if damage == "removed":
        path.unlink()
    else:
        flipped = bytes([content[0] ^ 1]) + content[1:]
        damaged = {
            "flipped": flipped,
            "cut": content[:-1],
            "emptied": b"",
            "nested": b"[" * 100_000,
        }
        path.write_bytes(damaged[damage])
    into = tmp_path / "into"
    assert cache.get(key(), into) is None
    assert not entry.exists()
    assert not into.exists() or list(into.iterdir()) == []
    cache.put(key(), files, FACTS)
    assert cache.get(key(), into) == FACTS


def test_changed_fact_makes_an_entry_damaged(
    cache: ResultCache, files: Mapping[str, Path], tmp_path: Path, folder: Path
) -> None:
    cache.put(key(), files, FACTS)
    path = folder / key() / "entry.json"
    path.write_text(path.read_text().replace("-120.5", "-121.5"))
    assert cache.get(key(), tmp_path / "into") is None


@pytest.mark.parametrize("name", ["../outside.wav", "/etc/passwd", "", ".", 7])
def test_entry_that_names_a_file_outside_itself_is_damaged(
    cache: ResultCache, files: Mapping[str, Path], tmp_path: Path, folder: Path, name: object
) -> None:
    cache.put(key(), files, FACTS)
    manifest: dict[str, Any] = {"files": {name: "0" * 64}, "facts": {}}
    manifest["digest"] = ResultCache.key(manifest)
    (folder / key() / "entry.json").write_text(json.dumps(manifest))
    assert cache.get(key(), tmp_path / "into") is None


@pytest.mark.parametrize("name", ["a/b.wav", "../b.wav", "entry.json", "", "a:b"])
def test_name_that_is_no_plain_file_name_is_a_mistake(cache: ResultCache, name: str) -> None:
    with pytest.raises(ValueError, match="cannot be a name"):
        cache.put(key(), {name: Path("x")}, FACTS)


@pytest.mark.parametrize("wrong", ["", "../x", "A" * 64, "0" * 63])
def test_wrong_key_is_a_mistake(cache: ResultCache, tmp_path: Path, wrong: str) -> None:
    with pytest.raises(ValueError, match="no key"):
        cache.get(wrong, tmp_path)


def test_least_recently_used_entries_make_room(cache: ResultCache, tmp_path: Path) -> None:
    for number in (1, 2, 3):
        put_large(cache, tmp_path, number)
    assert has(cache, 1, tmp_path / "into")
    put_large(cache, tmp_path, 4)
    assert [has(cache, number, tmp_path / "into") for number in (1, 2, 3, 4)] == [
        True,
        False,
        True,
        True,
    ]
    assert cache.size_bytes() <= 100 * KILOBYTE


@pytest.mark.parametrize("limit_bytes", [0, 29 * KILOBYTE])
def test_entry_over_the_limit_is_not_kept_and_removes_no_other(
    folder: Path, tmp_path: Path, limit_bytes: int
) -> None:
    cache = ResultCache(folder, limit_bytes)
    cache.put(key("small"), {}, {})
    size_bytes = cache.size_bytes()
    put_large(cache, tmp_path, 1)
    assert cache.get(key(1), tmp_path / "into") is None
    assert cache.size_bytes() == size_bytes


def test_clear_removes_all_entries(
    cache: ResultCache, files: Mapping[str, Path], tmp_path: Path, folder: Path
) -> None:
    cache.put(key(), files, FACTS)
    assert cache.size_bytes() > 8 * KILOBYTE
    cache.clear()
    assert (cache.size_bytes(), list(folder.iterdir())) == (0, [])
    assert cache.get(key(), tmp_path / "into") is None


def test_full_disk_leaves_an_entry_out_with_a_warning(
    cache: ResultCache,
    files: Mapping[str, Path],
    folder: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with files_at_most(KILOBYTE):
        cache.put(key(), files, FACTS)
    assert "the disk is full" in caplog.text
    assert list(folder.iterdir()) == []


def test_folder_that_cannot_be_written_leaves_an_entry_out_with_a_warning(
    tmp_path: Path, files: Mapping[str, Path], caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "cache").write_text("a file")
    cache = ResultCache(tmp_path / "cache", KILOBYTE * 100)
    cache.put(key(), files, FACTS)
    assert "not kept in the cache" in caplog.text
    assert cache.get(key(), tmp_path / "into") is None


def test_missing_file_leaves_an_entry_out_with_a_warning(
    cache: ResultCache, caplog: pytest.LogCaptureFixture
) -> None:
    cache.put(key(), {"vocals.wav": Path("missing.wav")}, FACTS)
    assert "not kept in the cache" in caplog.text
    assert cache.size_bytes() == 0


def test_full_disk_of_the_caller_is_the_callers_error_and_keeps_the_entry(
    cache: ResultCache, files: Mapping[str, Path], tmp_path: Path
) -> None:
    cache.put(key(), files, FACTS)
    with files_at_most(KILOBYTE), pytest.raises(OutputError):
        cache.get(key(), tmp_path / "into")
    assert list((tmp_path / "into").iterdir()) == []
    assert cache.get(key(), tmp_path / "into") == FACTS


def test_target_that_cannot_be_written_is_the_callers_error(
    cache: ResultCache, files: Mapping[str, Path], tmp_path: Path
) -> None:
    cache.put(key(), files, FACTS)
    (tmp_path / "into").write_text("a file")
    with pytest.raises(NotWritable):
        cache.get(key(), tmp_path / "into")


def test_what_a_crash_left_is_no_entry_and_is_removed_after_a_day(
    cache: ResultCache, files: Mapping[str, Path], folder: Path
) -> None:
    for name, age_seconds in (("old", 100_000.0), ("young", 10.0)):
        left = folder / f".going-{name}"
        left.mkdir(parents=True)
        (left / "vocals.wav").write_bytes(b"half")
        then = left.stat().st_mtime - age_seconds
        os.utime(left, (then, then))
    cache.put(key(), files, FACTS)
    assert sorted(path.name for path in folder.iterdir()) == [".going-young", key()]


def test_concurrent_use_of_one_key_gives_whole_entries_or_none(
    cache: ResultCache, files: Mapping[str, Path], tmp_path: Path, folder: Path
) -> None:
    wrong: list[object] = []

    def use(number: int) -> None:
        for part in range(10):
            cache.put(key(), files, FACTS)
            into = tmp_path / f"into-{number}-{part}"
            facts = cache.get(key(), into)
            if facts not in (None, FACTS):
                wrong.append(facts)
            if facts and (into / "vocals.wav").read_bytes() != files["vocals.wav"].read_bytes():
                wrong.append(into)
            if number == 0 and part % 3 == 0:
                cache.clear()

    threads = [threading.Thread(target=use, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    cache.put(key(), files, FACTS)
    assert [path.name for path in folder.iterdir()] == [key()]

import errno
import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.full_disk import files_at_most

from hanolab_dawtools import durable
from hanolab_dawtools.errors import DiskFull, FileChanged, InputError, NotWritable

OLD, NEW = b"old" * 10_000, b"new" * 10_000
NOBODY = 65534

WRITER = """
import os, pathlib, sys
from hanolab_dawtools import durable

step, target = sys.argv[1], pathlib.Path(sys.argv[2])

def die(*_):
    os.kill(os.getpid(), 9)

rename = pathlib.Path.replace
if step == "before the rename":
    pathlib.Path.replace = die
if step == "after the rename":
    pathlib.Path.replace = lambda part, name: (rename(part, name), die())
with durable.replacing(target) as part:
    with part.open("wb") as stream:
        stream.write(b"new" * 5_000)
        stream.flush()
        if step == "half-way":
            die()
        stream.write(b"new" * 5_000)
    if step == "before the sync":
        die()
"""

CONTENDER = """
import pathlib, sys
from hanolab_dawtools import durable

for _ in range(int(sys.argv[3])):
    durable.write_bytes(pathlib.Path(sys.argv[1]), sys.argv[2].encode() * 50_000)
"""


@pytest.fixture
def users_folder() -> Iterator[Path]:
    """A folder of a user without root's rights; the test runs as that user."""
    if os.geteuid() != 0:
        with tempfile.TemporaryDirectory() as name:
            yield Path(name)
            Path(name).chmod(0o700)
        return
    with tempfile.TemporaryDirectory() as name:
        os.chown(name, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, 0)
        try:
            yield Path(name)
        finally:
            os.setresuid(0, 0, 0)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("half-way", OLD),
        ("before the sync", OLD),
        ("before the rename", OLD),
        ("after the rename", NEW),
    ],
)
def test_a_killed_writer_leaves_the_old_file_or_the_new_one(tmp_path, step, expected):
    target = tmp_path / "song.wav"
    target.write_bytes(OLD)
    done = subprocess.run([sys.executable, "-c", WRITER, step, target], check=False)
    assert done.returncode == -signal.SIGKILL
    assert target.read_bytes() == expected
    others = [name for name in names(tmp_path) if name != "song.wav"]
    assert len(others) == (expected == OLD)
    assert all(name.endswith(durable.PART_SUFFIX) for name in others)
    durable.remove_leftovers(tmp_path)
    assert names(tmp_path) == ["song.wav"]


def test_only_parts_of_dead_writers_are_swept_from_a_folder_of_others(tmp_path):
    target = tmp_path / "song.rpp"
    target.write_bytes(OLD)
    foreign = [".song.rpp.part", "song.rpp.part", ".x.0badcafe-1-0123456789ab.part"]
    for name in foreign:
        (tmp_path / name).write_bytes(b"")
    subprocess.run([sys.executable, "-c", WRITER, "half-way", target], check=False)
    with durable.replacing(tmp_path / "another.rpp") as part:
        part.write_bytes(NEW)
        assert len(names(tmp_path)) == len(foreign) + 3
        durable.remove_dead_parts(tmp_path)
        assert names(tmp_path) == sorted([*foreign, part.name, "song.rpp"])
    durable.remove_dead_parts(tmp_path / "no such folder")


def replace_and_stop(target: Path) -> None:
    with durable.replacing(target) as part:
        part.write_bytes(NEW)
        raise KeyboardInterrupt


def test_stopping_while_writing_leaves_the_old_file_alone(tmp_path):
    target = tmp_path / "song.wav"
    target.write_bytes(OLD)
    with pytest.raises(KeyboardInterrupt):
        replace_and_stop(target)
    assert target.read_bytes() == OLD
    assert names(tmp_path) == ["song.wav"]


@pytest.mark.parametrize("write", [durable.write_bytes, durable.copy_file])
def test_a_full_disk_is_told_and_leaves_the_old_file_alone(tmp_path, write):
    source, target = tmp_path / "source", tmp_path / "song.wav"
    source.write_bytes(NEW)
    target.write_bytes(OLD)
    with files_at_most(8192), pytest.raises(DiskFull) as caught:
        write(*((target, NEW) if write is durable.write_bytes else (source, target)))
    assert caught.value.path == target
    assert target.read_bytes() == OLD
    assert names(tmp_path) == ["song.wav", "source"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_every_kind_of_no_room_is_disk_full(tmp_path, number):
    with pytest.raises(DiskFull), durable.translated_os_errors(tmp_path):
        raise OSError(number, os.strerror(number))


def test_a_read_only_folder_is_told(users_folder):
    users_folder.chmod(0o500)
    with pytest.raises(NotWritable, match="Permission denied") as caught:
        durable.write_bytes(users_folder / "song.wav", NEW)
    assert str(users_folder / "song.wav") in str(caught.value)
    assert names(users_folder) == []


def test_a_write_protected_file_is_not_replaced(users_folder):
    target = users_folder / "song.wav"
    target.write_bytes(OLD)
    target.chmod(0o400)
    with pytest.raises(NotWritable, match="write-protected"):
        durable.write_bytes(target, NEW)
    assert target.read_bytes() == OLD
    assert names(users_folder) == ["song.wav"]


def test_a_folder_that_may_be_written_but_not_listed_takes_files(users_folder):
    users_folder.chmod(0o300)
    durable.write_bytes(users_folder / "song.wav", NEW)
    assert (users_folder / "song.wav").read_bytes() == NEW


def test_a_folder_in_the_place_of_the_file_is_told_before_anything_is_written(tmp_path):
    with pytest.raises(NotWritable, match="directory"), durable.replacing(tmp_path):
        pytest.fail("the block must not be entered")


def test_a_pipe_is_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NotWritable, match="a device or a pipe"):
        durable.write_bytes(tmp_path / "pipe", b"new")
    assert (tmp_path / "pipe").is_fifo()


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path):
    (tmp_path / "stems").write_bytes(OLD)
    with pytest.raises(NotWritable):
        durable.write_bytes(tmp_path / "stems" / "vocals.wav", NEW)
    assert (tmp_path / "stems").read_bytes() == OLD


def test_missing_folders_are_made(tmp_path):
    durable.write_text(tmp_path / "a" / "b" / "c.txt", "zeile\r\n\n")
    assert (tmp_path / "a" / "b" / "c.txt").read_bytes() == b"zeile\r\n\n"


def test_threads_that_replace_one_file_never_mix(tmp_path):
    target = tmp_path / "song.wav"
    contents = [bytes([65 + index]) * 50_000 for index in range(4)]
    durable.write_bytes(target, contents[0])
    seen: list[bytes] = []
    running = threading.Event()
    running.set()

    def look() -> None:
        while running.is_set():
            seen.append(target.read_bytes())

    watcher = threading.Thread(target=look)
    writers = [
        threading.Thread(target=lambda c=c: [durable.write_bytes(target, c) for _ in range(20)])
        for c in contents
    ]
    watcher.start()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    running.clear()
    watcher.join()
    assert {*seen, target.read_bytes()} <= set(contents)
    assert names(tmp_path) == ["song.wav"]


def test_processes_that_replace_one_file_never_mix(tmp_path):
    target = tmp_path / "song.wav"
    durable.write_bytes(target, b"A" * 50_000)
    writers = [
        subprocess.Popen([sys.executable, "-c", CONTENDER, target, letter, "60"]) for letter in "AB"
    ]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        seen.add(target.read_bytes())
    assert [writer.returncode for writer in writers] == [0, 0]
    assert {*seen, target.read_bytes()} <= {b"A" * 50_000, b"B" * 50_000}
    assert names(tmp_path) == ["song.wav"]


@pytest.mark.soak
def test_a_writer_killed_at_any_time_leaves_a_whole_file(tmp_path):
    target = tmp_path / "song.wav"
    durable.write_bytes(target, b"A" * 50_000)
    for turn in range(100):
        writer = subprocess.Popen([sys.executable, "-c", CONTENDER, target, "AB"[turn % 2], "9999"])
        with pytest.raises(subprocess.TimeoutExpired):
            writer.wait(timeout=0.05 + 0.0037 * turn)
        writer.kill()
        writer.wait()
        assert target.read_bytes() in {b"A" * 50_000, b"B" * 50_000}
    durable.remove_leftovers(tmp_path)
    assert names(tmp_path) == ["song.wav"]


def test_a_link_stays_a_link_and_its_file_is_replaced(tmp_path):
    real, link = tmp_path / "disk" / "song.wav", tmp_path / "song.wav"
    durable.write_bytes(real, OLD)
    link.symlink_to(Path("disk") / "song.wav")
    durable.write_bytes(link, NEW)
    assert link.is_symlink()
    assert real.read_bytes() == NEW
    assert names(tmp_path / "disk") == ["song.wav"]


def test_a_link_to_nothing_makes_the_file_it_names(tmp_path):
    (tmp_path / "song.wav").symlink_to(tmp_path / "disk" / "song.wav")
    durable.write_bytes(tmp_path / "song.wav", NEW)
    assert (tmp_path / "disk" / "song.wav").read_bytes() == NEW


def test_a_link_to_itself_is_told(tmp_path):
    (tmp_path / "song.wav").symlink_to(tmp_path / "song.wav")
    with pytest.raises(NotWritable, match="symbolic links"):
        durable.write_bytes(tmp_path / "song.wav", NEW)


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_permissions_of_a_replaced_file_are_kept(tmp_path, mode):
    target = tmp_path / "song.rpp"
    target.write_bytes(OLD)
    target.chmod(mode)
    durable.write_bytes(target, NEW)
    assert stat.S_IMODE(target.stat().st_mode) == mode


def test_a_file_whose_name_is_as_long_as_can_be_is_written(tmp_path):
    target = tmp_path / ("ä" * 125 + ".wav")
    durable.write_bytes(target, NEW)
    assert target.read_bytes() == NEW


def test_a_copy_holds_the_same_bytes_over_several_blocks(tmp_path):
    content = os.urandom(2 * durable.COPY_BLOCK_BYTES + 1)
    (tmp_path / "source").write_bytes(content)
    durable.copy_file(tmp_path / "source", tmp_path / "target")
    assert (tmp_path / "target").read_bytes() == content


def test_a_missing_source_is_not_blamed_on_the_target(tmp_path):
    with pytest.raises(InputError, match=r"cannot read .*gone"):
        durable.copy_file(tmp_path / "gone", tmp_path / "target")
    assert names(tmp_path) == []


@pytest.mark.parametrize("change", ["written", "removed"])
def test_a_stamp_notices_what_happened_to_its_file(tmp_path, change):
    path = tmp_path / "song.rpp"
    path.write_bytes(OLD)
    stamp = durable.FileStamp.of_content(path, OLD)
    stamp.check()
    path.write_bytes(OLD[:-1] + b"!") if change == "written" else path.unlink()
    with pytest.raises(FileChanged):
        stamp.check()

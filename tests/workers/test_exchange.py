"""Files to workers and back: through a shared folder, and through storage with made-up URLs."""

import threading

import pytest

from hanolab_dawtools.errors import InputError, JobCancelled, TransferFailed
from hanolab_dawtools.events import NeverStop, ignore_progress
from hanolab_dawtools.workers.exchange import (
    FolderCarrier,
    FolderExchange,
    check_content,
    content_of,
    lay,
)
from hanolab_dawtools.workers.storage_exchange import StorageExchange

HOW = {"stop": NeverStop(), "progress": ignore_progress}


class Shelf:
    """A storage that keeps files in a mapping and counts uploads."""

    def __init__(self):
        self.kept, self.uploads = {}, []

    def put(self, path, name, *, stop, progress):
        self.uploads.append(name)
        self.kept[name] = path.read_bytes()
        return name

    def url_for(self, key, *, seconds):
        return f"get {key}"

    def key_for(self, name):
        return name

    def put_url(self, key, *, seconds):
        return f"put {key}", {}

    def delete(self, key):
        self.kept.pop(key, None)

    def delete_all(self):
        self.kept.clear()


class ShelfCarrier:
    def __init__(self, shelf):
        self._shelf = shelf

    def fetch(self, where, path, *, stop):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self._shelf.kept[where["url"].removeprefix("get ")])

    def put(self, path, where, *, stop):
        self._shelf.kept[where["url"].removeprefix("put ")] = path.read_bytes()


@pytest.fixture(params=["folder", "storage"])
def ends(request, tmp_path):
    if request.param == "folder":
        return FolderExchange(tmp_path / "shared", "batch"), FolderCarrier()
    shelf = Shelf()
    return StorageExchange(shelf, ShelfCarrier(shelf)), ShelfCarrier(shelf)


@pytest.fixture
def take(tmp_path):
    path = tmp_path / "tåke.WAV"
    path.write_bytes(b"music")
    return path


def test_an_input_reaches_the_worker(ends, take, tmp_path):
    exchange, carrier = ends
    lent = exchange.lend(take, **HOW)
    there = tmp_path / "worker" / lent.name
    carrier.fetch(lent.where, there, stop=NeverStop())
    check_content(there, lent.digest, lent.n_bytes, NeverStop())
    assert there.read_bytes() == b"music"
    assert lent.name == f"{lent.digest}.wav"


def test_a_result_reaches_the_owner(ends, take, tmp_path):
    exchange, carrier = ends
    slots = exchange.slots("order", 3)
    carrier.put(take, slots[1], stop=NeverStop())
    exchange.take(slots[1], tmp_path / "back.wav", **HOW)
    assert (tmp_path / "back.wav").read_bytes() == b"music"
    exchange.clear(slots)
    exchange.close()
    exchange.close()
    with pytest.raises((InputError, KeyError)):
        exchange.take(slots[1], tmp_path / "again.wav", **HOW)


def test_an_input_that_many_orders_read_goes_up_once(take):
    shelf = Shelf()
    exchange = StorageExchange(shelf, ShelfCarrier(shelf))
    threads = [
        threading.Thread(target=lambda: exchange.give_back(exchange.lend(take, **HOW)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(shelf.uploads) == 1
    assert len(shelf.kept) == 1


def test_inputs_that_nobody_reads_give_way_the_oldest_first(tmp_path):
    shelf = Shelf()
    exchange = StorageExchange(shelf, ShelfCarrier(shelf), kept_bytes=20)
    lent = []
    for number in range(4):
        path = tmp_path / f"{number}.wav"
        path.write_bytes(bytes([number]) * 10)
        lent.append(exchange.lend(path, **HOW))
    for one in lent[1:]:
        exchange.give_back(one)
    assert set(shelf.kept) == {lent[0].name, lent[2].name, lent[3].name}


def test_an_upload_that_fails_leaves_nothing_to_be_believed_in(take):
    shelf = Shelf()
    exchange = StorageExchange(shelf, ShelfCarrier(shelf))
    put, shelf.put = shelf.put, refuse
    with pytest.raises(TransferFailed):
        exchange.lend(take, **HOW)
    shelf.put = put
    exchange.lend(take, **HOW)
    assert len(shelf.kept) == 1


def refuse(*_, **__):
    raise TransferFailed("no")


def test_a_worker_that_does_not_see_the_folder_says_so(take, tmp_path):
    lent = FolderExchange(tmp_path / "shared", "batch").lend(take, **HOW)
    elsewhere = FolderCarrier(tmp_path / "not-mounted")
    for act in (
        lambda: elsewhere.fetch(lent.where, tmp_path / "x", stop=NeverStop()),
        lambda: elsewhere.put(take, lent.where, stop=NeverStop()),
    ):
        with pytest.raises(TransferFailed, match=r"not-mounted .* is not seen on this worker"):
            act()


def test_a_worker_may_see_the_folder_under_another_name(take, tmp_path):
    lent = FolderExchange(tmp_path / "shared", "batch").lend(take, **HOW)
    (tmp_path / "shared").rename(tmp_path / "mounted")
    FolderCarrier(tmp_path / "mounted").fetch(lent.where, tmp_path / "x", stop=NeverStop())
    assert (tmp_path / "x").read_bytes() == b"music"


def test_what_came_over_otherwise_is_refused_and_removed(take):
    digest, n_bytes = content_of(take, NeverStop())
    take.write_bytes(b"musik")
    with pytest.raises(TransferFailed, match="otherwise than it was sent"):
        check_content(take, digest, n_bytes, NeverStop())
    assert not take.exists()


def test_a_stop_ends_the_reading_of_a_file(take):
    stop = threading.Event()
    stop.set()
    with pytest.raises(JobCancelled):
        content_of(take, stop)


def test_a_file_is_laid_where_there_was_one_or_where_it_is_already(take, tmp_path):
    target = tmp_path / "deep" / "down" / "x.wav"
    for _ in range(2):
        lay(take, target)
    assert [path.name for path in target.parent.iterdir()] == ["x.wav"]


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match=r"cannot read .*gone\.wav"):
        FolderExchange(tmp_path, "b").lend(tmp_path / "gone.wav", **HOW)

"""Damaged project files: each is used or refused in a sentence, in time, and left as it was.

`fakes.mutations.mutated(number)` gives again what a failure names.
"""

from __future__ import annotations

import random
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.mutations import MEDIA, mutated, originals
from fakes.placements import placement, stem_files
from fakes.timelines import noise, write_media

from hanolab_dawtools.errors import HanolabError
from hanolab_dawtools.events import NeverStop, ignore_progress
from hanolab_dawtools.hosts.project.selecting import find_selections
from hanolab_dawtools.hosts.project.timeline import Timeline
from hanolab_dawtools.hosts.rpp.document import Document
from hanolab_dawtools.hosts.rpp.fingerprint import fingerprint
from hanolab_dawtools.hosts.rpp.host import RppHost
from hanolab_dawtools.hosts.rpp.media import MediaFinder
from hanolab_dawtools.hosts.rpp.place import place_stems
from hanolab_dawtools.hosts.rpp.planning import Plan, plan_capture
from hanolab_dawtools.hosts.rpp.provenance import origins
from hanolab_dawtools.hosts.rpp.reader import read_timeline
from hanolab_dawtools.hosts.rpp.survey import survey_project
from hanolab_dawtools.model import Grouping, Selection, Wanted

N_SHORT = 400
N_SOAK = 100_000
N_PARTS = 25  # each short enough for the suite's budget to end a run between two of them
LIMIT_SECONDS = 2.0  # of work, for one mutation
ON_DISK, READ_AGAIN = 100, 4  # every so many mutations
RATE = 44_100

WANTED = (
    Wanted(),
    Wanted(region="Verse"),
    Wanted(region="3"),
    Wanted(range_seconds=(0.5, 6.0)),
    Wanted(range_seconds=(0.0, 1e9), grouping=Grouping.TRACK),
    Wanted(range_seconds=(0.25, 4.0), grouping=Grouping.ITEM),
    Wanted(range_seconds=(0.0, 3.0), tracks=("1",)),
    Wanted(range_seconds=(1.0, 2.5), tracks=("*a*", "Odd")),
)


class TooSlow(BaseException):
    """More work than one project may take; no `Exception`, so that nobody catches it."""


class StopSoon(NeverStop):
    """Ends a capture after a few blocks, whatever length a number in the file asks for."""

    def __init__(self) -> None:
        self._left = 6

    def is_set(self) -> bool:
        self._left -= 1
        return self._left < 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("projects")
    for n_channels, name in zip((2, 1), MEDIA, strict=True):
        write_media(folder / name, noise(n_channels, 4_410), RATE)
    return folder


@contextmanager
def limited_work(seconds: float) -> Iterator[None]:
    """Raise `TooSlow` after so much time of the processor."""

    def on_signal(*_: object) -> None:
        raise TooSlow(f"more than {seconds} s")

    before = signal.signal(signal.SIGPROF, on_signal)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, before)


def use(content: bytes, path: Path, finder: MediaFinder, number: int) -> str:
    """Do with a project all that a run does, with choices by `number`; says how far it got."""
    chance = random.Random(number)
    again = number % READ_AGAIN == 0
    try:
        document = Document.parse(content, path)
        timeline = read_timeline(document)
    except HanolabError as error:
        return checked_error(error, "refused")
    sources: tuple[str, ...] = ()
    got = "placed"
    try:
        selection = chance.choice(find_selections(timeline, chance.choice(WANTED)))
        plan = plan_capture(timeline, selection, chance.choice((0.0, 0.5, 10.0)), finder)
        sources = plan.sources
        check_plan(plan, document, timeline)
        got = "captured and placed"
        place(document, timeline, chance, sources, selection, read_again=again)
    except HanolabError as error:
        checked_error(error, "")
        sources = tuple(item.id for _, item in timeline.items())
        place(document, timeline, chance, sources, None, read_again=again)
    return got


def check_plan(plan: Plan, document: Document, timeline: Timeline) -> None:
    assert 0 <= plan.first_frame <= plan.start_frame < plan.end_frame <= plan.last_frame
    assert plan.sample_rate > 0
    assert plan.n_channels > 0
    assert plan.voices
    fingerprint(document, timeline, plan.sources)
    for _, item in timeline.items():  # noqa: PERF102 - no dict: pairs of track and item
        if item.id in plan.sources:
            origins(document, item)


def place(
    document: Document,
    timeline: Timeline,
    chance: random.Random,
    sources: tuple[str, ...],
    selection: Selection | None,
    *,
    read_again: bool,
) -> None:
    """Put stems in; what comes out is a project again, with them in it."""
    start, end = (selection.start_seconds, selection.end_seconds) if selection else (0.5, 3.5)
    wanted = placement(start, end, sources=sources, source=document.path, rate=RATE)
    wanted = replace(
        wanted,
        keep_source=chance.random() < 0.2,
        as_takes=len(sources) == 1 or chance.random() < 0.1,
    )
    folder = document.path.parent
    target = chance.choice((document.path, document.path, folder / "elsewhere" / "copy.rpp"))
    stems = stem_files(wanted, folder=folder / "HanoLab")
    try:
        content, placed = place_stems(document, timeline, wanted, stems, target=target)
    except HanolabError as error:
        checked_error(error, "")
        return
    if read_again:
        after = read_timeline(Document.parse(content, target))
        n_new = 0 if wanted.as_takes else 1 + len(stems)
        assert len(after.tracks) == len(timeline.tracks) + n_new
    assert content.count(b"\n") - document.content.count(b"\n") == placed.lines_inserted
    for no_number in (b"infinity", b"nan"):
        assert no_number in document.content.lower() or no_number not in content.lower()


def checked_error(error: HanolabError, told: str) -> str:
    """An error is one sentence of a bearable length."""
    text = str(error)
    assert text
    assert "\n" not in text
    return told


def use_on_disk(content: bytes, path: Path, folder: Path) -> None:
    """Report on a project file and capture a little of it."""
    path.write_bytes(content)
    try:
        survey_project(path, stop=NeverStop(), progress=ignore_progress)
        host = RppHost(path)
        (selection,) = host.selections(Wanted(range_seconds=(0.0, 9.0)))
        host.capture(
            selection, folder, handle_seconds=0.1, stop=StopSoon(), progress=ignore_progress
        )
    except HanolabError as error:
        checked_error(error, "")
    assert path.read_bytes() == content
    path.unlink()


def run(folder: Path, job: Path, numbers: range) -> Counter[str]:
    """Use mutations, with captures in the folder `job`; a failure names the one to blame."""
    path = folder / "song.rpp"
    finder = MediaFinder(folder, "Media")
    before = {file: file.read_bytes() for file in folder.iterdir()}
    outcomes: Counter[str] = Counter()
    for number in numbers:
        content = mutated(number)
        try:
            with limited_work(LIMIT_SECONDS):
                outcomes[use(content, path, finder, number)] += 1
                if number % ON_DISK == 0:
                    use_on_disk(content, path, job)
        except (Exception, TooSlow) as error:
            error.add_note(f"mutation {number}")
            raise
    assert {file: file.read_bytes() for file in folder.iterdir()} == before
    return outcomes


@pytest.mark.parametrize("content", originals())
def test_the_originals_can_be_captured_and_placed_into(folder: Path, content: bytes) -> None:
    finder = MediaFinder(folder)
    outcomes = {use(content, folder / "song.rpp", finder, number) for number in range(20)}
    assert "captured and placed" in outcomes
    assert "refused" not in outcomes


def test_damaged_projects_are_used_or_refused(folder: Path, tmp_path: Path) -> None:
    outcomes = run(folder, tmp_path, range(N_SHORT))
    assert min(outcomes[name] for name in ("refused", "placed", "captured and placed")) > 25


@pytest.mark.soak
@pytest.mark.parametrize("part", range(N_PARTS))
def test_100_000_damaged_projects_are_used_or_refused(
    folder: Path, tmp_path: Path, part: int
) -> None:
    each = N_SOAK // N_PARTS
    first = N_SHORT + part * each
    run(folder, tmp_path, range(first, first + each))

"""Reading a project of 5 MB with its timeline, against readers that tokenise every line.

    python benchmarks/project_read.py [MEGABYTES]

Peers: a reader of twenty lines with one regular expression, and the `rpp` package when it is
installed (pip install rpp). The project has the mix of lines that public projects have: about one
base64 line to two others. Prints seconds of processor time, the best of several runs, and ratios;
checks that the bytes come back.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from fakes.projects import ItemText, ProjectText, TrackText, fx_chain, vst

from hanolab_dawtools.hosts.rpp.document import Document
from hanolab_dawtools.hosts.rpp.reader import read_timeline

N_REPEATS = 5
STATE_BYTES = 20_000  # of plug-in state on each track
N_ITEMS = 12
_TOKEN = re.compile(r'"[^"]*"|\'[^\']*\'|`[^`]*`|[^ \t]+')


def project_of(n_bytes: int) -> bytes:
    tracks: list[TrackText] = []
    size = 0
    while size < n_bytes:
        number = len(tracks)
        items = tuple(
            ItemText(
                position=k * 3.14159 + number,
                number=number * 1000 + k,
                file=f'"Media/take {number:03d}-{k}.wav"',
                fade_in="1 0.01 0 1 0 0 0",
            )
            for k in range(N_ITEMS)
        )
        chain = fx_chain(vst(STATE_BYTES, seed=number))
        track = TrackText(f'"Track {number}"', number, items, chunks=(chain,))
        tracks.append(track)
        if number == 0:
            one = len(ProjectText((track,)).content()) - len(ProjectText(()).content())
        size += one
    return ProjectText(tuple(tracks)).content()


def naive(content: bytes) -> list[object]:
    """A tree of token lists: what a first sketch of a reader does."""
    root: list[object] = []
    stack = [root]
    for line in content.decode().splitlines():
        tokens = _TOKEN.findall(line)
        if not tokens:
            continue
        if tokens[0].startswith("<"):
            block: list[object] = [tokens]
            stack[-1].append(block)
            stack.append(block)
        elif tokens[0] == ">":
            stack.pop()
        else:
            stack[-1].append(tokens)
    return root


def ours(content: bytes) -> object:
    return read_timeline(Document.parse(content, Path("song.rpp")))


def best_seconds(read: Callable[[], object]) -> float:
    times = []
    for _ in range(N_REPEATS):
        start = time.process_time()
        read()
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("megabytes", nargs="?", type=float, default=5.0)
    content = project_of(int(parser.parse_args().megabytes * 1e6))
    document = Document.parse(content, Path("song.rpp"))
    assert b"".join(document.lines) == content
    n_items = sum(1 for _ in read_timeline(document).items())
    print(f"{len(content) / 1e6:.1f} MB, {len(document.lines)} lines, {n_items} items")
    reference = best_seconds(lambda: ours(content))
    print(f"ours, with timeline   {reference:7.3f} s   (limit for 5 MB: 0.3 s)")
    peers: dict[str, Callable[[], object]] = {"one regular expression": lambda: naive(content)}
    if importlib.util.find_spec("rpp") is not None:
        package = importlib.import_module("rpp")
        # it stops at blank lines, which REAPER writes
        text = "".join(line for line in content.decode().splitlines(True) if line.strip())
        peers["the rpp package"] = lambda: package.loads(text)
    for name, read in peers.items():
        seconds = best_seconds(read)
        print(f"{name:22}{seconds:7.3f} s   {seconds / reference:5.1f} x ours")


if __name__ == "__main__":
    main()

"""What each kind of task does; loads the audio parts, so it is imported with the first task."""

from __future__ import annotations

import shutil
from pathlib import Path

from hanolab_dawtools import durable
from hanolab_dawtools.events import Stop
from hanolab_dawtools.sandbox.conversion import convert, convert_flash
from hanolab_dawtools.sandbox.faults import Operation
from hanolab_dawtools.sandbox.fetching import fetch_input
from hanolab_dawtools.sandbox.ledger import Entry
from hanolab_dawtools.sandbox.options import SandboxOptions
from hanolab_dawtools.sandbox.results import Results
from hanolab_dawtools.sandbox.separation import Separator
from hanolab_dawtools.sandbox.synthesis import generate
from hanolab_dawtools.sandbox.tasks import Outcome


def do_task(entry: Entry, folder: Path, options: SandboxOptions, stop: Stop) -> Outcome:
    """Do what a task asks for, in its folder; calling it again ends in the same.

    Raises
    ------
    InputUnreachable, AudioFileError, EngineCannot
        It cannot be done.
    DiskFull, NotWritable, JobCancelled
    """
    shutil.rmtree(folder, ignore_errors=True)  # what a killed sandbox left half done
    with durable.translated_os_errors(folder):
        folder.mkdir(parents=True)
    results = Results(folder, longer_seconds=float(entry.faults.get("longer_seconds", 0.0)))
    request = entry.request
    if entry.kind == Operation.GENERATE:
        note = generate(request, results, stop)
        return Outcome(results.names(), note)
    source = folder / "input"
    url = str(request["input_url"])
    fetch_input(url, source, max_bytes=options.max_input_bytes, stop=stop)
    results.check_input(source, options.max_input_seconds)
    separator = Separator(options.weights_folder)
    if entry.kind == Operation.SEPARATE:
        note = separator.separate(source, str(request["mode"]), results, stop)
    elif entry.kind == Operation.CONVERT:
        note = convert(source, request, results, separator, stop)
    else:
        note = convert_flash(source, request, results, stop)
    source.unlink()
    return Outcome(results.names(), note)

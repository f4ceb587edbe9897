"""The folder in the cache that holds what was made to listen to: each job has its own in it.

What is heard goes with its job: what belongs to none any more is removed when the panel starts.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection
from pathlib import Path

from hanolab_dawtools import durable

TAG_FILE = "CACHEDIR.TAG"  # bford.info/cachedir: backups leave such folders out
TAG = (
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# Made to listen to in the HanoLab panel; its jobs can make it again.\n"
)
JOB_FILE = "job.json"  # as `hosts.stem_folder` writes it


def tidy(folder: Path, job_ids: Collection[str]) -> None:
    """Make the folder, and remove what belongs to other jobs than these.

    With the tag in it the folder is no job's own, so that each job makes one inside.

    Raises
    ------
    NotWritable, DiskFull
    """
    with durable.translated_os_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / TAG_FILE).exists():
            durable.write_text(folder / TAG_FILE, TAG)
        for inner in folder.iterdir():
            owner = _owner(inner / JOB_FILE)
            if owner is not None and owner not in job_ids:
                shutil.rmtree(inner, ignore_errors=True)


def _owner(job_file: Path) -> str | None:
    try:
        owner = json.loads(job_file.read_bytes()).get("job_id")
    except (OSError, ValueError, AttributeError):
        return None
    return owner if isinstance(owner, str) else None

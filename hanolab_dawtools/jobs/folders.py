"""The folders of the jobs, beside the database: made with a job, removed after it.

Those of a batch's jobs are made when each is claimed first: there may be 10,000.

A removed job's folder is first renamed, so that it is there whole or not at all.
"""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from hanolab_dawtools.durable import sync_folder, translated_os_errors
from hanolab_dawtools.errors import JobError

_ID_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that look alike: 0 and o, 1 and i and l
_ID_LENGTH = 8
_REMOVED = ".removed-"  # prefix of folders of removed jobs
_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")


class JobFolders:
    """The folders in `folder`, one for each job, named by its id."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with translated_os_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)

    def of(self, job_id: str) -> Path:
        """Where the files of a job's steps are."""
        return self._folder / job_id

    def is_any(self) -> bool:
        """Whether there is a folder that a job may have."""
        with translated_os_errors(self._folder):
            return any(_ID.fullmatch(entry.name) for entry in self._folder.iterdir())

    def make(self, job_id: str | None) -> str:
        """Make the empty folder of a new job, and return its id.

        Raises
        ------
        JobError
            `job_id` is taken.
        ValueError
            `job_id` cannot be one.
        """
        if job_id is not None and not _ID.fullmatch(job_id):
            raise ValueError(f"{job_id!r} cannot be a job's id")
        while True:
            new_id = job_id or "".join(secrets.choice(_ID_LETTERS) for _ in range(_ID_LENGTH))
            with translated_os_errors(self._folder), suppress(FileExistsError):
                self.of(new_id).mkdir()
                sync_folder(self._folder)
                return new_id
            if job_id is not None:
                raise JobError(f"there is a job {job_id} already", hint="Choose another id.")

    def ensure(self, job_id: str) -> None:
        """Make the folder of a stored job, if it is not there yet."""
        with translated_os_errors(self._folder), suppress(FileExistsError):
            self.of(job_id).mkdir()
            sync_folder(self._folder)

    def unmake(self, job_id: str) -> None:
        """Remove the empty folder of a job that came to nothing."""
        with translated_os_errors(self._folder), suppress(FileNotFoundError):
            self.of(job_id).rmdir()

    def remove_empty_but(self, job_ids: Collection[str]) -> None:
        """Remove the empty folders of all but these jobs; one with files is never touched."""
        with translated_os_errors(self._folder):
            for folder in self._folder.iterdir():
                is_orphan = _ID.fullmatch(folder.name) and folder.name not in job_ids
                if is_orphan and folder.is_dir() and not any(folder.iterdir()):
                    self.unmake(folder.name)

    def put_aside(self, job_id: str) -> None:
        """Rename the folder of a removed job, if it is still there."""
        with translated_os_errors(self._folder), suppress(FileNotFoundError):
            aside = self._folder / f"{_REMOVED}{job_id}-{secrets.token_hex(4)}"
            self.of(job_id).rename(aside)

    def remove_put_aside(self) -> None:
        """Remove all folders that were put aside, by this process or by one that died."""
        for folder in self._folder.glob(f"{_REMOVED}*"):
            with (
                translated_os_errors(folder),
                suppress(FileNotFoundError),
            ):  # another one removes them too
                shutil.rmtree(folder)

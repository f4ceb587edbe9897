"""Undoing a placing: the backup becomes the project again, if nothing else changed it since.

The backup stays, and so do the stems' files. The project is replaced in one rename: a crash leaves
it with the stems or without them, and undoing again finds out which.
"""

from __future__ import annotations

import hashlib

from hanolab_dawtools import durable
from hanolab_dawtools.errors import FileChanged, InputError, UsageError
from hanolab_dawtools.hosts.rpp.document import Document
from hanolab_dawtools.placement import Placed


def restore_project(placed: Placed) -> bool:
    """Put the project back that a placing was made into; False when it is so already.

    Raises
    ------
    UsageError
        The placing made a new file, or only files.
    FileChanged
        The project is not what was written; the hint says how to go back by hand.
    InputError, ProjectFileError
        The project or its backup cannot be read, or the backup is no whole project.
    NotWritable, DiskFull
        The project is as it was.
    """
    project, backup = placed.project, placed.backup
    if project is None:
        raise UsageError(
            "no project was changed, so there is nothing to undo",
            hint=f"The stems lie in {placed.folder}; delete them if you do not want them.",
        )
    if backup is None:
        raise UsageError(
            f"there is no earlier state of {project} to go back to: it was written as a new file",
            hint=f"Delete it if you do not want it. The stems lie in {placed.folder}.",
        )
    real = project.resolve()
    durable.remove_dead_parts(real.parent)
    before = Document.read(backup)
    try:
        stamp = durable.FileStamp(real, durable.file_digest(real))
    except OSError as error:
        raise InputError(
            f"cannot read {project}: {error.strerror}",
            hint=f"The project as it was before lies in {backup}.",
        ) from error
    if stamp.digest == hashlib.sha256(before.content).hexdigest():
        return False
    if stamp.digest != placed.project_digest:
        raise FileChanged(
            project,
            since="the stems were placed",
            hint=f"The project as it was before lies in {backup}; to go back and lose what came "
            f"later, copy it over {project.name} by hand.",
        )
    with durable.replacing(real) as part:
        part.write_bytes(before.content)
        stamp.check()
    return True

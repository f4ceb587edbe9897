"""From a mix to the files of the stems that were chosen.

The networks tell the vocals from the accompaniment; when more is asked for, the accompaniment's
file is split by rules. The two passes never need memory at the same time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from hanolab_dawtools.engines.local.draft_split import DRAFT_ROLES, Rest, split_accompaniment
from hanolab_dawtools.engines.local.networks import MaskNetwork
from hanolab_dawtools.engines.local.separation import separate_file
from hanolab_dawtools.events import ProgressCallback, Stop
from hanolab_dawtools.model import StemRole


def write_stems(
    source: Path,
    folder: Path,
    roles: Sequence[StemRole],
    load_network: Callable[[], MaskNetwork],
    *,
    n_workers: int,
    stop: Stop,
    progress: ProgressCallback,
) -> dict[StemRole, Path]:
    """Write a 32-bit float WAV for each role, in `folder`; together they add up to `source`.

    `roles` are as `StemChoice.roles`: `StemRole.REST` is what the others leave.

    Raises
    ------
    AudioFileError
        `source` cannot be read, is cut off, or holds what is not a finite number.
    EngineCannot
        It has too many channels.
    DiskFull, NotWritable
    JobCancelled
        Noticed several times a second.
    """
    paths = {role: folder / f"{role}.wav" for role in roles}
    vocals, accompaniment = folder / "vocals.wav", folder / "accompaniment.wav"
    separate_file(
        source,
        vocals,
        accompaniment,
        load_network(),
        n_workers=n_workers,
        stop=stop,
        progress=progress,
    )
    if StemRole.ACCOMPANIMENT not in paths:
        whole = accompaniment if StemRole.VOCALS in paths else source
        split_accompaniment(
            accompaniment,
            {role: path for role, path in paths.items() if role in DRAFT_ROLES},
            Rest(paths[StemRole.REST], whole) if StemRole.REST in paths else None,
            n_workers=n_workers,
            stop=stop,
            progress=progress,
        )
    for path in {vocals, accompaniment} - set(paths.values()):
        path.unlink()
    return paths

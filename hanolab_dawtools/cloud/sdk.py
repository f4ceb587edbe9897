"""The HanoLab API for other programs: submit, wait, fetch, resume. See docs/python-api.md.

Nothing here asks before it spends: a call of `separate`, `convert`, `convert_flash` or `generate`
is a paid request, sent once. All methods block; the object may be used from several threads.
"""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path
from typing import Literal, Self
from urllib.parse import unquote, urlsplit

from hanolab_dawtools import durable
from hanolab_dawtools.cloud.client import HanoLabClient, normal_base_url
from hanolab_dawtools.cloud.credentials import load_key
from hanolab_dawtools.cloud.models import (
    ConvertRequest,
    FlashRequest,
    MusicRequest,
    Output,
    PaidRequest,
    SeparateRequest,
    Task,
    VoiceModel,
)
from hanolab_dawtools.cloud.transfer import EXPIRED_STATUSES, download
from hanolab_dawtools.errors import NotLoggedIn, TransferFailed
from hanolab_dawtools.events import ProgressCallback, ignore_progress

BASE_URL_VARIABLE = "HANOLAB_BASE_URL"
_HEAD_BYTES = 8
_SUFFIXES = {b"RIFF": ".wav", b"RF64": ".wav", b"riff": ".w64", b"FORM": ".aiff"} | {
    b"fLaC": ".flac",
    b"OggS": ".ogg",
    b"caff": ".caf",
}
_KNOWN_SUFFIX = re.compile(r"\.(wav|w64|aiff?|flac|ogg|opus|mp3|m4a|caf)$", re.IGNORECASE)


class HanoLab:
    """An account at HanoLab.

    Parameters
    ----------
    base_url
        With or without `/api/v1`; by default the variable `HANOLAB_BASE_URL`.
    api_key
        By default the variable `HANOLAB_API_KEY`, then the keychain (see `hanolab login`).
    client
        Instead of both: a client with clocks of your own.

    Raises
    ------
    NotLoggedIn
        No base URL, or no key, is known.
    UsageError
        One of them cannot be right.
    """

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        client: HanoLabClient | None = None,
    ) -> None:
        self._client = client or _client(base_url, api_key)
        self._stop = threading.Event()

    @property
    def base_url(self) -> str:
        """Where the account is, without `/api/v1`."""
        return self._client.base_url

    def separate(self, input_url: str, mode: Literal["2stem", "4stem", "6stem"] = "2stem") -> Job:
        """Split a mix into stems. Raises as `generate`."""
        return self._submit(SeparateRequest(input_url=input_url, mode=mode))

    def convert(
        self,
        input_url: str,
        voice_model_id: str,
        duration: float,
        *,
        pitch_shift: int = 0,
        index_rate: float = 0.75,
        filter_radius: int = 3,
        rms_mix_rate: float = 0.25,
        protect: float = 0.33,
        full_song: bool = False,
    ) -> Job:
        """Sing with a trained voice; `duration` in seconds. Raises as `generate`."""
        return self._submit(
            ConvertRequest(
                input_url=input_url,
                voice_model_id=voice_model_id,
                duration=duration,  # type: ignore[arg-type]  # made whole when it is checked
                pitch_shift=pitch_shift,
                index_rate=index_rate,
                filter_radius=filter_radius,
                rms_mix_rate=rms_mix_rate,
                protect=protect,
                full_song=full_song,
            )
        )

    def convert_flash(self, input_url: str, voice_model_id: str, duration: float) -> Job:
        """Sing with a voice, quickly; `duration` in seconds. Raises as `generate`."""
        return self._submit(
            FlashRequest(
                input_url=input_url,
                voice_model_id=voice_model_id,
                duration=duration,  # type: ignore[arg-type]  # as above
            )
        )

    def generate(
        self,
        prompt: str,
        *,
        tier: Literal["draft", "studio", "signature", "maestro"],
        duration: float,
        lyrics: str | None = None,
    ) -> Job:
        """Make a piece of music; `duration` in seconds.

        Raises
        ------
        UsageError
            A value is wrong; nothing was sent.
        SubmissionUnsure
            It may have been accepted and billed: look at your account before you call again.
        CloudError
            Refused for sure; the class says why.
        """
        return self._submit(
            MusicRequest(
                tier=tier,
                prompt=prompt,
                lyrics=lyrics,
                duration=duration,  # type: ignore[arg-type]  # as above
            )
        )

    def task(self, task_id: str) -> Job:
        """Take up work that was submitted before, here or elsewhere. Nothing is asked yet."""
        return Job(task_id, self._client, self._stop)

    def voice_models(self) -> list[VoiceModel]:
        """The account's voices."""
        return self._client.voice_models(stop=self._stop)

    def close(self) -> None:
        """End every wait and download with `JobCancelled`. Tasks go on at HanoLab."""
        self._stop.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _submit(self, request: PaidRequest) -> Job:
        task_id = self._client.submit(
            request,
            stop=self._stop,
            on_sending=_nothing,
            on_answer=_nothing,
            on_refused=_nothing,
        )
        return self.task(task_id)


class Job:
    """One task at HanoLab; `id` is all that a later program needs to take it up."""

    def __init__(self, task_id: str, client: HanoLabClient, stop: threading.Event) -> None:
        self.id = task_id
        self._client = client
        self._stop = stop
        self._done: Task | None = None

    def __repr__(self) -> str:
        return f"Job({self.id!r})"

    def status(self) -> Task:
        """Ask once where it stands."""
        return self._client.task(self.id, stop=self._stop)

    def wait(
        self, timeout: float | None = None, *, progress: ProgressCallback = ignore_progress
    ) -> Self:
        """Wait until it is completed, at most `timeout` seconds.

        Raises
        ------
        RemoteJobFailed
            It failed there; the message says why.
        PollTimeout
            It is not ready; wait again any time.
        RemoteNotFound, CloudError, JobCancelled
        """
        if self._done is None:
            self._done = self._client.wait(
                self.id, stop=self._stop, progress=progress, give_up_seconds=timeout
            )
        return self

    @property
    def results(self) -> tuple[Output, ...]:
        """Name and URL of each file; waits for them. The URLs expire: download them soon."""
        self.wait()
        assert self._done is not None
        return self._done.outputs

    def download(
        self, folder: str | Path, *, progress: ProgressCallback = ignore_progress
    ) -> list[Path]:
        """Fetch all files into a folder and return their paths, in the order of `results`.

        Files are called as the server calls them, made safe, with the ending of what they hold.
        Existing ones are kept: a new one gets a number. URLs that have expired are asked for
        again.

        Raises
        ------
        TransferFailed, CloudProtocolError, DiskFull, NotWritable
        JobCancelled
        """
        return [
            self._fetched(number, Path(folder), progress) for number in range(len(self.results))
        ]

    def _fetched(self, number: int, folder: Path, progress: ProgressCallback) -> Path:
        stem = _stem_of(self.results[number], number)
        bare = durable.unused_path(folder / stem)
        try:
            self._fetch(number, bare, progress)
        except TransferFailed as error:
            if error.status not in EXPIRED_STATUSES:
                raise
            self._done = None
            self._fetch(number, bare, progress)
        with durable.translated_os_errors(bare):
            with bare.open("rb") as stream:
                suffix = _suffix_of(stream.read(_HEAD_BYTES))
            path = durable.unused_path(folder / f"{stem}{suffix}")
            return bare.replace(path)

    def _fetch(self, number: int, path: Path, progress: ProgressCallback) -> None:
        outputs = self.results
        if number >= len(outputs):
            raise TransferFailed(f"task {self.id} does not name file {number + 1} any more")
        download(
            outputs[number].url,
            path,
            base_url=self._client.base_url,
            stop=self._stop,
            progress=progress,
        )


def _client(base_url: str | None, api_key: str | None) -> HanoLabClient:
    given = base_url or os.environ.get(BASE_URL_VARIABLE, "")
    if not given.strip():
        raise NotLoggedIn(
            "the base URL of HanoLab's API is not known",
            hint=f"Give base_url, or set the variable {BASE_URL_VARIABLE}.",
        )
    place = normal_base_url(given)
    if api_key is None:
        key = load_key(place)
        api_key = key.text if key else None
    if api_key is None:
        raise NotLoggedIn(
            f"no key for {place} is known",
            hint="Give api_key, set the variable HANOLAB_API_KEY, or run: hanolab login",
        )
    return HanoLabClient(place, api_key)


def _stem_of(output: Output, number: int) -> str:
    """A name that every system takes, from the server's word for a file, else from its URL's."""
    in_url = unquote(urlsplit(output.url).path.rpartition("/")[2], errors="replace")
    given = output.name or in_url
    return durable.safe_name(_KNOWN_SUFFIX.sub("", given), fallback=f"result-{number + 1}")


def _suffix_of(head: bytes) -> str:
    """The ending for audio that begins like this; what no mark tells is MP3."""
    return ".m4a" if head[4:8] == b"ftyp" else _SUFFIXES.get(head[:4], ".mp3")


def _nothing(*_: object) -> None:
    """What a program without a journal does before and after a submission."""

"""The cloud engine: separation, voice conversion and music by the HanoLab API.

`prepare` uploads, `start` sends the one request that is billed, `finish` waits for its task and
fetches the files. The ticket says all that `finish` needs, in any process, days later; the URL of
the upload is signed at the moment it is sent.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from hanolab_dawtools import durable
from hanolab_dawtools.cloud.models import PaidRequest, Task, parse_accepted
from hanolab_dawtools.cloud.storage import Storage
from hanolab_dawtools.cloud.transfer import download
from hanolab_dawtools.engines.base import Answer, Capabilities, Journal
from hanolab_dawtools.engines.hanolab.asking import INPUT_URL, STEM_COUNTS, api_request, billed
from hanolab_dawtools.engines.hanolab.outputs import Wanted, fetch_outputs, make_stems
from hanolab_dawtools.engines.hanolab.pricing import Pricing
from hanolab_dawtools.engines.hanolab.upload import Prepared, UploadFormat
from hanolab_dawtools.engines.hanolab.uploads import Uploads
from hanolab_dawtools.errors import (
    BadRequest,
    CloudProtocolError,
    JobError,
    RemoteJobFailed,
    SubmissionUnsure,
    UsageError,
)
from hanolab_dawtools.events import ProgressCallback, Stop
from hanolab_dawtools.model import Cap, Quote, Request, RequestKind, Stem, Ticket

NAME = "hanolab"
API_VERSION = "api/v1"  # counts up when the same request gives other samples
GENERATIONS_IN_FLIGHT = 1  # per key, as the reference says
GENERATIONS_PER_HOUR = 10

CHECK_LINK = "Check that the link of --input-url still leads to the audio, without any sign-in."
_NO_HANDLES = 0.0  # what is sent is billed, so nothing is sent that was not selected
_log = logging.getLogger(__name__)


class Client(Protocol):
    """The part of `cloud.client.HanoLabClient` that the engine needs."""

    @property
    def base_url(self) -> str:
        """Of the API, in its normal form."""
        ...

    def submit(
        self,
        request: PaidRequest,
        *,
        stop: Stop,
        on_sending: Callable[[], None],
        on_answer: Callable[[int, bytes], None],
        on_refused: Callable[[], None],
    ) -> str:
        """Send a request that is billed; the task's id."""
        ...

    def task(self, task_id: str, *, stop: Stop) -> Task:
        """Where a task stands."""
        ...

    def wait(self, task_id: str, *, stop: Stop, progress: ProgressCallback) -> Task:
        """Wait until a task has ended."""
        ...


@dataclass(frozen=True)
class Cloud:
    """How the engine gets at what it needs; each is asked when it is needed, and not before.

    Attributes
    ----------
    base_url
        Of the API that is set up, "" for none. Results are kept by it, too: what the sandbox
        gave must never stand for what the cloud would give.
    connect
        The client for a base URL ("": the one that is set up); `NotLoggedIn` without a key.
    storage
        Where uploads go; `StorageNotSet` without one.
    scope
        Who shares a cap: key and base URL, without giving the key away.
    """

    base_url: str
    connect: Callable[[str], Client]
    storage: Callable[[], Storage]
    scope: Callable[[], str]


class HanoLabEngine:
    """Implements `engines.base.Engine` by the cloud.

    Parameters
    ----------
    pricing
        What is known about prices.
    upload_format, keep_uploads
        As in the settings.
    """

    def __init__(
        self,
        cloud: Cloud,
        pricing: Pricing,
        *,
        upload_format: UploadFormat = "flac",
        keep_uploads: bool = False,
    ) -> None:
        self._cloud = cloud
        self._pricing = pricing
        self._uploads = Uploads(cloud.storage, upload_format, are_kept=keep_uploads)

    def capabilities(self) -> Capabilities:
        """Paid, without handles; needs neither network nor key."""
        return Capabilities(
            name=NAME,
            version=f"{API_VERSION} {self._cloud.base_url}".strip(),
            handle_seconds=_NO_HANDLES,
            is_paid=True,
            is_remote=True,
            prices_of=self._cloud.base_url,
        )

    def quote(self, request: Request) -> Quote:
        """What is known of the price; checks the request like the server would."""
        what = billed(request)
        price, reason = self._pricing.credits(what.action, what.seconds)
        return Quote(price, float(what.seconds), reason, action=what.action)

    def cap(self, request: Request) -> Cap | None:
        """Generation is capped per key; all else is not, as far as the reference says."""
        if request.kind is not RequestKind.GENERATE:
            return None
        return Cap(self._cloud.scope(), GENERATIONS_IN_FLIGHT, GENERATIONS_PER_HOUR)

    def prepare(self, request: Request, stop: Stop, progress: ProgressCallback) -> str:
        """Upload the input, unless there is none or the user gave a URL.

        Raises
        ------
        UsageError, EngineCannot, InputError
            As `quote`.
        NotLoggedIn, StorageNotSet, StorageFailed, TransferFailed, AudioFileError
        DiskFull, NotWritable, JobCancelled
        """
        billed(request)
        base_url = self._cloud.connect("").base_url  # no key, no upload
        if request.kind is RequestKind.GENERATE:
            return Prepared(base_url).to_text()
        if url := request.parameters.get(INPUT_URL):
            return Prepared(base_url, url=str(url)).to_text()
        return self._uploads.put(request, base_url, stop=stop, progress=progress).to_text()

    def start(
        self,
        request: Request,
        prepared: str,
        journal: Journal,
        stop: Stop,
        progress: ProgressCallback,
    ) -> Ticket:
        """Send the request; the ticket names its task.

        A 400 means that nothing was accepted. As the reference does not say which formats the
        server reads, FLAC is then sent once more as WAV.
        """
        ready = Prepared.from_text(prepared)
        client, uploads = self._cloud.connect(ready.base_url), self._uploads
        ready, url = uploads.linked(ready, request, stop=stop, progress=progress)
        try:
            task_id = _submit(client, request, ready, url, journal, stop=stop)
        except BadRequest:
            if ready.format != "flac":
                raise
            _log.info("the input was refused as FLAC; it is sent as WAV")
            flac = ready.to_text()
            ready = uploads.put(request, ready.base_url, wanted="wav", stop=stop, progress=progress)
            ready, url = uploads.linked(ready, request, stop=stop, progress=progress)
            try:
                task_id = _submit(client, request, ready, url, journal, stop=stop)
            except BadRequest:
                uploads.discard(ready.to_text())
                raise
            uploads.discard(flac)
        return _Work.of(request, task_id, ready, journal.answer).ticket()

    def recover(self, request: Request, prepared: str, answer: Answer) -> Ticket:
        """The ticket in an answer that was kept; `SubmissionUnsure` when it names no task."""
        try:
            task_id = parse_accepted(answer.status, answer.body)
        except CloudProtocolError as error:
            raise SubmissionUnsure(
                f"the request was answered, but not in a usable way: {error}",
                hint="Look for the task at HanoLab.",
            ) from error
        ready = Prepared.from_text(prepared)
        return _Work.of(request, task_id, ready, answer).ticket()

    def adopt(self, request: Request, prepared: str, task_id: str) -> Ticket:
        """The ticket of a task that the user names, after asking the server for it.

        Raises
        ------
        UsageError
            No task can have this id.
        RemoteNotFound, CloudError
        """
        if not task_id.strip():
            raise UsageError("the task's id is empty")
        ready, task_id = Prepared.from_text(prepared), task_id.strip()
        self._cloud.connect(ready.base_url).task(task_id, stop=threading.Event())
        return _Work.of(request, task_id, ready, None).ticket()

    def finish(
        self, ticket: Ticket, folder: Path, stop: Stop, progress: ProgressCallback
    ) -> list[Stem]:
        """Wait for the task, fetch its files and tell them apart. The upload stays.

        Raises
        ------
        RemoteJobFailed
            The task failed there.
        PollTimeout
            It still runs.
        TransferFailed, CloudProtocolError, AudioFileError, CloudError
        DiskFull, NotWritable, JobCancelled
        """
        work = _Work.from_text(ticket.text)
        client = self._cloud.connect(work.base_url)
        try:
            task = client.wait(work.task_id, stop=stop, progress=progress)
        except RemoteJobFailed as error:
            if Prepared.from_text(work.prepared).url:
                error.hint = f"{CHECK_LINK}\n  {error.hint}"
            raise

        def fetch(url: str, path: Path, stop: Stop, progress: ProgressCallback) -> None:
            download(url, path, base_url=work.base_url, stop=stop, progress=progress)

        with durable.translated_os_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        outputs, paths = fetch_outputs(
            task,
            folder,
            renewed=lambda: client.task(work.task_id, stop=stop),
            fetch=fetch,
            stop=stop,
            progress=progress,
        )
        return make_stems(outputs, paths, folder, work.wanted(), stop=stop, progress=progress)

    def discard(self, prepared: str) -> str:
        """Delete the upload, unless the user wants to keep them."""
        return self._uploads.discard(prepared)


def _submit(
    client: Client, request: Request, ready: Prepared, url: str, journal: Journal, *, stop: Stop
) -> str:
    return client.submit(
        api_request(request, url),
        stop=stop,
        on_sending=lambda: journal.intend(ready.to_text()),
        on_answer=lambda status, body: journal.keep(Answer(status, body)),
        on_refused=journal.clear,
    )


@dataclass(frozen=True)
class _Work:
    """What a ticket's text holds, as JSON: a task, and what to make of its files."""

    base_url: str
    task_id: str
    kind: str
    n_stems: int
    is_full_song: bool
    input_path: str
    prepared: str
    answer: str  # the raw body, as it came, byte for byte as latin-1

    @classmethod
    def of(cls, request: Request, task_id: str, ready: Prepared, answer: Answer | None) -> _Work:
        parameters: dict[str, Any] = dict(request.parameters)
        is_separation = request.kind is RequestKind.SEPARATE
        return cls(
            base_url=ready.base_url,
            task_id=task_id,
            kind=request.kind.value,
            n_stems=parameters.get("stems", STEM_COUNTS[0]) if is_separation else 0,
            is_full_song=bool(parameters.get("full_song", False)),
            input_path="" if request.kind is RequestKind.GENERATE else str(request.input_path),
            prepared=ready.to_text(),
            answer=answer.body.decode("latin-1") if answer else "",
        )

    def ticket(self) -> Ticket:
        return Ticket(NAME, json.dumps(asdict(self), sort_keys=True), self.task_id)

    @classmethod
    def from_text(cls, text: str) -> _Work:
        try:
            return cls(**json.loads(text))
        except (TypeError, ValueError) as error:
            raise JobError(
                "the ticket of a cloud task cannot be read",
                hint="It was stored by another version of the program.",
            ) from error

    def wanted(self) -> Wanted:
        return Wanted(
            RequestKind(self.kind),
            self.n_stems,
            self.is_full_song,
            Prepared.from_text(self.prepared).gain,
            Path(self.input_path) if self.input_path else None,
        )

"""Every way the product can fail, and the exit code that goes with it.

::

    HanolabError                exit 1
    ├─ WorkerDied                    a worker process or machine ended in its work, twice
    ├─ UsageError               2    a value the user gave is wrong
    ├─ InputError               3    bad audio, project or selection
    │   ├─ AudioFileError            a file that cannot be read as audio
    │   ├─ ProjectFileError          a project file that cannot be read (with its line)
    │   └─ SelectionError            nothing, or not one thing, is selected
    ├─ CloudError               4    the HanoLab API, or the way to it
    │   ├─ CloudUnreachable          no connection, and nothing was sent
    │   ├─ BadRequest                the request was refused as wrong (400)
    │   ├─ RemoteNotFound            no such task, voice model or resource (404)
    │   ├─ CloudServerError          the server failed (5xx)
    │   ├─ CloudProtocolError        an answer that makes no sense
    │   ├─ TransferFailed            an upload or a download did not come through
    │   ├─ RemoteJobFailed           the work failed there
    │   ├─ AccountRefused      77    key, plan or credits
    │   │   ├─ AuthFailed            the key is missing, malformed or revoked (401)
    │   │   ├─ PlanRequired          the plan has no API access (403)
    │   │   ├─ InsufficientCredits   with the credits that were asked for (402)
    │   │   └─ SpendingLimit         more than the user allows to spend
    │   └─ CloudTryLater       75    nothing is wrong; resuming goes on
    │       ├─ Capped                a cap is full (429, or known here)
    │       ├─ SubmissionUnsure      sent without a usable answer; never sent again by itself
    │       └─ PollTimeout           waiting was given up; the task still runs there
    ├─ HostError                5    REAPER is not reachable, or refused
    │   ├─ HostUnreachable           no bridge answers, or REAPER is gone
    │   ├─ HostTimeout               it does not answer in time; it may be busy
    │   ├─ HostCallFailed            REAPER refused a command, or did not do it (with its name)
    │   └─ ProtocolMismatch          the scripts inside REAPER are of another version
    ├─ SetupError               6    something must be set up first
    │   ├─ SettingsInvalid
    │   ├─ PresetInvalid             a preset cannot be used (with file and field)
    │   ├─ PresetNotFound
    │   ├─ WeightsMissing            consent or a network is needed
    │   ├─ WeightsWrongHash
    │   ├─ EngineCannot              the engine lacks what was asked
    │   ├─ ExtraMissing              an optional library is not installed
    │   ├─ StorageNotSet             no place is set up that the cloud can fetch audio from
    │   ├─ StorageFailed             the set-up storage refused
    │   ├─ NotLoggedIn               no base URL or no key is known
    │   └─ NoKeychain                this machine keeps no secrets
    ├─ JobError                 7    the job store
    │   ├─ StoreLocked
    │   ├─ StoreCorrupt
    │   ├─ JobNotFound
    │   ├─ JobBusy                   another process works on the job
    │   └─ InvalidTransition
    ├─ OutputError              8    what was to be written was not
    │   ├─ DiskFull
    │   ├─ NotWritable
    │   └─ FileChanged               the file is not the one that was read
    ├─ TryLater                75    nothing is wrong; the work is not finished
    └─ JobCancelled          130

`str(error)` is one sentence: what failed, which thing, why. `hint` is the user's next step
and may be empty. Mistakes of the programmer stay `ValueError`, `TypeError`, `AssertionError`.
"""

from __future__ import annotations

from pathlib import Path


class HanolabError(Exception):
    """Base of every error that is told to the user as one sentence."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle what is told and kept, not the arguments: each class has its own."""
        return _unpickled, (type(self), self.args, vars(self))


def _unpickled(
    kind: type[HanolabError], arguments: tuple[object, ...], kept: dict[str, object]
) -> HanolabError:
    error = kind.__new__(kind)
    error.args = arguments
    vars(error).update(kept)
    return error


class WorkerDied(HanolabError):
    """A worker ended in the middle of its work, twice."""


class UsageError(HanolabError):
    """A value the user gave is wrong."""

    exit_code = 2


class InputError(HanolabError):
    """Audio, a project or a selection cannot be used."""

    exit_code = 3


class AudioFileError(InputError):
    """The file at `path` cannot be read as audio."""

    def __init__(self, path: Path, reason: str, *, hint: str = "") -> None:
        super().__init__(f"cannot read audio from {path}: {reason}", hint=hint)
        self.path = path
        self.reason = reason


class ProjectFileError(InputError):
    """The project file at `path` cannot be used; `line` is 1-based, 0 when no line is to blame."""

    def __init__(self, path: Path, reason: str, *, line: int = 0, hint: str = "") -> None:
        where = f"{path}, line {line}" if line else f"{path}"
        super().__init__(f"cannot use project {where}: {reason}", hint=hint)
        self.path = path
        self.reason = reason
        self.line = line


class SelectionError(InputError):
    """What was asked for selects nothing, or more than one thing."""


class CloudError(HanolabError):
    """The HanoLab API, or the way to it, failed."""

    exit_code = 4


class CloudUnreachable(CloudError):
    """There is no connection, and nothing was sent."""


class BadRequest(CloudError):
    """The API refused a request as wrong (400 and other 4xx without a class of their own)."""


class RemoteNotFound(CloudError):
    """The API knows no such task, voice model or other resource."""


class CloudServerError(CloudError):
    """The server failed; `status` is the HTTP status, 5xx."""

    def __init__(self, message: str, *, status: int = 500, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status


class CloudProtocolError(CloudError):
    """An answer makes no sense."""


class TransferFailed(CloudError):
    """An upload or a download did not come through; `status` is the last HTTP status, or 0."""

    def __init__(self, message: str, *, status: int = 0, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status


class RemoteJobFailed(CloudError):
    """A task was accepted, and failed there."""


class AccountRefused(CloudError):
    """Key, plan or credits do not allow what was asked."""

    exit_code = 77


class AuthFailed(AccountRefused):
    """The key is missing, malformed or revoked."""


class PlanRequired(AccountRefused):
    """The account's plan has no API access."""


class InsufficientCredits(AccountRefused):
    """The account has too few credits; `required` is what the server asked for, None if unsaid."""

    def __init__(self, message: str, *, required: float | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.required = required


class SpendingLimit(AccountRefused):
    """It may cost more than the user allows."""


class CloudTryLater(CloudError):
    """Nothing is wrong, but the work is not finished; resuming later will go on with it."""

    exit_code = 75


class Capped(CloudTryLater):
    """A cap is full; `retry_at` is when to ask again, in seconds since 1970."""

    def __init__(self, message: str, *, retry_at: float, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.retry_at = retry_at


class SubmissionUnsure(CloudTryLater):
    """A request was sent and not answered in a usable way: it may have been accepted and billed."""


class PollTimeout(CloudTryLater):
    """Waiting for a task was given up; it still runs there."""

    def __init__(self, message: str, *, task_id: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.task_id = task_id


class HostError(HanolabError):
    """REAPER is not reachable, or did not do what was asked; a job goes on when it is there."""

    exit_code = 5


class HostUnreachable(HostError):
    """No bridge answers, its REAPER is gone, or the connection broke."""


class HostTimeout(HostError):
    """REAPER is there and does not answer in time; it may be rendering or show a dialog."""


class HostCallFailed(HostError):
    """REAPER refused a command, or what it did is not what was asked; the project is as it was.

    `command` names it; `code` is the bridge's word for what went wrong.
    """

    def __init__(self, message: str, *, command: str, code: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.command = command
        self.code = code


class ProtocolMismatch(HostError):
    """The scripts inside REAPER speak another version of the protocol."""


class SetupError(HanolabError):
    """Something must be set up first."""

    exit_code = 6


class SettingsInvalid(SetupError):
    """The settings file or a HANOLAB_ variable holds a wrong value."""


class PresetInvalid(SetupError):
    """A preset cannot be used; `where` is its file and `field` the path in it, or empty."""

    def __init__(self, where: str, field: str, reason: str, *, hint: str = "") -> None:
        place = f"{where}, {field}" if field else where
        super().__init__(f"cannot use preset {place}: {reason}", hint=hint)
        self.where = where
        self.field = field
        self.reason = reason


class PresetNotFound(SetupError):
    """There is no preset of this name."""


class WeightsMissing(SetupError):
    """The weights of a network are not on this machine."""


class WeightsWrongHash(SetupError):
    """A file that should hold weights is not the file it should be."""


class EngineCannot(SetupError):
    """The chosen engine lacks what was asked."""


class ExtraMissing(SetupError):
    """A library that only some users need is not installed; the hint is how to get it."""


class StorageNotSet(SetupError):
    """No place is set up that the cloud can fetch audio from."""


class StorageFailed(SetupError):
    """The storage that is set up refused to put, sign or delete."""


class NotLoggedIn(SetupError):
    """No base URL, or no key, of the cloud is known."""


class NoKeychain(SetupError):
    """The machine offers no keychain, and keys are never put into plain files."""


class JobError(HanolabError):
    """The job store cannot do what was asked."""

    exit_code = 7


class StoreLocked(JobError):
    """The database stayed locked by another process."""


class StoreCorrupt(JobError):
    """The database is damaged; it was kept aside."""


class JobNotFound(JobError):
    """No job, or more than one, has this id."""


class JobBusy(JobError):
    """Another living process works on this job."""


class InvalidTransition(JobError):
    """A job cannot go from its state to the asked one."""


class OutputError(HanolabError):
    """What was to be written was not."""

    exit_code = 8


class DiskFull(OutputError):
    """No room is left for `path`."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"cannot write {path}: the disk is full", hint="Free some room, then try again."
        )
        self.path = path


class NotWritable(OutputError):
    """`path` cannot be written."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"cannot write {path}: {reason}",
            hint="Make the folder writable, or choose another one.",
        )
        self.path = path


class FileChanged(OutputError):
    """`path` is not the file any more that was read, or written."""

    def __init__(
        self,
        path: Path,
        *,
        since: str = "it was read",
        outcome: str = "nothing was written",
        hint: str = "",
    ) -> None:
        super().__init__(
            f"{path} was changed by another program since {since}; {outcome}",
            hint=hint or "Run it again; if the project is open in REAPER, save and close it first.",
        )
        self.path = path


class TryLater(HanolabError):
    """Nothing is wrong, but the work is not finished; resuming later will go on with it."""

    exit_code = 75


class JobCancelled(HanolabError):
    """The user stopped the work, or declined it."""

    exit_code = 130

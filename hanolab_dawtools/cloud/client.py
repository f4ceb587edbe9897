"""The HanoLab API: submissions, which are paid once, and questions, which are free.

A submission is sent again only when the server provably did not accept it: the connection did not
come about, or it answered 500. Whatever else leaves doubt is `SubmissionUnsure`. Questions are
asked again as `RetryPolicy` says. All waiting is on the caller's stop flag.
"""

from __future__ import annotations

import json
import logging
import random
import time
from collections.abc import Callable
from typing import NoReturn, TypeVar
from urllib.parse import quote

from hanolab_dawtools.cloud.answers import (
    Task,
    VoiceModel,
    is_task_id,
    kept_form,
    parse_accepted,
    parse_task,
    parse_voice_models,
    shortened,
)
from hanolab_dawtools.cloud.base_url import API_PATH, normal_base_url
from hanolab_dawtools.cloud.http import Http, HttpAnswer, HttpRequest, NoAnswer, Stopped
from hanolab_dawtools.cloud.models import PaidRequest
from hanolab_dawtools.cloud.polling import Poller, PollSchedule, schedule_for
from hanolab_dawtools.cloud.refusals import TRANSIENT_STATUSES, is_refused_for_sure, refusal
from hanolab_dawtools.cloud.retry import RetryPolicy, Transient, retry_after_seconds
from hanolab_dawtools.errors import (
    CloudError,
    CloudProtocolError,
    CloudUnreachable,
    HanolabError,
    RemoteNotFound,
    SubmissionUnsure,
    UsageError,
)
from hanolab_dawtools.events import ProgressCallback, Stop, ignore_progress, raise_if_stopped

__all__ = ["HanoLabClient", "normal_base_url"]

AFTER_STOP_SECONDS = 10.0  # an answer to a paid request is waited for that long after a stop
VOICES_HINT = "`hanolab voices` lists your voice models."
_UNSURE_HINT = (
    "It may have been accepted and billed. Look at your tasks at HanoLab, then run:"
    " hanolab jobs resolve"
)

_Answer = TypeVar("_Answer")

_log = logging.getLogger(__name__)


class HanoLabClient:
    """One account at one base URL; may be used from several threads at once.

    Parameters
    ----------
    base_url
        With or without `/api/v1`.
    key
        The bearer token.
    retry, polling
        The two clocks; by default polls come as the reference asks, and sooner to an API on this
        machine.
    clock
        Seconds since 1970, for dates that the server names.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        retry: RetryPolicy | None = None,
        polling: PollSchedule | None = None,
        http: Http | None = None,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        if not key or not key.isascii() or not key.isprintable() or " " in key:
            raise UsageError("the key is empty, or holds what no key holds")
        self.base_url = normal_base_url(base_url)
        self._key = key
        self._retry = retry or RetryPolicy()
        self._http = http or Http()
        self._clock = clock
        self._monotonic = monotonic
        self._chance = chance
        self._poller = Poller(
            self._task_once, polling or schedule_for(self.base_url), monotonic=monotonic
        )

    def submit(
        self,
        request: PaidRequest,
        *,
        stop: Stop,
        on_sending: Callable[[], None],
        on_answer: Callable[[int, bytes], None],
        on_refused: Callable[[], None],
    ) -> str:
        """Submit paid work and return its task's id.

        Parameters
        ----------
        on_sending
            Called directly before each time the request is sent.
        on_answer
            Called with status and body of an answer that may accept it, before that is read.
            `parse_accepted` reads them again.
        on_refused
            Called when what was announced by `on_sending` provably came to nothing.

        Raises
        ------
        SubmissionUnsure
            It may have been accepted; nothing was sent after that.
        CloudUnreachable, CloudServerError
            Refused for sure, as often as the policy allows.
        CloudError
            Refused for sure, with the reason: `AccountRefused`, `BadRequest`, `RemoteNotFound`,
            `Capped`.
        JobCancelled
            Nothing was accepted.
        """
        post = self._post(request)
        began = self._monotonic()
        for n_failed in range(1, self._retry.n_attempts + 1):
            raise_if_stopped(stop)
            on_sending()
            try:
                answer = self._sent(post, stop)
            except Transient as failure:
                on_refused()
                self._wait_or_raise(failure, n_failed, began, stop)
                continue
            except CloudError as error:
                if not isinstance(error, SubmissionUnsure):
                    on_refused()
                if isinstance(error, RemoteNotFound) and "voice_model_id" in request.body():
                    error.hint = f"{error.hint} {VOICES_HINT}"
                raise
            except Stopped:
                on_refused()
                raise
            return self._accepted(answer, on_answer)
        raise AssertionError("the policy gave up without raising")

    def task(self, task_id: str, *, stop: Stop) -> Task:
        """Where a task stands.

        Raises
        ------
        UsageError
            No task can have this id; nothing was asked.
        RemoteNotFound, CloudProtocolError, AccountRefused
        CloudUnreachable, CloudServerError, Capped
            After as many attempts as the policy allows.
        JobCancelled
        """
        return self._persist(lambda: self._task_once(task_id, stop), stop)

    def voice_models(self, *, stop: Stop) -> list[VoiceModel]:
        """The account's voice models. Raises as `task`."""
        return self._persist(
            lambda: parse_voice_models(self._get("voice/models", "the list of voices", stop)), stop
        )

    def wait(
        self,
        task_id: str,
        *,
        stop: Stop,
        progress: ProgressCallback = ignore_progress,
        give_up_seconds: float | None = None,
    ) -> Task:
        """Wait until a task is completed; see `Poller.wait`.

        Raises
        ------
        RemoteJobFailed, PollTimeout, RemoteNotFound, CloudError, JobCancelled
        """
        return self._poller.wait(
            task_id, stop=stop, progress=progress, give_up_seconds=give_up_seconds
        )

    def _sent(self, post: HttpRequest, stop: Stop) -> HttpAnswer:
        """An answer that may accept a submission; one that refuses it for sure is raised."""
        try:
            answer = self._http.post_once(post, stop=stop, after_stop_seconds=AFTER_STOP_SECONDS)
        except Stopped as error:
            if error.was_sent:
                raise _unsure("it was stopped before an answer came") from error
            raise
        except NoAnswer as error:
            if error.was_sent:
                raise _unsure(str(error)) from error
            raise Transient(CloudUnreachable(str(error), hint=error.hint)) from error
        if is_refused_for_sure(answer.status):
            self._raise_refusal(answer, "the request", transient=frozenset({500}))
        return answer

    def _accepted(self, answer: HttpAnswer, on_answer: Callable[[int, bytes], None]) -> str:
        kept = kept_form(answer.headers.get("location"), answer.body)
        try:
            on_answer(answer.status, kept)
        except HanolabError:  # a full disk must not lose the id, which is still in our hands
            _log.exception("an answer could not be kept")
        try:
            return parse_accepted(answer.status, kept)
        except CloudProtocolError as error:
            body = answer.body.replace(self._key.encode(), b"[key]")
            fault = f", and {answer.fault}" if answer.fault else ""
            raise _unsure(f"{answer.status}: {shortened(body) or 'nothing'}{fault}") from error

    def _task_once(self, task_id: str, stop: Stop) -> Task:
        if not is_task_id(task_id):
            raise UsageError(f"{shortened(repr(task_id).encode())} is no id of a task")
        body = self._get(f"tasks/{quote(task_id, safe='')}", f"task {task_id}", stop)
        return parse_task(body, task_id, self.base_url)

    def _get(self, path: str, what: str, stop: Stop) -> bytes:
        """The body of an answer of 2xx; `Transient` for what may pass."""
        try:
            answer = self._http.get(
                HttpRequest("GET", self._url(path), {"Accept": "application/json"}, key=self._key),
                stop=stop,
            )
        except NoAnswer as error:
            raise Transient(CloudUnreachable(str(error), hint=error.hint)) from error
        if not 200 <= answer.status < 300:
            self._raise_refusal(answer, what, transient=TRANSIENT_STATUSES)
        if answer.is_too_long:
            raise CloudProtocolError(f"{what}: the answer makes no sense, {answer.fault}")
        if answer.fault:
            raise Transient(CloudUnreachable(f"{what}: {answer.fault}"))
        return answer.body

    def _raise_refusal(
        self, answer: HttpAnswer, what: str, *, transient: frozenset[int]
    ) -> NoReturn:
        now = self._clock()
        error = refusal(answer, what=what, key=self._key, now=now)
        if answer.status in transient:
            raise Transient(error, retry_after_seconds(answer.headers.get("retry-after"), now))
        raise error

    def _persist(self, ask: Callable[[], _Answer], stop: Stop) -> _Answer:
        began = self._monotonic()
        n_failed = 0
        while True:
            raise_if_stopped(stop)
            try:
                return ask()
            except Transient as failure:
                n_failed += 1
                self._wait_or_raise(failure, n_failed, began, stop)

    def _wait_or_raise(self, failure: Transient, n_failed: int, began: float, stop: Stop) -> None:
        delay = self._retry.delay(
            n_failed,
            elapsed_seconds=self._monotonic() - began,
            retry_after=failure.retry_after,
            chance=self._chance(),
        )
        if delay is None:
            raise failure.error from failure
        _log.info("%s; again in %.1f s", failure, delay)
        stop.wait(delay)

    def _post(self, request: PaidRequest) -> HttpRequest:
        return HttpRequest(
            "POST",
            self._url(request.endpoint),
            {"Content-Type": "application/json", "Accept": "application/json"},
            json.dumps(request.body()).encode(),
            key=self._key,
        )

    def _url(self, path: str) -> str:
        return f"{self.base_url}{API_PATH}/{path}"


def _unsure(why: str) -> SubmissionUnsure:
    return SubmissionUnsure(f"it is not known what became of the request: {why}", hint=_UNSURE_HINT)

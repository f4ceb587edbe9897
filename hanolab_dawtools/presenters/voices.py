"""The voice models of the account, and which of them the preset in use takes."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from hanolab_dawtools.errors import CloudUnreachable, HanolabError, NoKeychain, NotLoggedIn
from hanolab_dawtools.presenters.observing import Presenter
from hanolab_dawtools.presenters.preset_list import PresetPresenter
from hanolab_dawtools.presenters.working import Workers
from hanolab_dawtools.presets.needs import with_own_voice
from hanolab_dawtools.presets.schema import ConvertJob, FlashJob

if TYPE_CHECKING:
    from hanolab_dawtools.cloud.models import VoiceModel
    from hanolab_dawtools.services import Services


class VoicesState(StrEnum):
    """How the list came to be what it is."""

    NOT_ASKED = "not asked"
    LOADING = "loading"
    LISTED = "listed"
    NO_KEY = "no key"
    OFFLINE = "offline"
    FAILED = "failed"


@dataclass(frozen=True)
class VoiceRow:
    """A voice model."""

    id: str
    name: str
    is_chosen: bool = False


@dataclass(frozen=True)
class VoicesView:
    """The list, how it stands, and what the preset takes.

    Attributes
    ----------
    sentence, next_step
        What there is to say of the state; empty when all is well.
    chosen, chosen_id
        The voice that the preset names, and its id in this account where that is known; empty for
        none.
    """

    rows: tuple[VoiceRow, ...] = ()
    state: VoicesState = VoicesState.NOT_ASKED
    sentence: str = ""
    next_step: str = ""
    chosen: str = ""
    chosen_id: str = ""

    @property
    def needs_care(self) -> bool:
        """Whether the sentence tells of something that is not as it should be."""
        return bool(self.sentence) and self.state is not VoicesState.LOADING


class VoicesPresenter(Presenter[VoicesView]):
    """Lists the account's voice models when asked; nothing leaves the machine before."""

    def __init__(self, presets: PresetPresenter, services: Services, workers: Workers) -> None:
        self._presets = presets
        self._services = services
        self._workers = workers
        self._models: Sequence[VoiceModel] | None = None
        self._state = VoicesState.NOT_ASKED
        self._error: HanolabError | None = None
        super().__init__(VoicesView())
        presets.current_changed.connect(self._render)
        self._render()

    def refresh(self) -> None:
        """Ask the account for its voice models."""
        self._state = VoicesState.LOADING
        self._render()

        def work(stop: threading.Event) -> Sequence[VoiceModel]:
            return self._services.client().voice_models(stop=stop)

        self._workers.run("voices", work, done=self._listed, failed=self._failed)

    def choose(self, voice_id: str) -> None:
        """Let the preset take a voice model of the list; "": none."""
        if voice_id == self.view.chosen_id:
            return
        if not voice_id:
            self._presets.edit({"job.voice": None})
            return
        names = {model.id: model.name for model in self._models or ()}
        self._presets.edit({"job.voice": {"id": voice_id, "name": names.get(voice_id, "")}})

    def _listed(self, models: Sequence[VoiceModel]) -> None:
        self._models, self._state, self._error = tuple(models), VoicesState.LISTED, None
        self._render()

    def _failed(self, error: HanolabError) -> None:
        self._error = error
        if isinstance(error, NotLoggedIn | NoKeychain):
            self._state = VoicesState.NO_KEY
        elif isinstance(error, CloudUnreachable):
            self._state = VoicesState.OFFLINE
        else:
            self._state = VoicesState.FAILED
        self._render()

    def _render(self) -> None:
        names = {model.id: model.name for model in self._models or ()}
        preset = with_own_voice(self._presets.current, names)  # elsewhere it has another id
        job = preset.job
        voice = job.voice if isinstance(job, ConvertJob | FlashJob) else None
        chosen_id = voice.id or voice.name if voice is not None else ""
        rows = tuple(
            VoiceRow(model.id, model.name, model.id == chosen_id) for model in self._models or ()
        )
        chosen = (voice.name or voice.id) if voice is not None else ""
        is_lost = bool(chosen) and self._models is not None and chosen_id not in names
        sentence, next_step = self._said(f"{chosen!r}" if is_lost else "")
        self._show(VoicesView(rows, self._state, sentence, next_step, chosen, chosen_id))

    def _said(self, lost: str) -> tuple[str, str]:
        """What there is to say, and the next step; `lost` is a voice that is not in the list."""
        if self._state is VoicesState.LOADING:
            return "Asking for the voices…", ""
        if self._error is not None:
            kept = " The list is from before." if self._models else ""
            text = str(self._error)
            hint = self._error.hint
            if self._state is VoicesState.OFFLINE:
                hint = hint or "Check the network, then ask again."
            return f"{text[:1].upper()}{text[1:]}.{kept}", hint
        if self._models is not None and not self._models:
            return (
                "This account has no voice models yet.",
                "Train one on HanoLab's site, then ask for the list again.",
            )
        if lost:
            return f"The voice {lost} is not in this account.", "Choose one of yours."
        return "", ""

"""The panel as a whole: its presenters, and what each of them tells the others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hanolab_dawtools.host_choice import is_running_reaper
from hanolab_dawtools.model import HostName
from hanolab_dawtools.presenters.batch import BatchPresenter
from hanolab_dawtools.presenters.chain_preview import ChainPreviewPresenter
from hanolab_dawtools.presenters.chains import ChainPresenter
from hanolab_dawtools.presenters.cost import CostPresenter
from hanolab_dawtools.presenters.first_run import FirstRunPresenter
from hanolab_dawtools.presenters.lanes import WaveformPresenter
from hanolab_dawtools.presenters.listening import AudioSink, ListeningPresenter
from hanolab_dawtools.presenters.messages import MessagesPresenter, Severity
from hanolab_dawtools.presenters.observing import Dispatcher
from hanolab_dawtools.presenters.parameters import ParametersPresenter
from hanolab_dawtools.presenters.placing import PlacingPresenter
from hanolab_dawtools.presenters.preset_list import PresetPresenter
from hanolab_dawtools.presenters.queue import QueuePresenter
from hanolab_dawtools.presenters.results import ResultsPresenter
from hanolab_dawtools.presenters.running import RunningPresenter
from hanolab_dawtools.presenters.source import SourcePresenter
from hanolab_dawtools.presenters.source_selection import SelectionBond
from hanolab_dawtools.presenters.source_view import SourceKind
from hanolab_dawtools.presenters.voices import VoicesPresenter
from hanolab_dawtools.presenters.working import Workers

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services

_HOSTS = {
    SourceKind.NONE: None,
    SourceKind.FILE: HostName.AUDIO_FILE,
    SourceKind.PROJECT: HostName.RPP,
    SourceKind.REAPER: HostName.REAPER,
}


class Panel:
    """Everything behind the window; made and used on the GUI thread."""

    def __init__(self, services: Services, dispatcher: Dispatcher, sink: AudioSink) -> None:
        self.services = services
        self.messages = MessagesPresenter()
        self.workers = Workers(dispatcher, on_internal_error=self._tell_internal)
        workers, messages, cache = self.workers, self.messages, services.folders.cache
        self.waveforms = WaveformPresenter(workers, cache / "peaks")
        self.listening = ListeningPresenter(workers, sink)
        self.source = SourcePresenter(services, workers, messages.mention)
        self.presets = PresetPresenter(services.presets, workers, messages)
        self.parameters = ParametersPresenter(self.presets, services, workers)
        self.voices = VoicesPresenter(self.presets, services, workers)
        self.chains = ChainPresenter(workers, self.presets, services, messages)
        self.chain_preview = ChainPreviewPresenter(
            workers,
            self.chains,
            waveforms=self.waveforms,
            listening=self.listening,
            home=services,
            messages=messages,
            folder=cache / "chains",
        )
        self.cost = CostPresenter()
        self.queue = QueuePresenter(services, workers, messages, self.cost)
        self.running = RunningPresenter(services, workers, self.cost, self.queue, messages)
        self.results = ResultsPresenter(services, workers, self.waveforms, self.listening, messages)
        self.placing = PlacingPresenter(
            services,
            workers,
            self.queue,
            self.results,
            messages=messages,
            edit=lambda policy: self.presets.put(
                self.presets.current.model_copy(update={"import_": policy})
            ),
        )
        self.batch = BatchPresenter(
            services,
            workers,
            self.presets,
            messages,
            new_services=self.queue.new_services,
        )
        self.first_run = FirstRunPresenter(services, workers, messages)
        self._own_jobs: set[str] = set()
        self._join()

    def open(self, source: Path | None) -> None:
        """Begin with a source, if there is one."""
        self.presets.refresh()
        self.first_run.refresh()
        self._want()
        if source is None:
            return
        if is_running_reaper(source):
            _, _, pid = str(source).partition(":")
            self.source.open_reaper(int(pid) if pid else None)
        else:
            self.source.open(source)

    def close(self) -> None:
        """Stop all work and give everything back; jobs that run can be resumed."""
        self.batch.close()
        self.queue.close()
        self.source.close()
        self.workers.close()
        self.listening.close()
        self.waveforms.close()
        self.chain_preview.close()

    def _join(self) -> None:
        for event in (self.source.changed, self.presets.current_changed, self.placing.changed):
            event.connect(self._want)
        self.source.preview_changed.connect(self._show_source)
        SelectionBond(self.source, self.waveforms, lambda: not self.results.view.job_id)
        self.running.started.connect(self._follow_started)
        self.queue.finished.connect(self._on_finished)
        self.queue.place_wanted.connect(lambda: self.results.show_job(self.queue.view.selected))
        self.queue.batch_here = lambda: self.batch.running_id
        self.queue.batch_wanted.connect(self._show_batch)
        self.batch.moved.connect(self.queue.look_now)
        self.first_run.done.connect(self.running.refresh)
        self.first_run.done.connect(self.batch.draft.refresh)
        self.first_run.done.connect(self.parameters.refresh)

    def _want(self) -> None:
        """Plan anew what is chosen now."""
        source, preset = self.source, self.presets.current
        path = source.path
        self.placing.set_source(path, _HOSTS[source.view.kind])
        self.placing.set_preset(preset)
        is_wanted = path is not None and source.view.is_ready
        wish = (
            self.placing.wish(path, source.wanted(), preset, None) if path and is_wanted else None
        )
        if wish is not None and source.view.point is not None:
            wish = replace(wish, beside=replace(wish.beside, point=source.view.point))
        view = source.view
        self.running.want(wish, (view.location, view.selection_text, view.facts_text))

    def _show_batch(self) -> None:
        batch_id = self.queue.wanted_batch
        if self.queue.is_resume_wanted:
            self.batch.resume(batch_id)
        else:
            self.batch.show_batch(batch_id)

    def _show_source(self) -> None:
        self.results.show_source(self.source.preview, self.source.view.title)

    def _follow_started(self) -> None:
        self._own_jobs.update(self.running.started_jobs)

    def _on_finished(self) -> None:
        """Show what a job of this window has made; the queue has told how it ended."""
        if self.queue.last_finished in self._own_jobs and self.queue.last_error is None:
            self.results.show_job(self.queue.last_finished)

    def _tell_internal(self, sentence: str) -> None:
        self.messages.tell(
            sentence, severity=Severity.FAILED, hint="See the log, and copy the report from there."
        )

"""Where results go, and how: into the source's host, another project, or a folder.

By default work is listened to first: it is done into a folder of the cache, and placing it is a
new job of the same plan, which the result cache answers without any cost. How results are laid
out is the import policy of the current preset; where they go is chosen here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from hanolab_dawtools.errors import HanolabError
from hanolab_dawtools.model import Grouping, HostName, RequestKind, StemRole, Wanted
from hanolab_dawtools.presenters.messages import MessagesPresenter, Severity
from hanolab_dawtools.presenters.observing import Presenter
from hanolab_dawtools.presenters.placing_choices import (
    PROJECTS,
    Choice,
    StemChoice,
    Target,
    layout_choices,
    possible_roles,
    source_choices,
    stem_choices,
    target_choices,
    with_stem,
)
from hanolab_dawtools.presenters.queue import QueuePresenter
from hanolab_dawtools.presenters.results import ResultsPresenter
from hanolab_dawtools.presenters.running import Wish
from hanolab_dawtools.presenters.working import Workers
from hanolab_dawtools.presets.schema import ImportPolicy, Preset
from hanolab_dawtools.workflows.applying import Beside

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services

Layout = Literal["tracks", "takes", "lanes"]
SourcePolicy = Literal["mute", "keep", "both"]


@dataclass(frozen=True)
class PlacingView:
    """What is chosen, and what can be.

    Attributes
    ----------
    path
        The folder or the project file, where the target needs one.
    layout, source
        As in `ImportPolicy.results` and `.source`.
    job_id
        The job that the place button is about; empty: there is none.
    reason
        Why the button cannot be pressed; empty when it can.
    """

    target: Target = Target.HOST
    targets: tuple[Choice, ...] = ()
    path: Path | None = None
    listens_first: bool = True
    layout: Layout = "tracks"
    layouts: tuple[Choice, ...] = ()
    source: SourcePolicy = "mute"
    sources: tuple[Choice, ...] = ()
    stems: tuple[StemChoice, ...] = ()
    job_id: str = ""
    verb: str = "Place"
    reason: str = ""
    is_placing: bool = False
    is_undoing: bool = False

    @property
    def can_place(self) -> bool:
        """Whether the place button does anything."""
        return bool(self.job_id) and not self.reason and not self.is_placing


class PlacingPresenter(Presenter[PlacingView]):
    """Holds the choice, and places what was listened to.

    `edit` makes another import policy that of the current preset, which tells `set_preset` so.
    """

    def __init__(
        self,
        services: Services,
        workers: Workers,
        queue: QueuePresenter,
        results: ResultsPresenter,
        *,
        messages: MessagesPresenter,
        edit: Callable[[ImportPolicy], None],
    ) -> None:
        super().__init__(PlacingView())
        self._services = services
        self._workers = workers
        self._queue = queue
        self._results = results
        self._messages = messages
        self._edit = edit
        self._source: tuple[Path | None, HostName | None] = (None, None)
        self._preset = Preset(name="none")
        self._placing = ""
        results.shown.connect(self._render)
        queue.finished.connect(self._on_finished)
        workers.run("listened", self._tidy, done=lambda _: None, failed=messages.tell)
        self._render()

    def set_source(self, path: Path | None, host: HostName | None) -> None:
        """The music is there now; None: nothing is open."""
        if (path, host) != self._source:
            self._source = (path, host)
            if self.view.target is not Target.FOLDER:  # another project's file is nobody's wish
                self._show(replace(self.view, target=Target.HOST, path=None))
            self._render()

    def set_preset(self, preset: Preset) -> None:
        """The current preset is this one now."""
        if preset is not self._preset:
            self._preset = preset
            self._render()

    def wish(self, source: Path, wanted: Wanted, preset: Preset, engine: str | None) -> Wish:
        """What is to be done with a source, with results where they are chosen to go."""
        view = self.view
        if view.listens_first:
            everything = {"stems": [], "residual": "auto"}
            policy = preset.import_.model_copy(update=everything)
            if policy.results == "takes" and self._source[1] in PROJECTS:
                wanted = replace(wanted, grouping=wanted.grouping or Grouping.ITEM)
            preset = preset.model_copy(update={"import_": policy})
            beside = Beside(wanted, folder=self._results.listening_folder)
        else:
            beside = replace(self._beside(), wanted=wanted)
        return Wish(source, preset, beside, engine)

    def set_target(self, target: Target, path: Path | None = None) -> None:
        """Place there; `path`: the folder or the project file, where the target needs one."""
        if path is None and target is not Target.HOST:
            return  # the user thought better of it
        self._show(replace(self.view, target=target, path=path))
        self._render()

    def set_listens_first(self, listens_first: bool) -> None:
        """Whether work is heard before it is placed."""
        self._show(replace(self.view, listens_first=listens_first))

    def set_layout(self, layout: str) -> None:
        """Place as tracks, takes or fixed lanes."""
        self._change({"results": layout})

    def set_source_policy(self, source: str) -> None:
        """Mute what the results were made of, keep it, or play both."""
        self._change({"source": source})

    def choose_stem(self, role: StemRole, is_chosen: bool) -> None:
        """Place this stem, or leave it out; the last one stays."""
        chosen = {stem.role for stem in self.view.stems if stem.is_chosen}
        if chosen == {role} and not is_chosen:
            self._messages.tell("one stem at least has to be placed")
            self.changed.emit()  # the box that was cleared shall show so again
            return
        roles = [stem.role for stem in self.view.stems]
        self._edit(with_stem(self._preset.import_, roles, role, is_chosen=is_chosen))

    def place(self) -> None:
        """Place the job that is shown, with what is chosen now."""
        if not self.view.can_place:
            return
        job_id, policy, beside = self.view.job_id, self._preset.import_, self._beside()
        self._show(replace(self.view, is_placing=True))

        def work(_: threading.Event) -> str:
            from hanolab_dawtools.workflows.outcomes import plan_of
            from hanolab_dawtools.workflows.placing_again import plan_elsewhere

            plan = plan_of(self._services.store.get(job_id))
            return self._services.create_job(plan_elsewhere(plan, policy, beside)).id

        def done(placing: str) -> None:
            self._placing = placing
            self._queue.run([placing])

        self._workers.run("place", work, done=done, failed=self._on_failed)

    def undo(self) -> None:
        """Take the results of the job that is shown out of its project again."""
        job_id = self.view.job_id
        if not self._results.view.can_undo or self.view.is_undoing:
            return
        self._show(replace(self.view, is_undoing=True))

        def work(_: threading.Event) -> str:
            with self._queue.new_services() as services:
                placed = services.undo_job(job_id).placed
            return "REAPER's project" if placed.project is None else placed.project.name

        def done(project: str) -> None:
            self._show(replace(self.view, is_undoing=False))
            self._messages.tell(
                f"{project} is as it was before; the files of the stems are still there",
                severity=Severity.OK,
            )
            self._results.show_job(job_id)

        self._workers.run("undo", work, done=done, failed=self._on_failed)

    def _beside(self) -> Beside:
        view = self.view
        return Beside(
            folder=view.path if view.target is Target.FOLDER else None,
            destination=view.path if view.target is Target.PROJECT else None,
        )

    def _change(self, values: dict[str, object]) -> None:
        self._edit(self._preset.import_.model_copy(update=values))

    def _on_finished(self) -> None:
        """What was placed is what is shown from now on."""
        job_id, error = self._queue.last_finished, self._queue.last_error
        if not job_id or job_id != self._placing:
            return
        self._placing = ""
        self._show(replace(self.view, is_placing=False))
        if error is None:  # else the queue has told why
            self._results.show_job(job_id)

    def _on_failed(self, error: HanolabError) -> None:
        self._show(replace(self.view, is_placing=False, is_undoing=False))
        self._messages.tell(error)

    def _tidy(self, _: threading.Event) -> None:
        from hanolab_dawtools.presenters.listened import tidy

        tidy(self._results.listening_folder, self._services.store.ids())

    def _render(self) -> None:
        """Work out what can be chosen about the job that is shown, or else about the source."""
        shown, policy, view = self._results.view, self._preset.import_, self.view
        source, host = self._source
        if shown.job_id:
            source, host = shown.source, shown.host
        roles = shown.roles or (possible_roles(self._preset) if source is not None else ())
        stems = stem_choices(roles, policy)
        layouts = layout_choices(host, view.target)
        blocked = next((one.reason for one in layouts if one.value == policy.results), "")
        reason = "Open a job's results first." if not shown.job_id else ""
        if shown.kind is RequestKind.GENERATE:
            reason = "Music made from words lies where its job has put it."
        elif shown.job_id and not any(stem.is_chosen for stem in stems):
            reason = "No stem is chosen."
        elif shown.job_id and policy.results == "lanes" and host in PROJECTS and blocked:
            reason = f"{blocked} Choose tracks." if view.target is Target.HOST else ""
        self._show(
            replace(
                view,
                targets=target_choices(host, source),
                layout=policy.results,
                layouts=layouts,
                source=policy.source,
                sources=source_choices(host, view.target, policy.results),
                stems=stems,
                job_id=shown.job_id,
                verb="Place" if shown.is_to_place or not shown.job_id else "Place again",
                reason=reason,
            )
        )

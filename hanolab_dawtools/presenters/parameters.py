"""The parameters of the preset in use as rows, and the engine that does the work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hanolab_dawtools.errors import HanolabError
from hanolab_dawtools.presenters.engine_facts import EngineFacts, engine_facts
from hanolab_dawtools.presenters.observing import Presenter
from hanolab_dawtools.presenters.parameter_rows import ParameterRow, rows_of
from hanolab_dawtools.presenters.preset_list import PresetPresenter
from hanolab_dawtools.presenters.working import Workers
from hanolab_dawtools.stem_roles import STEMS_OF_COUNT

if TYPE_CHECKING:
    from hanolab_dawtools.presets.schema import Job
    from hanolab_dawtools.services import Services


@dataclass(frozen=True)
class ParametersView:
    """Rows in order, by section; and the engines that there are for the job.

    Attributes
    ----------
    kind
        Of the job, as in the file.
    engine
        The one that the preset names; None: the user's own, `usual_engine`.
    engines
        Empty while nobody has looked, and for effects alone.
    """

    kind: str
    rows: tuple[ParameterRow, ...] = ()
    engines: tuple[EngineFacts, ...] = ()
    engine: str | None = None
    usual_engine: str = "local"

    @property
    def engine_in_use(self) -> str:
        """The engine that a run would take; empty when none works."""
        return "" if self.kind == "none" else self.engine or self.usual_engine

    @property
    def facts(self) -> EngineFacts | None:
        """What is known of the engine in use."""
        return next((each for each in self.engines if each.name == self.engine_in_use), None)


class ParametersPresenter(Presenter[ParametersView]):
    """Shows the preset that a `PresetPresenter` holds, and edits it there."""

    def __init__(self, presets: PresetPresenter, services: Services, workers: Workers) -> None:
        self._presets = presets
        self._services = services
        self._workers = workers
        self._engines: Sequence[EngineFacts] = ()
        self._asked_for: tuple[object, ...] | None = None  # None: nobody has asked yet
        super().__init__(ParametersView(presets.current.job.kind))
        presets.current_changed.connect(self._follow)
        self._render()

    def set(self, key: str, value: Any) -> None:
        """Set a parameter by the key of its row; what it makes senseless goes with it."""
        values = {key: list(value) if isinstance(value, tuple) else value}
        if key == "job.stems":
            only = getattr(self._presets.current.job, "only", [])
            made = STEMS_OF_COUNT[value] if value > min(STEMS_OF_COUNT) else ()
            values["job.only"] = [role.value for role in only if role in made]
        self._presets.edit(values)

    def reset(self, key: str) -> None:
        """Set a parameter back to its default."""
        row = next((row for row in self.view.rows if row.key == key), None)
        if row is not None and not row.is_default:
            default = dict(row.default) if row.kind == "colours" else row.default
            self.set(key, default)

    def choose_kind(self, kind: str) -> None:
        """Change what is done, as the file calls it; what the new kind knows as well is kept."""
        self._presets.edit({"job.kind": kind})

    def choose_engine(self, name: str | None) -> None:
        """Let an engine do the work; None: the user's own."""
        self._presets.edit({"job.engine": name})

    def look(self) -> None:
        """Look at the engines, if nobody has yet."""
        if self._asked_for is None:
            self.refresh()

    def refresh(self) -> None:
        """Look again at what the engines can do for the job, and at what is set up."""
        job = self._presets.current.job
        self._asked_for = _matters(job)
        self._workers.run(
            "engines",
            lambda _: engine_facts(self._services, job),
            done=self._know,
            failed=self._know_nothing,
        )

    def _know(self, engines: Sequence[EngineFacts]) -> None:
        self._engines = tuple(engines)
        self._render()

    def _know_nothing(self, _: HanolabError) -> None:
        self._know(())

    def _follow(self) -> None:
        self._render()
        if self._asked_for not in {None, _matters(self._presets.current.job)}:
            self.refresh()

    def _render(self) -> None:
        preset, usual = self._presets.current, self._services.settings.engine
        self._show(
            ParametersView(
                preset.job.kind,
                rows_of(preset, usual),
                tuple(self._engines) if preset.job.kind != "none" else (),
                getattr(preset.job, "engine", None),
                usual,
            )
        )


def _matters(job: Job) -> tuple[object, ...]:
    """What the answers of the engines depend on."""
    names = ("kind", "stems", "only", "isolate", "full_song")
    return tuple(str(getattr(job, name, "")) for name in names)

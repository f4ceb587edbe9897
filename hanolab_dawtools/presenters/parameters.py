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

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services


@dataclass(frozen=True)
class ParametersView:
    """Rows in order, by section; and the engines that there are for the job.

    Attributes
    ----------
    engine
        The one that the preset names; None: the user's own, `usual_engine`.
    """

    kind: str
    rows: tuple[ParameterRow, ...] = ()
    engines: tuple[EngineFacts, ...] = ()
    engine: str | None = None
    usual_engine: str = "local"

    @property
    def engine_in_use(self) -> str:
        """The engine that a run would take."""
        return self.engine or self.usual_engine


class ParametersPresenter(Presenter[ParametersView]):
    """Shows the preset that a `PresetPresenter` holds, and edits it there."""

    def __init__(self, presets: PresetPresenter, services: Services, workers: Workers) -> None:
        self._presets = presets
        self._services = services
        self._workers = workers
        self._engines: Sequence[EngineFacts] = ()
        super().__init__(ParametersView(presets.current.job.kind))
        presets.current_changed.connect(self._follow)
        self._render()

    def set(self, key: str, value: Any) -> None:
        """Set a parameter by the key of its row."""
        self._presets.edit({key: value})

    def reset(self, key: str) -> None:
        """Set a parameter back to its default."""
        row = next((row for row in self.view.rows if row.key == key), None)
        if row is not None and not row.is_default:
            self.set(key, row.default)

    def choose_engine(self, name: str | None) -> None:
        """Let an engine do the work; None: the user's own."""
        self._presets.edit({"job.engine": name})

    def refresh(self) -> None:
        """Look again at what the engines can do for the job."""
        job = self._presets.current.job
        self._workers.run(
            "engines",
            lambda _: engine_facts(self._services, job),
            done=self._know,
            failed=lambda error: self._know(()) if isinstance(error, HanolabError) else None,
        )

    def _know(self, engines: Sequence[EngineFacts]) -> None:
        self._engines = tuple(engines)
        self._render()

    def _follow(self) -> None:
        self._render()

    def _render(self) -> None:
        preset, usual = self._presets.current, self._services.settings.engine
        self._show(
            ParametersView(
                preset.job.kind,
                rows_of(preset, usual),
                tuple(self._engines),
                getattr(preset.job, "engine", None),
                usual,
            )
        )

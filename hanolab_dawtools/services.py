"""Builds the parts from the settings and joins them: the one composition root.

Parts are made when first asked for, so that a command pays only for what it uses.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from hanolab_dawtools import __version__
from hanolab_dawtools.engines.base import Engine
from hanolab_dawtools.errors import EngineCannot, NotLoggedIn
from hanolab_dawtools.events import ProgressCallback, Stop
from hanolab_dawtools.host_choice import HostChoice, host_name, survey
from hanolab_dawtools.hosts.base import Host
from hanolab_dawtools.jobs.cache import ResultCache
from hanolab_dawtools.jobs.model import Job
from hanolab_dawtools.jobs.runner import Runner
from hanolab_dawtools.jobs.store import JobStore
from hanolab_dawtools.model import HostName, Selection
from hanolab_dawtools.placement import Placed
from hanolab_dawtools.settings import FOLDER_VARIABLES, Folders, folders, load_settings
from hanolab_dawtools.settings_fields import Settings

if TYPE_CHECKING:
    from hanolab_dawtools.audio.plugins import PluginInfo, PluginRack
    from hanolab_dawtools.batching import Batching
    from hanolab_dawtools.cloud.client import HanoLabClient
    from hanolab_dawtools.cloud.credentials import Key
    from hanolab_dawtools.cloud.storage import Storage
    from hanolab_dawtools.engines.hanolab.engine import HanoLabEngine
    from hanolab_dawtools.engines.local.weights import WeightsStore
    from hanolab_dawtools.hosts.audio_survey import AudioSurvey
    from hanolab_dawtools.hosts.reaper.install import ReaperSetup
    from hanolab_dawtools.hosts.rpp.survey import ProjectSurvey
    from hanolab_dawtools.presets.library import PresetLibrary
    from hanolab_dawtools.workflows.batch.undoing import BatchUndone
    from hanolab_dawtools.workflows.cleaning import Cleaner
    from hanolab_dawtools.workflows.plan import RunPlan
    from hanolab_dawtools.workflows.resolve import Resolver
    from hanolab_dawtools.workflows.road import Road
    from hanolab_dawtools.workflows.undo import Undone

GIGABYTE = 1_000_000_000


class Services:
    """Everything that commands and windows need, joined once per process."""

    def __init__(self, settings: Settings | None = None, where: Folders | None = None) -> None:
        self._given_settings = settings
        self.folders = where or folders()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if "hosts" in self.__dict__:
            self.hosts.close()
        if "store" in self.__dict__:
            self.store.close()

    @cached_property
    def settings(self) -> Settings:
        """The user's settings."""
        return self._given_settings or load_settings()

    def read_settings_again(self) -> None:
        """Take over what the settings say now; what is made from now on follows them.

        Settings that were given stay. Jobs that run go on with those they began with.

        Raises
        ------
        SettingsInvalid
        """
        settings = self._given_settings or load_settings()
        for part in ("plugins", "road", "cache", "_hanolab"):
            self.__dict__.pop(part, None)
        self.__dict__["settings"] = settings

    @cached_property
    def store(self) -> JobStore:
        """The job store."""
        return JobStore(self.folders.data / "jobs")

    @cached_property
    def cache(self) -> ResultCache:
        """The result cache."""
        limit_bytes = int(self.settings.cache_limit_gb * GIGABYTE)
        return ResultCache(self.folders.cache / "results", limit_bytes)

    @cached_property
    def weights(self) -> WeightsStore:
        """The local engine's weights."""
        from hanolab_dawtools.engines.local.weights import WeightsStore

        return WeightsStore(self.folders.data / "weights")

    @cached_property
    def presets(self) -> PresetLibrary:
        """The presets that come with the program, and the user's own."""
        from hanolab_dawtools.package_data import presets_folder
        from hanolab_dawtools.presets.library import PresetLibrary

        return PresetLibrary(self.folders.config / "presets", presets_folder())

    @cached_property
    def plugins(self) -> PluginRack:
        """The VST3 plug-ins that the user allowed."""
        from hanolab_dawtools.audio.plugins import PluginRack

        return PluginRack(self.settings.plugin_folders)

    @cached_property
    def reaper_setup(self) -> ReaperSetup:
        """What installs into REAPER, takes out again, and says how it stands."""
        from hanolab_dawtools.hosts.reaper.setup_here import setup_here
        from hanolab_dawtools.package_data import host_bridge_folder

        moved = {
            variable: str(getattr(self.folders, kind))
            for kind, variable in FOLDER_VARIABLES.items()
            if os.environ.get(variable)
        }
        scripts = host_bridge_folder() / "reaper"
        return setup_here(scripts, self.folders.data / "reaper", __version__, moved)

    def host_name(self, source: Path) -> HostName:
        """What kind of host a path on the command line means."""
        return host_name(source)

    def describe_plugin(
        self, name: str, values: Mapping[str, Any]
    ) -> tuple[PluginInfo, Mapping[str, Any]]:
        """Load a plug-in with some parameters set: what it is, and its entry for a preset.

        Raises
        ------
        SetupError
            It is not there, or cannot be loaded.
        UsageError
            A value cannot be one.
        """
        from hanolab_dawtools.audio.effect_entries import effect_from_table

        spec = effect_from_table({"effect": "vst3", "plugin": name, "values": dict(values)})
        info = self.plugins.describe(spec)
        entry = {"effect": "vst3", "plugin": info.name, "vendor": info.vendor}
        return info, entry | {"path": str(self.plugins.find(spec)), "state": info.state}

    @cached_property
    def hosts(self) -> HostChoice:
        """Builds hosts, and holds the connections to running REAPERs."""
        return HostChoice(self.folders.data / "reaper")

    def host(self, source: Path) -> Host:
        """The host that a source on the command line means."""
        return self.hosts.at(source)

    def music_host(self, target: Path) -> Host:
        """The host of a project or folder that gets new music; the folder need not exist yet."""
        return self.hosts.for_music(target)

    def host_for(self, selection: Selection) -> Host:
        """The host that a selection came from."""
        return self.hosts.of(selection)

    def survey(
        self, source: Path, *, stop: Stop, progress: ProgressCallback
    ) -> ProjectSurvey | AudioSurvey:
        """What a project or an audio file holds; see `host_choice.survey`."""
        return survey(source, stop=stop, progress=progress)

    def engine(self, name: str) -> Engine:
        """The engine with this name.

        Raises
        ------
        EngineCannot
            There is none.
        """
        if name == "local":
            from hanolab_dawtools.engines.local.engine import LocalEngine

            return LocalEngine(self.weights.folder, n_threads=self.settings.n_threads)
        if name == "hanolab":
            return self._hanolab
        if name == "none":
            from hanolab_dawtools.engines.through import ThroughEngine

            return ThroughEngine()
        raise EngineCannot(f"there is no engine {name!r}", hint="Engines: local, hanolab.")

    @property
    def base_url(self) -> str:
        """The cloud's base URL in its normal form; "" when none is set.

        Raises
        ------
        UsageError
            The one in the settings is no base URL.
        """
        from hanolab_dawtools.cloud.client import normal_base_url

        return normal_base_url(self.settings.base_url) if self.settings.base_url else ""

    def client(self, base_url: str = "") -> HanoLabClient:
        """The cloud's client for a base URL in its normal form; by default the one that is set.

        Raises
        ------
        NotLoggedIn
            No base URL or no key is known.
        UsageError, NoKeychain
            See `cloud.credentials.load_key`.
        """
        from hanolab_dawtools.cloud.client import HanoLabClient

        base_url = base_url or self.base_url
        if base_url not in self._clients:
            key = self._key(base_url)
            self._clients[base_url] = HanoLabClient(base_url, key.text)
        return self._clients[base_url]

    @cached_property
    def _clients(self) -> dict[str, HanoLabClient]:
        return {}

    def _key(self, base_url: str) -> Key:
        from hanolab_dawtools.cloud.credentials import KEY_VARIABLE, load_key

        if not base_url:
            raise NotLoggedIn("no base URL of the cloud is known", hint="Run: hanolab login")
        key = load_key(base_url)
        if key is None:
            raise NotLoggedIn(
                f"no key for {base_url} is known",
                hint=f"Run: hanolab login. Or set the variable {KEY_VARIABLE}.",
            )
        if key.origin == KEY_VARIABLE and self.base_url and base_url != self.base_url:
            raise NotLoggedIn(
                f"this belongs to {base_url}, and the key in {KEY_VARIABLE} to {self.base_url}",
                hint=f"Set base_url to {base_url} and the key to the one for it, then go on.",
            )
        return key

    @property
    def account_text(self) -> str:
        """Whose account of the cloud is used, in a user's words; raises as `client`."""
        return f"{self.base_url}, key {self._key(self.base_url).shown}"

    def storage(self) -> Storage:
        """The storage that audio is put to for the cloud.

        Raises
        ------
        StorageNotSet
            There is none, or something is missing in it.
        """
        from hanolab_dawtools.cloud.storage import StorageSettings, open_storage

        fields = self.settings.storage.model_dump()
        is_sandbox = fields["kind"] == "sandbox"
        return open_storage(
            StorageSettings(**fields) if fields["kind"] else None,
            base_url=self.base_url,
            key=self._key(self.base_url) if is_sandbox else None,
        )

    @cached_property
    def _hanolab(self) -> HanoLabEngine:
        from hanolab_dawtools.engines.hanolab.engine import Cloud, HanoLabEngine
        from hanolab_dawtools.engines.hanolab.pricing import Price, Pricing

        settings = self.settings
        prices: dict[str, Price] = {
            action: Price(**price.model_dump()) for action, price in settings.pricing.items()
        }
        return HanoLabEngine(
            Cloud(
                self.base_url,
                self.client,
                self.storage,
                lambda: f"{self._key(self.base_url).fingerprint} {self.base_url}",
            ),
            Pricing(prices, self._learnt_prices),
            upload_format=settings.upload_format,
            keep_uploads=settings.keep_uploads,
        )

    def _learnt_prices(self, action: str) -> dict[int, float]:
        """What the server said an action costs, by whole seconds; the last word counts."""
        learnt = self.store.ledger.learnt(f"hanolab {self.base_url}".strip(), action)
        return {round(price.billed_seconds): price.credits for price in learnt}

    @cached_property
    def road(self) -> Road:
        """The road with these ends."""
        from hanolab_dawtools.object_stores import stores_of
        from hanolab_dawtools.workflows.local_work import LocalWork
        from hanolab_dawtools.workflows.road import Road

        labour = LocalWork(self.host_for, self.engine, self.plugins)
        ends = (self.host_for, self.engine, self.cache, lambda: self.store, self.plugins)
        return Road(*ends, labour, stores_of(self.settings))

    def create_job(self, plan: RunPlan, *, job_id: str | None = None) -> Job:
        """Store a run as a job; it is not started yet."""
        from hanolab_dawtools.workflows.stored import to_json

        return self.store.create(plan.kind.value, plan.title, to_json(plan), job_id=job_id)

    def run_job(
        self, job_id: str, *, stop: Stop, progress: ProgressCallback, is_patient: bool = True
    ) -> Job:
        """Run a job from where it stands to its end, in this process; see `Runner.run`."""
        runner = Runner(self.store, self.road.steps())
        return runner.run(job_id, stop=stop, progress=progress, is_patient=is_patient)

    @cached_property
    def batching(self) -> Batching:
        """Makes batches and runs them."""
        from hanolab_dawtools.batching import Batching

        return Batching(self)

    @property
    def resolver(self) -> Resolver:
        """Settles what only the user can decide about a job; see `workflows.resolve`."""
        from hanolab_dawtools.workflows.resolve import Resolver

        return Resolver(self.store, self.engine, self.cache, self._restore)

    @property
    def cleaner(self) -> Cleaner:
        """Forgets old jobs and batches; see `workflows.cleaning`."""
        from hanolab_dawtools.workflows.cleaning import Cleaner

        return Cleaner(self.store, self.engine)

    def undo_job(self, job_id: str) -> Undone:
        """Restore the project that a job has put stems into; see `workflows.undo`."""
        from hanolab_dawtools.workflows.undo import undo_job

        return undo_job(self.store, job_id, self._restore)

    def undo_batch(self, batch_id: str) -> BatchUndone:
        """Restore the projects that a batch has put results into; see `workflows.batch.undoing`."""
        from hanolab_dawtools.workflows.batch.undoing import undo_batch

        return undo_batch(self.store, batch_id, self._restore)

    def _restore(self, job: Job, placed: Placed) -> bool:
        from hanolab_dawtools.workflows.outcomes import plan_of

        return self.hosts.undo_placing(job.id, plan_of(job).selection, placed)

"""The real parts joined as in the program, set up for a sandbox and its upload area.

Called as a script, a run in a process that kills itself: HOME BASE_URL SOURCE JOB_ID KILL_AT; see
`killed_run` for what the points are. With KILL_AT 0 it runs to its end and prints their names.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import Any

from fakes.killed_run import Points

from hanolab_dawtools.cloud.client import HanoLabClient
from hanolab_dawtools.cloud.polling import PollSchedule
from hanolab_dawtools.errors import HanolabError, JobNotFound
from hanolab_dawtools.events import ignore_progress
from hanolab_dawtools.jobs.model import Job
from hanolab_dawtools.model import RequestKind, Wanted
from hanolab_dawtools.services import Services
from hanolab_dawtools.settings import Folders
from hanolab_dawtools.settings_fields import Settings, StorageSettings
from hanolab_dawtools.workflows.planning import Asked, make_plans

QUICK = PollSchedule(first_seconds=0.05, longest_seconds=0.2)


class CloudServices(Services):
    """Services in a folder of their own, for the cloud at `base_url`; the key is a variable."""

    def __init__(self, folder: Path, base_url: str, **settings: Any) -> None:
        where = Folders(*(folder / name for name in ("config", "data", "cache", "logs")))
        settings.setdefault("storage", StorageSettings(kind="sandbox"))
        super().__init__(Settings(engine="hanolab", base_url=base_url, **settings), where)

    def client(self, base_url: str = "") -> HanoLabClient:
        """A client that does not wait long: the sandbox is quick."""
        base_url = base_url or self.base_url
        if base_url not in self._clients:
            self._clients[base_url] = HanoLabClient(
                base_url, os.environ["HANOLAB_API_KEY"], polling=QUICK
            )
        return self._clients[base_url]

    def plan_job(
        self,
        source: Path,
        parameters: dict[str, Any],
        *,
        kind: RequestKind = RequestKind.SEPARATE,
        wanted: Wanted | None = None,
        max_credits: float | None = None,
        job_id: str | None = None,
    ) -> Job:
        """A new job of the cloud's engine."""
        asked = Asked(kind, "hanolab", wanted or Wanted(), parameters, max_credits=max_credits)
        plan = make_plans(asked, self.host(source), self.engine("hanolab"))[0]
        return self.create_job(plan, job_id=job_id)

    def run(self, job_id: str, *, stop: threading.Event | None = None) -> Job:
        """Run a job in this thread, without waiting for a slot."""
        return self.run_job(
            job_id, stop=stop or threading.Event(), progress=ignore_progress, is_patient=False
        )


def main(home: Path, base_url: str, source: Path, job_id: str, kill_at: int) -> None:
    points = Points(kill_at)
    with CloudServices(home, base_url) as services:
        record = services.store.record

        def counted_record(job_id, state, **options):
            points.pass_one(f"before {state}")
            try:
                return record(job_id, state, **options)
            finally:
                points.pass_one(f"after {state}")

        services.store.record = counted_record
        try:
            services.store.get(job_id)
        except JobNotFound:
            services.plan_job(source, {"stems": 2}, job_id=job_id)
        sys.addaudithook(points.see)
        try:
            services.run(job_id)
        except HanolabError as error:
            points.kill_at = 0
            sys.stdout.write(f"{type(error).__name__}: {error}\n")
            sys.exit(error.exit_code)
        points.kill_at = 0
    sys.stdout.write("\n".join(points.names))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), sys.argv[4], int(sys.argv[5]))

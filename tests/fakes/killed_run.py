"""A run of the road in a process that kills itself at a chosen point.

Points are what can be seen from outside between two of which a crash makes a difference: each
file opened for writing, renamed or removed, each folder made, and both sides of each transition
that is recorded. Called as a script: HOME PROJECT JOB_ID KILL_AT; with KILL_AT 0 it runs to the
end and prints how many points there were.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from fakes.services import ShareServices

from hanolab_dawtools.errors import JobNotFound
from hanolab_dawtools.events import NeverStop, ignore_progress
from hanolab_dawtools.jobs.store import JobStore
from hanolab_dawtools.model import RequestKind, Wanted
from hanolab_dawtools.workflows.planning import Asked, make_plans

EVENTS = {"os.rename", "os.remove", "os.mkdir", "shutil.rmtree"}
FIXED_TIME = 1_700_000_000.0  # job.json tells when a job was created


class Points:
    """Counts points, and kills this process at one of them."""

    def __init__(self, kill_at: int) -> None:
        self.kill_at = kill_at
        self.names: list[str] = []

    @property
    def count(self) -> int:
        return len(self.names)

    def pass_one(self, name: str = "") -> None:
        self.names.append(name)
        if self.count == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def see(self, event: str, arguments: tuple) -> None:
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_WRONLY
        if writes or event in EVENTS:
            self.pass_one(f"{event} {arguments[1] if event == 'os.rename' else arguments[0]}")


def main(home: Path, project: Path, job_id: str, kill_at: int) -> None:
    points = Points(kill_at)
    with ShareServices(home) as services:
        services.store = JobStore(home / "data" / "jobs", clock=lambda: FIXED_TIME)
        record = services.store.record

        def counted_record(*arguments, **options):
            points.pass_one()
            try:
                return record(*arguments, **options)
            finally:
                points.pass_one()

        services.store.record = counted_record
        try:
            services.store.get(job_id)
        except JobNotFound:
            asked = Asked(RequestKind.SEPARATE, "share", Wanted(region="Chorus"), {"stems": 2})
            plan = make_plans(asked, services.host(project), services.engine("share"))[0]
            services.create_job(plan, job_id=job_id)
        sys.addaudithook(points.see)
        services.run_job(job_id, stop=NeverStop(), progress=ignore_progress)
        points.kill_at = 0
    sys.stdout.write(f"{points.count}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))

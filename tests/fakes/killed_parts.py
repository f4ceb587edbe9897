"""A sweep in a process that kills itself at a chosen point; see `killed_run`.

Called as a script: HOME PROJECT JOB_ID KILL_AT.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fakes.killed_run import FIXED_TIME, Points
from fakes.services import ShareServices
from fakes.split_engines import SplitEngine

from hanolab_dawtools.errors import JobNotFound
from hanolab_dawtools.events import NeverStop, ignore_progress
from hanolab_dawtools.jobs.store import JobStore
from hanolab_dawtools.model import RequestKind, Wanted
from hanolab_dawtools.workflows.applying import parse_sweep, with_parts
from hanolab_dawtools.workflows.planning import Asked, make_plans


def main(home: Path, project: Path, job_id: str, kill_at: int) -> None:
    points = Points(kill_at)
    with ShareServices(home, SplitEngine()) as services:
        services.store = JobStore(home / "data" / "jobs", clock=lambda: FIXED_TIME)
        record, create = services.store.record, services.store.create

        def counted_record(*arguments, **options):
            points.pass_one()
            try:
                return record(*arguments, **options)
            finally:
                points.pass_one()

        def counted_create(*arguments, **options):
            points.pass_one()
            try:
                return create(*arguments, **options)
            finally:
                points.pass_one()

        services.store.record, services.store.create = counted_record, counted_create
        try:
            services.store.get(job_id)
        except JobNotFound:
            wanted = Wanted(range_seconds=(4.0, 5.0), as_takes=True)
            asked = Asked(RequestKind.CONVERT, "split", wanted, {"voice": "vm_1"})
            plans = make_plans(asked, services.host(project), services.engine("split"))
            (plan,) = with_parts(
                plans, parse_sweep(["protect=0,0.5"]), isolates=False, separator=""
            )
            services.create_job(plan, job_id=job_id)
        sys.addaudithook(points.see)
        services.run_job(job_id, stop=NeverStop(), progress=ignore_progress)
        points.kill_at = 0
    sys.stdout.write(f"{points.count}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))

"""What workers of a test's cluster do orders with: plain acts, held and failed as a test likes.

An order's job says what happens; files in the folder `control` of the setup tell who began, and
hold everybody up while `hold` is there. `FAR_FACTS` in a worker's environment changes its versions.
"""

import json
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hanolab_dawtools.errors import JobCancelled, WeightsMissing
from hanolab_dawtools.events import Progress, ProgressCallback, Stop
from hanolab_dawtools.workers.base import WorkDone, WorkOrder
from hanolab_dawtools.workers.exchange import FolderCarrier
from hanolab_dawtools.workers.far import Site

FACTS = {"Python": "any", "engine": "1"}


def make_site(setup: Mapping[str, Any]) -> Site:
    """A site whose doer is told where `control` is."""
    control = Path(setup["control"])

    def do(order: WorkOrder, stop: Stop, progress: ProgressCallback) -> WorkDone:
        return _done(control, order, stop, progress)

    return Site(do, FolderCarrier(), lambda: FACTS | json.loads(os.environ.get("FAR_FACTS", "{}")))


def _done(control: Path, order: WorkOrder, stop: Stop, progress: ProgressCallback) -> WorkDone:
    (control / f"began-{os.getpid()}").touch()
    progress(Progress("turning round", 0.25, 3.0))
    while (control / "hold").exists():
        if stop.wait(0.05):
            (control / "stopped").touch()
            raise JobCancelled("stopped")
    if order.job.get("dies"):
        os.kill(os.getpid(), signal.SIGKILL)
    if os.environ.get("FAR_LACKS"):
        return WorkDone(failure=WeightsMissing("the weights are not on this machine"))
    source = Path(order.job["source"])
    assert json.loads(order.job["ticket"])["input_path"] == str(source)
    turned, twice = order.folder / "turned" / "ä.wav", order.folder / "twice.wav"
    turned.parent.mkdir()
    turned.write_bytes(source.read_bytes()[::-1])
    twice.write_bytes(2 * turned.read_bytes())
    return WorkDone(
        {
            "turn": {"path": str(turned), "of": str(source)},
            "double": {"stems": [{"path": str(twice)}], "source": str(source), "number": 3},
        }
    )

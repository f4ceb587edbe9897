"""An owner that sends one order to a cluster and waits: a process to be killed.

Its arguments: the scheduler's address, the folder `control` of `far_sites`, and one of its own.
"""

import sys
from pathlib import Path

from fakes import far_sites

from hanolab_dawtools.events import NeverStop, ignore_progress
from hanolab_dawtools.workers.base import WorkOrder
from hanolab_dawtools.workers.cluster.force import Cluster, FarSide
from hanolab_dawtools.workers.exchange import FolderExchange


def main() -> None:
    """Send the order."""
    address, control, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    side = FarSide("fakes.far_sites:make_site", {"control": control}, far_sites.FACTS)
    exchange = FolderExchange(folder, "killed")
    cluster = Cluster(address, side, exchange, scratch=folder / "scratch", stop=NeverStop())
    order = WorkOrder({"id": "J"}, folder / "job", ("turn",))
    cluster.do(order, stop=NeverStop(), progress=ignore_progress)


if __name__ == "__main__":
    main()

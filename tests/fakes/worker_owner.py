"""A program that owns worker processes, to be killed: one argument, the folder of its orders."""

import sys
import threading
from pathlib import Path

from fakes.worker_doers import make_doer, order_of

from hanolab_dawtools.errors import JobCancelled
from hanolab_dawtools.events import ignore_progress
from hanolab_dawtools.workers.processes import WorkerProcesses


def say(what: str) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def main() -> None:
    folder, stop = Path(sys.argv[1]), threading.Event()
    with WorkerProcesses(make_doer, {}, n_workers=2, nice=0) as workforce:
        idle = threading.Thread(
            target=workforce.do,
            args=(order_of("meet", folder),),
            kwargs={"stop": stop, "progress": ignore_progress},
        )
        idle.start()
        workforce.do(order_of("meet", folder), stop=stop, progress=ignore_progress)
        idle.join()
        say("both have met")
        try:  # one of the two works when the owner dies, the other waits for an order
            workforce.do(order_of("wait", folder), stop=stop, progress=ignore_progress)
        except KeyboardInterrupt:
            say("interrupted")
        except JobCancelled:
            say("a worker took the interrupt for its own")


if __name__ == "__main__":
    main()

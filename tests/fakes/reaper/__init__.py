"""A stand-in REAPER for tests: a process of its own, or (`in_process.here`) the test's own.

    with FakeReaper(folder, projects=[spec]) as reaper:
        reaper.install()
        reaper.run_action("HanoLab_show_status.py")

Scripts meet real C functions behind REAPER's own kind of `reaper_python`; `registry` says how
the functions are written, `model` what a project spec is, `misbehaviours` what may go wrong.
"""

from fakes.reaper.client import FakeReaper, ReaperEnded

__all__ = ["FakeReaper", "ReaperEnded"]

"""Actions in REAPER that show something: the status, and the panel."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

from hanolab_dawtools.cli.plans import choose_engine
from hanolab_dawtools.cli.reaper_jobs import jobs_of_reaper
from hanolab_dawtools.cli.reaper_presets import Memory
from hanolab_dawtools.cli.reaper_runs import Action
from hanolab_dawtools.errors import HanolabError, SetupError

FAILS_WITHIN_SECONDS = 2.0  # a panel that cannot open ends sooner
MOST_JOBS = 10
_DETACHED_FLAGS = 0x00000008 | 0x08000000  # Windows: DETACHED_PROCESS, CREATE_NO_WINDOW


def show_status(action: Action) -> None:
    """Show in the console what there is: bridge, engine, account, presets, jobs."""
    services, memory = action.session.services, Memory(action.teller)
    welcome = services.hosts.reapers.channel().welcome
    choice = choose_engine(action.session, None)
    weights = "here" if services.weights.is_installed() else "not fetched yet"
    lines = [
        "HanoLab: status",
        f"  bridge    {welcome['bridge']}, REAPER {welcome['reaper']}, process {welcome['pid']}",
        f"  engine    {choice.name} ({choice.why})",
        f"  weights   {weights}",
        f"  account   {_account(action)}",
        f"  preset    {memory.preset or 'none used yet'}",
        f"  log       {services.folders.logs}",
    ]
    jobs = jobs_of_reaper(action)[:MOST_JOBS]
    lines += [f"  job       {job.id}  {job.state.value:<10}{job.title}" for job in jobs]
    action.screen.show("\n".join(lines if jobs else [*lines, "  jobs      none yet"]))


def _account(action: Action) -> str:
    try:
        return action.session.services.account_text
    except HanolabError as error:
        return f"none: {error}"


def open_panel(action: Action) -> None:
    """Start the panel for this REAPER in a process of its own, which outlives the action.

    Raises
    ------
    SetupError
        It ended at once: there is no screen, or a library is missing.
    """
    pid = action.session.services.hosts.reapers.channel().welcome["pid"]
    detached: dict[str, Any] = {"start_new_session": True}
    if os.name == "nt":
        detached = {"creationflags": _DETACHED_FLAGS}
    words = ["panel", f"reaper:{pid}"]
    command = [sys.executable, "-m", "hanolab_dawtools", *words]
    null = subprocess.DEVNULL
    action.screen.tooltip("the panel opens")
    started = subprocess.Popen(command, stdin=null, stdout=null, stderr=null, **detached)  # noqa: S603
    try:
        code = started.wait(FAILS_WITHIN_SECONDS)
    except subprocess.TimeoutExpired:
        return
    if code != 0:
        raise SetupError(
            f"the panel did not open (exit code {code})",
            hint=f"See why in a terminal: hanolab {' '.join(words)}",
        )

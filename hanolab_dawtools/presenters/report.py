"""What a user sends when something is wrong: versions, checks, the end of the log; no secrets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hanolab_dawtools.logs import LOG_FILE_NAME, without_secrets

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services

TAIL_BYTES = 64_000


def log_tail(services: Services) -> str:
    """The end of the log file, from the start of a line; empty when there is none."""
    path = services.folders.logs / LOG_FILE_NAME
    try:
        with path.open("rb") as stream:
            n_bytes = stream.seek(0, 2)
            stream.seek(max(0, n_bytes - TAIL_BYTES))
            text = stream.read().decode("utf-8", "replace")
    except OSError:
        return ""
    cut = text.partition("\n")[2] if n_bytes > TAIL_BYTES else text
    return without_secrets(cut)


def report_text(services: Services, messages: tuple[str, ...] = ()) -> str:
    """All that helps to find a fault; takes seconds, because everything is looked at."""
    from hanolab_dawtools.presenters.health import run_checks

    lines = ["HanoLab report", ""]
    for check in run_checks(services):
        lines.append(f"{check.health:5} {check.name}: {check.found}")
        if check.hint:
            lines.append(f"      {check.hint}")
    lines += ["", "Messages", *messages, "", "Log", log_tail(services)]
    home = str(Path.home())
    return without_secrets("\n".join(lines)).replace(home, "~")

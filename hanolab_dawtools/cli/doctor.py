"""`hanolab doctor`: whether everything is there that a run needs."""

from __future__ import annotations

import typer

from hanolab_dawtools.cli import options
from hanolab_dawtools.cli.console import Screen
from hanolab_dawtools.errors import SetupError


def doctor(as_json: options.Json = False) -> None:
    """Look whether everything works on this machine, and say how to mend what does not."""
    from hanolab_dawtools.presenters.health import Health, run_checks
    from hanolab_dawtools.services import Services

    screen = Screen(as_json=as_json)
    marks = {Health.GOOD: "ok  ", Health.NOTE: "note", Health.BAD: "BAD "}
    checks = []
    with Services() as services:
        for check in run_checks(services):
            checks.append(check)
            screen.say(f"{marks[check.health]} {check.name:<18}{check.found}")
            if check.hint:
                screen.say(f"{'':<23}{check.hint}")
    screen.document(
        {
            "checks": [
                {
                    "name": check.name,
                    "health": check.health.value,
                    "found": check.found,
                    "hint": check.hint,
                }
                for check in checks
            ]
        }
    )
    bad = sum(check.health is Health.BAD for check in checks)
    if bad:
        raise typer.Exit(SetupError.exit_code)

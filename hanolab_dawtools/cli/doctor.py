"""`hanolab doctor`: whether all is there that a run needs, or what a project or file holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hanolab_dawtools.cli import options
from hanolab_dawtools.cli.console import Screen
from hanolab_dawtools.cli.session import open_session
from hanolab_dawtools.errors import SetupError

if TYPE_CHECKING:
    from hanolab_dawtools.presenters.checks import Check

ProjectOrFile = Annotated[
    Path | None,
    typer.Argument(
        help="A REAPER project (.rpp) or an audio file to report on; without it, this machine.",
        show_default=False,
    ),
]


def doctor(source: ProjectOrFile = None, as_json: options.Json = False) -> None:
    """Look whether everything works on this machine, or what captures of a project would hold.

    A report on a project ends with 0 also when items would be refused, as a capture of it would.
    """
    screen = Screen(as_json=as_json)
    if source is None:
        _check_machine(screen)
    else:
        _report(screen, source.absolute())


def _report(screen: Screen, source: Path) -> None:
    from hanolab_dawtools.presenters.surveys import make_report
    from hanolab_dawtools.workflows.stored import to_json

    with open_session(screen) as session, screen.progress() as progress:
        survey = session.services.survey(source, stop=session.stop, progress=progress)
    report = make_report(survey)
    for number, section in enumerate(report.sections):
        screen.say(f"\n{section.title}" if number else section.title)
        screen.table(section.headings, section.rows)
    screen.document({report.kind: to_json(survey)})


def say_check(screen: Screen, check: Check) -> None:
    """Print what was looked at, what was found, and what to do about it."""
    from hanolab_dawtools.presenters.checks import Health

    marks = {Health.GOOD: "ok  ", Health.NOTE: "note", Health.BAD: "BAD "}
    screen.say(f"{marks[check.health]} {check.name:<18}{check.found}")
    if check.hint:
        screen.say(f"{'':<23}{check.hint}")


def _check_machine(screen: Screen) -> None:
    from hanolab_dawtools.presenters.checks import Health
    from hanolab_dawtools.presenters.health import run_checks
    from hanolab_dawtools.services import Services

    checks = []
    with Services() as services:
        for check in run_checks(services):
            checks.append(check)
            say_check(screen, check)
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

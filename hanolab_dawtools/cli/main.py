"""The command `hanolab`: its commands, and the one place where an error becomes an exit code."""

from __future__ import annotations

import errno
import sys
from typing import Annotated, NoReturn

import typer

from hanolab_dawtools import __version__
from hanolab_dawtools.cli import demo, doctor, jobs, separate, weights
from hanolab_dawtools.cli.console import Screen, error_document
from hanolab_dawtools.errors import HanolabError, JobCancelled, OutputError

EXIT_CODES = """Exit codes:

0 done
1 internal error
2 wrong usage
3 bad audio, project or selection
6 something must be set up first
7 job store
8 cannot write
75 try later
130 stopped or declined"""

app = typer.Typer(
    name="hanolab",
    help="Stems for REAPER: a region comes back as new tracks, aligned to the sample.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
app.command("separate", help=separate.separate.__doc__)(separate.separate)
app.add_typer(jobs.app, name="jobs")
app.add_typer(weights.app, name="weights")
app.command("doctor")(doctor.doctor)
app.command("demo")(demo.demo)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"hanolab_dawtools {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", is_eager=True, callback=_print_version
        ),
    ] = False,
) -> None:
    """Take the options that stand before a command."""


def run() -> None:
    """Entry point: run a command; every failure is one sentence and a documented exit code."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")  # file names may be no text
    screen = Screen(as_json="--json" in sys.argv[1:])
    try:
        try:
            app(prog_name="hanolab")
        finally:
            sys.stdout.flush()  # what cannot be printed shall be told, not lost at the exit
    except HanolabError as error:
        _end(screen, error)
    except KeyboardInterrupt:
        _end(screen, JobCancelled("stopped at once", hint="See `hanolab jobs`."))
    except BrokenPipeError:  # the reader of our output has gone: not our failure
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EIO}:
            sys.stdout = sys.stderr  # it is the output that cannot be written
            _end(screen, OutputError(f"cannot print the result: {error.strerror}"))
        import logging

        logging.getLogger("hanolab_dawtools").critical("internal error", exc_info=error)
        _end(
            screen,
            HanolabError(
                f"internal error: {type(error).__name__}: {error}",
                hint="This is a defect of the program; the log has the details (`hanolab doctor`).",
            ),
        )


def _end(screen: Screen, error: HanolabError) -> NoReturn:
    screen.error(error)
    screen.document({"error": error_document(error)})
    sys.exit(error.exit_code)

"""The command `hanolab`: its commands, and the one place where an error becomes an exit code."""

from __future__ import annotations

import errno
import sys
from typing import Annotated, Any, NoReturn

import typer

from hanolab_dawtools import __version__
from hanolab_dawtools.cli import (
    apply,
    batch,
    convert,
    demo,
    doctor,
    generate,
    jobs,
    login,
    panel,
    plugins,
    presets,
    reaper,
    sandbox,
    separate,
    storage,
    voices,
    weights,
)
from hanolab_dawtools.cli.console import Screen, error_document
from hanolab_dawtools.cli.help_text import unwrap
from hanolab_dawtools.cli.streams import discard_output, prepare_streams
from hanolab_dawtools.errors import HanolabError, JobCancelled, OutputError, UsageError

EXIT_CODES = """Exit codes:

0 done
1 internal error; of a batch: a cell failed
2 wrong usage
3 bad audio, project or selection
4 the cloud failed
5 REAPER is not there, or refused
6 something must be set up first
7 job store
8 cannot write
75 try later
77 key, plan or credits
130 stopped or declined"""

_WrongUsage: Any = typer.BadParameter.__bases__[0]  # typer's own, or click's in older versions

app = typer.Typer(
    name="hanolab",
    help="Stems, voices and music for REAPER: a region comes back as new tracks, to the sample.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
app.command("separate", help=separate.separate.__doc__)(separate.separate)
app.command("convert")(convert.convert)
app.command("generate")(generate.generate)
app.command("apply")(apply.apply)
app.command("batch")(batch.batch)
app.add_typer(presets.app, name="presets")
app.add_typer(plugins.app, name="plugins")
app.add_typer(jobs.app, name="jobs")
app.add_typer(reaper.app, name="reaper")
app.command("panel")(panel.panel)
app.command("voices")(voices.voices)
app.command("login")(login.login)
app.command("logout")(login.logout)
app.add_typer(storage.app, name="storage")
app.command("sandbox")(sandbox.sandbox)
app.add_typer(weights.app, name="weights")
app.command("doctor")(doctor.doctor)
app.command("demo")(demo.demo)
unwrap(app)


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
    prepare_streams()
    screen = Screen(as_json="--json" in sys.argv[1:])
    try:
        try:
            code = app(prog_name="hanolab", standalone_mode=False)
            if code == JobCancelled.exit_code:  # what typer makes of a Ctrl-C
                raise KeyboardInterrupt
        finally:
            sys.stdout.flush()  # what cannot be printed shall be told, not lost at the exit
    except HanolabError as error:
        _end(screen, error)
    except _WrongUsage as error:
        if not error.format_message():  # a command without arguments has shown its help
            sys.exit(UsageError.exit_code)
        _end(screen, _usage_error(error))
    except (KeyboardInterrupt, typer.Abort):
        _end(screen, JobCancelled("stopped at once", hint="See `hanolab jobs`."))
    except Exception as error:
        if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EIO}:
            discard_output()
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
    sys.exit(code if isinstance(code, int) else 0)  # a number when a command raised typer.Exit


def _usage_error(error: Any) -> UsageError:
    """What typer says about a wrong option, in our own form."""
    text = error.format_message().rstrip(".").replace("Value error, ", "")
    command = error.ctx.command_path if error.ctx is not None else "hanolab"
    return UsageError(f"{text[:1].lower()}{text[1:]}", hint=f"See: {command} --help")


def _end(screen: Screen, error: HanolabError) -> NoReturn:
    screen.error(error)
    screen.document({"error": error_document(error)})
    sys.stdout.flush()
    sys.exit(error.exit_code)

"""`hanolab batch`: regions x tracks x presets, as one run whose cells are jobs of their own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hanolab_dawtools.cli import options
from hanolab_dawtools.cli.option_groups import Talk, spread
from hanolab_dawtools.cli.session import Session, open_session
from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.host_choice import is_running_reaper, source_path

if TYPE_CHECKING:
    from hanolab_dawtools.jobs.model import Batch
    from hanolab_dawtools.workflows.batch.model import BatchAsked, BatchOptions, Matrix

_WHAT = "What to take"
_WHERE = "Where it goes"
_HOW = "How it runs"

Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="sources",
        help="REAPER projects (.rpp), audio files, folders of them, lists of them (.txt), "
        "s3://bucket/prefix, or reaper: what is selected there.",
        show_default=False,
    ),
]
Presets = Annotated[
    list[str] | None,
    typer.Option(
        "--preset",
        "-p",
        metavar="NAME|FILE",
        help="What is done to each; may be repeated. See: hanolab presets.",
        rich_help_panel=_WHAT,
    ),
]
Regions = Annotated[
    list[str] | None,
    typer.Option(
        metavar="GLOB|N",
        help="Regions by name or number; may be repeated. Default: the time selection, else all.",
        rich_help_panel=_WHAT,
    ),
]
RenderMatrix = Annotated[
    bool,
    typer.Option(
        "--render-matrix",
        help="REAPER's region render matrix says which track goes with which region.",
        rich_help_panel=_WHAT,
    ),
]
Assignments = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Change the presets for this run: job.stems=4; may be repeated.",
        rich_help_panel=_WHAT,
    ),
]
Output = Annotated[
    str | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FOLDER",
        help="Only write files, into this folder or s3://bucket/prefix; it may hold $source, "
        "$folder, $region, $track and $preset.",
        rich_help_panel=_WHERE,
    ),
]
NJobs = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        "-j",
        metavar="N",
        min=1,
        max=1024,
        help="Worker processes on this machine; default: one for each core.",
        rich_help_panel=_HOW,
    ),
]
Memory = Annotated[
    str | None,
    typer.Option(
        metavar="SIZE",
        help="What the workers may use together (4GB); default: most of what is free.",
        rich_help_panel=_HOW,
    ),
]
Cluster = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS|local:N",
        help="A dask scheduler whose workers do the local work; see docs/cluster.md.",
        rich_help_panel=_HOW,
    ),
]
OnlyFailed = Annotated[
    bool,
    typer.Option(
        "--only-failed",
        help="Try the failed cells of the newest batch again that asked the same.",
        rich_help_panel=_HOW,
    ),
]


@dataclass(frozen=True)
class Cells:
    """What the cells of the matrix are."""

    presets: Presets = None
    regions: Regions = None
    tracks: options.Tracks = None
    each: options.Each = None
    render_matrix: RenderMatrix = False
    engine: options.EngineName = None
    set_: Assignments = None


@dataclass(frozen=True)
class HowRun:
    """How a batch runs, which has no effect on what comes of it."""

    jobs: NJobs = None
    memory: Memory = None
    cluster: Cluster = None
    no_wait: options.NoWait = False

    def options(self) -> BatchOptions:
        """As the batch is told.

        Raises
        ------
        UsageError
            The memory is no size.
        """
        from hanolab_dawtools.workers.limits import parse_bytes
        from hanolab_dawtools.workflows.batch.model import BatchOptions

        memory_bytes = parse_bytes(self.memory) if self.memory is not None else None
        return BatchOptions(
            self.jobs, memory_bytes, self.cluster or "", is_patient=not self.no_wait
        )


@dataclass(frozen=True)
class Going(HowRun):
    """How it runs, and which of its cells."""

    only_failed: OnlyFailed = False


@spread
def batch(
    sources: Sources,
    *,
    cells: Cells,
    keep_source: options.KeepSource = False,
    output: Output = None,
    max_credits: options.MaxCredits = None,
    again: options.Again = False,
    going: Going,
    talk: Talk,
) -> None:
    """Apply presets to many regions, tracks and files, in one run.

    Each region of each track with each preset is a cell: a job of its own. What failed or was
    stopped goes on with: hanolab jobs resume BATCH
    """
    with open_session(talk.screen()) as session:
        from hanolab_dawtools.workflows.batch.model import BatchAsked

        asked = BatchAsked(
            sources=tuple(map(_whole, sources)),
            presets=tuple(map(_whole_preset, cells.presets or ())),
            regions=tuple(cells.regions or ()),
            tracks=tuple(cells.tracks or ()),
            grouping=cells.each,
            engine=_engine(cells.engine),
            output=None if output is None else _whole(output),
            keep_source=keep_source,
            uses_render_matrix=cells.render_matrix,
            max_credits=max_credits,
            again=again,
            assignments=tuple(cells.set_ or ()),
        )
        run_options = going.options()
        if going.only_failed:
            _run_failed(session, asked, run_options, talk)
            return
        matrix = session.services.batching.plan(asked, stop=session.stop)
        if talk.dry_run:
            _show(session, matrix)
        else:
            _run_new(session, asked, matrix, run_options, talk)


def _show(session: Session, matrix: Matrix) -> None:
    """Say what would be done."""
    from hanolab_dawtools.cli.batch_documents import matrix_document
    from hanolab_dawtools.cli.batch_dry_run import show_matrix

    show_matrix(session.screen, matrix)
    session.screen.document({"matrix": matrix_document(matrix)})


def _run_new(
    session: Session, asked: BatchAsked, matrix: Matrix, run_options: BatchOptions, talk: Talk
) -> None:
    """Agree with the user, store the batch, and run it."""
    from hanolab_dawtools.cli.batch_documents import done_document, left_out_document
    from hanolab_dawtools.cli.batch_dry_run import show_engines, show_left_out
    from hanolab_dawtools.cli.batch_paid import agree_to_cells
    from hanolab_dawtools.cli.batch_running import run_batch
    from hanolab_dawtools.presenters.batch_words import done_already_text
    from hanolab_dawtools.workflows.batch.model import Forecast

    screen = session.screen
    show_left_out(screen, matrix)
    if not matrix.to_run:
        screen.say(done_already_text(matrix))
        screen.document(done_document(matrix))
        return
    show_engines(screen, matrix)
    agree_to_cells(session, matrix, yes=talk.yes)
    ensure_weights_for(session, matrix, yes=talk.yes)
    stored = session.services.batching.create(asked, matrix)
    screen.note(f"batch      {stored.id}")
    run_batch(
        *(session, stored.id, run_options),
        is_new=True,
        done_before=[cell for cell in matrix.cells if cell.forecast is Forecast.DONE],
        more={"left_out": left_out_document(matrix), "remarks": list(matrix.remarks)},
    )


def ensure_weights_for(session: Session, matrix: Matrix, *, yes: bool) -> None:
    """Fetch the network's weights if a cell separates here and they are missing."""
    from hanolab_dawtools.model import RequestKind
    from hanolab_dawtools.workflows.parts import leaves

    runs = [run for cell in matrix.to_run for run in leaves(cell.plan)]
    if any(run.engine == "local" and run.kind is RequestKind.SEPARATE for run in runs):
        from hanolab_dawtools.cli.weights import ensure_weights

        ensure_weights(session, yes=yes)


def _run_failed(session: Session, asked: BatchAsked, run_options: BatchOptions, talk: Talk) -> None:
    """Go on with the failed cells of the newest batch that asked the same."""
    from hanolab_dawtools.cli.resuming import resume_batch

    if talk.dry_run:
        raise UsageError(
            "--only-failed and --dry-run exclude each other",
            hint="See the failed cells with: hanolab jobs show BATCH",
        )
    found = newest_batch(session, asked)
    session.screen.note(f"batch      {found.id}")
    resume_batch(session, found, run_options, only_failed=True, yes=talk.yes)


def newest_batch(session: Session, asked: BatchAsked) -> Batch:
    """The newest batch that asked the same.

    Raises
    ------
    UsageError
        None did.
    """
    from hanolab_dawtools.workflows.stored import to_json

    wanted = to_json(asked)
    for stored in session.services.store.batches.list():
        if stored.plan.get("asked") == wanted:
            return stored
    raise UsageError(
        "no batch before this one asked the same, so none of its cells has failed",
        hint="Leave --only-failed out; or name the batch: hanolab jobs resume BATCH --only-failed",
    )


def _engine(option: str | None) -> str | None:
    from hanolab_dawtools.cli.plans import ENGINES

    if option is not None and option not in ENGINES:
        raise UsageError(
            f"--engine {option!r}: there is no such engine", hint=f"Engines: {', '.join(ENGINES)}."
        )
    return option


def _whole(source: str) -> str:
    """A source or folder so that it means the same from any working folder."""
    if not source:
        raise UsageError("a source or folder is empty", hint="Name a file or a folder.")
    path = source_path(source)
    if "://" in source or is_running_reaper(path):
        return source
    return str(path.expanduser().absolute())


def _whole_preset(name: str) -> str:
    is_file = name.lower().endswith(".toml")
    return str(Path(name).expanduser().absolute()) if is_file else name

"""A folder as a host: a place for music that was made of nothing. Nothing is selected in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hanolab_dawtools.errors import HanolabError, SelectionError, UsageError
from hanolab_dawtools.events import ProgressCallback, Stop
from hanolab_dawtools.hosts.base import HostMatrix, MatrixWanted
from hanolab_dawtools.hosts.stem_folder import each_placed, put_pieces
from hanolab_dawtools.model import Capture, HostName, Selection, Wanted
from hanolab_dawtools.placement import Placed, Placement


class FolderHost:
    """The host of one folder, which need not exist yet; implements `hosts.base.Host`."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    def selections(self, wanted: Wanted) -> list[Selection]:
        """Nothing can be selected in a folder.

        Raises
        ------
        SelectionError
            Always.
        """
        raise self._nothing_to_select()

    def matrix(self, wanted: MatrixWanted) -> HostMatrix:
        """Nothing can be selected in a folder.

        Raises
        ------
        SelectionError
            Always.
        """
        raise self._nothing_to_select()

    def capture(
        self,
        selection: Selection,
        folder: Path,
        *,
        handle_seconds: float,
        stop: Stop,
        progress: ProgressCallback,
    ) -> Capture:
        """Nothing can be captured from a folder.

        Raises
        ------
        SelectionError
            Always.
        """
        raise self._nothing_to_select()

    def spot(self, name: str, start_seconds: float, end_seconds: float) -> Selection:
        """A place in the folder for something of this name; see `hosts.base.Host`.

        Raises
        ------
        UsageError
            The path is a file.
        """
        if self.path.exists() and not self.path.is_dir():
            raise UsageError(f"--output {self.path} is a file", hint="Name a folder.")
        return Selection(
            HostName.FOLDER, self.path, name, start_seconds, end_seconds, "a folder for new music"
        )

    def place(self, placement: Placement) -> Placed:
        """Put the files into the folder, under names that nothing has there; see `put_pieces`.

        Raises
        ------
        NotWritable, DiskFull
            Nothing of this call is left behind.
        """
        return put_pieces(self.path, placement).placed

    def place_all(self, placements: Sequence[Placement]) -> list[Placed | HanolabError]:
        """Put the files of one job after the other; one that fails holds up no other."""
        return each_placed(self.place, placements)

    def _nothing_to_select(self) -> SelectionError:
        return SelectionError(
            f"{self.path} is a folder",
            hint="Name a project file (.rpp) or an audio file.",
        )

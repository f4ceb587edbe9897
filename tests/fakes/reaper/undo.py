"""Undo as REAPER has it: whole states with a label, blocks that must be closed.

What changed since the last point without making one belongs to no step, and is lost by an undo.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.reaper.state import State, freeze, thaw

if TYPE_CHECKING:
    from fakes.reaper.project import Project


class History:
    """The undo steps of one project; `open_blocks` is how many Begin have no End yet."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._steps: list[tuple[str, State]] = [("", freeze(project))]
        self._now = 0
        self.open_blocks = 0

    @property
    def labels(self) -> list[str]:
        """What can be undone, oldest first."""
        return [label for label, _state in self._steps[1 : self._now + 1]]

    @property
    def next_undo(self) -> str | None:
        return self._steps[self._now][0] if self._now else None

    @property
    def next_redo(self) -> str | None:
        later = self._steps[self._now + 1 :]
        return later[0][0] if later else None

    def begin(self) -> None:
        self.open_blocks += 1

    def end(self, label: str, flags: int) -> None:
        """Close a block; only the outermost makes a step, and none is made without flags."""
        if self.open_blocks == 0:
            self._project.host.show_error("Stand-in", f"Undo_EndBlock2({label!r}) without a begin")
            return
        self.open_blocks -= 1
        if self.open_blocks == 0 and flags:
            self.add(label)

    def add(self, label: str) -> None:
        """A step of its own, as a user's edit makes one; within a block it is part of that."""
        if self.open_blocks:
            return
        del self._steps[self._now + 1 :]
        self._steps.append((label, freeze(self._project)))
        self._now += 1
        self._project.touch()

    def undo(self) -> bool:
        return self._go(self._now - 1)

    def redo(self) -> bool:
        return self._go(self._now + 1)

    def _go(self, step: int) -> bool:
        if not 0 <= step < len(self._steps):
            return False
        self._now = step
        thaw(self._project, self._steps[step][1])
        self._project.touch()
        return True

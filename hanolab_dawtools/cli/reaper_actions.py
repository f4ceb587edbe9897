"""What the actions in REAPER's action list do, each in a process of its own."""

from __future__ import annotations

from pathlib import Path

from hanolab_dawtools.errors import UsageError

ACTIONS = (
    "open-panel",
    "separate-2",
    "separate-4",
    "separate-6",
    "convert-with-last-preset",
    "apply-last-preset",
    "choose-preset-and-apply",
    "batch-render-selected-tracks",
    "import-results",
    "cancel",
    "show-status",
)


def run_action(name: str, bridge: Path) -> None:
    """Do an action through the bridge whose port file is named.

    Raises
    ------
    UsageError
        There is no such action.
    """
    if name not in ACTIONS:
        raise UsageError(f"there is no action {name!r}", hint=f"Actions: {', '.join(ACTIONS)}.")

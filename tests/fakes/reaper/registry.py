"""Where the functions and actions of the stand-in are written down.

A module `api_*.py` defines them; `load()` imports all of these modules once.

    @api("GetSetMediaTrackInfo_String")
    def get_set_track_string(host, track, key, text, is_set): ...

- The function gets the `Host`, then ONE argument for EVERY C parameter, in order:
  `MediaTrack*` and the like: the model's object, None for NULL (a stale or wrong-typed address
  has crashed the host before); `ReaProject*`: the project, for NULL the active one;
  `const char*`: str, None for NULL; `char*`, `int*`, `double*`, `bool*`, `const char**`: the value
  the caller's buffer holds now (None for a NULL pointer); `bool`: bool; any other pointer (`void*`,
  `HWND`, a parameter named in `raw`): the address, an int.
- It returns the value; where there are parameters the callee writes (`char*`, `int*`, `double*`,
  `bool*`, `const char**`, `Object**`: not const), `(value, *outputs)` with one output for each
  of them in order; the value of a void function is None. An output None leaves the buffer alone.
  A `char*` followed by an `int ..._sz` is cut to that size, as REAPER does.
- Return values: a model object (or None for NULL), str or None for `const char*`, numbers.
- The C declaration and the version that brought the function stand in `functions.json`.

    @action(40289)
    def unselect_all_items(host, project): ...

An action runs on a project (Main_OnCommandEx; the active one for Main_OnCommand).

What the model (`model.py`) gives the machinery:
- classes with `c_type = "MediaTrack*"` ("ReaProject*", "MediaItem*", "MediaItem_Take*",
  "PCM_source*", "TrackEnvelope*", "ProjectMarker*") and `.project` (None: a source no take has).
- `make_project(host, spec) -> Project`; a Project has `.path`, `.is_dirty`, `.snapshot() -> dict`,
  `.edit(change: dict)`, `.undo() -> bool`, `.redo() -> bool`, `.undo_labels: list[str]`,
  `.objects()` (all living objects of it, for closing the tab).
- an object that ceases to be calls `host.addresses.free(thing)`; after that its address is stale.

What the host (`host.py`) gives the model: `.version` (7, 22), `.has(misbehaviour)`,
`.addresses`, `.projects` (the tabs), `.active_project`, `.resource_path`, `.record_path`,
`.device_rate`, `.ask_dialog(title, text, kind) -> answer` (modal: the loop waits for the test),
`.log(text)`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Registered:
    """A function of the API: its Python side, and the parameters it takes as addresses."""

    function: Callable[..., Any]
    raw: frozenset[str]


FUNCTIONS: dict[str, Registered] = {}
ACTIONS: dict[int, Callable[..., Any]] = {}


def api(name: str, raw: tuple[str, ...] = ()) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        if name in FUNCTIONS:
            raise ValueError(f"{name} is registered twice")
        FUNCTIONS[name] = Registered(function, frozenset(raw))
        return function

    return register


def action(command: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        if command in ACTIONS:
            raise ValueError(f"action {command} is registered twice")
        ACTIONS[command] = function
        return function

    return register


def load() -> None:
    """Import every `api_*` module of this folder, so that their functions are registered."""
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if module.name.startswith("api_"):
            importlib.import_module(f"fakes.reaper.{module.name}")

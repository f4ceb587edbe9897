"""Options that go together, as one parameter of a command, and what they mean together.

A command marked with `spread` names a group; typer sees the group's fields as options of the
command, in their order.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from inspect import Parameter
from typing import Any, get_type_hints

from hanolab_dawtools.cli import options
from hanolab_dawtools.cli.console import Screen
from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.model import CapturePoint, Wanted


@dataclass(frozen=True)
class Selected:
    """What to take."""

    region: options.Region = None
    range_: options.Range = None
    tracks: options.Tracks = None
    each: options.Each = None
    capture: options.Point = CapturePoint.ITEM

    def wanted(self, *, takes: bool) -> Wanted:
        """What the options say of the selection.

        Raises
        ------
        UsageError
            The region's name is empty, or the range is none.
        """
        if self.region == "":
            raise UsageError("--region is empty", hint="Name a region, or leave it out.")
        return Wanted(
            self.region,
            options.parse_range(self.range_),
            tuple(self.tracks or ()),
            self.each,
            self.capture or CapturePoint.ITEM,
            takes,
        )


@dataclass(frozen=True)
class SelectedBeside(Selected):
    """What to take, where a preset says it too: without the option its capture point counts."""

    capture: options.Point = None


@dataclass(frozen=True)
class Target:
    """Where it goes."""

    keep_source: options.KeepSource = False
    takes: options.Takes = False
    to: options.To = None
    output: options.Output = None


@dataclass(frozen=True)
class Paid:
    """Work in the cloud."""

    input_url: options.InputUrl = None
    max_credits: options.MaxCredits = None
    again: options.Again = False


@dataclass(frozen=True)
class Talk:
    """What is printed, asked, and done at all."""

    dry_run: options.DryRun = False
    yes: options.Yes = False
    as_json: options.Json = False
    quiet: options.Quiet = False

    def screen(self) -> Screen:
        """The screen that prints so."""
        return Screen(as_json=self.as_json, quiet=self.quiet)


def spread(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the fields of its groups as parameters of its own."""
    groups: dict[str, Any] = {}
    shown: list[Parameter] = []
    for name, parameter in inspect.signature(command, eval_str=True).parameters.items():
        group = parameter.annotation
        if not is_dataclass(group):
            shown.append(parameter.replace(kind=Parameter.KEYWORD_ONLY))
            continue
        groups[name] = group
        hints = get_type_hints(group, include_extras=True)
        shown += [
            Parameter(
                one.name, Parameter.KEYWORD_ONLY, default=one.default, annotation=hints[one.name]
            )
            for one in fields(group)
        ]

    @functools.wraps(command)
    def run(**given: Any) -> None:
        for name, group in groups.items():
            given[name] = group(**{one.name: given.pop(one.name) for one in fields(group)})
        command(**given)

    run.__annotations__ = {one.name: one.annotation for one in shown} | {"return": None}
    run.__signature__ = inspect.Signature(shown)  # type: ignore[attr-defined] # what typer reads
    return run

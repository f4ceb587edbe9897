"""What a preset needs beyond the program, and whether it is here."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hanolab_dawtools.cli.console import Screen
from hanolab_dawtools.cli.session import Session
from hanolab_dawtools.errors import CloudError, NoKeychain, NotLoggedIn

if TYPE_CHECKING:
    from hanolab_dawtools.presets.needs import Need
    from hanolab_dawtools.presets.schema import Preset


@dataclass(frozen=True)
class NeedState:
    """A need, and whether it is met: True, False, or None when nobody could be asked."""

    need: Need
    is_met: bool | None
    remark: str = ""

    @property
    def text(self) -> str:
        """One line on it."""
        state = {True: "is here", False: "is missing", None: "was not looked up"}[self.is_met]
        way_out = f": {self.need.way_out}" if self.is_met is False else ""
        remark = f" ({self.remark})" if self.remark else ""
        return f"{self.need.kind} {self.need.name!r} {state}{remark}{way_out}"

    def document(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {
            "kind": str(self.need.kind),
            "field": self.need.field,
            "name": self.need.name,
            "is_met": self.is_met,
            "remark": self.remark,
            "way_out": self.need.way_out,
        }


def needs_with_state(session: Session, preset: Preset) -> list[NeedState]:
    """Each need of a preset; voices are looked up when an account is logged in."""
    from hanolab_dawtools.presets.needs import NeedKind, missing_needs, needs_of, with_own_voice

    needs = needs_of(preset)
    if not needs:
        return []
    voices, why_not = None, ""
    if any(need.kind is NeedKind.VOICE for need in needs):
        voices, why_not = voices_of_account(session)
    missing = missing_needs(preset, voices=voices, plugins=session.services.plugins.installed())
    own = with_own_voice(preset, voices or {})
    states = []
    for need in needs:
        is_met: bool | None = need not in missing
        remark = ""
        if need.kind is NeedKind.VOICE:
            if voices is None:
                is_met, remark = None, why_not
            elif own != preset:
                remark = f"in your account it is {own.job.voice.id}"  # type: ignore[union-attr]  # has one
        states.append(NeedState(need, is_met, remark))
    return states


def say_list(screen: Screen, heading: str, sentences: Sequence[str]) -> None:
    """Print sentences under a heading, numbered and wrapped; nothing when there are none."""
    if sentences:
        screen.say(f"\n{heading}")
    for number, sentence in enumerate(sentences, 1):
        say_wrapped(screen, sentence, lead=f"  {number}. ")


def say_wrapped(screen: Screen, text: str, *, lead: str = "") -> None:
    """Print a text at the terminal's width, further lines under the first one's text."""
    width = screen.out.width if screen.out.is_terminal else sys.maxsize
    for line in textwrap.wrap(
        text,
        width,
        initial_indent=lead,
        subsequent_indent=" " * len(lead),
        break_long_words=False,
        break_on_hyphens=False,
    ):
        screen.say(line)


def voices_of_account(session: Session) -> tuple[Mapping[str, str] | None, str]:
    """Names of the account's voice models by id; or None, and why they are not known."""
    try:
        models = session.services.client().voice_models(stop=session.stop)
    except (NotLoggedIn, NoKeychain):
        return None, "not logged in"
    except CloudError as error:
        return None, str(error)
    return {model.id: model.name for model in models}, ""

"""Commands by which the program outside talks with the user in REAPER, and remembers things."""

from __future__ import annotations

import base64

from hanolab_facts import name_of
from hanolab_protocol import Busy
from hanolab_reascript import HostFault

SECTION = "hanolab"  # of the ExtStates that outlive the session
_OK_BOX, _YES_NO_BOX = 0, 4  # MB: kinds
_ANSWERS = {1: "ok", 6: "yes", 7: "no"}  # ... and what it gives
_QUIET_SINCE = (7, 0)  # "!SHOW:" is a prefix from there on, and text before
_TOOLTIP_OFFSET = 16  # pixels right of and below the mouse, so that the tip is not under it
_TEXT_LETTERS = 4000
_FIELD_LETTERS = 1000
_MARK = "base64:"  # of what we remember, so that an empty text is something


def say(api, sentence):
    """One line in REAPER's console, which opens."""
    api.ShowConsoleMsg("HanoLab: " + sentence.replace("\0", " ") + "\n")


def _text(arguments, name, default=None):
    """An argument that must be text, without NUL and of bounded length."""
    value = arguments.get(name, default)
    if not isinstance(value, str):
        raise HostFault("bad_arguments", f"{name} is not a text")
    return value.replace("\0", " ")[:_TEXT_LETTERS]


def ping(face, arguments):
    """Answer, to show that somebody is there."""
    return {}


def status(face, arguments):
    """The open tabs and the version; the bridge adds how many clients it has."""
    api = face.api
    current = api.EnumProjects(-1)[0]
    tabs = []
    for project, path in face.projects():
        tabs.append(
            {
                "tab": face.tab_text(project),
                "path": path or "",
                "name": name_of(path or ""),
                "is_current": project == current,
                "is_dirty": api.IsProjectDirty(project) != 0,
                "n_tracks": api.CountTracks(project),
                "change_count": api.GetProjectStateChangeCount(project),
            }
        )
    return {"tabs": tabs, "reaper": face.version, "resource_path": api.GetResourcePath() or ""}


def tell(face, arguments):
    """Show `text` in the console, beside the mouse, or in the console without opening it."""
    kind, text = arguments.get("kind", "console"), _text(arguments, "text")
    api = face.api
    if kind == "tooltip":
        x, y = api.GetMousePosition()
        # the text may be taken as a format: a percent sign there would read wild memory
        shown = text.replace("%", " percent")
        api.TrackCtl_SetToolTip(shown, x + _TOOLTIP_OFFSET, y + _TOOLTIP_OFFSET, True)
    elif kind == "console":
        api.ShowConsoleMsg(text + "\n")
    elif kind == "quiet_console":
        quiet = "!SHOW:" if face.version_number >= _QUIET_SINCE else ""
        api.ShowConsoleMsg(quiet + text + "\n")
    else:
        raise HostFault("bad_arguments", f"there is no kind {kind!r} of telling")
    return {}


def ask(face, arguments):
    """Put a message box up and wait for the user's answer; REAPER stands still meanwhile."""
    title, text = _text(arguments, "title"), _text(arguments, "text")
    buttons = arguments.get("buttons", "ok")
    if buttons not in ("ok", "yes_no"):
        raise HostFault("bad_arguments", f"there are no buttons {buttons!r}")
    yield Busy("asking")
    box = _YES_NO_BOX if buttons == "yes_no" else _OK_BOX
    answer = face.api.MB(text, title, box)
    # a box that was closed some other way is no consent
    return {"answer": _ANSWERS.get(answer, "no" if buttons == "yes_no" else "ok")}


def prompt(face, arguments):
    """Let the user type one line; null when he declines."""
    title, caption = _text(arguments, "title"), _text(arguments, "caption")
    text = " ".join(_text(arguments, "text", "").split())[:_FIELD_LETTERS]
    yield Busy("asking")
    # fields are parted by commas: in the caption none may stand, in the answer line ends part
    caption = " ".join(caption.replace(",", ";").lstrip("*").split())
    is_given, typed = face.api.GetUserInputs(
        title, 1, caption + ",extrawidth=240,separator=\n", text
    )
    return {"text": (typed or "").split("\n")[0] if is_given else None}


def _key(arguments):
    key = arguments.get("key")
    is_plain = isinstance(key, str) and key.replace("_", "").replace("-", "").isalnum()
    if not is_plain or any(ord(letter) > 127 for letter in key):
        raise HostFault("bad_arguments", "a key is letters, digits, _ and -")
    return key


def remember(face, arguments):
    """Keep a text in REAPER's own store, across sessions."""
    key, value = _key(arguments), arguments.get("value")
    if not isinstance(value, str):
        raise HostFault("bad_arguments", "value is not a text")
    # one line of ASCII is what the store keeps whole
    kept = _MARK + base64.b64encode(value.encode("utf-8", "surrogatepass")).decode("ascii")
    face.api.SetExtState(SECTION, key, kept, True)
    if face.api.GetExtState(SECTION, key) != kept:
        raise HostFault("refused", f"REAPER does not keep {key}")
    return {}


def recall(face, arguments):
    """What was remembered; null when nothing was, or what is there is not ours."""
    kept = face.api.GetExtState(SECTION, _key(arguments)) or ""
    if not kept.startswith(_MARK):
        return {"value": None}
    try:
        value = base64.b64decode(kept[len(_MARK) :].encode("ascii"), validate=True)
        return {"value": value.decode("utf-8", "surrogatepass")}
    except ValueError:
        return {"value": None}


COMMANDS = {
    "ask": ask,
    "ping": ping,
    "prompt": prompt,
    "recall": recall,
    "remember": remember,
    "status": status,
    "tell": tell,
}

"""Whether the items that were captured are still as they were."""

from __future__ import annotations

import os

from hanolab_calls import HostFault
from hanolab_place_split import item_label

_NEAR_SECONDS = 1e-9
_ITEM = (("position_seconds", "D_POSITION"), ("length_seconds", "D_LENGTH"))
_TAKE = (("source_offset_seconds", "D_STARTOFFS"), ("play_rate", "D_PLAYRATE"))


def check_guard(changes, guard):
    """Refuse to put stems beside music that they were not made of.

    Raises HostFault "gone" when an item is not there any more, "changed" when it differs.
    """
    for fact in guard:
        item = _find(changes, fact)
        what = _difference(changes.face, item, fact)
        if what:
            raise HostFault(
                "changed",
                f"{item_label(changes, item)} was changed since it was captured: {what}",
                "Undo that change and resume the job, or run it again.",
            )


def _find(changes, fact):
    item = changes.find(fact["item_id"])
    if not item:
        raise HostFault(
            "gone",
            "an item that was captured is no longer in the project",
            "Undo its deletion and resume the job; the stems are kept.",
        )
    return item


def _difference(face, item, fact):
    for name, key in _ITEM:
        if name in fact and abs(face.get_value("item", item, key) - fact[name]) > _NEAR_SECONDS:
            return "its " + name.partition("_")[0]
    take = face.api.GetActiveTake(item)
    if fact.get("take_id") and (not take or face.get_text("take", take, "GUID") != fact["take_id"]):
        return "another take plays"
    for name, key in _TAKE if take else ():
        wanted = fact.get(name)
        if wanted is not None and abs(face.get_value("take", take, key) - wanted) > _NEAR_SECONDS:
            return "its " + name.replace("_seconds", "").replace("_", " ")
    if fact.get("file") and take:
        held = _file_of(face, take)
        if os.path.normcase(os.path.normpath(held)) != os.path.normcase(
            os.path.normpath(fact["file"])
        ):
            return "its file"
    return ""


def _file_of(face, take):
    """The file behind a take, also when a section or a reversed source lies around it."""
    source = face.api.GetMediaItemTake_Source(take)
    while source:
        name = face.get_string("GetMediaSourceFileName", source)
        if name:
            return name
        source = face.api.GetMediaSourceParent(source)
    return ""

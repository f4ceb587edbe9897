"""Silencing what the stems replace: source items are muted exactly where the stems play."""

from __future__ import annotations

from hanolab_calls import HostFault
from hanolab_place_split import (
    Span,
    State,
    clock,
    cut_out,
    item_label,
    parts_in,
    reason_against_cutting,
    warnings_of_cut_fades,
)

_SOLOED = -1.0  # C_MUTE_SOLO: the item sounds although it is muted


def mute_items(changes, plan):
    """Mute the items of a plan where its stems play: what was changed, and warnings."""
    told, warnings, n_missing = [], [], 0
    for fact in plan["mute"]:
        span = Span(fact["start_seconds"], fact["end_seconds"], plan.get("tolerance_seconds", 0.0))
        item = changes.find(fact["item_id"])
        if not item:
            n_missing += 1
            continue
        there = [State(changes.face, part) for part in parts_in(changes, fact, span)]
        if not there:
            label = item_label(changes, item)
            warnings.append(f"{label} was moved since it was captured and was not muted")
        for state in there:
            _mute(changes, state, span, told, warnings)
    if n_missing:
        warnings.append(
            f"{n_missing} source item(s) are no longer in the project and were not muted"
        )
    return told, warnings


def _mute(changes, state, span, told, warnings):
    face, item = changes.face, state.item
    solo = state.values["C_MUTE_SOLO"]
    # a solo of the item, or of another one, decides what B_MUTE says
    is_muted = face.get_value("item", item, "B_MUTE_ACTUAL") if solo else state.values["B_MUTE"]
    if is_muted and solo != _SOLOED:
        return
    label = item_label(changes, item)
    is_cut = span.cuts(state)
    reason = reason_against_cutting(face, item) if is_cut else ""
    if reason:
        warnings.append(
            f"{label} plays on beside the stems: {reason}, so it was not cut; "
            "mute it by hand where they play"
        )
        return
    changes.keep_item(item)
    inside = item
    if is_cut:
        warnings.extend(warnings_of_cut_fades(state, span, label))
        inside = cut_out(changes, state, span)
        if not inside:
            raise HostFault("refused", f"REAPER did not cut {label}", "Unlock the item.")
    changes.value("item", inside, "C_MUTE_SOLO", 0.0)
    changes.value("item", inside, "B_MUTE", 1.0)
    how = f"was cut and is muted from {clock(span.start)} to {clock(span.end)}"
    told.append(f"{label} {how if is_cut else 'is muted'}")

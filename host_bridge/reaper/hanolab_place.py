"""Commands that put stems into a project: `place`, `place_many`, `placed`, `undo`.

A placing has three parts. First, over several ticks, every file is opened as a source and
checked; nothing is changed. Then, in ONE tick and one undo step, all plans are carried out; when
any step fails or reads back otherwise, everything is taken back in the same tick and no undo step
is left. Last, over several ticks, the peaks are built. A client that goes away leaves nothing
or all.

A plan whose stems are in the project already is not carried out again. One whose items were
changed since they were captured, or whose item or track cannot take what it wants, is refused,
and does not hold up the others.
"""

from __future__ import annotations

import base64
import json
import zlib
from contextlib import ExitStack

from hanolab_calls import HostFault
from hanolab_changes import Changes
from hanolab_place_found import Found
from hanolab_place_guard import check_guard
from hanolab_place_mute import mute_items
from hanolab_place_shelf import Shelves
from hanolab_place_sources import Sources, building_peaks
from hanolab_place_takes import add_lanes, add_takes
from hanolab_protocol import Busy

_ALL_STATES = -1
_NO_STATES = 0  # a block that leaves no undo step
_CHANGED_HINT = "Undo that change and resume the job, or run it again."
_QUICK_PLANS = 50  # with more, REAPER stands still for as long as a user notices
_OF_ONE_PLAN = ("changed", "gone", "refused")  # codes of what need not hold up other plans


def place(face, arguments):
    """Carry out one plan: what it made, see `_carry_out`; raises what stands against it."""
    many = dict(arguments, plans=[arguments["plan"]])
    (result,) = (yield from place_many(face, many))["placed"]
    if "error" in result:
        error = result["error"]
        raise HostFault(error["code"], error["message"], error["hint"])
    return result


def place_many(face, arguments):
    """Carry out plans for one tab in one undo step; a result or an "error" for each.

    The plans are given as a list, or as "packed": pieces of one zlib stream, in base64, each of
    which ends with the JSON text of a plan.
    """
    plans = arguments.get("plans") or []
    for piece in _unpacked(arguments.get("packed") or ()):
        plans.append(piece)
        yield
    if not plans or not all(isinstance(plan, dict) and plan.get("job_id") for plan in plans):
        raise HostFault("bad_arguments", "there is nothing to place")
    where = (arguments.get("tab") or "", arguments.get("path") or "")
    asked = _Asked(plans, arguments.get("label") or plans[0]["label"], Sources(face))
    try:
        project = face.find_project(*where)
        yield from face.indexing(project)
        in_it = Found(face, face.find_project(*where), plans)
        yield from in_it.looking()
        for place, plan in enumerate(plans):
            if not in_it.has(place):
                yield from asked.opening(place, plan)
        if len(plans) > _QUICK_PLANS:
            yield Busy("placing")
        project = face.find_project(*where)
        results, takes = _commit(face, project, asked)
    finally:
        asked.sources.close()
    yield
    yield from building_peaks(face, project, takes)
    return {"placed": results}


class _Asked:
    """What one call is to carry out: plans, the step's label, the files that are open.

    `refused` has the results of the plans whose files cannot be used, by their places.
    """

    def __init__(self, plans, label, sources):
        self.plans = plans
        self.label = label
        self.sources = sources
        self.refused = {}

    def opening(self, place, plan):
        """Open the files of a plan, one a slice."""
        if plan.get("stale"):
            self.refused[place] = _refusal(HostFault("changed", plan["stale"], _CHANGED_HINT))
            return
        try:
            for fact in _files_of(plan):
                self.sources.open(fact)
                yield
        except HostFault as fault:
            self.refused[place] = _refusal(fault)


def _unpacked(pieces):
    opener = zlib.decompressobj()
    for piece in pieces:
        yield json.loads(opener.decompress(base64.b64decode(piece)).decode("ascii"))


def _files_of(plan):
    files = [track["item"] for track in plan["tracks"]]
    for part in ("takes", "lanes"):
        files += plan[part]["files"] if plan.get(part) else ()
    return files


def _commit(face, project, asked):
    """All changes, in this tick: the results, and the takes that need peaks."""
    with ExitStack() as guards:
        if not face.has("InsertTrackInProject"):  # the older one knows only the shown tab
            guards.enter_context(face.kept_tab(project))
        guards.enter_context(face.quiet_ui())
        changes = Changes(face, project)
        in_it = Found(face, project, asked.plans, changes.find).look()
        results = _judged(changes, asked, in_it)
        if all(results):
            return results, []
        shelves = Shelves(changes, asked.sources, in_it.tracks)
        takes = _in_one_step(changes, asked, results, shelves)
        face.api.TrackList_AdjustWindows(False)
        face.api.UpdateTimeline()
    return results, takes


def _judged(changes, asked, in_it):
    """For each plan what it has made before, why it cannot be carried out, or None."""
    results = []
    for place, plan in enumerate(asked.plans):
        result = asked.refused.get(place)
        if in_it.has(place):
            result = _told(in_it.result(place), label=in_it.step(place) or plan["label"])
            result["warnings"] = _warnings_of_already(result["tracks"])
            result["already"] = True
        elif result is None:
            try:
                check_guard(changes, plan.get("guard") or ())
            except HostFault as fault:
                result = _refusal(fault)
        results.append(result)
    return results


def _refusal(fault):
    return {"error": {"code": fault.code, "message": fault.message, "hint": fault.hint}}


def _in_one_step(changes, asked, results, shelves):
    """Carry out the plans that have no result yet; the takes that were made."""
    api, project, label = changes.api, changes.project, asked.label
    takes = []
    flags = _NO_STATES
    api.Undo_BeginBlock2(project)
    try:
        with changes.face.kept_selection(project):
            for place, plan in enumerate(asked.plans):
                if results[place] is None:
                    results[place], made = _alone(changes, shelves, plan, asked)
                    takes += made
        flags = _ALL_STATES if takes else _NO_STATES
    except BaseException as error:
        faults = changes.take_back()
        flags = _ALL_STATES if faults else _NO_STATES
        if faults:
            raise _not_taken_back(faults, label) from error
        raise
    finally:
        api.Undo_EndBlock2(project, label if flags else "", flags)
    return takes


def _alone(changes, shelves, plan, asked):
    """The result of one plan, and the takes it made; what it alone is refused for is taken back."""
    changes.begin_part()
    shelves.begin_part()
    try:
        made, told, warnings = _carry_out(changes, asked.sources, shelves, plan)
    except HostFault as fault:
        if fault.code not in _OF_ONE_PLAN:
            raise
        faults = changes.take_back_part()
        shelves.take_back_part()
        if faults:
            raise _not_taken_back(faults, asked.label) from fault
        return _refusal(fault), []
    result = _told(made, told, warnings, label=asked.label)
    return result, [one["take"] for one in made["tracks"]]


def _not_taken_back(faults, label):
    return HostFault(
        "internal",
        f"REAPER did not take back what was begun: {'; '.join(faults[:3])}",
        f'Undo the step "{label}" in REAPER.',
    )


def _carry_out(changes, sources, shelves, plan):
    """Make what a plan says: {"folder_id", "tracks"}, what was changed, warnings."""
    if plan.get("takes"):
        made, told, warnings = add_takes(changes, sources, plan)
        return {"folder_id": "", "tracks": made}, told, warnings
    told, warnings = mute_items(changes, plan)
    if plan.get("lanes"):
        made, more = add_lanes(changes, sources, plan)
        return {"folder_id": "", "tracks": made}, told + more, warnings
    made, more, more_warnings = shelves.put(plan)
    return made, told + more, warnings + more_warnings


def _told(made, told=(), warnings=(), *, label):
    """What the outside is told of a plan that is carried out."""
    keys = ("track_id", "item_id", "take_id")
    return {
        "folder_id": made["folder_id"],
        "tracks": [one and {key: one[key] for key in keys} for one in made["tracks"]],
        "changes": list(told),
        "warnings": list(warnings),
        "already": False,
        "undo_label": label,
    }


def _warnings_of_already(tracks):
    n_gone = tracks.count(None)
    gone = [f"{n_gone} of the stems were removed from it since"] if n_gone else []
    return ["the stems are already in the project; nothing was changed", *gone]


def placed(face, arguments):
    """What of a job is in the project: {"tracks": [{"track_id", "item_id", "take_id"}]}."""
    project = face.find_project(arguments.get("tab") or "", arguments.get("path") or "")
    yield from face.indexing(project)
    in_it = Found(face, project, ())
    yield from in_it.looking()
    tracks = yield from in_it.of_job(arguments["job_id"])
    return {"tracks": tracks}


def undo(face, arguments):
    """Undo the last step of a project when it has this label; else HostFault("refused")."""
    project = face.find_project(arguments.get("tab") or "", arguments.get("path") or "")
    label = arguments["label"]
    last = face.api.Undo_CanUndo2(project)
    if not label or last != label:
        raise HostFault(
            "refused",
            f"the last step in REAPER is {last!r}, not {label!r}" if last else "nothing to undo",
            "Undo in REAPER itself, step by step.",
        )
    if not face.api.Undo_DoUndo2(project):
        raise HostFault("refused", f"REAPER did not undo {label!r}")
    return {}


COMMANDS = {"place": place, "place_many": place_many, "placed": placed, "undo": undo}

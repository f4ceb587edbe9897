"""Commands that put stems into a project: `place`, `place_many`, `placed`, `undo`.

A placing has three parts. First, over several ticks, every file is opened as a source and
checked; nothing is changed. Then, in ONE tick and one undo step, all plans are carried out; when
any step fails or reads back otherwise, everything is taken back in the same tick and no undo step
is left. Last, over several ticks, the peaks are built. A client that goes away leaves nothing
or all.

A plan whose stems are in the project already is not carried out again. One whose items were
changed since they were captured is refused, and does not hold up the others.
"""

from __future__ import annotations

from contextlib import ExitStack

from hanolab_calls import HostFault
from hanolab_changes import Changes
from hanolab_place_found import Found
from hanolab_place_guard import check_guard
from hanolab_place_inherit import inherit, warnings_of_solo
from hanolab_place_mute import mute_items
from hanolab_place_sources import Sources, building_peaks
from hanolab_place_takes import add_lanes, add_takes
from hanolab_place_tracks import add_folder, add_stem_track, close_open_folder, nest

_ALL_STATES = -1
_NO_STATES = 0  # a block that leaves no undo step
_ALREADY = "the stems are already in the project; nothing was changed"


def place(face, arguments):
    """Carry out one plan: what it made, see `_carry_out`; raises what stands against it."""
    many = dict(arguments, plans=[arguments["plan"]])
    (result,) = (yield from place_many(face, many))["placed"]
    if "error" in result:
        error = result["error"]
        raise HostFault(error["code"], error["message"], error["hint"])
    return result


def place_many(face, arguments):
    """Carry out plans for one tab in one undo step; a result or an "error" for each."""
    plans = arguments["plans"]
    if not plans or not all(isinstance(plan, dict) and plan.get("job_id") for plan in plans):
        raise HostFault("bad_arguments", "there is nothing to place")
    where = (arguments.get("tab") or "", arguments.get("path") or "")
    label = arguments.get("label") or plans[0]["label"]
    sources = Sources(face)
    try:
        project = face.find_project(*where)
        yield from face.indexing(project)
        in_it = Found(face, face.find_project(*where), plans)
        for plan in plans:
            for fact in () if in_it.has(plan) else _files_of(plan):
                sources.open(fact)
                yield
        project = face.find_project(*where)
        results, takes = _commit(face, project, plans, sources, label)
    finally:
        sources.close()
    yield
    yield from building_peaks(face, project, takes)
    return {"placed": results}


def _files_of(plan):
    files = [track["item"] for track in plan["tracks"]]
    for part in ("takes", "lanes"):
        files += plan[part]["files"] if plan.get(part) else ()
    return files


def _commit(face, project, plans, sources, label):
    """All changes, in this tick: the results, and the takes that need peaks."""
    with ExitStack() as guards:
        if not face.has("InsertTrackInProject"):  # the older one knows only the shown tab
            guards.enter_context(face.kept_tab(project))
        guards.enter_context(face.quiet_ui())
        changes = Changes(face, project)
        results = _judged(changes, plans)
        if all(results):
            return results, []
        takes = _in_one_step(changes, plans, results, sources, label)
        face.api.TrackList_AdjustWindows(False)
        face.api.UpdateTimeline()
    return results, takes


def _judged(changes, plans):
    """For each plan what it has made before, why it cannot be carried out, or None."""
    in_it = Found(changes.face, changes.project, plans, changes.find)
    results = []
    for plan in plans:
        result = None
        if in_it.has(plan):
            result = dict(_told(plan, in_it.result(plan)), already=True)
        else:
            try:
                check_guard(changes, plan.get("guard") or ())
            except HostFault as fault:
                error = {"code": fault.code, "message": fault.message, "hint": fault.hint}
                result = {"error": error}
        results.append(result)
    return results


def _in_one_step(changes, plans, results, sources, label):
    api, project = changes.api, changes.project
    takes = []
    flags = _NO_STATES
    api.Undo_BeginBlock2(project)
    try:
        with changes.face.kept_selection(project):
            for number, plan in enumerate(plans):
                if results[number] is None:
                    made, told, warnings = _carry_out(changes, sources, plan)
                    takes += [one["take"] for one in made["tracks"]]
                    results[number] = _told(plan, made, told, warnings, label)
        flags = _ALL_STATES
    except BaseException as error:
        faults = changes.take_back()
        flags = _ALL_STATES if faults else _NO_STATES
        if faults:
            raise HostFault(
                "refused",
                f"REAPER did not take back what was begun: {'; '.join(faults[:3])}",
                f'Undo the step "{label}" in REAPER.',
            ) from error
        raise
    finally:
        api.Undo_EndBlock2(project, label if flags else "", flags)
    return takes


def _carry_out(changes, sources, plan):
    """Make what a plan says: {"folder_id", "tracks"}, what was changed, warnings."""
    if plan.get("takes"):
        made, told, warnings = add_takes(changes, sources, plan)
        return {"folder_id": "", "tracks": made}, told, warnings
    told, warnings = mute_items(changes, plan)
    if plan.get("lanes"):
        made, more = add_lanes(changes, sources, plan)
        return {"folder_id": "", "tracks": made}, told + more, warnings
    told += close_open_folder(changes)
    folder, folder_id = 0, ""
    is_soloed = False
    if plan["folder"]:
        folder, folder_id = add_folder(changes, plan)
        what = plan["folder"].get("inherit")
        if what:
            warnings += inherit(changes, folder, what, _source_tracks(changes, plan))
        is_soloed = changes.face.get_value("track", folder, "I_SOLO") != 0
    if not is_soloed:
        warnings += warnings_of_solo(changes)
    made = [add_stem_track(changes, sources, plan, fact) for fact in plan["tracks"]]
    if folder:
        nest(changes, folder, [one["track"] for one in made])
    what = "a folder with " if folder else ""
    told.append(f"{what}{len(made)} new track{'s' if len(made) > 1 else ''} at the end")
    return {"folder_id": folder_id, "tracks": made}, told, warnings


def _source_tracks(changes, plan):
    """The tracks that a plan's stems come from, in the order of its items."""
    face = changes.face
    tracks = []
    for item_id in plan.get("sources") or ():
        item = changes.find(item_id)
        track = face.api.GetMediaItemTrack(item) if item else 0
        if track and track not in tracks:
            tracks.append(track)
    return tracks


def _told(plan, made, told=(), warnings=(), label=""):
    """What the outside is told of a plan that was carried out."""
    keys = ("track_id", "item_id", "take_id")
    tracks = [one and {key: one[key] for key in keys} for one in made["tracks"]]
    told_warnings = list(warnings)
    if not label:
        told_warnings.append(_ALREADY)
        n_gone = tracks.count(None)
        if n_gone:
            told_warnings.append(f"{n_gone} of the stems were removed from it since")
    return {
        "folder_id": made["folder_id"],
        "tracks": tracks,
        "changes": list(told),
        "warnings": told_warnings,
        "already": False,
        "undo_label": label or plan["label"],
    }


def placed(face, arguments):
    """What of a job is in the project: {"tracks": [{"track_id", "item_id", "take_id"}]}."""
    project = face.find_project(arguments.get("tab") or "", arguments.get("path") or "")
    yield from face.indexing(project)
    tracks = yield from Found(face, project, ()).of_job(arguments["job_id"])
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

"""What has been put into a project before, found by GUID, or by the marks that were left.

A new track has its owner, a job or the mark of a shelf, as `P_EXT:hanolab`; an item with stems as
takes has a key of the job's own; where REAPER did not take a GUID that was asked for, the thing has
it as `P_EXT:hanolab_id`.
"""

from __future__ import annotations

import json

from hanolab_changes import ID_KEY, KEY

_SLICE_ITEMS = 20


class Found:
    """What is in a project of the owners of plans.

    `find` gives an item by its GUID, 0 when it is gone; without it, as far as the last look
    through the project tells.
    """

    def __init__(self, face, project, plans, find=None):
        self._face = face
        self._find = find or (lambda item_id: face.known(project, "item", item_id))
        self._api = face.api
        self._project = project
        self._plans = plans
        self._shelves = {plan["owner"] for plan in plans if plan["owner"] != plan["job_id"]}
        self._tracks = {}  # owner -> {id that was asked for: track}
        self._items = {}  # of the tracks of shelves: id that was asked for -> (track, item)
        self._results = {}  # by the place of the plan

    @property
    def tracks(self):
        """{owner: {id that was asked for: track}}."""
        return self._tracks

    def look(self):
        """Look through the project, in one go."""
        for _ in self.looking():
            pass
        return self

    def looking(self):
        """As `look`, as a generator that yields after every few things."""
        n_seen = 0
        for number in range(self._api.CountTracks(self._project)):
            track = self._api.GetTrack(self._project, number)
            owner = self._face.get_text("track", track, KEY) if track else ""
            if not owner:
                continue
            self._tracks.setdefault(owner, {})[self._id("track", track)] = track
            for item in self._items_of(track) if owner in self._shelves else ():
                self._items[self._id("item", item)] = (track, item)
                n_seen += 1
                if n_seen % _SLICE_ITEMS == 0:
                    yield
                    self._face.check_open(self._project)
                    if not self._face.valid(self._project, track, "MediaTrack*"):
                        break
        for place, plan in enumerate(self._plans):
            self._results[place] = self._result(plan)
            yield
            self._face.check_open(self._project)

    def has(self, place):
        """Whether anything of the plan at a place is there."""
        result = self._results[place]
        return any(result["tracks"]) or bool(result["is_there"])

    def result(self, place):
        """{"folder_id", "tracks"} of the plan at a place; None for each stem that is not there."""
        return self._results[place]

    def step(self, place):
        """What the undo step is called that put the plan at a place there; "" when unknown."""
        plan = self._plans[place]
        for one in self._results[place]["tracks"]:
            for key in (KEY, f"P_EXT:hanolab_{plan['job_id']}") if one and one["item"] else ():
                text = self._face.get_text("item", one["item"], key)
                if _job_of(text) == plan["job_id"]:
                    return str(_facts(text).get("step", ""))
        return ""

    def of_job(self, job_id):
        """Everything of a job, whatever its plan was, the folder left out; over several ticks."""
        tracks = self._tracks.get(job_id, {}).values()
        made = [self._first_item(track) for track in tracks]
        made = [one for one in made if one["item_id"]]
        for number, item in enumerate(self._face.known_items(self._project)):
            if number % _SLICE_ITEMS == 0:
                yield
                self._face.check_open(self._project)
            if self._face.valid(self._project, item, "MediaItem*"):
                track = self._api.GetMediaItemTrack(item)
                made += [self._ids(track, item, take) for take in self._takes_of_job(item, job_id)]
        return made

    def _result(self, plan):
        result = {"folder_id": "", "is_there": False}
        if plan.get("takes"):
            return dict(result, tracks=self._takes(plan))
        if plan.get("lanes"):
            return dict(result, tracks=self._lanes(plan))
        tracks = self._tracks.get(plan["owner"], {})
        folder = tracks.get(plan["folder"]["id"]) if plan["folder"] else None
        if folder:
            result["folder_id"] = self._face.get_text("track", folder, "GUID")
        if plan["owner"] in self._shelves:  # whose folder says nothing of this plan
            found = [self._items.get(fact["item"]["id"]) for fact in plan["tracks"]]
            made = [one and self._item(*one) for one in found]
            return dict(result, tracks=made)
        there = [tracks.get(fact["id"]) for fact in plan["tracks"]]
        result["is_there"] = bool(folder)
        return dict(result, tracks=[self._first_item(track) if track else None for track in there])

    def _takes(self, plan):
        found = {}
        for item in self._items_near(plan["takes"]["item_id"]):
            if self._face.get_text("item", item, f"P_EXT:hanolab_{plan['job_id']}"):
                for take in self._takes_of(item):
                    found[self._id("take", take)] = (item, take)
        return self._in_order(found, [fact["take_id"] for fact in plan["takes"]["files"]])

    def _lanes(self, plan):
        found = {}
        for item in self._items_near(plan["lanes"]["item_id"]):
            if _job_of(self._face.get_text("item", item, KEY)) == plan["job_id"]:
                found[self._id("item", item)] = (item, self._api.GetActiveTake(item))
        return self._in_order(found, [fact["id"] for fact in plan["lanes"]["files"]])

    def _in_order(self, found, wanted):
        track_of = self._api.GetMediaItemTrack
        return [
            self._ids(track_of(found[one][0]), *found[one]) if one in found else None
            for one in wanted
        ]

    def _first_item(self, track):
        return self._item(track, self._api.GetTrackMediaItem(track, 0))

    def _item(self, track, item):
        return self._ids(track, item, self._api.GetActiveTake(item) if item else 0)

    def _ids(self, track, item, take):
        text = self._face.get_text
        return {
            "track_id": text("track", track, "GUID"),
            "item_id": text("item", item, "GUID") if item else "",
            "take_id": text("take", take, "GUID") if take else "",
            "item": item,
            "take": take,
        }

    def _id(self, kind, pointer):
        """The id that was asked for when a thing was made."""
        asked = self._face.get_text(kind, pointer, ID_KEY)
        return asked or self._face.get_text(kind, pointer, "GUID")

    def _items_near(self, item_id):
        """The items on the track of an item; none when that item is gone."""
        item = self._find(item_id)
        return self._items_of(self._api.GetMediaItemTrack(item)) if item else []

    def _items_of(self, track):
        n_items = self._api.CountTrackMediaItems(track) if track else 0
        return [self._api.GetTrackMediaItem(track, number) for number in range(n_items)]

    def _takes_of(self, item):
        n_takes = self._api.CountTakes(item)
        takes = [self._api.GetMediaItemTake(item, number) for number in range(n_takes)]
        return [take for take in takes if take]

    def _takes_of_job(self, item, job_id):
        """Takes that a job has added to an item, or the take of an item that it made."""
        provenance = self._face.get_text("item", item, f"P_EXT:hanolab_{job_id}")
        if provenance:
            n_stems = len(_facts(provenance).get("takes", ()))
            return self._takes_of(item)[-n_stems:] if n_stems else []
        is_its_own = _job_of(self._face.get_text("item", item, KEY)) == job_id
        track = self._api.GetMediaItemTrack(item)
        if is_its_own and self._face.get_text("track", track, KEY) != job_id:
            return self._takes_of(item)[:1]
        return []


def _job_of(provenance):
    """The job that an item's mark names; "" for any other text."""
    return str(_facts(provenance).get("job", ""))


def _facts(provenance):
    try:
        facts = json.loads(provenance) if provenance else {}
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}

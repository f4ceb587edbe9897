"""Following what is open and selected in a running REAPER, for who looks at it all the time.

`ReaperWatch.look` asks the cheap `state`; only when that has moved is the whole project read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hanolab_dawtools.errors import HostUnreachable
from hanolab_dawtools.events import NeverStop, ProgressCallback, Stop
from hanolab_dawtools.hosts.outline import Meaning, Outline, RegionLine, TrackLine
from hanolab_dawtools.hosts.reaper.bridge_file import RUN_AN_ACTION, BridgeFile
from hanolab_dawtools.hosts.reaper.capture_plan import plan_live_capture
from hanolab_dawtools.hosts.reaper.channel import BusyCallback, Channel
from hanolab_dawtools.hosts.reaper.checked import Checked
from hanolab_dawtools.hosts.reaper.connections import Connections
from hanolab_dawtools.hosts.reaper.discovery import choose_bridge, living_bridges
from hanolab_dawtools.hosts.reaper.facts import LiveTimeline, timeline_of
from hanolab_dawtools.hosts.reaper.fingerprint import fingerprint_of
from hanolab_dawtools.hosts.reaper.host import READING_SECONDS, ReaperHost
from hanolab_dawtools.hosts.reaper.selecting import find_live_selections
from hanolab_dawtools.model import Capture, Grouping, Selection, Wanted


@dataclass(frozen=True)
class Known:
    """What of REAPER's state decides whether a project has to be read again."""

    pid: int
    tab: str
    path: str
    change_count: int
    cursor_seconds: float
    time_selection: tuple[float, float] | None
    n_selected_items: int
    selected_tracks: tuple[str, ...]


@dataclass(frozen=True)
class Sight:
    """What was seen.

    Attributes
    ----------
    reapers
        Process id and name of each that runs, when one has to be chosen.
    known
        What the next look is to be told; None: nothing was read.
    reading
        The project in front; None when nothing has moved.
    """

    reapers: tuple[tuple[int, str], ...] = ()
    known: Known | None = None
    reading: LiveReading | None = None


class LiveReading:
    """The project in front in REAPER as it was; implements `hosts.outline.Reading`."""

    def __init__(self, live: LiveTimeline, pid: int) -> None:
        self._live = live
        self._pid = pid
        timeline = live.timeline
        self.outline = Outline(
            title=timeline.path.name,
            end_seconds=timeline.end_seconds,
            regions=tuple(
                RegionLine(one.number, one.name, one.start_seconds, one.end_seconds)
                for one in timeline.regions
            ),
            tracks=tuple(
                TrackLine(track.id, track.number, track.name, track.depth, n_items=len(track.items))
                for track in timeline.tracks
            ),
            time_selection=timeline.time_selection,
            tempo_bpm=timeline.tempo_bpm,
        )

    @property
    def location(self) -> str:
        """Where the project lies; empty while it has no file."""
        return str(self._live.source) if self._live.is_saved else ""

    def meaning(self, wanted: Wanted) -> Meaning:
        """What an action would capture now.

        Raises
        ------
        UsageError, SelectionError
            See `selecting.find_live_selections` and `capture_plan.plan_live_capture`.
        """
        live = self._live
        selections = find_live_selections(live, wanted)
        mix = selections[0]
        if len(selections) > 1:
            mix = find_live_selections(live, replace(wanted, grouping=Grouping.SELECTION))[0]
        plan = plan_live_capture(live, mix, 0.0)
        content = (self._pid, live.tab, mix.point, mix.track_ids, mix.item_ids)
        return Meaning(
            tuple(selections),
            mix,
            plan.sample_rate,
            plan.n_channels,
            content=repr(content),
            media=fingerprint_of(live.timeline, plan.sources),
            remarks=tuple(
                f"{note.item} cannot be captured: {note.reason}" for note in plan.skipped[:1]
            ),
        )


class ReaperWatch:
    """Looks into a running REAPER, over a connection of its own. For one thread at a time."""

    def __init__(self, runtime_folder: Path) -> None:
        self.runtime_folder = runtime_folder
        self._channel: Channel | None = None

    def close(self) -> None:
        """Hang up; the next look connects anew."""
        channel, self._channel = self._channel, None
        if channel is not None:
            channel.close()

    def look(
        self,
        pid: int | None = None,
        known: Known | None = None,
        *,
        may_start: bool = False,
        stop: Stop | None = None,
        on_busy: BusyCallback | None = None,
    ) -> Sight:
        """See what is in front in the REAPER with this process id, or in the only one.

        With `may_start` a running REAPER without a bridge is asked to start it. Returns soon,
        unless REAPER is busy: then `on_busy` is told what it does, on the calling thread.

        Raises
        ------
        HostError
            None is there, or it does not answer; the next look begins anew.
        JobCancelled
        """
        try:
            channel = self._channel_to(pid, may_start=may_start, stop=stop or NeverStop())
            if not isinstance(channel, Channel):
                return Sight(reapers=_named(channel))
            return self._look(channel, known, stop, on_busy)
        except BaseException:
            self.close()
            raise

    def _look(
        self,
        channel: Channel,
        known: Known | None,
        stop: Stop | None,
        on_busy: BusyCallback | None,
    ) -> Sight:
        now = _known(channel.bridge.pid, channel.call("state", {}, stop=stop, on_busy=on_busy))
        if now == known:
            return Sight(known=now)
        facts = channel.call(
            "timeline",
            {"tab": now.tab},
            timeout_seconds=READING_SECONDS,
            stop=stop,
            on_busy=on_busy,
        )
        return Sight(known=now, reading=LiveReading(timeline_of(facts), now.pid))

    def _channel_to(
        self, pid: int | None, *, may_start: bool, stop: Stop
    ) -> Channel | list[BridgeFile]:
        """The connection, or the bridges to choose from."""
        if self._channel is not None:
            if pid in (None, self._channel.bridge.pid):
                return self._channel
            self.close()
        found = [
            bridge
            for bridge in living_bridges(self.runtime_folder, stop=stop)
            if pid in (None, bridge.pid)
        ]
        if not found and may_start:
            found = [choose_bridge(self.runtime_folder, pid, stop=stop)]
        if not found:
            raise HostUnreachable("REAPER is not reachable", hint=RUN_AN_ACTION)
        if len(found) > 1:
            return found
        self._channel = Channel.open(found[0], stop=stop)
        return self._channel


def capture_shown(
    runtime_folder: Path,
    selection: Selection,
    folder: Path,
    *,
    stop: Stop,
    progress: ProgressCallback,
) -> Capture:
    """Have REAPER render a selection into `folder`; see `host.ReaperHost.capture`."""
    with Connections(runtime_folder) as connections:
        return ReaperHost(connections).capture(
            selection, folder, handle_seconds=0.0, stop=stop, progress=progress
        )


def _known(pid: int, facts: dict[str, Any]) -> Known:
    state = Checked(facts, "", "state")
    return Known(
        pid,
        state.text("tab"),
        state.text("path"),
        state.integer("change_count"),
        state.number("cursor_seconds"),
        state.span("time_selection"),
        state.integer("n_selected_items"),
        state.texts("selected_tracks"),
    )


def _named(bridges: list[BridgeFile]) -> tuple[tuple[int, str], ...]:
    return tuple(
        (one.pid, f"REAPER {one.reaper.partition('/')[0]}, process {one.pid} ({one.resource_path})")
        for one in bridges
    )

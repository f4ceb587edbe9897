"""What a project or an audio file holds, in a user's words: sections of rows, for every surface."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from hanolab_dawtools.hosts.audio_survey import AudioSurvey
from hanolab_dawtools.hosts.rpp.survey import EMPTY_ITEM, ProjectSurvey, Span
from hanolab_dawtools.model import ItemNote
from hanolab_dawtools.presenters.wording import channels_text, length_text, rate_text

MAX_NAMES = 3  # items or regions named in one row; --json has all of them
MISSING = "its media is missing (see below)"
KIND_WORDS = {
    "WAVE": "audio",
    "SECTION": "section or reversed",
    "RPP_PROJECT": "sub-project",
    "VIDEO": "video",
    "CLICK": "click",
    "LTC": "time code",
    EMPTY_ITEM: "empty",
}


@dataclass(frozen=True)
class Section:
    """A table with its title; cells are single lines of text without tabs."""

    title: str
    headings: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class Report:
    """All sections of a survey; `kind` is "project" or "audio"."""

    kind: str
    sections: list[Section]


def make_report(survey: ProjectSurvey | AudioSurvey) -> Report:
    """Put a survey into words."""
    if isinstance(survey, AudioSurvey):
        return Report("audio", [_audio_facts(survey)])
    return Report("project", _project_sections(survey))


def _project_sections(survey: ProjectSurvey) -> list[Section]:
    """A project's facts, its regions, and what would be missing from captures of them."""
    sections = [
        Section(
            "Captures",
            ["#", "name", "start", "length", "format", "rendered", "approx.", "refused"],
            [_span_row(span) for span in survey.spans],
        ),
        Section("Nothing plays", ["where", "why"], _nothing_rows(survey.spans)),
        Section(
            "Refused",
            ["track", "items", "reason", "where"],
            _note_rows((span, _without_places(survey, span.skipped)) for span in survey.spans),
        ),
        Section(
            "Approximate",
            ["track", "items", "reason", "where"],
            _note_rows((span, span.approximate) for span in survey.spans),
        ),
        Section("Effects not heard", ["track or item: effect"], _effect_rows(survey.spans)),
        Section("Missing media", ["file", "items", "looked for"], _missing_rows(survey)),
        Section("Placing stems", ["note"], [[_line(text)] for text in survey.warnings]),
    ]
    return [_facts(survey), *(section for section in sections if section.rows)]


def _audio_facts(survey: AudioSurvey) -> Section:
    info, levels = survey.info, survey.levels
    rows = [
        ["file", _line(str(info.path))],
        ["format", f"{info.format} {info.subtype}"],
        ["rate", rate_text(info.sample_rate)],
        ["channels", channels_text(info.n_channels)],
        ["length", f"{length_text(info.seconds)}, {info.n_frames} frames"],
    ]
    if survey.bad_frame is not None:
        at = length_text(survey.bad_frame / info.sample_rate)
        rows.append(["samples", f"NaN or infinity at frame {survey.bad_frame} ({at}): damaged"])
    elif levels is not None:
        rows += [
            ["samples", "all are finite numbers"],
            ["peak", _level_text(levels.peak_dbfs, "dBFS")],
            ["true peak", _level_text(levels.true_peak_dbtp, "dBTP")],
            ["RMS", _level_text(levels.rms_dbfs, "dBFS")],
            ["loudness", _level_text(levels.loudness_lufs, "LUFS")],
        ]
    return Section("Audio file", ["what", "found"], rows)


def _facts(survey: ProjectSurvey) -> Section:
    rows = [
        ["file", _line(str(survey.path))],
        ["version", _line(survey.version) or "not said (REAPER 3 or older)"],
        ["rate", _rate_reason(survey)],
        ["tempo", _tempo_text(survey)],
        ["length", length_text(survey.end_seconds)],
        ["tracks", _tracks_text(survey)],
        ["items", _items_text(survey)],
        ["takes", f"{survey.items.takes}; items with several {survey.items.with_takes}"],
        ["markers", str(survey.markers)],
    ]
    return Section("Project", ["what", "found"], rows)


def _rate_reason(survey: ProjectSurvey) -> str:
    if survey.sample_rate is not None:
        return f"{rate_text(survey.sample_rate)}, the project's own"
    rates = sorted({span.sample_rate for span in survey.spans if span.sample_rate is not None})
    taken = ", ".join(rate_text(rate) for rate in rates)
    reason = "the project has none of its own: a capture takes the highest among its media"
    return f"{reason} ({taken})" if taken else reason


def _tempo_text(survey: ProjectSurvey) -> str:
    changes = survey.tempo_changes
    more = f", tempo changes: {changes} (captures and stems are in seconds)" if changes else ""
    return f"{survey.tempo_bpm:g} bpm{more}"


def _tracks_text(survey: ProjectSurvey) -> str:
    counts = survey.tracks
    parts = {
        "folders": counts.folders,
        "muted": counts.muted,
        "soloed": counts.soloed,
        "frozen": counts.frozen,
        "with fixed lanes": counts.fixed_lanes,
        "in free positioning": counts.free_positioning,
    }
    return _counted(counts.total, (f"{what} {count}" for what, count in parts.items() if count))


def _items_text(survey: ProjectSurvey) -> str:
    counts = survey.items
    parts = [f"{_line(KIND_WORDS.get(kind, kind))} {n}" for kind, n in counts.by_kind.items()]
    if counts.muted:
        parts.append(f"muted {counts.muted}")
    return _counted(counts.total, parts)


def _counted(total: int, parts: Iterable[str]) -> str:
    told = ", ".join(parts)
    return f"{total}: {told}" if told else str(total)


def _span_row(span: Span) -> list[str]:
    number = "-" if span.number is None else str(span.number)
    name = _line(span.name) or f"({span.kind})"
    times = [length_text(span.start_seconds), length_text(span.end_seconds - span.start_seconds)]
    refused = str(_count_items(span.skipped))
    if span.sample_rate is None or span.n_channels is None:
        return [number, name, *times, "nothing plays", "0", "0", refused]
    form = f"{rate_text(span.sample_rate)} {channels_text(span.n_channels)}"
    approximate = str(_count_items(span.approximate))
    return [number, name, *times, form, str(span.rendered), approximate, refused]


def _where(span: Span) -> str:
    return span.kind if span.number is None else f"region {span.number}"


def _count_items(notes: Iterable[ItemNote]) -> int:
    return len({_place_of(note) for note in notes})


def _place_of(note: ItemNote) -> tuple[str, str, float]:
    return (note.item, note.track, note.position_seconds)


def _nothing_rows(spans: Iterable[Span]) -> list[list[str]]:
    return [
        [_where(span), _line(span.nothing)] for span in spans if span.nothing and not span.skipped
    ]


def _without_places(survey: ProjectSurvey, notes: Iterable[ItemNote]) -> list[ItemNote]:
    """Notes on missing media without the places that were looked at: those have their own table."""
    files: dict[tuple[str, str, float], list[str]] = {}
    for media in survey.missing:
        for place in media.items:
            key = (place.item, place.track, place.position_seconds)
            files.setdefault(key, []).append(media.file)
    return [
        replace(note, reason=MISSING)
        if any(file in note.reason for file in files.get(_place_of(note), ()))
        else note
        for note in notes
    ]


def _note_rows(noted: Iterable[tuple[Span, Iterable[ItemNote]]]) -> list[list[str]]:
    """One row for all items of a track with the same reason."""
    items: dict[tuple[str, str], dict[ItemNote, None]] = {}
    regions: dict[tuple[str, str], dict[str, None]] = {}
    for span, notes in noted:
        for note in notes:
            key = (note.track, note.reason)
            items.setdefault(key, {})[note] = None
            if span.kind != "project":
                regions.setdefault(key, {})[_where(span)] = None
    return [
        [
            _line(track),
            _names((note.item, note.position_seconds) for note in found),
            _line(reason),
            _some(regions.get((track, reason), ())) or "outside of regions",
        ]
        for (track, reason), found in items.items()
    ]


def _names(items: Iterable[tuple[str, float]]) -> str:
    in_time = sorted(items, key=lambda item: item[1])
    return _some(f'"{_line(name)}" at {length_text(seconds)}' for name, seconds in in_time)


def _some(texts: Iterable[str]) -> str:
    """The first few of a list."""
    told = list(texts)
    more = len(told) - MAX_NAMES
    return ", ".join(told[:MAX_NAMES]) + (f" and {more} more" if more > 0 else "")


def _effect_rows(spans: Iterable[Span]) -> list[list[str]]:
    effects = dict.fromkeys(effect for span in spans for effect in span.unheard_effects)
    return [[_line(effect)] for effect in effects]


def _missing_rows(survey: ProjectSurvey) -> list[list[str]]:
    return [
        [
            _line(media.file),
            _names((place.item, place.position_seconds) for place in media.items),
            _line(", ".join(str(place) for place in media.tried)),
        ]
        for media in survey.missing
    ]


def _level_text(level: float | None, unit: str) -> str:
    if level is None:
        return "not defined for less than 400 ms, or below 4 kHz"
    return "silence" if level == -math.inf else f"{level:.1f} {unit}"


def _line(text: str) -> str:
    """A text in one line without tabs, which divide columns on a pipe."""
    return " ".join(text.split())

"""What parameters, their values and units are called; what is not listed speaks for itself."""

from __future__ import annotations

from typing import Any

_LABELS = {
    "pitch_shift": "Pitch",
    "formant_shift": "Formants",
    "index_rate": "Accent of the model",
    "filter_radius": "Pitch smoothing",
    "rms_mix_rate": "Loudness of the model",
    "protect": "Protect consonants",
    "full_song": "Whole song at once",
    "isolate": "Separate first",
    "width": "Stereo width",
    "match_level": "Match the source's level",
    "reference": "Reference clip",
    "only": "Only these stems",
    "point": "Capture point",
    "each": "One job for",
    "results": "Results as",
    "source": "The source",
    "stems": "Stems",
    "residual": "What is left over",
    "folder": "Folder track",
    "inherit": "Take over the track's effects",
    "names": "Track names",
    "colours": "Track colours",
    "voice": "Voice",
}
_UNITS = {"pitch_shift": "semitones", "formant_shift": "semitones"}
_OPTIONS: dict[tuple[str, Any], str] = {
    ("job.stems", 2): "2 stems",
    ("job.stems", 4): "4 stems",
    ("job.stems", 6): "6 stems",
    ("job.width", "mono"): "in the middle",
    ("job.width", "source"): "as wide as the source",
    ("capture.point", "item"): "items, before effects",
    ("capture.point", "track"): "track, behind its effects",
    ("capture.point", "master"): "master, as heard",
    ("capture.each", None): "as the selection says",
    ("capture.each", "selection"): "the whole selection",
    ("capture.each", "track"): "each track",
    ("capture.each", "item"): "each item",
    ("import.results", "tracks"): "new tracks",
    ("import.results", "takes"): "takes of the item",
    ("import.results", "lanes"): "fixed lanes (REAPER 7)",
    ("import.source", "mute"): "is muted",
    ("import.source", "keep"): "keeps playing, results muted",
    ("import.source", "both"): "keeps playing, results too",
    ("import.residual", "auto"): "placed when it can be heard",
    ("import.residual", "never"): "not placed",
}


def label_of(name: str) -> str:
    """What a parameter is called."""
    return _LABELS.get(name) or name.replace("_", " ").capitalize()


def unit_of(name: str) -> str:
    """The unit of a number; empty when it has none."""
    return _UNITS.get(name, "")


def option_text(key: str, value: Any) -> str:
    """What a value of a choice is called; `key` is the parameter's path."""
    return _OPTIONS.get((key, value)) or ("not said" if value is None else str(value))

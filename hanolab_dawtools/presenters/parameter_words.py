"""What parameters, their values and units are called; what is not listed speaks for itself."""

from __future__ import annotations

from typing import Any

_LABELS = {
    "job.stems": "Stems",
    "job.only": "Only these",
    "job.voice": "Voice",
    "job.reference": "Reference clip",
    "job.pitch_shift": "Pitch",
    "job.formant_shift": "Formants",
    "job.index_rate": "Accent of the model",
    "job.filter_radius": "Pitch smoothing",
    "job.rms_mix_rate": "Loudness of the model",
    "job.protect": "Protect consonants",
    "job.full_song": "Whole song at once",
    "job.isolate": "Separate the voice first",
    "job.width": "Result lies",
    "job.match_level": "Match the source's level",
    "capture.point": "Take",
    "capture.each": "One job for",
    "import.results": "Results as",
    "import.source": "The source",
    "import.stems": "Place",
    "import.residual": "What is left over",
    "import.folder": "In a folder track",
    "import.inherit": "Take over the track's effects",
    "import.names": "Track names",
    "import.colours": "Track colours",
}
_UNITS = {"job.pitch_shift": "semitones", "job.formant_shift": "semitones"}
_OPTIONS: dict[tuple[str, Any], str] = {
    ("job.width", "mono"): "in the middle",
    ("job.width", "source"): "as wide as the source",
    ("capture.point", "item"): "items, before track effects",
    ("capture.point", "track"): "track, behind its effects",
    ("capture.point", "master"): "master, as heard",
    ("capture.each", None): "as usual for the source",
    ("capture.each", "selection"): "the whole selection",
    ("capture.each", "track"): "each track",
    ("capture.each", "item"): "each item",
    ("import.results", "tracks"): "new tracks",
    ("import.results", "takes"): "takes of the item",
    ("import.results", "lanes"): "fixed lanes (REAPER 7)",
    ("import.source", "mute"): "is muted",
    ("import.source", "keep"): "plays, results are muted",
    ("import.source", "both"): "plays beside the results",
    ("import.residual", "auto"): "placed if it can be heard",
    ("import.residual", "never"): "not placed",
}
_IN_WORDS = (
    ("isolate = true", f'"{_LABELS["job.isolate"]}"'),
    ("index_rate 0", f'"{_LABELS["job.index_rate"]}" at 0'),
    ("use the engine hanolab", "choose the HanoLab cloud"),
    ("`harvest`", "harvest"),
)


def label_of(key: str) -> str:
    """What a parameter is called; `key` is its path in the file."""
    return _LABELS.get(key) or key.rpartition(".")[2].replace("_", " ").capitalize()


def unit_of(key: str) -> str:
    """The unit of a number; empty when it has none."""
    return _UNITS.get(key, "")


def option_text(key: str, value: Any) -> str:
    """What a value of a choice is called."""
    return _OPTIONS.get((key, value)) or ("not said" if value is None else str(value))


def in_words(reason: str) -> str:
    """A reason with what the panel calls the knobs, in place of their names in the file."""
    for before, after in _IN_WORDS:
        reason = reason.replace(before, after)
    return reason

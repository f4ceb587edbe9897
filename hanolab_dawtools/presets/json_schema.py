"""The JSON Schema of preset files, for editors that complete and check them as they are written.

Editors find it by a first line such as `#:schema ./preset.schema.json` in the preset.
"""

from __future__ import annotations

from typing import Any, Final

from hanolab_dawtools.audio.effect_entries import chain_schema
from hanolab_dawtools.presets.schema import FORMAT, Preset

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
SCHEMA_ID: Final = f"urn:hanolab-dawtools:preset:{FORMAT}"

_CHAIN = {"$ref": "#/$defs/Chain"}


def preset_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a preset; whatever `preset_text` writes is valid by it."""
    schema = Preset.model_json_schema(by_alias=True)
    definitions, properties = schema["$defs"], schema["properties"]
    definitions["Chain"] = chain_schema() | {"maxItems": properties["before"]["maxItems"]}
    properties["before"] = _documented(_CHAIN, properties["before"])
    properties["after"]["additionalProperties"] = _CHAIN
    for job in definitions.values():
        if "kind" in job.get("properties", {}):
            job["required"] = ["kind"]  # it has a default for Python alone
    return {
        "$schema": DIALECT,
        "$id": SCHEMA_ID,
        "title": "hanolab preset",
        "description": "Everything about a run except where the music lies.",
    } | {name: value for name, value in schema.items() if name not in {"title", "description"}}


def _documented(reference: dict[str, str], described: dict[str, Any]) -> dict[str, Any]:
    kept = {name: described[name] for name in ("default", "description") if name in described}
    return reference | kept

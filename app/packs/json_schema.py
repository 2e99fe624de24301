"""The pack's schema as JSON Schema, for editors that check and complete a pack while it is written."""

from __future__ import annotations

from typing import Any

from app.packs.schema import SCHEMA_VERSION, Pack

#: Names the schema; it is written to a file by `focusweek pack schema` and need not be fetched from anywhere.
SCHEMA_ID = f"urn:focusweek:pack:{SCHEMA_VERSION}"


def pack_json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a pack, with a description for every field."""
    schema = Pack.model_json_schema(mode="validation")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        **schema,
        "title": "Focusweek pack",
    }

"""Column mappings as requests and answers."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from app.api.schemas.base import Id, Input, Line100, Moment, Output, moment
from app.api.schemas.imports import Columns
from app.models import ColumnMapping


class MappingIn(Input):
    """A mapping to keep; one of the same name is replaced."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Our calendar", "columns": {"Post copy": "text", "Publish date": "at"}}]
        }
    )

    name: Line100 = Field(description="Its name.")
    columns: Columns = Field(description="Fields by heading.")


class MappingOut(Output):
    """Which heading of an agency's own spreadsheets is which field."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 2,
                    "name": "Our calendar",
                    "columns": {"Post copy": "text", "Publish date": "at"},
                    "created_by": "token",
                    "created": {"utc": "2026-12-01T12:00:00Z", "local": None},
                }
            ]
        }
    )

    id: Id
    name: str
    columns: dict[str, str]
    created_by: str
    created: Moment


def mapping_out(row: ColumnMapping) -> MappingOut:
    """Return a mapping as an answer."""
    return MappingOut(
        id=row.id, name=row.name, columns=row.columns, created_by=row.created_by, created=moment(row.created_at)
    )

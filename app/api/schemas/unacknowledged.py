"""Warnings that an approval left out, as a problem says them."""

from __future__ import annotations

from pydantic import Field

from app.api.schemas.base import FindingOut, Output, finding_out
from app.services.approving import WarningsUnacknowledged


class UnacknowledgedWarning(FindingOut):
    """A warning that was not acknowledged."""

    key: str = Field(description="What acknowledges it.", examples=["language.victim: victim"])


class UnacknowledgedOut(Output):
    """What a refused approval left out."""

    warnings: list[UnacknowledgedWarning]

    @classmethod
    def of(cls, error: WarningsUnacknowledged) -> UnacknowledgedOut:
        """Return the warnings of a refusal."""
        found = error.warnings.items()
        return cls(warnings=[UnacknowledgedWarning(**finding_out(one).model_dump(), key=key) for key, one in found])
